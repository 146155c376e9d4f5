"""The product that sales come to where only a shop's own daily counts are known: visits x orders a visit x sales an order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

_STEPS = (
    ("gmv", "sales", "net_sales", "revenue"),
    ("paid_orders", "orders", "transactions", "purchases"),
    ("clicks", "sessions", "visits", "visitors"),
)
"""What is counted at each step from money to traffic; the first of each step that a shop counts is taken."""
_PACKAGED = {"gmv": "paid_orders", "paid_orders": "orders", "orders": "clicks"}
"""What these are a product of in the packaged catalogue."""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A measure as a product of the measure of the step before it and a ratio."""

    whole: str
    part: str
    ratio: str
    """The key of the ratio, whole / part."""

    @property
    def formula(self) -> str:
        """What the whole comes to."""
        return f"{self.part} x {self.ratio}"


def own_funnel(counted: Collection[str], ratios: Mapping[str, str]) -> tuple[FunnelStep, ...]:
    """The steps that the packaged catalogue lacks for the measures of `daily` exports; `ratios` are those that are known by their
    formulas.

    >>> [step.formula for step in own_funnel({"gmv", "orders", "sessions"}, {"cvr": "orders / sessions"})]
    ['orders x gmv_per_order', 'sessions x cvr']
    >>> own_funnel({"gmv", "paid_orders", "orders", "clicks"}, {})
    ()
    """
    known = {formula: key for key, formula in ratios.items()}
    chain = [next((name for name in step if name in counted), None) for step in _STEPS]
    if chain[1] == "paid_orders" and "orders" in counted:
        chain.insert(2, "orders")
    steps = []
    for whole, part in pairwise(chain):
        if whole is not None and part is not None and _PACKAGED.get(whole) != part:
            ratio = known.get(f"{whole} / {part}", f"{whole}_per_{part.removesuffix('s')}")
            steps.append(FunnelStep(whole, part, ratio))
    return tuple(steps)
