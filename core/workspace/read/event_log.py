"""The change log: what happened in the world, when, and where."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from core.base.days import Window, parse_day
from core.base.frozen import frozen
from core.base.json_value import Value
from core.base.segment import Segment
from core.base.time_zones import Zones
from core.catalogue.event_kinds import event_kind
from core.workspace.schema.other_names import counted_names
from core.workspace.schema.tables import LISTED_NAMES

SCOPE = ("market", "channel", "content_type", "creator_id", "seller_id", "category", "user_segment", "device")
_NAMED = tuple(name for name in SCOPE if name in LISTED_NAMES)
"""The columns that say where an event holds; blank = everywhere."""

_OPEN_DAYS = {"campaign": 7}
"""Days that an event lasts where the change log gives no end, by kind; all others last one. On for ever after, nothing could be
learnt from its segment or judged in it, and years later it would still name segments."""


@frozen(kw_only=True)
class Event(Value):
    """One change in the world."""

    event_id: str
    starts_at: str
    """The day or moment, on the clock of its market."""
    ends_at: str | None
    kind: str
    """One of `EVENT_KINDS`, whatever word the change log has for it."""
    title: str
    owner: str
    where: Segment
    """Where it holds; the empty segment means everywhere."""

    @property
    def window(self) -> Window:
        """The days on which it is on; without an end a campaign is on for a week, anything else on the day on which it began."""
        first = parse_day(self.starts_at[:10])
        last = parse_day(self.ends_at[:10]) if self.ends_at else first + _OPEN_DAYS.get(self.kind, 1) - 1
        return Window(first, max(first, last))


def read(
    connection: sqlite3.Connection, zones: Zones, first: int | None = None, last: int | None = None
) -> tuple[Event, ...]:
    """Events that were on between two days (both included, either may be open), by start and id."""
    rows = connection.execute(
        f"SELECT event_id, starts_at, ends_at, kind, title, owner, {', '.join(SCOPE)} FROM events ORDER BY starts_at, event_id"
    ).fetchall()
    names = {
        dimension: _counted(connection, dimension, {row[6 + SCOPE.index(dimension)] or "" for row in rows})
        for dimension in _NAMED
    }
    listed = (
        Event(
            event_id=row[0],
            starts_at=_on_clock(row[1], zones, row[6]),
            ends_at=_on_clock(row[2], zones, row[6]) if row[2] else None,
            kind=event_kind(row[3] or ""),
            title=row[4] or "",
            owner=row[5] or "",
            where=_scope(row[6:], names),
        )
        for row in rows
    )
    return tuple(
        event
        for event in listed
        if (first is None or event.window.last >= first) and (last is None or event.window.first <= last)
    )


def _on_clock(moment: str, zones: Zones, market: str | None) -> str:
    """A moment as the clock of a market shows it: what begins at midnight in Jakarta does so the day before in UTC."""
    zone = zones.of(market or "")
    if zone == "UTC" or len(moment) <= len("2026-03-09"):
        return moment
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).isoformat()


def _counted(connection: sqlite3.Connection, dimension: str, cells: set[str]) -> Mapping[str, str]:
    """An id or a name in these cells -> the name under which rows of that account or shop are counted."""
    called = [name for cell in cells if cell for name in cell.split("|")]
    return dict(connection.execute(counted_names(dimension), (json.dumps(called),)).fetchall()) if called else {}


def _scope(cells: tuple[str | None, ...], names: Mapping[str, Mapping[str, str]]) -> Segment:
    scope = {name: cell.split("|") for name, cell in zip(SCOPE, cells, strict=True) if cell}
    for dimension in names.keys() & scope.keys():
        scope[dimension] = [names[dimension].get(name, name) for name in scope[dimension]]
    return Segment.of(scope)
