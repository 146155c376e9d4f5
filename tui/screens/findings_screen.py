"""Findings: the report that is being written."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from core.base.days import Window
from core.base.errors import WhydropError
from core.base.segment import Segment
from core.reports import pinned_findings
from core.reports.finding_markdown import report, title, words
from core.reports.pinned_findings import STATES, PinnedFinding
from tui.explain_question import ExplainQuestion
from tui.file_export import write_text
from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.base_screen import BaseScreen
from tui.screens.modals import Prompt
from tui.widgets.data_grid import DataGrid
from tui.widgets.header import Header
from tui.widgets.table_model import Cell, Column, Row, Table
from tui.widgets.text_pane import TextPane

_SIGNS = {"open": "○", "likely": "◐", "confirmed": "●"}
_FINDINGS = (
    Column("state", "", "● confirmed, ◐ likely, ○ open: how sure you are"),
    Column("finding", "", "what was kept; enter explains it again", least=16),
)


class FindingsScreen(BaseScreen):
    """What was pinned, in the order of the report; the text beside it is made of the figures."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("findings")
    TAB = "findings"
    ABOUT = "Findings: the report that is being written"

    def __init__(self) -> None:
        super().__init__()
        self._kept: tuple[PinnedFinding, ...] = ()
        self._undo: list[tuple[PinnedFinding, ...]] = []

    def body(self) -> ComposeResult:
        yield DataGrid("findings")
        yield TextPane(id="text")

    def reload(self) -> None:
        """Findings are few and beside the workspace: they are read at once."""
        try:
            self._kept = pinned_findings.read(self.whydrop.db)
        except WhydropError as error:
            self.say(f"! {error}")
        else:
            self.say("")
            self._show()

    def on_screen_resume(self) -> None:
        """Another screen may have pinned something."""
        self.reload()

    def _show(self) -> None:
        counts = "  ".join(
            f"{sum(finding.state == state for finding in self._kept)} {state}" for state in reversed(STATES)
        )
        self.query_one(Header).subject = f"{len(self._kept)} pinned   {counts}"
        rows = tuple(
            Row(finding.id, (Cell(_SIGNS[finding.state], finding.state), Cell(title(finding.told))), finding)
            for finding in self._kept
        )
        empty = "nothing is pinned yet: p on Explain pins what it shows"
        self.query_one("#findings", DataGrid).fill(
            Table("Findings", _FINDINGS, rows, False, name="findings", empty=empty)
        )
        if not rows:
            self.query_one(TextPane).say([])

    @on(DataGrid.CursorMoved, "#findings")
    def _read(self, event: DataGrid.CursorMoved) -> None:
        self.query_one(TextPane).say(words(event.row.item))

    @on(DataGrid.Opened, "#findings")
    async def _explain(self, event: DataGrid.Opened) -> None:
        await self.whydrop.explain(_question(event.row.item), ListNavigation(event.grid, _question))

    def _keep(self, findings: Sequence[PinnedFinding]) -> None:
        """Writes the findings as they are now; `u` brings back what was."""
        try:
            pinned_findings.write(self.whydrop.db, findings)
        except WhydropError as error:
            self.say(f"! {error}")
            return
        self._undo.append(self._kept)
        self._kept = tuple(findings)
        self._show()

    def _change(self, change: Callable[[PinnedFinding], PinnedFinding]) -> None:
        row = self.query_one("#findings", DataGrid).row
        if row:
            self._keep([change(finding) if finding.id == row.key else finding for finding in self._kept])

    def action_state(self) -> None:
        """Open, likely, confirmed, and round again."""
        self._change(lambda finding: replace(finding, state=STATES[(STATES.index(finding.state) + 1) % len(STATES)]))

    def action_note(self) -> None:
        """Asks for a note on the finding."""
        row = self.query_one("#findings", DataGrid).row

        def use(text: str) -> None:
            self._change(lambda finding: replace(finding, note=text.strip()))

        if row:
            self.app.push_screen(Prompt("Note", row.item.note, "enter keep   esc close", use))

    def action_shift(self, by: int) -> None:
        """Moves the finding up or down in the report."""
        grid = self.query_one("#findings", DataGrid)
        to = grid.cursor + by
        if grid.row and not grid.words and 0 <= to < len(self._kept):
            key, findings = grid.row.key, list(self._kept)
            findings.insert(to, findings.pop(grid.cursor))
            self._keep(findings)
            grid.select(key)

    def action_unpin(self) -> None:
        """Takes the finding out."""
        row = self.query_one("#findings", DataGrid).row
        if row:
            self._keep([finding for finding in self._kept if finding.id != row.key])
            self.notify("taken out: u brings it back", markup=False)

    def action_undo(self) -> None:
        """Brings back what was before the last change."""
        if self._undo:
            before = self._undo.pop()
            self._keep(before)
            self._undo.pop()

    def write(self, path: Path, grid: DataGrid) -> None:
        """The whole report for .md, the list for the others."""
        if path.suffix.lower() == ".md":
            write_text(path, report(self._kept))
        else:
            super().write(path, grid)

    def show_answer(self, answer: Any) -> None:
        """Nothing is asked of the core."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There are no days and no figures to choose here."""
        return action not in {"window", "numbers"} and super().check_action(action, parameters)

    def choose_metric(self, metric: str) -> None:
        self.run_worker(self.whydrop.explain(ExplainQuestion(metric)))


def _question(finding: PinnedFinding) -> ExplainQuestion:
    """Asks again what the finding answers."""
    document = finding.told
    baseline = document["baseline"]
    kind = baseline["kind"] if baseline["kind"] != "window" else f"{baseline['from']}..{baseline['to']}"
    window = Window.parse(f"{document['window']['from']}..{document['window']['to']}")
    where = Segment.of({name: value.split("|") for name, value in document["where"].items()})
    return ExplainQuestion(document["metric"], window, kind, where)
