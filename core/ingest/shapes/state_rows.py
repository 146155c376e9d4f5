"""Histories: a row each time that an order, a ticket or a parcel changes its state. They get a row for each thing."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Ints
from core.base.count_text import count
from core.base.errors import UsageError
from core.base.frozen import frozen
from core.catalogue.kinds import KINDS
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import ExportTable, TextBatch
from core.ingest.formats.different_cells import codes_of
from core.ingest.formats.sniffing import unique
from core.ingest.headers.column_names import english_names, in_english
from core.ingest.headers.folding import spaced
from core.ingest.headers.id_names import is_id_name, names_order
from core.ingest.headers.word_lists import called
from core.ingest.mapping.cell_text import whole
from core.ingest.row_kinds import is_mostly
from core.ingest.shapes.made_tables import SpreadRows, keys_of
from core.ingest.values.date_columns import decide, is_date
from core.ingest.values.date_order import DateHints
from core.ingest.values.dates import are_iso
from core.ingest.values.dates import times as read_times
from core.ingest.values.moment_text import DateReading

HISTORY = "column of states"
"""What describes a table whose rows were changes of a state: the column that names the state."""
_EVENTS = frozenset(("event", "event type", "event name", "new status", "new state", "to status", "action"))
_LOOKED_AT = 50
"""Rows that say which columns hold moments."""
_MOST_STATES = 20
_ONCE = 0.98
"""Things come into a state once, but for a few."""
_SEVERAL = 0.5
"""Share of things with several rows."""
_FEWEST_THINGS = 5
_ALIKE = 0.8
"""Share of things that begin in the commonest first state: those of the first days have begun before the export did."""
_CONSTANT = 0.98
"""Share of things with one word in a column that describes the thing and not its change."""


def with_state_times(table: ExportTable, header: int) -> ExportTable | None:
    """A history as a table of a row for each thing: what all its rows say, its last state, and when it came into each state
    first (`paid at`); None for any other table.

    In a history the rows of a thing differ in state and in time, most things have several, and nearly all begin in one state.
    """
    names = unique(table.rows[header])
    state = next((name for name in names if spaced(in_english(name)) in {*called("order_state"), *_EVENTS}), None)
    if state is None or not any(map(is_id_name, names)):
        return None  # most tables, and looking for times took half of the time of a small load
    sample = table.rows[header + 1 : header + 1 + _LOOKED_AT]
    times = [name for at, name in enumerate(names) if is_mostly(sample, at, is_date)]
    if not times:
        return None
    original = table.records(header, names)
    if (batch := whole(original.texts(names))) is None or not len(batch.records):
        return None
    words = pc.utf8_lower(pc.utf8_trim_whitespace(batch.columns[state])).dictionary_encode()
    if words.null_count or not 1 < len(words.dictionary) <= _MOST_STATES:
        return None
    history = _history(batch, names, times, words)
    if history is None:
        _refuse_parts(batch, names, times, state)
        return None
    things, firsts, order = history.things, history.firsts, history.order
    columns = {
        column: batch.columns[column].take(arrow_array(firsts))
        for column in names
        if column not in {state, history.time} and not _varies(things, firsts, batch.columns[column])
    }
    columns[state] = batch.columns[state].take(arrow_array(_last(things[order], order, len(firsts))))
    columns |= _state_times(things, words, batch.columns[history.time], order, len(firsts))
    return SpreadRows(
        table, {**table.describe, HISTORY: state}, columns, batch.records[firsts], batch.refused, original
    )


@frozen(kw_only=True)
class _History:
    """What the rows of a history change, and when."""

    things: Ints
    """The thing of each row, shape (rows,)."""
    firsts: Ints
    """The first row of each thing, shape (things,)."""
    time: str
    """The column of the moments of changes."""
    order: Ints
    """The rows by these moments, shape (rows,)."""


def _history(
    batch: TextBatch, names: Sequence[str], times: Sequence[str], words: pa.DictionaryArray
) -> _History | None:
    """What rows with these states change; None where they are no history."""
    for key in _keys(names):
        columns = [batch.columns[name] for name in key]
        things, firsts = keys_of(columns, len(batch.records))
        if any(column.null_count for column in columns) or not _is_history(things, words):
            continue
        if any(_varies(things, firsts, batch.columns[name]) for name in names if name not in key and names_order(name)):
            continue  # what was ordered several times changed no state
        time = next((time for time in times if _varies(things, firsts, batch.columns[time])), None)
        order = _by_moment(batch.columns[time]) if time is not None else None
        if time is not None and order is not None and _begin_alike(things, words, order):
            return _History(things=things, firsts=firsts, time=time, order=order)
    return None


def _refuse_parts(batch: TextBatch, names: Sequence[str], times: Sequence[str], state: str) -> None:
    """Raises UsageError when rows of an order differ in their state and its time alone, though they are no whole history: changes
    of a few states of each order, which would count as its lines.
    """
    for key in filter(names_order, names):
        things, firsts = keys_of([batch.columns[key]], len(batch.records))
        several = np.bincount(things) > 1
        if batch.columns[key].null_count or several.sum() < _FEWEST_THINGS:
            continue
        share = {
            name: float(_differing(things, firsts, batch.columns[name])[several].mean())
            for name in names
            if name != key
        }
        moving = {name for name in share if name == state or name in times}
        is_time = max((share[name] for name in times if name in share), default=0.0) >= _SEVERAL
        if (
            share.get(state, 0.0) >= _ONCE
            and is_time
            and all(share[name] <= 1 - _CONSTANT for name in share.keys() - moving)
        ):
            raise UsageError(
                f"{count(int(several.sum()), 'order')} have several rows that differ only in {state!r} and time: changes of "
                "state, but some of each order are missing. Put all changes of an order into one file."
            )


def _keys(names: Sequence[str]) -> list[tuple[str, ...]]:
    """The columns that may name the things: each id, and then that of an order with those of its lines."""
    ids = [name for name in names if is_id_name(name)]
    lines = {*ids, *(name for english, name in english_names(names).items() if english in KINDS["orders"].key)}
    orders = [name for name in ids if names_order(name)]
    pairs = [(order, name) for order in orders for name in names if name in lines and name not in orders]
    return [*((name,) for name in ids), *pairs]


def _by_moment(column: pa.Array) -> Ints | None:
    """The rows in the order of their moments, those of one moment as they stand; None where one cannot be read. Where nothing
    says whether the day or the month comes first, the day does: the order matters little, and the plan of the table asks.
    """
    try:
        reading = (
            DateReading()
            if are_iso(column)
            else decide(pc.unique(column).to_pylist(), DateHints(likely="dmy", last=_LATEST))[0]
        )
    except UsageError:
        return None
    seconds = read_times(column, reading).seconds
    return None if seconds.null_count else np.argsort(seconds.to_numpy(), kind="stable")


_LATEST = 80_000
"""A day in 2189: nothing is known of the last one."""


def _is_history(things: Ints, words: pa.DictionaryArray) -> bool:
    """Whether most things have several rows, each of another state."""
    codes = words.indices.to_numpy(zero_copy_only=False)
    pairs = len(np.unique(things * len(words.dictionary) + codes))
    is_several = np.bincount(things) > 1
    return (
        pairs >= _ONCE * len(things) and int(is_several.sum()) >= _FEWEST_THINGS and bool(is_several.mean() >= _SEVERAL)
    )


def _begin_alike(things: Ints, words: pa.DictionaryArray, order: Ints) -> bool:
    """Whether nearly all things with several rows begin in one state; `order` is that of the times."""
    codes = words.indices.to_numpy(zero_copy_only=False)
    first = codes[_last(things[order[::-1]], order[::-1], things.max() + 1)]
    begun = first[np.bincount(things) > 1]
    return bool(np.bincount(begun).max() >= _ALIKE * len(begun))


def _varies(things: Ints, firsts: Ints, column: pa.Array) -> bool:
    """Whether a column differs between the rows of a thing, in more than a few things."""
    return bool(_differing(things, firsts, column).mean() > 1 - _CONSTANT)


def _differing(things: Ints, firsts: Ints, column: pa.Array) -> Flags:
    """Of which things a column differs between rows, shape (things,)."""
    codes = codes_of(column)
    other = np.zeros(len(firsts), bool)
    other[things[codes != codes[firsts][things]]] = True
    return other


def _last(things: Ints, rows: Ints, count: int) -> Ints:
    """The last of some rows of each thing; -1 for a thing without one."""
    result = np.full(count, -1)
    result[things] = rows
    return result


def _state_times(
    things: Ints, words: pa.DictionaryArray, times: pa.Array, order: Ints, count: int
) -> dict[str, pa.Array]:
    """When each thing came into each state, the commonest state first; null where it never did."""
    codes = words.indices.to_numpy(zero_copy_only=False)
    result: dict[str, pa.Array] = {}
    for code in np.argsort(-np.bincount(codes), kind="stable").tolist():
        own = order[::-1][codes[order[::-1]] == code]
        rows = _last(things[own], own, count)
        result[f"{_plain(words.dictionary[code].as_py())} at"] = times.take(arrow_array(rows, rows < 0))
    return result


def _plain(word: str) -> str:
    """A state without the thing that it is of: `order_paid` is `paid`."""
    parts = spaced(word).split()
    return " ".join(part for part in parts if part not in _THINGS) or " ".join(parts)


_THINGS = frozenset(("order", "payment", "ticket", "parcel", "shipment", "status"))
