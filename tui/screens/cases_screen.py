"""Cases: what is worked on, what was promised, and what came of it.

`case_actions` is imported when something is done: it brings the statistics of verdicts, which no first page needs.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from core.base.count_text import count
from core.base.date_text import day_month
from core.base.days import Day, Window, iso
from core.reports.case_narrative import case_title, effect_range, fault_lines, judgement_lines, verdict_words
from core.reports.documents.case_report import cases_report
from core.reports.table import Cell, Column, Row, Table
from core.reports.verification_narrative import verification_lines
from core.reports.writers.text_writer import TextStyle, report_lines
from core.verification.case_results import Case
from core.verification.promises import parse_agreed
from core.views.case_figures import CaseFigures, case_figures
from core.views.case_list import CaseList, case_list
from core.workspace.read.workspace import Workspace
from tui.explain_question import ExplainQuestion
from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.common.base_screen import BaseScreen
from tui.screens.common.exporting_screen import Reports
from tui.screens.common.modals import Prompt, Reader, reading_width
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.line_chart import ChartData, LineChart
from tui.widgets.text_pane import TextPane

_SIGNS = {"due": "!", "open": "○", "judged": "●", "closed": "·"}
_ORDER = tuple(_SIGNS)
_BAR, _NARROWEST = 2, 40
"""Cells of the text's scroll bar; cells that its lines have at least."""
_CASES = (
    Column("state", "", "! due, ○ open, ● judged, · closed"),
    Column("case", "case", "its id in commands"),
    Column("subject", "about", "metric, segment and cause; enter explains it again", least=16),
    Column("action", "action", "what was agreed", priority=4, least=60),
    Column("owner", "owner", "the team that acts on it", priority=3, least=6),
    Column("expected", "promised", "the promised effect", priority=2),
    Column("judge_on", "judge on", "the day of the verdict", right=True, priority=1),
    Column("verdict", "verdict", "the outcome", least=12),
)


_FIRST_CASE = (
    "A case records what was decided about a finding, and later judges whether it worked.",
    "",
    "1. Open a finding on the Overview with enter, then press p on Explain to open a case.",
    "2. Press a here to set the action, the promised effect and the day of the verdict.",
    "3. On that day the case is due and appears on the Overview. Press V to judge it.",
    "",
    "From a shell: whydrop case open FINDING",
)
"""What is read where there are no cases."""


