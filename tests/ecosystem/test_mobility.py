"""How much grades move."""

import numpy as np
import pytest

from core.ecosystem.fairness.mobility import shorrocks


def test_nobody_moves() -> None:
    index, interval = shorrocks(np.diag([40, 30, 0, 50]))
    assert index == 0
    assert interval is not None
    assert interval[0] == 0
    assert 0 < interval[1] < 0.2


def test_grades_drawn_anew_are_perfectly_mobile() -> None:
    assert shorrocks(np.full((4, 4), 25))[0] == pytest.approx(1)


def test_one_grade_tells_nothing() -> None:
    assert shorrocks(np.array([[0, 0], [0, 9]])) == (None, None)


def test_the_interval_covers_the_truth() -> None:
    random, covered = np.random.default_rng(3), 0
    chances = np.array([[0.8, 0.2, 0.0], [0.1, 0.8, 0.1], [0.0, 0.3, 0.7]])
    truth = (3 - np.trace(chances)) / 2
    for _ in range(300):
        matrix = np.array([random.multinomial(n, p) for n, p in zip((50, 200, 30), chances, strict=True)])
        low, high = shorrocks(matrix)[1] or (0.0, 0.0)
        covered += low <= truth <= high
    assert 275 <= covered <= 297
