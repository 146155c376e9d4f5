"""Rows into a table, column by column."""

import sqlite3
from collections.abc import Mapping

from core.workspace.schema.tables import identifier
from core.workspace.write.dictionary import Values, listed


class Writer:
    """Appends rows to one table inside the transaction that is open."""

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        self._connection, self._table = connection, table

    def insert(self, columns: Mapping[str, Values]) -> None:
        """Inserts rows; columns of equal length, in any order. Columns left out get their defaults."""
        names = ", ".join(map(identifier, columns))
        marks = ", ".join("?" * len(columns))
        rows = zip(*map(listed, columns.values()), strict=True)
        self._connection.executemany(f"INSERT INTO {self._table} ({names}) VALUES ({marks})", rows)

    def flush(self) -> None:
        """Returns when everything is in the table."""
