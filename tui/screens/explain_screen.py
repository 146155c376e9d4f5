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
from core.reports.pinned_findings import added, pin, read, write
from core.views.metric_detail import MetricDetail, metric_detail
from core.views.overview import overview
from core.workspace.read.workspace import Workspace
from tui.explain_question import ExplainQuestion
from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.detail_screen import DetailScreen
from tui.screens.modals import Picker, Prompt, Reader, Text
from tui.screens.tables import causes_pane, explain_tables
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

    def take(self, asked: ExplainQuestion) -> None:
        """Explains something else."""
        question = asked
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
        found: MetricDetail = self._found
        told = found.explanation
        top = self.query_one(Header)
        top.subject = replace(self._question, window=told.window).words
        bad = sum(one.status == "fail" for one in told.data_quality)
        top.state = f"data to {days(Window(found.span.last, found.span.last))}" + (f", {bad} bad" if bad else "")
        self.query_one("#verdict", PlainText).say(_verdict(found))
        shown = bars(found.tree)
        self.query_one("#steps", DataGrid).fill(explain_tables.steps(found, shown), explain_tables.folded(shown))
        self.query_one("#why", DataGrid).fill(causes_pane.table(told, narrative(told)))
        self._fill_segments(told)
        nearest = sorted(found.events, key=lambda one: abs(one.window.first - told.onset.day))
        events = [(one.window.first, one.title) for one in nearest]
        self.query_one(Timeline).fill(
            Days(days=found.days, values=found.values, unit=told.unit, window=told.window, events=events)
        )

    def _fill_segments(self, told: Explanation) -> None:
        mix = next((one for one in told.mix if one.dimension == self._split), None)
        self.query_one("#segments", DataGrid).fill(
            explain_tables.split_by(told, mix) if mix else explain_tables.segments(told)
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
        told = self._found.explanation
        choices = [
            ("", "the smallest set of segments"),
            *((one.dimension, explain_tables.mix_words(told, one)) for one in told.mix),
        ]

        def use(name: str | None) -> None:
            if name is not None:
                self._split = name
                self._fill_segments(told)
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

    def action_pin(self) -> None:
        """Keeps what is shown for the report."""
        if self._found is None:
            self.notify("nothing to pin yet", markup=False)
            return
        try:
            kept = added(
                read(self.whydrop.db), pin(self._found.explanation, narrative(self._found.explanation), self._command())
            )
            write(self.whydrop.db, kept)
        except WhydropError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.notify(f"pinned: 7 shows all {len(kept)}", markup=False)

    def _command(self) -> str:
        """What prints the same in a shell."""
        return self._shown.command(str(self.whydrop.db)) if self._shown else ""

    def action_numbers(self) -> None:
        if self._found:
            told = self._found.explanation
            command = self._command()
            self.app.push_screen(Reader(f"{told.metric}: numbers", causes_pane.numbers(self._found, command)))

    def legend(self) -> list[str]:
        signs = ["  █ the whole   ▒ worse   ░ better, each from where the one above ended"]
        notes = [f"  {note}" for note in self._found.explanation.notes] if self._found else []
        return ["Signs", *signs, *(["", "Notes", *notes] if notes else [])]


def _read(question: ExplainQuestion | None, workspace: Workspace) -> Iterator[tuple[ExplainQuestion, MetricDetail]]:
    """Explains the worst metric when nobody asked for one."""
    if question is None:
        row = overview(workspace).rows[0]
        question = ExplainQuestion(row.metric, row.window)
    asked = question
    yield asked, metric_detail(workspace, asked.metric, window=asked.window, baseline=asked.baseline, where=asked.where)


def _verdict(found: MetricDetail) -> list[str]:
    told = found.explanation
    unit = told.unit
    moved = f"{figure(told.expected, unit)} → {figure(told.actual, unit)}  {change(told.change, unit)}"
    pct = f" ({percent(told.change_pct, signed=True)})" if told.change_pct is not None else ""
    began = f"began {day(told.onset.day)}, {told.onset.shape}"
    sums = "Σ ok" if found.closes else "! Σ does not close"
    low, high = (figure(end, unit) for end in told.interval)
    against = (
        f"expected {low} to {high} (95 %)"
        if told.baseline.kind == "expected"
        else f"against {days(told.baseline.window)}"
    )
    doubts = [f"data {one.status}: {one.check}, {one.detail}" for one in told.data_quality if one.status != "pass"]
    verdict = "! a drop" if told.is_drop else "no drop"
    return [
        f"{told.metric} {moved}{pct}  {began}  {sums}",
        "   ".join([verdict, against, *doubts[:1], *told.notes[:1]]),
    ]
