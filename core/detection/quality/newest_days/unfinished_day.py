"""A newest day that is not over: every measure and every slice of it lacks about as much."""

from collections.abc import Iterable, Iterator

import numpy as np

from core.base.arrays import Flags, Floats, Ints, known_median
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.cube.cube import Cube
from core.detection.forecast.state_space import WEEK
from core.detection.quality.newest_days.newest_cubes import NewestCube
from core.detection.quality.quality_issue import QualityIssue

_WEEKS = 8
_LEAST_WEEKS = 3
_LACKS = 0.7
"""A day that is not over has at most this share of a usual one; one that lacks less is judged as it is."""
_SURE = 4.0
"""Standard deviations that the clearest measure must lie below the days before; the others must lack as much."""
_ALIKE = 0.35
"""Logs by which slices may differ in what they lack."""
_ALIKE_SURE = 2.0
"""... beyond so many standard deviations of their usual days."""
_ALIKE_SHARE = 0.8
"""Share of the slices that must agree; the others may be noisy."""
_NOISY = 0.5
"""Slices that differ by more (log) by chance are not asked."""
_MOST, _SEVERAL = 0.5, 3
"""Where more than this share of a usual day, in at least so many values of a dimension, lacks about as much at once while the
others are as usual, that is most often an export as well: of several files, most came too early."""
_EACH_SURE = 3.0
_MOST_VALUES = 60
_DEEPER, _MOST_LATE = 0.1, 5
"""Logs by which each of at most so many newest days lacks more than the one before, where rows come in late."""
_EQUALLY_LATE, _LACKS_TWICE = 2, 0.55
"""... or of so many days at most this share came, as much of either."""
_HOURS_EARLY, _EARLY_SURE, _LEAST_DAYS = 2.0, 16.0, 14
"""Orders that stop so many hours before those of other days stop early, when that is also so many times the median deviation of
at least so many days. The hours without orders before midnight are exponential: at 6 times 1 in 53 days of a market, channel or
device in 34 shops with lasting noise looked early, at 16 times 1 in 705, and .87 of days cut at ten o'clock still do."""
_LAST_DAYS = 28
"""Days whose last orders say when orders usually stop."""
_HARDLY = 0.01
"""Shares of a usual day below this are taken for it: there are days without anything."""
_MARKET = "market"
"""Exports are made market by market: the other dimensions have no day of their own that may be over or not."""


def unfinished_days(newest: Iterable[NewestCube]) -> Iterator[QualityIssue]:
    """The newest day of each snapshot source, where it looks unfinished.

    A real fall hits some measures or some slices; one that hits all of them alike, on the newest day only, is most often
    an export that was made before the day was over.
    """
    for source in newest:
        kind, names, cube, last = source.kind, source.names, source.cube, source.last
        share, late = share_that_came(cube, names), _late(cube, names)
        if late is not None:
            yield _late_issue(kind, names, last, *late, is_unfinished=share is not None)
            continue
        if share is not None:
            yield _issue(kind, names, last, share, EVERYTHING)
            continue
        most = _most(cube, names)
        if most is not None:
            yield _issue(kind, names, last, *most, is_most=True)
            continue
        markets = cube.values.get(_MARKET, ())[1:]
        for where in (Segment.of({_MARKET: name}) for name in markets[:_MOST_VALUES]):
            share = share_that_came(cube.where(where), names)
            if share is not None:
                yield _issue(kind, names, last, share, where)


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


def share_that_came(cube: Cube, names: tuple[str, ...]) -> float | None:
    """What part of a usual day the newest one of a cube has, where all measures and slices lack about as much; else None."""
    left = _left(np.array([cube.daily(name) for name in names]))
    active = np.isfinite(left)
    if not active.any() or (left[active] > np.log(_LACKS)).any() or not alike(cube, names, left):
        return None
    return float(np.exp(np.median(left[active])))


def _late(cube: Cube, names: tuple[str, ...]) -> tuple[int, float, bool] | None:
    """Of how many newest days a part is still to come, what part of the newest one is there, and whether all lack the same.

    None unless all measures and slices lack about as much, the more the newer the day, or the same of two days.

    A fall that deepens everywhere alike looks the same, so it is no more than a doubt, unless the newest day is unfinished by
    itself.
    """
    ratio, scatter = day_ratios(np.array([cube.daily(name) for name in names]))
    active = np.isfinite(ratio[0])
    leading = names.index(steadiest_measure(cube, names))
    newest, noise = ratio[:, leading], float(scatter[leading])
    left = _as_the_steadiest(ratio[0], ratio[0], scatter)
    if not active[leading] or (left[active] > np.log(_LACKS)).any() or newest[0] > -_SURE * noise:
        return None
    least = max(_DEEPER, _ALIKE_SURE * noise)
    days = int((newest[:-1] < newest[1:] - least).argmin())
    is_equal = days <= 1 and _is_equally_late(newest, least)
    days = _EQUALLY_LATE if is_equal else days
    is_late = 1 < days <= _MOST_LATE and newest[days] > -least and alike(cube, names, ratio[0])
    return (days, float(np.exp(newest[0])), is_equal) if is_late else None


