"""Values that a new one replaces: what an old version of an app lost, the new one won, and nothing fell.

For roll-outs that are too small for `core.cube.takeover`, which keeps larger ones from becoming incidents at all.
"""

from collections.abc import Mapping

import numpy as np

from core.base.segment import Segment
from core.catalogue import Metric
from core.cube.takeover import is_new
from core.explanation.diagnose.diagnosis import volume_of
from core.explanation.explain_request import ExplainRequest
from core.explanation.locate.segment_choice import measures_of
from core.incidents.explained_drops import LEFT
from core.incidents.incident_location import Incident
from core.localization.with_history.actual_vs_expected import LeafSums
from core.workspace.read.workspace import Workspace


def is_replaced(workspace: Workspace, incident: Incident) -> bool:
    """Whether a new value of one of its dimensions has taken over nearly all of the traffic that a place lost.

    Counted in what there is to sell by, whatever metric of the place fell: that the new value sells less is another incident.
    """
    volume = volume_of(workspace.catalogue, workspace.measures)
    if volume is None or incident.metric.is_ratio or not incident.where:
        return False
    figures = ExplainRequest(workspace=workspace, metric=volume, window=incident.explanation.window).figures()
    leaves = figures.leaves(measures_of(volume), figures.slices(measures_of(volume)))
    lost = -_change(volume, leaves, incident.where, {})
    return lost > 0 and any(
        _change(volume, leaves, incident.where, {name: _new_values(volume, leaves, name)}) >= (1 - LEFT) * lost
        for name in incident.where.dimensions
        if name in leaves.dimensions
    )


def _new_values(volume: Metric, leaves: LeafSums, dimension: str) -> tuple[str, ...]:
    """The values of a dimension that nothing was expected of, for they were never there before."""
    codes, names = leaves.codes[:, leaves.dimensions.index(dimension)], leaves.values[dimension]
    actual, expected = (
        np.bincount(codes, volume.numerator.of({name: pair[side] for name, pair in leaves.sums.items()}), len(names))
        for side in (0, 1)
    )
    return tuple(names[code] for code in np.flatnonzero(is_new(np.asarray(expected), np.asarray(actual))))


def _change(volume: Metric, leaves: LeafSums, where: Segment, instead: Mapping[str, tuple[str, ...]]) -> float:
    """Actual minus expected in a segment, with other values of some dimensions."""
    terms = {name: instead.get(name, values) for name, values in where.terms}
    if not all(terms.values()):
        return 0.0
    actual, expected = leaves.totals(leaves.inside(Segment.of(terms)))
    return float(volume.numerator.of(actual)) - float(volume.numerator.of(expected))
