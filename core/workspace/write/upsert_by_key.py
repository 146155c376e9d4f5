"""Rows that are named by keys of their own (orders, reviews, accounts, ...).

Facts whose keys nobody has seen are written at once; all others are gathered in a temporary table, then merged.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from core.workspace.schema.tables import DAY_BITS, identifier
from core.workspace.write.dictionary import Values, chosen
from core.workspace.write.new_rows import NewRows
from core.workspace.write.table_writer import Writer
from core.workspace.write.upsert_by_slice import UpsertCounts

_INCOMING = "temp.incoming"


class KeyedLoad:
    """One load of rows that are named by their keys. A row is compared with the one before it that has its key: an
    earlier one of the same file, else the one that the workspace holds. The last one stays."""

    def __init__(
        self, connection: sqlite3.Connection, table: str, key: Sequence[str], columns: Sequence[str], *, has_day: bool
    ) -> None:
        self._connection, self._table, self._has_day = connection, table, has_day
        self._key, self._columns = tuple(key), tuple(columns)
        names = [*self._columns, *(("day",) if has_day else ())]
        definitions = ", ".join([*map(identifier, names), "again INTEGER NOT NULL DEFAULT 0"])
        connection.execute(f"CREATE TABLE {_INCOMING} (n INTEGER PRIMARY KEY, {definitions})")
        self._writer = Writer(connection, _INCOMING)
        self._new = NewRows(connection, table, key) if has_day else None

    def add(self, columns: Mapping[str, Values]) -> None:
        """Takes rows, in the order of the file; with the column `day` when the table has days."""
        if self._new is None:
            self._writer.insert(columns)
            return
        is_new, again = self._new.take(columns)
        rest = {name: chosen(column, ~is_new) for name, column in columns.items()}
        if len(rest["day"]):
            self._new.wait()
            self._writer.insert({**rest, "again": again[~is_new]})

    def merge(self) -> UpsertCounts:
        """Brings the table up to date, and says what changed."""
        if self._new is not None:
            self._new.flush()
        self._writer.flush()
        run = self._connection.execute
        if not run(f"SELECT EXISTS (SELECT 1 FROM {_INCOMING})").fetchone()[0]:
            return UpsertCounts(0, 0, 0)
        run(f"CREATE INDEX temp.incoming_key ON incoming ({', '.join(map(identifier, self._key))}, n)")
        run(f"CREATE TABLE temp.verdicts AS {self._verdicts()}")
        unchanged, replaced, repeated = run(
            "SELECT coalesce(sum(verdict = 1), 0), coalesce(sum(verdict = 2), 0), coalesce(sum(verdict = 2 AND again), 0) "
            "FROM temp.verdicts"
        ).fetchone()
        run("CREATE INDEX temp.verdict_of ON verdicts (n)")
        self._update()
        self._insert()
        run("DROP TABLE temp.verdicts")
        return UpsertCounts(unchanged, replaced, repeated)

    def stop(self) -> None:
        """Ends what goes on beside, and forgets what was gathered. Before the transaction ends."""
        if self._new is not None:
            self._new.stop()
        self._connection.execute(f"DROP TABLE {_INCOMING}")

    def close(self) -> None:
        """Lets go of the staged rows. After the transaction has ended."""
        if self._new is not None:
            self._new.close()

    def _verdicts(self) -> str:
        """Of each row: 0 new, 1 unchanged, 2 replaced; the row of the table with its key; whether it is the last with it.

        When the last row of a key is what the table holds, none of them changes anything.
        """
        key = ", ".join(map(identifier, self._key))
        whole_key = ", ".join(f"i.{identifier(name)}" for name in self._key)
        home = "e.id" if self._has_day else f"CASE WHEN e.{identifier(self._key[0])} IS NOT NULL THEN 1 END"
        return (
            "SELECT n, home, is_last, again OR earlier AS again, "
            "CASE WHEN home IS NOT NULL AND max(is_last AND as_held) OVER same_key THEN 1 "
            "WHEN again THEN iif(as_before, 1, 2) WHEN home IS NULL THEN 0 ELSE iif(as_held, 1, 2) END AS verdict "
            f"FROM (SELECT i.n AS n, {whole_key}, {home} AS home, i.next IS NULL AS is_last, i.before IS NOT NULL AS again, "
            "i.again AS earlier, "
            f"{self._same('p', 'p.day')} AS as_before, {self._same('e', f'e.id >> {DAY_BITS}')} AS as_held "
            f"FROM (SELECT *, lag(n) OVER in_file AS before, lead(n) OVER in_file AS next FROM {_INCOMING} "
            f"WINDOW in_file AS (PARTITION BY {key} ORDER BY n)) i "
            f"LEFT JOIN {_INCOMING} p ON p.n = i.before LEFT JOIN {self._table} e ON {self._matches('e', 'i')}) "
            f"WINDOW same_key AS (PARTITION BY {key})"
        )

    def _matches(self, left: str, right: str) -> str:
        return " AND ".join(f"{left}.{identifier(name)} = {right}.{identifier(name)}" for name in self._key)

    def _same(self, other: str, day: str) -> str:
        tests = [
            f"i.{identifier(name)} IS {other}.{identifier(name)}" for name in self._columns if name not in self._key
        ]
        tests += [f"i.day IS {day}"] if self._has_day else []
        return f"({' AND '.join(tests) or '1'})"

    def _update(self) -> None:
        """Replaces the columns that were carried; a row whose day changed moves to the end of its new day."""
        values = [name for name in self._columns if name not in self._key]
        if not values:
            return
        sets = [f"{identifier(name)} = i.{identifier(name)}" for name in values]
        self._connection.execute(
            f"UPDATE {self._table} SET {', '.join(sets)} FROM {_INCOMING} i JOIN temp.verdicts v ON v.n = i.n "
            f"WHERE v.is_last AND v.home IS NOT NULL AND {self._matches(self._table, 'i')}"
        )
        if self._has_day:
            moved = (
                f"SELECT i.n, i.day FROM {_INCOMING} i JOIN temp.verdicts v ON v.n = i.n "
                f"WHERE v.is_last AND v.home >> {DAY_BITS} <> i.day"
            )
            self._number(moved)
            self._connection.execute(
                f"UPDATE {self._table} SET id = u.id FROM temp.numbered u JOIN {_INCOMING} i ON i.n = u.n "
                f"WHERE {self._matches(self._table, 'i')}"
            )
            self._connection.execute("DROP TABLE temp.numbered")

    def _insert(self) -> None:
        names = ", ".join(map(identifier, self._columns))
        source = ", ".join(f"i.{identifier(name)}" for name in self._columns)
        new = "JOIN temp.verdicts v ON v.n = i.n WHERE v.is_last AND v.home IS NULL"
        if not self._has_day:
            self._connection.execute(f"INSERT INTO {self._table} ({names}) SELECT {source} FROM {_INCOMING} i {new}")
            return
        self._number(f"SELECT i.n, i.day FROM {_INCOMING} i {new}")
        self._connection.execute(
            f"INSERT INTO {self._table} (id, {names}) SELECT u.id, {source} FROM temp.numbered u "
            f"JOIN {_INCOMING} i ON i.n = u.n ORDER BY u.id"
        )
        self._connection.execute("DROP TABLE temp.numbered")

    def _number(self, rows: str) -> None:
        """Makes temp.numbered (n, id): the next ids of each row's day, in the order of the file."""
        first = f"d.day << {DAY_BITS}"
        newest = f"SELECT max(t.id) + 1 FROM {self._table} t WHERE t.id >= {first} AND t.id < (d.day + 1) << {DAY_BITS}"
        self._connection.execute(
            f"CREATE TABLE temp.numbered AS WITH wanted AS ({rows}), "
            "d AS (SELECT DISTINCT day FROM wanted), "
            f"firsts AS MATERIALIZED (SELECT day, coalesce(({newest}), {first}) AS first FROM d) "
            "SELECT w.n AS n, f.first + row_number() OVER (PARTITION BY w.day ORDER BY w.n) - 1 AS id "
            "FROM wanted w JOIN firsts f ON f.day = w.day"
        )
