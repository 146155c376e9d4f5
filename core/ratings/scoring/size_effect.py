"""How rates per 1,000 orders go with the size of a member: violations seldom grow as fast as orders do.

The expected number of an account with n orders is taken to go with n^b (Poisson). Where b = 1 a rate is the same at every size;
where each account has its violations whatever it sells, b = 0, and a rate per order only says who is small.
"""

import numpy as np

from core.base.arrays import Floats

_DOUBT = 0.5
"""Standard deviation of b around 1 before any case is known: 0 and 1 are both possible."""
_ROUNDS = 30


def size_effect(n: Floats, k: Floats) -> Floats:
    """The usual rate of a member of each size over that of all; shape (members,).

    `n`, `k`: cases and bad ones of each. On average over all cases it is 1.
    """
    total, size = float(k.sum()), np.log(np.maximum(n, 1.0))
    power = 1.0
    if total > 0:
        # bad cases of one member come together: they tell as much as so many fewer
        independent = total / (float(k @ k) / total)
        seen = float(k @ size) / total
        for _ in range(_ROUNDS):
            share = np.exp(power * size)
            share /= share.sum()
            centre = float(share @ size)
            pull = independent * (seen - centre) + (1 - power) / _DOUBT**2
            power += pull / (independent * float(share @ (size - centre) ** 2) + 1 / _DOUBT**2)
            power = min(max(power, 0.0), 1.0)
    effect = np.exp((power - 1) * size)
    whole = float(n.sum())
    result: Floats = effect * (whole / float(n @ effect)) if whole > 0 else np.ones(len(n))
    return result
