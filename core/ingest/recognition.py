"""What a table is: which preset or kind, which row is its header, what its columns are called."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.base.errors import UsageError, did_you_mean
from core.catalogue.kinds import KINDS, Kind
from core.ingest.formats.sniffing import header_row, unique
from core.ingest.headers import english_names, folded
from core.ingest.layout import TableRegion
from core.ingest.mapping.column_plan import likely_kinds, snake
from core.ingest.mapping.mapping_file import Mapping
from core.ingest.presets import presets
from core.ingest.values.date_columns import is_date
from core.ingest.values.numbers import is_number

_DEPTH = 30
"""How far down a header is looked for."""
_ROWS_READ = 500
"""Rows that say which columns hold figures."""
SECTION = "::"


@dataclass(frozen=True, slots=True)
class RecognizedExport:
    """What a table is taken for."""

    header: int
    """Which of the table's rows is the header."""
    names: tuple[str, ...]
    """What its columns are called, each once."""
    kind: Kind
    mapping: Mapping | None = None
    """A preset, or the user's own mapping; None = the kind's own columns."""


def recognize(region: TableRegion, as_kind: str | None, mapping: Mapping | None) -> RecognizedExport:
    """What a table is. Raises UsageError when nothing fits, or what was asked for does not."""
    if mapping is not None:
        return _as_mapping(region.rows, mapping)
    if as_kind is not None and as_kind not in KINDS:
        known = presets()
        if as_kind not in known:
            names = (*KINDS, *known)
            raise UsageError(f"no kind or preset {as_kind!r}.{did_you_mean(as_kind, names)} Known: {', '.join(names)}.")
        return _as_mapping(region.rows, known[as_kind])
    found = _as_preset(region) if as_kind is None else None
    return found or _as_kind(region, as_kind)


def _headers(rows: Sequence[Sequence[str]], sections: bool) -> Iterator[tuple[int, tuple[str, ...]]]:
    for place, row in enumerate(rows[:_DEPTH]):
        if not sections:
            yield place, unique(row)
        elif place:
            yield place, unique(_sectioned(rows[place - 1], row))


def _sectioned(above: Sequence[str], row: Sequence[str]) -> list[str]:
    """`section::header`, a section reaching until the next; columns before the first section keep their names."""
    names, section = [], ""
    for place, cell in enumerate(row):
        section = (above[place].strip() if place < len(above) else "") or section
        names.append(f"{section}{SECTION}{cell.strip()}" if section and cell.strip() else cell)
    return names


def _as_preset(region: TableRegion) -> RecognizedExport | None:
    """The preset that knows most columns of a header which has all those that it is recognised by."""
    best, most = None, (0, 0)
    plain = [(place, names) for place, names in _headers(region.rows, False) if _may_name(names)]
    held = [frozenset(english_names(names)) for _, names in plain]
    for mapping in presets().values():
        if mapping.sections:
            headers = [(place, names, frozenset(english_names(names))) for place, names in _headers(region.rows, True)]
        else:
            headers = [(place, names, known) for (place, names), known in zip(plain, held, strict=True)]
        for place, names, known in headers:
            if mapping.recognises(names, known):
                score = (len(mapping.known & known), len(mapping.recognised_by))
                if score > most:
                    best, most = RecognizedExport(place, names, mapping.settings.kind, mapping), score
    return best


def _may_name(names: Sequence[str]) -> bool:
    """Whether a row could be a header: not one of figures."""
    return sum(is_number(name) or is_date(name) for name in names) <= len(names) / 2


def _as_mapping(rows: Sequence[Sequence[str]], mapping: Mapping) -> RecognizedExport:
    place, names = max(
        _headers(rows, mapping.sections), key=lambda header: len(mapping.known & english_names(header[1]).keys())
    )
    return RecognizedExport(place, names, mapping.settings.kind, mapping)


def _figures(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The columns that have numbers in every row in which they have anything."""
    for place, name in enumerate(names):
        cells = [row[place].strip() for row in rows[:_ROWS_READ] if place < len(row) and row[place].strip()]
        if cells and all(is_number(cell) for cell in cells):
            yield name


def _as_kind(region: TableRegion, as_kind: str | None) -> RecognizedExport:
    place = _header_of(region)
    names = unique(region.rows[place])
    below = region.rows[place + 1 :]
    if as_kind is not None:
        return RecognizedExport(place, names, KINDS[as_kind])
    likely = likely_kinds(names, _figures(names, below))
    if likely:
        return RecognizedExport(place, names, likely[0])
    if any(name in english_names(names) for name in _ORDER_IDS):
        raise UsageError(
            f"not recognised, but its lines look like orders (it has {_named(names)}). {_nearest(region.rows)}"
            "Map its columns: whydrop inspect FILE prints a mapping to save and name with --map."
        )
    if not any(map(is_number, (cell for row in below[:_ROWS_READ] for cell in row))):
        raise UsageError(
            f"not recognised: no kind of export and no preset has the columns {_named(names)}, and none of them "
            f"holds figures. {_nearest(region.rows)}Say what it is with --as, or map its columns with --map FILE.toml "
            "(start from: whydrop inspect)."
        )
    return RecognizedExport(place, names, KINDS["daily"])


_ORDER_IDS = frozenset(
    map(
        folded,
        ("Order ID", "order_id", "Order number", "Order no", "Order no.", "Invoice", "InvoiceNo", "Invoice number"),
    )
)


def _named(names: Sequence[str], limit: int = 12) -> str:
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")


def _header_of(region: TableRegion) -> int:
    known = {column for kind in KINDS.values() for column in kind.columns}
    place = header_row(region.rows[:_DEPTH], lambda name: snake(name) in known)
    if region.header is not None and (place is None or place != region.header):
        return region.header
    if place is None:
        raise UsageError("no header: the first rows are all figures. The first line must name the columns.")
    return place


def _nearest(rows: Sequence[Sequence[str]]) -> str:
    """The kind or preset that shares most columns with some row, and what it lacks to be that."""
    best, most = "", (1, 0.0)
    for row in rows[:_DEPTH]:
        names = english_names(unique(row))
        held = frozenset(names) | frozenset(map(snake, names))
        for name, known, wanted in _wanted():
            lacks = [one[0] for one in wanted if not any(folded(column) in held for column in one)]
            score = (len(held & known), 1 - len(lacks) / len(wanted))
            if lacks and score > most:
                best, most = f"Nearest is {name}, which also has {', '.join(lacks)}. ", score
    return best


def _wanted() -> Iterator[tuple[str, frozenset[str], Sequence[Sequence[str]]]]:
    """Every kind and preset: its name, all columns that it knows, and those that tell it, each with its other names."""
    for kind in KINDS.values():
        telling = [(name,) for name in kind.required]
        yield f"the kind {kind.name}", frozenset(kind.columns), [*telling, *([kind.telling] if kind.telling else [])]
    for mapping in presets().values():
        if mapping.recognised_by:
            yield f"the preset {mapping.name}", mapping.known, mapping.recognised_by
