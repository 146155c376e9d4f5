"""A small marketplace whose buyers return and whose markets differ in quality by a known amount."""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from core.workspace.write.load import load

FIRST, DAYS = date(2026, 1, 5), 112
QUALITY = {"BR": 0.02, "ID": 0.06, "MY": 0.10, "PH": 0.14, "TH": 0.18, "VN": 0.22}
"""Share of orders that go wrong, by market; buyers see it in stars, refunds, lateness and cancellations."""
CHANNELS = ("live", "search", "video")
ROLES = ("live_host", "affiliate")


def build(folder: Path, seed: int = 1, *, orders: int = 45, fewer_buyers: float = 1.0, worse: float = 0.0) -> Path:
    """A workspace; in the last week `fewer_buyers` of the usual orders come, in the last three `worse` more go wrong in ID."""
    chance = np.random.default_rng(seed)
    lines: list[list[object]] = []
    reviews: list[list[object]] = []
    for day in range(DAYS):
        count = chance.poisson(orders * (fewer_buyers if day >= DAYS - 8 else 1.0))
        for _ in range(count):
            lines.append(_line(chance, len(lines), day, worse))
            if chance.random() < 0.5:
                reviews.append(_review(chance, len(reviews), lines[-1], day))
    _write(folder / "orders.csv", _ORDERS, [line[: len(_ORDERS)] for line in lines])
    _write(folder / "reviews.csv", ("review_id", "order_id", "reviewed_at", "rating"), reviews)
    _write(
        folder / "products.csv",
        ("product_id", "title", "price", "listed_on", "category"),
        [
            [f"P{number}", f"Thing {number}", 9, FIRST + timedelta(number % 150), f"c{number % 3}"]
            for number in range(150)
        ],
    )
    creators = [(f"C{number}", f"Q{number}", FIRST + timedelta(number * 4 - 200)) for number in range(60)]
    _write(folder / "creators.csv", ("creator_id", "person_id", "joined_on"), creators)
    _write(folder / "roles.csv", ("creator_id", "role"), [(f"C{number}", ROLES[number % 2]) for number in range(60)])
    traffic = [
        [FIRST + timedelta(day), market, f"C{chance.integers(60)}", chance.integers(50, 500)]
        for day in range(DAYS)
        for market in QUALITY
    ]
    _write(folder / "traffic.csv", ("date", "market", "creator_id", "impressions"), traffic)
    kinds = ("orders", "reviews", "products", "creators", "roles", "traffic")
    for kind in kinds:
        load(folder / "w.db", [folder / f"{kind}.csv"], as_kind=kind)
    return folder / "w.db"


_ORDERS = (
    "order_id", "ordered_at", "market", "channel", "buyer_id", "creator_id", "product_id", "gmv", "paid_at", "promised_by",
    "delivered_at", "cancelled_at", "cancelled_by", "refunded_at", "refund_reason",
)  # fmt: skip


def _line(chance: np.random.Generator, number: int, day: int, worse: float) -> list[object]:
    """One order line, and whether it went wrong (the last cell)."""
    market = str(chance.choice(list(QUALITY)))
    is_bad = chance.random() < QUALITY[market] + (worse if market == "ID" and day >= DAYS - 22 else 0.0)
    ordered = FIRST + timedelta(day)
    buyer = "" if number % 50 == 0 else f"B{chance.integers(900)}"
    is_paid = number % 12 != 0
    kind = int(chance.integers(3)) if is_bad else 3
    cells: list[object] = [
        f"O{number}", ordered, market, str(chance.choice(CHANNELS)), buyer, f"C{chance.integers(40)}", f"P{chance.integers(120)}",
        10, ordered if is_paid else "", ordered + timedelta(4), ordered + timedelta(7 if kind == 0 else 3),
    ]  # fmt: skip
    cells += [ordered + timedelta(1), "seller"] if kind == 1 else ["", ""]
    cells += [ordered + timedelta(5), "defective"] if kind == 2 else ["", ""]
    if is_paid and number % 40 == 1 and kind == 3:  # nobody's fault
        cells[-2:] = [ordered + timedelta(5), "changed my mind"]
    return [*cells, is_bad]


def _review(chance: np.random.Generator, number: int, line: list[object], day: int) -> list[object]:
    stars = int(chance.choice([1, 2, 3] if line[-1] else [4, 5, 5]))
    return [f"R{number}", line[0], FIRST + timedelta(min(day + 5, DAYS - 1)), stars]


def _write(path: Path, header: tuple[str, ...], rows: list[list[object]] | list[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
