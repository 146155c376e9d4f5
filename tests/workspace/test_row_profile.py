"""What a profile of the stored rows counts, from a dozen rows counted by hand."""

from collections.abc import Iterator
from math import isnan, nan

import numpy as np
import pytest

from core.base.days import Window, parse_day
from core.workspace.read.profile.faulty_rows import Orphans, OutOfOrder
from core.workspace.read.profile.row_profile import Profile
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.workspace.loading import written

FIRST = parse_day("2026-03-01")
ORDERS = """\
order_id,ordered_at,gmv,currency,paid_at,shipped_at,delivered_at,market,creator_id,buyer_id
a,2026-03-01T00:10:00Z,10,USD,2026-03-01T09:00:00Z,2026-03-01T08:10:00Z,2026-03-04T10:10:00Z,ID,c1,b1
b,2026-03-01T10:30:00Z,10,USD,2026-03-01T10:30:00Z,2026-03-02T08:10:00Z,2026-03-01T10:10:00Z,TH,c1,b2
c,2026-03-01T10:30:00Z,10,USD,2026-03-01T10:30:00Z,2026-03-02T08:10:00Z,2026-03-03T10:10:00Z,TH,c1,b2
d,2026-03-03T23:40:00Z,5,IDR,2026-03-03T00:00:00Z,,,ID,c2,
e,2026-03-03T12:00:00Z,7,IDR,2026-03-03T11:59:00Z,,,,c3,
"""
REVIEWS = """\
review_id,order_id,reviewed_at,rating
r1,a,2026-03-04,5
r2,gone,2026-03-04,1
r3,,2026-03-06,2
"""
TRAFFIC = """\
date,market,impressions,clicks
2026-03-01,ID,100,7
2026-03-01,TH,50,
2026-03-02,ID,30,3
"""
CREATORS = "creator_id,handle\nc1,one\nc2,two\n"


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    folder = tmp_path_factory.mktemp("profile")
    texts = {"orders": ORDERS, "reviews": REVIEWS, "traffic": TRAFFIC, "creators": CREATORS}
    load(folder / "w.db", [written(folder, f"{name}.csv", text) for name, text in texts.items()])
    with Workspace.open(folder / "w.db") as workspace:
        yield workspace.profile(Window(FIRST, FIRST + 9))


def test_rows_are_counted_by_day_and_by_value(profile: Profile) -> None:
    assert profile.spans == {
        "traffic": Window(FIRST, FIRST + 1), "orders": Window(FIRST, FIRST + 2), "reviews": Window(FIRST + 3, FIRST + 5)
    }  # fmt: skip
    assert set(profile.kinds) == {"traffic", "orders", "reviews"}
    assert profile.rows_by_day("orders").tolist() == [3, 0, 2]
    values, rows = profile.rows_by_value("orders", "market")
    assert dict(zip(values, rows.tolist(), strict=True)) == {"ID": [1, 0, 1], "TH": [2, 0, 0]}
    given = profile.given_by_value("orders", "market", ("shipped_at", "buyer_id", "gmv"))
    by_column = {name: dict(zip(values, table.tolist(), strict=True)) for name, table in given.items()}
    assert by_column["shipped_at"] == {"ID": [1, 0, 0], "TH": [2, 0, 0]}
    assert [profile.usual_wait("delivered_at", "market", value) for value in ("ID", "TH")] == [4, 2]
    assert by_column["buyer_id"] == by_column["gmv"] == {"ID": [1, 0, 1], "TH": [2, 0, 0]}


def test_shares_and_sums_are_by_day(profile: Profile) -> None:
    given = profile.given_by_day("orders")
    assert given["market"] == pytest.approx([1, nan, 0.5], nan_ok=True)
    assert given["gmv"] == pytest.approx([1, nan, 1], nan_ok=True)
    assert given["shipped_at"] == pytest.approx([1, nan, 0], nan_ok=True)
    sums = profile.sums_by_day("traffic")
    assert (sums["impressions"].tolist(), sums["clicks"].tolist()) == ([150, 30], [7, 3])
    assert "market" not in sums


def test_hours_are_those_of_the_orders(profile: Profile) -> None:
    hours = profile.order_hours()
    assert {(int(day), int(hour)): int(hours[day, hour]) for day, hour in np.argwhere(hours)} == {
        (0, 0): 1, (0, 10): 2, (2, 12): 1, (2, 23): 1
    }  # fmt: skip
    assert profile.last_order_by_day() == pytest.approx([10.5, nan, 23 + 40 / 60], nan_ok=True)
    values, _ = profile.rows_by_value("orders", "market")
    by_market = dict(zip(values, profile.last_order_by_value("market").tolist(), strict=True))
    assert by_market["ID"] == pytest.approx([1 / 6, nan, 23 + 40 / 60], nan_ok=True)
    assert by_market["TH"][0] == 10.5
    assert all(map(isnan, by_market["TH"][1:]))


def test_money_is_by_currency(profile: Profile) -> None:
    names, money, lines = profile.order_values()
    assert dict(zip(names, money.tolist(), strict=True)) == {"USD": [30, 0, 0], "IDR": [0, 0, 12]}
    assert dict(zip(names, lines.tolist(), strict=True)) == {"USD": [3, 0, 0], "IDR": [0, 0, 2]}
    assert set(profile.several_currencies()) == {"USD", "IDR"}
    assert profile.unrated() == ()


def test_rows_that_point_nowhere_come_early_or_come_twice(profile: Profile) -> None:
    """Order c is b again; b was delivered before it was shipped, a shipped before it was paid, which may be, d paid at an hour
    that may be a day's midnight."""
    assert profile.orphans() == (
        Orphans("reviews whose order is not here", 1, 2),
        Orphans("orders whose creator_id is not among the creators", 1, 5),
    )
    delivered, paid = Window(FIRST, FIRST), Window(FIRST + 2, FIRST + 2)
    assert profile.out_of_order() == (
        OutOfOrder(event="paid_at", before="ordered_at", lines=1, of=5, first_order="e", days=paid),
        OutOfOrder(event="delivered_at", before="shipped_at", lines=1, of=3, first_order="b", days=delivered),
    )
    assert profile.repeated_orders() == (1, 5)
