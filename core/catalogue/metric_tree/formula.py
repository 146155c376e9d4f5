"""Formulas of the catalogue: how they are written and what they come to.

sum       impressions            rating_sum - 3 reviews is not allowed: coefficients are +1 or -1
ratio     1000 x gmv / impressions        (cancelled_orders - buyer_cancelled_orders) / orders
product   orders x payment_rate
"""

import re
from collections.abc import Mapping
from typing import Any

from core.base.frozen import frozen

NOT_IN_NAMES = r"\s\-/()\[\]{}.,:;+&|'\"<>=*?!#@"
"""What no name of a measure holds, as a class of a regular expression; any other sign of any script may be in one."""

_TOKEN = re.compile(
    rf"\s*(?:(?P<number>\d+(?:\.\d+)?)(?!\w)|(?P<name>[^{NOT_IN_NAMES}\u00d7]+)|(?P<mark>[-+*/()\u00d7]))"
)
_MARKS = frozenset("-+*/()\u00d7")
_TIMES = {"*", "\u00d7", "x"}


class FormulaError(ValueError):
    """A formula that cannot be read; the text says what is wrong."""


@frozen
class Sum:
    """Base measures added and subtracted."""

    terms: tuple[tuple[int, str], ...]
    """(+1 or -1, base measure)"""

    def measures(self) -> frozenset[str]:
        """The base measures in it."""
        return frozenset(name for _, name in self.terms)

    def of(self, sums: Mapping[str, Any]) -> Any:
        """Its value, given the sum of each base measure (numbers or arrays of one shape)."""
        total = 0.0
        for sign, name in self.terms:
            total = total + sign * sums[name]
        return total

    def __str__(self) -> str:
        text = "".join(f" {'+' if sign > 0 else '-'} {name}" for sign, name in self.terms)
        return text.removeprefix(" + ").strip()


@frozen
class Formula:
    """scale x product of factors / denominator. One factor without a denominator is a sum, with one a ratio;
    several factors are names of metrics."""

    scale: float
    factors: tuple[Sum, ...]
    denominator: Sum | None

    @property
    def is_product(self) -> bool:
        """Whether it multiplies metrics."""
        return len(self.factors) > 1


def parse(text: str) -> Formula:
    """The formula that `text` writes.

    >>> parse("1000 x gmv / impressions").scale
    1000.0

    Raises FormulaError.
    """
    return _Parser(text).formula()


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[str] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                raise FormulaError(f"cannot read {text[at:].strip()!r} in {text!r}")
            self._tokens.append(match.group().strip())
            at = match.end()

    def formula(self) -> Formula:
        scale, factors, denominator = 1.0, [], None
        while True:
            if _is_number(self._peek()):
                scale *= float(self._next())
            else:
                factors.append(self._sum())
            if self._peek() not in _TIMES:
                break
            self._next()
        if self._peek() == "/":
            self._next()
            denominator = self._sum()
        if self._tokens:
            raise FormulaError(f"{self._tokens[0]!r} is not expected in {self._text!r}")
        if not factors:
            raise FormulaError(f"{self._text!r} names no measure")
        if len(factors) > 1 and (denominator is not None or any(len(factor.terms) > 1 for factor in factors)):
            raise FormulaError(
                f"{self._text!r} mixes a product of metrics with a sum or a ratio: give the parts names of their own"
            )
        return Formula(scale, tuple(factors), denominator)

    def _sum(self) -> Sum:
        """A name, or names with + and -: in brackets, or bare."""
        bracket = self._peek() == "("
        if bracket:
            self._next()
        terms = [(1, self._name())]
        while self._peek() in {"+", "-"}:
            terms.append((1 if self._next() == "+" else -1, self._name()))
        if bracket and self._next() != ")":
            raise FormulaError(f"a bracket is not closed in {self._text!r}")
        return Sum(tuple(terms))

    def _name(self) -> str:
        token = self._next()
        if not token or token in _MARKS or _is_number(token):
            raise FormulaError(f"a name is expected instead of {token or 'the end'!r} in {self._text!r}")
        return token

    def _peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _next(self) -> str:
        return self._tokens.pop(0) if self._tokens else ""


def _is_number(token: str) -> bool:
    """Whether a token is a number; `7_day` is a name."""
    return token.replace(".", "", 1).isdecimal()
