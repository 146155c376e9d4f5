"""From a source to an open export: what it is, how its columns are read, its rows as a stream."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from core.errors import UsageError
from core.exports import numbers
from core.exports.ahead import ahead, mapped
from core.exports.batch import Batch, Export
from core.exports.dates import DateOrder
from core.exports.delimited import Delimited, Texts
from core.exports.kinds import KINDS, Kind
from core.exports.mapping import Mapping, read_mapping
from core.exports.plan import Plan, canonical, likely_kinds
from core.exports.sniff import Sniffed, header_row, sniff
from core.exports.source import Source
from core.exports.typed import Typist
from core.exports.zones import Zones

_AHEAD = 2
"""Blocks of text that are parsed before they are wanted."""
_TYPISTS = 2
"""Threads that turn text into values."""
_NUMERIC_SHARE = 0.9
"""A column is one of figures when so many of its cells are; the others are refused."""
_CHECKED = 2_000
"""How many different cells decide that."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user said about the exports to be read."""

    as_kind: str | None = None
    """The name of a kind or a preset."""
    mapping: Path | None = None
    dimensions: tuple[str, ...] = ()
    date_order: DateOrder | None = None
    encoding: str | None = None
    zones: Zones = field(default_factory=Zones)


def open_export(source: Source, request: Request) -> Export:
    """Recognises an export and opens it. Raises UsageError when it cannot be one, or the user has to decide something."""
    start = sniff(source, request.encoding)
    mapping = read_mapping(request.mapping) if request.mapping else None
    try:
        header = _header(start, mapping)
        reader = Delimited(source, start.dialect(header))
        names = start.dialect(header).header
        plan = _plan(reader, names, request, mapping)
    except UsageError as error:
        raise UsageError(f"{source.name}: {error}") from None
    return Export(
        path=source.name,
        kind=plan.kind,
        preset=plan.preset,
        cells={one.target: one.cell for one in plan.columns},
        dimensions=plan.dimensions,
        measures=plan.measures,
        keyed=bool(plan.key),
        notes=plan.notes,
        header=start.header_line(header),
        batches=_Stream(reader, plan, request.zones),
        locate=reader.locate,
    )


class _Stream:
    """The typed batches of an export, from the start each time."""

    def __init__(self, reader: Delimited, plan: Plan, zones: Zones) -> None:
        self._reader, self._plan, self._zones = reader, plan, zones

    def __iter__(self) -> Iterator[Batch]:
        texts = ahead(self._reader.texts(self._plan.sources), _AHEAD)
        return mapped(Typist(self._plan, self._zones).batch, texts, _TYPISTS)


def _header(start: Sniffed, mapping: Mapping | None) -> int:
    known = {column for kind in KINDS.values() for column in kind.columns}
    if mapping is not None:
        known |= {name.casefold() for name in mapping.sources}
    found = header_row(start.rows, lambda name: name.casefold() in known)
    if found is None:
        raise UsageError("no header: the first rows are all figures. The first line must name the columns.")
    return found


def _plan(reader: Delimited, header: Sequence[str], request: Request, mapping: Mapping | None) -> Plan:
    if mapping is not None:
        return mapping.plan(header, request.dimensions, request.date_order)
    kind = _kind(header, request)
    numeric = _numeric(reader, kind, header, request.dimensions) if kind.name == "daily" else {}
    return canonical(kind, header, numeric, request.dimensions)


def _kind(header: Sequence[str], request: Request) -> Kind:
    if request.as_kind is not None:
        if request.as_kind not in KINDS:
            raise UsageError(f"no kind or preset {request.as_kind!r}. Kinds: {', '.join(KINDS)}.")
        return KINDS[request.as_kind]
    likely = likely_kinds(header)
    if not likely:
        raise UsageError(
            "not recognised: no kind of export has the columns "
            f"{', '.join(header[:12])}. Say what it is with --as KIND, or map its columns with --map FILE.toml."
        )
    return likely[0]


def _numeric(reader: Delimited, kind: Kind, header: Sequence[str], dimensions: Sequence[str]) -> dict[str, bool]:
    """Of each column that a `daily` export may bring of its own: whether it is one of figures. Blank ones are left out."""
    asked = {name.casefold() for name in dimensions}
    open_ones = [name for name in header if name.casefold() not in kind.columns.keys() | asked]
    found: dict[str, bool] = {}
    for texts in reader.texts(open_ones) if open_ones else ():
        found |= {name: _is_numeric(texts.columns[name]) for name in open_ones if _is_given(texts, name)}
        open_ones = [name for name in open_ones if name not in found]
        if not open_ones:
            break
    return found


def _is_given(texts: Texts, name: str) -> bool:
    return name in texts.columns and texts.columns[name].null_count < len(texts.columns[name])


def _is_numeric(text: pa.Array) -> bool:
    different = pc.unique(text.drop_null())[:_CHECKED]
    found = numbers.floats(different)
    bad = 0 if found.bad is None else int(found.bad.sum())
    return bad <= (1 - _NUMERIC_SHARE) * len(different)
