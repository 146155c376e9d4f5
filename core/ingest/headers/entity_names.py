"""Which column names a buyer, a shop, a creator or a product: by a noun of a list and what stands at it for an id or a name."""

import re
from collections.abc import Iterable
from functools import cache

from core.ingest.headers.folding import HUMP, plain_words, spaced
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.word_lists import called, words_of

ENTITIES = ("product_id", "buyer_id", "creator_id", "seller_id")
"""Lists whose nouns are looked for so."""
_LEAST = 3
"""Letters of an ending that a compound has (`Kundennummer`); `android` ends with no id."""
_NOUN = 2
"""Signs of the shortest noun (`買家`)."""
_PARTS = re.compile(r"[\W_]+|(?<=[^\x00-\x7f])(?=[a-z])")
"""What parts words; Latin letters stand behind those of scripts without spaces (`고객ID`)."""


def entity_column(names: Iterable[str], key: str) -> str | None:
    """The column that is called by a noun of the list `key` and words for an id, a name or an address; of several the one that is
    called an id. None where there is none.

    >>> entity_column(["Kundenname", "Kunden-ID", "Neue Kunden"], "buyer_id"), entity_column(["Clients"], "buyer_id")
    ('Kunden-ID', None)
    >>> entity_column(["ID клиента"], "buyer_id"), entity_column(["ชื่อร้าน"], "seller_id"), entity_column(["商品名"], "product_id")
    ('ID клиента', 'ชื่อร้าน', '商品名')
    """
    found = [name for name in names if (noun := _noun(name)) is not None and noun in _nouns(key)]
    return min(found, key=lambda name: not is_id_name(name), default=None)


@cache
def _nouns(key: str) -> frozenset[str]:
    """The nouns of a list, with and without what stands at them in it."""
    plain = {"".join(_words(name)) for name in called(key)}
    return frozenset(plain.union(noun for name in called(key) if (noun := _noun(name)) is not None))


@cache
def _noun(name: str) -> str | None:
    """What is left of a name without the words for an id, a name or an address, written as one; None where it has none of them,
    or nothing else.
    """
    words = [word for word in _words(name) if word not in _parts()]
    noun = "".join(words)
    for part in _endings():
        if len(noun) >= _NOUN + len(part):
            noun = noun.removesuffix(part) if noun.isascii() else noun.removesuffix(part).removeprefix(part)
    return noun if noun and noun != "".join(_words(name)) else None


def _words(name: str) -> list[str]:
    return [word for word in _PARTS.split(plain_words(spaced(HUMP.sub(" ", name)))) if word]


@cache
def _parts() -> frozenset[str]:
    """The words that say that a column has the id, the name or the address of something."""
    return frozenset(word for entry in words_of("entity_parts") for word in _words(entry))


@cache
def _endings() -> tuple[str, ...]:
    """Those that a noun may have in one word with it, the longest first."""
    return tuple(
        sorted((word for word in _parts() if len(word) >= _LEAST or not word.isascii()), key=len, reverse=True)
    )
