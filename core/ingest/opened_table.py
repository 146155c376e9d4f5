"""One table of a source: where it is, what it is taken for and how it is read; opened, its rows are a stream."""

from dataclasses import replace

from core.base.count_text import count
from core.base.errors import UsageError
from core.ingest.formats.batch import Export, ExportTable
from core.ingest.formats.open_table import open_tables
from core.ingest.formats.sources import ExportSource
from core.ingest.layout import RegionRecords, TableRegion, find_regions
from core.ingest.mapping.column_plan import LISTS, is_assumed_paid
from core.ingest.mapping.mapping_file import Mapping as ExportMapping
from core.ingest.mapping.typed_batches import TypedBatches
from core.ingest.plans.earlier_loads import as_before, counted_columns, written_marks
from core.ingest.plans.row_identity import content_hashes, words_of_rows
from core.ingest.plans.table_plan import PlannedTable, plan_table, row_names
from core.ingest.recognition import RecognizedExport, recognize
from core.ingest.request import Request
from core.ingest.shapes.day_columns import turned
from core.ingest.shapes.head_rows import HEADS
from core.ingest.shapes.marked_cells import without_marks
from core.ingest.shapes.metric_rows import REPEATED, SPREAD
from core.ingest.shapes.reshaped_rows import reshaped
from core.ingest.shapes.sheet_layout import split_blocks, split_columns
from core.ingest.shapes.state_rows import HISTORY
from core.ingest.values.date_columns import is_date


def tables_of(source: ExportSource, encoding: str | None) -> list[tuple[ExportTable, TableRegion]]:
    """The tables of a file. Raises UsageError when it is none, or nobody can say where a table begins."""
    tables = open_tables(source, encoding)
    try:
        return [
            item
            for table in tables
            for block in split_blocks(split_columns(without_marks(table)))
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


def opened_table(
    source: ExportSource, table: ExportTable, region: TableRegion, mapping: ExportMapping | None, request: Request
) -> tuple[Export, int]:
    """The export, and which row of the file is its header."""
    recognized, planned = describe_table(source, table, region, mapping, request)
    plan, records, header = planned.plan, planned.records, region.offset + recognized.header
    # a list of accounts has a row for each of their roles: what is not read tells no account apart
    telling = plan.sources if plan.kind.name in LISTS else recognized.names
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
        written={
            **written_marks(plan),
            **({"totals": planned.totals} if planned.totals else {}),
            **({"figures": figures} if (figures := counted_columns(plan)) else {}),
        },
        totals={
            column.target: words
            for column in plan.columns
            if column.target in plan.dimensions and (words := planned.totals.get(column.source or ""))
        },
        notes=(*plan.notes, *said_of(table)),
        source=planned.source,
        duplicates=request.duplicates,
        overlaps=plan.overlaps,
        several="joined" in table.describe or "looked up" in table.describe,
        once=tuple(column.target for column in plan.columns if column.once is not None),
        is_assumed_paid=mapping is None and is_assumed_paid(plan),
        is_partial=SPREAD in table.describe,
        header=table.header_line(header),
        has_days=planned.has_days,
        spare_words=_spare_words(planned),
        spare_cells=_spare_cells(planned),
        unkept=plan.unkept,
        currencies=planned.currencies,
        batches=TypedBatches(records, recognized.names, plan, request.zones),
        fraction=records.fraction,
        locate=records.locate,
        contents=lambda chosen: content_hashes(records, telling, chosen),
    )
    return export, header


_MOST_WORDS = 50
_ROWS_OF_EACH = 2
"""Rows that a word of several has on average; words of one row each are remarks, names of pages, or numbers of tickets."""


def _spare_words(planned: PlannedTable) -> dict[str, tuple[str, ...]]:
    """The words of columns that are left out, a few in all rows that were looked at or one in each of them."""
    left_out = (planned.columns[name] for name in planned.plan.spare)
    return {
        column.name: tuple(map(str, column.cells))
        for column in left_out
        if column.filled == column.rows
        and not column.is_remark
        and (len(column.cells) == 1 or len(column.cells) <= min(_MOST_WORDS, column.rows / _ROWS_OF_EACH))
    }


_MOST_ROWS = 1000
"""Rows of a file whose words are kept. It may be a part of one with several rows for each day, and have none twice: every second
row of it, say."""


def _spare_cells(planned: PlannedTable) -> dict[str, dict[str, str]]:
    """The words of columns that are left out of the rows of a short file, which are known by their day and slice."""
    left_out = [planned.columns[name] for name in planned.plan.spare]
    names = [column.name for column in left_out if column.filled == column.rows <= _MOST_ROWS and not column.is_remark]
    return words_of_rows(planned.plan, planned.records, names) if names and not planned.plan.key else {}


_SAID = {
    "joined": "joined with {}",
    "looked up": "its rows are looked up in {}",
    "uncomputed formulas": "formulas that were never computed count as not given ({} cells): open the workbook in a spreadsheet "
    "program, save it there, and load it again",
    "columns of days": "its columns are days ({}): each figure counts on the day above it",
    "columns of hours": "its columns are times of day ({}), each a row of its own",
    SPREAD: "the words of {} are figures of their own",
    HEADS: "rows of whole orders say more of their lines, and are not counted themselves ({})",
    HISTORY: "its rows are changes of {}: each thing counts once, with the time of each state",
    "hidden sheets": "left out hidden sheets: {}",
}
"""What a person should know of a table by what describes it."""


def said_of(table: ExportTable) -> tuple[str, ...]:
    """What a person should know about how the table was read."""
    notes = [text.format(table.describe[key]) for key, text in _SAID.items() if key in table.describe]
    if REPEATED in table.describe:
        figures = int(table.describe[REPEATED])
        is_one = figures == 1
        said = f"{count(figures, 'figure')} {'appears' if is_one else 'appear'} twice with the same value"
        notes.append(f"{said}, and {'counts' if is_one else 'count'} once")
    if "other lists" in table.describe:
        notes.append(
            f"read {table.describe['list']}, the longest list of the document; left out: {table.describe['other lists']}. "
            "Save each as a file of its own to load it"
        )
    encoding = table.describe.get("encoding", "utf-8")
    if not encoding.startswith("utf"):
        notes.append(f"read as {encoding}, not being UTF-8; if letters look wrong, give another with --encoding")
    return tuple(notes)
