"""Texts in the cells of a terminal: their width, cut or wrapped between words. A wide letter takes two cells, a mark none."""

import re
from collections.abc import Iterator, Sequence
from unicodedata import category, east_asian_width

_NO_WIDTH = frozenset({"Mn", "Me", "Cf", "Cc"})
"""Categories of characters that are drawn onto their neighbour, or not at all."""
_SIGNS = "✓?✗▲!+-"
"""Before a text: how it is meant."""
UNIT = r"(?:pp|[A-Z]{3}|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"
"""What stays in the line of the figure before it: its unit, currency or month; a pattern."""
_BREAK = re.compile(rf"(?<![<=])(?<!\bp)(?:(?<!\d)(?<!\d[kMBT]) | (?!{UNIT}))")
"""A blank where a line may end: not the one between a figure and its month, unit or currency, nor inside p = 0.05."""
_WIDE = "\u3000-\u9fff\uac00-\ud7af\uff00-\uffef"
_INSIDE = rf"(?<=[^\\]\|)(?=.)|(?<=[{_WIDE}])(?=[{_WIDE}])(?![、。，．！？：；）」』】〉》])"
"""Where a line may end inside what is longer than one: between the values of a segment, and between letters of Chinese, Japanese
and Korean, which are written without blanks; not before a closing mark."""
_LEAST_WHOLE = 0.6
"""Part of the room that whole words must fill when a text is cut; with less, the next word is cut."""


def cell_width(text: str) -> int:
    """Cells that a text takes in a line.

    >>> cell_width("live"), cell_width("直播"), cell_width("e\\u0301")
    (4, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_width, text))


def cut(text: str, cells: int) -> str:
    """The text in at most so many cells; what is left out, whole words where that leaves enough, is an ellipsis.

    >>> cut("recommendation", 6), cut("share of all orders", 14), cut("直播间", 4), cut("live", 4)
    ('recom…', 'share of all…', '直…', 'live')
    """
    if cell_width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    at = _fitting(text, cells - 1)
    space = text.rfind(" ", 0, at + 1)
    words = text[:space].rstrip(" ,;:·") if space > 0 else ""
    return (words if cell_width(words) >= cells * _LEAST_WHOLE else text[:at].rstrip()) + "…"


def chopped(line: str, cells: int) -> Iterator[str]:
    """A line in pieces of at most so many cells, after a mark such as the slash of a path where there is one near the end.

    >>> list(chopped("/var/cache/whydrop", 12)), list(chopped("abcdefgh", 3))
    (['/var/cache/', 'whydrop'], ['abc', 'def', 'gh'])
    """
    while cell_width(line) > max(cells, 2):
        at = _fitting(line, max(cells, 2))
        mark = max(line.rfind(sign, 0, at) for sign in "/_-.")
        at = mark + 1 if mark + 1 >= at * _LEAST_WHOLE else at
        yield line[:at]
        line = line[at:]
    yield line


def words(text: str) -> list[str]:
    """The parts of a text that stay in one line.

    >>> words("fell to 4,197 USD on 8 Mar 2026"), words("cost 1.2M USD, p < 0.001")
    (['fell', 'to', '4,197 USD', 'on', '8 Mar', '2026'], ['cost', '1.2M USD,', 'p < 0.001'])
    """
    return _BREAK.split(text)


def wrapped(text: str, cells: int | None, hanging: int = 0) -> Iterator[str]:
    """The text in lines of at most so many cells, broken between words; None: one line.

    Further lines are indented like the first one, and by `hanging` more. A word that is longer than a line stays whole,
    but for what `breakable_parts` takes apart.

    >>> list(wrapped("- paid orders fell", 12, 2)), list(wrapped("market=ID|TH|VN fell", 12))
    (['- paid', '  orders', '  fell'], ['market=ID|', 'TH|VN fell'])
    """
    bare = text.lstrip(" ")
    lead = text[: len(text) - len(bare)]
    if cells is None or cell_width(text) <= cells:
        yield text
        return
    further, line, begun = lead + " " * hanging, lead, False
    for word in words(bare):
        for at, part in enumerate(breakable_parts(word) if cell_width(word) > cells else [word]):
            glue = " " if begun and not at else ""
            if begun and cell_width(line) + len(glue) + cell_width(part) > cells:
                yield line
                line, begun, glue = further, False, ""
            line, begun = line + glue + part, True
    yield line


def breakable_parts(word: str) -> list[str]:
    """The parts of a long word between which a line may end: values of a segment, letters of a script without blanks.

    >>> breakable_parts("market=ID|TH"), breakable_parts("直播，新")
    (['market=ID|', 'TH'], ['直', '播，', '新'])
    """
    return [word] if word.isascii() and "|" not in word else re.split(_INSIDE, word)


def hanging(text: str) -> int:
    """Cells by which further lines of a text are indented: below its first word where it begins with a sign or a number.

    >>> hanging("+ the change is in market=TH"), hanging("1. Open a finding"), hanging("gmv fell")
    (2, 3, 0)
    """
    if text[:1].isdigit() and text[1:3] == ". ":
        return 3
    return 2 if text[:1] and text[0] in _SIGNS and text[1:2] == " " else 0


def joined_to_fit(sentences: Sequence[str], cells: int, most: int) -> list[str]:
    """The sentences, a line each; where they would wrap into more than `most` lines, all but the first in one paragraph.

    >>> joined_to_fit(["It fell.", "Here.", "Call the carrier now."], 16, 3)
    ['It fell.', 'Here. Call the carrier now.']
    """
    lines = sum(len(list(wrapped(sentence, cells))) for sentence in sentences)
    return list(sentences) if lines <= most else [sentences[0], " ".join(sentences[1:])]


def _fitting(text: str, cells: int) -> int:
    """How many letters of the text fit."""
    used = 0
    for at, letter in enumerate(text):
        used += _width(letter)
        if used > cells:
            return at
    return len(text)


def _width(letter: str) -> int:
    if category(letter) in _NO_WIDTH:
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1
