"""What a file shows of how later ones with its columns are read: words of totals, the order of day and month, decimal marks."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.ingest.columns.column_profile import ColumnProfile, Role
from core.ingest.formats.delimited import TextBatch
from core.ingest.mapping.column_plan import Plan


def known_totals(texts: TextBatch, totals: Mapping[str, Sequence[str]]) -> set[int]:
    """The records with words that an earlier load of the same columns left out as totals."""
    known = [
        pc.is_in(pc.utf8_trim_whitespace(texts.columns[name]), pa.array(words, pa.string())).fill_null(False)
        for name, words in totals.items()
        if name in texts.columns
    ]
    result = {int(record) for found in known for record in texts.records[found.to_numpy(zero_copy_only=False)]}
    return result if len(result) < len(texts.records) else set()


def words_of_totals(texts: TextBatch, columns: Mapping[str, ColumnProfile], gone: set[int]) -> dict[str, list[str]]:
    """The words that only these records have, by their column."""
    is_gone = np.isin(texts.records, list(gone))
    result: dict[str, list[str]] = {}
    for name, column in columns.items():
        if column.role is Role.TEXT and not column.is_remark:
            cells = pc.utf8_trim_whitespace(texts.columns[name])
            words, kept = (
                set(pc.unique(cells.filter(pa.array(own))).drop_null().to_pylist()) for own in (is_gone, ~is_gone)
            )
            result |= {name: sorted(words - kept)} if words - kept else {}
    return result


def written_marks(plan: Plan) -> dict[str, str]:
    """The order of day and month and the decimal mark of a table, as far as it has one of each."""
    marks = {column.decimal for column in plan.columns if column.decimal not in {None, "auto"}}
    orders = {column.dates.order for column in plan.columns if column.dates is not None} - {None, "ymd"}
    found = {"date_order": sorted(map(str, orders)), "decimal": sorted(map(str, marks))}
    return {name: seen[0] for name, seen in found.items() if len(seen) == 1}
