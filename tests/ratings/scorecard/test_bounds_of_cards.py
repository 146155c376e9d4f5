"""Whose case it is, since when it counts and what stands behind a card, at the first and last day."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from core.base.days import Window
from core.ratings.cases import case_outcomes, order_facts
from core.ratings.cases.accounts import SortedWords
from core.ratings.cases.batches import faulty_batches
from core.ratings.cases.case_weight import case_weights, usual_values
from core.ratings.cases.star_worth import _contentment
from core.ratings.scorecard import evidence_rows, rating_shards
from core.ratings.scorecard import scorecard as scorecards
from core.ratings.scorecard.evidence_rows import behind
from core.ratings.scorecard.improvement import _pace, _reaches, _to_any_grade, path
from core.ratings.scorecard.score_change import place_of, shifted
from core.ratings.scoring.grades import GradeHistory
from core.ratings.scoring.group_priors import GroupPriors
from core.ratings.scoring.peers import _telling, _validity, weights
from tests.ratings.cases.test_algebra_of_evidence import accounts
from tests.ratings.cases.test_algebra_of_outcomes import DAY, RULES, lines, orders, table


@pytest.mark.parametrize("side", ["creators", "sellers"])
def test_a_violation_is_the_creators_or_else_the_shops(side: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {
        "day": [5, 6, 7, 8], "creator_id": [2, 0, 1, 0], "seller_id": [1, 1, 0, 0], "market": [0, 1, 1, 0],
        "category": [0, 0, 1, 0], "channel": [3, 4, 5, 6], "content_type": [7, 8, 9, 6], "points": [1.5, -2, 3, 4],
        "overturned": [9, 9, 10, 0],
    }  # fmt: skip
    columns = {name: np.array(column, float) for name, column in rows.items()}
    monkeypatch.setattr(case_outcomes.rating_rows, "violations", lambda *_: columns)
    words = SortedWords.of(("", "b", "a"))
    crowd = replace(accounts(("P", "Q")), side=cast(Any, side), names=words, markets=SortedWords.of(("", "TH")))
    crowd = replace(crowd, categories=SortedWords.of(("", "beauty")))
    found = case_outcomes.read_violations(cast(Any, None), crowd, Window(1, 9))
    mine = [0, 2] if side == "creators" else [1]
    ids = rows["creator_id" if side == "creators" else "seller_id"]
    assert found.who.tolist() == [words.place[ids[at]] for at in mine]
    assert found.points.tolist() == [max(rows["points"][at], 0) for at in mine]
    for name, column in (("day", "day"), ("market", "market"), ("channel", "channel"), ("content", "content_type")):
        assert getattr(found, name).tolist() == [rows[column][at] for at in mine], name
    assert found.overturned.tolist() == ([9, 0] if side == "creators" else [9]), (
        "on the ninth it still stands on the tenth"
    )


def test_stars_are_bad_from_one_to_two_and_an_order_without_any_is_not() -> None:
    rows = orders(refunded=[0] * 5, refund_reason=[0] * 5)
    stars = np.array([0, 1, 2, 3, 5])
    fault, known = order_facts._faults(rows, stars, np.array([7, 8, 9, 10, 11]), np.array([-1]), RULES)
    assert (fault >= 0).tolist() == [False, True, True, False, False]
    assert known.tolist() == [0, 8, 9, 0, 0]


def test_lines_of_purchases_that_cost_little_or_nothing() -> None:
    """Persons 1 to 3; beside the free lines of one purchase, those of others cost something or nothing."""
    person = np.array([1, 1, 1, 2, 2, 3, 3, 0])
    buyer = np.array([5, 5, 5, 6, 6, 7, 7, 8])
    day, category = np.array([1, 1, 1, 1, 1, 1, 2, 1]), np.zeros(8, int)
    value = np.array([1, 0, 0, 300, 100, 200, 100, 50])
    usual = 100  # persons' lower medians 0, 100, 100
    assert usual_values(person, value, category).tolist() == [usual] * 8
    found = case_weights(person, buyer, day, value, np.full(8, usual))
    assert found[:5] == pytest.approx([1 / (0.25 * usual), 0, 0, 0.75, 0.25])
    assert found[5:] == pytest.approx([1, 1 / 2, 0])
    free = case_weights(person, buyer, day, np.zeros(8, int), np.zeros(8, int))
    assert free == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1 / 2, 1 / 2, 1, 1 / 2, 0])


def test_batches_of_products_by_the_orders_of_others() -> None:
    """Two products sold by five in six weeks; one fails everybody in one week, the other never."""
    rng = np.random.default_rng(2)
    size = 1500
    product, week, person = rng.integers(0, 3, size), rng.integers(0, 6, size), rng.integers(1, 6, size)
    judged = rng.random(size) < 0.8
    failed = judged & (rng.random(size) < np.where((product == 2) & (week == 5), 0.6, 0.03))
    found = faulty_batches(product, week, person, judged, failed)
    usual = failed.sum() / judged.sum()
    for at in range(size):
        others = (product == product[at]) & (person != person[at])
        there = others & (week == week[at])
        n, k = (judged & there).sum(), (failed & there).sum()
        most = np.bincount(person[failed & there], minlength=6).max()
        rate = ((failed & others).sum() - k + 50 * usual) / ((judged & others).sum() - n + 50)
        counted = min(k, 2 * (k - most))
        expected = product[at] > 0 and counted >= 3 and stats.poisson.sf(counted - 1, n * rate) < 1e-4
        assert found[at] == expected
    assert found[(product == 2) & (week == 5)].all()


def test_a_card_shows_what_became_known_after_a_day_up_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    rated = table()
    monkeypatch.setattr(evidence_rows.rating_rows, "order_ids", lambda _, ids: {number: f"o{number}" for number in ids})
    cards = np.flatnonzero(rated.rank > 0).tolist()
    day = rated.gathered.as_of
    for card in cards[:6]:
        rows = [row for row in behind(cast(Any, None), rated, card, 0) if row.charged]
        for since in sorted({row.day for row in rows})[-4:]:
            newer = [row for row in behind(cast(Any, None), rated, card, since) if row.charged]
            assert newer == [row for row in rows if row.day > since]
    streams = []
    for stream in rated.gathered.pooled.streams:
        bads = tuple(
            replace(bad, known=np.full(len(bad.known), day), gone=np.full(len(bad.gone), day)) for bad in stream.bads
        )
        streams.append(replace(stream, bads=bads))
    gone = replace(
        rated, gathered=replace(rated.gathered, pooled=replace(rated.gathered.pooled, streams=tuple(streams)))
    )
    assert not [row for card in cards for row in behind(cast(Any, None), gone, card, 0) if row.charged], (
        "overturned today"
    )


def test_the_pace_of_a_card_is_that_of_its_last_28_days() -> None:
    rated = table()
    people, day = rated.gathered.pooled, rated.gathered.as_of
    cell = people.streams[0].cell
    own = int(np.bincount(people.cell_card[cell]).argmax())
    card = int(np.flatnonzero(rated.gathered.pool == own)[0])
    for at, start in ((0, day - 28), (1, day - 27), (1, day), (0, day + 1)):
        streams = tuple(replace(stream, start=np.full(len(stream.start), start)) for stream in people.streams)
        moved = replace(rated, gathered=replace(rated.gathered, pooled=replace(people, streams=streams)))
        for row in range(len(rated.gathered.frame.components)):
            stream = next(item for item in streams if any(bad.component == row for bad in item.bads))
            cases = int((people.cell_card[stream.cell] == own).sum())
            assert _pace(moved, card, row) == max(at * cases, 20)


def test_a_grade_is_reached_at_its_probability_and_not_before() -> None:
    rated = table()
    card = int(np.flatnonzero(rated.rank > 0)[0])
    bad = 5 * np.arange(60.0)
    rows = np.flatnonzero(rated.peers.weight[:, card] > 0)
    cases = {row: (400, bad) for row in rows.tolist() if rated.gathered.frame.components[row].is_share}
    reached = {target: _reaches(rated, card, target, 28, cases) for target in "ABC"}
    assert sum(sure.sum() for sure in reached.values()) not in {0, 180}
    assert all(sure[: sure.sum()].all() for sure in reached.values())
    half = 0.5 ** (28 / RULES.half_life_days)
    faded = replace(rated, n=rated.n.copy(), k=rated.k.copy())
    faded.n[list(cases)], faded.k[list(cases)] = rated.n[list(cases)] * half, rated.k[list(cases)] * half
    for target, sure in reached.items():
        assert _reaches(faded, card, target, 0, cases).tolist() == sure.tolist()
    unweighed = replace(
        rated, peers=replace(rated.peers, weight=np.where(rated.peers.weight > 50, 0, rated.peers.weight))
    )
    names = [entry.key for entry in rated.gathered.frame.components]
    for step in path(replace(unweighed, grade=np.full(rated.size, 3)), card):
        assert step.component == "everything" or unweighed.peers.weight[names.index(step.component), card] > 0
    none = replace(rated, peers=replace(rated.peers, weight=0 * rated.peers.weight))
    assert _to_any_grade(none, card) == ()


def test_a_card_in_the_ratings_of_another_day_is_that_of_its_name_role_and_market() -> None:
    before, after = table(day=DAY - 60), table()
    for card in range(after.size):
        then = place_of(after, card, before)
        assert then is not None
        for name in ("who", "role", "market"):
            assert getattr(after.gathered.frame.cards, name)[card] == getattr(before.gathered.frame.cards, name)[then]
    turned = replace(before.gathered.frame.cards, role=1 - before.gathered.frame.cards.role)
    frame = replace(before.gathered.frame, cards=turned)
    other = replace(before, gathered=replace(before.gathered, frame=frame))
    keys = {(int(w), int(r), int(m)) for w, r, m in zip(turned.who, turned.role, turned.market, strict=True)}
    cards = after.gathered.frame.cards
    for card in range(after.size):
        there = (int(cards.who[card]), int(cards.role[card]), int(cards.market[card])) in keys
        assert (place_of(after, card, other) is not None) is there
    assert place_of(after, 3, after) == 3


def test_components_without_points_take_no_part_in_a_movement() -> None:
    before, after = table(day=DAY - 60), table()
    card = int(np.flatnonzero(after.rank > 0)[0])
    weight = after.peers.weight.copy()
    weight[1] = 0
    lighter = replace(after, peers=replace(after.peers, weight=weight))
    names = [entry.key for entry in after.gathered.frame.components]
    some = {name for name, points in zip(names, weight[:, card], strict=True) if points > 0}
    assert {shift.component for shift in shifted(DAY - 60, None, lighter, lighter, card).shifts} == some
    assert names[1] not in some
    moved = shifted(DAY - 60, before, lighter, lighter, card)
    dropped = next(shift for shift in moved.shifts if shift.component == names[1])
    assert dropped.after == 0
    assert dropped.weights == pytest.approx(-(dropped.before + dropped.entering + dropped.leaving))


def test_a_card_without_a_grade_has_no_changes_of_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    rated = table()
    monkeypatch.setattr(scorecards, "behind", lambda *_: ())
    monkeypatch.setattr(scorecards, "path", lambda *_: ())
    history = GradeHistory(np.array([3, 10]), np.array([[0, 1], [1, 1]], np.int8))
    some = replace(rated, graded=np.array([1, 4]), history=history)
    told = [scorecards._card(cast(Any, None), 1, None, some, some, card).grades for card in range(6)]
    assert told == [(), ((3, "A"), (10, "B")), (), (), ((3, "B"),), ()]


@pytest.mark.parametrize("least", [1, 3, 4, 6, 7, 13])
def test_peers_are_the_narrowest_group_of_enough_members_whatever_the_least(least: int) -> None:
    rated = table()
    frame = replace(rated.gathered.frame, rules=replace(RULES, at_least=least))
    visible = np.zeros(len(frame.cell_card), bool)
    for stream in frame.streams:
        visible[stream.cell] = True
    some = cast(Any, SimpleNamespace(cases=visible[None, :].astype(float)))
    level, _ = GroupPriors(frame, some, some, some, np.zeros(0, bool), np.zeros(0, np.int64))._levels(
        frame.rules.groups
    )
    cards = frame.cards
    columns = {
        "role": cards.role[frame.cell_card],
        "market": cards.market[frame.cell_card],
        "category": frame.cell_category,
    }
    for cell in range(len(frame.cell_card)):
        expected = len(frame.rules.groups) - 1
        for at, shared in reversed(list(enumerate(frame.rules.groups))):
            same = np.logical_and.reduce([columns[name] == columns[name][cell] for name in shared] or [visible | True])
            if len(set(frame.cell_card[visible & same].tolist())) >= least:
                expected = at
        assert level[cell] == expected


def test_points_of_components_by_role_and_by_what_they_tell() -> None:
    rated = table()
    frame = rated.gathered.frame
    names = [entry.key for entry in frame.components]
    points = weights(frame)
    for card in range(rated.size):
        of_role = RULES.role(frame.cards.roles[frame.cards.role[card]]).weights
        total = sum(of_role.get(name, 0) for name in names)
        assert points[:, card] == pytest.approx([100 * of_role.get(name, 0) / total for name in names])
    rng = np.random.default_rng(1)
    n = rng.uniform(0, 900, points.shape)
    n[0, :3] = 0
    strength = np.repeat(rng.uniform(20, 200, (len(names), 1)), rated.size, axis=1)
    validity = _validity(frame, points, n, strength)
    k = rng.integers(0, 5, points.shape).astype(float)
    told = _telling(frame, points, k, validity)
    assert len(set(frame.cards.who.tolist())) < rated.size, "somebody has two roles"
    for card in range(rated.size):
        others = frame.cards.who != frame.cards.who[card]
        same_role = others & (frame.cards.role == frame.cards.role[card])
        for row in range(len(names)):
            rated_here = same_role & (points[row] > 0) & (n[row] > 0)
            share = n[row] / (n[row] + strength[row])
            worth = share[rated_here].mean() ** 0.5 if rated_here.any() else 1.0
            assert validity[row, card] == pytest.approx(worth)
        bad = np.where(points > 0, k, 0)[:, others].sum(axis=1)
        weighed = points[:, card] * (bad + 0.5) / (bad + 50.5) * validity[:, card]
        assert told[:, card] == pytest.approx(100 * weighed / weighed.sum())


def test_contentment_by_steps_of_a_normal_variable() -> None:
    reviews = np.array([0.0, 2, 0, 3, 0, 5])
    means = _contentment(reviews)
    edges = stats.norm.ppf([0, 0.2, 0.5, 1])
    for at, (low, high) in zip((1, 3, 5), pairwise(edges), strict=True):
        assert means[at] == pytest.approx(stats.truncnorm.mean(low, high))
    assert (means[[0, 2, 4]] == 0).all()
    assert means @ reviews == pytest.approx(0, abs=1e-9)


def test_a_shard_has_the_rows_of_its_cards_and_no_others() -> None:
    rated = table()
    cases, violations, _ = lines()
    everybody = rating_shards._Everybody(rated)
    shards = {rating_shards._number(person) for person in rated.gathered.crowd.persons[1:]}
    parts = {shard: everybody.on(shard) for shard in shards}
    assert sum(part.size for part in parts.values()) == rated.size
    for shard, part in parts.items():
        words = part.gathered.crowd.names.words
        mine = list(words[1:])
        assert {rating_shards._number(person) for person in part.gathered.crowd.persons[1:]} == {shard}
        where = [rated.gathered.crowd.names.words.index(name) for name in mine]
        assert sorted(part.gathered.cases.id) == sorted(cases.id[np.isin(cases.who, where)])
        assert len(part.gathered.violations.day) == np.isin(violations.who, where).sum()
        kept = {name: int((part.gathered.cases.who == at + 1).sum()) for at, name in enumerate(mine)}
        assert kept == {name: int((cases.who == at).sum()) for name, at in zip(mine, where, strict=True)}
        for stream, whole in zip(part.gathered.frame.streams, rated.gathered.frame.streams, strict=True):
            rows = part.gathered.violations.day if stream.of == "orders" else part.gathered.cases.id
            source = violations.day if stream.of == "orders" else cases.id
            own = np.isin(rated.gathered.frame.cards.who, where)
            for bad, all_ in zip(stream.bads, whole.bads, strict=True):
                here = own[rated.gathered.frame.cell_card[all_.cell]]
                assert rows[bad.row].tolist() == source[all_.row[here]].tolist()
