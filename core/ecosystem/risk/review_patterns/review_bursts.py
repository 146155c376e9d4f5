"""Weeks with far more reviews than the purchases before them explain."""

import numpy as np

from core.base.arrays import Floats, Ints
from core.ecosystem.risk.lead_tests import Leads, ago, by_member
from core.ecosystem.risk.tail_tests import scaled, unusual

LAGS = 5
"""Weeks from an order to its review that are looked at."""


def review_bursts(
    member: Ints, age: Ints, late: Ints, rating: Ints, order_member: Ints, order_age: Ints, weeks: int
) -> Leads:
    """One element a review: member, how many days ago it came, how many days after its order (-1 = not known), stars; and order
    lines alike.

    Expected is what the member's orders let come, late as reviews are on average, and what it has in its other weeks: `weeks`
    are two or more.
    """
    week = age // 7
    keep = (member > 0) & (week < weeks)
    if not keep.any():
        return Leads.nothing("review_burst")
    who, row = np.unique(member[keep], return_inverse=True)
    count = np.zeros((len(who), weeks), np.int64)
    np.add.at(count, (row, week[keep]), 1)
    good = np.zeros_like(count)
    np.add.at(good, (row, week[keep]), (rating[keep] >= 4).astype(np.int64))
    others = (count.sum(axis=1, keepdims=True) - count) / (weeks - 1)
    due = scaled(_due(who, late, order_member, order_age, weeks), count)
    # one term: of two that go together a fit may drop what alone explains the first reviews of a member
    p_value, expected = unusual(count.ravel(), np.maximum(due, others).reshape(-1, 1))

    def reasons(cell: int) -> tuple[str, ...]:
        here, when = divmod(cell, weeks)
        share = good[here, when] / count[here, when]
        return (
            f"{count[here, when]} reviews in one week, {ago(when)}, where its orders and its other weeks predict "
            f"{expected[cell]:.1f}",
            f"{share:.0%} of them have four or five stars",
        )

    members = np.repeat(who, weeks)
    return by_member("review_burst", members, p_value, count.ravel(), expected, reasons)


def _due(who: Ints, late: Ints, member: Ints, age: Ints, weeks: int) -> Floats:
    """Reviews that the orders of each member let come in each week, up to a factor; shape (members, weeks).

    By days: of 600 orders early in a week, 83 reviews came before its end, where the mean week lets expect 27.
    """
    observed = late[(late >= 0) & (late < 7 * LAGS)]
    delay = np.bincount(observed, minlength=7 * LAGS) / max(len(observed), 1)
    # of an order of each age, how likely its review comes in each week
    days = np.arange(7 * (weeks + LAGS))
    by_age = np.zeros((len(days), weeks))
    for lag, share in enumerate(delay):
        came = (days - lag) // 7
        inside = (came >= 0) & (came < weeks)
        by_age[days[inside], came[inside]] += share
    at = np.minimum(np.searchsorted(who, member), len(who) - 1)
    keep = (who[at] == member) & (age < len(days))
    return np.stack([np.bincount(at[keep], chance[age[keep]], len(who)) for chance in by_age.T], axis=1)
