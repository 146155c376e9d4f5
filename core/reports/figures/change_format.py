"""Changes for people, with their sign: of a ratio in percentage points."""

import math

from core.reports.figures.number_format import amount, figure, in_currency, percent


def amount_change(value: float | None, unit: str, currency: str) -> str:
    """A change with its sign; of money with its currency, where that is known.

    >>> amount_change(-4197.4, "money", "USD"), amount_change(0.01, "ratio", "USD")
    ('-4,197 USD', '+1.0 pp')
    """
    return in_currency(change(value, unit), unit, currency)


def amount_changes(low: float, high: float, unit: str, currency: str) -> str:
    """A range of changes; of money with its currency, where that is known.

    >>> amount_changes(-4197.4, -80, "money", "USD"), amount_changes(-0.02, 0.01, "ratio", "USD")
    ('-4,197 to -80 USD', '-2.0 pp to +1.0 pp')
    """
    return in_currency(f"{change(low, unit)} to {change(high, unit)}", unit, currency)


def change(value: float | None, unit: str, largest: float = 0.0) -> str:
    """A change with its sign; of a ratio in percentage points. `largest`: of its column, as in `figure`.

    >>> change(-186000, "count"), change(-0.0061, "ratio")
    ('-186k', '-0.61 pp')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if unit == "ratio":
        return points(value, signed=True)
    text = figure(value, unit, largest)
    if text.strip("-0.% hs") == "":
        return "0"
    return text if text.startswith("-") else f"+{text}"


def points(value: float, signed: bool = False) -> str:
    """A fraction in percentage points.

    >>> points(-0.472, signed=True), points(0.0061)
    ('-47.2 pp', '0.61 pp')
    """
    decimals = 1 if abs(value) >= 0.00995 else 2
    text = f"{100 * value:{'+' if signed else ''}.{decimals}f}"
    return f"{text if float(text) else '0'} pp"


def signed(value: float, decimals: int) -> str:
    """A figure with its sign, which one that rounds to nothing has none of.

    >>> signed(0.126, 2), signed(-0.04, 1)
    ('+0.13', '0.0')
    """
    text = f"{value:+.{decimals}f}"
    return text if float(text) else text[1:]


def score_change(value: float | None) -> str:
    """A change of a score with its sign; empty where there is none.

    >>> score_change(-11.14), score_change(-0.04), score_change(None)
    ('-11.1', '0.0', '')
    """
    return "" if value is None else signed(value, 1)


def size(value: float, unit: str, currency: str) -> str:
    """The size of a change without its sign: points for a ratio; of money with its currency, where that is known.

    >>> size(0.296, "ratio", "USD"), size(315, "money", "USD")
    ('29.6 pp', '315 USD')
    """
    return points(value) if unit == "ratio" else amount(value, unit, currency)


def percent_or_points(change_: float, share: float | None, unit: str) -> str:
    """A change as a table shows it: points for a ratio, else a percentage.

    >>> percent_or_points(-186, -0.15, "count"), percent_or_points(-0.006, -0.1, "ratio")
    ('-15.0%', '-0.60 pp')
    """
    return change(change_, unit) if unit == "ratio" else percent(share, signed=True)
