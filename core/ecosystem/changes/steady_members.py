"""Whose amounts are compared between weeks, and how much each counts: members who stay, large ones by less than their amounts.

Whoever joins or leaves moves the share of a segment although nobody is treated otherwise: joining and leaving are claims of their
own. And the sum of a segment is that of its few largest, whose weeks scatter; what happens to all of its members shows in each.
Of 8 markets with half of their impressions, 5 to 60 members who come and go, 3 were marked by plain sums and 8 so.
"""

from collections.abc import Iterable

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.ecosystem.changes.step_test import RECENT
from core.ecosystem.changes.weekly_panel import WeeklyPanel
from core.ecosystem.members.activity import COLUMNS, Activity
from core.ecosystem.members.silence_curve import has_left

_SCATTER = 0.1
"""Variance of the weeks of a member over its square, beyond counting, by which members are weighed while it is estimated."""


def places(activity: Activity, panel: WeeklyPanel) -> Ints:
    """The place in its crowd of each member of the panel, by code."""
    names = panel.member_names[COLUMNS[activity.crowd.side]]
    return np.searchsorted(np.array(activity.crowd.names.words), np.array(names))


def steady(panel: WeeklyPanel, activities: Iterable[Activity]) -> Flags:
    """Leaves of creators who had begun when the oldest week did, or in it, and have not left, of shops where no creator is
    named, and of nobody; shape (leaves,)."""
    result = np.ones(len(next(iter(panel.amounts.values()))), bool)
    unknown = result.copy()
    for activity in activities:
        code = panel.leaf_members.get(COLUMNS[activity.crowd.side])
        if code is not None:
            stays = (activity.oldest_week() >= panel.weeks - 1) & ~has_left(activity)
            here = unknown & (code > 0)
            result[here] = stays[places(activity, panel)][code[here]]
            unknown &= ~here
    return result


def weights(panel: WeeklyPanel, amount: Floats, case: float, dispersion: float) -> Floats:
    """How much each leaf counts, 1 = by its amount; shape (leaves,).

    `case`: the amount of one case. `dispersion`: the variance of what independent cases bring, over their number. Weeks of
    n cases of a member have the variance dispersion * n + scatter * n², count by n over it (Liang and Zeger, Biometrika 1986).
    Leaves of nobody stand for themselves.
    """
    member = _members(panel)
    weeks, count = amount.shape[1], int(member.max(initial=0)) + 1
    cell = (member[:, None] * weeks + np.arange(weeks)).ravel()
    cases = np.asarray(np.bincount(cell, (amount / case).ravel(), count * weeks), np.float64).reshape(count, weeks)
    weight: Floats = 1 / (1 + _scatter(cases, dispersion) * cases.mean(axis=1) / dispersion)
    return weight[member]


def _members(panel: WeeklyPanel) -> Ints:
    """A number for the creator of each leaf, or its shop where no creator is named; a leaf of neither has one to itself."""
    result = np.zeros(len(next(iter(panel.amounts.values()))), np.int64)
    last = 0
    for column, code in panel.leaf_members.items():
        result = np.where((result == 0) & (code > 0), code + last, result)
        last += len(panel.member_names[column])
    return np.where(result == 0, last + np.arange(len(result)), result)


def _scatter(cases: Floats, dispersion: float) -> float:
    """How much the weeks of members scatter beyond counting, by moments, as a part of their squares."""
    history = cases[:, max(RECENT) :]
    history = history[history.sum(axis=1) > 0]
    if not len(history) or history.shape[1] < 2:
        return 0.0
    mean = history.mean(axis=1)
    excess = (history.var(axis=1, ddof=1) - dispersion * mean) / mean**2
    worth = 1 / (dispersion / mean + _SCATTER) ** 2
    return max(float((excess * worth).sum() / worth.sum()), 0.0)
