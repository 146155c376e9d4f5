"""Whose amounts are compared between weeks, and how much each counts, written out."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.ecosystem.changes import steady_members
from core.ecosystem.changes.segment_sums import segment_sums
from tests.ecosystem.changes.test_algebra_of_weeks import figure, panel


def test_shares_are_compared_of_members_who_stay() -> None:
    """Of twelve weeks: c01 began fourteen weeks ago and paused in the oldest, c02 in the oldest, c03 later.

    c04 was silent for two weeks after three of four, c05 after two of four, c06 for one; c07 left nine weeks ago. s1 began late,
    and counts where no creator is named.
    """
    weeks = np.ones((8, 15), bool)
    weeks[0] = False
    weeks[1, 11], weeks[2, 12:], weeks[3, 11:] = False, False, False
    weeks[4, [0, 1, 3]], weeks[5, [0, 1, 3, 4]], weeks[6, 0], weeks[7, :9] = False, False, False, False
    words = {"creators": ("", *(f"c0{at}" for at in range(1, 8))), "sellers": ("", "s1")}

    def looked(side: str, active: np.ndarray) -> Any:
        return SimpleNamespace(
            crowd=SimpleNamespace(side=side, names=SimpleNamespace(words=words[side])), weeks=14,
            oldest_week=lambda: np.where(active.any(1), 14 - active[:, ::-1].argmax(1), -1), active_weeks=lambda weeks: active,
        )  # fmt: skip

    table = panel(np.ones((10, 12)), np.ones(10, np.int64))
    codes = {"creator_id": np.array([*range(1, 8), 0, 0, 1]), "seller_id": np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 1])}
    table = replace(
        table, leaf_members=codes, member_names={"creator_id": words["creators"], "seller_id": words["sellers"]}
    )
    sides = looked("creators", weeks), looked("sellers", np.arange(15) < np.array([[0], [5]]))
    stay = [True, True, False, False, True, True, False, True, False, True]
    assert steady_members.steady(table, sides).tolist() == stay
    assert steady_members.steady(table, ()).all()


def test_large_members_count_by_less_than_their_amounts() -> None:
    """Six weeks before the newest four: of 100 cases with a variance of 1,300 counting brings 100, which leaves 0.12 of 100²."""
    amount = np.array([[50, 50, 50, 50, 100, 100, 100, 100, 100, 100], [9, 9, 9, 9, 9, 9, 9, 9, 9, 9]], float)
    amount[0, 4:] += 1300**0.5 * np.array([1, -1, 1, -1, 1, -1]) * (5 / 6) ** 0.5
    table = panel(amount[[0, 0, 1, 1]] / 2, np.ones(4, np.int64))
    two = replace(table, leaf_members={"creator_id": np.array([1, 1, 2, 2])})
    worth = [1 / (1 / 100 + 0.1) ** 2, 1 / (1 / 9 + 0.1) ** 2]
    scatter = (0.12 * worth[0] - 1 / 9 * worth[1]) / sum(worth)
    large, small = 1 / (1 + scatter * amount[0].mean()), 1 / (1 + scatter * 9)
    assert steady_members.weights(two, two.amounts["orders"], 1.0, 1.0) == pytest.approx([large, large, small, small])
    money = steady_members.weights(two, 30 * two.amounts["orders"], 30.0, 1.0)
    assert money == pytest.approx([large, large, small, small])
    of_two = replace(figure(two.amounts["orders"]), weight=np.array([large, large, small, small]))
    weighed, squares = large * amount[0] + small * amount[1], large**2 * amount[0].sum() + small**2 * 90
    everybody = segment_sums(two, of_two, np.ones(4, bool), ({"market": "A"},), 0)
    assert everybody.amount[0] == pytest.approx(weighed * weighed.sum() / squares), "as many equal cases"
    by_size = replace(two, codes={**two.codes, "market": np.array([1, 1, 2, 2])})
    both = {"market": "A"}, {"market": "B"}
    sums = segment_sums(by_size, of_two, np.ones(4, bool), both, 1)
    assert sums.scatter == pytest.approx([1 / (large * 80) + 1 / (small * 9)] * 2), "of 80 and 9 cases a week"
    plain = segment_sums(by_size, replace(of_two, weight=None, unit=3.0), np.ones(4, bool), both, 1)
    assert plain.scatter == pytest.approx([3 / 80 + 3 / 9] * 2)
    assert plain.elsewhere == pytest.approx(amount[::-1]), "the amount of the other"


def test_members_of_a_segment_and_those_who_have_something_elsewhere() -> None:
    """Creator 1 sells in A and B, 2 in A alone, 3 in B alone; 4 begins in the newest weeks, and 0 is nobody."""
    amount = np.full((6, 10), 50.0)
    amount[4, 4:] = 0
    table = panel(amount, np.array([1, 2, 1, 2, 1, 1]))
    table = replace(table, leaf_members={"creator_id": np.array([1, 1, 2, 3, 4, 0])})
    segments = {"market": "A"}, {"market": "B"}
    for least, kept in ((2, segments), (3, ())):
        assert segment_sums(table, figure(amount), np.ones(6, bool), segments, least).where == kept
    without = np.array([True, False, True, True, True, True])
    assert segment_sums(table, figure(amount), without, segments, 1).where == segments, "3 alone sells elsewhere"
    assert segment_sums(table, figure(amount), without, segments, 2).where == ()


def test_two_weeks_before_the_newest_tell_how_members_scatter_and_one_does_not() -> None:
    """40 and 160 cases: a variance of 7,200 of which counting brings 100; whoever had none before tells nothing."""
    amount = np.array([[100.0, 100, 100, 100, 40, 160], [50, 50, 50, 50, 0, 0]])
    table = panel(amount, np.ones(2, np.int64))
    scatter = (7200 - 100) / 100**2
    weight = steady_members.weights(table, amount, 1.0, 1.0)
    assert weight == pytest.approx([1 / (1 + scatter * 100), 1 / (1 + scatter * 200 / 6)])
    for weeks in (4, 5):
        assert steady_members.weights(table, amount[:, :weeks], 1.0, 1.0).tolist() == [1, 1]
    none = panel(amount[1:], np.ones(1, np.int64))
    assert steady_members.weights(none, amount[1:], 1.0, 1.0).tolist() == [1], "nobody had any before"


def test_shops_without_a_creator_are_members_and_leaves_of_nobody_stand_for_themselves() -> None:
    """Two leaves of one shop count by their sum; two of nobody each by its own."""
    amount = np.array([[50.0, 50, 50, 50, 20, 80]] * 5)
    codes = {"creator_id": np.array([1, 0, 0, 0, 0]), "seller_id": np.array([1, 1, 1, 0, 0])}
    table = replace(
        panel(amount, np.ones(5, np.int64)),
        leaf_members=codes,
        member_names={"creator_id": ("", "a"), "seller_id": ("", "s")},
    )
    first, shop, again, nobody, other = steady_members.weights(table, amount, 1.0, 1.0).tolist()
    assert shop == again
    assert first == nobody == other
    assert 1 / shop - 1 == pytest.approx(2 * (1 / first - 1)), "twice the cases"
