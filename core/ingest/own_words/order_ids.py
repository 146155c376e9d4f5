"""Which columns name the orders that rows are of, and their lines."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from core.base.arrays import Ints
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.columns.id_columns import is_numbering
from core.ingest.formats.different_cells import all_match, codes_of
from core.ingest.headers.column_names import first_called
from core.ingest.headers.folding import as_in_programs, folded
from core.ingest.headers.id_names import is_id_name, names_order
from core.ingest.headers.word_lists import called
from core.ingest.request import ORDER_LINE


def named_order(columns: Columns, english: Mapping[str, str]) -> str | None:
    """The column that is called the id of an order, a filled one before one that is blank in nearly all rows."""
    filled = {name: column for name, column in columns.items() if column.filled > _FEW_NAMED * column.rows}
    ids = first_called(english, called("order_id"), filled.__contains__)
    if ids is None or not names_order(ids):
        ids = _order_id(filled) or ids  # `Номер отправления` is that of a parcel, where there is a `Номер заказа`
    return ids or first_called(english, called("order_id")) or _order_id(columns)


def _order_id(names: Iterable[str]) -> str | None:
    """The column that is called like an id of orders, of several the one with the shortest name: lines have ids, too."""
    return min(filter(names_order, names), key=len, default=None)


_FEW_NAMED = 0.1


def _line_id(columns: Columns, order_id: str) -> str | None:
    """Another column that is called like an id of orders and differs in every row, where orders have several lines: their id."""
    if len(columns[order_id].cells) == columns[order_id].rows:
        return None
    ids = [column for name, column in columns.items() if name != order_id and names_order(name)]
    return next((column.name for column in ids if len(column.cells) == column.rows), None)


def line_column(
    columns: Columns, order_id: str, taken: Collection[str | None], before: Sequence[str] | None
) -> str | None:
    """The column that tells the lines of an order apart: the one that an earlier load of the same columns found (`before`, None
    without one), an id of lines, or their number where no load before did without it.
    """
    known = [name for name in columns if f"{ORDER_LINE}:{name}" in (before or ())]
    number = None if before is not None else _line_number(columns, order_id, taken)
    return next(iter(known), None) or _line_id(columns, order_id) or number


def _line_number(columns: Columns, order_id: str, taken: Collection[str | None]) -> str | None:
    """A column of small whole numbers that differ within each order: it is called the number of a row, or counts on from one end
    of each order to the other. One that differs in every row numbers those of the file, and no lines.
    """
    orders = columns[order_id]
    numbers = [
        column for name, column in columns.items() if name not in {order_id, *taken} and column.role is Role.NUMBER
    ]
    for column in numbers:
        is_whole = column.unit is None and column.filled == column.rows == orders.filled
        is_whole = is_whole and all_match(column.cells, _LINE_NUMBER)
        if not is_whole or (len(column.cells) == column.rows and len(orders.cells) > 1):
            continue
        of_order, digits = codes_of(orders.column), column.column.cast(pa.int64()).to_numpy()
        pairs = np.unique(of_order * _MOST_LINES + digits)
        if len(pairs) < column.rows:
            continue
        is_named = not {folded(column.name), as_in_programs(column.name)}.isdisjoint(called("line_numbers"))
        if is_named or _count_on(pairs):
            return column.name
    return None


_LINE_NUMBER = r"^\d{1,4}$"
_MOST_LINES = 10_000
_FEWEST_ORDERS = 3
"""With several lines, whose numbers count on: the units of two orders may do so."""


def _count_on(pairs: Ints) -> bool:
    """Whether the numbers of each order count on from the same first one by the same step: `pairs` are orders, each with the
    numbers of its lines behind it, ascending.
    """
    orders, numbers = np.divmod(pairs, _MOST_LINES)
    is_first = np.diff(orders, prepend=-1).astype(bool)
    steps = np.diff(numbers)[~is_first[1:]]
    several = len(np.unique(orders[1:][~is_first[1:]]))
    return several >= _FEWEST_ORDERS and len(np.unique(steps)) == 1 and len(np.unique(numbers[is_first])) == 1


def numbers_lines(columns: Columns, name: str, order_id: str) -> bool:
    """Whether a column differs in every row, where orders have several lines: an id of lines, which repeats for no article."""
    rows = columns[name].rows
    return rows >= _MANY_LINES and len(columns[name].cells) == rows > len(columns[order_id].cells)


_MANY_LINES = 20
"""Lines of which each could have an article of its own by chance."""


def most_different_id(columns: Columns, english: Mapping[str, str]) -> str | None:
    """The column that is called an id, numbers the rows or holds codes, and differs in most of them; None when none does in
    half of them.
    """
    names = {
        *(name for name, column in columns.items() if column.role is Role.TEXT and _are_codes(column)),
        *(name for name in columns if is_id_name(name)),
        *(column for name, column in english.items() if is_id_name(name)),
        *(name for name, column in columns.items() if column.is_figure and is_numbering(column)),
    }
    ids = [columns[name] for name in columns if name in names and columns[name].role in {Role.TEXT, Role.NUMBER}]
    ids = [column for column in ids if len(column.cells) >= column.rows / 2]
    return max(ids, key=lambda column: len(column.cells)).name if ids else None


def _are_codes(column: ColumnProfile) -> bool:
    """Whether cells are letters and many digits without spaces, such as `HP1234567890`."""
    return bool(len(column.cells)) and all_match(column.cells, _CODE)


_CODE = r"^[A-Za-z]{0,6}[-_]?\d[\w-]{5,}$"
