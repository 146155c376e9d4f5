"""What an earlier load says of a file with the same columns: both are read alike, so that nothing counts twice."""

from dataclasses import replace

from core.base.errors import UsageError
from core.catalogue.kinds import KINDS
from core.ingest.layout import TableRegion
from core.ingest.mapping.column_plan import snake
from core.ingest.recognition import RecognizedExport, recognize
from core.ingest.request import EarlierReading, Request, columns_key

_ORDERS = "orders"


def as_before(
    recognized: RecognizedExport, region: TableRegion, header: str, request: Request
) -> tuple[RecognizedExport, Request]:
    """What a table without a preset is, and how it is read, given an earlier load of its columns where the user does not say it.

    What the user once called orders stays that. Days of figures stay that where a column has no figures now. Raises UsageError
    where one has some now which had none.
    """
    earlier = request.earlier.get(columns_key(header))
    if earlier is None or request.as_kind is not None or recognized.mapping is not None:
        return recognized, request
    if earlier.kind == _ORDERS and earlier.preset is None:
        return recognize(region, _ORDERS, None), _for_orders(request, recognized, earlier)
    if {earlier.kind, recognized.kind.name} != {"daily", "traffic"}:
        return recognized, request
    if earlier.kind == "daily":
        return replace(recognized, kind=KINDS["daily"]), request
    raise UsageError(
        "an earlier load of the same columns was taken for traffic, since some of them had no figures: its days would count "
        "twice. Take that load back (whydrop loads), then load both together; or load this one with --as traffic."
    )


def _for_orders(request: Request, recognized: RecognizedExport, earlier: EarlierReading) -> Request:
    """The request for lines that are orders, sliced by the columns that those of the earlier load were."""
    known = KINDS[_ORDERS].columns
    own = [name for name in recognized.names if snake(name) in earlier.names and snake(name) not in known]
    return replace(request, as_kind=_ORDERS, dimensions=tuple(dict.fromkeys((*request.dimensions, *own))))
