"""Files of another system or shop that would replace what one without a name of its source gave for the same days, and files
that are of no other one: their rows are there already."""

import sqlite3
from collections.abc import Collection

from core.base.days import Window
from core.base.errors import UsageError
from core.catalogue.kinds import SLICE
from core.ingest.formats.batch import Export
from core.ingest.request import columns_key
from core.ingest.values.path_parts import undated_path
from core.workspace.schema.tables import DAY_BITS
from core.workspace.write.merging.written_rows import UpsertCounts

_FEWEST = 3
"""Rows that show it: of two, both may be corrections."""


def check_other_systems(
    connection: sqlite3.Connection, export: Export, days: Window | None, counts: UpsertCounts
) -> None:
    """Raises UsageError when a file replaces most of the rows that it shares with earlier ones, none of which has its columns,
    or them and more: a correction repeats most figures, or the columns.
    """
    is_open = export.kind.name == "daily" and export.preset is None and export.source is None
    if not is_open or days is None or counts.replaced < max(_FEWEST, counts.unchanged):
        return
    own = set(columns_key(export.header).split())
    earlier = connection.execute(
        "SELECT path, header FROM loads WHERE kind = 'daily' AND source IS NULL AND accepted > 0 AND first_day <= ? "
        "AND last_day >= ? ORDER BY id",
        (days.last, days.first),
    ).fetchall()
    others = [set(columns_key(header).split()) for _, header in earlier]
    if not others or any(own <= other or other <= own for other in others):
        return
    raise UsageError(
        f"{export.path}: {counts.replaced:,} of its rows give other figures than {earlier[-1][0]} for the same days, and its "
        "columns are others. If they are of two systems or shops, name this one's with --source; if it corrects that file, undo "
        "that load first (whydrop loads undo)."
    )


def check_unchanged_files(
    connection: sqlite3.Connection, export: Export, days: Window | None, counts: UpsertCounts, known: Collection[int]
) -> None:
    """Raises UsageError when a file replaces most of the rows that it shares with earlier ones, and one of those is a file of
    the same load that would be called unchanged: `known` are the loads of those. One of a series of exports may do so.
    """
    is_by_day = export.kind.name in {"daily", "traffic"}
    if not is_by_day or not known or days is None or counts.replaced < max(_FEWEST, counts.unchanged):
        return
    earlier = connection.execute(
        "SELECT id, path, header FROM loads WHERE kind = ? AND source IS ? AND accepted > 0 AND first_day <= ? AND last_day >= ? "
        "ORDER BY id",
        (export.kind.name, export.source, days.last, days.first),
    )
    own, series = columns_key(export.header), undated_path(export.path)
    for number, path, header in earlier.fetchall():
        if number in known and columns_key(header) == own and undated_path(path) != series:
            raise UsageError(
                f"{export.path}: {counts.replaced:,} of its rows give other figures than {path} for the same days. If it "
                "corrects that file, load it by itself; if they are of two systems or shops, name each one's with --source."
            )


_SAME_THING = {
    "orders": (("order_id", "line", "product_id"), ("ordered_at", "gmv", "units", "buyer_id")),
    "reviews": (("review_id",), ("reviewed_at", "rating", "text", "order_id", "product_id")),
    "violations": (("violation_id",), ("occurred_at", "policy", "content_id")),
}
"""By kind, what names a row, and what a later export of the same row repeats."""
_SAME_SHARE = 0.9
"""Of the rows whose ids are there, how many are the same where a file is: a few were corrected. Two shops that number from 1 and
give days without a time have half of them in common, with two prices."""


def check_same_rows(connection: sqlite3.Connection, export: Export, days: Window | None) -> None:
    """Raises UsageError when most rows of a file are those that earlier files of the same columns gave under another source."""
    if export.kind.name not in _SAME_THING or days is None:
        return
    earlier = connection.execute(
        "SELECT source, header FROM loads WHERE kind = ? AND source IS NOT ? AND accepted > 0 AND first_day <= ? "
        "AND last_day >= ? ORDER BY id DESC",
        (export.kind.name, export.source, days.last, days.first),
    )
    own = columns_key(export.header)
    others = [source for source, header in earlier.fetchall() if columns_key(header) == own]
    if not others:
        return
    table = f"{export.kind.name}_rows"
    names, repeated = _SAME_THING[export.kind.name]
    named, equal = (
        " AND ".join(f"b.{name} IS a.{name}" for name in columns) for columns in (names, (*repeated, *SLICE))
    )
    rows, met, shared = connection.execute(
        f"SELECT count(DISTINCT a.id), count(DISTINCT iif(b.id, a.id, NULL)), count(DISTINCT iif({equal}, a.id, NULL)) "
        f"FROM {table} a LEFT JOIN {table} b ON {named} AND b.source <> a.source AND b.id >= :first AND b.id < :last "
        "WHERE a.id >= :first AND a.id < :last AND a.source = "
        "coalesce((SELECT code FROM dictionary WHERE dimension = 'source' AND value = :source), 0)",
        {"first": days.first << DAY_BITS, "last": (days.last + 1) << DAY_BITS, "source": export.source},
    ).fetchone()
    if shared >= max(_FEWEST, rows / 2, _SAME_SHARE * met):
        known = f"of the source {others[0]!r}" if others[0] else "of a file without a source"
        raise UsageError(
            f"{export.path}: {shared:,} of its {rows:,} rows are those {known}, with the same ids and moments, and would count "
            "twice. Load it under the same --source; if the earlier one was wrong, undo that load first (whydrop loads undo)."
        )
