"""The log of loads: what was loaded when, which rows were refused and why.

Small tables, read through sqlite-utils, which is imported by the functions: commands that need none of them start faster.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.days import Window
from core.base.errors import UsageError
from core.base.frozen import frozen
from core.base.json_value import Value
from core.catalogue.kinds import KINDS
from core.workspace.schema.connection import open_read
from core.workspace.schema.damage import damaged
from core.workspace.schema.tables import before_images, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

UNKEPT = "unkept"
"""The key in `meta` before the number of a load of the columns that orders could be sliced by and that were not kept."""

IS_READ_AGAIN = (
    "l.replaced > 0 AND EXISTS (SELECT 1 FROM loads e WHERE e.id < l.id AND e.fingerprint = l.fingerprint AND e.asked <> l.asked "
    "AND NOT EXISTS (SELECT 1 FROM loads x WHERE x.id > e.id AND x.id < l.id AND x.kind = l.kind "
    "AND x.fingerprint IS NOT l.fingerprint AND 2 * x.replaced > x.read "
    "AND coalesce(x.first_day <= l.last_day AND x.last_day >= l.first_day, 1)))"
)
"""Whether what a load `l` replaced are the rows of the same file, under whatever path, which was read differently before, and not
those of another file that took their place since.
"""

_SHORTEST = 3
"""Letters of a word that is looked for in the index of words, where it may also begin one; shorter ones stand anywhere."""

_TABLES = frozenset({"loads", "load_days", "rejects"})
"""Those that the log is read from."""


@frozen(kw_only=True)
class Load(Value):
    """One file that was loaded."""

    id: int
    loaded_at: str
    path: str
    kind: str
    preset: str | None
    read: int
    accepted: int
    rejected: int
    unchanged: int
    replaced: int
    seconds: float
    days: Window | None
    fingerprint: str | None = None
    """`size:SHA-256` of the file; None where it was not hashed."""


@frozen(kw_only=True)
class RejectedRow(Value):
    """One row that was refused."""

    load: int
    file: str
    line: int
    reason: str
    raw: str


@frozen
class LoadDetail(Value):
    """One load, how its rows spread over the days, and its first refused rows."""

    load: Load
    days: tuple[tuple[int, int, int], ...]
    """(day, rows read, rows added), ascending; empty for kinds without days."""
    replaced_rows: int
    """Rows that it replaced and that are kept, to be brought back when it is undone."""
    rejects: tuple[RejectedRow, ...]


def loads(path: Path) -> tuple[Load, ...]:
    """What was loaded into the workspace at `path`, newest first. Raises WhydropError when there is none."""
    with _database(path) as database:
        return tuple(map(_load, database.table("loads").rows_where(order_by="id desc")))


def load(path: Path, number: int) -> Load:
    """The load of that number. Raises UsageError when there was none."""
    with _database(path) as database:
        return _found(database, number)


def load_detail(path: Path, number: int, most_rejects: int = 20) -> LoadDetail:
    """What one load did, with at most so many refused rows. Raises UsageError when there was no such load."""
    with _database(path) as database:
        load = _found(database, number)
        images = before_images(table_of(KINDS[load.kind]))
        days = database.table("load_days").rows_where("load_id = ?", [number], order_by="day")
        refused = database.table("rejects").rows_where("load_id = ?", [number], order_by="line", limit=most_rejects)
        return LoadDetail(
            load,
            tuple((day["day"], day["rows"], day["last_id"] - day["first_id"] + 1) for day in days),
            database.table(images).count_where("load_id = ? and not is_new", [number]),
            tuple(map(_rejected, refused)),
        )


def rejects(
    path: Path, load: int | None = None, limit: int | None = None, search: str | None = None
) -> tuple[RejectedRow, ...]:
    """Rows that were refused: of one load, or of the last load of each file, in the order of the file.

    With `search` only those that have all its words, in the file's name, the reason or the row, the best match first.
    Raises UsageError when there was no such load.
    """
    with _database(path) as database:
        if load is not None:
            _found(database, load)
        where = "load_id = ?" if load is not None else "load_id in (select max(id) from loads group by path)"
        values = [] if load is None else [load]
        table = database.table("rejects")
        if not search:
            rows = table.rows_where(where, values, order_by="load_id, line", limit=limit)
            return tuple(map(_rejected, rows))
        return tuple(map(_rejected, _search(table.rows_where(where, values, order_by="load_id, line"), search, limit)))


def _search(rows: Iterable[dict[str, Any]], words: str, limit: int | None) -> list[dict[str, Any]]:
    """The rows that have all the words, found by SQLite's full-text search over an index that is made for the question: to keep
    one in the workspace would cost every load that refuses rows 25 microseconds a row."""
    from sqlite_utils import Database

    patterns = [word for word in re.findall(r"\w+", words) if len(word) >= _SHORTEST]
    short = [word.casefold() for word in re.findall(r"\w+", words) if len(word) < _SHORTEST]
    index = Database(memory=True)
    table = index.table("rejects")
    table.insert_all(
        row for row in rows if all(word in f"{row['file']} {row['reason']} {row['raw']}".casefold() for word in short)
    )
    if not patterns:
        return list(table.rows_where(limit=limit)) if short and table.exists() else []
    if not table.exists():
        return []
    table.enable_fts(["file", "reason", "raw"])
    query = " ".join(f'"{word}"*' for word in patterns)
    return list(table.search(query, limit=limit))


def to_mend(path: Path, load: int) -> str:
    """The refused rows of one load under their header, as text that can be mended and loaded again.

    Raises UsageError when there was no such load, or it refused nothing.
    """
    with _database(path) as database:
        _found(database, load)
        (header,) = database.execute("SELECT header FROM loads WHERE id = ?", (load,)).fetchone()
        rows = [row["raw"] for row in database.table("rejects").rows_where("load_id = ?", [load], order_by="line")]
    if not rows:
        raise UsageError(f"load {load} refused nothing.")
    return "\n".join([header, *rows]) + "\n"


@contextmanager
def _database(path: Path) -> "Iterator[Database]":
    from sqlite_utils import Database

    with closing(open_read(path)) as connection:
        database = Database(connection, recursive_triggers=False, execute_plugins=False)
        # sqlite-utils reads a table that does not exist as an empty one
        for name in _TABLES.difference(database.table_names()):
            raise damaged(path, f"the table {name}, which is missing")
        yield database


def _found(database: "Database", number: int) -> Load:
    row = next(iter(database.table("loads").rows_where("id = ?", [number])), None)
    if row is None:
        raise UsageError(f"no load {number}. See them with: whydrop loads")
    return _load(row)


def _load(row: dict[str, Any]) -> Load:
    days = None if row["first_day"] is None else Window(row["first_day"], row["last_day"])
    return Load(**{field.name: row[field.name] for field in fields(Load) if field.name != "days"}, days=days)


def _rejected(row: dict[str, Any]) -> RejectedRow:
    return RejectedRow(load=row["load_id"], file=row["file"], line=row["line"], reason=row["reason"], raw=row["raw"])


def newest_load(connection: sqlite3.Connection) -> int:
    """The number of the newest load; 0 where there is none."""
    (number,) = connection.execute("SELECT coalesce(max(id), 0) FROM loads").fetchone()
    return int(number)
