"""Which column names a buyer, a shop, a creator or a product: by a noun of a list and what stands at it for an id or a name."""

import re
from collections.abc import Iterable
from functools import cache

from core.ingest.headers.column_names import in_english
from core.ingest.headers.folding import HUMP, VOWEL_SIGNS, folded, plain_words, spaced
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.languages import JOINED_SCRIPTS, language_lists
from core.ingest.headers.word_lists import called, words_of

ENTITIES = ("product_id", "buyer_id", "creator_id", "seller_id")
"""Lists whose nouns are looked for so."""
_LEAST = 3
"""Letters of an ending that a compound has (`Kundennummer`); `android` ends with no id."""
_COUNT_AND_NOUN = 2
"""Words of such a name, but for small ones between them."""
_NOUN = 2
"""Signs of the shortest noun (`買家`)."""
_PARTED = re.compile(rf"[^\w{VOWEL_SIGNS}]+|(?<=[^\x00-\u024f\u1e00-\u1eff])(?=[a-z])")
"""What parts words; Latin letters stand behind those of scripts without spaces (`고객ID`)."""


def entity_column(names: Iterable[str], key: str) -> str | None:
    """The column that is called by a noun of the list `key` and words for an id, a name or an address; of several the one that is
    called an id. None where there is none.

    >>> entity_column(["Kundenname", "Kunden-ID", "Neue Kunden"], "buyer_id"), entity_column(["Clients"], "buyer_id")
    ('Kunden-ID', None)
    >>> entity_column(["ID клиента"], "buyer_id"), entity_column(["ชื่อร้าน"], "seller_id"), entity_column(["商品名"], "product_id")
    ('ID клиента', 'ชื่อร้าน', '商品名')

    Whatever counts them, and a noun that differs in its accents (`hãng`, a brand, `hàng`, goods), is none.

    >>> entity_column(["Nombre client", "Số sản phẩm", "Tên hãng", "Termékszám"], "product_id")
    """
    found = [name for name in names if (noun := _noun(name)) is not None and noun in _nouns(key)]
    return min(found, key=lambda name: not is_id_name(name), default=None)


def counted_column(names: Iterable[str], counts: str, key: str) -> str | None:
    """The column that is called by a word of the list `counts` and a noun of the list `key`, whatever stands in brackets; None
    where there is none.

    >>> counted_column(["Precio del producto", "Cantidad del producto"], "units", "product_id")
    'Cantidad del producto'
    >>> counted_column(["商品数量(件)"], "units", "product_id"), counted_column(["Ilość produktów"], "units", "product_id")
    ('商品数量(件)', 'Ilość produktów')
    >>> counted_column(["Počet ks"], "units", "product_id"), counted_column(["SalesQuantity"], "units", "product_id")
    ('Počet ks', 'SalesQuantity')
    >>> counted_column(["Ilość sztuk"], "units", "product_id"), counted_column(["Menge (Stück)"], "units", "product_id")
    ('Ilość sztuk', 'Menge (Stück)')
    >>> counted_column(["Menge (kg)", "Preis (Stück)", "Unit price", "Unit number"], "units", "product_id")
    """
    return next((name for name in names if _counts(name, counts, key)), None)


def _counts(name: str, counts: str, key: str) -> bool:
    bare, _, inside = name.replace("（", "(").partition("(")
    words = [word for word in _words(bare) if word not in words_of("connectives")]
    if counts == "units" and _counts_pieces([*words, *_words(inside)]):
        return True
    if len(words) == 1 and not words[0].isascii():
        words = _parted(words[0], counts)
    counting = [word for word in words if _is_called(word, counts)]
    if len(words) != _COUNT_AND_NOUN or len(counting) != 1:
        return False
    (noun,) = set(words) - {*counting}
    nouns = _nouns(key)
    is_joined = not noun.isascii()  # `購入商品`
    return (
        noun in nouns
        or noun in words_of("numbers")
        or (counts == "units" and noun in words_of("sold"))  # `Order total` is no amount of a line
        or any(
            (len(own) >= _STEM and noun.startswith(own)) or (is_joined and len(own) >= _NOUN and noun.endswith(own))
            for own in nouns
        )
    )


def _counts_pieces(words: list[str]) -> bool:
    """Whether a name says that it is a number, and of what: pieces. A `Unit number` is that of a flat."""
    pieces = [word for word in words if word in words_of("pieces")]
    number = " ".join(word for word in words if word not in pieces)
    numbers = {form for word in words_of("numbers") for form in (word, word.split()[0])}
    return len(pieces) == 1 and (number in numbers or _is_called(number, "units"))


def _is_called(word: str, key: str) -> bool:
    return word in called(key) or folded(in_english(word)) in called(key)


def _parted(word: str, counts: str) -> list[str]:
    """A word of a language without spaces, parted before its shortest end that is one of the list `counts`."""
    ends = range(len(word) - _NOUN, _NOUN - 1, -1)
    return next(([word[:at], word[at:]] for at in ends if _is_called(word[at:], counts)), [word])


_STEM = 5
"""Letters of a noun that is no other word where it goes on: `produkt` in `produktów`."""


@cache
def _nouns(key: str) -> frozenset[str]:
    """The nouns of a list, with and without what stands at them in it."""
    plain = {_joined(_words(name)) for name in called(key)}
    return frozenset(plain.union(noun for name in called(key) if (noun := _noun(name)) is not None))


@cache
def _noun(name: str) -> str | None:
    """What is left of a name without the words for an id, a name or an address, written as one; None where it has none of them,
    or nothing else.
    """
    words = _words(name)
    noun = _joined(_parts().sub(" ", " ".join(words)).split())
    for part in _endings():
        if len(noun) >= _NOUN + len(part):
            noun = noun.removesuffix(part)
    for part in _joined_parts():
        if len(noun) >= _NOUN + len(part):
            noun = noun.removesuffix(part).removeprefix(part)
    return noun if noun and noun != _joined(words) else None


def _words(name: str) -> list[str]:
    return _PARTED.sub(" ", spaced(HUMP.sub(" ", name))).split()


def _joined(words: Iterable[str]) -> str:
    """Words as one, without those that only join others."""
    return "".join(word for word in words if word not in words_of("connectives"))


@cache
def _parts() -> "re.Pattern[str]":
    """The words that say that a column has the id, the name or the address of something, with and without their accents."""
    entries = words_of("entity_parts")
    phrases = {" ".join(_words(form)) for entry in entries for form in (entry, plain_words(entry))}
    return re.compile(rf"(?<!\S)(?:{'|'.join(sorted(map(re.escape, phrases), key=len, reverse=True))})(?!\S)")


@cache
def _endings() -> tuple[str, ...]:
    """Those that end a compound, the longest first."""
    spoken = (words for code, words in language_lists("entity_parts").items() if code not in JOINED_SCRIPTS)
    forms = {form for words in spoken for word in words for form in (word, plain_words(word))}
    return tuple(sorted((form for form in forms if len(form) >= _LEAST), key=len, reverse=True))


@cache
def _joined_parts() -> tuple[str, ...]:
    """Those of languages that put no spaces between words, the longest first."""
    lists = language_lists("entity_parts")
    return tuple(sorted({word for code in JOINED_SCRIPTS for word in lists[code]}, key=len, reverse=True))
