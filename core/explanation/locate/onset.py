"""Onset: since which day a segment does something else than it did, how sure that is, and how it began.

Each day's value is set against what is expected of it, moved with the rest of the world. The likelihood of a step or a ramp
that starts on each day, under quasi-Poisson noise, gives the likeliest day and a credible interval (Hinkley 1970, Biometrika
57; Smith 1975, Biometrika 62; Seber & Wild 1989, chapter 9, for the broken line).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.findings import Onset, Shape
from core.explanation.decompose.metric_moves import Daily, daily, lines
from core.localization.with_history.actual_vs_expected import WEEK, ActualVsExpected

_BACK = 42
"""Days before the window on which a change may have begun."""
_RAMPS = (1, 4, 8, 14, 28)
"""Days until full strength that are tried; 1 is a step."""
_RAMP_COST = 2.0
"""Log likelihood that a ramp must gain over a step to be believed."""
_MISSING = 0.1
"""Share of days without any count, up to which they are missing exports: a small shop has days without an order."""
_WEEKS_OF_REST = 2
"""Weeks in which a weekday without any count is one of rest."""
_SURE = 0.95
_MEDIAN_OF_SQUARE = 0.455
"""Median of the square of a standard normal number."""
_NO_NOISE = 1e-9
"""What a line scatters by at least, relative to its mean day, and weighs: below are rounding errors of its own arithmetic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnsetEstimate:
    """When a change began: the likeliest day, and the days between which it lies with 95 %."""

    day: int
    first: int
    last: int
    shape: Shape
    grown: int = 1
    """Days until it was at full strength; 1 = at once."""

    @property
    def onset(self) -> Onset:
        """Without the doubt."""
        return Onset(self.day, self.shape)


def estimate_onset(metric: Metric, inside: Daily, outside: Daily | None) -> OnsetEstimate:
    """When a metric began to differ inside a segment; `outside` is everything else, None when there is nothing else.

    Days of the past without any count, after which counts go on, are missing exports and say nothing.
    """
    asked = int(np.flatnonzero(inside.now)[0])
    is_joined = asked > 0 and inside.days[asked] == inside.days[asked - 1] + 1
    given = ~_missing(inside if outside is None else inside.plus(outside))
    inside, outside = inside.on(given), outside.on(given) if outside is not None else None
    actual, level = lines(metric, inside, outside)
    first = int(np.flatnonzero(inside.now)[0])
    near = inside.days >= inside.days[first] - _BACK
    start = int(np.flatnonzero(near)[0]) if is_joined else first
    appeared = _appearance(actual)
    if appeared > start:
        day, last = int(inside.days[appeared]), int(inside.days[-1])
        return OnsetEstimate(day=day, first=day, last=day, shape="spike" if day == last else "step")
    return _likeliest(inside, actual, level, start)


def _missing(line: Daily) -> NDArray[np.bool_]:
    """Days of rest, and those of the past without any count before one that has some; no others where these are many."""
    past = np.flatnonzero(~line.blank & ~line.now)
    resting = line.blank & _rests(line)
    if (resting | ~line.now).all():
        resting &= ~line.now
    missing = np.asarray(line.blank & ~line.now & ~resting & (np.arange(len(line.days)) < past.max(initial=0)))
    return np.asarray(resting | missing if missing.sum() <= _MISSING * len(past) else resting)


def _rests(line: Daily) -> NDArray[np.bool_]:
    """Which days are of a weekday that has never had a count in the past, while others had, in at least two weeks."""
    weekday, before = line.days % WEEK, ~line.now
    days, counted = (np.bincount(weekday[rows], minlength=WEEK) for rows in (before, before & ~line.blank))
    return np.asarray(((days >= _WEEKS_OF_REST) & (counted == 0) & counted.any())[weekday])


def onset_inside(compared: ActualVsExpected, segment: Segment, by: Metric) -> OnsetEstimate:
    """When a metric began to do something else in a segment than in all other rows."""
    inside, whole = daily(compared.where(segment)), daily(compared)
    return estimate_onset(by, inside, whole.minus(inside) if segment else None)


