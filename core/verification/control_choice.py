"""The daily series of the verified segment and of segments that can serve as its controls."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.count_text import count
from core.base.days import Window
from core.base.errors import NotEnoughData, UsageError
from core.base.segment import Segment
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.metrics import Metric
from core.detection.forecast.panel_build import Slicer, SliceSums, numerators, slice_sums
from core.verification.panel_model import ControlPanel
from core.verification.verification_results import DroppedControl
from core.workspace.read.workspace import Workspace

MOST_CONTROLS = 20
"""More cost time and hardly narrow the interval: the segment's own scatter remains."""
_CANDIDATES = 200
"""The largest segments that are considered."""
_MOST_EMPTY_DAYS = 0.2
"""Share of days without anything beyond which a segment is too sparse to be a control."""
_LEAST_CONTROLS = 2
"""With one control, its own changes look like an effect."""


@dataclass(frozen=True, kw_only=True)
class VerificationData:
    """Series of the segment and its controls."""

    panel: ControlPanel
    """The verified segment first."""
    where: tuple[Segment, ...]
    """Of each control, in the order of the panel's rows after the first."""
    dropped: tuple[DroppedControl, ...]
    empty_days: int
    """Days of the window that were left out, as nothing was counted anywhere."""


def read_panel(
    workspace: Workspace, metric: Metric, where: Segment, window: Window, since: int, controls: Sequence[Segment]
) -> VerificationData:
    """The series in `window`, the change on `since`; without `controls` the closest segments of the same dimensions.

    Raises UsageError for controls that overlap the segment, NotEnoughData without two usable controls.
    """
    treated = _sums(workspace, metric, (where,), window)
    others = _sums(workspace, metric, controls, window) if controls else _siblings(workspace, metric, where, window)
    for segment in controls:
        if segment.meets(where):
            raise UsageError(f"the control {segment} overlaps {where}. Choose one that shares no rows with it.")
    sums = SliceSums(
        (*treated.where, *others.where),
        {name: np.vstack([rows, others.sums[name]]) for name, rows in treated.sums.items()},
    )
    values, exposure = _values(metric, sums)
    counted = values if exposure is None else exposure
    if not counted[0].any():
        raise NotEnoughData(
            f"nothing that {metric_words(metric.key)} needs is counted in {where}. Choose another segment."
        )
    days = (counted[0] > 0) | (counted[1:] > 0).any(axis=0)
    before = np.arange(window.first, window.last + 1) < since
    if exposure is not None:
        days &= exposure[0] > 0
    usable, dropped = _usable(counted, days, before, sums.where)
    values, counted = values[usable][:, days], counted[usable][:, days]
    names = [segment for segment, use in zip(sums.where, usable, strict=True) if use]
    if len(names) <= _LEAST_CONTROLS:
        raise NotEnoughData(
            f"{where} has {count(len(names) - 1, 'usable control segment')}, and two are needed. "
            "Choose others yourself: whydrop verify with --control SEG for each."
        )
    closest = [0, *(1 + _closest(values, int(before[days].sum())))]
    panel = ControlPanel(
        values=_filled(values[closest]),
        days=np.arange(window.first, window.last + 1)[days],
        before=int(before[days].sum()),
        exposure=None if exposure is None else np.maximum(counted[closest], 1.0),
    )
    return VerificationData(
        panel=panel,
        where=tuple(names[row] for row in closest[1:]),
        dropped=tuple(dropped),
        empty_days=int((~days).sum()),
    )


def _sums(workspace: Workspace, metric: Metric, segments: Sequence[Segment], window: Window) -> SliceSums:
    """Sums by day of each segment."""
    rows = [
        slice_sums(workspace.cube(metric.measures(), window, where=segment), metric.measures(), inside=segment)
        for segment in segments
    ]
    return SliceSums(
        tuple(row.where[0] for row in rows),
        {name: np.vstack([row.sums[name] for row in rows]) for name in metric.measures()},
    )


def _siblings(workspace: Workspace, metric: Metric, where: Segment, window: Window) -> SliceSums:
    """Sums by day of the other combinations of values of the segment's dimensions, the largest ones."""
    cube = workspace.cube(metric.measures(), window, where.dimensions)
    sums = Slicer(cube, sorted(metric.measures())).by(where.dimensions, _CANDIDATES)
    return sums.keep(np.array([not segment.meets(where) for segment in sums.where], bool))


def _values(metric: Metric, sums: SliceSums) -> tuple[Floats, Floats | None]:
    """The metric by segment and day (nan where a ratio has no denominator), and the denominators of a ratio."""
    numerator, denominator = numerators(metric, sums)
    if denominator is None:
        return numerator, None
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan), denominator


def _usable(
    counted: Floats, days: Flags, before: Flags, where: Sequence[Segment]
) -> tuple[Flags, list[DroppedControl]]:
    """Which series can be used (the first always), and why others cannot."""
    empty_before = (counted[:, days & before] <= 0).mean(axis=1)
    empty_after = (counted[:, days & ~before] <= 0).mean(axis=1) if (days & ~before).any() else empty_before
    sparse = np.maximum(empty_before, empty_after) > _MOST_EMPTY_DAYS
    sparse[0] = False
    reasons = [
        DroppedControl(where[row], f"nothing counted on {max(empty_before[row], empty_after[row]):.0%} of the days")
        for row in np.flatnonzero(sparse & (counted.sum(axis=1) > 0)).tolist()
    ]
    return ~sparse & (counted.sum(axis=1) > 0), reasons


def _closest(values: Floats, before: int) -> np.ndarray:
    """The controls that ran closest to the first series before the change, by the variance of their relative gap."""
    past = _filled(values[:, :before])
    relative = past / np.maximum(np.abs(past).mean(axis=1, keepdims=True), 1e-300)
    gap = (relative[1:] - relative[0]).var(axis=1)
    return np.sort(np.argsort(gap, kind="stable")[:MOST_CONTROLS])


def _filled(values: Floats) -> Floats:
    """Days of a control without a denominator take its mean; their weight is next to nothing."""
    means = np.nanmean(values, axis=1, keepdims=True)
    return np.where(np.isnan(values), means, values)
