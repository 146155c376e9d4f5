"""Headers that say that their amounts are in the smallest coin of a currency, as databases keep them: `total_cents`."""

from collections.abc import Iterable
from functools import cache

from core.ingest.headers.column_names import english_names, without_brackets
from core.ingest.headers.folding import HUMP, spaced, unaccented
from core.ingest.headers.word_lists import words_of

_PER_UNIT = 100
"""Coins that make one unit, of most currencies and of all whose coins are named here."""
_NO_COINS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())  # noqa: SIM905
_THOUSAND_COINS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
"""Currencies without coins, and with a thousand of them, by ISO 4217: `amount_minor` in JPY is in yen."""
_MOST_LETTERS = 2
"""Of the word before a coin: `in`, `en`, `em`, `w`, `в`."""


@cache
def without_minor_unit(name: str) -> str | None:
    """What a header is called without its coin; None where it names none.

    >>> without_minor_unit("total_cents"), without_minor_unit("Preis (Cent)"), without_minor_unit("AmountInCents")
    ('total', 'preis', 'amount')
    >>> without_minor_unit("订单金额（分）"), without_minor_unit("цена_в_копейках"), without_minor_unit("amount_minor_units")
    ('订单金额', 'цена', 'amount')
    >>> without_minor_unit("cents"), without_minor_unit("recent"), without_minor_unit("total")
    (None, None, None)
    """
    plain = spaced(HUMP.sub(" ", name)).replace("(", " ").replace(")", " ").replace("[", " ").replace("]", " ")
    words = plain.split()
    for coin in _coins():
        if len(words) > len(coin) and tuple(map(unaccented, words[-len(coin) :])) == coin:
            rest = words[: -len(coin)]
            return " ".join(rest[:-1] if len(rest) > 1 and len(rest[-1]) <= _MOST_LETTERS else rest)
    return None


def english_in_units(names: Iterable[str]) -> dict[str, str]:
    """What `english_names` and `without_brackets` say of columns, with amounts in coins as if they were in units."""
    own = list(names)
    in_units = {without_minor_unit(name) or name: name for name in reversed(own)}
    named = without_brackets(english_names(own))
    if in_units.keys() == set(own):
        return named
    return {form: in_units[name] for form, name in without_brackets(english_names(in_units)).items()} | named


def coins_per_unit(currencies: Iterable[str]) -> int | None:
    """How many coins make one unit, of amounts in these currencies; None where they differ.

    >>> coins_per_unit(["EUR"]), coins_per_unit(["jpy", "KRW"]), coins_per_unit(["EUR", "KWD"]), coins_per_unit([])
    (100, 1, None, 100)
    """
    codes = {currency.strip().upper() for currency in currencies}
    sizes = {1 if code in _NO_COINS else 1000 if code in _THOUSAND_COINS else _PER_UNIT for code in codes}
    return sizes.pop() if len(sizes) == 1 else None if sizes else _PER_UNIT


@cache
def _coins() -> list[tuple[str, ...]]:
    """The words of each coin without accents, longer ones first."""
    return sorted({tuple(unaccented(word).split()) for word in words_of("minor_units")}, key=len, reverse=True)
