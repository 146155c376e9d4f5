"""One limit on false discoveries over every claim of the page.

All p-values are collected only here. Topics have a few claims or hundreds: each topic gets a fixed share of the limit
(weighted Benjamini-Hochberg: Genovese, Roeder and Wasserman, Biometrika 2006), so that hundreds of segments do not hide the one
figure about newcomers. A discovery is marked only when its effect is large enough to matter.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.detection.distributions import q_values
from core.ecosystem.results.claim_results import Claim, Topic

LIMIT = 0.05
"""Where nothing is wrong, one page in twenty has any mark."""
_SHARE: Mapping[str, float] = {"demand": 2.0, "exposure": 4.0, "sales": 4.0, "quality": 6.0, "concentration": 0.3}
"""How many times the share of another topic: of dozens of segments a change has to stand out; concentration follows from what
happens to members.

Of 202 made-up marketplaces without a fault, 8 had a mark with equal shares of 0.02, and 6 with these of 0.05. Of 40 with a market
at half of its impressions 32 and 35 were marked, of 34 with a favoured agency 28 and 30, of 34 whose category has four times as
many bad orders, mostly for less than a fortnight, 15 and 17; of six where five members grew sevenfold 6 and 5. Of 23 whose
demand halved 20 were marked with 1 for demand, whose few figures move together, and 4 for quality, and 22 so; of 46 without a
fault none, either way.
"""
LEAST_FACTOR: Mapping[str, float] = {
    "demand": 1.15,
    "exposure": 1.15,
    "sales": 1.15,
    "newcomers": 1.5,
    "penalties": 1.5,
}
_LEAST_FACTOR = 1.25
LEAST_DIFFERENCE: Mapping[str, float] = {
    "activity": 0.05, "concentration": 0.03, "mobility": 0.1, "fairness": 4.0, "merit": 0.2, "calibration": 0.05,
    "penalties": 0.1,
}  # fmt: skip
"""Smallest effect that is marked, as a factor (either way) or a difference: a Gini that moves by 0.003 helps nobody."""


def decided(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims with their q-values and marks, least q-value first within marked and unmarked ones."""
    sizes = Counter(map(_family, claims))
    shares = {family: _SHARE.get(family[0], 1.0) for family in sizes}
    factors = {family: size * sum(shares.values()) / shares[family] / len(claims) for family, size in sizes.items()}
    chances = np.array([claim.p_value * factors[_family(claim)] for claim in claims])
    least_rates = q_values(np.minimum(chances, 1.0))
    result = [
        replace(claim, q_value=float(q), is_marked=bool(q <= LIMIT) and matters(claim))
        for claim, q in zip(claims, least_rates, strict=True)
    ]
    return tuple(
        sorted(
            result, key=lambda item: (not item.is_marked, item.p_value, item.topic, item.figure, *item.where.items())
        )
    )


def _family(claim: Claim) -> tuple[Topic, bool]:
    """Claims that share a part of the limit: those of a topic; how many fell silent everywhere stands apart from a dozen groups.

    Of 17 made-up marketplaces that a third of the creators left 12 were marked as one family, and 14 so.
    """
    return claim.topic, claim.topic == "activity" and not claim.where


def least_effect(claim: Claim) -> float:
    """The smallest effect of such a claim that is marked: a factor, or a difference."""
    if claim.is_factor:
        return LEAST_FACTOR.get(claim.topic, _LEAST_FACTOR)
    return LEAST_DIFFERENCE[claim.topic]


def matters(claim: Claim) -> bool:
    """Whether the effect is large enough for a mark."""
    if claim.is_factor:
        factor = max(claim.effect, 1e-12)
        return max(factor, 1 / factor) >= least_effect(claim)
    return abs(claim.effect) >= least_effect(claim)
