"""Data: can these numbers be trusted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import Any

from textual import on
from textual.app import ComposeResult

from core.base.count_text import count
from core.base.date_text import date_range
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.detection.findings import Check
from core.reports.figures.table_values import plain_text
from core.reports.finding_narrative import checks_failed
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.reading import TitledText
from core.views.kept_answers import kept_checks
from core.workspace.read.workspace import Workspace
from core.workspace.schema.load_log import Load, RejectedRow, loads, rejects
from tui.list_navigation import ListNavigation
from tui.screens.common.base_screen import BaseScreen
from tui.screens.common.modals import Reader
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header

_MOST_REJECTS = 500
"""Refused rows that are read on the screen; `whydrop rejects` has all."""
_FACTS = {"loaded_at": "loaded at", "path": "file", "read": "rows", "accepted": "added", "rejected": "refused"}
"""Facts of a load whose words are not their keys: those of the table."""
_CHECKS = (
    Column("status", "state", "pass, warn or fail"),
    Column("check", "check", "what was tested", least=16),
    Column("detail", "found", "the result, and what it affects", least=20, priority=1),
)
_LOADS = (
    Column("path", "source", "the file that was loaded", least=14),
    Column("kind", "kind", "what its rows are"),
    Column("preset", "preset", "the known export that it matches", priority=7),
    Column("read", "rows", "rows read = added + refused + unchanged", right=True),
    Column("accepted", "added", "rows added to the workspace", right=True, priority=2),
    Column("replaced", "replaced", "added rows that replaced an older version", right=True, priority=5),
    Column("unchanged", "unchanged", "rows that were already in the workspace", right=True, priority=4),
    Column("rejected", "refused", "rows that could not be read; enter lists them", right=True),
    Column("days", "days", "first and last day of its rows", priority=1),
    Column("seconds", "took", "loading time in seconds", right=True, priority=6),
    Column("loaded_at", "when", "time of loading (UTC)", right=True, priority=3),
)


@dataclass(frozen=True, slots=True)
class DataOverview:
    """What the screen shows."""

    span: Window | None
    """None where nothing that is loaded has days."""
    loads: tuple[Load, ...]
    rejects: tuple[RejectedRow, ...]
    checks: tuple[Check, ...] | None = None
    """None while they run."""


class DataScreen(BaseScreen):
    """Checks of the data, worst first, and what was loaded. Nothing here changes data."""

    TAB = "data"
    READING = "Checking the data ..."
    ABOUT = "Data: can these numbers be trusted"

    def __init__(self) -> None:
        super().__init__()
        self._found: DataOverview | None = None

    def body(self) -> ComposeResult:
        yield DataGrid("checks", wraps=True)
        yield DataGrid("loads")

    def reload(self) -> None:
        self.ask(_read)

    def show_answer(self, answer: Any) -> None:
        data: DataOverview = answer
        self._found = data
        top = self.query_one(Header)
        days = date_range(data.span) if data.span else "no days"
        top.subject = f"{days}   {count(len(data.loads), 'load')}"
        bad = sum(check.status == "fail" for check in data.checks or ())
        top.state = checks_failed(bad) if bad else ""
        self.query_one("#checks", DataGrid).fill(_check_table(data.checks))
        self.query_one("#loads", DataGrid).fill(Table("Loads", _LOADS, tuple(map(_load, data.loads)), name="loads"))

    @on(DataGrid.Opened, "#checks")
    def _read_check(self, event: DataGrid.Opened) -> None:
        self.app.push_screen(Reader(*_check_text(event.row.item), ListNavigation(event.grid, _check_text)))

    @on(DataGrid.Opened, "#loads")
    def _read_load(self, event: DataGrid.Opened) -> None:
        self.app.push_screen(Reader(*self._load(event.row.item), ListNavigation(event.grid, self._load)))

    def _load(self, load: Load) -> TitledText:
        """What became of a file, with the rows that were refused."""
        refused = [row for row in self._found.rejects if row.load == load.id] if self._found else []
        days = date_range(load.days) if load.days else ""
        fields = {**load.to_dict(), "days": days, "loaded_at": plain_text(load.loaded_at, "moment")}
        facts = [f"{_FACTS.get(name, name):<12} {plain_text(value) or '–'}" for name, value in fields.items()]
        lines = [line for row in refused for line in (f"line {row.line}: {row.reason}", f"  {row.raw}")]
        more = [] if len(refused) == load.rejected else [f"All {load.rejected:,}: whydrop rejects --load {load.id}"]
        return load.path, [*facts, "", "Refused rows" if refused else "No row was refused.", *lines, *more]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Loads and checks are of the whole workspace: there are no days to choose."""
        return action != "window" and super().check_action(action, parameters)

    def numbers(self) -> TitledText | None:
        db = quote(str(self.whydrop.db))
        lines = [f"  whydrop {name} --db {db}" for name in ("check", "loads", "rejects")]
        return "Data: the same from a shell", lines


def _read(workspace: Workspace) -> Iterator[DataOverview]:
    """The books first, for they are quick; then the same with the checks."""
    data = DataOverview(_days(workspace), loads(workspace.path), rejects(workspace.path, limit=_MOST_REJECTS))
    yield data
    yield replace(data, checks=kept_checks(workspace) if data.span else ())


def _days(workspace: Workspace) -> Window | None:
    try:
        return workspace.span
    except NotEnoughData:  # the books tell what was loaded instead
        return None


def _check_table(checks: Sequence[Check] | None) -> Table:
    order = ("fail", "warn", "pass")
    rows = tuple(_check(check) for check in sorted(checks or (), key=lambda check: order.index(check.status)))
    counts = ", ".join(f"{sum(check.status == name for check in checks or ())} {name}" for name in order)
    empty = "checking ..." if checks is None else "nothing that is loaded has days: there is nothing to check"
    return Table("Checks", _CHECKS, rows, note=counts if rows else "", name="checks", empty=empty)


def _check(check: Check) -> Row:
    style = {"fail": "bad", "warn": "bold"}.get(check.status, "dim")
    mark = "! " if check.status == "fail" else ""
    cells = (Cell(f"{mark}{check.status}", check.status, style), Cell(check.check), Cell(check.detail, style="dim"))
    return Row(f"{check.check} {check.detail}", cells, check)


def _check_text(check: Check) -> TitledText:
    return check.check, [f"{check.status}: {check.detail}"]


def _load(load: Load) -> Row:
    numbers = [Cell(f"{value:,}", value) for value in (load.read, load.accepted, load.replaced, load.unchanged)]
    cells = (
        Cell(load.path.rpartition("/")[2], load.path),
        Cell(load.kind),
        Cell(load.preset or "", style="dim"),
        *numbers,
        Cell(f"{load.rejected:,}", load.rejected, "bad" if load.rejected else "dim"),
        Cell(date_range(load.days) if load.days else "", str(load.days or "")),
        Cell(f"{load.seconds:.1f}s", load.seconds, "dim"),
        Cell(plain_text(load.loaded_at, "moment"), load.loaded_at, "dim"),
    )
    return Row(str(load.id), cells, load)
