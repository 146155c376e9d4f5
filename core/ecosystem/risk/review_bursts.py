"""Weeks with far more reviews than the purchases before them explain."""

import numpy as np

from core.base.arrays import Floats, Ints
from core.ecosystem.risk.lead_tests import Leads, ago, by_member
from core.ecosystem.risk.tail_tests import scaled, unusual

LAGS = 5
"""Weeks from an order to its review that are looked at."""


def review_bursts(
    member: Ints, week: Ints, lag: Ints, rating: Ints, order_member: Ints, order_week: Ints, weeks: int
) -> Leads:
    """One element a review: member, week counted back, how many weeks earlier its order was (-1 = not known), stars; and order
    lines alike.

    Expected is what the member's orders let come, late as reviews are on average, and what it has in its other weeks: `weeks`
    are two or more.
    """
    keep = (member > 0) & (week < weeks)
    if not keep.any():
        return Leads.nothing("review_burst")
    who, row = np.unique(member[keep], return_inverse=True)
    count = np.zeros((len(who), weeks), np.int64)
    np.add.at(count, (row, week[keep]), 1)
    good = np.zeros_like(count)
    np.add.at(good, (row, week[keep]), (rating[keep] >= 4).astype(np.int64))
    others = (count.sum(axis=1, keepdims=True) - count) / (weeks - 1)
    due = scaled(_due(who, lag, order_member, order_week, weeks), count)
    # one term: of two that go together a fit may drop what alone explains the first reviews of a member
    p_value, expected = unusual(count.ravel(), np.maximum(due, others).reshape(-1, 1))

    def reasons(cell: int) -> tuple[str, ...]:
        here, when = divmod(cell, weeks)
        share = good[here, when] / count[here, when]
        return (
            f"{count[here, when]} reviews in one week, {ago(when)}, where its orders and its other weeks let expect "
            f"{expected[cell]:.1f}",
            f"{share:.0%} of them have four or five stars",
        )

    members = np.repeat(who, weeks)
    return by_member("review_burst", members, p_value, count.ravel(), expected, reasons)


def weeks_later(as_of: int, ordered: Ints, day: Ints) -> Ints:
    """How many weeks, counted back from a day, lie between an order and its review; -1 where no order is known.

    An order of the last day of a week is of the week before, however few days later its review comes.
    """
    return np.where(ordered > 0, (as_of - ordered) // 7 - (as_of - day) // 7, -1)


def _due(who: Ints, lag: Ints, member: Ints, week: Ints, weeks: int) -> Floats:
    """Reviews that the orders of each member let come in each week, up to a factor; shape (members, weeks)."""
    observed = lag[(lag >= 0) & (lag < LAGS)]
    delay = np.bincount(observed, minlength=LAGS) / max(len(observed), 1)
    at = np.minimum(np.searchsorted(who, member), len(who) - 1)
    keep = (who[at] == member) & (week < weeks + LAGS)
    sold = np.zeros((len(who), weeks + LAGS))
    np.add.at(sold, (at[keep], week[keep]), 1.0)
    due = np.zeros((len(who), weeks))
    for late in range(LAGS):
        due += delay[late] * sold[:, late : late + weeks]
    return due
