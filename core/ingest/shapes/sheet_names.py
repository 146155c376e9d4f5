"""Sheets of a workbook that are parts of a whole: each row gets the name of its sheet."""

from collections.abc import Sequence

from core.ingest.formats.table_protocol import ExportTable
from core.ingest.formats.turned_table import TurnedTable

COLUMN = "sheet"
"""What the column is called, and what a user slices by to have it."""


def with_sheet(table: ExportTable, header: int) -> ExportTable:
    """The table of a sheet with its name in a column of its own; one of no sheet, or too long to be read whole, as it is."""
    name = table.describe.get("sheet")
    if name is None or not table.is_complete or COLUMN in map(str.casefold, table.rows[header]):
        return table
    width = len(table.rows[header])
    own: list[Sequence[str]] = list(table.rows[:header])
    own.append((*table.rows[header], COLUMN))
    own += [(*row, *[""] * (width - len(row)), name) for row in table.rows[header + 1 :]]
    return TurnedTable(own, range(len(own)), table.describe, table.rows, table.gaps)
