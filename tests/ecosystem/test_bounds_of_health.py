"""Where the figures of health begin and end: at the least number of days, members and cases, and among those not named."""

from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.ecosystem import claim_families, completeness, health
from core.ecosystem.changes.segment_changes import segment_changes
from core.ecosystem.changes.step_test import steps
from core.ecosystem.fairness import score_history
from core.ecosystem.fairness.calibration import calibrations, rankings
from core.ecosystem.fairness.rating_gaps import difference
from core.ecosystem.members.newcomers import newcomers
from core.ecosystem.ranks import spearman
from core.ecosystem.ratio_change import ratio
from core.ecosystem.risk.buyer_patterns import few_buyers
from core.ecosystem.risk.hourly_bursts import hourly_bursts
from core.ecosystem.risk.review_patterns.identical_reviews import identical_reviews
from core.ecosystem.risk.shared_buyers import _common_chance, _scatter, shared_buyers
from core.ecosystem.risk.tail_tests import tail, unusual
from core.ecosystem.spread.concentration import _figures, claims, spread
from core.ecosystem.spread.member_moves import step_variances
from tests.ecosystem.changes.test_algebra_of_weeks import figure, panel
from tests.ecosystem.fairness.test_algebra_of_fairness import outcomes
from tests.ecosystem.members.test_activity import activity
from tests.ecosystem.risk.test_buyer_patterns import purchases
from tests.ecosystem.spread.test_concentration import activity as sold

WINDOW = Window(1000, 1069)
DAY = 24 * 3600


def gaps(row: np.ndarray) -> list[tuple[int, int]]:
    runs = completeness._missing(row, np.ones(70, bool), WINDOW)
    return [(run.first - 1000, run.last - 1000) for run in runs]


def test_a_day_with_one_row_is_no_day_without_any() -> None:
    often = np.where(np.arange(70) % 3 == 0, 0.0, 20.0)
    often[40:50] = 0
    assert gaps(often) == [(39, 49)]
    often[45] = 1
    assert gaps(often) == [], "five days and four"
    always = np.full(70, 20.0)
    always[40:44] = 0
    always[42] = 1
    assert gaps(always) == [(40, 41)]


@pytest.mark.parametrize(("length", "found"), [(6, 0), (7, 1), (8, 1)])
def test_a_quiet_market_lacks_seven_days_to_be_missed(length: int, found: int) -> None:
    row = np.where(np.arange(70) % 4 == 0, 0.0, 20.0)
    row[41 : 41 + length] = 0
    row[[40, 41 + length]] = 20
    assert len(gaps(row)) == found


@pytest.mark.parametrize(("usual", "found"), [(9, 0), (10, 1)])
@pytest.mark.parametrize("by_market", [True, False])
def test_whole_days_are_missed_where_ten_rows_are_usual(usual: int, found: int, by_market: bool) -> None:
    def cube(names: Any, window: Window, *_: Any, **__: Any) -> Any:
        rows = np.zeros((2, len(window)))
        rows[1] = usual
        rows[1, -5:-2] = 0
        return SimpleNamespace(daily=lambda *_: rows if by_market else rows[1])

    room = {"measures": ("orders",), "dimensions": ("market",) if by_market else (), "values": lambda _: ("", "ID")}
    workspace = cast(Any, SimpleNamespace(span=Window(0, 2000), cube=cube, **room))
    told = completeness.missing_exports(workspace, 1000, EVERYTHING)
    assert [(gap.market, gap.window) for gap in told] == [("", Window(996, 998))] * found
    short = cast(Any, SimpleNamespace(span=Window(972, 2000), cube=cube, **room))
    assert len(completeness.missing_exports(short, 1000, EVERYTHING)) == found
    assert completeness.missing_exports(short, 999, EVERYTHING) == ()


def test_rankings_and_calibrations_begin_with_twenty_bad_orders_of_ten_members() -> None:
    data = outcomes(size=10)
    for bad, told in ((19, False), (20, True)):
        few = replace(data, cases=np.full(10, 9.0), bad=np.r_[np.full(9, 2.0), bad - 18.0])
        assert bool(list(calibrations(few))) is told
        assert (rankings(few, None) is not None) is told
        many = replace(few, bad=few.cases - few.bad)
        assert (rankings(many, None) is not None) is told, "as many good ones"
    enough = replace(data, cases=np.full(10, 9.0), bad=np.full(10, 3.0))
    nine = {name: getattr(enough, name)[:9] for name in ("score", "grade", "person", "cases", "bad")}
    assert list(calibrations(enough))
    assert not list(calibrations(replace(enough, groups={}, **nine)))
    grouped = replace(enough, groups={"agency": (np.ones(10, int), ("", "X"))})
    assert {row.group for row in calibrations(grouped)} == {"grade", "tenth"}, "a group of all has no others"


