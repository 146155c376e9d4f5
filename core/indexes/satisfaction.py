"""The satisfaction index: how content buyers are, from 0 to 100, from what they say and what happened to their orders.

Index = sum of weight x points over the components that can be counted, weights scaled to sum to 1; points run linearly from the
`worst` value of a component (0) to its `best` one (100). The interval is by linearisation (Woodruff 1971, JASA 66): each order
line's influence on all components together, so that a late order with a bad review counts once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.settings import SatisfactionPart
from core.catalogue.index_definitions import SatisfactionComponent
from core.indexes.counted_figure import CountedFigure
from core.indexes.index_cells import OUTSIDE, CellGrid
from core.workspace.read.rows.index_rows import FactColumns

_NEGATIVE = 2
"""Stars of a negative review, and fewer."""
_LEAST = 5
"""Cases that a component needs in a cell to count: of fewer, one bad order moves the index by points."""


@dataclass(frozen=True, kw_only=True)
class ComponentCases:
    """The cases of one component; arrays of shape (cases,)."""

    cells: Ints
    lines: Ints
    """Id of the order line that each is about; a number below 0 where it is not known."""
    values: Floats
    """Stars, or 1 for a bad case and 0 for a good one."""


@dataclass(frozen=True, kw_only=True)
class ComponentFigures:
    """One component by cell; shape (windows, groups)."""

    component: SatisfactionComponent
    value: Floats
    points: Floats
    weight: Floats
    """Share of the index in the cell; 0 where the component could not be counted."""
    n: Floats


@dataclass(frozen=True, kw_only=True)
class SatisfactionFigures:
    """The index by cell with its components."""

    index: CountedFigure
    components: tuple[ComponentFigures, ...]


def order_cases(
    orders: FactColumns, cells: Ints, *, by_seller: Flags, for_cause: Flags, age: int
) -> Mapping[SatisfactionPart, ComponentCases]:
    """What happened to order lines within `age` days of the order: refunds for cause, late deliveries, cancellations.

    `by_seller`, `for_cause`: whether whoever cancelled was the seller, and whether the refund's reason is not the buyer's own.
    """
    columns, days = orders.columns, orders.days

    def within(moment: Ints) -> Flags:
        return np.asarray((moment > 0) & (moment <= days + age))

    promised, delivered = columns["promised"], columns["delivered"]
    on_time = within(delivered) & (columns["late"] == 0) & (promised > 0)
    late = (promised > 0) & (promised < days + age) & ((delivered == 0) | (columns["late"] > 0))
    cases: dict[SatisfactionPart, tuple[Flags, Flags]] = {
        "refunds_for_cause": (columns["paid"] > 0, within(columns["refunded"]) & for_cause),
        "late_deliveries": (on_time | late, late),
        "seller_cancellations": (np.ones(len(days), bool), within(columns["cancelled"]) & by_seller),
    }
    return {
        name: ComponentCases(cells=np.where(usable, cells, OUTSIDE), lines=columns["id"], values=bad.astype(np.float64))
        for name, (usable, bad) in cases.items()
    }


def review_cases(reviews: FactColumns, cells: Ints) -> Mapping[SatisfactionPart, ComponentCases]:
    """Stars of reviews, and which are negative."""
    ratings, lines = reviews.columns["rating"], reviews.columns["order_line"]
    lines = np.where(lines > 0, lines, -1 - np.arange(len(lines)))
    values: dict[SatisfactionPart, Floats] = {
        "stars": ratings.astype(np.float64),
        "negative_reviews": (ratings <= _NEGATIVE).astype(np.float64),
    }
    return {name: ComponentCases(cells=cells, lines=lines, values=value) for name, value in values.items()}


def satisfaction(
    grid: CellGrid, components: Sequence[SatisfactionComponent], cases: Mapping[SatisfactionPart, ComponentCases]
) -> SatisfactionFigures:
    """The index and its components; nan where no component could be counted."""
    present = [component for component in components if component.key in cases]
    counts = {component.key: grid.sums(cases[component.key].cells) for component in present}
    means, raw = {}, {}
    for component in present:
        case, count = cases[component.key], counts[component.key]
        with np.errstate(divide="ignore", invalid="ignore"):
            means[component.key] = grid.sums(case.cells, case.values) / count
        raw[component.key] = np.where(count >= _LEAST, component.weight, 0.0)
    total = np.sum(list(raw.values()), axis=0) if raw else np.zeros(grid.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        figures = tuple(
            ComponentFigures(
                component=component,
                value=means[component.key],
                points=points_of(component, means[component.key]),
                weight=np.where(total > 0, raw[component.key] / total, 0.0),
                n=counts[component.key],
            )
            for component in present
        )
    value = np.where(total > 0, weighted_points(figures), np.nan)
    error = _error(grid, figures, cases)
    lines = np.max([counts[component.key] for component in present], axis=0) if present else np.zeros(grid.shape)
    low, high = np.clip(value - 1.96 * error, 0, 100), np.clip(value + 1.96 * error, 0, 100)
    return SatisfactionFigures(
        index=CountedFigure(value=value, n=lines, error=error, low=low, high=high), components=figures
    )


def points_of(component: SatisfactionComponent, value: Floats) -> Floats:
    """0 at the worst value and beyond, 100 at the best one."""
    return np.clip(100 * (value - component.worst) / (component.best - component.worst), 0.0, 100.0)


def weighted_points(figures: Sequence[ComponentFigures]) -> Floats:
    """The index by cell, 0 where no component counts."""
    parts = [figure.weight * np.nan_to_num(figure.points) for figure in figures]
    return np.asarray(np.sum(parts, axis=0)) if parts else np.zeros(1)


def _error(
    grid: CellGrid, figures: Sequence[ComponentFigures], cases: Mapping[SatisfactionPart, ComponentCases]
) -> Floats:
    """Standard error of the index: the influences of each order line, squared and summed."""
    cells, lines, influence = [], [], []
    for figure in figures:
        case = cases[figure.component.key]
        rows = np.flatnonzero(case.cells != OUTSIDE)
        cell = case.cells[rows]
        slope = 100 / (figure.component.best - figure.component.worst)
        factor = (figure.weight * slope / np.maximum(figure.n, 1)).reshape(-1)
        mean = np.nan_to_num(figure.value).reshape(-1)
        cells.append(cell)
        lines.append(case.lines[rows])
        influence.append(factor[cell] * (case.values[rows] - mean[cell]))
    if not cells:
        return np.full(grid.shape, np.nan)
    cell, line = np.concatenate(cells), np.concatenate(lines)
    order = np.lexsort((line, cell))
    starts = np.ones(len(order), bool)
    starts[1:] = (np.diff(cell[order]) != 0) | (np.diff(line[order]) != 0)
    cluster = np.cumsum(starts) - 1
    sums = np.bincount(cluster, np.concatenate(influence)[order], minlength=int(starts.sum()))
    return np.sqrt(grid.sums(cell[order][starts], np.asarray(sums, np.float64) ** 2))
