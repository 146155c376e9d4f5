"""What a leaderboard is filtered by, such as `role:live grade<=B score<70 anna`."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.base.errors import UsageError, did_you_mean

_ALIASES = {"kind": "role", "band": "grade", "delta": "change", "creator": "id", "seller": "id", "newcomer": "new"}
_WORDS = ("id", "person", "role", "market", "grade", "new")
_NUMBERS = ("score", "change", "orders", "gmv", "rank")
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_TERM = re.compile(r"(?P<field>[A-Za-z]+)(?P<sign><=|>=|<|>|=|:)(?P<text>.*)")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; a line is kept when it meets all."""

    field: str
    """Empty: any word of the line."""
    sign: str
    """Empty: the field holds the text."""
    text: str
    value: float = 0.0
    """What is compared with; of a grade: 0 for the best, -1 for the next."""

    def compare(self, values: Any) -> Any:
        """Which values meet it, element by element."""
        return _SIGNS[self.sign](values, self.value)


def parse(words: str, grades: Sequence[str]) -> tuple[Term, ...]:
    """The conditions that a line of words writes. `grades`: best first. Raises UsageError.

    >>> parse("kind:video band<=B", ("A", "B"))[1]
    Term(field='grade', sign='<=', text='b', value=-1.0)
    """
    return tuple(_term(word, grades) for word in words.split())


def _term(word: str, grades: Sequence[str]) -> Term:
    match = _TERM.fullmatch(word)
    if match is None:
        return Term("", "", word.casefold())
    name, sign, text = match["field"].casefold(), match["sign"], match["text"].casefold()
    name = _ALIASES.get(name, name)
    if name not in (*_WORDS, *_NUMBERS):
        fields = (*_WORDS, *_NUMBERS)
        raise UsageError(f"no column {name!r}.{did_you_mean(name, fields, limit=1)} Known: {', '.join(fields)}.")
    if name == "grade" and sign not in ":=":
        return Term(name, sign, text, -float(_grade(text, grades)))
    if name in _NUMBERS:
        return Term(name, "=" if sign == ":" else sign, text, _number(name, text))
    if sign not in ":=":
        raise UsageError(f"{name} is a word: write {name}:{text or 'TEXT'}.")
    return Term(name, "", text)


def _grade(text: str, grades: Sequence[str]) -> int:
    for at, grade in enumerate(grades):
        if grade.casefold() == text:
            return at
    raise UsageError(f"no grade {text!r}. It is one of {', '.join(grades)}.")


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{name} is compared with a number, not {text!r}.") from None
