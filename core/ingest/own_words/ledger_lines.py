"""Entries of a ledger, which name orders and are none: sales, fees and transfers of one order are several of them."""

import numpy as np
import pyarrow as pa

from core.base.arrays import Floats
from core.ingest.columns.column_profile import Columns, Role
from core.ingest.formats.batch import TextBatch
from core.ingest.formats.different_cells import codes_of
from core.ingest.own_words.order_guess import guess_orders
from core.ingest.values.typed_numbers import values_of

_TAKEN = 0.3
"""Share of lines that take something off: of orders, not so many are returns."""
_FEWEST = 3
_HALF = 0.5


def are_ledger_lines(columns: Columns, first: TextBatch | None) -> bool:
    """Whether lines that look like orders add something and take something off for most orders that have several lines, or as
    a column of words says (`Sale`, `Fee`).
    """
    plan = guess_orders(columns, first)
    sources = {column.target: column.source for column in plan.columns} if plan is not None else {}
    order_id, amount = sources.get("order_id"), sources.get("gmv")
    if first is None or order_id is None or amount is None:
        return False
    amounts = np.nan_to_num(values_of(first.columns[amount]))
    codes = codes_of(first.columns[order_id])
    added = set(zip(codes[amounts > 0].tolist(), amounts[amounts > 0].tolist(), strict=True))
    taken = [(code, own) for code, own in zip(codes.tolist(), amounts.tolist(), strict=True) if own < 0]
    own_taken = [code for code, own in taken if (code, -own) not in added]  # others are whole returns
    if len(own_taken) < _TAKEN * len(amounts):
        return False
    if any(_tells_sign(first.columns[name], amounts) for name, column in columns.items() if column.role is Role.TEXT):
        return True
    mixed = {code for code, _ in added}.intersection(own_taken)
    several = np.bincount(codes) > 1
    return len(mixed) >= max(_FEWEST, _HALF * int(several.sum()))


def _tells_sign(cells: pa.Array, amounts: Floats) -> bool:
    """Whether each of a few words stands at amounts of one sign only, and some at each sign."""
    codes = codes_of(cells)
    added, taken = set(codes[amounts > 0].tolist()), set(codes[amounts < 0].tolist())
    return bool(added and taken) and added.isdisjoint(taken) and len(added | taken) <= _MOST_WORDS


_MOST_WORDS = 12
