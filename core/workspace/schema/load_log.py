"""The books of loading: what was loaded when, which rows were refused and why."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.days import Window
from core.base.errors import UsageError
from core.base.json_value import Value
from core.workspace.schema.connection import open_read

_LOAD = (
    "id",
    "loaded_at",
    "path",
    "kind",
    "preset",
    "read",
    "accepted",
    "rejected",
    "unchanged",
    "replaced",
    "seconds",
)


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow(Value):
    """One row that was refused."""

    load: int
    file: str
    line: int
    reason: str
    raw: str


def loads(path: Path) -> tuple[Load, ...]:
    """What was loaded into the workspace at `path`, newest first. Raises WhydropError when there is none."""
    with closing(open_read(path)) as connection:
        rows = connection.execute(
            f"SELECT {', '.join(_LOAD)}, first_day, last_day FROM loads ORDER BY id DESC"
        ).fetchall()
    return tuple(_load(row) for row in rows)


def rejects(path: Path, load: int | None = None, limit: int | None = None) -> tuple[RejectedRow, ...]:
    """Rows that were refused: of one load, or of the last load of each file, in the order of the file.

    Raises UsageError when there was no such load.
    """
    with closing(open_read(path)) as connection:
        _check(connection, load)
        which = "SELECT ?" if load is not None else "SELECT max(id) FROM loads GROUP BY path"
        rows = connection.execute(
            f"SELECT load_id, file, line, reason, raw FROM rejects WHERE load_id IN ({which}) ORDER BY load_id, line LIMIT ?",
            (*(() if load is None else (load,)), -1 if limit is None else limit),
        ).fetchall()
    return tuple(
        RejectedRow(load=load_id, file=file, line=line, reason=reason, raw=raw)
        for load_id, file, line, reason, raw in rows
    )


def to_mend(path: Path, load: int) -> str:
    """The refused rows of one load under their header, as text that can be mended and loaded again.

    Raises UsageError when there was no such load, or it refused nothing.
    """
    with closing(open_read(path)) as connection:
        _check(connection, load)
        (header,) = connection.execute("SELECT header FROM loads WHERE id = ?", (load,)).fetchone()
        rows = connection.execute("SELECT raw FROM rejects WHERE load_id = ? ORDER BY line", (load,)).fetchall()
    if not rows:
        raise UsageError(f"load {load} refused nothing.")
    return "\n".join([header, *(raw for (raw,) in rows)]) + "\n"


def _load(row: tuple[Any, ...]) -> Load:
    *known, first, last = row
    days = None if first is None else Window(first, last)
    return Load(**dict(zip(_LOAD, known, strict=True)), days=days)


def _check(connection: sqlite3.Connection, load: int | None) -> None:
    if (
        load is not None
        and not connection.execute("SELECT EXISTS (SELECT 1 FROM loads WHERE id = ?)", (load,)).fetchone()[0]
    ):
        raise UsageError(f"no load {load}. See them with: whydrop loads")
