"""How a column of days begins and ends: an export of all rows of a period begins and ends sharply by one of its columns.

Appointments of September to November were booked from August on, and few of those booked in November are in the table: by the
days of booking they seem to run out.
"""

from collections.abc import Sequence

import numpy as np

from core.base.arrays import Ints
from core.base.errors import UsageError
from core.ingest.columns.column_profile import ColumnProfile
from core.ingest.values.date_columns import decide
from core.ingest.values.date_order import DateHints
from core.ingest.values.dates import days

_FEWEST_WEEKS = 6
_FEWEST_ROWS = 20
"""Rows of a usual week below which chance could empty one: of 20, a third or fewer come by it once in 10,000 weeks."""
_THIN, _FULL = 0.35, 0.6
_FAR = 73_000
"""A day of the year 2169: no date is judged by whether it is still to come."""


def without_blurred(columns: Sequence[ColumnProfile]) -> Sequence[ColumnProfile]:
    """The columns without those whose first and last weeks are nearly empty, where those of another are full."""
    ends = [_ends(column) for column in columns]
    if not any(end is not None and min(end) >= _FULL for end in ends):
        return columns
    return [column for column, end in zip(columns, ends, strict=True) if end is None or max(end) >= _THIN]


def _ends(column: ColumnProfile) -> tuple[float, float] | None:
    """The rows of the first and of the last week, over those of a usual one; None where it has too few, or no clear dates."""
    try:
        reading, _ = decide(column.different(), DateHints(last=_FAR))
    except UsageError:
        return None
    found = days(column.column.drop_null(), reading)[0].drop_null().to_numpy()
    if not len(found) or np.ptp(found) > _FAR:
        return None
    counts = np.bincount(found - found.min())
    weeks = counts[: len(counts) // 7 * 7].reshape(-1, 7).sum(1)
    usual = _of_middle_row(weeks)
    if len(weeks) < _FEWEST_WEEKS or usual < _FEWEST_ROWS:
        return None
    return float(weeks[0] / usual), float(counts[-7:].sum() / usual)


def _of_middle_row(weeks: Ints) -> int:
    """How many rows the week of the middle row has, weeks in order of their rows: long thin ends do not lower it."""
    rows = np.sort(weeks)
    return int(rows[np.searchsorted(np.cumsum(rows), rows.sum() / 2)]) if len(rows) else 0
