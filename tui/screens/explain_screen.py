"""Explain: why it moved."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from core.base.days import Window
from core.base.errors import UsageError, WhydropError
from core.base.segment import Segment
from core.explanation.decompose.drivers import Branch
from core.explanation.explanation_results import Explanation
from core.reports.narrative import narrative
from core.reports.number_format import change, day, days, figure, percent
from core.views.case_actions import explained_subject, open_case
from core.views.metric_detail import MetricDetail, metric_detail
from core.views.overview import overview
from core.workspace.read.workspace import Workspace
from tui.explain_question import ExplainQuestion
from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.detail_screen import DetailScreen
from tui.screens.modals import Picker, Prompt, Reader, Text
from tui.screens.tables import causes_pane, explain_tables
from tui.screens.worker_thread import in_thread
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.plain_text import PlainText
from tui.widgets.text_pane import TextPane
from tui.widgets.timeline import Days, Timeline
from tui.widgets.waterfall import bars


class ExplainScreen(DetailScreen):
    """The change taken apart: by step of the tree, by segment, by cause. Enter goes into a segment, esc comes back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("explain")
    TAB = "explain"
    ABOUT = "Explain: why it moved"

    def __init__(
        self, question: ExplainQuestion | None = None, trail: ListNavigation[ExplainQuestion] | None = None
    ) -> None:
        super().__init__(trail)
        self._question = question
        self._found: MetricDetail | None = None
        self._split = ""
        """The dimension that the segments are split by; empty: the smallest set that explains the change."""

    def body(self) -> ComposeResult:
        yield PlainText("", id="verdict")
        with Container(id="panes"):
            yield DataGrid("steps")
            yield Timeline("timeline")
            yield DataGrid("segments")
            yield DataGrid("why")
            yield TextPane(id="evidence")

    def take(self, question: ExplainQuestion) -> None:
        """Explains something else."""
        if question != self._question:
            self._question, self._split = question, ""
            self.reload()

    def reload(self) -> None:
        self._question = self._question or self.whydrop.question
        if self._question:
            self.query_one(Header).subject = self._question.words
        self.ask(partial(_read, self._question))

    def show_answer(self, answer: Any) -> None:
        self._question, self._found = answer
        detail: MetricDetail = self._found
        explanation = detail.explanation
        top = self.query_one(Header)
        top.subject = replace(self._question, window=explanation.window).words
        bad = sum(check.status == "fail" for check in explanation.data_quality)
        top.state = f"data to {days(Window(detail.span.last, detail.span.last))}" + (f", {bad} bad" if bad else "")
        self.query_one("#verdict", PlainText).say(_verdict(detail))
        tree_bars = bars(detail.tree)
        self.query_one("#steps", DataGrid).fill(
            explain_tables.steps(detail, tree_bars), explain_tables.folded(tree_bars)
        )
        self.query_one("#why", DataGrid).fill(causes_pane.table(explanation, narrative(explanation)))
        self._fill_segments(explanation)
        nearest = sorted(detail.events, key=lambda event: abs(event.window.first - explanation.onset.day))
        events = [(event.window.first, event.title) for event in nearest]
        self.query_one(Timeline).fill(
            Days(
                days=detail.days, values=detail.values, unit=explanation.unit, window=explanation.window, events=events
            )
        )

    def _fill_segments(self, explanation: Explanation) -> None:
        mix = next((mix for mix in explanation.mix if mix.dimension == self._split), None)
        self.query_one("#segments", DataGrid).fill(
            explain_tables.split_by(explanation, mix) if mix else explain_tables.segments(explanation)
        )

    @on(DataGrid.CursorMoved, "#why")
    def _show_evidence(self, event: DataGrid.CursorMoved) -> None:
        self.query_one("#evidence", TextPane).say(event.row.item)

    @on(DataGrid.Opened, "#why")
    def _read_evidence(self, event: DataGrid.Opened) -> None:
        trail: ListNavigation[Text] = ListNavigation(event.grid, lambda lines: (lines[0], lines))
        self.app.push_screen(Reader(event.row.cells[1].text, event.row.item, trail))

    @on(DataGrid.Opened, "#steps")
    async def _explain_step(self, event: DataGrid.Opened) -> None:
        await self._deeper(event, self._step)

    @on(DataGrid.Opened, "#segments")
    async def _explain_segment(self, event: DataGrid.Opened) -> None:
        await self._deeper(event, self._inside)

    async def _deeper(self, event: DataGrid.Opened, asks: Callable[[Any], ExplainQuestion | None]) -> None:
        question = asks(event.row.item)
        if question:
            await self.app.push_screen(ExplainScreen(question, ListNavigation(event.grid, asks)))

    def _step(self, branch: Branch | None) -> ExplainQuestion | None:
        """Asks about a factor; None for the whole."""
        if branch is None or self._shown is None or branch.metric == self._shown.metric:
            return None
        return replace(self._shown, metric=branch.metric)

    def _inside(self, segment: Segment) -> ExplainQuestion | None:
        """Asks about a segment of what is shown; None when that is all of it."""
        if self._shown is None:
            return None
        narrowed = replace(self._shown, where=self._shown.where.narrowed(segment))
        return narrowed if narrowed != self._shown else None

    @property
    def _shown(self) -> ExplainQuestion | None:
        """The question that is answered on the screen, with the days that the answer is of."""
        if not (self._question and self._found):
            return None
        return replace(self._question, window=self._found.explanation.window)

    def leave(self) -> None:
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            self.whydrop.action_show("overview")

    def action_split(self) -> None:
        """Asks for a dimension and shows what each of its values brought."""
        if self._found is None:
            return
        explanation = self._found.explanation
        choices = [
            ("", "the smallest set of segments"),
            *((mix.dimension, explain_tables.mix_words(explanation, mix)) for mix in explanation.mix),
        ]

        def use(name: str | None) -> None:
            if name is not None:
                self._split = name
                self._fill_segments(explanation)
                self.query_one("#segments").focus()

        self.app.push_screen(Picker("Split by", choices), use)

    def action_compare(self) -> None:
        """Asks what to compare the window with."""
        hint = "expected, previous, or days such as 2026-03-02..2026-03-08   enter use   esc close"

        def use(text: str) -> None:
            if text not in {"expected", "previous"}:
                if ".." not in text:
                    raise UsageError(f"no baseline {text!r}. It is expected, previous, or days: A..B.")
                Window.parse(text)
            self._ask_again(baseline=text)

        baseline = self._question.baseline if self._question else ""
        self.app.push_screen(Prompt("Compare with", baseline, hint, use))

    def _ask_again(self, **changes: Any) -> None:
        if self._question:
            self._question = replace(self._question, **changes)
            self.reload()

    def window_text(self) -> str:
        return str(self._found.explanation.window) if self._found else ""

    def choose_window(self, window: Window | None) -> None:
        self._ask_again(window=window)

    def choose_metric(self, metric: str) -> None:
        self._question = self._question or ExplainQuestion(metric)
        self._ask_again(metric=metric)

    def action_case(self) -> None:
        """Opens a case about what is shown."""
        if self._found is None:
            self.notify("nothing is explained yet", markup=False)
            return
        self.run_worker(self._open_case(self._found.explanation), group="case", exit_on_error=False)

    async def _open_case(self, explanation: Explanation) -> None:
        opened: list[str] = []

        def work(_: object) -> None:
            opened.append(open_case(self.whydrop.db, explained_subject(explanation, narrative)).id)

        try:
            await in_thread(work)
        except WhydropError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.notify(f"{opened[0]} is open: 7 shows all cases", markup=False)

    def _command(self) -> str:
        """What prints the same in a shell."""
        return self._shown.command(str(self.whydrop.db)) if self._shown else ""

    def action_numbers(self) -> None:
        if self._found:
            explanation = self._found.explanation
            command = self._command()
            self.app.push_screen(Reader(f"{explanation.metric}: numbers", causes_pane.numbers(self._found, command)))

    def legend(self) -> list[str]:
        signs = ["  █ the whole   ▒ worse   ░ better, each from where the one above ended"]
        notes = [f"  {note}" for note in self._found.explanation.notes] if self._found else []
        return ["Signs", *signs, *(["", "Notes", *notes] if notes else [])]


