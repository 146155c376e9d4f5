"""Entries of a ledger, which name orders and are none: sales, fees and transfers of one order are several of them."""

import numpy as np
import pyarrow as pa

from core.base.arrays import Floats
from core.ingest.columns.column_profile import Columns, Role
from core.ingest.formats.batch import TextBatch
from core.ingest.formats.different_cells import are_such, codes_of
from core.ingest.headers.measure_names import is_deduction_name
from core.ingest.own_words.order_guess import guess_orders
from core.ingest.own_words.signed_amounts import names_direction
from core.ingest.values.placeholders import ABSENT
from core.ingest.values.typed_numbers import values_of

_TAKEN = 0.3
"""Share of lines that take something off: of orders, not so many are returns."""
_FEWEST = 3
_HALF = 0.5


def are_ledger_lines(columns: Columns, first: TextBatch | None) -> bool:
    """Whether lines that look like orders say of each amount that it came in or went out, only take something off, or all say
    why they were given back, or add something and take something off for most orders that have several lines, or as a column
    of words says (`Sale`, `Fee`).
    """
    if any(map(names_direction, columns.values())):
        return True
    plan = guess_orders(columns, first)
    sources = {column.target: column.source for column in plan.columns} if plan is not None else {}
    order_id, amount = sources.get("order_id"), sources.get("gmv")
    if first is None or order_id is None or amount is None:
        return False
    amounts = np.nan_to_num(values_of(first.columns[amount]))
    if _are_given_back(sources.get("refund_reason"), first) or amounts.max(initial=0) <= 0 > amounts.min(initial=0):
        return True
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


def _are_given_back(reason: str | None, first: TextBatch) -> bool:
    """Whether every line has a reason of a refund, and no cancellation."""
    if reason is None or not is_deduction_name(reason):
        return False
    return bool(np.all(are_such(first.columns[reason], lambda cell: cell.strip().casefold() not in ABSENT)))


def _tells_sign(cells: pa.Array, amounts: Floats) -> bool:
    """Whether each of a few words stands at amounts of one sign only, and some at each sign."""
    codes = codes_of(cells)
    added, taken = set(codes[amounts > 0].tolist()), set(codes[amounts < 0].tolist())
    return bool(added and taken) and added.isdisjoint(taken) and len(added | taken) <= _MOST_WORDS


_MOST_WORDS = 12
