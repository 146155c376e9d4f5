"""Mappings: a TOML file that says how one system's export becomes a kind. Presets are packaged ones.

    name = "fb-live-sellers"
    kind = "daily"
    key = ["status_id"]                                   # what names a row, instead of its day and slice
    dimensions = ["page"]                                 # further columns to slice by
    date_order = "mdy"                                    # where 03/04 is in March
    decimal = ","                                         # where 1.234,56 is twelve hundred and more

    [columns]                                             # column of the kind = column of the export
    date = "status_published"
    comments = ["num_comments", "comments"]               # names that the column has had
    posts = 1                                             # the same in every row
    page = { column = "status_id", before = "_" }         # a part of the cell
    watch_seconds = { column = "Watch time (hours)", times = 3600 }
    gmv = { column = "Lineitem price", by = "Lineitem quantity" }
    paid_at = { column = "Created", unless = "Status", is = ["Failed"] }   # blank in rows with such a cell

Settings of one column: column, constant, before, after, words, times, by, otherwise, fill, once, with, unless, is, from_file,
cell, decimal, date_order, optional. Further settings of the whole: drop (rows that are no data, by the cells of a column),
description_row, numbered, ignore, others, own_clock (moments stay on the clock that wrote them), notes, overlaps (presets that
tell the same figures); of a preset also recognise and sections.
"""

import tomllib
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from core.base.errors import UsageError, did_you_mean
from core.catalogue.kinds import SLICE, CellType, Kind, kind_named
from core.ingest.headers import english_names, folded, translated
from core.ingest.mapping.column_plan import ROW_KEY, ColumnPlan, Plan, asked_columns, free_name, measure_cell, snake
from core.ingest.request import DateOrder

