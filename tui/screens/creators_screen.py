"""Creators: where everybody stands, and who moved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from shlex import quote
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from core.base.date_text import date_text, day_month
from core.base.days import Window, iso
from core.catalogue.rating_rules import packaged
from core.ratings.rating_results import Side
from core.reports.figures.change_format import score_change
from core.reports.figures.number_format import short, titled
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.reading import TitledText, shell_lines
from core.views.standings.leaderboard import ComponentShare, Leaderboard, LeaderboardRow
from core.views.standings.leaderboard_build import leaderboard
from core.workspace.read.workspace import Workspace
from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.common.base_screen import BaseScreen
from tui.screens.creator_screen import CreatorScreen, ScorecardRequest
from tui.screens.match_screen import MatchRequest, MatchScreen
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.paged_rows import Paged
from tui.widgets.plain_text import PlainText

_LEADERS = (
    Column("rank", "#", "rank within the same role and market; blank without orders or reviews", right=True),
    Column("id", "account", "the account; enter opens its scorecard", least=10),
    Column("person", "person", "the person who holds the account", priority=9, least=8),
    Column("role", "role", "the role that is rated; an account has a scorecard for each role", priority=2, least=11),
    Column("market", "market", "its market", priority=4),
    Column(
        "grade", "grade", "its grade; ? = the interval also covers another grade, P = provisional, too little evidence"
    ),
    Column("score", "score", "0 to 100", right=True),
    Column("half", "±", "half the width of the 95% interval of the score", right=True),
    Column("change", "change", "change of the score since the earlier day", right=True),
    Column("orders", "orders", "number of order lines", right=True, priority=5),
    Column("gmv", "GMV", "GMV of the last 28 days", right=True, priority=6),
    Column("why", "mostly", "the component that changed most", least=10),
)
_PARTS = (
    Column("component", "component", "a part of the score", least=10),
    Column("points", "points", "points towards the score", right=True),
    Column("weight", "of", "points with no bad cases", right=True),
    Column("change", "change", "change of the points since the earlier day", right=True),
)
_SORT_KEY_OF = {"half": "score", "person": "id"}


@dataclass(frozen=True, slots=True)
class LeaderboardRequest:
    """What is asked: whom, and on which days; None = the newest, and four weeks before."""

    side: Side = "creators"
    days: Window | None = None
    """Its last day is rated, its first is compared with."""


class CreatorsScreen(BaseScreen):
    """The leaderboard, who fell most first; enter opens a scorecard. Below: how grades moved, and what moved the row."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("creators", "match")
    TAB = "creators"
    READING = "Rating everybody on both days ..."
    ABOUT = "Creators: ratings, and who moved"
    FILTER_HINT = "words, or role:live grade<=B score<70 change<-5 orders>100 market:ID new:"

    def __init__(self) -> None:
        super().__init__()
        self._asks = LeaderboardRequest()
        self._board: Leaderboard | None = None

    def body(self) -> ComposeResult:
        with Container(id="ranks"):
            yield DataGrid("leaders")
            yield DataGrid("components-of")
        yield PlainText("", id="tally")
        yield PlainText("", id="moved")

    def reload(self) -> None:
        self.query_one(Header).subject = self._asks.side
        self.ask(partial(_read, self._asks))

    def show_answer(self, answer: Any) -> None:
        board: Leaderboard
        board, currency = answer
        self._board = board
        compared = f"{day_month(board.as_of)} versus {day_month(board.since)}"
        self.query_one(Header).subject = f"{board.side}   {compared}"
        self.query_one(Header).state = f"as of {date_text(board.as_of)}"
        title = board.side.capitalize()
        columns = tuple(
            replace(column, title=titled("GMV", "money", currency)) if column.key == "gmv" else column
            for column in _LEADERS
        )
        table = Paged(title, columns, (), name=board.side, empty="nobody", view=partial(_listing, board))
        self.query_one("#leaders", DataGrid).fill(table)
        self._show_row()

    @on(DataGrid.CursorMoved, "#leaders")
    def _show_row(self) -> None:
        row = self.query_one("#leaders", DataGrid).row
        if self._board:
            self.query_one("#tally", PlainText).say(_tally(self._board))
            self.query_one("#moved", PlainText).say([_movement_text(row.item) if row else ""])
            self.query_one("#components-of", DataGrid).fill(_parts(row.item if row else None))

    @on(DataGrid.Opened, "#leaders")
    async def _open(self, event: DataGrid.Opened) -> None:
        await self.app.push_screen(CreatorScreen(self._who(event.row.item), ListNavigation(event.grid, self._who)))

    def _who(self, row: LeaderboardRow) -> ScorecardRequest:
        return ScorecardRequest(side=self._asks.side, id=row.id, role=row.role, market=row.market, days=self._asks.days)

    async def action_match(self) -> None:
        """The best products of the account under the cursor."""
        grid = self.query_one("#leaders", DataGrid)
        if grid.row:
            await self.app.push_screen(MatchScreen(_matches_of(grid.row.item), ListNavigation(grid, _matches_of)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Sellers have no matches: their products are matched with creators."""
        is_seller = action == "match" and self._asks.side == "sellers"
        return not is_seller and super().check_action(action, parameters)

    def action_side(self) -> None:
        """Creators, or sellers."""
        self._asks = replace(self._asks, side="sellers" if self._asks.side == "creators" else "creators")
        self.reload()

    def window_text(self) -> str:
        return f"{iso(self._board.since)}..{iso(self._board.as_of)}" if self._board else ""

    def choose_window(self, window: Window | None) -> None:
        self._asks = replace(self._asks, days=window)
        self.reload()

    def numbers(self) -> TitledText | None:
        row = self.query_one("#leaders", DataGrid).row
        if row and self._board:
            return _numbers(row.item, self._board, str(self.whydrop.db))
        return None

    def legend(self) -> list[str]:
        return [
            "Filter", f"  {self.FILTER_HINT}", "  grade<=B finds B and worse",
            "  all conditions must hold; other words are searched in account, person, role and market",
            "", "Grades", "  a grade changes when two weekly refreshes in a row confirm it; P = provisional, too little evidence",
        ]  # fmt: skip


def _matches_of(row: LeaderboardRow) -> MatchRequest:
    return MatchRequest(creator_id=row.id)


def _read(asks: LeaderboardRequest, workspace: Workspace) -> Iterator[tuple[Leaderboard, str]]:
    as_of, since = (asks.days.last, asks.days.first) if asks.days else (None, None)
    yield leaderboard(workspace, asks.side, packaged(), as_of, since), workspace.currency


class _Listing:
    """Lines of a board in one order."""

    def __init__(self, board: Leaderboard, order: Any) -> None:
        self._board, self._order = board, order

    def __len__(self) -> int:
        return len(self._order)

    def read(self, first: int, last: int) -> Sequence[Row]:
        return [_row(self._board.leader(card)) for card in self._order[first:last].tolist()]

    def place(self, key: str) -> int | None:
        return self._board.place(self._order, key)


def _listing(board: Leaderboard, words: str, sort: str, descending: bool) -> _Listing:
    return _Listing(board, board.view(words, _SORT_KEY_OF.get(sort, sort), descending))


def _row(entry: LeaderboardRow) -> Row:
    low, high = entry.interval
    tone = "" if entry.change is None else "bad" if entry.change < 0 else "good"
    return Row(
        entry.key,
        (
            Cell(f"{entry.rank:,}" if entry.rank else "", entry.rank, "dim"),
            Cell(entry.id),
            Cell(entry.person_id if entry.person_id != entry.id else "", entry.person_id, "dim"),
            Cell(entry.role, style="dim"),
            Cell(entry.market, style="dim"),
            Cell(f"{entry.grade}{'' if entry.is_sure else '?'}", entry.grade, "bold" if entry.is_sure else "dim"),
            Cell(f"{entry.score:.1f}", entry.score),
            Cell(f"{(high - low) / 2:.1f}", (high - low) / 2, "dim"),
            Cell("new" if entry.change is None and entry.rank else score_change(entry.change), entry.change, tone),
            Cell(f"{entry.orders:,}", entry.orders),
            Cell(short(entry.gmv), entry.gmv, "dim"),
            Cell(entry.why),
        ),
        entry,
    )


def _parts(entry: LeaderboardRow | None) -> Table:
    parts = entry.parts if entry else ()
    rows = tuple(Row(part.component, _part(part), part) for part in parts)
    return Table(f"{entry.id}" if entry else "", _PARTS, rows, name="parts", empty="")


def _part(part: ComponentShare) -> tuple[Cell, ...]:
    tone = "bad" if (part.change or 0) < 0 else ""
    return (
        Cell(part.component),
        Cell(f"{part.points:.1f}", part.points),
        Cell(f"{part.weight:.1f}", part.weight, "dim"),
        Cell(score_change(part.change), part.change, tone),
    )


_SHOWN_PARTS = 4
"""Components named under the list: they fit 80 columns."""


def _tally(board: Leaderboard) -> list[str]:
    """Grades now and before, a column each."""
    tally = board.tally
    lows = [*(f"{grade} ≥{low:g}" for grade, low in board.grades.items()), tally.grades[-1]]
    lines = [
        f"{name:<7}" + "".join(f"{value:>8}" for value in values)
        for name, values in (
            ("Grade", lows),
            ("now", [f"{count:,}" for count in tally.now]),
            ("before", [f"{count:,}" for count in tally.before]),
            (
                "",
                [f"{now - then:+,}" if now != then else "0" for now, then in zip(tally.now, tally.before, strict=True)],
            ),
        )
    ]
    lines[0] += "   ? unsure, P too little data"
    lines[2] += "   rated on both days"
    lines[3] += f"   {tally.down:,} moved down, {tally.up:,} up"
    return lines


def _movement_text(entry: LeaderboardRow) -> str:
    """What moved the row under the cursor, where there is no room for its components."""
    shifts = sorted((part for part in entry.parts if part.change is not None), key=lambda part: -abs(part.change or 0))
    return f"{entry.id}   " + "  ".join(
        f"{part.component} {score_change(part.change)}" for part in shifts[:_SHOWN_PARTS]
    )


def _numbers(entry: LeaderboardRow, board: Leaderboard, db: str) -> tuple[str, list[str]]:
    """Full figures, how they are made, and the commands that print the same."""
    facts = {name: value for name, value in entry.to_dict().items() if name != "parts"}
    parts = [
        f"  {part.component:<12} {part.points!r} of {part.weight:g}, change {part.change!r}" for part in entry.parts
    ]
    days = f"--as-of {iso(board.as_of)}"
    what = "seller" if board.side == "sellers" else "creator"
    return f"{entry.id}: numbers", [
        *(f"{name:<12} {value if value is not None else '–'}" for name, value in facts.items()),
        "", "score = points of the components", *parts,
        *shell_lines(
            f"whydrop {what} {quote(entry.id)} {days} --since {iso(board.since)} --db {quote(db)}",
            f"whydrop rate {board.side} {days} --db {quote(db)} --format json",
        ),
    ]  # fmt: skip
