"""How the rows came in: files, refused days, and which measures of `daily` exports are added up."""

import json
import sqlite3
from typing import Any

from core.base.days import parse_day
from core.base.frozen import frozen
from core.workspace.schema.load_log import IS_READ_AGAIN, UNKEPT


@frozen
class LoadedFile:
    """One load, for the checks of how data came in."""

    path: str
    kind: str
    source: str | None
    header: str
    """The line of its columns."""
    read: int
    replaced: int
    """Rows that took the place of others; none where the same file was loaded again, to be read otherwise."""


class LoadHistory:
    """What the log of loads tells of the whole workspace."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def loaded_files(self) -> tuple[LoadedFile, ...]:
        """Every load, in order."""
        rows = self._rows(
            f"SELECT path, kind, source, header, read, iif({IS_READ_AGAIN}, 0, replaced) FROM loads l ORDER BY id"
        )
        return tuple(LoadedFile(*row) for row in rows)

    def refused_far_days(self) -> tuple[tuple[str, int, int, int], ...]:
        """(path, rows, first day, last day) of the newest load of each file that refused rows for being far from all others."""
        rows = self._rows(
            "SELECT file, reason FROM rejects WHERE reason LIKE '____-__-__ is more than a year from%' AND load_id IN "
            "(SELECT max(id) FROM loads GROUP BY path)"
        )
        days: dict[str, list[int]] = {}
        for path, reason in rows:
            days.setdefault(path, []).append(parse_day(reason[:10]))
        return tuple((path, len(some), min(some), max(some)) for path, some in days.items())

    def unkept_columns(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """(paths, columns) of files of orders with one header whose newest loads left out the same columns that could slice their
        rows.
        """
        rows = self._rows(
            "SELECT header, value, path FROM (SELECT *, max(id) OVER (PARTITION BY path) AS newest, "
            "first_value(asked) OVER (PARTITION BY fingerprint ORDER BY id DESC) AS newest_asked FROM loads "
            f"WHERE kind = 'orders' AND read > rejected) l JOIN meta m ON m.key = '{UNKEPT}:' || l.id "
            "WHERE id = newest AND (fingerprint IS NULL OR asked IS newest_asked) ORDER BY id"
        )
        paths: dict[tuple[str, str], list[str]] = {}
        for header, value, path in rows:
            paths.setdefault((header, value), []).append(path)
        return [(tuple(own), tuple(json.loads(value))) for (_, value), own in paths.items()]

    def daily_measures(self) -> tuple[str, ...]:
        """The measures of daily exports that are added up."""
        return tuple(
            name for (name,) in self._rows("SELECT name FROM daily_measures WHERE unit <> 'rate' ORDER BY rowid")
        )

    def daily_ratios(self) -> tuple[tuple[str, str], ...]:
        """(name, numerator) of what is computed from the measures of daily exports."""
        return tuple(self._rows("SELECT name, numerator FROM daily_ratios"))
