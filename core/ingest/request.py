"""What the user says about exports. Light: it is imported before it is known whether anything has to be read."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Literal, TypeVar

from core.base.errors import MissingColumn
from core.base.frozen import frozen
from core.base.time_zones import Zones

DateOrder = Literal["dmy", "mdy", "ymd"]
"""Whether 03/04/05 is in April (day first), in March, or in 2003."""
DecimalMark = Literal[".", ",", "auto"]
"""`auto` is decided on all cells of an export before any of them is read."""
ROW_KEY = "row_key"
"""The column of `daily` that names a row of what has names of its own."""
ORDER_AMOUNT = "order_amount"
"""Says of an earlier reading that lines repeat the amount of their order: a few orders alone do not show it. Of another amount
(`order_amount:commission`) that they repeat that.
"""
ORDER_LINE = "order_line"
"""`order_line:NAME` says of an earlier reading which column tells the lines of an order apart."""
LINE = "lineitem "
"""What the columns of a line of an order begin with, in documents whose orders hold their lines."""
T = TypeVar("T")
Duplicates = Literal["once", "keep"]
"""Whether rows of one file that are equal in every column are one row, or as many as there are."""


def columns_key(header: str) -> str:
    """What the headers of files with the same columns have in common, whatever their order, case and delimiter.

    >>> columns_key("Date,Ad name,Cost") == columns_key("date;cost;ad name")
    True
    """
    return " ".join(sorted(re.findall(r"\w+", header.casefold())))


@frozen
class EarlierReading:
    """How a file with the same columns was read: those of a later one are not to count twice."""

    kind: str
    names: tuple[str, ...]
    """What distinguished its rows: its dimensions, `row_key:NAME` for each column of the names of rows that are events;
    ORDER_AMOUNT; and `order_line:NAME`.
    """
    preset: str | None = None
    """The system or the mapping that it was read by."""
    rows: int | None = None
    """How many rows that file had, where it is known."""
    date_order: DateOrder | None = None
    decimal: DecimalMark | None = None
    totals: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The words of rows that it left out as totals, by their column."""
    figures: Sequence[str] = ()
    """The columns of figures that it counted, of a table without a preset."""
    rates: Sequence[str] = ()
    """The measures that are in no total already, whatever a later file shows of them."""
    sources: Mapping[str, str | None] = field(default_factory=dict)
    """What the rows of files were said to be of, by the file's name."""


@frozen(kw_only=True)
class Request:
    """How exports are to be read."""

    as_kind: str | None = None
    """The name of a kind or a preset."""
    mapping: Path | None = None
    dimensions: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    """Measures that cannot be added up, whatever their names and figures show."""
    date_order: DateOrder | None = None
    decimal: DecimalMark | None = None
    encoding: str | None = None
    day: int | None = None
    """The day of an export that does not say it."""
    source: str | None = None
    """Where the rows come from, for exports that do not say it."""
    duplicates: Duplicates = "once"
    earlier: Mapping[str, EarlierReading] = field(default_factory=dict)
    """By the columns of a file that was loaded before."""
    also_read_as: str | None = None
    """Another kind that the same rows are loaded as: its columns are not left out."""
    likely_date_order: DateOrder | None = None
    """That of other files of the same load, for dates whose order nothing else shows."""
    may_guess: bool = True
    """Whether the place that a file is from decides what its dates leave open: not before other files had their say."""
    allow_far_days: bool = False
    """Whether days more than a year from all others of their file are taken."""
    zones: Zones = field(default_factory=Zones)


class SharedDimensions:
    """The columns to slice by that are asked of several tables: each is sliced by those that it has."""

    def __init__(self) -> None:
        self._found: set[str] = set()
        self._lacking: dict[str, MissingColumn] = {}
        """Columns that no table has so far -> why the first one could not be sliced by them."""

    def opened(self, request: Request, open_table: Callable[[Request], T]) -> tuple[T, Request, Sequence[str]]:
        """A table that is opened so, the request without the columns that it lacks, and these."""
        lacks: list[str] = []
        try:
            result = open_table(request)
        except MissingColumn as error:
            lacks = [name for name in request.dimensions if not _has(open_table, request, name)]
            self._lacking = {**dict.fromkeys(lacks, error), **self._lacking}
            request = replace(request, dimensions=tuple(name for name in request.dimensions if name not in lacks))
            result = open_table(request)
        self._found.update(request.dimensions)
        return result, request, lacks

    def check(self) -> None:
        """Raises what the first table said of a column that none has."""
        for name, error in self._lacking.items():
            if name not in self._found:
                raise error


def _has(open_table: Callable[[Request], object], request: Request, name: str) -> bool:
    try:
        open_table(replace(request, dimensions=(name,)))
    except MissingColumn:
        return False
    return True
