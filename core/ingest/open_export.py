"""From a source to open exports: what its tables are, how their columns are read, their rows as a stream."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.base.errors import MissingColumn, UsageError, WrongOption
from core.catalogue.kinds import KINDS
from core.ingest.earlier_loads import as_before, written_marks
from core.ingest.formats.batch import Export, ExportTable, Located, RefusedRow
from core.ingest.formats.open_table import open_tables
from core.ingest.formats.sources import ExportSource
from core.ingest.layout import RegionRecords, TableRegion, find_regions
from core.ingest.mapping.mapping_file import Mapping as ExportMapping
from core.ingest.mapping.mapping_toml import read_mapping
from core.ingest.mapping.typed_batches import BatchesWithRefused, TypedBatches
from core.ingest.multi_file import FilePart, JoinedTable, find_parts, may_be_part
from core.ingest.presets import preset, preset_heads
from core.ingest.recognition import RecognizedExport, recognize
from core.ingest.request import Request
from core.ingest.row_identity import content_hashes
from core.ingest.shapes.day_columns import turned
from core.ingest.shapes.metric_rows import REPEATED, SPREAD
from core.ingest.shapes.reshaped_rows import reshaped
from core.ingest.shapes.sheet_layout import SHEET, split_blocks, split_columns, with_sheet
from core.ingest.shapes.state_rows import HISTORY
from core.ingest.table_plan import PlannedTable, plan_table, row_names
from core.ingest.values.date_columns import is_date
from core.ingest.values.moment_text import day_range


def open_exports(source: ExportSource, request: Request) -> list[Export]:
    """Recognises the tables of a file and opens them; most files have one.

    Raises UsageError when none can be an export, or the user has to decide something.
    """
    mapping = read_mapping(request.mapping) if request.mapping else None
    tables = tables_of(source, request.encoding)
    if len(tables) > 1 and SHEET in map(str.casefold, request.dimensions):
        tables = [_sheeted(table, region) for table, region in tables]
    if len(tables) == 1:
        return [_opened(source, *tables[0], mapping, request)[0]]
    opened: list[_OpenedTable] = []
    left_out: list[str] = []
    refused: list[tuple[ExportTable, TableRegion, str]] = []
    sliced = _SlicedTables(request)
    for table, region in tables:
        title = table.describe.get("sheet") or region.title or "untitled"
        try:
            export, header = sliced.open(source, table, region, mapping)
        except WrongOption:
            raise
        except UsageError as error:
            why = str(error).removeprefix(source.name).lstrip(": ").rstrip(".")
            left_out.append(_left_out(title, region, why))
            refused.append((table, region, f"in the table {title!r}, which is not loaded: {why}"))
            continue
        opened.append(_OpenedTable(table, region, title, header, replace(export, path=f"{source.name} [{title}]")))
    sliced.check()
    lost = sum(len(region.data_rows) for _, region, _ in refused if _is_dated(region))
    if not opened or lost > sum(len(item.region.data_rows) for item in opened):
        which = "most rows of its {} tables cannot be loaded" if opened else "none of its {} tables can be loaded"
        more = f"; and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
        raise UsageError(f"{source.name}: {which.format(len(tables))}: {'; '.join(left_out[:_NAMED])}{more}.")
    dated = [item for item in opened if item.export.has_days]
    if dated:
        why = "it has no days: other tables of the file tell the same figures by day"
        left_out += [_left_out(item.title, item.region, why) for item in opened if not item.export.has_days]
        dated, repeats = _without_repeats(dated)
        left_out += repeats
    for table, region, reason in refused:
        loaded = next((item for item in dated or opened if item.table is table), None)
        if loaded is not None:
            loaded.refuse(region, reason)
    result = [item.export for item in dated or opened]
    if left_out:
        result[0] = replace(result[0], notes=(f"left out: {'; '.join(left_out)}", *result[0].notes))
    return result


class _SlicedTables:
    """Opens tables of one file, each sliced by those of the columns asked for that it has."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._found: set[str] = set()
        self._error: MissingColumn | None = None

    def open(
        self, source: ExportSource, table: ExportTable, region: TableRegion, mapping: ExportMapping | None
    ) -> tuple[Export, int]:
        """The export, and which row of the file is its header."""
        try:
            result = _opened(source, table, region, mapping, self._request)
        except MissingColumn as error:
            self._error = self._error or error
            kept = [
                name
                for name in self._request.dimensions
                if _has_column(source, table, region, mapping, replace(self._request, dimensions=(name,)))
            ]
            self._found.update(kept)
            return _opened(source, table, region, mapping, replace(self._request, dimensions=tuple(kept)))
        self._found.update(self._request.dimensions)
        return result

    def check(self) -> None:
        """Raises MissingColumn when no table has one of the columns."""
        if self._error is not None and not self._found.issuperset(self._request.dimensions):
            raise self._error


