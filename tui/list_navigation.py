"""The list from which something was opened: `[` and `]` show its neighbours without going back there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tui.widgets.data_grid import DataGrid

Question = TypeVar("Question")


@dataclass(frozen=True, slots=True)
class ListNavigation(Generic[Question]):
    """A list, and what is asked when one of its rows is opened."""

    grid: DataGrid
    asks: Callable[[Any], Question | None]
    """From the item of a row; None where there is nothing to open."""

    def step(self, by: int) -> Question | None:
        """Moves the cursor of the list to the next row that opens something; None, and no move, at the end of the list."""
        row = self.grid.cursor + by
        while 0 <= row < len(self.grid.rows):
            question = self.asks(self.grid.rows[row].item)
            if question is not None:
                self.grid.go(row)
                return question
            row += by
        return None
