"""Cells of `daily` exports that bring nothing since some day, though their values go on elsewhere: of two dimensions, of all."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.date_text import date_text, during
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
_LATE_DAYS = 5
"""Newest days on which rows may come late."""
_FEWEST_LATE, _LATE_SHARE = 5, 0.05
"""So many cells of all dimensions, and this share of those that come every day, are gone where rows come late ..."""
_SPREAD = 0.5
"""... in at least this share of the values of each dimension, or of as many as there are such cells, and in two of them: what
happens in the world happens somewhere. A sixth of the rows of the newest day missing made up to forty findings of single
cells."""
_MOST_CELLS = 20_000


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


def late_row_issues(cube: Cube, counts: Sequence[str], sliced: Sequence[str]) -> Iterator[QualityIssue]:
    """A doubt about the newest days when cells all over a cube of counts have nothing on them."""
    shape = tuple(len(cube.values[name]) - 1 for name in sliced)
    if len(shape) < 2 or np.prod(shape) > _MOST_CELLS:
        return
    inner = (slice(1, None),) * len(shape)
    table = np.sum([cube.daily(name, tuple(sliced))[inner] for name in counts], axis=0)
    days = np.flatnonzero(table.reshape(-1, table.shape[-1]).any(0))
    if len(days) <= _LATE_DAYS:
        return
    table = table[..., days]
    steady = (table[..., :-_LATE_DAYS] > 0).all(-1) & (table[..., :-_LATE_DAYS].mean(-1) >= _PLENTY)
    silent = _silent_days(table.reshape(1, -1, len(days))).reshape(shape) * steady
    gone = (silent > 0) & (silent <= _LATE_DAYS)
    gone &= ~_of_lost_values(gone, steady)
    if not _is_everywhere(gone, steady):
        return
    late = Window(cube.window.first + int(days[-silent[gone].max()]), cube.window.last)
    yield QualityIssue(
        "partial_newest_day", "warn",
        f"{gone.sum()} of {steady.sum()} segments of daily that came every day have nothing {during(late)}, all over "
        f"{', '.join(sliced)}: do rows come late?",
        late, frozenset({"daily"}),
    )  # fmt: skip


def _is_everywhere(gone: Flags, steady: Flags) -> bool:
    """Whether some of the steady cells are gone, in values of every dimension alike."""
    lost = int(gone.sum())
    if lost < max(_FEWEST_LATE, _LATE_SHARE * steady.sum()):
        return False
    hits = [(gone.any(others).sum(), steady.any(others).sum()) for others in _other_axes(gone.ndim)]
    spread = [hit >= max(2, _SPREAD * min(values, lost)) for hit, values in hits if values > 1]
    return len(spread) > 1 and all(spread)


def _of_lost_values(gone: Flags, steady: Flags) -> Flags:
    """The cells of values of which nothing comes any more: those ended, or were not exported."""
    lost = np.zeros_like(gone)
    for others in _other_axes(gone.ndim):
        cells = steady.sum(others, keepdims=True)
        lost |= (cells > 1) & (gone.sum(others, keepdims=True) == cells)
    return lost


def _other_axes(count: int) -> list[tuple[int, ...]]:
    return [tuple(other for other in range(count) if other != axis) for axis in range(count)]


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
