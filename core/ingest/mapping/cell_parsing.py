"""Columns of text become typed columns, and the rows that cannot are refused: a whole column at a time."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Ints
from core.base.frozen import frozen
from core.base.time_zones import DAY_SECONDS, Markets, Zones
from core.catalogue.kinds import CellType
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import Batch, RefusedRow, TextBatch
from core.ingest.formats.different_cells import all_match
from core.ingest.mapping.cell_text import ROUNDED_ID, column_text, joined_texts, without_offsets, words
from core.ingest.mapping.column_plan import ColumnPlan, Plan
from core.ingest.mapping.order_returns import LATE, as_refunds, late_returns, pay_refunded
from core.ingest.request import ROW_KEY, DecimalMark
from core.ingest.values import dates, numbers, typed_numbers
from core.ingest.values.moment_text import DateReading
from core.ingest.values.number_columns import mark_of_batch
from core.ingest.values.placeholders import ABSENT, without_placeholders
from core.ingest.values.typed_numbers import TypedColumn

FIGURES = frozenset({CellType.COUNT, CellType.NUMBER, CellType.MONEY, CellType.DURATION, CellType.RATING})
"""Cells that have a decimal mark."""
_SIGNED = frozenset({"units"})
"""Counts that are negative where something came back."""
_SHOWN = 60
"""How much of a bad cell its reason quotes."""

_WANTED = {
    CellType.DAY: "not a day like 2026-03-09",
    CellType.MOMENT: "not a moment like 2026-03-09T18:04:05+07:00",
    CellType.DEADLINE: "not a moment like 2026-03-09T18:04:05+07:00",
    CellType.COUNT: "not a whole number, 0 or more",
    CellType.RATING: "not a whole number from 1 to 5",
    CellType.NUMBER: "not a number",
    CellType.MONEY: "not an amount",
    CellType.DURATION: "not a duration like 1h39min, 0:05:12 or a number of seconds",
    CellType.WORD: "not text in this encoding",
    CellType.TEXT: "not text in this encoding",
}


@frozen
class _Fault:
    """What is wrong with some rows."""

    rows: Flags
    reason: Callable[[int], str]
    """The reason for one row, by its place in the batch."""


class CellParser:
    """Turns the texts of one export into typed batches."""

    def __init__(self, plan: Plan, zones: Zones) -> None:
        self._plan, self._zones = plan, zones
        self._required = frozenset(plan.kind.required)

    def batch(self, texts: TextBatch) -> Batch:
        """The typed batch of some text."""
        plan = self._plan
        texts = _kept(texts, plan)
        rows = len(texts.records)
        faults: list[_Fault] = []
        columns: dict[str, pa.Array] = {}
        moments: dict[str, tuple[ColumnPlan, dates.Times]] = {}
        for target_plan in plan.columns:
            text = column_text(texts, target_plan)
            if plan.own_clock and self._zones.is_utc and _has_clock(target_plan):
                text = without_offsets(text)
            if target_plan.cell.is_moment:
                result = dates.times(text, _reading(target_plan, plan))
                seconds, bad, unset = without_placeholders(result.seconds, text, result.bad, are_seconds=True)
                moments[target_plan.target] = target_plan, replace(result, seconds=seconds)
                faults += _fault(target_plan, text, bad)
                columns[target_plan.target] = seconds
            else:
                column = _multiplied(_typed(text, target_plan, plan), target_plan, texts, plan)
                values, bad, unset = column.values, column.bad, None
                if target_plan.cell is CellType.DAY:
                    values, bad, unset = without_placeholders(values, text, bad, are_seconds=False)
                faults += _fault(target_plan, text, bad)
                columns[target_plan.target] = values
            if target_plan.target in self._required:
                faults += _fault(target_plan, text, unset, "stands for no day")
                faults += _absent(target_plan.target, columns[target_plan.target], faults)
        if plan.key or plan.numbered:
            position = [pc.cast(arrow_array(texts.records), pa.string())] if plan.numbered else []
            # two systems may number their rows alike
            system = pa.repeat(pa.scalar(plan.preset or "", pa.string()), rows)
            parts = [_name_part(texts, target_plan, plan) for target_plan in plan.key]
            parts = [part.fill_null("") for part in parts] if plan.has_blank_names else parts
            columns[ROW_KEY] = joined_texts([system, *parts, *position])
            faults += _absent(ROW_KEY, columns[ROW_KEY], [])
        if plan.returns:
            columns |= as_refunds(columns, moments)
        elif plan.kind.name == "orders":
            pay_refunded(plan, columns, moments)
            late = late_returns(columns)
            faults += [_Fault(late, lambda _: LATE)] if late is not None else []
        markets = _markets(columns.get("market"), rows)
        for name, (target_plan, result) in moments.items():
            columns[name] = dates.to_utc(result, self._zones, markets, end_of_day=target_plan.cell is CellType.DEADLINE)
        days = self._days(columns, moments, markets)
        return _without(texts, columns, days, faults)

    def _days(
        self, columns: Mapping[str, pa.Array], moments: Mapping[str, tuple[ColumnPlan, dates.Times]], markets: Markets
    ) -> Ints | None:
        name = self._plan.kind.day
        if name is None:
            return None
        values: Ints = columns[name].fill_null(0).to_numpy()
        return dates.local_days(values, self._zones, markets) if name in moments else values


def _typed(text: pa.Array, target_plan: ColumnPlan, plan: Plan) -> TypedColumn:
    decimal = target_plan.decimal or plan.decimal
    if decimal == "auto" and target_plan.cell in FIGURES:
        whole = typed_numbers.cast_whole(text)
        if whole is not None and target_plan.cell is CellType.NUMBER and target_plan.times == 1.0:
            return TypedColumn(whole)
        decimal = _mark(target_plan, text) if whole is None else "."
    if target_plan.is_hour:
        return _hours(text, target_plan, plan)
    if target_plan.target == "currency":
        text = pc.utf8_upper(text)  # `eur` of one system is the EUR of another
    if target_plan.cell is CellType.WORD:
        return words(text, are_ids=target_plan.target.endswith("_id"))
    if target_plan.cell is CellType.TEXT:
        result = words(text, are_ids=target_plan.target.endswith("_id"))
        return TypedColumn(pc.cast(result.values, pa.string()), result.bad)
    if target_plan.cell is CellType.DAY:
        return TypedColumn(*dates.days(text, _reading(target_plan, plan)))
    if target_plan.cell is CellType.COUNT:
        least = None if target_plan.target in _SIGNED else 0
        return typed_numbers.whole_numbers(text, decimal, least=least)
    if target_plan.cell is CellType.RATING:
        return typed_numbers.whole_numbers(text, decimal, least=1, most=5)
    if target_plan.cell is CellType.MONEY:
        return typed_numbers.cents(text, decimal)
    if target_plan.cell is CellType.DURATION:
        return typed_numbers.durations(text, decimal)
    return typed_numbers.floats(text, decimal)


def _name_part(texts: TextBatch, target_plan: ColumnPlan, plan: Plan) -> pa.Array:
    """The text of a part of a row's name; a moment is written in one way, whatever the export's own."""
    text = column_text(texts, target_plan)
    if not target_plan.cell.is_moment:
        return text
    if all_match(text, _ISO_MOMENT):
        return pc.replace_substring_regex(text, _MIDNIGHT, "")
    seconds = dates.times(text, _reading(target_plan, plan)).seconds
    with_time = pc.strftime(pc.cast(seconds, pa.timestamp("s")), "%Y-%m-%d %H:%M:%S")
    has_seconds = pc.match_substring_regex(text, r":\d\d:\d\d")
    with_time = pc.if_else(has_seconds, with_time, pc.utf8_slice_codeunits(with_time, 0, len("2026-03-09 10:00")))
    return pc.replace_substring_regex(with_time, _MIDNIGHT, "")


_ISO_MOMENT = r"^\d{4}-\d\d-\d\d"
_MIDNIGHT = r"[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?$"
"""Spreadsheets write it behind days."""


def _has_clock(target_plan: ColumnPlan) -> bool:
    return target_plan.cell.is_moment or target_plan.cell is CellType.DAY or target_plan.is_hour


def _reading(target_plan: ColumnPlan, plan: Plan) -> DateReading:
    return target_plan.dates or DateReading(order=target_plan.date_order or plan.date_order)


def _hours(text: pa.Array, target_plan: ColumnPlan, plan: Plan) -> TypedColumn:
    seconds = dates.times(text, _reading(target_plan, plan)).seconds
    hours = pc.divide(pc.subtract(seconds, pc.multiply(pc.divide(seconds, DAY_SECONDS), DAY_SECONDS)), 3600)
    named = pa.array([f"{hour:02d}" for hour in range(24)])
    return TypedColumn(pa.DictionaryArray.from_arrays(hours.cast(pa.int32()), named))


def _mark(target_plan: ColumnPlan, text: pa.Array) -> DecimalMark:
    """The decimal mark of a column that had none in the rows that decided."""
    try:
        marked = text.filter(pc.match_substring_regex(text, "[.,]"))
        cells: list[str] = pc.unique(marked.drop_null()).to_pylist()
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return "."
    return mark_of_batch(target_plan.source or target_plan.target, cells)


def _multiplied(column: TypedColumn, target_plan: ColumnPlan, texts: TextBatch, plan: Plan) -> TypedColumn:
    if target_plan.times != 1.0 and target_plan.cell in FIGURES:
        product = pc.multiply(column.values, target_plan.times)
        is_whole = target_plan.cell not in {CellType.NUMBER, CellType.DURATION}  # cents, and what is counted
        column = TypedColumn(pc.cast(pc.round(product), pa.int64()) if is_whole else product, column.bad)
    if target_plan.by is None:
        return column
    decimal = target_plan.by_decimal or target_plan.decimal or plan.decimal
    by = texts.columns[target_plan.by]
    factor = typed_numbers.floats(by, _mark(target_plan, by) if decimal == "auto" else decimal)
    product = pc.multiply(column.values, factor.values)
    whole_cents = pc.cast(pc.round(product), pa.int64()) if target_plan.cell is CellType.MONEY else product
    bad = factor.bad if column.bad is None else column.bad if factor.bad is None else column.bad | factor.bad
    return TypedColumn(whole_cents, bad)


def _markets(market: pa.Array | None, rows: int) -> Markets:
    if market is None:
        return Markets.none(rows)
    recognized = tuple(market.dictionary.to_pylist())
    return Markets(market.indices.fill_null(len(recognized)).to_numpy().astype(np.intp), (*recognized, ""))


def _kept(texts: TextBatch, plan: Plan) -> TextBatch:
    """Without blank rows and those that the plan says are no data; nobody counts them as read."""
    drop = np.zeros(len(texts.records), bool)
    for name, cells in plan.drop.items():
        trimmed = pc.utf8_trim_whitespace(words(texts.columns[name]).values.cast(pa.string()))
        drop |= pc.is_in(trimmed, pa.array(sorted(cells))).to_numpy(zero_copy_only=False)
    if plan.description is not None and len(texts.records) and texts.records[0] == 0:
        drop[0] |= _is_words(texts.columns[plan.description][0].as_py())
    first = next(iter(texts.columns.values()), None)
    if first is not None and first.null_count:
        drop |= np.logical_and.reduce(
            [column.is_null().to_numpy(zero_copy_only=False) for column in texts.columns.values()]
        )
    return texts.kept(~drop) if drop.any() else texts


def _is_words(cell: str | None) -> bool:
    return not (cell is None or cell.strip().casefold() in ABSENT or numbers.is_number(cell))


def _fault(target_plan: ColumnPlan, text: pa.Array, bad: Flags | None, setting: str = "") -> list[_Fault]:
    if bad is None:
        return []

    def reason(row: int) -> str:
        cell = text[row].cast(pa.binary()).as_py().decode("utf-8", "replace")
        displayed = cell if len(cell) <= _SHOWN else cell[:_SHOWN] + "…"
        if re.fullmatch(ROUNDED_ID, cell.strip()) and target_plan.cell in {CellType.WORD, CellType.TEXT}:
            wanted = "an id that a spreadsheet has rounded; export ids as text"
            return f"{target_plan.source or target_plan.target}: {wanted}: {displayed!r}"
        return f"{target_plan.source or target_plan.target}: {setting or _WANTED[target_plan.cell]}: {displayed!r}"

    return [_Fault(bad, reason)]


def _absent(name: str, values: pa.Array, recognized: list[_Fault]) -> list[_Fault]:
    """The rows in which a required column is not given; those that are faulty already have their reason."""
    if not values.null_count:
        return []
    missing = values.is_null().to_numpy(zero_copy_only=False)
    for fault in recognized:
        missing = missing & ~fault.rows
    return [_Fault(missing, lambda _: f"{name}: not given")] if missing.any() else []


def _without(texts: TextBatch, columns: dict[str, pa.Array], days: Ints | None, faults: list[_Fault]) -> Batch:
    """The batch of the rows without faults; each refused row has the reasons of all its faults."""
    if not faults:
        return Batch(columns, texts.records, texts.refused, days)
    bad = np.logical_or.reduce([fault.rows for fault in faults])
    refused = tuple(
        RefusedRow(int(texts.records[row]), "; ".join(fault.reason(row) for fault in faults if fault.rows[row]))
        for row in np.flatnonzero(bad).tolist()
    )
    keep = arrow_array(~bad)
    return Batch(
        {name: column.filter(keep) for name, column in columns.items()},
        texts.records[~bad],
        tuple(sorted((*texts.refused, *refused), key=lambda target_plan: target_plan.record)),
        None if days is None else days[~bad],
    )
