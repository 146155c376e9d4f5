"""From a source to open exports: what its tables are, how their columns are read, their rows as a stream."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.count_text import count
from core.base.errors import UsageError, WrongOption
from core.catalogue.kinds import KINDS, SLICE
from core.ingest.formats.batch import Batches, Export, ExportTable, Located, RefusedRow
from core.ingest.formats.sources import ExportSource, may_hold
from core.ingest.layout import TableRegion, find_regions
from core.ingest.mapping.typed_batches import with_last
from core.ingest.opened_table import opened_table, tables_of
from core.ingest.presets import preset, preset_heads
from core.ingest.request import Request, SharedDimensions
from core.ingest.shapes.sheet_layout import SHEET, with_sheet
from core.ingest.values.date_columns import is_date
from core.ingest.values.moment_text import day_range

if TYPE_CHECKING:
    from core.ingest.lookups.lookup_tables import LookupTable
    from core.ingest.mapping.mapping_file import Mapping


def open_exports(source: ExportSource, request: Request, lookups: Sequence["LookupTable"] = ()) -> list[Export]:
    """Recognises the tables of a file and opens them; most files have one. `lookups` say more of what its rows name by a key.

    Raises UsageError when none can be an export, or the user has to decide something.
    """
    mapping = None
    if request.mapping is not None:
        from core.ingest.mapping.mapping_toml import read_mapping  # 0.4 ms, which few loads need

        mapping = read_mapping(request.mapping)
    tables, notes = joined_tables(source, request, lookups)
    if len(tables) > 1:
        first, *others = _of_several(source, tables, mapping, request)
        return [replace(first, notes=(*notes, *first.notes)), *others]
    table, region = tables[0]
    export, _ = opened_table(source, table, region, mapping, request)
    export = replace(export, notes=(*notes, *export.notes)) if notes else export
    return (
        [export]
        if mapping is not None or request.as_kind is not None
        else _of_both(source, table, region, export, request)
    )


def joined_tables(
    source: ExportSource, request: Request, lookups: Sequence["LookupTable"] = ()
) -> tuple[Sequence[tuple[ExportTable, TableRegion]], tuple[str, ...]]:
    """The tables of a file with what `lookups`, and sheets of its own, say of their rows, and what to say of these sheets."""
    tables = tables_of(source, request.encoding)
    if lookups:
        tables = [_looked_up(table, region, lookups) for table, region in tables]
    if len(tables) > 1 and request.mapping is None and request.as_kind in {None, "orders"}:
        return _with_lists(tables)
    return tables, ()


def _of_several(
    source: ExportSource,
    tables: Sequence[tuple[ExportTable, TableRegion]],
    mapping: "Mapping | None",
    request: Request,
) -> list[Export]:
    """The tables of a file with several, those left out that no export is of or whose figures others have by day, which is said.

    Raises UsageError where most rows would be lost.
    """
    if SHEET in map(str.casefold, request.dimensions):
        tables = [_sheeted(table, region) for table, region in tables]
    opened: list[_OpenedTable] = []
    left_out: list[str] = []
    refused: list[tuple[ExportTable, TableRegion, str]] = []
    shared = SharedDimensions()
    for table, region in tables:
        title = table.describe.get("sheet") or region.title or "untitled"
        try:
            (export, header), *_ = shared.opened(request, partial(opened_table, source, table, region, mapping))
        except WrongOption:
            raise
        except UsageError as error:
            why = str(error).removeprefix(source.name).lstrip(": ").rstrip(".")
            left_out.append(_left_out(title, region, why))
            refused.append((table, region, f"in the table {title!r}, which is not loaded: {why}"))
            continue
        opened.append(_OpenedTable(table, region, title, header, replace(export, path=f"{source.name} [{title}]")))
    shared.check()
    lost = sum(len(region.data_rows) for _, region, _ in refused if _is_dated(region))
    if not opened or lost > sum(len(item.region.data_rows) for item in opened):
        which = "most rows of its {} tables cannot be loaded" if opened else "none of its {} tables can be loaded"
        more = f"; and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
        raise UsageError(f"{source.name}: {which.format(len(tables))}: {'; '.join(left_out[:_NAMED])}{more}.")
    dated = [item for item in opened if item.export.has_days]
    if dated:
        why = "it has no days: other tables of the file have the same figures by day"
        left_out += [_left_out(item.title, item.region, why) for item in opened if not item.export.has_days]
        dated, repeats = _without_repeats(dated)
        left_out += repeats
    for table, region, reason in refused:
        loaded = next((item for item in dated or opened if item.table is table), None)
        if loaded is not None:
            loaded.refuse(region, reason)
    kept = dated or opened
    if left_out:
        kept[0].export = replace(kept[0].export, notes=(f"left out: {'; '.join(left_out)}", *kept[0].export.notes))
    if mapping is not None or request.as_kind is not None:
        return [item.export for item in kept]
    return [own for item in kept for own in _of_both(source, item.table, item.region, item.export, request)]


def _of_both(
    source: ExportSource, table: ExportTable, region: TableRegion, export: Export, request: Request
) -> list[Export]:
    """The export of a table, and the other one where it has accounts and their roles; its path is that of both."""

    def read_as(kind: str, other: str) -> Export:
        own = replace(request, as_kind=kind, also_read_as=other)
        return replace(opened_table(source, table, region, None, own)[0], path=export.path)

    try:
        if export.kind.name == "roles":
            return _with_accounts(export, read_as("creators", "roles"))
        if export.kind.name == "creators":
            roles = read_as("roles", "creators")
            return _with_accounts(roles, read_as("creators", "roles"))
    except UsageError:
        pass  # one of them alone
    return [export]


def _with_accounts(roles: Export, accounts: Export) -> list[Export]:
    """The roles that a table tells, and its accounts where it says more of them."""
    if not accounts.cells.keys() - roles.cells.keys() - set(SLICE) or not _agree(accounts):
        return [roles]
    roles_of_all = replace(roles, notes=tuple(note for note in roles.notes if "not loaded: " not in note))
    return [roles_of_all, replace(accounts, path=f"{roles.path} [accounts]")]


def _agree(accounts: Export) -> bool:
    """Whether there are rows, and all of an account say the same of it: of the followers of each of its roles, none holds."""
    batches = list(accounts.batches)
    if not batches:
        return False
    told = accounts.contents(np.concatenate([batch.records for batch in batches]))
    ids = pa.chunked_array([pa.array(batch.columns["creator_id"]) for batch in batches])
    known: int = pc.count_distinct(ids).as_py()
    return len(np.unique(told)) <= known


def _looked_up(
    table: ExportTable, region: TableRegion, lookups: Sequence["LookupTable"]
) -> tuple[ExportTable, TableRegion]:
    """A table, and what its rows are looked up for in others; as it is where it is not the only one of its sheet."""
    from core.ingest.lookups.lookup_tables import below_titles, with_lookups

    bare = below_titles(table)
    made = with_lookups(bare, lookups)
    regions = find_regions(made) if made is not bare else []
    return (made, replace(regions[0], above=region.above)) if len(regions) == 1 else (table, region)


def _with_lists(
    tables: Sequence[tuple[ExportTable, TableRegion]],
) -> tuple[list[tuple[ExportTable, TableRegion]], tuple[str, ...]]:
    """The tables of a file, with what heads and refunds say of orders in place of these, and what to say of it."""
    from core.ingest.lookups.lookup_tables import below_titles
    from core.ingest.lookups.sheet_lookups import sheet_lookups

    found = sheet_lookups([below_titles(table) for table, _ in tables])
    if not found.lookups:
        return [*tables], ()
    kept = [pair for at, pair in enumerate(tables) if at not in found.left_out]
    return [_looked_up(*pair, found.lookups) for pair in kept], found.notes


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
        own = self.export.batches
        self.export = replace(self.export, batches=Batches(lambda: with_last(own, lambda: rows)), locate=self._locate)

    def _locate(self, records: Iterable[int]) -> Located:
        """Where rows of the file are, counted from the header of this table; those above it are negative."""
        below_first = self.table.records(0, self.table.rows[0])
        for record, line, raw in below_first.locate(record + self.header for record in records):
            yield record - self.header, line, raw


def _left_out(title: str, region: TableRegion, why: str) -> str:
    """A table that is not loaded, how many rows it has, and why."""
    return f"{title!r} ({count(len(region.data_rows), 'row')}: {why})"


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
        if not any(may_hold(source, head.parts) for source in result):
            continue
        from core.ingest.multi_file import FilePart, JoinedTable, find_parts  # few loads have such files

        mapping = preset(head.name)
        parts = find_parts(
            [FilePart.parse(name, data) for name, data in mapping.parts.items()], result, request.encoding
        )
        if parts:
            table = JoinedTable(parts)
            exports[parts[0].source], _ = opened_table(parts[0].source, table, find_regions(table)[0], mapping, request)
            used |= {part.source for part in parts if not part.part.alone}
    return exports, frozenset(used)
