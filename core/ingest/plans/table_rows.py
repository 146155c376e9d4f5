"""The rows of a table that are data: without those that repeat the figures of others, and without descriptions."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.base.arrays import Floats
from core.base.count_text import count
from core.base.frozen import frozen
from core.catalogue.kinds import CellType
from core.ingest.columns.column_profile import Columns, Role, first_texts, profiles
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import Figures, TextBatch
from core.ingest.formats.different_cells import are_such
from core.ingest.headers.word_lists import names_balance
from core.ingest.layout import RegionRecords, TableRegion, total_records
from core.ingest.mapping.cell_parsing import FIGURES
from core.ingest.mapping.cell_text import column_text
from core.ingest.mapping.column_plan import Plan, noted
from core.ingest.plans.earlier_loads import known_totals, words_of_totals
from core.ingest.plans.subtotals import coarser_rows, repeated_figures
from core.ingest.values import numbers
from core.ingest.values.date_columns import is_date
from core.ingest.values.typed_numbers import values_of

_COMPUTED = frozenset(("daily", "orders"))
"""Kinds whose ratios or returns are found by the figures of the first rows."""


@frozen(kw_only=True)
class PlannedRows:
    """The rows of a table that are data."""

    records: RegionRecords
    first: TextBatch | None
    """The first of them; None where there are none."""
    columns: Columns
    figures: Figures
    """What the columns of figures hold in those, by target; none of a kind that is not decided by them."""
    totals: Mapping[str, Sequence[str]]
    """The words of rows that were left out as totals, by their column."""


def without_totals(
    plan: Plan,
    region: TableRegion,
    records: RegionRecords,
    columns: Columns,
    first: TextBatch | None,
    known: Mapping[str, Sequence[str]],
) -> tuple[Plan, PlannedRows]:
    """The rows without totals and descriptions, and the plan with a note on these; `known`: words of totals of earlier files."""
    if first is None:
        return plan, PlannedRows(records=records, first=None, columns=columns, figures={}, totals={})
    figures = _figures(plan, first) if region.is_whole or plan.rates or plan.kind.name in _COMPUTED else {}
    gone = (
        _totals(plan, columns, region, first, figures) | _balances(plan, columns, first) if region.is_whole else set()
    )
    gone |= _described(plan, columns, first) | known_totals(first, known)
    if not gone:
        return plan, PlannedRows(records=records, first=first, columns=columns, figures=figures, totals={})
    kept, names = records.without(gone), tuple(columns)
    left = first_texts(kept, names)
    return noted(plan, f"left out {count(len(gone), 'row')} of totals or descriptions"), PlannedRows(
        records=kept,
        first=left,
        columns={**columns, **_words_left(columns, left, names)},
        figures=_figures(plan, left) if left is not None else {},
        totals=words_of_totals(first, columns, gone),
    )


def _words_left(columns: Columns, texts: TextBatch | None, names: Sequence[str]) -> Columns:
    """The columns of words as they are without rows of totals: a column with one word then tells no rows apart."""
    left = profiles(texts, names)
    return {
        name: column for name, column in left.items() if column.role is Role.TEXT and columns[name].role is Role.TEXT
    }


def _figures(plan: Plan, texts: TextBatch) -> dict[str, Floats]:
    """The figures of each column that is read, by its target; shape (rows,), nan where there is none."""
    result: dict[str, Floats] = {}
    for column in plan.columns:
        if column.source is not None and column.cell in FIGURES and column.cell is not CellType.DURATION:
            mark = column.decimal or plan.decimal
            cells = values_of(column_text(texts, column), "." if mark == "auto" else mark)
            result[column.target] = cells * column.times
    return result


def _totals(plan: Plan, columns: Columns, region: TableRegion, texts: TextBatch, figures: Figures) -> set[int]:
    """The records whose figures others have as well."""
    day = plan.column(plan.kind.day)
    by_source = {
        column.source: figures[column.target] for column in plan.columns if column.source and column.target in figures
    }
    dated, reading = (day.source, day.dates) if day is not None else (None, None)
    result = total_records(region, texts, dated, by_source, reading)
    if plan.kind.name not in _COUNTED or plan.key or not by_source:
        return result
    keep = np.flatnonzero(~np.isin(texts.records, list(result)))
    words = {name: texts.columns[name] for name, column in columns.items() if column.role is Role.TEXT or name == dated}
    if len(keep) < len(texts.records):
        words = {name: cells.take(arrow_array(keep)) for name, cells in words.items()}
    kept_figures = {name: values[keep] for name, values in by_source.items()}
    if len(rows := coarser_rows(words, kept_figures, dated)):
        return result | {int(record) for record in texts.records[keep[rows]]}
    rows = repeated_figures(words, kept_figures)
    return result | {int(record) for record in texts.records[keep[rows]]}


_COUNTED = ("daily", "traffic")
"""Kinds whose rows are counts of a day, which a row for all of something would count again."""


def _balances(plan: Plan, columns: Columns, texts: TextBatch) -> set[int]:
    """The records of a list of days that say what there was before or after it (`Opening balance`): no movements."""
    if plan.kind.name != "daily" or plan.preset is not None:
        return set()
    words = [texts.columns[name] for name, column in columns.items() if column.role is Role.TEXT]
    found = [at for cells in words for at in np.flatnonzero(are_such(cells, names_balance)).tolist()]
    return {int(texts.records[at]) for at in found} if len(found) < _FEW * len(texts.records) else set()


_FEW = 0.5


def _described(plan: Plan, columns: Columns, texts: TextBatch) -> set[int]:
    """The first record, when it has words in columns of figures: it says their units, or what they are."""
    if not len(texts.records):
        return set()
    day = plan.column(plan.kind.day)
    if day is not None and day.source and is_date(texts.columns[day.source][0].as_py() or ""):
        return set()
    words = [
        cell
        for column in plan.columns
        if column.source is not None and column.cell in FIGURES and columns[column.source].is_figure
        if (cell := texts.columns[column.source][0].as_py())
        and not numbers.is_number(cell)
        and columns[column.source].unit is None
    ]
    return {0} if words else set()
