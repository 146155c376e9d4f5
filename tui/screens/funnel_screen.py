"""Funnel: which channel changed GMV, through which step, and what moving traffic would do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import nan
from shlex import join
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from core.base.date_text import date_range
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.channels.channel_results import ChannelChange
from core.channels.traffic_move import MoveRequest
from core.reports.channel_narrative import channel_summary, move_lines, strategy_lines
from core.reports.documents.channel_report import channel_report
from core.reports.figures.number_format import titled
from core.reports.tables.channel_tables import channel_table, part_table, step_table
from core.reports.tables.reading import TitledText, shell_lines
from core.reports.writers.text_writer import report_lines
from core.views.funnel_view import DailyGmv, Funnel, daily_gmv, funnel
from core.views.questions.question_words import read_dimensions, read_names
from core.workspace.read.workspace import Workspace
from tui.explain_question import ExplainQuestion
from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.common.base_screen import BaseScreen
from tui.screens.common.exporting_screen import Reports
from tui.screens.common.modals import Prompt, Reader, reading_style
from tui.screens.common.prompts import baseline_prompt, segment_prompt
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.line_chart import ChartData, LineChart
from tui.widgets.plain_text import AnswerText


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelQuestion:
    """Which days, versus what, where."""

    window: Window | None = None
    baseline: str = "expected"
    where: Segment = EVERYTHING

    def command(self, db: str, *more: str) -> str:
        """The command that prints the same in a shell; `more`: further options."""
        parts = ["whydrop", "channels"]
        parts += ["--window", str(self.window)] if self.window else []
        parts += ["--baseline", self.baseline] if self.baseline != "expected" else []
        parts += ["--where", str(self.where)] if self.where else []
        return join([*parts, *more, "--db", db])


class FunnelScreen(BaseScreen):
    """Channels, the largest change first; below, what changed GMV and the steps of the channel under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("funnel")
    TAB = "funnel"
    READING = "Comparing the channels ..."
    ABOUT = "Funnel: which channel changed GMV, and through which step"

    def __init__(self) -> None:
        super().__init__()
        self._question = FunnelQuestion()
        self._funnel: Funnel | None = None
        self._daily: DailyGmv | None = None

    def body(self) -> ComposeResult:
        yield AnswerText(id="answer")
        with Container(id="panes"):
            with Vertical(id="left"):
                yield DataGrid("channels", most=14)
                yield DataGrid("waterfall", wraps=True, most=14)
            with Vertical(id="right"):
                yield DataGrid("steps-of", wraps=True, most=18)
        yield LineChart("days-of")

    def reload(self) -> None:
        self.ask(partial(_read, self._question))

    def show_answer(self, answer: Any) -> None:
        if isinstance(answer, DailyGmv):
            self._daily = answer
            self._show_steps()
        else:
            self._show_funnel(answer)

    def _show_funnel(self, answer: Funnel) -> None:
        self._funnel, self._daily = answer, None
        result = answer.result
        top = self.query_one(Header)
        where = f" in {result.where}" if result.where else ""
        top.subject = f"GMV by channel{where}, {date_range(result.window)}"
        top.state = f"versus {date_range(result.baseline.window)}"
        self.query_one("#answer", AnswerText).say([channel_summary(result, answer.currency), *result.notes])
        self.query_one("#channels", DataGrid).fill(channel_table(result, answer.currency))
        self.query_one("#waterfall", DataGrid).fill(part_table(result, answer.currency))
        self._show_steps()

    @on(DataGrid.CursorMoved, "#channels")
    def _show_steps(self) -> None:
        row = self.query_one("#channels", DataGrid).row
        if self._funnel is not None:
            channel: ChannelChange | None = row.item if row else None
            self.query_one("#steps-of", DataGrid).fill(step_table(channel, self._funnel))
            self.query_one(LineChart).fill(_chart(self._funnel, self._daily, channel) if self._daily else None)

    @on(DataGrid.Opened, "#channels")
    async def _explain_channel(self, event: DataGrid.Opened) -> None:
        question = self._about(event.row.item)
        if question is not None:
            await self.whydrop.explain(question, ListNavigation(event.grid, self._about))

    def _about(self, row: ChannelChange | None) -> ExplainQuestion | None:
        if self._funnel is None:
            return None
        result = self._funnel.result
        where = result.where if row is None else result.where.narrowed(Segment.of({"channel": row.channel}))
        return ExplainQuestion("gmv", result.window, self._question.baseline, where)

    @on(DataGrid.Opened, "#steps-of")
    async def _explain_step(self, event: DataGrid.Opened) -> None:
        row = self.query_one("#channels", DataGrid).row
        question = self._about(row.item if row else None)
        if question is not None:
            await self.whydrop.explain(replace(question, metric=event.row.item))

    @on(DataGrid.Opened, "#waterfall")
    def _focus_channels(self) -> None:
        self.query_one("#channels").focus()

    def action_move_traffic(self) -> None:
        """Asks for a move and says what it would do."""
        hint = "For example, 5%:live>search moves 5% of all traffic from live to search."
        names = [row.channel for row in self._funnel.result.channels if row.channel] if self._funnel else []
        example = f"5%:{names[0]}>{names[1]}" if len(names) > 1 else ""

        def use(text: str) -> None:
            request = MoveRequest.parse(text)
            question = self._question
            self._read_more(
                "What if",
                lambda workspace: _move_lines(_ask(question, workspace, move=request)),
                question.command(str(self.whydrop.db), "--move", text.strip()),
            )

        self.app.push_screen(Prompt("What if traffic moved?", example, hint, use))

    def action_groups(self) -> None:
        """Asks for dimensions and compares their groups at equal traffic mix."""
        hint = "One or more dimensions, for example market,user_segment."

        def use(text: str) -> None:
            names = tuple(read_names(text))
            question = self._question
            self._read_more(
                f"By {', '.join(names)} at equal traffic mix",
                lambda workspace: _strategy_lines(
                    _ask(question, workspace, by=tuple(read_dimensions(workspace, text)))
                ),
                question.command(str(self.whydrop.db), "--by", ",".join(names)),
            )

        self.app.push_screen(Prompt("Compare which groups?", "market", hint, use))

    def _read_more(self, title: str, ask: Any, command: str) -> None:
        """Asks something aside and shows its lines."""

        def show(lines: list[str]) -> None:
            self.app.push_screen(Reader(title, [*lines, *shell_lines(command)]))

        self.run_worker(self.ask_aside(ask, show), exclusive=True, group="aside", exit_on_error=False)

    def action_where(self) -> None:
        """Asks for a segment to look at."""

        def use(where: Segment) -> None:
            self._question = replace(self._question, where=where)
            self.reload()

        self.app.push_screen(segment_prompt(self.whydrop.db, self._question.where, use))

    def action_compare(self) -> None:
        """Asks what to compare the window with."""

        def use(baseline: str) -> None:
            self._question = replace(self._question, baseline=baseline)
            self.reload()

        self.app.push_screen(baseline_prompt(self.whydrop.db, self._question.baseline, use))

    def window_text(self) -> str:
        return str(self._funnel.result.window) if self._funnel else ""

    def choose_window(self, window: Window | None) -> None:
        self._question = replace(self._question, window=window)
        self.reload()

    def choose_metric(self, metric: str) -> None:
        self.run_worker(self.whydrop.explain(ExplainQuestion(metric, self._question.window)))

    def reports(self) -> Reports | None:
        result = self._funnel
        return (lambda _: [channel_report(result)]) if result else None

    def numbers(self) -> TitledText | None:
        if self._funnel:
            command = self._question.command(str(self.whydrop.db))
            lines = [
                *report_lines(channel_report(self._funnel), reading_style(self.size.width)),
                *shell_lines(command, f"{command} --format json"),
            ]
            return "Channels: numbers", lines
        return None

    def legend(self) -> list[str]:
        return [
            "Signs",
            "  waterfall  █ total   ▒ worse   ░ better; each bar starts where the one above it ends",
            "  incomplete = late-arriving data will still change the value",
        ]


