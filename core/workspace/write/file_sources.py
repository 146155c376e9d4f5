"""Files of several shops or accounts that say in their names alone whose they are: one for each, with the same columns.

Their rows would be those of one another's days and slices. What tells that they are no corrections are their figures: a
corrected export gives most of them again.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path, PurePath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.catalogue.kinds import SOURCE
from core.ingest.formats.batch import Batch, Export
from core.ingest.formats.sources import ExportSource
from core.ingest.request import EarlierReading, columns_key
from core.ingest.values.dates import undated_name
from core.ingest.values.path_parts import undated_path

_KINDS = frozenset(("daily", "traffic"))
"""Kinds whose rows are known by their day and slice."""
_LEAST_UNLIKE = 0.1
"""Of the larger one of two figures, what they differ by on average: corrections of most rows by so much are hardly made, and two
shops of 60 orders a day differ by more by chance."""
_FEWEST = 10
"""Rows that two files share, below which their figures show nothing."""
_BATCHES = 4
"""Of a file, those that are looked at."""

Located = tuple[ExportSource, Export]


def by_file(name: str) -> str:
    """What the rows of a file are called by its name, without days and endings.

    >>> by_file("out/Berlin_2026-11-19.csv.gz"), by_file("shops.zip:Berlin Mitte.csv")
    ('Berlin', 'Berlin Mitte')
    """
    return undated_name(PurePath(name).name.rpartition(":")[2]).split(".")[0].strip(" _-")


def by_folder(name: str) -> str:
    """The same by the name of its folder; nothing where that is a day."""
    return Path(undated_path(str(Path(name).absolute()))).parent.name


def with_sources(
    exports: Sequence[Located],
    earlier: Mapping[str, EarlierReading],
    reopen: Callable[[ExportSource, str], Sequence[Export]],
) -> list[Located]:
    """The exports, those of several shops or accounts opened again with a source by the file's name, or its folder's.

    They are when an earlier load of their columns had such sources, or when their figures differ for the same days and slices.
    What was loaded before without a source stays without one.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for at, (source, export) in enumerate(exports):
        if export.path == source.name and export.kind.name in _KINDS and not export.several:
            groups[columns_key(export.header)].append(at)
    result: list[Sequence[Located]] = [[item] for item in exports]
    for key, places in groups.items():
        loaded = earlier[key].sources if key in earlier else {}
        called = _called_by([exports[at] for at in places], loaded)
        if called is None:
            continue
        before = {called(path): of for path, of in loaded.items()}
        for at in places:
            source, export = exports[at]
            name = called(source.name)
            names_its_own = SOURCE in export.cells and export.source is None
            if name and before.get(name, name) is not None and not names_its_own:
                result[at] = [(source, _noted(other)) for other in reopen(source, name)]
    return [item for items in result for item in items]


def _noted(export: Export) -> Export:
    note = "its name, or its folder's, is the source of its rows; say another with --source"
    return replace(export, notes=(*export.notes, note))


def _called_by(exports: Sequence[Located], loaded: Mapping[str, str | None]) -> Callable[[str], str] | None:
    """What files with the same columns are called by when their names alone tell whose they are; None where nothing shows that
    they are of several; `loaded`: the sources of earlier ones, by their path.
    """
    ways = (by_file, by_folder)
    for called in ways:
        if any(called(path) == source for path, source in loaded.items()):
            return called
    several = [called for called in ways if len({called(source.name) for source, _ in exports}) > 1]
    if not several or (loaded and all(source is not None for source in loaded.values())):
        return None
    tables = [_figures(export) for _, export in exports]
    names = [[called(source.name) for source, _ in exports] for called in several]
    return next((called for called, own in zip(several, names, strict=True) if _are_apart(tables, own)), None)


def _are_apart(tables: Sequence[pa.Table], names: Sequence[str]) -> bool:
    """Whether files with different names give unlike figures for the same rows, each two names that share any."""
    by_name: dict[str, list[pa.Table]] = defaultdict(list)
    for name, table in zip(names, tables, strict=True):
        by_name[name].append(table)
    whole = [pa.concat_tables(own, promote_options="default") for own in by_name.values()]
    unlike = [found for one, other in pairwise(whole) if (found := _unlike(one, other)) is not None]
    return bool(unlike) and min(unlike) >= _LEAST_UNLIKE


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


def _unlike(one: pa.Table, other: pa.Table) -> float | None:
    """What the figures of common rows differ by on average, as a part of the larger; None where they share too few."""
    keys = [name for name in one.column_names if not name.endswith("_sum")]
    if keys != [name for name in other.column_names if not name.endswith("_sum")]:
        return None
    both = one.join(other, keys, right_suffix="_other", join_type="inner")
    if len(both) < _FEWEST:
        return None
    parts = []
    for name in one.column_names:
        if f"{name}_other" in both.column_names:
            a, b = (np.nan_to_num(both[column].to_numpy()) for column in (name, f"{name}_other"))
            larger = np.maximum(np.abs(a), np.abs(b)).sum()
            parts += [float(np.abs(a - b).sum() / larger)] if larger > 0 else []
    return float(np.median(parts)) if parts else None
