"""Which columns hold the ids of orders, by what they are called in any language."""

import re
from collections.abc import Iterable
from functools import cache

from core.ingest.headers import folded, words_of

_ORDERS = frozenset(("order", "invoice", "receipt"))
_ID_ENDS = frozenset(("id", "no", "number", "nr", "#", "reference", "ref"))
_ID_WORD = re.compile(r"(?<=[a-z])(no|id|number)$")


@cache
def names_order(name: str) -> bool:
    """Whether a column holds the ids of orders, by its name.

    >>> names_order("amazon-order-id"), names_order("InvoiceNo"), names_order("ID đơn hàng"), names_order("Status Pesanan")
    (True, True, True, False)
    """
    plain = folded(name)
    words = _ID_WORD.sub(r" \1", re.sub("[_/-]", " ", plain).replace("#", " #")).replace(".", "").split()
    if not _ORDERS.isdisjoint(words) and (words in (["invoice"], ["order"]) or words[-1] in _ID_ENDS):
        return True
    if words and words[-1].endswith("s") and words[0] in words_of("number_heads"):
        return False  # how many there are: `No. of orders`
    own = [word.strip(".:") for word in plain.replace("_", " ").split()]
    is_id = own[:1] and (
        own[0] in words_of("order_id_first")
        or own[-1] in words_of("order_id_last")
        or not words_of("order_id_words").isdisjoint(own)
        or any(part in plain for part in words_of("order_id_parts"))
    )
    return bool(is_id) and any(stem in plain for stem in words_of("order_stems"))


def are_of_refunds(names: Iterable[str]) -> bool:
    """Whether a table has no other day than that of a refund, or names refunds and has no day of an order: its amounts are no
    sales.
    """
    words = [frozenset(_WORDS.findall(name.casefold())) for name in names]
    dated = [name for name in words if not name.isdisjoint(_DATES)]
    of_refunds = [name for name in dated if not name.isdisjoint(_REFUNDS)]
    is_named = any(not name.isdisjoint(_REFUNDS) and not name.isdisjoint(_ID_ENDS) for name in words)
    plain = [name for name in dated if name <= _PLAIN_DATES]
    return bool(dated) and (len(of_refunds) == len(dated) or (is_named and len(of_refunds) + len(plain) == len(dated)))


_REFUNDS = frozenset(("refund", "refunds", "refunded", "return", "returns", "returned", "dispute", "chargeback", "rma"))
_DATES = frozenset(("date", "day", "time", "at", "created", "on", "timestamp"))
_PLAIN_DATES = frozenset(("date", "day", "time", "created", "at", "utc", "timestamp"))
_WORDS = re.compile(r"[^\W_]+")
