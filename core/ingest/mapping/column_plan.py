"""How the columns of one export become the columns of a kind."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Literal

from core.base.errors import MissingColumn, UsageError, did_you_mean
from core.base.frozen import frozen
from core.catalogue.kinds import LINE, MONEY_MEASURES, CellType, Kind
from core.catalogue.metric_tree.formula import NOT_IN_NAMES
from core.ingest.headers.column_names import english_names
from core.ingest.headers.folding import folded
from core.ingest.request import ORDER_AMOUNT, ORDER_LINE, ROW_KEY, DateOrder, DecimalMark
from core.ingest.values.moment_text import DateReading

HELPERS: Mapping[str, str] = {
    **{name: name for name in ("by", "otherwise", "fill", "once")},
    "with": "suffix",
    "unless": "unless",
    "where": "where",
    "sign": "sign",
}
"""Settings of a column that name another column of the export -> the field of its plan."""
RESERVED = frozenset({"id", "date", ROW_KEY, "order_line"})
"""Names that no dimension or measure can take."""


@frozen
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
    suffix: str | None = None
    """Another column whose cell is put after this one's, for names that only both together give."""
    unless: str | None = None
    """Another column: where its cell is one of `unless_cells` (in any case), this one is blank."""
    unless_cells: frozenset[str] = frozenset()
    where: str | None = None
    """Another column: where its cell is none of `where_cells` (in any case), this one is blank."""
    where_cells: frozenset[str] = frozenset()
    sign: str | None = None
    """Another column, which says of each figure whether it comes in or goes out."""
    signs: Mapping[str, int] = field(default_factory=dict)
    """Cells of `sign` (in lower case) that turn a figure's sign, by -1, or leave it blank, by 0; it stays at all others."""
    is_judged: bool = False
    """Whether cells further down that say the same in other words are such cells, too: of `unless` that nobody paid, of `where`
    that a violation was overturned."""
    is_hour: bool = False
    """Whether it is the hour of a moment, `00` to `23`."""
    from_file: bool = False
    """A day that the file itself does not give: from its name, else when it was written."""
    decimal: DecimalMark | None = None
    """Overrides the plan's."""
    by_decimal: DecimalMark | None = None
    """That of the column it is multiplied by, where it is another one."""
    date_order: DateOrder | None = None
    dates: DateReading | None = None
    """How its dates are read; None until the whole column has been looked at."""


@frozen
class MeasureRatio:
    """A figure that follows from two measures: numerator / denominator, times scale."""

    name: str
    numerator: str
    denominator: str
    scale: float = 1.0


@frozen
class Plan:
    """How one export is read."""

    kind: Kind
    columns: tuple[ColumnPlan, ...]
    preset: str | None = None
    system: str | None = None
    """The system whose export it is, where the mapping names one."""
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
    has_blank_names: bool = False
    """Whether a row has a name, too, where some cells of `key` are blank."""
    numbered: bool = False
    """Whether a row is named by its place in the file, too: exports whose rows have no key and may be alike."""
    own_clock: bool = False
    """Whether moments with an offset stay on the clock that wrote them, so that days are the shop's own."""
    returns: bool = False
    """Whether some order lines are returns, with negative units or amounts."""
    rates: tuple[str, ...] = ()
    """Those of the measures that cannot be added up."""
    has_rates: bool = False
    """Whether the mapping lists them."""
    ratios: tuple[MeasureRatio, ...] = ()
    """Columns that are ratios of measures of the file, and so are not loaded themselves."""
    spare: tuple[str, ...] = ()
    """Columns of words that are left out unless rows differ only there."""
    unkept: tuple[str, ...] = ()
    """Columns of words that rows of orders could be sliced by, had somebody asked for them."""
    notes: tuple[str, ...] = ()
    overlaps: tuple[str, ...] = ()
    """Presets whose exports tell the same figures in another cut."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The export's columns that are read."""
        plans = (*self.columns, *self.key)
        used = ((item.source, *(getattr(item, field) for field in HELPERS.values())) for item in plans)
        own = (name for names in used for name in names if name is not None)
        described = () if self.description is None else (self.description,)
        return tuple(dict.fromkeys((*own, *self.drop, *described)))

    @property
    def day(self) -> ColumnPlan | None:
        """The column of the day of a row of `daily`, where the export has one."""
        day = self.column("date")
        return day if day is not None and day.source is not None else None

    def column(self, target: str | None) -> ColumnPlan | None:
        """The column that becomes this one; None where none does."""
        return next((item for item in self.columns if item.target == target), None)

    def with_each(self, change: Callable[[ColumnPlan], ColumnPlan]) -> "Plan":
        """The plan with each of its columns changed."""
        return replace(self, columns=tuple(map(change, self.columns)))

    def with_slices(self, columns: Iterable[ColumnPlan]) -> "Plan":
        """The plan with further columns, which are dimensions of what can be sliced."""
        added = tuple(columns)
        slices = [item.target for item in added] if self.kind.is_fact else ()
        return replace(self, columns=(*self.columns, *added), dimensions=(*self.dimensions, *slices))

    @property
    def is_whole(self) -> bool:
        """Whether rows depend on others, so that the export has to be read as a whole."""
        return any(item.fill or item.once for item in self.columns)


