"""What an event of the change log is, by whatever word its writer used."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from core.catalogue.text_folding import beginnings, folded

EVENT_KINDS = (
    "release", "policy", "campaign", "ranking", "outage", "holiday", "logistics", "price", "other",
)  # fmt: skip
"""What an event can be."""

_WORDS: Mapping[str, str] = {
    "release": (
        "deploy deployment deployed rollout rollback version build hotfix patch sdk migration upgrade redesign launch feature "
        "experiment test app"
    ),
    "policy": "rule compliance legal enforcement governance regulation moderation law tax safety",
    "campaign": "promo promotion sale marketing voucher coupon discount advertising ads subsidy",
    "ranking": "algorithm relevance recommendation recommender search model",
    "outage": "incident downtime disruption failure degradation alert maintenance",
    "holiday": "vacation festival feast closure",
    "logistics": "shipping shipment delivery carrier courier fulfilment fulfillment warehouse customs",
    "price": "pricing fee tariff currency exchange",
}
"""Kind -> words that other systems (release calendars, incident and marketing tools) write in its place."""
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words.split()} | {
    name: name for name in EVENT_KINDS
}

_OVER, _NOT_OVER = "over", "not_over"
_OVER_NUMBER = re.compile(r" over(?= \d)")
"""Free shipping over 50 dollars is not over."""
_ENDED = frozenset({
    "cancelled", "closed", "discontinued", "end", "ended", "ending", "ends", "expired", "expires", "finished", "over", "paused",
    "removed", "stopped", "stops", "suspended", "terminated", "withdrawn",
})  # fmt: skip


@lru_cache(maxsize=1 << 10)  # change logs of thousands of events use a few words, and are read several times
def event_kind(written: str) -> str:
    """The kind that a word or two stand for; "other" where they stand for none.

    >>> event_kind("Public holidays"), event_kind("deploy"), event_kind("PROMO"), event_kind("")
    ('holiday', 'release', 'campaign', 'other')
    >>> event_kind("Störung"), event_kind("nuevo descuento"), event_kind("规则更新")
    ('outage', 'campaign', 'policy')
    """
    letters = "".join(letter if letter.isalpha() else " " for letter in written.casefold())
    words = [form for word in letters.split() for form in _singulars(word)]
    return next((_KIND_OF[word] for word in words if word in _KIND_OF), None) or _spoken_kind(folded(written))


def _spoken_kind(text: str) -> str:
    """The kind that the first word of another language stands for in folded text."""
    words = ((kind, piece) for kind in EVENT_KINDS[:-1] for piece in _spoken_words()[kind])
    return min(((text.find(piece), kind) for kind, piece in words if piece in text), default=(0, "other"))[1]


def says_over(title: str) -> bool:
    """Whether a title says that something ends on its day.

    >>> says_over("Voucher ended"), says_over("Fin de la campagne"), says_over("活动结束"), says_over("Weekend sale")
    (True, True, True, False)
    >>> says_over("Rebajas de fin de semana"), says_over("Free shipping over 50 EUR"), says_over("เปิดแคมเปญ")
    (False, False, False)
    """
    text = _OVER_NUMBER.sub("", folded(title))
    for piece in _spoken_words()[_NOT_OVER]:
        text = text.replace(piece, " ")
    return not _ENDED.isdisjoint(text.split()) or any(piece in text for piece in _spoken_words()[_OVER])


@cache
def _spoken_words() -> Mapping[str, Sequence[str]]:
    """kind -> beginnings of its words in the other languages; `over`: of an end, `not_over`: what looks like one."""
    import tomllib  # 4 ms, and most change logs are in English

    tables = tomllib.loads((files("core.catalogue") / "event_kinds.toml").read_text("utf-8")).values()
    kinds = (*EVENT_KINDS[:-1], _OVER, _NOT_OVER)
    return {kind: beginnings([word for table in tables for word in table.get(kind, ())]) for kind in kinds}


def _singulars(word: str) -> tuple[str, ...]:
    """A word, and what it may be the plural of: releases, launches, policies."""
    return word, word.removesuffix("s"), word.removesuffix("es"), re.sub("ies$", "y", word)
