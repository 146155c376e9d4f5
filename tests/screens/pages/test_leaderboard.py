"""The leaderboard of a marketplace agrees with its scorecards, and its listing loses nobody."""

from dataclasses import replace
from math import isclose, isnan
from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.catalogue.rating_rules import packaged
from core.ratings.scorecard.scorecard import scorecard
from core.views.standings.leaderboard import Leaderboard
from core.views.standings.leaderboard_build import leaderboard
from core.views.standings.scorecard_checks import closes
from core.workspace.read.workspace import Workspace
from tests.screens.people import scorecard as made_up
from tests.views.boards import board
from tui.screens.creators_screen import _LEADERS, _listing


@pytest.fixture(scope="module")
def real(market: Path) -> Leaderboard:
    with Workspace.open(market) as workspace:
        return leaderboard(workspace, "creators", packaged())


@pytest.mark.parametrize("column", [column.key for column in _LEADERS])
def test_every_column_sorts_both_ways_and_loses_nobody(column: str) -> None:
    for descending in (False, True):
        rows = _listing(board(), "", column, descending).read(0, board().size + 1)
        assert len({row.key for row in rows}) == len(rows) == board().size


def test_the_change_is_that_of_the_scorecards(market: Path, real: Leaderboard) -> None:
    fallen = [real.leader(card) for card in real.view("change<0")[:2].tolist()]
    assert len(fallen) == 2
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
