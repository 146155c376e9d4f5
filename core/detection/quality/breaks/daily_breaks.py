"""Measures of `daily` exports that are counted otherwise in a segment since some day: in another unit, with events lost or events
that are none, or not at all."""

from collections.abc import Iterator

import numpy as np

from core.base.days import Window
from core.catalogue.kinds import SOURCE
from core.cube.cube import Cube
from core.detection.quality.breaks.frozen_values import frozen_issues
from core.detection.quality.breaks.inflated_counts import inflated_issues
from core.detection.quality.breaks.missing_cells import late_row_issues, missing_cell_issues
from core.detection.quality.breaks.period_figures import period_issues
from core.detection.quality.breaks.uncounted_events import uncounted_issues
from core.detection.quality.measure_checks import FUNNELS, loss_issues
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.unit_steps import BEFORE, LATELY, unit_issues
from core.workspace.read.profile.row_profile import Profile
from core.workspace.read.workspace import Workspace

_MOST_VALUES = 60
"""A dimension of more values has segments too small to tell a break by."""
_BELOW = 0.99
"""One measure counts some of the events of another when it is no larger in this share of the days of all segments."""


def break_issues(workspace: Workspace, profile: Profile, window: Window) -> Iterator[QualityIssue]:
    """Breaks that are on at the end of a window."""
    names = [name for name in workspace.measures if workspace.kind_of(name) == "daily"]
    if "daily" not in profile.kinds or not names:
        return
    yield from period_issues(workspace.cube(names, window, ()), names)
    last = profile.spans["daily"].last
    recent = Window(max(window.first, last - LATELY - BEFORE + 1), last)
    own = [name for name in profile.dimensions_of("daily") if name != SOURCE and name in workspace.dimensions]
    if len(recent) <= BEFORE:
        return
    cube = workspace.cube(names, recent, own)
    sliced = [name for name in own if len(cube.values[name]) <= 1 + _MOST_VALUES]
    measures = workspace.catalogue.measures
    counts = [name for name in names if measures[name].unit == "count"]
    late = list(late_row_issues(cube, counts or names, sliced))
    yield from late
    for issue in missing_cell_issues(cube, counts or names, sliced):
        if not any(issue.days.first >= doubt.days.first for doubt in late):
            yield issue
    if len(names) > 1:
        yield from _breaks_between(workspace, cube, names, counts, sliced)


def _breaks_between(
    workspace: Workspace, cube: Cube, names: list[str], counts: list[str], sliced: list[str]
) -> Iterator[QualityIssue]:
    """Breaks that show in one measure and not in the others; `counts`: those of the `names` that count."""
    amounts = [name for name in names if name not in counts]
    for name in amounts:
        yield from unit_issues(cube, name, counts, sliced)
    rare = {name for name in names if workspace.catalogue.metric(name).worse_sign > 0}
    past = cube.between(
        Window(cube.window.first, cube.window.last - LATELY)
    )  # events that are lost today are fewer than those made of them
    common = [name for name in counts if name not in rare]
    lost = [
        issue
        for steps in _funnels(past, common, amounts, sliced)
        if steps not in FUNNELS
        for issue in loss_issues(cube, steps, sliced, "warn")
    ]
    yield from lost
    for whole, parts in _made_of(past, common, sliced):
        yield from inflated_issues(cube, whole, parts, sliced)
        if not any(whole in issue.measures for issue in lost):
            yield from uncounted_issues(cube, whole, parts[0], sliced)
    yield from frozen_issues(cube, counts, names, sliced)


def _funnels(cube: Cube, counts: list[str], amounts: list[str], sliced: list[str]) -> Iterator[tuple[str, str, str]]:
    """Each count with the one whose events it is some of, and what is counted of its own: another count, else an amount."""
    made_of = dict(_made_of(cube, counts, sliced))
    for middle in counts:
        wholes = [name for name, parts in made_of.items() if middle in parts]
        if wholes and (parts := made_of.get(middle) or amounts):
            yield min(wholes, key=cube.total), middle, parts[0]


def _made_of(cube: Cube, counts: list[str], sliced: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each count with those that count some of its events, the largest first."""
    cells = {
        name: np.concatenate([cube.daily(name, (dimension,))[1:].ravel() for dimension in sliced] or [cube.daily(name)])
        for name in counts
    }
    total = {name: float(values.sum()) for name, values in cells.items()}

    def is_part(name: str, whole: str) -> bool:
        return bool((cells[name] <= cells[whole]).mean() >= _BELOW) and 0 < total[name] < total[whole]

    for whole in counts:
        parts = sorted((name for name in counts if is_part(name, whole)), key=lambda name: -total[name])
        if parts:
            yield whole, parts
