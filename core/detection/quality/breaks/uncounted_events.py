"""Counts that are fewer than what came of them since some day, in a segment: they were not recorded then, whatever happened."""

from collections.abc import Iterator, Sequence

from core.base.arrays import Floats
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.cube.cube import Cube
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.ratio_steps import grouped_sums

_LATELY, _BEFORE = 14, 28
"""Newest days since which events may be uncounted, and days before on which they were counted."""
_TIMES = 2.0
"""There were so many times as many as came of them, and now so many times fewer."""
_PLENTY = 10.0
"""Events that follow from them on each of the days, at least: fewer may be chance."""


def uncounted_issues(cube: Cube, count: str, made_of_it: str, sliced: Sequence[str]) -> Iterator[QualityIssue]:
    """The widest segments in which a count is no longer that of all events: everything, else the values of the dimension with
    fewest of them."""
    since: dict[str, dict[Segment, int]] = {}
    before: dict[Segment, tuple[Floats, Floats]] = {}
    for where, (own, part) in grouped_sums(cube, (count, made_of_it), list(sliced)):
        if days := _uncounted_days(own, part):
            since.setdefault(where.terms[0][0] if where else "", {})[where] = days
            before[where] = own[-days:], part[-days:]
            if where == EVERYTHING:
                break
    for where, days in min(since.values(), key=len, default={}).items():
        own, part = before[where]
        first = cube.window.last - days + 1
        yield QualityIssue(
            "logging_loss", "warn",
            f"{count}{f' of {where}' if where else ''}: {own.sum():,.0f} since {date_text(first)}, but {part.sum():,.0f} "
            f"{made_of_it}. Before, {made_of_it} were always fewer: {count} are not recorded.",
            Window(first, cube.window.last), measures=frozenset({count}), where=where,
        )  # fmt: skip


def _uncounted_days(own: Floats, part: Floats) -> int:
    """For how many newest days a count is less than what comes of it; 0 where it was so before, or what comes of it rose."""
    fewer = _TIMES * own < part
    days = len(fewer) if fewer.all() else int((~fewer[::-1]).argmax())
    past = slice(max(len(own) - days - _BEFORE, 0), len(own) - days)
    usual = part[past].mean() if days < len(part) else 0.0
    is_part = len(own[past]) >= _BEFORE // 2 and (own[past] >= part[past]).all() and own[past].mean() >= _TIMES * usual
    newest = part[len(part) - days :]
    is_plenty = 0 < days <= _LATELY and newest.min() >= _PLENTY and newest.mean() <= _TIMES * usual
    return days if is_part and is_plenty else 0
