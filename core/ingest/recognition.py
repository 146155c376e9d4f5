"""What an export is: which preset or kind, which row is the header, what the columns are called."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.base.errors import UsageError, did_you_mean
from core.catalogue.kinds import KINDS, Kind
from core.ingest.formats.sniffing import header_row, unique
from core.ingest.mapping.column_plan import likely_kinds
from core.ingest.mapping.mapping_file import Mapping
from core.ingest.presets import presets
from core.ingest.values.numbers import is_number

_DEPTH = 30
"""How far down a header is looked for."""
SECTION = "::"


@dataclass(frozen=True, slots=True)
class RecognizedExport:
    """What an export is taken for."""

    header: int
    """Which of the first rows is the header."""
    names: tuple[str, ...]
    """What its columns are called, each once."""
    kind: Kind
    mapping: Mapping | None = None
    """A preset, or the user's own mapping; None = the kind's own columns."""


def recognize(rows: Sequence[Sequence[str]], as_kind: str | None, mapping: Mapping | None) -> RecognizedExport:
    """What an export that begins with these rows is. Raises UsageError when nothing fits, or what was asked for does not."""
    if mapping is not None:
        return _as_mapping(rows, mapping)
    if as_kind is not None and as_kind not in KINDS:
        known = presets()
        if as_kind not in known:
            names = (*KINDS, *known)
            raise UsageError(f"no kind or preset {as_kind!r}.{did_you_mean(as_kind, names)} Known: {', '.join(names)}.")
        return _as_mapping(rows, known[as_kind])
    found = _as_preset(rows) if as_kind is None else None
    return found or _as_kind(rows, as_kind)


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


def _as_preset(rows: Sequence[Sequence[str]]) -> RecognizedExport | None:
    """The preset that knows most columns of a header which has all those that it is recognised by."""
    best, most = None, (0, 0)
    for mapping in presets().values():
        known = mapping.sources
        for place, names in _headers(rows, mapping.sections):
            if mapping.recognises(names):
                score = (sum(name.casefold() in known for name in names), len(mapping.recognised_by))
                if score > most:
                    best, most = RecognizedExport(place, names, mapping.settings.kind, mapping), score
    return best


def _as_mapping(rows: Sequence[Sequence[str]], mapping: Mapping) -> RecognizedExport:
    known = mapping.sources
    place, names = max(
        _headers(rows, mapping.sections), key=lambda one: sum(name.casefold() in known for name in one[1])
    )
    return RecognizedExport(place, names, mapping.settings.kind, mapping)


def _figures(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The columns that have numbers in every row in which they have anything."""
    for place, name in enumerate(names):
        cells = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        if cells and all(is_number(cell) for cell in cells):
            yield name


def _as_kind(rows: Sequence[Sequence[str]], as_kind: str | None) -> RecognizedExport:
    known = {column for kind in KINDS.values() for column in kind.columns}
    place = header_row(rows, lambda name: name.casefold() in known)
    if place is None:
        raise UsageError("no header: the first rows are all figures. The first line must name the columns.")
    names = unique(rows[place])
    if as_kind is not None:
        return RecognizedExport(place, names, KINDS[as_kind])
    likely = likely_kinds(names, _figures(names, rows[place + 1 :]))
    if not likely:
        raise UsageError(
            f"not recognised: no kind of export and no preset has the columns {', '.join(names[:12])}. {_nearest(rows)}"
            "Say what it is with --as, or map its columns with --map FILE.toml (start from: whydrop inspect)."
        )
    return RecognizedExport(place, names, likely[0])


def _nearest(rows: Sequence[Sequence[str]]) -> str:
    """The kind or preset that shares most columns with some row, and what it lacks to be that."""
    best, most = "", (1, 0.0)
    for row in rows[:_DEPTH]:
        held = {name.casefold() for name in unique(row)}
        for name, known, wanted in _wanted():
            lacks = [names[0] for names in wanted if not any(one.casefold() in held for one in names)]
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
            yield f"the preset {mapping.name}", mapping.sources, mapping.recognised_by
