"""Texts of buyers as they may be shown: short, and without anything that names a person."""

import re
from collections.abc import Sequence

import numpy as np

from core.base.arrays import Flags

_MAIL = re.compile(r"\S+@\S+")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_NUMBER = re.compile(r"\d(?:[\d\s().+-]*\d){2,}")
"""Three digits or more, also in groups: phones, orders, accounts, cards."""
_LONGEST = 160
_LEAST = 20
"""Shorter texts say too little to be worth a line."""


def masked(text: str) -> str:
    """The text on one line, mails, links and long numbers masked, cut at a word.

    >>> masked("Call +55 11 9999-0000 or ana@mail.com, order 123456!")
    'Call +### or [mail], order ###!'
    """
    line = _NUMBER.sub("###", _LINK.sub("[link]", _MAIL.sub(_mail, " ".join(text.split()))))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST].rsplit(' ', 1)[0]} ..."


def _mail(match: re.Match[str]) -> str:
    end = match[0][-1]
    return f"[mail]{end}" if end in ",;.!?)" else "[mail]"


def quotes(texts: Sequence[str], themes: Flags, theme: int, most: int = 2) -> tuple[str, ...]:
    """Texts about one theme and little else, the newest last in `texts`; `themes` has shape (texts, themes)."""
    usable = np.array([_LEAST <= len(text) <= 2 * _LONGEST for text in texts], bool) & themes[:, theme]
    rows = np.flatnonzero(usable)
    order = rows[np.lexsort((-rows, themes[rows].sum(axis=1)))]
    chosen: list[str] = []
    for row in order.tolist():
        line = masked(texts[row])
        if line not in chosen:
            chosen.append(line)
        if len(chosen) == most:
            break
    return tuple(chosen)
