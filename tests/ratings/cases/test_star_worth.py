"""What middling stars are worth, and what components tell of each other, where the truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.catalogue.rating_rules import packaged
from core.ratings.cases.case_matrix import Cards, CaseMatrix
from core.ratings.cases.case_streams import Bad, Stream
from core.ratings.cases.star_worth import _linked, _surplus, learn_worth
from core.ratings.scoring.grades import peers_at
from core.ratings.scoring.peers import label
from core.ratings.scoring.shared_quality import fit_quality
from core.workspace.read.rating_rows import FOREVER

Ints = NDArray[np.int64]
ACCOUNTS, REVIEWS = 300, 60


def reviewed(stars: Ints, who: Ints) -> CaseMatrix:
    """Accounts of one market whose orders are all reviewed, and none refunded."""
    rules, day = packaged(), np.zeros(len(who), np.int64)
    components = (rules.components["product"], rules.components["reviews"])
    bads = []
    for number in (2, 3, 4):
        row = np.flatnonzero(stars == number)
        none = np.zeros(len(row), np.int64)
        bads.append(
            Bad(component=1, spread=1.0, cell=who[row], start=none, known=none, gone=none + FOREVER,
                amount=np.ones(len(row)), row=row, stars=number)
        )  # fmt: skip
    good, every = stars > 2, np.ones(len(who))
    orders = Stream(of="deliveries", cell=who[good], start=day[good], market=day[good], weight=every[good], bads=())
    reviews = Stream(of="reviews", cell=who, start=day, market=day, weight=every, bads=tuple(bads))
    cards = np.arange(ACCOUNTS)
    nothing = np.zeros(ACCOUNTS, np.int64)
    return CaseMatrix(
        rules=rules,
        components=components,
        cards=Cards(cards, nothing, nothing, ("creator",)),
        cell_card=cards,
        cell_category=nothing,
        streams=(orders, reviews),
        delays=np.ones((1, rules.mature_after_days + 1)),
        first=0,
    )


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_stars_between_good_and_bad_count_where_they_tell_of_quality(seed: int) -> None:
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(ACCOUNTS), REVIEWS)
    latent = rng.normal(0, 0.6, ACCOUNTS)[who]
    telling = np.maximum(np.searchsorted([-1.9, -1.5, -1.0, -0.2], rng.normal(0, 1, len(who)) - latent) + 1, 2)
    bad = rng.random(len(who)) < 0.06 * np.exp(latent)
    middling = np.where(rng.random(len(who)) < 0.7, 5, np.where(rng.random(len(who)) < 0.6, 4, 3))
    told, nothing = (learn_worth(reviewed(stars, who), 0).worth for stars in (telling, np.where(bad, 2, middling)))
    assert told[[0, 1, 2, 5]].tolist() == nothing[[0, 1, 2, 5]].tolist() == [0, 1, 1, 0]
    assert 0.4 < told[3] <= 1
    assert 0.1 < told[4] <= told[3]
    assert nothing[3] < 0.1
    assert nothing[4] < 0.1


@pytest.mark.parametrize("seed", [3, 4])
def test_a_bad_review_is_not_compared_with_itself(seed: int) -> None:
    """Where all accounts are alike nobody's other orders are worse, however bad a review is."""
    rng = np.random.default_rng(seed)
    who, stars = np.repeat(np.arange(ACCOUNTS), 6), rng.choice([2, 3, 4, 5], 6 * ACCOUNTS, p=[0.1, 0.2, 0.3, 0.4])
    worth = learn_worth(reviewed(stars, who), 0).worth
    assert worth[3] < 0.15
    assert worth[4] < 0.15


def test_the_spread_of_reviews_is_that_of_what_they_are_worth() -> None:
    rng = np.random.default_rng(8)
    who = np.repeat(np.arange(ACCOUNTS), REVIEWS)
    latent = rng.normal(0, 0.6, ACCOUNTS)[who]
    stars = np.maximum(np.searchsorted([-1.9, -1.5, -1.0, -0.2], rng.normal(0, 1, len(who)) - latent) + 1, 2)
    found = learn_worth(reviewed(stars, who), 0)
    each = found.worth[stars]
    told = each.var() / (each.mean() * (1 - each.mean()))
    known = ACCOUNTS * REVIEWS / (ACCOUNTS * REVIEWS + 50)
    assert found.spread == pytest.approx(1 - known * (1 - told), rel=1e-6)


def test_fifty_reviews_count_half_of_what_they_tell_of_stars() -> None:
    """Of 25 members nine get three stars, and eight of these a bad review: uncut three stars would count as a bad one."""
    who = np.repeat(np.arange(25), 2)
    stars = np.where(who < 9, 3, 5)
    stars[:16:2] = 2
    found = learn_worth(reviewed(stars, who), 0)
    assert found.worth[3] == pytest.approx(0.5)
    assert found.spread >= 0.55
    assert 0.1 < found.spread < 0.9