def _read(question: ExplainQuestion | None, workspace: Workspace) -> Iterator[tuple[ExplainQuestion, MetricDetail]]:
    """Explains the worst metric when nobody asked for one."""
    if question is None:
        row = overview(workspace).rows[0]
        question = ExplainQuestion(row.metric, row.window)
    resolved = question
    yield (
        resolved,
        metric_detail(
            workspace, resolved.metric, window=resolved.window, baseline=resolved.baseline, where=resolved.where
        ),
    )


def _verdict(detail: MetricDetail) -> list[str]:
    explanation = detail.explanation
    unit = explanation.unit
    change_text = (
        f"{figure(explanation.expected, unit)} → {figure(explanation.actual, unit)}  {change(explanation.change, unit)}"
    )
    pct = f" ({percent(explanation.change_pct, signed=True)})" if explanation.change_pct is not None else ""
    began = f"began {day(explanation.onset.day)}, {explanation.onset.shape}"
    sums = "Σ ok" if detail.closes else "! Σ does not close"
    low, high = (figure(end, unit) for end in explanation.interval)
    against = (
        f"expected {low} to {high} (95 %)"
        if explanation.baseline.kind == "expected"
        else f"against {days(explanation.baseline.window)}"
    )
    doubts = [
        f"data {check.status}: {check.check}, {check.detail}"
        for check in explanation.data_quality
        if check.status != "pass"
    ]
    verdict = "! a drop" if explanation.is_drop else "no drop"
    return [
        f"{explanation.metric} {change_text}{pct}  {began}  {sums}",
        "   ".join([verdict, against, *doubts[:1], *explanation.notes[:1]]),
    ]
