"""Small marketplaces made with numpy, sizes lognormal or Pareto, with one thing planted or none."""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.workspace.write.load import load
from tests.ratings.shop import iso
from tests.ratings.shop import moment as moment_at

MARKETS, CATEGORIES, ROLES = ("ID", "TH", "VN"), ("beauty", "food", "home"), ("affiliate", "live_host", "video_author")
AGENCIES, CREATORS, SELLERS = 5, 90, 24
PLANTS = (
    "newcomers_starved", "market_demoted", "agency_favoured", "concentration", "churn", "strike", "category_quality",
    "merit_reversed", "quality_reversed", "frauds", "demand_halved", "missing_market",
)  # fmt: skip


@dataclass
class World:
    """A marketplace before it is written, and what is true of it."""

    rng: np.random.Generator
    days: int
    plant: str
    orders_a_day: float
    market: np.ndarray = field(init=False)
    category: np.ndarray = field(init=False)
    seller: np.ndarray = field(init=False)
    agency: np.ndarray = field(init=False)
    role: np.ndarray = field(init=False)
    person: np.ndarray = field(init=False)
    joined: np.ndarray = field(init=False)
    size: np.ndarray = field(init=False)
    quality: np.ndarray = field(init=False)
    who: tuple[str, ...] = ()
    frauds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By kind of fraud, who commits it."""
    where: dict[str, str] = field(default_factory=dict)
    since: int = 0


def made(seed: int, plant: str = "", sizes: str = "lognormal", days: int = 105, orders_a_day: float = 110.0) -> World:
    """The members and their sizes; `since` is the first day of what is planted."""
    rng = np.random.default_rng([seed, sum(map(ord, plant))])
    world = World(rng, days, plant, orders_a_day)
    n = CREATORS
    seller_market, seller_category = np.arange(SELLERS) % 3, rng.permutation(np.arange(SELLERS) % 3)
    world.market, world.role = np.arange(n) % 3, rng.integers(0, 3, n)
    world.seller = np.array([rng.choice(np.flatnonzero(seller_market == m), 2, replace=False) for m in world.market])
    world.category = seller_category
    world.agency = np.where(rng.random(n) < 0.7, rng.integers(1, AGENCIES + 1, n), 0)
    world.person = np.arange(n)
    world.joined = np.where(rng.random(n) < 0.3, rng.integers(5, days - 10, n), -200)
    world.size = rng.pareto(1.8, n) + 1 if sizes == "pareto" else np.exp(rng.normal(0, 0.9, n))
    world.quality = rng.normal(0, 1, n)
    world.since = days - 21
    if plant == "frauds":
        world.person[-20:] = n
        world.joined[-20:] = days - 15
        world.size[-20:] = np.median(world.size)
        world.frauds["fake_newcomers"] = (f"H{n}",)
    return world


def saved(world: World, folder: Path) -> Path:
    """A workspace of the world."""
    folder.mkdir(parents=True, exist_ok=True)
    impressions = _impressions(world)
    orders, reviews, traffic = _orders(world, impressions), [], []
    orders += _fraud(world, len(orders))
    for at, row in enumerate(orders):
        review = row.pop("review")
        if review is not None:
            reviews.append({"review_id": f"R{at}", "order_id": row["order_id"], **review})
    for day, creator, shop in zip(*np.nonzero(impressions), strict=True):
        seller = world.seller[creator, shop]
        traffic.append(
            {"date": iso(int(day)), "market": MARKETS[world.market[creator]], "category": CATEGORIES[world.category[seller]],
             "creator_id": f"C{creator:03}", "seller_id": f"S{seller:02}", "impressions": int(impressions[day, creator, shop])}
        )  # fmt: skip
    if world.plant == "missing_market":
        gone = MARKETS[1]
        traffic = [row for row in traffic if row["market"] != gone or row["date"] < iso(world.since)]
        orders = [row for row in orders if row["market"] != gone or row["ordered_at"][:10] < iso(world.since)]
        world.where = {"market": gone}
    accounts = [
        {"creator_id": f"C{at:03}", "person_id": f"H{world.person[at]}", "agency_id": f"A{a}" if (a := world.agency[at]) else "",
         "market": MARKETS[world.market[at]], "joined_on": iso(int(world.joined[at]))}
        for at in range(CREATORS)
    ]  # fmt: skip
    roles = [
        {"creator_id": f"C{at:03}", "role": ROLES[one], "since": "2024-01-01"} for at, one in enumerate(world.role)
    ]
    tables = {"traffic": traffic, "orders": orders, "reviews": reviews, "creators": accounts, "roles": roles}
    paths = []
    for name, rows in tables.items():
        paths.append(folder / f"{name}.csv")
        with paths[-1].open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(rows[0])
            writer.writerows(row.values() for row in rows)
    load(folder / "w.db", paths)
    return folder / "w.db"


def _impressions(world: World) -> np.ndarray:
    """Shape (days, creators, 2 shops of each): noise of each week and day, of each market and day, a weekday rhythm, growth."""
    rng, days = world.rng, world.days
    weeks = np.repeat(rng.normal(0, 0.15, (days // 7 + 1, CREATORS)), 7, axis=0)[:days]
    common = rng.normal(0, 0.04, (days, 3))[:, world.market]
    rhythm = np.array([0.95, 0.92, 0.95, 1.0, 1.05, 1.1, 1.05])[np.arange(days) % 7]
    mean = world.size * np.exp(weeks + common) * rhythm[:, None] * (1 + 0.001 * np.arange(days))[:, None]
    mean = mean * (np.arange(days)[:, None] >= world.joined)
    mean = mean * _planted(world, np.arange(days)[:, None] >= world.since)
    mean = 3000.0 * mean / world.size.mean()
    return rng.poisson(mean[:, :, None] * np.array([0.6, 0.4]) * np.exp(rng.normal(0, 0.2, (days, CREATORS, 2))))


def _planted(world: World, after: np.ndarray) -> np.ndarray:
    """Factor on the impressions of each creator and day."""
    rng, factor = world.rng, np.ones((world.days, CREATORS))
    largest = np.argsort(-world.size * (world.joined < 0))

    def hit(chosen: np.ndarray, times: float, since: np.ndarray = after) -> None:
        factor[:] = np.where(since & chosen[None, :], factor * times, factor)

    names = np.array([f"C{at:03}" for at in range(CREATORS)])
    if world.plant == "newcomers_starved":
        hit((world.joined > 0) & (world.joined < world.since - 7), 0.15)
        world.where = {"newcomer": "yes"}
    elif world.plant == "market_demoted":
        hit(world.market == 1, 0.5)
        world.where = {"market": MARKETS[1]}
    elif world.plant == "agency_favoured":
        hit(world.agency == 2, 3.0)
        world.where = {"agency": "A2"}
    elif world.plant == "concentration":
        chosen = np.isin(np.arange(CREATORS), largest[3:8])
        hit(chosen, 7.0)
        world.who = tuple(names[chosen].tolist())
    elif world.plant == "churn":
        leaves = np.where(rng.random(CREATORS) < 0.35, rng.integers(world.since - 7, world.since + 7, CREATORS), 10**6)
        factor *= np.arange(world.days)[:, None] < leaves
        world.who = tuple(names[leaves < 10**6].tolist())
    elif world.plant == "strike":
        chosen = world.agency == 1
        world.since = world.days - 14
        hit(chosen, 0.0, np.arange(world.days)[:, None] >= world.since)
        world.where, world.who = {"agency": "A1"}, tuple(names[chosen].tolist())
    elif world.plant == "merit_reversed":
        factor *= np.exp(0.9 * world.quality)[None, :]
        factor[:] = np.where(after, factor * np.exp(-2.2 * world.quality)[None, :], factor)
    elif world.plant == "demand_halved":
        factor *= np.where(after, 0.5, 1.0)
    return factor


def _orders(world: World, impressions: np.ndarray) -> list[dict[str, Any]]:
    rng = world.rng
    rate = world.orders_a_day * world.days / max(impressions.sum(), 1)
    day, creator, shop = np.nonzero(impressions)
    times = rng.poisson(impressions[day, creator, shop] * rate)
    day, creator, shop = (np.repeat(one, times) for one in (day, creator, shop))
    seller = world.seller[creator, shop]
    quality = world.quality[creator]
    if world.plant == "quality_reversed":
        quality = np.where(day >= world.since - 7, -quality, quality)
    chance = 0.06 * np.exp(-0.6 * quality)
    if world.plant == "category_quality":
        chance = np.where((world.category[seller] == 0) & (day >= world.since - 14), 4 * chance, chance)
        world.where = {"category": CATEGORIES[0]}
    bad = rng.random(len(day)) < np.minimum(chance, 0.8)
    hour, size = rng.random(len(day)), np.exp(rng.normal(2.5, 0.4, len(day)))
    loyal = rng.random(len(day)) < 0.1
    buyer = np.where(loyal, 50_000 + creator * 40 + rng.integers(0, 40, len(day)), rng.integers(0, 30_000, len(day)))
    refunded, speaks = bad & (rng.random(len(day)) < 0.5), rng.random(len(day)) < 0.4
    rows = []
    for at in range(len(day)):
        stars = int(rng.integers(1, 3)) if bad[at] and not refunded[at] else int(rng.choice([4, 5, 5]))
        moment = day[at] + hour[at]
        review = _review(world, moment + 5 + 4 * rng.random(), stars, "") if speaks[at] else None
        rows.append(_order(world, at, moment, creator[at], seller[at], buyer[at], size[at], bool(refunded[at]), review))
    return rows


def _fraud(world: World, n: int) -> list[dict[str, Any]]:
    rng, rows = world.rng, []
    if world.plant == "frauds":
        shop = world.seller[3, 0]
        world.frauds["ring"] = ("C003", "C006", "C009")
        for at in range(120):
            moment = world.days - 30 + 25 * rng.random()
            review = _review(world, moment + 3, 5, "")
            rows.append(_order(world, n + at, moment, (3, 6, 9)[at % 3], shop, 90_000 + at % 14, 10.0, False, review))
        world.frauds["bursts"] = ("C012",)
        for at in range(70):
            moment = world.days - 12 + 0.5 + 0.03 * rng.random()
            text = "this changed my life, buy it before it is gone"
            review = _review(world, world.days - 6 + 0.5 + 0.03 * rng.random(), 5, text)
            number = n + len(rows)
            rows.append(_order(world, number, moment, 12, world.seller[12, 0], 91_000 + at % 12, 10.0, False, review))
    return rows


def _order(
    world: World, number: int, moment: float, creator: int, seller: int, buyer: int, price: float, refunded: bool,
    review: dict[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    back = moment + 6
    return {
        "order_id": f"O{number}", "ordered_at": moment_at(moment), "market": MARKETS[world.market[creator]],
        "category": CATEGORIES[world.category[seller]], "channel": "live", "creator_id": f"C{creator:03}",
        "seller_id": f"S{seller:02}", "product_id": f"P{seller}", "buyer_id": f"B{buyer}", "units": 1,
        "gmv": f"{price:.2f}", "paid_at": moment_at(moment),
        "delivered_at": moment_at(moment + 3) if moment + 3 < world.days else "",
        "refunded_at": moment_at(back) if refunded and back < world.days else "",
        "refund_amount": f"{price:.2f}" if refunded and back < world.days else "",
        "refund_reason": "not_as_described" if refunded and back < world.days else "",
        "review": review,
    }  # fmt: skip


def _review(world: World, moment: float, stars: int, text: str) -> dict[str, Any] | None:
    return {"reviewed_at": moment_at(moment), "rating": stars, "text": text} if moment < world.days else None
