"""Files with the same columns that differ in what is left out: a column, such as one file for each region, or rows of totals."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from core.base.count_text import count
from core.base.errors import UsageError
from core.ingest.formats.batch import Export
from core.ingest.mapping.column_plan import snake
from core.ingest.request import Request, columns_key
from core.workspace.schema.tables import identifier
from core.workspace.write.merging.written_rows import UpsertCounts

_FEWEST = 3
"""Rows with other words for which figures are replaced, where a file has several words: of two, both may be corrections."""


def check_spare_words(connection: sqlite3.Connection, export: Export, counts: UpsertCounts) -> None:
    """Keeps the words of columns that are left out, with those of earlier files of its columns.

    Raises UsageError when the file has replaced rows while all its words of a column are other ones, or words of its rows are
    swapped: it does not correct them.
    """
    _check_swapped(connection, export, counts)
    if not export.spare_words:
        return
    earlier: dict[str, list[str]] = _known(connection, "constants", export)
    for name, words in export.spare_words.items():
        others = earlier.get(name, [])
        is_replaced = counts.replaced >= (1 if len(words) == 1 else max(_FEWEST, counts.unchanged))
        if is_replaced and others and set(words).isdisjoint(others):
            is_what = (
                f"is {words[0]!r} in every row" if len(words) == 1 else f"has only new words, such as {words[0]!r}"
            )
            raise UsageError(
                f"{export.path}: its {name} {is_what}, that of an earlier file with the same columns {others[-1]!r}: "
                f"{counts.replaced:,} rows would replace its rows. Undo that load (whydrop loads undo), then load both with "
                f"--dimension {snake(name)}; or this one alone, if it corrects the other."
            )
        earlier[name] = [*others, *(word for word in words if word not in others)]
    _keep(connection, "constants", export, earlier)


_SWAPPED = 0.5
"""Share of the rows that both files have."""
_MOST_KEPT = 1000
"""Rows of a column of which the words are known: a day's file of 10 rows may correct those of the last quarter."""


def _check_swapped(connection: sqlite3.Connection, export: Export, counts: UpsertCounts) -> None:
    """Keeps the words that short files have in columns that are left out, by row.

    Raises UsageError when rows are replaced by some with the words of each other: both are parts of a file with several rows
    for each day. States move on, and never back; and a corrected export repeats most words as they were.
    """
    if not export.spare_cells:
        return
    earlier: dict[str, dict[str, str]] = _known(connection, "words of rows", export)
    for name, words in export.spare_cells.items():
        others = earlier.get(name, {})
        known = [(others[row], word) for row, word in words.items() if row in others]
        moves = [(before, word) for before, word in known if before != word]
        if counts.replaced and len(moves) >= _SWAPPED * len(known) and (swapped := _round_trips(set(moves))):
            before, after = min(swapped)
            raise UsageError(
                f"{export.path}: its {name} is {after!r} in a row that had {before!r} in an earlier file with the same columns, "
                f"and the other way round: {count(counts.replaced, 'row')} would replace others. Undo that load (whydrop loads "
                f"undo), then load both together, or each with --dimension {snake(name)}."
            )
        earlier[name] = dict([*{**others, **words}.items()][-_MOST_KEPT:])
    _keep(connection, "words of rows", export, earlier)


def _round_trips(moves: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the moves from one word to another that lead back to where they began, over others or at once.

    >>> sorted(_round_trips({("a", "b"), ("b", "a"), ("b", "c"), ("draft", "final")}))
    [('a', 'b'), ('b', 'a')]
    """
    left = {(old, new) for old, new in moves if any(new == other for other, _ in moves)}
    left = {(old, new) for old, new in left if any(old == other for _, other in left)}
    return left if left == moves else _round_trips(left)


def _known(connection: sqlite3.Connection, what: str, export: Export) -> dict[str, Any]:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_key(what, export),)).fetchone()
    return json.loads(row[0]) if row else {}


def _keep(connection: sqlite3.Connection, what: str, export: Export, known: Mapping[str, Any]) -> None:
    text = json.dumps(known, ensure_ascii=False)
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_key(what, export), text))


def _key(what: str, export: Export) -> str:
    """The name of what is known of files with the columns of an export."""
    return f"{what}:{hashlib.sha256(columns_key(export.header).encode()).hexdigest()[:16]}"


def check_totals(connection: sqlite3.Connection, export: Export, request: Request) -> None:
    """Raises UsageError when an earlier file with the columns of an export has counted rows that it leaves out as totals."""
    earlier = request.earlier.get(columns_key(export.header))
    for name, words in (
        export.totals.items() if earlier is not None and export.kind.name in {"daily", "traffic"} else ()
    ):
        marks = ", ".join("?" * len(words))
        counted = connection.execute(
            "SELECT value FROM dictionary d WHERE dimension = ? AND EXISTS "
            f"(SELECT 1 FROM {export.kind.name}_rows WHERE {identifier(name)} = d.code) AND value IN ({marks})",
            (name, *words),
        ).fetchone()
        if counted is not None:
            raise UsageError(
                f"{export.path}: its rows of {counted[0]!r} are the sums of all others, and an earlier load of the same columns "
                "counted them. Undo that load (whydrop loads undo), then load both together."
            )
