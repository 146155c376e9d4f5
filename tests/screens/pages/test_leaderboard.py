"""The leaderboard's figures: what a filter keeps, in which order, and what moved whom."""

from contextlib import suppress
from dataclasses import replace
from math import isclose, isnan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import UsageError
from core.catalogue.rating_rules import packaged
from core.ratings.scorecard.scorecard import scorecard
from core.views.standings.leaderboard import Leaderboard
from core.views.standings.leaderboard_build import leaderboard
from core.views.standings.leaderboard_filter import parse
from core.views.standings.scorecard_checks import closes
from core.workspace.read.workspace import Workspace
from tests.screens.people import GRADES, board
from tests.screens.people import scorecard as made_up
from tui.screens.creators_screen import _LEADERS, _listing

CARDS = dict(enumerate(("C1a", "C1l", "C2", "C3", "none", "new")))


def kept(words: str = "", sort: str = "", descending: bool = False) -> list[str]:
    """The cards of a view, by name."""
    return [CARDS[card] for card in board().view(words, sort, descending).tolist()]


@pytest.fixture(scope="module")
def real(market: Path) -> Leaderboard:
    with Workspace.open(market) as workspace:
        return leaderboard(workspace, "creators", packaged())


def test_who_fell_most_comes_first_and_who_is_provisional_or_unknown_last() -> None:
    assert kept() == ["C1l", "C1a", "C2", "C3", "none", "new"]


@pytest.mark.parametrize("column", [column.key for column in _LEADERS])
def test_every_column_sorts_both_ways_and_loses_nobody(column: str) -> None:
    for descending in (False, True):
        rows = _listing(board(), "", column, descending).read(0, len(CARDS) + 1)
        assert len({row.key for row in rows}) == len(rows) == len(CARDS)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("role:live", ["C1l", "none", "new"]),
        ("kind:LIVE market:th", ["new"]),
        ("c1", ["C1l", "C1a"]),
        ("person:h1", ["C1l", "C1a", "C2"]),
        ("h1 th", ["C2"]),
        ("grade<=B", ["C1l", "C2"]),
        ("band>=b", ["C1l", "C1a", "C3"]),
        ("grade:P", ["none", "new"]),
        ("grade=d", ["C2"]),
        ("score<45", ["C2"]),
        ("change<-5 orders>200", ["C1a"]),
        ("change>=0", ["C2", "C3"]),
        ("rank:1", ["C1l", "C2", "C3"]),
        ("gmv>=120000", ["C3"]),
        ("new:", ["new"]),
        ("[b]c9", ["new"]),
        ("nobody", []),
    ],
)
def test_a_filter_keeps_who_meets_every_condition(words: str, found: list[str]) -> None:
    expected = [one for one in kept() if one in found]
    assert kept(words) == expected
    assert set(kept(words)) == set(found)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("scor<3", "no column 'scor'. Did you mean score?"),
        ("score<high", "score is compared with a number, not 'high'"),
        ("grade<=Z", "no grade 'z'. It is one of A, B, C, D"),
        ("role<3", "role is a word: write role:3"),
    ],
)
def test_a_filter_that_cannot_be_read_is_one_line(words: str, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        board().view(words)


@given(st.text())
def test_any_text_is_a_filter_or_a_usage_error(words: str) -> None:
    with suppress(UsageError):
        assert len(parse(words, tuple(GRADES))) == len(words.split())


@pytest.mark.parametrize("sort", ["id", "role", "market", "rank", "grade", "score", "change", "orders", "gmv", "why"])
def test_sorting_orders_what_is_known_both_ways(sort: str) -> None:
    up, down = kept(sort=sort), kept(sort=sort, descending=True)
    assert sorted(up) == sorted(down) == sorted(CARDS.values())
    unknown = {"rank": ["none"], "change": ["none", "new"], "why": ["none", "new"]}.get(sort, [])
    assert up[len(up) - len(unknown) :] == down[len(down) - len(unknown) :] == unknown
    if sort not in {"grade", "why"}:
        found = {name: getattr(board().leader(at), sort) for at, name in CARDS.items()}
        values = [found[name] for name in up[: len(up) - len(unknown)]]
        assert values == sorted(values)


def test_a_leader_says_why_and_how_sure() -> None:
    one, two, *_, new = (board().leader(at) for at in CARDS)
    assert (one.change, one.why, one.grade, one.is_sure) == (-8.0, "content", "A", True)
    assert (two.change, two.why, two.grade, two.is_sure) == (-10.0, "product", "B", False)
    assert (new.change, new.why, new.grade, new.newcomer) == (None, "", "P", True)
    assert sum(part.change or 0.0 for part in two.parts) == two.change
    assert board().leader(4).rank is None


def test_grades_now_and_before_count_the_same_cards() -> None:
    found = board().tally
    assert found.now == (2, 1, 0, 1, 0)
    assert found.before == (2, 1, 0, 1, 0)
    assert (found.up, found.down) == (1, 1)
    assert sum(found.now) == sum(found.before)


def test_a_card_is_found_again_in_any_order() -> None:
    shown = board()
    for at in CARDS:
        order = shown.view("", "score")
        assert order[shown.place(order, shown.leader(at).key) or 0] == at
    assert shown.place(shown.view("role:live"), shown.leader(0).key) is None
    assert shown.place(shown.view(), "nobody\x1faffiliate\x1fID") is None


def test_the_change_is_that_of_the_scorecards(market: Path, real: Leaderboard) -> None:
    fallen = [real.leader(card) for card in real.view("change<0")[:3].tolist()]
    assert len(fallen) == 3
    with Workspace.open(market) as workspace:
        for one in fallen:
            found = scorecard(workspace, "creators", one.id, packaged(), real.as_of, real.since)
            card = next(x for x in found.cards if (x.rating.id, x.rating.role) == (one.id, one.role))
            assert one.change is not None
            assert one.score == pytest.approx(card.rating.score)
            assert one.change == pytest.approx(card.movement.change, abs=1e-6)
            moves = {shift.component: shift.change for shift in card.movement.shifts}
            assert {part.component: part.change for part in one.parts} == pytest.approx(moves, abs=1e-6)
            assert moves[one.why] == min(moves.values())
            assert closes(card)


def test_points_add_up_to_scores(real: Leaderboard) -> None:
    cards = real.view()[:50].tolist()
    assert len(cards) >= 20
    for card in cards:
        one = real.leader(card)
        assert isclose(sum(part.points for part in one.parts), one.score, abs_tol=1e-9)
        assert sum(part.weight for part in one.parts) == pytest.approx(100)
        if one.change is not None:
            assert sum(part.change or 0.0 for part in one.parts) == pytest.approx(one.change, abs=1e-9)


def test_two_days_can_be_chosen_and_must_be_in_order(market: Path, real: Leaderboard) -> None:
    day = real.as_of
    with Workspace.open(market) as workspace:
        same = leaderboard(workspace, "creators", packaged(), day, day)
        assert all(change == 0 for change in same.change.tolist() if not isnan(change))
        assert leaderboard(workspace, "sellers", packaged()).side == "sellers"
        with pytest.raises(UsageError, match="Swap them"):
            leaderboard(workspace, "creators", packaged(), day - 7, day)


def test_a_sum_that_does_not_close_is_seen() -> None:
    card = made_up().cards[0]
    assert closes(card)
    assert not closes(replace(card, movement=replace(card.movement, change=1.0)))
    assert not closes(replace(card, rating=replace(card.rating, score=1.0)))
