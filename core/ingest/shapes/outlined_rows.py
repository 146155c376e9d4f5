"""Tables with an outline in their first column, as pivot tables have it: days below each label, or labels below each day."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from core.base.arrays import Floats
from core.ingest.columns.column_profile import is_day_name
from core.ingest.formats.batch import ExportTable, Rows
from core.ingest.formats.turned_table import Made, TurnedTable
from core.ingest.headers.word_lists import is_total
from core.ingest.values import numbers
from core.ingest.values.date_columns import is_date
from core.ingest.values.typed_numbers import values_of

_FEWEST = 2
"""Labels, and days, that make an outline."""
_OFF = 0.001
"""Subtotals are sums of figures that were rounded."""
_LABEL = "label"


def outlined(table: ExportTable, header: int) -> ExportTable | None:
    """The table with the labels and the day of each of its deepest rows in columns of their own, without the rows above them,
    which are their sums or blank; None for any other.
    """
    if not _may_begin([row[0].strip() for row in table.rows[header + 1 : header + 1 + _BEGINNING]]):
        return None
    body = [(at, row) for at, row in enumerate(table.rows) if at > header and not is_total(row[0])]
    first = [row[0].strip() for _, row in body]
    if not all(first) or any(numbers.is_number(cell) for cell in first):
        return None
    dated = [is_date(cell) for cell in first]
    labels, days = (
        len({cell for cell, day in zip(first, dated, strict=True) if day is is_day}) for is_day in (False, True)
    )
    if min(labels, days) < _FEWEST:
        return None
    depth = _depths(dated)
    if depth is None or not _are_sums(depth, [row for _, row in body]):
        return None
    deepest = max(depth)
    header_cell = table.rows[header][0].strip()
    name = _LABEL if not header_cell or is_day_name(header_cell) else header_cell
    names = [name, *(f"{name} {level}" for level in range(2, deepest + 1))]
    made: Made = [(header, ("Date", *names, *table.rows[header][1:]))]
    path = [""] * (deepest + 1)
    for (at, row), level in zip(body, depth, strict=True):
        path[level] = row[0]
        if level == deepest:
            day, *words = path if dated[0] else (path[-1], *path[:-1])
            made.append((at, (day, *words, *row[1:])))
    return TurnedTable.of(table, made)


def _may_begin(cells: Sequence[str]) -> bool:
    """Whether a column begins with labels and a day below them, or with a day and a label below it: a look at few rows, since
    most tables have only days there.
    """
    first = next((at for at, cell in enumerate(cells) if is_date(cell)), None)
    if first is None or (first and any(map(numbers.is_number, cells[:first]))):
        return False
    return bool(first) or (len(cells) > 1 and not is_date(cells[1]) and not numbers.is_number(cells[1]))


_BEGINNING = 10
"""Rows among which the first label and the first day are; a total may come before them."""


def _depths(dated: Sequence[bool]) -> list[int] | None:
    """How deep each row of the outline is, from 0; None where it is no outline of days and labels.

    Days are at the top, with one level of labels below, or at the bottom: of labels in a row the last is just above the days.
    """
    if dated[0]:
        return [int(not day) for day in dated] if not dated[-1] and not _has_pair(dated) else None
    if not dated[-1]:
        return None
    result: list[int] = []
    run = 0
    for day in dated:
        run = 0 if day else run + 1
        result.append(-run)
    deepest = -min(result)
    at = len(dated) - 1
    while at >= 0:  # a run of labels ends just above the days
        if dated[at]:
            result[at] = deepest
            at -= 1
            continue
        for level in range(deepest - 1, deepest - 1 + result[at], -1):
            result[at] = level
            at -= 1
    return result


def _has_pair(dated: Sequence[bool]) -> bool:
    """Whether a day follows another with no label between them."""
    return any(day and below for day, below in pairwise(dated))


def _are_sums(depth: Sequence[int], rows: Rows) -> bool:
    """Whether every row that has others below it is their sum in some column, the same for all, or has no figures at all."""
    levels = np.array(depth)
    is_leaf = levels == levels.max()
    above = np.flatnonzero(~is_leaf)
    ends = [next((at for at in range(row + 1, len(levels)) if levels[at] <= levels[row]), len(levels)) for row in above]
    if all(not cell.strip() for at in above.tolist() for cell in rows[at][1:]):
        return True
    for position in range(1, len(rows[0])):
        values = _figures([row[position] for row in rows])
        if values is None:
            continue
        below = np.concatenate([[0.0], np.cumsum(np.where(is_leaf, values, 0.0))])
        sums = below[ends] - below[above + 1]
        if np.count_nonzero(sums) and (np.abs(values[above] - sums) <= np.maximum(_OFF * np.abs(sums), 1e-9)).all():
            return True
    return False


def _figures(cells: Sequence[str]) -> Floats | None:
    """The values of a column, 0 where it is blank; None where it holds words."""
    if not all(map(numbers.is_number, cells)):
        return None
    marks = numbers.marks_seen(cells)
    return np.nan_to_num(values_of(pa.array(cells, pa.string()), "," if marks == {","} else "."))
