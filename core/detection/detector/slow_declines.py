"""Slow declines: segments that lose one to three per cent a week against the rest of their dimension.

The level of a series follows so slow a fall, and what moves all segments alike hides it. The log ratio of a segment's weeks to
those of the rest has neither fault. It is level, then falls steadily in the last weeks. Its noise is white and walks at random:
the data tell in which proportion, and when the fall began (both are integrated over a grid).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.distributions import normal_cdf, normal_score
from core.detection.forecast.state_space import WEEK

BY_CHANCE = 0.03
"""How often chance alone shows the clearest fall of all segments that are looked at, at most. In 1,146 metrics of 162 made-up
businesses in which nothing happened it never did; of 60 leaks of 1.5 to 3 % a week over 6 to 10 weeks 51 were found."""
LEAST_SHARE, MOST_SHARE = 0.02, 0.9
"""A segment with less of the whole is too small to be told, one with more leaves no rest to compare with."""
MOST_WEEKS = 30
_SHORTEST, _LONGEST = 4, 14
"""Weeks of a fall: a shorter one is a ramp that the windows of days show, a longer one is how things are."""
_LEAST_BEFORE = 8
"""Weeks before it, without which nothing is level."""
_WALKS = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Variance by which the ratio walks in a week, relative to that of a week's noise."""
_OF_ALL = 0.5
"""A fall is none that is less than this share of all the weekly change: the ratio fell before as well, and that is how things
are. Of 1,575 ratios of quiet weeks that were made to fall by .5 to 2 % a week all along, 8 pass, and 440 do without."""
_STEP_BETTER = 1.0
"""Log likelihood by which a step may fit better than a steady fall: a step of weeks ago is no news."""


@dataclass(frozen=True, kw_only=True)
class SlowDeclines:
    """The fall of each of some segments; arrays of shape (segments,)."""

    p_value: Floats
    """How often chance alone shows a fall as steep; 1 where it is none, or a step, or has gone on all along."""
    weeks: Ints
    """Since so many weeks, today's included."""
    slope: Floats
    """Log units a week, negative."""
    error: Floats
    """Standard error of the slope."""


def in_weeks(days: Floats) -> Floats:
    """Sums of whole weeks, the newest last; shape (segments, weeks)."""
    weeks = days.shape[1] // WEEK
    return np.asarray(days[:, days.shape[1] - weeks * WEEK :].reshape(len(days), weeks, WEEK).sum(2))


def slow_declines(own: Floats, rest: Floats) -> SlowDeclines:
    """The falls of segments against the rest: weekly sums, the newest last, of both; shapes (segments, weeks)."""
    own, rest = own[:, -MOST_WEEKS:], rest[:, -MOST_WEEKS:]
    segments, weeks = own.shape
    lengths = [length for length in range(_SHORTEST, _LONGEST + 1) if weeks - length >= _LEAST_BEFORE]
    given = np.asarray((own > 0).all(1) & (rest > 0).all(1))
    if not lengths or not given.any():
        return SlowDeclines(
            p_value=np.ones(segments), weeks=np.zeros(segments, np.int64), slope=np.zeros(segments), error=np.ones(segments)
        )  # fmt: skip
    ratio = np.log(np.where(given[:, None], own, 1.0) / np.where(given[:, None], rest, 1.0))
    fits = [_fit(ratio, _ramp(weeks, length)) for length in lengths]
    density = np.array([fit.density for fit in fits])  # (lengths, walks, segments)
    weight = np.exp(density - density.max((0, 1)))
    weight /= weight.sum((0, 1))
    chance, slope, error = (
        (weight * np.array([of(fit) for fit in fits])).sum((0, 1)) for of in (_chance, _slope, _error)
    )
    longest = weight.sum(1).argmax(0)
    is_decline = given & (slope < 0) & (_step_density(ratio) - density.max((0, 1)) < _STEP_BETTER)
    is_decline &= _is_new(ratio, lengths, longest)
    return SlowDeclines(
        p_value=np.where(is_decline, chance, 1.0), weeks=np.array(lengths)[longest], slope=slope, error=error
    )  # fmt: skip


@dataclass(frozen=True)
class _Fit:
    """Of one shape of change: at each walk (rows), for each segment."""

    density: Floats
    """Log of the marginal likelihood, but for a constant that all shapes share."""
    size: Floats
    error: Floats
    freedom: int


def _chance(fit: _Fit) -> Floats:
    return normal_cdf(normal_score(fit.size / fit.error, np.array(float(fit.freedom))))


def _slope(fit: _Fit) -> Floats:
    return fit.size


def _error(fit: _Fit) -> Floats:
    return fit.error


def _ramp(weeks: int, length: int) -> Floats:
    return np.asarray(np.maximum(np.arange(weeks) - (weeks - 1.0 - length), 0.0))


def _fit(ratio: Floats, change: Floats, *others: Floats) -> _Fit:
    """Generalised least squares of a level, a change and `others`; the change has a prior of the same size whatever its shape."""
    weeks = len(change)
    design = np.column_stack([np.ones(weeks), change, *others])
    freedom, rows = weeks - design.shape[1], []
    for whiten in _whitening(weeks):
        white, values = whiten @ design, ratio @ whiten.T
        inverse = np.linalg.inv(white.T @ white)
        estimate = values @ white @ inverse
        left = np.maximum(((values - estimate @ white.T) ** 2).sum(1), 1e-12)
        fit = float(np.log(np.diag(whiten)).sum() + np.linalg.slogdet(inverse)[1] / 2 + np.log((change**2).mean()) / 2)
        rows.append((fit - freedom / 2 * np.log(left), estimate[:, 1], np.sqrt(left / freedom * inverse[1, 1])))
    density, size, error = (np.array(part) for part in zip(*rows, strict=True))
    return _Fit(density, size, error, freedom)


@cache
def _whitening(weeks: int) -> tuple[Floats, ...]:
    """For each walk, what makes noise of so many weeks white."""
    week = np.arange(weeks)
    walk = np.minimum.outer(week, week)
    return tuple(np.linalg.inv(np.linalg.cholesky(np.eye(weeks) + share * walk)) for share in _WALKS)


def _step_density(ratio: Floats) -> Floats:
    """Log likelihood of the likeliest step instead, shape (segments,)."""
    weeks = ratio.shape[1]
    steps = [np.arange(weeks) >= weeks - since for since in range(1, min(_LONGEST, weeks - _LEAST_BEFORE) + 1)]
    return np.asarray(np.max([_fit(ratio, step * 1.0).density for step in steps], axis=(0, 1)))


def _is_new(ratio: Floats, lengths: list[int], longest: Ints) -> Flags:
    """Whether most of the fall is of these weeks, where the ratio may have fallen all along."""
    weeks, result = ratio.shape[1], np.zeros(len(ratio), bool)
    for index in np.unique(longest).tolist():
        rows = np.flatnonzero(longest == index)
        ramp, ever = _ramp(weeks, lengths[index]), np.arange(weeks) - weeks / 2
        own = _fit(ratio[rows], ramp, ever)
        other = _fit(ratio[rows], ever, ramp)
        best, every = own.density.argmax(0), np.arange(len(rows))
        size, trend = own.size[best, every], other.size[best, every]
        result[rows] = size < _OF_ALL * (size + np.minimum(trend, 0.0))
    return result
