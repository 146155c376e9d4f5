"""Words of all languages, by what they say: lists of the languages' files, totals, orders that nobody paid."""

import re
from functools import cache

from core.ingest.headers.folding import folded, plain_words, spaced
from core.ingest.headers.languages import ENGLISH, JOINED_SCRIPTS, language_lists, languages, shortened, written_lists
from core.ingest.headers.name_parts import NameParts, listed_words


@cache
def words_of(key: str) -> frozenset[str]:
    """The folded words of one of these lists, of all languages."""
    return frozenset().union(*language_lists(key).values())


@cache
def called(key: str) -> tuple[str, ...]:
    """What columns are called that hold this, folded, in every language: the likeliest first, English before others; then the
    same as programs write it, in full and shortened."""
    lists = language_lists(key)
    words = [word for code in dict.fromkeys((ENGLISH, *lists)) for word in lists.get(code, ())]
    connectives = written_lists("connectives")
    short = [shortened(plain_words(word), connectives[code]) for code in connectives for word in lists.get(code, ())]
    return tuple(dict.fromkeys((*words, *map(plain_words, words), *short)))


@cache
def total_words() -> frozenset[str]:
    """The folded words by which a row of totals is called, in every language; `totals` are those that no figure has."""
    named = (own for language in languages() for own, name in language.headers.items() if name == _TOTAL)
    return words_of("totals").union(named, (folded(_TOTAL),))


_TOTAL = "Total"


def names_balance(cell: str) -> bool:
    """Whether a cell says that its row is a balance, before or after movements: `Opening balance`, `Saldo inicial`."""
    return spaced(cell).strip(" :") in words_of("balances")


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


@cache
def is_unpaid(state: str) -> bool:
    """Whether a state of an order says, in any language, that nobody paid it: cancelled, failed, waiting for the payment.

    >>> is_unpaid("Cancelada por el comprador"), is_unpaid("買家已取消"), is_unpaid("Completed"), is_unpaid("Not cancelled")
    (True, True, False, False)
    >>> is_unpaid("buyer_cancelled"), is_unpaid("not_cancelled"), is_unpaid("Niet geannuleerd"), is_unpaid("Niet betaald")
    (True, False, False, True)
    >>> is_unpaid("requires_action"), is_unpaid("requires_payment_method"), is_unpaid("requires_capture")
    (True, True, False)

    What is cancelled in part, or may be, was paid.

    >>> is_unpaid("Cancellation requested"), is_unpaid("Cancelled on request"), is_unpaid("Teilstorniert")
    (False, True, False)

    Whose money was given back had paid.

    >>> is_unpaid("已取消，退款成功"), is_unpaid("已取消")
    (False, True)
    """
    return _says(state, "unpaid") and not _stands(state) and folded(state) not in words_of("refunded_states")


def _stands(state: str) -> bool:
    """Whether an order stands that was cancelled in part, or whose cancellation was only asked for or refused."""
    own = NameParts.of(state.replace("_", " "))
    if not own.has("cancelling"):
        return False
    if own.has("partly") or _has(f" {own.joined} ", "open_cancellations"):
        return True
    nouns, cancelling = listed_words("cancel_nouns"), listed_words("cancelling")
    is_open = own.has("cancel_nouns") and (own.has("not_done") or own.has("owed"))
    return is_open and not any(cancelling.have(word) and not nouns.have(word) for word in own.words)


@cache
def says_paid(state: str) -> bool:
    """Whether a state of an order says, in any language, that somebody paid it.

    >>> says_paid("settlement"), says_paid("PAID"), says_paid("Unpaid"), says_paid("not paid"), says_paid("Shipped")
    (True, True, False, False, False)
    >>> says_paid("Não aprovado"), says_paid("Pago pendiente"), says_paid("Da pagare"), says_paid("Pago")
    (False, False, False, True)
    """
    return not is_unpaid(state) and _says(state, "paid")


def _says(state: str, key: str) -> bool:
    """Whether a text has a word of a list that nothing negates."""
    plain = f" {folded(state).replace('_', ' ')} "
    return any(
        not plain[: found.start()].endswith(_begun("negations"))
        for word in _begun(key)
        for found in re.finditer(re.escape(word), plain)
    )


@cache
def is_overturned(state: str, column: str) -> bool:
    """Whether a cell of such a column says, in any language, that a violation was taken back: what was granted counts for appeals
    alone, and an appeal that was withdrawn took nothing back. Whatever negates leaves the violation as it is.

    >>> is_overturned("Appeal approved", "Status"), is_overturned("approved", "Appeal result"), is_overturned("yes", "Overturned")
    (True, True, True)
    >>> is_overturned("Approved", "Status"), is_overturned("Withdrawn", "Appeal"), is_overturned("Not overturned", "Status")
    (False, False, False)
    """
    if says_overturned(column):
        return folded(state) in words_of("affirmed")
    return says_overturned(f"{column} {state}" if names_appeal(column) else state)


def names_appeal(name: str) -> bool:
    """Whether a column, or a file, is called after appeals.

    >>> names_appeal("Rezultat apel"), names_appeal("Apellido")
    (True, False)
    """
    return _has(f" {folded(name)} ".replace("'", " "), "appeals")


def says_overturned(text: str) -> bool:
    """Whether a text says that a violation was taken back."""
    plain = f" {folded(text)} ".replace("'", " ")  # l'appel
    if any((word if word[0] != " " else word.rstrip() + " ") in plain for word in _begun("negations")):
        return False
    return _has(plain, "overturned") or _has(plain, "granted" if _has(plain, "appeals") else "withdrawn")


def _has(plain: str, key: str) -> bool:
    return any(word in plain for word in _begun(key))


@cache
def _begun(key: str) -> tuple[str, ...]:
    """The folded words of a list, each with a blank before it where its language has them between words, and one behind it where
    the list has it: in Korean it tells `안` (not) from the ends of other words.
    """
    result = (
        (code, folded(word) + " " * word.endswith(" ")) for code, words in written_lists(key).items() for word in words
    )
    return tuple(word if code in JOINED_SCRIPTS else f" {word}" for code, word in result)
