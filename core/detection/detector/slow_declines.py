"""Slow declines: segments that lose one to three per cent a week against the rest of their dimension.

The level of a series follows so slow a fall, and what moves all segments alike hides it. The log ratio of a segment's weeks to
those of the rest has neither fault. It is level, then falls steadily in the last weeks. Its noise is white and walks at random:
the data tell in which proportion, and when the fall began (both are integrated over a grid).

The ratio also falls when the rest rises: a segment that keeps its level while a new one grows does not decline.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.catalogue.metric_tree.metrics import Metric
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
_OWN = 0.5
"""A fall is one of the segment when it shows by so much of itself against the rest without the value that grew most. In 399 of
400 worlds in which one of four channels grew by 3 to 8 % a week another one seemed to decline without this, and in none with it;
394 of 400 leaks are found either way. Of two channels: 48 instead of 400, and 247 leaks instead of 394."""
_LEAST_OTHERS = 0.1
"""Share of the rest that is left without that value, at least, to compare with."""
_NOTHING = 1e-9
_STEP_BETTER = 1.0
"""Log likelihood by which a step may fit better than a steady fall: a step of weeks ago is no news."""
_PARTS_OF_WEEK = (0.0, 1 / 3, 2 / 3)
"""Parts of a week that a step takes before whole weeks. Of steps by 25 and 40 % that began 18 days ago 71 and 90 % passed for
slow declines with whole weeks alone, 9 and 0 % so; of those by 15 % 35 and 18 %. Two of 100 leaks are lost."""


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


def without_riser(siblings: Floats) -> Floats:
    """Daily sums of all values of a dimension but one, without the value that grew most lately; shape (values, days) -> (days,).

    Zeros where next to nothing is left.
    """
    siblings = siblings[siblings.sum(1) > _NOTHING * siblings.sum()]
    if len(siblings) < 2:
        return np.zeros(siblings.shape[1])
    recent = siblings[:, -WEEK * MOST_WEEKS :]
    until = max(recent.shape[1] - WEEK * _LONGEST, WEEK * _LEAST_BEFORE)
    early, late = recent[:, :until].sum(1), recent[:, -WEEK * _SHORTEST :].sum(1)
    riser = int((late * early.sum() - early * late.sum()).argmax())
    others = siblings.sum(0) - siblings[riser]
    is_enough = others.sum() >= _LEAST_OTHERS * siblings.sum()
    return np.asarray(others if is_enough else np.zeros_like(others))


@dataclass(frozen=True, kw_only=True)
class Siblings:
    """Values of one dimension, or one segment, that may decline, and what each is compared with; shape (segments, weeks)."""

    rows: Ints
    """Which of the values they are."""
    share: Floats
    """Of the whole, in sums or a rate's denominator; shape (segments,)."""
    own: Floats
    rest: Floats
    others: Floats
    """The rest without the value that grew most: zeros where nothing is left, and the segment must then fall by itself."""

    def falls(self) -> "SlowDeclines":
        """The fall of each of them."""
        return slow_declines(self.own, self.rest, self.others)

    def one(self, at: int) -> "Siblings":
        """One of them by itself."""
        row = slice(at, at + 1)
        return Siblings(
            rows=self.rows[row], share=self.share[row], own=self.own[row], rest=self.rest[row], others=self.others[row]
        )

    @staticmethod
    def together(parts: Sequence["Siblings"]) -> "Siblings":
        """Those of several dimensions and metrics."""
        return Siblings(
            rows=np.concatenate([part.rows for part in parts]), share=np.concatenate([part.share for part in parts]),
            own=np.concatenate([part.own for part in parts]), rest=np.concatenate([part.rest for part in parts]),
            others=np.concatenate([part.others for part in parts]),
        )  # fmt: skip


def may_decline(metric: Metric) -> bool:
    """Whether a slow decline of a metric can be told: of a sum that should not fall, or of a share of events."""
    return metric.worse_sign < 0 if not metric.is_ratio else metric.worse_sign != 0 and metric.per_event


