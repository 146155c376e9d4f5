"""Who is missed: members who were active in most weeks before some weeks, and did nothing in them; and their weekly curve."""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Flags
from core.ecosystem.members.activity import Activity
from core.ecosystem.results.health_results import ActivityWeek

BEFORE, _REGULAR = 4, 3
"""Weeks before the weeks of silence, and in how many of them a member has to be active to be missed."""
_WEEKS, _SILENCE = 16, 2
"""Weeks shown, and weeks of silence."""


def missed(active: Flags, start: int, length: int) -> tuple[Flags, Flags]:
    """Who was regularly active before some weeks, and who of those did nothing in them; shape (members,) each.

    `active`: shape (members, weeks), newest first; the weeks are `length` from `start` on, counted back.
    """
    end = start + length
    regular = active[:, end : end + BEFORE].sum(axis=1) >= _REGULAR
    return regular, regular & ~active[:, start:end].any(axis=1)


def has_left(activity: Activity) -> Flags:
    """Who was regularly active up to some week, and did nothing since, for two weeks or more; shape (members,)."""
    active = activity.active_weeks(activity.weeks + 1)
    last = active.argmax(axis=1)
    until = np.pad(np.cumsum(active, axis=1), ((0, 0), (1, BEFORE)), mode="edge")
    at = np.arange(len(active))
    left: Flags = (until[at, last + BEFORE] - until[at, last] >= _REGULAR) & (last >= _SILENCE)
    return left


def silence_curve(activity: Activity) -> Iterator[ActivityWeek]:
    """One element a week, oldest first; weeks without four weeks before them are left out."""
    weeks = min(activity.weeks, _WEEKS)
    active = activity.active_weeks(weeks)
    regular_sum = silent_sum = 0
    for week in range(weeks - _SILENCE - BEFORE, -1, -1):
        regular, silent = (int(members.sum()) for members in missed(active, week, _SILENCE))
        yield ActivityWeek(
            side=activity.crowd.side,
            day=activity.as_of - 7 * week - 6,
            active=int(active[:, week].sum()),
            regular=regular,
            silent=silent,
            usual=silent_sum / regular_sum if regular_sum else None,
        )
        regular_sum, silent_sum = regular_sum + regular, silent_sum + silent
