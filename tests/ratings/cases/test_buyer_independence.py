"""Orders of buyers whom few others have: honest ones count in full, bought ones hardly, for good and for bad."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.ratings.cases.independence.buyer_independence import (
    MOST_ODDS_OF_REVIEWS,
    MOST_OTHERS,
    NEVER,
    Buyings,
    independence,
    known_others,
    others_of_buyers,
    usual_odds,
)
from core.ratings.cases.independence.buyer_systems import buyer_systems
from core.ratings.cases.independence.excess import Allowed, by_outcome, kept

Ints = NDArray[np.int64]
PERSONS, ORDERS, BUYERS = 40, 60, 1500


@dataclass(frozen=True, kw_only=True)
class Market:
    """Order lines of persons with one account each."""

    person: Ints
    market: Ints
    buyer: Ints
    bad: NDArray[np.bool_]
    week: Ints | None = None
    """All are of one, by default."""

    @classmethod
    def honest(cls, seed: int, market_two: bool = False) -> "Market":
        """Buyers come from one crowd; a fifth of the orders are bad."""
        rng = np.random.default_rng(seed)
        person = np.repeat(np.arange(1, PERSONS + 1), ORDERS)
        size = len(person)
        market = np.where((person > PERSONS // 2) & market_two, 2, 1)
        buyer = np.where(market == 2, rng.integers(BUYERS, 9 * BUYERS, size), rng.integers(1, BUYERS, size))
        return cls(person=person, market=market, buyer=buyer, bad=rng.random(size) < 0.2)

    def more(self, person: int, buyer: Ints, bad: bool = False) -> "Market":
        """With further orders of a person."""
        size = len(buyer)
        return Market(
            person=np.concatenate([self.person, np.full(size, person)]),
            market=np.concatenate([self.market, np.ones(size, np.int64)]),
            buyer=np.concatenate([self.buyer, buyer]),
            bad=np.concatenate([self.bad, np.full(size, bad)]),
        )

    def bought(self, times: int, elsewhere: int = 0, bad: bool = False) -> "Market":
        """The first person gets orders, each of a new buyer, who buys from so many others too."""
        buyer = int(self.buyer.max()) + 1 + np.arange(times)
        result = self.more(1, buyer, bad)
        for at in range(elsewhere):
            for other in range(2, PERSONS + 1):
                result = result.more(other, buyer[(np.arange(times) + at) % (PERSONS - 1) == other - 2])
        return result

    def lines(self) -> Buyings:
        week = np.zeros(len(self.person), np.int64) if self.week is None else self.week
        return Buyings(person=self.person, market=self.market, week=week, others=known_others(self.person, self.buyer, week),
                       weight=np.ones(len(week)), outcome=self.bad.astype(np.int64))  # fmt: skip

    def rate_of_first(self) -> float:
        weight, own = independence(self.lines()), self.person == 1
        return float(weight[own & self.bad].sum() / weight[own].sum())


def factor_of(market: Market) -> NDArray[np.float64]:
    return independence(market.lines())


def test_others_of_a_buyer_are_persons_and_not_orders() -> None:
    person, buyer = np.array([1, 1, 2, 3, 4, 5, 6, 1, 0]), np.array([7, 7, 7, 8, 9, 9, 9, 0, 8])
    assert others_of_buyers(person, buyer).tolist() == [1, 1, 1, 1, 2, 2, 2, -1, 1]
    crowd = others_of_buyers(np.arange(9), np.full(9, 3))
    assert (crowd == MOST_OTHERS).all()


def test_since_when_a_buyer_is_known_to_buy_from_others() -> None:
    """The first of three persons sells in weeks 4 and 0, the others in 2 and 5; another buyer buys
    from nobody, too, in week 3."""
    person, buyer, week = (
        np.array([1, 2, 3, 1, 1, 2, 0]),
        np.array([7, 7, 7, 7, 8, 0, 8]),
        np.array([4, 2, 5, 0, 1, 1, 3]),
    )
    assert known_others(person, buyer, week).T.tolist() == [
        [2, 5, NEVER], [0, 5, NEVER], [0, 2, NEVER], [2, 5, NEVER], [3, NEVER, NEVER], [-1] * 3, [-1] * 3,
    ]  # fmt: skip


def test_what_a_week_lets_count_stays_and_takes_room_from_later_ones() -> None:
    honest = Market.honest(2)
    bought = honest.bought(120)
    spread = replace(bought, week=np.random.default_rng(5).integers(0, 6, len(bought.person)))
    whole = factor_of(spread)
    for last in (0, 2, 4):
        past = (spread.lines().week) <= last
        columns = {name: getattr(spread, name)[past] for name in ("person", "market", "buyer", "bad", "week")}
        assert whole[past] == pytest.approx(factor_of(Market(**columns)), abs=1e-9)
    counted = []
    for weeks in ([1] * 120, [1] * 50 + [2] * 70):
        market = replace(bought, week=np.concatenate([np.zeros(len(honest.person), np.int64), weeks]))
        counted.append(factor_of(market)[len(honest.person) :])
    assert counted[0].sum() < 30
    assert counted[1].sum() == pytest.approx(counted[0].sum(), rel=0.02)
    assert counted[1][50:].sum() < 1, "the first week took all the room"


@pytest.mark.parametrize(("met", "least", "most"), [(2, 10, 40), (4, 0, 1)])
def test_buyers_who_are_met_elsewhere_give_back_their_room(met: int, least: float, most: float) -> None:
    """Sixty new buyers of week one buy from four others in a week before that of sixty further ones, or after it."""
    market = Market.honest(2)
    first = int(market.buyer.max()) + 1 + np.arange(60)
    weeks = [0] * len(market.person)
    for person, buyer, week in ((1, first, 1), *((other, first, met) for other in range(2, 6)), (1, first + 60, 3)):
        market = market.more(person, buyer)
        weeks += [week] * 60
    assert least <= factor_of(replace(market, week=np.array(weeks)))[-60:].sum() <= most


@pytest.mark.parametrize("market_two", [False, True])
def test_honest_orders_keep_their_weight(market_two: bool) -> None:
    """Of twelve such markets 1.4 % of the weight is lost on average: some members cross the limit by chance."""
    factor = factor_of(Market.honest(1, market_two))
    assert factor.max() == 1
    assert factor.mean() > 0.98, "buyers are alike within a market, whatever they are in another one"


@pytest.mark.parametrize("times", [20, 500])
def test_bought_orders_of_new_buyers_hardly_move_the_rate(times: int) -> None:
    """Neither good ones, of which the seller gains, nor bad ones, which a rival buys."""
    honest = Market.honest(2)
    before = honest.rate_of_first()
    assert 0.75 * before < honest.bought(times).rate_of_first() <= before
    assert before <= honest.bought(times, bad=True).rate_of_first() < 2.5 * before


def test_bad_orders_of_new_buyers_count_by_what_many_others_let_expect() -> None:
    """Beside 500 orders of others, seven of them bad, 178 of new buyers are usual. (7 + 5 x 501 / 660) / 505 of them are expected
    to go bad, 3.8, so 3 x (1 + 1.95)^2 = 26.1 count at most; 80 would by their own share."""
    large = Market.honest(2).more(1, np.random.default_rng(1).integers(1, BUYERS, 600))
    assert 26.1 / 2 < factor_of(large.bought(500, bad=True))[-500:].sum() < 26.1


@pytest.mark.parametrize("further", [0, 600])
def test_more_bad_orders_of_new_buyers_never_help_and_more_good_ones_never_harm(further: int) -> None:
    honest = Market.honest(2).more(1, np.random.default_rng(1).integers(1, BUYERS, further))
    for elsewhere in (0, 1):
        for bad in (False, True):
            rates = [honest.bought(times, elsewhere, bad).rate_of_first() for times in (0, 5, 20, 100, 400)]
            moves = np.diff(rates) if bad else -np.diff(rates)
            assert (moves > -1e-12).all(), (elsewhere, bad)


def test_bought_orders_whose_buyers_buy_once_elsewhere_count_no_more_than_usual_ones() -> None:
    """They are a fifth of all orders here, so they become usual themselves; uncut they would take the rate to 1 %."""
    honest = Market.honest(2)
    assert honest.bought(500, elsewhere=1).rate_of_first() > 0.45 * honest.rate_of_first()


def test_a_success_with_new_buyers_keeps_its_rate() -> None:
    """Orders of new buyers go as well as those before: on average over persons the rate stays as it is."""
    moves = []
    for seed in range(12):
        honest = Market.honest(seed)
        first, bad = int(honest.buyer.max()) + 1, np.random.default_rng(seed).random(400) < 0.2
        viral = honest.more(1, first + np.flatnonzero(~bad)).more(1, first + np.flatnonzero(bad), bad=True)
        moves.append(viral.rate_of_first() - honest.rate_of_first())
    assert abs(np.mean(moves)) < 0.015


def test_half_of_a_market_has_more_buyers_of_its_own() -> None:
    """Whoever sells most of what there is to buy is the only one that many buyers can know."""
    honest = Market.honest(3)
    rng = np.random.default_rng(3)
    large = honest.more(1, rng.integers(1, BUYERS, PERSONS * ORDERS))
    assert (large.lines().others[0] == NEVER)[large.person == 1].mean() > (large.lines().others[0] == NEVER)[
        large.person > 1
    ].mean() + 0.1
    assert factor_of(large)[large.person == 1].mean() > 0.97


@pytest.mark.parametrize("times", [20, 500])
def test_a_praised_order_of_every_new_buyer_counts_no_more_than_usual_reviews_do(times: int) -> None:
    """Three of ten honest orders have a review, all of the bought ones: weights of orders alone would let them in."""
    plain = Market.honest(2)
    reviewed = np.random.default_rng(3).random(len(plain.person)) < 0.3
    stars = np.where(reviewed, np.where(plain.bad, 1, 5), 0)

    def happy(market: Market, stars: Ints) -> tuple[float, float]:
        rows, lines = np.flatnonzero(stars > 0), market.lines()
        reviewed = Buyings(
            person=lines.person[rows], market=lines.market[rows], week=lines.week[rows], others=lines.others[:, rows],
            weight=lines.weight[rows], outcome=(stars[rows] <= 2).astype(np.int64),
        )  # fmt: skip
        weight, own = independence(reviewed, MOST_ODDS_OF_REVIEWS), reviewed.person == 1
        praised = reviewed.outcome == 0
        return float(weight[own & praised].sum() / weight[own].sum()), float(
            weight[own & (reviewed.others[0] == NEVER)].sum()
        )

    before, _ = happy(plain, stars)
    after, of_unknown = happy(plain.bought(times), np.concatenate([stars, np.full(times, 5)]))
    assert before <= after < before + 0.05
    assert of_unknown < 0.45 * reviewed[:ORDERS].sum()


def test_orders_of_buyers_whom_others_have_count() -> None:
    honest = Market.honest(2)
    assert honest.more(1, honest.buyer[ORDERS : 2 * ORDERS]).rate_of_first() < 0.6 * honest.rate_of_first()


def test_where_no_buyer_comes_back_nothing_is_cut() -> None:
    honest = Market.honest(4)
    alone = np.arange(1, len(honest.buyer) + 1)
    for buyer in (alone, np.zeros_like(alone)):
        assert (factor_of(replace(honest, buyer=buyer)) == 1).all()


def test_nobody_changes_what_is_usual_for_oneself() -> None:
    market = Market.honest(5).bought(400)
    others = market.person > 1
    assert factor_of(market)[others].mean() > 0.98
    own = Market(
        person=market.person[~others], market=market.market[~others], buyer=market.buyer[~others],
        bad=market.bad[~others],
    )  # fmt: skip
    assert (factor_of(own) == 1).all(), "of one person alone nothing is known to compare with"


@pytest.mark.parametrize(("most", "times"), [({}, 1.2), ({"most_odds": MOST_ODDS_OF_REVIEWS}, 1.1)])
def test_of_a_newcomer_with_new_buyers_alone_as_many_count_as_are_usual_with_three_others(
    most: dict[str, float], times: float
) -> None:
    """Two others have 20 orders of buyers of their own and 80 of common ones, and lean to half as many of all markets. With two
    standard deviations fewer common ones the odds are 30 : 98.1: 1.1 of the newcomer's thirty orders count, 1.0 of reviews."""
    own, common = np.arange(1, 21), np.tile(np.arange(21, 61), 2)
    person = np.concatenate([np.repeat([2, 3], 10), np.repeat([2, 3], 40), np.ones(30, int)])
    buyer = np.concatenate([own, common, np.arange(61, 91)])
    lines = Market(person=person, market=np.ones(130, int), buyer=buyer, bad=np.zeros(130, bool)).lines()
    counted = independence(lines, **most)[person == 1].sum()
    assert counted == pytest.approx(times * 30 / (120 - 2 * 120**0.5) * 3)


