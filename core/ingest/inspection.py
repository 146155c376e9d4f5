"""What a file is, for a person who is about to load it, and the beginning of a mapping for it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.base.errors import UsageError
from core.base.json_value import Value
from core.catalogue.kinds import SLICE
from core.ingest.formats.open_table import open_table
from core.ingest.formats.sniffing import header_row, unique
from core.ingest.formats.sources import ExportSource
from core.ingest.mapping.column_plan import RESERVED
from core.ingest.recognition import RecognizedExport, recognize
from core.ingest.values import dates
from core.ingest.values.numbers import ABSENT, is_number

_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class FileColumn(Value):
    """One column of a file."""

    name: str
    type: str
    """date | number | text | blank, by its first cells."""
    samples: tuple[str, ...]
    becomes: str | None
    """What it is loaded as; None = it is left out, or the file is not recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection(Value):
    """What a file is."""

    path: str
    details: Mapping[str, str]
    """Format, encoding, delimiter, sheet: what applies."""
    header_row: int
    """Which row with cells is the header, from 1."""
    kind: str | None
    preset: str | None
    columns: tuple[FileColumn, ...]
    mapping: str
    """The beginning of a mapping file, to be mended by hand."""
    why: str | None
    """Why it was not recognised; None when it was."""


def inspect(source: ExportSource, as_kind: str | None = None, encoding: str | None = None) -> Inspection:
    """Looks at the beginning of a file. Raises UsageError, WhydropError when it is no table."""
    table = open_table(source, encoding)
    known, why = _recognised(table.rows, as_kind)
    header = known.header if known else (header_row(table.rows, lambda _: False) or 0)
    names = known.names if known else unique(table.rows[header])
    cells = [
        [row[place].strip() for row in table.rows[header + 1 :] if place < len(row)] for place in range(len(names))
    ]
    columns = tuple(
        FileColumn(name, _type(column), tuple(dict.fromkeys(filter(None, column)))[:_SAMPLES], _target(name, known))
        for name, column in zip(names, cells, strict=True)
    )
    return Inspection(
        path=source.name,
        details=table.describe,
        header_row=header + 1,
        kind=known.kind.name if known else None,
        preset=known.mapping.name if known and known.mapping else None,
        columns=columns,
        mapping=start_of_mapping(columns),
        why=why,
    )


def _recognised(rows: Sequence[Sequence[str]], as_kind: str | None) -> tuple[RecognizedExport | None, str | None]:
    try:
        return recognize(rows, as_kind, None), None
    except UsageError as error:
        if as_kind is not None:
            raise
        return None, str(error)


def _type(cells: Sequence[str]) -> str:
    given = [cell for cell in cells if cell.casefold() not in ABSENT]
    if not given:
        return "blank"
    if all(map(is_number, given)):
        return "number"
    return "date" if all(map(_is_date, given)) else "text"


def _is_date(cell: str) -> bool:
    try:
        return dates.is_ambiguous(cell) or dates.read_moment(cell) is not None
    except (ValueError, KeyError):
        return False


def _target(name: str, known: RecognizedExport | None) -> str | None:
    if known is None:
        return None
    if known.mapping is None:
        return name.casefold() if name.casefold() in known.kind.columns else None
    entries = (*known.mapping.entries, *known.mapping.key)
    return next((one.plan.target for one in entries if name.casefold() in {n.casefold() for n in one.names}), None)


def start_of_mapping(columns: Sequence[FileColumn]) -> str:
    """A mapping that loads the columns as `daily`: its first date, its words as dimensions, its numbers as measures."""
    day = next((one for one in columns if one.type == "date"), None)
    words = [one for one in columns if one.type == "text" and one is not day]
    numbers = [one for one in columns if one.type == "number"]
    date = f"date = {json.dumps(day.name, ensure_ascii=False)}" if day else "date = { from_file = true }"
    names = {one.name: _free(one.name) for one in (*words, *numbers)}
    own = [names[one.name] for one in words if names[one.name] not in SLICE]
    lines = [
        f"{json.dumps(names[one.name])} = {json.dumps(one.name, ensure_ascii=False)}" for one in (*words, *numbers)
    ]
    return "\n".join(['kind = "daily"', f"dimensions = {json.dumps(own)}", "", "[columns]", date, *lines]) + "\n"


def _free(name: str) -> str:
    bare = "_".join("".join(c if c.isalnum() else " " for c in name).casefold().split()) or "column"
    return f"{bare}_" if bare in RESERVED else bare
