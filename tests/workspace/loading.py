"""What the tests of loading share: exports written down, and a workspace as plain values to compare."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from core.workspace.write.load import load
from core.workspace.write.load_report import FileLoad

VIEWS = (
    "traffic",
    "orders",
    "reviews",
    "violations",
    "daily",
    "creators",
    "roles",
    "products",
    "sellers",
    "events",
    "fx",
)


def written(folder: Path, name: str, text: str) -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def loaded(db: Path, path: Path, **options: Any) -> FileLoad:
    """The report on one file that was loaded."""
    return load(db, [path], **options).files[0]


def rows(db: Path, sql: str) -> list[tuple[Any, ...]]:
    """The result of a query."""
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql).fetchall()


def contents(db: Path) -> dict[str, list[str]]:
    """All that a workspace says, in an order that does not depend on how it was loaded."""
    with closing(sqlite3.connect(db)) as connection:  # one for all: each reads the whole schema, 1 ms
        return {view: sorted(map(repr, connection.execute(f"SELECT * FROM {view}"))) for view in VIEWS}
