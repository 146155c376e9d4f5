"""A checksum of the whole workspace file, kept inside it: damage that SQLite cannot see gives no figures.

SQLite finds a broken page, but not a flipped bit in a row (https://www.sqlite.org/cksumvfs.html). Each write ends with a CRC of
the file in the table `file_checksum`. That table's own page and what SQLite changes in the header by itself are left out of it.
Rows changed by other programs are no damage: triggers void the checksum, and so does a new version of the schema. Until the next
write, the void checksum tells that somebody else was here.

The file is read through a handle that SQLite has: closing one of our own would drop the locks of this process
(https://www.sqlite.org/howtocorrupt.html, section 2.2).
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from core.base.file_paths import name_bytes, real_name
from core.workspace.schema.damage import damaged, diagnosis
from core.workspace.schema.tables import identifier

TABLE = "file_checksum"
NOTES = "whole"
"""The folder among the user's caches that names large files that were read and are whole."""
_CHUNK = 1 << 20
_HEADER = 100
_VARIABLE = ((18, 20), (24, 28), (40, 44), (60, 64), (92, 100))
"""Bytes of the header that a write changes though no row does: journal mode, counters, version of the schema (which is compared
by itself), user's version. Section 1.3 of https://www.sqlite.org/fileformat2.html."""
_LIKELY_VERSIONS = 10_000
"""Changes of the schema by other programs between two writes; more are damage of the header."""
_LARGE_BYTES = 8 << 20
"""Smaller files are read each time: their CRC takes 3 ms."""
_LATER = -1
"""Instead of a CRC: all changes are whydrop's own, and the file is still to be summed. Other programs void it, too."""


def make_table(connection: sqlite3.Connection) -> None:
    """Makes the table, which has one row, and the triggers that void the checksum. `crc` is NULL where it is void."""
    connection.execute(
        f"CREATE TABLE {TABLE} (id INTEGER PRIMARY KEY CHECK (id = 1), crc INTEGER, schema INTEGER) STRICT"
    )
    connection.execute(f"INSERT INTO {TABLE} VALUES (1, NULL, NULL)")
    watch(connection)


def watch(connection: sqlite3.Connection) -> None:
    """Makes the triggers that are missing: of new tables of other programs, and of tables that they made anew."""
    made = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    for table in _watched(connection):
        for event in ("INSERT", "UPDATE", "DELETE"):
            if _trigger_name(table, event) not in made:
                connection.execute(_trigger(table, event))


