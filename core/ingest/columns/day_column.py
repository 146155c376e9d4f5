"""Which of several columns of days gives the rows of a table their day."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow.compute as pc

from core.base.arrays import Ints
from core.base.errors import UsageError
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.formats.csv_blocks import BLOCK
from core.ingest.headers.folding import folded, spaced
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.word_lists import called, words_of
from core.ingest.values.date_columns import decide
from core.ingest.values.date_order import DateHints
from core.ingest.values.dates import days


def best_day_column(recognized: Columns, english: Mapping[str, str]) -> str | None:
    """The column that gives rows their day: one that is called so, else one that the table is sorted by, and of several such the
    one called like the id of the rows (`Transaction Date` next to `Transaction ID`), else any called so, else the first of those
    whose days differ most. Where an export has all rows of a period by one column, no column that runs out at both ends is it.

    `english`: folded English name -> column. A column of one single cell (the period of a report) comes last.
    """
    left_out = {*born(recognized), *filter(is_copied, recognized)}
    dated = [column for column in recognized.values() if column.role is Role.DATE and column.name not in left_out]
    if len(dated) < 2:
        return dated[0].name if dated else None
    dated = [column for column in dated if not _are_of_lives(column)] or dated
    dated = list(_without_blurred(dated)) if _is_whole(recognized) else dated
    ranks = {column: rank for rank, name in enumerate(reversed(called("row_days")), 1) if (column := english.get(name))}
    fullest = max(column.filled for column in dated)

    def score(column: ColumnProfile) -> tuple[bool, int, bool]:
        several = len(column.cells) > 1 or len(dated) == 1
        return several, ranks.get(column.name, 0), column.filled >= _AS_FULL * fullest

    best = max(map(score, dated))
    equal = [column for column in dated if score(column) == best]
    most = max(column.day_count for column in equal)
    runs = [column for column in equal if column.comes_in_runs and column.day_count >= _FEWER * most]
    words = _words_of_ids(recognized)
    named = [column for column in equal if words & _words(column.name)]
    both = [column for column in runs if column in named]
    return _first_of_most_days(both or runs or named or equal).name


def _is_whole(columns: Columns) -> bool:
    """Whether the rows looked at are all that a table has: a longer one is cut off, by the column that it is sorted by."""
    size: int = sum(column.column.nbytes for column in columns.values())
    return size < BLOCK // 2


def _are_of_lives(column: ColumnProfile) -> bool:
    """Whether days lie in ten years or more, in no order: those of births, or of when accounts were opened."""
    years = pc.extract_regex(column.column, r"(?:^|\D)(?P<year>(?:19|20)\d\d)(?:\D|$)").field("year").drop_null()
    numbers = years.filter(pc.not_equal(years, "")).cast("int64").to_numpy()
    if len(np.unique(numbers)) < _MANY_YEARS:
        return False
    steps = np.diff(numbers)
    return min(float((steps > 0).mean()), float((steps < 0).mean())) >= _FEWER


_MANY_YEARS = 10


def _first_of_most_days(columns: Sequence[ColumnProfile]) -> ColumnProfile:
    """Starts stand before ends, whose days differ by chance a little more or less."""
    most = max(column.day_count for column in columns)
    return next(column for column in columns if column.day_count >= min(_AS_MANY * most, most - 1))


_AS_FULL = 0.9
"""A column with so many of the filled rows of another is as full: of a few rows somebody forgot the day."""
_FEWER = 0.2
"""A column that the table is sorted by has at least so many of the different days of another: months have fewer than days."""
_AS_MANY = 0.8
"""Columns with so many of the different days of another, or one less, tell days as well as it does: the last hour of a day ends
on the next one.
"""


def _words_of_ids(columns: Columns) -> frozenset[str]:
    """What the rows are, by the names of the ids that differ in nearly all of them."""
    ids = (c.name for c in columns.values() if is_id_name(c.name) and len(c.cells) >= _AS_FULL * c.rows)
    return frozenset().union(*map(_words, ids))


def _words(name: str) -> frozenset[str]:
    return frozenset(word for word in spaced(name).split() if len(word) > 2) - _WORDS_OF_ANY


_WORDS_OF_ANY = frozenset(
    ("date", "time", "day", "number", "num", "nr.", "ref", "reference", "code", "nummer", "numero")
)
"""Words of the names of ids and days that say nothing of what the rows are."""


def is_copied(name: str) -> bool:
    """Whether a column says when a program copied its row from another system: nothing happened then.

    >>> is_copied("_fivetran_synced"), is_copied("_airbyte_extracted_at"), is_copied("updated_at")
    (True, True, False)
    """
    return not words_of("copied").isdisjoint(spaced(name).split())


def born(columns: Columns) -> list[str]:
    """The columns, of a table of videos or posts, that say when each was published: its figures came later than that."""
    if not any(word in folded(name) for name in columns for word in words_of("items")):
        return []
    return [name for name in columns if says_published(name)]


def says_published(name: str) -> bool:
    """Whether a column says, in any language, when something was published."""
    plain = folded(name)
    return any(word in plain for word in words_of("published"))


_FEWEST_WEEKS = 6
_FEWEST_ROWS = 20
"""Rows of a usual week below which chance could empty one: a Poisson count of mean 20 is 6 or less (below `_THIN`) once in
3,900 weeks, and a column is left out only where both its ends are.
"""
_THIN, _FULL = 0.35, 0.6
_FAR = 73_000
"""A day of the year 2169: no date is judged by whether it is still to come."""


def _without_blurred(columns: Sequence[ColumnProfile]) -> Sequence[ColumnProfile]:
    """The columns without those whose first and last weeks are nearly empty, where those of another are full.

    Appointments of September to November were booked from August on, and few of those booked in November are in the table: by
    the days of booking they seem to run out.
    """
    ends = [_ends(column) for column in columns]
    if not any(end is not None and min(end) >= _FULL for end in ends):
        return columns
    return [column for column, end in zip(columns, ends, strict=True) if end is None or max(end) >= _THIN]


def _ends(column: ColumnProfile) -> tuple[float, float] | None:
    """The rows of the first and of the last week, over those of a usual one; None where it has too few, or no clear dates."""
    if column.filled < _FEWEST_ROWS:
        return None
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
