"""What columns are called in each language, one TOML file each: exports of one system differ only in that."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from core.catalogue.currency_signs import CURRENCY, code_of
from core.catalogue.kinds import KINDS
from core.ingest.request import DateOrder

_TOTAL = "Total"
ENGLISH = "en"
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_CURRENCY = re.compile(rf"\s*(?:[(（\[]\s*({CURRENCY})\s*[)）\]]|(?:(?<=\w)[\s,_-]+(?:in )?)({CURRENCY}))\s*$")
"""What a header says of the currency of its amounts, which changes with the shop: `GMV (Rp)`, `Umsatz in EUR`, `Sales $`."""
JOINED_SCRIPTS = ("zh", "ja", "ko", "th")
"""Languages that put no spaces between words: a word may stand anywhere in a name."""


VOWEL_SIGNS = "\u0300-\u036f\u064b-\u065f\u0900-\u0fff"
"""Parts of letters that patterns do not take for such: accents, vowels and tones of Arabic, of India's scripts, and of Thai."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderLanguage:
    """The words of one language."""

    code: str
    headers: Mapping[str, str]
    """Folded header -> what it is called in English."""
    unpaid: tuple[str, ...]
    """What the states of an order that nobody paid begin with, or hold where words are not separated."""
    date_order: DateOrder | None
    """Of dates that end with the year; None where people write them in neither order."""


@cache
def _texts() -> Mapping[str, str]:
    """The file of each language, by its code."""
    found = sorted(
        Path(__file__).parent.glob("*.toml")
    )  # package resources take six times as long, for a small load 1 %
    return {file.stem: file.read_text(encoding="utf-8") for file in found}


def languages() -> Sequence[HeaderLanguage]:
    """Every language, by its code."""
    return tuple(map(_language, _texts()))


def _likely_languages(names: Iterable[str]) -> Iterator[HeaderLanguage]:
    """The languages but English that know some of these names."""
    likely = _known_names().intersection(map(folded, names))
    for code in _texts() if likely else ():
        if code != ENGLISH and not likely.isdisjoint(_own_names(code)):
            yield _language(code)


@cache
def _own_names(code: str) -> Mapping[str, str]:
    """The folded names that a language has, with what each is called in English.

    They are found by their lines: parsing the files of all languages took a tenth of a small load.
    """
    pairs = [(own, name) for name, names in _ENTRIES.findall(_texts()[code]) for own in _NAMES.findall(names)]
    return dict(zip(_folded_all(own for own, _ in pairs), (_plain(name) for _, name in pairs), strict=True))


@cache
def _known_names() -> frozenset[str]:
    """What columns are called in every language and in English, folded."""
    english = _folded_all(name for text in _texts().values() for name, _ in _ENTRIES.findall(text))
    return frozenset(english).union(*map(_own_names, _texts()))


@cache
def english_words() -> frozenset[str]:
    """The folded words of all English names of columns; some are words of other languages as well (`commission`)."""
    names = (name for text in _texts().values() for name, _ in _ENTRIES.findall(text))
    return frozenset(word for name in (*_folded_all(names), *_own_names(ENGLISH)) for word in name.split())


def _folded_all(names: Iterable[str]) -> list[str]:
    """Each name folded, as one text: that takes a tenth of the time. No list of names has currencies."""
    return _composed(_plain("\0".join(names))).split("\0")


def _plain(text: str) -> str:
    return text.replace('\\"', '"')


_NAME = r'"((?:[^"\\]|\\.)*)"'
_NAMES = re.compile(_NAME)
_ENTRIES = re.compile(rf"^{_NAME} = \[(.*)\]$", re.MULTILINE)
_DATE_ORDER = re.compile('^date_order = "(.*)"$', re.MULTILINE)


@cache
def _language(code: str) -> HeaderLanguage:
    order = _DATE_ORDER.search(_texts()[code])
    return HeaderLanguage(
        code=code,
        headers=_own_names(code),
        unpaid=tuple(map(folded, language_lists("unpaid").get(code, ()))),
        date_order=cast("DateOrder", order[1]) if order else None,
    )


@lru_cache(maxsize=1 << 14)
def folded(name: str) -> str:
    """A header as it is compared: composed, in lower case, full-width signs as plain ones, no space before a bracket, without the
    stars of what a form requires.

    The two letters i of Turkish are one: its capitals look like those of other languages.

    >>> folded("观看时长（小时）"), folded("Watch  time (hours)"), folded("*Quantity"), folded("*")
    ('观看时长(小时)', 'watch time(hours)', 'quantity', '*')
    """
    bare = _composed(_CURRENCY.sub("", _INVISIBLE.sub("", name)))
    return bare.strip("* ") or bare


def _composed(text: str) -> str:
    plain = (
        unicodedata.normalize("NFKC", text)
        .casefold()
        .replace("\u0e4d\u0e32", "\u0e33")  # one vowel of Thai, as everybody types it
        .replace("i\u0307", "i")
        .replace("ı", "i")
        .replace("’", "'")
        .replace("“", '"')
        .replace("”", '"')
    )
    return " ".join(plain.split()).replace(" (", "(")


def spaced(name: str) -> str:
    """A header as it is compared, with blanks between its words: `Order_ID` as `order id`."""
    return folded(name).replace("_", " ")


def currency_of_header(name: str) -> str | None:
    """The code of the currency that a header says its amounts are in.

    >>> currency_of_header("Revenue (EUR)"), currency_of_header("GMV(Rp)"), currency_of_header("Cost per click (CPC)")
    ('EUR', 'IDR', None)
    """
    match = _CURRENCY.search(name)
    return code_of(match[1] or match[2]) if match else None


