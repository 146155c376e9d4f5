"""How far figures of concentration move because members grow and shrink, each by itself.

A dozen weeks of one Gini index tell little of how it scatters, and where sizes have heavy tails nothing of what the largest
members may do next. How far members of that size moved between earlier weeks tells both (the variance of a function of
independent sizes by its influence function: Deville, Survey Methodology 1999): members are the units, and each is followed over
weeks that count as they do for the figures.
"""

import numpy as np

from core.base.arrays import Floats
from core.ecosystem.changes.serial_correlation import covariance
from core.ecosystem.changes.step_test import step_contrast

TESTED = ("gini", "hhi", "top_10pct_share")
_UNKNOWN = 1.0
"""Mean square where nobody was active in both: members may have nearly three times as much, or as little."""
_KNOWN = 8
"""Earlier weeks from which on is used how they go together; of fewer, members count as if each week were independent.

Learnt from five and seven earlier weeks, intervals of members who drift would cover 87 to 95 %."""


def step_variances(
    amount: Floats, series: Floats, lengths: tuple[int, ...], figures: dict[str, float], sizes: Floats
) -> Floats:
    """Variance of the step of the log odds of each tested figure, for each number of newest weeks; shape (lengths, figures).

    `amount`: shape (members, weeks), newest first. `series`: the log odds of the figures, shape (figures, weeks). `figures`: of
    `sizes`, which are positive, shape (active members,).
    """
    share, past = amount / np.maximum(amount.sum(axis=0), 1e-300), series[:, max(lengths) :]
    weeks = past.shape[1]
    together = covariance(past, weeks) if weeks >= _KNOWN else np.eye(weeks)
    reach = (_influences(sizes, figures) ** 2).sum(axis=1)
    return np.stack([_squared_move(share[:, max(lengths) :], together, length) * reach for length in lengths])


def _squared_move(share: Floats, together: Floats, length: int) -> float:
    """Mean square of the logarithm of what members have in so many newest weeks over what they had before, weighed by shares.

    Of members who were active in both: who joins or leaves is no move. Half of few weeks are new at most. Against shorter
    stretches of weeks, of which there are several, members whose weeks are independent moved by a third too much. `together`: the
    covariance of weeks; they count as in the step that is tested, so where levels drift, long ago counts little.
    """
    length = min(length, share.shape[1] // 2)
    contrast = step_contrast(together, length)
    new, old = (
        part @ (weight.clip(0) / weight.clip(0).sum())
        for part, weight in ((share[:, :length], contrast[:length]), (share[:, length:], -contrast[length:]))
    )
    both = (new > 0) & (old > 0)
    weight = new[both] + old[both]
    return float((weight * np.log(new[both] / old[both]) ** 2).sum()) / float(weight.sum()) if both.any() else _UNKNOWN


def _influences(sizes: Floats, figures: dict[str, float]) -> Floats:
    """Derivative of the log odds of each tested figure by the logarithm of each member's size; shape (figures, members)."""
    share, members = np.sort(sizes) / sizes.sum(), len(sizes)
    rank = np.arange(1, members + 1)
    in_top = np.clip(rank - 0.9 * members, 0.0, 1.0)
    slopes = {
        "gini": share * ((2 * rank - members - 1) / members - figures["gini"]),
        "hhi": 2 * share * (share - figures["hhi"]),
        "top_10pct_share": share * (in_top - figures["top_10pct_share"]),
    }
    return np.stack([slopes[name] / max(figures[name] * (1 - figures[name]), 1e-12) for name in TESTED])
