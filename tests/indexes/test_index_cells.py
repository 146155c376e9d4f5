"""Cells of windows and groups, and the error of what is counted in them, against loops over rows."""

import math

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import Segment
from core.indexes.counted_figure import counted, share
from core.indexes.index_cells import OUTSIDE, CellGrid, group_table, mixed_key

WINDOWS = (Window(20, 26), Window(5, 9), Window(10, 10))
"""The newest first; two of them touch."""
GRID = CellGrid(windows=WINDOWS, groups=(Segment.of({"market": "A"}), Segment.of({"market": "B"})))


def _rows() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(3)
    days = np.concatenate([np.arange(30), chance.integers(0, 30, 300)])
    return days, chance.integers(-1, 2, 330), chance.random(330) < 0.8, chance.integers(0, 9, 330)


def _cell(day: int, group: int, usable: bool) -> int:
    for number, window in enumerate(WINDOWS):
        if usable and group >= 0 and window.first <= day <= window.last:
            return number * 2 + group
    return OUTSIDE


def test_rows_are_in_the_cell_of_their_window_and_group() -> None:
    days, groups, usable, buyers = _rows()
    cells = GRID.cells(days, groups, usable)
    rows = list(zip(days.tolist(), groups.tolist(), usable.tolist(), strict=True))
    assert cells.tolist() == [_cell(*row) for row in rows]
    amounts = np.arange(330, dtype=float)
    for number in range(6):
        inside = [row for row, cell in enumerate(cells.tolist()) if cell == number]
        place = divmod(number, 2)
        assert GRID.sums(cells)[place] == len(inside)
        assert GRID.sums(cells, amounts)[place] == sum(inside)
        assert GRID.distinct(cells, buyers)[place] == len({int(buyers[row]) for row in inside} - {0})
    assert not GRID.distinct(np.full(330, OUTSIDE), buyers).any()


def test_groups_are_named_by_the_codes_of_their_key() -> None:
    words = {"market": ("", "A", "B"), "channel": ("", "live", "search", "video")}
    codes = {"market": np.array([1, 2, 2, 0, 1]), "channel": np.array([3, 1, 2, 2, 1])}
    keys = mixed_key(codes, ("market", "channel"), (3, 4), 5)
    assert len(set(keys.tolist())) == 5
    table = group_table(("market", "channel"), words, np.unique(keys[:3]), Segment.of({"seller_id": "S1"}))
    assert table.groups(codes, 5).tolist() == [0, 1, 2, -1, -1]
    named = [segment.to_dict() for segment in table.segments]
    assert named[0] == {"seller_id": "S1", "market": "A", "channel": "video"}
    assert named[2] == {"seller_id": "S1", "market": "B", "channel": "search"}
    assert mixed_key({}, (), (), 4).tolist() == [0, 0, 0, 0]


def test_counts_and_shares_know_their_error() -> None:
    figure = counted(np.array([[0.0, 100.0]]))
    assert figure.error.tolist() == [[1.0, 10.0]]
    assert np.isnan(figure.low).all()
    part = share(np.array([0.0, 30.0, 0.0]), np.array([20.0, 40.0, 0.0]))
    assert part.value[:2].tolist() == [0.0, 0.75]
    assert np.isnan(part.value[2])
    assert part.n.tolist() == [20.0, 40.0, 0.0]
    for successes, trials, error in ((0, 20, part.error[0]), (30, 40, part.error[1])):
        smoothed = (successes + 1) / (trials + 2)
        assert error == pytest.approx(math.sqrt(smoothed * (1 - smoothed) / trials))
    assert part.low[1] < 0.75 < part.high[1]
    assert part.low[0] == pytest.approx(0, abs=1e-9)
    assert 0.1 < part.high[0] < 0.2
