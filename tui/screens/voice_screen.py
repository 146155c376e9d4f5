"""Voice: what buyers complain about, what it costs, and the texts behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from shlex import join
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from core.base.date_text import date_range, date_text
from core.base.days import Window
from core.base.segment import Segment
from core.reports.documents.voice_report import voice_report
from core.reports.tables.reading import TitledText, shell_lines
from core.reports.tables.voice_tables import text_table, theme_table
from core.reports.voice_narrative import theme_lines, theme_summary, voice_summary
from core.reports.writers.text_writer import report_lines
from core.views.complaint_texts import ComplaintText, complaint_texts
from core.views.kept_answers import kept_voice
from core.voice.voice_results import Theme, Voice
from core.workspace.read.workspace import Workspace
from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.common.base_screen import BaseScreen
from tui.screens.common.detail_screen import DetailScreen
from tui.screens.common.exporting_screen import Reports
from tui.screens.common.modals import Reader, reading_style
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.plain_text import AnswerText
from tui.widgets.text_pane import TextPane

_NEWEST = 7
"""Days whose texts stand on the page; enter on a theme reads those of the whole window."""
_NO_TEXTS = f"no texts in the newest {_NEWEST} days"
_NOTHING = "Nothing sets this theme apart: no segment, no words, no texts."


@dataclass(frozen=True, slots=True)
class ThemeRequest:
    """Which texts are read: a theme, on which days, where."""

    theme: Theme
    window: Window
    where: Segment


class VoiceScreen(BaseScreen):
    """Pain points, the costliest first; below, what is known of the one under the cursor. Enter shows its texts."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("voice")
    TAB = "voice"
    READING = "Reading what buyers wrote ..."
    ABOUT = "Voice: what buyers complain about, and what it costs"

    def __init__(self) -> None:
        super().__init__()
        self._window: Window | None = None
        self._voice: Voice | None = None
        self._currency = ""
        self._texts: Sequence[ComplaintText] | None = None
        """What buyers wrote on the newest days; None until it is read."""

    def body(self) -> ComposeResult:
        yield AnswerText(id="answer")
        yield DataGrid("themes", wraps=True, most=16)
        with Container(id="of-theme"):
            yield TextPane(id="theme")
            yield DataGrid("written")

    def reload(self) -> None:
        self.ask(partial(_read, self._window, self._where))

    def show_answer(self, answer: Any) -> None:
        if isinstance(answer, _Texts):
            self._texts = answer.newest
            self._show_texts()
        else:
            self._show_voice(*answer)

    def _show_voice(self, result: Voice, currency: str) -> None:
        self._voice, self._currency, self._texts = result, currency, None
        top = self.query_one(Header)
        where = f" in {result.where}" if result.where else ""
        top.subject = f"complaints{where}, {date_range(result.window)}"
        top.state = f"versus {date_range(result.before)}" if result.before.first <= result.before.last else ""
        self.query_one("#answer", AnswerText).say([voice_summary(result, self._currency), *result.notes])
        self.query_one("#themes", DataGrid).fill(theme_table(result, self._currency))
        if not result.themes:
            self.query_one(TextPane).say([])

    @on(DataGrid.CursorMoved, "#themes")
    def _show_theme(self, event: DataGrid.CursorMoved) -> None:
        theme: Theme = event.row.item
        evidence = list(theme_lines(theme)) or [_NOTHING]
        self.query_one(TextPane).say([*theme_summary(theme, self._currency), "", *evidence])
        self._show_texts()

    def _show_texts(self) -> None:
        """What buyers wrote of the theme under the cursor."""
        row = self.query_one("#themes", DataGrid).row
        if row is not None and self._texts is not None:
            table = text_table(row.item.name, self._texts, row.item.theme)
            self.query_one("#written", DataGrid).fill(replace(table, title="Newest texts", empty=_NO_TEXTS))

    @on(DataGrid.Opened, "#written")
    def _read_text(self, event: DataGrid.Opened) -> None:
        self.app.push_screen(Reader(*_text_of(event.row.item), ListNavigation(event.grid, _text_of)))

    @on(DataGrid.Opened, "#themes")
    async def _open_texts(self, event: DataGrid.Opened) -> None:
        request = self._request(event.row.item)
        if request is not None:
            await self.app.push_screen(ComplaintsScreen(request, ListNavigation(event.grid, self._request)))

    def _request(self, theme: Theme) -> ThemeRequest | None:
        return ThemeRequest(theme, self._voice.window, self._where) if self._voice else None

    def window_text(self) -> str:
        return str(self._voice.window) if self._voice else ""

    def choose_window(self, window: Window | None) -> None:
        self._window = window
        self.reload()

    def reports(self) -> Reports | None:
        voice = self._voice
        return (lambda _: [voice_report(voice, self._currency)]) if voice else None

    def numbers(self) -> TitledText | None:
        if self._voice:
            command = _command(self._voice.window, self._where, str(self.whydrop.db))
            lines = [
                *report_lines(voice_report(self._voice, self._currency), reading_style(self.size.width)),
                *shell_lines(command, f"{command} --format json"),
            ]
            return "Complaints: numbers", lines
        return None