def test_a_gap_of_few_persons_close_together_is_as_wide_as_that_of_all() -> None:
    person, here = np.arange(12), np.arange(12) < 3
    score = np.where(here, 62.0 + 0.01 * (person - 1), 60 + 5 * np.where(person % 2, 1.0, -1.0))
    _, gap, interval, _ = difference(score, person, here)
    squares = sum(((score[side] - score[side].mean()) ** 2).sum() for side in (here, ~here))
    half = stats.t.ppf(0.975, 10) * (squares / 10 * (1 / 3 + 1 / 9)) ** 0.5
    assert interval == pytest.approx((gap - half, gap + half))


def test_ratios_do_not_hang_on_the_unit_or_on_who_has_nothing() -> None:
    rng = np.random.default_rng(1)
    numerator, denominator = rng.uniform(0, 5, (2, 6)), rng.uniform(20, 90, (2, 6))
    named = np.array([True] * 5 + [False])
    plain = ratio(numerator, denominator, named)
    small = ratio(numerator / 1e4, denominator / 1e4, named)
    for name in ("value", "before", "change", "interval", "change_interval"):
        assert getattr(small, name) == pytest.approx(getattr(plain, name)), name
    nobody = np.zeros((2, 3))
    both = [np.hstack([item, nobody]) for item in (numerator, denominator)]
    assert ratio(*both, np.r_[named, [True, True, False]]) == plain


def test_reviews_of_nobody_are_of_no_member() -> None:
    member, text = np.repeat(np.arange(1, 31), 20), np.full(600, -1)
    text[:12] = 0
    alone = identical_reviews(member, text, ("x",))
    more = identical_reviews(np.r_[np.zeros(50, int), member], np.r_[np.zeros(50, int), text], ("x",))
    assert more.p_value.tolist() == alone.p_value.tolist()
    assert more.member.tolist() == alone.member.tolist() == [1]
    assert more.rows is not None
    assert np.flatnonzero(more.rows(0)).tolist() == list(range(50, 62))


def shared(members: int, buyers: int) -> list[tuple[int, int, int, int, int]]:
    """Members in two markets with forty purchases each; the first two have nine buyers whom nobody else has."""
    rng = np.random.default_rng(4)
    rows = [(who, 1 + who % 2, 3, int(one), 0) for who in range(1, members + 1) for one in rng.integers(1, buyers, 40)]
    return rows + [(who, 1 + who % 2, 3, 5000 + at, 0) for who in (1, 2) for at in range(9)]


def test_pairs_with_common_buyers_by_counting_every_pair() -> None:
    rows = shared(12, 4000)
    bought = purchases(rows)
    found = shared_buyers(bought, np.arange(20), tuple(map(str, range(20))))
    of = {who: {buyer for one, _, _, buyer, _ in rows if one == who} for who in range(1, 13)}
    sizes = np.zeros((12, 3))
    for who, buyers in of.items():
        sizes[who - 1, 1 + who % 2] = len(buyers)
    chance = _common_chance(bought, sizes)
    usual = {(a, b): chance[1 + a % 2, 1 + b % 2] * len(of[a]) * len(of[b]) for a, b in combinations(sorted(of), 2)}
    common = {pair: len(of[pair[0]] & of[pair[1]]) for pair in usual}
    others = [pair for pair in usual if pair != (1, 2)]
    factor = (sum(common[pair] for pair in others) + 1) / (sum(usual[pair] for pair in others) + 1)
    excess = sum((common[pair] - factor * usual[pair]) ** 2 - common[pair] for pair in others)
    spread = max(excess / sum((factor * usual[pair]) ** 2 for pair in others), 0.02)
    some = [pair for pair in usual if common[pair]]
    counts, shares = np.array([common[p] for p in some]), np.array([usual[p] for p in some])
    expected, own = _scatter(shares, counts, sizes, chance)
    assert own == pytest.approx(spread)
    assert expected == pytest.approx(factor * shares)
    # nine suspects, less what is usual, tell nothing of how many other buyers the two have
    suspects = common[1, 2] - factor * usual[1, 2]
    parts = [(len(of[who]) - suspects + 1) / (len(of[who]) + 1) for who in (1, 2)]
    due = max(factor * usual[1, 2] * parts[0] * parts[1], 0.1)
    least = tail(np.array([common[1, 2]]), np.array([due]), max(spread, 0.25))[0] * 11
    assert found.p_value[np.isin(found.member, [1, 2])] == pytest.approx([least, least])
    assert len(found.member) == 12, "everybody is tested"
    assert found.reasons(int(found.cell[0]))[0].startswith(f"shares {common[1, 2]} buyers with 2, where {due:.1f}")
    assert shared_buyers(bought, np.ones(20, int), ("",) * 20).p_value.min() == 1.0, "accounts of one person"


