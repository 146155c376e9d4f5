"""What systems write where they mean "none": marks, words, and days (the zero of their clock, or the last they can write)."""

import re
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags
from core.base.days import day_number
from core.base.time_zones import DAY_SECONDS
from core.ingest.formats.arrow_arrays import arrow_array

_NOTHING = ("", "-", "--", "---", "–", "—", "n/a", "n.a.", "#n/a", "\\n", "null")
"""What stands for nothing in any column, in lower case; databases write `\\N`."""
NO_WORD = frozenset((*_NOTHING, "(null)"))
"""No market and no creator: `NA` is Namibia, and a campaign may be called `None`."""
ABSENT = frozenset((*_NOTHING, "na", "nan", "none", "n/d", "nil", "#div/0!", "∞"))
"""No figure and no moment."""
PLACEHOLDERS = tuple(
    day_number(date(*day))
    for day in (
        (1, 1, 1),  # .NET, Go
        (1899, 12, 30),  # OLE, the zero of spreadsheets
        (1899, 12, 31),
        (1900, 1, 1),  # SQL Server, the one of spreadsheets
        (1970, 1, 1),  # Unix
        (9999, 12, 31),  # "for ever"
    )
)
_EARLIEST, _LATEST = 366, day_number(date(2200, 1, 1))
"""Columns whose days all lie between are looked at no further, which is all but a few."""
YEAR_ZERO = r"^\s*(?:0000(?:[-/.]?00){2}|(?:00[-/.]){2}0000)(?:[T ].*)?\s*$"
"""As MySQL and SAP write that there is no day."""
_YEAR_ZERO = re.compile(YEAR_ZERO)


def without_placeholders(
    values: pa.Array, text: pa.Array, bad: Flags | None, *, are_seconds: bool
) -> tuple[pa.Array, Flags | None, Flags | None]:
    """A column of days (or moments, in seconds) with placeholders null; which cells are no day, and which are placeholders.

    `bad` says which cells of `text` could not be read; those that give the year 0 are placeholders. Shapes (rows,); None = none.
    """
    result = np.zeros(len(values), bool)
    unit = DAY_SECONDS if are_seconds else 1
    if len(values) > values.null_count:
        settings = values.fill_null(_EARLIEST * unit).to_numpy(zero_copy_only=False)
        if settings.min() < _EARLIEST * unit or settings.max() >= _LATEST * unit:
            result |= np.isin(settings // unit, PLACEHOLDERS)
            if are_seconds:  # any other moment of that day is one: the Unix clock stood at 0 only once
                result &= (settings // unit != 0) | (settings % unit == 0)
    if bad is not None:
        rows = np.flatnonzero(bad)
        cells = (text[row].cast(pa.binary()).as_py().decode("utf-8", "replace") for row in rows.tolist())
        result[rows] = [_YEAR_ZERO.fullmatch(cell) is not None for cell in cells]
        bad = bad & ~result
        bad = bad if bad.any() else None
    if not result.any():
        return values, bad, None
    return pc.if_else(arrow_array(result), None, values), bad, result
