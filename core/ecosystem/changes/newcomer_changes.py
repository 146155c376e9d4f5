"""Whether newcomers are seen less, or more, than newcomers used to be.

Two questions that do not hang on how large newcomers happen to be: those who began some weeks ago against their own weeks before
(others' weeks tell what is usual), and those who begin now against those who began earlier at the same age. Both by ranks
(Mann and Whitney 1947), since a few large members carry every mean.
"""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.ecosystem.ranks import rank_test
from core.ecosystem.results.claim_results import Claim

_RECENT = (2, 3, 4)
_EARLIER = (max(_RECENT), 2 * max(_RECENT))
"""Weeks back to the newcomers that those of now are held against."""
_LEAST = 5
"""Members of each kind that a comparison needs."""
_OLDEST = 12
"""Weeks since the beginning up to which a member is a newcomer here."""
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginnings:
    """Impressions of members and the week in which each began; `first` -1 = not known to be new."""

    side: str
    last: int
    names: tuple[str, ...]
    seen: Floats
    """Shape (members, weeks), newest first."""
    first: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """One comparison of newcomers with what is usual."""

    chance: float
    weeks: int
    """How many of the newest it is about."""
    mine: Flags
    """Who is compared; shape (members,)."""
    change: Floats
    """Logarithm of what is compared; shape (members,)."""
    usual: Floats
    """The same of those compared with; shape (others,)."""


def exposure_claims(members: Beginnings) -> list[Claim]:
    """What newcomers are seen now against before; nothing where too few began."""
    # of what all others are seen: as newcomers join, the share of everybody else in the whole falls
    share = members.seen / np.maximum(members.seen[members.first < 0].sum(axis=0), 1.0)
    result = [_settling(members, share), _beginning(members, share)]
    return [item for item in result if item is not None]


def _settling(members: Beginnings, share: Floats) -> Claim | None:
    """Those who began before the newest weeks, against themselves."""
    tested = []
    for length in _RECENT:
        new = (members.first > length) & (members.first <= _OLDEST)
        change, usable = _moves(share, length, members.first, 0)
        others = usable & (members.first < 0)
        mine = usable & new
        earlier = np.concatenate([_moves_then(share, length, members.first, shift) for shift in _EARLIER])
        if mine.sum() < _LEAST or others.sum() < _LEAST:
            continue
        chance = rank_test(change[mine], change[others])
        if len(earlier) >= _LEAST:
            # newcomers may fade or grow by themselves: as those before them did
            chance = max(chance, rank_test(change[mine], earlier))
        tested.append(_Tested(chance=chance, weeks=length, mine=mine, change=change, usual=change[others]))
    return (
        _claim(members, "newcomer_exposure", min(tested, key=lambda item: item.chance), len(tested)) if tested else None
    )


def _moves_then(share: Floats, length: int, first: Ints, shift: int) -> Floats:
    """The same of those who were newcomers so many weeks ago; shape (newcomers then,)."""
    change, usable = _moves(share, length, first, shift)
    return change[usable & (first > shift + length) & (first <= _OLDEST + shift)]


def _moves(share: Floats, length: int, first: Ints, shift: int) -> tuple[Floats, Flags]:
    """Logarithm of each member's share in some newest weeks over its share before, and whether it has both."""
    weeks = np.arange(share.shape[1])
    own = (weeks[None, :] < first[:, None]) | (first < 0)[:, None]  # the first week is only part of one
    recent = (weeks >= shift) & (weeks < shift + length)
    before = own & (weeks >= shift + length)[None, :] & (weeks < shift + length + _OLDEST)[None, :]
    old = np.where(before, share, 0.0).sum(axis=1) / np.maximum(before.sum(axis=1), 1)
    new = share[:, recent].sum(axis=1) / max(int(recent.sum()), 1)
    return np.log(np.maximum(np.maximum(new, 0.05 * old), 1e-300) / np.maximum(old, 1e-300)), old > 0


def _beginning(members: Beginnings, share: Floats) -> Claim | None:
    """Those who begin now, at the age of one and two weeks, against those who began before."""
    ages = np.stack([_at(share, members.first - age) for age in (1, 2)], axis=1)
    impressions = np.log(np.maximum(np.nanmean(np.where(np.isnan(ages), 0.0, ages), axis=1), 1e-12))
    now = (members.first >= 1) & (members.first <= max(_RECENT))
    before = (members.first > max(_RECENT) + 1) & (members.first < share.shape[1])
    if now.sum() < _LEAST or before.sum() < _LEAST:
        return None
    chance = rank_test(impressions[now], impressions[before])
    tested = _Tested(chance=chance, weeks=max(_RECENT), mine=now, change=impressions, usual=impressions[before])
    return _claim(members, "first_weeks_exposure", tested, 1)


def _at(share: Floats, week: Ints) -> Floats:
    inside = (week >= 0) & (week < share.shape[1])
    rows = np.arange(len(week))
    return np.where(inside, share[rows, np.where(inside, week, 0)], np.nan)


def _claim(members: Beginnings, figure: str, tested: _Tested, tried: int) -> Claim:
    """`tried`: of how many comparisons it is the one that stands out most; chance and interval count them all."""
    (below, median, above), (below_usual, usual, above_usual) = (
        _median(values, tried) for values in (tested.change[tested.mine], tested.usual)
    )
    step = median - usual
    # the intervals of both medians together, as of the difference of two shares (Newcombe 1998)
    low, high = step - float(np.hypot(below, above_usual)), step + float(np.hypot(above, below_usual))
    lost = np.where(tested.mine, (tested.change - usual) * np.sign(step), -np.inf)
    who = [members.names[at] for at in np.argsort(-lost, kind="stable")[:_NAMED].tolist()]
    return Claim(
        topic="newcomers", figure=figure, side=members.side, where={"newcomer": "yes"}, unit="index",
        now=float(np.exp(step)), before=None, effect=float(np.exp(step)), is_factor=True,
        interval=(float(np.exp(low)), float(np.exp(high))), p_value=min(tested.chance * tried, 1.0),
        onset=members.last - 7 * tested.weeks + 1, is_worse=step < 0, who=tuple(who),
    )  # fmt: skip


def _median(values: Floats, tried: int) -> tuple[float, float, float]:
    """How far the interval of the median reaches below it, the median, how far above, by order statistics (the sign test)."""
    from scipy.special import ndtri

    ordered, size = np.sort(values), len(values)
    reach = int(max(np.floor(size / 2 - float(ndtri(1 - 0.025 / tried)) / 2 * size**0.5), 0))
    middle = float(np.median(ordered))
    return middle - float(ordered[reach]), middle, float(ordered[size - 1 - reach]) - middle
