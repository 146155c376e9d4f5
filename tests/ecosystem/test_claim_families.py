"""What each family of claims is asked with: figures, members and groups of small tables, counted by hand."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window
from core.ecosystem import claim_families as module
from core.ecosystem.changes.segment_figures import Figure
from core.ecosystem.members.activity import Activity
from core.ecosystem.members.member_groups import MemberGroups
from core.ratings.cases.accounts import SortedWords
from core.workspace.read.rating_rows import NEVER
from tests.ecosystem.changes.test_algebra_of_weeks import panel
from tests.ecosystem.spread.test_concentration import crowd


def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Every figure that is asked for, of segments and over everything."""
    asked: list[Figure] = []
    monkeypatch.setattr(module, "segment_changes", lambda _, figure: asked.append(figure) or [])
    monkeypatch.setattr(module, "whole", lambda _, figure, causes: asked.append(figure))
    return asked


def test_amounts_are_weighed_and_only_money_scatters_by_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = figures(monkeypatch)
    amount = np.full((4, 12), 10.0)
    table = replace(
        panel(amount, np.ones(4, int)), amounts={"impressions": 90 * amount, "gmv": 5 * amount, "orders": amount}
    )
    stays = np.array([True, True, False, True])
    monkeypatch.setattr(module.steady_members, "steady", lambda *_: stays)
    weighed: list[Any] = []

    def weights(_: Any, amount: np.ndarray, case: float, dispersion: float) -> np.ndarray:
        weighed.append((amount.sum(), case, dispersion))
        return np.full(4, 0.5)

    monkeypatch.setattr(module.steady_members, "weights", weights)
    sources = cast(Any, SimpleNamespace(amounts=table, activities=(), incomplete=frozenset()))
    assert list(module.amount_claims(sources)) == []
    assert weighed == [(90 * 360, 1.0, 1.0), (360, 1.0, 1.0), (5 * 360, 5.0, 2.0)]
    shares, totals = asked[::2], asked[1::2]
    assert [(item.name, item.topic) for item in shares] == [
        ("impressions_share", "exposure"),
        ("orders_share", "sales"),
        ("gmv_share", "sales"),
    ]
    assert [(item.name, item.topic) for item in totals] == [
        (name, "demand") for name in ("impressions", "orders", "gmv")
    ]
    for pair in (shares, totals):
        assert [(item.is_count, item.unit, item.base) for item in pair] == [
            (True, 1, None),
            (True, 1, None),
            (False, 5, None),
        ]
    assert [(item.more_is_worse, item.weight is not None, item.amount.sum()) for item in (shares[1], totals[1])] == [
        (None, True, 360),
        (False, False, 480),
    ]


