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

Settings of one column: column, constant, before, after, words, times, by, otherwise, fill, once, with, unless, where, is,
sign, signs (-1 where a figure goes out, 0 where it does not count), from_file, cell, decimal, date_order, optional. Further
settings of the whole: drop (rows that are no data, by the cells of a column), description_row, numbered, ignore, others,
own_clock (moments stay on the clock that wrote them), notes, overlaps (presets that tell the same figures); of a preset also
recognise and sections.
"""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Dict
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, Literal, get_args

from core.base import settings
from core.base.errors import UsageError, did_you_mean
from core.catalogue.kinds import SLICE, CellType, Kind, kind_named
from core.ingest.headers.folding import folded
from core.ingest.mapping.column_plan import HELPERS, ColumnPlan, Plan, free_name, measure_cell, snake
from core.ingest.mapping.mapping_file import Entry, Mapping, Others
from core.ingest.request import ROW_KEY, DateOrder, DecimalMark

_SEVERAL = str | list[str]
_COLUMN: Dict[str, Any] = {
    **dict.fromkeys(("before", "after", "cell", "decimal", "date_order"), str),
    **dict.fromkeys(("column", *HELPERS), _SEVERAL),
    **dict.fromkeys(("from_file", "optional"), bool),
    "constant": Any,
    "words": dict[str, Any],
    "signs": dict[str, Literal[-1, 0, 1]],
    "times": float,
    "is": list[Any],
}
"""The settings of one column, with the type of each."""
_TOP: Dict[str, Any] = {
    **dict.fromkeys(("name", "kind", "date_order", "decimal", "others"), str),
    **dict.fromkeys(("dimensions", "rates", "ignore", "notes", "overlaps"), list[str]),
    **dict.fromkeys(("own_clock", "numbered", "sections", "exact"), bool),
    "columns": Any,
    "key": list[Any],
    "description_row": _SEVERAL,
    "drop": dict[str, list[Any]],
    "recognise": list[_SEVERAL],
    "parts": dict[str, dict[str, Any]],
}
"""Those of the whole; `recognise`, `sections`, `exact` and `parts` are those of presets."""
_CHOICES = {"others": get_args(Others), "decimal": get_args(DecimalMark), "date_order": get_args(DateOrder)}


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file. Raises UsageError that names the file and what is wrong."""
    data = settings.parse(path)
    try:
        _check_types(data)
        return parse_mapping(data, path.stem)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def _check_types(data: Dict[str, Any]) -> None:
    """Raises UsageError for a value of another type than its setting has. Presets, which are ours, are not checked."""
    top, column = _schema("top"), _schema("column")
    _check_type(data, top, "the mapping")
    columns = data.get("columns")
    named = list(columns.items()) if isinstance(columns, dict) else []
    for target, setting in [*named, *(("key", setting) for setting in data.get("key", ()))]:
        if isinstance(setting, dict):
            _check_type(setting, column, f"[columns] {target}" if target != "key" else target)


def _check_type(values: Dict[str, Any], schema: Any, where: str) -> None:
    from msgspec import ValidationError, convert

    try:
        convert(values, schema)
    except ValidationError as error:
        names, reason = settings.misfit(str(error))
        raise UsageError(f"{where}: {'.'.join(names)}: {reason}.") from None


@cache
def _schema(of: Literal["top", "column"]) -> Any:
    """The types of some settings; made when a mapping is read, since msgspec takes a while to import."""
    from msgspec import defstruct

    return defstruct("Settings", [(key, kind, None) for key, kind in (_TOP if of == "top" else _COLUMN).items()])


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
    _check_targets(targets, kind, dimensions)
    key = tuple(
        _entry(f"{ROW_KEY}_{position}", setting, kind, ()) for position, setting in enumerate(data.get("key", ()))
    )
    if (key or data.get("numbered")) and kind.name != "daily":
        raise UsageError(
            f"key is for daily exports; {kind.name} are named by {', '.join(kind.key) or 'their day and slice'}."
        )
    others = data.get("others", "ignore")
    for item in (data, *(setting for setting in columns.values() if isinstance(setting, dict))):
        for setting, choices in _CHOICES.items():
            if item.get(setting, choices[0]) not in choices:
                raise UsageError(f"{setting} is one of {', '.join(choices)}, not {item[setting]!r}.")
    settings = _settings(data, name, kind, targets, dimensions)
    recognise = tuple((item,) if isinstance(item, str) else tuple(item) for item in data.get("recognise", ()))
    ignore = frozenset(map(folded, data.get("ignore", ())))
    named = [name for entry in (*entries, *key) for name in entry.names]
    helping = [name for entry in (*entries, *key) for names in entry.helpers.values() for name in names]
    recognized = {
        folded(name) for name in (*named, *helping, *settings.drop, *(name for names in recognise for name in names))
    }
    return Mapping(
        known=frozenset(recognized) | ignore,
        telling=tuple(frozenset(map(folded, names)) for names in recognise),
        entries=entries,
        key=key,
        settings=settings,
        recognised_by=recognise,
        sections=bool(data.get("sections", False)),
        ignore=ignore,
        described_by=_several(data.get("description_row", ())),
        exact=bool(data.get("exact", False)),
        others=others,
        parts=data.get("parts", {}),
    )


