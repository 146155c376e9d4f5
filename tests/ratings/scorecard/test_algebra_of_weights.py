"""Weights of order lines, what stands behind a card and what cases to come would do, counted line by line."""

from statistics import median_low
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.ratings.cases.case_weight import case_weights, usual_values
from core.ratings.cases.evidence_weights import _independence, evidence_weights
from core.ratings.cases.independence.buyer_independence import Buyings, independence, known_others
from core.ratings.scorecard import evidence_rows
from core.ratings.scorecard.evidence_rows import _words, behind
from core.ratings.scorecard.improvement import _reaches
from tests.ratings.cases.test_algebra_of_outcomes import RULES, table


@pytest.mark.parametrize("unit", [1, 1000])
def test_lines_weigh_by_buyer_and_by_what_is_usual(unit: int) -> None:
    rng = np.random.default_rng(1)
    size = 240
    person, buyer = rng.integers(0, 5, size), rng.integers(1, 9, size)
    day, category = rng.integers(1, 6, size), rng.integers(0, 3, size)
    value = (np.round(rng.lognormal(3, 1.6, size)) * (rng.random(size) > 0.05)).astype(int) * unit
    found = case_weights(person, buyer, day, value, usual_values(person, value, category))
    usual = {}
    for kind in range(3):
        by_person = [value[(person == who) & (category == kind)].tolist() for who in range(1, 5)]
        usual[kind] = median_low([median_low(lines) for lines in by_person if lines])
    for who in range(5):
        for one in range(1, 9):
            earlier = 0.0
            for when in range(1, 6):
                rows = np.flatnonzero((person == who) & (buyer == one) & (day == when))
                if not len(rows):
                    continue
                if not who:
                    assert not found[rows].any()
                    continue
                total = value[rows].sum()
                full = 0.25 * np.mean([usual[kind] for kind in category[rows].tolist()])
                whole = min(total / full, 1.0)
                shares = value[rows] / total if total else np.full(len(rows), 1 / len(rows))
                assert found[rows] == pytest.approx(whole / (1 + earlier) * shares)
                earlier += whole


def test_lines_that_cost_nothing_anywhere_share_their_purchase_evenly() -> None:
    ones = np.ones(4, int)
    assert case_weights(ones, np.array([1, 1, 2, 1]), np.array([1, 1, 1, 2]), 0 * ones, 0 * ones).tolist() == [
        0.5, 0.5, 1, 0.5,
    ]  # fmt: skip


def test_no_bad_line_takes_from_one_that_went_wrong_in_another_way() -> None:
    """One purchase of five lines at the same price, then one of a single line: good ones share with all, bad ones of a kind with
    the good ones and their own kind."""
    person, buyer = np.ones(6, int), np.ones(6, int)
    day, outcome = np.array([1, 1, 1, 1, 1, 2]), np.array([0, 0, 1, 1, 2, 2])
    found = case_weights(person, buyer, day, np.full(6, 100), np.full(6, 100), outcome)
    assert found == pytest.approx([1 / 5, 1 / 5, 1 / 4, 1 / 4, 1 / 3, 1 / 2])
    without = np.flatnonzero(outcome != 1)
    fewer = case_weights(
        person[without], buyer[without], day[without], np.full(4, 100), np.full(4, 100), outcome[without]
    )
    assert fewer[2:] == pytest.approx(found[4:]), "whatever else went wrong"


def test_a_review_weighs_by_what_all_orders_cost_reviewed_or_not() -> None:
    """Three persons with three orders at 10 without a review and reviewed ones at 20, 100 and 100: 10 is usual, not 100."""
    value, stars = np.tile([10, 10, 10, 20, 100, 100], 3), np.tile([0, 0, 0, 5, 5, 5], 3)
    ones, zeros, never = np.ones(18, int), np.zeros(18, int), np.full(18, -1)
    rows = {
        "buyer": 1 + np.arange(18),
        "day": ones,
        "value": value,
        "purchase": zeros,
        "seller_id": ones,
        "source": zeros,
    }
    facts: Any = SimpleNamespace(
        as_of=60, orders=rows, base=ones, stars=stars, reviewed=np.where(stars > 0, 9, 0), fault=never, dispatch=never,
        due=ones, returned=zeros > 0,
    )  # fmt: skip
    found = evidence_weights(facts, np.repeat([1, 2, 3], 6), ones, zeros, RULES)
    assert found.review.tolist() == np.where(stars > 0, 1.0, 0.0).tolist()


def test_too_many_cancellations_of_a_week_take_nothing_from_those_of_other_weeks() -> None:
    """Four good orders a week and one that the seller cancels, which nobody delivers; forty more of these in the last week."""
    day = np.concatenate([7 * np.arange(12).repeat(5) + 1, np.full(40, 78)])
    is_bad = np.concatenate([np.tile([0, 0, 0, 0, 1], 12), np.ones(40, int)]) > 0
    ones, zeros, never = np.ones(100, int), np.zeros(100, int), np.full(100, -1)
    rows = {
        "buyer": 1 + np.arange(100),
        "day": day,
        "value": ones,
        "purchase": zeros,
        "seller_id": ones,
        "source": zeros,
    }
    facts: Any = SimpleNamespace(
        as_of=80, orders=rows, base=np.where(is_bad, 0, day), stars=zeros, reviewed=zeros, fault=never, due=day,
        dispatch=np.where(is_bad, list(RULES.reasons).index("cancellation"), -1), returned=zeros > 0,
    )  # fmt: skip
    found = evidence_weights(facts, ones, ones, zeros, RULES)
    assert (found.dispatch[:55] == 1).all()
    assert (found.dispatch[is_bad & (day > 77)] < 0.5).all()
    # forty refunds of what never came count nowhere: the twelve that do share what is left of them, and nothing else
    facts.fault, facts.dispatch, facts.due = np.where(is_bad, list(RULES.reasons).index("product"), -1), never, zeros
    facts.base[:60] = day[:60]
    found = evidence_weights(facts, ones, ones, zeros, RULES)
    assert found.delivery[is_bad & (facts.base > 0)] == pytest.approx((11 + found.delivery[-1]) / 12)
    assert found.delivery[-1] < 0.5