@pytest.mark.parametrize(("first", "asked_for"), [(945, True), (946, False)])
def test_rates_are_asked_of_what_is_known_of_each_week(
    first: int, asked_for: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight whole weeks. Of "rate" half is known after three days and all after ten: of the week up to yesterday (1 to 7 days
    old) 2.5 / 7 are, of that up to today 2 / 7. "late" is known after 14 days: of days that are 10 to 16 days old 3 / 7 are;
    there is no table of these. "count" is looked at after three days, and no rate."""
    asked = figures(monkeypatch)

    def metric(key: str, above: str, below: str | None, scale: float = 1.0) -> Any:
        names = {above} | ({below} if below else set())
        of = [
            None
            if name is None
            else SimpleNamespace(of=lambda sums, name=name: sums[name], measures=lambda name=name: {name})
            for name in (above, below)
        ]
        return SimpleNamespace(key=key, scale=scale, numerator=of[0], denominator=of[1], measures=lambda: names)

    metrics = {
        item.key: item
        for item in (metric("rate", "b", "a", 1000), metric("count", "b", None), metric("late", "c", "a"))
    }
    tables: list[Any] = []

    def table(names: list[str], youngest: int, age: int | None, parts: Any) -> Any:
        tables.append(
            (names, youngest, age, {name: values[[2, 9, 10, 128]].tolist() for name, values in parts.items()})
        )
        rows = {"a": np.full((3, 8), 40.0), "b": np.arange(24.0).reshape(3, 8)}
        return None if youngest == 10 else replace(panel(rows["b"], np.ones(3, int)), amounts=rows)

    known = {"rate": np.array([0] * 3 + [0.5] * 7 + [1]), "late": np.array([0.0] * 14 + [1])}
    ages = {"rate": 7, "late": 14, "count": 3}
    workspace = SimpleNamespace(span=Window(first, 1000), catalogue=SimpleNamespace(metric=metrics.__getitem__))
    list(
        module._quality_claims(
            cast(Any, SimpleNamespace(workspace=workspace, as_of=1000, ages=ages, known=known, panel=table))
        )
    )
    late, rate = (["a", "c"], 10, None, {"a": [0, 0, 0, 1]}), (["a", "b"], 1, None, {"a": [0, 0.5, 1, 1]})
    assert tables == ([late, rate, (["b"], 3, 3, {})] if asked_for else [])
    assert [item.name for item in asked] == (["rate", "rate", "count", "count"] if asked_for else [])
    for item in asked:
        assert (item.topic, item.is_count, item.more_is_worse, item.amount[2, 7]) == ("quality", True, True, 23)
        is_rate = item.name == "rate"
        assert (item.scale, item.base is not None, item.level is not None) == (1000 if is_rate else 1, is_rate, is_rate)


def five_members() -> Activity:
    """Weeks of 1 (newest) and more members: of "a" 0 and 11, of "b" 0, of "c" 2, of "d" 20; all but "a" opened lately."""
    opened = np.array([NEVER, NEVER, 999, 985, 850])
    accounts = replace(
        crowd(4), names=SortedWords.of(["", "a", "b", "c", "d"]), persons=("", "a", "b", "c", "d"), joined=opened
    )
    member, week = np.array([1, 1, 2, 3, 4]), np.array([0, 11, 0, 2, 20])
    amounts = {"orders": np.array([1, 2, 3, 4, 5]), "impressions": np.array([10, 20, 30, 40, 50])}
    return Activity(crowd=accounts, as_of=1000, first=0, member=member, week=week, amounts=amounts)


def test_members_are_asked_about_week_by_week(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def record(name: str, result: Any) -> Any:
        return lambda *values: asked.__setitem__(name, values) or result

    monkeypatch.setattr(module.concentration, "claims", record("spread", ["spread"]))
    monkeypatch.setattr(module, "silence_claims", record("silent", ["silent"]))
    monkeypatch.setattr(module, "joined_claim", record("joined", "joined"))
    monkeypatch.setattr(module, "exposure_claims", record("exposed", ["exposed"]))
    activity = five_members()
    groups = {"agency": (np.array([0, 1, 0, 1, 0]), ("", "X"))}
    assert list(module._member_claims(activity, groups, ())) == ["spread", "silent", "joined", "exposed"]
    (_, amounts) = asked["spread"]
    assert list(amounts) == ["impressions"]
    assert list(module._member_claims(activity, groups, {"traffic"})) == ["spread", "exposed"], (
        "nothing tells who was there"
    )
    assert len(list(module._member_claims(activity, groups, {"reviews"}))) == 4
    (members,) = asked["silent"]
    assert (members.side, members.last, members.names) == ("creators", 1000, ("", "a", "b", "c", "d"))
    assert (members.words, members.groups["agency"].tolist()) == ({"agency": ("", "X")}, [0, 1, 0, 1, 0])
    assert members.active.shape == members.amount.shape == (5, 16)
    assert np.argwhere(members.active).tolist() == [[1, 0], [1, 11], [2, 0], [3, 2]]
    assert (members.amount[1, 0], members.amount[1, 11], members.amount.sum()) == (10, 20, 100), (
        "impressions before orders"
    )
    side, last, joined, names = asked["joined"]
    assert (side, last, names) == ("creators", 1000, ("b", "c", "a", "d"))
    assert joined.tolist() == [1, 0, 1, *[0] * 8, 1, *[0] * 4]
    (beginnings,) = asked["exposed"]
    assert beginnings.first.tolist() == [-1, 11, 0, 2, 20]
    assert beginnings.seen[3, 2] == 40
    monkeypatch.setattr(module, "joined_claim", record("joined", None))
    blind = replace(activity, amounts={"orders": activity.amounts["orders"]})
    assert list(module._member_claims(blind, {}, ())) == ["spread", "silent"]
    assert asked["silent"][0].amount.sum() == 10
    assert list(module._member_claims(replace(activity, first=995), {}, ())) == []


def test_groups_of_members_by_place() -> None:
    """Places: codes 1, 2, 3 of the workspace are "b", "a", "c"; only creators have agencies."""
    amount = np.array([[5.0], [3.0], [4.0], [1.0]])
    codes = {"market": np.array([1, 2, 2, 1]), "agency": np.array([1, 1, 2, 0]), "role": np.zeros(4, int)}
    table = replace(
        panel(amount, codes["market"]),
        amounts={"orders": amount, "gmv": np.array([[0.0], [0.0], [100.0], [9.0]])},
        codes=codes,
        words={"market": ("", "ID", "TH"), "agency": ("", "X", "Y")},
        leaf_members={"creator_id": np.array([1, 1, 2, 3]), "seller_id": np.array([1, 0, 1, 0])},
        member_names={"creator_id": ("", "a", "b", "c"), "seller_id": ("", "s")},
    )
    creators = replace(crowd(3), names=SortedWords.of(["", "b", "a", "c"]))
    sellers = replace(crowd(1), names=SortedWords.of(["", "s"]), side=cast(Any, "sellers"))
    members = MemberGroups({"agency": ("", "X", "Y")}, {"agency": np.array([2, 2, 1, 0])})
    activities = tuple(SimpleNamespace(crowd=item) for item in (creators, sellers))
    sources = SimpleNamespace(amounts=table, activities=activities, groups=members)
    found = module.groups_by_place(cast(Any, sources))
    told = {
        side: {name: (code.tolist(), words) for name, (code, words) in groups.items()} for side, groups in found.items()
    }
    # the shop has 5 of 13 orders in ID; 4 of 13 and 100 of 109 of sales in TH
    assert told == {
        "creators": {"market": ([0, 1, 2, 1], ("", "ID", "TH")), "agency": ([0, 1, 2, 0], ("", "X", "Y"))},
        "sellers": {"market": ([0, 2], ("", "ID", "TH"))},
    }
    alone = replace(table, leaf_members={"creator_id": table.leaf_members["creator_id"]})
    assert module.groups_by_place(cast(Any, SimpleNamespace(**{**vars(sources), "amounts": alone})))["sellers"] == {}
    assert module.groups_by_place(cast(Any, SimpleNamespace(**{**vars(sources), "amounts": None}))) == {
        "creators": {},
        "sellers": {},
    }


def test_members_opened_their_accounts_where_most_say_so() -> None:
    opened = {(1, NEVER): 4, (1, 1, NEVER): 16, (NEVER, NEVER): 4}
    for joined, weeks in opened.items():
        activity = SimpleNamespace(crowd=SimpleNamespace(joined=np.array([5, *joined])), weeks=12)
        assert module._weeks_with_newcomers(cast(Any, activity), 16) == weeks
