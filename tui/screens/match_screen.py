"""Match: which products a creator should sell, or which creators should sell a product."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from shlex import join
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from core.base.segment import Segment
from core.matching.match_results import Match, Matches
from core.reports.documents.match_report import match_report
from core.reports.tables.match_tables import cost_lines, match_table, reason_lines
from core.reports.tables.reading import TitledText, shell_lines
from core.reports.writers.text_writer import report_lines
from core.views.kept_answers import kept_match
from core.workspace.read.workspace import Workspace
from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.common.detail_screen import DetailScreen
from tui.screens.common.exporting_screen import Reports
from tui.screens.common.modals import Reader, reading_style
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.plain_text import PlainText
from tui.widgets.text_pane import TextPane


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRequest:
    """Whose matches are asked for: a creator's or a product's."""

    creator_id: str | None = None
    product_id: str | None = None

    @classmethod
    def of_segment(cls, segment: Segment) -> "MatchRequest | None":
        """The one product or creator that a segment names; None where it names none, or several."""
        single = {name: ids[0] for name, ids in segment.terms if len(ids) == 1}
        names = [name for name in ("product_id", "creator_id") if name in single]
        return cls(**{names[0]: single[names[0]]}) if names else None

    @property
    def words(self) -> str:
        """Whose they are."""
        return f"creator {self.creator_id}" if self.creator_id is not None else f"product {self.product_id}"


class MatchScreen(DetailScreen):
    """The best matches with what to expect and why; `t` on a row goes the other way, esc comes back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("match")
    TAB = "creators"
    READING = "Matching creators and products ..."
    ABOUT = "Match: who should sell what, and what to expect"

    def __init__(self, request: MatchRequest, navigation: ListNavigation[Any] | None = None) -> None:
        super().__init__(navigation)
        self._request = request
        self._matches: Matches | None = None
        self._currency = ""

    def body(self) -> ComposeResult:
        yield PlainText("", id="answer")
        yield DataGrid("match-list", wraps=True, most=30)
        yield TextPane(id="match-reasons")

    def take(self, request: MatchRequest) -> None:
        """Shows the matches of another one."""
        self._request = request
        self.reload()

    def reload(self) -> None:
        self.query_one(Header).subject = f"matches › {self._request.words}"
        self.ask(partial(_read, self._request))

    def show_answer(self, answer: Any) -> None:
        self._matches, self._currency = answer
        lines = [*cost_lines(self._matches, self._currency), *self._matches.notes]
        answer_pane = self.query_one("#answer", PlainText)
        answer_pane.say(lines)
        answer_pane.display = bool(lines)
        self.query_one("#match-list", DataGrid).fill(match_table(self._matches, self._currency, most_reasons=1))

    @on(DataGrid.CursorMoved, "#match-list")
    def _show_reasons(self, event: DataGrid.CursorMoved) -> None:
        self.query_one(TextPane).say(reason_lines(event.row.item, self._currency))

    @on(DataGrid.Opened, "#match-list")
    def _read_reasons(self, event: DataGrid.Opened) -> None:
        self.app.push_screen(Reader(*self._reasons(event.row.item), ListNavigation(event.grid, self._reasons)))

    def _reasons(self, match: Match) -> TitledText:
        return f"{match.creator_id} and {match.product_id}", reason_lines(match, self._currency)

    def _other_side(self, match: Match) -> MatchRequest:
        if self._request.creator_id is not None:
            return MatchRequest(product_id=match.product_id)
        return MatchRequest(creator_id=match.creator_id)

    async def action_match(self) -> None:
        """The matches of what the cursor is on."""
        grid = self.query_one("#match-list", DataGrid)
        if grid.row:
            await self.app.push_screen(
                MatchScreen(self._other_side(grid.row.item), ListNavigation(grid, self._other_side))
            )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """All days are learnt from: there are none to choose."""
        return action != "window" and super().check_action(action, parameters)

    def reports(self) -> Reports | None:
        matches = self._matches
        return (lambda _: [match_report(matches, self._currency)]) if matches else None

    def numbers(self) -> TitledText | None:
        if self._matches:
            side = (
                ("--creator", self._request.creator_id)
                if self._request.creator_id is not None
                else ("--product", self._request.product_id or "")
            )
            command = join(["whydrop", "match", *side, "--db", str(self.whydrop.db)])
            lines = [
                *report_lines(match_report(self._matches, self._currency), reading_style(self.size.width)),
                *shell_lines(command, f"{command} --format json"),
            ]
            return f"Matches of {self._request.words}: numbers", lines
        return None


def _read(request: MatchRequest, workspace: Workspace) -> Iterator[tuple[Matches, str]]:
    yield kept_match(workspace, creator_id=request.creator_id, product_id=request.product_id), workspace.currency
