"""Metrics, base measures and how they hang together: data (TOML) and one loader that validates it."""

from core.catalogue.metric_tree.metric_loader import load
from core.catalogue.metric_tree.metrics import Catalogue, Measure, Metric

__all__ = ["Catalogue", "Measure", "Metric", "load"]
