"""The answer in one glance: is it well, what is worst, where, whom to call, since when."""

from collections.abc import Mapping

import numpy as np

from core.ecosystem.false_discovery import least_effect
from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.health_results import Headline, Risk

_WEIGHT = {
    "demand": 2.5, "activity": 3.0, "sales": 1.2, "exposure": 1.2, "quality": 2.0, "newcomers": 2.0, "concentration": 1.0,
    "merit": 2.5, "calibration": 2.5, "fairness": 1.0, "penalties": 1.0, "mobility": 0.5,
}  # fmt: skip
"""What comes first of two effects of the same size: what shifts shares of segments (members who left, a ranking that turned
against merit) before the shares."""
_SHARES = frozenset({"impressions_share", "orders_share", "gmv_share"})
_CERTAIN = 4.0
"""A q-value of 0.0001 counts in full, larger ones by their logarithm."""
_DOUBLED, _MOST_DOUBLED = 2.0, 3.0
"""A doubling weighs like twice the smallest difference that is marked; a factor of eight, or of an eighth, like any larger one.

A segment of two members who both left lost all of its share."""


def headline(claims: tuple[Claim, ...], leads: tuple[Risk, ...]) -> Headline:
    """Of decided claims, marked ones first."""
    bad = [claim for claim in claims if claim.is_marked and claim.is_worse is not False]
    worst = max(bad, key=severity, default=None)
    if worst is None:
        return Headline(
            is_healthy=not leads, marked=0, worst=None, where={}, onset=None, leads=len(leads),
            who=tuple(dict.fromkeys(value for lead in leads for value in lead.subject.values()))[:3],
        )  # fmt: skip
    # a gap between members has no beginning of its own, and names nobody: what changed in the same segment does
    same = [
        worst,
        *sorted((claim for claim in bad if worst.where == claim.where != {}), key=lambda claim: claim.q_value),
    ]
    return Headline(
        is_healthy=False,
        marked=len(bad),
        worst=worst,
        where=worst.where or worst.cause or _where_they_are(worst, claims),
        who=next((claim.who for claim in same if claim.who), ()),
        onset=next((claim.onset for claim in same if claim.onset is not None), None),
        leads=len(leads),
    )


def _where_they_are(worst: Claim, claims: tuple[Claim, ...]) -> Mapping[str, str]:
    """Of a claim about everybody, the segment that changed most clearly among marked ones that most of the same members move,
    whose share of demand moved as demand did, or whose share rose when the whole became more concentrated."""
    same = [
        claim for claim in claims
        if claim.is_marked and claim.where and (
            2 * len(set(worst.who) & set(claim.who)) > len(worst.who)
            or (worst.topic == "demand" and claim.figure in _SHARES and (claim.effect > 1) == (worst.effect > 1))
            or (worst.topic == "concentration" and claim.figure in _SHARES and claim.effect > 1)
        )
    ]  # fmt: skip
    return min(same, key=lambda claim: claim.q_value).where if same else {}


def severity(claim: Claim) -> float:
    """How much a marked claim matters: how often its effect doubles or halves a figure, or how many times a difference is the
    smallest that is marked, by topic
    and certainty; a claim that stands by itself before one that another explains."""
    if claim.is_factor:
        size = _DOUBLED * min(abs(float(np.log2(max(claim.effect, 1e-6)))), _MOST_DOUBLED)
    else:
        size = abs(claim.effect) / least_effect(claim)
    certain = min(-float(np.log10(max(claim.q_value, 1e-9))) / _CERTAIN, 1.0)
    # sellers have their impressions from their creators, and from search
    side = 0.5 if claim.topic == "merit" and claim.side == "sellers" else 1.0
    weight = side * _WEIGHT[claim.topic] * (1.0 if claim.is_worse else 0.7) * (0.9 if claim.cause else 1.0)
    return weight * min(size, 20.0) * certain
