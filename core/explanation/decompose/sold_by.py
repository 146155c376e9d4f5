"""What there is to sell by: the first count of the funnel that is known."""

from collections.abc import Sequence

from core.catalogue.metric_tree.metrics import Catalogue, Metric

VOLUMES = ("impressions", "clicks", "orders")
"""Counts of the funnel, the first before the others."""


def volume_of(catalogue: Catalogue, measures: Sequence[str]) -> Metric | None:
    """What there is to sell by: impressions where they are counted, else clicks, else orders."""
    return next((catalogue.metric(name) for name in VOLUMES if name in measures), None)
