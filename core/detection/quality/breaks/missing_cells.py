"""Cells of two dimensions of `daily` exports that bring nothing since some day, though either value goes on elsewhere."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import Segment
from core.cube.cube import Cube
from core.detection.quality.quality_issue import QualityIssue

_LATELY, _BEFORE = 14, 28
"""Newest days since which a cell may be gone, and days before on each of which it had something."""
_PLENTY = 10.0
"""Events a day: a cell with as many has a day of none by chance once in 20,000 days."""
_JUST = 3
"""Days just before it was gone on which a cell had as many."""
_MOST_VALUES = 40


def missing_cell_issues(cube: Cube, counts: Sequence[str], sliced: Sequence[str]) -> Iterator[QualityIssue]:
    """The cells that are gone from the end of a cube, of its counts; what is gone of a value altogether is no cell's matter."""
    few = [name for name in sliced if len(cube.values[name]) <= _MOST_VALUES + 1]
    for pair in combinations(few, 2):
        table = np.sum([cube.daily(name, pair) for name in counts], axis=0)[1:, 1:]
        given = table.any((0, 1))
        if not given.any():
            continue  # exports of the one are not sliced by the other
        table, days = table[..., given], np.flatnonzero(given)
        since = _silent_days(table)
        for row, column in np.argwhere(since > 0).tolist():
            silent = int(since[row, column])
            if not (table[row, :, -silent:].any() and table[:, column, -silent:].any()):
                continue
            where = Segment.of({
                name: cube.values[name][1 + at] for name, at in zip(pair, (row, column), strict=True)
            })  # fmt: skip
            first = cube.window.first + int(days[-silent])
            yield QualityIssue(
                "missing_slices", "warn",
                f"no rows of daily with {where} since {date_text(first)} "
                f"({table[row, column, : -silent].mean():.0f} events a day before), while both go on elsewhere: "
                "it ended, or was not exported.",
                Window(first, cube.window.last), frozenset({"daily"}), where=where,
            )  # fmt: skip


def _silent_days(table: Floats) -> np.ndarray:
    """For how many of the newest days each cell has nothing, 0 where it may be chance; shape of the first two axes."""
    has: Flags = table > 0
    silent = np.where(has.any(2), has[..., ::-1].argmax(2), 0)
    result = np.zeros(silent.shape, np.int64)
    for row, column in np.argwhere((silent > 0) & (silent <= _LATELY)).tolist():
        before = table[row, column, : -silent[row, column]][-_BEFORE:]
        # a version that is replaced fades out
        if len(before) >= _BEFORE // 2 and before.all() and min(before.mean(), before[-_JUST:].mean()) >= _PLENTY:
            result[row, column] = silent[row, column]
    return result
