"""Which segments changed: shares of amounts, and rates, of every value of every dimension, one cause taken out after another.

When one market loses half of its impressions, the shares of all others rise. So the segment that explains most is found first,
its leaves are taken out, and the others are tested on what is left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.ecosystem.changes.localized_segments import localized
from core.ecosystem.changes.segment_figures import (
    CANDIDATE,
    FEW,
    LEAST_MEMBERS,
    NAMED_BELOW,
    NOW,
    THEN,
    VALUES,
    Figure,
    common_movement,
    counting_variance,
    inside,
    movers,
    segments,
    thinness,
    weekly_ratio,
)
from core.ecosystem.changes.segment_sums import SegmentSums, segment_sums
from core.ecosystem.changes.step_test import (
    LEAST_HISTORY,
    LEAST_OF_RATES,
    OF_RATES,
    RECENT,
    Steps,
    count_steps,
    countable,
    steps,
)
from core.ecosystem.changes.weekly_panel import WeeklyPanel
from core.ecosystem.results.claim_results import Claim

_ROUNDS = 3
"""Causes that are taken out at most: a page with more has lost its point."""
_CANDIDATES = 4
_NOISE = 3.0
"""Standard errors up to which a segment is left as explained."""
_SEVERAL = 0.01
"""Chance below which a segment without its first mover moved as well. Of five members who moved alike, the others have a chance
10 to 100 times that of all."""
_LEAST_SHARE = 0.005
"""Share of the whole of a segment that is tested."""


@dataclass(frozen=True, slots=True)
class _Tested:
    """The segments of one round: labels, their leaves, sums and steps; one element a segment."""

    where: tuple[Mapping[str, str], ...]
    amount: Floats
    base: Floats
    steps: Steps

    def strength(self) -> Floats:
        """Standard errors of each step."""
        return np.abs(self.steps.step) / self.steps.error


def segment_changes(panel: WeeklyPanel, figure: Figure) -> list[Claim]:
    """A claim for each segment with enough counts; nothing without a history."""
    if panel.weeks < max(RECENT) + (LEAST_HISTORY if figure.base is None else LEAST_OF_RATES):
        return []
    left = np.ones(len(figure.amount), bool)
    result: dict[tuple[tuple[str, str], ...], Claim] = {}
    causes: list[Mapping[str, str]] = []
    while True:
        tested = _tested(panel, figure, left, segments(panel, figure))
        result = {key: _without_rest(item, tested, causes) for key, item in result.items()}
        if tested is None:
            break
        for claim in _claims(panel, figure, tested, left):
            if not _is_inside(panel, figure, claim.where, causes):
                result[tuple(claim.where.items())] = _of_several(panel, figure, claim, left)
        cause = _cause(panel, figure, tested, left) if len(causes) < _ROUNDS else None
        if cause is None:
            break
        with_cause = (*segments(panel, figure), cause)
        own = tested if cause in tested.where else _tested(panel, figure, left, with_cause) or tested
        for claim in _claims(panel, figure, own, left):
            if claim.where == cause:
                result[tuple(claim.where.items())] = _of_several(panel, figure, claim, left)
        causes.append(cause)
        left &= ~inside(panel, cause)
        result = {key: _explained(panel, figure, item, cause, causes) for key, item in result.items()}
    return list(result.values())


def _of_several(panel: WeeklyPanel, figure: Figure, claim: Claim, left: Flags) -> Claim:
    """The claim with its chance without the member that moves it most, where that might be chance: what one member does is no
    matter of its segment."""
    upwards = claim.effect > 1
    who = movers(panel, figure, inside(panel, claim.where) & left, upwards) if claim.who else ()
    if not who:
        return claim
    others = left & ~who[0].leaves(panel)
    tested = _tested(panel, figure, others, (*segments(panel, figure), claim.where), least_members=1)
    chance = 1.0
    if tested is not None and claim.where in tested.where:
        at = tested.where.index(claim.where)
        chance = float(tested.steps.p_value[at]) if (tested.steps.step[at] > 0) == upwards else 1.0
    return claim if chance < _SEVERAL else replace(claim, p_value=max(claim.p_value, chance))


def _without_rest(claim: Claim, tested: _Tested | None, causes: list[Mapping[str, str]]) -> Claim:
    """The claim without evidence of its own where nothing is left to hold it against once a cause is taken out: of two markets,
    the share of one rises because the other falls."""
    if not causes or claim.where in causes or (tested is not None and claim.where in tested.where) or claim.cause:
        return claim
    return replace(claim, p_value=1.0, cause=causes[-1])


def _explained(
    panel: WeeklyPanel, figure: Figure, claim: Claim, cause: Mapping[str, str], causes: list[Mapping[str, str]]
) -> Claim:
    """The claim without evidence of its own where most of its segment lies in a cause."""
    if claim.where in causes or not _is_inside(panel, figure, claim.where, [cause]):
        return claim
    return replace(claim, p_value=1.0, cause=cause)


def _is_inside(panel: WeeklyPanel, figure: Figure, where: Mapping[str, str], causes: list[Mapping[str, str]]) -> bool:
    """Whether most of a segment lies in one of the causes."""
    if not causes:
        return False
    here = inside(panel, where)
    total = figure.size @ here
    return any(figure.size @ (here & inside(panel, cause)) > 0.5 * total for cause in causes)


def _tested(
    panel: WeeklyPanel,
    figure: Figure,
    left: Flags,
    segments: tuple[Mapping[str, str], ...],
    least_members: int = LEAST_MEMBERS,
) -> _Tested | None:
    sums = segment_sums(panel, figure, left, segments, least_members)
    chosen = np.flatnonzero(_enough(figure, sums)) if sums.where else np.zeros(0, np.int64)
    if not len(chosen):
        return None
    amount, base = sums.amount[chosen], sums.base[chosen]
    elsewhere, elsewhere_due = sums.elsewhere[chosen], sums.elsewhere_due[chosen]
    # a rate against that of all others: what moves everywhere is no matter of one segment
    if figure.is_count and float(np.median(amount)) < FEW:
        movement, known_by = common_movement(elsewhere, elsewhere_due)
        if figure.base is None:
            result = count_steps(amount, movement, known_by)
        else:
            result = count_steps(amount, base * movement, known_by, OF_RATES)
    else:
        series = np.log(weekly_ratio(amount, base, figure.unit, figure.rate()))
        if figure.base is not None:
            series -= np.log(weekly_ratio(elsewhere, elsewhere_due, figure.unit, figure.rate()))
        scale = 1.0 if figure.is_count else VALUES
        counting = counting_variance(amount / figure.unit, base / figure.unit) * scale
        scatter = sums.scatter[chosen] if figure.base is None else None
        result = steps(series, counting, thinness(base), scatter=scatter, cases=amount / figure.unit / scale)
    return _Tested(tuple(sums.where[at] for at in chosen.tolist()), sums.shown[chosen], sums.shown_base[chosen], result)


def _enough(figure: Figure, sums: SegmentSums) -> Flags:
    """Whether each segment has enough cases for a test."""
    history = slice(max(RECENT), None)
    usual = sums.amount[:, history].sum(axis=1) / np.maximum(sums.base[:, history].sum(axis=1), 1e-9)
    expected, actual = usual * sums.base[:, NOW].sum(axis=1), sums.amount[:, NOW].sum(axis=1)
    enough: Flags = countable(expected / figure.unit, actual / figure.unit) & (sums.base[:, NOW].sum(axis=1) > 0)
    if figure.base is None:
        enough &= (sums.amount[:, history] > 0).mean(axis=1) > 0.5
        enough &= sums.shown.sum(axis=1) > _LEAST_SHARE * figure.amount.sum()
    return enough


def _cause(panel: WeeklyPanel, figure: Figure, tested: _Tested, left: Flags) -> Mapping[str, str] | None:
    """The segment without which the others look most as usual; None where none is beyond chance."""
    best, least = None, np.inf
    for candidate in _candidates(panel, figure, tested, left):
        rest = _unexplained(panel, figure, left & ~inside(panel, candidate))
        if rest < least:
            best, least = candidate, rest
        if not rest:
            break
    return best


def _candidates(panel: WeeklyPanel, figure: Figure, tested: _Tested, left: Flags) -> Iterator[Mapping[str, str]]:
    """The segments that stand out most, then those that the localizer finds: asked where none of the others explains all."""
    strong = np.flatnonzero(tested.steps.p_value < CANDIDATE)
    if figure.base is None:
        strong = strong[~_mirrors(tested, strong)]
    order = strong[np.argsort(-tested.strength()[strong], kind="stable")][:_CANDIDATES]
    clear = [tested.where[at] for at in order.tolist()]
    yield from clear
    if clear:
        yield from (item for item in localized(panel, figure, left) if item not in clear)


def _mirrors(tested: _Tested, chosen: Ints) -> Flags:
    """Of two values that share a whole, the one that moved less itself in the newest fortnight: it only mirrors the other.

    Of the chosen ones alone: all pairs of 2,000 segments took 1.2 s and 520 MB. Shape (chosen,)."""
    newest, before = (tested.amount[:, weeks].mean(axis=1) + 1e-9 for weeks in (slice(min(RECENT)), THEN))
    size_of_move = np.abs(np.log(newest / before))
    is_other = np.isclose(tested.base[chosen, None], tested.amount[None]).all(axis=2)
    return np.asarray((is_other & (size_of_move[None] > size_of_move[chosen, None])).any(axis=1))


def _unexplained(panel: WeeklyPanel, figure: Figure, left: Flags) -> float:
    tested = _tested(panel, figure, left, segments(panel, figure))
    return 0.0 if tested is None else float(np.maximum(tested.strength() ** 2 - _NOISE**2, 0.0).sum())


def _claims(panel: WeeklyPanel, figure: Figure, tested: _Tested, left: Flags) -> Iterator[Claim]:
    half = tested.steps.half()
    for at, where in enumerate(tested.where):
        step, chance = float(tested.steps.step[at]), float(tested.steps.p_value[at])
        who = movers(panel, figure, inside(panel, where) & left, step > 0) if chance < NAMED_BELOW else ()
        worse = None if figure.more_is_worse is None else (step > 0) == figure.more_is_worse
        yield Claim(
            topic=figure.topic,
            figure=figure.name,
            side="",
            where=where,
            unit="ratio" if figure.scale == 1 else "index",
            now=_value(figure, tested, at, NOW),
            before=_value(figure, tested, at, THEN),
            effect=float(np.exp(step)),
            is_factor=True,
            interval=(float(np.exp(step - half[at])), float(np.exp(step + half[at]))),
            p_value=chance,
            onset=panel.day_of(int(tested.steps.onset[at])),
            is_worse=worse,
            who=tuple(member.name(panel) for member in who),
        )


def _value(figure: Figure, tested: _Tested, at: int, weeks: slice) -> float | None:
    amount, base = float(tested.amount[at, weeks].sum()), float(tested.base[at, weeks].sum())
    whole = base if figure.base is not None else base + amount
    return figure.scale * amount / whole if whole > 0 else None