def canonical(kind: Kind, header: Sequence[str], dimensions: Iterable[str] = ()) -> Plan:
    """The plan for an export of a kind whose columns have the contract's names, in any case, with blanks or underscores.

    Raises UsageError when a required column, or a dimension that was asked for, is missing.
    """
    by_name = {snake(name): column for name, column in english_names(header).items()}
    missing = [name for name in kind.required if name not in by_name]
    if missing:
        raise UsageError(
            f"not {_a(kind.name)} export: no column {' and no column '.join(missing)}. It has the columns {few(header, MANY)}. "
            f"Map its columns with --map FILE.toml."
        )
    requested = asked_columns(dimensions, header)
    if not kind.is_fact and requested:
        raise MissingColumn(f"{kind.name} have no dimensions of their own to slice by: leave out --dimension.")
    recognized = [name for name in by_name if name in kind.columns]
    recognized.sort(key=lambda name: header.index(by_name[name]))
    columns = [ColumnPlan(name, kind.columns[name], by_name[name]) for name in recognized]
    consumed = {column.source for column in columns}
    own = [ColumnPlan(snake(name), CellType.WORD, name) for name in requested if name not in consumed]
    sliced = tuple(name for name in recognized if name in kind.dimensions) if kind.is_fact else ()
    return Plan(kind=kind, columns=tuple(columns), dimensions=sliced, decimal="auto").with_slices(own)


def asked_columns(dimensions: Iterable[str], header: Sequence[str]) -> list[str]:
    """The columns that the user wants to slice by. Raises UsageError for one that the file does not have."""
    by_name = {snake(name): column for name, column in english_names(header).items()}
    result: list[str] = []
    for name in dict.fromkeys(dimensions):
        column = by_name.get(snake(name))
        if column is None:
            raise MissingColumn(
                f"no column {name!r} to slice by.{did_you_mean(name, header)} It has the columns {few(header, MANY)}."
            )
        result.append(column)
    return result


def snake(name: str) -> str:
    """A name as measures and dimensions have it: in lower case, without its currency and what no command line likes.

    >>> snake("Amount spent (USD)"), snake("Views (%)"), snake("CTR")
    ('amount_spent', 'views_percent', 'ctr')
    """
    return "_".join(_NO_NAME.sub(" ", folded(name).replace("%", " percent ")).split())


_NO_NAME = re.compile(rf"[{NOT_IN_NAMES}_]+")


def measure_cell(name: str) -> CellType:
    """What the cells of a measure of `daily` are."""
    return CellType.MONEY if name in MONEY_MEASURES else CellType.NUMBER


def free_name(name: str) -> str:
    """A name that a dimension or measure may have. Raises UsageError."""
    result = snake(name)
    if result in RESERVED or not result:
        raise UsageError(
            f"{name!r} cannot be the name of a dimension or measure. Give it another one in a mapping (--map)."
        )
    return result


LISTS = frozenset(("creators", "products", "sellers"))
"""Kinds whose rows are no days: figures of days next to an id are another table."""


def _a(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def order_amount(plan: Plan) -> tuple[str, ...]:
    """ORDER_AMOUNT where the amount of a line of guessed orders is no column of lines, but a price or that of the whole order;
    `order_amount:NAME` of each other amount that is that of the whole order.
    """
    if plan.preset is not None:
        return ()
    sales = plan.column("gmv")
    others = (
        f"{ORDER_AMOUNT}:{item.target}" for item in plan.columns if item.once and not item.where and item is not sales
    )
    return (*((ORDER_AMOUNT,) if sales is not None and (sales.once or sales.by) else ()), *others)


def order_line(plan: Plan) -> tuple[str, ...]:
    """`order_line:NAME` of the column that tells the lines of guessed orders apart."""
    line = plan.column(LINE) if plan.preset is None else None
    return (f"{ORDER_LINE}:{line.source}",) if line is not None else ()


def is_assumed_paid(plan: Plan) -> bool:
    """Whether orders are paid when they are made, as no column says which were paid."""
    ordered, paid = plan.column("ordered_at"), plan.column("paid_at")
    return ordered is not None and paid is not None and paid.source == ordered.source and paid.unless is None


def without_measures(plan: Plan, names: Collection[str]) -> Plan:
    """The plan without these measures."""
    return replace(
        plan,
        columns=tuple(column for column in plan.columns if column.target not in names),
        measures=tuple(name for name in plan.measures if name not in names),
        rates=tuple(name for name in plan.rates if name not in names),
    )


def with_rates(plan: Plan, names: Iterable[str]) -> Plan:
    """The plan with those of the measures that are called so kept out of totals."""
    asked = (name for name in map(snake, names) if name in plan.measures)
    return replace(plan, rates=tuple(dict.fromkeys((*plan.rates, *asked))))


def noted(plan: Plan, note: str) -> Plan:
    """The plan with one more thing that a person should know."""
    return replace(plan, notes=(*plan.notes, note))


SHOWN = 5
"""Names that a note lists."""


MANY = 12
"""Names that a refusal lists."""


def few(names: Sequence[str], limit: int = SHOWN) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
