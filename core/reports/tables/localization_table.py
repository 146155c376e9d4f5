"""The segments of leaf tables: the columns of an explanation's segments, with forecasts in place of expectations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.localization.single_table.leaf_table import Localization, RootCauseSegment
from core.reports.figures.number_format import four_digits, percent
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.explanation_tables import SEGMENTS

_BY_KEY: Mapping[str, Column] = {column.key: column for column in SEGMENTS}
_FILE = Column("file", "file", "which table", priority=5, least=10)
COLUMNS = (
    replace(_BY_KEY["segment"], meaning="rows that explain the change"),
    replace(_BY_KEY["expected"], key="forecast", title="forecast"),
    _BY_KEY["actual"],
    replace(_BY_KEY["change"], title="change", meaning="actual minus forecast"),
    Column("change_pct", "%", "the change, of the forecast", right=True, priority=1),
    _BY_KEY["confidence"],
)


def localization_table(localized: Sequence[tuple[str, Localization]]) -> Table:
    """(name of the file, its segments), strongest first; the name is a column where there are several files."""
    several = len(localized) > 1
    rows = tuple(
        Row(f"{number} {segment.where}", ((Cell(name),) if several else ()) + _cells(segment))
        for number, (name, localization) in enumerate(localized)
        for segment in localization.segments
    )
    columns = (_FILE, *COLUMNS) if several else COLUMNS
    return Table("", columns, rows, name="segments", empty="no segment explains the change")


def _cells(segment: RootCauseSegment) -> tuple[Cell, ...]:
    share = segment.change / segment.forecast if segment.forecast else None
    return (
        Cell(str(segment.where) or "all alike"),
        Cell(four_digits(segment.forecast), segment.forecast, "dim"),
        Cell(four_digits(segment.actual), segment.actual),
        Cell(f"{'+' if segment.change > 0 else ''}{four_digits(segment.change)}", segment.change),
        Cell(percent(share, signed=True), share),
        Cell(percent(segment.confidence), segment.confidence, "dim"),
    )
