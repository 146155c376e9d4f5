"""Keys that another shop or system gave to other rows: they are refused, for they would replace what they do not correct."""

import sqlite3

from core.base.errors import UsageError
from core.ingest.formats.batch import Export
from core.workspace.schema.tables import identifier

FEWEST_OTHERS, _MOSTLY_OTHERS = 3, 0.5
"""Rows that have a known key and another moment, and their share of all with known keys, that are no corrections."""
_ZONES, _QUARTER = 26 * 3600, 900
"""Seconds: clocks of the world lie at most so far apart, and by whole quarters of an hour."""


def refuse_others(
    connection: sqlite3.Connection, export: Export, *, table: str, incoming: str, key: str, known: int
) -> None:
    """Raises UsageError when most of the rows whose keys are known are of other moments: numbers that another shop gave, too.

    `key`: the first column of the keys; `known`: rows whose keys the table has. A correction keeps the moment of an order or a
    review. Exports in the clock of another time zone differ by whole quarters of an hour, and those of days alone by one day.
    """
    moment, first = identifier(export.kind.day or ""), identifier(key)
    difference = f"abs(e.{moment} - i.{moment})"
    others, name = connection.execute(
        f"SELECT count(*), min(i.{first}) FROM temp.verdicts v JOIN {incoming} i ON i.n = v.n JOIN {table} e "
        f"ON e.id = v.home WHERE v.verdict = 2 AND ({difference} > ? OR {difference} % ? <> 0)",
        (_ZONES, _QUARTER),
    ).fetchone()
    if others >= max(FEWEST_OTHERS, known * _MOSTLY_OTHERS):
        raise UsageError(
            f"{export.path}: {others:,} rows have the {key} of rows loaded before (such as {name}), and "
            f"another {export.kind.day}: no corrections, but rows of another shop or system. Name each one's with "
            "--source; if those loaded before are wrong, undo their load first: whydrop loads undo N."
        )
