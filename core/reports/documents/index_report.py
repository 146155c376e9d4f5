"""Indexes as a report: what got worse first, then every index and group with its expected range."""

from core.base.date_text import date_range
from core.indexes.index_results import Indexes, IndexPart, IndexValue
from core.reports.figures.change_format import change
from core.reports.figures.number_format import figure, p_value, percent, span
from core.reports.index_narrative import index_summary
from core.reports.report import Report, Section
from core.reports.table import Cell, Column, Row, Table

_INDEXES = (
    Column("index", "index", "its key in commands", least=12),
    Column("where", "segment", "the group", least=6),
    Column("window", "days", "the days counted", priority=4),
    Column("actual", "actual", "what was counted", right=True),
    Column("interval", "95%", "sampling interval of a share or mean", right=True, priority=6),
    Column("n", "n", "what it was counted from", right=True, priority=5, unit="count"),
    Column("expected", "expected range", "where 95% of usual windows are", right=True, priority=1),
    Column("change", "change", "versus expected", right=True, priority=2),
    Column("p_value", "p", "how probable so large a change is by chance", right=True, priority=3),
    Column("mark", "", "! = got worse by more than chance explains"),
)
_PARTS = (
    Column("where", "segment", "the group", priority=2, least=6),
    Column("name", "component", "what satisfaction is made of", least=16),
    Column("actual", "actual", "its rate or mean", right=True),
    Column("weight", "weight", "its share of the index", right=True, priority=1),
    Column("contribution", "contribution", "to the change, in points", right=True),
)


def index_report(result: Indexes) -> Report:
    """What `index` prints."""
    rows = tuple(_row(value) for value in result.indexes)
    parts = tuple(_part(value, part) for value in result.indexes for part in value.parts)
    components = (Section(title="Components of the satisfaction index", table=Table("Components", _PARTS, parts)),)
    return Report(
        title="",
        summary=tuple(index_summary(result)),
        sections=(
            Section(title="Indexes", table=Table("Indexes", _INDEXES, rows, empty="no index can be counted here")),
            *(components if parts else ()),
            *([Section(title="Notes", items=result.notes)] if result.notes else []),
        ),
        data=result.to_dict(),
    )


def _row(value: IndexValue) -> Row:
    interval = "" if value.interval is None else span(*value.interval, value.unit)
    expected = "" if value.expected_interval is None else span(*value.expected_interval, value.unit)
    cells = (
        Cell(value.index),
        Cell(str(value.where) or "everywhere"),
        Cell(date_range(value.window)),
        Cell(figure(value.actual, value.unit), value.actual),
        Cell(interval),
        Cell(f"{value.n:,}", value.n),
        Cell(expected, value.expected),
        Cell("" if value.change is None else change(value.change, value.unit), value.change),
        Cell("" if value.p_value is None else p_value(value.p_value), value.p_value),
        Cell("!" if value.is_drop else "", value.is_drop),
    )
    return Row(f"{value.index} {value.where}", cells, value)


def _part(value: IndexValue, part: IndexPart) -> Row:
    unit = "stars" if part.component == "stars" else "ratio"
    cells = (
        Cell(str(value.where) or "everywhere"),
        Cell(part.name),
        Cell(figure(part.actual, unit), part.actual),
        Cell(percent(part.weight), part.weight),
        Cell("" if part.contribution is None else change(part.contribution, "points"), part.contribution),
    )
    return Row(f"{value.where} {part.component}", cells, part)
