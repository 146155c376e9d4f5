"""Scorecards, paths, movements, shards and other rules, on the ratings of a few hundred lines."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from core.base.days import Window
from core.base.errors import NotEnoughData, UsageError
from core.catalogue.rating_rules import RatingRules
from core.ratings.rate import gather
from core.ratings.rating_document import scale_of
from core.ratings.rating_results import PROVISIONAL as PROVISIONAL_WORD
from core.ratings.rating_table import RatingTable
from core.ratings.scorecard import scorecard as scorecards
from core.ratings.scorecard.array_packing import pack, unpack
from core.ratings.scorecard.improvement import _pace, _reaches, _text, _together, path
from core.ratings.scorecard.rating_shards import only
from core.ratings.scorecard.score_change import place_of, shifted
from core.ratings.scorecard.scorecard import _changes, cards_of, evidence_of, joined
from core.ratings.scoring.credible_intervals import credible_interval
from core.ratings.scoring.grades import PROVISIONAL, GradeHistory, beliefs, priors_of
from core.ratings.simulate import changes, compare, flips_a_year
from tests.ratings.cases.test_algebra_of_outcomes import DAY, PERSONS, RULES, table


def test_ratings_are_of_persons_and_shown_by_account() -> None:
    rated = table()
    cards = rated.gathered.frame.cards
    same = [at for at in range(rated.size) if PERSONS[cards.who[at] - 1] == "P1" and cards.market[at] == 2]
    assert len(same) == 2
    assert rated.score[same[0]] == rated.score[same[1]]
    assert np.isfinite(rated.score).all()
    truth = np.argsort(np.argsort(-cards.who[rated.rank > 0]))
    assert np.corrcoef(truth, rated.score[rated.rank > 0])[0, 1] > 0.5
    listed = rated.listed()
    assert rated.score[listed[rated.rank[listed] > 0]].tolist() == sorted(rated.score[rated.rank > 0], reverse=True)
    assert set(rated.listed(market="ID")) == set(np.flatnonzero(cards.market == 1))
    for card in (0, 3):
        rating = rated.rating(card)
        assert sum(part.points for part in rating.components) == pytest.approx(rating.score)
        assert sum(part.weight for part in rating.components) == pytest.approx(100)
        for part in rating.components:
            assert part.interval[0] < part.value < part.interval[1]


@pytest.mark.parametrize(
    ("fewer", "most", "text"),
    [
        (0.4, 3, "go on as now, with 3 or fewer bad orders in the next 1,000 orders"),
        (0.5, 3, "keep bad orders to 3 or fewer in the next 1,000 orders; at the current rate there would be 4"),
        (5.0, 0, "have no bad orders in the next 1,000 orders; at the current rate there would be 5"),
    ],
)
def test_a_step_in_words(fewer: float, most: int, text: str) -> None:
    assert _text("bad orders", "orders", 1000, most, most + fewer) == text


def test_a_path_is_the_shortest_that_reaches_the_grade() -> None:
    """Graded C by hand where the score lies: fewer bad cases than the step allows reach B, one more does not."""
    rated = table()
    card = int(np.flatnonzero((rated.rank > 0) & (rated.n[:3].max(axis=0) > 20))[0])
    worse = replace(rated, grade=np.full(rated.size, 3))
    steps = path(worse, card)
    assert steps
    assert all(step.target == "C" for step in steps)
    single = [step for step in steps if step.component != "everything"]
    assert steps == (*single, _together(worse, card, "C"))
    assert [step.of_next for step in single] == sorted(step.of_next for step in single)
    names = [entry.key for entry in rated.gathered.frame.components]
    for step in single:
        days = 28 * step.of_next // _pace(worse, card, names.index(step.component))
        bad = np.array([step.at_most, step.at_most + 1.0])
        sure = _reaches(worse, card, "C", days, {names.index(step.component): (step.of_next, bad)})
        assert sure.tolist() == [True, step.at_most == int(step.expected) and bool(sure[1])]
    for step in steps:
        assert step.fewer == pytest.approx(step.expected - step.at_most, abs=1.0)
        assert 0 <= step.at_most <= step.expected
        assert step.of_next >= 20
    assert path(replace(rated, grade=np.zeros(rated.size, int)), card) == ()
    (missing,) = path(replace(rated, grade=np.full(rated.size, PROVISIONAL), n=np.minimum(rated.n, 10.5)), card)
    assert (missing.of_next, missing.at_most) == (20, 20)
    assert "too little evidence" in missing.text
    for cases, more in ((30.0, 30), (29.5, 1), (59.5, 1), (75.0, 1)):
        enough = replace(rated, grade=np.full(rated.size, PROVISIONAL), n=np.full(rated.n.shape, cases))
        (step,) = path(enough, card)
        assert step.of_next == more
        assert ("not sure in which grade" in step.text) is (cases >= 30)
        assert ("about 1 more " in step.text) is (more == 1)
    assert missing.target == rated.gathered.rules.grade_of(float(rated.score[card]))


def test_a_movement_adds_up_from_day_to_day() -> None:
    before, after = table(day=DAY - 60), table()
    for card in np.flatnonzero(after.rank > 0)[:5].tolist():
        moved = shifted(DAY - 60, before, after, after, card)
        then = place_of(after, card, before)
        assert then is not None
        assert moved.before == pytest.approx(before.score[then])
        assert moved.after == pytest.approx(after.score[card])
        assert moved.change == pytest.approx(sum(shift.change for shift in moved.shifts))
        for shift in moved.shifts:
            assert shift.change == pytest.approx(
                shift.entering + shift.leaving + shift.weights + shift.peers + shift.rules
            )
            assert shift.rules == 0
        new = shifted(DAY - 60, None, after, after, card)
        assert all(shift.leaving == shift.weights == shift.peers == 0 for shift in new.shifts)
        assert new.grade_before == "P"


def test_a_person_in_one_view() -> None:
    rated = table()
    held = cards_of(rated, 3)
    who = rated.gathered.frame.cards.who
    assert (who[held][0], set(who[held].tolist())) == (3, {1, 3})
    assert held == sorted(held, key=lambda card: (who[card] != 3, -rated.orders[card], card))
    evidence = evidence_of(rated)
    shares = [row for row, entry in enumerate(rated.gathered.frame.components) if entry.is_share]
    assert evidence == pytest.approx(np.where(rated.peers.weight[shares] > 0, rated.n[shares], 0).max(axis=0))
    for cards in (held, np.flatnonzero(rated.rank > 0).tolist()):
        pool = rated.gathered.pool[cards]
        weight = evidence[cards] / np.array([(pool == at).sum() for at in pool])
        view = joined(rated, "c3", cards, ())
        assert view.score == pytest.approx(weight @ rated.score[cards] / weight.sum())
        variance = 0.0
        for at in set(pool.tolist()):
            card = cards[list(pool).index(at)]
            width = (rated.high[card] - rated.low[card]) / (2 * 1.959964)
            variance += (weight[pool == at].sum() / weight.sum() * width) ** 2
        reach = 1.959964 * variance**0.5
        assert view.interval == pytest.approx((view.score - reach, view.score + reach), rel=1e-5)
        each = replace(rated, grade=np.arange(rated.size) % 4)
        strongest = max(cards, key=lambda card: (evidence[card], -card))
        assert joined(each, "c3", cards, ()).grade == rated.grades[strongest % 4]
    assert len(set(pool.tolist())) > 2
    assert joined(rated, "c3", [], ()).grade == PROVISIONAL_WORD
    history = GradeHistory(np.array([3, 10, 17, 24]), np.array([[-1], [0], [0], [2]], np.int8))
    assert _changes(replace(rated, history=history), 0) == ((3, "P"), (10, "A"), (24, "C"))


def test_one_shard_says_the_same_as_all() -> None:
    rated = table()
    cards = np.flatnonzero(np.isin(rated.gathered.frame.cards.who, [1, 3, 6]))
    part = only(rated, cards)
    for at, card in enumerate(cards.tolist()):
        whole, alone = rated.rating(card), part.rating(at)
        assert alone.score == whole.score
        assert [row.interval for row in alone.components] == pytest.approx([row.interval for row in whole.components])
        assert (alone.id, alone.person_id, alone.orders, alone.rank) == (
            whole.id,
            whole.person_id,
            whole.orders,
            whole.rank,
        )
    assert set(part.gathered.cases.who) == {1, 2, 3}
    again = unpack(RatingTable, pack(part, (RatingRules,)), {RatingRules: RULES})
    assert again.score.tolist() == part.score.tolist()
    assert again.gathered.crowd.names.words == part.gathered.crowd.names.words
    assert again.gathered.frame.cell_card.dtype == part.gathered.frame.cell_card.dtype
    assert pack(np.array([-128, 127]))[0] == "|i1"
    assert [pack(np.array([value]))[0] for value in (128, 32_767, 32_768, 2**31, -129)] == [
        "<i2",
        "<i2",
        "<i4",
        "<i8",
        "<i2",
    ]
    (product, *_) = beliefs(rated.gathered.frame, rated.peers, cards, rated.n[:, cards], rated.k[:, cards])
    low, high = credible_interval(product)
    assert low == pytest.approx(stats.beta.ppf(0.025, product.a + product.k, product.b + product.n - product.k))
    assert high == pytest.approx(stats.beta.ppf(0.975, product.a + product.k, product.b + product.n - product.k))
    low, high = credible_interval(replace(product, is_share=False))
    assert low == pytest.approx(stats.gamma.ppf(0.025, product.a + product.k, scale=1 / (product.b + product.n)))
    assert high == pytest.approx(stats.gamma.ppf(0.975, product.a + product.k, scale=1 / (product.b + product.n)))


def test_before_any_evidence_a_component_is_what_its_prior_says() -> None:
    rated = table()
    cards, nothing = np.arange(rated.size), np.zeros_like(rated.n)
    mean, a = priors_of(rated.gathered.frame, rated.peers, cards, nothing, nothing)
    for row, belief in enumerate(beliefs(rated.gathered.frame, rated.peers, cards, nothing, nothing)):
        assert belief.value == pytest.approx(mean[row])
        assert belief.a == pytest.approx(a[row])


def test_bad_cases_to_come_are_the_present_rate_times_the_cases() -> None:
    rated = table()
    card = int(np.flatnonzero((rated.rank > 0) & (rated.n[:3].max(axis=0) > 20))[0])
    parts = {part.name: part for part in rated.rating(card).components}
    steps = [
        step
        for step in path(replace(rated, grade=np.full(rated.size, 3)), card)
        if step.component in parts and step.component != "compliance"
    ]
    assert steps
    for step in steps:
        assert step.expected == pytest.approx(parts[step.component].value * step.of_next)


@pytest.mark.parametrize(("missing", "words"), [(0.5, "1 more delivery;"), (1.5, "2 more deliveries;")])
def test_what_is_missing_to_any_grade_is_counted(missing: float, words: str) -> None:
    rated = table()
    card = int(np.flatnonzero(rated.rank > 0)[0])
    n = np.full_like(rated.n, rated.gathered.rules.minimum_cases - missing)
    (step,) = path(replace(rated, n=n, grade=np.full(rated.size, PROVISIONAL)), card)
    assert step.text.startswith(f"complete about {words}")
    assert step.of_next == int(words[0])


def other_grades(
    rated: RatingTable, grade: list[int], rank: list[int], score: list[float], gmv: list[float]
) -> RatingTable:
    """The first cards with these figures, the others without a case."""
    size, given = rated.size, len(grade)

    def column(values: list[Any], rest: Any) -> np.ndarray:
        return np.array([*values, *[rest] * (size - given)])

    return replace(
        rated,
        grade=column(grade, PROVISIONAL),
        rank=column(rank, 0),
        score=column(score, 50.0),
        gmv=column(gmv, 0.0),
        orders=column([10, 29, 30, 299, 300, 400], 0),
    )


def test_other_rules_by_who_moves_and_what_is_at_stake() -> None:
    plain = table()
    before = other_grades(
        plain, [0, 1, 2, 1, -1, 2], [1, 2, 3, 4, 5, 6], [80, 70, 60, 65, 50, 55.0], [10, 20, 30, 40, 50, 60.0]
    )
    after = other_grades(
        plain, [1, 0, 2, -1, 1, 2], [2, 1, 4, 3, 5, 6], [70, 80, 59, 65, 50, 55.1], [10, 20, 30, 40, 50, 60.0]
    )
    found = compare(before, after)
    assert (found.cards, found.up, found.down, found.provisional) == (6, 1, 1, 1)
    assert (found.gmv, found.gmv_up, found.gmv_down, found.gmv_provisional) == (210, 20, 10, 40)
    assert (found.rank_down, found.gmv_rank_down) == (2, 40)
    names = plain.gathered.crowd.names.words
    who = [names[at] for at in plain.gathered.frame.cards.who[:6]]
    assert [(mover.id, mover.what) for mover in found.losers] == [
        (who[3], "provisional"),
        (who[0], "grade"),
        (who[2], "rank"),
    ]
    lost = found.losers[1]
    assert (lost.before, lost.after, lost.change) == (80, 70, -10)
    assert (lost.grade_before, lost.grade_after, lost.rank_before, lost.rank_after) == ("A", "B", 1, 2)
    assert (lost.orders, lost.gmv) == (10, 10)
    assert [(mover.id, mover.what) for mover in found.winners] == [
        (who[4], "first_grade"),
        (who[1], "grade"),
        (who[5], "score"),
    ]
    assert sum(flow.cards for flow in found.transitions) == 6
    sizes = {row.value: row for row in found.groups if row.group == "size"}
    assert {value: row.cards for value, row in sizes.items()} == {
        "under 30 orders": 2,
        "30 to 299 orders": 2,
        "300 orders or more": 2,
    }
    small = sizes["under 30 orders"]
    assert (small.before, small.after, small.change, small.up, small.down, small.gmv_down) == (75, 75, 0, 1, 1, 10)
    assert small.interval == pytest.approx((-1.96 * 10, 1.96 * 10))


@pytest.mark.parametrize("seed", range(4))
def test_who_changes_loses_or_wins_and_nobody_does_both(seed: int) -> None:
    """Every way of changing at once, drawn at random: who moves is named once, by what counts most."""
    random, plain = np.random.default_rng(seed), table()

    def drawn() -> RatingTable:
        scores = random.choice([50.0, 60.02, 60.05, 70.0], 6)
        return replace(
            other_grades(
                plain, random.integers(-1, 4, 6).tolist(), [1] * 6, scores.tolist(), random.random(6).tolist()
            ),
            rank=np.array([*random.integers(0, 4, 6), *[0] * (plain.size - 6)]),
        )

    before, after = drawn(), drawn()
    found = compare(before, after)
    losers, winners = (
        {(move.id, move.role, move.market): move for move in side} for side in (found.losers, found.winners)
    )
    assert not losers.keys() & winners.keys()
    worst = len(RULES.grades) - 1
    for card in range(6):
        grades = before.grade[card], after.grade[card]
        ranks = [rated.rank[card] or rated.rivals[card] + 1 for rated in (before, after)]
        points = round(after.score[card] - before.score[card], 6)
        if not before.rank[card] and not after.rank[card]:
            expected = None
        elif PROVISIONAL not in grades and grades[0] != grades[1]:
            expected = ("grade", grades[1] < grades[0])
        elif grades[1] == PROVISIONAL != grades[0]:
            expected = ("provisional", False)
        elif grades[0] == PROVISIONAL != grades[1]:
            expected = ("first_grade", grades[1] < worst - 1)
        elif ranks[0] != ranks[1]:
            expected = ("rank", ranks[1] < ranks[0])
        else:
            expected = ("score", points > 0) if abs(points) > 0.05 else None
        names, cards = plain.gathered.crowd, plain.gathered.frame.cards
        key = names.names.words[cards.who[card]], cards.roles[cards.role[card]], names.markets.words[cards.market[card]]
        side = winners if key in winners else losers
        assert (None if key not in side else (side[key].what, side is winners)) == expected


def test_flips_a_year_and_what_rules_change() -> None:
    rated = table()
    grades = np.array([[0, 1], [1, 1], [0, -1], [0, -1]], np.int8)
    assert flips_a_year(replace(rated, history=GradeHistory(np.arange(4), grades))) == pytest.approx(2 / 6 * 52)
    other = replace(RULES, version="x", mature_after_days=14, grades={"A": 80, "B": 60, "C": 45, "D": 0})
    assert list(changes(RULES, other)) == ["grades.A: 75 -> 80", "mature_after_days: 28 -> 14"]
    assert list(changes(RULES, RULES)) == []
    groups = list(changes(RULES, replace(RULES, scale=("role", "market"))))
    assert groups == ["scale: role -> market, role"], "a list in words, in the order of the alphabet"
    assert list(changes(replace(RULES, scale=("role",)), replace(RULES, scale=()))) == ["scale: role -> nothing"]


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        (("role", "market", "category"), "all with the same role and market and category"),
        (("role",), "all with the same role, of every market and category"),
        (("role", "market"), "all with the same role and market, of every category"),
        ((), "everybody, of every role and market and category"),
    ],
)
def test_among_whom_scores_compare_in_words(scale: Any, words: str) -> None:
    assert scale_of(replace(RULES, scale=scale)) == words


@pytest.mark.parametrize(("span", "day", "first"), [(0, 300, 0), (0, 1000, None), (900, 1000, 900)])
def test_a_rating_reads_the_days_that_count(span: int, day: int, first: int | None) -> None:
    class ReadError(Exception):
        pass

    def facts(window: Window) -> None:
        raise ReadError(window)

    reader = cast(Any, SimpleNamespace(accounts=lambda _: None, facts=facts))
    workspace = cast(Any, SimpleNamespace(span=Window(span, 2000)))
    with pytest.raises(ReadError) as asked:
        gather(workspace, "creators", RULES, day, reader)
    (window,) = asked.value.args
    assert window.last == day
    least = day - RULES.horizon_days
    assert window.first == first if first is not None else least - 364 < window.first <= least
    with pytest.raises(NotEnoughData, match="the workspace begins on"):
        gather(workspace, "creators", RULES, span - 1, reader)


@pytest.mark.parametrize(
    ("as_of", "since", "asked"), [(50, None, 22), (20, None, 10), (10, None, 10), (50, 50, 50), (50, 51, None)]
)
def test_a_scorecard_compares_with_four_weeks_before(
    monkeypatch: pytest.MonkeyPatch, as_of: int, since: int | None, asked: int | None
) -> None:
    rated = table()
    days = []
    monkeypatch.setattr(scorecards, "ratings_of", lambda *_: rated)
    monkeypatch.setattr(scorecards, "_account", lambda *_: "c3")
    monkeypatch.setattr(scorecards, "_before", lambda *given: days.append(given[-1]))
    monkeypatch.setattr(scorecards, "cards_of", lambda *_: [])
    workspace = cast(Any, SimpleNamespace(span=Window(10, 60)))
    if asked is None:
        with pytest.raises(UsageError, match="is after the one that is rated"):
            scorecards.scorecard(workspace, "creators", "c3", RULES, as_of, since)
        return
    assert scorecards.scorecard(workspace, "creators", "c3", RULES, as_of, since).id == "c3"
    assert days == [asked]
