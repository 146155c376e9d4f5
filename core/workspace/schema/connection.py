"""Opening a workspace file: for reading, for writing, or a clear word why not.

A workspace stays in one journal mode, a write-ahead log, so that readers never hold up a load nor a load its readers. The
connection that closes last removes the log: at rest a workspace is a single file. The first load alone writes without a
log, since nobody can be reading yet.

The file is never opened but by SQLite: closing any other handle of it would drop the locks that this process holds
(https://www.sqlite.org/howtocorrupt.html, section 2.2).
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from core.base.errors import NoWorkspace, WhydropError
from core.workspace.schema import file_checksum
from core.workspace.schema.damage import NO_ROOM, explained, fault_of, lacks_room_for_log
from core.workspace.schema.file_address import file_address, path_of
from core.workspace.schema.lock_owner import lock_owner
from core.workspace.schema.other_names import add_functions
from core.workspace.schema.tables import SCHEMA_VERSION, renew_state

APPLICATION_ID = 0x77687964
"""`whyd`: tells a workspace from any other SQLite file."""

_CACHE_KB = 65_536
"""Pages kept in memory while writing: what a load has just written, it soon reads again to settle duplicates."""

_SYNCHRONOUS = "NORMAL"
"""What is committed is there after a crash of the machine, but perhaps for the last loads: never a damaged file."""

WAIT_SECONDS = 15.0
"""How long to wait for somebody else's lock before giving up."""

_USUAL = Path("whydrop.db")
"""The workspace that commands use where none is named."""
_MOST_NEAR = 3
"""Workspaces that are offered where the named one is missing."""
_POLL_SECONDS = 0.25
"""How often a waiting load looks again and says that it waits."""

OnWait = Callable[[float, str], None]
"""Called while another program holds the lock, with the seconds waited so far and who holds it."""


def exists(path: Path) -> bool:
    """Whether there is a file with anything in it; an empty one (from `mktemp`, or a kill at birth) is no workspace yet."""
    return path.is_dir() or (path.exists() and path.stat().st_size > 0)


