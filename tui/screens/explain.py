"""Explain: why it moved."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from core.closeup import Closeup, closeup
from core.days import Window
from core.errors import UsageError
from core.findings import Explanation, MixRate
from core.overview import overview
from core.segment import Segment
from core.workspace.workspace import Workspace
from tui.format import change, day, days, figure, percent
from tui.keys import bindings
from tui.question import Question
from tui.screens import why
from tui.screens.modals import Picker, Prompt, Reader
from tui.screens.page import Page
from tui.widgets.grid import Grid
from tui.widgets.table import Cell, Column, Row, Table
from tui.widgets.timeline import Days, Timeline
from tui.widgets.top import Top
from tui.widgets.waterfall import Axis, Bar, axis, bars
from tui.widgets.words import Words

_SMALL = 0.1
"""Branches that bring less than this share of the largest one come folded."""
_SEGMENTS = (
    Column("segment", "segment", "rows that explain the change; enter explains inside", least=16),
    Column("expected", "expected", "what was expected of them", right=True, priority=4),
    Column("actual", "now", "what came", right=True, priority=3),
    Column("change", "change", "now minus expected", right=True),
    Column("share", "of change", "their part of the whole change", right=True, priority=1),
    Column("confidence", "sure", "how often such a segment is the right one", right=True, priority=2),
)
_SPLIT = (
    Column("value", "value", "one value of the dimension; enter explains inside", least=16),
    Column("total", "brings", "mix and rate together", right=True),
    Column("mix", "mix", "by its share of the volume growing or shrinking", right=True, priority=1),
    Column("rate", "rate", "by what changed inside it", right=True, priority=2),
    Column("share", "of change", "its part of the whole change", right=True, priority=3),
)


class ExplainPage(Page):
    """The change taken apart: by step of the tree, by segment, by cause. Enter goes into a segment, esc comes back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("explain")
    TAB = "explain"
    ABOUT = "Explain: why it moved"

    def __init__(self, question: Question | None = None) -> None:
        super().__init__()
        self._question = question
        self._found: Closeup | None = None
        self._split = ""
        """The dimension that the segments are split by; empty: the smallest set that explains the change."""

    def body(self) -> ComposeResult:
        yield Words("", id="verdict")
        with Container(id="panes"):
            with Vertical(id="left"):
                yield Grid("steps")
                yield Grid("segments")
            with Vertical(id="right"):
                yield Grid("why")
                yield Words("", id="evidence")
                yield Timeline("timeline")

    def explain(self, question: Question) -> None:
        """Explains something else."""
        if question != self._question:
            self._question, self._split = question, ""
            self.reload()

    def reload(self) -> None:
        self._question = self._question or self.whydrop.question
        if self._question:
            self.query_one(Top).subject = self._question.words
        self.ask(partial(_read, self._question))

    def show_answer(self, answer: Any) -> None:
        self._question, self._found = answer
        found: Closeup = self._found
        told = found.explanation
        top = self.query_one(Top)
        top.subject = replace(self._question, window=told.window).words
        bad = sum(one.status == "fail" for one in told.data_quality)
        top.state = f"data to {days(Window(found.span.last, found.span.last))}" + (f", {bad} bad" if bad else "")
        self.query_one("#verdict", Words).say(_verdict(found))
        shown = bars(found.tree)
        self.query_one("#steps", Grid).fill(_steps(found, shown), _folded(shown))
        self.query_one("#why", Grid).fill(why.table(told))
        self._fill_segments(told)
        nearest = sorted(found.events, key=lambda one: abs(one.window.first - told.onset.day))
        events = [(one.window.first, one.title) for one in nearest]
        self.query_one(Timeline).fill(Days(found.days, found.values, told.unit, told.window, events))

    def _fill_segments(self, told: Explanation) -> None:
        mix = next((one for one in told.mix if one.dimension == self._split), None)
        self.query_one("#segments", Grid).fill(_split_by(told, mix) if mix else _segments(told))

    @on(Grid.Moved, "#why")
    def _show_evidence(self, event: Grid.Moved) -> None:
        self.query_one("#evidence", Words).say(event.row.item)

    @on(Grid.Opened, "#why")
    def _read_evidence(self, event: Grid.Opened) -> None:
        self.app.push_screen(Reader(event.row.cells[1].text, event.row.item))

    @on(Grid.Opened, "#steps")
    async def _explain_step(self, event: Grid.Opened) -> None:
        if event.row.item and self._question and event.row.item.metric != self._question.metric:
            await self._deeper(replace(self._question, metric=event.row.item.metric))

    @on(Grid.Opened, "#segments")
    async def _explain_segment(self, event: Grid.Opened) -> None:
        inside: Segment = event.row.item
        if inside and self._question and self._question.where.narrowed(inside) != self._question.where:
            await self._deeper(replace(self._question, where=self._question.where.narrowed(inside)))

    async def _deeper(self, question: Question) -> None:
        if self._found:
            question = replace(question, window=self._found.explanation.window)
        await self.app.push_screen(ExplainPage(question))

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
        choices = [("", "the smallest set of segments"), *((one.dimension, _mix_words(told, one)) for one in told.mix)]

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
        self._question = self._question or Question(metric)
        self._ask_again(metric=metric)

    def action_numbers(self) -> None:
        if self._found and self._question:
            told = self._found.explanation
            command = replace(self._question, window=told.window).command(str(self.whydrop.db))
            self.app.push_screen(Reader(f"{told.metric}: numbers", why.numbers(self._found, command)))

    def legend(self) -> list[str]:
        signs = ["  █ the whole   ▒ worse   ░ better, each from where the one above ended"]
        notes = [f"  {note}" for note in self._found.explanation.notes] if self._found else []
        return ["", "Signs", *signs, *(["", "Notes", *notes] if notes else [])]


