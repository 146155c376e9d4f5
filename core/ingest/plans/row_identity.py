"""What a row of a table is: its source, and the columns of words that tell rows of one day apart."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.base.arrays import Ints
from core.base.errors import UsageError, WrongOption
from core.catalogue.kinds import SOURCE, CellType
from core.ingest.columns.column_profile import days_as_written
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import Records, TextBatch
from core.ingest.formats.text_hash import text_hashes
from core.ingest.mapping.column_plan import ColumnPlan, Plan, noted, snake
from core.ingest.plans.daily_plan import sliced, word_column
from core.ingest.request import Request
from core.ingest.values.path_parts import partitions


def from_source(plan: Plan, request: Request) -> Plan:
    """The plan with the source of its rows. Raises UsageError when the user names one and the file names its own."""
    named = plan.column(SOURCE)
    if named is not None and request.source is not None:
        if plan.preset is None:
            raise WrongOption(f"its column {named.source!r} gives the source of each row. Leave out --source.")
        plan = replace(plan, columns=tuple(column for column in plan.columns if column.target != SOURCE))
        named = None
    source = request.source or plan.system
    if named is not None or source is None or SOURCE not in plan.kind.columns:
        return plan
    others = replace(plan, dimensions=tuple(name for name in plan.dimensions if name != SOURCE))
    return others.with_slices([ColumnPlan(SOURCE, plan.kind.columns[SOURCE], constant=source)])


def with_partitions(plan: Plan, path: str) -> Plan:
    """The plan with what the folders of a file say of all its rows (`country=DE`), where the file itself does not."""
    known = {*(column.target for column in plan.columns), *(word_column(name).target for name in plan.spare)}
    words = {snake(key): word for key, word in partitions(path).items() if word}
    takes_any = plan.kind.name == "daily"
    return plan.with_slices(
        ColumnPlan(name, CellType.WORD, constant=word)
        for name, word in words.items()
        if name not in known and (takes_any or plan.kind.columns.get(name) is CellType.WORD)
    )


def told_apart(plan: Plan, records: Records, before: Sequence[str] | None) -> Plan:
    """The plan with the dimensions that tell rows of one day and slice apart; `before` is what told those of an earlier load
    of the same columns apart.

    Raises UsageError when an earlier load of the same columns was without them: its rows would count twice.
    """
    spare = {word_column(name).target: name for name in plan.spare}
    recognized = [spare[name] for name in before or () if name in spare]
    plan = sliced(plan, recognized)
    chosen = _needed(plan, records) if plan.spare else []
    if chosen and before is not None:
        raise UsageError(
            f"its rows differ only in {' and '.join(chosen)}, which an earlier load of the same columns left out: days "
            "could count twice. Undo that load (whydrop loads), then load both together, or each with "
            f"--dimension {snake(chosen[0])}."
        )
    if chosen:
        plan = noted(
            sliced(plan, chosen),
            f"sliced by {', '.join(map(snake, chosen))}, which {'tells' if len(chosen) == 1 else 'tell'} its rows apart",
        )
    return plan


def _needed(plan: Plan, records: Records) -> list[str]:
    """The fewest columns of words without which rows of one day and slice would look alike."""
    keys, days = _keys_and_days(plan)
    figures = [name for name in plan.sources if name not in keys]
    parts = [
        (_hashes(texts, keys, days), _hashes(texts, figures), {name: _hashes(texts, [name]) for name in plan.spare})
        for texts in records.texts((*keys, *figures, *plan.spare))
    ]
    if not parts:
        return []
    key = np.concatenate([part[0] for part in parts])
    _, position, counts = np.unique(key, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(counts[position] > 1)
    if not len(rows):
        return []
    words = {name: np.concatenate([part[2][name] for part in parts])[rows] for name in plan.spare}
    whole = key[rows] ^ np.concatenate([part[1] for part in parts])[rows]
    for column in words.values():
        whole = _mixed(whole, column)
    distinct = np.sort(np.unique(whole, return_index=True)[1])  # rows that are equal in every column are one
    current, chosen = key[rows][distinct], []
    while len(np.unique(current)) < len(current):
        gains = {name: len(np.unique(_mixed(current, words[name][distinct]))) for name in words if name not in chosen}
        best = max(gains, key=lambda name: gains[name], default=None)
        if best is None or gains[best] <= len(np.unique(current)):
            break
        chosen.append(best)
        current = _mixed(current, words[best][distinct])
    return chosen


def words_of_rows(plan: Plan, records: Records, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Column of words -> what names a row: a hash of its day and slice, and what is the same in the whole file -> its word."""
    keys, days = _keys_and_days(plan)
    same = " ".join(column.constant for column in plan.columns if column.constant and _is_key(plan, column))
    result: dict[str, dict[str, str]] = {name: {} for name in names}
    for texts in records.texts((*keys, *names)):
        rows = [f"{same} {row:x}" for row in _hashes(texts, keys, days).tolist()]
        for name in names:
            words = pc.utf8_trim_whitespace(texts.columns[name]).fill_null("").to_pylist()
            result[name] |= dict(zip(rows, words, strict=True))
    return result


def _keys_and_days(plan: Plan) -> tuple[list[str], list[str]]:
    """The columns whose cells name a row of days, and those of them of which only the day counts."""
    keys = [column.source for column in plan.columns if column.source and _is_key(plan, column)]
    is_hourly = "hour" in plan.dimensions
    days = [column.source for column in plan.columns if column.source and column.target == "date" and not is_hourly]
    return keys, days


def _is_key(plan: Plan, column: ColumnPlan) -> bool:
    return column.target == "date" or column.target in plan.dimensions


def _mixed(item: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return item * np.uint64(0x9E3779B97F4A7C15) + other


def _hashes(texts: TextBatch, names: Sequence[str], days: Collection[str] = ()) -> NDArray[np.uint64]:
    """A hash of the cells of each row in some columns; of moments in `days` only the day counts."""
    if not names:
        return np.zeros(len(texts.records), np.uint64)
    cells = {name: pc.utf8_trim_whitespace(texts.columns[name]).fill_null("") for name in names}
    cells |= {name: days_as_written(cells[name]) for name in names if name in days}
    return text_hashes([*cells.values()])


def content_hashes(records: Records, names: Sequence[str], chosen: Ints) -> NDArray[np.uint64]:
    """A hash of all cells of each chosen record, in their order; shape (n,)."""
    result = np.zeros(len(chosen), np.uint64)
    order = np.argsort(chosen)
    requested = chosen[order]
    for texts in records.texts(names):
        position = np.minimum(np.searchsorted(requested, texts.records), len(requested) - 1)
        rows = np.flatnonzero(requested[position] == texts.records)
        if len(rows):
            cells = [column.take(arrow_array(rows)).fill_null("") for column in texts.columns.values()]
            result[order[position[rows]]] = text_hashes(cells)
    return result