def test_orders_without_a_buyer_count_as_they_are() -> None:
    market = Market.honest(6).bought(400)
    nameless = replace(market, buyer=np.where(np.arange(len(market.buyer)) % 4 == 0, 0, market.buyer))
    factor = factor_of(nameless)
    assert (factor[nameless.buyer == 0] == 1).all()
    assert factor[PERSONS * ORDERS :][nameless.buyer[PERSONS * ORDERS :] > 0].max() < 0.2


def test_usual_odds_are_those_of_all_others_of_the_market_leaning_to_all_markets() -> None:
    market, known, alone = np.array([0, 0, 1]), np.array([1000.0, 2000.0, 3000.0]), np.array([200.0, 800.0, 600.0])
    # each tells as much as fifty orders
    part = 50 / (known + alone)
    few, rest = part * alone, part * known
    lean = 50 / (few.sum() - few + rest.sum() - rest)
    few = np.array([few[1], few[0], 0]) + lean * (few.sum() - few)
    rest = np.array([rest[1], rest[0], 0]) + lean * (rest.sum() - rest)
    rest -= 2 * np.sqrt(rest)
    left = 1 - 0.5 * np.array([1 / 3, 2 / 3, 1])
    share = (few / (few + rest)) ** left
    half = np.full(3, 0.5)
    assert usual_odds(market, known, alone, half) == pytest.approx(share / (1 - share))
    assert np.isinf(usual_odds(market, 0 * known, alone, half)).all()
    assert np.isinf(usual_odds(market, known, alone, half, 2)).all(), "of three members nobody has two others"


