"""Accuracy and speed of `match` in simulated markets whose later pairs and true sales are known.

    python bench/match.py [--markets 3] [--seed 1] [--creators 60]

Each creator has preferred categories, an audience and a price level, each product an appeal and a price. The better a pair
fits, the likelier it starts. `match` sees the first two thirds of the days. Printed: recall at 10 of the pairs that start
later, share of the best possible GMV, rank correlation of expected with true GMV, coverage of the 80 % interval, share of
newcomers, and CPU seconds.
"""

import argparse
import csv
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from core.base.arrays import Floats, Ints
from core.matching.expected_sales import DAYS as SOLD_DAYS
from core.matching.match import match
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS, SPLIT = date(2026, 1, 1), 150, 100
CREATORS, PRODUCTS, CATEGORIES, MARKETS = 200, 250, 12, ("ID", "TH", "VN")
LIMIT = 10


@dataclass(frozen=True, kw_only=True)
class Market:
    """What was planted; arrays have the shape (creators, products) unless noted."""

    rate: Floats
    """Order lines a day, once a pair has started."""
    start: Ints
    """Day on which it starts, DAYS and later = never."""
    price: Floats
    """shape (products,)."""
    category: Ints
    """shape (products,)."""
    home: Ints
    """Market of each creator, shape (creators,)."""


def plant(seed: int) -> Market:
    """A market of one seed."""
    chance = np.random.default_rng([seed, 3])
    home, region = chance.integers(3, size=CREATORS), chance.integers(3, size=PRODUCTS)
    category = chance.integers(CATEGORIES, size=PRODUCTS)
    taste = np.exp(chance.normal(0, 1, (CREATORS, 4)) @ chance.normal(0, 0.8, (4, CATEGORIES)))
    taste /= taste.sum(axis=1, keepdims=True)
    price, level = np.exp(chance.normal(3, 0.6, PRODUCTS)), chance.normal(3, 0.4, CREATORS)
    size = chance.lognormal(0, 0.9, (CREATORS, 1)) * chance.lognormal(0, 0.8, (1, PRODUCTS))
    fit = np.exp(-((np.log(price)[None] - level[:, None]) ** 2))
    rate = taste[:, category] * size * fit * (home[:, None] == region[None])
    rate = np.minimum(rate * 0.5 / rate[rate > 0].mean(), 20.0)
    is_tried = chance.random(rate.shape) < np.clip(0.12 * rate / rate[rate > 0].mean(), 0, 0.5)
    listed = np.where(chance.random(PRODUCTS) < 0.2, chance.integers(80, 98, PRODUCTS), 0)
    start = np.maximum(np.where(is_tried, chance.integers(0, DAYS, rate.shape), DAYS), listed[None])
    return Market(rate=rate, start=start, price=price, category=category, home=home)


def export(market: Market, path: Path, seed: int) -> None:
    """The orders before the split."""
    chance = np.random.default_rng([seed, 4])
    rows: list[list[object]] = []
    for creator, product in np.argwhere(market.start < SPLIT).tolist():
        first = int(market.start[creator, product])
        for day in range(first, SPLIT):
            lines = int(chance.poisson(market.rate[creator, product]))
            at = FIRST + timedelta(day)
            for _ in range(max(lines, 1) if day == first else lines):
                name = (f"C{creator}", f"P{product}", MARKETS[market.home[creator]], f"k{market.category[product]}")
                rows.append([f"O{len(rows)}", at, *name, round(float(market.price[product]), 2), at])
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["order_id", "ordered_at", "creator_id", "product_id", "market", "category", "gmv", "paid_at"])
        writer.writerows(rows)


def measure(seed: int, creators: int) -> dict[str, float]:
    """All figures of one market."""
    market, chance = plant(seed), np.random.default_rng([seed, 5])
    value = market.rate * market.price
    expected, truth, covered, recalls, gains, best, new, listed, seconds = [], [], [], [], 0.0, 0.0, 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        export(market, Path(folder) / "orders.csv", seed)
        load(Path(folder) / "w.db", [Path(folder) / "orders.csv"], as_kind="orders")
        later = (market.start >= SPLIT) & (market.start < DAYS) & (market.start < SPLIT).any(axis=0)
        usable = np.flatnonzero(later.any(axis=1) & (market.start < SPLIT).any(axis=1))
        with Workspace.open(Path(folder) / "w.db") as workspace:
            for creator in chance.choice(usable, min(creators, len(usable)), replace=False).tolist():
                began = time.process_time()
                matches = match(workspace, creator_id=f"C{creator}", limit=LIMIT).matches
                seconds.append(time.process_time() - began)
                products = [int(pair.product_id[1:]) for pair in matches]
                recalls.append(later[creator, products].sum() / min(LIMIT, later[creator].sum()))
                open_value = np.where(market.start[creator] < SPLIT, 0.0, value[creator])
                gains, best = gains + open_value[products].sum(), best + np.sort(open_value)[::-1][:LIMIT].sum()
                expected += [pair.expected_gmv for pair in matches]
                truth += value[creator, products].tolist()
                sold = chance.poisson(market.rate[creator, products] * SOLD_DAYS) * market.price[products]
                covered += [
                    pair.interval[0] <= gmv <= pair.interval[1] for pair, gmv in zip(matches, sold, strict=True)
                ]
                new, listed = new + sum(pair.newcomer for pair in matches), listed + len(matches)
    ranks = [np.argsort(np.argsort(values)) for values in (expected, truth)]
    return {
        "recall@10": float(np.mean(recalls)),
        "true GMV found": gains / best,
        "rank correlation": float(np.corrcoef(*ranks)[0, 1]),
        "coverage of 80%": float(np.mean(covered)),
        "newcomers": new / listed,
        "CPU s a question": float(np.median(seconds)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markets", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--creators", type=int, default=60)
    options = parser.parse_args()
    results = [measure(options.seed * 100 + number, options.creators) for number in range(options.markets)]
    for name in results[0]:
        values = [result[name] for result in results]
        print(f"{name:18} {np.mean(values):.3f} ({', '.join(f'{value:.2f}' for value in values)})")


if __name__ == "__main__":
    main()
