"""How a screen asks the core: answers come from a thread, the newest question counts, and what is wrong is said."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from textual import on
from textual.message import Message
from textual.worker import Worker, WorkerState

from core.base.errors import WhydropError
from core.workspace.read.workspace import Workspace
from core.workspace.schema.damage import fault_of
from tui.screens.common.exporting_screen import ExportingScreen
from tui.widgets.header import Header
from tui.widgets.plain_text import PlainText
from tui.worker_thread import Stopped, in_thread

_PATIENCE = 0.3
"""Seconds before a screen says that it reads: a shorter wait needs no word."""

Answer = TypeVar("Answer")
Asked = Callable[[Workspace], Iterator[Any]]
"""What a screen asks: answers one after the other, the quick ones first."""


class AskingScreen(ExportingScreen):
    """A screen whose answers come from a thread that has a connection of its own."""

    READING = "Reading ..."
    """What an empty page says while it waits for its first answer."""

    class Answered(Message):
        """The core answered."""

        def __init__(self, number: int, answer: Any, state: str) -> None:
            super().__init__()
            self.number, self.answer, self.state = number, answer, state

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
        self._state = ""
        """The state of the workspace that is shown."""

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
                    self.post_message(self.Answered(number, answer, workspace.state))
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
            self._state = event.state
            self.show_answer(event.answer)

    @on(Ended)
    def _end(self, event: Ended) -> None:
        if event.number == self._asked:
            self._busy = self.query_one(Header).busy = False
            self.say(f"! {event.fault}" if event.fault else "")
            if event.fault:
                self.show_nothing()

    def action_export(self) -> None:
        """Writes only what was read to its end: a file does not show that rows were still to come."""
        if self._busy:
            self.notify("still reading: press x again when it is done", severity="warning", markup=False)
        elif self._asked and self._is_empty:
            self.notify("there is nothing to write: nothing could be read", severity="warning", markup=False)
        else:
            super().action_export()

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

    def on_screen_resume(self) -> None:
        """Another program may have loaded something since this screen was read."""
        if self._state and not self._busy:
            work = self.ask_aside(lambda workspace: workspace.state, self._say_if_changed)
            self.run_worker(work, exclusive=True, group="state", exit_on_error=False)

    def _say_if_changed(self, state: str) -> None:
        if state != self._state and not self._busy:
            self.say("The workspace has changed since this was read: r reads it again")
