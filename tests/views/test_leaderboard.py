"""The leaderboard's figures, to the last card: what a filter keeps, in which order, and what moved whom."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shutil import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.days import iso
from core.base.errors import UsageError
from core.catalogue.rating_rules import packaged
from core.ratings.rate import rate
from core.views.standings.leaderboard import ComponentShare, LeaderboardRow
from core.views.standings.leaderboard_build import leaderboard
from core.views.standings.leaderboard_filter import parse
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.views.boards import GRADES, NASTY, board
from tests.views.conftest import LAST

CARDS = dict(enumerate(("C1a", "C1l", "C2", "C3", "none", "new")))


def kept(words: str = "", sort: str = "", descending: bool = False) -> list[str]:
    """The cards of a view, by name."""
    return [CARDS[card] for card in board().view(words, sort, descending).tolist()]


def test_who_fell_most_comes_first_and_who_is_provisional_or_unknown_last() -> None:
    assert kept() == ["C1l", "C1a", "C2", "C3", "none", "new"]


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
        ("grade<B", ["C2"]),
        ("grade>B", ["C1a", "C3"]),
        ("grade=b", ["C1l"]),
        ("score<=62", ["C2", "none", "new"]),
        ("score:70", ["C1l"]),
        ("score=4e1", ["C2"]),
        ("rank>1", ["C1a", "new"]),
        ("rank<=1", ["C1l", "C2", "C3"]),
        ("delta>0", ["C3"]),
        ("change<-8", ["C1l"]),
        ("orders<5", ["none", "new"]),
        ("seller:c2", ["C2"]),
        ("id:h1", []),
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


@pytest.mark.parametrize(
    ("sort", "up", "down"),
    [
        ("id", "C1a C1l C2 C3 none new", "new none C3 C2 C1a C1l"),
        ("role", "C1a C2 C3 C1l none new", "C1l none new C1a C2 C3"),
        ("market", "C1a C1l C3 none C2 new", "C2 new C1a C1l C3 none"),
        ("rank", "C1l C2 C3 C1a new none", "C1a new C1l C2 C3 none"),
        ("grade", "C1a C3 C1l C2 none new", "none new C2 C1l C1a C3"),
        ("score", "C2 none new C1l C1a C3", "C3 C1a C1l none new C2"),
        ("change", "C1l C1a C2 C3 none new", "C3 C2 C1a C1l none new"),
        ("orders", "none new C1l C2 C1a C3", "C3 C1a C2 C1l new none"),
        ("gmv", "none new C2 C1l C1a C3", "C3 C1a C1l C2 new none"),
        ("why", "C1l C3 C1a C2 none new", "C1a C1l C3 C2 none new"),
    ],
)
def test_columns_sort_both_ways_with_the_unknown_last(sort: str, up: str, down: str) -> None:
    assert (kept(sort=sort), kept(sort=sort, descending=True)) == (up.split(), down.split())


def test_a_leader_is_a_line_of_the_board() -> None:
    first, second, same, _, without_case, new = (board().leader(card) for card in CARDS)
    parts = (
        ComponentShare("product", 40, 50, 0),
        ComponentShare("content", 20, 30, -8),
        ComponentShare("compliance", 18, 20, 0),
    )
    assert first == LeaderboardRow(
        id="C1", person_id="H1", role="affiliate", market="ID", rank=2, peers=2, score=78, interval=(76, 80), grade="A",
        is_sure=True, change=-8, why="content", orders=400, gmv=9000.5, newcomer=False, parts=parts,
    )  # fmt: skip
    assert new == LeaderboardRow(
        id=NASTY, person_id="H5", role="live_host", market="TH", rank=2, peers=2, score=62, interval=(47, 77), grade="P",
        is_sure=True, change=None, why="", orders=3, gmv=12, newcomer=True,
        parts=tuple(replace(part, points=points, change=None) for part, points in zip(parts, (30, 20, 12), strict=True)),
    )  # fmt: skip
    assert (second.why, second.is_sure, second.grade) == ("product", False, "B"), "up to 76 it may be an A"
    assert (same.change, same.why) == (0, ""), "what did not move has no reason"
    assert (without_case.rank, without_case.change, without_case.why) == (None, None, "")
    half = replace(board(), weight=np.repeat([[50.0], [0.0], [50.0]], 6, axis=1))
    assert [part.component for part in half.leader(0).parts] == ["product", "compliance"]


@pytest.mark.parametrize(("points", "why"), [(0.051, "product"), (0.049, "")])
def test_a_twentieth_of_a_point_is_the_least_that_moves(points: float, why: str) -> None:
    moved = board().points_before.copy()
    moved[:, 2] = board().points[:, 2]
    moved[0, 2] -= points
    assert replace(board(), before=moved.sum(axis=0), points_before=moved).leader(2).why == why


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


def test_a_board_has_the_ratings_of_both_days(workspace: Workspace) -> None:
    """Ten sellers sell one thing a day each; each creator has two or three of them, six of the ten are in ID."""
    shown = leaderboard(workspace, "creators", packaged())
    now, then = (rate(workspace, "creators", packaged(), day) for day in (LAST, LAST - 28))
    rows = [shown.leader(card) for card in range(shown.size)]
    daily = {("c0", "ID"): 2, ("c1", "ID"): 2, ("c2", "ID"): 1, ("c3", "ID"): 1}
    assert {(row.id, row.market): row.gmv for row in rows} == {
        (f"c{at}", market): 280.0 * daily.get((f"c{at}", market), 1) for at in range(4) for market in ("ID", "TH")
    }
    assert shown.score.tolist() == now.score.tolist()
    assert shown.before.tolist() == then.score.tolist()
    assert shown.grade_before.tolist() == then.grade.tolist()
    for points, score in ((shown.points, shown.score), (shown.points_before, shown.before)):
        assert points.sum(axis=0) == pytest.approx(score)


def test_who_had_no_order_then_has_no_score_before(shop: Path, tmp_path: Path) -> None:
    db = Path(copy(shop, tmp_path / "w.db"))
    days = [iso(LAST - back) for back in range(10)]
    lines = [f"n{at},{day},{day},10,USD,TH,video,s9,c9,b2" for at, day in enumerate(days)]
    head = "order_id,ordered_at,paid_at,gmv,currency,market,channel,seller_id,creator_id,buyer_id"
    (tmp_path / "new.csv").write_text("\n".join([head, *lines]) + "\n")
    load(db, [tmp_path / "new.csv"], as_kind="orders")
    with Workspace.open(db) as workspace:
        shown = leaderboard(workspace, "creators", packaged())
    new = [shown.leader(card).id for card in range(shown.size)].index("c9")
    assert (shown.leader(new).gmv, shown.leader(new).change) == (100, None)
    assert np.flatnonzero(np.isnan(shown.before)).tolist() == np.flatnonzero(shown.grade_before == -2).tolist() == [new]
    assert np.flatnonzero(np.isnan(shown.points_before[0])).tolist() == [new]