class ComplaintsScreen(DetailScreen):
    """The texts of one theme, the newest first; `[` and `]` go to its neighbours."""

    TAB = "voice"
    READING = "Reading what buyers wrote ..."
    ABOUT = "Texts: what buyers wrote about one theme"

    def __init__(self, request: ThemeRequest, navigation: ListNavigation[ThemeRequest]) -> None:
        super().__init__(navigation)
        self._request = request

    def body(self) -> ComposeResult:
        yield AnswerText(id="answer")
        yield DataGrid("texts")

    def take(self, request: ThemeRequest) -> None:
        """Shows the texts of another theme."""
        self._request = request
        self.reload()

    def reload(self) -> None:
        self.query_one(Header).subject = f"{self._request.theme.name}, {date_range(self._request.window)}"
        self.query_one("#answer", AnswerText).say(list(theme_lines(self._request.theme))[:3])
        self.ask(partial(_read_texts, self._request))

    def show_answer(self, answer: Any) -> None:
        texts: Sequence[ComplaintText] = answer
        theme = self._request.theme
        self.query_one("#texts", DataGrid).fill(text_table(theme.name, texts, theme.theme))

    @on(DataGrid.Opened, "#texts")
    def _read_text(self, event: DataGrid.Opened) -> None:
        self.app.push_screen(Reader(*_text_of(event.row.item), ListNavigation(event.grid, _text_of)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The days are those of the list."""
        return action != "window" and super().check_action(action, parameters)

    def numbers(self) -> TitledText | None:
        command = _command(self._request.window, self._request.where, str(self.whydrop.db))
        lines = [*theme_lines(self._request.theme), *shell_lines(f"{command} --texts --format json")]
        return f"{self._request.theme.name}: numbers", lines


@dataclass(frozen=True, slots=True)
class _Texts:
    """What buyers wrote last."""

    newest: Sequence[ComplaintText]


def _read(window: Window | None, where: Segment, workspace: Workspace) -> Iterator[tuple[Voice, str] | _Texts]:
    result = kept_voice(workspace, window=window, where=where)
    yield result, workspace.currency
    newest = Window(max(result.window.first, result.window.last - _NEWEST + 1), result.window.last)
    yield _Texts(complaint_texts(workspace, newest, where))


def _read_texts(request: ThemeRequest, workspace: Workspace) -> Iterator[tuple[ComplaintText, ...]]:
    yield complaint_texts(workspace, request.window, request.where)


def _command(window: Window, where: Segment, db: str) -> str:
    parts = ["whydrop", "voice", "--window", str(window)]
    parts += ["--where", str(where)] if where else []
    return join([*parts, "--db", db])


def _text_of(text: ComplaintText) -> TitledText:
    facts = [f"day     {date_text(text.day)}", f"stars   {text.rating}", f"themes  {', '.join(text.themes)}"]
    return f"Review {text.review_id}", [text.text, "", *facts]
