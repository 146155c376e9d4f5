"""Creator: every role and account of one person, why each rating moved, what lies behind it, and the way up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from shlex import quote
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from core.base.date_text import date_text
from core.base.days import Window, iso
from core.catalogue.rating_rules import packaged
from core.ratings.rating_results import Component, EvidenceRow, ImprovementStep, ScoreCard, Scorecard, Side
from core.ratings.scorecard.scorecard import scorecard
from core.reports.report import Report
from core.reports.table import Column, Table
from core.reports.tables import scorecard_tables
from core.reports.tables.reading import TitledText, shell_lines
from core.workspace.read.rating_rows import order_query
from core.workspace.read.workspace import Workspace
from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.common.detail_screen import DetailScreen
from tui.screens.common.exporting_screen import Reports
from tui.screens.common.modals import Reader
from tui.screens.match_screen import MatchRequest, MatchScreen
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.plain_text import PlainText


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardRequest:
    """Whose scorecard is asked for, and which of the cards is looked at first."""

    side: Side
    id: str
    role: str = ""
    market: str = ""
    days: Window | None = None
    """Its last day is rated, its first is compared with; None = the newest, and four weeks before."""


class CreatorScreen(DetailScreen):
    """All cards of one person; the one under the cursor is taken apart below. esc goes back to the same row."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("match")
    TAB = "creators"
    READING = "Rating the creator on both days ..."
    ABOUT = "Creator: every role and account, why each rating moved, and the way up"

    def __init__(self, who: ScorecardRequest, navigation: ListNavigation[ScorecardRequest]) -> None:
        super().__init__(navigation)
        self._who = who
        self._found: Scorecard | None = None

    def body(self) -> ComposeResult:
        yield PlainText("", id="answer")
        yield DataGrid("cards", most=10)
        yield DataGrid("components", most=40)
        with Container(id="behind"):
            yield DataGrid("path", wraps=True, most=8)
            yield DataGrid("evidence-rows")

    def take(self, request: ScorecardRequest) -> None:
        """Shows another one; another card of the same one is only looked for."""
        before, self._who = self._who, request
        if self._found and (before.side, before.id, before.days) == (request.side, request.id, request.days):
            self._select()
        else:
            self.reload()

    def reload(self) -> None:
        self.query_one(Header).subject = f"{self._who.side} › {self._who.id}"
        self.ask(partial(_read, self._who))

    def show_answer(self, answer: Any) -> None:
        scorecard: Scorecard = answer
        self._found = scorecard
        self.query_one(Header).state = f"as of {date_text(scorecard.as_of)}"
        self.query_one("#cards", DataGrid).fill(scorecard_tables.cards(scorecard, packaged().grades))
        self._select()
        self._show_card()

    def _select(self) -> None:
        self.query_one("#cards", DataGrid).select(
            scorecard_tables.card_key(self._who.id, self._who.role, self._who.market)
        )

    @on(DataGrid.CursorMoved, "#cards")
    def _show_card(self) -> None:
        row = self.query_one("#cards", DataGrid).row
        card: ScoreCard | None = row.item if row else None
        if self._found is None:
            return
        self.query_one("#answer", PlainText).say([_verdict(self._found)])
        components, folded = scorecard_tables.components(card) if card else (_NOTHING, set[str]())
        self.query_one("#components", DataGrid).fill(components, folded)
        self.query_one("#path", DataGrid).fill(scorecard_tables.path(card) if card else _NOTHING)
        self.query_one("#evidence-rows", DataGrid).fill(scorecard_tables.cases(card) if card else _NOTHING)

    @on(DataGrid.Opened, "#components")
    def _read_component(self, event: DataGrid.Opened) -> None:
        text = _of_component(event.row.item)
        if text:
            self.app.push_screen(Reader(*text, ListNavigation(event.grid, _of_component)))

    @on(DataGrid.Opened, "#path")
    def _read_step(self, event: DataGrid.Opened) -> None:
        self.app.push_screen(Reader(*_of_step(event.row.item), ListNavigation(event.grid, _of_step)))

    @on(DataGrid.Opened, "#evidence-rows")
    def _read_case(self, event: DataGrid.Opened) -> None:
        self.app.push_screen(Reader(*_of_case(event.row.item), ListNavigation(event.grid, _of_case)))

    @on(DataGrid.Opened, "#cards")
    def _go_on(self) -> None:
        self.query_one("#components").focus()

    async def action_match(self) -> None:
        """The best products of the account under the cursor."""
        grid = self.query_one("#cards", DataGrid)
        if grid.row and grid.row.item:
            await self.app.push_screen(MatchScreen(_matches_of(grid.row.item), ListNavigation(grid, _matches_of)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The days are those of the leaderboard; sellers have no matches."""
        is_off = action == "window" or (action == "match" and self._who.side == "sellers")
        return not is_off and super().check_action(action, parameters)

    def numbers(self) -> TitledText | None:
        if self._found:
            return f"{self._found.id}: numbers", _numbers(self._found, str(self.whydrop.db))
        return None

    def reports(self) -> Reports | None:
        scorecard = self._found
        if scorecard is None:
            return None

        def make(workspace: Workspace) -> Sequence[Report]:
            from core.reports.documents.hand_off import inputs_of
            from core.reports.documents.scorecard_report import scorecard_report

            return [scorecard_report(scorecard, inputs_of(workspace.path, _command(scorecard, str(self.whydrop.db))))]

        return make

    def legend(self) -> list[str]:
        return ["Signs", "  █ the score   ▒ worse   ░ better; each bar starts where the one above it ends"]


_NOTHING = Table("", (Column("", "", ""),), (), header=False, empty="no scorecard: nothing to rate in this role")


def _matches_of(card: ScoreCard) -> MatchRequest:
    return MatchRequest(creator_id=card.rating.id)


def _read(who: ScorecardRequest, workspace: Workspace) -> Iterator[Scorecard]:
    days = (who.days.last, who.days.first) if who.days else (None, None)
    yield scorecard(workspace, who.side, who.id, packaged(), *days)


def _verdict(scorecard: Scorecard) -> str:
    low, high = scorecard.interval
    accounts = f"person {scorecard.person_id}: {', '.join(scorecard.accounts)}" if len(scorecard.accounts) > 1 else ""
    whole = f"{scorecard.id}   {scorecard.grade} {scorecard.score:.1f} ±{(high - low) / 2:.1f}"
    return "   ".join(part for part in (whole, accounts, f"rules {scorecard.rules}", *scorecard.notes) if part)


def _of_component(component: Component | None) -> TitledText | None:
    """All that its points are computed from."""
    if component is None:
        return None
    formula = (
        ("value  = (a + k) / (a + b + n)", "points = weight x (1 - value)^run on average over what the value may be")
        if component.is_share
        else (
            "value  = (a + k) / (b + n / 1000)",
            "points = weight x exp(-run x value) on average over what the value may be",
        )
    )
    return component.name, [f"{name:<12} {value}" for name, value in component.to_dict().items()] + ["", *formula]


def _of_step(step: ImprovementStep) -> TitledText:
    return f"to {step.target}", [step.text, "", *(f"{name:<12} {value}" for name, value in step.to_dict().items())]


def _of_case(case: EvidenceRow) -> TitledText:
    facts = [f"{name:<12} {value}" for name, value in case.to_dict().items()]
    sql = ["", "-- the order", order_query(case.order_id)] if case.order_id else []
    return case.what, [
        *facts,
        "",
        "Counts against the card." if case.charged else "Left out: not under their control.",
        *sql,
    ]


def _command(scorecard: Scorecard, db: str) -> str:
    """The command that prints the same."""
    what = "seller" if scorecard.side == "sellers" else "creator"
    since = f" --since {iso(scorecard.cards[0].movement.since)}" if scorecard.cards else ""
    return f"whydrop {what} {quote(scorecard.id)} --as-of {iso(scorecard.as_of)}{since} --db {quote(db)}"


def _numbers(scorecard: Scorecard, db: str) -> list[str]:
    command = _command(scorecard, db)
    cards = [
        line
        for card, weight in zip(scorecard.cards, scorecard.weights, strict=True)
        for line in (
            "",
            f"{card.rating.id} {card.rating.role} {card.rating.market}   weight {weight!r}",
            f"  score  {card.rating.score!r}   95%: {card.rating.interval[0]!r} to {card.rating.interval[1]!r}",
            *(
                f"  {component.name:<12} {component.points!r} of {component.weight:g}"
                for component in card.rating.components
            ),
            *(f"  {shift.component:<12} moved {shift.change!r}" for shift in card.movement.shifts),
        )
    ]
    return [
        f"score  {scorecard.score!r} = mean of the cards, by weight",
        *cards,
        *shell_lines(command, f"{command} --format json"),
    ]
