"""The help of a screen, made of its live bindings and the columns of its tables, so that it cannot differ from them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from textual.binding import ActiveBinding

from tui.app_protocol import WhydropApp
from tui.keys import KEYS
from tui.widgets.data_grid import DataGrid

_NARROW = 14
"""Cells of the column with keys and column names, in front of what they mean."""


class HelpedScreen(Protocol):
    """A screen that can describe itself."""

    @property
    def whydrop(self) -> WhydropApp:
        """The program it belongs to."""

    @property
    def active_bindings(self) -> Mapping[str, ActiveBinding]:
        """The bindings that work now."""

    @property
    def grids(self) -> Iterable[DataGrid]:
        """The tables on it."""

    def legend(self) -> Sequence[str]:
        """What its signs mean, a line each."""


def help_lines(page: HelpedScreen) -> list[str]:
    """What each column and sign means, then the keys."""
    live = {active.binding.id for active in page.active_bindings.values()}
    keys = [f"  {page.whydrop.label(key):<{_NARROW}} {key.words}" for key in KEYS if key.id in live]
    legend = [*page.legend(), *_left_out(page)]
    return [*_columns(page), *legend, *([""] if legend else []), "Keys", *keys]


def _columns(page: HelpedScreen) -> Iterator[str]:
    for grid in page.grids:
        meanings = [column for column in grid.table.columns if column.meaning]
        if grid.table.title and meanings:
            yield grid.table.title
            for column in meanings:
                yield f"  {column.title or column.key:<{_NARROW}} {column.meaning}"
            yield ""


def _left_out(page: HelpedScreen) -> Iterator[str]:
    if any(grid.left_out for grid in page.grids):
        yield f"  {'+N columns':<{_NARROW}} N more columns do not fit; a wider terminal and exported files show them"
