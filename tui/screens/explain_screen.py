"""Explain: what happened, where, why, and what to do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from core.base.date_text import date_text
from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.metric_names import metric_words
from core.explanation.decompose.drivers import Branch
from core.explanation.explanation_results import MixRate
from core.reports.finding_narrative import checks_failed
from core.reports.report import Report
from core.reports.table import Table
from core.reports.tables import cause_table, explanation_tables
from core.reports.tables.answer import answer_lines
from core.reports.tables.reading import TitledText
from core.views.metric_detail import MetricDetail
from core.views.overview import overview
from core.workspace.read.workspace import Workspace
from tui.explain_question import ExplainQuestion
from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.common.detail_screen import DetailScreen
from tui.screens.common.explained_chart import SIGNS, chart_of
from tui.screens.common.exporting_screen import Reports
from tui.screens.common.modals import Picker, Reader
from tui.screens.common.prompts import baseline_prompt
from tui.screens.match_screen import MatchRequest, MatchScreen
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.line_chart import LineChart
from tui.widgets.plain_text import AnswerText


class ExplainScreen(DetailScreen):
    """The answer on top; below it the days, segments, steps and causes. Enter goes into a segment, esc comes back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("explain", "match")
    TAB = "explain"
    READING = ""
    """Its first pane says what it waits for."""
    ABOUT = "Explain: what happened, where, why, and what to do"

    def __init__(
        self, question: ExplainQuestion | None = None, navigation: ListNavigation[ExplainQuestion] | None = None
    ) -> None:
        super().__init__(navigation)
        self._question = question
        self._detail: MetricDetail | None = None
        """The answer that is shown; None while another question is being answered."""
        self._answered: ExplainQuestion | None = None
        """The question whose answer is shown."""
        self._split = ""
        """The dimension whose values are shown; empty: all dimensions."""

    def body(self) -> ComposeResult:
        yield AnswerText(id="answer")
        with Container(id="page"):
            yield LineChart("chart")
            with Container(id="panes"):
                yield DataGrid("segments", wraps=True, most=9)
                yield DataGrid("why", wraps=True, most=30)
                yield DataGrid("steps", wraps=True, most=11)
                yield DataGrid("dimensions", most=14)

    def take(self, question: ExplainQuestion) -> None:
        """Explains something else."""
        if question != self._question:
            self._question, self._split = question, ""
            self.reload()

    def reload(self) -> None:
        self._question = self._question or self.whydrop.question
        if self._question != self._answered:
            self._clear()
        if self._question:
            self.query_one(Header).subject = self._question.words
        self.ask(partial(_read, self._question))

    def _clear(self) -> None:
        """Nothing of another question stays under the title of this one."""
        self._detail = None
        subject = f" {metric_words(self._question.metric)}" if self._question else ""
        self.query_one("#answer", AnswerText).say([f"Explaining{subject} ..."])
        self.query_one(LineChart).fill(None)
        for grid in self.grids:
            grid.fill(Table("", (), (), header=False, empty=""))

    def show_nothing(self) -> None:
        if self._detail is None:
            self.query_one("#answer", AnswerText).say(())

    def show_answer(self, answer: Any) -> None:
        question, detail = answer
        self._question = self._answered = question
        self._detail, explanation = detail, detail.explanation
        top = self.query_one(Header)
        top.subject = replace(question, window=explanation.window).words
        bad = sum(check.status == "fail" for check in explanation.data_quality)
        faults = f", {checks_failed(bad)}" if bad else ""
        top.state = f"data to {date_text(detail.span.last)}{faults}"
        self.query_one("#answer", AnswerText).say(answer_lines(explanation, question.finding, detail.currency))
        self.query_one("#segments", DataGrid).fill(explanation_tables.segments(explanation, detail.currency))
        self._fill_dimensions(detail)
        steps = self.query_one("#steps", DataGrid)
        step_table = explanation_tables.steps(explanation, detail.steps, detail.currency)
        steps.display = bool(step_table.rows)
        steps.fill(step_table, explanation_tables.folded(detail.steps))
        self.query_one("#why", DataGrid).fill(cause_table.cause_table(explanation), cause_table.folded(explanation))
        self.query_one(LineChart).fill(chart_of(detail))

    def _fill_dimensions(self, detail: MetricDetail) -> None:
        """All dimensions, or the values of the one that the change is split by."""
        explanation = detail.explanation
        mix = next((mix for mix in explanation.mix if mix.dimension == self._split), None)
        self.query_one("#dimensions", DataGrid).fill(
            explanation_tables.split_by(explanation, mix, detail.currency)
            if mix
            else explanation_tables.dimensions(explanation, detail.currency)
        )

    @on(DataGrid.Opened, "#why")
    def _read_evidence(self, event: DataGrid.Opened) -> None:
        navigation: ListNavigation[TitledText] = ListNavigation(event.grid, lambda lines: (lines[0], lines[1:]))
        self.app.push_screen(Reader(event.row.item[0], event.row.item[1:], navigation))

    @on(DataGrid.Opened, "#steps")
    async def _explain_step(self, event: DataGrid.Opened) -> None:
        await self._deeper(event, self._step)

    @on(DataGrid.Opened, "#segments")
    async def _explain_segment(self, event: DataGrid.Opened) -> None:
        await self._deeper(event, self._inside)

    @on(DataGrid.Opened, "#dimensions")
    async def _open_dimension(self, event: DataGrid.Opened) -> None:
        if isinstance(event.row.item, MixRate):
            self._split_by(event.row.item.dimension)
        else:
            await self._deeper(event, self._inside)

    async def _deeper(self, event: DataGrid.Opened, asks: Callable[[Any], ExplainQuestion | None]) -> None:
        question = asks(event.row.item)
        if question:
            await self.app.push_screen(ExplainScreen(question, ListNavigation(event.grid, asks)))
        else:
            self.notify("this is all of it: there is nothing further inside", markup=False)

    def _step(self, branch: Branch | None) -> ExplainQuestion | None:
        """Asks about a factor; None for the whole."""
        if branch is None or self._shown is None or branch.metric == self._shown.metric:
            return None
        return replace(self._shown, metric=branch.metric, finding=None)

    def _inside(self, segment: Segment) -> ExplainQuestion | None:
        """Asks about a segment of what is shown; None when that is all of it."""
        if self._shown is None:
            return None
        where = self._shown.where.narrowed(segment)
        return None if where == self._shown.where else replace(self._shown, where=where, finding=None)

    @property
    def _shown(self) -> ExplainQuestion | None:
        """The question that is answered on the screen, with the days that the answer is of."""
        if not (self._question and self._detail):
            return None
        return replace(self._question, window=self._detail.explanation.window)

    def leave(self) -> None:
        if self._split and self.grid and self.grid.id == "dimensions":
            self._split_by("")
        elif len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            self.whydrop.action_origin()

    async def action_match(self) -> None:
        """The matches of the creator or product under the cursor."""
        request = self._matched()
        if request is not None:
            await self.app.push_screen(MatchScreen(request))

    def _matched(self) -> MatchRequest | None:
        """The one creator or product that the cursor is on."""
        row = self.grid.row if self.grid else None
        return MatchRequest.of_segment(row.item) if row and isinstance(row.item, Segment) else None

    @on(DataGrid.CursorMoved)
    def _refresh_keys(self) -> None:
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Matches are of one creator or product."""
        return not (action == "match" and self._matched() is None) and super().check_action(action, parameters)

    def action_split(self) -> None:
        """Asks for a dimension and shows what each of its values contributed."""
        if self._detail is None:
            self._say_unexplained()
            return
        choices = explanation_tables.split_choices(self._detail.explanation)

        def use(name: str | None) -> None:
            if name is not None:
                self._split_by(name)

        self.app.push_screen(Picker("Split by", choices), use)

    def _split_by(self, dimension: str) -> None:
        """Shows the values of a dimension; of all dimensions where it is empty."""
        self._split = dimension
        if self._detail:
            self._fill_dimensions(self._detail)
        self.query_one("#dimensions").focus()

    def action_compare(self) -> None:
        """Asks what to compare the window with."""
        baseline = self._question.baseline if self._question else ""
        self.app.push_screen(baseline_prompt(self.whydrop.db, baseline, lambda text: self._ask_again(baseline=text)))

    def _ask_again(self, **changes: Any) -> None:
        if self._question:
            self._question = replace(self._question, finding=None, **changes)
            self.reload()

    def window_text(self) -> str:
        return str(self._detail.explanation.window) if self._detail else ""

    def choose_window(self, window: Window | None) -> None:
        self._ask_again(window=window)

    def choose_metric(self, metric: str) -> None:
        self._question = self._question or ExplainQuestion(metric)
        self._ask_again(metric=metric)

    def action_case(self) -> None:
        """Opens a case about what is shown."""
        if self._detail is None:
            self._say_unexplained()
        else:
            self.run_worker(self._open_case(self._detail), group="case", exit_on_error=False)

    def _say_unexplained(self) -> None:
        self.notify("nothing is explained yet", markup=False)

    async def _open_case(self, detail: MetricDetail) -> None:
        opened: list[str] = []
        finding = self._question.finding if self._question else None

        def work(_: object) -> None:
            # late: brings the statistics of verdicts, which no first page needs
            from core.views.case_actions import explained_subject, open_case

            words = answer_lines(detail.explanation, finding, detail.currency)
            subject = explained_subject(detail.explanation, words, finding.id if finding else None)
            opened.append(open_case(self.whydrop.db, subject).id)

        if await self.do_aside(work):
            self.notify(f"{opened[0]} is open: 7 shows all cases", markup=False)

    def numbers(self) -> TitledText | None:
        if self._detail and self._shown:
            command = self._shown.command(str(self.whydrop.db))
            lines = cause_table.numbers(self._detail, command)
            return f"{self._detail.explanation.metric}: numbers", lines
        return None

    def reports(self) -> Reports | None:
        detail, answer = self._detail, self._shown
        if detail is None or answer is None:
            return None

        def make(workspace: Workspace) -> Sequence[Report]:
            from core.reports.documents.finding_report import finding_report
            from core.reports.documents.hand_off import inputs_of

            inputs = inputs_of(workspace.path, answer.command(str(self.whydrop.db)))
            return [finding_report(detail, inputs, answer.finding)]

        return make

    def legend(self) -> list[str]:
        notes = [f"  {note}" for note in self._detail.explanation.notes] if self._detail else []
        return ["Signs", *SIGNS, *(["", "Notes", *notes] if notes else [])]


def _read(question: ExplainQuestion | None, workspace: Workspace) -> Iterator[tuple[ExplainQuestion, MetricDetail]]:
    """Explains the worst metric when nobody asked for one."""
    if question is None:
        row = overview(workspace).rows[0]
        question = ExplainQuestion(row.metric, row.window)
    yield question, question.answer(workspace)
