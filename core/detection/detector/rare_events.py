"""Rare events: a handful of late deliveries of one shop is judged by counting, not by a level learnt from next to nothing."""

from collections.abc import Iterator
from math import exp, lgamma, log

import numpy as np

from core.base.arrays import Floats, Ints
from core.detection.forecast.panel import Panel

RARE = 10.0
"""Fewer events than this expected in a window are rare."""
PAST_DAYS = 182


def rare_chances(panel: Panel, series: Ints, first: Ints, last: int, expected: Floats) -> Floats:
    """Of some series the probability of what came from column `first` to `last`, by counting single events, shape (n,).

    0 where more than a few events were `expected`, or where the values are no events: there the forecast judges.
    """
    chances = np.zeros(len(series))
    few = (panel.event[series] > 0) & (expected < RARE * panel.event[series])
    for index in np.flatnonzero(few).tolist():
        row, start = series[index], int(first[index])
        events = np.round(panel.values[row] / panel.event[row])
        exposure = np.ones(len(events)) if panel.exposure is None else np.nan_to_num(panel.exposure[row], nan=1.0)
        now, past = slice(start, last + 1), slice(max(start - PAST_DAYS, 0), start)
        chances[index] = tail_of_counts(
            int(events[now].sum()), float(exposure[now].sum()), int(events[past].sum()), float(exposure[past].sum()),
            more=bool(panel.worse[row] > 0),
        )  # fmt: skip
    return chances


def tail_of_counts(came: int, exposure: float, before: int, exposure_before: float, more: bool) -> float:
    """How probable it is that as many (`more`) or as few of all events fell into the window by chance alone.

    `came` of `exposure` (denominator or days) in the window, `before` of `exposure_before` in the past. Given their number,
    events fall into the window like coins (Przyborowski & Wilenski 1940, Biometrika 31): that the past has few events of its
    own is allowed for. 1 when there is nothing to compare.

    >>> round(tail_of_counts(5, 91, 2, 500, more=True), 4)
    0.0014
    """
    if exposure <= 0 or exposure_before <= 0:
        return 1.0
    events = range(came, came + before + 1) if more else range(came + 1)
    return min(sum(_chances(came + before, exposure / (exposure + exposure_before), events)), 1.0)


def _chances(events: int, share: float, inside: range) -> Iterator[float]:
    for k in inside:
        ways = lgamma(events + 1) - lgamma(k + 1) - lgamma(events - k + 1)
        yield exp(ways + k * log(share) + (events - k) * log(1 - share))
