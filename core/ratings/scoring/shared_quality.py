"""What the components of a card, and the stars of its reviews, tell of each other.

Whoever is bad at one thing is often bad at others. The relative rates of a card's components (rate over that of its peers) are
taken to share one factor: x = loading x factor + own part, with the variance that the peers' prior says. The posterior of the
factor from all other components moves the prior of each. So the few bad cases of one component lean to what the many cases of
the others say, and stars that go with nothing move nothing (Robinson, That BLUP is a good thing, Statistical Science 1991).
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats

_DOUBT = 2.0
"""Standard errors that a correlation must exceed to count at all; from one more on it counts in full, and in part between: no
single case switches it on. 2 % of pairs that have nothing in common get some."""
_LEAST_SHARED = 1.0
"""Cards' worth of sure evidence on both components from which anything can be learnt."""
_MOST = 0.95
_ROUNDS = 200
"""Most rounds of alternating least squares."""
_SETTLED = 1e-9
"""Rounds end when no loading moves by more."""


@dataclass(frozen=True, slots=True)
class SharedQuality:
    """Loadings of the components on what they share, 0..1 as correlations; shape (components,)."""

    loading: Floats

    def priors(self, mean: Floats, a: Floats, n: Floats, k: Floats, noise: Floats) -> tuple[Floats, Floats]:
        """(mean, a) of each component's prior, once the card's other components have spoken; shape (components, cards) each.

        `mean`, `a`: what the peers say; `n`, `k`: cases and bad ones, 0 where a component does not count for the card; `noise`:
        variance of k over its mean.
        """
        spread = 1 / a
        loading = self.loading[:, None] * np.sqrt(spread)
        own = spread - loading**2
        expected = n * mean
        scale = own * expected + noise
        pull, information = loading * (k - expected) / scale, loading**2 * expected / scale
        precision = 1 + information.sum(axis=0) - information
        factor = (pull.sum(axis=0) - pull) / precision
        # mean-preserving: a relative rate of exp(shift) is 1 on average over the cards
        shift = loading * factor - 0.5 * loading**2 * (1 - 1 / precision)
        return mean * np.exp(shift), 1 / (own + loading**2 / precision)


def fit_quality(mean: Floats, a: Floats, n: Floats, k: Floats, noise: Floats, informs: Flags) -> SharedQuality:
    """The loadings that explain how the components of many cards go together; arguments as in `SharedQuality.priors`.

    `informs`: which components of which cards count. Only what goes the same way counts: nobody gains by a bad case.
    """
    spread = 1 / a
    expected = np.where(informs, n * mean, 0.0)
    scale = expected * spread + noise
    signal = np.where(informs, (k - expected) * np.sqrt(spread) / scale, 0.0)
    reliability = expected * spread / scale
    shared = reliability @ reliability.T
    # how much the signals scatter compared with what the priors say: a wrong prior must not look like a correlation
    scatter = np.maximum((signal**2).sum(axis=1) / np.maximum(reliability.sum(axis=1), 1e-12), 1e-12)
    error = np.sqrt(np.outer(scatter, scatter) / np.maximum(shared, 1e-12))
    result = (signal @ signal.T) / np.maximum(shared, 1e-12)
    known = shared > _LEAST_SHARED
    surplus = np.clip(result / error - _DOUBT, 0.0, 1.0)
    weight = np.where(known, 1 / error**2, 0.0)
    np.fill_diagonal(weight, 0.0)
    return SharedQuality(_loadings(np.clip(result * surplus, 0.0, _MOST), weight))


def _loadings(correlation: Floats, weight: Floats) -> Floats:
    """Loadings whose products are nearest to the correlations off the diagonal; shape (components,)."""
    off = correlation * (weight > 0)
    loading: Floats = np.sqrt(off.max(axis=1, initial=0.0))
    for _ in range(_ROUNDS):
        fitted = (weight * off) @ loading / np.maximum(weight @ loading**2, 1e-12)
        before, loading = loading, np.clip(np.sqrt(loading * np.maximum(fitted, 0.0)), 0.0, np.sqrt(_MOST))
        if np.abs(loading - before).max(initial=0.0) < _SETTLED:
            break
    return loading
