"""Entries of a ledger, which name orders and are none: sales, fees and transfers of one order are several of them."""

import numpy as np

from core.ingest.columns.column_profile import Columns
from core.ingest.formats.batch import TextBatch
from core.ingest.formats.different_cells import codes_of
from core.ingest.own_words.order_guess import guess_orders
from core.ingest.values.typed_numbers import values_of

_TAKEN = 0.3
"""Share of lines that take something off: of orders, not so many are returns."""
_FEWEST = 3
_HALF = 0.5


def are_ledger_lines(columns: Columns, first: TextBatch | None) -> bool:
    """Whether lines that look like orders add something and take something off for most orders that have several lines."""
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
    mixed = {code for code, _ in added}.intersection(own_taken)
    several = np.bincount(codes) > 1
    return len(mixed) >= max(_FEWEST, _HALF * int(several.sum()))
