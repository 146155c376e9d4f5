"""Exports that come in several files which belong together: one main file, and others joined to its rows.

A preset declares them: `[parts.NAME]` with `recognise` (columns that tell the file), `on` (the column of the joined rows that
its own column of that name is looked up in; without it, it is the main file), `sum` (columns added up over its rows with
one key; of the others the first row's cell counts) and `needed`. Joined columns are called `NAME.column`, and `NAME.rows` is
how many rows there were.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.base.errors import UsageError, WhydropError
from core.base.frozen import frozen
from core.ingest.formats.batch import ExportTable, Located, Records, Rows, TextBatch
from core.ingest.formats.open_table import open_table
from core.ingest.formats.sources import ExportSource, may_hold
from core.ingest.mapping.cell_text import whole

_AMOUNT = pa.decimal128(18, 4)


@frozen(kw_only=True)
class FilePart:
    """One kind of file of a set."""

    name: str
    recognised_by: frozenset[str]
    on: str | None
    sums: tuple[str, ...]
    needed: bool
    alone: bool
    """Whether it is also loaded for what it is."""

    @classmethod
    def parse(cls, name: str, data: Mapping[str, Any]) -> "FilePart":
        """A part as a preset's TOML declares it."""
        telling = frozenset(data["recognise"])
        return cls(
            name=name,
            recognised_by=telling,
            on=data.get("on"),
            sums=tuple(data.get("sum", ())),
            needed=bool(data.get("needed")),
            alone=bool(data.get("alone")),
        )


@frozen
class PresentPart:
    """A part that is there."""

    part: FilePart
    source: ExportSource
    table: ExportTable

    @property
    def records(self) -> Records:
        """Its records."""
        return self.table.records(0, self.columns)

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(self.table.rows[0])


def find_parts(
    parts: Sequence[FilePart], sources: Iterable[ExportSource], encoding: str | None = None
) -> list[PresentPart]:
    """The parts among some files, the main one first; empty when the main one is missing.

    Raises UsageError when the main file is there and one that it needs is not.
    """
    result: dict[str, PresentPart] = {}
    for source in sources:
        if not may_hold(source, [part.recognised_by for part in parts]):
            continue
        try:
            table = open_table(source, encoding)
        except WhydropError:
            continue  # whoever loads it alone says why
        header = {cell.strip().lstrip("\ufeff") for cell in table.rows[0]}
        for part in parts:
            if part.recognised_by <= header:
                result.setdefault(part.name, PresentPart(part, source, table))
    if parts[0].name not in result:
        return []
    for part in parts:
        if part.needed and part.name not in result:
            raise UsageError(
                f"{result[parts[0].name].source.name}: it belongs together with a file of {part.name} "
                f"(columns {', '.join(sorted(part.recognised_by))}). Name both, or their folder."
            )
    return [result[part.name] for part in parts if part.name in result and _linked(part, result)]


def _linked(part: FilePart, present: Mapping[str, PresentPart]) -> bool:
    """Whether the part that it is looked up in is there, too."""
    other, _, column = (part.on or "").rpartition(".")
    return not column or not other or other in present


class JoinedTable:
    """The rows of a main file with what belongs to each from the others."""

    def __init__(self, result: Sequence[PresentPart]) -> None:
        self._main, self._others = result[0], result[1:]
        names = list(self._main.columns)
        for other in self._others:
            names += [f"{other.part.name}.{column}" for column in (*other.columns, "rows")]
        self.rows: Rows = [names]

    gaps: frozenset[int] = frozenset()
    is_complete = False

    @property
    def describe(self) -> dict[str, str]:
        return {**self._main.table.describe, "joined": ", ".join(other.part.name for other in self._others)}

    def records(self, header: int, names: Sequence[str]) -> Records:
        return self

    def header_line(self, header: int) -> str:
        return self._main.table.header_line(0)

    def locate(self, records: Iterable[int]) -> Located:
        return self._main.records.locate(records)

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        chosen = list(requested)
        if (texts := whole(self._main.records.texts(self._main.columns))) is None:
            return
        columns = dict(texts.columns)
        for other in self._others:
            columns |= _joined(columns, other)
        yield TextBatch({name: columns[name] for name in chosen}, texts.records, texts.refused)


def _joined(columns: Mapping[str, pa.Array], other: PresentPart) -> dict[str, pa.Array]:
    """The columns of a part, one cell for each row of the main file."""
    part = other.part
    key = str(part.on)
    texts = whole(other.records.texts(other.columns))
    own = key.rpartition(".")[2]
    if texts is None or own not in texts.columns:
        return {f"{part.name}.{name}": pa.nulls(len(columns[key]), pa.string()) for name in (*other.columns, "rows")}
    table = pa.table(
        {name: _amounts(column) if name in part.sums else column for name, column in texts.columns.items()}
    )
    requested = [(name, "sum" if name in part.sums else "first") for name in other.columns if name != own]
    grouped = table.group_by(own, use_threads=False).aggregate([*requested, ([], "count_all")])
    position = pc.index_in(columns[key], grouped[own].combine_chunks())
    cells = {name: grouped[f"{name}_{how}"] for name, how in requested} | {
        own: grouped[own],
        "rows": grouped["count_all"],
    }
    return {
        f"{part.name}.{name}": pc.cast(cell, pa.string()).combine_chunks().take(position)
        for name, cell in cells.items()
    }


def _amounts(column: pa.Array) -> pa.Array:
    """Amounts as decimals, so that their sums are exact. Raises UsageError for what is no plain amount."""
    try:
        return pc.cast(column, _AMOUNT)
    except pa.ArrowInvalid as error:
        raise UsageError(f"an amount that is to be added up cannot be read ({error}). Correct the file.") from None
