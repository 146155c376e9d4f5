"""Columns of figures that are a part of a date, such as an hour or a year, and count nothing."""

import pyarrow.compute as pc

from core.ingest.columns.column_profile import ColumnProfile
from core.ingest.headers import english_names, spaced
from core.ingest.headers.measure_names import is_calendar_name


def is_calendar_column(column: ColumnProfile, called: str) -> bool:
    """Whether a column, which is called so in English, is called a part of a date and has such figures; or holds years, as its
    name says somewhere (`Year built`).
    """
    part = _DAY_OF_YEAR if "year" in " ".join((spaced(called), *english_names((called,)))).split() else _PART
    return (is_calendar_name(called) and _are_all(column, part)) or (
        _says_year(column, called) and _are_all(column, _YEAR)
    )


def _says_year(column: ColumnProfile, called: str) -> bool:
    words = {*spaced(called).split(), *english_names(spaced(column.name).split())}
    return "year" in words or any(word.endswith("jahr") for word in words)


def _are_all(column: ColumnProfile, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(column.cells, rf"^(?:{pattern})$")).as_py())


_YEAR = r"(?:1[89]|20)\d\d"
_PART = rf"0*(?:[1-4]?\d|5[0-3])(?:\.0+)?|{_YEAR}(?:\d\d)*(?:\.0+)?|\d{{1,2}}00"
"""Up to 53 weeks, full hours of a clock without a colon, or a year and what follows it (`202631`): jars of jam are more."""
_DAY_OF_YEAR = rf"{_PART}|0*[1-3]\d\d"
