"""Second opinions on an effect: difference in differences, and synthetic difference in differences.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, American Economic Review 111: weights of controls that run parallel to
the treated series before the change, weights of days before it that resemble those after it, and a weighted difference in
differences.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from core.base.arrays import Floats

_TIME_RIDGE = 1e-6
"""Ridge of the weights of days, in sd of a day's step: only against ties, as in the paper."""
_SUM_TO_ONE = 1e4
"""Weight of the equation that weights sum to 1, against equations of size 1."""


@dataclass(frozen=True, kw_only=True)
class SyntheticDid:
    """An effect and the weights behind it."""

    effect: float
    """Mean change after the change, in the unit of the series."""
    control_weights: Floats
    """shape (controls,); they sum to 1."""
    day_weights: Floats
    """shape (days before,); they sum to 1."""


def difference_in_differences(values: Floats, before: int) -> float:
    """Change of the first series minus the mean change of the others; `values` has shape (series, days)."""
    change = values[:, before:].mean(axis=1) - values[:, :before].mean(axis=1)
    return float(change[0] - change[1:].mean())


def synthetic_did(values: Floats, before: int) -> SyntheticDid:
    """The effect on the first series, the others being controls; `values` has shape (series, days)."""
    treated, controls = values[0], values[1:]
    after = values.shape[1] - before
    step = float(np.diff(controls[:, :before], axis=1).std(ddof=1))
    control_weights = _simplex_weights(controls[:, :before].T, treated[:before], step * after**0.25)
    day_weights = _simplex_weights(controls[:, :before], controls[:, before:].mean(axis=1), _TIME_RIDGE * step)
    gap = treated - control_weights @ controls
    return SyntheticDid(
        effect=float(gap[before:].mean() - day_weights @ gap[:before]),
        control_weights=control_weights,
        day_weights=day_weights,
    )


def _simplex_weights(columns: Floats, target: Floats, ridge: float) -> Floats:
    """Weights w >= 0 that sum to 1 and minimise |a + columns w - target|^2 + ridge^2 n |w|^2, a free; shape (columns,)."""
    rows, count = columns.shape
    centred = columns - columns.mean(axis=0)
    aim = target - target.mean()
    size = float(np.abs(centred).max()) or 1.0
    equations = np.vstack(
        [centred / size, ridge / size * np.sqrt(rows) * np.eye(count), np.full((1, count), _SUM_TO_ONE)]
    )
    weights = nnls(equations, np.concatenate([aim / size, np.zeros(count), [_SUM_TO_ONE]]), maxiter=50 * count)[0]
    return np.asarray(weights / weights.sum())
