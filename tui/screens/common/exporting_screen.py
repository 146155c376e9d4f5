"""How a screen is copied, exported and reported: to the clipboard, as rows of a table, as a page for others."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from textual import on
from textual.screen import Screen

from core.base.count_text import count
from core.base.errors import WhydropError
from core.reports.report import Report, Section
from core.workspace.read.workspace import Workspace
from tui.app_protocol import WhydropApp
from tui.file_export import REPORTS, export, write_report
from tui.screens.common.modals import Prompt
from tui.widgets.copy_message import Copied
from tui.widgets.data_grid import DataGrid
from tui.worker_thread import Stopped, in_thread

_MOST_COPIED = 64 * 1024
"""Bytes that may be copied: terminals cut or refuse longer clipboard sequences (OSC 52)."""
_MOST_IN_REPORT = 1_000
"""Rows of a table in a report: a page that opens at once."""
_MANY = 20_000
"""Rows; writing more is felt."""
Reports = Callable[[Workspace], Sequence[Report]]
"""Makes the reports of what a screen shows."""


class ExportingScreen(Screen[None]):
    """A screen whose tables can be copied, and which can be written to a file."""

    TAB = ""
    ABOUT = ""
    """The question that the screen answers."""

    @property
    def whydrop(self) -> WhydropApp:
        """The program that this screen belongs to."""
        return cast(WhydropApp, self.app)

    @property
    def grid(self) -> DataGrid | None:
        """The table that has the focus."""
        return self.focused if isinstance(self.focused, DataGrid) else None

    @property
    def grids(self) -> Iterable[DataGrid]:
        """All tables of the screen."""
        return self.query(DataGrid)

    @on(Copied)
    def _copy(self, event: Copied) -> None:
        if len(event.text.encode()) > _MOST_COPIED:
            self.notify("too much for the clipboard: x exports it to a file", severity="warning", markup=False)
        else:
            self.app.copy_to_clipboard(event.text)
            self.notify(f"copied {event.what}", markup=False)

    def action_export(self) -> None:
        """Asks for a file name and writes the report of this screen, or the rows of a table as they are filtered and sorted."""
        grid = self.grid or next(iter(self.grids))

        def write(name: str) -> None:
            path = Path(name).expanduser()
            if path.suffix.lower() in REPORTS:
                reports = self.reports() or (lambda _: [self._shown_tables()])
                self.run_worker(self._write_report(path, reports), group="write", exit_on_error=False)
            elif len(grid.rows) > _MANY:
                self.notify(f"writing {count(len(grid.rows), 'row')} to {name} ...", markup=False)
                self.run_worker(self._write_aside(path, grid), group="write", exit_on_error=False)
            else:
                _write_rows(path, grid)
                self.notify(f"wrote {count(len(grid.rows), 'row')} to {name}", markup=False)

        hint = f".html and .md hold the report; .csv and .json the rows of {grid.table.title}."
        ending = "csv" if self.reports() is None else "html"
        name = f"whydrop-{self.TAB if ending == 'html' else grid.table.name or self.TAB}.{ending}"
        self.app.push_screen(Prompt("Write to", name, hint, write, "write"))

    def reports(self) -> Reports | None:
        """Makes the reports of what is shown; None where the tables of the screen are all there is."""
        return None

    def _shown_tables(self) -> Report:
        """The tables of the screen as a report."""
        tables = (replace(grid.table, rows=tuple(grid.rows[:_MOST_IN_REPORT])) for grid in self.grids)
        return Report(
            title=self.ABOUT, sections=tuple(Section(title=table.title, table=table) for table in tables if table.title)
        )

    async def _write_report(self, path: Path, reports: Reports) -> None:
        """Makes and writes a report while the screen goes on."""

        def work(stopped: Stopped) -> None:
            with Workspace.open(self.whydrop.db) as workspace:
                workspace.stop_when(stopped)
                write_report(path, reports(workspace))

        self.notify(f"writing {path} ...", markup=False)
        if await self.do_aside(work):
            self.notify(f"wrote {path}", markup=False)

    async def _write_aside(self, path: Path, grid: DataGrid) -> None:
        """Writes very many rows while the screen goes on."""
        if await self.do_aside(lambda _: _write_rows(path, grid)):
            self.notify(f"wrote {path}", markup=False)

    async def do_aside(self, work: Callable[[Stopped], None]) -> bool:
        """Does something in a thread while the screen goes on; whether it could be done: why not is said."""
        try:
            await in_thread(work)
        except WhydropError as error:
            self.notify(str(error), severity="error", markup=False)
            return False
        return True


def _write_rows(path: Path, grid: DataGrid) -> None:
    """Writes the rows of a table as they are filtered and sorted."""
    export(path, *grid.table.values(grid.rows))
