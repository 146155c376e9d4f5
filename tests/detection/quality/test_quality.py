"""Each check of the data, in a small workspace in which it fires and in one in which it does not."""

import csv
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copy
from typing import Any

import numpy as np
import pytest

from core.detection.quality.data_quality import _NEEDS, CHECKS, _passed, check, issues
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

START, DAYS = date(2026, 1, 5), 70
MARKETS = ("ID", "TH", "VN", "MY")
Tables = dict[str, list[dict[str, Any]]]


def tables() -> Tables:
    return {kind: [dict(row) for row in rows] for kind, rows in made().items()}


@cache
def made() -> Tables:
    """A quiet marketplace: six slices a day in each market, and a dozen orders."""
    rng = np.random.default_rng(1)
    held: Tables = {
        "traffic": [],
        "orders": [],
        "reviews": [],
        "creators": [{"creator_id": f"c{i}", "handle": f"h{i}", "followers": 9} for i in range(6)],
    }
    for day in range(DAYS):
        for market in MARKETS:
            for creator in range(6):
                seen = int(rng.poisson(4000))
                clicks = int(rng.binomial(seen, 0.1))
                views = int(rng.binomial(clicks, 0.8))
                held["traffic"].append({
                    "date": START + timedelta(day), "market": market, "creator_id": f"c{creator}", "impressions": seen,
                    "clicks": clicks, "detail_views": views, "add_to_carts": int(rng.binomial(views, 0.3)),
                })  # fmt: skip
            for _ in range(12):
                held["orders"].append(_order(rng, len(held["orders"]), day, market))
    for number, order in enumerate(held["orders"]):
        day = date.fromisoformat(order["ordered_at"][:10])
        held["reviews"].append({
            "review_id": f"r{number}", "order_id": order["order_id"], "reviewed_at": day,
            "rating": 1 if rng.random() < 0.2 else 5,
        })  # fmt: skip
    return held


def _order(rng: np.random.Generator, number: int, day: int, market: str) -> dict[str, Any]:
    hour = min(max(rng.normal(15, 4), 0), 23.9)
    at = datetime.combine(START + timedelta(day), datetime.min.time()) + timedelta(hours=float(hour))
    text = at.isoformat(timespec="seconds")
    return {
        "order_id": f"o{number}", "ordered_at": text, "paid_at": text, "market": market, "product_id": f"p{number % 30}",
        "creator_id": f"c{number % 6}", "buyer_id": f"b{number}", "gmv": round(20 + 5 * rng.random(), 2), "currency": "USD",
    }  # fmt: skip


def loaded(folder: Path, held: Tables) -> Path:
    """A workspace in a folder, which is made when there is none, with these tables."""
    paths = []
    for kind, rows in held.items():
        if rows:
            paths.append(folder / f"{kind}.csv")
            with paths[-1].open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    load(folder / "w.db", paths, allow_far_days=True)
    return folder / "w.db"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Callable[[frozenset[str]], Path]:
    """A workspace of the sound tables of some kinds; each is loaded once."""
    return cache(lambda kinds: loaded(tmp_path_factory.mktemp("sound"), {kind: made()[kind] for kind in sorted(kinds)}))


def day_of(row: dict[str, Any]) -> int:
    return (date.fromisoformat(str(row.get("ordered_at", row.get("date")))[:10]) - START).days


def without(kind: str, gone: Callable[[dict[str, Any]], bool]) -> Callable[[Tables], None]:
    def change(held: Tables) -> None:
        held[kind] = [row for row in held[kind] if not gone(row)]

    return change


def missing_day(held: Tables) -> None:
    without("traffic", lambda row: day_of(row) == 60)(held)


def missing_market(held: Tables) -> None:
    without("traffic", lambda row: row["market"] == "TH" and day_of(row) >= 66)(held)


def partial_day(held: Tables) -> None:
    without("orders", lambda row: day_of(row) == DAYS - 1 and row["ordered_at"][11:13] >= "11")(held)


def stopped(held: Tables) -> None:
    without("orders", lambda row: day_of(row) >= 64)(held)


def more_rows(held: Tables) -> None:
    doubled = [dict(row, creator_id="c-" + row["creator_id"]) for row in held["traffic"] if day_of(row) == 65]
    held["traffic"] += doubled
    held["creators"] += [dict(row, creator_id="c-" + row["creator_id"]) for row in held["creators"]]


def loaded_twice(held: Tables) -> None:
    held["orders"] += [dict(row, order_id="x" + row["order_id"]) for row in held["orders"][-400:]]


def orphaned(held: Tables) -> None:
    for row in held["reviews"][::3]:
        row["order_id"] = "lost-" + row["order_id"]


def no_creators_given(held: Tables) -> None:
    for row in held["orders"]:
        row["creator_id"] = "" if day_of(row) >= 63 else row["creator_id"]


def cents_for_units(held: Tables) -> None:
    for row in held["orders"]:
        row["gmv"] *= 100 if day_of(row) >= 63 else 1