def open_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises WhydropError when there is no workspace of a known schema at the path."""
    if not exists(path):
        raise _no_workspace(path)
    connection = _connect(path, "rw")
    try:
        try:
            version = _version(path, connection)
        except sqlite3.OperationalError as error:
            connection.close()
            connection = _unwritable(path, error)
            version = _version(path, connection)
        if version is None:
            raise _no_workspace(path)
        if version < SCHEMA_VERSION:
            connection.close()
            open_write(path).close()
            connection = _connect(path, "rw")
        file_checksum.check(connection, path)
        connection.execute("PRAGMA query_only = ON")
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # what SQLite says may quote damaged names
        connection.close()
        raise explained(path, error) from None
    except WhydropError:
        connection.close()
        raise
    return connection


def open_write(path: Path) -> sqlite3.Connection:
    """A connection that writes, in autocommit; the file is made, or brought to the newest schema, when needed.

    Raises WhydropError when the file is something else, is of a newer whydrop, or cannot be written.
    """
    if not path.parent.is_dir():
        raise WhydropError(f"{path}: the folder {path.parent} does not exist. Make it first.")
    connection = _connect(path, "rwc")
    try:
        version = _version(path, connection)
        connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS}")
        if version is not None:
            let_readers_in(connection)
        if version is None:
            from core.workspace.schema.schema_steps import make_new

            make_new(connection, APPLICATION_ID)
        elif version != SCHEMA_VERSION:
            from core.workspace.schema.migrations import migrate  # brings sqlite-utils, 0.1 s

            migrate(connection, APPLICATION_ID)
        else:
            file_checksum.check(connection, path)
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # what SQLite says may quote damaged names
        connection.close()
        raise explained(path, error) from None
    except WhydropError:
        connection.close()
        raise
    return connection


def let_readers_in(connection: sqlite3.Connection) -> None:
    """Turns on the write-ahead log, which stays on. While somebody reads a workspace that has none yet it cannot be turned on:
    the next load does it."""
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """`open_write`, closed at the end, when the file gets its checksum."""
    with closing(open_write(path)) as connection:
        try:
            yield connection
        finally:
            file_checksum.renew(connection, path)


@contextmanager
def transaction(
    connection: sqlite3.Connection,
    path: Path,
    *,
    keep: bool = True,
    wait: float | None = None,
    on_wait: OnWait | None = None,
) -> Iterator[None]:
    """All or nothing; with `keep=False` nothing. Waits for another writer `wait` seconds (WAIT_SECONDS where None).

    Raises WhydropError when another program goes on writing, the disk is full, or the workspace is damaged.
    """
    _begin(connection, path, wait, on_wait)
    try:
        if not file_checksum.is_own(connection):
            renew_state(connection)
            file_checksum.watch(connection)
        yield
        file_checksum.postpone(connection)
        connection.execute("COMMIT" if keep else "ROLLBACK")
    except BaseException as error:
        if connection.in_transaction:
            with suppress(sqlite3.DatabaseError):  # the file that it fails on is put right by whoever opens it next
                connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.DatabaseError):
            raise explained(path, error) from None
        if isinstance(error, OSError) and error.errno in NO_ROOM and (fault := fault_of(path, error)):
            raise fault from None
        raise


def _begin(connection: sqlite3.Connection, path: Path, wait: float | None, on_wait: OnWait | None) -> None:
    # commands that write notes or cases have no such option
    longer = "" if wait is None and on_wait is None else ", or wait longer with --wait SECONDS"
    seconds, started = WAIT_SECONDS if wait is None else wait, time.monotonic()
    try:
        while True:
            left = max(0.0, seconds - (time.monotonic() - started))
            connection.execute(f"PRAGMA busy_timeout = {int(1000 * min(left, _POLL_SECONDS))}")
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise explained(path, error) from None
            owner, waited = lock_owner(path), time.monotonic() - started
            if waited >= seconds:
                raise WhydropError(
                    f"{path}: another load is writing to this workspace ({owner}). Try again when it is done{longer}."
                )
            if on_wait is not None:
                on_wait(waited, owner)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(1000 * WAIT_SECONDS)}")


def reader_beside(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A second connection to the same file, which sees what was committed before."""
    path = path_of(connection)
    assert path is not None  # noqa: S101 - only workspaces in a file have readers
    return _connect(path, "ro")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    address = file_address(path, mode)
    try:
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, timeout=WAIT_SECONDS, check_same_thread=False
        )
    except sqlite3.OperationalError as error:
        raise explained(path, error) from None
    add_functions(connection)
    return connection


def _unwritable(path: Path, error: sqlite3.OperationalError) -> sqlite3.Connection:
    """A connection to a workspace on a medium where no write-ahead log can be made, such as a full one; nobody can change it
    meanwhile.

    Raises the error where that is not what is wrong.
    """
    log = path.with_name(path.name + "-wal")
    is_readable = "unable to open" in str(error) or "readonly" in str(error) or lacks_room_for_log(error)
    if not is_readable or (log.exists() and log.stat().st_size):
        raise error
    return _connect(path, "ro&immutable=1")


def _version(path: Path, connection: sqlite3.Connection) -> int | None:
    """The schema's version; None when nothing was ever written. Raises WhydropError when it is no workspace, or a newer one
    than this program knows."""
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]:
        return None
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise WhydropError(f"{path}: an SQLite file, but not a workspace of whydrop. Name another file with --db.")
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise WhydropError(
            f"{path}: made by a newer whydrop (schema {version}, this one knows {SCHEMA_VERSION}). Update whydrop."
        )
    return version


def _is_workspace(path: Path) -> bool:
    """Whether a file is a workspace that this program knows; read without locks, as somebody may be writing to it."""
    with suppress(WhydropError, sqlite3.DatabaseError), closing(_connect(path, "ro&immutable=1")) as connection:
        return _version(path, connection) is not None
    return False


def _no_workspace(path: Path) -> NoWorkspace:
    others = [
        str(other) for other in sorted(path.parent.glob("*.db"), key=lambda other: other.stem) if _is_workspace(other)
    ]
    near = f" Near it: add --db {' or --db '.join(others[:_MOST_NEAR])}." if others else ""
    end = "" if path == _USUAL else f" --db {path}"
    return NoWorkspace(f"{path}: there is no workspace yet.{near} To make one: whydrop load PATH{end}, or whydrop demo")
