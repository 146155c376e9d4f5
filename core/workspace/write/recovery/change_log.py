"""What a load changed, written down while it runs, so that it can be taken back: the rows it added, those it replaced."""

import sqlite3
from collections import Counter

import numpy as np

from core.base.arrays import Ints
from core.catalogue.kinds import Kind
from core.workspace.schema.tables import DAY_BITS, before_images, columns_of, combined, identifier, table_of

UNDO_FROM = "undo_from"
"""The key in `meta` of the first load whose replaced rows are kept."""
_KEPT_LOADS = 50
"""Of so many newest loads; those of a correction every day are thrown away after seven weeks."""
_NEWEST_OF_DAYS = (
    "WITH RECURSIVE newest (id) AS (SELECT max(id) FROM {table} WHERE id < :end UNION ALL SELECT (SELECT max(id) "
    f"FROM {{table}} WHERE id < (newest.id >> {DAY_BITS}) << {DAY_BITS}) FROM newest WHERE newest.id >= :start) "
    f"SELECT id >> {DAY_BITS}, id FROM newest WHERE id >= :start"
)
"""The newest id of each day from one id to before another, one look-up a day."""
_EVERY_ID = (-(2**63), 2**63 - 1)


class ChangeLog:
    """Watches one table during one load, with triggers that are gone when the connection is.

    Triggers fire for updates and deletes, which keeps the copying of new rows as fast as without any; only tables without
    days, which are small, have one for inserts.
    """

    def __init__(self, connection: sqlite3.Connection, kind: Kind, load_id: int) -> None:
        """Begins to watch. The table must have all columns that the load needs."""
        self._connection, self._kind, self._load_id = connection, kind, load_id
        self._table = table_of(kind)
        self._images = before_images(self._table)
        self.rows: Counter[int] = Counter()
        """Rows that the load read, by day."""
        self._newest = self._newest_ids(*_EVERY_ID) if kind.is_fact else {}
        for trigger in self._triggers():
            connection.execute(trigger)

    def note(self, days: Ints | None) -> None:
        """Counts rows that the load read, by day."""
        if days is not None and len(days):
            touched, counts = np.unique(days, return_counts=True)
            self.rows.update(dict(zip(touched.tolist(), counts.tolist(), strict=True)))

    def stop(self) -> None:
        """Watches no more. What later steps change follows from the rows, and is brought up to date again after an undo."""
        for name in ("before_update", "before_delete", "after_insert"):
            self._connection.execute(f"DROP TRIGGER IF EXISTS temp.{name}")

    def save(self) -> None:
        """Writes down which rows were added, and throws away what is no change of rows that were there before the load."""
        if self._kind.is_fact:
            self._note_days()
            own = (
                f"EXISTS (SELECT 1 FROM load_days d WHERE d.load_id = {self._load_id} AND d.kind = '{self._kind.name}' "
                f"AND d.day = {self._images}.id >> {DAY_BITS} AND {self._images}.id >= d.first_id)"
            )
            identity = "id"
        else:
            identity = ", ".join(map(identifier, self._kind.key))
            own = "0"
        self._connection.execute(
            f"DELETE FROM {self._images} WHERE load_id = {self._load_id} AND ({own} OR rowid NOT IN "
            f"(SELECT min(rowid) FROM {self._images} WHERE load_id = {self._load_id} GROUP BY {identity}))"
        )
        self._forget()

    def _note_days(self) -> None:
        if not self.rows:
            return
        newest = self._newest_ids(min(self.rows) << DAY_BITS, (max(self.rows) + 1) << DAY_BITS)
        firsts = {day: self._newest.get(day, (day << DAY_BITS) - 1) + 1 for day in self.rows}
        self._connection.executemany(
            "INSERT INTO load_days VALUES (?, ?, ?, ?, ?, ?)",
            (
                (self._load_id, self._kind.name, day, rows, firsts[day], newest.get(day, firsts[day] - 1))
                for day, rows in self.rows.items()
            ),
        )

    def _newest_ids(self, start: int, end: int) -> dict[int, int]:
        rows = self._connection.execute(_NEWEST_OF_DAYS.format(table=self._table), {"start": start, "end": end})
        return dict(rows.fetchall())

    def _forget(self) -> None:
        """Throws away what is kept of loads that are long past."""
        first = self._load_id - _KEPT_LOADS + 1
        self._connection.execute(f"DELETE FROM {self._images} WHERE load_id < {first}")
        self._connection.execute(
            f"INSERT INTO meta VALUES ('{UNDO_FROM}', '{max(first, 1)}') ON CONFLICT (key) DO UPDATE "
            "SET value = max(CAST(value AS INTEGER), excluded.value + 0)"
        )

    def _triggers(self) -> list[str]:
        columns = columns_of(self._connection, self._table)
        names = ", ".join(map(identifier, columns))
        old = ", ".join(f"old.{identifier(name)}" for name in columns)
        keep = f"INSERT INTO {self._images} (load_id, is_new, {names}) VALUES ({self._load_id}, 0, {old})"
        differs = combined([f"old.{identifier(name)} IS NOT new.{identifier(name)}" for name in columns], "OR")
        made = [
            f"CREATE TEMP TRIGGER before_update BEFORE UPDATE ON main.{self._table} WHEN {differs} BEGIN {keep}; END",
            f"CREATE TEMP TRIGGER before_delete BEFORE DELETE ON main.{self._table} BEGIN {keep}; END",
        ]
        if not self._kind.is_fact:
            key = ", ".join(map(identifier, self._kind.key))
            new = ", ".join(f"new.{identifier(name)}" for name in self._kind.key)
            made.append(
                f"CREATE TEMP TRIGGER after_insert AFTER INSERT ON main.{self._table} BEGIN "
                f"INSERT INTO {self._images} (load_id, is_new, {key}) VALUES ({self._load_id}, 1, {new}); END"
            )
        return made
