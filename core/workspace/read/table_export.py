"""Whole tables of a workspace in words, for files that other programs read."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from core.base.errors import UsageError, did_you_mean
from core.workspace.schema.connection import open_read
from core.workspace.schema.tables import identifier

TABLES = (
    "traffic", "orders", "reviews", "violations", "creators", "roles", "products", "videos", "sellers", "events",
    "fx", "daily", "loads", "rejects",
)  # fmt: skip
"""What can be exported, as the views and tables of the workspace are called."""
BLOCK = 50_000
"""Rows that are in memory at a time."""


class TableRows:
    """One table: its columns, and its rows in blocks, in the order in which they are stored."""

    def __init__(self, path: Path, table: str) -> None:
        """Raises UsageError for a table that does not exist, WhydropError without a workspace."""
        if table not in TABLES:
            raise UsageError(f"no table {table!r}.{did_you_mean(table, TABLES)} Known: {', '.join(TABLES)}.")
        self._path, self._table = path, table
        with closing(open_read(path)) as connection:
            self.columns = tuple(name for name, *_ in self._query(connection).description)

    def _query(self, connection: sqlite3.Connection) -> sqlite3.Cursor:
        return connection.execute(f"SELECT * FROM {identifier(self._table)}")

    def blocks(self) -> Iterator[Sequence[tuple[Any, ...]]]:
        """All rows."""
        with closing(open_read(self._path)) as connection:
            cursor = self._query(connection)
            while rows := cursor.fetchmany(BLOCK):
                yield rows
