"""Ratings of three days, the cards of a segment, and the same card in both: counted by hand."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.ecosystem.fairness import score_history as module
from core.ratings.scoring.grades import GradeHistory
from tests.ecosystem.fairness.test_algebra_of_moves import history
from tests.ratings.cases.test_algebra_of_outcomes import table

NOBODY = cast(Any, None)


@pytest.mark.parametrize(("weeks", "days"), [(11, [1000, 972]), (12, [1000, 972, 944])])
def test_sides_are_rated_now_and_28_and_56_days_ago_where_the_data_go_so_far(
    weeks: int, days: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sellers cannot be rated; nobody could be 28 days ago."""
    rated, asked = table(), []

    def rate(_: Any, side: str, rules: Any, day: int, *, with_grades: bool = True, reader: Any) -> Any:
        asked.append((side, day, with_grades))
        if side == "sellers" or day == 972:
            raise NotEnoughData(f"no {side}")
        return rated

    monkeypatch.setattr(module, "rate", rate)
    monkeypatch.setattr(module, "OrderReader", lambda *_: None)
    activities = [
        SimpleNamespace(crowd=SimpleNamespace(side=side), as_of=1000, weeks=weeks) for side in ("creators", "sellers")
    ]
    monkeypatch.setattr(module, "_chosen", lambda *_: np.ones(rated.size, bool))
    (found,), errors = module.standings(NOBODY, cast(Any, activities), NOBODY, EVERYTHING)
    assert {side: str(error) for side, error in errors.items()} == {"sellers": "no sellers"}
    assert asked == [("creators", 1000, True), ("sellers", 1000, True), *(("creators", day, False) for day in days[1:])]
    assert (found.now, found.before, found.moved_before) == (rated, None, None)
    assert (found.earlier is rated) is (weeks == 12)
    assert found.matched.tolist() == [-1] * len(found.cards)


def test_a_history_matches_cards_that_had_a_case_and_counts_moves_where_it_is_old_enough() -> None:
    rated = table()
    cards = np.flatnonzero(rated.rank > 0)
    graded = cards[:3]
    grades = np.array([[0, 1, 2], [1, 1, 2], [0, 0, 0]], np.int8)
    now = replace(rated, graded=graded, history=GradeHistory(np.array([940, 970, 1000]), grades))
    rank = rated.rank.copy()
    rank[cards[1]] = 0
    before = replace(rated, rank=rank)
    activity = cast(Any, SimpleNamespace(crowd=rated.gathered.crowd, as_of=1000))
    side = rated.gathered.crowd.side
    found = module._history(activity, now, cards, before, {side: rated})
    assert found.matched.tolist() == [card if at != 1 else -1 for at, card in enumerate(cards)]
    assert found.moved_before == (1, 3), "of the refresh by day 944 and that by day 972"
    assert found.grade_before()[1] == -1
    young = module._history(activity, now, cards, before, {})
    assert (young.moved_before, young.earlier) == (None, None)
    alone = module._history(activity, now, cards, None, {side: rated})
    assert (alone.before, alone.moved_before, set(alone.matched.tolist())) == (None, None, {-1})
    assert set(alone.grade_before().tolist()) == {-1}
    first = replace(history(), matched=np.zeros(len(history().cards), int))
    assert first.before is not None
    assert set(first.grade_before().tolist()) == {int(first.before.grade[0]) % len(first.grades)}, (
        "the first card is one"
    )


def test_cards_of_a_segment_are_those_of_its_active_members_in_its_markets() -> None:
    rated = table()
    crowd, cards = rated.gathered.crowd, rated.gathered.frame.cards
    now, before = np.arange(crowd.size) % 3 == 1, np.arange(crowd.size) % 4 == 1
    activity = cast(Any, SimpleNamespace(active=lambda weeks: now if weeks == module.NOW else before))
    assert module._chosen(rated, activity, EVERYTHING).all()
    seen = (now | before)[cards.who]
    assert module._chosen(rated, activity, Segment.parse("category=x")).tolist() == seen.tolist()
    market = next(word for code, word in enumerate(crowd.markets.words) if word and (cards.market[seen] == code).any())
    here = cards.market == crowd.markets.words.index(market)
    assert module._chosen(rated, activity, Segment.of({"market": [market, "??"]})).tolist() == (seen & here).tolist()
    assert not module._chosen(rated, activity, Segment.of({"market": ["??"]})).any()


def test_the_same_card_is_that_of_the_same_member_role_and_market() -> None:
    """Roles are told by their words: the other day's are numbered otherwise, and lack one."""
    rated = table()
    frame = rated.gathered.frame

    def day(*cards: tuple[int, str, int], roles: tuple[str, ...]) -> Any:
        who, role, market = (
            np.array(column) for column in zip(*[(w, roles.index(r), m) for w, r, m in cards], strict=True)
        )
        changed = replace(frame.cards, who=who, role=role, market=market, roles=roles)
        return replace(rated, gathered=replace(rated.gathered, frame=replace(frame, cards=changed)))

    now = day(
        (1, "host", 1), (1, "author", 1), (2, "host", 0), (3, "host", 1), (9, "author", 1), roles=("host", "author")
    )
    then = day((3, "host", 1), (2, "host", 1), (1, "host", 1), (2, "host", 0), (1, "zed", 1), roles=("zed", "host"))
    assert module._found(now, np.arange(5), then).tolist() == [2, -1, 3, 0, -1]


def test_a_card_without_order_lines_counts_as_with_one() -> None:
    """A member with two cards, one of three lines and one of none."""
    rated = table()
    gathered, frame = rated.gathered, rated.gathered.frame
    own = np.flatnonzero(rated.rank > 0)[:2]
    who, orders = frame.cards.who.copy(), rated.orders.copy()
    who[own], orders[own] = who[own[0]], (3, 0)
    changed = replace(gathered, frame=replace(frame, cards=replace(frame.cards, who=who)))
    score, _ = module.merit(replace(rated, orders=orders, gathered=changed), gathered.crowd.size)
    assert score[who[own[0]]] == pytest.approx((3 * rated.score[own[0]] + rated.score[own[1]]) / 4)
