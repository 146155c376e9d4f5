"""Weeks of far more orders than before: they decide no rating, neither upwards nor downwards, and lasting growth counts."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.ratings.cases.independence.buyer_independence import Buyings
from core.ratings.cases.independence.order_surges import calm

Ints = NDArray[np.int64]
WEEKS, MEMBERS = 13, 30


class Sales:
    """Twelve orders a week of each member, a tenth of them bad; member 1 may have more."""

    def __init__(self, seed: int, times: dict[int, float] | None = None) -> None:
        rng = np.random.default_rng(seed)
        sold = rng.poisson(12.0, (MEMBERS, WEEKS))
        for week, factor in (times or {}).items():
            sold[:, week] = rng.poisson(12.0 * factor, MEMBERS)
        member, week = (values.ravel() for values in np.indices(sold.shape))
        self.account, week = np.repeat(member + 1, sold.ravel()), np.repeat(week, sold.ravel())
        self.day = 7 * (week + 2900) + rng.integers(0, 7, len(week))
        self.bad = rng.random(len(week)) < 0.1

    def more(self, day: Ints, bad: Ints) -> "Sales":
        self.account = np.concatenate([self.account, np.ones(len(day), np.int64)])
        self.day, self.bad = np.concatenate([self.day, day]), np.concatenate([self.bad, bad.astype(bool)])
        return self

    def factor(self) -> NDArray[np.float64]:
        size = len(self.day)
        nothing = np.ones(size, np.int64)
        lines = Buyings(person=self.account, market=nothing, week=nothing, others=nothing, weight=np.ones(size),
                        outcome=self.bad.astype(np.int64))  # fmt: skip
        return calm(lines, self.day)

    def rate(self) -> float:
        """Of member 1."""
        weight, own = self.factor(), self.account == 1
        return float(weight[own & self.bad].sum() / weight[own].sum())


def last_days(times: int, days: int) -> Ints:
    return 7 * (2900 + WEEKS) - 1 - np.arange(times) % days


def test_usual_weeks_and_campaigns_of_the_whole_market_count_in_full() -> None:
    for times in ({}, {9: 3.0, 10: 3.0}, {6: 0.2}):
        sales = Sales(1, times)
        assert sales.factor().mean() > 0.99, times


def test_orders_that_are_bought_in_two_weeks_hardly_move_a_rate() -> None:
    before, plain = Sales(2).rate(), Sales(2)
    bought = Sales(2).more(last_days(500, 14), np.zeros(500))
    assert 0.75 * before < bought.rate() < 1.1 * before
    for attack in (bought, Sales(2).more(last_days(500, 14) - 42, np.zeros(500))):
        moves = np.abs(plain.factor() - attack.factor()[: len(plain.day)])
        assert moves[plain.account > 1].sum() < 1, (
            "others keep theirs, in the weeks after it as well: else they lose 26 orders"
        )


def test_more_bad_orders_in_two_weeks_never_help_and_cost_no_more_than_as_many_as_are_usual() -> None:
    rates = [Sales(2).more(last_days(times, 14), np.ones(times)).rate() for times in (0, 10, 20, 40, 100, 500)]
    assert (np.diff(rates) > -1e-12).all()
    assert rates[-1] < rates[0] + 0.25, "five hundred count like three dozen; uncut they would take it to 80 %"


def test_a_success_keeps_its_rate_on_average() -> None:
    moves = [
        Sales(seed).more(last_days(500, 28), np.random.default_rng(seed).random(500) < 0.1).rate() - Sales(seed).rate()
        for seed in range(20)
    ]
    assert abs(np.mean(moves)) < 0.01


def test_good_orders_in_a_week_with_bad_ones_hide_no_more_of_them_than_their_share() -> None:
    """Twelve orders in each of thirteen weeks, five of the tenth bad; 28 good ones are bought then. Twice twelve are usual: 24 of
    35 good ones count, and of the bad ones 24 of 40."""
    day = 7 * (2900 + np.repeat(np.arange(WEEKS + 2), 12))
    day[12 * WEEKS :] = 7 * 2909
    day = np.concatenate([day, np.full(4, 7 * 2909)])
    bad = np.zeros(len(day), np.int64)
    bad[9 * 12 : 9 * 12 + 5] = 1
    other = 7 * (2900 + np.repeat(np.arange(WEEKS), 12))
    person = np.repeat([1, 2], [len(day), len(other)])
    ones = np.ones(len(person), int)
    lines = Buyings(person=person, market=ones, week=ones, others=ones,
                    weight=np.ones(len(person)), outcome=np.concatenate([bad, 0 * other]))  # fmt: skip
    found = calm(lines, np.concatenate([day, other]))[: len(day)]
    here = day == 7 * 2909
    assert found[here & (bad == 0)] == pytest.approx(24 / 35)
    assert found[bad == 1] == pytest.approx(24 / 40)
    assert (found[~here] == 1).all()


def test_growth_that_lasts_counts_in_full_after_a_few_weeks() -> None:
    sales = Sales(3)
    first = len(sales.day)
    day = 7 * 2904 + np.arange(9 * 60) // 60 * 7 + np.arange(9 * 60) % 7
    factor = sales.more(day, np.zeros(len(day))).factor()[first:]
    assert factor[:60].mean() < 0.6, "the first week of six times as many"
    assert (factor[-60:] == 1).all(), "the ninth"


def test_a_few_orders_are_never_a_surge() -> None:
    sales = Sales(4)
    sales.account = np.where(sales.account == 1, 0, sales.account)
    first = len(sales.day)
    assert (sales.more(last_days(5, 7), np.zeros(5)).factor()[first:] == 1).all()
    assert (sales.more(last_days(5, 7), np.zeros(5)).factor()[first:] == 0.5).all(), "of ten five"
    ones = np.ones(2, np.int64)
    nobody = Buyings(person=0 * ones, market=ones, week=ones, others=ones, weight=np.ones(2), outcome=0 * ones)
    assert calm(nobody, np.array([7, 700])).tolist() == [1, 1]


def test_an_order_that_is_a_year_too_old_makes_no_surge_of_the_first_weeks() -> None:
    usual = Sales(6).factor()
    assert Sales(6).more(np.array([7 * 2900 - 366]), np.zeros(1)).factor()[:-1] == pytest.approx(usual, abs=0.01)
