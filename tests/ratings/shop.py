"""A small shopping world written down as exports, for tests that change one thing in it."""

import csv
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from core.workspace.write.load import load
from tui.cli import app

START = datetime(2026, 1, 5, tzinfo=UTC)
Row = dict[str, Any]
Tables = dict[str, list[Row]]
DAYS = 84


def moment(day: float) -> str:
    """So many days after the start; six are written for each order."""
    seconds = round(day * 86_400_000_000) // 1_000_000
    return f"{iso(seconds // 86_400)}T{_clock(seconds % 86_400 // 60)}:{seconds % 60:02}Z"


@cache
def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@cache
def iso(day: int) -> str:
    """The same as a day."""
    return f"{START + timedelta(days=day):%Y-%m-%d}"


def order(number: int, day: float, creator: str, **other: Any) -> Row:
    """An order that goes well."""
    row = {
        "order_id": f"O{number}", "ordered_at": moment(day), "creator_id": creator, "seller_id": "S1", "market": "ID",
        "category": "beauty", "channel": "affiliate", "content_type": "", "product_id": f"P{number % 7}", "gmv": "10.00",
        "paid_at": moment(day + 0.01), "ship_by": moment(day + 2), "shipped_at": moment(day + 1),
        "promised_by": moment(day + 6), "delivered_at": moment(day + 4), "cancelled_at": "", "cancelled_by": "",
        "refunded_at": "", "refund_amount": "", "refund_reason": "",
    }  # fmt: skip
    return {**row, **other}


def review(number: int, day: float, rating: int) -> Row:
    """A review of an order."""
    return {"review_id": f"R{number}", "order_id": f"O{number}", "reviewed_at": moment(day), "rating": rating}


def world(seed: int = 1, creators: int = 60, orders: int = 40, days: int = 84) -> Tables:
    """Creators C0.. of one role each and sellers S0..S9, whose quality differs; every creator is somebody."""
    rng = random.Random(seed)
    bad = [0.02 + 0.16 * rng.random() ** 2 for _ in range(creators)]
    late = [0.01 + 0.2 * rng.random() ** 2 for _ in range(10)]
    tables: Tables = {"orders": [], "reviews": [], "creators": [], "roles": [], "violations": [], "sellers": []}
    number = 0
    for creator in range(creators):
        name = f"C{creator}"
        tables["creators"].append(
            {"creator_id": name, "person_id": f"H{creator}", "joined_on": "2024-01-01", "market": "ID"}
        )
        tables["roles"].append({"creator_id": name, "role": "affiliate", "since": "2024-01-01", "until": ""})
        for _ in range(orders + rng.randrange(orders)):
            number, day, seller = number + 1, rng.uniform(0, days), rng.randrange(10)
            row = order(
                number, day, name, seller_id=f"S{seller}", market=rng.choice(["ID", "TH"]) if creator % 9 == 0 else "ID"
            )
            if rng.random() < late[seller]:
                row["shipped_at"] = moment(day + 2.5)
            if rng.random() < 0.02 * (1 + creator % 3):
                reason = rng.choice(["defective", "not_as_described", "changed_mind", "no_response"])
                row |= {
                    "refunded_at": moment(day + 4 + rng.uniform(1, 20)),
                    "refund_amount": "10.00",
                    "refund_reason": reason,
                }
            tables["orders"].append(row)
            if rng.random() < 0.6:
                stars = rng.choice([1, 2]) if rng.random() < bad[creator] else rng.choice([4, 5, 5])
                tables["reviews"].append(review(number, day + 4 + rng.uniform(0.5, 15), stars))
        for _ in range(rng.randrange(3)):
            tables["violations"].append(violation(len(tables["violations"]), rng.uniform(0, days), name, 4))
    tables["sellers"] = [{"seller_id": f"S{at}", "name": f"Shop {at}", "joined_on": "2024-01-01"} for at in range(10)]
    end = moment(days)
    for row in tables["orders"]:
        for name in ("shipped_at", "delivered_at", "refunded_at", "paid_at"):
            if row[name] > end:
                row[name] = ""
                if name == "refunded_at":
                    row |= {"refund_amount": "", "refund_reason": ""}
    tables["reviews"] = [row for row in tables["reviews"] if row["reviewed_at"] <= end]
    return tables


def copied(tables: Mapping[str, Sequence[Row]]) -> Tables:
    """The same rows, to be changed."""
    return {name: [dict(row) for row in rows] for name, rows in tables.items()}


def violation(number: int, day: float, creator: str, points: int, overturned: str = "") -> Row:
    """A violation of a creator."""
    row = {"violation_id": f"V{number}", "occurred_at": moment(day), "creator_id": creator, "points": points}
    return {**row, "overturned_at": overturned}


_MOMENTS = ("paid_at", "shipped_at", "delivered_at", "refunded_at", "cancelled_at", "overturned_at")
_BEGINS = ("ordered_at", "reviewed_at", "occurred_at", "date", "joined_on")


def cut(tables: Mapping[str, Sequence[Row]], last: int) -> Tables:
    """The tables as they were at the end of a day: later rows are missing, and what happened later to earlier ones is."""
    end = moment(last + 1)[:10]
    past = {
        name: [dict(row) for row in rows if all(row[column] < end for column in _BEGINS if row.get(column))]
        for name, rows in tables.items()
    }
    for row in (row for rows in past.values() for row in rows):
        row |= {name: "" for name in _MOMENTS if row.get(name, "") >= end}
        if "refund_amount" in row and not row["refunded_at"]:
            row |= {"refund_amount": "", "refund_reason": ""}
    accounts = {row["creator_id"] for row in past["creators"]}
    return past | {"roles": [row for row in past["roles"] if row["creator_id"] in accounts]}


def saved(
    folder: Path, tables: Mapping[str, Sequence[Row]], mixed: Callable[[list[Row]], Iterable[Row]] | None = None
) -> Path:
    """A workspace of these tables; `mixed` brings the rows of each in another order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, rows in tables.items():
        if rows:
            paths.append(folder / f"{name}.csv")
            with paths[-1].open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(mixed(list(rows)) if mixed else rows)
    load(folder / "w.db", paths)
    return folder / "w.db"


def ask(db: Path, *words: str) -> dict[str, Any]:
    """The JSON document of a command."""
    document: dict[str, Any] = json.loads(_answer(db, db.stat().st_mtime_ns, words))
    return document


@cache
def _answer(db: Path, changed_at: int, words: tuple[str, ...]) -> str:
    """What a command prints; many tests compare with the same answers about the world that they share."""
    result = CliRunner().invoke(app, [*words, "--db", str(db), "--format", "json"])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def of(document: dict[str, Any], who: str, key: str = "creator_id") -> list[dict[str, Any]]:
    """The ratings of one account or shop."""
    return [row for row in document["ratings"] if row[key] == who]


def part(rating: dict[str, Any], name: str) -> dict[str, Any]:
    """One component of a rating."""
    return next(one for one in rating["components"] if one["name"] == name)