def with_late(matrix: CaseMatrix, stars: Ints, who: Ints) -> CaseMatrix:
    """The same with reviews of orders that came late."""
    bads = []
    for number in (2, 3, 4, 5):
        row = np.flatnonzero(stars == number)
        none = np.zeros(len(row), np.int64)
        bads.append(
            Bad(component=1, spread=1.0, cell=who[row], start=none, known=none, gone=none + FOREVER,
                amount=np.ones(len(row)), row=row, stars=number, came_late=True)
        )  # fmt: skip
    day = np.zeros(len(who), np.int64)
    late = Stream(
        of="reviews", cell=who, start=day, market=day, weight=np.ones(len(who)), bads=tuple(bads), came_late=True
    )
    return replace(matrix, streams=(*matrix.streams, late))


def test_reviews_of_late_orders_count_by_how_rare_they_are_among_such() -> None:
    rng = np.random.default_rng(11)
    who = np.repeat(np.arange(ACCOUNTS), REVIEWS)
    latent = rng.normal(0, 0.6, ACCOUNTS)[who]

    def stars(shift: float) -> Ints:
        cuts = np.array([-1.9, -1.5, -1.0, -0.2]) + shift
        return np.maximum(np.searchsorted(cuts, rng.normal(0, 1, len(who)) - latent) + 1, 2)

    in_time, late = stars(0), stars(1.5)
    matrix = reviewed(in_time, who)
    worth = learn_worth(with_late(matrix, late, who), 0)
    mean = float(worth.worth[in_time].mean())
    assert worth.late[late].mean() == pytest.approx(worth.late_cases * mean, rel=0.05), "lateness itself costs nothing"
    surplus = worth.late - worth.late_cases * mean
    assert surplus[2] > 0 > surplus[5]
    assert (np.diff(worth.late[2:]) <= 0).all()
    slopes = [float(np.cov(values, latent)[0, 1]) for values in (worth.worth[in_time], worth.late[late])]
    assert slopes[1] == pytest.approx(worth.late_cases * slopes[0], rel=0.25), "they say as much as the cases they are"
    alike = learn_worth(with_late(matrix, np.full(len(who), 2), who), 0)
    few = learn_worth(with_late(matrix, late[:1], who[:1]), 0)
    assert alike.late_cases == pytest.approx(0, abs=1e-9)
    assert few.late_cases < 0.02
    assert learn_worth(matrix, 0).late_cases == 0


def test_components_move_each_other_as_far_as_they_go_together() -> None:
    rng = np.random.default_rng(7)
    cards, mean, a = 400, np.full((3, 400), 0.1), np.full((3, 400), 6.0)
    shared = rng.gamma(6, 1 / 6, cards)
    rates = 0.1 * np.stack([shared, shared, rng.gamma(6, 1 / 6, cards)])
    n = np.full((3, cards), 100.0)
    k = rng.poisson(n * rates).astype(np.float64)
    quality = fit_quality(mean, a, n, k, 1 - mean, np.ones((3, cards), bool), np.arange(cards))
    assert quality.loading[0, 0] * quality.loading[1, 0] > 0.6
    assert quality.loading[2, 0] < 0.3
    prior, strength = quality.priors(mean, a, n, k, 1 - mean)
    assert np.corrcoef(prior[0], rates[0])[0, 1] > 0.6
    assert np.abs(prior[2] / 0.1 - 1).max() < 0.3
    assert (strength[0] > 9).all(), "its peers now are those that are as good at the rest"
    assert prior.mean(axis=1) == pytest.approx([0.1, 0.1, 0.1], rel=0.07)
    worse = k.copy()
    worse[1] += 5
    assert (quality.priors(mean, a, n, worse, 1 - mean)[0][0] > prior[0]).all()


def test_peers_are_the_narrowest_group_with_enough_members() -> None:
    rng = np.random.default_rng(5)
    who = np.repeat(np.arange(ACCOUNTS), 20)
    matrix = reviewed(rng.choice([2, 4, 5], len(who), p=[0.1, 0.3, 0.6]), who)
    market = np.repeat([0, 1, 2], [200, 80, 20])
    cards = replace(matrix.cards, market=market)
    delays = np.ones((3, matrix.delays.shape[1]))
    streams = tuple(replace(stream, market=market[stream.cell]) for stream in matrix.streams)
    peers = peers_at(replace(matrix, cards=cards, delays=delays, streams=streams), 0)
    assert matrix.rules.groups == (("role", "market", "category"), ("role", "market"), ("role",), ())
    assert peers.level.tolist() == [0] * 280 + [2] * 20
    shown = [label(replace(matrix, cards=cards), peers, at, ("ID", "TH", "VN"), ("beauty",)) for at in (0, 250, 299)]
    assert shown == [
        "role=creator,market=ID,category=beauty", "role=creator,market=TH,category=beauty", "role=creator",
    ]  # fmt: skip
    rates = [peers.mean[1, market == at] for at in range(3)]
    assert all(np.ptp(rate) < 1e-12 for rate in rates)
    assert rates[0][0] != rates[1][0] != rates[2][0]


