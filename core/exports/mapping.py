"""Mappings: a TOML file that says how one system's export becomes a kind.

name = "fb-live-sellers"
kind = "daily"
key = ["status_id"]                                   # what names a row, instead of its day and slice
date_order = "mdy"
decimal = "."

[columns]                                             # column of the kind = column of the export
date = "status_published"
page = { column = "status_id", before = "_" }         # a part of the cell
comments = ["num_comments", "comments"]               # names that the column has had
posts = { constant = 1 }
watch_seconds = { column = "Watch time (hours)", times = 3600 }

[dimensions]  ...                                     # or: dimensions = ["page"]
"""

import tomllib
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import UsageError, did_you_mean
from core.exports.dates import DateOrder
from core.exports.kinds import SLICE, Cell, Kind, kind_named
from core.exports.plan import ROW_KEY, ColumnPlan, Plan, free_name, measure_cell

_FIELDS = frozenset(
    {"column", "constant", "before", "after", "words", "times", "decimal", "date_order", "cell", "optional"}
)
_TOP = frozenset(
    {"name", "kind", "key", "date_order", "decimal", "columns", "dimensions", "measures", "drop", "notes", "recognise"}
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One column of a mapping: its plan but for the name that its source has in the file at hand."""

    plan: ColumnPlan
    names: tuple[str, ...]
    """Names that the source column has had; empty for a constant."""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping, read and checked."""

    name: str
    kind: Kind
    entries: tuple[_Entry, ...]
    key: tuple[_Entry, ...]
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    settings: Plan
    """What holds for every column: decimal mark, order of dates, rows to drop, notes."""

    @property
    def sources(self) -> frozenset[str]:
        """Every name that a source column may have."""
        return frozenset(name for entry in (*self.entries, *self.key) for name in entry.names)

    def plan(self, header: Sequence[str], dimensions: Iterable[str] = (), date_order: DateOrder | None = None) -> Plan:
        """The plan for an export with these columns. Raises UsageError when one that the mapping needs is missing."""
        held = {name.casefold(): name for name in header}
        columns = _found(self.entries, held, header)
        extra = [
            ColumnPlan(free_name(held[name.casefold()]), Cell.WORD, held[name.casefold()])
            for name in dimensions
            if name.casefold() in held
        ]
        return replace(
            self.settings,
            columns=(*columns, *extra),
            key=tuple(_found(self.key, held, header)),
            dimensions=tuple(dict.fromkeys((*self.dimensions, *(one.target for one in extra)))),
            date_order=date_order or self.settings.date_order,
        )


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file. Raises UsageError that names the file and what is wrong."""
    try:
        return parse_mapping(tomllib.loads(path.read_text(encoding="utf-8")), path.stem)
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such mapping.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def parse_mapping(data: Dict[str, Any], name: str) -> Mapping:
    """A mapping from its TOML. Raises UsageError."""
    _check_names(data, _TOP, "the mapping")
    kind = kind_named(str(data.get("kind", "daily")))
    columns = data.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise UsageError('a mapping needs [columns], such as date = "Day".')
    dimensions = tuple(data.get("dimensions", ()))
    entries = tuple(_entry(target, field, kind, dimensions) for target, field in columns.items())
    targets = {entry.plan.target for entry in entries}
    missing = [column for column in kind.required if column not in targets]
    if missing:
        raise UsageError(f"[columns] lacks {', '.join(missing)}, which every {kind.name} export needs.")
    lost = [name for name in dimensions if name not in targets]
    if lost:
        raise UsageError(f"dimensions names {lost[0]!r}, which [columns] lacks.{did_you_mean(lost[0], targets)}")
    sliced = [
        entry.plan.target
        for entry in entries
        if entry.plan.cell is Cell.WORD and _is_slice(entry.plan.target, kind, dimensions)
    ]
    measures = tuple(
        target for target in targets if kind.name == "daily" and target not in kind.columns and target not in sliced
    )
    ordered = tuple(entry.plan.target for entry in entries if entry.plan.target in measures)
    key = tuple(_entry(f"{ROW_KEY}_{place}", field, kind, ()) for place, field in enumerate(data.get("key", ())))
    if key and kind.name != "daily":
        raise UsageError(
            f"key is for daily exports; {kind.name} are named by {', '.join(kind.key) or 'their day and slice'}."
        )
    settings = Plan(
        kind,
        (),
        str(data.get("name", name)),
        dimensions=tuple(sliced),
        measures=ordered,
        decimal=data.get("decimal", "."),
        date_order=data.get("date_order"),
        drop={column: frozenset(cells) for column, cells in data.get("drop", {}).items()},
        notes=tuple(data.get("notes", ())),
    )
    return Mapping(settings.preset or name, kind, entries, key, tuple(sliced), ordered, settings)


def _is_slice(target: str, kind: Kind, dimensions: Sequence[str]) -> bool:
    return target in dimensions or target in SLICE or target == "product_id"


def _entry(target: str, field: Any, kind: Kind, dimensions: Sequence[str]) -> _Entry:
    cell = kind.columns.get(target)
    if cell is None:
        if target not in dimensions and kind.name != "daily" and not target.startswith(ROW_KEY):
            raise UsageError(f"{kind.name} exports have no column {target!r}.{did_you_mean(target, kind.columns)}")
        is_word = target in dimensions or target == "product_id" or target.startswith(ROW_KEY)
        cell = Cell.WORD if is_word else measure_cell(free_name(target))
    if isinstance(field, str):
        return _Entry(ColumnPlan(target, cell), (field,))
    if isinstance(field, list):
        return _Entry(ColumnPlan(target, cell), tuple(map(str, field)))
    if not isinstance(field, dict):
        return _Entry(ColumnPlan(target, cell, constant=str(field)), ())
    _check_names(field, _FIELDS, f"[columns] {target}")
    names = field.get("column", ())
    plan = ColumnPlan(
        target,
        Cell(field["cell"]) if "cell" in field else cell,
        constant=str(field["constant"]) if "constant" in field else None,
        mark=field.get("before", field.get("after")),
        part="after" if "after" in field else "before",
        words={str(k): str(v) for k, v in field.get("words", {}).items()},
        times=float(field.get("times", 1.0)),
        decimal=field.get("decimal"),
        date_order=field.get("date_order"),
    )
    return _Entry(plan, (names,) if isinstance(names, str) else tuple(names), bool(field.get("optional", False)))


def _found(entries: Sequence[_Entry], held: Dict[str, str], header: Sequence[str]) -> list[ColumnPlan]:
    plans = []
    for entry in entries:
        source = next((held[name.casefold()] for name in entry.names if name.casefold() in held), None)
        if source is None and entry.names and not entry.optional:
            wanted = entry.names[0]
            raise UsageError(
                f"no column {wanted!r}, which {entry.plan.target} is read from.{did_you_mean(wanted, header)}"
            )
        if source is not None or not entry.names:
            plans.append(replace(entry.plan, source=source))
    return plans


def _check_names(data: Dict[str, Any], known: frozenset[str], where: str) -> None:
    for name in data:
        if name not in known:
            raise UsageError(
                f"{where}: no setting {name!r}.{did_you_mean(name, known)} Known: {', '.join(sorted(known))}."
            )
