"""How many cells of a terminal a text takes: a wide letter takes two, a combining mark none."""

from unicodedata import category, east_asian_width

_NO_WIDTH = frozenset({"Mn", "Me", "Cf", "Cc"})
"""Categories of characters that are drawn onto their neighbour, or not at all."""


def cell_width(text: str) -> int:
    """Cells that a text takes in a line.

    >>> cell_width("live"), cell_width("直播"), cell_width("e\\u0301")
    (4, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_width, text))


def cut(text: str, cells: int) -> str:
    """The text in at most so many cells; what is left out is an ellipsis.

    >>> cut("recommendation", 6), cut("直播间", 4), cut("live", 4)
    ('recom…', '直…', 'live')
    """
    if cell_width(text) <= cells:
        return text
    used, kept = 0, []
    for letter in text:
        used += _width(letter)
        if used > cells - 1:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + "…" if cells > 0 else ""


def _width(letter: str) -> int:
    if category(letter) in _NO_WIDTH:
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1
