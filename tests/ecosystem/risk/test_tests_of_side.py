"""Which columns each test of a side is asked with: five order lines and three reviews, counted by hand."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.ecosystem.risk import tests_of_side as module
from core.ecosystem.risk.lead_tests import Leads
from core.ratings.cases.accounts import SortedWords
from tests.ecosystem.spread.test_concentration import crowd

ORDERS = {
    "id": [11, 12, 13, 14, 15],
    "creator_id": [1, 2, 1, 0, 2],
    "seller_id": [1, 1, 2, 2, 2],
    "market": [1, 2, 1, 1, 1],
    "category": [1, 2, 2, 1, 1],
    "buyer_id": [1, 2, 0, 2, 1],
    "product_id": [1, 2, 2, 2, 0],
    "source": [1, 2, 1, 1, 1],
    "day": [1000, 945, 944, 993, 986],
    "moment": [5, 6, 7, 8, 9],
    "refunded": [0, 0, 0, 995, 1],
    "excused": [0, 0, 0, 1, 0],
}
REVIEWS = {
    "id": [71, 72, 73],
    "creator_id": [1, 0, 2],
    "seller_id": [2, 1, 1],
    "order_line": [12, 98, 99],
    "rating": [2, 3, 1],
    "day": [1000, 945, 944],
    "moment": [3, 4, 5],
    "ordered": [993, 0, 937],
    "first_rating": [1, 3, 1],
    "market": [1, 1, 2],
}
SEEN = np.arange(39.0).reshape(3, 13)
AGE, LATE = [0, 55, 56, 7, 14], [0, 1, 3, 4]
BAD = [False, True, False, True, True]


def rows(of: dict[str, list[int]]) -> dict[str, np.ndarray]:
    return {name: np.array(values) for name, values in of.items()}


def side_of(side: str, impressions: bool) -> Any:
    """Two members by places that are not their codes, the first in the first market."""
    everybody = crowd(2)
    markets, names = SortedWords.of(["", "TH", "ID"]), SortedWords.of(["", "z", "y"])
    accounts = replace(everybody, side=cast(Any, side), markets=markets, names=names, persons=("", "p", "o"))
    seen = {"impressions": np.array([4, 0])} if impressions else {}

    def weekly(name: str, weeks: int) -> np.ndarray:
        assert (name, weeks) == ("impressions", 13)
        return SEEN

    return SimpleNamespace(crowd=accounts, amounts=seen, weekly=weekly)


def asked(monkeypatch: pytest.MonkeyPatch, side: str, impressions: bool, creators: Any = None) -> Any:
    calls: dict[str, list[Any]] = {}
    for name in (
        "few_buyers", "refund_rings", "shared_buyers", "same_day_orders", "unknown_buyers", "bad_orders_apart", "order_surges",
        "bad_order_surges", "orders_without_traffic", "hourly_bursts", "review_bursts", "identical_reviews", "praised_orders",
        "repeated_praise", "excused_refunds", "raised_reviews",
    ):  # fmt: skip

        def record(*values: Any, name: str = name, **named: Any) -> Leads:
            calls.setdefault(name, []).append((values, named))
            return Leads.nothing(name)

        monkeypatch.setattr(module, name, record)
    monkeypatch.setattr(module, "regulars", lambda some: ("regulars", some))
    monkeypatch.setattr(module, "had_begun", lambda *columns: ("begun", *(column.tolist() for column in columns)))
    begun = {"begun": [True, False, True, True, True]}

    def purchases(*columns: Any) -> Any:
        return SimpleNamespace(
            columns=[column.tolist() for column in columns], newest=lambda weeks: ("newest", weeks, columns)
        )

    monkeypatch.setattr(module, "Purchases", SimpleNamespace(of=purchases))
    original = module._Side.purchases

    def chosen(self: Any, group: Any, flag: Any, some: Any = slice(None)) -> Any:
        if isinstance(some, tuple):
            calls["begun"] = [some[1:]]
            some = np.array(begun["begun"])
        return original(self, group, flag, some)

    monkeypatch.setattr(module._Side, "purchases", chosen)
    texts = SimpleNamespace(texts=("x",), number_of=lambda ids: ids - 71)
    activity = side_of(side, impressions)
    tested = module.tests_of_side(
        activity, creators or activity, 1000, rows(ORDERS), rows(REVIEWS), cast(Any, texts), {"": {2}}
    )
    calls["tested"] = [(item.column, item.leads.kind, item.names) for item in tested]
    return calls


def lists(values: Any) -> list[Any]:
    return [value.tolist() if isinstance(value, np.ndarray) else value for value in values]


def test_what_is_asked_of_creators(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places: creator 1 ("z") is 2 and creator 2 ("y") is 1; market 1 ("TH") is 2."""
    calls = asked(monkeypatch, "creators", impressions=True)
    member, market, buyer = [2, 1, 2, 0, 1], [2, 1, 2, 2, 2], ORDERS["buyer_id"]
    everything = [member, market, AGE, buyer, ORDERS["refunded"]]
    ((newest,), _) = calls["few_buyers"][0]
    assert newest[:2] == ("newest", 8)
    assert lists(newest[2]) == everything
    ((_, persons, names, through), _) = calls["shared_buyers"][0]
    assert (persons.tolist(), names, through) == ([0, 2, 1], ("", "y", "z"), None)
    ((some, *same, kind), _) = calls["shared_buyers"][1]
    assert (some, kind) == (("regulars", newest), "shared_regulars")
    assert all(one is other for one, other in zip(same, (persons, names, through), strict=True))
    (again, _), (unknown, _) = calls["same_day_orders"][0], calls["unknown_buyers"][0]
    assert lists(again) == [[column[at] for at in LATE] for column in (member, market, AGE, buyer)]
    late = [at in LATE for at in range(5)]
    assert lists(unknown) == [member, market, buyer, late]
    (apart, more) = calls["bad_orders_apart"][0]
    assert lists(apart) == [member, ORDERS["seller_id"]]
    assert [more[name].tolist() for name in ("age", "buyer", "bad", "recent")] == [AGE, buyer, BAD, late]
    assert more["names"] == ("", "y", "z")
    week = [0, 7, 8, 1, 2]
    assert calls["begun"] == [(member, ORDERS["seller_id"], week)]
    (surges, _) = calls["order_surges"][0]
    bought, reach, size, weeks, lines, known = surges
    assert (bought.columns, size, weeks) == (everything, 3, 8)
    assert np.array_equal(reach, np.where(np.arange(13) == 2, np.nan, SEEN), equal_nan=True)
    assert (lines.member.tolist(), lines.week.tolist()) == ([2, 1, 0, 1], [0, 7, 1, 2])
    assert known.columns == [[column[at] for at in (0, 2, 3, 4)] for column in everything]
    (bad, _) = calls["bad_order_surges"][0]
    assert bad[0].columns == [member, ORDERS["category"], AGE, buyer, [int(item) for item in BAD]]
    assert (bad[1:3], bad[3].counts.tolist()) == ((3, 8), [False, True, True, True])
    (traffic, _) = calls["orders_without_traffic"][0]
    assert (traffic[0][:2], traffic[2]) == (("newest", 8), 8)
    assert traffic[1].tolist() == np.where(np.arange(13) == 2, 0, SEEN).tolist()
    (hourly, _), (of_reviews, _) = calls["hourly_bursts"]
    late_markets = [market[at] for at in LATE]
    assert lists(hourly) == [
        "hourly_orders",
        "orders",
        [2, 1, 0, 1],
        [1000, 945, 993, 986],
        [5, 6, 8, 9],
        1000,
        late_markets,
    ]
    assert lists(of_reviews) == ["hourly_reviews", "reviews", [2, 0], [1000, 945], [3, 4], 1000]
    (bursts, more) = calls["review_bursts"][0]
    assert lists(bursts) == [[2, 0, 1]]
    assert {name: value.tolist() for name, value in more.items() if name != "weeks"} == {
        "age": [0, 55, 56], "late": [7, -1, 7], "rating": [2, 3, 1], "order_member": member, "order_age": AGE,
    }  # fmt: skip
    assert more["weeks"] == 8
    (praise, _) = calls["praised_orders"][0]
    # no review has more than three stars; of orders a fortnight old most reviews are there; of shop 2 none is loaded
    assert lists(praise) == [member, market, [False] * 5, [False, True, False, False, False], late]
    (repeated, _) = calls["repeated_praise"][0]
    assert lists(repeated) == [member, buyer, AGE, *lists(praise[2:])]
    (raised, _) = calls["raised_reviews"][0]
    assert lists(raised[:1] + raised[2:]) == [[2, 0, 1], [1, 3, 1], [2, 3, 1], [True, True, False]]
    assert lists(raised[1]) == [[0, 0, 0], [1, 1, 2]], "all, and those of a market"
    ((excuses, latest), _) = calls["excused_refunds"][0]
    assert (excuses.member.tolist(), excuses.buyer.tolist(), excuses.age.tolist()) == (member, buyer, AGE)
    assert (excuses.is_excused.tolist(), excuses.is_refunded.tolist()) == (
        [False, False, False, True, False],
        [False] * 3 + [True] * 2,
    )
    # source; with its category; with the market, too; source and product, of which the last line has none
    assert lists(excuses.kinds) == [ORDERS["source"], [0, 2, 1, 0, 0], [0, 2, 1, 0, 0], [1, 3, 2, 2, 0]]
    assert latest.tolist() == late
    (alike, _) = calls["identical_reviews"][0]
    assert lists(alike) == [[2, 0], [0, 1], ("x",)]
    columns, kinds, _ = zip(*calls["tested"], strict=True)
    assert columns == ("creator_id",) * 18 + ("person_id",)
    assert kinds[-1] == "many_accounts"
    assert calls["tested"][-1][2] == ("o", "p")


