"""Panels of daily series with a known effect."""

import numpy as np

from core.base.arrays import Floats
from core.verification.panel_model import ControlPanel

BEFORE, AFTER = 70, 14


def series(
    seed: int, *, controls: int = 6, effect: float = 0.0, noise: float = 0.02, drift: float = 0.0, rho: float = 0.5
) -> Floats:
    """The treated series, then controls: common weeks and a common random walk, own AR(1) noise, own drifting level."""
    chance = np.random.default_rng(seed)
    days = BEFORE + AFTER
    week = chance.normal(0, 0.08, 7)[np.arange(days) % 7]
    common = np.cumsum(chance.normal(0, 0.01, days))
    rows = []
    for _ in range(controls + 1):
        shocks = chance.normal(0, noise, days)
        own = np.zeros(days)
        for day in range(1, days):
            own[day] = rho * own[day - 1] + shocks[day]
        level = chance.uniform(300, 3000)
        walk = np.cumsum(chance.normal(0, drift, days)) if drift else 0.0
        rows.append(level * np.exp(week + common + own + walk))
    values = np.array(rows)
    values[0, BEFORE:] *= 1 + effect
    return values


def panel(values: Floats) -> ControlPanel:
    """The panel of these series, on consecutive days from a Monday."""
    return ControlPanel(values=values, days=np.arange(values.shape[1]) + 20_454, before=BEFORE)
