"""Figures for people, by unit: short, aligned, never more exact than a person can use."""

import math
from collections.abc import Callable

_STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_ROUNDED_UP = 0.9995
"""Of a step: from here on a number of three digits would be written as 1000 of the step below."""
_WHOLE = 100
"""From this size on a number has no decimals: three digits are as exact as a person uses."""
_TENTHS = 10
"""From here on a count has none."""
_MOST_DECIMALS = 6
_TENFOLD = 9.9995
"""A share that has four digits before the point as a percentage."""


def figure(value: float | None, unit: str, largest: float = 0.0) -> str:
    """A value in its unit; an en dash where there is none. `largest`: of its column, so that their digits stand in line.

    >>> figure(1234567, "count"), figure(0.9412, "ratio"), figure(0.0312, "ratio"), figure(None, "count")
    ('1.23M', '94.1%', '3.12%', '–')
    >>> figure(83.07, "money"), figure(83.07, "money", largest=4155), figure(5.5, "hours"), figure(14.14, "count")
    ('83.07', '83', '5.5 h', '14')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if unit == "ratio":
        if not value:
            return "0%"
        return f"{value:z,.{_percent_decimals(value)}%}" if abs(value) >= 0.0995 else f"{value:z.2%}"
    if unit in {"hours", "seconds"}:
        return f"{_rounded(value, 1) if abs(value) < 10_000 else short(value)} {unit[0]}"
    if unit == "stars" and abs(value) < _TENTHS:  # a mean; a sum of stars is a count
        return _rounded(value, 2)
    is_counted = unit == "count" and abs(value) >= _TENTHS  # nobody expects 14.14 orders
    return _rounded(value, 0) if abs(value) < _WHOLE and (is_counted or abs(largest) >= _WHOLE) else short(value)


def amount(value: float | None, unit: str, currency: str) -> str:
    """A value in its unit; money with its currency, where that is known.

    >>> amount(4197.4, "money", "USD"), amount(12_345, "money", ""), amount(0.5, "ratio", "USD")
    ('4,197 USD', '12.3k', '50.0%')
    """
    return in_currency(figure(value, unit), unit, currency)


def in_currency(text: str, unit: str, currency: str) -> str:
    """An amount with its currency, where that is known.

    >>> in_currency("4,197", "money", "USD"), in_currency("94.0%", "ratio", "USD"), in_currency("–", "money", "USD")
    ('4,197 USD', '94.0%', '–')
    """
    return f"{text} {currency}" if unit == "money" and currency and text != "–" else text


def titled(title: str, unit: str, currency: str) -> str:
    """The title of a table of values in this unit; of money with its currency.

    >>> titled("Where", "money", "USD"), titled("Where", "ratio", "USD")
    ('Where, in USD', 'Where')
    """
    return f"{title}, in {currency}" if unit == "money" and currency else title


def short(value: float) -> str:
    """A number in about four characters of precision.

    >>> short(999), short(12345), short(-0.5), short(99999), short(999_960), short(-0.0)
    ('999', '12.3k', '-0.50', '100k', '1.00M', '0')
    """
    size = abs(value)
    for step, letter in _STEPS:
        if size >= step * (_ROUNDED_UP if step > 1e3 else 10):
            scaled = value / step
            return f"{scaled:.{_decimals(abs(scaled))}f}{letter}"
    return _rounded(value, 0 if size >= _WHOLE or float(value).is_integer() else 2)


def _rounded(value: float, decimals: int) -> str:
    """With thousands separators; what rounds to nothing has no sign.

    >>> _rounded(-0.004, 2), _rounded(-1234.5, 0)
    ('0.00', '-1,234')
    """
    return f"{value:z,.{decimals}f}"


def _decimals(size: float) -> int:
    return 0 if size >= 99.95 else 1 if size >= 9.995 else 2


def decimals_apart(low: float, high: float, least: int) -> int:
    """How many decimals two values need, `least` at least, so that they do not look like one; six are enough.

    >>> decimals_apart(0.0018, 0.0022, 2), decimals_apart(0.61, 0.72, 2), decimals_apart(0.5, 0.5, 2)
    (4, 2, 2)
    """
    enough = (decimals for decimals in range(least, _MOST_DECIMALS) if f"{low:.{decimals}f}" != f"{high:.{decimals}f}")
    return next(enough, _MOST_DECIMALS) if low < high else least


def span(low: float, high: float, unit: str) -> str:
    """A range of values.

    >>> span(0.9131, 0.9637, "ratio"), span(40_100, 159_000, "count")
    ('91.3% to 96.4%', '40.1k to 159k')
    """
    return f"{figure(low, unit)} to {figure(high, unit)}"


def interval_text(interval: tuple[float, float] | None, words: Callable[[float], str]) -> str:
    """An interval, its ends as `words` writes them; empty where there is none.

    >>> interval_text((1.5, 2.25), "{:+.1f}".format), interval_text(None, str)
    ('+1.5 to +2.2', '')
    """
    return "" if interval is None else " to ".join(map(words, interval))


def four_digits(value: float) -> str:
    """A number of no known unit with at most four significant digits.

    >>> four_digits(0.46934), four_digits(98765.4), four_digits(12.0)
    ('0.4693', '98,765', '12')
    """
    size = abs(value)
    if size >= 1000 or float(value).is_integer():
        return _rounded(value, 0)
    text = f"{value:.4g}"
    return f"{value:.6f}".rstrip("0").rstrip(".") if "e" in text and size > 5e-7 else text


def _percent_decimals(share: float) -> int:
    """One, except where it would be the fifth digit."""
    return 1 if abs(share) < _TENFOLD else 0


def percent(share: float | None, signed: bool = False) -> str:
    """A fraction as a percentage.

    >>> percent(0.917), percent(-0.15, signed=True), percent(19.667, signed=True)
    ('92%', '-15.0%', '+1,967%')
    """
    if share is None or not math.isfinite(share):
        return "–"
    text = f"{share:+,.{_percent_decimals(share)}%}" if signed else f"{share:,.0%}"
    return "0%" if text.strip("+-0.%") == "" else text


def small_percent(share: float) -> str:
    """A small share, with one decimal.

    >>> small_percent(0.0123)
    '1.2%'
    """
    return f"{share:.1%}"


def p_value(chance: float | None) -> str:
    """A chance that something is nothing but chance.

    >>> p_value(0.0312), p_value(1e-9), p_value(None)
    ('0.031', '<0.001', '–')
    """
    if chance is None or not math.isfinite(chance):
        return "–"
    return "<0.001" if chance < 0.001 else f"{chance:.3f}"


def p_words(chance: float | None) -> str:
    """A p-value inside a sentence.

    >>> p_words(0.0312), p_words(1e-9)
    ('p = 0.031', 'p < 0.001')
    """
    text = p_value(chance)
    return f"p {text[0]} {text[1:]}" if text.startswith("<") else f"p = {text}"
