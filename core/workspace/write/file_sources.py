"""Files of several shops or accounts that say in their names alone whose they are: one for each, with the same columns.

Their rows would be those of one another's days and slices. What tells that they are no corrections are their figures: a
corrected export gives most of them again, or all by one factor.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Floats, numbered
from core.catalogue.kinds import SOURCE, CellType
from core.ingest.formats.batch import Batch, Batches, Export
from core.ingest.formats.sources import ExportSource
from core.ingest.headers.word_lists import is_total
from core.ingest.request import EarlierReading, columns_key
from core.ingest.shapes.made_tables import keys_of
from core.ingest.values.dates import undated_name
from core.ingest.values.path_parts import undated_path

_KINDS = frozenset(("daily", "traffic"))
"""Kinds whose rows are known by their day and slice."""
_LEAST_UNLIKE = 0.1
"""Of the larger one of two figures, what they differ by on average: corrections of most rows by so much are hardly made, and two
shops of 60 orders a day differ by more by chance."""
_ONE_FACTOR = 0.02
"""The same of figures of which one file's are multiplied by what its sum is larger or smaller: net and gross amounts, or another
currency. Two shops of 1,000 orders a day differ by 0.035 by chance."""
_IS_SUM = 0.01
"""The same of figures that are the sums of others, corrected lately."""
_FEWEST = 10
"""Rows that two files share, below which their figures show nothing."""
_BATCHES = 4
"""Of a file, those that are looked at."""
_MOST_ROWS = 400
"""Those that most files share, by which each two of 300 files are compared within a second."""
_MONTH = re.compile(r"(?<!\d)20\d\d(?:[-_. ]?(?:0[1-9]|1[0-2]))?(?!\d)")

Located = tuple[ExportSource, Export]


def by_file(name: str) -> str:
    """What the rows of a file are called by its name, without days, months, years and endings.

    >>> by_file("out/Berlin_2026-11-19.csv.gz"), by_file("shops.zip:Berlin Mitte.csv"), by_file("Ulm_2026-11.csv")
    ('Berlin', 'Berlin Mitte', 'Ulm')
    """
    return _undated(PurePath(name.rpartition(":")[2]).name)


def by_folder(name: str) -> str:
    """The same by the name of its folder, or of its archive; nothing where that is a day.

    >>> by_folder("out/Berlin/2026-11-19.csv"), by_folder("out/Berlin.zip:report.csv")
    ('Berlin', 'Berlin')
    """
    archive, _, member = name.rpartition(":")
    if archive and PurePath(member).parent.name == "":
        return by_file(archive)
    return _MONTH.sub("", Path(undated_path(str(Path(member).absolute()))).parent.name).strip(" _-")


def _undated(name: str) -> str:
    return _MONTH.sub("", undated_name(name)).split(".")[0].strip(" _-")


def with_sources(
    exports: Sequence[Located],
    earlier: Mapping[str, EarlierReading],
    unchanged: Callable[[], Sequence[Located]],
) -> tuple[list[Located], dict[ExportSource, str]]:
    """The exports, those of several shops or accounts with a source by the file's name, or its folder's; and why
    some are left out.

    They are when an earlier load of their columns had such sources, or when their figures differ for the same days and slices.
    `unchanged` opens the files of this load that an earlier one has read, with which those that have new names are compared.
    What was loaded before without a source stays without one.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for at, (source, export) in enumerate(exports):
        if export.path == source.name and export.kind.name in _KINDS and not export.several:
            groups[columns_key(export.header)].append(at)
    result: list[Sequence[Located]] = [[item] for item in exports]
    left_out: dict[ExportSource, str] = {}
    for key, places in groups.items():
        if (named := _named([exports[at] for at in places], earlier.get(key), unchanged)) is None:
            continue
        for at in places:
            source, export = exports[at]
            name = named.called(source.name)
            names_its_own = SOURCE in export.cells and export.source is None
            if not name or names_its_own or name in named.unnamed:
                continue
            if name in named.left_out:
                left_out[source] = f"{export.path}: {named.left_out[name]}"
                result[at] = []
            else:
                result[at] = [(source, _of_source(export, name))]
    return [item for items in result for item in items], left_out


