"""Whose clock the days of a table are of, and whether its rows are of hours."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import distinct
from core.base.time_zones import DAY_SECONDS
from core.catalogue.kinds import CellType
from core.ingest.columns.column_profile import Columns, Role
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.different_cells import all_match
from core.ingest.headers.id_names import is_id_name
from core.ingest.mapping.cell_text import without_offsets
from core.ingest.mapping.column_plan import ColumnPlan, Plan, noted
from core.ingest.request import Request
from core.ingest.values import dates
from core.ingest.values.clock_text import ZONES
from core.ingest.values.moment_text import DateReading

_HOUR = 3600


def with_clock(plan: Plan, columns: Columns, request: Request) -> Plan:
    """The plan with moments on the clock that wrote them, where it asks for that or its rows are of days or hours, they have an
    offset and no zone is set; a note where it does not and their days are not those of that clock.
    """
    offsets = _offsets(plan, columns) if request.zones.is_utc else []
    if not offsets:
        plan = replace(plan, own_clock=False)
        hour = _midnight_elsewhere(plan, columns) if request.zones.is_utc else None
        if hour is None:
            return plan
        return noted(
            plan,
            f"all its days begin at {hour} UTC, which is midnight in another time zone; they count as days of UTC: [time] in "
            "whydrop.toml sets another zone, before the first load",
        )
    if plan.own_clock:
        return noted(plan, f"its days are those of the shop's own clock ({', '.join(offsets)})")
    if _are_whole_hours(plan, columns):
        return noted(
            replace(plan, own_clock=True), f"its days are those of the clock that wrote them ({', '.join(offsets)})"
        )
    if not any(char in "123456789" or char.isalpha() for offset in offsets for char in offset):
        return plan
    return noted(
        plan,
        f"its moments are of {' and '.join(offsets[:_SHOWN_OFFSETS])}, its days are those of UTC: [time] in whydrop.toml sets "
        "another zone, before the first load",
    )


def _midnight_elsewhere(plan: Plan, columns: Columns) -> str | None:
    """The hour of UTC at which all days of a table of `daily` begin, or the first of two that daylight saving leaves; None where
    they begin at midnight, or at other hours.
    """
    day = plan.day
    if plan.kind.name != "daily" or day is None or len(columns[day.source or ""].cells) < _FEWEST_DAYS:
        return None
    hours = pc.unique(pc.extract_regex(columns[day.source or ""].cells, _HOUR_OF_UTC).field("hour")).to_pylist()
    if not {None, "", "00"}.isdisjoint(hours):
        return None
    numbers = sorted(map(int, hours))
    return f"{numbers[0]:02d}:00" if numbers[-1] - numbers[0] <= 1 else None


_FEWEST_DAYS = 3
_HOUR_OF_UTC = r"\d[T ](?P<hour>\d\d):00(?::00(?:\.0+)?)?\s?(?:Z|UTC)$"
_SHOWN_OFFSETS = 3
_NONE = pa.scalar("", pa.string())  # pyarrow imports dateutil to find out a type
_LOOKED_AT = 200
"""Cells of a column that are enough for a note."""


def _offsets(plan: Plan, columns: Columns) -> list[str]:
    """The offsets from UTC that the moments of a table say."""
    most = None if plan.own_clock else _LOOKED_AT
    result: set[str] = set()
    for column in plan.columns:
        if column.source is not None and (column.cell.is_moment or column.cell is CellType.DAY):
            cells = columns[column.source].cells[:most]
            found = pc.extract_regex(cells, _OFFSET).field("offset")
            has_some = pc.any(pc.not_equal(found, _NONE)).as_py()
            absolute = dates.times(cells, column.dates or DateReading()).absolute if has_some else None
            if absolute is not None:  # others are later times: `10:00-11:00`
                result.update(found.filter(arrow_array(absolute)).to_pylist())
    return sorted(filter(None, result))


def _are_whole_hours(plan: Plan, columns: Columns) -> bool:
    """Whether rows of `daily` begin with a day or an hour, so that their figures were counted by that clock."""
    day = plan.day
    if plan.kind.name != "daily" or plan.key or day is None:
        return False
    return all_match(columns[day.source or ""].cells, _WHOLE_HOUR)


_ZONE = rf"[-+]\d{{2}}:?\d{{2}}|{ZONES}"
_WHOLE_HOUR = rf"\d[T ]\d{{2}}:00(:00(\.0+)?)?\s*({_ZONE})\s*$"
_OFFSET = rf":\d{{2}}(?:\.\d+)?\s*(?P<offset>{_ZONE})\s*$"


def with_hours(plan: Plan, columns: Columns, before: Sequence[str] | None) -> Plan:
    """The plan with the hour as a dimension, where days have rows of several hours and no row has an id of its own, as events at
    full hours have; `before` is what told the rows of an earlier load of the same columns apart, as these are.
    """
    day = plan.day
    if (
        plan.kind.name != "daily"
        or plan.key
        or plan.numbered
        or day is None
        or plan.column("hour") is not None
        or any(is_id_name(name) and len(column.cells) == column.rows for name, column in columns.items())
        or (before is not None and "hour" not in before)
    ):
        return plan
    cells = columns[day.source or ""].cells
    cells = without_offsets(cells) if plan.own_clock else cells
    is_iso = all_match(cells, r"^\d{4}-\d\d-\d\d$")
    seconds = np.zeros(0) if is_iso else dates.times(cells, day.dates or DateReading()).seconds.drop_null().to_numpy()
    if not (seconds % DAY_SECONDS).any():
        hours = _column_of_hours(plan, columns)  # next to days without a time
        return plan if hours is None else _sliced_by_hour(plan, replace(day, source=hours))
    has_one_hour = before is None and len(distinct(seconds // DAY_SECONDS)) == len(distinct(seconds))
    if has_one_hour or (seconds % _HOUR).any():
        return plan  # days, or moments of events
    return _sliced_by_hour(plan, day)


def _sliced_by_hour(plan: Plan, moment: ColumnPlan) -> Plan:
    hour = replace(moment, target="hour", cell=CellType.WORD, is_hour=True)
    return noted(plan.with_slices([hour]), "its rows are of hours: sliced by hour")


def _column_of_hours(plan: Plan, columns: Columns) -> str | None:
    """The column that a preset does not know, and that has hours of days next to its days; None where none has."""
    others = [column for name, column in columns.items() if column.role is Role.DATE and name not in plan.sources]
    hours = (c.name for c in others if all_match(c.cells, r"^\d{4}-\d\d-\d\d[T ]\d\d:00"))
    return next(hours, None) if plan.preset is not None else None
