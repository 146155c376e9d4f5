"""The plan for a table of days and figures that no preset knows, in any language: which columns are measures, which are words."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace

import pyarrow.compute as pc

from core.base.errors import NoDailyFigures
from core.base.frozen import frozen
from core.catalogue.kinds import KINDS, CellType
from core.ingest.columns.column_profile import Columns, Role, moments_as_read
from core.ingest.columns.currencies import currency_columns
from core.ingest.columns.day_column import best_day_column, born
from core.ingest.columns.id_columns import is_code, is_id, is_numbering, is_of_country, is_row_number, names_row
from core.ingest.columns.time_columns import are_sampled, is_calendar_column, is_length, is_sum_of_time
from core.ingest.formats.different_cells import all_match, any_match
from core.ingest.formats.sniffing import COUNTRIES_LIKE_IDS
from core.ingest.headers.appeal_columns import TOGETHER, names_violation
from core.ingest.headers.column_names import english_names, in_english, translated
from core.ingest.headers.folding import currency_of_header, folded
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.measure_names import (
    adds_up,
    counts_singly,
    is_calendar_name,
    is_level_name,
    may_be_level_name,
    spoken_in,
)
from core.ingest.mapping.column_plan import RESERVED, ColumnPlan, Plan, asked_columns, few, measure_cell, snake
from core.ingest.own_words.signed_amounts import tells_direction

_DAILY = KINDS["daily"]
_THINGS = frozenset(
    ("content", "country", "geography", "product", "traffic source", "device type", "customer", "buyer")
)
"""What columns of words are called: one of figures that is called so in some language (`video`) counts such things."""
_NTH = ("nth day", "nth_day")


def daily_plan(
    names: Sequence[str],
    columns: Columns,
    dimensions: Sequence[str],
    *,
    period: bool,
    counted: Iterable[str] = (),
) -> Plan:
    """The plan for a table of days and figures; with `period` the file names its days above the table, `counted` are columns of
    figures that an earlier load of the same columns counted.

    Raises UsageError when it has no column of days, or none of figures.
    """
    day = _day_column(columns, english_names(names), period=period)
    found = _columns_of(names, columns, day, asked_columns(dimensions, names), frozenset(map(folded, counted)))
    lengths = ", ".join(plan.target for plan in found.plans if plan.cell is CellType.DURATION)
    notes: tuple[str, ...] = (f"in seconds: {lengths}",) if lengths else ()
    if not found.additive and _are_events(columns, day.source, have_figures=bool(found.measures)):
        found.plans.append(COUNT_OF_ROWS)
        found.measures.append(EVENTS)
        notes = (*notes, f"it has no figures that add up: each row counts as one of {EVENTS}")
    if not found.additive:
        raise NoDailyFigures(_no_figures(columns, day.source, found.rates))
    return Plan(
        kind=_DAILY,
        columns=(day, *found.plans),
        dimensions=tuple(dict.fromkeys(found.dimensions)),
        measures=tuple(name for name in found.measures if name not in _DAILY.columns),
        rates=tuple(found.rates),
        spare=tuple(sorted(found.spare, key=lambda name: columns[name].is_remark)),
        decimal="auto",
        notes=notes,
    )


@frozen(kw_only=True)
class _TableColumns:
    """What the columns of a table become, the day left out."""

    plans: list[ColumnPlan] = field(default_factory=list)
    dimensions: list[str] = field(default_factory=list)
    measures: list[str] = field(default_factory=list)
    rates: list[str] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=lambda: {"date"})

    def take(self, column: ColumnPlan, kept: list[str]) -> None:
        """Adds a column to those that are read, and to its own kind of them."""
        self.plans.append(column)
        kept.append(column.target)
        self.used.add(column.target)

    @property
    def additive(self) -> set[str]:
        """The measures that add up."""
        return set(self.measures) - set(self.rates)


def _columns_of(
    names: Sequence[str],
    columns: Columns,
    day: ColumnPlan,
    requested: Collection[str],
    counted: Collection[str],
) -> _TableColumns:
    """What each column of a table becomes; those in `requested` are dimensions, those in `counted`, folded, have figures."""
    currencies = currency_columns(columns)
    called = _called(names)
    spoken = spoken_in(tuple(names))
    open_names = {name for name in columns if folded(name) not in counted}
    numbered = _numbering(columns, day.source) & open_names
    naming = _naming(columns, called, day.source) & open_names
    result = _TableColumns()
    alike = Counter(map(folded, names))
    for name, column in columns.items():
        english_name = called.get(name, name)
        currency = currency_of_header(name) if alike[folded(name)] > 1 else None
        is_own = column.is_figure and (folded(english_name) in _THINGS or is_calendar_name(english_name))
        target = _target(name if is_own else english_name, result.used, currency)
        if name in requested and _DAILY.columns.get(target) is not CellType.WORD:
            # what somebody asks for by name keeps it, and can be named in a segment
            target = _target(name, result.used)
        recognized = _DAILY.columns.get(target)
        if name == day.source or column.role is Role.BLANK:
            continue
        if name not in requested and is_row_number(column, is_first=name == names[0]):
            continue
        # amounts of two currencies do not add up, nor what came in and what went out
        is_currency = name in currencies
        tells = column.role is Role.TEXT and len(column.cells) > 1 and (is_currency or tells_direction(column))
        if name in requested or recognized is CellType.WORD or target == "product_id" or tells:
            result.take(ColumnPlan(target, CellType.WORD, name), result.dimensions)
        elif column.is_figure and name not in naming and (recognized is not None or name not in numbered):
            result.take(ColumnPlan(target, recognized or measure_cell(target), name), result.measures)
            is_count = counts_singly(name) and not column.has_fractions
            if column.role is Role.PERCENT or not (is_count or adds_up(name, english_name, spoken, tuple(names))):
                result.rates.append(target)
        elif is_length(column):
            result.take(ColumnPlan(target, CellType.DURATION, name), result.measures)
            if not is_sum_of_time(column) or not adds_up(name, english_name, spoken):
                result.rates.append(target)
        elif column.role is Role.TEXT or column.is_figure:
            result.spare.append(name)
    return result


EVENTS = "events"
"""The measure that counts rows."""
COUNT_OF_ROWS = ColumnPlan(EVENTS, CellType.NUMBER, constant="1")
_UNITS = r"^\W*\d+([.,]\d+)*\s*\D{1,12}$"
"""A figure with a unit that nobody knows: such a column may be what counts."""
_CLOCK = r"\d:\d\d"
_FIGURES = 0.8
_LOOKED_AT = 200


def _are_events(columns: Columns, day: str | None, *, have_figures: bool) -> bool:
    """Whether rows without figures that add up are events that can be counted: they have a time of day, and are not sampled, or
    several of them most days, and no column looks like figures with a unit. Rows with other figures need a time or an id.
    """
    if day is None or columns[day].role is not Role.DATE:
        return False
    moments = moments_as_read(columns[day].cells)
    is_timed = any_match(moments, _CLOCK)
    if not _have_ids(columns) and (are_sampled(moments) if is_timed else have_figures):
        return False
    if not is_timed and columns[day].filled < 2 * len(moments):
        return False
    texts = [column.cells[:_LOOKED_AT] for column in columns.values() if column.role is Role.TEXT and len(column.cells)]
    counted = (pc.mean(pc.match_substring_regex(cells, _UNITS).cast("int8")).as_py() for cells in texts)
    return bool(texts) and all(share < _FIGURES for share in counted)


def _have_ids(columns: Columns) -> bool:
    """Whether each row has an id of its own."""
    return any(len(column.cells) == column.rows and names_row(column) for column in columns.values())


def _no_figures(columns: Columns, day: str | None, rates: Sequence[str]) -> str:
    """Why a table is no daily export, with a cell of a column that could hold figures; `rates` do not add up."""
    if not any(column.rows for column in columns.values()):
        return f"it has a header ({', '.join(list(columns)[:12])}) and no rows."
    if rates:
        says = "says" if len(rates) == 1 else "say"
        return (
            f"no column holds figures that can be added up: {few(rates)} {says} what there is at a time, since a day, "
            "or at what rate."
        )
    others = [column for name, column in columns.items() if name != day and column.role is Role.TEXT]
    if not others:
        return f"no column holds figures that can be added up. It has {', '.join(list(columns)[:12])}."
    cells = "; ".join(f"{column.name}: {', '.join(map(repr, column.samples[:2]))}" for column in others[-3:])
    advice = " If it lists what changed, load it with --as events." if day is not None else ""
    if any(map(names_violation, columns)):
        advice = TOGETHER
    return f"no column holds figures that can be added up ({cells}).{advice}"


def _day_column(columns: Columns, english: Mapping[str, str], *, period: bool) -> ColumnPlan:
    for name in _NTH:
        if name in english and period:
            return ColumnPlan("date", CellType.DAY, english[name])
    result = best_day_column(columns, english)
    if result is None:
        named = english.get("date")
        if named is not None and columns[named].role is not Role.BLANK and named not in born(columns):
            result = named
    if result is None:
        first = next(iter(columns), "")
        if (
            period
            and first
            and is_row_number(columns[first], is_first=True)
            and columns[first].samples[0].strip("0") == ""
        ):
            return ColumnPlan("date", CellType.DAY, first)  # days since the period began
        return ColumnPlan("date", CellType.DAY, from_file=True)
    return ColumnPlan("date", CellType.DAY, result)


def _target(name: str, used: set[str], currency: str | None = None) -> str:
    """What a column becomes: its name as measures have it, with a number where another has it already."""
    bare = snake(name) or "column"
    bare = f"{bare}_{currency.lower()}" if currency else bare
    bare = f"{bare}_" if bare in RESERVED else bare
    result, number = bare, 2
    while result in used:
        result, number = f"{bare}_{number}", number + 1
    return result


def _naming(columns: Columns, called: Mapping[str, str], day: str | None) -> frozenset[str]:
    """The columns of figures that name something, or a part of a date, and count nothing; `called` are names in English. What is
    called the same of other countries counts (`orders_ID` next to `orders_TH`).
    """
    figures = {name: called.get(name, name) for name, column in columns.items() if column.is_figure}
    is_one_a_day = day is not None and columns[day].day_count == columns[day].rows

    def names(name: str, english: str) -> bool:
        column = columns[name]
        if name.upper() not in COUNTRIES_LIKE_IDS and is_of_country(name, figures):
            return False
        return (
            is_calendar_column(column, english)
            or is_id(column, english, is_one_a_day=is_one_a_day)
            or (folded(english) in _THINGS and (is_id_name(name) or all_match(column.cells, _CODE)))
            or is_code(column, english, columns, day)
        )

    return frozenset(name for name, english in figures.items() if names(name, english))


_CODE = r"^\d{5,}$"
"""A customer is one of many and has a number; that many a day are customers, and some days have fewer."""


def _numbering(columns: Columns, day: str | None) -> frozenset[str]:
    """The columns that number the rows of a table with several on most days; of one row a day a growing total looks the same."""
    days = columns[day].day_count if day is not None else 1
    may_number = (
        column
        for name, column in columns.items()
        if days < column.rows / 2 and column.is_figure and not is_level_name(name) and not may_be_level_name(name)
    )
    return frozenset(column.name for column in may_number if is_numbering(column))


def _called(names: Sequence[str]) -> Mapping[str, str]:
    """Column -> its English name, of those in another language and those called like a step of the funnel in English
    (`ord_cnt`), unless another column has that name.
    """
    result = dict(translated(tuple(names)).names)
    used = {snake(result.get(name, name)) for name in names}
    for name in names:
        step = snake(english := in_english(name))
        if name not in result and step in _FUNNEL and step not in used:
            result[name] = english
            used.add(step)
    return result


_FUNNEL = frozenset(("impressions", "clicks", "detail_views", "add_to_carts", "orders", "paid_orders", "gmv"))
"""Measures of the catalogue whose rates find what counts of every day hide: they are known by what exports call them."""


def word_column(name: str) -> ColumnPlan:
    """A column of words as a dimension."""
    target = _target(name, {"date"})
    return ColumnPlan(target, CellType.WORD, name)


def sliced(plan: Plan, names: Sequence[str]) -> Plan:
    """The plan with those columns of words as dimensions."""
    used = {column.target for column in plan.columns}
    known = {column.source for column in plan.columns if column.target in plan.dimensions}
    added = [column for name in names if name not in known and (column := word_column(name)).target not in used]
    return replace(plan.with_slices(added), spare=tuple(name for name in plan.spare if name not in names))
