"""An index by cell before it is compared: its value, what it was counted from, and its sampling error."""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats
from core.detection.distributions import wilson


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
    """A share with Wilson's interval; nan without trials."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(trials > 0, successes / trials, np.nan)
        # one more success and failure: a share of 0 or 1 of few is not known exactly
        smoothed = (successes + 1) / (trials + 2)
        error = np.sqrt(smoothed * (1 - smoothed) / trials)
    low, high = wilson(successes, trials)
    return CountedFigure(value=value, n=trials, error=error, low=low, high=high)
