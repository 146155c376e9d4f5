"""What the components of a card, and the stars of its reviews, tell of each other.

Whoever is bad at one thing is often bad at others. The relative rates of a card's components (rate over that of its peers) are
taken to share one factor: x = loading x factor + own part, with the variance that the peers' prior says. The posterior of the
factor from all other components moves the prior of each. So the few bad cases of one component lean to what the many cases of
the others say, and stars that go with nothing move nothing (Robinson, That BLUP is a good thing, Statistical Science 1991).
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import distinct
from core.ratings.scoring.left_out import felt, sums_by_owner

_DOUBT, _SURE = 1.0, 4.0
"""Standard errors that a correlation must exceed to count at all, and from which it counts in full; in part between. Pairs that
have nothing in common keep 3 % on average of what chance shows. Where it went from nothing to all between two and three, one
card's bad cases switched loadings off: of 240 series of ever more bad orders (fixtures.marketplace, 110 creators, seeds 3301 to
3306) four rose by more than half a point, by up to 2.5; now none does, by more than 0.3."""
_LEAST_SHARED = 1.0
"""Cards' worth of sure evidence on both components from which anything can be learnt; from one more on it counts in full."""
_MOST = 0.95
_ROUNDS = 5
"""Of alternating least squares: the loadings that fit best jump where two pairs of components go together, each by itself; so
few steps from equal ones do not, and in 19 marketplaces scores agreed with true quality as well as with twenty."""


@dataclass(frozen=True, slots=True)
class SharedQuality:
    """Loadings of the components on what they share, 0..1 as correlations; shape (components, cards)."""

    loading: Floats

    def of(self, cards: Ints) -> "SharedQuality":
        """The same of some cards, in their order."""
        return SharedQuality(self.loading[:, cards])

    def priors(self, mean: Floats, a: Floats, n: Floats, k: Floats, noise: Floats) -> tuple[Floats, Floats]:
        """(mean, a) of each component's prior, once the card's other components have spoken; shape (components, cards) each.

        `mean`, `a`: what the peers say; `n`, `k`: cases and bad ones, 0 where a component does not count for the card; `noise`:
        variance of k over its mean.
        """
        spread = 1 / a
        loading = self.loading * np.sqrt(spread)
        own = spread - loading**2
        expected = n * mean
        scale = own * expected + noise
        pull, information = loading * (k - expected) / scale, loading**2 * expected / scale
        precision = 1 + information.sum(axis=0) - information
        factor = (pull.sum(axis=0) - pull) / precision
        # mean-preserving: a relative rate of exp(shift) is 1 on average over the cards
        shift = loading * factor - 0.5 * loading**2 * (1 - 1 / precision)
        return mean * np.exp(shift), 1 / (own + loading**2 / precision)


def fit_quality(
    mean: Floats, a: Floats, n: Floats, k: Floats, noise: Floats, informs: Flags, who: Ints
) -> SharedQuality:
    """The loadings that explain how the components of many cards go together; arguments as in `SharedQuality.priors`.

    `informs`: which components of which cards count. Only what goes the same way counts: nobody gains by a bad case. `who` has
    each card; nobody's own cards tell how theirs go together.
    """
    spread = 1 / a
    expected = np.where(informs, n * mean, 0.0)
    scale = expected * spread + noise
    signal = np.where(informs, (k - expected) * np.sqrt(spread) / scale, 0.0)
    reliability = expected * spread / scale
    cards = np.flatnonzero(felt(who, reliability))
    # 0 is for whoever is not felt, and so judged by all
    owner = distinct(who[cards])[1] + 1
    signals, shared = (
        (values @ values.T)[..., None] - sums_by_owner(_pairs(values[:, cards]), owner)
        for values in (signal, reliability)
    )
    of_others = reliability.sum(axis=1, keepdims=True) - sums_by_owner(reliability[:, cards], owner)
    loading = _from_sums(signals, shared, of_others)
    of_card = np.zeros(len(who), np.int64)
    of_card[cards] = owner
    return SharedQuality(loading[:, of_card])


def _pairs(values: Floats) -> Floats:
    """Products of each two components; shape (components, components, cards)."""
    return values[:, None] * values[None]


def _from_sums(signals: Floats, shared: Floats, reliability: Floats) -> Floats:
    """Loadings from sums over cards of products of signals, of reliabilities, and of reliabilities; shape (components, sets)."""
    # how much the signals scatter compared with what the priors say: a wrong prior must not look like a correlation
    squares = np.einsum("iic->ic", signals)
    scatter = np.maximum(squares / np.maximum(reliability, 1e-12), 1e-12)
    error = np.sqrt(scatter[:, None] * scatter[None] / np.maximum(shared, 1e-12))
    result = signals / np.maximum(shared, 1e-12)
    surplus = np.clip((result / error - _DOUBT) / (_SURE - _DOUBT), 0.0, 1.0)
    weight = np.clip(shared - _LEAST_SHARED, 0.0, 1.0) / error**2
    weight *= 1 - np.eye(len(weight))[..., None]
    return _loadings(np.clip(result * surplus, 0.0, _MOST), weight)


def _loadings(correlation: Floats, weight: Floats) -> Floats:
    """Loadings whose products come near to the correlations off the diagonal, of each of several sets (the last index)."""
    weighed = weight * correlation
    equal = np.sqrt(weighed.sum(axis=(0, 1)) / np.maximum(weight.sum(axis=(0, 1)), 1e-300))
    loading = np.broadcast_to(equal, weight.shape[1:])
    for _ in range(_ROUNDS if equal.any() else 0):
        fitted = np.einsum("ijc,jc->ic", weighed, loading) / np.maximum(
            np.einsum("ijc,jc->ic", weight, loading**2), 1e-300
        )
        loading = np.minimum(np.sqrt(loading * fitted), np.sqrt(_MOST))
    return loading