def _has_column(
    source: ExportSource, table: ExportTable, region: TableRegion, mapping: ExportMapping | None, request: Request
) -> bool:
    try:
        describe_table(source, table, region, mapping, request)
    except MissingColumn:
        return False
    return True


def _sheeted(table: ExportTable, region: TableRegion) -> tuple[ExportTable, TableRegion]:
    """A table of a sheet with the name of the sheet in each row, where it is the only table there."""
    made = with_sheet(table, region.offset + region.header) if region.header is not None and region.is_whole else table
    regions = find_regions(made)
    return (made, regions[0]) if made is not table and len(regions) == 1 else (table, region)


def _without_repeats(dated: Sequence["_OpenedTable"]) -> tuple[list["_OpenedTable"], list[str]]:
    """The tables without those that repeat the figures of others, and what to say of these: totals of a period next to
    tables of days, and further sheets of a known system with the columns and days of one before (orders made, orders paid).
    """
    result: list[_OpenedTable] = []
    left_out: list[str] = []
    periods = [_is_of_period(item.region) for item in dated]
    for item, is_period in zip(dated, periods, strict=True):
        twin = next((other for other in result if _is_cut_of(item, other)), None)
        if is_period and not all(periods):
            left_out.append(
                _left_out(item.title, item.region, "it is of a period: other tables of the file are of its days")
            )
        elif twin is not None:
            why = f"it has the columns and days of {twin.title!r}. To load it instead, save it as a file of its own"
            left_out.append(_left_out(item.title, item.region, why))
        else:
            result.append(item)
    return result, left_out


def _is_of_period(region: TableRegion) -> bool:
    """Whether each row of a table is of a range of days."""
    rows = [region.rows[row - region.offset] for row in region.data_rows]
    return bool(rows) and all(any(day_range(cell.strip()) for cell in row) for row in rows)


def _is_cut_of(item: "_OpenedTable", other: "_OpenedTable") -> bool:
    """Whether a sheet of a known system's workbook has the columns of another one, and days of it."""
    if item.export.preset is None or item.export.preset != other.export.preset or item.table is other.table:
        return False
    return item.export.header == other.export.header and not _days(item.region).isdisjoint(_days(other.region))


def _days(region: TableRegion) -> set[str]:
    """The days of a table, as it writes them."""
    cells = (cell.strip() for row in region.data_rows for cell in region.rows[row - region.offset][:_DAY_COLUMNS])
    return {cell for cell in cells if is_date(cell)}


_DAY_COLUMNS = 3
"""How far to the right a day is looked for."""


def _is_dated(region: TableRegion) -> bool:
    """Whether the first row of a table has a day, so that other tables of the file do not tell its figures by day."""
    first = next(iter(region.data_rows), None)
    return first is not None and any(is_date(cell.strip()) for cell in region.rows[first - region.offset])


