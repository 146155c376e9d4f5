"""Bars that hang from one another: each begins where the one before it ended."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.explanation.decompose.drivers import Branch

_FULL, _WORSE, _BETTER = "█", "▒", "░"
_MARGIN = 0.15
"""Part of the axis below the lowest end, so that the whole bars have a length."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the waterfall, in the unit of the root."""

    branch: Branch
    key: str
    parent: str
    depth: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Axis:
    """What the left and the right end of the bars stand for."""

    low: float
    high: float

    def place(self, value: float, width: int) -> int:
        """The cell of a value."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        return round(max(0.0, min(1.0, share)) * width)

    def whole(self, value: float, width: int) -> str:
        """A bar from the left end."""
        return _FULL * self.place(value, width)

    def part(self, bar: Bar, worse: bool, width: int) -> str:
        """A bar from where the one before ended; a sliver where it is too short to see."""
        left, right = sorted((self.place(bar.start, width), self.place(bar.end, width)))
        cells = max(right - left, int(bar.start != bar.end))
        return " " * min(left, width - cells) + (_WORSE if worse else _BETTER) * cells


def bars(tree: Branch) -> tuple[Bar, ...]:
    """The branches below the root, each before its children, with where their bars begin and end."""
    return tuple(_below(tree, "", tree.expected, 0))


def _below(branch: Branch, parent: str, start: float, depth: int) -> Iterator[Bar]:
    for child in branch.children:
        bar = Bar(child, f"{parent}/{child.metric}", parent, depth, start, start + child.contribution)
        yield bar
        yield from _below(child, bar.key, start, depth + 1)
        start = bar.end


def axis(tree: Branch, tree_bars: tuple[Bar, ...]) -> Axis:
    """An axis that holds all ends, from 0 when that costs no detail."""
    ends = [tree.actual, tree.expected, *(end for bar in tree_bars for end in (bar.start, bar.end))]
    low, high = min(ends), max(ends)
    floor = low - _MARGIN * (high - low)
    return Axis(0.0 if low >= 0 and floor < high / 3 else floor, high)
