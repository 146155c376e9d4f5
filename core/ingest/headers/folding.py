"""Names of columns as they are compared: folded, and without the currency of their amounts."""

import re
import unicodedata
from functools import lru_cache

from core.catalogue.currency_signs import CURRENCY, code_of, may_be_currency

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_CURRENCY = re.compile(
    rf"\s*(?:(?P<open>[(（\[])\s*|(?<=\w)[\s,_-]+(?:in )?)(?P<currency>{CURRENCY})(?(open)\s*[)）\]])\s*$"
)
"""What a header says of the currency of its amounts, which changes with the shop: `GMV (Rp)`, `Umsatz in EUR`, `Sales $`."""
_IN_PROGRAMS = re.compile(r"_([a-z]{3})$|(?<=[a-z])([A-Z][a-z]{2})$")
"""The end of names as programs write them: `total_eur`, `revenueUsd`."""
_WORDS = frozenset(("TRY", "MAD", "PEN", "GEL", "BAM", "LAK", "MUR"))
"""Codes that such a name has for a word, or for another abbreviation."""
VOWEL_SIGNS = "\u0300-\u036f\u064b-\u065f\u0900-\u0fff"
"""Parts of letters that patterns do not take for such: accents, vowels and tones of Arabic, of India's scripts, and of Thai."""


@lru_cache(maxsize=1 << 14)
def folded(name: str) -> str:
    """A header as it is compared: composed, in lower case, full-width signs as plain ones, no space before a bracket, without the
    stars of what a form requires.

    The two letters i of Turkish are one: its capitals look like those of other languages.

    >>> folded("观看时长（小时）"), folded("Watch  time (hours)"), folded("*Quantity"), folded("*")
    ('观看时长(小时)', 'watch time(hours)', 'quantity', '*')
    """
    bare = composed(_CURRENCY.sub(_without_currency, name.translate(_INVISIBLE)))
    return bare.strip("* ") or bare


def composed(text: str) -> str:
    """A text in one form of the signs that are written alike, in small letters, its words with one blank between them."""
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


def unaccented(text: str) -> str:
    """A folded text without the accents of its letters.

    >>> unaccented("número"), unaccented("đơn"), unaccented("データ")
    ('numero', 'don', 'データ')
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(_UNMARKED))))


def plain_words(text: str) -> str:
    """The words of a folded text as programs write them: no accents, and no signs where all letters are Latin.

    >>> plain_words("nº. d'opération"), plain_words("ngày đặt hàng"), plain_words("支払日"), plain_words("ctr (%)")
    ('no d operation', 'ngay dat hang', '支払日', 'ctr %')
    """
    if text.isascii() and text.replace(" ", "").isalnum():  # nearly all: half the time
        return text
    text = unaccented(text)
    return _SIGNS.sub(" ", text).strip() if text.isascii() else text


FEWEST_UNACCENTED = 5
"""Letters of a word that is no other one without its accents: `Év` is a year, and `EV` is a car."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_UNMARKED = str.maketrans("đłø", "dlo")
"""Letters whose marks Unicode does not take for accents."""
_SIGNS = re.compile(r"[^a-z0-9%#]+")
HUMP = re.compile("(?<=[a-z])(?=[A-Z])")
"""Where a word begins in names such as `orderTime`."""


def as_in_programs(name: str) -> str:
    """A header as it is compared, where a program wrote it.

    >>> as_in_programs("numero_commande"), as_in_programs("fechaDelPedido"), as_in_programs("cliente.id")
    ('numero commande', 'fecha del pedido', 'cliente id')
    """
    return plain_words(spaced(HUMP.sub(" ", name)))


def name_words(name: str) -> frozenset[str]:
    """The words of a header, without signs.

    >>> sorted(name_words("Order_ID (new)"))
    ['id', 'new', 'order']
    """
    return frozenset(re.split(r"[\W_]+", folded(name))) - {""}


def currency_of_header(name: str) -> str | None:
    """The code of the currency that a header says its amounts are in.

    >>> currency_of_header("Revenue (EUR)"), currency_of_header("GMV(Rp)"), currency_of_header("Cost per click (CPC)")
    ('EUR', 'IDR', None)
    >>> currency_of_header("total_eur"), currency_of_header("adRevenueUsd"), currency_of_header("first_try")
    ('EUR', 'USD', None)
    """
    if match := _CURRENCY.search(name):
        return code_of(match["currency"])
    match = _IN_PROGRAMS.search(name)
    code = (match[1] or match[2]).upper() if match else ""
    return None if code in _WORDS else code_of(code)


def _without_currency(match: "re.Match[str]") -> str:
    return "" if may_be_currency(match["currency"]) else match[0]
