"""Columns that are blank in all rows of a segment since some day, while the others have them: not exported, whatever happened."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.kinds import SOURCE
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.measure_sql import BY_KIND
from core.workspace.read.profile.row_profile import Profile

_FEWEST, _LATELY, _BEFORE = 2, 28, 28
"""Newest days on which all may be blank, at least and at most, and days before that tell how often it was given."""
_SHARE, _STILL = 0.3, 0.5
"""Rows that had it before, and how much of what was usual the other values must have on the same days: rows of the newest days
are delivered later, and rarely refunded."""
_EXPECTED = 15.0
"""Rows that would have it by what was usual: by chance none of so many has it once in three million times."""
_JUST, _SUDDEN = 3, 0.7
"""Days just before on which it was as usual, and how nearly: what comes in late gets rarer day by day."""
_MOST_VALUES = 40
_WAITED = frozenset({"shipped_at", "delivered_at"})
"""Moments that some segments wait longer for than others: a ticket is delivered days after a meal, and the days of which none is
yet are no fault."""
_SELDOM = ("cancelled_", "refund", "overturned_")
"""Columns of what seldom follows, and later."""


def blank_column_issues(profile: Profile, kind: str) -> Mapping[str, Sequence[QualityIssue]]:
    """Column -> an issue for each value in which it is blank, of the dimension that has fewest of those."""
    span = profile.spans[kind]
    if len(span) < _FEWEST + _BEFORE:
        return {}
    found: dict[str, dict[str, list[QualityIssue]]] = {}
    shares = profile.given_by_day(kind)
    given = {
        name
        for name, share in shares.items()
        if np.nanmax(share) >= _SHARE and np.nanmin(share[-_LATELY:]) < 1 and not name.startswith(_SELDOM)
    }
    for dimension in profile.dimensions_of(kind):
        values, rows = profile.rows_by_value(kind, dimension)
        if not given or dimension == SOURCE or not 1 < len(values) <= _MOST_VALUES:
            continue
        tables = profile.given_by_value(kind, dimension, sorted(given - {dimension}))
        for column, table in tables.items():
            for row, days in enumerate(_blank_days(rows, table).tolist()):
                if days and not _still_waits(profile, column, dimension, values[row], rows, table, row):
                    where, since = Segment.of({dimension: values[row]}), Window(span.last - days + 1, span.last)
                    issue = _issue(kind, column, where, since, rows[row], table[row])
                    found.setdefault(column, {}).setdefault(dimension, []).append(issue)
    return {column: min(by_dimension.values(), key=len) for column, by_dimension in found.items()}


def _still_waits(
    profile: Profile, column: str, dimension: str, value: str, rows: Floats, given: Floats, row: int
) -> bool:
    """Whether a moment of the value in a row of both tables (values, days) is blank only on days younger than its wait."""
    if column not in _WAITED:
        return False
    known = max(rows.shape[1] - profile.usual_wait(column, dimension, value), 1)
    return not _blank_days(rows[:, :known], given[:, :known])[row]


def _blank_days(rows: Floats, given: Floats) -> Ints:
    """For how many newest days each value has nothing in a column, 0 where it may be chance or late; both (values, days)."""
    has = given > 0
    days = np.where(has.any(1), has[:, ::-1].argmax(1), 0)
    for value in np.flatnonzero(days).tolist():
        newest, before = slice(-days[value], None), slice(-days[value] - _BEFORE, -days[value])
        just = slice(-days[value] - _JUST, -days[value])
        usual = _share(given[value, before], rows[value, before])
        others_rows, others = rows.sum(0) - rows[value], given.sum(0) - given[value]
        still = others[newest] >= _STILL * _share(others[before], others_rows[before]) * others_rows[newest]
        expected = usual * (rows[value, newest] * (still & (others[newest] > 0))).sum()
        is_sudden = _share(given[value, just], rows[value, just]) >= _SUDDEN * usual
        is_blank = _FEWEST <= days[value] <= _LATELY and usual >= _SHARE and expected >= _EXPECTED and is_sudden
        days[value] *= is_blank
    return days


def _share(given: Floats, rows: Floats) -> float:
    return float(given.sum() / max(rows.sum(), 1.0))


def _issue(kind: str, column: str, where: Segment, since: Window, rows: Floats, given: Floats) -> QualityIssue:
    days = len(since)
    usual = _share(given[-days - _BEFORE : -days], rows[-days - _BEFORE : -days])
    return QualityIssue(
        "null_rates", "warn",
        f"{column} is blank in all {rows[-days:].sum():,.0f} rows of {kind} with {where} since {date_text(since.first)}, and was "
        f"given in {usual:.0%} before; the other rows have it. Was it not exported?",
        since, frozenset({kind}), _measures(kind, column), where,
    )  # fmt: skip


def _measures(kind: str, column: str) -> frozenset[str]:
    """The base measures that are counted with a column; of a dimension none, which means all."""
    counted = {
        name
        for name, item in BY_KIND.get(kind, {}).items()
        if name == column or any(column in need.split("|") for need in item.needs)
    }
    return frozenset(counted or ({column} if kind == "daily" else ()))
