"""The languages of headers, one TOML file each: what columns are called in it, and its lists of words."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import cast

from core.base.frozen import frozen
from core.ingest.headers.folding import FEWEST_UNACCENTED, composed, folded, plain_words, unaccented
from core.ingest.request import DateOrder

ENGLISH = "en"
JOINED_SCRIPTS = ("zh", "ja", "ko", "th")
"""Languages that put no spaces between words: a word may stand anywhere in a name."""


@frozen(kw_only=True)
class HeaderLanguage:
    """The words of one language."""

    code: str
    headers: Mapping[str, str]
    """Folded header, also as programs write it -> what it is called in English."""
    short: Mapping[str, str]
    """The same of words that may be others without their accents: they tell no language."""
    date_order: DateOrder | None
    """Of dates that end with the year; None where people write them in neither order."""


@cache
def _texts() -> Mapping[str, str]:
    """The file of each language, by its code."""
    files = sorted(
        Path(__file__).parent.glob("*.toml")
    )  # package resources take six times as long, for a small load 1 %
    return {file.stem: file.read_text(encoding="utf-8") for file in files}


def languages() -> Sequence[HeaderLanguage]:
    """Every language, by its code."""
    return tuple(map(language, _texts()))


def likely_languages(names: Iterable[str]) -> Iterator[HeaderLanguage]:
    """The languages but English that know some of these names."""
    likely = known_names().intersection(map(folded, names))
    for code in _texts() if likely else ():
        if code != ENGLISH and not likely.isdisjoint(own_names(code)):
            yield language(code)


def own_names(code: str) -> Mapping[str, str]:
    """The folded names that a language has, also as programs write them, with what each is called in English."""
    return language(code).headers


@cache
def known_names() -> frozenset[str]:
    """What columns are called in every language and in English, folded."""
    return frozenset(_folded_all(_english_names())).union(*map(own_names, _texts()))


def _english_names() -> frozenset[str]:
    """What columns are called in English, as it is written."""
    return frozenset().union(*(own_names(code).values() for code in _texts()))


@cache
def english_words() -> frozenset[str]:
    """The folded words of all English names of columns; some are words of other languages as well (`commission`)."""
    names = (*_folded_all(_english_names()), *own_names(ENGLISH))
    return frozenset(word for name in names for word in name.split())


def _folded_all(names: Iterable[str]) -> list[str]:
    """Each name folded, as one text: that takes a tenth of the time. No list of names has currencies."""
    return composed(_plain("\0".join(names))).split("\0")


def _plain(text: str) -> str:
    return text.replace('\\"', '"')


_NAME = r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
_NAMES = re.compile(_NAME)
_ENTRIES = re.compile(rf"^{_NAME} = \[(.*)\]$", re.MULTILINE)
_DATE_ORDER = re.compile('^date_order = "(.*)"$', re.MULTILINE)


@cache
def language(code: str) -> HeaderLanguage:
    """A language by its code.

    Its names are found by their lines: parsing the files of all languages took a tenth of a small load.
    """
    text = _texts()[code]
    order = _DATE_ORDER.search(text)
    pairs = [(own, name) for name, names in _ENTRIES.findall(text) for own in _NAMES.findall(names)]
    if code in _SPELLINGS:
        twins = _plain_twins(code, [own for own, _ in pairs])
        pairs += [(twin, name) for (_, name), twin in zip(pairs, twins, strict=True) if twin]
    own = _folded_all(own for own, _ in pairs)
    names = [_plain(name) for _, name in pairs]
    bare = unaccented("\0".join(own)).split("\0")  # as one text: that takes half the time
    plain: dict[str, str] = {}
    short: dict[str, str] = {}
    for accented, word, name in zip(own, bare, names, strict=True):
        form = plain_words(word) if word.isascii() else word
        is_short = len(form) < FEWEST_UNACCENTED and word != accented
        (short if is_short else plain)[form] = name
    return HeaderLanguage(
        code=code,
        headers=_shortened_all(plain, written_lists("connectives").get(code, ()))
        | plain
        | dict(zip(own, names, strict=True)),
        short=short,
        date_order=cast("DateOrder", order[1]) if order else None,
    )


def shortened(name: str, connectives: Sequence[str]) -> str:
    """A name as programs shorten it, without the words that only join others; itself where one word would be left.

    >>> shortened("fecha del pedido", ["de", "del"]), shortened("del pedido", ["de", "del"])
    ('fecha pedido', 'del pedido')
    """
    words = [word for word in name.split() if word not in connectives]
    return " ".join(words) if len(words) > 1 else name


def _shortened_all(names: Mapping[str, str], connectives: Sequence[str]) -> dict[str, str]:
    """What shortened names are called in English; one that is short for names of two meanings has none."""
    result: dict[str, str] = {}
    for name, english in names.items() if connectives else ():
        short = shortened(name, connectives)
        result[short] = english if result.get(short, english) == english else ""
    return {name: english for name, english in result.items() if english}


@cache
def language_lists(key: str) -> Mapping[str, tuple[str, ...]]:
    """One of the lists above the headers (`rates`, `levels`), folded, by the code of each language."""
    written = written_lists(key)
    words = iter(_folded_all(word for own in written.values() for word in own))
    return {code: tuple(word.strip() for word in islice(words, len(own))) for code, own in written.items()}


def written_lists(key: str) -> Mapping[str, Sequence[str]]:
    """The same as it is written."""
    written = {code: _QUOTED.findall(lists[key]) for code, lists in _lists().items() if key in lists}
    return written | {code: spelt(code, written[code]) for code in _SPELLINGS.keys() & written.keys()}


def spelt(code: str, words: list[str]) -> Sequence[str]:
    """Words of a language, and those with letters that others lack as programs write them: `Währung` as `Waehrung`."""
    return [*words, *filter(None, _plain_twins(code, words))] if code in _SPELLINGS else words


def _plain_twins(code: str, words: Sequence[str]) -> list[str]:
    """How programs write each word, blank where it has no such letter."""
    folded_words = "\0".join(words).casefold()  # as one text: that takes a fifth of the time
    twins = folded_words.translate(_SPELLINGS[code])
    if twins == folded_words:
        return [""] * len(words)
    pairs = zip(folded_words.split("\0"), twins.split("\0"), strict=True)
    return ["" if word == twin else twin for word, twin in pairs]


_NORDIC = str.maketrans({"å": "aa", "ø": "oe", "æ": "ae"})
_SPELLINGS = {"de": str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"}), "da": _NORDIC, "no": _NORDIC}


@cache
def _lists() -> Mapping[str, Mapping[str, str]]:
    """The lists above the headers of each language, by their keys, each as its line."""
    return {code: dict(_LIST.findall(text.partition("\n[headers]")[0])) for code, text in _texts().items()}


_LIST = re.compile(r"^(\w+) = \[(.*)\]$", re.MULTILINE)
_QUOTED = re.compile(r'"([^"]*)"')
