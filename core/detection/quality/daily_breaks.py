"""Measures of `daily` exports that are counted otherwise in a segment since some day: in another unit, or with events lost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.kinds import SOURCE
from core.cube.cube import Cube
from core.detection.quality.measure_checks import BEFORE, FUNNELS, SPANS, loss_issues
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.profile.row_profile import Profile
from core.workspace.read.workspace import Workspace

_MOST_VALUES = 60
"""A dimension of more values has segments too small to tell a break by."""
_UNIT = float(np.log(5.0))
"""No market divides what one order is worth by so much (log) from one day to the next while as many are made."""
_PLAIN = np.log([10.0, 100.0, 1000.0])
_ROUGHLY = 0.1
"""A factor so near (log) to one of these is cents for units or a decimal sign that was read as one of thousands."""
_SURE = 5.0
_LATELY = max(SPANS)
_LEAST_DAYS = BEFORE // 2
_BELOW = 0.99
"""One measure counts some of the events of another when it is no larger in this share of the days of all segments."""


def break_issues(workspace: Workspace, profile: Profile, window: Window) -> Iterator[QualityIssue]:
    """Breaks that are on at the end of a window."""
    names = [name for name in workspace.measures if workspace.kind_of(name) == "daily"]
    if "daily" not in profile.kinds or len(names) < 2:
        return
    last = profile.spans["daily"].last
    recent = Window(max(window.first, last - _LATELY - BEFORE + 1), last)
    own = [name for name in profile.dimensions_of("daily") if name != SOURCE and name in workspace.dimensions]
    if len(recent) <= BEFORE:
        return
    cube = workspace.cube(names, recent, own)
    sliced = [name for name in own if len(cube.values[name]) <= 1 + _MOST_VALUES]
    measures = workspace.catalogue.measures
    counts = [name for name in names if measures[name].unit == "count"]
    amounts = [name for name in names if name not in counts]
    for name in amounts:
        yield from _unit_issues(cube, name, counts, sliced)
    rare = {name for name in names if workspace.catalogue.metric(name).worse_sign > 0}
    for steps in _funnels(cube, [name for name in counts if name not in rare], amounts, sliced):
        if steps not in FUNNELS:
            yield from loss_issues(cube, steps, sliced, "warn")


@dataclass(frozen=True, slots=True)
class _Step:
    """By how much an amount for one event differs since some day."""

    days: int
    """Since so many days before the end."""
    change: float
    """log"""
    event: str
    """What is counted of these events."""


def _unit_issues(cube: Cube, amount: str, counts: list[str], sliced: list[str]) -> Iterator[QualityIssue]:
    """The segments, of one dimension, whose amounts are in another unit: of the dimension that shows the largest step."""
    best: tuple[float, dict[Segment, _Step]] = (0.0, {})
    for where_of, table in _tables(cube, [amount, *counts], sliced):
        steps = {where: step for at, where in where_of.items() if (step := _unit_step(table, amount, counts, at))}
        largest = max((abs(step.change) for step in steps.values()), default=0.0)
        if largest > best[0] + _ROUGHLY:
            best = largest, steps
    for where, step in best[1].items():
        first = cube.window.last - step.days + 1
        is_plain = bool((np.abs(_PLAIN - abs(step.change)) <= _ROUGHLY).any())
        yield QualityIssue(
            "unit_jumps", "fail" if is_plain else "warn",
            f"{amount}/{step.event}{f' of {where}' if where else ''} is {np.exp(step.change):,.3g} times what it was "
            f"since {date_text(first)}: another currency or unit?",
            Window(first, cube.window.last), measures=frozenset({amount}), where=where,
        )  # fmt: skip


def _tables(cube: Cube, names: list[str], sliced: list[str]) -> Iterator[tuple[dict[int, Segment], dict[str, Floats]]]:
    """Everything, then each dimension: row -> segment, and the daily sums of some measures, shape (values, days)."""
    yield {0: EVERYTHING}, {name: cube.daily(name)[None] for name in names}
    for dimension in sliced:
        values = cube.values[dimension]
        where_of = {code: Segment.of({dimension: value}) for code, value in enumerate(values) if code}
        yield where_of, {name: cube.daily(name, (dimension,)) for name in names}


def _unit_step(table: Mapping[str, Floats], amount: str, counts: list[str], at: int) -> _Step | None:
    """The step of an amount, by itself and for each event of every count, that lasts until today; None where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.log(table[amount][at])
        ratios = [own - np.log(table[name][at]) for name in counts]
    known = np.isfinite(own)
    lines = [np.where(known, line, np.nan)[known] for line in (own, *ratios)]
    trailing = int(known[-_LATELY:].sum())
    if not counts or not known[-1] or len(lines[0]) - trailing < _LEAST_DAYS:
        return None
    usual = [float(np.median(line[:-trailing])) for line in lines]
    away = np.array([line[-trailing:] - middle for line, middle in zip(lines, usual, strict=True)])
    with np.errstate(invalid="ignore"):
        beyond: Flags = (np.abs(away) > _UNIT).all(0) & (np.abs(np.sign(away).sum(0)) == len(away))
    run = trailing if beyond.all() else int(beyond[::-1].argmin())
    if not run or run == trailing:
        return None
    spreads = [
        1.4826 * float(np.median(np.abs(line[:-trailing] - middle))) for line, middle in zip(lines, usual, strict=True)
    ]
    steadiest = 1 + int(np.argmin(spreads[1:]))
    change = float(np.median(away[steadiest, -run:]))
    days = len(known) - int(np.flatnonzero(known)[-run])
    return _Step(days, change, counts[steadiest - 1]) if abs(change) > _SURE * spreads[steadiest] else None


def _funnels(cube: Cube, counts: list[str], amounts: list[str], sliced: list[str]) -> Iterator[tuple[str, str, str]]:
    """Each count with the one whose events it is some of, and what is counted of its own: another count, else an amount."""
    cells = {
        name: np.concatenate([cube.daily(name, (dimension,))[1:].ravel() for dimension in sliced] or [cube.daily(name)])
        for name in counts
    }
    total = {name: float(values.sum()) for name, values in cells.items()}

    def is_part(name: str, whole: str) -> bool:
        return bool((cells[name] <= cells[whole]).mean() >= _BELOW) and 0 < total[name] < total[whole]

    for middle in counts:
        wholes = [name for name in counts if is_part(middle, name)]
        parts = [name for name in counts if is_part(name, middle)] or amounts
        if wholes and parts:
            yield min(wholes, key=total.__getitem__), middle, max(parts, key=lambda name: total.get(name, 0.0))
