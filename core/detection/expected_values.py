"""Expected values: what the days before a window lead one to expect of it, with intervals that hold what they promise."""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.days import Window
from core.detection.detector.online_detector import OnlineDetector
from core.detection.distributions import Z95, interval
from core.detection.forecast.panel import CLOSED, Panel
from core.detection.forecast.residual_noise import persistence, reach_over
from core.detection.forecast.state_space import LEVEL, SLOPE, WEEK, WEEKDAY, LevelState, moved_by_trend, weekday_share

LEAST_PAST = 14
"""Days of past without which nothing can be expected of a window."""
_PROVEN = 20.0
"""Windows, not overlapping, after which half of a reach that is shorter than that of the normal distribution is believed: of a
95 % interval one in 20 misses, so that fewer hits in a row show nothing."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Expected values of every series of a panel over a window; for a ratio, of its numerator, given the denominator."""

    window: Window
    mean: Floats
    """A day each, shape (series, days); nan where a series had not begun before the window."""
    total: Floats
    """Of the whole window, shape (series,)."""
    total_lo: Floats
    total_hi: Floats
    """95 % interval of the window's sum."""
    total_sd: Floats
    reach: Floats
    """Half-width of that interval in `total_sd`, wider for what is not known of the noise, shape (series,)."""
    known: Floats
    """Days of past that it rests on, shape (series,); below `online_detector.YOUNG` it is a guess."""


def expected_from_detector(replay: OnlineDetector, window: Window) -> Expected:
    """What is expected over a window by a detector that has taken in the days before it, and no later ones.

    A ratio's denominators (and campaign days) in the window are taken from the panel as far as it reaches; beyond it the
    exposure is the mean of the last four weeks. The level is that of before a drop when the window begins inside one.
    """
    state, noise, days = replay.levels.outlook(), replay.noise, len(window)
    gap = window.first - replay.panel.first - replay.day - 1
    horizon = gap + np.arange(days)
    weekday = (replay.day + 1 + horizon) % WEEK
    trend = moved_by_trend(state.mean[SLOPE][:, None], horizon, replay.panel.worse[:, None])
    rate = np.exp(state.mean[LEVEL][:, None] + trend + state.mean[WEEKDAY + weekday].T)
    begun = np.where(replay.age > 0, 1.0, np.nan)[:, None]
    is_open = _open(replay.panel, window)
    mean = np.maximum(rate * _exposure(replay.panel, window) * is_open, 1e-9) * begun
    scatter = noise.scatter(mean)
    total = mean.sum(1)
    weekdays = weekday_share(replay.panel.open_weekdays, np.maximum(is_open.sum(1), 1))
    sum_variance = _sum_variance(mean, scatter, state, noise.link, gap, weekdays)
    sum_variance *= noise.sums.factor(days)
    counting = np.clip(noise.unit * total / np.maximum(sum_variance, 1e-300), 0.0, 1.0)
    widening = noise.sums.widening(days, counting)
    reach = _cautious(reach_over(noise.reach, days), replay.age / days) * widening
    total_lo, total_hi = interval(total, sum_variance, reach, noise.lump)
    return Expected(
        window=window,
        mean=mean,
        total=total,
        total_lo=total_lo,
        total_hi=total_hi,
        total_sd=np.sqrt(sum_variance),
        reach=reach,
        known=replay.age.copy(),
    )


def expected_inside_drop(replay: OnlineDetector, series: int, window: Window, before: Expected) -> Expected:
    """What was expected of a window inside a drop that is on, of one series, by what was known when the drop began.

    Neither the level nor the doubt of it follows a drop that lasts: what was expected of one of its weeks is as sure as it was.
    `before`: what was expected of the window on its first day; noise that the drop itself brought before it was seen makes it no
    less sure than that.
    """
    drop, noise, days, row = replay.episodes.window, replay.noise, len(window), np.array([series])
    start = window.first - replay.panel.first
    mean = np.nan_to_num(replay.expected[row, start : start + days])
    state, gap = drop.state(np.zeros(1, np.int64), row), max(start - int(drop.began[0, series]), 0)
    weekdays = weekday_share(replay.panel.open_weekdays[row], np.maximum((mean > 0).sum(1), 1))
    scatter = noise.scatter_of(row, np.maximum(mean, 1e-9))
    total = np.maximum(mean.sum(1), 1e-9)
    variance = _sum_variance(mean, scatter, state, noise.link[row], np.full(1, gap), weekdays)
    variance *= noise.sums.factor(days)[row]
    variance = np.minimum(variance, (before.total_sd[row] / before.total[row] * total) ** 2)
    counting = np.zeros(len(replay.age))
    counting[row] = np.clip(noise.unit[row] * total / np.maximum(variance, 1e-300), 0.0, 1.0)
    reach = _cautious(reach_over(drop.reach[:, 0, row], days), replay.age[row] / days)
    reach = reach * noise.sums.widening(days, counting)[row]
    lo, hi = interval(total, variance, reach, noise.lump[row])
    return Expected(
        window=window, mean=mean, total=total, total_lo=lo, total_hi=hi, total_sd=np.sqrt(variance), reach=reach,
        known=replay.age[row],
    )  # fmt: skip


def _cautious(reach: Floats, windows: Floats) -> Floats:
    """A measured reach; what is shorter than normal only as far as the windows of the past prove it; shapes (series,)."""
    return np.where(reach < Z95, Z95 + (reach - Z95) * windows / (windows + _PROVEN), reach)


def _sum_variance(
    mean: Floats, scatter: Floats, state: LevelState, link: Floats, gap: int | Ints, weekdays: Floats
) -> Floats:
    """The variance of a window's sum: noise that lasts from day to day, and doubt that all its days share.

    `weekdays`: the share of a weekday's variance that is left in it, shape (series,).
    """
    days = mean.shape[1]
    total = mean.sum(1)
    share = mean / np.maximum(total, 1e-9)[:, None]  # a rate may have no denominator on any day
    centre = gap + (share * np.arange(days)).sum(1)
    level, both, slope, week = state.spread
    doubt = level + 2 * both * centre + slope * centre**2 + week * weekdays
    doubt += state.wander * (gap + (days - 1) * (2 * days - 1) / (6 * days))
    noise = (share**2 * scatter).sum(1) * (1 + link * persistence(days)[days])
    return np.asarray((doubt + noise) * total**2)


def _exposure(panel: Panel, window: Window) -> Floats:
    """Denominators in a window, shape (series, days); 1 for sums."""
    series = len(panel.values)
    if panel.exposure is None:
        return np.ones((series, len(window)))
    lately = panel.exposure[:, max(0, window.first - panel.first - 28) : max(window.first - panel.first, 1)]
    filled = np.tile(lately.mean(1)[:, None], (1, len(window)))
    first, last = max(window.first, panel.first), min(window.last, panel.last)
    if first <= last:
        filled[:, first - window.first : last - window.first + 1] = panel.exposure[
            :, first - panel.first : last - panel.first + 1
        ]
    return np.where(np.isnan(filled), 1.0, filled)


def _open(panel: Panel, window: Window) -> Floats:
    """0 on days of a window that are known to be closed, else 1; shape (series, days)."""
    factors = 1.0 - panel.rests[np.arange(window.first - panel.first, window.last - panel.first + 1) % WEEK].T
    first, last = max(window.first, panel.first), min(window.last, panel.last)
    if first <= last:
        states = panel.known[:, first - panel.first : last - panel.first + 1]
        factors[:, first - window.first : last - window.first + 1] *= states != CLOSED
    return np.asarray(factors)
