"""What a drop costs and how grave it is. The one place for these limits.

impact    what was lost: for a metric under the root of a tree of products (gmv = impressions x ctr x ...), its relative loss
          times what was expected of the root in the same segment and days, in the root's unit, and at most what the root itself
          fell short by there; for any other share the cases too many or too few, for any other metric the change itself.
share     what part of the whole that is: impact / what was expected of the root everywhere on those days; for a metric outside
          the tree, the excess in its numerator / what was expected of the numerator everywhere.
own       the same of the metric itself. A metric may halve while the root loses nothing (lost tracking, an influx of traffic
          that never clicks): somebody has to look, but it is no matter of money.

critical  share of at least 10 %, and sure
major     share of at least 1.25 %, or own of at least 5 %, and sure
minor     everything else that is a finding
sure      so improbable by chance that one scan in a hundred would show one such drop anywhere when nothing has happened
          (p x series tested <= 0.01), and at least 5 % of what was expected in the segment itself is lost
"""

from dataclasses import dataclass

from core.catalogue.metric_tree.metrics import Catalogue, Metric
from core.detection.findings import Severity

CRITICAL_SHARE, MAJOR_SHARE, MAJOR_OWN_SHARE = 0.10, 0.0125, 0.05
"""What is worth somebody's time, by choice: a loss of 3 % of the whole is major even where a segment that is too wide shows less
than half of it. Noise is kept out by certainty alone."""
SURE = 0.01
"""Scans in which nothing has happened that may still show a finding; bench/clean_days.py counts how many do."""
LEAST_DEPTH = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """What a drop costs."""

    impact: float
    unit: str
    share: float
    own: float = 0.0


def severity(cost: Cost, depth: float, p_value: float, tested: int) -> Severity:
    """How grave a drop is: its cost, its relative depth, its p-value and the number of series tested."""
    if not is_sure(p_value, tested) or depth < LEAST_DEPTH:
        return "minor"
    if cost.share >= CRITICAL_SHARE:
        return "critical"
    return "major" if cost.share >= MAJOR_SHARE or cost.own >= MAJOR_OWN_SHARE else "minor"


def is_sure(p_value: float, tested: int) -> bool:
    """Whether chance alone would show such a drop in at most one scan of a hundred."""
    return p_value * tested <= SURE


def root_of(catalogue: Catalogue, metric: Metric, available: frozenset[str]) -> Metric:
    """The product at the top of the tree that this metric is read under (gmv), which moves as the metric does.

    The metric itself when there is none, when `available` (the base measures that can be counted) does not suffice for it, or
    when more of the metric is worse.
    """
    root = catalogue.metric(catalogue.path(metric.key)[-1])
    return root if root.factors and root.measures() <= available and metric.good == root.good else metric
