"""Texts that scroll: where their lines end."""

from textual.app import App, ComposeResult
from textual.widgets import Static

from tui.widgets.text_pane import TextPane

SENTENCE = "Seven of its nine creators also sell the products of this creator, mostly two of them."


class _Page(App[None]):
    def compose(self) -> ComposeResult:
        yield TextPane()


async def test_lines_end_at_the_same_word_whether_or_not_the_text_scrolls() -> None:
    """They did not: which of two pictures was drawn depended on whether the bar came before or after the text."""
    app = _Page()
    async with app.run_test(size=(41, 8)) as pilot:
        pane = app.query_one(TextPane)
        shown = []
        for more in (0, 30, 31, 0):
            pane.say([SENTENCE, *["more"] * more])
            await pilot.pause()
            assert pane.show_vertical_scrollbar == bool(more)
            shown.append(str(pane.query_one("#lines", Static).content).split("\nmore")[0].strip().splitlines())
        assert shown[1:] == shown[:-1]
        assert " ".join(shown[0]) == SENTENCE
        assert max(map(len, shown[0])) <= pane.scrollable_content_region.width