def siblings(
    table: Floats, exposure: Floats | None = None, *, worse_sign: int = -1, only: int | None = None
) -> Siblings:
    """The values of a dimension that are neither too small nor nearly all, or `only` one of them, in the last weeks.

    `table` has the days of all values, shape (values, days); of a rate, those of its numerator, and `exposure` those of its
    denominator. A rate is compared with that of the rest, and must fall by itself as well; one that should be low
    (`worse_sign` > 0) rises instead, which is a fall of what there is of the denominator for each case.
    """
    table = table[:, -WEEK * MOST_WEEKS :]
    sizes = table if exposure is None else exposure
    share = sizes.sum(1) / max(float(sizes.sum()), _NOTHING)
    rows = np.flatnonzero((share >= LEAST_SHARE) & (share <= MOST_SHARE)) if only is None else np.array([only])
    own, rest = in_weeks(table[rows]), in_weeks(table.sum(0) - table[rows])
    if exposure is None:
        others = [without_riser(np.delete(table, row, 0)) for row in rows.tolist()]
        table_of_others = np.array(others).reshape(len(rows), table.shape[1])
        return Siblings(rows=rows, share=share[rows], own=own, rest=rest, others=in_weeks(table_of_others))
    exposure = exposure[:, -WEEK * MOST_WEEKS :]
    of_own, of_rest = in_weeks(exposure[rows]), in_weeks(exposure.sum(0) - exposure[rows])
    sides = ((own, of_own), (rest, of_rest)) if worse_sign < 0 else ((of_own, own), (of_rest, rest))
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = [np.nan_to_num(part / of, posinf=0.0) for part, of in sides]
    return Siblings(rows=rows, share=share[rows], own=rates[0], rest=rates[1], others=np.zeros_like(own))


def slow_declines(own: Floats, rest: Floats, others: Floats) -> SlowDeclines:
    """The falls of segments against the rest: weekly sums, the newest last; shapes (segments, weeks).

    `others` is the rest without the value that grew most: zeros where nothing is left, and the segment must then fall by itself.
    """
    own, rest, others = (table[:, -MOST_WEEKS:] for table in (own, rest, others))
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
    for index in np.unique(longest[is_decline]).tolist():
        rows, ramp = np.flatnonzero(is_decline & (longest == index)), _ramp(weeks, lengths[index])
        is_decline[rows] = _is_new(ratio[rows], ramp) & _is_own(own[rows], others[rows], ramp, slope[rows])
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


def _trend(weeks: int) -> Floats:
    return np.asarray(np.arange(weeks) - weeks / 2.0)


def _fit(ratio: Floats, change: Floats, *others: Floats) -> _Fit:
    """Generalised least squares of a level, a change and `others`; the change has a prior of the same size whatever its shape."""
    weeks = len(change)
    design = np.column_stack([np.ones(weeks), change, *others])
    freedom, rows = weeks - design.shape[1], []
    for whiten in whitening(weeks):
        white, values = whiten @ design, ratio @ whiten.T
        inverse = np.linalg.inv(white.T @ white)
        estimate = values @ white @ inverse
        left = np.maximum(((values - estimate @ white.T) ** 2).sum(1), 1e-12)
        fit = float(np.log(np.diag(whiten)).sum() + np.linalg.slogdet(inverse)[1] / 2 + np.log((change**2).mean()) / 2)
        rows.append((fit - freedom / 2 * np.log(left), estimate[:, 1], np.sqrt(left / freedom * inverse[1, 1])))
    density, size, error = (np.array(part) for part in zip(*rows, strict=True))
    return _Fit(density, size, error, freedom)


@cache
def whitening(weeks: int) -> tuple[Floats, ...]:
    """For each walk, what makes noise of so many weeks white."""
    week = np.arange(weeks)
    walk = np.minimum.outer(week, week)
    return tuple(np.linalg.inv(np.linalg.cholesky(np.eye(weeks) + share * walk)) for share in _WALKS)


def _step_density(ratio: Floats) -> Floats:
    """Log likelihood of the likeliest step instead, shape (segments,)."""
    weeks = ratio.shape[1]
    until_end = weeks - np.arange(weeks)  # weeks
    steps = [
        np.clip(since + part - until_end + 1, 0.0, 1.0)
        for since in range(1, min(_LONGEST, weeks - _LEAST_BEFORE) + 1)
        for part in _PARTS_OF_WEEK
    ]
    return np.asarray(np.max([_fit(ratio, step).density for step in steps], axis=(0, 1)))


def _is_new(ratio: Floats, ramp: Floats) -> Flags:
    """Whether most of the fall is of these weeks, where the ratio may have fallen all along."""
    ever = _trend(len(ramp))
    fall, trend = _fit(ratio, ramp, ever), _fit(ratio, ever, ramp)
    best, every = fall.density.argmax(0), np.arange(len(ratio))
    size = fall.size[best, every]
    return np.asarray(size < _OF_ALL * (size + np.minimum(trend.size[best, every], 0.0)))


def _is_own(own: Floats, others: Floats, ramp: Floats, slope: Floats) -> Flags:
    """Whether the segment falls, and not one other value rises: versus the others; without any, versus a steady trend."""
    ever = _trend(len(ramp))
    result = np.zeros(len(own), bool)
    has_others = (others > 0).all(1)
    for rows, base, besides in ((has_others, others, ()), (~has_others, np.ones_like(others), (ever,))):
        if rows.any():
            fit = _fit(np.log(own[rows] / base[rows]), ramp, *besides)
            size = fit.size[fit.density.argmax(0), np.arange(int(rows.sum()))]
            result[rows] = size < _OWN * slope[rows]
    return result