def tables_of(source: ExportSource, encoding: str | None) -> list[tuple[ExportTable, TableRegion]]:
    """The tables of a file. Raises UsageError when it is none, or nobody can say where a table begins."""
    tables = open_tables(source, encoding)
    try:
        return [
            item
            for table in tables
            for block in split_blocks(split_columns(table))
            for item in _regions(turned(block, source.name), source.name)
        ]
    except UsageError as error:
        raise UsageError(f"{source.name}: {error}") from None


def _regions(table: ExportTable, path: str) -> list[tuple[ExportTable, TableRegion]]:
    """The tables of a sheet or file, each with what it stands in: itself, or one made of it."""
    regions = find_regions(table)
    made = reshaped(table, regions, path)
    sheet = table.describe.get("sheet", "")
    above = (sheet,) if is_date(sheet) else ()  # a sheet for each day
    found = regions if made is table else find_regions(made)
    return [(made, replace(region, above=(*region.above, *above))) for region in found]


_NAMED = 5
"""Tables that a refusal names."""


@dataclass(slots=True)
class _OpenedTable:
    """A table of a file with several."""

    table: ExportTable
    region: TableRegion
    title: str
    header: int
    """Which row of the file is its header."""
    export: Export

    def refuse(self, region: TableRegion, reason: str) -> None:
        """Counts the rows of another table of the same sheet, which cannot be loaded, among the refused rows of this one."""
        rows = tuple(RefusedRow(row - self.header - 1, reason) for row in region.data_rows)
        self.export = replace(self.export, batches=BatchesWithRefused(self.export.batches, rows), locate=self._locate)

    def _locate(self, records: Iterable[int]) -> Located:
        """Where rows of the file are, counted from the header of this table; those above it are negative."""
        below_first = self.table.records(0, self.table.rows[0])
        for record, line, raw in below_first.locate(record + self.header for record in records):
            yield record - self.header, line, raw


def _left_out(title: str, region: TableRegion, why: str) -> str:
    """A table that is not loaded, how many rows it has, and why."""
    count = len(region.data_rows)
    return f"{title!r} ({count:,} {'row' if count == 1 else 'rows'}: {why})"


def open_sets(
    result: Sequence[ExportSource], request: Request
) -> tuple[dict[ExportSource, Export], frozenset[ExportSource]]:
    """The exports that several of these files make together, by their main file, and every file that is used up by one.

    Raises UsageError when a file that is needed is missing.
    """
    if request.mapping is not None or request.as_kind in KINDS:
        return {}, frozenset()
    exports: dict[ExportSource, Export] = {}
    used: set[ExportSource] = set()
    for head in (item for item in preset_heads() if item.parts and request.as_kind in {None, item.name}):
        if not any(may_be_part(source, head.parts) for source in result):
            continue
        mapping = preset(head.name)
        parts = find_parts(
            [FilePart.parse(name, data) for name, data in mapping.parts.items()], result, request.encoding
        )
        if parts:
            table = JoinedTable(parts)
            exports[parts[0].source], _ = _opened(parts[0].source, table, find_regions(table)[0], mapping, request)
            used |= {part.source for part in parts if not part.part.alone}
    return exports, frozenset(used)


def describe_table(
    source: ExportSource, table: ExportTable, region: TableRegion, mapping: ExportMapping | None, request: Request
) -> tuple[RecognizedExport, PlannedTable]:
    """What a table is taken for, and how it is read. Raises UsageError when it cannot be an export."""
    requested = request.as_kind
    try:
        recognized = recognize(region, request.as_kind, mapping)
        header = region.offset + recognized.header
        recognized, request = as_before(recognized, region, table.header_line(header), request)
        records = RegionRecords(table.records(header, recognized.names), region, recognized.header)
        return recognized, plan_table(source, region, recognized, records, table.header_line(header), request)
    except UsageError as error:
        is_as_before = request.as_kind != requested
        why = f"taken for {request.as_kind}, as an earlier load of the same columns was: " if is_as_before else ""
        raise type(error)(f"{source.name}: {why}{error}") from None


