"""What a window is compared with: the reference days and how much each of them counts."""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats
from core.base.baseline import Baseline
from core.base.count_text import count
from core.base.date_text import date_text
from core.base.days import Window
from core.base.errors import NotEnoughData

WEEKS = 8
"""Weeks of the past that an expectation rests on."""
_HALF_LIFE = 3.0
"""Weeks after which a reference day counts half: levels drift, and recent weeks know more of the present one."""
_LEAST_DAYS = 7


@dataclass(frozen=True)
class Reference:
    """Days of the past and their weights."""

    baseline: Baseline
    weights: Floats
    """A weight for each day of the baseline's window: what is expected of a sum is the weighted sum of these days."""


def expected_reference(span: Window, window: Window, before: int) -> Reference:
    """The days that "expected" rests on: each day of the window is like the same weekdays of the eight weeks before, recent ones
    counting more.

    `before` ends these weeks; it is earlier than the window where that lies inside a change that began before it. Raises
    NotEnoughData when there is no past to compare with.
    """
    first = max(before - 7 * WEEKS, span.first)
    if before - first < _LEAST_DAYS:
        raise NotEnoughData(
            f"only {count(max(before - first, 0), 'day')} of data before {date_text(window.first)}: at least {_LEAST_DAYS} are "
            "needed to expect anything. Choose days to compare with as the baseline, such as last-year or A..B."
        )
    past = Window(first, before - 1)
    days = np.arange(past.first, past.last + 1)
    recent = 0.5 ** ((past.last - days) // 7 / _HALF_LIFE)
    days_judged = np.bincount(np.arange(window.first, window.last + 1) % 7, minlength=7)
    days_weighted = np.bincount(days % 7, recent, minlength=7)
    return Reference(Baseline("expected", past), recent * (days_judged / days_weighted)[days % 7])
