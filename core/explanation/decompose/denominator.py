"""A ratio needs something to divide by, in what it is judged on and in what it is compared with."""

from math import isnan

from core.base.date_text import during
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.metrics import Metric
from core.localization.with_history.actual_vs_expected import ActualVsExpected


def require_denominator(metric: Metric, compared: ActualVsExpected, window: Window) -> None:
    """Raises NotEnoughData when a ratio has nothing to divide by, in the window or in what it is compared with."""
    for value, days in zip(compared.value(metric), (window, compared.baseline.window), strict=True):
        if isnan(value):
            raise NotEnoughData(
                f"{metric_words(metric.key)} has no {metric.denominator} {during(days)}. Choose other days, or a wider segment."
            )