def two_currencies(held: Tables) -> None:
    for row in held["orders"]:
        row["currency"] = "IDR" if row["market"] == "ID" else "USD"


def other_time_zone(held: Tables) -> None:
    for row in held["orders"]:
        if day_of(row) >= 62:
            hour = (int(row["ordered_at"][11:13]) - 7) % 24
            row["ordered_at"] = row["paid_at"] = f"{row['ordered_at'][:11]}{hour:02d}{row['ordered_at'][13:]}"


def cut_off(held: Tables) -> None:
    held["reviews"] = held["reviews"][:500]


def not_counted_at_first(held: Tables) -> None:
    for row in held["traffic"]:
        row["add_to_carts"] *= day_of(row) >= 30


def clicks_lost(held: Tables) -> None:
    for row in held["traffic"]:
        row["clicks"] = int(row["clicks"] * (0.5 if day_of(row) >= 63 else 1))


def other_definition(held: Tables) -> None:
    for place, row in enumerate(held["reviews"]):
        day = (row["reviewed_at"] - START).days
        row["rating"] = 2 if day >= 63 and place % 2 else row["rating"]


def stray(held: Tables) -> None:
    held["traffic"].append({**held["traffic"][0], "date": date(2062, 3, 2)})


BROKEN: dict[str, Callable[[Tables], None]] = {
    "missing_days": missing_day,
    "missing_slices": missing_market,
    "partial_newest_day": partial_day,
    "stopped_source": stopped,
    "stray_days": stray,
    "row_jumps": more_rows,
    "double_loads": loaded_twice,
    "orphans": orphaned,
    "null_rates": no_creators_given,
    "unit_jumps": cents_for_units,
    "currencies": two_currencies,
    "clock_shift": other_time_zone,
    "export_caps": cut_off,
    "instrumentation": not_counted_at_first,
    "logging_loss": clicks_lost,
    "definition_change": other_definition,
}


def test_a_sound_workspace_passes_every_check(tmp_path: Path) -> None:
    with Workspace.open(loaded(tmp_path, tables())) as workspace:
        assert [(one.check, one.detail) for one in issues(workspace)] == []
        assert {one.check for one in check(workspace) if one.status == "pass"} == CHECKS.keys()
        unable = {one.check for one in check(workspace) if "cannot tell" in one.detail}
        assert unable == {"yearly_closure"}, "it needs two years"


@pytest.mark.parametrize("name", BROKEN)
def test_each_check_fires_where_it_should(tmp_path: Path, sound: Callable[[frozenset[str]], Path], name: str) -> None:
    usual, held = made(), tables()
    BROKEN[name](held)
    changed = {kind: rows for kind, rows in held.items() if rows != usual[kind]}
    copy(sound(frozenset(usual.keys() - changed.keys())), tmp_path / "w.db")
    with Workspace.open(loaded(tmp_path, changed)) as broken:
        assert name in {one.check for one in issues(broken)}


def test_every_check_is_tried() -> None:
    elsewhere = {
        "yearly_closure",
        "replaced_rows",
        "changed_columns",
        "summed_rates",
        "event_order",
        "mixed_sources",
        "value_jumps",
        "inflated_counts",
        "frozen_values",
        "period_figures",
    }
    assert CHECKS.keys() - BROKEN.keys() == elsewhere, (
        "see test_daily_*.py, test_event_order.py, test_load_checks.py, test_two_systems.py, test_value_jumps.py"
    )


def test_orders_noted_by_the_minute_at_few_prices_are_equal_by_chance(tmp_path: Path) -> None:
    """An hour of lunch and four prices: of 40 orders a day six equal another."""
    rng = np.random.default_rng(2)
    orders = [
        {"order_id": f"o{number}", "ordered_at": f"{START + timedelta(number // 40)}T12:{minute:02d}:00", "gmv": price}
        for number, (minute, price) in enumerate(
            zip(rng.integers(60, size=2_400), rng.choice([5, 7, 8, 9], 2_400), strict=True)
        )
    ]
    with Workspace.open(loaded(tmp_path, {"orders": orders})) as workspace:
        assert "double_loads" not in {one.check for one in issues(workspace)}
    again = [dict(row, order_id="x" + row["order_id"]) for row in orders[-400:]]
    with Workspace.open(loaded(tmp_path, {"orders": again})) as workspace:
        assert "double_loads" in {one.check for one in issues(workspace)}


@pytest.mark.parametrize(
    ("name", "days", "says"), [("row_jumps", 9, False), ("row_jumps", 10, True), ("orphans", 1, True)]
)
def test_a_check_of_too_few_days_does_not_say_that_all_is_well(name: str, days: int, says: bool) -> None:
    assert (_passed(name, days) == CHECKS[name]) is says
    assert says or _passed(name, days) == "nothing found, but 9 days of data cannot tell"
    assert _NEEDS.keys() < CHECKS.keys()
