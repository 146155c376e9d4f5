"""What the figures of orders show by themselves: which of them count pieces, and whether a price is that of a piece."""

from collections.abc import Mapping

import numpy as np

from core.base.arrays import Floats
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.formats.different_cells import codes_of
from core.ingest.headers.column_names import first_called
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.measure_names import is_amount_name, is_deduction_name, is_rate_name
from core.ingest.headers.word_lists import called
from core.ingest.values.numbers import marks_seen
from core.ingest.values.typed_numbers import values_of


def figures_of(columns: Columns, name: str | None) -> str | None:
    return name if name is not None and columns[name].role in {Role.NUMBER, Role.PERCENT} else None


def figures_seen(column: ColumnProfile) -> Floats:
    """The figures of the first rows of a column, by the decimal mark that its cells show; shape (rows,)."""
    seen = marks_seen(column.cells[:_COMPARED].to_pylist())
    return values_of(column.column[:_COMPARED], "," if seen == {","} else ".")


def amount_of_units(columns: Columns, english: Mapping[str, str]) -> str | None:
    """A column that is called an amount and counts pieces, next to their price: whole numbers that are far smaller (`Jumlah`)."""
    amount, price = (figures_of(columns, first_called(english, called(key))) for key in ("line_amount", "price"))
    if amount is None or price is None or amount == price or columns[amount].has_fractions:
        return None
    many, much = (np.nanmedian(figures_seen(columns[name])) for name in (amount, price))
    return amount if many * _PIECES <= much else None


_PIECES = 20
"""How many times the price of a piece is more than the number of pieces, where amounts of lines are no less than prices."""


def units_by_price(columns: Columns, english: Mapping[str, str]) -> str | None:
    """The column of whole numbers, whatever it is called, by which the price of a piece is the amount of its row; None where
    there is none, or no row has two pieces.
    """
    price = figures_of(columns, first_called(english, called("price")))
    if price is None or columns[price].rows < _FEWEST_COMPARED:
        return None
    figures = {name: figures_seen(column) for name, column in columns.items() if column.role is Role.NUMBER}
    prices = figures.pop(price, np.zeros(0))
    for name, many in figures.items():
        if columns[name].has_fractions or is_id_name(name) or not (many > 1).any() or not (many <= _MOST_PIECES).all():
            continue
        amounts = (np.isclose(prices * many, own, atol=_ROUNDED) for other, own in figures.items() if other != name)
        if any(equal.mean() >= 1 - MISTAKES for equal in amounts):
            return name
    return None


def may_count_pieces(columns: Columns) -> bool:
    """Whether some column of small whole numbers could say how many pieces a line has: it is no id, rate, amount or fee."""
    return any(
        column.role is Role.NUMBER
        and not column.has_fractions
        and not any(is_named(name) for is_named in (is_id_name, is_rate_name, is_amount_name, is_deduction_name))
        and bool(((many := figures_seen(column)) > 1).any() and (many <= _MOST_PIECES).all() and (many > 0).all())
        for name, column in columns.items()
    )


def is_price_of_line(columns: Columns, price: str, units: str, product: str | None) -> bool:
    """Whether a price is that of all pieces of a line: it grows with their number, for products of which lines have one and more.

    A discount of one of them, or a price that changed, shows nothing.
    """
    if product is None or product in {price, units}:
        return False
    amounts, many = figures_seen(columns[price]), figures_seen(columns[units])
    codes = codes_of(columns[product].column[:_COMPARED])
    known = (amounts > 0) & (many > 0)
    amounts, many, codes = amounts[known], many[known], codes[known]
    if not len(codes):
        return False

    def spread(values: Floats) -> Floats:
        """The largest of the figures of each product over its smallest; shape (products,)."""
        most, least = np.zeros(codes.max() + 1), np.full(codes.max() + 1, np.inf)
        np.maximum.at(most, codes, values)
        np.minimum.at(least, codes, values)
        ratio: Floats = most / least
        return ratio

    is_told = spread(many) > 1 + _SAME
    of_lines = is_told & (spread(amounts / many) <= 1 + _SAME)
    of_pieces = is_told & (spread(amounts) <= 1 + _SAME)
    return int(of_lines.sum()) >= _FEWEST_PRODUCTS and bool(of_pieces.sum() <= MISTAKES * of_lines.sum())


_FEWEST_PRODUCTS = 2
_SAME = 0.01
"""Part of an amount that rounding changes."""
_FEWEST_COMPARED = 10
_COMPARED = 500
"""Rows in which an amount is compared with a price: of few, any figure is some price by some number."""
_MOST_PIECES = 1000
_ROUNDED = 0.01
MISTAKES = 0.1
"""Share of orders of several lines. Tickets of one order mostly have one price, so that their amounts differ in few orders."""
