"""An index by cell before it is compared: its value, what it was counted from, and its sampling error."""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats

_Z95 = 1.959964


@dataclass(frozen=True, kw_only=True)
class CountedFigure:
    """Arrays of shape (windows, groups)."""

    value: Floats
    """nan where there is nothing to count."""
    n: Floats
    error: Floats
    """Standard error of `value` by sampling."""
    low: Floats
    """Ends of its 95 % interval; nan for counts."""
    high: Floats


def counted(values: Floats) -> CountedFigure:
    """A count, whose error is that of independent events (Poisson)."""
    unknown = np.full(values.shape, np.nan)
    return CountedFigure(value=values, n=values, error=np.sqrt(np.maximum(values, 1.0)), low=unknown, high=unknown)


def share(successes: Floats, trials: Floats) -> CountedFigure:
    """A share with Wilson's interval (Wilson 1927, JASA 22); nan without trials."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(trials > 0, successes / trials, np.nan)
        scatter = _Z95**2 / trials
        middle = (value + scatter / 2) / (1 + scatter)
        half = _Z95 * np.sqrt(value * (1 - value) / trials + scatter / (4 * trials)) / (1 + scatter)
        # one more success and failure: a share of 0 or 1 of few is not known exactly
        smoothed = (successes + 1) / (trials + 2)
        error = np.sqrt(smoothed * (1 - smoothed) / trials)
    low, high = np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
    return CountedFigure(value=value, n=trials, error=error, low=low, high=high)
