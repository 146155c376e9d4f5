"""Cells that are a day and a time of day: those of a column at once, since few of its days differ and most of its moments do."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Ints
from core.base.frozen import frozen

_DAY = r"\d{1,4}[-/.](?:\d{1,2}|[^\W\d_]{3,9}\.?)[-/.]\d{1,4}|\d{4}年\d{1,2}月\d{1,2}日"
_TIMED = (
    rf"^(?P<day>{_DAY})[ T](?P<hour>\d{{1,2}}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
    r"(?: ?(?P<half>[AaPp])[Mm])?(?P<utc> UTC)?(?: (?P<sign>[-+])(?P<ahead>[01]\d)(?P<minutes>[0-5]\d))?$"
)
"""The most usual ways to write them; every other one is read cell by cell."""
_NOON = 12


@frozen
class TimedDays:
    """The cells of a column, each parted into its day and its time."""

    days: pa.Array
    """The text of the day; the whole cell where it is no such moment."""
    seconds: Ints
    """Since the beginning of that day, the offset taken off; 0 where it is no such moment."""
    is_timed: Flags
    is_absolute: Flags
    """Which of them gave an offset from UTC."""


def timed_days(cells: pa.Array) -> TimedDays:
    """The days and times of cells without blanks around them.

    >>> found = timed_days(pa.array(["05/01/2026 07:40", "5-Jan-26 1:00:05 PM", "2026-01-05 07:40:00 +0700", "12:30"]))
    >>> found.days.to_pylist(), found.seconds.tolist()
    (['05/01/2026', '5-Jan-26', '2026-01-05', '12:30'], [27600, 46805, 2400, 0])
    """
    parts = pc.extract_regex(cells, _TIMED)
    if parts.null_count == len(cells):  # as in most columns of days: a sixth of the time
        return TimedDays(cells, np.zeros(len(cells), np.int64), *np.zeros((2, len(cells)), bool))

    def number(name: str) -> Ints:
        digits = pc.struct_field(parts, [name])
        result: Ints = pc.cast(pc.if_else(pc.equal(digits, ""), "0", digits), pa.int64()).fill_null(0).to_numpy()
        return result

    def text(name: str) -> pa.Array:
        return pc.utf8_upper(pc.struct_field(parts, [name])).fill_null("").to_numpy(zero_copy_only=False)

    hours, half, sign = number("hour"), text("half"), text("sign")
    is_clock = np.where(half == "", hours < 2 * _NOON, (hours >= 1) & (hours <= _NOON))
    is_timed: Flags = parts.is_valid().to_numpy(zero_copy_only=False) & is_clock
    hours = np.where(half == "", hours, hours % _NOON + np.where(half == "P", _NOON, 0))
    offset = (number("ahead") * 60 + number("minutes")) * 60 * np.where(sign == "-", -1, 1)
    seconds = hours * 3600 + number("minute") * 60 + number("second") - offset
    return TimedDays(
        days=pc.if_else(pa.array(is_timed), pc.struct_field(parts, ["day"]), cells),
        seconds=np.where(is_timed, seconds, 0),
        is_timed=is_timed,
        is_absolute=is_timed & ((sign != "") | (text("utc") != "")),
    )


def without_times(cells: list[str]) -> list[str]:
    """Different cells as the different days that they have, in their order.

    >>> without_times(["05/01/2026 07:40", "05/01/2026 08:15", "06/01/2026"])
    ['05/01/2026', '06/01/2026']
    """
    days: list[str] = pc.unique(timed_days(pc.utf8_trim_whitespace(pa.array(cells, pa.string()))).days).to_pylist()
    return days
