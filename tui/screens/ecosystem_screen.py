"""Ecosystem: is the marketplace healthy, over four weeks."""

from collections.abc import Iterator
from functools import partial
from shlex import join
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from core.base.date_text import date_range, date_text
from core.base.days import Window, iso
from core.base.segment import Segment
from core.ecosystem.results.health_results import Health
from core.reports.health_narrative import EXPECTED_FALSE_MARKS, five_lines
from core.reports.tables import health_tables
from core.reports.tables.reading import TitledText, shell_lines
from core.views.kept_answers import kept_health
from core.workspace.read.workspace import Workspace
from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.common.base_screen import BaseScreen
from tui.screens.common.modals import Reader
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.plain_text import AnswerText


class EcosystemScreen(BaseScreen):
    """What was tested, who lasts, rating gaps, leads. Enter shows all that is known of a row."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("ecosystem")
    TAB = "ecosystem"
    READING = "Testing the marketplace ..."
    ABOUT = "Ecosystem: is the marketplace healthy, over four weeks"

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (150, "-wide")]  # noqa: RUF012 - as Textual declares it
    """Its tables have many columns: two of them side by side need more room than on other screens."""

    def __init__(self) -> None:
        super().__init__()
        self._as_of: int | None = None
        self._found: Health | None = None
        self._currency = ""

    def body(self) -> ComposeResult:
        yield AnswerText(id="answer")
        with Container(id="well"):
            with Vertical(id="tested"):
                yield DataGrid("tests", wraps=True)
                yield DataGrid("cohorts")
            with Vertical(id="groups"):
                yield DataGrid("risks", wraps=True, most=10)
                yield DataGrid("fairness", wraps=True)

    def reload(self) -> None:
        self.ask(partial(_read, self._as_of, self._where))

    def show_answer(self, answer: Any) -> None:
        health: Health
        health, self._currency = answer
        self._found = health
        top = self.query_one(Header)
        where = f"   {health.where}" if health.where else ""
        before = f" vs {date_range(health.before)}" if health.before else ""
        top.subject = f"{date_range(health.window)}{before}{where}"
        top.state = f"as of {date_text(health.as_of)}"
        self.query_one("#answer", AnswerText).say(five_lines(health, self._currency))
        self.query_one("#tests", DataGrid).fill(health_tables.claims(health, self._currency))
        self.query_one("#cohorts", DataGrid).fill(health_tables.cohorts(health))
        self.query_one("#risks", DataGrid).fill(health_tables.risks(health))
        self.query_one("#fairness", DataGrid).fill(health_tables.fairness(health))

    @on(DataGrid.Opened)
    def _read_behind(self, event: DataGrid.Opened) -> None:
        self.app.push_screen(
            Reader(*health_tables.behind(event.row.item), ListNavigation(event.grid, health_tables.behind))
        )

    def window_text(self) -> str:
        return str(self._found.window) if self._found else ""

    def choose_window(self, window: Window | None) -> None:
        """The last of the days is looked at: 28 days are always compared with the 28 before them."""
        self._as_of = window.last if window else None
        self.reload()

    def numbers(self) -> TitledText | None:
        if self._found:
            parts = ["whydrop", "health", "--as-of", iso(self._found.as_of)]
            parts += ["--where", str(self._where)] if self._where else []
            command = join([*parts, "--db", str(self.whydrop.db)])
            lines = health_tables.numbers(self._found, self._currency)
            return "Numbers", [*lines, *shell_lines(command, f"{command} --format json")]
        return None

    def legend(self) -> list[str]:
        signs = [
            f"  !  larger than chance explains ({EXPECTED_FALSE_MARKS}), and large enough to matter",
            "  effect = after the onset versus before it (x = a factor); for a gap, the group minus all others",
        ]
        return ["Signs", *signs, *(["Notes", *(f"  {note}" for note in self._found.notes)] if self._found else [])]


def _read(as_of: int | None, where: Segment, workspace: Workspace) -> Iterator[tuple[Health, str]]:
    yield kept_health(workspace, as_of, where), workspace.currency
