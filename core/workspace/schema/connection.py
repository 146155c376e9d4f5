"""Opening a workspace file: for reading, for writing, or a clear word why not."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from core.base.errors import WhydropError
from core.workspace.schema import migrations

APPLICATION_ID = 0x77687964
"""`whyd`: tells a workspace from any other SQLite file."""

_CACHE_KB = 65_536
"""Pages kept in memory while writing: what a load has just written, it soon reads again to settle duplicates."""

WAIT_SECONDS = 15.0
"""How long to wait for somebody else's lock before giving up."""


def open_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises WhydropError when there is no workspace of a known schema at the path."""
    if not path.exists():
        raise WhydropError(f"{path}: there is no workspace. Make one with: whydrop load PATH --db {path}")
    connection = _connect(path, "ro")
    try:
        try:
            found = _version(path, connection)
        except sqlite3.OperationalError as error:
            if "readonly" not in str(error):
                raise
            found = 0  # the first load was killed, and what it had written waits to be taken back
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _not_a_workspace(path, error) from None
    except WhydropError:
        connection.close()
        raise
    if found < migrations.NEWEST:
        connection.close()
        open_write(path).close()
        connection = _connect(path, "ro")
    return connection


def open_write(path: Path) -> sqlite3.Connection:
    """A connection that writes, in autocommit; the file is made, or brought to the newest schema, when needed.

    Raises WhydropError when the file is something else, is of a newer whydrop, or cannot be written.
    """
    if not path.parent.is_dir():
        raise WhydropError(f"{path}: the folder {path.parent} does not exist. Make it first.")
    connection = _connect(path, "rwc")
    try:
        empty = not connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]
        if not empty:
            _version(path, connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        if not empty:
            let_readers_in(connection)
        migrations.migrate(connection, APPLICATION_ID)
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _not_a_workspace(path, error) from None
    except WhydropError:
        connection.close()
        raise
    return connection


def let_readers_in(connection: sqlite3.Connection) -> None:
    """From the next transaction on readers go on beside it, with a write-ahead log. What is written to a new workspace first
    nobody can be reading, and without a log it is written once and not twice."""
    connection.execute("PRAGMA journal_mode = WAL")


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """`open_write`, closed at the end. While anybody writes, readers go on beside it with a write-ahead log; at rest a
    workspace is a single file, which can be copied, and read from where nothing may be written."""
    with closing(open_write(path)) as connection:
        try:
            yield connection
        finally:
            connection.execute("PRAGMA busy_timeout = 0")
            with suppress(sqlite3.OperationalError):  # somebody reads: the next who writes puts the log away
                connection.execute("PRAGMA journal_mode = DELETE")


def reader_beside(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A second connection to the same file, which sees what was committed before."""
    (_, _, path) = next(row for row in connection.execute("PRAGMA database_list") if row[1] == "main")
    return _connect(Path(path), "ro")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"
    try:
        return sqlite3.connect(address, uri=True, isolation_level=None, timeout=WAIT_SECONDS, check_same_thread=False)
    except sqlite3.OperationalError as error:
        raise _not_a_workspace(path, error) from None


def _version(path: Path, connection: sqlite3.Connection) -> int:
    """The schema's version. Raises WhydropError when it is no workspace, or a newer one than this program knows."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise WhydropError(f"{path}: an SQLite file, but not a workspace of whydrop. Name another file with --db.")
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > migrations.NEWEST:
        raise WhydropError(
            f"{path}: made by a newer whydrop (schema {version}, this one knows {migrations.NEWEST}). Update whydrop."
        )
    return version


def _not_a_workspace(path: Path, error: sqlite3.Error) -> WhydropError:
    if path.is_dir():
        return WhydropError(f"{path}: a folder, not a workspace file. Name a file with --db.")
    if "not a database" in str(error):
        return WhydropError(f"{path}: not a database. Name a workspace file with --db, or another path for a new one.")
    if "locked" in str(error) or "busy" in str(error):
        return WhydropError(f"{path}: another program is writing to it. Try again when it is done.")
    return WhydropError(f"{path}: cannot be opened ({error}).")
