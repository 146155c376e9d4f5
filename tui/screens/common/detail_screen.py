"""What screens share that show one item of a list."""

from typing import Any, ClassVar

from textual.binding import BindingType

from tui.keys import bindings
from tui.list_navigation import ListNavigation
from tui.screens.common.base_screen import BaseScreen


class DetailScreen(BaseScreen):
    """One item; its neighbours in the list are a key away."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("detail")

    def __init__(self, navigation: ListNavigation[Any] | None = None) -> None:
        super().__init__()
        self.navigation = navigation
        """The list that the item was opened from."""

    def take(self, question: Any) -> None:
        """Shows another item of the list."""
        raise NotImplementedError

    def leave(self) -> None:
        self.app.pop_screen()

    def action_sibling(self, by: int) -> None:
        """Shows the neighbour; the cursor of the list goes with it, so that esc comes back to what was shown last."""
        question = self.navigation.step(by) if self.navigation else None
        if question is not None:
            self.take(question)
        else:
            self.notify("the list ends here" if self.navigation else "this was not opened from a list", markup=False)
