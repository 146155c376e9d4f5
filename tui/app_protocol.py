"""What the screens ask of the program that they belong to."""

from pathlib import Path
from typing import Protocol

from tui.explain_question import ExplainQuestion
from tui.keys import Key
from tui.list_navigation import ListNavigation
from tui.widgets.header import Tab


class WhydropApp(Protocol):
    """The program behind every screen."""

    TABS: tuple[Tab, ...]
    db: Path
    question: ExplainQuestion | None
    """What Explain explains; None until somebody asks."""
    metrics: list[tuple[str, str]]
    """(key, name) of what can be explained here, worst first."""

    async def explain(
        self, question: ExplainQuestion, navigation: ListNavigation[ExplainQuestion] | None = None
    ) -> None:
        """Opens Explain on a question."""

    def action_show(self, tab: str) -> None:
        """Opens a tab as it was left."""

    def action_origin(self) -> None:
        """Opens the tab from which Explain was opened."""

    def label(self, key: Key) -> str:
        """The keys that do it here, as a person reads them."""
