"""The weekly curve of active and silent members."""

from collections.abc import Iterator

from core.ecosystem.members.activity import Activity
from core.ecosystem.results.health_results import ActivityWeek

_WEEKS, _SILENCE, _BEFORE, _REGULAR = 16, 2, 4, 3
"""Weeks shown; weeks of silence; weeks before them, in how many of which a member has to be active to be missed."""


def silence_curve(activity: Activity) -> Iterator[ActivityWeek]:
    """One element a week, oldest first; weeks without four weeks before them are left out."""
    weeks = min(activity.weeks, _WEEKS)
    active = activity.active_weeks(weeks)
    regular_sum = silent_sum = 0
    for week in range(weeks - _SILENCE - _BEFORE, -1, -1):
        regular = active[:, week + _SILENCE : week + _SILENCE + _BEFORE].sum(axis=1) >= _REGULAR
        silent = int((regular & ~active[:, week : week + _SILENCE].any(axis=1)).sum())
        yield ActivityWeek(
            side=activity.crowd.side,
            day=activity.as_of - 7 * week - 6,
            active=int(active[:, week].sum()),
            regular=int(regular.sum()),
            silent=silent,
            usual=silent_sum / regular_sum if regular_sum else None,
        )
        regular_sum, silent_sum = regular_sum + int(regular.sum()), silent_sum + silent
