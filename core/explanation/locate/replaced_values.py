"""Values that a new one replaces: what an old version of an app or an old seller lost, the new one won, and nothing fell.

For what is too small for `core.cube.takeover`, or of a dimension with more values than that looks at.
"""

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.cube.takeover import is_new
from core.explanation.decompose.sold_by import volume_of
from core.explanation.explain_request import ExplainRequest
from core.explanation.locate.segment_part import measures_of
from core.localization.with_history.actual_vs_expected import ActualVsExpected, LeafSums
from core.localization.with_history.segment_lattice import MANY
from core.workspace.read.workspace import Workspace

_MOST = 0.65
"""What new values won of what a place lost, at least: the rest is chance, or what they sell less."""


def is_replaced(workspace: Workspace, metric: Metric, window: Window, where: Segment) -> bool:
    """Whether a new value of one of its dimensions has taken over most of the traffic that a place lost in a window.

    Counted in what there is to sell by, whatever metric of the place fell: that the new value sells less is another change. Where
    nothing is sold by, or that has no past, the metric itself counts. Of a rate nothing can be taken over.
    """
    if metric.is_ratio or not where:
        return False
    volume, figures = _sold_by(workspace, metric, window)
    measures = measures_of(volume)
    # the dimension of a large take-over is none to locate a change in, but the place may be named by it
    leaves = figures.leaves(measures, list(dict.fromkeys((*figures.slices(measures), *where.dimensions))))
    lost = -_change(volume, leaves, leaves.inside(where))
    return lost > 0 and any(
        _change(volume, leaves, _new_instead(volume, leaves, where, name)) >= _MOST * lost for name in where.dimensions
    )


def _sold_by(workspace: Workspace, metric: Metric, window: Window) -> tuple[Metric, ActualVsExpected]:
    """What there is to sell by, or the metric itself, and its figures."""
    volume = volume_of(workspace.catalogue, workspace.measures)
    if volume is not None:
        with suppress(NotEnoughData):  # a column of zeros has no past
            return volume, ExplainRequest(workspace=workspace, metric=volume, window=window).figures()
    return metric, ExplainRequest(workspace=workspace, metric=metric, window=window).figures()


def _new_instead(volume: Metric, leaves: LeafSums, where: Segment, dimension: str) -> NDArray[np.bool_]:
    """The leaves of values that were never there before, where the place has others: in the same markets, channels and so on."""
    around = leaves.inside(Segment(tuple(term for term in where.terms if term[0] != dimension)))
    codes = leaves.codes[:, leaves.dimensions.index(dimension)]
    expected, actual = (_of_side(volume, leaves, side) for side in (1, 0))
    size = len(leaves.values[dimension])
    before, now = (np.asarray(np.bincount(codes, side, size), np.float64) for side in (expected, actual))
    new = is_new(before, now)
    cells = _cells(leaves, dimension)
    rows = around & new[codes]
    return np.asarray(rows & np.isin(cells, cells[leaves.inside(where) & (expected > 0)]))


def _cells(leaves: LeafSums, without: str) -> NDArray[np.int64]:
    """The combination of values of the dimensions with few values that each leaf is in, one dimension left out."""
    cells = np.zeros(len(leaves.codes), np.int64)
    for axis, name in enumerate(leaves.dimensions):
        if name != without and len(leaves.values[name]) <= MANY + 1:
            _, cells = np.unique(cells * len(leaves.values[name]) + leaves.codes[:, axis], return_inverse=True)
    return cells


def _of_side(volume: Metric, leaves: LeafSums, side: int) -> NDArray[np.float64]:
    return np.asarray(volume.numerator.of({name: pair[side] for name, pair in leaves.sums.items()}), np.float64)


def _change(volume: Metric, leaves: LeafSums, rows: NDArray[np.bool_]) -> float:
    """Actual minus expected of some leaves."""
    return float((_of_side(volume, leaves, 0) - _of_side(volume, leaves, 1))[rows].sum())
