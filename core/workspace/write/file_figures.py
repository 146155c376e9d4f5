"""The figures of files with the same columns, compared: what of them are corrections, parts, totals or other shops' files."""

from collections.abc import Collection, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.base.arrays import Flags, Floats, Ints, known_median, numbered
from core.base.frozen import frozen
from core.catalogue.kinds import SOURCE
from core.ingest.formats.batch import Batch, Export
from core.ingest.formats.text_hash import text_hashes
from core.ingest.headers.word_lists import is_total
from core.ingest.request import ROW_KEY
from core.ingest.shapes.made_tables import keys_of

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
_SHARED_EVENTS = 0.05
"""Of the events of the smaller of two files. Two shops of 400 sales on 40 days share 0.4% by chance: minute and words."""
_MOSTLY = 0.5
"""Of the events with the same name that two files have, those that are equal; few are corrected."""
_MOST_EVENTS = 50_000
"""Those that are compared: 60 MB for 300 files."""
_BATCHES = 4
"""Of a file, those that are looked at first."""
_MOST_ROWS = 400
"""Those that most files share, by which each two of 300 files are compared within a second."""


@frozen
class ComparedFiles:
    """The figures of files by their names."""

    names: Sequence[str]
    values: Floats
    """Of the rows that most names share, shape (names, rows, measures), nan where a name has none."""
    days: Flags
    """Which days a name has, shape (names, days)."""

    @classmethod
    def of(cls, exports: Sequence[Export], called: Sequence[str]) -> "ComparedFiles":
        """The figures of exports, each called by a name; of two with the same name and row the later one counts. Where the
        beginnings of long ones, each in its own order, share no rows, all of them are looked at.
        """
        beginnings = [_figures(export, _BATCHES) for export in exports]
        result = cls._of_tables([table for table, _ in beginnings], called)
        if (
            all(is_whole for _, is_whole in beginnings)
            or (np.isfinite(result.values).any(axis=2).sum(axis=0) > 1).any()
        ):
            return result
        return cls._of_tables([_figures(export, None)[0] for export in exports], called)

    @classmethod
    def _of_tables(cls, tables: Sequence[pa.Table], called: Sequence[str]) -> "ComparedFiles":
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
        distinct_days, numbers = numbered(columns["day"].to_numpy(zero_copy_only=False))
        days = np.zeros((len(names), len(distinct_days)), bool)
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
        parts = [at for at, name in enumerate(self.names) if name not in totals]
        values, days = self.values[parts], self.days[parts]
        share_any = False
        for at in range(len(parts) - 1):
            own, others = values[at], values[at + 1 :]
            both = np.isfinite(own) & np.isfinite(others)
            a, b = np.where(both, own, 0), np.where(both, others, 0)
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


def _unlike(first: Floats, other: Floats) -> Floats:
    """What figures of the shape (..., rows, measures) differ by, as a part of the larger: the median of the measures, nan where
    all are 0 or there are none."""
    if not first.shape[-1]:
        return np.full(other.shape[:-2], np.nan)
    larger = np.maximum(np.abs(first), np.abs(other)).sum(axis=-2)
    parts = np.abs(first - other).sum(axis=-2) / np.where(larger > 0, larger, np.nan)
    is_known = np.isfinite(parts).any(axis=-1)
    result: Floats = np.where(is_known, known_median(np.where(is_known[..., None], parts, 0), -1), np.nan)
    return result


def share_events(exports: Sequence[Export], names: Sequence[str]) -> bool:
    """Whether exports of two names have many events in common, with all their figures: they are parts of one log that overlap.
    Two shops that number their sales alike have most of these with other figures.
    """
    if not all(export.keyed for export in exports):
        return False
    distinct = sorted({*names})
    tables = [_events(export) for export in exports]
    owners = np.repeat([distinct.index(name) for name in names], [*map(len, tables)])
    whole = pa.concat_tables(tables, promote_options="default").combine_chunks()  # each has its own order of columns
    named = _in_common(_hashes(whole.select(["day", ROW_KEY])), owners, len(distinct))
    equal = _in_common(_hashes(whole), owners, len(distinct))
    sizes = np.diag(named)
    least = np.maximum(_SHARED_EVENTS * np.minimum(sizes, sizes[:, None]), 1)
    return bool((np.triu(equal, 1) >= np.maximum(least, named * _MOSTLY)).any())


def _in_common(events: NDArray[np.uint64], owners: Ints, names: int) -> NDArray[np.float32]:
    """How many different events each two names have in common, of those whose hash is in a sample; shape (names, names)."""
    sample = events % np.uint64(len(events) // _MOST_EVENTS + 1) == 0
    _, places = np.unique(events[sample], return_inverse=True)
    has = np.zeros((names, int(places.max(initial=0)) + 1), np.float32)
    has[owners[sample], places] = 1
    return has @ has.T


def _hashes(rows: pa.Table) -> NDArray[np.uint64]:
    return text_hashes([pc.cast(cells.combine_chunks(), pa.string()).fill_null("") for cells in rows.columns])


def _events(export: Export) -> pa.Table:
    """The day, the name, the words and the figures of the first rows of an export."""
    names = [ROW_KEY, *(name for name in export.dimensions if name in export.cells and name != SOURCE)]
    return pa.concat_tables(_plain(batch, names, export.measures) for batch in islice(export.batches, _BATCHES))


def _figures(export: Export, most: int | None) -> tuple[pa.Table, bool]:
    """The sums of an export by day and slice, of so many batches at most, and whether these are all."""
    names = [name for name in export.dimensions if name in export.cells and name != SOURCE]
    batches = [_plain(batch, names, export.measures) for batch in islice(export.batches, most)]
    table = pa.concat_tables(batches)
    measures = [name for name in table.column_names if name not in {*names, "day"}]
    sums = table.group_by(["day", *names]).aggregate([(name, "sum") for name in measures])
    return sums, most is None or len(batches) < most


def _plain(batch: Batch, names: Sequence[str], measures: Sequence[str]) -> pa.Table:
    columns = {"day": pa.array(batch.days)}
    columns |= {name: pc.cast(batch.columns[name], pa.string()) for name in names}
    columns |= {name: pc.cast(batch.columns[name], pa.float64()) for name in measures if name in batch.columns}
    return pa.table(columns)
