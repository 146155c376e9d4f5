"""Overview: is something wrong, what does it cost, whose is it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import isfinite
from shlex import quote
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from core.base.date_text import date_range, date_text
from core.base.days import Window, iso
from core.base.errors import NotEnoughData
from core.detection.findings import Scan
from core.reports.case_narrative import due_line, fault_lines
from core.reports.finding_narrative import checks_failed, likely_line
from core.reports.index_narrative import drop_lines
from core.reports.report import Report
from core.reports.tables.overview_tables import event_table, metric_table, open_findings
from core.reports.tables.reading import TitledText, exact, exact_range, shell_lines
from core.views.case_list import CaseList, case_list
from core.views.kept_answers import kept_index_drops, kept_scan
from core.views.overview import MetricRow, Overview, overview, with_scan
from core.workspace.read.event_log import Event
from core.workspace.read.figure_sql import total_sql
from core.workspace.read.workspace import Workspace
from tui.answers_ahead import answer_ahead
from tui.explain_question import ExplainQuestion
from tui.list_navigation import ListNavigation
from tui.screens.common.base_screen import BaseScreen
from tui.screens.common.exporting_screen import Reports
from tui.screens.common.modals import Reader
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.plain_text import PlainText
from tui.worker_thread import in_thread

_EXPLAINED_AHEAD = 3
"""Findings whose explanations are there before they are opened: those at the top are opened first."""


class OverviewScreen(BaseScreen):
    """Due cases, findings, metrics (worst first), events near them. Enter explains a finding or a metric."""

    TAB = "overview"
    ABOUT = "Overview: is something wrong, what does it cost, whose is it"

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (110, "-middle"), (150, "-wide")]  # noqa: RUF012 - as Textual declares it
    """Metrics and events take their whole width: next to each other they need more room than the panes of other screens."""
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (16, "-low"), (20, "-usual"), (32, "-high")]  # noqa: RUF012
    """With fewer than 20 lines, cause and owner of a finding leave their line to the metrics."""

    def __init__(self) -> None:
        super().__init__()
        self._window: Window | None = None
        self._result: Overview | None = None

    def body(self) -> ComposeResult:
        yield PlainText("", id="due")
        yield DataGrid("findings", wraps=True)
        yield PlainText("", id="likely")
        with Container(id="below"):
            yield DataGrid("metrics")
            yield DataGrid("events", wraps=True)

    def reload(self) -> None:
        if self._is_empty:
            self.say(self.READING)  # at once: the core is imported first, and a million rows take two seconds
        self.ask(partial(_read, self._window))

    def show_answer(self, answer: Any) -> None:
        result: Overview = answer
        self._result = result
        self.whydrop.metrics = [(row.metric, row.name) for row in result.rows]
        if self.whydrop.question is None:
            self.whydrop.question = _question(result.rows[0])
        if result.scan and result.scan.findings and self._window is None:
            self.whydrop.question = ExplainQuestion.about(result.scan.findings[0])
        top = self.query_one(Header)
        top.subject = "   ".join(
            part for part in (result.currency, date_range(self._window) if self._window else "") if part
        )
        bad = sum(check.status == "fail" for check in result.scan.data_quality) if result.scan else 0
        faults = f", {checks_failed(bad)}" if bad else ""
        top.state = f"data to {date_text(result.span.last)}{faults}"
        self._show_cases(result.cases)
        self.query_one("#findings", DataGrid).fill(open_findings(result))
        self.query_one("#metrics", DataGrid).fill(metric_table(result))
        self.query_one("#events", DataGrid).fill(event_table(result))
        if result.scan and not result.scan.findings and self.query_one("#findings").has_focus:
            self.query_one("#metrics").focus()
        if result.scan:  # again after each reading: what is kept already costs next to nothing
            findings = [ExplainQuestion.about(finding) for finding in result.scan.findings[:_EXPLAINED_AHEAD]]
            work = in_thread(partial(answer_ahead, self.whydrop.db, findings or [self.whydrop.question]))
            self.run_worker(work, exclusive=True, group="ahead", exit_on_error=False)

    def _show_cases(self, cases: CaseList) -> None:
        """Cases that are to be judged stand on top, and what was changed in any."""
        lines = [*fault_lines(cases.faults), *map(due_line, cases.due)]
        pane = self.query_one("#due", PlainText)
        pane.say(lines)
        pane.display = bool(lines)

    def on_resize(self) -> None:
        """Another width has room for other columns."""
        self.call_after_refresh(self._show_likely)

    @on(DataGrid.CursorMoved, "#findings")
    def _show_likely(self) -> None:
        """What a narrow table has no room for of the finding under the cursor: cause and owner, and even where it is."""
        grid = self.query_one("#findings", DataGrid)
        if grid.row:
            line = likely_line(grid.row.item, with_segment="where" in grid.left_out)
            self.query_one("#likely", PlainText).say([line])

    @on(DataGrid.Opened, "#metrics")
    async def _explain_metric(self, event: DataGrid.Opened) -> None:
        await self.whydrop.explain(_question(event.row.item), ListNavigation(event.grid, _question))

    @on(DataGrid.Opened, "#findings")
    async def _explain_finding(self, event: DataGrid.Opened) -> None:
        await self.whydrop.explain(
            ExplainQuestion.about(event.row.item), ListNavigation(event.grid, ExplainQuestion.about)
        )

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
        if row and self._result:
            item: MetricRow = row.item
            reader = Reader(item.metric, _numbers(item, str(self.whydrop.db)))
            self.app.push_screen(reader)
            where = self._result.where
            sql = self.ask_aside(
                lambda workspace: total_sql(workspace, item.metric, item.window, where), reader.add_sql
            )
            self.run_worker(sql, exclusive=True, group="aside", exit_on_error=False)
        else:
            super().action_numbers()

    def reports(self) -> Reports | None:
        scan = self._result.scan if self._result else None
        if scan is None or not scan.findings:
            return None

        def make(workspace: Workspace) -> Sequence[Report]:
            from core.reports.documents.hand_off import finding_hand_offs

            return list(finding_hand_offs(workspace, scan.findings, self.whydrop.db))

        return make

    def legend(self) -> list[str]:
        notes = [f"  {note}" for note in self._result.notes] if self._result else []
        return ["Notes", *notes] if notes else []


def _read(window: Window | None, workspace: Workspace) -> Iterator[Overview]:
    """The metrics first, for they are quick; then the same with the findings."""
    result = replace(overview(workspace, window=window), cases=case_list(workspace))
    yield result
    try:
        scanned = with_scan(result, kept_scan(workspace, window.last if window else None))
        drops = () if window else kept_index_drops(workspace)
        yield replace(scanned, indexes=drops, notes=(*scanned.notes, *drop_lines(drops)))
    except NotEnoughData as error:
        yield with_scan(result, Scan(as_of=result.span.last, tested=0, findings=(), notes=(str(error),)))


def _question(row: MetricRow) -> ExplainQuestion:
    """A finding is explained on its own days, anything else on the days that are shown."""
    return ExplainQuestion(row.metric, row.finding.window if row.finding else row.window)


def _event_text(event: Event) -> TitledText:
    """All that is known of an event."""
    facts = {**event.to_dict(), "where": str(event.where) or "everywhere"}
    return event.title, [f"{name:<10} {value or '–'}" for name, value in facts.items()]


def _numbers(row: MetricRow, db: str) -> list[str]:
    """Full figures, the formula, and the commands that print the same."""
    low, high = row.interval
    first, last = iso(row.window.first), iso(row.window.last)
    series = f"whydrop series {row.metric} --from {first} --to {last} --db {quote(db)}"
    return [
        *([row.name, ""] if row.name != row.metric else []),
        f"formula    {row.metric} = {row.formula}",
        f"good       {row.good}",
        f"days       {row.window}",
        f"actual     {exact(row.actual)}",
        f"expected   {exact(row.expected)}",
        f"range      {exact_range(low, high)}{' (95% of usual weeks)' if isfinite(low) else ''}",
        f"change     {exact(row.change)}",
        f"worse by   {exact(round(row.worse_by, 2))}{' standard deviations' if isfinite(row.worse_by) else ''}",
        *shell_lines(series, f"{series} --sql", _question(row).command(db)),
    ]
