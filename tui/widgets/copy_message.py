"""What every pane says when somebody copies from it."""

from textual.message import Message


class Copied(Message):
    """Text is wanted on the clipboard."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text, self.what = text, what
