"""Counts of `daily` exports that rise in a segment while nothing comes of it: robots, a tag that fires twice, idle visits."""

from collections.abc import Iterator, Sequence

import numpy as np

from core.base.arrays import Floats
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import Segment
from core.cube.cube import Cube
from core.detection.forecast.state_space import WEEK
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.ratio_steps import SPANS, grouped_sums, ratio_step

_RISE = float(np.log(1.5))
"""A count must rise by so much (log) against what is made of it, and alone."""
_SURE, _USUAL = 5.0, 2.5
_STILL = 0.25
"""Part of the rise within which what is made of the count has not moved, and the count has moved as far."""
_ALIKE = 0.5
"""Part of the rise of everything that each segment must show as well."""
_SCATTER = 0.5
"""Part of its square root by which a count of events differs at least, on the middle day, from that of a week before: by chance
alone it is .95. What differs by less is set by somebody: slots, seats, shifts."""
_EVEN = 1e9
"""What a count of everything is set against: itself, on a scale that adds no noise."""


def inflated_issues(cube: Cube, count: str, made_of_it: Sequence[str], sliced: Sequence[str]) -> Iterator[QualityIssue]:
    """The segment, the widest of those with the steepest rise, in which a count rose and nothing that is made of it did."""
    found: list[tuple[float, float, Segment, int]] = []
    alike: dict[int, float] = {}  # days -> the smallest rise of any value, against what is made of it
    whole: list[Floats] = []
    for where, (own, *parts) in grouped_sums(cube, (count, *made_of_it), list(sliced)):
        lines = [own, *parts]
        whole = whole or lines
        rest = (
            [line - inside for line, inside in zip(whole, lines, strict=True)]
            if where
            else [_EVEN + 0 * own] * len(lines)
        )
        for days in SPANS:
            rise, against = _rise(own, parts, rest, days), ratio_step(own, parts[0], days)
            if rise is not None:
                found.append((*rise, where, days))
            if where and against is not None:
                alike[days] = min(alike.get(days, against[0]), against[0])
    # a segment that wins many visits of the kind that it always had lets all of them look idle
    found = [item for item in found if item[2] or alike.get(item[3], item[0]) > _ALIKE * item[0]]
    if found:
        steepest = max(found, key=lambda item: item[0])
        size, _, where, days = next(
            item for item in found if steepest[0] - item[0] <= _USUAL * np.hypot(item[1], steepest[1])
        )
        first = cube.window.last - days + 1
        yield QualityIssue(
            "inflated_counts", "warn",
            f"{count}{f' of {where}' if where else ''}: {np.exp(size):.1f} times as many since {date_text(first)} as before, and "
            f"no more {made_of_it[0]} came of them: counted twice, bots, or visits that buy nothing?",
            Window(first, cube.window.last), measures=frozenset({count}), where=where,
        )  # fmt: skip


def _rise(own: Floats, parts: Sequence[Floats], rest: Sequence[Floats], days: int) -> tuple[float, float] | None:
    """By how much (log) a count rose alone in the last days, and its standard error; None where it did not."""
    against = [ratio_step(own, part, days) for part in parts]
    alone, still = (
        ratio_step(own, rest[0], days),
        [ratio_step(*pair, days) for pair in zip(parts, rest[1:], strict=True)],
    )
    if alone is None or alone[0] < max(_RISE, _SURE * alone[1]) or not _counts_events(own[:-days]):
        return None
    size, error = alone
    for ratio, part in zip(against, still, strict=True):
        if ratio is None or part is None or ratio[0] < _SURE * ratio[1]:
            return None
        if abs(part[0]) > _STILL * size + _USUAL * part[1] or abs(ratio[0] - size) > _STILL * size + _USUAL * error:
            return None
    return size, error


def _counts_events(daily: Floats) -> bool:
    """Whether a count scatters from week to week as events do."""
    now, before = daily[WEEK:], daily[:-WEEK]
    is_open = now + before > 0
    return bool(np.median(np.abs(now - before)[is_open]) >= _SCATTER * np.sqrt(((now + before) / 2)[is_open].mean()))
