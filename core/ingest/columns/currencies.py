"""Which currency amounts are in, where no column says it: by their header, or by the signs in their cells."""

from collections.abc import Mapping
from dataclasses import replace

import pyarrow.compute as pc

from core.base.errors import UsageError
from core.catalogue.currency_signs import AMOUNT_WORDS, code_of, currency_of_amount, may_be_of, written_currency
from core.catalogue.kinds import MONEY_MEASURES, CellType
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.formats.different_cells import any_match
from core.ingest.headers.column_names import english_names
from core.ingest.headers.folding import currency_of_header
from core.ingest.headers.name_parts import NameParts
from core.ingest.mapping.column_plan import ColumnPlan, Plan, few, noted

_AMOUNTS = AMOUNT_WORDS | {"sales"}
"""Words of measures that are amounts of money where cells or the table name a currency."""
_CELLS = 50
"""Amounts that decide whether a column has signs."""


def currencies_of_amounts(plan: Plan, columns: Columns) -> dict[str, str]:
    """The code of the currency that each amount is in, as far as its header or all its cells say so and no column does.

    Raises UsageError for amounts of several currencies in one column.
    """
    if plan.column("currency") is not None:
        return {}
    sources = [(column.target, column.source) for column in plan.columns if column.source is not None]
    amounts = {target: columns[source] for target, source in sources if source in columns and columns[source].is_figure}
    of_all = _of_table(columns)
    codes = {
        name: currency_of_header(column.name) or _of_cells(column) or (of_all if _is_amount(name) else None)
        for name, column in amounts.items()
    }
    return {name: code for name, code in codes.items() if code is not None}


def currency_columns(columns: Columns) -> list[str]:
    """The columns of currencies: the one that is called so, and those whose name says so next to other words (`Billing currency`)
    and whose cells are codes.
    """
    named = english_names(list(columns)).get("currency")
    others = (name for name, column in columns.items() if name != named and _holds_codes(column))
    return [*([named] if named is not None else []), *others]


def _holds_codes(column: ColumnProfile) -> bool:
    is_called = column.role is Role.TEXT and NameParts.of(column.name).has("currencies")
    return is_called and all(code_of(cell.strip().upper()) is not None for cell in column.different())


def _of_table(columns: Columns) -> str | None:
    """The one currency that a column of currencies holds."""
    named = next(iter(currency_columns(columns)), None)
    codes = [] if named is None else columns[named].different()
    return code_of(codes[0]) if len(codes) == 1 else None


def _is_amount(name: str) -> bool:
    return name in MONEY_MEASURES or not _AMOUNTS.isdisjoint(name.split("_"))


def with_currency(plan: Plan, columns: Columns, currencies: Mapping[str, str]) -> Plan:
    """The plan with the currency of its amounts in every row, where its kind has a column of it and all are in one.

    Where the sales of a row are in one currency and other amounts of it in others, those are left out: a row has one currency.
    """
    if "currency" not in plan.kind.columns:
        return _with_several(plan, columns)
    sales = plan.column("gmv")
    signed = "".join(columns[sales.source].samples[:1]) if sales is not None and sales.source else ""
    code = currencies.get("gmv") or next((code for code in currencies.values() if may_be_of(signed, code)), None)
    others = {name: other for name, other in currencies.items() if other != code and name != "gmv"}
    result = replace(plan, columns=tuple(column for column in plan.columns if column.target not in others))
    for name, other in others.items():
        result = noted(
            result,
            f"not loaded: {name}, which is in {other} and not in {code or signed.strip('0123456789., ')} like gmv",
        )
    if code is None:
        return result
    currency = ColumnPlan("currency", plan.kind.columns["currency"], constant=code)
    return replace(result, columns=(*result.columns, currency))


def _with_several(plan: Plan, columns: Columns) -> Plan:
    """The plan with a note that amounts add up within one currency only, where a column of currencies has several."""
    sliced = {column.source: column.target for column in plan.columns if column.cell is CellType.WORD}
    for name in currency_columns(columns):
        codes = columns[name].different() if name in sliced else []
        if len(codes) > 1:
            one = f"name one with, say, --where {sliced[name]}={codes[0]}"
            plan = noted(plan, f"its amounts are in {few(codes)}, which do not add up: {one}")
    return plan


def _of_cells(column: ColumnProfile) -> str | None:
    """The currency whose sign stands in each of the first amounts but zeros. Raises UsageError when others have another."""
    if not any_match(column.cells[:_CELLS], _SIGN):
        return None
    codes = {currency_of_amount(cell) for cell in column.cells[:_CELLS].to_pylist() if cell.strip("0.,")}
    shapes = pc.replace_substring_regex(column.cells, _DIGITS, "0")
    amounts = {written_currency(shape): shape for shape in shapes.unique().to_pylist()}
    signs = [column.cells[pc.index(shapes, shape).as_py()] for sign, shape in amounts.items() if sign]
    if len(signs) > 1:
        raise UsageError(
            f"the column {column.name!r} has amounts of several currencies ({signs[0]}, {signs[1]}), which do not add up. "
            "Give each row its currency in a column `currency`, or save a file for each."
        )
    return codes.pop() if len(codes) == 1 else None


_SIGN = r"[^\d.,\s+-]"
_DIGITS = r"\d[\d.,\s]*"
"""What amounts of one currency differ in: the few shapes that remain are read, not each amount."""
