"""Columns of parts of time, which count nothing: times of day, lengths such as `1:05:11`, figures that are a part of a date."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import distinct
from core.ingest.columns.column_profile import ColumnProfile, Role
from core.ingest.formats.different_cells import all_match, any_match
from core.ingest.headers.column_names import english_names
from core.ingest.headers.folding import folded, spaced
from core.ingest.headers.measure_names import is_calendar_name, is_rate_name
from core.ingest.headers.name_parts import NameParts
from core.ingest.headers.word_lists import words_of
from core.ingest.values.dates import are_iso, times

_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?( ?[ap]m)?", re.IGNORECASE)
_LENGTH = (
    r"^(\d+:\d\d:\d\d([.,]\d+)?"
    r"|(\d+ ?d(ays?)? ?)?(\d+ ?h(rs?|ours?)? ?)?(\d+ ?m(ins?|inutes?)? ?)?(\d+ ?s(ecs?|econds?)?)?)$"
)
_BEYOND_DAY = r"^(2[4-9]|[3-9]\d|\d{3,}):\d\d:\d\d"
_UNDER_HOUR = r"^00?:\d\d:\d\d"
_HALF = 0.5
_WITH_UNITS = r"^\d+ ?[dhms]"
_FEW = 20


def is_clock(column: ColumnProfile) -> bool:
    """Whether a column holds a time of day, and no length of time."""
    cells = column.cells[:_FEW].to_pylist()
    if column.role is not Role.TEXT or len(cells) < 2 or not all(_CLOCK.fullmatch(cell) for cell in cells):
        return False
    return not is_rate_name(column.name) and not is_length(column) and not _is_called_length(column)


def is_length(column: ColumnProfile) -> bool:
    """Whether a column holds how long something took, in hours, minutes and seconds: some took longer than a day has hours,
    most less than an hour, its name says so, or its cells have units.
    """
    if column.role is not Role.TEXT or not len(column.cells):
        return False
    fits = pc.match_substring_regex(column.cells, _LENGTH)
    is_described = len(fits) > 1 and not fits[0].as_py()  # the first row may say the units
    if not pc.all(fits[int(is_described) :]).as_py():
        return False
    return (
        _is_called_length(column)
        or is_rate_name(column.name)
        or _is_beyond_day(column)
        or pc.mean(pc.match_substring_regex(column.cells, _UNDER_HOUR).cast("int8")).as_py() > _HALF
        or all_match(column.cells, _WITH_UNITS)
    )


def is_sum_of_time(column: ColumnProfile) -> bool:
    """Whether lengths add up: by the name of their column, or since some took longer than a day has hours. Others are means."""
    plain = folded(column.name)
    return any(word in plain for word in words_of("lengths")) or _is_beyond_day(column)


def _is_beyond_day(column: ColumnProfile) -> bool:
    return any_match(column.cells, _BEYOND_DAY)


def _is_called_length(column: ColumnProfile) -> bool:
    plain = folded(column.name)
    return any(word in plain for key in ("lengths", "waits") for word in words_of(key))


def is_calendar_column(column: ColumnProfile, called: str) -> bool:
    """Whether a column, which is called so in English, is called a part of a date and has such figures; or holds years or times
    of day, as its name says somewhere (`Year built`, `Txn time`).
    """
    part = _DAY_OF_YEAR if "year" in " ".join((spaced(called), *english_names((called,)))).split() else _PART
    parts = [*([part] if is_calendar_name(called) else []), *([_YEAR] if _says_year(column, called) else [])]
    is_clock = len(column.cells) >= _FEWEST_CLOCKS and NameParts.of(column.name).has("clock_names")
    return any(all_match(column.cells, rf"^(?:{own})$") for own in (*parts, *([_CLOCK_DIGITS] if is_clock else [])))


def _says_year(column: ColumnProfile, called: str) -> bool:
    words = {*spaced(called).split(), *english_names(spaced(column.name).split())}
    return "year" in words or any(word.endswith("jahr") for word in words)


_YEAR = r"(?:1[89]|20)\d\d"
_PART = rf"0*(?:[1-4]?\d|5[0-3])(?:\.0+)?|{_YEAR}(?:\d\d)*(?:\.0+)?|\d{{1,2}}00"
"""Up to 53 weeks, full hours of a clock without a colon, or a year and what follows it (`202631`): jars of jam are more."""
_CLOCK_DIGITS = r"(?:[01]?\d|2[0-3])[0-5]\d[0-5]\d|(?:[01]\d|2[0-3])[0-5]\d"
"""A time of day without colons (`93012`, `0930`); one figure in three has such digits, or one in seven."""
_FEWEST_CLOCKS = 10
_DAY_OF_YEAR = rf"{_PART}|0*[1-3]\d\d"


def are_sampled(moments: pa.Array) -> bool:
    """Whether moments follow each other at one distance, every few minutes or each hour of the clock, as a machine is read:
    nothing happens so.
    """
    if len(moments) < _FEWEST_SAMPLES or not are_iso(moments):
        return False
    seconds = distinct(times(moments).seconds.to_numpy(zero_copy_only=False))
    step = int(seconds[1] - seconds[0]) if len(seconds) > 1 else 0
    is_of_clock = 0 < step <= _HOUR and _HOUR % step == 0 and bool((seconds % step == 0).all())
    return is_of_clock and bool((np.diff(seconds) == step).all())


_HOUR = 3600
_FEWEST_SAMPLES = 20
