"""What is expected of an index, from earlier windows of the same length or from one of them, and how sure that is."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from core.base.arrays import Floats
from core.indexes.counted_figure import CountedFigure

PAST_WINDOWS = 12
"""Earlier windows that are looked at: a quarter of a year of weeks."""
LEAST_WINDOWS = 4
"""Fewer say too little of what is usual."""
_HALF_LIFE = 3.0
"""Windows after which an earlier one counts half: the level of a shop drifts within months."""
_MANY = 1e6
"""Degrees of freedom of a normal distribution."""


@dataclass(frozen=True, kw_only=True)
class ExpectedFigure:
    """Arrays of shape (groups,); nan where the past is too short."""

    value: Floats
    low: Floats
    """Ends of the 95 % interval."""
    high: Floats
    p_value: Floats
    """Two-sided, of the actual value."""
    weights: Floats
    """How much each earlier window counts for `value` (for a count, for its logarithm); they sum to 1 where it is known; shape
    (earlier windows, groups)."""


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """The scale on which an index is compared: counts by their logarithms, so that a fall of a tenth is one everywhere."""

    is_count: bool
    most: float

    def on(self, figure: CountedFigure) -> tuple[Floats, Floats]:
        """Values and their sampling errors, nan where they are not known; shape (windows, groups)."""
        if not self.is_count:
            return np.where(np.isfinite(figure.value), figure.value, np.nan), figure.error
        counts = figure.value.copy()  # an earlier window without any may be a gap: it is not known
        counts[0] = np.where(counts[0] == 0, 0.5, counts[0])  # where none is left, the logarithm is that of a half
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log(counts)
            errors = np.where(figure.value > 0, figure.error / figure.value, np.nan)
        return np.where(np.isfinite(values), values, np.nan), errors

    def sampling(self, error: Floats, level: Floats) -> Floats:
        """The sampling error of a window; that of the level it is compared with where nothing was counted."""
        return np.where(np.isnan(error), np.exp(-level / 2), error) if self.is_count else error

    def back(self, ends: Floats) -> Floats:
        """In units of the index, inside what it can be."""
        return np.clip(np.exp(ends) if self.is_count else ends, 0.0, self.most)


_MOST = {"count": np.inf, "ratio": 1.0, "points": 100.0}


def expected_from_past(figure: CountedFigure, unit: str) -> ExpectedFigure:
    """The level of the windows after the first, the newest counting most; its error is that of the same forecast of each of
    them, no smaller than sampling alone makes it."""
    scale = _Scale(is_count=unit == "count", most=_MOST[unit])
    series, noise = scale.on(figure)
    level = _level(series[1:])
    spread, freedom = _forecast_error(series)
    usable = np.isfinite(series[1:]).sum(axis=0) >= LEAST_WINDOWS
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.where(usable, np.maximum(spread, scale.sampling(noise[0], level)), np.nan)
        chance = 2 * stdtr(freedom, -np.abs(series[0] - level) / spread)
    reach = stdtrit(freedom, 0.975) * spread
    return ExpectedFigure(
        value=scale.back(np.where(usable, level, np.nan)),
        low=scale.back(level - reach),
        high=scale.back(level + reach),
        p_value=chance,
        weights=_weights(series[1:]),
    )


def expected_from_window(figure: CountedFigure, unit: str) -> ExpectedFigure:
    """The second window; its error is sampling in both, no smaller than forecasts of the windows after it were wrong."""
    scale = _Scale(is_count=unit == "count", most=_MOST[unit])
    series, noise = scale.on(figure)
    spread, freedom = _forecast_error(np.delete(series, 1, axis=0))
    error = np.fmax(np.sqrt(scale.sampling(noise[0], series[1]) ** 2 + noise[1] ** 2), spread)
    freedom = np.where(np.isfinite(spread), freedom, _MANY)
    reach = stdtrit(freedom, 0.975) * error
    with np.errstate(invalid="ignore", divide="ignore"):  # without error and without change the p-value is nan
        score = np.abs(series[0] - series[1]) / error
    return ExpectedFigure(
        value=scale.back(series[1]),
        low=scale.back(series[1] - reach),
        high=scale.back(series[1] + reach),
        p_value=2 * stdtr(freedom, -score),
        weights=np.eye(len(series) - 1)[:1].T @ np.ones((1, series.shape[1])),
    )


def _forecast_error(series: Floats) -> tuple[Floats, Floats]:
    """Root mean square of what the level of the windows after it missed each window but the first by, nan where there is none,
    and how many there were; shape (groups,)."""
    misses = np.array([series[row] - _level(series[row + 1 :]) for row in range(1, len(series) - 1)])
    if not len(misses):
        return np.full(series.shape[1], np.nan), np.ones(series.shape[1])
    count = np.isfinite(misses).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt(np.nansum(misses**2, axis=0) / count), np.maximum(count, 1).astype(float)


def _level(past: Floats) -> Floats:
    """Weighted mean of windows, the first one the newest; nan where none is known; shape (groups,)."""
    return np.asarray((_weights(past) * np.nan_to_num(past)).sum(axis=0))


def _weights(past: Floats) -> Floats:
    """Of each window, 0 where it is not known; nan where none is; shape (windows, groups)."""
    weights = 0.5 ** (np.arange(len(past)) / _HALF_LIFE)[:, None] * np.isfinite(past)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(weights / weights.sum(axis=0))
