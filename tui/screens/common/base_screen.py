"""What all screens share: days and segments, filter, help, the numbers behind what is shown."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Input

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.reports.tables.reading import TitledText
from tui.explain_question import ExplainQuestion
from tui.keys import bindings
from tui.screens.common.asking_screen import AskingScreen
from tui.screens.common.modals import Picker, Reader
from tui.screens.common.prompts import segment_prompt, window_prompt
from tui.screens.common.screen_help import help_lines
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.key_bar import KeyBar
from tui.widgets.plain_text import PlainText
from tui.widgets.text_pane import TextPane


class BaseScreen(AskingScreen):
    """A screen under a tab."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("page")
    ALLOW_IN_MAXIMIZED_VIEW = "Header, KeyBar, #filter, #state"
    FILTER_HINT = "words that a row must contain"

    def __init__(self) -> None:
        super().__init__()
        self._where = EVERYTHING
        """The segment that is looked at, on screens that ask for one."""
        self._last_pane: DataGrid | TextPane | None = None

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

    @property
    def pane(self) -> DataGrid | TextPane | None:
        """The table or text that has the focus."""
        return self.focused if isinstance(self.focused, DataGrid | TextPane) else None

    @on(events.DescendantFocus)
    def _remember_pane(self) -> None:
        self._last_pane = self.pane or self._last_pane

    @on(events.Resize)
    def _focus_again(self) -> None:
        """A terminal that was too small has hidden the pane, which took its focus: keys would do nothing."""
        if self._last_pane:
            self.call_after_refresh(self._restore_focus)

    def _restore_focus(self) -> None:
        if self.focused is None and self._last_pane:
            self._last_pane.focus()

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
        elif self.focused and not self._is_empty:  # a page without an answer only says why
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
