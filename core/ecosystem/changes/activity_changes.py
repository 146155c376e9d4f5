"""Whether more members than usual fall silent or begin: within two weeks, by segment.

A member who was active in most of the four weeks before a window is silent when it does nothing in it. The share of the newest
window is held against earlier windows that do not overlap, each member counted once a window; a segment also against all others
of the same window, so that a strike everywhere is no matter of one agency.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.ecosystem.members.silence_curve import BEFORE, missed
from core.ecosystem.proportions import fisher, newcombe
from core.ecosystem.results.claim_results import Claim

_NEWEST = (2, 4)
"""Newest weeks over which it is asked how many persons began."""
_TRIED = ((2, 1), (2, 2), (4, 1))
"""Weeks of silence, and how many of the newest windows are new: who leaves over a month falls into two of a fortnight."""
_LEANING = 3
"""Windows that scatter by chance alone which the windows at hand lean to: half a dozen tell little of how much they scatter."""
_LEAST_MEMBERS = 5
_NAMED = 3
_CANDIDATE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberWeeks:
    """Which member was active in which week, newest first, and the groups that they belong to."""

    side: str
    last: int
    names: tuple[str, ...]
    active: Flags
    """Shape (members, weeks)."""
    amount: Floats
    """What says how large a member is; shape (members, weeks)."""
    words: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, Ints]
    """Dimension -> value of each member, 0 = none; shape (members,)."""

    def windows(self, length: int) -> Iterator[tuple[Flags, Flags]]:
        """Who was regularly active before each window, and who of those did nothing in it; newest window first."""
        for start in range(0, self.active.shape[1] - length - BEFORE + 1, length):
            yield missed(self.active, start, length)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """How often each member was regular before, and silent in, the newest windows and all before them; shape (members,)."""

    weeks: int
    """How many the newest windows are."""
    regular: Ints
    silent: Ints
    before: Ints
    silent_before: Ints
    gone: Flags
    """Who was silent in one of the newest windows, and still is."""
    excess: float
    """How many times the windows scatter more than chance alone, at least 1."""


def silence_claims(members: MemberWeeks) -> list[Claim]:
    """A claim about everybody, and one for each group; nothing without an earlier window."""
    windows = [item for item in (_window(members, *tried) for tried in _TRIED) if item is not None]
    result = []
    for where, here in _groups(members):
        tested = [_claim(members, window, where, here, len(windows)) for window in windows]
        chosen = [claim for claim in tested if claim is not None]
        if chosen:
            result.append(min(chosen, key=lambda item: item.p_value))
    return _with_causes(result)


def _window(members: MemberWeeks, length: int, newest: int) -> _Window | None:
    windows = list(members.windows(length))
    if len(windows) <= newest:
        return None
    new, earlier = windows[:newest], windows[newest:]
    sizes = np.array([[window.sum(), gone.sum()] for window, gone in earlier], np.float64)
    share = sizes[:, 1].sum() / max(sizes[:, 0].sum(), 1.0)
    expected = np.maximum(sizes[:, 0] * share * (1 - share), 0.5)
    scatter = float(((sizes[:, 1] - sizes[:, 0] * share) ** 2 / expected).sum()) + _LEANING
    silent = np.sum([gone for _, gone in new], axis=0)
    return _Window(
        weeks=length * newest,
        regular=np.sum([base for base, _ in new], axis=0),
        silent=silent,
        before=np.sum([base for base, _ in earlier], axis=0),
        silent_before=np.sum([gone for _, gone in earlier], axis=0),
        gone=(silent > 0) & ~members.active[:, :length].any(axis=1),
        excess=max(scatter / (len(earlier) - 1 + _LEANING), 1.0),
    )


def _groups(members: MemberWeeks) -> Iterator[tuple[Mapping[str, str], Flags]]:
    yield {}, np.ones(len(members.names), bool)
    for name, code in members.groups.items():
        values = np.unique(code[members.active.any(axis=1)]).tolist()
        for value in values if len(values) > 1 else ():
            if value:
                yield {name: members.words[name][value]}, code == value


def _claim(members: MemberWeeks, window: _Window, where: Mapping[str, str], here: Flags, tried: int) -> Claim | None:
    now, then = (
        (int(silent[here].sum()), int(regular[here].sum()))
        for silent, regular in ((window.silent, window.regular), (window.silent_before, window.before))
    )
    if (window.regular[here] > 0).sum() < _LEAST_MEMBERS or then[1] < _LEAST_MEMBERS:
        return None
    chance = fisher(*(_shrunk(pair, window.excess) for pair in (now, then)))
    if where:
        others = int(window.silent[~here].sum()), int(window.regular[~here].sum())
        chance = max(chance, fisher(now, others) if others[1] else 1.0)
    change = now[0] / now[1] - then[0] / then[1]
    gone = window.gone & here
    size = members.amount[:, window.weeks :].sum(axis=1) * gone
    largest = np.argsort(-size, kind="stable")[:_NAMED].tolist()
    return Claim(
        topic="activity", figure="silent_share", side=members.side, where=where, unit="ratio",
        now=now[0] / now[1], before=then[0] / then[1], effect=change, is_factor=False,
        interval=newcombe(now, then), p_value=min(chance * tried, 1.0), onset=members.last - 7 * window.weeks + 1,
        is_worse=change > 0, who=tuple(members.names[at] for at in largest if gone[at]),
    )  # fmt: skip


def _shrunk(pair: tuple[int, int], excess: float) -> tuple[int, int]:
    """As many independent cases as tell the same."""
    return round(pair[0] / excess), max(round(pair[1] / excess), 1)


def _with_causes(claims: list[Claim]) -> list[Claim]:
    """The claim about everybody with the segment that explains it."""
    groups = [claim for claim in claims if claim.where and claim.is_worse and claim.p_value < _CANDIDATE]
    if not groups:
        return claims
    worst = min(groups, key=lambda item: item.p_value)
    return [replace(claim, cause=worst.where) if claim.where != worst.where else claim for claim in claims]


def joined_claim(side: str, last: int, joined: Ints, names: tuple[str, ...]) -> Claim | None:
    """Whether more persons than usual began; `joined`: persons who began in each week, newest first. None without a history."""
    from scipy.special import bdtr

    history = joined[max(_NEWEST) :]
    if len(history) < 4 or joined.sum() < _LEAST_MEMBERS:
        return None
    usual = float(history.mean())
    scatter = max(float(history.var(ddof=1)) / max(usual, 0.5), 1.0)
    best: tuple[float, int] = (1.0, _NEWEST[0])
    for length in _NEWEST:
        came = float(joined[:length].sum()) / scatter
        total = round(came + history.sum() / scatter)
        share = length / (length + len(history))
        upper = 1 - float(bdtr(round(came) - 1, total, share)) if round(came) > 0 else 1.0
        lower = float(bdtr(round(came), total, share))
        best = min(best, (min(2 * min(upper, lower) * len(_NEWEST), 1.0), length))
    chance, length = best
    now, before = float(joined[:length].mean()), usual
    spread = np.exp(1.96 * (scatter * (1 / max(joined[:length].sum(), 0.5) + 1 / max(history.sum(), 0.5))) ** 0.5)
    factor = (now + 0.5 / length) / (before + 0.5 / len(history))
    return Claim(
        topic="newcomers", figure="joined_per_week", side=side, where={}, unit="count", now=now, before=before,
        effect=factor, is_factor=True, interval=(float(factor / spread), float(factor * spread)), p_value=chance,
        onset=last - 7 * length + 1, is_worse=factor < 1, who=names[:_NAMED] if factor > 1 else (),
    )  # fmt: skip
