"""Changes of amounts, shares and concentration that the change log explains: without the days of its events they are gone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.segment import Segment
from core.ecosystem.changes import steady_members, weekly_panel
from core.ecosystem.claim_families import Sources, amount_claims
from core.ecosystem.false_discovery import decided
from core.ecosystem.members.activity import COLUMNS, Activity
from core.ecosystem.results.claim_results import Claim
from core.ecosystem.spread import concentration
from core.workspace.read.event_log import Event

_MOST_DAYS = 14
"""Days of an event that are left out: what lasts longer is how things are now, and still needs attention."""
_LEFT = 0.5
"""Part of a change that other days show at most where events explain it: what is as large without them only has fewer days."""
_TOPICS = frozenset({"demand", "exposure", "sales", "concentration"})

_Key = tuple[str, tuple[tuple[str, str], ...]]


def decided_by_log(sources: Sources, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims, decided. Where any of these stands out and events are logged, all of these are tested on the other days
    again: what is not there has no mark and names the events, and what they hid has one.

    Of 40 made-up marketplaces without a fault, each with two to four campaigns in one market, 7 had marks, of which 4 followed
    campaigns.
    """
    first = decided(claims)
    panel = sources.amounts
    if panel is None or not any(claim.is_marked and claim.topic in _TOPICS for claim in first):
        return first
    logged = sources.workspace.events(panel.day_of(panel.weeks), panel.last)
    events = [event for event in logged if len(event.window) <= _MOST_DAYS]
    if not events:
        return first
    calm = replace(sources, left_out=tuple(events))
    others = {_key(claim): claim for claim in _without(calm)}
    tested = [others.pop(_key(claim), claim) for claim in claims]
    before = {_key(claim): claim for claim in first if claim.topic in _TOPICS}
    result = [
        _compared(before.get(_key(claim)), claim, events, panel) for claim in decided([*tested, *others.values()])
    ]
    return tuple(sorted(result, key=lambda claim: (not claim.is_marked, not claim.events)))


def _without(sources: Sources) -> Iterator[Claim]:
    """Demand, shares and concentration of the days without events."""
    yield from amount_claims(sources)
    panel = sources.amounts
    if panel is None:
        return
    for activity in sources.activities:
        code = panel.leaf_members.get(COLUMNS[activity.crowd.side])
        if code is not None:
            place = steady_members.places(activity, panel)[code]
            amounts = {name: panel.amounts[name] for name in concentration.MEASURES if name in panel.amounts}
            yield from concentration.claims(
                activity, {name: _by_place(activity, place * (code > 0), amount) for name, amount in amounts.items()}
            )


def _by_place(activity: Activity, place: Ints, amount: Floats) -> Floats:
    """What each member has by week, shape (members, weeks); `place`: of each leaf, 0 = nobody's."""
    result = np.zeros((activity.crowd.size, amount.shape[1]))
    np.add.at(result, place, np.where(place[:, None] > 0, amount, 0.0))
    return result


def _key(claim: Claim) -> _Key:
    return f"{claim.figure} {claim.side}", tuple(claim.where.items())


def _compared(every: Claim | None, other: Claim, events: Sequence[Event], panel: weekly_panel.WeeklyPanel) -> Claim:
    """A claim of the days without events, with the figures of all days; what all days alone show is explained, or stays."""
    if every is None:
        return other
    if not every.is_marked or other.is_marked:
        return replace(other, now=every.now, before=every.before)
    left, whole = (abs(float(np.log(claim.effect)) if claim.is_factor else claim.effect) for claim in (other, every))
    titles = tuple(_titles(every, events, panel))
    return replace(every, is_marked=False, events=titles) if left < _LEFT * whole and titles else every


def _titles(claim: Claim, events: Sequence[Event], panel: weekly_panel.WeeklyPanel) -> Iterable[str]:
    """The events since the onset, or else all; those in the segment, or else all: of what they take, its share is the rest."""
    onset = panel.day_of(panel.weeks) if claim.onset is None else claim.onset
    late = [event for event in events if event.window.last >= onset] or events
    where = Segment.of(claim.where)
    own = [event for event in late if event.where and event.where.meets(where)] or late
    return dict.fromkeys(event.title or event.event_id for event in own)