def pause_for_inserts(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Removes the triggers for new rows of tables: SQLite copies whole records only into tables without one, and each row of
    the others takes twice as long."""
    for table in names:
        connection.execute(f"DROP TRIGGER IF EXISTS {identifier(_trigger_name(table, 'INSERT'))}")


def watch_inserts(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Brings the triggers for new rows back."""
    for table in names:
        connection.execute(_trigger(table, "INSERT"))


def is_own(connection: sqlite3.Connection) -> bool:
    """Whether whydrop itself made every change of the rows and of the schema so far."""
    row = connection.execute(f"SELECT crc IS NOT NULL, schema FROM {TABLE}").fetchone()
    return tuple(row or ()) == (1, _version(connection))


def _is_postponed(connection: sqlite3.Connection) -> bool:
    """Whether whydrop's own changes are still to be summed, and no other program has changed anything since."""
    row = connection.execute(f"SELECT crc, schema FROM {TABLE}").fetchone()
    return tuple(row or ()) == (_LATER, _version(connection))


def postpone(connection: sqlite3.Connection) -> None:
    """Notes that whydrop changed the file, which is to be summed anew; inside the transaction that changes it."""
    connection.execute(f"UPDATE {TABLE} SET crc = ?, schema = ?", (_LATER, _version(connection)))


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA schema_version").fetchone()[0]
    return version


def renew(connection: sqlite3.Connection, path: Path) -> None:
    """Writes the checksum where it was postponed. While others read or write it stays so: the next write does it. It stays so,
    too, while there are tables that cannot be watched.
    """
    with suppress(sqlite3.DatabaseError, OSError):
        connection.execute("PRAGMA busy_timeout = 0")
        if not _is_postponed(connection) or _has_unwatched(connection):
            return
        if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            if not _is_postponed(connection) or _has_log(
                path
            ):  # another program may have written before the lock was had
                return
            crc = _checksum(connection, path)
            if crc is None:
                return
            connection.execute(f"UPDATE {TABLE} SET crc = ?", (crc,))
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Raises DamagedWorkspace when the file is not as the last write left it; outside a transaction.

    What lies in a write-ahead log has checksums of its own: while there is one the file is not checked.
    """
    connection.execute("BEGIN")  # while it lasts, nothing of the log that comes after it is copied into the file
    try:
        row = connection.execute(f"SELECT crc, schema FROM {TABLE}").fetchone()
        if row is None or row[0] in {None, _LATER} or _has_log(path):
            return
        version = _version(connection)
        if 0 < version - row[1] < _LIKELY_VERSIONS:
            return
        note = _note(path, row[0])
        if note is not None and note.exists():
            return
        crc = _checksum(connection, path)
        if crc is not None and (crc, version) != tuple(row):
            raise damaged(path, _place(path))
        if note is not None:
            with suppress(OSError):
                note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                for other in note.parent.glob(f"{note.name.partition('-')[0]}-*"):
                    other.unlink(missing_ok=True)
                note.touch()
    finally:
        connection.execute("ROLLBACK")


def _place(path: Path) -> str:
    try:
        return diagnosis(path) or "its bytes are not those that were written"
    except sqlite3.Error as error:
        return str(error)


def _watched(connection: sqlite3.Connection) -> list[str]:
    """The tables that people may change by hand; not those that only serve to undo loads."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    if _has_unwatched(connection):
        # virtual tables have no triggers, nor have those that they keep their rows in; looked up only where there are any, for
        # this list looks into all views: .9 ms in each connection, and again after each change of the schema
        tables = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name"
    names = connection.execute(tables)
    return [
        name
        for (name,) in names
        if not name.startswith(("sqlite_", "_")) and not name.endswith("_before") and name not in {TABLE, "load_days"}
    ]


def _has_unwatched(connection: sqlite3.Connection) -> bool:
    """Whether other programs made tables that can have no triggers: their next change of them would look like damage."""
    (exists,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%' OR name LIKE 'sqlite_stat%')"
    ).fetchone()
    return bool(exists)


def _trigger_name(table: str, event: str) -> str:
    return f"void_checksum_after_{event.lower()}_{table}"


def _trigger(table: str, event: str) -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {identifier(_trigger_name(table, event))} AFTER {event} ON {identifier(table)} BEGIN "
        f"UPDATE {TABLE} SET crc = NULL WHERE crc IS NOT NULL; END"
    )


def _has_log(path: Path) -> bool:
    with suppress(OSError):
        return path.with_name(path.name + "-wal").stat().st_size > 0
    return False


def _checksum(connection: sqlite3.Connection, path: Path) -> int | None:
    """The CRC of the file as a transaction without a log sees it; None where no handle of it can be found."""
    (page,) = connection.execute("PRAGMA page_size").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (own,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (TABLE,)).fetchone()
    status = path.stat()
    handle = _handle(status)
    if handle is None:
        return None
    try:
        head = bytearray(os.pread(handle, _HEADER, 0))
        for start, end in _VARIABLE:
            head[start:end] = bytes(end - start)
        crc = crc32(head)
        for start, end in ((_HEADER, page * (own - 1)), (page * own, page * pages)):
            for at in range(start, end, _CHUNK):
                crc = crc32(os.pread(handle, min(_CHUNK, end - at), at), crc)
        is_same = _is(handle, status)
    except OSError:
        return None
    return crc if is_same else None


def _handle(status: os.stat_result) -> int | None:
    """A handle of this process for a file, which SQLite has open."""
    return next((handle for handle in _handles() if _is(handle, status)), None)


def _handles() -> Iterator[int]:
    with suppress(OSError):
        yield from sorted(int(name) for name in os.listdir("/dev/fd"))


def _is(handle: int, status: os.stat_result) -> bool:
    with suppress(OSError):
        opened = os.fstat(handle)
        return (opened.st_dev, opened.st_ino) == (status.st_dev, status.st_ino)
    return False


def _note(path: Path, crc: int) -> Path | None:
    """The file that says that a large workspace is whole in its present state; None for a small one."""
    status = path.stat()
    if status.st_size < _LARGE_BYTES:
        return None
    from platformdirs import user_cache_path  # late: only large workspaces need it

    state = f"{status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {crc}"
    names = (sha256(name_bytes(text)).hexdigest()[:24] for text in (real_name(path), state))
    return user_cache_path("whydrop") / NOTES / "-".join(names)
