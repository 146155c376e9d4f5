"""From a source to an open export: what it is, how its columns are read, its rows as a stream."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.base.arrays import Ints
from core.base.days import iso
from core.base.errors import UsageError
from core.base.time_zones import Zones
from core.catalogue.kinds import KINDS, SOURCE, CellType
from core.ingest.formats.batch import Batch, Export
from core.ingest.formats.open_table import open_table
from core.ingest.formats.prefetch import mapped, prefetch
from core.ingest.formats.sources import STDIN, ExportSource
from core.ingest.formats.table_protocol import ExportTable, Records
from core.ingest.formats.text_hash import text_hashes
from core.ingest.mapping.cell_parsing import CellParser, whole
from core.ingest.mapping.column_plan import ColumnPlan, Plan, canonical
from core.ingest.mapping.mapping_file import Mapping, read_mapping
from core.ingest.multi_file import FilePart, JoinedTable, find_parts
from core.ingest.presets import presets
from core.ingest.recognition import RecognizedExport, recognize
from core.ingest.request import DateOrder, DecimalMark, Request
from core.ingest.values import numbers
from core.ingest.values.dates import day_in_name, day_in_text, is_ambiguous, orders_seen

_AHEAD = 1
"""Blocks of text that are parsed before they are wanted."""
_TYPISTS = 2
"""Threads that turn text into values."""
_FIGURES = frozenset({CellType.COUNT, CellType.NUMBER, CellType.MONEY})
_NUMERIC_SHARE = 0.9
"""A column is one of figures when so many of its cells are; the others are refused."""
_CHECKED = 2_000
"""How many different cells decide that."""


def open_export(source: ExportSource, request: Request) -> Export:
    """Recognises an export and opens it. Raises UsageError when it cannot be one, or the user has to decide something."""
    table = open_table(source, request.encoding)
    mapping = read_mapping(request.mapping) if request.mapping else None
    return _opened(source, table, mapping, request)


def open_sets(
    found: Sequence[ExportSource], request: Request
) -> tuple[dict[ExportSource, Export], frozenset[ExportSource]]:
    """The exports that several of these files make together, by their main file, and every file that is used up by one.

    Raises UsageError when a file that is needed is missing.
    """
    if request.mapping is not None or request.as_kind in KINDS:
        return {}, frozenset()
    exports: dict[ExportSource, Export] = {}
    used: set[ExportSource] = set()
    for mapping in (one for one in presets().values() if one.parts and request.as_kind in {None, one.name}):
        parts = find_parts(
            [FilePart.parse(name, data) for name, data in mapping.parts.items()], found, request.encoding
        )
        if parts:
            exports[parts[0].source] = _opened(parts[0].source, JoinedTable(parts), mapping, request)
            used |= {one.source for one in parts if not one.part.alone}
    return exports, frozenset(used)


def _opened(source: ExportSource, table: ExportTable, mapping: Mapping | None, request: Request) -> Export:
    try:
        known = recognize(table.rows, request.as_kind, mapping)
        records = table.records(known.header, known.names)
        plan = _marked(_decided(_plan(records, known, request), records), records, known.names)
        plan = _from_source(plan, request)
        plan = _dated(plan, source, request.day, [cell for row in table.rows[: known.header] for cell in row])
    except UsageError as error:
        raise UsageError(f"{source.name}: {error}") from None
    return Export(
        path=source.name,
        kind=plan.kind,
        preset=plan.preset,
        cells={one.target: one.cell for one in plan.columns},
        dimensions=plan.dimensions,
        measures=plan.measures,
        keyed=bool(plan.key) or plan.numbered,
        notes=(*plan.notes, *_said(table)),
        source=next((column.constant for column in plan.columns if column.target == SOURCE), None),
        duplicates=request.duplicates,
        overlaps=plan.overlaps,
        several="joined" in table.describe,
        header=table.header_line(known.header),
        batches=_Stream(records, plan, request.zones),
        fraction=getattr(records, "fraction", lambda: None),
        locate=records.locate,
        contents=lambda chosen: content_hashes(records, known.names, chosen),
    )


def _from_source(plan: Plan, request: Request) -> Plan:
    """The plan with the source of its rows. Raises UsageError when the user names one and the file names its own."""
    named = next((column for column in plan.columns if column.target == SOURCE), None)
    if named is not None and request.source is not None:
        raise UsageError(f"its column {named.source!r} gives the source of each row. Leave out --source.")
    source = request.source or plan.preset
    if named is not None or source is None or not plan.kind.is_fact:
        return plan
    return replace(
        plan,
        columns=(*plan.columns, ColumnPlan(SOURCE, CellType.WORD, constant=source)),
        dimensions=(*plan.dimensions, SOURCE),
    )


def content_hashes(records: Records, names: Sequence[str], chosen: Ints) -> NDArray[np.uint64]:
    """A hash of all cells of each chosen record, in their order; shape (n,)."""
    found = np.zeros(len(chosen), np.uint64)
    order = np.argsort(chosen)
    wanted = chosen[order]
    for texts in records.texts(names):
        place = np.minimum(np.searchsorted(wanted, texts.records), len(wanted) - 1)
        rows = np.flatnonzero(wanted[place] == texts.records)
        if len(rows):
            cells = [column.take(pa.array(rows)).fill_null("") for column in texts.columns.values()]
            found[order[place[rows]]] = text_hashes(cells)
    return found


def _said(table: ExportTable) -> tuple[str, ...]:
    """What a person should know about how the table was read."""
    notes = [f"joined with {table.describe['joined']}"] if "joined" in table.describe else []
    encoding = table.describe.get("encoding", "utf-8")
    if encoding.startswith("cp"):
        notes.append(f"read as {encoding}, not being UTF-8; if letters look wrong, say another with --encoding")
    return tuple(notes)


class _Stream:
    """The typed batches of an export, from the start each time."""

    def __init__(self, records: Records, plan: Plan, zones: Zones) -> None:
        self._records, self._plan, self._zones = records, plan, zones

    def __iter__(self) -> Iterator[Batch]:
        texts = self._records.texts(self._plan.sources)
        texts = whole(texts) if self._plan.is_whole else prefetch(texts, _AHEAD)
        return mapped(CellParser(self._plan, self._zones).batch, texts, _TYPISTS)


def _plan(records: Records, known: RecognizedExport, request: Request) -> Plan:
    if known.mapping is not None:
        mapping = known.mapping
        numeric = {} if mapping.others == "ignore" else numeric_columns(records, _unknown(known.names, mapping))
        plan = mapping.plan(known.names, numeric, request.dimensions, request.date_order)
        return replace(plan, decimal=request.decimal or plan.decimal)
    kind, numeric = known.kind, {}
    if kind.name == "daily":
        asked = {name.casefold() for name in request.dimensions}
        numeric = numeric_columns(
            records, [name for name in known.names if name.casefold() not in kind.columns.keys() | asked]
        )
    plan = canonical(kind, known.names, numeric, request.dimensions)
    return replace(plan, date_order=request.date_order, decimal=request.decimal or ".")


def _unknown(header: Sequence[str], mapping: Mapping) -> list[str]:
    return [name for name in header if name.casefold() not in mapping.sources]


def _decided(plan: Plan, records: Records) -> Plan:
    """The plan with the order of day and month decided, on all cells of all its columns of dates.

    Raises UsageError when no cell decides, or cells contradict each other.
    """
    open_ones = {one.source: one for one in plan.undecided_dates if one.source is not None}
    seen: set[DateOrder] = set()
    example = None
    for number, texts in enumerate(records.texts(open_ones) if open_ones else ()):
        cells = {
            cell for column in texts.columns.values() for cell in _different(_unclear(column)) if is_ambiguous(cell)
        }
        if number == 0 and not cells:
            return plan  # what comes later in another shape is refused row by row
        seen |= orders_seen(cells)
        example = example or next(iter(sorted(cells)), None)
    if example is None:
        return plan
    if len(seen) != 1:
        why = "no date has a day over 12" if not seen else "some dates have the day first, others the month"
        raise UsageError(
            f"is {example} day first or month first? {why.capitalize()}. Say --date-order dmy or --date-order mdy."
        )
    return replace(plan, date_order=seen.pop())


def _unclear(column: pa.Array) -> pa.Array:
    """A column without the cells that begin with a year: of most columns nothing is left."""
    return column.filter(pc.invert(pc.match_substring_regex(column, r"^\s*\d{4}[-/.]")))


def _marked(plan: Plan, records: Records, header: Sequence[str]) -> Plan:
    """The plan with the decimal mark decided, on all cells of all its columns of figures. Raises UsageError when none decides."""
    if plan.decimal != "auto":
        return plan
    figures = {
        name for one in plan.columns if one.cell in _FIGURES for name in (one.source, one.by) if name is not None
    }
    seen: set[DecimalMark] = set()
    in_rates: set[DecimalMark] = set()
    example = None
    for texts in records.texts(header) if figures else ():
        cells = {cell for name, column in texts.columns.items() if name in figures for cell in _different(column)}
        seen |= numbers.marks_seen(cells)
        rates = {cell for column in texts.columns.values() for cell in _different(column) if cell.endswith("%")}
        in_rates |= numbers.marks_seen(rates)
        example = example or next(iter(sorted(filter(numbers.is_ambiguous, cells))), None)
    if len(seen) > 1:
        raise UsageError(
            "some figures have a point before their decimals, others a comma. Map the columns apart (--map)."
        )
    if not seen and len(in_rates) == 1:
        seen = in_rates  # a rate that is left out is written like the figures beside it
    if not seen and example is not None:
        raise UsageError(
            f"is {example} more than a thousand, or a fraction? No figure decides. Say --decimal . or --decimal ,"
        )
    return replace(plan, decimal=seen.pop() if seen else ".")


def _different(column: pa.Array) -> list[str]:
    try:
        found: list[str] = pc.unique(column.drop_null()).to_pylist()
    except UnicodeDecodeError:
        return []
    return found


def _dated(plan: Plan, source: ExportSource, day: int | None, preamble: Sequence[str]) -> Plan:
    """The plan with the day of an export that has no column for it."""
    if not any(one.from_file for one in plan.columns):
        return plan
    said = day_in_text(preamble) if day is None else day
    named = said if said is not None else day_in_name(Path(source.name).name)
    if named is None and source.path == STDIN:
        raise UsageError("it does not say which day it is of. Say --day 2026-03-09.")
    found = named if named is not None else _written_on(source.path)
    columns = tuple(replace(one, constant=iso(found)) if one.from_file else one for one in plan.columns)
    how = "the day that the file was written; say another with --day"
    if named is not None:
        how = (
            "as asked"
            if day is not None
            else "by its name"
            if said is None
            else "the last day of the period above its header"
        )
    return replace(
        plan, columns=columns, notes=(*plan.notes, f"it has no days: all of it counts on {iso(found)}, {how}")
    )


def _written_on(path: Path) -> int:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().toordinal() - date(1970, 1, 1).toordinal()


def numeric_columns(records: Records, names: Sequence[str]) -> dict[str, bool]:
    """Of columns: whether they are ones of figures, by the first block in which they have cells. Blank ones are left out."""
    open_ones = list(names)
    found: dict[str, bool] = {}
    for texts in records.texts(open_ones) if open_ones else ():
        given = [name for name in open_ones if texts.columns[name].null_count < len(texts.columns[name])]
        found |= {name: _is_numeric(texts.columns[name]) for name in given}
        open_ones = [name for name in open_ones if name not in found]
        if not open_ones:
            break
    return found


def _is_numeric(text: pa.Array) -> bool:
    different = pc.unique(text.drop_null()[: 2 * _CHECKED])[:_CHECKED]
    found = numbers.floats(different)
    bad = 0 if found.bad is None else int(found.bad.sum())
    return bad <= (1 - _NUMERIC_SHARE) * len(different)