def _is_equally_late(newest: Floats, least: float) -> bool:
    """Whether of the two newest days most is missing, the same part of both."""
    both = newest[:_EQUALLY_LATE]
    return bool((both < np.log(_LACKS_TWICE)).all() and np.ptp(both) <= least)


def _most(cube: Cube, names: tuple[str, ...]) -> tuple[float, Segment] | None:
    """What part of a usual day has come of most values of a dimension, where these lack about as much and the others nothing;
    and which they are."""
    leading = steadiest_measure(cube, names)
    for dimension in cube.dimensions:
        values = cube.values[dimension]
        if _SEVERAL < len(values) <= _MOST_VALUES + 1:
            lacking = _lacking(cube.daily(leading, (dimension,)))
            if len(lacking):
                where = Segment.of({dimension: [values[at] for at in lacking.tolist()]})
                share = share_that_came(cube.where(where), names)
                if share is not None:
                    return share, where
    return None


def _lacking(daily: Floats) -> Ints:
    """The values, the first of which is not given, that lack about as much of the newest day, if they are most of it and the
    others are as usual; `daily` of shape (values, days)."""
    ratio, scatter = day_ratios(daily)
    with np.errstate(invalid="ignore"):
        lacks = (ratio[0] < np.minimum(np.log(_LACKS), -_EACH_SURE * scatter)) & fell_today(ratio)
        as_usual = np.abs(ratio[0]) <= _EACH_SURE * scatter
    lacks &= np.arange(len(daily)) > 0
    usual, asked = np.median(daily[:, :-1], axis=1), ~lacks & (scatter < _NOISY)
    if lacks.sum() < _SEVERAL or usual[lacks].sum() <= _MOST * usual.sum():
        return np.zeros(0, np.int64)
    whole = float(np.median(ratio[0][lacks]))
    alike = _agree(ratio[0], _scatter_of_part(scatter, whole), whole)[lacks].mean() >= _ALIKE_SHARE
    others = not asked.any() or as_usual[asked].mean() >= _ALIKE_SHARE
    return np.flatnonzero(lacks) if alike and others else np.zeros(0, np.int64)


def _agree(ratio: Floats, scatter: Floats, whole: float) -> Flags:
    """Which values lack about as much (log) as the whole."""
    return np.asarray(np.abs(ratio - whole) <= _ALIKE + _ALIKE_SURE * scatter)


def _scatter_of_part(scatter: Floats, whole: float) -> Floats:
    """How far days scatter of which only a part (log) has come: more than whole ones, as few counts do."""
    return np.asarray(scatter * np.exp(-whole / 2))


def _issue(
    kind: str, names: tuple[str, ...], day: int, share: float, where: Segment, is_most: bool = False
) -> QualityIssue:
    """Of one market no more than a warning: what stops a market altogether looks alike."""
    whose = f" for {where}" if where else ""
    is_there = share > _HARDLY * (1 + 1e-9)
    what = "every measure and segment has about" if is_there else "no measure or segment has more than"
    return QualityIssue(
        "partial_newest_day", "warn" if where and not is_most else "fail",
        f"{kind} of {date_text(day)} may be unfinished{whose}: {what} {share:.0%} of a usual day. Load the day again when it is "
        "over.",
        Window(day, day), kinds=frozenset({kind}), measures=frozenset(names), where=where,
    )  # fmt: skip


def _late_issue(
    kind: str, names: tuple[str, ...], last: int, days: int, share: float, is_equal: bool, is_unfinished: bool
) -> QualityIssue:
    how = "as much of both" if is_equal else "more the newer the day"
    return QualityIssue(
        "partial_newest_day", "fail" if is_unfinished else "warn",
        f"the newest {days} days of {kind} may be incomplete: every measure and segment lacks {how}, and "
        f"{date_text(last)} has {share:.0%} of a usual day. Do such rows come in late? Load these days again.",
        Window(last - days + 1, last), frozenset({kind}), frozenset(names),
    )  # fmt: skip


def fell_today(ratio: Floats) -> Flags:
    """Which series lacked less than half as much (log) the day before: else this is a fall that goes on.

    `ratio`: logs of the last days over what is usual, the newest first, shape (days, series).
    """
    return np.asarray(ratio[1] > ratio[0] / 2)


