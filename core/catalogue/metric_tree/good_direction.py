"""Which direction of a measure is good, by the words of its name: nobody is glad of more errors."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from core.catalogue.metric_tree.metrics import Good

_JOINED = ("zh", "ja", "ko", "th")
"""Languages that put no spaces between words."""
_INNER_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a word begins inside a name without spaces: payment|Errors, HTTP|Errors."""


def good_direction(name: str) -> Good:
    """`down` for a measure that is called after something bad, in any of the languages of exports, else `up`.

    >>> good_direction("HTTPErrors"), good_direction("Error-free sessions"), good_direction("returning_buyers")
    ('down', 'up', 'up')
    >>> good_direction("stornos"), good_direction("devoluções"), good_direction("退款金额"), good_direction("orders")
    ('down', 'down', 'down', 'up')
    """
    bad, not_bad = _patterns()
    words = plain_words(name)
    return "down" if bad.search(words) and not not_bad.search(words) else "up"


def plain_words(name: str) -> str:
    """The words of a name in lower case without accents, with one space between them.

    >>> plain_words("HTTPErrors_de-caché")
    'http errors de cache'
    """
    return " ".join(re.split(r"[\s_\-./()\[\]:,]+", _plain(_INNER_WORD.sub(" ", name))))


def any_word(by_language: Mapping[str, Sequence[str]]) -> str:
    """A regular expression of the words of several languages, as they are written in the lists of this folder."""
    spaced = [word for code, words in by_language.items() if code not in _JOINED for word in words]
    begun = [re.escape(_plain(word)) for word in spaced if not word.endswith(".")]
    whole = [re.escape(_plain(word[:-1])) for word in spaced if word.endswith(".")]
    joined = [_plain(word) for code, words in by_language.items() if code in _JOINED for word in words]
    bounded = [rf"\b(?:{'|'.join(begun)})"] if begun else []
    bounded += [rf"\b(?:{'|'.join(whole)})\b"] if whole else []
    return "|".join([*bounded, *joined])


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What says that less is good, and what says that this is not so."""
    data = tomllib.loads((files(__package__) / "good_direction.toml").read_text(encoding="utf-8"))
    times = rf"\b(?:{'|'.join(data['times']['of'])}) (?:{'|'.join(data['times']['in'])})\b"
    bad = f"{any_word(data['bad'])}|{times}"
    not_bad = rf"\b(?:{'|'.join(data['not_bad']['words'])})\b|\b(?:{'|'.join(data['not_bad']['phrases'])})"
    return re.compile(bad), re.compile(not_bad)


def _plain(text: str) -> str:
    """Lower case without accents: headers are typed with and without them."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(sign for sign in decomposed if not "\u0300" <= sign <= "\u036f"))
