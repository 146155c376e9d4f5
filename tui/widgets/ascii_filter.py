"""For terminals that know ASCII alone: the last step before the terminal replaces every other character, cell for cell."""

import os
import sys
import unicodedata

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui.process import STAND_INS


def is_plain_terminal() -> bool:
    """Whether the terminal says that it cannot show more than ASCII."""
    encoding = (getattr(sys.stdout, "encoding", "") or "").casefold().replace("-", "")
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    return encoding != "utf8" or locale in {"C", "POSIX"}


class Ascii(LineFilter):
    """Replaces what is not ASCII; the widths stay, so that columns do."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line in ASCII."""
        return [Segment(ascii_of(text), style, control) for text, style, control in segments]


def ascii_of(text: str) -> str:
    """The text with a stand-in for every character that is not ASCII.

    >>> ascii_of("▁█ → ±4 ภ Süd 10² ½")
    '.@ > ~4 ? Sud 10? ?'
    """
    return (
        text
        if text.isascii()
        else "".join(character if character.isascii() else _instead(character) for character in text)
    )


def _instead(character: str) -> str:
    if "\u2800" <= character <= "\u28ff":
        return _dots(ord(character) - 0x2800)
    width = cell_len(character)
    plain = unicodedata.normalize("NFKD", character)
    letter, accents = plain[0], plain[1:]
    is_letter = letter.isascii() and not letter.isdigit() and all(map(unicodedata.combining, accents))
    return STAND_INS.get(character, letter if width == 1 and is_letter else "?" * width)


def _dots(bits: int) -> str:
    """A cell of braille dots: a bar where they stand above each other, else a mark as high as the highest one."""
    lines = [bool(bits & mask) for mask in (0x09, 0x12, 0x24, 0xC0)]
    return "|" if sum(lines) > 2 else "'--."[lines.index(True)] if any(lines) else " "
