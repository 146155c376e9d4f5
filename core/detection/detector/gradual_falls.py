"""Falls that have no beginning: a season that ends, or a decline without a day to it, of everything alike.

Half a year of data cannot tell the two apart, and nothing that happened explains either. The weeks of such a series lie on a
smooth curve at least as well as on a line that steps or bends somewhere. A drop has a day on which it began.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.detector.slow_declines import in_weeks, whitening
from core.detection.forecast.panel import Panel
from core.detection.forecast.state_space import WEEK

_MOST_WEEKS = 26
"""A year's wave is a smooth curve in half a year."""
_FEWEST_WEEKS = 12
"""Fewer weeks fit any curve."""
_SHORTEST = 8
"""Days of a window: shorter ones are no part of a season, and a day of them does not show in weeks."""
_BETTER = 1.5
"""Log likelihood by which a beginning must fit better than a curve. Of simulated weeks with 1 to 3 % noise that also walks, 26 of
them: of seasons that fall by 20 to 50 % either way 4 % (of those with flat summers 14 %) have a beginning by this, of steps by
12 to 35 % all, of leaks of 1.5 to 3 % a week 88 %. Of 20 weeks: 14 %, 30 %, all, 74 %."""
_LATEST_STEP, _LONGEST_BEND = 14, 14
"""Weeks before the end in which a beginning may lie: as far back as windows reach, or a leak is news."""
_STEP_OFF, _BEND_AFTER, _BEND_BEFORE = 1, 2, 5
"""A window began with a step by so many weeks, with a bend from so many weeks after it to so many before: another beginning is
no reason for it. Of lines that fall by a third in half a year, with 3 to 5 % noise, 25 and 12 % of days were drops, 33 and 18 %
by a beginning anywhere; of steps by 15 and 30 % in them 69 and 82 % had the right onset, 59 and 73 % so."""
_ALIKE = 0.5
"""The rest of the whole falls by at least this share of what the segment does."""
_BEFORE = 4
_YEAR = 365.25 / WEEK
_CURVES = 2
"""Shapes that are curves; the others begin somewhere."""
_OF_STEP = 5.0
"""Log likelihood that a step on a curve must gain besides, for it is one shape more. Steps by 20 % two to four weeks ago in the
steepest part of a season were drops in 95 to 100 % of cases, without such shapes in 27 to 88 %; of its quiet days 2 % both ways,
and at 2 instead of 5 up to 6 %."""
_CLEARLY, _LEAST_FALL, _LEAST_WEEKLY = 4.0, 0.08, 0.005
"""What is called a fall: so many times the scatter of weeks, this share of all (log), and still so much of it a week."""


@dataclass(frozen=True)
class GradualFall:
    """A fall without a beginning that is clearly there."""

    weeks: int
    """Since so many weeks the curve falls."""
    weekly: float
    """Share that it loses a week, on average over the last four."""