def test_a_third_member_of_a_ring_is_found_by_the_buyers_of_the_pair() -> None:
    """The first two have 29 such buyers; of a small one's 17 buyers, 16 are among them, known to it and the first before."""
    rows = shared(60, 1200) + [(2 - at % 2, 1 + at % 2, 3, 6000 + at // 2, 0) for at in range(40)]
    rows += [(61, 2, 3, 6000 + at, 0) for at in range(16)] + [(61, 2, 3, 7000, 0)]
    before = [(who, 2, 60, 6000 + at, 0) for who in (1, 61) for at in range(16)]
    bought, person = purchases(rows + before).newest(8), np.where(np.arange(70) == 61, 2, np.arange(70))
    found = shared_buyers(bought, person, tuple(map(str, range(70))))
    of = {who: {buyer for one, _, _, buyer, _ in rows if one == who} for who in range(1, 62)}
    both = len(of[1] & of[2])
    least = 2 * stats.binom.sf(15, both, 3 * 17 / (int(bought.buyer.max()) + 1)) * 61  # of two pairs
    assert found.p_value[found.member == 61] == pytest.approx([least])
    text = found.reasons(int(found.cell[found.member == 61][0]))[0]
    assert text == f"16 of the {both} buyers that 1 and 2 share buy here too"


def test_counts_that_are_all_alike_are_usual() -> None:
    p_value, expected = unusual(np.full(9, 4), np.full((9, 1), 4.0))
    assert expected == pytest.approx(np.full(9, 4.0))
    assert p_value == pytest.approx(tail(np.array([4]), np.array([4.0]), 0.02).repeat(9))


def test_the_oldest_cohort_is_that_of_26_weeks_and_is_asked_when_its_weeks_are_past() -> None:
    found = newcomers(activity([[0, 25], [24], [26, 3], [0, 30]], days=40 * 7))
    assert [1279 - item.day for item in found.cohorts] == [7 * 25 + 6, 7 * 24 + 6]
    assert found.cohorts[0].active == {"4": 0, "8": 0, "12": 0}
    for oldest, known in ((6, None), (7, 1), (8, 1)):
        (cohort,) = newcomers(activity([[oldest, oldest - 4]], days=40 * 7)).cohorts
        assert cohort.active == {"4": known, "8": None, "12": None}
    (cohort,) = newcomers(activity([[15, 7, 3]], days=40 * 7)).cohorts
    assert cohort.active == {"4": 0, "8": 1, "12": 1}


def test_the_value_of_an_order_where_orders_are_counted() -> None:
    room = panel(np.full((2, 8), 3.0), np.array([1, 2]))
    for amounts, value in (
        ({"gmv": np.full((2, 8), 30.0), "orders": np.full((2, 8), 3.0)}, 10),
        ({"gmv": np.full((2, 8), 3e6)}, 1e-6 * 6e6),
        ({"gmv": np.full((2, 8), 3e6), "orders": np.zeros((2, 8))}, 1e-6 * 6e6),
        ({"gmv": np.full((2, 8), 0.3), "orders": np.full((2, 8), 0.05)}, 6),
        ({"orders": np.full((2, 8), 3.0)}, 1e-9),
    ):
        assert claim_families._order_value(replace(room, amounts=amounts)) == pytest.approx(value)


def test_leaves_of_no_member_make_no_segment_of_members() -> None:
    rng = np.random.default_rng(6)
    amount = rng.poisson(100, (12, 12)).astype(float)
    market = np.r_[np.full(3, 1), 2 + np.arange(9) % 2]
    table = panel(amount, market)
    nobody = replace(table, leaf_members={"creator_id": np.r_[0, table.leaf_members["creator_id"][1:]]})
    assert {claim.where["market"] for claim in segment_changes(table, figure(amount))} == {"A", "B", "C"}
    assert {claim.where["market"] for claim in segment_changes(nobody, figure(amount))} == {"B", "C"}


def test_changes_of_concentration_are_steps_of_log_odds_of_all_figures_together() -> None:
    rng = np.random.default_rng(3)
    amount = np.vstack([np.zeros(12), rng.lognormal(3, 0.5, (20, 12))])
    found = list(claims(sold([1] * 20, [1] * 20), {"gmv": amount}))
    figures = [spread(amount[1:, week]) for week in range(12)]
    rows = np.array([[getattr(item, claim.figure.removesuffix(" of gmv")) for item in figures] for claim in found])
    sizes = amount[1:, :8].sum(axis=1)
    series = np.log(rows / (1 - rows))
    of_members = step_variances(amount, series, (2, 3, 4), _figures(sizes), sizes)
    tested = steps(series, np.zeros(3), of_members=of_members)
    for at, claim in enumerate(found):
        ends = tested.step[at] + np.array([-1, 0, 1]) * tested.half()[at]
        low, effect, high = 1 / (1 + np.exp(-tested.level[at] - ends)) - 1 / (1 + np.exp(-tested.level[at]))
        assert claim.effect == pytest.approx(effect)
        assert claim.interval == pytest.approx((low, high))
        assert (claim.p_value, claim.onset) == (pytest.approx(tested.p_value[at]), 1001 - 7 * tested.onset[at])


def test_scores_of_eight_weeks_ago_need_twelve_weeks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(score_history, "OrderReader", lambda *_: None)
    monkeypatch.setattr(score_history, "_rated_now", lambda *_: (None, None))
    monkeypatch.setattr(score_history, "_rated", lambda _, item, __, days, ___: asked.append((item.weeks, days)))
    monkeypatch.setattr(score_history, "_history", lambda item, *_: item.weeks)
    for weeks in (11, 12):
        item = SimpleNamespace(weeks=weeks, crowd=SimpleNamespace(side="creators"))
        score_history.standings(cast(Any, None), (cast(Any, item),), cast(Any, None), EVERYTHING)
    assert asked == [(11, 28), (12, 28), (12, 56)]


def test_notes_by_the_weeks_there_are() -> None:
    workspace = cast(Any, SimpleNamespace(span=Window(1000, 1069)))
    for weeks, count in ((8, 0), (7, 2), (0, 2)):
        told = health._notes(workspace, EVERYTHING, (cast(Any, SimpleNamespace(weeks=weeks)),), (), (), [])
        assert len(told) == count
    few = cast(Any, SimpleNamespace(measure="gmv", side="sellers", population=3, now=SimpleNamespace(gini=None)))
    many = cast(Any, SimpleNamespace(now=SimpleNamespace(gini=0.4)))
    (note, other) = health._notes(
        workspace, EVERYTHING, (cast(Any, SimpleNamespace(weeks=9)),), (), (few, many), ["unrated"]
    )
    assert "no concentration of GMV, sellers: too few members (3)" in note
    assert other == "unrated"
    (own, *_) = health._notes(
        workspace, Segment.of({"market": ["ID"]}), (cast(Any, SimpleNamespace(weeks=9)),), (), (), []
    )
    assert own == "market=ID is compared with its own past only: leave out --where to compare it with others"


def test_amounts_of_several_currencies_are_noted() -> None:
    def told(*unrated: str, several: tuple[str, ...] = ()) -> list[str]:
        stored = SimpleNamespace(unrated=lambda: unrated, several_currencies=lambda: several)
        workspace = cast(Any, SimpleNamespace(span=Window(1000, 1069), profile=lambda _: stored))
        return [note.partition(" and")[0] for note in health._of_amounts(workspace)]

    assert told() == []
    assert told("9 lines in EUR") == ["9 lines in EUR"]
    assert told(several=("USD", "IDR")) == ["amounts of orders are in USD, IDR"]


def test_equal_ranks_share_their_mean() -> None:
    first, second = np.array([1.0, 2, 2, 2, 5, 6, 7, 7]), np.array([3.0, 1, 1, 4, 4, 4, 9, 8])
    assert spearman(first, second)[0] == pytest.approx(stats.spearmanr(first, second).statistic)


def test_the_usual_day_of_a_member_is_that_of_its_other_days() -> None:
    """Member 1 sells on three days, ten each; the reasons tell what its other days have."""
    member = np.repeat(np.arange(1, 21), 30)
    day = np.tile(np.repeat([1000, 1001, 1002], 10), 20)
    moment = day * DAY + 3600 * (1 + np.tile(np.arange(10), 60)) + 60
    moment[:10] = 1000 * DAY + 9 * 3600 + np.arange(10)
    member, day = np.r_[member, np.full(6, 1)], np.r_[day, np.full(6, 1001)]
    moment = np.r_[moment, 1001 * DAY + 3600 * 3 + np.arange(6)]
    found = hourly_bursts("hourly_orders", "orders", member, day, moment, 1002)
    cell = int(found.cell[found.member == 1][0])
    assert found.reasons(cell)[1] == "10 orders on that day, 13.0 on its other days"


def test_peers_of_a_market_tell_what_is_usual_of_buyers_who_come_back() -> None:
    """Two members of each of two markets in one week: of the pairs that are not a member's own, how many are of one buyer."""
    rows = [(1, 1, 0, buyer, 0) for buyer in (1, 2, 3)] + [(1, 1, 1, 1, 0)]
    rows += [(2, 1, day, buyer, 0) for day in (0, 1) for buyer in (1, 4)] + [(3, 1, 2, buyer, 0) for buyer in (1, 9)]
    found = few_buyers(purchases(rows))
    assert found.member.tolist() == [1, 2, 3]
    assert (found.p_value == 1.0).all(), "of two or three nobody is a lead"
