"""How well drops are found in daily series with known drops: recall, precision, F1, false alarms, delay, CPU seconds.

    python bench/detect.py [--series 1000] [--seeds 3]

Series of 180 days with weekly season, trend, autocorrelated noise and Poisson counts at levels of 20 to 5,000; every other
one has one drop of 15-60 % for 3-14 days, some have one-day promotions. Each day from the ninth week on is judged by what
was known at its end. A drop is found when an alarm falls into its days; any other run of alarms is false.
"""

import argparse
import time
from dataclasses import dataclass

import numpy as np

from core.cube import Floats
from core.drops.panel import Panel
from core.drops.replay import Replay

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
    for sighting in Replay(Panel(0, values)).sightings(range(FIRST, DAYS)):
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


def main() -> None:
    """Prints one line a seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    for seed in range(_SEED, _SEED + asked.seeds):
        found = score(asked.series, seed)
        print(
            f"seed {seed}: recall {found.hits / max(found.drops, 1):.3f} "
            f"precision {found.hits / max(found.hits + found.false, 1):.3f} F1 {found.f1:.3f} "
            f"false alarms a series-year {found.false / found.years:.3f} cpu {found.seconds:.2f} s"
        )


if __name__ == "__main__":
    main()