_HELPERS = ("by", "otherwise", "fill", "once", "with", "unless")
_FIELDS = frozenset(
    (
        "column",
        "constant",
        "before",
        "after",
        "words",
        "times",
        "from_file",
        "cell",
        "decimal",
        "date_order",
        "optional",
        "is",
        *_HELPERS,
    )
)
_ROWS = ("rates", "own_clock", "drop", "description_row", "numbered", "ignore", "others", "notes", "overlaps")
_PRESETS = ("recognise", "sections", "exact", "parts")
_TOP = frozenset(("name", "kind", "key", "columns", "dimensions", "date_order", "decimal", *_ROWS, *_PRESETS))
_OTHERS = ("error", "measures", "ignore")
Others = Literal["error", "measures", "ignore"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One column of a mapping: its plan but for the name that its source has in the file at hand."""

    plan: ColumnPlan
    names: tuple[str, ...]
    """Names that the source column has had; empty for a constant."""
    helpers: Dict[str, tuple[str, ...]]
    """by, otherwise, fill, once, with, unless -> names that such a column has had."""
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A mapping, read and checked."""

    entries: tuple[Entry, ...]
    key: tuple[Entry, ...]
    settings: Plan
    """What holds for every column: kind, decimal mark, order of dates, rows to drop, notes."""
    recognised_by: tuple[tuple[str, ...], ...] = ()
    """Columns that tell this export from others, each with the names that it has had."""
    sections: bool = False
    """Whether a row above the header gives sections, so that a column is called `section::header`."""
    ignore: frozenset[str] = frozenset()
    """Columns that are known and left out, in lower case."""
    described_by: tuple[str, ...] = ()
    """Names that the column of figures has had by which a row of descriptions is known."""
    exact: bool = False
    """Whether it is this export only when no other column is there."""
    others: Others = "ignore"
    known: frozenset[str] = frozenset()
    """Every name, folded, that a column may have which it knows."""
    telling: tuple[frozenset[str], ...] = ()
    """`recognised_by`, folded."""
    parts: Dict[str, Dict[str, Any]] = field(default_factory=dict)
    """The files that it is put together from, the main one first (core.ingest.multi_file); empty = one file."""
    """What to do with columns of figures that it does not know."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.settings.preset or ""

    @property
    def shown_names(self) -> tuple[str, ...]:
        """Columns that tell this export, one name of each."""
        telling = [names[0] for names in self.recognised_by]
        return tuple(telling or [str(name) for part in self.parts.values() for name in part["recognise"]][:6])

    def recognises(self, header: Iterable[str], columns_by_name: frozenset[str]) -> bool:
        """Whether an export with these columns, called `held` (folded) in English or as they are, is this one."""
        if not self.recognised_by or not all(not columns_by_name.isdisjoint(names) for names in self.telling):
            return False
        if len(columns_by_name & frozenset().union(*self.telling)) < len(self.telling):
            return False  # one column stands for two of those that tell it
        if not self.exact:
            return True
        recognized = english_names(header)
        return {recognized[name] for name in self.known & columns_by_name} >= set(recognized.values())

    def plan(
        self,
        header: Sequence[str],
        numeric: Dict[str, bool],
        dimensions: Iterable[str] = (),
        date_order: DateOrder | None = None,
    ) -> Plan:
        """The plan for an export with these columns; `numeric` says of those that it does not know which are figures.

        Raises UsageError when a column that it needs is missing, or one that it does not know carries figures.
        """
        columns_by_name = english_names(header)
        columns = _found(self.entries, columns_by_name, header)
        requested = asked_columns(dimensions, header)
        extra = [ColumnPlan(free_name(name), CellType.WORD, name) for name in requested]
        unknown = [name for name, is_figures in numeric.items() if is_figures and name not in requested]
        if unknown and self.others == "error":
            raise UsageError(
                f"the column {unknown[0]!r} carries figures that the preset {self.name} does not know; they would be lost. "
                f"Say what it is in a mapping of your own (--map; start from: whydrop inspect)."
            )
        measured = self._measured(unknown, header, [column.target for column in columns])
        return replace(
            self.settings,
            columns=(*columns, *extra, *measured),
            key=tuple(_found(self.key, columns_by_name, header)),
            dimensions=(
                *(item.target for item in columns if item.target in self.settings.dimensions),
                *(item.target for item in extra),
            ),
            measures=(
                *(item.target for item in columns if item.target in self.settings.measures),
                *(column.target for column in measured),
            ),
            date_order=date_order or self.settings.date_order,
            description=_first_held(self.described_by, columns_by_name),
            drop={
                columns_by_name[folded(name)]: cells
                for name, cells in self.settings.drop.items()
                if folded(name) in columns_by_name
            },
        )

    def _measured(self, unknown: Sequence[str], header: Sequence[str], used: Sequence[str]) -> list[ColumnPlan]:
        """Columns of figures that it does not know, as measures, where it takes all."""
        called = translated(tuple(header)).names
        result: list[ColumnPlan] = []
        for name in unknown if self.others == "measures" else ():
            target = free_name(called.get(name, name))
            target = free_name(name) if target in {*used, *(column.target for column in result)} else target
            result.append(ColumnPlan(target, measure_cell(target), name))
        return result


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file. Raises UsageError that names the file and what is wrong."""
    try:
        return parse_mapping(tomllib.loads(path.read_text(encoding="utf-8")), path.stem)
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such mapping.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"{path}: not TOML that can be read: its values are nested too deeply.") from None
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def parse_mapping(data: Dict[str, Any], name: str) -> Mapping:
    """A mapping from its TOML. Raises UsageError."""
    _check_names(data, _TOP, "the mapping")
    kind = kind_named(str(data.get("kind", "daily")))
    columns = data.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise UsageError('a mapping needs [columns], such as date = "Day".')
    dimensions = tuple(map(snake, data.get("dimensions", ())))
    entries = tuple(_entry(target, setting, kind, dimensions) for target, setting in columns.items())
    targets = [entry.plan.target for entry in entries]
    twice = next((name for name in targets if targets.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"[columns] has {twice!r} twice: names differ in more than case and blanks.")
    missing = [column for column in kind.required if column not in targets]
    if missing:
        raise UsageError(f"[columns] lacks {', '.join(missing)}, which every {kind.name} export needs.")
    lost = [name for name in dimensions if name not in targets]
    if lost:
        raise UsageError(f"dimensions names {lost[0]!r}, which [columns] lacks.{did_you_mean(lost[0], targets)}")
    key = tuple(
        _entry(f"{ROW_KEY}_{position}", setting, kind, ()) for position, setting in enumerate(data.get("key", ()))
    )
    if (key or data.get("numbered")) and kind.name != "daily":
        raise UsageError(
            f"key is for daily exports; {kind.name} are named by {', '.join(kind.key) or 'their day and slice'}."
        )
    others = data.get("others", "ignore")
    if others not in _OTHERS:
        raise UsageError(f"others is one of {', '.join(_OTHERS)}, not {others!r}.")
    sliced = tuple(
        name for name in targets if name in dimensions or name in kind.dimensions or name in {*SLICE, "product_id"}
    )
    settings = Plan(
        kind,
        (),
        str(data.get("name", name)),
        dimensions=sliced if kind.is_fact else (),
        measures=tuple(
            name for name in targets if kind.name == "daily" and name not in kind.columns and name not in sliced
        ),
        decimal=data.get("decimal", "auto"),
        system=data.get("name"),
        rates=tuple(map(snake, data.get("rates", ()))),
        date_order=data.get("date_order"),
        drop={column: frozenset(map(str, cells)) for column, cells in data.get("drop", {}).items()},
        numbered=bool(data.get("numbered", False)),
        own_clock=bool(data.get("own_clock", False)),
        notes=tuple(data.get("notes", ())),
        overlaps=tuple(data.get("overlaps", ())),
    )
    recognise = tuple((item,) if isinstance(item, str) else tuple(item) for item in data.get("recognise", ()))
    ignore = frozenset(map(folded, data.get("ignore", ())))
    described = _several(data.get("description_row", ()))
    is_sectioned, is_exact = bool(data.get("sections", False)), bool(data.get("exact", False))
    named = [name for entry in (*entries, *key) for name in entry.names]
    helping = [name for entry in (*entries, *key) for names in entry.helpers.values() for name in names]
    recognized = {
        folded(name) for name in (*named, *helping, *settings.drop, *(name for names in recognise for name in names))
    }
    return Mapping(
        known=frozenset(recognized) | ignore, telling=tuple(frozenset(map(folded, names)) for names in recognise),
        entries=entries, key=key, settings=settings, recognised_by=recognise, sections=is_sectioned, ignore=ignore,
        described_by=described, exact=is_exact, others=others, parts=data.get("parts", {}),
    )  # fmt: skip


def _entry(target: str, setting: Any, kind: Kind, dimensions: Sequence[str]) -> Entry:
    filled: dict[str, Any] = dict(setting) if isinstance(setting, dict) else {"constant": setting}
    target = target if target in kind.columns or target.startswith(ROW_KEY) else snake(target)
    if isinstance(setting, str | list):
        filled = {"column": setting}
    _check_names(filled, _FIELDS, f"[columns] {target}")
    try:
        cell = CellType(filled["cell"]) if "cell" in filled else _cell(target, kind, dimensions)
    except ValueError:
        raise UsageError(
            f"[columns] {target}: no cell {filled['cell']!r}. Known: {', '.join(item.value for item in CellType)}."
        ) from None
    names = filled.get("column", ())
    plan = ColumnPlan(
        target,
        cell,
        constant=str(filled["constant"]) if "constant" in filled else None,
        mark=filled.get("before", filled.get("after")),
        part="after" if "after" in filled else "before",
        words={str(k): str(v) for k, v in filled.get("words", {}).items()},
        times=float(filled.get("times", 1.0)),
        from_file=bool(filled.get("from_file", False)),
        decimal=filled.get("decimal"),
        date_order=filled.get("date_order"),
        unless_cells=frozenset(str(cell).casefold() for cell in filled.get("is", ())),
    )
    helpers = {name: _several(filled[name]) for name in _HELPERS if name in filled}
    return Entry(plan, _several(names), helpers, bool(filled.get("optional", False)))


def _several(names: Any) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(map(str, names))


def _cell(target: str, kind: Kind, dimensions: Sequence[str]) -> CellType:
    recognized = kind.columns.get(target)
    if recognized is not None:
        return recognized
    if target in dimensions or target.startswith(ROW_KEY) or (target == "product_id" and kind.is_fact):
        return CellType.WORD
    if kind.name != "daily":
        raise UsageError(f"{kind.name} exports have no column {target!r}.{did_you_mean(target, kind.columns)}")
    return measure_cell(free_name(target))


def _found(entries: Sequence[Entry], columns_by_name: Dict[str, str], header: Sequence[str]) -> list[ColumnPlan]:
    plans = []
    for entry in entries:
        source = _first_held(entry.names, columns_by_name)
        if source is None and entry.names and not entry.optional:
            requested = entry.names[0]
            raise UsageError(
                f"no column {requested!r}, which {entry.plan.target} is read from.{did_you_mean(requested, header)}"
            )
        if source is not None or not entry.names or entry.plan.from_file:
            by, otherwise, fill, once, beside, unless = (
                _first_held(entry.helpers.get(name, ()), columns_by_name) for name in _HELPERS
            )
            plans.append(
                replace(
                    entry.plan,
                    source=source,
                    from_file=entry.plan.from_file and source is None,
                    by=by,
                    otherwise=otherwise,
                    fill=fill,
                    once=once,
                    beside=beside,
                    unless=unless,
                )
            )
    return plans


def _first_held(names: Iterable[str], columns_by_name: Dict[str, str]) -> str | None:
    """The first of the names that is a column."""
    return next((columns_by_name[folded(name)] for name in names if folded(name) in columns_by_name), None)


def _check_names(data: Dict[str, Any], recognized: frozenset[str], where: str) -> None:
    for name in data:
        if name not in recognized:
            raise UsageError(
                f"{where}: no setting {name!r}.{did_you_mean(name, recognized)} Known: {', '.join(sorted(recognized))}."
            )
