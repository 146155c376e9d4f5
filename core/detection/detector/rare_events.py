"""Rare events: a handful of late deliveries of one shop is judged by counting, not by a level learnt from next to nothing."""

from collections.abc import Iterator
from math import exp, lgamma, log

RARE = 10.0
"""Fewer events than this expected in a window are rare."""
PAST_DAYS = 182


def tail_of_counts(came: int, under: float, before: int, under_before: float, more: bool) -> float:
    """How probable it is that as many (`more`) or as few of all events fell into the window by chance alone.

    `came` of `under` (denominator or days) in the window, `before` of `under_before` in the past. Given their number, events fall
    into the window like coins (Przyborowski & Wilenski 1940, Biometrika 31): that the past has few events of its own is
    allowed for. 1 when there is nothing to compare.

    >>> round(tail_of_counts(5, 91, 2, 500, more=True), 4)
    0.0014
    """
    if under <= 0 or under_before <= 0:
        return 1.0
    events = range(came, came + before + 1) if more else range(came + 1)
    return min(sum(_chances(came + before, under / (under + under_before), events)), 1.0)


def _chances(events: int, share: float, inside: range) -> Iterator[float]:
    for k in inside:
        ways = lgamma(events + 1) - lgamma(k + 1) - lgamma(events - k + 1)
        yield exp(ways + k * log(share) + (events - k) * log(1 - share))
