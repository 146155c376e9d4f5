"""Files of several shops or accounts that say in their names alone whose they are: one for each, with the same columns.

Their rows would be those of one another's days and slices. What tells that they are no corrections are their figures: a
corrected export gives most of them again, or all by one factor.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path, PurePath

import numpy as np
import pyarrow as pa

from core.base.frozen import frozen
from core.catalogue.kinds import SOURCE, CellType
from core.ingest.formats.batch import Batch, Batches, Export
from core.ingest.formats.sources import ExportSource
from core.ingest.request import EarlierReading, columns_key
from core.ingest.values.dates import undated_name
from core.ingest.values.path_parts import undated_path
from core.workspace.write.file_figures import ComparedFiles, share_events

_KINDS = frozenset(("daily", "traffic"))
"""Kinds whose rows are known by their day and slice."""
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

    note = "its name, or its folder's, is the source of its rows; give another with --source"
    return replace(
        export,
        source=name,
        cells={**export.cells, SOURCE: CellType.WORD},
        dimensions=(*(dimension for dimension in export.dimensions if dimension != SOURCE), SOURCE),
        batches=Batches(lambda: map(named, export.batches)),
        notes=(*export.notes, note),
    )


@frozen
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
    unnamed_paths = [path for path, source in loaded.items() if source is None]
    everything = [*(_alike(unchanged(), exports) if unnamed_paths else ()), *exports]
    opened = [export for _, export in everything]
    are_events = all(export.keyed for export in opened)
    for called in several:
        names, unnamed = [called(source.name) for source, _ in everything], frozenset(map(called, unnamed_paths))
        is_unknown = not unnamed <= {*names}  # they may give rows of these again
        if (is_unknown and are_events) or share_events(opened, names):
            continue  # each is known by its own name, and counts once
        compared = ComparedFiles.of(opened, names)
        totals = compared.totals()
        if compared.are_apart(totals):
            left_out = dict.fromkeys({*names}, _UNKNOWN) if is_unknown else dict.fromkeys(totals - unnamed, _TOTAL)
            return _Names(called, unnamed, left_out)
    return None


def _alike(others: Sequence[Located], exports: Sequence[Located]) -> list[Located]:
    """Those of other files that have the columns of these."""
    key = columns_key(exports[0][1].header)
    return [item for item in others if columns_key(item[1].header) == key]


_WAYS = (by_file, by_folder)
_UNKNOWN = (
    "an earlier file with its columns has no source, and nothing shows whether it corrects that one or is of another shop: name "
    "the source of its rows with --source"
)
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
    loaded_names = {called(path) for path, source in loaded.items() if source is not None}
    new = {called(source.name) for source, _ in exports} - loaded_names - unnamed
    if not new:
        return _Names(called, unnamed)
    everything = [*_alike(unchanged(), exports), *exports]
    names, opened = [called(source.name) for source, _ in everything], [export for _, export in everything]
    if loaded_names <= {*names} and not share_events(opened, names):
        compared = ComparedFiles.of(opened, names)
        totals = compared.totals() & new
        if compared.are_apart(totals):
            return _Names(called, unnamed, dict.fromkeys(totals, _TOTAL))
    others = ", ".join(sorted(loaded_names)[:_SHOWN])
    why = (
        f"earlier files with its columns are sources by their names ({others}), and nothing shows whether it corrects one of "
        "them or is of another: name the source of its rows with --source"
    )
    return _Names(called, unnamed, dict.fromkeys(new, why))


_SHOWN = 5
