"""Whether a file gives figures that the workspace holds already, sliced by other dimensions: both would add up twice."""

import json
import sqlite3

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.base.arrays import Flags, Floats, distinct
from core.base.errors import UsageError
from core.catalogue.kinds import SOURCE, CellType
from core.ingest.formats.batch import Batch, Export
from core.workspace.schema.tables import DAY_BITS, MEASURE, dimensions_of, identifier
from core.workspace.write.merging.sums_by_day import OF_SOURCE, Sums, add_up

_SNAPSHOTS = ("daily", "traffic")
_DAYS, _EQUAL, _VALUES = 5, 0.9, 3
"""Figures are the same when at least so many days have both, so large a share of these agrees, and so many sums differ."""
_HALF, _APART = 0.5, 0.7
"""Half of the days are enough where so many of the equal sums are on one day only: the others were corrected."""
_EXACTLY = 1e-6
"""Relative; sums of the same decimals differ by rounding alone."""
_NAMED = 3


class OtherCuts:
    """The sums of a file by day, which are compared with what the workspace holds in other cuts."""

    def __init__(self, connection: sqlite3.Connection, export: Export) -> None:
        self._connection, self._export = connection, export
        self._dimensions = tuple(name for name in dimensions_of(connection, export.kind.name) if name != SOURCE)
        self._measures = _additive(export) if _has_others(connection, export) else ()
        self._sums: Sums = {}
        self._cuts: set[int] = set()
        self._sources: set[str] = set()

    def note(self, batch: Batch) -> None:
        """Adds up a batch; nothing where no earlier load has another cut."""
        if not self._measures or batch.days is None or not len(batch):
            return
        add_up(self._sums, batch, self._measures)
        self._cuts |= set(distinct(self._cut(batch)).tolist())
        source = batch.columns.get(SOURCE)
        self._sources |= {self._export.source or ""} if source is None else set(_words(source))

    def check(self, *, is_new: bool) -> tuple[str, ...]:
        """What to say of figures that stand next to those of other rows of the same source and days, in a coarser or finer cut.
        `is_new`: whether the workspace held no row of the file before.

        Raises UsageError when the file tells what other rows of its source tell in another cut, or events under other names.
        """
        if not self._measures or not self._sums or len(self._sources) != 1 or (self._export.keyed and not is_new):
            return ()  # rows that were found by their keys are corrected, in whatever cut they are held
        notes: list[str] = []
        for cut, sums in self._held().items():
            is_own = cut in self._cuts
            if is_own and not self._export.keyed:
                continue
            days = sorted(self._sums.keys() & sums.keys())
            own, other = (np.array([side[day] for day in days]) for side in (self._sums, sums))
            other = other - own if is_own else other  # the rows of the file are held, too, by now
            names = [self._measures[at] for at in np.flatnonzero(_are_same(own, other))]
            if names:
                where = "under other names" if is_own else self._described(cut)
                raise UsageError(
                    f"{self._export.path}: its {', '.join(names[:_NAMED])} of {len(days)} days are those that the workspace "
                    f"holds {where}: both would count twice. Load one of the two, or each into a workspace of its own "
                    "(--db); if they are of two systems or shops, name each one's with --source."
                )
            if days and any(cut != mine and cut & mine in {cut, mine} for mine in self._cuts):
                shared = np.flatnonzero((own != 0).any(0) & (other != 0).any(0))
                names = [self._measures[at] for at in shared[:_NAMED]]
                if names:
                    notes.append(
                        f"the workspace already has {', '.join(names)} for {len(days)} of its days {self._described(cut)}: "
                        "both are added up"
                    )
        return tuple(notes)

    def _cut(self, batch: Batch) -> NDArray[np.int64]:
        """Which dimensions each row gives, as bits."""
        bits = np.zeros(len(batch), np.int64)
        for at, name in enumerate(self._dimensions):
            words = batch.columns.get(name)
            if words is not None:
                is_filled = pc.fill_null(pc.not_equal(words.cast(pa.string()), ""), False)
                bits |= is_filled.to_numpy(zero_copy_only=False).astype(np.int64) << at
        return bits

    def _held(self) -> dict[int, Sums]:
        """Cut -> sums by day of the rows of the file's source, on the days from its first to its last."""
        bits = "+".join(f"((r.{identifier(name)} <> 0) << {at})" for at, name in enumerate(self._dimensions)) or "0"
        prefix = MEASURE if self._export.kind.name == "daily" else ""
        sums = ", ".join(f"total(r.{identifier(prefix + name)})" for name in self._measures)
        rows = self._connection.execute(
            f"SELECT {bits} AS cut, r.id >> {DAY_BITS} AS day, {sums} FROM {self._export.kind.name}_rows r "
            f"WHERE r.id >= ? AND r.id < ? AND {OF_SOURCE} GROUP BY 1, 2",
            (min(self._sums) << DAY_BITS, (max(self._sums) + 1) << DAY_BITS, *self._sources),
        )
        result: dict[int, Sums] = {}
        for cut, day, *figures in rows:
            result.setdefault(cut, {})[day] = np.array(figures)
        return result

    def _described(self, cut: int) -> str:
        names = [name for at, name in enumerate(self._dimensions) if cut >> at & 1]
        return f"sliced by {', '.join(names)}" if names else "without slices"


def _are_same(own: Floats, other: Floats) -> Flags:
    """Whether each measure has the same sums; shapes (days, measures) and (measures,)."""
    if len(own) < _DAYS:
        return np.zeros(own.shape[-1] if own.ndim > 1 else 0, bool)
    is_same = (np.abs(own - other) <= _EXACTLY * np.abs(other)) & (other != 0)
    share = is_same.mean(0)
    is_varied = np.array([len(set(column.tolist())) >= _VALUES for column in other.T])
    distinct = np.array([len(set(other[same, at].tolist())) for at, same in enumerate(is_same.T)])
    is_apart = (distinct >= _DAYS) & (distinct >= _APART * is_same.sum(0))
    same: Flags = is_varied & ((share >= _EQUAL) | ((share >= _HALF) & is_apart))
    return same


def _additive(export: Export) -> tuple[str, ...]:
    """The measures that are compared, as the file calls them."""
    if export.measures:
        return tuple(name for name in export.measures if name not in export.rates)
    counted = (CellType.COUNT, CellType.NUMBER)
    return tuple(name for name, cell in export.cells.items() if cell in counted and name not in export.dimensions)


def _has_others(connection: sqlite3.Connection, export: Export) -> bool:
    """Whether earlier loads of the kind are sliced by other dimensions, or rows may have other names."""
    if export.kind.name not in _SNAPSHOTS:
        return False
    earlier = connection.execute("SELECT DISTINCT dimensions FROM loads WHERE kind = ?", (export.kind.name,))
    own = {*export.dimensions, *export.row_names}
    return any(
        dimensions is not None and (export.keyed or set(json.loads(dimensions)) != own) for (dimensions,) in earlier
    )


def _words(column: pa.Array) -> list[str]:
    words: list[str] = pc.unique(pc.fill_null(column.cast(pa.string()), "")).to_pylist()
    return words
