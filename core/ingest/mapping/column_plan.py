"""How the columns of one export become the columns of a kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.base.errors import UsageError, did_you_mean
from core.catalogue.kinds import KINDS, MONEY_MEASURES, SLICE, CellType, Kind
from core.ingest.request import DateOrder, DecimalMark

ROW_KEY = "row_key"
RESERVED = frozenset({"id", "date", ROW_KEY, "order_line"})
"""Names that no dimension or measure can take."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Where one column comes from."""

    target: str
    cell: CellType
    source: str | None = None
    """The export's column; None = `constant` in every row."""
    constant: str | None = None
    mark: str | None = None
    """Only the part of the cell before (or after) this mark."""
    part: Literal["before", "after"] = "before"
    words: Mapping[str, str] = field(default_factory=dict)
    """What to put for some cells."""
    times: float = 1.0
    """What numbers are multiplied by, such as 3600 for hours that are kept as seconds."""
    by: str | None = None
    """Another column that numbers are multiplied by, such as a price by a quantity."""
    otherwise: str | None = None
    """Another column to look in where the cell is blank."""
    fill: str | None = None
    """Blank cells take the cell of an earlier row that is equal in this column."""
    once: str | None = None
    """Only the first row of those equal in this column keeps its cell: what repeats on each line of an order counts once."""
    beside: str | None = None
    """Another column whose cell is put after this one's, for names that only both together give."""
    from_file: bool = False
    """A day that the file itself does not give: from its name, else when it was written."""
    decimal: DecimalMark | None = None
    """Overrides the plan's."""
    date_order: DateOrder | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How one export is read."""

    kind: Kind
    columns: tuple[ColumnPlan, ...]
    preset: str | None = None
    key: tuple[ColumnPlan, ...] = ()
    """What names a row of `daily` instead of its slice, joined."""
    dimensions: tuple[str, ...] = ()
    """Targets that can be sliced by."""
    measures: tuple[str, ...] = ()
    """Targets that are measures of `daily`."""
    decimal: DecimalMark = "."
    date_order: DateOrder | None = None
    drop: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Source column -> cells that mark a row as no row of data (totals, descriptions)."""
    description: str | None = None
    """A column of figures; when the first record has words there, it describes the columns and is no data."""
    numbered: bool = False
    """Whether a row is named by its place in the file, too: exports whose rows have no key and may be alike."""
    notes: tuple[str, ...] = ()
    overlaps: tuple[str, ...] = ()
    """Presets whose exports tell the same figures in another cut."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The export's columns that are read."""
        plans = (*self.columns, *self.key)
        used = ((one.source, one.by, one.otherwise, one.fill, one.once, one.beside) for one in plans)
        own = (name for names in used for name in names if name is not None)
        described = () if self.description is None else (self.description,)
        return tuple(dict.fromkeys((*own, *self.drop, *described)))

    @property
    def is_whole(self) -> bool:
        """Whether rows depend on others, so that the export has to be read as a whole."""
        return any(one.fill or one.once for one in self.columns)

    @property
    def undecided_dates(self) -> tuple[ColumnPlan, ...]:
        """The columns of dates whose order of day and month is not given."""
        dated = (
            one for one in self.columns if one.source is not None and (one.cell is CellType.DAY or one.cell.is_moment)
        )
        return tuple(one for one in dated if (one.date_order or self.date_order) is None)


def canonical(kind: Kind, header: Sequence[str], numeric: Mapping[str, bool], dimensions: Iterable[str] = ()) -> Plan:
    """The plan for an export whose columns have the contract's names.

    `numeric` says of the columns that the kind does not know which are numbers (measures of `daily`).
    Raises UsageError when a required column, or a dimension that was asked for, is missing.
    """
    by_name = {name.casefold(): name for name in header}
    missing = [name for name in kind.required if name not in by_name]
    if missing:
        raise UsageError(
            f"not {_a(kind.name)} export: no column {' and no column '.join(missing)}. It has {_listed(header)}. "
            f"Say what it is with --as, or map its columns with --map."
        )
    asked = tuple(dict.fromkeys(dimensions))
    for name in asked:
        if name.casefold() not in by_name:
            raise UsageError(f"no column {name!r} to slice by.{did_you_mean(name, header)} It has {_listed(header)}.")
    asked_folds = {name.casefold() for name in asked}
    columns: list[ColumnPlan] = []
    measures: list[str] = []
    ignored: list[str] = []
    for fold, source in by_name.items():
        if fold in kind.columns:
            columns.append(ColumnPlan(fold, kind.columns[fold], source))
        elif fold in asked_folds or (kind.name == "daily" and fold == "product_id"):
            columns.append(ColumnPlan(free_name(source), CellType.WORD, source))
        elif kind.name == "daily" and numeric.get(source, False):
            columns.append(ColumnPlan(free_name(source), measure_cell(source), source))
            measures.append(source)
        elif kind.name == "daily" and source in numeric:
            ignored.append(source)
    if kind.name == "daily" and not measures:
        raise UsageError(f"not a daily export: no column of figures beside date and slices. It has {_listed(header)}.")
    if not kind.is_fact and asked:
        raise UsageError(f"{kind.name} have no dimensions of their own to slice by: leave out --dimension.")
    known = [
        plan.target
        for plan in columns
        if plan.target in kind.dimensions or plan.target in asked or plan.target == "product_id"
    ]
    notes = (
        (
            f"ignored, being neither figures nor asked for as dimensions: {', '.join(ignored)}. Rows that differ only there "
            f"count as one slice; to keep them apart add --dimension {ignored[0]}",
        )
        if ignored
        else ()
    )
    return Plan(kind, tuple(columns), dimensions=tuple(known), measures=tuple(measures), notes=notes)


def measure_cell(name: str) -> CellType:
    """What the cells of a measure of `daily` are."""
    return CellType.MONEY if name in MONEY_MEASURES else CellType.NUMBER


def free_name(name: str) -> str:
    """A name that a dimension or measure may have. Raises UsageError."""
    if name.casefold() in RESERVED or not name.strip() or name.startswith("m:"):
        raise UsageError(
            f"{name!r} cannot be the name of a dimension or measure. Give it another one in a mapping (--map)."
        )
    return name


def likely_kinds(header: Iterable[str], figures: Iterable[str] = ()) -> list[Kind]:
    """The kinds whose required columns are all there, the most telling first; `daily` when nothing else fits.

    `figures` are the columns of numbers: `daily` keeps those that `traffic` does not know.
    """
    names = {name.casefold() for name in header}

    def fits(kind: Kind) -> bool:
        telling = not kind.telling or any(name in names for name in kind.telling)
        # only an order and what is said of it has an order's name
        of_order = "order_id" not in names or "order_id" in kind.columns
        return kind.name != "daily" and names.issuperset(kind.required) and telling and of_order

    def score(kind: Kind) -> tuple[int, int]:
        return (len(kind.required), len(names & kind.columns.keys()) - len(names & set(SLICE)))

    found = sorted((kind for kind in KINDS.values() if fits(kind)), key=score, reverse=True)
    own = {name.casefold() for name in figures} - KINDS["traffic"].columns.keys()
    if found and found[0].name == "traffic" and own:
        found.insert(0, KINDS["daily"])
    return found or ([KINDS["daily"]] if "date" in names else [])


def _a(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _listed(names: Sequence[str], limit: int = 12) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return "the columns " + ", ".join(names[:limit]) + more
