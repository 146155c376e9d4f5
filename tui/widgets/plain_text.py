"""Lines of plain text: what comes from data is never read as markup and brings no control characters."""

from collections.abc import Iterable

from rich.text import Text
from textual.widgets import Static

from core.reports.escaping import for_terminal
from core.reports.text_width import cut, joined_to_fit, wrapped

_USUAL_WIDTH = 80
"""Cells, before the terminal's own is known."""


def plain(*lines: str, style: str = "") -> Text:
    """Text that is nothing but text."""
    return Text("\n".join(for_terminal(line) for line in lines), style=style, no_wrap=False)


class PlainText(Static):
    """Lines that are shown as they are."""

    DEFAULT_CSS = "PlainText { height: auto; }"

    def __init__(self, *lines: str, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(plain(*lines), id=id, classes=classes, markup=False)

    def say(self, lines: Iterable[str]) -> None:
        """Shows other lines."""
        self.update(plain(*lines))


class AnswerText(PlainText):
    """The answer on top of a page: its first sentence in bold, the others a line each where they fit."""

    MOST_LINES = 4
    """With more, the sentences flow on: a page of 24 lines has to show its evidence."""
    HIGHEST = 8
    """Lines that are shown at most; an ellipsis stands for the rest."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._sentences: tuple[str, ...] = ()

    def say(self, lines: Iterable[str]) -> None:
        self._sentences = tuple(map(for_terminal, lines))
        self._fit()

    def on_resize(self) -> None:
        """Other widths take other lines."""
        self._fit()

    def _fit(self) -> None:
        if not self._sentences:
            self.update("")
        else:
            width = self.content_size.width or _USUAL_WIDTH
            first, *others = joined_to_fit(self._sentences, width, self.MOST_LINES)
            answer = list(wrapped(first, width))
            lines = [*answer, *(line for sentence in others for line in wrapped(sentence, width))]
            if len(lines) > self.HIGHEST:
                lines[self.HIGHEST - 1 :] = [cut(f"{lines[self.HIGHEST - 1]} …", width)]
            text = plain(*lines)
            text.stylize("bold", 0, len("\n".join(answer)))
            self.update(text)
