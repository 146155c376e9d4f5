"""Which names of columns say that their cells name something: an id, a number or a code of it, an order, or a refund of one."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from core.ingest.headers.folding import HUMP, as_in_programs, folded, unaccented
from core.ingest.headers.languages import JOINED_SCRIPTS, language_lists
from core.ingest.headers.name_parts import NameParts, listed_words
from core.ingest.headers.word_lists import words_of

_NUMBERED = frozenset(("no", "nº", "n°", "n.º", "n.o", "#"))
_SINGULAR_NUMBERS = frozenset(("número", "numéro", "numero", "code", "type"))
"""What also begins the names of counts (`número de pedidos`, `type A orders`), which are plurals."""
_COUNTED = frozenset(("no", "number", "#"))
"""Words that, alone, head counts, too."""
_JOINTS = re.compile(r"[\[\]_-]+|(?<=[^\x00-\x7f])(?=id\b)")
"""What parts words; `id` stands behind those of scripts without spaces."""
_NAMED_TWICE = 2
_TAGGED = re.compile(r"#\w")
"""A header as some banks write all of theirs (`#Amount`); a number of something has a blank there (`# Orders`)."""


@cache
def is_id_name(name: str) -> bool:
    """Whether a column is called an id, a number or a code of something.

    >>> is_id_name("Order #"), is_id_name("Número de pedido"), is_id_name("Número de pedidos"), is_id_name("Number of orders")
    (True, True, False, False)
    >>> is_id_name("settlement-id"), is_id_name("customerId"), is_id_name("直播间ID"), is_id_name("sign-ups")
    (True, True, True, False)
    >>> is_id_name("metadata[order_id]"), is_id_name("PAN Suffix"), is_id_name("Mã đơn hàng"), is_id_name("訂單編號")
    (True, True, True, True)
    >>> is_id_name("merchant_reference1"), is_id_name("Umsatz 2")
    (True, False)
    >>> is_id_name("N° de passages"), is_id_name("N° de passage"), is_id_name("N° de l'avis"), is_id_name("No-Shows")
    (False, True, True, False)
    >>> is_id_name("visits_by_phone"), is_id_name("Total number"), is_id_name("Order number")
    (False, False, True)
    >>> is_id_name("Numéro d'avis"), is_id_name("Numéro d'articles")
    (True, False)
    >>> is_id_name("#Amount"), is_id_name("# Order")
    (False, True)
    >>> is_id_name("Numero clienti"), is_id_name("Numero cliente")
    (False, True)
    >>> is_id_name("Type client"), is_id_name("Code postal"), is_id_name("Type A orders"), is_id_name("code_reds")
    (True, True, False, False)
    >>> is_id_name("Count of OrderID"), is_id_name("count_order_id"), is_id_name("计数项:订单号"), is_id_name("Count ID")
    (False, False, False, True)
    """
    bare = name[1:] if _TAGGED.match(name) else name
    plain = _JOINTS.sub(" ", folded(HUMP.sub(" ", bare))).replace("#", " # ")
    words = [word.strip(".:") or word for word in plain.split()]
    if not words or (len(words) == 1 and words[0] in _COUNTED):
        return False
    if words[0] in _NUMBERED and (words[1:2] == ["of"] or words[-1] in listed_words("counted").words):
        return False
    if _is_count(words):
        return False
    if words[1:2] == ["by"] and words[0] in listed_words("counted").words:
        return False
    if len(words) == _NAMED_TWICE and words[0] in listed_words("wholes").words and words[1] in _COUNTED:
        return False
    if words[0] in _NUMBERED and words[1:2] == ["de"] and words[-1].endswith("s") and not words[-1].startswith("l'"):
        return False
    last = words[-1].rstrip("0123456789") or words[-1]  # `reference1`
    if listed_words("id_starts").have(words[0]) or listed_words("id_ends").have(last) or is_version_name(name):
        return True
    is_plural = listed_words("flows").have(words[-1]) or words[-1] in listed_words("counted").words  # `numero clienti`
    noun = words[-1].removeprefix("d'")
    is_counted = (words[-1].endswith("s") and noun not in words_of("reviews")) or " di " in plain or is_plural  # `avis`
    return words[0] in _SINGULAR_NUMBERS and not is_counted


def _is_count(words: Sequence[str]) -> bool:
    """Whether a name begins as pivot tables and queries call the count of a column: `Count of OrderID`, `count_order_id`.

    A word with spaces behind it does so before two others (`Count ID` may be the id of a count).
    """
    plain = [word for part in words for word in re.split(r"\W+", part) if word]
    return any(
        plain[: len(head)] == head and len(plain) > max(len(head), _NAMED_TWICE * head[0].isascii())
        for head in _count_heads()
    )


@cache
def _count_heads() -> Sequence[Sequence[str]]:
    return [head.split() for head in words_of("counting")]


def is_version_name(name: str) -> bool:
    """Whether a column is called the version of something, such as an app: it has figures, and none of them counts.

    >>> is_version_name("context.app.version"), is_version_name("Versão do app"), is_version_name("应用版本")
    (True, True, True)
    >>> is_version_name("conversion"), is_version_name("version updates"), is_version_name("版本下载量")
    (False, False, False)
    """
    words = as_in_programs(name).split()
    is_first = len(words) > 1 and words[1] in words_of("neutral") and listed_words("versions").have(words[0])
    own = tuple(word for code in JOINED_SCRIPTS for word in language_lists("versions").get(code, ()))
    # of `版本下载量`, the downloads of a version, the end says what it is
    counts = not name.endswith(own) and any(NameParts.of(name).has(key, JOINED_SCRIPTS) for key in _COUNTS)
    is_joined = not counts and any(word in name for word in own)
    return is_first or is_joined or listed_words("versions").have(words[-1] if words else "")


_COUNTS = ("flows", "numbers", "people")
_ORDERS = frozenset(("order", "invoice", "receipt", "sale"))
_ID_ENDS = frozenset(("id", "no", "number", "nr", "#", "reference", "ref"))
_ID_WORD = re.compile(r"(?<=[a-z])(no|id|number|ref)$")


@cache
def names_order(name: str) -> bool:
    """Whether a column holds the ids of orders, by its name.

    >>> names_order("Rechnungsnr."), names_order("N° de facture"), names_order("Rechnungsdatum"), names_order("伝票番号")
    (True, True, False, True)
    >>> names_order("amazon-order-id"), names_order("InvoiceNo"), names_order("ID đơn hàng"), names_order("Status Pesanan")
    (True, True, True, False)
    >>> names_order("订单ID"), names_order("Číslo objednávky"), names_order("Počet objednávek")
    (True, True, False)
    >>> names_order("numer_zamowienia"), names_order("siparis_no"), names_order("maDonHang"), names_order("data_zamowienia")
    (True, True, True, False)
    >>> names_order("# de venta"), names_order("ID punto de venta"), names_order("sale_id"), names_order("Sales ID")
    (True, False, True, False)
    """
    plain = _JOINTS.sub(" ", folded(HUMP.sub(" ", name)))
    words = _ID_WORD.sub(r" \1", plain.replace("/", " ").replace("#", " #")).replace(".", "").split()
    if not _ORDERS.isdisjoint(words) and (words in (["invoice"], ["order"]) or words[-1] in _ID_ENDS):
        return True
    if words and words[-1].endswith("s") and words[0] in words_of("number_heads"):
        return False  # how many there are: `No. of orders`
    own = [word.strip(".:") for word in plain.split()]
    is_id = own[:1] and (
        own[0] in _with_plain("order_id_first")
        or listed_words("order_id_last").have(own[-1])
        or not _with_plain("order_id_words").isdisjoint(own)
        or any(part in plain for part in words_of("order_id_parts"))
    )
    if not is_id or any(place in plain for place in words_of("points_of_sale")):
        return False
    return any(stem in plain for stem in _with_plain("order_stems"))


@cache
def _with_plain(key: str) -> frozenset[str]:
    """The words of a list, also without their accents."""
    return words_of(key).union(map(unaccented, words_of(key)))


def are_of_refunds(names: Iterable[str]) -> bool:
    """Whether a table has no other day than that of a refund, or names refunds and has no day of an order: its amounts are no
    sales.
    """
    words = [_words(name) for name in names]
    dated = [name for name in words if not name.isdisjoint(words_of("day_words"))]
    of_refunds = [name for name in dated if not name.isdisjoint(words_of("refund_words"))]
    is_named = any(not name.isdisjoint(words_of("refund_words")) and not name.isdisjoint(_ID_ENDS) for name in words)
    plain = [name for name in dated if name <= words_of("plain_day_words")]
    return bool(dated) and (len(of_refunds) == len(dated) or (is_named and len(of_refunds) + len(plain) == len(dated)))


def names_refund(name: str) -> bool:
    """Whether a column is called, in any language, after refunds: a `Return order ID` is no id of an order.

    >>> names_refund("Refund status"), names_refund("售后状态"), names_refund("Estado del reembolso"), names_refund("Status")
    (True, True, True, False)
    """
    parts = NameParts.of(name)
    return not _words(name).isdisjoint(words_of("refund_words")) or parts.has("refund_words") or parts.has("refunding")


def _words(name: str) -> frozenset[str]:
    return frozenset(_NAME_WORDS.findall(name.casefold()))


_NAME_WORDS = re.compile(r"[^\W_]+")


def are_of_ledger(names: Iterable[str]) -> bool:
    """Whether a table has a column, by its English name in the contract's form, that only entries of a ledger have, or two that
    statements have: entries name orders and are none, since sales, fees and refunds of one order are several of them. An
    invoice has a balance as well, and an order a fee.
    """
    called = frozenset(names)
    return not words_of("ledger_columns").isdisjoint(called) or len(words_of("statement_columns") & called) > 1
