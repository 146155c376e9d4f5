"""What match-making returns: plain frozen values. `to_dict()` is the promised JSON."""

from dataclasses import dataclass

from core.base.json_value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason(Value):
    """Why a pair fits: a signal and the figure behind it."""

    signal: str
    words: str
    """The kind of reason."""
    share: float
    """Of all that favours this pair more than the average possible pair."""
    value: float
    """What was counted; its unit is that of the signal: order lines, creators, buyers, a share, a price, days."""
    usual: float | None = None
    """The same of the median possible pair, or, for tastes, of all creators."""
    out_of: int | None = None
    """What a count is part of."""
    names: tuple[str, ...] = ()
    """Products, creators, a category or a shop through which the pair is connected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match(Value):
    """One creator and one product."""

    creator_id: str
    product_id: str
    score: float
    """How likely the creator takes the product up, weighted by expected GMV and damped by the number of its takers, relative to
    the best match (1)."""
    reasons: tuple[Reason, ...]
    expected_gmv: float
    """Of the first 30 days, were the creator to start."""
    interval: tuple[float, float]
    """80 % interval of `expected_gmv`."""
    newcomer: bool
    """The product was first sold in the last fifth of the days."""
    refund_rate: float
    """Posterior mean of the product's refund rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches(Value):
    """The best matches of a creator or a product, best first."""

    creator_id: str | None
    product_id: str | None
    matches: tuple[Match, ...]
    considered: int
    """Pairs that were possible: in the market, not sold yet, within the quality gate."""
    gated: int
    """Pairs left out by the quality gate."""
    gate_price: float
    """Expected GMV that the quality gate costs over the list, before refunds."""
    damping_price: float
    """Expected GMV over the list that products which many creators sell would bring, were they not damped."""
    floor_price: float
    """Expected GMV that the newcomer floor costs over the list."""
    learnt_from: int
    """New pairs that the weights were learnt from."""
    notes: tuple[str, ...] = ()