def _check_targets(targets: Sequence[str], kind: Kind, dimensions: Sequence[str]) -> None:
    twice = next((name for name in targets if targets.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"[columns] has {twice!r} twice: names differ in more than case and blanks.")
    missing = [column for column in kind.required if column not in targets]
    if missing:
        raise UsageError(f"[columns] lacks {', '.join(missing)}, which every {kind.name} export needs.")
    lost = [name for name in dimensions if name not in targets]
    if lost:
        raise UsageError(f"dimensions names {lost[0]!r}, which [columns] lacks.{did_you_mean(lost[0], targets)}")


def _settings(data: Dict[str, Any], name: str, kind: Kind, targets: Sequence[str], dimensions: Sequence[str]) -> Plan:
    """What holds for every column of a mapping."""
    sliced = tuple(
        name for name in targets if name in dimensions or name in kind.dimensions or name in {*SLICE, "product_id"}
    )
    return Plan(
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
        has_rates="rates" in data,
        date_order=data.get("date_order"),
        drop={column: frozenset(map(str, cells)) for column, cells in data.get("drop", {}).items()},
        numbered=bool(data.get("numbered", False)),
        own_clock=bool(data.get("own_clock", False)),
        notes=tuple(data.get("notes", ())),
        overlaps=tuple(data.get("overlaps", ())),
    )


def _entry(target: str, setting: Any, kind: Kind, dimensions: Sequence[str]) -> Entry:
    filled: dict[str, Any] = dict(setting) if isinstance(setting, dict) else {"constant": setting}
    target = target if target in kind.columns or target.startswith(ROW_KEY) else snake(target)
    if isinstance(setting, str | list):
        filled = {"column": setting}
    _check_names(filled, _COLUMN, f"[columns] {target}")
    try:
        cell = CellType(filled["cell"]) if "cell" in filled else _cell(target, kind, dimensions)
    except ValueError:
        raise UsageError(
            f"[columns] {target}: no cell {filled['cell']!r}. Known: {', '.join(item.value for item in CellType)}."
        ) from None
    names = filled.get("column", ())
    times = float(filled.get("times", 1.0))
    if not isfinite(times):
        raise UsageError(f"[columns] {target}: times is a number, not {times}.")
    cells = frozenset(str(cell).casefold() for cell in filled.get("is", ()))
    plan = ColumnPlan(
        target,
        cell,
        constant=str(filled["constant"]) if "constant" in filled else None,
        mark=filled.get("before", filled.get("after")),
        part="after" if "after" in filled else "before",
        words={str(k): str(v) for k, v in filled.get("words", {}).items()},
        times=times,
        from_file=bool(filled.get("from_file", False)),
        decimal=filled.get("decimal"),
        date_order=filled.get("date_order"),
        unless_cells=cells if "unless" in filled else frozenset(),
        where_cells=cells if "where" in filled else frozenset(),
        signs={str(cell).casefold(): int(sign) for cell, sign in filled.get("signs", {}).items()},
    )
    helpers = {name: _several(filled[name]) for name in HELPERS if name in filled}
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


def _check_names(data: Dict[str, Any], recognized: Collection[str], where: str) -> None:
    for name in data:
        if name not in recognized:
            raise UsageError(
                f"{where}: no setting {name!r}.{did_you_mean(name, recognized)} Known: {', '.join(sorted(recognized))}."
            )
