"""Accuracy of `verify` on panels whose true effect is known: error, coverage, width, false alarms, power, CPU seconds a case.

    python bench/verify.py [--cases 60] [--seed 1]

Each regime is a kind of panel: quiet, drifting levels, strong autocorrelation, two controls, a control that is hit on the same
day, noisy controls, a week without data, twenty orders a day.
"""

import argparse
import time
from dataclasses import replace

import numpy as np

from core.base.arrays import Floats
from core.verification.effect_estimate import estimate_effect
from tests.verification.panels import BEFORE, panel, series

EFFECTS = (0.0, -0.1, -0.05, 0.05, 0.1)
REGIMES: dict[str, dict[str, float]] = {
    "quiet": {},
    "drift": {"drift": 0.008},
    "autocorrelated": {"rho": 0.8},
    "two controls": {"controls": 2},
    "control hit": {},
    "noisy controls": {},
    "gap": {},
    "few orders": {},
}


def _case(regime: str, seed: int, effect: float) -> tuple[Floats, float]:
    """Series and the true mean effect."""
    values = series(seed, effect=effect, **REGIMES[regime])  # type: ignore[arg-type]
    if regime == "control hit":
        values[3, BEFORE:] *= 0.75
    if regime == "noisy controls":
        values[1:] *= 1 + np.random.default_rng(seed).normal(0, 0.06, values[1:].shape)
    if regime == "few orders":
        values = np.random.default_rng(seed).poisson(values * 20 / values.mean(axis=1, keepdims=True)).astype(float)
    after = values[0, BEFORE:]
    return values, float((after - after / (1 + effect)).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for regime in REGIMES:
        began, errors, widths, covered, alarms, found = time.process_time(), [], [], [], [], []
        for case in range(options.cases):
            effect = EFFECTS[case % len(EFFECTS)]
            values, truth = _case(regime, options.seed * 10_000 + case, effect)
            given = panel(values)
            if regime == "gap":
                days = np.r_[0:30, 37 : values.shape[1]]
                given = replace(given, values=values[:, days], days=given.days[days], before=BEFORE - 7)
            posterior = estimate_effect(given).effect
            low, high = posterior.interval
            level = values[0, :BEFORE].mean()
            errors.append((posterior.mean - truth) / level)
            widths.append((high - low) / level)
            covered.append(low <= truth <= high)
            (found if effect else alarms).append(posterior.p_value < 0.05)
        print(
            f"{regime:15} RMSE {np.sqrt(np.mean(np.square(errors))):.2%} coverage {np.mean(covered):.3f} "
            f"width {np.median(widths):.1%} false alarms {np.mean(alarms):.3f} power {np.mean(found):.3f} "
            f"CPU {(time.process_time() - began) / options.cases:.2f} s"
        )


if __name__ == "__main__":
    main()