def test_of_bought_orders_as_many_count_as_are_usual_and_as_go_bad_elsewhere() -> None:
    """Of fifty allowed good ones, of sixty bad ones as many as among the other forty, by hand (8 + 5 x 0.1) / 45, or as among
    all of the kind, 30 / 120 and 60 / 150; half of one always."""
    sums = by_outcome(np.array([0, 0, 1, 1, 0]), np.array([0, 1, 2, 0, 1]), np.array([1, 0.5, 2, 3, 0.25]), 3, 3)
    assert sums.tolist() == [[1, 0.75, 0], [3, 0, 2], [0, 0, 0]]
    others = np.array([[30.0, 8.0, 2.0]])

    def factors(excess: list[float], others: NDArray[np.float64] = others, good: float = 50.0) -> NDArray[np.float64]:
        return kept(np.array([excess]), Allowed(good=np.array([good]), all=np.array([good + 10])), others)[0]

    factor = factors([90.0, 10.0, 30.0])
    assert 60 * 8.5 / 45 > 10
    assert factor == pytest.approx([50 / 90, 1, 60 * (30 / 120) / 30]), "ten of the first are fewer than expected"
    more = factors([90.0, 10.0, 60.0])
    assert (more[:2] == factor[:2]).all(), "bad ones of one kind leave the others as they are"
    assert more[2] * 60 == pytest.approx(60 * 60 / 150)
    assert factors([4970.0, 30.0, 0.0]) == pytest.approx([50 / 4970, 60 * (8 + 5 * 0.006) / 45 / 30, 1])
    assert factors([4990.0, 0.0, 10.0], np.array([[2000.0, 0.0, 0.0]])) == pytest.approx([50 / 4990, 1, 0.5 / 10])
    assert factors([20.0, 95.0, 3.0]) == pytest.approx([1, 60 / 115, 1])
    assert (factors([90.0, 95.0, 3.0], good=np.inf) == 1).all()
    assert factors([0.0, 95.0], np.zeros((1, 2))) == pytest.approx([1, 60 / 95])


