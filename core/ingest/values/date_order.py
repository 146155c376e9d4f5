"""Whether 03/04/2026 is in April or in March: decided on all cells of a column, then on what else its file says."""

from collections.abc import Collection, Iterable, Sequence

from core.base.errors import UsageError
from core.base.frozen import frozen
from core.ingest.request import DateOrder
from core.ingest.values.moment_text import DateReading, day_or_none, day_range, numeric_day, plain
from core.ingest.values.years_of_days import is_year_first

_RUN = 4
"""Days in a row that are no chance."""
_ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy")
_PROOF = 2
"""Dates that show an order which is not the one that was said: a single one may be a slip."""
_NEAR, _FAR = 3, 20
"""Days between the day in a file's name and those that it holds: it was made soon after them, not weeks before or later."""


@frozen(kw_only=True)
class DateHints:
    """What else a file says about its dates."""

    order: DateOrder | None = None
    """What the user or the preset says."""
    likely: DateOrder | None = None
    """What its country, currency or language suggests; decides only where nothing else does."""
    last: int
    """No date lies after this day (since 1970-01-01): the file's own, or what the user says."""
    is_past: bool = False
    """Whether they are the days of the rows themselves, and not of what is still to come, such as a promised delivery."""
    is_named: bool = False
    """Whether the last day is the one that the file's name gives, or the user, and not that on which it was written."""
    first: int | None = None
    """The first day of the period that the file names above its table."""
    is_week: bool = False
    """Whether the column is called a week."""
    is_month: bool = False
    """Whether the column is called a month."""


def order_of_dates(cells: Sequence[str], hints: DateHints) -> DateOrder | None:
    """The order of day and month of a column whose different cells these are; None where its dates have only one reading.

    Raises UsageError, with the flag, when nothing decides or the cells contradict each other.
    """
    if hints.order is not None:
        return hints.order
    if is_year_first(cells, hints.last):
        return "ymd"
    example: str | None = None
    observed: set[DateOrder] = set()
    for cell in cells:
        orders = orders_seen([cell]) if is_ambiguous(cell) else None
        if orders is not None and len(orders) < 2:  # 31.31.2026 is no day in either order
            example = example or cell
            observed |= orders
    if example is None:
        return None
    if len(observed) == 1:
        return observed.pop()
    if not observed:
        decided = _running_order(cells) or _order_by_file(cells, hints) or hints.likely
        if decided is not None:
            return decided
    why = "no date has a day over 12" if not observed else "some dates have the day first, others the month"
    raise UsageError(
        f"is {example} day first or month first? {why.capitalize()}. Use --date-order dmy or --date-order mdy."
    )


def shown_against(cells: Iterable[str], declared: DateOrder | None) -> DateOrder | None:
    """The order that dates show where another one is said of them, which none shows.

    >>> shown_against(["07/09/2026", "07/13/2026", "07/14/2026"], "dmy"), shown_against(["07/09/2026", "07/13/2026"], "dmy")
    ('mdy', None)
    """
    decisive = [orders for cell in cells if len(orders := orders_seen([cell])) == 1] if declared in _ORDERS else []
    observed = set().union(*decisive)
    return observed.pop() if len(decisive) >= _PROOF and len(observed) == 1 and declared not in observed else None


def is_same_day(cells: Iterable[str], order: DateOrder) -> bool:
    """Whether days that are read in an order are the same day of several months, the first left out: rows of days are not.

    >>> is_same_day(["01/07/2026", "03/07/2026"], "mdy"), is_same_day(["01/07/2026", "03/07/2026"], "dmy")
    (True, False)
    """
    parts = [result for cell in cells if (result := numeric_day(plain(cell))) is not None]
    days, months = ({int(result[part]) for result in parts} for part in ("ab" if order == "dmy" else "ba"))
    return len(months) > 1 == len(days) and days != {1}


def orders_seen(cells: Iterable[str]) -> set[DateOrder]:
    """Which orders of day and month the cells rule in: one where some number is over 12, both where cells contradict
    each other, none where nothing decides.

    >>> orders_seen(["4/22/2018 6:00", "4/11/18 04:53"])
    {'mdy'}
    """
    observed: set[DateOrder] = set()
    for cell in cells:
        span = day_range(plain(cell))
        for bare in span.groups() if span else (plain(cell),):
            result = numeric_day(bare)
            if result is None:
                continue
            if int(result["a"]) > 12:
                observed.add("dmy")
            if int(result["b"]) > 12:
                observed.add("mdy")
    return observed


def is_ambiguous(cell: str) -> bool:
    """Whether a cell is a date that day and month swapped make another one."""
    bare = plain(cell)
    span = day_range(bare)
    parts = numeric_day(span[1] if span else bare)
    return parts is not None and int(parts["a"]) != int(parts["b"])


def _running_order(cells: Iterable[str]) -> DateOrder | None:
    """The order in which cells are all days of one month, one after the other, where in the other order they would be the same
    day, other than the first, of one month after the other: nobody's calendar.
    """
    parts = [result for cell in cells if (result := numeric_day(plain(cell))) is not None]
    first, second, years = ({result[part] for result in parts} for part in ("a", "b", "y"))
    if len(years) != 1:
        return None
    if _is_run(first) and _is_one_month(second):
        return "dmy"
    return "mdy" if _is_run(second) and _is_one_month(first) else None


def _is_run(days: Collection[str]) -> bool:
    numbers = sorted(map(int, days))
    return len(numbers) >= _RUN and numbers[-1] - numbers[0] == len(numbers) - 1


def _is_one_month(months: Collection[str]) -> bool:
    """Whether it is one month and not January, which could also be the first day of every month, as monthly figures have it."""
    return len(months) == 1 and int(next(iter(months))) != 1


def _order_by_file(cells: Sequence[str], hints: DateHints) -> DateOrder | None:
    """The order in which the days of a file's rows are not after the file, where they are in the other one; or in which they
    are those of its name, where they are weeks away from it in the other one.
    """
    if not hints.is_past:
        return None
    readings = {order: DateReading(order=order) for order in _ORDERS}
    days = {
        order: [day for cell in cells if (day := day_or_none(cell, reading)) is not None]
        for order, reading in readings.items()
    }
    if not all(days.values()):
        return None
    known = [order for order in _ORDERS if max(days[order]) <= hints.last + 1]  # a day ahead: time zones
    if len(known) == 2 and hints.is_named:
        distances = {order: max(min(own) - hints.last, hints.last - max(own), 0) for order, own in days.items()}
        if max(distances.values()) >= _FAR:
            known = [order for order in _ORDERS if distances[order] <= _NEAR]
    return known[0] if len(known) == 1 else None
