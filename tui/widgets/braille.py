"""Lines of braille dots: two across and four down in each cell, so that a curve of some lines can be read."""

from collections.abc import Sequence
from math import isfinite

_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of a dot, by line and column within its cell (Unicode block Braille Patterns)."""
_BLANK = 0x2800
ACROSS, DOWN = 2, 4


class Dots:
    """A field of dots, `width` x `height` cells."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._bits = [[0] * width for _ in range(height)]

    def set(self, x: int, y: int) -> None:
        """Sets the dot in column `x` and line `y`, counted from the upper left; outside of the field nothing happens."""
        if 0 <= x < self.width * ACROSS and 0 <= y < self.height * DOWN:
            self._bits[y // DOWN][x // ACROSS] |= _BITS[y % DOWN][x % ACROSS]

    def line(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Sets the dots between two dots, both included."""
        (x0, y0), (x1, y1) = start, end
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            self.set(round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps))

    def cell(self, column: int, row: int) -> str:
        """The character of a cell; a space where no dot is set."""
        bits = self._bits[row][column]
        return chr(_BLANK + bits) if bits else " "


def curve(values: Sequence[float], low: float, high: float, *, width: int, height: int) -> Dots:
    """Values from the left to the right edge, the lowest at the foot; a value that is nan leaves a gap."""
    dots = Dots(width, height)
    step = (width * ACROSS - 1) / max(len(values) - 1, 1)
    foot, span = height * DOWN - 1, (high - low) or 1.0
    before: tuple[int, int] | None = None
    for index, value in enumerate(values):
        if not isfinite(value):
            before = None
            continue
        dot = (round(index * step), round(foot * (1 - (value - low) / span)))
        dots.line(before or dot, dot)
        before = dot
    return dots
