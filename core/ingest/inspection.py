"""What a file is, for a person who is about to load it, and a mapping that loads it as it was understood."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.base.errors import UsageError, WhydropError, as_refusal
from core.base.frozen import frozen
from core.base.json_value import Value
from core.ingest.columns.column_profile import Columns, first_texts, profiles
from core.ingest.formats.batch import ExportTable
from core.ingest.formats.sniffing import header_row, unique
from core.ingest.formats.sources import ExportSource
from core.ingest.layout import RegionRecords, TableRegion
from core.ingest.mapping.column_plan import Plan
from core.ingest.mapping.mapping_text import mapping_text
from core.ingest.open_export import joined_tables
from core.ingest.opened_table import describe_table, said_of
from core.ingest.own_words.order_guess import guess_orders
from core.ingest.request import Request

if TYPE_CHECKING:
    from core.ingest.lookups.lookup_tables import LookupTable


@frozen
class FileColumn(Value):
    """One column of a file."""

    name: str
    type: str
    """date | number | percent | text | blank, by its cells."""
    samples: tuple[str, ...]
    becomes: str | None
    """What it is loaded as; None = it is left out, or the file is not recognised."""


@frozen(kw_only=True)
class Inspection(Value):
    """What a table of a file is."""

    path: str
    details: Mapping[str, str]
    """Format, encoding, delimiter, sheet, title: what applies."""
    header_row: int
    """Which row with cells is the header, from 1."""
    kind: str | None
    preset: str | None
    columns: tuple[FileColumn, ...]
    mapping: str
    """A mapping file that loads it so, or the beginning of one; empty when nothing can be said."""
    why: str | None
    """Why it was not recognised; None when it was."""
    notes: tuple[str, ...] = ()
    """What a load would say."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """The columns with cells that a load would not take."""
        return tuple(column.name for column in self.columns if column.becomes is None and column.type != "blank")


def inspect(
    source: ExportSource, request: Request | None = None, lookups: Sequence["LookupTable"] = ()
) -> tuple[Inspection, ...]:
    """Looks at each table of a file, as a load of the same request would: with what `lookups` say of its rows. Raises UsageError,
    WhydropError when it is no table.
    """
    request = request or Request()
    try:
        tables, notes = joined_tables(source, request, lookups)
    except WhydropError as error:
        raise as_refusal(error) from None
    first, *others = (_inspected(source, table, region, request, several=len(tables) > 1) for table, region in tables)
    return replace(first, notes=(*notes, *first.notes)), *others


def _inspected(
    source: ExportSource, table: ExportTable, region: TableRegion, request: Request, *, several: bool
) -> Inspection:
    details = {**table.describe, **({"title": region.title} if several and region.title else {})}
    try:
        recognized, planned = describe_table(source, table, region, None, request)
    except UsageError as error:
        if request.as_kind is not None:
            raise as_refusal(error) from None
        return _not_recognised(source, table, region, details, str(error))
    plan = planned.plan
    return Inspection(
        path=source.name,
        details=details,
        header_row=region.offset + recognized.header + 1,
        kind=plan.kind.name,
        preset=recognized.mapping.name if recognized.mapping else None,
        columns=_columns(planned.columns, plan),
        mapping=mapping_text(plan),
        why=None,
        notes=(*plan.notes, *said_of(table)),
    )


def _not_recognised(
    source: ExportSource, table: ExportTable, region: TableRegion, details: Mapping[str, str], why: str
) -> Inspection:
    result = region.header if region.header is not None else header_row(region.rows[:30], lambda _: False)
    header = result or 0
    names = unique(region.rows[header])
    records = RegionRecords(table.records(region.offset + header, names), region, header)
    first = first_texts(records, names)
    columns = profiles(first, names)
    plan = guess_orders(columns, first)
    return Inspection(
        path=source.name,
        details=details,
        header_row=region.offset + header + 1,
        kind=None,
        preset=None,
        columns=_columns(columns, replace(plan, spare=()) if plan else None),
        mapping=mapping_text(plan) if plan else "",
        why=why,
    )


def _columns(columns: Columns, plan: Plan | None) -> tuple[FileColumn, ...]:
    return tuple(
        FileColumn(name, column.role.value, column.samples, _becomes(name, plan)) for name, column in columns.items()
    )


def _becomes(name: str, plan: Plan | None) -> str | None:
    if plan is None:
        return None
    targets: Sequence[str] = [
        column.target for column in plan.columns if name in {column.source, column.otherwise, column.where}
    ]
    factors = [f"{column.target} (a factor)" for column in plan.columns if column.by == name]
    keys = ["key" for column in plan.key if column.source == name]
    return ", ".join(dict.fromkeys((*targets, *factors, *keys))) or None
