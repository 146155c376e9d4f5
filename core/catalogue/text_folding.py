"""Texts in the form in which they are compared: lower case, Latin accents taken off, punctuation as blanks."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_KEEP_MARKS = re.compile(r"[\u0e00-\u0e7f]")
"""Thai writes vowels and tones as marks: taking them off changes words."""
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
"""Accents, once letters are taken apart."""
_NOT_WORDS = re.compile(r"[^\w\u0e00-\u0e7f]+")
_REPEATED = re.compile(r"([a-z])\1{2,}")
"""A letter three times or more is emphasis ("muuuito"), never spelling."""
_SHORT_NO = re.compile(
    r"\bn(?=\s+(?:receb|cheg|foi|veio|tem|tinha|funcion|entreg|env|mand|respond|consig|gost|era|est[aeo]|e\b|me\b|da\b))"
)
"""Portuguese in a hurry: "n recebi" is "nao recebi"; only before verbs, as other languages use the letter otherwise."""
_SPECIAL = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "ß": "ss"})
"""Letters with a stroke are no letter with an accent to Unicode."""


@lru_cache(maxsize=1 << 16)
def folded(text: str) -> str:
    """The text as it is compared, with a blank at either end.

    >>> folded("Não CHEGOU!! ainda...")
    ' nao chegou ainda '
    >>> folded("Giao hàng chậm, đóng gói tốt")
    ' giao hang cham dong goi tot '
    """
    lower = text.casefold().translate(_SPECIAL)
    if not lower.isascii() and not _KEEP_MARKS.search(lower):
        lower = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", lower)))
    lower = _SHORT_NO.sub("nao", lower)
    words = _REPEATED.sub(r"\1", _NOT_WORDS.sub(" ", lower)).strip()
    return f" {words} "


def folded_all(texts: Sequence[str | None]) -> list[str]:
    """Each text as it is compared; empty where there is none."""
    return [folded(text) if text else "" for text in texts]


UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
"""Letters of Thai, Japanese and Chinese, which write no blanks between words."""


def beginnings(words: Sequence[str]) -> tuple[str, ...]:
    """What a folded text holds that has a word with one of these beginnings.

    >>> beginnings(["Qualité", "sav ", "质量"])
    (' qualite', ' sav ', '质量')
    """
    return tuple(map(_beginning, map(folded, words), words))


def _beginning(plain: str, word: str) -> str:
    return plain.strip() if UNSPACED.search(plain) else plain[: None if word.endswith(" ") else -1]