def test_a_component_in_which_nobody_differs_weighs_less_than_one_that_tells_members_apart() -> None:
    rng = np.random.default_rng(6)
    who = np.repeat(np.arange(ACCOUNTS), REVIEWS)
    matrix = reviewed(rng.choice([2, 5], len(who), p=[0.1, 0.9]), who)
    differing = reviewed(np.where(rng.random(len(who)) < rng.beta(1, 9, ACCOUNTS)[who], 2, 5), who)

    def weight_of_reviews(case: CaseMatrix) -> float:
        orders, reviews = case.streams
        row = np.flatnonzero(rng.random(len(orders.cell)) < 0.1)
        none = np.zeros(len(row), np.int64)
        bad = Bad(component=0, spread=1.0, cell=orders.cell[row], start=none, known=none, gone=none + FOREVER,
                  amount=np.ones(len(row)), row=row)  # fmt: skip
        peers = peers_at(replace(case, streams=(replace(orders, bads=(bad,)), reviews)), 0)
        assert peers.weight.sum(axis=0) == pytest.approx(100 * np.ones(ACCOUNTS))
        return float(peers.weight[1, 0])

    rules = matrix.rules.role("creator").weights
    assert weight_of_reviews(matrix) == pytest.approx(
        100 * rules["reviews"] / (rules["reviews"] + rules["product"]), abs=12
    )
    assert weight_of_reviews(differing) > weight_of_reviews(matrix) + 8


@pytest.mark.parametrize(("worth", "reviews", "late"), [
    ([0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 9], [0, 5, 0, 0, 0, 5]),
    ([0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 5, 0, 0, 0, 5]),
    ([0, 1, 1, 0, 0, 0], [0, 0, 4, 0, 0, 9], [0, 0, 0, 0, 0, 0]),
])  # fmt: skip
def test_late_reviews_tell_nothing_where_those_in_time_are_all_alike_or_either_are_missing(
    worth: list[float], reviews: list[float], late: list[float]
) -> None:
    found, cases = _linked(*(np.array(values, float) for values in (worth, reviews, late)))
    assert (found.tolist(), cases) == ([0.0] * 6, 0.0)


def test_late_reviews_by_shares_of_both_kinds_and_not_by_how_many_there_are_in_time() -> None:
    """Four equal steps in time stand for -1.271, -0.325, 0.325 and 1.271, worth 1, 0, 0, 0: the slope is -0.3178 / 0.8606. Two
    late ones of 2 and two of 5 stars stand for -0.798 and 0.798, 4 / 54 of what they tell."""
    worth, in_time = np.array([0, 1.0, 1, 0, 0, 0]), np.array([0, 0, 1.0, 1, 1, 1])
    late = np.array([0, 0, 2.0, 0, 0, 2])
    found, cases = _linked(worth, in_time, late)
    slope, variance = -1.2711 / 4 / ((1.2711**2 + 0.3247**2) / 2), 0.25 - 0.25**2
    told = -slope * 0.7979
    share = told**2 / variance
    assert share < 1
    assert cases == pytest.approx(4 / 54 * share, rel=1e-3)
    assert found[[2, 5]] == pytest.approx(4 / 54 * np.array([told + share / 4, share / 4 - told]), rel=1e-3)
    again, cases_again = _linked(worth, in_time / 40, late)
    assert again == pytest.approx(found), "a tenth of a review in time has the same shares"
    assert cases_again == pytest.approx(cases)
    fewer = _linked(worth, in_time, late / 8)
    assert fewer[1] == pytest.approx(0.5 / 50.5 * share, rel=1e-3)
    for some in ((in_time, 0 * late), (0 * in_time, late)):
        assert _linked(worth, *some)[1] == 0
        assert not _linked(worth, *some)[0].any()


@pytest.mark.parametrize(("above", "sure"), [(0.37, 0.0), (0.5, 0.5), (0.625, 1.0), (0.8, 1.0), (-0.4, 0.0)])
def test_middling_stars_count_from_one_and_a_half_standard_errors_on(above: float, sure: float) -> None:
    """Two accounts that differ by 0.15 and 0.2 from five stars: a standard error of 0.25."""
    logs, parts = np.zeros(6), np.zeros((6, 2))
    logs[3], logs[5] = above + 0.1, 0.1
    parts[3], parts[5] = [0.25, 0.1], [0.1, 0.3]
    assert _surplus(logs, parts, 3) == pytest.approx(sure)