def has_no_beginning(panel: Panel, series: Ints, day: int, began: Ints, *, is_leak: bool = False) -> Flags:
    """Which of some series, whose windows `began` at these columns and are drops at the end of column `day`, fall gradually with
    all others of their whole. Rates have no seasons; shape (series,). A leak begins anywhere in or before its window."""
    result = np.zeros(len(series), bool)
    is_sum = np.ones(len(series), bool) if panel.exposure is None else np.isnan(panel.exposure[series, day])
    who = np.flatnonzero(is_sum & (panel.worse[series] < 0) & (day + 1 - began >= _SHORTEST))
    if day + 1 < _FEWEST_WEEKS * WEEK or not len(who):
        return result
    values, rest = panel.values[series[who], : day + 1], panel.rest_of(series[who], day)
    weeks = np.maximum((day + WEEK - began[who]) // WEEK, 1)
    gain = _gain_of_beginning(in_weeks(values + rest), None if is_leak else weeks)
    result[who] = _falls_alike(values, rest, weeks) & (gain < _BETTER)
    return result


def gradual_fall(days: Floats) -> GradualFall | None:
    """The fall without a beginning in which a series ends, newest day last, shape (days,); None where there is none."""
    weeks = in_weeks(days[None])[:, -_MOST_WEEKS:]
    if weeks.shape[1] < _FEWEST_WEEKS or not (weeks > 0).all() or _gain_of_beginning(weeks)[0] >= _BETTER:
        return None
    line = np.log(weeks[0])
    time = np.arange(len(line))
    fitted = np.asarray(np.polynomial.Polynomial.fit(time, line, 3)(time))
    since = len(line) - 1 - int(fitted.argmax())
    noise = max(float(np.std(line - fitted)), 1e-9)
    if since < _BEFORE or fitted[-1] - fitted.max() > -max(_CLEARLY * noise, _LEAST_FALL):
        return None
    weekly = -np.expm1((fitted[-1] - fitted[-1 - _BEFORE]) / _BEFORE)
    return GradualFall(since, float(weekly)) if weekly > _LEAST_WEEKLY else None


def _falls_alike(values: Floats, rest: Floats, weeks: Ints) -> Flags:
    """Whether the rest falls by about as much as the segments: in windows of so many weeks versus the four weeks before."""
    result = np.asarray(~rest.any(1))
    for row in np.flatnonzero(~result).tolist():
        own, others = (_change(line[row], int(weeks[row])) for line in (values, rest))
        result[row] = others <= _ALIKE * own < 0
    return result


def _change(days: Floats, weeks: int) -> float:
    """Logarithm of the mean of the last weeks relative to that of the four before."""
    lately, before = days[-WEEK * weeks :], days[-WEEK * (weeks + _BEFORE) : -WEEK * weeks]
    return float(np.log(max(lately.mean(), 1e-12) / max(before.mean(), 1e-12))) if len(before) else 0.0


def _gain_of_beginning(weeks: Floats, ago: Ints | None = None) -> Floats:
    """Log likelihood by which the best step or bend fits better than the best curve; shape (series,); large where not known.

    Of each series only those about so many weeks `ago`; None: all.
    """
    weeks = weeks[:, -_MOST_WEEKS:]
    given = (weeks > 0).all(1)
    gain = np.full(len(weeks), np.inf)
    if given.any():
        fits = _log_likelihoods(np.log(weeks[given]))
        begun = fits[_CURVES:]
        if ago is not None:
            begun = np.where(_is_near(weeks.shape[1], ago[given]), begun, -np.inf)
        gain[given] = begun.max(0) - fits[:_CURVES].max(0)
    return gain


def _is_near(weeks: int, ago: Ints) -> Flags:
    """Which beginnings lie about so many weeks `ago`, of each series; shape (beginnings, series)."""
    steps, bends = (np.array(lengths)[:, None] for lengths in _beginnings(weeks))
    near, later = np.abs(ago - steps) <= _STEP_OFF, ago - bends
    return np.concatenate([near, (later <= _BEND_AFTER) & (-later <= _BEND_BEFORE), *[near] * _CURVES])


def _beginnings(weeks: int) -> tuple[range, range]:
    """The weeks before the end at which a step or a bend may lie."""
    return range(1, min(_LATEST_STEP, weeks - 5) + 1), range(2, min(_LONGEST_BEND, weeks - 5) + 1)


def _log_likelihoods(lines: Floats) -> Floats:
    """Of the curves, then of the beginnings, each with the walk that suits it best, less what its step must gain; shape (shapes,
    series)."""
    weeks = lines.shape[1]
    best = np.full((1, 1), -np.inf)
    for whiten, bases in _bases(weeks):
        white = lines @ whiten.T  # (series, weeks)
        left = (white**2).sum(1) - ((bases @ white.T) ** 2).sum(1)
        fit = float(np.log(np.diag(whiten)).sum()) - weeks / 2 * np.log(np.maximum(left, 1e-12))
        best = np.maximum(best, fit)
    on_curves = _CURVES * len(_beginnings(weeks)[0])
    best[-on_curves:] -= _OF_STEP
    return best


@cache
def _bases(weeks: int) -> tuple[tuple[Floats, Floats], ...]:
    """For each walk, what makes its noise white, and an orthonormal base of each shape, (shapes, 4, weeks)."""
    shapes = list(_shapes(weeks))
    return tuple((whiten, np.array([_base(whiten @ shape) for shape in shapes])) for whiten in whitening(weeks))


def _base(columns: Floats) -> Floats:
    """An orthonormal base of up to four columns, shape (4, weeks)."""
    base = np.linalg.qr(columns)[0].T
    return np.pad(base, ((0, 4 - len(base)), (0, 0)))


def _shapes(weeks: int) -> Iterator[Floats]:
    """A parabola and a yearly wave; then, on a line, each step and each bend; then each step on the two curves."""
    time, level = np.arange(weeks), np.ones(weeks)
    trend = time / weeks - 0.5
    wave = 2 * np.pi * time / _YEAR
    curves = [np.column_stack(parts) for parts in ([level, trend, trend**2], [level, np.cos(wave), np.sin(wave)])]
    lengths, bends = _beginnings(weeks)
    steps = [time >= weeks - length for length in lengths]
    yield from curves
    for step in steps:
        yield np.column_stack([level, trend, step])
    for length in bends:
        yield np.column_stack([level, trend, np.maximum(time - (weeks - 1 - length), 0)])
    for curve in curves:
        for step in steps:
            yield np.column_stack([curve, step])