def test_of_orders_that_only_buyers_of_ones_own_find_bad_three_times_what_the_others_let_expect_and_some_count() -> (
    None
):
    """Sixty are allowed, of which (5 + 5 x 1) / 105 are expected to go bad: 5.714, so 3 x (1 + 2.3905)^2 = 34.49 of all count.
    Two bad ones in thirty are nothing unusual; who has no other orders is judged by these."""

    def counted(good: float, bad: float, others: list[float]) -> float:
        limits = Allowed(good=np.array([50.0]), all=np.array([60.0]))
        return bad * float(kept(np.array([[good, bad]], float), limits, np.array([others], float), bounded=True)[0, 1])

    assert counted(0, 500, [95, 5]) == pytest.approx(34.49, abs=0.01)
    assert counted(0, 22, [95, 5]) == 22, "fewer than the limit count in full"
    assert counted(28, 2, [100, 0]) == 2
    assert counted(0, 500, [0, 0]) == pytest.approx(60)
    assert counted(0, 501, [95, 5]) >= counted(0, 500, [95, 5]) - 1e-9


@pytest.mark.parametrize("elsewhere", [0, 1, 2])
def test_orders_of_buyers_with_up_to_two_others_are_cut(elsewhere: int) -> None:
    bought = Market.honest(2).bought(300, elsewhere)
    own = (bought.person == 1) & ((bought.lines().others < NEVER).sum(axis=0) == elsewhere)
    assert factor_of(bought)[own].mean() < 0.75


def test_two_sources_that_share_one_buyer_in_a_hundred_know_buyers_by_the_same_ids() -> None:
    """Of the hundred buyers of the smaller source one is in the other too; of 101 it is less than one in a hundred."""
    for buyers, systems in ((100, 1), (101, 2)):
        source = np.repeat([1, 2], [200, buyers])
        buyer = np.concatenate([np.arange(1, 201), np.arange(200, 200 + buyers)])
        assert len(np.unique(buyer_systems(source, buyer))) == systems
