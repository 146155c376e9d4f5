"""Which columns name the orders that rows are of, and their lines."""

from collections.abc import Iterable, Mapping

from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.columns.id_columns import is_numbering
from core.ingest.formats.different_cells import all_match
from core.ingest.headers.column_names import first_called
from core.ingest.headers.id_names import is_id_name, names_order
from core.ingest.headers.word_lists import called


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


def line_id(columns: Columns, order_id: str) -> str | None:
    """Another column that is called like an id of orders and differs in every row, where orders have several lines: their id."""
    if len(columns[order_id].cells) == columns[order_id].rows:
        return None
    ids = [column for name, column in columns.items() if name != order_id and names_order(name)]
    return next((column.name for column in ids if len(column.cells) == column.rows), None)


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
