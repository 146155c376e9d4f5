"""Which exports are missing: days on which a market has no row of a kind although it usually has many.

Asked before all else: members of a market whose export is missing have not left.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags
from core.base.date_text import during
from core.base.days import Window
from core.base.json_value import Value
from core.base.segment import Segment
from core.workspace.read.workspace import Workspace

_BY_MEASURE = {"traffic": "impressions", "orders": "orders"}
_TOTALS = {"traffic": "impressions", "orders": "orders and GMV"}
_TRAILING = ("reviews", "violations")
"""Kinds whose rows come late, and not on every day: whydrop only says when such an export ends early."""
_LEAST_RUN = 2
"""Days in a row without any row."""
_USUAL_DAYS, _WEEK = 0.9, 7
"""Share of its days on which a market has rows; one that has them on fewer lacks a week before that is a missing export."""
_LEAST_ROWS = 10.0
"""Rows of a usual day: a quiet market may well have a day without any."""
_LEAST_MEMBERS = 3
"""Creators, or shops, of a market of which it is said that an export is missing: one or two may well rest."""
_BEFORE = 28
"""Days before a run of days without rows in which these are counted."""
_DAYS = 112
_MISSED = 15.0
"""Rows that the days after the last one would usually bring, so that none is not chance (e^-15)."""
_LONGER = 2
"""Times the longest run without rows before that an early end lasts at least: violations may come once a week."""


@dataclass(frozen=True, slots=True)
class MissingExport(Value):
    """A run of days without rows."""

    kind: str
    """traffic, orders, reviews or violations."""
    market: str
    """"" = every market."""
    window: Window

    def __str__(self) -> str:
        if self.kind in _TRAILING:
            return f"no {self.kind} rows {during(self.window)}: their export ends before the others"
        where = f" of market {self.market}" if self.market else ""
        untested = "" if self.market else f"; {_TOTALS[self.kind]} in total are not tested"
        return f"no {self.kind} rows{where} {during(self.window)}: a missing export, not counted as members who left{untested}"


def missing_exports(workspace: Workspace, as_of: int, where: Segment) -> tuple[MissingExport, ...]:
    """Runs of missing days among the newest 56 of sixteen weeks, by kind and market; nothing where data are too short to tell."""
    first = max(workspace.span.first, as_of - _DAYS + 1)
    result: list[MissingExport] = []
    for kind, measure in _BY_MEASURE.items():
        if measure not in workspace.measures or as_of - first < 28:
            continue
        window, by = Window(first, as_of), ["market"] if "market" in workspace.dimensions else []
        rows = workspace.cube((measure,), window, by, where, as_of=as_of).daily(measure, by)
        rows = rows if by else rows[None, :]
        whole = rows.sum(axis=0) > 0
        if not whole.all() and float(np.median(rows.sum(axis=0))) >= _LEAST_ROWS:
            result += [MissingExport(kind, "", run) for run in _runs(whole, window)]
        for name, row in zip(workspace.values("market"), rows, strict=True) if by else ():
            runs = _missing(row, whole, window) if name else []
            if (
                runs
                and _members(workspace, measure, runs[0].first - 1, where.narrowed(Segment.of({"market": [name]})))
                >= _LEAST_MEMBERS
            ):
                result += [MissingExport(kind, name, run) for run in runs]
    stopped = [gap.window for gap in result if (gap.kind, gap.market, gap.window.last) == ("orders", "", as_of)]
    last = stopped[0].first - 1 if stopped else as_of
    return (*result, *_early_ends(workspace, Window(first, last), where))


def _early_ends(workspace: Workspace, window: Window, where: Segment) -> Iterator[MissingExport]:
    """Reviews and violations that ended before the last day of a window, on which orders still came."""
    for kind in _TRAILING:
        if kind not in workspace.measures:
            continue
        rows = workspace.cube((kind,), window, (), where, as_of=window.last).daily(kind)
        days = np.flatnonzero(rows)
        if not len(days):
            continue
        last, longest = int(days[-1]), int(np.diff(days).max(initial=1)) - 1
        gap = len(rows) - 1 - last
        usual = float(rows.sum()) / (last + 1 - int(days[0]))
        if usual * gap >= _MISSED and gap >= max(_LONGER * longest, _LEAST_RUN):
            yield MissingExport(kind, "", Window(window.first + last + 1, window.last))


def _members(workspace: Workspace, measure: str, last: int, market: Segment) -> int:
    """How many creators, or else shops, a market had in the days that end with one; enough where none are named."""
    columns = [name for name in ("creator_id", "seller_id") if name in workspace.dimensions]
    if not columns:
        return _LEAST_MEMBERS
    window = Window(max(workspace.span.first, last - _BEFORE + 1), last)
    cube = workspace.cube((measure,), window, columns, market, as_of=last)
    named = [np.array(workspace.values(name)) != "" for name in columns]
    sizes = [int((cube.totals(measure, [name]) > 0)[some].sum()) for name, some in zip(columns, named, strict=True)]
    # several shops of one creator rest together
    return next((size for size in sizes if size), 0)


def _missing(row: np.ndarray, whole: Flags, window: Window) -> list[Window]:
    """Runs in which one market has nothing, from its first row on, while others have something."""
    there = row > 0
    days = np.flatnonzero(there)
    if not len(days) or float(np.median(row[there])) < _LEAST_ROWS:
        return []
    first, last = int(days[0]), int(days[-1])
    runs = _runs(there | ~whole | ~np.logical_or.accumulate(there), window)
    if there[first : last + 1].mean() < _USUAL_DAYS and len(row) - last - 1 < _LEAST_RUN:
        return [run for run in runs if len(run) >= _WEEK]
    return runs


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
