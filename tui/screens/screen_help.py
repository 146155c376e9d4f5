"""The help of a screen, made of its live bindings and the columns of its tables, so that it cannot differ from them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.keys import KEYS

if TYPE_CHECKING:
    from tui.screens.base_screen import Page

_NARROW = 14


def help_lines(page: "Page") -> list[str]:
    """What each column and sign means, then the keys."""
    live = {active.binding.id for active in page.active_bindings.values()}
    keys = [f"  {page.whydrop.label(one):<{_NARROW}} {one.words}" for one in KEYS if one.id in live]
    legend = page.legend()
    return [*_columns(page), *legend, *([""] if legend else []), "Keys", *keys]


def _columns(page: "Page") -> Iterator[str]:
    for grid in page.grids:
        meanings = [column for column in grid.table.columns if column.meaning]
        if grid.table.title and meanings:
            yield grid.table.title
            for column in meanings:
                yield f"  {column.title or column.key:<{_NARROW}} {column.meaning}"
            yield ""
