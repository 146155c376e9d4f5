"""Weeks without the days of logged events: what each leaf would have had if those days had been as its others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import distinct
from core.workspace.read.event_log import Event

_WEEK = 7
_LEAST_KNOWN = 0.25
"""Part of a week, by its usual days, below which the weeks around it tell more of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDays:
    """On which days each leaf is in the scope of an event; leaves in the same scopes are a class."""

    class_of: Ints
    """Shape (leaves,)."""
    days: Flags
    """Shape (classes, days), the newest day first."""

    def kept(self, amount: Floats, leaf: Ints, age: Ints) -> Floats:
        """Amounts of rows, 0 on logged days; `age`: days before the newest. Shape (rows,) each."""
        return np.where(self.days[self.class_of[leaf], age], 0.0, amount)

    def whole_weeks(self, kept: Floats, by_day: Floats) -> Floats:
        """Weeks as the days that are kept tell them; `kept`: their sums, shape (leaves, weeks). `by_day`: everything by day, the
        newest first, shape (days,), which tells how much each day of the week usually has."""
        known = (~self.days).astype(np.float64).reshape(len(self.days), -1, _WEEK) @ self._usual(by_day)
        enough = known >= _LEAST_KNOWN
        weeks = kept / np.where(enough, known, 1.0)[self.class_of]
        for at in np.flatnonzero(~enough.all(axis=1) & enough.any(axis=1)).tolist():
            own = self.class_of == at
            there = np.flatnonzero(enough[at])
            for week in np.flatnonzero(~enough[at]).tolist():
                around = np.append(there[there < week][-1:], there[there > week][:1])
                weeks[own, week] = weeks[np.ix_(own, around)].mean(axis=1)
        return np.asarray(weeks)

    def _usual(self, by_day: Floats) -> Floats:
        """The part of a week that each of its days has where nobody has an event; the newest first, shape (7,)."""
        free = ~self.days.any(axis=0).reshape(-1, _WEEK)
        mean = (by_day.reshape(-1, _WEEK) * free).sum(axis=0) / np.maximum(free.sum(axis=0), 1)
        is_known = free.any(axis=0).all() and mean.sum() > 0
        return np.asarray(mean / mean.sum()) if is_known else np.full(_WEEK, 1 / _WEEK)


def logged_days(
    events: Sequence[Event], codes: Mapping[str, Ints], words: Mapping[str, tuple[str, ...]], last: int, days: int
) -> LoggedDays:
    """The days of events up to `last`; `codes`: dimension -> code of each leaf, shape (leaves,), into `words`.

    An event whose scope names another dimension takes nothing out: it is on in a part of every leaf.
    """
    class_of = np.zeros(len(next(iter(codes.values()))), np.int64)
    masks = np.zeros((1, days), bool)
    for event in events:
        terms = event.where.terms
        if not all(name in codes for name, _ in terms):
            continue
        here = np.ones(len(class_of), bool)
        for name, values in terms:
            here &= np.isin(codes[name], [code for code, word in enumerate(words[name]) if code and word in values])
        classes, class_of = distinct(2 * class_of + here)
        age = last - np.arange(days)
        is_on = (age >= event.window.first) & (age <= event.window.last)
        masks = masks[classes // 2] | ((classes % 2 == 1)[:, None] & is_on)
    return LoggedDays(class_of=class_of, days=masks)
