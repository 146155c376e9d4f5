"""More orders than the traffic, or the weeks before, predict: a lead; a success that people saw, and a newcomer, are none."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.ecosystem.risk.buyer_patterns import Purchases
from core.ecosystem.risk.lead_tests import Leads
from core.ecosystem.risk.traffic_and_orders import (
    LineWeeks,
    bad_order_surges,
    had_begun,
    order_surges,
    orders_without_traffic,
    through_creators,
)

WEEKS, SPAN, MEMBERS, ODD = 8, 13, 60, 7


class Sales:
    """Members of all sizes, about one purchase in 200 impressions, by week counted back."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.impressions = np.exp(rng.normal(7.5, 0.8, MEMBERS))[:, None] * np.exp(rng.normal(0, 0.15, (MEMBERS, SPAN)))
        self.impressions[0] = 0
        self.sold = rng.poisson(self.impressions * np.exp(rng.normal(-5.3, 0.2, MEMBERS))[:, None])

    def purchases(self) -> tuple[Purchases, LineWeeks]:
        member, week = (np.repeat(values.ravel(), self.sold.ravel()) for values in np.indices(self.sold.shape))
        size = np.arange(1, len(member) + 1)
        bought = Purchases.of(member, 1 + member % 3, 7 * week, size, (size % 10 == 0).astype(np.int64))
        recent = week < WEEKS
        return bought, LineWeeks(member[recent], week[recent])

    def without_traffic(self) -> Leads:
        bought, lines = self.purchases()
        return orders_without_traffic(bought.newest(WEEKS), self.impressions, WEEKS, lines)

    def bad_surges(self, bad: NDArray[np.int64], group: NDArray[np.int64]) -> Leads:
        """`bad`: how many of the purchases of a member and week went bad; `group`: of each member."""
        member, week = (np.repeat(values.ravel(), self.sold.ravel()) for values in np.indices(self.sold.shape))
        turn = np.concatenate([np.arange(size) for size in self.sold.ravel()])
        spoilt = (turn < bad[member, week]).astype(np.int64)
        bought = Purchases.of(member, group[member], 7 * week, np.arange(1, len(member) + 1), spoilt)
        recent = week < WEEKS
        return bad_order_surges(bought, MEMBERS, WEEKS, LineWeeks(member[recent], week[recent], spoilt[recent] > 0))

    def usual_bad(self) -> NDArray[np.int64]:
        """One in twenty of each week's purchases."""
        return np.random.default_rng(6).binomial(self.sold, 0.05)

    def surges(self, with_traffic: bool = True) -> Leads:
        bought, lines = self.purchases()
        return order_surges(bought, self.impressions if with_traffic else None, MEMBERS, WEEKS, lines, bought)


def named(leads: Leads) -> list[int]:
    """Members whose pattern is less likely than one in a hundred thousand."""
    return sorted(leads.member[leads.p_value < 1e-5].tolist())


def at(leads: Leads) -> int:
    return int(leads.cell[leads.member == ODD][0])


def test_nobody_is_named_where_nothing_is_wrong() -> None:
    for seed in range(10):
        sales = Sales(seed)
        assert named(sales.without_traffic()) == named(sales.surges()) == named(sales.surges(False)) == []


@pytest.mark.parametrize("times", [100, 10_000, 1e9])
def test_one_member_seen_by_millions_makes_no_leads_of_others_and_hides_none(times: float) -> None:
    """A week of a video that nobody buys of, or a wrong row: one member of sixty, or of one market of three."""
    for seed in range(3):
        sales = Sales(seed)
        sales.impressions[ODD + 1, 2] *= times
        assert named(sales.without_traffic()) == named(sales.surges()) == []
        sales.sold[ODD, 3] += 30 + 9 * sales.sold[ODD, 3]
        assert named(sales.surges()) == [ODD]
        sales.sold[ODD] *= 8
        assert named(sales.without_traffic()) == [ODD]


def test_orders_that_nobody_saw_the_content_for() -> None:
    sales = Sales(1)
    usual = int(sales.sold[ODD, :WEEKS].sum())
    sales.sold[ODD, :SPAN] += 60
    leads = sales.without_traffic()
    assert named(leads) == [ODD]
    assert leads.reasons(at(leads))[0].startswith(f"{usual + 60 * WEEKS} buyers, where its ")
    assert leads.rows is not None
    assert leads.rows(at(leads)).sum() == usual + 60 * WEEKS
    assert named(sales.surges()) == [], "no week is unlike those before"


