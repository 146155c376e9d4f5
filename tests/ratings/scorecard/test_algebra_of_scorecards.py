"""Scorecards, paths, movements and shards, on the ratings of a few hundred lines."""

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
from core.ratings.rating_results import PROVISIONAL as PROVISIONAL_WORD
from core.ratings.rating_results import Held
from core.ratings.rating_table import RatingTable
from core.ratings.scorecard import scorecard as scorecards
from core.ratings.scorecard.array_packing import pack, unpack
from core.ratings.scorecard.improvement import _expected, _pace, _reaches, _text, _together, path
from core.ratings.scorecard.rating_shards import only
from core.ratings.scorecard.score_change import place_of, shifted
from core.ratings.scorecard.scorecard import _changes, cards_of, evidence_of, joined
from core.ratings.scoring.credible_intervals import credible_interval
from core.ratings.scoring.grades import PROVISIONAL, GradeHistory, beliefs, priors_of
from core.workspace.read.rating_rows import FOREVER, NEVER, RoleRow
from tests.ratings.cases.test_algebra_of_outcomes import DAY, PERSONS, RULES, table


def weighed(rated: RatingTable, weight: float) -> RatingTable:
    """The same ratings, of cases that all weigh the same."""
    people = rated.gathered.pooled
    streams = tuple(replace(stream, weight=np.full(len(stream.weight), weight)) for stream in people.streams)
    return replace(rated, gathered=replace(rated.gathered, pooled=replace(people, streams=streams)))


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
    rated = weighed(table(), 1.0)
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
        assert ("its grade is uncertain" in step.text) is (cases >= 30)
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
    roles = (RoleRow("c3", "host", 7, 9), RoleRow("c4", "host", 1, 2), RoleRow("c3", "affiliate", NEVER, FOREVER))
    crowd = replace(rated.gathered.crowd, roles=roles)
    held_by = joined(replace(rated, gathered=replace(rated.gathered, crowd=crowd)), "c3", [], ()).roles
    assert held_by == (Held("c3", "host", 7, 9), Held("c3", "affiliate", None, None)), (
        "its own roles, not those of others"
    )
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


@pytest.mark.parametrize(
    ("missing", "weight", "words"),
    [
        (0.5, 1.0, "1 more delivery; there is too little"),
        (1.5, 1.0, "2 more deliveries; there is too little"),
        (6, 0.75, "8 more deliveries; there is too little"),
        (6, 0.25, "6 more deliveries of full weight; those so far weigh 25% on average"),
    ],
)
def test_what_is_missing_to_any_grade_is_counted_in_cases_like_those_so_far(
    missing: float, weight: float, words: str
) -> None:
    rated = weighed(table(), weight)
    card = int(np.flatnonzero(rated.rank > 0)[0])
    n = np.full_like(rated.n, rated.gathered.rules.minimum_cases - missing)
    (step,) = path(replace(rated, n=n, grade=np.full(rated.size, PROVISIONAL)), card)
    assert step.text.startswith(f"complete about {words}")
    assert step.of_next == int(words[0])


def test_cases_to_come_weigh_as_much_as_those_so_far() -> None:
    """Four hundred of half a weight tell as two hundred; violations are held against orders of that weight and weigh in full."""
    rated, bad = table(), np.arange(40.0)
    card = int(np.flatnonzero((rated.rank > 0) & (rated.n[:3].max(axis=0) > 20))[0])
    names = [entry.key for entry in rated.gathered.frame.components]
    half, full = weighed(rated, 0.5), weighed(rated, 1.0)
    for name, share, fewer in (("reviews", 0.5, 1.0), ("compliance", 1.0, 0.5)):
        row = names.index(name)
        reached = _reaches(half, card, "B", 28, {row: (400, bad)}).tolist()
        assert reached == _reaches(full, card, "B", 28, {row: (200, share * bad)}).tolist()
        assert len({*reached}) == 2
        assert _expected(half, card, row, 400) == pytest.approx(fewer * _expected(full, card, row, 400))


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
    monkeypatch.setattr(scorecards, "day_to_read", lambda _, day: (day, ()))
    workspace = cast(Any, SimpleNamespace(span=Window(10, 60)))
    if asked is None:
        with pytest.raises(UsageError, match="is after the one that is rated"):
            scorecards.scorecard(workspace, "creators", "c3", RULES, as_of, since)
        return
    assert scorecards.scorecard(workspace, "creators", "c3", RULES, as_of, since).id == "c3"
    assert days == [asked]
