"""Many series show one drop: which of them to tell.

Of a segment and a part of it, the part is reported when the rest of the segment is as expected, the segment when the part only
shares the fall of all. Of two segments that cross (market=ID, channel=live), what they have in common is reported when it
holds both falls, and the one that holds the other's fall else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from core.base.days import Window
from core.base.segment import Segment

HOLDS, _HOLDS_MOST = 0.8, 0.6
"""A part that holds the first share of a fall is the fall, and one that holds the second when the rest is within chance."""
_DEEPER = 1.15
"""... provided that it fell by more, relatively, than the whole did."""
_SMALLER = 0.9
"""What two segments have in common says something new only when it is smaller than either."""
_CHANCE = 2.0
"""Standard deviations of the whole by which the rest of it may be off."""
_SURELY = 2.5
"""Standard deviations by which a part must have fallen more than the whole to be reported too."""
_ALIKE = 0.02
_LEADING, _COMPARED = 4, 40
"""So many of the largest falls are compared with so many of those that cross them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """One series with a drop on."""

    test: int
    """Index of the metric (at its age) in what was tested."""
    where: Segment
    row: int
    """Index of the series in the panel, -1 for one that was put together afterwards."""
    kin: int
    """Index of the series whose noise and past it shares."""
    anchor: int
    onset: int
    last: int
    actual: float
    expected: float
    """Of the metric's numerator, from the onset to the last day."""
    variance: float
    exposure: float
    """Of the metric's denominator; the number of days for sums."""
    score: float
    """Standard deviations on the worse side."""
    clearest: float
    """The same on the day on which it was clearest."""
    reach: float
    """Half-width of the 95 % interval, in standard deviations."""
    rare: float = 0.0
    """The p-value by counting, where a few single events make the drop; 0 where there are more."""

    @property
    def change(self) -> float:
        """Actual minus expected, of the numerator."""
        return self.actual - self.expected

    @property
    def depth(self) -> float:
        """change / expected."""
        return self.change / self.expected if self.expected else 0.0

    @property
    def window(self) -> Window:
        """From the onset to the last day."""
        return Window(self.onset, self.last)


SumOver = Callable[[Drop, Window], tuple[float, float]]
"""(actual, expected) of a drop's series over other days."""
Common = Callable[[Drop, Drop, Window], "Drop | None"]
"""What two crossing segments have in common over a window; None when that is unknown."""


def nested(drops: Sequence[Drop], sum_over: SumOver) -> list[Drop]:
    """Of segments and parts of them, those to tell (one metric at a time)."""
    gone: set[Drop] = set()
    for part in sorted(drops, key=lambda drop: abs(drop.change)):
        for whole in drops:
            if gone & {part, whole} or not _inside(part.where, whole.where):
                continue
            if _is_the_fall(part, whole, sum_over):
                gone.add(whole)
            elif _shares(part, whole, sum_over):
                gone.add(part)
    return [drop for drop in drops if drop not in gone]


def crossing(drops: Sequence[Drop], common: Common) -> list[Drop]:
    """Of segments that cross, those to tell (one metric at a time); only the largest falls are compared."""
    ranked = sorted(drops, key=lambda drop: -abs(drop.change))
    gone: set[int] = set()
    for first, second in combinations(range(min(len(ranked), _COMPARED)), 2):
        if first >= _LEADING:
            break
        a, b = ranked[first], ranked[second]
        if gone & {first, second} or not a.window.overlaps(b.window) or not _cross(a.where, b.where):
            continue
        shared = common(a, b, a.window)
        if shared is None:
            continue
        of_a, of_b = shared.change / a.change, shared.change / b.change
        if min(of_a, of_b) >= HOLDS and shared.expected < _SMALLER * min(a.expected, b.expected):
            ranked[first] = replace(shared, anchor=a.anchor)
            gone.add(second)
        elif max(of_a, of_b) >= HOLDS:
            gone.add(second if of_b >= of_a else first)
    return [drop for index, drop in enumerate(ranked) if index not in gone]


def _is_the_fall(part: Drop, whole: Drop, sum_over: SumOver) -> bool:
    """Whether the whole fell because the part did: the rest is as expected."""
    actual, expected = sum_over(part, whole.window)
    change = actual - expected
    if abs(change) / max(expected, 1e-12) < _DEEPER * abs(whole.depth):
        return False
    by_chance = abs(whole.change - change) <= _CHANCE * max(whole.variance, 0.0) ** 0.5
    return change / whole.change >= (_HOLDS_MOST if by_chance else HOLDS)


def _shares(part: Drop, whole: Drop, sum_over: SumOver) -> bool:
    """Whether the part fell no more than the whole: nothing of its own."""
    actual, expected = sum_over(whole, part.window)
    if expected <= 0:
        return False
    general = part.expected * actual / expected
    own = (part.actual - general) * (1 if part.change > 0 else -1)
    return own <= _SURELY * max(part.variance, 0.0) ** 0.5 or abs(part.actual - general) <= _ALIKE * part.expected


def _inside(part: Segment, whole: Segment) -> bool:
    return set(whole.terms) < set(part.terms)


def _cross(first: Segment, second: Segment) -> bool:
    """Whether each has a dimension of its own, and no other tells them apart."""
    a, b = dict(first.terms), dict(second.terms)
    return bool(a.keys() - b.keys() and b.keys() - a.keys()) and all(a[name] == b[name] for name in a.keys() & b.keys())