def _opened(
    source: ExportSource, table: ExportTable, region: TableRegion, mapping: ExportMapping | None, request: Request
) -> tuple[Export, int]:
    """The export, and which row of the file is its header."""
    recognized, planned = describe_table(source, table, region, mapping, request)
    plan, records, header = planned.plan, planned.records, region.offset + recognized.header
    export = Export(
        path=source.name,
        kind=plan.kind,
        preset=plan.preset,
        cells={column.target: column.cell for column in plan.columns},
        dimensions=plan.dimensions,
        measures=plan.measures,
        rates=plan.rates,
        ratios=tuple((item.name, item.numerator, item.denominator, item.scale) for item in plan.ratios),
        keyed=bool(plan.key) or plan.numbered,
        row_names=row_names(plan),
        written={**written_marks(plan), **({"totals": planned.totals} if planned.totals else {})},
        totals={
            column.target: words
            for column in plan.columns
            if column.target in plan.dimensions and (words := planned.totals.get(column.source or ""))
        },
        notes=(*plan.notes, *_said(table)),
        source=planned.source,
        duplicates=request.duplicates,
        overlaps=plan.overlaps,
        several="joined" in table.describe,
        once=tuple(column.target for column in plan.columns if column.once is not None),
        is_partial=SPREAD in table.describe,
        header=table.header_line(header),
        has_days=planned.has_days,
        constants=_constants(planned),
        currencies=planned.currencies,
        batches=TypedBatches(records, recognized.names, plan, request.zones),
        fraction=records.fraction,
        locate=records.locate,
        contents=lambda chosen: content_hashes(records, recognized.names, chosen),
    )
    return export, header


def _constants(planned: PlannedTable) -> dict[str, str]:
    """The columns of words that are left out and have the same word in every row that was looked at."""
    left_out = (planned.columns[name] for name in planned.plan.spare)
    return {
        column.name: column.samples[0]
        for column in left_out
        if len(column.cells) == 1 and column.filled == column.rows and not column.is_remark
    }


def _said(table: ExportTable) -> tuple[str, ...]:
    """What a person should know about how the table was read."""
    notes = [f"joined with {table.describe['joined']}"] if "joined" in table.describe else []
    if "uncomputed formulas" in table.describe:
        notes.append(
            f"formulas that were never computed count as not given ({table.describe['uncomputed formulas']} cells): open the "
            "workbook in a spreadsheet program, save it there, and load it again"
        )
    if "columns of days" in table.describe:
        notes.append(
            f"its columns are days ({table.describe['columns of days']}): each figure counts on the day above it"
        )
    if "columns of hours" in table.describe:
        notes.append(f"its columns are times of day ({table.describe['columns of hours']}), each a row of its own")
    if SPREAD in table.describe:
        notes.append(f"the words of {table.describe[SPREAD]} are figures of their own")
    if HISTORY in table.describe:
        notes.append(
            f"its rows are changes of {table.describe[HISTORY]}: each thing counts once, with the time of each state"
        )
    if REPEATED in table.describe:
        count = int(table.describe[REPEATED])
        said = "1 figure is" if count == 1 else f"{count:,} figures are"
        notes.append(f"{said} there twice with the same value, and {'counts' if count == 1 else 'count'} once")
    if "hidden sheets" in table.describe:
        notes.append(f"left out hidden sheets: {table.describe['hidden sheets']}")
    if "other lists" in table.describe:
        notes.append(
            f"read {table.describe['list']}, the longest list of the document; left out: {table.describe['other lists']}. "
            "Save each as a file of its own to load it"
        )
    encoding = table.describe.get("encoding", "utf-8")
    if not encoding.startswith("utf"):
        notes.append(f"read as {encoding}, not being UTF-8; if letters look wrong, say another with --encoding")
    return tuple(notes)
