"""Who comes, who comes back, who goes quiet, what newcomers get, and how many of them last.

A newcomer begins in the first week in which it was active. Whoever has an account that is much older, or begins where the
data begin, may only look new and is not taken for one.
"""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Flags
from core.ecosystem.members.activity import BEFORE, NOW, WEEKS, Activity
from core.ecosystem.proportions import share_of, wilson
from core.ecosystem.results.health_results import Cohort, Newcomers, ShareChange, Survival
from core.workspace.read.rating_rows import NEVER

AGES = (4, 8, 12)
"""Weeks after the first one at which it is asked who is still active."""
_QUIET_DAYS = 56
"""Whom nobody has seen for so long is new, if nothing else tells."""
_MOST_COHORTS = 26


def newcomers(activity: Activity) -> Newcomers:
    """The coming and going of one side; the data have to go back for twice 28 days."""
    now, before, fresh = activity.active(NOW), activity.active(BEFORE), _began(activity, NOW)
    lasting = _lasting(activity)
    return Newcomers(
        side=activity.crowd.side,
        active=int(now.sum()),
        active_before=int(before.sum()),
        stayed=int((now & before).sum()),
        joined=int(fresh.sum()),
        came_back=int((now & ~before & ~fresh).sum()),
        went_quiet=int((before & ~now).sum()),
        of_members=_members(now, before, fresh, _began(activity, BEFORE)),
        of_impressions=_portion(activity, "impressions", fresh),
        of_gmv=_portion(activity, "gmv", fresh),
        survival=tuple(_survival(activity, lasting)),
        cohorts=tuple(_cohorts(activity, lasting)),
    )


def is_new(activity: Activity) -> Flags:
    """Whether the first week in which each member was active is known to be its person's first at all; shape (members,).

    Of a person who begins with several accounts the first by name counts: twenty accounts are one newcomer.
    """
    oldest = activity.oldest_week()
    begins = activity.as_of - 7 * oldest - 6
    joined = activity.crowd.joined
    by_account = joined >= np.maximum(activity.first, begins - _QUIET_DAYS)
    by_silence = begins >= activity.first + _QUIET_DAYS
    new: Flags = (oldest >= 0) & np.where(joined == NEVER, by_silence, by_account)
    names, person = np.unique(np.array(activity.crowd.persons), return_inverse=True)
    first = np.full(len(names), -1)
    np.maximum.at(first, person, oldest)
    opened = np.full(len(first), 1 << 40)
    np.minimum.at(opened, person, np.where(joined == NEVER, 1 << 40, joined))
    new &= (oldest == first[person]) & ((joined == NEVER) | (opened[person] >= activity.first))
    members = np.flatnonzero(new)
    new[members] = np.isin(members, members[np.unique(person[members], return_index=True)[1]])
    return new


def _began(activity: Activity, weeks: range) -> Flags:
    oldest = activity.oldest_week()
    return is_new(activity) & (oldest >= weeks.start) & (oldest < weeks.stop)


def _members(now: Flags, before: Flags, fresh: Flags, fresh_before: Flags) -> ShareChange:
    size = int(before.sum())
    return ShareChange(
        share=float(fresh.sum()) / max(int(now.sum()), 1),
        interval=wilson(int(fresh.sum()), int(now.sum())),
        before=float(fresh_before.sum()) / size if size else None,
    )


def _portion(activity: Activity, measure: str, fresh: Flags) -> ShareChange | None:
    if measure not in activity.amounts:
        return None
    amount = activity.amount(measure, NOW).astype(np.float64)
    if not amount.any():
        return None
    had = np.flatnonzero(amount)
    share, interval = share_of(amount[had], fresh[had].astype(np.float64))
    earlier, began = activity.amount(measure, BEFORE), _began(activity, BEFORE)
    return ShareChange(share, interval, float(earlier[began].sum() / earlier.sum()) if earlier.any() else None)


def _lasting(activity: Activity) -> dict[int, Flags]:
    """Age in weeks -> who was active in any of the four weeks that begin at it; shape (members,)."""
    age = activity.oldest_week()[activity.member] - activity.week
    result = {}
    for weeks in AGES:
        result[weeks] = np.zeros(activity.crowd.size, bool)
        result[weeks][activity.member[(age >= weeks) & (age < weeks + WEEKS)]] = True
    return result


def _survival(activity: Activity, lasting: dict[int, Flags]) -> Iterator[Survival]:
    """Over all newcomers whose four weeks at that age are past."""
    oldest, new = activity.oldest_week(), is_new(activity)
    for weeks in AGES:
        mature = new & (oldest >= _mature(weeks))
        size, active = int(mature.sum()), int((mature & lasting[weeks]).sum())
        if size:
            yield Survival(weeks=weeks, members=size, active=active, share=active / size, interval=wilson(active, size))


def _cohorts(activity: Activity, lasting: dict[int, Flags]) -> Iterator[Cohort]:
    oldest, new = activity.oldest_week(), is_new(activity)
    size = np.bincount(oldest[new], minlength=_MOST_COHORTS)
    active = {weeks: np.bincount(oldest[new & lasting[weeks]], minlength=_MOST_COHORTS) for weeks in AGES}
    for week in range(_MOST_COHORTS - 1, -1, -1):
        if size[week]:
            later = {str(weeks): int(active[weeks][week]) if week >= _mature(weeks) else None for weeks in AGES}
            yield Cohort(activity.as_of - 7 * week - 6, int(size[week]), later)


def _mature(weeks: int) -> int:
    """How many weeks ago the first week has to be, so that the four weeks at an age are past."""
    return weeks + WEEKS - 1
