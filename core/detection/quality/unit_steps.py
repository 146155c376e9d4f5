"""Amounts that are in another unit or currency in a segment since some day: cents for units, a decimal sign read as another.

As much is counted as before, and each of what is counted is worth a fifth or less of what it was, or five times as much.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.cube.cube import Cube
from core.detection.quality.quality_issue import QualityIssue

BEFORE, LATELY = 28, 14
"""Days before, that tell what is usual, and newest days on which a unit may have changed."""
_UNIT = float(np.log(5.0))
"""No market divides what one order is worth by so much (log) from one day to the next while as many are made."""
_PLAIN = np.log([10.0, 100.0, 1000.0])
_ROUGHLY = 0.1
"""A factor so near (log) to one of these is cents for units or a decimal sign that was read as one of thousands."""
_SURE = 5.0
_LEAST_DAYS = BEFORE // 2


@dataclass(frozen=True, slots=True)
class _Step:
    """By how much an amount for one event differs since some day."""

    days: int
    """Since so many days before the end."""
    change: float
    """log"""
    event: str
    """What is counted of these events."""


def unit_issues(cube: Cube, amount: str, counts: list[str], sliced: list[str]) -> Iterator[QualityIssue]:
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
    """The step of an amount, by itself and for each event of the counts, that lasts until today; None where there is none.

    A count of nothing on days with an amount is none of what the amount is made of: three chargebacks a week.
    """
    known = table[amount][at] > 0
    made_of = [name for name in counts if (table[name][at][known] > 0).all()]
    trailing = int(known[-LATELY:].sum())
    if not made_of or not known[-1] or int(known.sum()) - trailing < _LEAST_DAYS:
        return None
    own = np.log(table[amount][at][known])
    lines = [own, *(own - np.log(table[name][at][known]) for name in made_of)]
    usual = [float(np.median(line[:-trailing])) for line in lines]
    away = np.array([line[-trailing:] - middle for line, middle in zip(lines, usual, strict=True)])
    beyond: Flags = (np.abs(away) > _UNIT / 2).all(0) & (np.abs(np.sign(away).sum(0)) == len(away))
    run = trailing if beyond.all() else int(beyond[::-1].argmin())
    if not run or run == trailing:
        return None
    spreads = [
        1.4826 * float(np.median(np.abs(line[:-trailing] - middle))) for line, middle in zip(lines, usual, strict=True)
    ]
    steadiest = 1 + int(np.argmin(spreads[1:]))
    steps = np.median(away[:, -run:], axis=1)
    change = float(steps[steadiest])
    days = len(known) - int(np.flatnonzero(known)[-run])
    is_unit = np.abs(steps).min() > _UNIT and abs(change) > _SURE * spreads[steadiest]
    return _Step(days, change, made_of[steadiest - 1]) if is_unit else None