def _read(question: Question | None, workspace: Workspace) -> Iterator[tuple[Question, Closeup]]:
    """Explains the worst metric when nobody asked for one."""
    if question is None:
        row = overview(workspace).rows[0]
        question = Question(row.metric, row.window)
    asked = question
    yield asked, closeup(workspace, asked.metric, window=asked.window, baseline=asked.baseline, where=asked.where)


def _verdict(found: Closeup) -> list[str]:
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


def _steps(found: Closeup, shown: tuple[Bar, ...]) -> Table:
    told = found.explanation
    scale = axis(found.tree, shown)
    columns = (
        Column("step", "step", "factors of the metric, as its tree nests them; enter explains one", least=22),
        Column("expected", "expected", "what was expected of the factor itself", right=True, priority=5),
        Column("actual", "now", "what came", right=True, priority=4),
        Column("contribution", "brings", "its part of the change; children add up to their parent", right=True),
        Column("share", "share", "of the whole change", right=True, priority=3),
        Column("bar", _ends(scale, told.unit), "from where the one above ended", priority=2, least=16),
    )
    rows = (
        _whole("expected", told.expected, scale, told.unit),
        *(_step(bar, found, scale) for bar in shown),
        _whole("now", told.actual, scale, told.unit),
    )
    return Table("Decomposition", columns, rows, note=f"{found.name}", name=f"{told.metric}-steps")


def _ends(scale: Axis, unit: str) -> str:
    return f"{figure(scale.low, unit)} to {figure(scale.high, unit)}"


def _whole(name: str, value: float, scale: Axis, unit: str) -> Row:
    cells = (
        Cell(name),
        Cell(),
        Cell(),
        Cell(figure(value, unit), value),
        Cell(),
        Cell(draw=partial(scale.whole, value)),
    )
    return Row(name, cells)


def _step(bar: Bar, found: Closeup, scale: Axis) -> Row:
    branch, unit = bar.branch, found.explanation.unit
    worse = branch.contribution * (-1 if found.good == "down" else 1) < 0
    tone = "bad" if worse else "good"
    cells = (
        Cell(branch.metric),
        Cell(figure(branch.expected, found.units[branch.metric]), branch.expected, "dim"),
        Cell(figure(branch.actual, found.units[branch.metric]), branch.actual, "dim"),
        Cell(change(branch.contribution, unit), branch.contribution, tone),
        Cell(percent(branch.share), branch.share, "dim"),
        Cell(draw=partial(scale.part, bar, worse), style=tone),
    )
    return Row(bar.key, cells, branch, bar.parent, bar.depth)


def _folded(shown: tuple[Bar, ...]) -> set[str]:
    """Branches that hardly matter."""
    largest = max((abs(bar.branch.contribution) for bar in shown), default=0.0)
    return {bar.key for bar in shown if bar.branch.children and abs(bar.branch.contribution) < _SMALL * largest}


def _segments(told: Explanation) -> Table:
    rows = tuple(
        Row(
            str(one.where),
            (
                Cell(str(one.where) or "everything alike"),
                Cell(figure(one.expected, told.unit), one.expected, "dim"),
                Cell(figure(one.actual, told.unit), one.actual),
                Cell(change(one.change, told.unit), one.change),
                Cell(percent(one.share), one.share),
                Cell(percent(one.confidence), one.confidence, "dim"),
            ),
            one.where,
        )
        for one in told.segments
    )
    empty = "no segment stands out"
    return Table("Segments", _SEGMENTS, rows, name=f"{told.metric}-segments", empty=empty)


def _split_by(told: Explanation, mix: MixRate) -> Table:
    rows = tuple(
        Row(
            one.value,
            (
                Cell(one.value or "(not given)"),
                Cell(change(one.mix + one.rate, told.unit), one.mix + one.rate),
                Cell(change(one.mix, told.unit), one.mix, "dim"),
                Cell(change(one.rate, told.unit), one.rate, "dim"),
                Cell(percent((one.mix + one.rate) / told.change if told.change else None), style="dim"),
            ),
            Segment.of({mix.dimension: one.value}),
        )
        for one in mix.values
    )
    return Table(
        f"Split by {mix.dimension}", _SPLIT, rows, note=_mix_words(told, mix), name=f"{told.metric}-{mix.dimension}"
    )


def _mix_words(told: Explanation, mix: MixRate) -> str:
    return f"mix {change(mix.mix, told.unit)}, rate {change(mix.rate, told.unit)}"