def _appearance(actual: Floats) -> int:
    """The first day of what was never there before; 0 when it may have been: on as many days without anything as came before,
    a segment with this share of such days would hardly ever have nothing."""
    days_with = np.flatnonzero(actual)
    if not len(days_with):
        return 0
    first = int(days_with[0])
    empty = 1 - len(days_with) / (len(actual) - first)
    return first if first and empty**first < 1 - _SURE else 0


def _likeliest(line: Daily, actual: Floats, level: Floats, start: int) -> OnsetEstimate:
    scores = np.stack([_scores(actual, level, length, line) for length in _RAMPS])[:, start:]
    likeliest = np.unravel_index(int(scores.argmax()), scores.shape)
    scores /= _misfit(actual, level, line, _RAMPS[likeliest[0]], start + int(likeliest[1]))
    scores[1:] -= _RAMP_COST
    days, is_open = line.days[start:], level[start:] > 0
    if is_open.any():  # nothing begins on a day of rest: a change of Monday is as likely to begin on Saturday
        scores[:, ~is_open] = -np.inf
    length, best = np.unravel_index(int(scores.argmax()), scores.shape)
    chance = np.exp(scores - scores.max()).sum(0)
    chance /= chance.sum()
    order = np.argsort(-chance, kind="stable")
    sure = order[: int(np.searchsorted(chance[order].cumsum(), _SURE)) + 1]
    return OnsetEstimate(
        day=int(days[best]),
        first=int(days[sure.min()]),
        last=int(days[sure.max()]),
        shape=_shape(int(length), len(days) - int(best)),
        grown=_RAMPS[length],
    )


def _shape(length: int, days: int) -> Shape:
    return "spike" if days == 1 else "ramp" if length > 0 else "step"


def _noise(actual: Floats, level: Floats, line: Daily) -> float:
    """Variance for each unit that is expected, of the days before."""
    days = line.known & (level > 0)
    squares = (actual - level)[days] ** 2 / level[days]
    mean = float(level.mean()) or 1.0
    return max(float(np.median(squares)) / _MEDIAN_OF_SQUARE, _NO_NOISE * mean) if len(squares) else mean


def _misfit(actual: Floats, level: Floats, line: Daily, length: int, onset: int) -> float:
    """By how much days since the onset scatter more about the likeliest change than days before about their level; at least 1.

    What comes new, or many times as large, is not as regular as what was there, so that its first day is known less well.
    """
    days = np.arange(onset, len(level))
    grown = np.clip((days - onset + 1) / length, 0, 1) * level[days]
    change = actual[days] - level[days]
    size = float(grown @ grown)
    left = change - grown * (float(change @ grown) / size if size else 0.0)
    expecting = level[days] > 0
    scatter = float((left[expecting] ** 2 / level[days][expecting]).sum()) / max(len(days) - 1, 1)
    return max(scatter / _noise(actual, level, line), 1.0)


def _scores(actual: Floats, level: Floats, length: int, line: Daily) -> Floats:
    """Log likelihood, relative to no change, of a change that starts on each day and is complete after `length` days.

    Only changes in the direction in which the window differs from the reference days count.
    """
    noise = _noise(actual, level, line)
    day = np.arange(len(level))
    grown = np.clip((day[None, :] - day[:, None] + 1) / length, 0, 1)
    total = float(level.sum())
    if total <= 0 or actual.sum() <= 0:
        return np.zeros(len(level))
    mean = actual.sum() / total
    centred = grown - (grown @ level / total)[:, None]
    gain = centred @ actual
    gain = np.where(gain * (actual - level)[line.now].sum() > 0, gain, 0.0)
    weight = (centred**2) @ level
    return np.asarray(np.minimum(gain**2 / (2 * noise * mean * np.maximum(weight, _NO_NOISE * total)), 1e6))
