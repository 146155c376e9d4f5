"""Tables with a row for each day and a column for each of its hours, or parts of hours: turned into rows of hours."""

import re
from collections.abc import Sequence
from itertools import pairwise

from core.ingest.formats.batch import Rows
from core.ingest.formats.turned_table import Made
from core.ingest.headers.folding import folded
from core.ingest.headers.word_lists import is_total, words_of
from core.ingest.row_kinds import filled, is_mostly
from core.ingest.shapes.row_labels import row_labels, value_name
from core.ingest.values.date_columns import is_date
from core.ingest.values.numbers import is_number

_HOURS = 24
_DAY = 24 * 60
_FEWEST = 6
"""Clock times in a row: a shop may be open for as few hours."""
_READ_BELOW = 100
_TIME = r"\d{1,2}(?:[:.h]\d\d(?::00)?(?:\s*[ap]\.?m\.?)?|\s*[ap]\.?m\.?)"
_CLOCK = rf"({_TIME})(?:\s*[-–—~]\s*{_TIME})?"
"""`00:15`, `08:00-09:00`, `3 pm`: a part of the day is called by its beginning, or by its end."""
_NUMBERED = r"(\D*?)[\s._-]*(\d{1,2})[\s._]*(\D*)"
_MARKS = frozenset(("", "h", "he", "hr", "hrs", "std", "uhr", "時", "时", "시", "点", "ч"))
"""What stands at the number of an hour, besides its word."""


def hour_rows(rows: Rows, depth: int, path: str) -> Made | None:
    """A table of days with a column for each hour, as rows of hours; None of any other. Its header is among the first `depth`
    rows; the name of the file at `path` may say what it counts.

    Raises UsageError when it has other figures next to those of hours.
    """
    for header, row in enumerate(rows[:depth]):
        hours = _hours(row)
        if not hours:
            continue
        width = len(row)
        body = [at for at in range(header + 1, len(rows)) if len(rows[at]) == width and filled(rows[at])]
        body = [at for at in body if not any(map(is_total, filled(rows[at])))]
        sample = [rows[at] for at in body[:_READ_BELOW]]
        day = next((at for at in range(min(hours)) if is_mostly(sample, at, is_date)), None)
        if day is None or not all(is_mostly(sample, at, is_number) for at in hours):
            continue
        labels = row_labels(row, [day, *hours], [_blanked(rows[at], day) for at in body], "hours")
        made: Made = [(header, ("Date", *(row[at] for at in labels), "Hour", value_name([], path)))]
        for at in body:
            cells = rows[at]
            for place, hour in hours.items():
                if cells[place].strip():
                    made.append((at, (cells[day], *(cells[label] for label in labels), hour, cells[place])))
        return made
    return None


def _blanked(row: Sequence[str], at: int) -> list[str]:
    return [*row[:at], "", *row[at + 1 :]]


def _hours(row: Sequence[str]) -> dict[int, str]:
    """The column of each hour side by side, and its name; none where they are not the hours of a day."""
    clocks = [(at, _minutes(m[1])) for at, cell in enumerate(row) if (m := re.fullmatch(_CLOCK, folded(cell)))]
    clocks = [(at, minutes or _DAY if place else minutes) for place, (at, minutes) in enumerate(clocks)]
    if len(clocks) >= _FEWEST and _follow([minutes for _, minutes in clocks]) and _are_beside([at for at, _ in clocks]):
        is_full = all(minutes % 60 == 0 for _, minutes in clocks)
        return {
            at: str(minutes // 60) if is_full else f"{minutes // 60:02d}:{minutes % 60:02d}" for at, minutes in clocks
        }
    numbered = {at: int(match[2]) for at, cell in enumerate(row) if (match := _hour(cell)) is not None}
    first = next(iter(numbered.values()), -1)
    if first in {0, 1} and list(numbered.values()) == list(range(first, first + _HOURS)) and _are_beside([*numbered]):
        return {at: str(hour) for at, hour in numbered.items()}
    return {}


def _minutes(time: str) -> int:
    """Minutes since midnight.

    >>> _minutes("0:15"), _minutes("12 am"), _minutes("1:30 pm"), _minutes("24:00")
    (15, 0, 810, 1440)
    """
    hour, minute = [*map(int, re.findall(r"\d+", time)), 0][:2]
    half = _HALF_DAY if "p" in time else 0
    return 60 * (hour % 12 if "m" in time else hour) + minute + half


_HALF_DAY = 12 * 60


def _hour(cell: str) -> re.Match[str] | None:
    """The number of an hour that a column is called by: `7`, `H07`, `07h`, `Hour 7`."""
    match = re.fullmatch(_NUMBERED, folded(cell))
    is_hour = match is not None and all(part in _MARKS or part in words_of("hours") for part in (match[1], match[3]))
    return match if is_hour else None


def _follow(minutes: Sequence[int]) -> bool:
    """Whether moments of a day follow each other at equal distance, an hour at most."""
    return len(steps := {later - earlier for earlier, later in pairwise(minutes)}) == 1 and 0 < steps.pop() <= 60


def _are_beside(places: Sequence[int]) -> bool:
    return list(places) == list(range(places[0], places[0] + len(places)))
