"""Tables whose rows are events, such as payments or entries of a ledger: several on a day, each with a name of its own."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, distinct
from core.base.time_zones import DAY_SECONDS
from core.catalogue.kinds import KINDS, CellType
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role, days_as_written, moments_as_read
from core.ingest.columns.id_columns import is_id, is_numbering
from core.ingest.columns.time_columns import is_clock, is_length
from core.ingest.formats.batch import Figures, TextBatch
from core.ingest.formats.different_cells import all_match, codes_of, combined
from core.ingest.headers.folding import HUMP, folded, name_words
from core.ingest.headers.id_names import is_version_name
from core.ingest.headers.measure_names import may_be_level_name
from core.ingest.headers.word_lists import words_of
from core.ingest.mapping.column_plan import ColumnPlan, MeasureRatio, Plan, noted, with_rates, without_measures
from core.ingest.plans.daily_plan import COUNT_OF_ROWS, EVENTS, sliced, word_column
from core.ingest.plans.lifetime_figures import lifetimes
from core.ingest.plans.running_balance import running_balance
from core.ingest.request import ROW_KEY
from core.ingest.values.typed_numbers import values_of

_FEW = 20
"""Different words of a column that are worth slicing by: types, states, currencies."""
_SOME, _ROWS_OF_SOME = 50, 10
"""More words that are, with so many rows each on average: the hosts of an agency, and not orders of three steps each."""
_FEWEST = 5
"""Rows below which nothing can be said."""
_FEWEST_ORDERS = 10
_ALONE = 0.9
"""So many rows have a name that no other row has: the others are said twice, or are refused."""


def with_events(
    plan: Plan, columns: Columns, texts: TextBatch | None, figures: Figures, before: Sequence[str] | None
) -> Plan:
    """The plan in which rows are named by their day and id, where a table without a preset has several rows on most days and a
    column that differs in nearly all of them, or by moment and words, where it has a time of day; entries of an account by the
    balance after them. `figures` are those of the first rows, by target.

    `before` is what told the rows of an earlier load of the same columns apart, as these are; without it, every column of few
    words is a dimension.
    """
    day = plan.day
    is_open = plan.kind.name == "daily" and plan.preset is None and not plan.key and "hour" not in plan.dimensions
    if not is_open or day is None or texts is None:
        return plan
    named = _named_before(columns, before or ())
    if before is not None and named:
        slices = _sliced_before(columns, before)
        is_own = len(named) == 1 and named[0] not in slices
        return _named_by(plan, columns, day, named, slices, by=named if is_own else _order_and_line(columns, named))
    if before is not None and ROW_KEY not in before:
        return plan
    kinds = None if before is None else _sliced_before(columns, before)
    return plan if len(texts.records) < _FEWEST else _as_events(plan, columns, day, texts, figures, kinds)


def _as_events(
    plan: Plan, columns: Columns, day: ColumnPlan, texts: TextBatch, figures: Figures, kinds: Sequence[str] | None
) -> Plan:
    """The plan in which rows are events, where they are, sliced by `kinds`, else by every column of few words."""
    rows = len(texts.records)
    is_timed = _is_timed(columns[day.source or ""])
    days = len(pc.unique(days_as_written(pc.unique(texts.columns[day.source or ""]))))
    clocks = [name for name in columns if name != day.source and is_clock(columns[name])]
    lines = _lines(columns, texts, day.source or "")
    own = [name for name in columns if name != day.source and _is_alone(columns[name]) and _is_word(columns[name])]
    have_ids = 1 < days < rows and any(_is_id(columns[name]) for name in own)
    balance = None if own else running_balance(plan, figures)
    known = [name for name in columns if name == day.source or _is_word(columns[name])] if balance is not None else []
    if balance is not None and _are_told_apart(texts, known):
        balance = None
    if (days > rows / 2 or days < 2) and not (is_timed or clocks or lines or have_ids or balance):
        return plan
    differing = [name for name in own if name not in clocks]
    alone = min(differing, key=lambda name: not _is_id(columns[name]), default=None)
    if alone is None and not is_timed and not clocks and not lines and balance is None:
        return plan
    words = [name for name in columns if name != day.source and _is_word(columns[name])]
    if kinds is None:
        kinds = [name for name in words if name not in clocks and _is_kind(columns[name], rows)]
    texts_of_row = [*clocks, *(name for name in words if name not in clocks)]
    if alone is not None and texts.columns[alone].null_count:
        return _named_by(plan, columns, day, list(dict.fromkeys((alone, *texts_of_row))), kinds)
    if alone is None and lines is None and balance is not None:
        return _named_by(plan, columns, day, [balance, *texts_of_row], kinds, by=[balance])
    named = [alone] if alone is not None else list(lines or texts_of_row)
    return _named_by(plan, columns, day, named, kinds, by=lines if alone is None else named)


def _named_by(
    plan: Plan,
    columns: Columns,
    day: ColumnPlan,
    names: Sequence[str],
    slices: Sequence[str],
    *,
    by: Sequence[str] | None = None,
) -> Plan:
    """The plan in which rows are named by their day and these columns, and sliced by those; `by`: those that readers know."""
    # those that are dimensions stay
    numbers = [item.target for item in plan.columns if item.source in names and item.target in plan.measures]
    result = sliced(without_measures(plan, numbers), [name for name in slices if name not in (by or ())])
    result = with_rates(result, lifetimes(result, by or (), day))
    result = _counted(result, _plural(by[0]) if by and len(by) == 1 and _are_ids(columns[by[0]]) else EVENTS)
    key = (
        replace(day, target=f"{ROW_KEY}_0", cell=CellType.MOMENT),
        *(ColumnPlan(f"{ROW_KEY}_{at}", CellType.TEXT, name) for at, name in enumerate(names, 1)),
    )
    known = f"its {' and '.join(by)}" if by else "its time and its texts"
    return noted(
        replace(result, key=key, spare=(), has_blank_names=by is None), f"each row is an event, known by {known}"
    )


def _are_told_apart(texts: TextBatch, names: Sequence[str]) -> bool:
    """Whether no two rows are alike in all of these columns."""
    rows = len(texts.records)
    return len(distinct(combined((codes_of(texts.columns[name]) for name in names), rows))) == rows


def _lines(columns: Columns, texts: TextBatch, day: str) -> tuple[str, str] | None:
    """The number of an order and that of its line, which counts up from 1 in each order of a day; None where no columns do so."""
    figures = [
        name for name, column in columns.items() if column.is_figure and set(column.cells[:2].to_pylist()) == {"1", "2"}
    ]
    for line in figures:
        counted = np.nan_to_num(values_of(texts.columns[line]))
        begins = counted[1:] != counted[:-1] + 1
        is_of_a_day = not (_steps(texts.columns[day]) & ~begins).any()
        if begins.sum() < _FEWEST_ORDERS or not is_of_a_day or not (counted[1:][begins] == 1).all():
            continue
        for name, column in columns.items():
            if name == line or column.role in {Role.DATE, Role.BLANK, Role.PERCENT} or column.has_fractions:
                continue
            if (_steps(texts.columns[name]) == begins).mean() >= _ALONE and len(column.cells) >= begins.sum() * _ALONE:
                return name, line
    return None


def _steps(cells: pa.Array) -> Flags:
    """Which rows but the first have another cell than the row before."""
    codes = codes_of(cells)
    return np.asarray(codes[1:] != codes[:-1])


def _counted(plan: Plan, noun: str) -> Plan:
    """The plan with a measure of that name, which counts the rows; `events` where another column has the name."""
    others = [column for column in plan.columns if column != COUNT_OF_ROWS]
    targets = {column.target for column in others}
    if EVENTS in targets:
        return plan
    count = EVENTS if noun in targets or noun in KINDS else noun
    measures = (*(name for name in plan.measures if name != EVENTS), count)
    said = tuple(note.replace(f"one of {EVENTS}", f"one of {count}") for note in plan.notes)
    if count != EVENTS and said == plan.notes:
        said = (*said, f"each row counts as one of {count}")
    return replace(plan, columns=(*others, replace(COUNT_OF_ROWS, target=count)), measures=measures, notes=said)


def _plural(name: str) -> str:
    """What the rows are that a column of ids is called after; `events` where its name does not say it in English.

    >>> _plural("Ticket ID"), _plural("return_id"), _plural("Inquiry No."), _plural("survey"), _plural("Key")
    ('tickets', 'returns', 'inquiries', 'surveys', 'events')
    """
    word = next(
        (word for word in re.findall(r"[a-z]+", HUMP.sub(" ", name).casefold()) if word in words_of("event_nouns")),
        None,
    )
    if word is None:
        return EVENTS
    return re.sub("(?<![aeiou])y$", "ie", word) + "s"


def with_means(plan: Plan, columns: Columns) -> Plan:
    """The plan in which a score that each row gives, such as the answer to a survey, is the mean of the rows of a slice."""
    count = next(
        (column.target for column in plan.columns if column == replace(COUNT_OF_ROWS, target=column.target)), None
    )
    targets = {column.target for column in plan.columns}
    scores = {
        column.target: f"{column.target}_sum"
        for column in plan.columns
        if count is not None
        and column.target in {*plan.measures, *plan.rates}
        and f"{column.target}_sum" not in targets
        and column.source is not None
        and (_is_score(columns[column.source]) if column.target in plan.rates else _are_stars(columns[column.source]))
    }
    if not scores or count is None:
        return plan
    return noted(
        replace(
            plan.with_each(lambda item: replace(item, target=scores.get(item.target, item.target))),
            measures=tuple(scores.get(name, name) for name in plan.measures),
            rates=tuple(name for name in plan.rates if name not in scores),
            ratios=(*plan.ratios, *(MeasureRatio(name, total, count) for name, total in scores.items())),
        ),
        f"{', '.join(scores)} {'is the mean' if len(scores) == 1 else 'are means'} of its rows",
    )


def _is_score(column: ColumnProfile) -> bool:
    """Whether every row has whole points of some few."""
    points = column.cells.filter(pc.match_substring_regex(column.cells, r"^\d{1,3}$"))
    is_called = not words_of("scores").isdisjoint(name_words(column.name))
    return is_called and len(points) == len(column.cells) <= _MOST_POINTS and column.filled == column.rows


def _are_stars(column: ColumnProfile) -> bool:
    """Whether every row has up to five stars, halves allowed: by their name alone they could be a number of gifts."""
    is_called = not words_of("stars").isdisjoint(name_words(column.name))
    return is_called and column.filled == column.rows and all_match(column.cells, r"^([0-4]([.,]\d)?|5([.,]0)?)$")


_MOST_POINTS = 101


def event_names(plan: Plan) -> tuple[str, ...]:
    """`row_key:NAME` for each column but the day that names a row of events; nothing for other tables."""
    is_open = plan.preset is None and plan.key and plan.key[0].target == f"{ROW_KEY}_0"
    return tuple(f"{ROW_KEY}:{column.source}" for column in plan.key[1:]) if is_open else ()


def _named_before(columns: Columns, before: Sequence[str]) -> list[str]:
    """The columns that named the rows of an earlier load, in their order."""
    by_name = {folded(name): name for name in columns}
    names = (folded(item.removeprefix(f"{ROW_KEY}:")) for item in before if item.startswith(f"{ROW_KEY}:"))
    return [by_name[name] for name in names if name in by_name]


def _order_and_line(columns: Columns, names: Sequence[str]) -> Sequence[str] | None:
    """The names if they are those of an order and its line, as `_lines` finds them; None if they are not."""
    is_line = len(names) == 2 and columns[names[1]].is_figure
    return names if is_line and "1" in columns[names[1]].cells[:_FEW].to_pylist() else None


def _sliced_before(columns: Columns, before: Sequence[str]) -> list[str]:
    targets = {word_column(name).target: name for name in columns}
    return [targets[name] for name in before if name in targets]


def _is_word(column: ColumnProfile) -> bool:
    if column.is_figure:
        return _is_id(column)
    if column.role is Role.DATE:
        return all_match(column.cells, _NUMBERED_MOMENT)
    return column.role is Role.TEXT and not column.is_remark and not is_length(column) and not _are_amounts(column)


_NUMBERED_MOMENT = r"^\d{10,}$"
"""Bills are numbered by their moment (`20260701101112`), or by their day and what number they are of it (`2026070112`)."""


def _are_amounts(column: ColumnProfile) -> bool:
    """Whether cells are figures, all with the same unit behind them, which nobody knows: they name no row."""
    units = pc.unique(pc.extract_regex(column.cells, r"^[-+]?\d[\d.,]*(?P<unit>\s?\D{1,12})$").field("unit"))
    return len(column.cells) > 1 == len(units) and bool(units[0].as_py())  # blank where there is none


def _is_id(column: ColumnProfile) -> bool:
    return is_id(column, column.name) or (is_numbering(column) and not may_be_level_name(column.name))


def _are_ids(column: ColumnProfile) -> bool:
    """Whether its cells are ids, and no titles or addresses."""
    return all_match(column.cells, r"^[^\s@]*\d[^\s@]*$")


def _is_kind(column: ColumnProfile, rows: int) -> bool:
    is_kind = is_version_name(column.name) or (column.role is Role.TEXT and not is_length(column))
    return is_kind and 1 < len(column.cells) <= max(min(_FEW, rows / 2), min(_SOME, rows / _ROWS_OF_SOME))


def _is_alone(column: ColumnProfile) -> bool:
    """Whether a column is filled, and different, in nearly every row."""
    return len(column.cells) >= _ALONE * column.rows


def _is_timed(column: ColumnProfile) -> bool:
    """Whether days have a time, which is not midnight; seconds since 1970 have one where some are no whole days."""
    if all_match(column.cells, r"^\d{10}(\d{3})?$"):
        seconds = pc.cast(pc.utf8_slice_codeunits(column.cells, 0, 10), pa.int64()).to_numpy()
        return bool((seconds % DAY_SECONDS).any())
    moments = moments_as_read(column.cells)
    clock = pc.match_substring_regex(moments, r"\d:\d\d")
    midnight = pc.match_substring_regex(moments, r"\b(00:00|12:00(:00)? ?AM)")
    return bool(pc.any(pc.and_(clock, pc.invert(midnight))).as_py())
