"""The way back: from which list something was opened, so that its neighbours can be had without going there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tui.widgets.data_grid import DataGrid

Asked = TypeVar("Asked")


@dataclass(frozen=True, slots=True)
class ListNavigation(Generic[Asked]):
    """A list, and what is asked when one of its rows is opened."""

    grid: DataGrid
    asks: Callable[[Any], Asked | None]
    """From the item of a row; None where there is nothing to open."""

    def step(self, by: int) -> Asked | None:
        """Moves the cursor of the list to the next row that opens something; None, and no move, at the end of the list."""
        place = self.grid.cursor + by
        while 0 <= place < len(self.grid.rows):
            asked = self.asks(self.grid.rows[place].item)
            if asked is not None:
                self.grid.go(place)
                return asked
            place += by
        return None
