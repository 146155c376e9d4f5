"""What to say when a workspace cannot be read or written: one line, whatever SQLite stumbled upon."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from core.base.errors import DamagedWorkspace, WhydropError
from core.workspace.schema.file_address import file_address
from core.workspace.schema.tables import DAY_BITS, FACTS, coded_columns, identifier

FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""0001-01-01 and 9999-12-31: no other day has an ISO date."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
"""Errors of a file that cannot grow, such as one of rows that wait to be loaded."""
_STEPS = 20_000_000
"""Of SQLite's, for looking for damage: about two seconds; a larger workspace is checked no further."""


def explained(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> WhydropError:
    """An error of SQLite as one line that says what is wrong with a workspace and what to do."""
    text = str(error)
    if path.is_dir():
        return WhydropError(f"{path}: a folder, not a workspace file. Name a file with --db.")
    if "not a database" in text:
        return WhydropError(f"{path}: not a database. Name a workspace file with --db, or another path for a new one.")
    if "locked" in text or "busy" in text:
        return WhydropError(f"{path}: another program is writing to it. Try again when it is done.")
    if "full" in text or _is_io(error):
        return WhydropError(f"{path}: the disk is full; the workspace is as it was. Make room and try again.")
    if "readonly" in text or "unable to open" in text:
        if not os.access(path.parent, os.W_OK):
            return WhydropError(
                f"{path}: its folder is read-only. Name a file elsewhere with --db, or copy it there first."
            )
        return WhydropError(f"{path}: cannot be opened ({text}). See who may read and write it and its folder.")
    if text.startswith(("too many", "Expression tree is too large", "parser stack overflow")):
        return WhydropError(f"{path}: the workspace cannot hold so many columns ({text}). Load fewer of them.")
    return damaged(path, text)


def damaged(path: Path, where: str) -> WhydropError:
    """That a workspace is damaged, where, and what to do."""
    at = where.partition("\n")[0].strip()
    return DamagedWorkspace(
        f"{path} is damaged ({at}); load the exports into a new one, or: whydrop rescue {path} -o NEW.db"
    )


def fault_of(path: Path, error: BaseException) -> WhydropError | None:
    """What an unexpected error comes from: a full disk, or a damaged workspace; None when it is neither."""
    if isinstance(error, sqlite3.Error):
        return None if "interrupted" in str(error) else explained(path, error)
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return WhydropError(f"{error.filename or path}: no room is left ({error.strerror}). Make room and try again.")
    if not isinstance(error, Exception) or not path.is_file():
        return None
    try:
        where = diagnosis(path)
    except sqlite3.Error as found:
        return explained(path, found)
    return None if where is None else damaged(path, where)


def diagnosis(path: Path) -> str | None:
    """What is wrong with the rows or the structure of a workspace; None when nothing can be seen.

    Raises sqlite3.Error when SQLite finds it first.
    """
    try:
        with closing(sqlite3.connect(file_address(path, "rw"), uri=True)) as connection:
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            return next(_damage(connection), None)
    except (UnicodeError, ValueError, OverflowError, TypeError) as error:
        return str(error)  # whatever damaged rows make of a query


def check_day(path: Path, day: int) -> None:
    """Raises WhydropError for a day that no date has: its row cannot have come from a load."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise damaged(path, f"a row of day {day}")


def _damage(connection: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with a workspace, found by SQLite's own check and by what its rows refer to."""
    connection.set_progress_handler(lambda: True, _STEPS)
    with suppress(sqlite3.OperationalError):  # the time is over
        (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if result != "ok":
            yield str(result).replace("*** in database main ***\n", "")
    connection.set_progress_handler(None, 0)
    words = dict(connection.execute("SELECT dimension, max(code) FROM dictionary GROUP BY dimension"))
    if connection.execute(
        "SELECT EXISTS (SELECT 1 FROM dictionary WHERE typeof(value) <> 'text' OR typeof(code) <> 'integer')"
    ).fetchone()[0]:
        yield "the words of a dimension"
    for kind in FACTS:
        columns = connection.execute(f"PRAGMA table_info({kind}_rows)").fetchall()
        coded = coded_columns(connection, kind)
        wrong = [f"id >> {DAY_BITS} NOT BETWEEN {FIRST_DAY} AND {LAST_DAY}"]
        wrong += [
            f"typeof({identifier(name)}) NOT IN ('integer', 'real', 'null')"
            for _, name, declared, *_ in columns
            if declared.startswith(("INTEGER", "REAL"))
        ]
        wrong += [f"{identifier(name)} NOT BETWEEN 0 AND {words.get(name, 0)}" for name in coded]
        if connection.execute(f"SELECT EXISTS (SELECT 1 FROM {kind}_rows WHERE {' OR '.join(wrong)})").fetchone()[0]:
            yield f"a row of {kind}"


def lacks_room_for_log(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Whether the index of the write-ahead log could not be made for want of room: even a reader makes one."""
    return getattr(error, "sqlite_errorname", "") in {
        "SQLITE_IOERR_SHMSIZE",
        "SQLITE_IOERR_SHMMAP",
        "SQLITE_IOERR_SHMOPEN",
    }


def _is_io(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Whether a write failed for want of room (a quota, a limit of the file's size): SQLite calls that an I/O error."""
    return lacks_room_for_log(error) or getattr(error, "sqlite_errorname", "") in {
        "SQLITE_IOERR_WRITE",
        "SQLITE_IOERR_FSYNC",
        "SQLITE_IOERR_TRUNCATE",
    }
