"""Lines of plain text: what comes from data is never read as markup and brings no control characters."""

from collections.abc import Iterable

from rich.text import Text
from textual.widgets import Static

from core.reports.escaping import for_terminal


def plain(*lines: str, style: str = "") -> Text:
    """Text that is nothing but text."""
    return Text("\n".join(for_terminal(line) for line in lines), style=style, no_wrap=False)


class PlainText(Static):
    """Lines that are shown as they are."""

    DEFAULT_CSS = "PlainText { height: auto; }"

    def __init__(self, *lines: str, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(plain(*lines), id=id, classes=classes, markup=False)

    def say(self, lines: Iterable[str], bold_first: bool = False) -> None:
        """Shows other lines; `bold_first`: the first one is the answer."""
        text = plain(*lines)
        if bold_first:
            text.stylize("bold", 0, max(text.plain.find("\n"), 0) or len(text.plain))
        self.update(text)
