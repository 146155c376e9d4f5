"""A metric of some weeks in one line: the days before, the days that are judged, the days that are still incomplete."""

from collections.abc import Sequence
from math import isfinite

from core.reports.number_format import condensed

SPLIT = "│"
"""Stands between the days before and those that are judged."""
_BARS = "▁▂▃▄▅▆▇█"
_INCOMPLETE = "·"


def trend(values: Sequence[float], judged: int, incomplete: int, width: int) -> str:
    """Bars of the values in `width` cells; the newest `incomplete` ones are hollow, the `judged` ones before them stand apart.

    >>> trend([1, 2, 3, 4, 8, 9], 2, 1, 7)
    '▁▂▃│▄▇·'
    """
    hollow = min(incomplete, len(values))
    judged = min(judged, len(values) - hollow)
    before = len(values) - hollow - judged
    if before <= 0 or width < 4:
        return _bars(condensed(values[: len(values) - hollow], width), values)
    room = width - 1
    scale = min(room / len(values), 1.0)
    cells = [max(round(count * scale), int(count > 0)) for count in (judged, hollow)]
    past = min(before, max(room - sum(cells), 1))
    return (
        _bars(condensed(values[:before], past), values)
        + SPLIT
        + _bars(condensed(values[before : before + judged], cells[0]), values)
        + _INCOMPLETE * cells[1]
    )[:width]


def _bars(values: Sequence[float], scale: Sequence[float]) -> str:
    """Bars from the lowest to the highest of `scale`; a blank where there is no value."""
    finite = [value for value in scale if isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    step = (high - low) / (len(_BARS) - 1) or 1.0
    return "".join(_BARS[int((value - low) / step + 0.4999)] if isfinite(value) else " " for value in values)