def test_what_is_asked_of_shops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen through their creators; product 2 is sold most by shop 2, product 0 is not known."""
    creators = side_of("creators", impressions=True)
    creators.weekly = lambda name, weeks: np.arange(3 * weeks).reshape(3, weeks).astype(float)
    calls = asked(monkeypatch, "sellers", impressions=False, creators=creators)
    member = [2, 2, 1, 1, 1]
    ((_, _, _, through), _) = calls["shared_buyers"][0]
    # late lines with a creator and a buyer: 1-1, 2-2 and 2-1
    assert (through.member.tolist(), through.buyer.tolist()) == ([2, 2, 1], [0, 2, 1])
    (apart, _) = calls["bad_orders_apart"][0]
    assert lists(apart) == [member, [1, 2, 2, 2, 2]]
    assert calls["begun"] == [(member, ORDERS["creator_id"], [0, 7, 8, 1, 2])]
    (bad, _) = calls["bad_order_surges"][0]
    assert bad[0].columns[1] == ORDERS["creator_id"]
    (surges, _) = calls["order_surges"][0]
    # creator 1 (place 2: 26 in the newest week) has a line at each shop, creator 2 (place 1: 13) too
    assert surges[1][:, 0].tolist() == [0, 26 / 2 + 13 / 2, 26 / 2 + 13 / 2]
    assert "orders_without_traffic" not in calls
    assert lists(calls["review_bursts"][0][0]) == [[1, 2, 2]]
    assert {column for column, _, _ in calls["tested"]} == {"seller_id"}
    assert len(calls["tested"]) == 17


def test_what_creators_reach_where_nothing_is_known_of_traffic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their lines by week: of place 1 one seven weeks ago and one two weeks ago, of place 2 one now and one eight weeks ago."""
    calls = asked(monkeypatch, "sellers", impressions=False, creators=side_of("creators", impressions=False))
    reach = calls["order_surges"][0][0][1]
    weeks = {week: reach[:, week].tolist() for week in np.flatnonzero(reach.any(axis=0))}
    assert weeks == {week: [0, 0.5, 0.5] for week in (0, 2, 7, 8)}
    assert reach.shape == (3, 13)
    own = asked(monkeypatch, "creators", impressions=False)
    assert own["order_surges"][0][0][1] is None
    silent = side_of("creators", impressions=True)
    silent.amounts["impressions"] = np.zeros(2, int)
    monkeypatch.undo()
    assert module._impressions(silent) is None


