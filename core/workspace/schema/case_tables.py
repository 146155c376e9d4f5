"""The table of case records."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from core.workspace.schema import pinned_import
from core.workspace.schema.case_chain import HEAD, TABLE, CaseChain, CaseRecord, canonical, chained


def make_case_table(database: Database) -> None:
    """Makes the table; findings that were pinned beside the workspace before there were cases become its first records."""
    database.table(TABLE).create(
        {"number": int, "case_id": str, "kind": str, "previous": str, "body": str, "hash": str},
        pk="number",
        not_null={"case_id", "kind", "previous", "body", "hash"},
        strict=True,
    )
    (path,) = (row[2] for row in database.execute("PRAGMA database_list") if row[1] == "main")
    if path:
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        add_records(database, chained(CaseChain(), pinned_import.drafts(Path(path), moment)))


def add_records(database: Database, records: Sequence[CaseRecord]) -> None:
    """Adds records at the end of the chain; the caller's transaction makes it all or nothing."""
    if not records:
        return
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
