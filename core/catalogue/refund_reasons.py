"""What refund reasons say: by the words of rating rules, or by those of other languages, which are data."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from core.catalogue.text_folding import beginnings

Reasons = Mapping[str, Sequence[str]]
"""reason -> what a folded text that tells it holds, in the order in which reasons are looked for."""

_SAMPLE = 1000
"""Texts that decide which languages are tried, and in which order: a list of reasons to choose from has ten or twenty."""


def reason_in(text: str, reasons: Reasons) -> str | None:
    """The first reason that a folded text tells; None where it tells none."""
    return next((reason for reason, pieces in reasons.items() if any(piece in text for piece in pieces)), None)


def spoken_reasons(texts: Sequence[str]) -> list[str | None]:
    """The reason that each of some folded texts tells in one of the languages; None where it tells none.

    A text that several languages read is read by the one that reads most of them all: "perso" is lost in Italian, and the
    beginning of a person elsewhere.
    """
    sample = [text for text in texts[:: len(texts) // _SAMPLE + 1] if text.strip()]
    read = (
        [(sum(reason_in(text, reasons) is not None for text in sample), reasons) for reasons in _languages()]
        if sample
        else []
    )
    languages = [reasons for count, reasons in sorted(read, key=lambda item: -item[0]) if count]
    readings = ((reason_in(text, reasons) for reasons in languages) for text in texts)
    return [next((reason for reason in reading if reason is not None), None) for reading in readings]


@cache
def _languages() -> tuple[Reasons, ...]:
    tables = tomllib.loads((files("core.catalogue") / "refund_reasons.toml").read_text("utf-8"))
    return tuple({reason: beginnings(words) for reason, words in table.items()} for table in tables.values())
