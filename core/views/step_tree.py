"""The factors of a metric nested as the catalogue nests them, each with its part of the change."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum, prod

from core.base.json_value import Value
from core.catalogue.metric_tree.metrics import Catalogue, Metric
from core.explanation.decompose.drivers import Branch
from core.explanation.explanation_results import Driver, Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTree(Value):
    """What each factor of a metric contributed to its change."""

    root: Branch
    """The metric; contributions of children add up to their parent's."""
    units: Mapping[str, str]
    """metric -> unit."""
    watched_sign: int
    """-1 where a fall is worse, 1 where a rise is."""


def step_tree(catalogue: Catalogue, explanation: Explanation) -> StepTree:
    """The drivers of an explanation, up to the metric that was explained."""
    leaves = {driver.metric: driver for driver in explanation.drivers}
    metric = catalogue.metric(explanation.metric)
    below = _branch(catalogue, metric, leaves)
    root = Branch(
        below.metric, explanation.actual, explanation.expected, below.contribution, below.share, below.children
    )
    units = {key: entry.figure_unit for key, entry in catalogue.metrics.items()}
    return StepTree(root=root, units=units, watched_sign=metric.watched_sign)


def _branch(catalogue: Catalogue, metric: Metric, leaves: Mapping[str, Driver]) -> Branch:
    if metric.key in leaves:
        leaf = leaves[metric.key]
        return Branch(leaf.metric, leaf.actual, leaf.expected, leaf.contribution, leaf.share)
    children = tuple(_branch(catalogue, catalogue.metrics[name], leaves) for name in metric.factors)
    shares = [child.share for child in children if child.share is not None]
    return Branch(
        metric.key,
        metric.scale * prod(child.actual for child in children),
        metric.scale * prod(child.expected for child in children),
        fsum(child.contribution for child in children),
        fsum(shares) if shares else None,
        children,
    )
