"""Values as bars in one line of a terminal."""

from collections.abc import Sequence
from itertools import pairwise
from math import fsum, isfinite, nan

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], scale: Sequence[float] | None = None) -> str:
    """A bar for each value, from the lowest to the highest of `scale` (the values by default); a blank where there is none.

    >>> sparkline([0, 1, 2]), sparkline([0, 1], [0, 1, 2])
    ('▁▄█', '▁▄')
    """
    finite = [value for value in (values if scale is None else scale) if isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    step = (high - low) / (len(_BARS) - 1) or 1.0
    return "".join(_BARS[int((value - low) / step + 0.4999)] if isfinite(value) else " " for value in values)


def condensed(values: Sequence[float], cells: int) -> list[float]:
    """At most so many values, each the mean of a run of neighbours, so that a line of bars fits.

    >>> condensed([1, 3, 5, 7], 2)
    [2.0, 6.0]
    """
    if len(values) <= cells:
        return list(values)
    ends = [len(values) * index // cells for index in range(cells + 1)]
    runs = [[value for value in values[a:b] if isfinite(value)] for a, b in pairwise(ends)]
    return [fsum(run) / len(run) if run else nan for run in runs]
