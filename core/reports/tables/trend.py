"""A metric of some weeks in one line: the days before, the days that are judged, the days that are still incomplete."""

from collections.abc import Sequence

from core.reports.tables.sparkline import condensed, sparkline

SPLIT = "│"
"""Stands between the days before and those that are judged."""
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
        return sparkline(condensed(values[: len(values) - hollow], width), values)
    room = width - 1
    scale = min(room / len(values), 1.0)
    cells = [max(round(count * scale), int(count > 0)) for count in (judged, hollow)]
    past = min(before, max(room - sum(cells), 1))
    return (
        sparkline(condensed(values[:before], past), values)
        + SPLIT
        + sparkline(condensed(values[before : before + judged], cells[0]), values)
        + _INCOMPLETE * cells[1]
    )[:width]