def _ask(
    question: FunnelQuestion, workspace: Workspace, by: tuple[str, ...] = (), move: MoveRequest | None = None
) -> Funnel:
    return funnel(workspace, window=question.window, baseline=question.baseline, where=question.where, by=by, move=move)


def _move_lines(answer: Funnel) -> list[str]:
    return list(move_lines(answer.result.move, answer.currency)) if answer.result.move else []


def _strategy_lines(answer: Funnel) -> list[str]:
    result = answer.result
    return list(strategy_lines(result.strategy, result.steps[0], answer.currency)) if result.strategy else []


def _read(question: FunnelQuestion, workspace: Workspace) -> Iterator[Funnel | DailyGmv]:
    result = _ask(question, workspace)
    yield result
    yield daily_gmv(workspace, result.result)


def _chart(answer: Funnel, daily: DailyGmv, channel: ChannelChange | None) -> ChartData:
    """GMV of a channel by day; of all channels where none is meant."""
    name = "all channels" if channel is None else channel.channel or "(not given)"
    nothing = (nan,) * len(daily.days)
    return ChartData(
        title=titled(f"Daily GMV of {name}", "money", answer.currency),
        days=daily.days,
        values=daily.total if channel is None else daily.by_channel.get(channel.channel, nothing),
        low=nothing,
        high=nothing,
        unit="money",
        window=answer.result.window,
        onset=None,
        events=[(event.window.first, event.title) for event in reversed(daily.events)],
        legend="━ the days compared",
        is_worse=(channel.change if channel else answer.result.change) < 0,
    )