def _left(daily: Floats) -> Floats:
    """Log of the newest day's share of a usual one, 0 when no measure is surely below, nan where nothing is usual.

    `daily` of shape (series, days).
    """
    ratio, scatter = day_ratios(daily)
    comparable = np.isfinite(ratio[0])
    ratio = np.where(comparable, ratio, 0.0)
    sure = (comparable & (ratio[0] < -_SURE * scatter) & _beyond_counting(daily)).any()
    left = _as_the_steadiest(np.where(sure & fell_today(ratio), ratio[0], 0.0), ratio[0], scatter)
    return np.where(comparable, left, np.nan)


def _beyond_counting(daily: Floats) -> Flags:
    """Which series have less on the newest day than so few events leave by chance, however alike the days before were.

    Of three sign-ups a day one day in twenty has none. `daily` of shape (series, days); amounts are no events.
    """
    step = WEEK if daily.shape[1] > _LEAST_WEEKS * WEEK else 1
    usual = np.median(daily[:, -1 - step :: -step][:, :_WEEKS], axis=1)
    score = 2 * (np.sqrt(np.maximum(usual, 0.0)) - np.sqrt(np.maximum(daily[:, -1], 0.0)))
    return np.asarray((score >= _SURE) | (daily != np.rint(daily)).any(1))


def _as_the_steadiest(left: Floats, ratio: Floats, scatter: Floats) -> Floats:
    """What is left (log), of a series that differs from the steadiest one by no more than chance as much as of that one.

    Twenty cancellations a day scatter so much that half of them is no unusual day: they said nothing, but kept what hundreds
    of thousands of sessions said from being heard.
    """
    whole = float(left[int(scatter.argmin())])
    alike = np.abs(ratio - whole) <= _ALIKE_SURE * _scatter_of_part(scatter, whole)
    return np.where(alike & (whole < 0), whole, left)


def day_ratios(daily: Floats) -> tuple[Floats, Floats]:
    """Log of each of the last days over what is usual, the newest first, shape (days, series), nan where the newest cannot be
    compared; and how far (standard deviations) such days are from it, shape (series,)."""
    step = WEEK if daily.shape[1] > _LEAST_WEEKS * WEEK else 1
    ratio = _log_ratios(daily, 3 * WEEK if step > 1 else daily.shape[1] - 1, step)
    with np.errstate(invalid="ignore"):
        middle = known_median(ratio[1:], 0)
        scatter = 1.4826 * known_median(np.abs(ratio[1:] - middle), 0)
    comparable = np.isfinite(ratio[0]) & (np.isfinite(ratio[1:]).sum(0) >= WEEK - (step == 1))
    return np.where(comparable, ratio, np.nan), np.where(comparable, scatter, np.inf)


def _log_ratios(daily: Floats, newest: int, step: int) -> Floats:
    """Log of each of the `newest` days, the newest first, over the median of every `step`-th day before; shape (newest, series),
    nan where too few of them are known or nothing is usual."""
    ends = daily.shape[1] - 1 - np.arange(newest)
    known, ratios = np.minimum(ends // step, _WEEKS), np.full((newest, len(daily)), np.nan)
    for weeks in np.unique(known[known >= _LEAST_WEEKS - 1]).tolist():
        rows = np.flatnonzero(known == weeks)
        usual = np.median(daily[:, ends[rows, None] - step * np.arange(1, weeks + 1)], axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.maximum(daily[:, ends[rows]], _HARDLY * usual) / usual)
        ratios[rows] = np.where(usual > 0, logs, np.nan).T
    return ratios


def steadiest_measure(cube: Cube, names: tuple[str, ...]) -> str:
    """The measure that tells most: with any usual days, the one whose days differ least."""
    ratio, scatter = day_ratios(np.array([cube.daily(name) for name in names]))
    return names[int(np.where(np.isfinite(ratio[0]), scatter, np.inf).argmin())]


def alike(cube: Cube, names: tuple[str, ...], left: Floats) -> bool:
    """Whether the values of every dimension lack about what the whole does, in the measure that tells most.

    `left`: what the newest day of each of `names` is of a usual one (log).
    """
    leading = steadiest_measure(cube, names)
    whole = float(left[names.index(leading)])
    for dimension in cube.dimensions:
        if len(cube.values[dimension]) > _MOST_VALUES:
            continue
        ratio, scatter = day_ratios(cube.daily(leading, (dimension,)))
        scatter = _scatter_of_part(scatter, whole)
        agrees = _agree(ratio[0], scatter, whole)[scatter < _NOISY]
        if len(agrees) > 1 and agrees.mean() < _ALIKE_SHARE:
            return False
    return True