def _of_source(export: Export, name: str) -> Export:
    """The export with all its rows of one source."""

    def named(batch: Batch) -> Batch:
        source = pa.DictionaryArray.from_arrays(np.zeros(len(batch), np.int32), [name])
        return replace(batch, columns={**batch.columns, SOURCE: source})

    note = "its name, or its folder's, is the source of its rows; say another with --source"
    return replace(
        export,
        source=name,
        cells={**export.cells, SOURCE: CellType.WORD},
        dimensions=(*(dimension for dimension in export.dimensions if dimension != SOURCE), SOURCE),
        batches=Batches(lambda: map(named, export.batches)),
        notes=(*export.notes, note),
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """What files with the same columns are called by when their names alone tell whose they are."""

    called: Callable[[str], str]
    unnamed: frozenset[str] = frozenset()
    """Names of files that were loaded before without a source."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Names of files that are not loaded, and why."""


def _named(
    exports: Sequence[Located], before: EarlierReading | None, unchanged: Callable[[], Sequence[Located]]
) -> _Names | None:
    """None where nothing shows that files are of several shops; `before`: what is known of earlier ones."""
    loaded = before.sources if before is not None else {}
    preset = before.preset if before is not None else None
    for called in _WAYS:
        if any(source not in {None, preset} and called(path) == source for path, source in loaded.items()):
            return _named_as_before(exports, called, loaded, unchanged)
    several = [called for called in _WAYS if len({called(source.name) for source, _ in exports}) > 1]
    if not several or (loaded and all(source is not None for source in loaded.values())):
        return None
    figures = [_figures(export) for _, export in exports]
    for called in several:
        compared = _Compared.of(figures, [called(source.name) for source, _ in exports])
        totals = compared.totals()
        if compared.are_apart(totals):
            unnamed = frozenset(called(path) for path, source in loaded.items() if source is None)
            return _Names(called, unnamed, dict.fromkeys(totals - unnamed, _TOTAL))
    return None


_WAYS = (by_file, by_folder)
_TOTAL = "left out: its figures are the sums of the other files with its columns"


def _named_as_before(
    exports: Sequence[Located],
    called: Callable[[str], str],
    loaded: Mapping[str, str | None],
    unchanged: Callable[[], Sequence[Located]],
) -> _Names:
    """What files are called by like earlier ones. One with a name that none had may correct one of these: it is loaded only
    where its figures are unlike those of each of them, which are files of this load as well."""
    unnamed = frozenset(called(path) for path, source in loaded.items() if source is None)
    known = {called(path) for path, source in loaded.items() if source is not None}
    new = {called(source.name) for source, _ in exports} - known - unnamed
    if not new:
        return _Names(called, unnamed)
    key = columns_key(exports[0][1].header)
    same = [item for item in unchanged() if columns_key(item[1].header) == key]
    names = [called(source.name) for source, _ in (*same, *exports)]
    if known <= {*names}:
        compared = _Compared.of([_figures(export) for _, export in (*same, *exports)], names)
        totals = compared.totals() & new
        if compared.are_apart(totals):
            return _Names(called, unnamed, dict.fromkeys(totals, _TOTAL))
    others = ", ".join(sorted(known)[:_SHOWN])
    why = (
        f"earlier files with its columns are sources by their names ({others}), and nothing shows whether it corrects one of "
        "them or is of another: say whose rows it has with --source"
    )
    return _Names(called, unnamed, dict.fromkeys(new, why))


_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Compared:
    """The figures of files by their names."""

    names: Sequence[str]
    values: Floats
    """Of the rows that most names share, shape (names, rows, measures), nan where a name has none."""
    days: Flags
    """Which days a name has, shape (names, days)."""

    @classmethod
    def of(cls, tables: Sequence[pa.Table], called: Sequence[str]) -> "_Compared":
        """The figures of tables, each called by a name; of two with the same name and row the later one counts."""
        names = sorted({*called})
        whole = pa.concat_tables(tables, promote_options="default").combine_chunks()
        owners = np.repeat([names.index(name) for name in called], [len(table) for table in tables])
        columns = {name: whole[name].combine_chunks() for name in whole.column_names}
        rows, firsts = keys_of([column for name, column in columns.items() if not name.endswith("_sum")], len(whole))
        sharing = np.bincount(numbered(owners * len(firsts) + rows)[0] % max(len(firsts), 1), minlength=len(firsts))
        places = np.full(len(firsts), -1)
        chosen = np.argsort(-sharing, kind="stable")[:_MOST_ROWS]
        places[chosen] = np.arange(len(chosen))
        measures = [column for name, column in columns.items() if name.endswith("_sum")]
        values = np.full((len(names), len(chosen), len(measures)), np.nan)
        own = places[rows] >= 0
        for at, column in enumerate(measures):
            values[owners[own], places[rows[own]], at] = column.to_numpy(zero_copy_only=False)[own]
        known, numbers = numbered(columns["day"].to_numpy(zero_copy_only=False))
        days = np.zeros((len(names), len(known)), bool)
        days[owners, numbers] = True
        return cls(names, values, days)

    def totals(self) -> set[str]:
        """The names of files that are called totals, or whose figures are the sums of those of at least two others."""
        sums = np.nansum(self.values, axis=0)
        result = {name for name in self.names if is_total(name)}
        for at, name in enumerate(self.names if len(self.names) > 2 else ()):
            own = np.nan_to_num(self.values[at])
            is_own = np.isfinite(self.values[at])
            others = np.where(is_own, sums - own, 0)
            if is_own.any(axis=1).sum() >= _FEWEST and _unlike(own, others) < _IS_SUM:
                result.add(name)
        return result if len(result) < len(self.names) - 1 else set()

    def are_apart(self, totals: Collection[str]) -> bool:
        """Whether the figures of each two names that share rows are of two shops, those of `totals` left out."""
        kept = [at for at, name in enumerate(self.names) if name not in totals]
        values, days = self.values[kept], self.days[kept]
        share_any = False
        for at in range(len(kept) - 1):
            one, others = values[at], values[at + 1 :]
            both = np.isfinite(one) & np.isfinite(others)
            a, b = np.where(both, one, 0), np.where(both, others, 0)
            shared = both.any(axis=2).sum(axis=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                factor = np.nan_to_num(a.sum(axis=1) / b.sum(axis=1), posinf=0, neginf=0)
            is_unlike = (_unlike(a, b) >= _LEAST_UNLIKE) & (_unlike(a, b * factor[:, None]) >= _ONE_FACTOR)
            common = (days[at] & days[at + 1 :]).sum(axis=1)
            fewer = np.minimum(days[at].sum(), days[at + 1 :].sum(axis=1))
            is_part = (shared > 0) & (2 * common < fewer)  # of one shop's days: two shops have most days both
            if (is_part | ((shared >= _FEWEST) & ~is_unlike)).any():
                return False
            share_any |= bool((shared >= _FEWEST).any())
        return share_any


def _unlike(one: Floats, other: Floats) -> Floats:
    """What figures of the shape (..., rows, measures) differ by, as a part of the larger: the median of the measures, nan where
    all are 0 or there are none."""
    if not one.shape[-1]:
        return np.full(other.shape[:-2], np.nan)
    larger = np.maximum(np.abs(one), np.abs(other)).sum(axis=-2)
    parts = np.abs(one - other).sum(axis=-2) / np.where(larger > 0, larger, np.nan)
    is_known = np.isfinite(parts).any(axis=-1)
    result: Floats = np.where(is_known, np.nanmedian(np.where(is_known[..., None], parts, 0), axis=-1), np.nan)
    return result


def _figures(export: Export) -> pa.Table:
    """The sums of the first rows of an export by day and slice."""
    names = [name for name in (*export.dimensions, "row_key") if name in export.cells and name != SOURCE]
    batches = [_plain(batch, names, export.measures) for batch in islice(export.batches, _BATCHES)]
    table = pa.concat_tables(batches)
    measures = [name for name in table.column_names if name not in {*names, "day"}]
    return table.group_by(["day", *names]).aggregate([(name, "sum") for name in measures])


def _plain(batch: Batch, names: Sequence[str], measures: Sequence[str]) -> pa.Table:
    columns = {"day": pa.array(batch.days)}
    columns |= {name: pc.cast(batch.columns[name], pa.string()) for name in names}
    columns |= {name: pc.cast(batch.columns[name], pa.float64()) for name in measures if name in batch.columns}
    return pa.table(columns)
