"""The catalogue of metrics as records, and as a tree."""

from collections.abc import Collection, Iterator
from typing import Any

from core.catalogue.index_definitions import IndexDefinition
from core.catalogue.metric_tree.metrics import Catalogue, Metric
from core.reports.report import Report, Section
from core.reports.table import Cell, Column, Row, Table

_TREE = (
    Column("metric", "metric", "factors are below what they multiply to; · is read next to the factors", least=20),
    Column("formula", "formula", "what it is computed from", least=16),
    Column("here", "", "what this workspace lacks", priority=1),
)


def metric_record(catalogue: Catalogue, metric: Metric, available: Collection[str] | None) -> dict[str, Any]:
    """A metric as a row; `computable` says whether the workspace has what it needs (None without a workspace)."""
    return {
        "key": metric.key,
        "name": metric.name,
        "unit": metric.unit,
        "good": metric.good,
        "formula": metric.formula,
        "parent": metric.parent,
        "mature_after_days": metric.mature_after_days,
        "computable": None if available is None else metric.measures() <= set(available),
        "leaves": [leaf.key for leaf in catalogue.leaves(metric.key, catalogue.measures)],
    }


def index_record(index: IndexDefinition) -> dict[str, Any]:
    """An index as a row of the same columns; whether it can be counted shows when it is asked for."""
    return {
        "key": index.key,
        "name": index.name,
        "unit": index.unit,
        "good": index.good,
        "formula": index.counts,
        "parent": None,
        "mature_after_days": index.complete_after_days,
        "computable": None,
        "leaves": [component.key for component in index.components] or [index.key],
    }


def catalogue_report(catalogue: Catalogue, available: Collection[str] | None) -> Report:
    """The metric tree: factors below what they multiply to; `·` marks metrics that are read next to the factors."""
    roots = [metric for metric in catalogue.metrics.values() if metric.parent is None]
    rows = tuple(row for root in roots for row in _branch(catalogue, root, available, mark="", depth=0))
    return Report(title="", sections=(Section(table=Table("Metric tree", _TREE, rows)),))


def _branch(
    catalogue: Catalogue, metric: Metric, available: Collection[str] | None, *, mark: str, depth: int
) -> Iterator[Row]:
    missing = available is not None and not metric.measures() <= set(available)
    formula = f"= {metric.formula}" if metric.formula != metric.key else ""
    cells = (
        Cell(f"{'  ' * depth}{mark}{metric.key}", metric.key),
        Cell(formula, metric.formula),
        Cell("not in this workspace" if missing else "", missing),
    )
    yield Row(metric.key, cells, metric)
    for child in catalogue.children(metric.key):
        child_mark = "" if child.key in metric.factors else "· "
        yield from _branch(catalogue, child, available, mark=child_mark, depth=depth + 1)
