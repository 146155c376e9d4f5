"""Ratings at the edges of what is there: cards without a case or points, accounts without a card, small moves."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.errors import NotEnoughData
from core.ratings import rate, simulate
from core.ratings.cases import case_outcomes, evidence_weights, order_facts
from core.ratings.cases.independence.buyer_independence import Buyings
from core.ratings.rating_results import PROVISIONAL as PROVISIONAL_WORD
from core.ratings.rating_table import RatingTable
from core.ratings.scorecard import evidence_rows
from core.ratings.scorecard.evidence_rows import behind
from core.ratings.scorecard.improvement import _reaches
from core.ratings.scorecard.score_change import place_of, shifted
from core.ratings.scorecard.scorecard import evidence_of, joined
from core.ratings.scoring.grades import PROVISIONAL
from tests.ratings.cases.test_algebra_of_outcomes import DAY, LINES, REASONS, RULES, crowd, framed, lines, orders, table


def test_a_movement_names_the_grade_of_both_days() -> None:
    before, after = table(day=DAY - 60), table()
    card = int(np.flatnonzero(after.rank > 0)[0])
    then = place_of(after, card, before)
    assert then is not None
    graded = replace(before, grade=np.full(before.size, 2)), replace(after, grade=np.full(after.size, 1))
    moved = shifted(DAY - 60, graded[0], graded[1], graded[1], card)
    assert (moved.grade_before, moved.grade_after) == ("C", "B")
    assert shifted(DAY - 60, None, graded[1], graded[1], card).grade_before == PROVISIONAL_WORD
    alone = replace(graded[0].gathered.frame.cards, who=np.zeros(before.size, int))
    frame = replace(graded[0].gathered.frame, cards=alone)
    absent = replace(graded[0], gathered=replace(graded[0].gathered, frame=frame))
    assert shifted(DAY - 60, absent, graded[1], graded[1], card).grade_before == PROVISIONAL_WORD


def test_cards_of_which_nothing_is_known_weigh_alike() -> None:
    rated = table()
    cards = np.flatnonzero(rated.rank > 0)[:3].tolist()
    unknown = replace(rated, n=0 * rated.n)
    assert (evidence_of(unknown) == 0).all()
    view = joined(unknown, "c3", cards, ())
    assert view.weights == pytest.approx([1 / 3] * 3)
    assert view.score == pytest.approx(rated.score[cards].mean())
    small = replace(rated, n=rated.n / 1e4)
    assert joined(small, "c3", cards, ()).weights == pytest.approx(joined(rated, "c3", cards, ()).weights)
    light = replace(rated, peers=replace(rated.peers, weight=rated.peers.weight / 200))
    assert evidence_of(light) == pytest.approx(evidence_of(rated)), "any points count"


def test_cards_without_a_case_have_no_rank_and_scores_alone_no_grade() -> None:
    rated = table()
    gathered = rated.gathered
    cards = gathered.frame.cards
    orders_of, pool = np.zeros(rated.size), gathered.pool
    cases = gathered.cases
    for card in range(rated.size):
        mine = (cases.who == cards.who[card]) & (cases.market == cards.market[card]) & (cases.day <= gathered.as_of)
        orders_of[card] = mine.sum()
    sold = np.bincount(pool, rated.orders)[pool] > 0
    has_any = sold | (rated.counts.cases > 0).any(axis=0)
    assert ((rated.rank > 0) == has_any).all()
    assert (rated.orders <= orders_of).all()
    plain = rate.judge(gathered, with_grades=False)
    assert (plain.grade == PROVISIONAL).all()
    assert plain.score.tolist() == rated.score.tolist()


def test_accounts_that_exist_at_a_day() -> None:
    cases, violations, _ = lines()
    everybody = replace(
        crowd(), joined=np.where(np.arange(13) == 4, DAY + 1, crowd().joined), listed=np.arange(13) == 4
    )
    known = rate.known_by(everybody, cases, violations, 3)
    seen = set(cases.who[cases.day <= 3].tolist()) | set(violations.who.tolist())
    assert set(np.flatnonzero(known).tolist()) == seen
    none = replace(violations, who=violations.who[:0])
    assert not rate.known_by(everybody, replace(cases, who=0 * cases.who), none, DAY)[1:].any()
    assert rate.known_by(everybody, replace(cases, who=0 * cases.who), none, DAY + 1)[4]


def test_nobody_to_rate_and_nothing_to_rate_by_are_told_apart() -> None:
    frame = framed()
    rate._check(frame, "creators")
    nobody = replace(frame, cards=SimpleNamespace(size=0))  # type: ignore[arg-type]
    with pytest.raises(NotEnoughData, match=r"names a creator\. Ask for sellers"):
        rate._check(nobody, "creators")
    with pytest.raises(NotEnoughData, match=r"names a seller\. Ask for creators"):
        rate._check(nobody, "sellers")
    none = replace(frame, components=())
    with pytest.raises(NotEnoughData, match="do not separate good creators from bad"):
        rate._check(none, "creators")


def test_products_that_fail_for_others_in_the_week_of_delivery_are_batches() -> None:
    rng = np.random.default_rng(3)
    size = 900
    product, base, person = rng.integers(1, 3, size), rng.integers(1, 71, size), rng.integers(1, 6, size)
    base[:20] = 0
    faults = [REASONS.index(name) for name in ("product", "unexplained", "review", "carrier")]
    bad = rng.random(size) < np.where((product == 2) & (base // 7 == 4), 0.8, 0.03)
    fault = np.where(bad, rng.choice(faults, size), -1)
    found = case_outcomes._excused(product, base, person, fault, RULES)
    batch = REASONS.index("batch")
    here = (product == 2) & (base // 7 == 4) & np.isin(fault, faults[:3])
    assert (found[here] == batch).all()
    assert (found[~here] == fault[~here]).all()


def test_lines_of_one_side_with_what_each_weighs(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Buyings] = []

    def independence(bought: Buyings, *_: float) -> np.ndarray:
        told.append(bought)
        return np.full(len(bought.person), 0.5 if len(told) == 1 else 0.75)

    def usually_reviewed(bought: Buyings, shop: np.ndarray, base: np.ndarray, *_: object) -> np.ndarray:
        assert shop.tolist() == [1, 1, 2, 1, 1, 1]
        assert bought.outcome.tolist() == [1, 0, 1 + review, 0, 0, 0], "late dispatches are as good ones"
        assert base.tolist() == [9, 0, 0, 9, 9, 9], "a bad review makes no room for orders without one"
        return np.array([1, 1, 0.5, 0.5, 1, 0.25])

    review = list(RULES.reasons).index(order_facts.REVIEW)
    monkeypatch.setattr(evidence_weights, "usually_reviewed", usually_reviewed)
    monkeypatch.setattr(evidence_weights, "independence", independence)
    rows = orders(
        day=[5, 6, 7, 7, 7], paid=[5, 0, 7, 7, 7], buyer=[1, 2, 3, 4, 4], purchase=[1, 2, 3, 4, 5],
        delivered=[9, 0, 9, 9, 9], id=[7, 8, 9, 10, 11],
    )  # fmt: skip
    for name, column in (
        ("creator_id", [1, 2, 0, 2, 2]), ("seller_id", [1, 1, 2, 1, 1]), ("market", [0, 1, 1, 1, 1]), ("category", [0] * 5),
        ("channel", [0] * 5), ("content_type", [0] * 5), ("product_id", [1] * 5), ("value", [100, 200, 300, 200, 200]),
        ("came_late", [1, 1, 0, 0, 0]), ("source", [1] * 5),
    ):  # fmt: skip
        rows[name] = np.array(column)
    fault = np.array([0, -1, review, -1, -1])
    facts = SimpleNamespace(
        as_of=9, reviews=None, orders=rows,
        base=np.array([9, 0, 9, 9, 9]), fault=fault, known=np.array([9, 0, 9, 0, 0]), stars=np.array([0, 5, 1, 5, 0]),
        reviewed=np.array([0, 8, 9, 9, 0]), due=np.zeros(5, int), dispatch=np.array([2, -1, -1, -1, -1]),
        returned=np.array([False, True, False, False, False]), refundable=np.ones(5, bool),
    )  # fmt: skip
    everybody = crowd()
    found = case_outcomes.of_crowd(cast(Any, facts), everybody, RULES)
    assert [item.outcome.tolist() for item in told] == [[1, 0, 1 + review, 0, 0, 3], [0, 1, 0]], (
        "two faults are two lines"
    )
    assert found.who.tolist() == [everybody.names.place[at] for at in (1, 2, 0, 2, 2)]
    assert found.gmv.tolist() == [100, 0, 300, 200, 200]
    assert found.late.tolist() == [True, False, False, False, False]
    assert found.delivery_weight.tolist() == [0.5, 0, 0, 0.125, 0.25], "one is sent back for no fault, one is nobody's"
    assert found.dispatch_weight.tolist() == [0.125, 0, 0, 0.125, 0.25]
    assert found.review_weight.tolist() == [0, 0, 0, 0.25, 0], (
        "as half of what one buyer bought on a day, half of which more reviews than usual leave"
    )


def test_of_reviews_alone_each_is_a_case_and_one_and_two_stars_are_bad() -> None:
    everybody, stars = crowd(), np.array([1, 2, 3, 5])
    columns = {"rating": stars, "day": np.array([7, 8, 9, 9]), "creator_id": np.array([1, 2, 0, 2])}
    others = ("seller_id", "market", "category", "channel", "content_type", "product_id")
    facts = SimpleNamespace(reviews={**columns, **{name: np.zeros(4, int) for name in others}})
    found = case_outcomes.of_crowd(cast(Any, facts), everybody, RULES)
    review = list(RULES.reasons).index(order_facts.REVIEW)
    assert found.fault.tolist() == [review, review, -1, -1]
    assert found.known.tolist() == [7, 8, 0, 0]
    assert found.stars.tolist() == stars.tolist()
    assert found.base.tolist() == found.reviewed.tolist() == [7, 8, 9, 9]
    assert found.who.tolist() == [everybody.names.place[at] for at in (1, 2, 0, 2)]
    assert found.dispatch.tolist() == [-1] * 4
    for nothing in (found.late, found.gmv, found.due, found.id):
        assert not nothing.any()
    for weight in (found.delivery_weight, found.dispatch_weight, found.review_weight):
        assert (weight == 1).all()


def test_spared_cases_are_those_charged_to_no_component(monkeypatch: pytest.MonkeyPatch) -> None:
    rated = table()
    monkeypatch.setattr(evidence_rows.rating_rows, "order_ids", lambda _, ids: {number: f"o{number}" for number in ids})
    monkeypatch.setattr(evidence_rows, "_MOST", 10_000)
    cases = rated.gathered.cases
    people = rated.gathered.pooled
    stream = next(entry for entry in people.streams if entry.of == "orders")
    rows = np.flatnonzero(cases.who > 0)
    assert len(rows) == len(stream.cell) < LINES
    for card in np.flatnonzero(rated.rank > 0).tolist()[::3]:
        found = behind(cast(Any, None), rated, card, 100)
        own = rows[people.cell_card[stream.cell] == rated.gathered.pool[card]]
        wrong = {int(row) for row in own if cases.fault[row] >= 0 and 100 < cases.known[row] <= rated.gathered.as_of}
        charged = {
            int(bad.row[at])
            for entry in people.streams if entry.of != "orders"
            for bad in entry.bads
            if people.star_worth.of(bad) == 1 and rated.peers.weight[bad.component, card] > 0
            for at in np.flatnonzero(people.cell_card[bad.cell] == rated.gathered.pool[card])
            if 100 < bad.known[at] <= rated.gathered.as_of < bad.gone[at]
        }  # fmt: skip
        assert {int(row.order_id[1:]) for row in found if not row.charged} == {
            int(cases.id[at]) for at in wrong - charged
        }


def test_what_is_known_fades_by_the_half_life_of_its_kind() -> None:
    rated = table()
    card = int(np.flatnonzero(rated.rank > 0)[0])
    for row, entry in enumerate(rated.gathered.frame.components):
        life = RULES.half_life_days if entry.is_share else RULES.violation_half_life_days
        bad = np.linspace(0, 400, 60)
        faded = replace(rated, n=rated.n.copy(), k=rated.k.copy())
        faded.n[row], faded.k[row] = rated.n[row] * 0.5 ** (56 / life), rated.k[row] * 0.5 ** (56 / life)
        for target in "ABC":
            now = _reaches(faded, card, target, 0, {row: (400, bad)})
            assert _reaches(rated, card, target, 56, {row: (400, bad)}).tolist() == now.tolist()


@pytest.mark.parametrize(("points", "moves"), [(0.05, 0), (0.051, 1), (-0.05, 0), (-0.051, -1), (0.9, 1)])
def test_a_score_that_hardly_moves_stands_still(points: float, moves: int) -> None:
    rated: RatingTable = table()
    before = replace(rated, score=np.zeros(rated.size), grade=np.full(rated.size, 1))
    after = replace(before, score=before.score + points)
    pairs = cast(Any, SimpleNamespace(before=np.arange(rated.size), after=np.arange(rated.size)))
    found = simulate._moves(before, after, pairs)
    assert set(found.direction.tolist()) == {moves}
    assert set(found.kind.tolist()) == ({simulate._KINDS.index("score")} if moves else {len(simulate._KINDS)})
