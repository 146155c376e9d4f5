"""What an earlier load says of a file with the same columns, and what a file shows for later ones: both are read alike, so that
nothing counts twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.errors import UsageError
from core.catalogue.kinds import KINDS
from core.ingest.columns.column_profile import Columns, Role
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import TextBatch
from core.ingest.layout import TableRegion
from core.ingest.mapping.column_plan import Plan, snake
from core.ingest.recognition import RecognizedExport, recognize
from core.ingest.request import ORDER_AMOUNT, EarlierReading, Request, columns_key


def known_totals(texts: TextBatch, totals: Mapping[str, Sequence[str]]) -> set[int]:
    """The records with words that an earlier load of the same columns left out as totals."""
    known = [
        pc.is_in(pc.utf8_trim_whitespace(texts.columns[name]), pa.array(words, pa.string())).fill_null(False)
        for name, words in totals.items()
        if name in texts.columns
    ]
    result = {int(record) for found in known for record in texts.records[found.to_numpy(zero_copy_only=False)]}
    return result if len(result) < len(texts.records) else set()


def words_of_totals(texts: TextBatch, columns: Columns, gone: set[int]) -> dict[str, list[str]]:
    """The words that only these records have, by their column."""
    is_gone = np.isin(texts.records, list(gone))
    result: dict[str, list[str]] = {}
    for name, column in columns.items():
        if column.role is Role.TEXT and not column.is_remark:
            cells = pc.utf8_trim_whitespace(texts.columns[name])
            words, kept = (
                set(pc.unique(cells.filter(arrow_array(own))).drop_null().to_pylist()) for own in (is_gone, ~is_gone)
            )
            result |= {name: sorted(words - kept)} if words - kept else {}
    return result


def counted_columns(plan: Plan) -> tuple[str, ...]:
    """The columns of figures that days without a preset count: a part of them may have too few cells to show that they count."""
    if plan.kind.name != "daily" or plan.preset is not None:
        return ()
    return tuple(
        column.source for column in plan.columns if column.source is not None and column.target in plan.measures
    )


def written_marks(plan: Plan) -> dict[str, str]:
    """The order of day and month and the decimal mark of a table, as far as it has one of each."""
    marks = {column.decimal for column in plan.columns if column.decimal not in {None, "auto"}}
    orders = {column.dates.order for column in plan.columns if column.dates is not None} - {None, "ymd"}
    found = {"date_order": sorted(map(str, orders)), "decimal": sorted(map(str, marks))}
    return {name: seen[0] for name, seen in found.items() if len(seen) == 1}


_ORDERS = "orders"


def as_before(
    recognized: RecognizedExport, region: TableRegion, header: str, request: Request
) -> tuple[RecognizedExport, Request]:
    """What a table without a preset is, and how it is read, given an earlier load of its columns where the user does not say it.

    What the user once called orders, or days of figures though it looks like orders, stays that. Days of figures stay that where
    a column has no figures now.
    """
    earlier = request.earlier.get(columns_key(header))
    if earlier is None or request.as_kind is not None or recognized.mapping is not None:
        return recognized, request
    if earlier.kind == _ORDERS and earlier.preset is None:
        return recognize(region, _ORDERS, None), _for_orders(request, recognized, earlier)
    if earlier.kind == "daily" and earlier.preset is None and recognized.nearest is not None:
        return replace(recognized, kind=KINDS["daily"], nearest=None), request
    if (earlier.kind, recognized.kind.name) == ("daily", "traffic"):
        return replace(recognized, kind=KINDS["daily"]), request
    return recognized, request


def refuse_other_than_traffic(earlier: EarlierReading | None) -> None:
    """Raises UsageError for days of figures whose columns an earlier load took for traffic."""
    if earlier is not None and earlier.kind == "traffic":
        raise UsageError(
            "an earlier load of the same columns was taken for traffic, since some of them had no figures: its days would count "
            "twice. Undo that load (whydrop loads), then load both together; or load this one with --as traffic."
        )


def _for_orders(request: Request, recognized: RecognizedExport, earlier: EarlierReading) -> Request:
    """The request for lines that are orders, sliced by the columns that those of the earlier load were."""
    sliced = {*earlier.names} - {*KINDS[_ORDERS].columns, ORDER_AMOUNT}  # a column may be called `Order amount`
    own = [name for name in recognized.names if snake(name) in sliced]
    return replace(request, as_kind=_ORDERS, dimensions=tuple(dict.fromkeys((*request.dimensions, *own))))
