"""A note in the change log: an event that somebody types, stored as an export of one row, so that it can be undone."""

import csv
import tempfile
from hashlib import sha256
from io import StringIO
from pathlib import Path

from core.base.days import Window, iso
from core.base.errors import UsageError, WhydropError, did_you_mean
from core.base.segment import Segment
from core.catalogue.event_kinds import EVENT_KINDS
from core.workspace.read.event_log import SCOPE, Event
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

_SOURCE = "notes"
"""The source of all notes: a note replaces no event that an export brought."""


def add_note(db: Path, *, title: str, window: Window, kind: str, owner: str, where: Segment) -> Event:
    """Adds an event to the change log of a workspace. The same note again changes nothing.

    Raises UsageError for a blank title, an unknown kind, or a scope that an event cannot have; WhydropError when it cannot
    be written.
    """
    if not title.strip():
        raise UsageError('a note needs a text, such as: whydrop note "New checkout page"')
    if kind not in EVENT_KINDS:
        raise UsageError(
            f"no kind of event {kind!r}.{did_you_mean(kind, EVENT_KINDS)} Known: {', '.join(EVENT_KINDS)}."
        )
    for name, values in where.terms:
        if name not in SCOPE or len(values) > 1:
            raise UsageError(f"the scope of an event has one value of {', '.join(SCOPE)}; {name} does not fit.")
    row = {
        "starts_at": iso(window.first),
        "ends_at": iso(window.last) if len(window) > 1 else "",
        "kind": kind,
        "title": title.strip(),
        "owner": owner.strip(),
        **where.to_dict(),
    }
    event_id = f"note-{sha256(repr(sorted(row.items())).encode()).hexdigest()[:8]}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{event_id}.csv"
        path.write_text(_csv({"event_id": event_id, **row}), encoding="utf-8")
        report = load(db, [path], as_kind="events", source=_SOURCE)
    if report.refused:
        raise WhydropError(report.refused)
    with Workspace.open(db) as workspace:
        return next(event for event in workspace.events() if event.event_id == event_id)


def _csv(row: dict[str, str]) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, row)
    writer.writeheader()
    writer.writerow(row)
    return text.getvalue()
