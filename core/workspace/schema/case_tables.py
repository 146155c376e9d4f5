"""The table of case records.

Every new workspace gets it, and few have records at once: what makes those is imported late, 2 ms of a small load.
"""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.workspace.schema.file_address import path_of

if TYPE_CHECKING:
    from sqlite_utils import Database

    from core.workspace.schema.case_chain import CaseRecord

TABLE = "case_records"
HEAD = "case_head"
"""The key in `meta` of number and hash of the newest record."""
PINNED = ".findings.json"
"""The end of the name of the file in which findings were pinned before there were cases."""


def make_case_table(connection: sqlite3.Connection) -> None:
    """Makes the table; findings pinned in a file before there were cases become its first records."""
    connection.execute(
        f"CREATE TABLE {TABLE} (number INTEGER PRIMARY KEY, case_id TEXT NOT NULL, kind TEXT NOT NULL, "
        "previous TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL) STRICT"
    )
    path = path_of(connection)
    if path is None or not path.with_suffix(PINNED).exists():
        return
    from core.workspace.schema import pinned_import
    from core.workspace.schema.case_chain import CaseChain, chained

    moment = datetime.now(UTC).isoformat(timespec="seconds")
    if pinned := pinned_import.drafts(path, moment):
        from sqlite_utils import Database  # 0.1 s: only what writes cases needs it

        add_records(Database(connection, recursive_triggers=False, execute_plugins=False), chained(CaseChain(), pinned))


def add_records(database: "Database", records: "Sequence[CaseRecord]") -> None:
    """Adds records at the end of the chain; the caller's transaction makes it all or nothing."""
    if not records:
        return
    from core.workspace.schema.case_chain import canonical

    rows = (
        {
            "number": record.number,
            "case_id": record.case,
            "kind": record.kind,
            "previous": record.previous,
            "body": canonical(record.body),
            "hash": record.hash,
        }
        for record in records
    )
    database.table(TABLE).insert_all(rows)
    head = {"key": HEAD, "value": f"{records[-1].number} {records[-1].hash}"}
    database.table("meta").upsert(head, pk="key")
