"""What a drop costs and how grave it is. The one place for these limits.

impact    what was lost: for a metric under the root of a tree of products (gmv = impressions x ctr x ...), its relative loss
          times what was expected of the root in the same segment and days, in the root's unit; for any other metric the
          change itself, in its own unit.
share     what part of the whole that is: impact / what was expected of the root everywhere on those days; for a ratio outside the
          tree, the excess in its numerator / what was expected of the numerator everywhere.

critical  share of at least 10 %, and sure
major     share of at least 3 %, and sure
minor     everything else that is a finding
sure      so improbable by chance that one scan in a thousand would show one such drop anywhere when nothing has happened
          (p x series tested <= 0.001), and at least 5 % of what was expected in the segment itself is lost
"""

from core.catalogue import Catalogue, Metric
from core.detection.findings import Severity

CRITICAL_SHARE, MAJOR_SHARE = 0.10, 0.03
SURE = 0.001
LEAST_DEPTH = 0.05


def severity(share: float, depth: float, p_value: float, tested: int) -> Severity:
    """How grave a drop is: its share of the whole, its relative depth, its p-value and the number of series tested."""
    if p_value * tested > SURE or depth < LEAST_DEPTH:
        return "minor"
    return "critical" if share >= CRITICAL_SHARE else "major" if share >= MAJOR_SHARE else "minor"


def root_of(catalogue: Catalogue, metric: Metric, held: frozenset[str]) -> Metric:
    """The product at the top of the tree that this metric is read under (gmv), which moves as the metric does.

    The metric itself when there is none, when `held` (the base measures that can be counted) does not suffice for it, or when
    more of the metric is worse.
    """
    root = catalogue.metric(catalogue.path(metric.key)[-1])
    return root if root.factors and root.measures() <= held and metric.good == root.good else metric
