"""What all screens share: how they ask the core, say what is wrong, filter, copy, export and help."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from core.base.days import Window
from core.base.errors import WhydropError
from core.base.segment import EVERYTHING, Segment
from core.reports.tables.reading import TitledText
from core.workspace.read.workspace import Workspace
from core.workspace.schema.damage import fault_of
from tui.explain_question import ExplainQuestion
from tui.keys import bindings
from tui.screens.common.exporting_screen import ExportingScreen
from tui.screens.common.modals import Picker, Reader
from tui.screens.common.prompts import segment_prompt, window_prompt
from tui.screens.common.screen_help import help_lines
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain_text import PlainText
from tui.widgets.text_pane import TextPane
from tui.worker_thread import Stopped, in_thread

_PATIENCE = 0.3
"""Seconds before a screen says that it reads: a shorter wait needs no word."""

Answer = TypeVar("Answer")
Asked = Callable[[Workspace], Iterator[Any]]
"""What a screen asks: answers one after the other, the quick ones first."""


class BaseScreen(ExportingScreen):
    """A screen under a tab. Its answers come from a thread that has a connection of its own."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("page")
    FILTER_HINT = "words that a row must contain"
    READING = "Reading ..."
    """What an empty page says while it waits for its first answer."""

    class Answered(Message):
        """The core answered."""

        def __init__(self, number: int, answer: Any) -> None:
            super().__init__()
            self.number, self.answer = number, answer

    class Ended(Message):
        """The core has nothing more to say; `fault` is why it could not answer."""

        def __init__(self, number: int, fault: str = "") -> None:
            super().__init__()
            self.number, self.fault = number, fault

    def __init__(self) -> None:
        super().__init__()
        self._asked = 0
        """Counts the questions, so that an answer to an older one is not shown."""
        self._busy = False
        self._is_empty = True
        """Whether no answer was shown yet."""
        self._where = EVERYTHING
        """The segment that is looked at, on screens that ask for one."""

    def compose(self) -> ComposeResult:
        yield PlainText("whydrop needs a terminal of at least 60 x 16: please make it larger", id="room")
        yield Header(self.whydrop.db.name, self.whydrop.TABS, self.TAB)
        yield PlainText("", id="state")
        with Container(id="body"):
            yield from self.body()
        yield Input(id="filter", placeholder=self.FILTER_HINT, compact=True)
        yield KeyBar(self.whydrop.label)

    def body(self) -> ComposeResult:
        """The panes between the tabs and the footer."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Asks at once, unless somebody asked before the screen was mounted."""
        if not self._asked:
            self.reload()

    def reload(self) -> None:
        """Asks the core what this screen shows."""
        raise NotImplementedError

    def ask(self, question: Asked) -> None:
        """Asks in a thread; answers come as `Answered`. What was asked before is stopped, even inside a query."""
        self._asked += 1
        self._busy = True
        number = self._asked
        self.set_timer(_PATIENCE, lambda: self._say_reading(number))
        work = in_thread(partial(self._answer, question, number))
        self.run_worker(work, exclusive=True, group="ask", exit_on_error=False)

    def _answer(self, question: Asked, number: int, stopped: Stopped) -> None:
        fault = ""
        try:
            with Workspace.open(self.whydrop.db) as workspace:
                workspace.stop_when(stopped)
                for answer in question(workspace):
                    if stopped():
                        return
                    self.post_message(self.Answered(number, answer))
        except WhydropError as error:
            fault = str(error)
        except Exception as error:
            if stopped():  # what a stopped query raises
                return
            damage = fault_of(self.whydrop.db, error)
            if damage is None:
                raise
            fault = str(damage)
        if not stopped():
            self.post_message(self.Ended(number, fault))

    async def ask_aside(self, question: Callable[[Workspace], Answer], show: Callable[[Answer], None]) -> None:
        """Asks something small while other answers are on their way; what cannot be answered is said."""
        answers: list[Answer] = []

        def work(stopped: Stopped) -> None:
            with Workspace.open(self.whydrop.db) as workspace:
                workspace.stop_when(stopped)
                answers.append(question(workspace))

        try:
            await in_thread(work)
        except Exception as error:
            fault = error if isinstance(error, WhydropError) else fault_of(self.whydrop.db, error)
            if fault is None:
                raise
            self.say(f"! {fault}")
        else:
            show(answers[0])

    def _say_reading(self, number: int) -> None:
        if self._busy and number == self._asked:
            self.query_one(Header).busy = True
            if self._is_empty:
                self.say(self.READING)

    @on(Worker.StateChanged)
    def _fail(self, event: Worker.StateChanged) -> None:
        """A fault of the program itself: said, logged, and the other screens go on."""
        if event.state is WorkerState.ERROR and event.worker.error:
            error = event.worker.error
            self._busy = self.query_one(Header).busy = False
            self.log.error(error)
            self.say(f"! this screen failed ({type(error).__name__}: {error}): a fault of whydrop, please report it")

    @on(Answered)
    def _take(self, event: Answered) -> None:
        if event.number == self._asked:
            if self._is_empty:
                self.say("")
            self._is_empty = False
            self.show_answer(event.answer)

    @on(Ended)
    def _end(self, event: Ended) -> None:
        if event.number == self._asked:
            self._busy = self.query_one(Header).busy = False
            self.say(f"! {event.fault}" if event.fault else "")
            if event.fault:
                self.show_nothing()

    def show_nothing(self) -> None:
        """Takes back what a screen says while it reads, for there is no answer."""

    def show_answer(self, answer: Any) -> None:
        """Shows what the core answered."""
        raise NotImplementedError

    def say(self, line: str) -> None:
        """One line under the tabs; an empty one takes no room."""
        pane = self.query_one("#state", PlainText)
        pane.say([line])
        pane.display = bool(line)
        pane.set_class(line.startswith("!"), "fault")

    @property
    def pane(self) -> DataGrid | TextPane | None:
        """The table or text that has the focus."""
        return self.focused if isinstance(self.focused, DataGrid | TextPane) else None

    def action_filter(self) -> None:
        """Opens the line to type into what rows must hold, or what is searched for in a text."""
        if self.pane:
            bar = self.query_one("#filter", Input)
            self._filtering = self.pane
            bar.value = self.pane.words
            bar.display = True
            bar.focus()

    @on(Input.Changed, "#filter")
    def _filter(self, event: Input.Changed) -> None:
        if event.input.display:
            self._filtering.filtered(event.value)

    @on(Input.Submitted, "#filter")
    def _filtered(self) -> None:
        self._close_filter()

    def _close_filter(self) -> None:
        self.query_one("#filter").display = False
        self._filtering.focus()

    def action_back(self) -> None:
        """Clears a filter, ends a zoom, or goes back."""
        bar = self.query_one("#filter", Input)
        if bar.display:
            self._filtering.filtered("")
            self._close_filter()
        elif self.pane and self.pane.words:
            self.pane.filtered("")
        elif self.maximized:
            self.minimize()
        else:
            self.leave()

    def leave(self) -> None:
        """Goes back to where this screen was opened from."""

    def legend(self) -> list[str]:
        """What the signs of this screen mean, for the help."""
        return []

    def action_zoom(self) -> None:
        """This pane alone, or all again."""
        if self.maximized:
            self.minimize()
        elif self.focused:
            self.maximize(self.focused)

    def action_reload(self) -> None:
        """Reads the workspace again."""
        self.reload()

    def action_help(self) -> None:
        """This screen's question, columns and keys."""
        self.app.push_screen(Reader(self.ABOUT, help_lines(self)))

    def action_window(self) -> None:
        """Asks for the days to look at."""
        self.app.push_screen(window_prompt(self.whydrop.db, self.window_text(), self.choose_window))

    def action_where(self) -> None:
        """Asks for a segment to look at."""

        def use(where: Segment) -> None:
            self._where = where
            self.reload()

        self.app.push_screen(segment_prompt(self.whydrop.db, self._where, use))

    def window_text(self) -> str:
        """The days that were chosen, as they are typed."""
        return ""

    def choose_window(self, window: Window | None) -> None:
        """Looks at other days."""

    def action_metric(self) -> None:
        """Asks for a metric and explains it."""
        choices = self.whydrop.metrics
        if not choices:
            self.notify("the metrics are still being read", markup=False)
            return

        def use(name: str | None) -> None:
            if name:
                self.choose_metric(name)

        self.app.push_screen(Picker("Explain which metric?", choices), use)

    def choose_metric(self, metric: str) -> None:
        """Explains another metric, on its newest days unless the screen has days of its own."""
        self.run_worker(self.whydrop.explain(ExplainQuestion(metric)))

    def action_numbers(self) -> None:
        """Shows the numbers, the formula, the SQL and the command behind what is shown."""
        text = self.numbers()
        if text is None:
            self.notify("there are no figures yet", markup=False)
        else:
            self.app.push_screen(Reader(*text))

    def numbers(self) -> TitledText | None:
        """Title and lines of the figures behind what is shown; None before there are any."""
        return None
