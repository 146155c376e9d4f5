"""How well drops are found in daily series with known drops: recall, precision, F1, false alarms, delay, CPU seconds.

    python bench/detect.py [--series 1000] [--seeds 3] [--data FOLDER]

Series of 180 days with weekly season, trend, autocorrelated noise and Poisson counts at levels of 20 to 5,000; every other
one has one drop of 15-60 % for 3-14 days, some have one-day promotions. Each day from the ninth week on is judged by what
was known at its end. A drop is found when an alarm falls into its days; any other run of alarms is false.

Also: how often the days and weeks of series without drops came inside their 95 % intervals, each foretold from the days
before it; with --data the same of real series: orders a day of Olist, views a day of YouTube Studio exports.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.base.arrays import Floats
from core.base.days import Window
from core.detection.detector.online_detector import OnlineDetector
from core.detection.expected_values import expected_from_detector
from core.detection.forecast.panel import Panel
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

DAYS, FIRST = 180, 63
_GRACE = 3
_SEED = 70_000


@dataclass(frozen=True, slots=True)
class Score:
    """What came of one set of series."""

    hits: int
    drops: int
    false: int
    years: float
    seconds: float

    @property
    def f1(self) -> float:
        """The harmonic mean of recall and precision."""
        return 2 * self.hits / max(self.drops + self.hits + self.false, 1)


def simulate(series: int, seed: int) -> tuple[Floats, list[tuple[int, int] | None]]:
    """Counts (series, DAYS), and (first day, days) of the drop of each series or None."""
    random, day = np.random.default_rng(seed), np.arange(DAYS)
    values, drops = np.zeros((series, DAYS)), []
    for row in range(series):
        week = np.exp(random.normal(0, 0.18, 7))
        noise, shocks = np.zeros(DAYS), random.normal(0, random.uniform(0.02, 0.08), DAYS)
        for at in range(1, DAYS):
            noise[at] = 0.3 * noise[at - 1] + shocks[at]
        level = np.exp(random.uniform(np.log(20), np.log(5000)))
        mean = level * (week / week.mean())[day % 7] * np.exp(random.uniform(-0.0015, 0.0025) * day + noise)
        if random.random() < 0.15:
            mean[random.integers(20, 170)] *= random.uniform(1.4, 2.5)
        drop = None
        if row % 2 == 0:
            start = int(random.integers(120, 173))
            drop = start, min(int(random.integers(3, 15)), DAYS - start)
            mean[start : sum(drop)] *= 1 - random.uniform(0.15, 0.6)
        values[row] = random.poisson(mean)
        drops.append(drop)
    return values, drops


def score(series: int, seed: int) -> Score:
    """Replays one set of series and compares the alarms with the truth."""
    values, drops = simulate(series, seed)
    began = time.process_time()
    alarms = np.zeros(values.shape, bool)
    for sighting in OnlineDetector(Panel(0, values)).sightings(range(FIRST, DAYS)):
        alarms[sighting.series, sighting.day] = True
    seconds = time.process_time() - began
    hits = false = 0
    for days, drop in zip(alarms, drops, strict=True):
        outside = days.copy()
        if drop:
            hits += bool(days[drop[0] : sum(drop)].any())
            outside[drop[0] : sum(drop) + _GRACE] = False
        false += int((np.diff(np.flatnonzero(outside), prepend=-99) > _GRACE).sum())
    return Score(hits, sum(drop is not None for drop in drops), false, series * (DAYS - FIRST) / 365, seconds)


def coverage(values: Floats, days: int) -> float:
    """The share of windows of so many days, one beginning on each day from FIRST on, that came inside their 95 % interval."""
    replay, held = OnlineDetector(Panel(0, values)), []
    for first in range(FIRST, values.shape[1] - days + 1):
        ahead = expected_from_detector(replay.run(first - 1), Window(first, first + days - 1))
        came = values[:, first : first + days].sum(1)
        held.append((came >= ahead.total_lo) & (came <= ahead.total_hi))
    return float(np.mean(held))


def short_pasts(series: int, walk: float, memory: float) -> dict[int, float]:
    """Days of past -> the share of the next weeks inside their interval, of series that are judged each by itself.

    Their levels walk at random by `walk` a day, and shocks of 3.5 % last from day to day by `memory` (0 and 0: calm).
    """
    rng, held = np.random.default_rng(_SEED), {}
    for past in (62, 80, 100, 150):
        days = past + 7
        shocks = rng.standard_t(4, (series, days)) / np.sqrt(2) * 0.035 * np.sqrt(1 - memory**2)
        for day in range(1, days):
            shocks[:, day] += memory * shocks[:, day - 1]
        level = np.cumsum(rng.standard_t(4, (series, days)) / np.sqrt(2) * walk, 1)
        week = np.exp(rng.normal(0, 0.1, (series, 7)))[:, np.arange(days) % 7]
        values = rng.poisson(2e5 * week * np.exp(level + shocks)).astype(float)
        panel = Panel(0, values, counts=np.zeros(series, bool), event=np.zeros(series), group=np.arange(series))
        ahead = expected_from_detector(OnlineDetector(panel).run(past - 1), Window(past, days - 1))
        came = values[:, past:].sum(1)
        held[past] = float(np.mean((came >= ahead.total_lo) & (came <= ahead.total_hi)))
    return held


def real(folder: Path) -> dict[str, Floats]:
    """Daily series of public data, each from its first day with anything; Olist without the sparse ends of its extract."""
    views = "youtube_studio/a/Subscription status_Chart data.csv"
    return {
        "Olist, orders": _daily(folder / "olist", Window.parse("2017-01-15..2018-08-25")),
        "YouTube a, views": _daily(folder / views),
        "YouTube b, engaged views": _daily(folder / "youtube_studio/b/Totals.csv"),
    }


def _daily(export: Path, window: Window | None = None) -> Floats:
    with tempfile.TemporaryDirectory() as scratch:
        load(Path(scratch) / "w.db", [export])
        with Workspace.open(Path(scratch) / "w.db") as held:
            key = held.measures[0]
            values = held.cube([key], window or held.span).daily(key)
    return values[None, int(np.flatnonzero(values)[0]) :]


def main() -> None:
    """Prints one line a seed, then one a series."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path)
    asked = parser.parse_args()
    for seed in range(_SEED, _SEED + asked.seeds):
        found = score(asked.series, seed)
        print(
            f"seed {seed}: recall {found.hits / max(found.drops, 1):.3f} "
            f"precision {found.hits / max(found.hits + found.false, 1):.3f} F1 {found.f1:.3f} "
            f"false alarms a series-year {found.false / found.years:.3f} cpu {found.seconds:.2f} s"
        )
    for name, walk, memory in (("calm", 0.0, 0.0), ("walking", 0.008, 0.0), ("restless", 0.008, 0.65)):
        inside = ", ".join(f"{share:.3f} after {past}" for past, share in short_pasts(300, walk, memory).items())
        print(f"{name} series by themselves, weeks inside: {inside} days")
    calm = simulate(asked.series, _SEED)[0][1::2]
    for name, values in {"simulated": calm, **(real(asked.data) if asked.data else {})}.items():
        inside = ", ".join(f"{coverage(values, days):.3f} of {unit}" for days, unit in ((1, "days"), (7, "weeks")))
        print(f"{name}: {values.shape[1] - FIRST} windows, inside {inside}")


if __name__ == "__main__":
    main()
