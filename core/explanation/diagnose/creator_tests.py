"""Tests of causes that are about creators and sellers: who they are, what is left of them, what they did."""

from math import exp, hypot

import numpy as np

from core.base.segment import Segment
from core.explanation.decompose.metric_moves import daily, moved
from core.explanation.diagnose.change_evidence import FactResult
from core.explanation.diagnose.change_facts import ChangeContext, daily_of
from core.localization.with_history.actual_vs_expected import WEEK

FEW = 10
"""Creators that are still named one by one."""
_SOME = 0.1
"""A share of the traffic that is large enough to be judged by itself."""
_STILL = 0.05
"""How far a part that is not affected may stray, beyond chance (as in cause_weights)."""
_MANY = 20
"""Creators with more violations than usual that are a wave; a quarter of those of a small segment is one too."""


def few_creators(case: ChangeContext) -> FactResult | None:
    """Whether the segment names no more creators than a reader takes in one by one."""
    named = dict(case.segment.terms).get("creator_id")
    if named is None:
        return None
    word = "creator causes" if len(named) == 1 else "creators cause"
    return FactResult(1.0 if len(named) <= FEW else 0.0, f"{len(named)} {word} the change")


def only_creators(case: ChangeContext) -> FactResult | None:
    """Whether what no creator brings stays, where a segment has both; undecided where it has only one of them."""
    volume = case.volume
    if volume is None or "creator_id" not in case.compared.dimensions:
        return None
    no_creator = Segment((*(term for term in case.segment.terms if term[0] != "creator_id"), ("creator_id", ("",))))
    alone = daily_of(case, no_creator)
    usual, whole = (float(volume.numerator.of(line.sums)[line.reference].sum()) for line in (alone, case.inside))
    share = usual / whole if whole else 0.0
    elsewhere = case.everything.minus(case.inside) if case.segment else None
    other = moved([volume], alone, elsewhere).get(volume.key)
    if other is None or not _SOME < share < 1 - _SOME:
        return FactResult(0.5, f"{1 - share:.0%} of its {volume.name.lower()} come from creators")
    creators = moved([volume], case.inside.minus(alone), elsewhere).get(volume.key)
    fall = 0.0 if creators is None else creators.beyond
    alike, stays = (exp(-(((other.beyond - mean) / hypot(other.error, _STILL)) ** 2) / 2) for mean in (fall, 0.0))
    name = volume.name.lower()
    text = f"{name} without a creator {other.percent:+.1%} (±{2 * other.relative_error:.1%}), with one {exp(fall) - 1:+.1%}"
    return FactResult(stays / (stays + alike) if stays + alike else 0.5, text)


def only_leavers(case: ChangeContext) -> FactResult | None:
    """Whether what is affected is those who left: a seller's traffic vanishes altogether, or only that of creators falls."""
    named = case.segment.dimensions
    return vanished(case) if "seller_id" in named and "creator_id" not in named else only_creators(case)


def one_agency(case: ChangeContext) -> FactResult:
    """How many of the creators that the segment names belong to one agency."""
    named = dict(case.segment.terms).get("creator_id", ())
    if not case.agencies or len(named) < 2:
        return FactResult(0.5, "the agency of the creators is not known")
    agencies = [case.agencies.get(creator, "") for creator in named]
    most = max(set(agencies), key=agencies.count)
    share = agencies.count(most) / len(agencies) if most else 0.0
    together = (
        f"{share:.0%} of the {len(named)} creators belong to {most}"
        if most
        else f"the {len(named)} creators share no agency"
    )
    return FactResult(share, together)


def vanished(case: ChangeContext) -> FactResult | None:
    """How little is left of the volume."""
    volume = case.moved.get(case.volume.key) if case.volume is not None else None
    if volume is None or not volume.expected:
        return None
    left = volume.actual / volume.expected
    return FactResult(float(np.clip((0.3 - left) / 0.25, 0, 1)), f"{left:.0%} of the usual {volume.words} is left")


def many_subjects(case: ChangeContext) -> FactResult | None:
    """Whether more creators than usual have violations, by as many as a wave has."""
    if (
        "violations" not in case.affected.measures
        or "creator_id" not in case.affected.dimensions
        or case.volume is None
    ):
        return None
    actual, expected = (side[1:] for side in case.affected.by("violations", "creator_id"))
    more = int(np.count_nonzero(actual > np.maximum(2 * expected, 0.5)))
    active = int(np.count_nonzero(case.affected.by(case.volume.key, "creator_id")[1][1:]))
    many = min(_MANY, max(FEW / 2, active / 4))
    return FactResult(
        float(np.clip((more - float(expected.sum())) / many, 0, 1)),
        f"{more} of {active} creators have more violations than usual",
    )


def have_violations(case: ChangeContext) -> FactResult | None:
    """Whether each of some creators had a violation when the change began, or in the week before."""
    named = dict(case.segment.terms).get("creator_id", ())
    if "violations" not in case.compared.measures or not 0 < len(named) <= FEW:
        return None
    lines = [daily(case.compared.where(Segment.of({"creator_id": name}))) for name in named]
    near = case.inside.days >= case.began.first - WEEK
    accused = sum(float(line.sums["violations"][near].sum()) >= 1 for line in lines)
    return FactResult(accused / len(named), f"{accused} of {len(named)} creators had a violation at that time")
