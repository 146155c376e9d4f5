"""Whether a file corrects the rows whose keys it has: other figures under one key may be those of another file of the load, of
another line of an order, or of another shop.
"""

import sqlite3
from collections.abc import Mapping, Sequence

import numpy as np

from core.base.count_text import count
from core.base.errors import UsageError
from core.catalogue.kinds import LINE
from core.ingest.formats.batch import Export
from core.workspace.schema.row_ids import SEQUENCE
from core.workspace.schema.tables import DAY_BITS, MEASURE, combined, identifier
from core.workspace.write.merging.written_rows import WrittenRows, conflict

FEWEST_OTHERS, _MOSTLY_OTHERS = 3, 0.5
"""Rows that have a known key and another moment, and their share of all with known keys, that are no corrections."""
_ZONES, _QUARTER = 26 * 3600, 900
"""Seconds: clocks of the world lie at most so far apart, and by whole quarters of an hour."""
_FEWEST_SPLIT, _SPLIT = 5, 0.5
"""Orders of which two files have different lines, and for each line of other amounts, that are a file cut into parts."""
_ORDER = "order_id, source"


class Corrections:
    """The rows of a file that would replace others: those of `temp.verdicts` with 2. `known` are all whose keys the table has."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        export: Export,
        written: WrittenRows,
        *,
        table: str,
        incoming: str,
        columns: Sequence[str],
    ) -> None:
        self._connection, self._export, self._written = connection, export, written
        self._table, self._columns = table, columns
        self._rows = (
            f"FROM temp.verdicts v JOIN {incoming} i ON i.n = v.n JOIN {table} e ON e.id = v.home WHERE v.verdict = 2"
        )
        self._added = f"SELECT {_ORDER} FROM {incoming} JOIN temp.verdicts v USING (n) WHERE v.verdict = 0"

    @property
    def are_unnumbered(self) -> bool:
        """Whether rows are lines of orders that no column numbers."""
        kind, cells = self._export.kind, self._export.cells
        return not self._export.keyed and LINE in kind.key and LINE not in cells

    @property
    def _other_amounts(self) -> str:
        """SQL that says of a row of the table (e) that one of the file (i) has another amount, or other units."""
        names = [identifier(name) for name in ("gmv", "units") if name in self._columns]
        return combined([f"nullif(e.{name}, 0) <> nullif(i.{name}, 0)" for name in names], "OR")

    def refuse_conflict(self, known: int) -> None:
        """Raises UsageError when an earlier file of the load gives other amounts for orders whose lines nothing names, or other
        figures for rows with a name of their own. Lines that their product names may be corrected by a later export, which
        repeats more amounts than it changes: where most of the known rows have others, they are two lines of one product.
        """
        least = 1
        if self._export.keyed:
            names = [identifier(MEASURE + name) for name in self._export.measures]
            changes = combined([f"(e.{name} IS NOT NULL AND i.{name} IS NOT e.{name})" for name in names], "OR")
        elif self.are_unnumbered:
            least = known // 2 + 1 if "product_id" in self._export.cells else 1
            changes = self._other_amounts
        else:
            return
        homes = self._connection.execute(f"SELECT v.home {self._rows} AND {changes}").fetchall()
        ids = np.array(homes, np.int64).reshape(-1)
        days = self._written.days_among(self._table, ids)
        if len(days) < least and not self._export.keyed:
            # what this command refused is refused again when the other file has not changed
            days = self._written.days_unchanged(self._connection, self._export, ids)
            least = max(FEWEST_OTHERS, known // 2 + 1)
        if len(days) >= least:
            raise conflict(self._export.path, days, "rows" if self._export.keyed else "orders")

    def refuse_split(self, unchanged: int, before: Mapping[int, int]) -> None:
        """Raises UsageError when a file gives other amounts to lines that nothing but their product names, repeats fewer lines
        than that, and has new lines of many orders, but not all that the table has: two lines of one product would be taken for
        one. An export that corrects orders repeats them whole, and most of them as they were.

        `before`: how far the ids of each day that the file touched went before it.
        """
        run = self._connection.execute
        (changed,) = run(f"SELECT count(*) {self._rows} AND {self._other_amounts}").fetchone()
        if changed <= unchanged:
            return
        run("CREATE TABLE temp.extents (day INTEGER PRIMARY KEY, rows INTEGER NOT NULL)")
        self._connection.executemany("INSERT INTO temp.extents VALUES (?, ?)", before.items())
        is_new = (
            f"EXISTS (SELECT 1 FROM temp.extents x WHERE x.day = e.id >> {DAY_BITS} AND e.id & {SEQUENCE} >= x.rows)"
        )
        added = f"{self._added} UNION SELECT {_ORDER} FROM {self._table} e WHERE {is_new}"
        split, name = run(
            f"SELECT count(*), min(order_id) FROM ({added}) a WHERE EXISTS "
            f"(SELECT 1 FROM {self._table} e WHERE e.order_id = a.order_id AND e.source = a.source AND NOT {is_new} "
            "AND e.id NOT IN (SELECT home FROM temp.verdicts WHERE home IS NOT NULL))"
        ).fetchone()
        run("DROP TABLE temp.extents")
        if split >= max(_FEWEST_SPLIT, _SPLIT * changed):
            raise UsageError(
                f"{self._export.path}: {count(split, 'order')} (such as {name}) have some lines here and others in an earlier "
                f"file, and no column numbers the lines: {count(changed, 'line')} would replace other lines of the same product. "
                "Undo that load (whydrop loads undo N), then load all lines of an order in one file."
            )

    def refuse_others(self, key: str, known: int) -> None:
        """Raises UsageError when most rows with known keys are of other moments: numbers that another shop gave, too.

        `key`: the first column of the keys. A correction keeps the moment of an order or a review. Exports in the clock of
        another time zone differ by whole quarters of an hour, and those of days alone by one day.
        """
        moment, first = identifier(self._export.kind.day or ""), identifier(key)
        difference = f"abs(e.{moment} - i.{moment})"
        others, name = self._connection.execute(
            f"SELECT count(*), min(i.{first}) {self._rows} AND ({difference} > ? OR {difference} % ? <> 0)",
            (_ZONES, _QUARTER),
        ).fetchone()
        if others >= max(FEWEST_OTHERS, known * _MOSTLY_OTHERS):
            raise UsageError(
                f"{self._export.path}: {others:,} rows have the {key} of rows loaded before (such as {name}), but another "
                f"{self._export.kind.day}: they are rows of another shop or system, not corrections. Name the shop of each "
                "file with --source. If the rows loaded before are wrong, undo their load first: whydrop loads undo N."
            )
