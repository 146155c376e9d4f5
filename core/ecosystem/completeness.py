"""Which exports are missing: days on which a market has no row of a kind although it usually has many.

Asked before all else: members of a market whose export is missing have not left.
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags
from core.base.date_text import during
from core.base.days import Window
from core.base.json_value import Value
from core.base.segment import Segment
from core.workspace.read.workspace import Workspace

_BY_MEASURE = {"traffic": "impressions", "orders": "orders"}
_LEAST_RUN = 2
"""Days in a row without any row."""
_USUAL_DAYS = 0.9
_LEAST_ROWS = 10.0
"""Rows of a usual day: a quiet market may well have a day without any."""
_DAYS = 112


@dataclass(frozen=True, slots=True)
class MissingExport(Value):
    """A run of days without rows."""

    kind: str
    """traffic or orders."""
    market: str
    """"" = every market."""
    window: Window

    def __str__(self) -> str:
        where = f" of market {self.market}" if self.market else ""
        return f"no {self.kind} rows{where} {during(self.window)}: a missing export, not counted as members who left"


def missing_exports(workspace: Workspace, as_of: int, where: Segment) -> tuple[MissingExport, ...]:
    """Runs of missing days among the newest 56, by kind and market; nothing where data are too short to tell."""
    first = max(workspace.span.first, as_of - _DAYS + 1)
    result: list[MissingExport] = []
    for kind, measure in _BY_MEASURE.items():
        if measure not in workspace.measures or as_of - first < 28:
            continue
        window, by = Window(first, as_of), ["market"] if "market" in workspace.dimensions else []
        rows = workspace.cube((measure,), window, by, where, as_of=as_of).daily(measure, by)
        rows = rows if by else rows[None, :]
        names = workspace.values("market") if by else ("",)
        whole = rows.sum(axis=0) > 0
        if not whole.all() and float(np.median(rows.sum(axis=0))) >= _LEAST_ROWS:
            result += [MissingExport(kind, "", run) for run in _runs(whole, window)]
        for name, row in zip(names, rows, strict=True):
            if name or not by:
                result += [MissingExport(kind, name, run) for run in _missing(row, whole, window)] if by else []
    return tuple(result)


def _missing(row: np.ndarray, whole: Flags, window: Window) -> list[Window]:
    """Runs in which one market has nothing while others have something."""
    usual = row[row > 0]
    days = np.flatnonzero(row > 0)
    if not len(usual) or float(np.median(usual)) < _LEAST_ROWS:
        return []
    chosen = slice(int(days[0]), None)
    before_gap = row[chosen] > 0
    last_seen = int(days[-1]) - int(days[0]) + 1
    if before_gap[:last_seen].mean() < _USUAL_DAYS and len(row) - int(days[-1]) - 1 < _LEAST_RUN:
        return [run for run in _runs((row > 0) | ~whole, window) if len(run) >= 7]
    return _runs((row > 0) | ~whole | (np.arange(len(row)) < days[0]), window)


def _runs(there: Flags, window: Window) -> list[Window]:
    """Runs of days that are not there, of the newest 56 days."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], there, [True]]).astype(np.int8)))
    runs = [
        Window(window.first + int(a), window.first + int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]
    return [run for run in runs if len(run) >= _LEAST_RUN and run.last > window.last - 56]


def complete_part(workspace: Workspace, where: Segment, missing: tuple[MissingExport, ...]) -> Segment:
    """The segment without the markets of which exports are missing; as it is where that would leave nothing."""
    gone = {gap.market for gap in missing if gap.market}
    if not gone:
        return where
    chosen = dict(where.terms).get("market", tuple(workspace.values("market")))
    # rows of no market may be reviews of orders that are missing
    remaining = [item for item in chosen if item and item not in gone]
    return where.narrowed(Segment.of({"market": remaining})) if remaining else where
