"""Files with the same columns that differ in what is left out: a column, such as one file for each region, or rows of totals."""

import hashlib
import json
import sqlite3

from core.base.errors import UsageError
from core.ingest.formats.batch import Export
from core.ingest.mapping.column_plan import snake
from core.ingest.request import Request, columns_key
from core.workspace.schema.tables import identifier
from core.workspace.write.merging.written_rows import UpsertCounts

_FEWEST = 3
"""Rows with other words for which figures are replaced, where a file has several words: of two, both may be corrections."""


def check_spare_words(connection: sqlite3.Connection, export: Export, counts: UpsertCounts) -> None:
    """Keeps the words of columns that are left out, with those of earlier files of its columns.

    Raises UsageError when the file has replaced rows while all its words of a column are other ones: it does not correct them.
    """
    if not export.spare_words:
        return
    key = f"constants:{hashlib.sha256(columns_key(export.header).encode()).hexdigest()[:16]}"
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    earlier: dict[str, list[str]] = json.loads(row[0]) if row else {}
    for name, words in export.spare_words.items():
        others = earlier.get(name, [])
        is_replaced = counts.replaced >= (1 if len(words) == 1 else max(_FEWEST, counts.unchanged))
        if is_replaced and others and set(words).isdisjoint(others):
            is_what = (
                f"is {words[0]!r} in every row" if len(words) == 1 else f"has only new words, such as {words[0]!r}"
            )
            raise UsageError(
                f"{export.path}: its {name} {is_what}, that of an earlier file with the same columns {others[-1]!r}: "
                f"{counts.replaced:,} rows would replace its rows. Undo that load (whydrop loads undo), then load both with "
                f"--dimension {snake(name)}; or this one alone, if it corrects the other."
            )
        earlier[name] = [*others, *(word for word in words if word not in others)]
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(earlier, ensure_ascii=False)))


def check_totals(connection: sqlite3.Connection, export: Export, request: Request) -> None:
    """Raises UsageError when an earlier file with the columns of an export has counted rows that it leaves out as totals."""
    earlier = request.earlier.get(columns_key(export.header))
    for name, words in export.totals.items() if earlier is not None and export.kind.name == "daily" else ():
        marks = ", ".join("?" * len(words))
        counted = connection.execute(
            "SELECT value FROM dictionary d WHERE dimension = ? AND EXISTS "
            f"(SELECT 1 FROM daily_rows WHERE {identifier(name)} = d.code) AND value IN ({marks})",
            (name, *words),
        ).fetchone()
        if counted is not None:
            raise UsageError(
                f"{export.path}: its rows of {counted[0]!r} are the sums of all others, and an earlier load of the same columns "
                "counted them. Undo that load (whydrop loads undo), then load both together."
            )