@dataclass(frozen=True, slots=True)
class Translation:
    """A header in English."""

    names: Mapping[str, str]
    """Column -> its English name, of those that have one."""
    languages: tuple[HeaderLanguage, ...]
    """Those that it could be in, the likeliest only."""

    @property
    def spoken(self) -> tuple[str, ...]:
        """The codes of these languages."""
        return tuple(language.code for language in self.languages)


@cache
def translated(names: tuple[str, ...]) -> Translation:
    """A header of another language in English, by the language that knows most of its columns."""
    best: list[HeaderLanguage] = []
    most = 0
    for language in _likely_languages(names):
        hits = sum(folded(name) in language.headers for name in names)
        if hits > most:
            best, most = [language], hits
        elif hits == most and hits:
            best.append(language)
    result: dict[str, str] = {}
    for language in reversed(best):
        result |= {name: language.headers[folded(name)] for name in names if folded(name) in language.headers}
    return Translation(result, tuple(best))


@cache
def is_unpaid(state: str) -> bool:
    """Whether a state of an order says, in any language, that nobody paid it: cancelled, failed, waiting for the payment.

    >>> is_unpaid("Cancelada por el comprador"), is_unpaid("買家已取消"), is_unpaid("Completed"), is_unpaid("Not cancelled")
    (True, True, False, False)
    """
    plain = f" {folded(state)}"
    return any(
        not plain[:at].endswith(_negations())
        for language in languages()
        for word in language.unpaid
        for at in _places_of(word if language.code in JOINED_SCRIPTS else f" {word}", plain)
    )


@cache
def _negations() -> tuple[str, ...]:
    """What, just before a word, says that it does not hold: `not cancelled` is no cancellation."""
    lists = language_lists("negations").items()
    return tuple(word if code in JOINED_SCRIPTS else f" {word}" for code, words in lists for word in words)


def _places_of(word: str, text: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


@cache
def language_lists(key: str) -> Mapping[str, tuple[str, ...]]:
    """One of the lists above the headers (`rates`, `levels`), by the code of each language; without parsing all of them."""
    return {code: tuple(_QUOTED.findall(lists[key])) for code, lists in _lists().items() if key in lists}


@cache
def words_of(key: str) -> frozenset[str]:
    """The folded words of one of these lists, of all languages."""
    return frozenset(folded(word) for words in language_lists(key).values() for word in words)


@cache
def called(key: str) -> tuple[str, ...]:
    """What columns are called that hold this, folded, in every language: the likeliest first, English before others."""
    lists = language_lists(key)
    return tuple(
        folded(word) for code in (ENGLISH, *(code for code in lists if code != ENGLISH)) for word in lists.get(code, ())
    )


@cache
def _lists() -> Mapping[str, Mapping[str, str]]:
    """The lists above the headers of each language, by their keys, each as its line."""
    return {code: dict(_LIST.findall(text.partition("\n[headers]")[0])) for code, text in _texts().items()}


@cache
def total_words() -> frozenset[str]:
    """The folded words by which a row of totals is called, in every language; without parsing all of them."""
    names = (word for text in _texts().values() for line in _TOTAL_LINE.findall(text) for word in _QUOTED.findall(line))
    own = (word for words in language_lists("totals").values() for word in words)
    return frozenset(map(folded, (_TOTAL, *names, *own)))


_LIST = re.compile(r"^(\w+) = \[(.*)\]$", re.MULTILINE)
_TOTAL_LINE = re.compile(rf'^"{_TOTAL}" = \[(.*)\]$', re.MULTILINE)
"""`totals` are words that rows of totals have, and no column of figures."""
_QUOTED = re.compile(r'"([^"]*)"')


def is_known_name(cell: str) -> bool:
    """Whether a cell is what exports of some kind call a column, in any language.

    It is looked for in the text of the languages: parsing all of them takes 10 ms, a tenth of a small load.
    """
    name = folded(cell)
    return bool(name) and (name in _kind_names() or name in _known_names())


@cache
def _kind_names() -> frozenset[str]:
    return frozenset(
        folded(name.replace("_", joint)) for kind in KINDS.values() for name in kind.columns for joint in "_ "
    )


def is_total(cell: str) -> bool:
    """Whether a cell says that its row is a total: `Total`, `Total of 56 results`, `Итого:`, `Gesamt`."""
    plain = folded(cell).strip(" :()-–—")
    if plain in total_words():
        return True
    if plain.partition(":")[0].strip() in total_words():
        return len(plain) < _LONGEST_TOTAL
    first, _, remaining = plain.partition(" ")
    return (first in total_words() and remaining.startswith(("of ", "de ", "von ", "sur ", "dari ", "("))) or (
        plain.startswith(("total -", "total (")) and len(plain) < _LONGEST_TOTAL
    )


_LONGEST_TOTAL = 40


def english_names(names: Iterable[str]) -> dict[str, str]:
    """Folded English name -> column, of a header in any language; a column's own name comes before its translation."""
    own = tuple(names)
    synonyms = _language(ENGLISH).headers
    result = {folded(synonyms[folded(name)]): name for name in reversed(own) if folded(name) in synonyms}
    result |= {folded(english): name for name, english in translated(own).names.items()}
    return result | {folded(name): name for name in own}


def in_english(name: str) -> str:
    """What a column of that name is called in English; the name itself where no language knows it.

    >>> in_english("点击次数"), in_english("pay_ord_cnt"), in_english("Colour")
    ('Clicks', 'Paid orders', 'Colour')
    """
    own = _language(ENGLISH).headers.get(folded(name))
    return own or translated((name,)).names.get(name, name)
