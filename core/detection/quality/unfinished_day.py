"""A newest day that is not over: every measure and every slice of it lacks about as much."""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Floats
from core.base.days import Window, iso
from core.base.segment import EVERYTHING, Segment
from core.cube.cube import Cube
from core.detection.forecast.state_space import WEEK
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.row_streams import SNAPSHOTS
from core.workspace.read.workspace import Workspace

_WEEKS = 8
_LEAST_WEEKS = 3
_LACKS = 0.7
"""A day that is not over has at most this share of a usual one; one that lacks less is judged as it is."""
_SURE = 4.0
"""Standard deviations that the clearest measure must lie below the days before; the others must lack as much."""
_ALIKE = 0.35
"""Logs by which slices may differ in what they lack."""
_ALIKE_SHARE = 0.8
"""Share of the slices that must agree; the others may be noisy."""
_LEAST = 20.0
"""Slices that usually bring less a day are not asked."""
_MOST_VALUES = 60
_HOURS_EARLY, _EARLY_SURE, _LEAST_DAYS = 2.0, 16.0, 14
"""Orders that stop so many hours before those of other days stop early, when that is also so many times the median deviation of
at least so many days. The hours without orders before midnight are exponential: at 6 times 1 in 53 days of a market, channel or
device in 34 shops with lasting noise looked early, at 16 times 1 in 705, and .87 of days cut at ten o'clock still do."""
_LAST_DAYS = 28
"""Days whose last orders say when orders usually stop."""
_MARKET = "market"
"""Exports are made market by market: the other dimensions have no day of their own that may be over or not."""


def unfinished_days(workspace: Workspace, window: Window) -> Iterator[QualityIssue]:
    """The newest day of each snapshot source that ends with the window, where it looks unfinished.

    A real fall hits some measures or some slices; one that hits all of them alike, on the newest day only, is most often
    an export that was made before the day was over.
    """
    if len(window) <= _LEAST_WEEKS * WEEK:
        return
    recent = Window(max(window.first, window.last - (_WEEKS + 1) * WEEK), window.last)
    for kind in sorted(SNAPSHOTS):
        names = tuple(name for name in workspace.measures if workspace.kind_of(name) == kind)
        if not names:
            continue
        cube = workspace.cube(names, recent, workspace.dimensions)
        share = _share_that_came(cube, names)
        if share is not None:
            yield _issue(kind, names, window.last, share, EVERYTHING)
            continue
        markets = cube.values.get(_MARKET, ())[1:]
        for where in (Segment.of({_MARKET: name}) for name in markets[:_MOST_VALUES] if len(markets) > 1):
            share = _share_that_came(cube.where(where), names)
            if share is not None:
                yield _issue(kind, names, window.last, share, where)


def hours_early(last_orders: Floats) -> float:
    """By how many hours orders stop earlier on the newest day than before, 0 where that is usual or unknown.

    `last_orders`: hours from the start of each day to its last order, nan on days without orders, shape (days,); the newest
    day is compared with the four weeks before.
    """
    before, newest = last_orders[-_LAST_DAYS - 1 : -1], last_orders[-1]
    known = before[np.isfinite(before)]
    if not np.isfinite(newest) or len(known) < _LEAST_DAYS:
        return 0.0
    usual = float(np.median(known))
    scatter = float(np.median(np.abs(known - usual)))
    early = usual - float(newest)
    return early if early > max(_HOURS_EARLY, _EARLY_SURE * scatter) else 0.0


def _share_that_came(cube: Cube, names: tuple[str, ...]) -> float | None:
    """What part of a usual day the newest one of a cube has, where all measures and slices lack about as much; else None."""
    left = _left(np.array([cube.daily(name) for name in names]))
    active = np.isfinite(left)
    if not active.any() or (left[active] > np.log(_LACKS)).any() or not _alike(cube, names, left):
        return None
    return float(np.exp(np.median(left[active])))


def _issue(kind: str, names: tuple[str, ...], day: int, share: float, where: Segment) -> QualityIssue:
    """Of one market no more than a warning: what stops a market altogether looks alike."""
    whose = f" for {where}" if where else ""
    return QualityIssue(
        "partial_newest_day", "warn" if where else "fail",
        f"{kind} of {iso(day)} may be unfinished{whose}: every measure and segment has about "
        f"{share:.0%} of a usual day. Load the day again when it is over.",
        Window(day, day), frozenset({kind}), frozenset(names), where,
    )  # fmt: skip


def _left(daily: Floats) -> Floats:
    """Log of the newest day's share of a usual same weekday, 0 when no measure is surely below, nan where nothing is usual.

    `daily` of shape (series, days). The day before must have been usual, or this is a fall that goes on.
    """
    ratio = np.array([_log_ratio(daily, back) for back in range(3 * WEEK)])
    comparable = np.isfinite(ratio[0]) & (np.isfinite(ratio[1:]).sum(0) >= WEEK)
    ratio = np.where(comparable, ratio, 0.0)
    scatter = 1.4826 * np.nanmedian(np.abs(ratio[1:] - np.nanmedian(ratio[1:], axis=0)), axis=0)
    sure = (comparable & (ratio[0] < -_SURE * scatter)).any()
    fresh = ratio[1] > ratio[0] / 2
    return np.where(comparable, np.where(sure & fresh, ratio[0], 0.0), np.nan)


def _log_ratio(daily: Floats, back: int) -> Floats:
    """Log of a day, so many before the newest, over the median of its weekday in the weeks before, shape (series,)."""
    end = daily.shape[1] - 1 - back
    before = daily[:, list(range(end - WEEK, -1, -WEEK))[:_WEEKS]]
    if before.shape[1] < _LEAST_WEEKS - 1:
        return np.full(len(daily), np.nan)
    usual = np.median(before, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(usual > 0, np.log(np.maximum(daily[:, end], 0.01 * usual) / usual), np.nan)


def _alike(cube: Cube, names: tuple[str, ...], left: Floats) -> bool:
    """Whether the values of every dimension lack about what the whole does, in the measure that counts most."""
    totals = np.array([cube.daily(name).sum() for name in names])
    leading = names[int(np.where(np.isfinite(left), totals, -1).argmax())]
    whole = float(left[names.index(leading)])
    for dimension in cube.dimensions:
        if len(cube.values[dimension]) > _MOST_VALUES:
            continue
        daily = cube.daily(leading, (dimension,))
        usual = np.median(daily[:, :-1], axis=1)
        ratio = _log_ratio(daily, 0)[usual >= _LEAST]
        noise = 3 / np.sqrt(usual[usual >= _LEAST] * np.exp(whole))
        agrees = np.abs(ratio - whole) <= _ALIKE + noise
        if len(ratio) > 1 and agrees.mean() < _ALIKE_SHARE:
            return False
    return True
