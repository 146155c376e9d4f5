"""The address by which SQLite opens a workspace file."""

import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from core.base.errors import WhydropError


def file_address(path: Path, mode: str) -> str:
    """A `file:` URI (https://www.sqlite.org/uri.html), also of names that are not UTF-8.

    Raises WhydropError where SQLite's own files next to the workspace are no regular files: it waits without end for a pipe that
    nobody writes to, and damages the workspace through another name of it.
    """
    for ending in ("-wal", "-shm", "-journal"):
        neighbour = path.with_name(path.name + ending)
        with suppress(FileNotFoundError):
            status = os.stat(neighbour)
            if not stat.S_ISREG(status.st_mode) or neighbour.samefile(path):
                raise WhydropError(f"{neighbour}: not a file of SQLite, which needs this name. Move it elsewhere.")
    return f"file:{quote(os.fsencode(path.absolute()))}?mode={mode}"


def path_of(connection: sqlite3.Connection) -> Path | None:
    """The workspace file that a connection is to; None for one in memory."""
    query = "SELECT CAST(file AS BLOB) FROM pragma_database_list WHERE name = 'main'"  # a name need not be UTF-8
    (name,) = connection.execute(query).fetchone()
    return Path(os.fsdecode(name)) if name else None
