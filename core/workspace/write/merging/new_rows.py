"""Facts whose keys are new, which most are: they need no comparison, and are written as they come."""

import sqlite3
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags
from core.workspace.schema.row_ids import Sequences
from core.workspace.schema.tables import identifier
from core.workspace.write.bulk.bulk_writer import BulkWriter
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.dictionary import Values, chosen, listed
from core.workspace.write.row_hash import key_hashes

_KEYS = "temp.keys"


class NewRows:
    """Writes the rows of one load whose keys neither the table nor the file had before."""

    def __init__(self, connection: sqlite3.Connection, table: str, key: Sequence[str], staging: Staging) -> None:
        self._connection, self._table, self._key = connection, table, tuple(key)
        self.was_empty = not connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]
        """Whether the table had no rows before the load."""
        self._indexes = self._put_off() if self.was_empty else []
        self._sequences = Sequences(connection, table)
        self._writer = BulkWriter(connection, table, staging)
        self._hashes: list[NDArray[np.uint64]] = []
        """Those of all rows that were written, in ever smaller parts, each ascending."""

    @property
    def before(self) -> Mapping[int, int]:
        """How far the ids of the days that were touched went before the load."""
        return self._sequences.before

    def take(self, columns: Mapping[str, Values]) -> tuple[Flags, Flags]:
        """Writes what is new of some rows. Says which those are, and which of the others the file may have had before."""
        hashes = key_hashes([columns[name] for name in self._key])
        first = np.zeros(len(hashes), bool)
        first[np.unique(hashes, return_index=True)[1]] = True
        again = ~first
        for earlier in self._hashes:
            again |= earlier[np.minimum(np.searchsorted(earlier, hashes), len(earlier) - 1)] == hashes
        new = ~again & ~self._held(columns, len(hashes))
        if new.any():
            rows = {name: chosen(column, new) for name, column in columns.items()}
            self._writer.insert({"id": self._sequences.take(rows.pop("day")), **rows})
            self._note(np.sort(hashes[new]))
        return new, again

    def _note(self, hashes: NDArray[np.uint64]) -> None:
        while self._hashes and len(self._hashes[-1]) < 2 * len(hashes):
            hashes = np.sort(np.concatenate([self._hashes.pop(), hashes]), kind="stable")
        self._hashes.append(hashes)

    def wait(self) -> None:
        """Returns when nobody uses the connection."""
        self._writer.wait()

    def flush(self) -> None:
        """Returns when everything is in the table, which has its indexes again."""
        self._writer.flush()
        for definition in self._indexes:
            self._connection.execute(definition)
        self._indexes = []

    def stop(self) -> None:
        """Ends what runs in parallel. Before the transaction ends."""
        self._writer.stop()
        self._sequences.close()

    def close(self) -> None:
        """Lets go of the staged rows. After the transaction has ended."""
        self._writer.close()

    def _put_off(self) -> list[str]:
        """Drops the indexes of the empty table: to sort all keys at the end is faster than to find each its place."""
        indexes = self._connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
            (self._table,),
        ).fetchall()
        for name, _ in indexes:
            self._connection.execute(f"DROP INDEX {name}")
        return [definition for _, definition in indexes]

    def _held(self, columns: Mapping[str, Values], rows: int) -> Flags:
        """Whether the table has the key of each row already."""
        is_held = np.zeros(rows, bool)
        if self.was_empty:
            return is_held
        keys = zip(range(rows), *(listed(columns[name]) for name in self._key), strict=True)
        run = self._sequences.reader.execute
        run(f"CREATE TABLE IF NOT EXISTS {_KEYS} (n INTEGER PRIMARY KEY, {', '.join(map(identifier, self._key))})")
        run("BEGIN")
        self._sequences.reader.executemany(f"INSERT INTO {_KEYS} VALUES (?{', ?' * len(self._key)})", keys)
        same = " AND ".join(f"t.{identifier(name)} = k.{identifier(name)}" for name in self._key)
        places = run(f"SELECT k.n FROM {_KEYS} k WHERE EXISTS (SELECT 1 FROM {self._table} t WHERE {same})").fetchall()
        run("ROLLBACK")
        is_held[[row for (row,) in places]] = True
        return is_held
