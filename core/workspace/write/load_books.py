"""The books of the loads: the number of each, what it was, the rows that it refused."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from core.ingest.formats.batch import Export, RefusedRow
from core.workspace.schema.load_log import UNKEPT
from core.workspace.write.file_fingerprint import Fingerprint
from core.workspace.write.load_report import SHOWN_REJECTS, FileLoad, Reject, RowFault

_QUOTED = re.compile(r": '.*?'(?=;|$)", re.DOTALL)
"""The cell that a reason quotes: rows with the same fault have different ones."""
_SHOWN_LINES = 3
_SHOWN_FAULTS = 5


def next_load_id(connection: sqlite3.Connection) -> int:
    """The number of the next load; one that was undone is not given again."""
    (newest,) = connection.execute(
        "SELECT max(coalesce((SELECT max(id) FROM loads), 0), "
        "coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'last_load'), 0))"
    ).fetchone()
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('last_load', ?)", (str(newest + 1),))
    return int(newest) + 1


def record_load(
    connection: sqlite3.Connection,
    load_id: int,
    export: Export,
    report: FileLoad,
    state: Fingerprint,
    exact: str | None,
) -> None:
    """Writes down a load: of which `state` of the file, `exact` its hash, and how later files with its columns are to be read."""
    row = {
        "id": load_id,
        "fingerprint": exact,
        "stamp": state.stamp if exact else None,
        "asked": state.asked,
        "path": report.path,
        "kind": report.kind,
        "preset": report.preset,
        "loaded_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": round(report.seconds, 3),
        "read": report.read,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "unchanged": report.unchanged,
        "replaced": report.replaced,
        "first_day": report.days.first if report.days else None,
        "last_day": report.days.last if report.days else None,
        "header": export.header,
        "source": export.source,
        "dimensions": json.dumps([*sorted(export.dimensions), *export.row_names]),
    }
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO loads ({names}) VALUES ({marks})", tuple(row.values()))
    lists = {"written": export.written, UNKEPT: export.unkept}
    connection.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)",
        ((f"{name}:{load_id}", json.dumps(value, ensure_ascii=False)) for name, value in lists.items() if value),
    )


def record_rejects(
    connection: sqlite3.Connection, load_id: int, export: Export, refused: Sequence[RefusedRow]
) -> tuple[list[Reject], tuple[RowFault, ...]]:
    """Writes the refused rows with their lines; gives back the first few, and each reason with its first lines."""
    first: list[Reject] = []
    lines: dict[str, list[int]] = {}
    counts: Counter[str] = Counter()
    in_order = sorted(refused, key=lambda row: row.record)

    def rows() -> Iterator[tuple[int, str, int, str, str]]:
        where = export.locate(row.record for row in in_order)
        for row, (_, line, raw) in zip(in_order, where, strict=True):
            reason = _QUOTED.sub("", row.reason)
            counts[reason] += 1
            if counts[reason] <= _SHOWN_LINES:
                lines.setdefault(reason, []).append(line)
            if len(first) < SHOWN_REJECTS:
                first.append(Reject(line, row.reason, export.path, raw))
            yield load_id, export.path, line, row.reason, raw

    connection.executemany("INSERT INTO rejects VALUES (?, ?, ?, ?, ?)", rows())
    faults = (RowFault(reason, count, tuple(lines[reason])) for reason, count in counts.most_common(_SHOWN_FAULTS))
    return first, tuple(faults)