class CasesScreen(BaseScreen):
    """Cases that are due first; below, the one under the cursor with its promise, verdict and days."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("cases")
    TAB = "cases"
    ABOUT = "Cases: what was promised, and what was achieved"

    def __init__(self) -> None:
        super().__init__()
        self._cases = CaseList()

    def body(self) -> ComposeResult:
        yield DataGrid("case-list", wraps=True, most=40)
        with Container(id="case"):
            yield TextPane(id="text")
            yield LineChart("effect")

    def reload(self) -> None:
        self.ask(_read)

    def on_screen_resume(self) -> None:
        """Another screen may have opened a case; at first they are being read already."""
        if not self._busy:
            self.reload()

    def show_answer(self, answer: Any) -> None:
        self._cases = answer
        counts = (f"{sum(case.state == state for case in self._cases.cases)} {state}" for state in _ORDER)
        top = self.query_one(Header)
        top.subject = f"{count(len(self._cases.cases), 'case')}   {'  '.join(counts)}"
        faults = fault_lines(self._cases.faults)
        top.state = f"! {faults[0]}" if faults else ""
        rows = tuple(map(_row, sorted(self._cases.cases, key=lambda case: _ORDER.index(case.state))))
        empty = "no case yet"
        self.query_one("#case-list", DataGrid).fill(
            Table("Cases", _CASES, rows, name="cases", note="; ".join(faults), empty=empty)
        )
        self.set_class(not rows, "-empty")
        if not rows:
            self.query_one(TextPane).say(_FIRST_CASE)
            self.query_one(LineChart).fill(None)

    def on_resize(self) -> None:
        """Other widths take other lines."""
        self.call_after_refresh(self._show_text)

    def _show_text(self) -> None:
        """The case under the cursor, in words."""
        row = self.query_one("#case-list", DataGrid).row
        if row is None:
            return
        case: Case = row.item
        pane = self.query_one(TextPane)
        style = TextStyle(width=min(reading_width(self.size.width), max(pane.content_size.width - _BAR, _NARROWEST)))
        faults = fault_lines(self._cases.faults_of(case))
        pane.say([*faults, *report_lines(cases_report([case], self._cases.currency), style)])

    @on(DataGrid.CursorMoved, "#case-list")
    def _show_case(self, event: DataGrid.CursorMoved) -> None:
        case: Case = event.row.item
        self.call_after_refresh(self._show_text)  # once the text has the width that the chart leaves
        plot = self.query_one(LineChart)
        plot.fill(None)
        work = self.ask_aside(
            lambda workspace: case_figures(workspace, case), lambda figures: plot.fill(_chart(figures))
        )
        self.run_worker(work, exclusive=True, group="aside", exit_on_error=False)

    @on(DataGrid.Opened, "#case-list")
    async def _explain(self, event: DataGrid.Opened) -> None:
        await self.whydrop.explain(_question(event.row.item), ListNavigation(event.grid, _question))

    def _chosen(self) -> Case | None:
        """The case under the cursor; says so where there is none."""
        row = self.query_one("#case-list", DataGrid).row
        if row is None:
            self.notify("there is no case yet: p on Explain opens one", markup=False)
        return row.item if row else None

    def _chosen_open(self) -> Case | None:
        """The case under the cursor if it can still change; says so where it cannot."""
        case = self._chosen()
        if case is None or case.state != "closed":
            return case
        self.notify(f"{case.id} is closed: only notes can be added", markup=False)
        return None

    def action_verify(self) -> None:
        """Judges the case under the cursor by what was promised."""
        case = self._chosen()
        if case:
            self.run_worker(self._verify(case), exclusive=True, group="verify", exit_on_error=False)

    async def _verify(self, case: Case) -> None:
        lines: list[str] = []

        def work(_: object) -> None:
            from core.views import case_actions

            judgement = case_actions.verify_case(self.whydrop.db, case.id)
            lines.extend((*judgement_lines(judgement), *verification_lines(judgement.result, judgement.currency)))

        if await self._done(work):
            self.app.push_screen(Reader(f"{case.id}: verdict", lines))

    async def _done(self, work: Callable[[object], None]) -> bool:
        """Does something that may wait for a load, shows the cases as they are then; what cannot be done is said."""
        self.query_one(Header).busy = True
        try:
            is_done = await self.do_aside(work)
        finally:
            self.query_one(Header).busy = False
        if is_done:
            self.reload()
        return is_done

    def _write_down(self, work: Callable[[], object]) -> None:
        def run(_: object) -> None:
            work()

        self.run_worker(self._done(run), exclusive=True, group="write", exit_on_error=False)

    def _prompt(self, title: str, hint: str, button: str, write: Callable[[Path, str, str], object]) -> None:
        """Asks for a text about the case under the cursor, and writes it down."""
        case, db = self._chosen(), self.whydrop.db
        if case:
            use = lambda text: self._write_down(lambda: write(db, case.id, text.strip()))  # noqa: E731
            self.app.push_screen(Prompt(f"{title} {case.id}", "", hint, use, button))

    def action_note(self) -> None:
        """Asks for a note and adds it to the case."""
        self._prompt("Note on", "Added to the case; a note cannot be removed.", "add", _add_note)

    def action_agree(self) -> None:
        """Asks for the promise: action, effect, and the day of the verdict."""
        from core.views import case_actions

        case, db = self._chosen_open(), self.whydrop.db
        if not case:
            return
        hint = "Action, promised effect, day of the verdict: Pin the old app -5%..-10% 2026-03-30"

        def use(text: str) -> None:
            action, expected, judge_on = parse_agreed(text)
            agreement = case_actions.Agreement(action=action, expected=expected, judge_on=judge_on)
            self._write_down(lambda: case_actions.note_case(db, case.id, "", agreement))

        self.app.push_screen(Prompt(f"Promise of {case.id}", case.action, hint, use, "save"))

    def action_close(self) -> None:
        """Asks why, and closes the case."""
        if self._chosen_open():
            self._prompt("Close", "Why it is closed; may be empty.", "close the case", _close)

    def reports(self) -> Reports | None:
        cases = self._cases.cases
        return (lambda _: [cases_report([case], self._cases.currency) for case in cases]) if cases else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There are no days and no figures to choose here."""
        return action not in {"window", "numbers"} and super().check_action(action, parameters)


def _add_note(db: Path, case: str, text: str) -> None:
    from core.views import case_actions

    case_actions.note_case(db, case, text, case_actions.Agreement())


def _close(db: Path, case: str, text: str) -> None:
    from core.views import case_actions

    case_actions.close_case(db, case, text)


def _read(workspace: Workspace) -> Iterator[CaseList]:
    yield case_list(workspace)


def _row(case: Case) -> Row:
    return Row(
        case.id,
        (
            Cell(_SIGNS[case.state], case.state, "bad" if case.state == "due" or case.is_changed else ""),
            Cell(case.id),
            Cell(case_title(case)),
            Cell(case.action, style="dim"),
            Cell(case.owner, style="dim"),
            Cell(effect_range(case.expected), case.expected.low),
            _day(case.judge_on),
            Cell("! changed" if case.is_changed else verdict_words(case), style="bad" if case.is_changed else ""),
        ),
        case,
    )


def _chart(figures: CaseFigures) -> ChartData:
    """The days of a case, with what would have come without the action."""
    onset = () if figures.onset is None else ((figures.onset, "onset of the finding"),)
    return ChartData(
        title="By day",
        days=figures.days,
        values=figures.actual,
        low=figures.low,
        high=figures.high,
        unit=figures.unit,
        window=Window(min(figures.since, figures.days.last), figures.days.last),
        onset=figures.since,
        events=((figures.since, "action"), *onset),
        legend="░ expected without the action",
        is_worse=False,
    )


def _question(case: Case) -> ExplainQuestion:
    """Asks again what the case is about."""
    if case.window is None or case.baseline is None:
        return ExplainQuestion(case.metric, where=case.where)
    kind = case.baseline["kind"]
    baseline = kind if kind != "window" else f"{case.baseline['from']}..{case.baseline['to']}"
    return ExplainQuestion(case.metric, case.window, baseline, case.where)


def _day(day: Day | None) -> Cell:
    return Cell() if day is None else Cell(day_month(day), iso(day))
