"""The tables of the Overview: findings, metrics, events near them."""

from dataclasses import replace
from functools import partial
from math import isfinite

from core.base.count_text import count
from core.base.date_text import date_range, day_month
from core.base.interval import is_within
from core.catalogue.metric_names import metric_words
from core.reports.figures.change_format import percent_or_points
from core.reports.figures.number_format import figure, span
from core.reports.finding_narrative import direction_sign
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.finding_table import finding_table
from core.reports.tables.trend import trend
from core.views.overview import MetricRow, Overview
from core.workspace.read.event_log import Event

_METRICS = (
    Column("metric", "metric", "its name; commands accept spaces or underscores"),
    Column("actual", "actual", "its value over the last seven complete days", right=True),
    Column("expected", "expected", "the value that earlier days predict", right=True, priority=3),
    Column("change", "change", "actual minus expected; ratios in percentage points", right=True),
    Column("interval", "expected range", "the range that holds 95% of usual weeks", right=True, priority=6),
    Column("values", "42 days", "daily values; the seven days right of │ are tested, · = incomplete day", priority=2,
           least=10, most=43),
    Column("verdict", "verdict", "below or above range = worse than expected; in a segment = worse only there", priority=1),
    Column("days", "days", "the last seven complete days of this metric", priority=8),
    Column("name", "what it is", "its definition in words", priority=9, least=20, most=44),
)  # fmt: skip
_EVENTS = (
    Column("day", "day", "first day", right=True),
    Column("kind", "kind", "release, campaign, outage and so on", priority=1),
    Column("title", "title", "what happened", least=46),
    Column("where", "where", "the segment it applies to; blank = everywhere", priority=2, least=9, most=30),
    Column("owner", "owner", "who made the change", priority=3),
)


def open_findings(result: Overview) -> Table:
    """One row an incident, worst first; says so while the scan runs, and when nothing is wrong."""
    scan = result.scan
    if scan is None:
        return replace(finding_table((), {}, ""), empty="scanning for findings ...")
    units = {row.metric: row.unit for row in result.rows}
    empty = "Nothing is wrong: no finding is open." if scan.tested else " ".join(scan.notes)
    note = f"{len(scan.findings)} open in {scan.tested:,} series" if scan.tested else ""
    return finding_table(scan.findings, units, result.currency, note=note, empty=empty)


def metric_table(result: Overview) -> Table:
    """Every metric, worst first."""
    days = {len(row.window) for row in result.rows}
    note = f"last {count(days.pop(), 'complete day')}" if len(days) == 1 else "chosen days"
    return Table(
        "Metrics", _METRICS, tuple(_metric(row, result.currency) for row in result.rows), note=note, name="overview"
    )


def _metric(row: MetricRow, currency: str) -> Row:
    tone = "bad" if row.is_drop else ""
    lines = partial(trend, row.values, len(row.window), row.incomplete)
    in_currency = f", {currency}" if row.unit == "money" and currency else ""
    cells = (
        Cell(f"{metric_words(row.metric)}{in_currency}", style="bold" if row.finding else ""),
        Cell(figure(row.actual, row.unit), row.actual),
        Cell(figure(row.expected, row.unit), row.expected, "dim"),
        Cell(
            percent_or_points(row.change, row.change_pct, row.unit),
            row.change if row.unit == "ratio" else row.change_pct,
            tone,
        ),
        Cell(_range(row), tuple(row.interval), "dim"),
        Cell(lines(43), style=tone, draw=lines),
        Cell(verdict_words(row), row.worse_by, tone if row.is_drop else "dim"),
        Cell(date_range(row.window), str(row.window), "dim"),
        Cell(row.name, style="dim"),
    )
    return Row(row.metric, cells, row)


def _range(row: MetricRow) -> str:
    if not isfinite(row.expected):
        return "–"
    return span(*row.interval, row.unit)


def verdict_words(row: MetricRow) -> str:
    """Whether it is outside its expected range, in words; empty where it is inside."""
    if row.is_drop:
        return f"{direction_sign(row.change)} {'below' if row.change < 0 else 'above'} range"
    if row.part is not None and row.part.severity != "minor":
        return "in a segment"
    if row.good != "neutral" and isfinite(row.expected) and not is_within(row.actual, row.interval):
        return "improved"
    return ""


def event_table(result: Overview) -> Table:
    """What began on the shown days, newest first: context, not causes."""
    rows = tuple(map(_event, result.events))
    return Table("Events", _EVENTS, rows, header=False, name="events", empty="no event in the last 42 days",
                 note="context, not causes")  # fmt: skip


def _event(event: Event) -> Row:
    cells = (
        Cell(day_month(event.window.first), event.starts_at, "dim"),
        Cell(event.kind, style="dim"),
        Cell(event.title),
        Cell(str(event.where), style="dim"),
        Cell(event.owner, style="dim"),
    )
    return Row(event.event_id, cells, event)
