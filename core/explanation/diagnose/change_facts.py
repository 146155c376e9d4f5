"""What the tests of causes look at: one change, what is known of it, and what a test found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.findings import Check
from core.explanation.decompose.metric_moves import Daily, MetricMove, daily
from core.explanation.explanation_results import EventMatch, MixRate
from core.explanation.locate.onset import OnsetEstimate
from core.localization.with_history.actual_vs_expected import ActualVsExpected
from core.workspace.read.event_log import Event


@dataclass(frozen=True, kw_only=True)
class ChangeContext:
    """One change, and what is known of it so far."""

    compared: ActualVsExpected
    affected: ActualVsExpected
    """The rows of the segment, and what belongs to its creators."""
    segment: Segment
    """Where it is."""
    volume: Metric | None
    """What there is to sell by: impressions, where they are counted."""
    everything: Daily
    inside: Daily
    moved: Mapping[str, MetricMove]
    began: OnsetEstimate
    newest: int
    """The last day of the data."""
    events: Sequence[tuple[Event, EventMatch]]
    checks: Sequence[Check]
    agencies: Mapping[str, str]
    """creator_id -> agency_id."""
    buyers: Callable[[Window], float | None]
    """What share of the segment's orders on some days the busiest buyers made; None = buyers are not known."""
    mix: MixRate | None
    """Of the metric asked for, over the dimension that shifted most; None for sums."""


def daily_of(case: ChangeContext, segment: Segment) -> Daily:
    """The sums by day of a segment, on the days on which the change is judged."""
    return replace(daily(case.compared.where(segment)), now=case.inside.now, reference=case.inside.reference)
