"""Who is rated and under which name: accounts, persons and shops as exports give them, and the order of cards."""

from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.errors import UsageError
from core.ratings.cases import accounts
from core.ratings.cases.case_counts import CaseCounts
from core.ratings.cases.refresh_days import SUNDAY, WEEK, YOUNG_DAYS, first_day
from core.ratings.rating_table import RatingTable
from core.ratings.scorecard import rating_shards, scorecard
from core.ratings.scorecard.improvement import _expected, _pace, _reaches, _step
from core.ratings.scorecard.score_change import _as_in
from core.ratings.scoring.grades import _ANCHOR_DAYS, anchor_of
from core.workspace.read.rating_rows import FOREVER, NEVER, Account, RoleRow
from tests.ratings import shop
from tests.ratings.cases.test_algebra_of_outcomes import RULES, crowd, table

WORDS = {
    "creator_id": ("", "c2", "c1"),
    "seller_id": ("", "s9", "s1"),
    "market": ("", "TH"),
    "category": ("", "beauty"),
}


@pytest.mark.parametrize("side", ["creators", "sellers"])
def test_accounts_as_their_exports_and_orders_name_them(side: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reported = {"c1": Account("P1", "s1", "ID", 50), "c9": Account("", "gone", "", NEVER)}
    shops = {"s1": Account("", "", "TH", 7)}
    rows = [RoleRow("c7", "affiliate", 0, FOREVER)]
    for name, answer in (("accounts", reported), ("sellers", shops), ("roles", rows)):
        monkeypatch.setattr(accounts.rating_rows, name, lambda _, answer=answer: answer)
    monkeypatch.setattr(accounts.rating_rows, "words", lambda _, name: WORDS[name])
    found = accounts.read(cast(Any, None), side)
    if side == "sellers":
        assert found.names.words == ("", "s1", "s9")
        assert found.persons == ("", "s1", "s9")
        assert [found.markets.words[at] for at in found.market] == ["", "TH", ""]
        assert (found.joined.tolist(), found.listed.tolist()) == ([NEVER, 7, NEVER], [False, True, False])
        assert (found.own_shop == -1).all()
        return
    assert found.names.words == ("", "c1", "c2", "c7", "c9")
    assert found.persons == ("", "P1", "c2", "c7", "c9")
    assert [found.markets.words[at] for at in found.market] == ["", "ID", "", "", ""]
    assert found.own_shop.tolist() == [-1, 2, -1, -1, -1], "a shop without an order is none"
    assert found.listed.tolist() == [False, True, False, True, True]
    assert found.joined.tolist() == [NEVER, 50, NEVER, NEVER, NEVER]
    assert found.roles == tuple(rows)
    twice = replace(found, persons=("", "P", "Q", "P", "Q"))
    assert twice.person_places().tolist() == [0, 1, 2, 1, 2]


@pytest.mark.parametrize(("side", "id_", "account"), [
    ("creators", "c1", "c1"), ("creators", "P1", "c8"), ("creators", "x", None), ("creators", "", None), ("sellers", "s1", "s1"),
    ("sellers", "P1", None),
])  # fmt: skip
def test_a_person_is_shown_by_its_first_account(
    side: Any, id_: str, account: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorecard, "is_known", lambda _, __, name: name in {"c1", "s1"})
    monkeypatch.setattr(scorecard, "accounts_of", lambda _, name: ("c8", "c9") if name == "P1" else ())
    monkeypatch.setattr(scorecard, "words", lambda _, name: WORDS[name])
    monkeypatch.setattr(scorecard, "name_in_rows", lambda _, __, name: name)
    asked: list[Any] = []
    monkeypatch.setattr(scorecard, "did_you_mean", lambda name, names: asked.append(tuple(names)) or "")
    if account is not None:
        assert scorecard._account(cast(Any, None), side, id_) == account
        return
    with pytest.raises(UsageError, match=f"no {side[:-1]} '{id_}' in the data"):
        scorecard._account(cast(Any, None), side, id_)
    assert asked == [WORDS["creator_id" if side == "creators" else "seller_id"][1:]]


@pytest.mark.parametrize("other", [False, True])
def test_a_scorecard_is_compared_by_the_rules_of_then(other: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rated: RatingTable = table()
    rules = replace(RULES, version="before")
    asked: list[tuple[Any, int]] = []
    compared: list[Any] = []

    def ratings(_: Any, __: Any, ___: str, by: Any, day: int) -> RatingTable:
        asked.append((by, day))
        return replace(rated)

    monkeypatch.setattr(scorecard, "ratings_of", ratings)
    monkeypatch.setattr(scorecard, "_account", lambda *_: "c3")
    monkeypatch.setattr(scorecard, "cards_of", lambda *_: [1])
    monkeypatch.setattr(
        scorecard, "_card", lambda _, __, before, same, after, card: compared.append((before, same, after))
    )
    monkeypatch.setattr(scorecard, "joined", lambda *_: SimpleNamespace())
    monkeypatch.setattr(scorecard, "replace", lambda item, **_: item)
    monkeypatch.setattr(scorecard, "day_to_read", lambda _, day: (day, ()))
    workspace = cast(Any, SimpleNamespace(span=SimpleNamespace(first=10, last=60)))
    scorecard.scorecard(workspace, "creators", "c3", RULES, 50, None, rules if other else None)
    expected = [(RULES, 50), (rules if other else RULES, 22)] + [(rules, 50)] * other
    assert asked == expected
    ((_, same, after),) = compared
    assert (same is after) is not other


def test_cards_are_listed_best_first_and_those_without_a_case_last() -> None:
    rated = table()
    some = replace(rated, rank=np.where(np.arange(rated.size) % 3 == 0, 0, 1), score=np.arange(rated.size) % 5 * 10.0)
    listed = some.listed().tolist()
    assert sorted(listed) == list(range(some.size))
    assert listed == sorted(range(some.size), key=lambda card: (some.rank[card] == 0, -some.score[card], card))
    roles = some.gathered.frame.cards
    assert set(some.listed(role=roles.roles[0]).tolist()) == set(np.flatnonzero(roles.role == 0).tolist())
    with pytest.raises(UsageError, match=r"nobody has the role 'x'.* Known: "):
        some.listed(role="x")


def test_a_shard_keeps_the_roles_of_its_accounts() -> None:
    everybody = crowd()
    for here, roles in ((np.array([0, 1, 3]), 1), (np.array([0, 2]), 0)):
        part = rating_shards._crowd(everybody, here)
        assert len(part.roles) == roles == sum(row.creator_id in part.names.words for row in everybody.roles)
        assert part.persons == tuple(everybody.persons[at] for at in here)


def test_a_step_is_the_soonest_that_reaches_the_grade_and_none_where_nothing_does() -> None:
    rated = table()
    card = int(np.flatnonzero((rated.rank > 0) & (rated.n[:3].max(axis=0) > 20))[0])
    reached = 0
    for row in np.flatnonzero(rated.peers.weight[:, card] > 0).tolist():
        for target in "ABC":
            step = _step(rated, card, row, target)
            pace, best = _pace(rated, card, row), None
            for times in (1, 2, 4, 8, 16):
                bad = np.arange(np.floor(_expected(rated, card, row, pace * times)) + 1)
                sure = _reaches(rated, card, target, 28 * times, {row: (pace * times, bad)})
                if sure.any():
                    best = pace * times, int(bad[sure].max())
                    break
            assert (None if step is None else (step.of_next, step.at_most)) == best
            reached += best is not None
    assert reached


@pytest.mark.parametrize("first", [20_000, 20_003, 20_006])
def test_anchors_are_sundays_in_steps_of_four_weeks(first: int) -> None:
    for day in range(first, first + 120):
        if day - first < YOUNG_DAYS:
            assert anchor_of(first, day) == day
            continue
        grown = max(at for at in range(first + YOUNG_DAYS - 6, first + YOUNG_DAYS + 1) if (at - SUNDAY) % WEEK == 0)
        fourth = max(at for at in range(day - 27, day + 1) if (at - SUNDAY) % _ANCHOR_DAYS == 0)
        assert anchor_of(first, day) == max(fourth, grown)


def test_a_few_odd_days_do_not_make_the_data_old() -> None:
    """The day of the thirtieth case, which later ones do not change; of fewer the last one."""
    days = np.concatenate([np.full(9, 100), np.arange(400, 500), np.arange(400, 500)])
    assert first_day(np.random.default_rng(3).permutation(days)) == 410
    assert first_day(days[days < 470]) == 410
    assert (first_day(days[:12]), first_day(days[:0])) == (402, 0)


def test_components_that_the_other_rating_does_not_know_get_nothing_from_it() -> None:
    """Of a rating by y and z, one by x, y and w takes what it says of y."""
    target, source = (
        cast(Any, SimpleNamespace(gathered=SimpleNamespace(frame=SimpleNamespace(components=parts))))
        for parts in ([SimpleNamespace(key=key) for key in keys] for keys in ("xyw", "yz"))
    )
    base = CaseCounts(*(np.array([[10.0], [20.0], [30.0]]) for _ in range(5)))
    more = CaseCounts(*(np.array([[1.0], [2.0]]) for _ in range(5)))
    found = _as_in(target, base, source, more)
    assert [getattr(found, entry.name)[:, 0].tolist() for entry in fields(found)] == [[10.0, 21.0, 30.0]] * 5


def test_who_sells_in_another_market_only_has_no_card_at_home(tmp_path: Path) -> None:
    tables = shop.world(creators=3, orders=10)
    tables["creators"][1]["market"], tables["violations"] = "TH", []
    ratings = shop.of(shop.ask(shop.saved(tmp_path, tables), "rate"), "C1")
    assert [row["market"] for row in ratings] == ["ID"]
