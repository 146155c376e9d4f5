"""A window, what it is compared with, and the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.interval import is_within
from core.detection.detector.drop_state import WIDTHS
from core.detection.distributions import normal_cdf
from core.detection.findings import Onset
from core.detection.forecast.reference_days import ReferenceDays


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A window, what it is compared with, and the verdict."""

    baseline: Baseline
    window: Window
    actual: float
    """Of the metric; nan when there is nothing to divide by."""
    expected: float
    interval: tuple[float, float]
    """95 %: where an ordinary window would have been."""
    is_drop: bool
    """Worse than expected, and outside the interval."""
    score: float
    """Standard deviations between actual and expected on the worse side; negative when it got better."""
    onset: Onset
    drop_since: int | None
    """The day since which the detector sees a drop at the end of the window; None when it sees none, or was not asked."""
    sums: Mapping[str, float]
    """base measure -> what is expected of it over the window."""
    reference: ReferenceDays
    """The same for every slice."""
    age: int | None
    """The window is young: all days, past and present, are counted as they were known so many days later. None = all is known."""
    notes: tuple[str, ...] = ()

    @property
    def is_within_range(self) -> bool:
        """Whether the window is inside its expected range; False where there is nothing to divide by."""
        return is_within(self.actual, self.interval)

    @property
    def p_value(self) -> float:
        """How often chance alone brings a window so far to the worse side, any window of days allowed for."""
        return min(1.0, WIDTHS * float(normal_cdf(np.array([-self.score]))[0]))
