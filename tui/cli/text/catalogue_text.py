"""The catalogue for people: rows of a list, and the tree."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from core.catalogue import Catalogue, Metric
from core.catalogue.index_definitions import IndexDefinition

if TYPE_CHECKING:
    from rich.tree import Tree


def as_row(catalogue: Catalogue, metric: Metric, available: Collection[str] | None) -> dict[str, Any]:
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


def index_row(index: IndexDefinition) -> dict[str, Any]:
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


def as_tree(catalogue: Catalogue, available: Collection[str] | None) -> "Tree":
    """The metric tree: factors below what they multiply to; `·` marks metrics that are read beside the factors."""
    from rich.text import Text
    from rich.tree import Tree

    def label(metric: Metric, mark: str) -> Text:
        missing = available is not None and not metric.measures() <= set(available)
        text = f"{mark}{metric.key}" + (f" = {metric.formula}" if metric.formula != metric.key else "")
        return Text(text + ("  (not in this workspace)" if missing else ""), style="dim" if missing else "")

    def grow(tree: Tree, metric: Metric) -> None:
        for child in catalogue.children(metric.key):
            grow(tree.add(label(child, "" if child.key in metric.factors else "· ")), child)

    root = Tree("metrics")
    for metric in catalogue.metrics.values():
        if metric.parent is None:
            grow(root.add(label(metric, "")), metric)
    return root