@pytest.mark.parametrize(("market", "hidden"), [("", [0, 1, 2]), ("ID", [1]), ("TH", [0, 2])])
def test_weeks_of_which_traffic_is_missing_tell_nothing_of_members_of_that_market(
    market: str, hidden: list[int]
) -> None:
    """Of thirteen weeks two have days without traffic; one of fifteen weeks ago is not asked for. Creator 2, of place 1, has a
    line in each market."""
    side = module._Side(
        activity=side_of("creators", False), creators=None, as_of=1000, orders=rows(ORDERS), reviews=rows(REVIEWS),
        unseen={market: (2, 12, 15)},
    )  # fmt: skip
    found = module._without_missing(side, np.ones((3, 13)))
    places = {(member, week) for member, week in zip(*np.nonzero(np.isnan(found)), strict=True)}
    assert places == {(member, week) for member in hidden for week in (2, 12)}


def test_buyers_are_compared_within_their_market_and_system() -> None:
    """Source 2 has buyer 2 alone, whom source 1 has too, or has not."""
    for buyers, expected in (([1, 2, 0, 2, 1], [2, 1, 2, 2, 2]), ([1, 2, 0, 3, 1], [4, 3, 4, 4, 4])):
        orders = rows({**ORDERS, "buyer_id": buyers})
        side = module._Side(
            activity=side_of("creators", False),
            creators=None,
            as_of=1000,
            orders=orders,
            reviews=rows(REVIEWS),
            unseen={},
        )
        assert side.market_of_buyers.tolist() == expected
        assert side.bought.market.tolist() == [expected[at] for at in (1, 4, 0)], "lines of a member and a buyer"