@pytest.mark.parametrize(("buyers", "is_lead"), [(480, True), (8, False)])
def test_buyers_who_come_again_need_no_traffic(buyers: int, is_lead: bool) -> None:
    """Sixty more purchases a week, by as many buyers, or by a few loyal ones."""
    sales = Sales(2)
    bought, lines = sales.purchases()
    week, size = np.repeat(np.arange(WEEKS), 60), len(bought.member)
    more = Purchases(
        member=np.append(bought.member, np.full(480, ODD)),
        market=np.append(bought.market, np.full(480, 1 + ODD % 3)),
        week=np.append(bought.week, week),
        buyer=np.append(bought.buyer, size + np.arange(480) % buyers),
        refunded=np.append(bought.refunded, np.zeros(480, np.int64)),
        first_week=np.append(bought.first_week, week),
    )
    found = orders_without_traffic(more.newest(WEEKS), sales.impressions, WEEKS, lines)
    assert named(found) == ([ODD] if is_lead else [])


def test_one_large_member_is_not_what_is_usual_in_its_market() -> None:
    """It has twenty times the impressions of all others of the market, and sells half as much with them."""
    for seed in range(4):
        sales = Sales(seed)
        large, mates = 5, np.arange(MEMBERS) % 3 == 5 % 3
        share = sales.impressions[mates].sum() / sales.impressions[large].sum()
        sales.impressions[large] *= 20 * share
        sales.sold[large] = np.random.default_rng(seed).poisson(np.exp(-5.3) / 2 * sales.impressions[large])
        assert named(sales.without_traffic()) == []


@pytest.mark.parametrize("with_traffic", [False, True])
def test_a_week_of_far_more_orders_than_before(with_traffic: bool) -> None:
    sales = Sales(2)
    usual = int(sales.sold[ODD, 3])
    sales.sold[ODD, 3] += 400
    leads = sales.surges(with_traffic)
    assert named(leads) == [ODD]
    assert leads.reasons(at(leads))[0].startswith(f"{usual + 400} purchases in one week, 3 weeks before the newest,")
    assert leads.reasons(at(leads))[1].startswith("refunded: ")
    assert leads.rows is not None
    assert leads.rows(at(leads)).sum() == usual + 400


def test_a_success_that_people_saw_is_no_lead() -> None:
    sales = Sales(3)
    sales.sold[ODD, :3] *= 8
    sales.impressions[ODD, :3] *= 8
    assert named(sales.surges()) == named(sales.without_traffic()) == []
    assert named(sales.surges(False)) == [ODD], "without traffic nothing explains it"


def test_a_newcomer_that_grows_is_no_lead_and_neither_is_a_missing_export() -> None:
    sales = Sales(4)
    sales.sold[ODD] = sales.impressions[ODD] = 0
    sales.sold[ODD, :4], sales.impressions[ODD, :4] = [300, 100, 30, 4], [60_000, 20_000, 6_000, 800]
    sales.impressions[ODD + 1, :6] = 0
    assert named(sales.surges()) == named(sales.surges(False)) == named(sales.without_traffic()) == []


def test_weeks_off_are_no_usual_weeks() -> None:
    """Forty orders in a week of work, sixty after three weeks off; nothing for four weeks, then forty again."""
    sales = Sales(4)
    for member, weeks in ((ODD, [60, 0, 0, 0, 40, 0, 40, 0, 0, 40, 0, 0, 40]), (ODD + 1, [40, 0, 0, 0, 0] + [40] * 8)):
        sales.sold[member], sales.impressions[member] = weeks, 200 * np.array(weeks)
    assert named(sales.surges()) == named(sales.surges(False)) == []
    sales.sold[ODD, 0] += 240
    assert named(sales.surges()) == named(sales.surges(False)) == [ODD]


def test_a_shop_is_reached_through_its_creators() -> None:
    """Creator 1 makes three of four lines at shop 1, creator 2 all at shop 2; lines without a creator tell nothing."""
    shop, creator = np.array([1, 1, 1, 2, 2, 1]), np.array([1, 1, 1, 1, 2, 0])
    seen = np.array([[50.0, 50.0], [400.0, 100.0], [8.0, 0.0]])
    assert through_creators(shop, creator, seen, 3).tolist() == [[0, 0], [300, 75], [108, 25]]


def test_nothing_is_tested_where_nothing_is_sold() -> None:
    sales = Sales(5)
    sales.sold = np.zeros_like(sales.sold)
    assert len(sales.surges().member) == len(named(sales.without_traffic())) == 0
    sales.impressions = np.zeros_like(sales.impressions)
    empty: NDArray[np.int64] = sales.without_traffic().member
    assert len(empty) == 0


