"""Whether a part of what is asked about is a drop by its own days, as `scan` would judge it."""

from collections.abc import Sequence
from contextlib import suppress

from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.comparison import compare
from core.detection.comparison_result import Comparison
from core.explanation.explain_request import ExplainRequest

_BY_CHANCE = 0.01
"""Questions in which chance alone shows some further segment that is a drop by its own days: as sure as a finding of a scan."""
_CHOSEN_FROM = 10.0
"""So many segments a location chooses from for each dimension that it names."""


def chance_of_part(request: ExplainRequest, segment: Segment, by: Metric) -> float:
    """How often chance alone shows some segment of so many dimensions as this one; 1 where it did not drop.

    It is judged by the metric, and by the factor that shows the segment best (`by`): a rate that fell is hardly seen in money.
    """
    first, *others = _verdicts(request, segment, by)
    if first is None or (first.actual - first.expected) * request.metric.watched_sign <= 0:
        return 1.0
    return _chance((first, *others), segment)


def is_drop_by_itself(request: ExplainRequest, segment: Segment, by: Metric) -> bool:
    """Whether a part is a drop of the metric by its own days, and clearly one by the metric or by the factor that shows it best.

    What fell in the factor alone (logged impressions, where sales went on) is no part of a fall of the metric.
    """
    own, *others = _verdicts(request, segment, by)
    return own is not None and own.is_drop and _chance((own, *others), segment) <= _BY_CHANCE


def _chance(parts: Sequence[Comparison | None], segment: Segment) -> float:
    """How often chance alone shows some segment of so many dimensions in its clearest verdict; 1 where none is a drop."""
    chance = min((part.p_value for part in parts if part is not None and part.is_drop), default=1.0)
    return min(1.0, chance * _CHOSEN_FROM ** len(segment.dimensions))


def _verdicts(request: ExplainRequest, segment: Segment, by: Metric) -> list[Comparison | None]:
    """The verdicts on a segment by the metric and, where that is another one, by the factor that shows it best."""
    return [_verdict(request, name, segment) for name in dict.fromkeys((request.metric.key, by.key))]


def _verdict(request: ExplainRequest, metric: str, segment: Segment) -> Comparison | None:
    """The verdict on a segment of what is asked about; None where its past tells nothing, or there is no such metric."""
    if metric not in request.workspace.catalogue.metrics:
        return None
    with suppress(NotEnoughData):
        return compare(
            request.workspace,
            metric,
            request.window,
            baseline=request.baseline,
            where=request.where.narrowed(segment),
            clock=request.clock,
        )
    return None
