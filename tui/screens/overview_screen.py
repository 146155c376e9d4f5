"""Overview: what moved, and does it matter."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import isfinite
from shlex import quote
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from core.base.days import Window, iso
from core.base.errors import NotEnoughData
from core.detection.findings import Finding, Scan
from core.incidents.incident_scan import find_incidents
from core.reports.case_narrative import due_line, fault_lines
from core.reports.number_format import band, condensed, day, days, figure, moved, percent, spark
from core.reports.table import Cell, Column, Row, Table
from core.views.case_list import CaseList, case_list
from core.views.overview import MetricRow, Overview, overview, with_scan
from core.workspace.read.event_log import Event
from core.workspace.read.workspace import Workspace
from tui.explain_question import ExplainQuestion
from tui.list_navigation import ListNavigation
from tui.screens.base_screen import BaseScreen
from tui.screens.modals import Reader, Text
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.plain_text import PlainText

_METRICS = (
    Column("metric", "metric", "the key that commands take", least=16),
    Column("name", "", "its name in words", priority=10, least=20),
    Column("window", "days", "the newest days that are old enough to be judged", priority=9),
    Column("since", "since", "first day of the drop that is on", right=True, priority=8),
    Column("actual", "now", "its value over those days", right=True),
    Column("expected", "expected", "what the days before lead one to expect", right=True, priority=5),
    Column("change", "change", "now against expected; ratios in percentage points", right=True),
    Column(
        "interval",
        "95 %",
        "where an ordinary week would be: the interval of what is expected; where room is short, half its width",
        right=True,
        priority=4,
        least=8,
        most=15,
    ),
    Column("values", "42 days", "daily values, scaled from the lowest to the highest", priority=6, least=10, most=42),
    Column(
        "alert",
        "alert",
        "a drop that is on: !!! critical, !! major, ! minor (part: of a part only); without !: outside its band, no drop yet",
    ),
)
_ALERTS = (
    Column("severity", "", "!!! critical, !! major, ! minor"),
    Column("metric", "", "what got worse", priority=1, least=10),
    Column("where", "", "where; all = everywhere", least=10),
    Column("since", "", "its first day", right=True, priority=3),
    Column("change", "", "against what was expected", right=True, priority=2),
    Column("impact", "", "what it costs, in the unit of the root metric", right=True, priority=4),
)
_EVENTS = (
    Column("day", "", "its first day", right=True),
    Column("title", "", "what happened", least=12),
    Column("where", "", "where it holds; nothing = everywhere", priority=2, least=6),
)


class OverviewScreen(BaseScreen):
    """One row a metric, worst first; enter explains it. Below: the drops that are on, and what happened near them."""

    TAB = "overview"
    ABOUT = "Overview: what moved, and does it matter"

    def __init__(self) -> None:
        super().__init__()
        self._window: Window | None = None
        self._found: Overview | None = None

    def body(self) -> ComposeResult:
        yield PlainText("", id="due")
        yield DataGrid("metrics")
        with Horizontal(id="below"):
            yield DataGrid("alerts")
            yield DataGrid("events")

    def reload(self) -> None:
        self.ask(partial(_read, self._window))

    def show_answer(self, answer: Any) -> None:
        result: Overview = answer
        self._found = result
        self.whydrop.metrics = [(row.metric, row.name) for row in result.rows]
        if self.whydrop.question is None:
            self.whydrop.question = _question(result.rows[0])
        top = self.query_one(Header)
        top.subject = days(self._window) if self._window else "the newest ripe days"
        bad = sum(check.status == "fail" for check in result.scan.data_quality) if result.scan else 0
        top.state = f"data to {days(Window(result.span.last, result.span.last))}" + (f", {bad} bad" if bad else "")
        self._show_cases(result.cases)
        self._fill(result)

    def _show_cases(self, cases: CaseList) -> None:
        """Cases that are to be judged stand on top, and what was changed in any."""
        lines = [*fault_lines(cases.faults), *map(due_line, cases.due)]
        pane = self.query_one("#due", PlainText)
        pane.say(lines)
        pane.display = bool(lines)

    def _fill(self, result: Overview) -> None:
        notes = "; ".join(result.notes)
        metrics = Table("Metrics", _METRICS, tuple(map(_metric, result.rows)), note=notes, name="overview")
        self.query_one("#metrics", DataGrid).fill(metrics)
        self.query_one("#alerts", DataGrid).fill(_alerts(result.scan))
        events = tuple(map(_event, result.events))
        empty = "no event in these 42 days"
        self.query_one("#events", DataGrid).fill(
            Table(
                title="What happened near it",
                columns=_EVENTS,
                rows=events,
                header=False,
                note="",
                name="events",
                empty=empty,
            )
        )

    @on(DataGrid.Opened, "#metrics")
    async def _explain_metric(self, event: DataGrid.Opened) -> None:
        await self.whydrop.explain(_question(event.row.item), ListNavigation(event.grid, _question))

    @on(DataGrid.Opened, "#alerts")
    async def _explain_alert(self, event: DataGrid.Opened) -> None:
        await self.whydrop.explain(_about(event.row.item), ListNavigation(event.grid, _about))

    @on(DataGrid.Opened, "#events")
    def _read_event(self, event: DataGrid.Opened) -> None:
        self.app.push_screen(Reader(*_event_text(event.row.item), ListNavigation(event.grid, _event_text)))

    def window_text(self) -> str:
        return str(self._window or "")

    def choose_window(self, window: Window | None) -> None:
        self._window = window
        self.reload()

    def choose_metric(self, metric: str) -> None:
        self.run_worker(self.whydrop.explain(ExplainQuestion(metric, self._window)))

    def action_numbers(self) -> None:
        row = self.query_one("#metrics", DataGrid).row
        if row and self._found:
            item: MetricRow = row.item
            reader = Reader(item.metric, _numbers(item, str(self.whydrop.db)))
            self.app.push_screen(reader)
            where = self._found.where
            sql = self.ask_aside(lambda workspace: workspace.trace(item.metric, item.window, where), reader.add_sql)
            self.run_worker(sql, exclusive=True, group="aside", exit_on_error=False)

    def legend(self) -> list[str]:
        notes = [f"  {note}" for note in self._found.notes] if self._found else []
        return ["Notes", *notes] if notes else []


def _read(window: Window | None, workspace: Workspace) -> Iterator[Overview]:
    """The metrics first, for they are quick; then the same with the drops that are on."""
    result = replace(overview(workspace, window=window), cases=case_list(workspace))
    yield result
    try:
        yield with_scan(result, find_incidents(workspace, as_of=window.last if window else None))
    except NotEnoughData as error:
        yield with_scan(result, Scan(as_of=result.span.last, tested=0, findings=(), notes=(str(error),)))


def _alerts(scan_: Scan | None) -> Table:
    """The drops that are on; or why there are none to show."""
    if scan_ is None:
        return Table("Alerts", _ALERTS, (), header=False, empty="looking for drops ...")
    rows = tuple(map(_alert, scan_.findings))
    empty = "no drop is on" if scan_.tested else " ".join(scan_.notes)
    return Table(
        title=f"Alerts {len(rows)}",
        columns=_ALERTS,
        rows=rows,
        header=False,
        note=f"in {scan_.tested:,} series",
        name="alerts",
        empty=empty,
    )


def _question(row: MetricRow) -> ExplainQuestion:
    """A drop is explained on its own days, anything else on the days that are shown."""
    return ExplainQuestion(row.metric, row.finding.window if row.finding else row.window)


def _about(finding: Finding) -> ExplainQuestion:
    return ExplainQuestion(finding.metric, finding.window, where=finding.where)


def _event_text(event: Event) -> Text:
    """All that is known of an event."""
    facts = {**event.to_dict(), "where": str(event.where) or "everywhere"}
    return event.title, [f"{name:<10} {value or '–'}" for name, value in facts.items()]


def _metric(row: MetricRow) -> Row:
    tone = "bad" if row.is_drop else ""
    finding = row.finding or row.part
    return Row(
        row.metric,
        (
            Cell(row.metric, style="bold" if row.finding else ""),
            Cell(row.name, style="dim"),
            Cell(f"{day(row.window.first)}-{day(row.window.last)}", str(row.window), "dim"),
            Cell(day(finding.onset), finding.onset, "dim") if finding else Cell(),
            Cell(figure(row.actual, row.unit), row.actual),
            Cell(figure(row.expected, row.unit), row.expected, "dim"),
            Cell(
                moved(row.change, row.change_pct, row.unit), row.change if row.unit == "ratio" else row.change_pct, tone
            ),
            _interval(row),
            Cell(spark(row.values), draw=lambda width: spark(condensed(row.values, width))),
            Cell(_mark(row), row.worse_by, "bad" if row.finding or row.part else "dim"),
        ),
        row,
    )


def _interval(row: MetricRow) -> Cell:
    """Both ends where they fit, else how far they are from the middle."""
    ends = "–".join(figure(end, row.unit) for end in row.interval) if isfinite(row.expected) else "–"
    half = band(row.interval, row.expected, row.unit)
    return Cell(ends, row.interval[1] - row.interval[0], "dim", lambda width: ends if len(ends) <= width else half)


def _mark(row: MetricRow) -> str:
    direction = ("low" if row.change < 0 else "high") if row.is_drop or row.finding else ""
    finding = row.finding or row.part
    return f"{sign(finding.severity) if finding else ''} {direction or ('part' if row.part else '')}".strip()


def sign(severity: str) -> str:
    """A severity that is read without colour."""
    return {"critical": "!!!", "major": "!!", "minor": "!"}[severity]


def _alert(finding: Finding) -> Row:
    what = "data" if finding.kind == "data" else sign(finding.severity)
    return Row(
        f"{finding.id}",
        (
            Cell(what, style="bad"),
            Cell(finding.metric),
            Cell(str(finding.where) or "all"),
            Cell(day(finding.onset), finding.onset, "dim"),
            Cell(percent(finding.change_pct, signed=True), finding.change_pct),
            Cell(figure(finding.impact, finding.impact_unit), finding.impact),
        ),
        finding,
    )


def _event(event: Event) -> Row:
    return Row(
        event.event_id,
        (
            Cell(day(event.window.first), event.starts_at, "dim"),
            Cell(f"{event.kind}: {event.title}"),
            Cell(str(event.where), style="dim"),
        ),
        event,
    )


def _numbers(row: MetricRow, db: str) -> list[str]:
    """Full figures, the formula, and the commands that print the same."""
    low, high = row.interval
    first, last = iso(row.window.first), iso(row.window.last)
    return [
        f"{row.metric}: {row.name}",
        "",
        f"formula    {row.metric} = {row.formula}",
        f"good       {row.good}",
        f"days       {row.window}",
        f"now        {row.actual!r}",
        f"expected   {row.expected!r}",
        f"95 %       {low!r} to {high!r}",
        f"change     {row.change!r}",
        f"worse by   {row.worse_by:.2f} standard deviations",
        "",
        "The same from a shell",
        f"  whydrop series {row.metric} --from {first} --to {last} --db {quote(db)}",
        f"  whydrop series {row.metric} --from {first} --to {last} --db {quote(db)} --sql",
        f"  {_question(row).command(db)}",
    ]
