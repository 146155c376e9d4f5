"""How sure it is that all of a filter changed, and no part of it alone: what is left without its largest part tells."""

from collections.abc import Iterator
from math import exp, log

from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.comparison_result import Comparison
from core.explanation.decompose.metric_moves import Daily, daily, moved
from core.localization.with_history.actual_vs_expected import ActualVsExpected

_BEFOREHAND = 0.7
"""How often all of it changed, where nothing narrower is found and its parts tell nothing."""
_HEAT = 0.5
"""What the log likelihood ratio is multiplied by: days that follow one another are less independent than their noise says."""
_SUREST = 0.98
_MOST_VALUES = 60


def whole_filter_confidence(metric: Metric, compared: ActualVsExpected, verdict: Comparison) -> float:
    """The probability that a filter changed as a whole: that it changed, and that its parts did alike.

    `compared` holds the rows of the filter. Without the value that brought most of the change, the rest of each dimension either
    changed as all of it did, or not at all; the dimension that speaks most against the former decides.
    """
    whole = daily(compared)
    change = moved([metric], whole, None).get(metric.key)
    if change is None or not change.beyond:
        return _BEFOREHAND
    odds = log(_BEFOREHAND / (1 - _BEFOREHAND))
    ratios = []
    for rest in _rests(metric, compared, whole, change.beyond):
        move = moved([metric], rest, None).get(metric.key)
        if move is not None:
            ratios.append((move.beyond - change.beyond / 2) * change.beyond / max(move.error, 1e-9) ** 2)
    alike = 1 / (1 + exp(-max(min(odds + _HEAT * min(ratios, default=0.0), 50.0), -50.0)))
    return min((1 - verdict.p_value if verdict.is_drop else 1.0) * alike, _SUREST)


def _rests(metric: Metric, compared: ActualVsExpected, whole: Daily, change: float) -> Iterator[Daily]:
    """Of each dimension, all rows but those of the value that brought most of the change."""
    for name in compared.slices(sorted(metric.measures())):
        values = [value for value in compared.values[name] if value]
        if not 1 < len(values) <= _MOST_VALUES:
            continue
        lines = [daily(compared.where(Segment.of({name: value}))) for value in values]
        moves = [moved([metric], line, None).get(metric.key) for line in lines]
        brought = [0.0 if move is None else (move.actual - move.expected) * change for move in moves]
        yield whole.minus(lines[brought.index(max(brought))])
