"""Files that give the figures of earlier ones in another cut: by channel what the workspace has as totals, or by device."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats, Ints
from core.base.errors import UsageError
from core.catalogue.kinds import SOURCE
from core.ingest.formats.batch import Export
from core.workspace.schema.tables import MEASURE, identifier, table_of

_FEWEST_DAYS = 3
"""Days with equal sums, and other ones on each, are no chance."""
_MOST_DAYS = 0.8
"""So many of the days that both have: the newest may have been incomplete, and a day corrected,"""
_HALF = 0.5
"""or as few, where the figures are large enough to differ from day to day:"""
_APART = 0.7
"""so many of the equal days have sums that no other one has."""
_CENT = 0.005


@dataclass(frozen=True, slots=True)
class _EarlierLoads:
    """The loads of one cut whose days a file shares."""

    numbers: tuple[int, ...]
    path: str
    """The newest one's,"""
    source: str | None
    """and its source."""
    names: frozenset[str]
    """What tells its rows apart."""


def check_cuts(connection: sqlite3.Connection, export: Export, load_id: int) -> tuple[str, ...]:
    """What is to be said when rows that a load added are next to others of their days in a coarser or finer cut.

    Raises UsageError when the sums of their days are those of an earlier load: both would count twice.
    """
    if export.kind.name not in {"daily", "traffic"}:
        return ()
    own = frozenset((*export.dimensions, *export.row_names))
    loads = [item for item in _earlier_loads(connection, export, load_id) if export.keyed or item.names != own]
    if not loads:
        return ()
    columns = _measures(export)
    days, sums = _sums(connection, export, columns, (load_id,))
    notes: list[str] = []
    for earlier in loads:
        other_days, other_sums = _sums(connection, export, columns, earlier.numbers)
        _, left, right = np.intersect1d(days, other_days, return_indices=True)
        shared = (np.nansum(sums[left], axis=0) != 0) & (np.nansum(other_sums[right], axis=0) != 0)
        if not shared.any():
            continue
        names = [name for name, is_shared in zip(columns, shared, strict=True) if is_shared]
        if _are_equal(sums[left][:, shared], other_sums[right][:, shared]):
            raise UsageError(
                f"{export.path}: its {_listed(names)} of each day add up to those of {earlier.path} (load "
                f"{earlier.numbers[-1]}), which has them in another cut: both would count twice. Load one of them only "
                f"(whydrop loads undo {earlier.numbers[-1]} takes that one back), or each into a workspace of its own (--db)."
            )
        if earlier.source == export.source and (_cut(own) < _cut(earlier.names) or _cut(own) > _cut(earlier.names)):
            apart = ", ".join(sorted(_cut(own) ^ _cut(earlier.names)))
            count = f"{len(left):,} of its days" if len(left) > 1 else "one of its days"
            notes.append(
                f"{count} have {_listed(names)} of {earlier.path}, too, not cut alike ({apart}): what both give adds up"
            )
    return tuple(notes)


def _cut(names: Collection[str]) -> frozenset[str]:
    return frozenset(name.partition(":")[0] for name in names if name != SOURCE)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names[:2]) if len(names) < 3 else f"{names[0]}, {names[1]} and {len(names) - 2} more figures"


def _measures(export: Export) -> list[str]:
    """The figures of an export that may be added up."""
    if export.kind.name == "daily":
        return [name for name in export.measures if name not in export.rates]
    return [name for name in export.cells if name not in export.dimensions and name != "date"]


def _earlier_loads(connection: sqlite3.Connection, export: Export, load_id: int) -> list[_EarlierLoads]:
    rows = connection.execute(
        "SELECT id, path, source, dimensions FROM loads l WHERE kind = :kind AND dimensions IS NOT NULL AND EXISTS "
        "(SELECT 1 FROM load_days n JOIN load_days o ON o.load_id = l.id AND o.kind = n.kind AND o.day = n.day "
        "WHERE n.load_id = :load AND n.kind = :kind AND n.last_id >= n.first_id AND o.last_id >= o.first_id) ORDER BY id",
        {"kind": export.kind.name, "load": load_id},
    ).fetchall()
    by_cut: dict[str, list[tuple[int, str, str | None]]] = {}
    for number, path, source, names in rows:
        by_cut.setdefault(names, []).append((number, path, source))
    return [
        _EarlierLoads(tuple(number for number, _, _ in some), *some[-1][1:], frozenset(json.loads(names)))
        for names, some in by_cut.items()
    ]


def _sums(
    connection: sqlite3.Connection, export: Export, columns: Sequence[str], loads: Sequence[int]
) -> tuple[Ints, Floats]:
    """The days of the rows that loads added, and the sums of their figures; shapes (days,) and (days, figures)."""
    stored = [identifier(MEASURE + name if export.kind.name == "daily" else name) for name in columns]
    totals = "".join(f", total(t.{name})" for name in stored)
    table = np.array(
        connection.execute(
            f"SELECT d.day{totals} FROM load_days d JOIN {table_of(export.kind)} t ON t.id BETWEEN d.first_id AND d.last_id "
            f"WHERE d.kind = ? AND d.load_id IN ({', '.join('?' * len(loads))}) GROUP BY d.day ORDER BY d.day",
            (export.kind.name, *loads),
        ).fetchall(),
        np.float64,
    ).reshape(-1, len(columns) + 1)
    return table[:, 0].astype(np.int64), table[:, 1:]


def _are_equal(sums: Floats, others: Floats) -> bool:
    """Whether the figures of nearly all days are the same, and not those of one day on all of them."""
    is_equal: NDArray[np.bool_] = np.isclose(sums, others, rtol=1e-9, atol=_CENT).all(axis=1) & (sums != 0).any(axis=1)
    count = int(is_equal.sum())
    different = len(np.unique(sums[is_equal], axis=0))
    if count < _FEWEST_DAYS or different < 2:
        return False
    return count >= _MOST_DAYS * len(sums) or (count >= _HALF * len(sums) and different >= _APART * count)