def test_what_stands_behind_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    rated = table()
    cases, people = rated.gathered.cases, rated.gathered.pooled
    monkeypatch.setattr(evidence_rows.rating_rows, "order_ids", lambda _, ids: {number: f"o{number}" for number in ids})
    keys = [entry.key for entry in rated.gathered.frame.components]
    told_late = set()
    for card in np.flatnonzero(rated.rank > 0).tolist():
        rows = behind(cast(Any, None), rated, card, 0)
        assert list(rows) == sorted(rows, key=lambda case: (-case.day, case.order_id, case.component))
        charged = 0
        for stream in people.streams:
            for bad in stream.bads:
                if people.star_worth.of(bad) != 1 or not rated.peers.weight[bad.component, card] > 0:
                    continue
                mine = people.cell_card[bad.cell] == rated.gathered.pool[card]
                known = (bad.known > 0) & (bad.known <= rated.gathered.as_of) & (bad.gone > rated.gathered.as_of)
                charged += int((mine & known).sum())
                life = RULES.violation_half_life_days if stream.of == "orders" else RULES.half_life_days
                for at in np.flatnonzero(mine & known).tolist():
                    weight = bad.amount[at] * 0.5 ** ((rated.gathered.as_of - bad.start[at]) / life)
                    same = [one for one in rows if one.component == keys[bad.component] and one.day == bad.known[at]]
                    assert len(rows) == 100 or any(one.weight == pytest.approx(weight) for one in same)
        if len(rows) < 100:
            assert sum(row.charged for row in rows) == charged
        for row in rows:
            if row.charged:
                continue
            assert (row.weight, row.component) == (0.0, "")
            late = {bool(cases.late[at]) for at in np.flatnonzero(cases.id == int(row.order_id[1:]))}
            told_late |= late
            assert late == {"it came late" in row.what} != {"outside this role's control" in row.what}
        newer = behind(cast(Any, None), rated, card, rated.gathered.as_of - 60)
        recent = [row for row in rows if row.day > rated.gathered.as_of - 60]
        assert [row for row in recent if row.charged] == [row for row in newer if row.charged]
    assert told_late


def test_what_went_wrong_in_words() -> None:
    rated = table()
    reasons = list(RULES.reasons)
    said = {name: _words(rated, reasons.index(name), 2) for name in reasons}
    assert (said["dispatch"], said["cancellation"]) == ("late dispatch", "cancelled by the shop")
    assert said["review"] == "review: 2 stars"
    assert said["product"] == "refund: product, review: 2 stars"
    assert _words(rated, reasons.index("product"), 0) == "refund: product"
    assert (_words(rated, -1, 1), _words(rated, -1, 0)) == ("review: 1 star", "")


def test_fewer_bad_cases_reach_what_more_do_not() -> None:
    rated = table()
    card = int(np.flatnonzero((rated.rank > 0) & (rated.n[:3].max(axis=0) > 20))[0])
    rows = [at for at, entry in enumerate(rated.gathered.frame.components) if entry.is_share and rated.n[at, card] > 0]
    bad = np.array([0.0, 50.0, 200.0, 400.0])
    for row in rows:
        sure = _reaches(rated, card, "C", 28, {row: (400, bad)})
        assert sure.tolist() == sorted(sure.tolist(), reverse=True)
    everything = _reaches(rated, card, "C", 28, dict.fromkeys(rows, (400, bad)))
    assert everything[0] > everything[-1]
    together = _reaches(rated, card, "C", 28, dict.fromkeys(rows, (4000, bad * 0)))
    assert together.all(), "four thousand orders without fault"


def test_buyers_of_a_second_platform_are_not_looked_for_on_the_first() -> None:
    """The first of 13 members sells where buyers have ids of their own: none of its 30 buyers could be known elsewhere."""
    rng = np.random.default_rng(4)
    person, buyer, ones = np.repeat(np.arange(1, 14), 30), rng.integers(1, 60, 390), np.ones(390, int)
    buyer[:30] = 100 + np.arange(30)
    others = known_others(person, buyer, ones)
    lines = Buyings(person=person, market=ones, week=ones, others=others, weight=ones * 1.0, outcome=0 * ones)
    assert independence(lines)[:30].max() < 0.5
    found = _independence(lines, (person > 1).astype(int))
    assert found[:30].tolist() == [1.0] * 30
    rest = Buyings(
        person=person[30:],
        market=ones[30:],
        week=ones[30:],
        others=others[:, 30:],
        weight=ones[30:] * 1.0,
        outcome=0 * ones[30:],
    )
    assert found[30:].tolist() == independence(rest).tolist()
