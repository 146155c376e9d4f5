"""Newest days of `daily` exports that repeat the day before figure by figure: a feed that stands still and is filled up."""

from collections.abc import Iterator, Sequence

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.cube.cube import Cube
from core.detection.quality.quality_issue import QualityIssue

_LATELY = 28
_NEVER = 1e-6
"""Chance that all measures of a segment repeat by accident: two normal figures of variance v agree with 1 / sqrt(4 pi v)."""
_OFTEN = 0.1
"""Share of the days before that repeat another one, from which on this is how the export is made."""


def frozen_issues(
    cube: Cube, counts: Sequence[str], names: Sequence[str], sliced: Sequence[str]
) -> Iterator[QualityIssue]:
    """The widest segments that stand still at the end of a cube: everything, else the values of the dimension with fewest of
    them. `counts`: those of the measures `names` that count events."""
    best: dict[Segment, int] = {}
    for dimension in (None, *sliced):
        tables = {name: np.atleast_2d(cube.daily(name, () if dimension is None else (dimension,))) for name in names}
        segments = [EVERYTHING] if dimension is None else _segments(cube, dimension)
        repeats = {
            segment: days
            for row, segment in enumerate(segments)
            if (days := _repeats({name: table[row] for name, table in tables.items()}, counts))
        }
        if repeats and (not best or len(repeats) < len(best)):
            best = repeats
        if EVERYTHING in best:
            break
    for segment, days in best.items():
        first = cube.window.last - days + 1
        yield QualityIssue(
            "frozen_values", "fail",
            f"all figures{f' of {segment}' if segment else ''} since {date_text(first)} are those of the day before: the export "
            "has stopped updating. Load these days again.",
            Window(first, cube.window.last), kinds=frozenset({"daily"}), measures=frozenset(names), where=segment,
        )  # fmt: skip


def _segments(cube: Cube, dimension: str) -> list[Segment]:
    return [Segment.of({dimension: value}) if value else EVERYTHING for value in cube.values[dimension]]


def _repeats(lines: dict[str, Floats], counts: Sequence[str]) -> int:
    """Since how many days before the end nothing has changed, 0 where chance or habit explains it."""
    table = np.array(list(lines.values()))
    open_days = np.flatnonzero(table.any(0))
    if len(open_days) < 2 or not table[:, -1].any():
        return 0
    same = (np.diff(table[:, open_days], axis=1) == 0).all(0)
    run = len(same) if same.all() else int((~same[::-1]).argmax())
    before = same[max(len(same) - run - _LATELY, 0) : len(same) - run]
    if not run or len(before) < _LATELY // 2 or before.mean() > _OFTEN:
        return 0
    varied = np.ptp(table[:, open_days[-_LATELY - run : -run]], axis=1) > 0
    if not table[varied, -1].all():
        return 0  # a meter that is read and shows nothing has stopped: no old figures are filled in
    past = table[:, open_days[-_LATELY - run : -run]]
    is_count = np.array([name in counts for name in lines])
    return int(table.shape[1] - open_days[-run]) if _chance(past, table[:, -1], is_count) ** run < _NEVER else 0


def _chance(past: Floats, last: Floats, is_count: Flags) -> float:
    """Chance that all measures of a day repeat those of the day before; shapes (measures, days), (measures,), (measures,).

    Each counts by what the ones before it leave open: where each order has its own buyer, buyers tell nothing more. What stands
    at a limit that it reached before, such as rooms that are all taken, may do so for days.
    """
    days = past.shape[1]
    is_limit = (last == past.max(1)) & ((past == last[:, None]).sum(1) > 1)
    varying = np.flatnonzero((np.ptp(past, axis=1) > 0) & ~is_limit)
    varying = varying[np.argsort(~is_count[varying], kind="stable")][: days // 3]
    past, is_count = past[varying], is_count[varying]
    centered = past - past.mean(1, keepdims=True)
    scale = centered.std(1)
    left = np.diag(np.linalg.qr((centered / scale[:, None]).T, mode="r")) ** 2 / (days - 1 - np.arange(len(varying)))
    variance = left * scale**2
    variance = np.where(is_count, np.minimum(variance, past.mean(1)), variance)
    gaps = np.array([np.diff(np.unique(line)).min() for line in past])  # to what the figures are rounded
    return float(np.prod(1 / np.sqrt(1 + 4 * np.pi * variance / gaps**2)))
