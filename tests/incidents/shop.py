"""A small shop with known faults: daily sums of a funnel by market, device and channel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import numpy as np

from core.base.days import Window, parse_day
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS = date(2026, 1, 5), 84
MARKETS, DEVICES, CHANNELS = ("ID", "TH", "VN"), ("android", "ios"), ("live", "search")
MEASURES = ("impressions", "clicks", "orders", "paid_orders", "gmv")
Slice = Mapping[str, str]


@dataclass(frozen=True)
class Fault:
    """A factor on one step of the funnel in some slices since a day."""

    step: str
    """impressions | ctr | order_rate | payment_rate | order_value"""
    where: Slice
    factor: float
    day: int = DAYS - 6
    ramp: float = 1.0
    """With a factor a day below 1 the fault grows instead."""

    def on(self, place: Slice, day: int) -> float:
        """The factor of a slice on a day."""
        inside = all(place[name] == value for name, value in self.where.items())
        if not inside or day < self.day:
            return 1.0
        return self.factor * self.ramp ** (day - self.day)


def day(number: int) -> int:
    return parse_day((FIRST + timedelta(number)).isoformat())


def rows(faults: Sequence[Fault], seed: int = 1, level: float = 6000.0) -> list[dict[str, str | float]]:
    """One row a day and slice."""
    rng = np.random.default_rng(seed)
    out: list[dict[str, str | float]] = []
    for number in range(DAYS):
        season = 1 + 0.15 * np.sin(2 * np.pi * number / 7)
        for market, device, channel in product(MARKETS, DEVICES, CHANNELS):
            place = {"market": market, "device": device, "channel": channel}

            def step(name: str, usual: float, place: Slice = place, number: int = number) -> float:
                return usual * float(np.prod([f.on(place, number) for f in faults if f.step == name]))

            impressions = rng.poisson(step("impressions", level * season * (2 if market == "ID" else 1)))
            clicks = rng.binomial(impressions, step("ctr", 0.08))
            orders = rng.binomial(clicks, step("order_rate", 0.3))
            paid = rng.binomial(orders, step("payment_rate", 0.9))
            gmv = round(paid * step("order_value", 20.0) * rng.normal(1, 0.02), 2)
            figures = zip(MEASURES, (impressions, clicks, orders, paid, gmv), strict=True)
            out.append({"date": (FIRST + timedelta(number)).isoformat(), **place, **dict(figures)})
    return out


def opened(
    folder: Path,
    faults: Sequence[Fault],
    seed: int = 1,
    change: Callable[[list[dict[str, str | float]]], list[dict[str, str | float]]] = lambda rows: rows,
) -> Workspace:
    """The shop as a workspace; `change`: what is done to its rows first."""
    table = change(rows(faults, seed))
    names = list(table[0])
    lines = [",".join(names), *(",".join(str(row[name]) for name in names) for row in table)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shop.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "shop.csv"], as_kind="daily", dimensions=["note"] if "note" in names else [])
    return Workspace.open(folder / "w.db")


def inside(faults: Sequence[Fault], where: Slice, measure: str, days: Window, seed: int = 1) -> float:
    """A sum counted by hand: of some slices on some days."""
    return sum(
        float(row[measure])
        for row in rows(faults, seed)
        if parse_day(str(row["date"])) in days and all(row[name] == value for name, value in where.items())
    )