@pytest.mark.parametrize("week", range(WEEKS))
def test_bad_orders_of_every_week_are_looked_at(week: int) -> None:
    sales = Sales(6)
    bad = sales.usual_bad()
    sales.sold[ODD, week] += 50
    bad[ODD, week] += 50
    assert named(sales.bad_surges(bad, np.arange(MEMBERS) % 3)) == [ODD]


def test_a_week_in_which_far_more_goes_bad_than_before() -> None:
    sales, group = Sales(6), np.arange(MEMBERS) % 3
    bad = sales.usual_bad()
    assert named(sales.bad_surges(bad, group)) == []
    sales.sold[ODD, 2] += 30
    bad[ODD, 2] += 30
    leads = sales.bad_surges(bad, group)
    assert named(leads) == [ODD]
    text = f"{bad[ODD, 2]} of {sales.sold[ODD, 2]} purchases of one week, 2 weeks before the newest, were refunded"
    assert leads.reasons(at(leads))[0].startswith(text)
    assert leads.rows is not None
    assert leads.rows(at(leads)).sum() == bad[ODD, 2]


def test_bad_orders_that_others_of_the_group_have_too_surprise_less() -> None:
    sales, group = Sales(7), np.arange(MEMBERS) % 12
    sales.sold *= 8
    bad = sales.usual_bad()
    bad[group == group[ODD], 1] *= 8
    own, other = (sales.bad_surges(bad, groups).p_value.min() for groups in (group, np.arange(MEMBERS) % 7))
    assert other < 1e-15
    assert own > 1e8 * other


def test_bad_orders_that_grow_with_sales_are_no_lead() -> None:
    sales = Sales(8)
    sales.sold[ODD, 1] *= 8
    bad = sales.usual_bad()
    assert bad[ODD, 1] > 10
    assert named(sales.bad_surges(bad, np.arange(MEMBERS) % 3)) == []


def test_what_a_new_shop_sells_is_no_surge_of_its_creators() -> None:
    """Shop 1 sells through creator 1 in all of 13 weeks, counted back, shop 2 since week 6, shop 3 in the oldest two and now."""
    member = np.ones(21, np.int64)
    shop = np.r_[np.ones(13, int), np.full(6, 2), 3, 3]
    week = np.r_[np.arange(13), 1 + np.arange(6), 11, 0]
    begun = had_begun(member, shop, week)
    assert begun[shop == 1].all()
    assert week[(shop == 2) & begun].tolist() == [1], "five weeks after"
    assert begun[shop == 3].all()


@pytest.mark.parametrize(("seen", "is_lead"), [(1.0, False), (0.0, True)])
def test_a_launch_that_people_saw_is_no_surge(seen: float, is_lead: bool) -> None:
    """Single orders without traffic before, then 300 a week with as many impressions as others need for them, or with none."""
    sales = Sales(8)
    sales.sold[ODD], sales.impressions[ODD] = 0, 0.0
    sales.sold[ODD, [9, 11, 12]], sales.sold[ODD, :8] = 1, 300
    sales.impressions[ODD, :8] = seen * 300 / 0.005
    assert (ODD in named(sales.surges())) == is_lead


def test_whoever_has_most_of_all_bad_orders_does_not_excuse_them() -> None:
    """A third of all purchases, and half of the bad ones, are of one member; 200 bad ones in a week treble those of all."""
    sales = Sales(9)
    sales.sold[ODD] = 400
    bad, group = sales.usual_bad(), np.ones(MEMBERS, np.int64)
    bad[ODD] = 30
    assert named(sales.bad_surges(bad, group)) == []
    bad[ODD, 0] = 200
    assert named(sales.bad_surges(bad, group)) == [ODD]


def test_few_others_of_a_group_tell_little_of_what_is_usual() -> None:
    """Of the only other member of a group three in a hundred orders were bad, and none in the week in which 45 of 400 are."""
    sales, small = Sales(9), 11
    sales.sold[[ODD, small]] = [[400], [100]]
    bad = sales.usual_bad()
    bad[ODD], bad[small], bad[small, 0], bad[ODD, 0] = 15, 3, 0, 45
    alone = np.where(np.isin(np.arange(MEMBERS), [ODD, small]), 2, 1)
    chance = {
        name: float(found.p_value[found.member == ODD][0])
        for name, group in (("few", alone), ("many", np.ones(MEMBERS, np.int64)))
        for found in [sales.bad_surges(bad, group)]
    }
    assert chance["many"] < chance["few"] / 10
