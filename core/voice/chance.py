"""Whether counts differ by more than chance, one test or many."""

import numpy as np
from scipy.special import bdtr, bdtrc, ndtr

from core.base.arrays import Floats

FALSE_SHARE = 0.05
"""Share of false ones among all that are marked."""


def more_than_before(now: Floats, before: Floats, share: Floats | float) -> Floats:
    """How probable at least `now` of now + before events are, were `share` of them to fall into the window (exact binomial)."""
    total = np.rint(now + before).astype(np.int64)
    return np.asarray(np.where(now > 0, bdtrc(np.maximum(now - 1, 0), total, share), 1.0))


def two_sided(now: Floats, before: Floats, share: float) -> Floats:
    """The same in either direction."""
    lower = np.asarray(bdtr(now, np.rint(now + before).astype(np.int64), share))
    return np.asarray(np.minimum(1.0, 2 * np.minimum(lower, more_than_before(now, before, share))))


def difference_of_shares(hits: Floats, size: Floats, others: Floats, other_size: Floats) -> Floats:
    """How probable so large a share is versus that of all others, by the normal approximation of two proportions (one-sided)."""
    pooled = (hits + others) / np.maximum(size + other_size, 1)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / np.maximum(size, 1) + 1 / np.maximum(other_size, 1)))
    gap = hits / np.maximum(size, 1) - others / np.maximum(other_size, 1)
    return np.asarray(ndtr(-gap / np.maximum(spread, 1e-12)))
