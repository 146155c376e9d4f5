"""Whether counts differ by more than chance, one test or many."""

import numpy as np
from scipy.special import bdtr, bdtrc

from core.base.arrays import Floats

FALSE_SHARE = 0.05
"""Share of false ones among all that are marked."""


def more_than_share(here: Floats, others: Floats, share: Floats | float) -> Floats:
    """How probable at least `here` of here + others events are, were `share` of them to fall there (exact binomial)."""
    total = np.rint(here + others).astype(np.int64)
    return np.asarray(np.where(here > 0, bdtrc(np.maximum(here - 1, 0), total, share), 1.0))


def two_sided(now: Floats, before: Floats, share: float) -> Floats:
    """The same in either direction."""
    lower = np.asarray(bdtr(now, np.rint(now + before).astype(np.int64), share))
    return np.asarray(np.minimum(1.0, 2 * np.minimum(lower, more_than_share(now, before, share))))
