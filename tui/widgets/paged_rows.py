"""Tables of any length: rows are made when they are seen, a page at a time."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol, overload

from core.reports.table import WORD, Row, Table

_PAGE = 100
"""Rows that are made at once: a few screens of them."""
_KEPT = 30
"""Pages that are kept, so that going back and forth makes nothing again."""
_SAMPLED = 40
"""Rows measured at the start, in the middle and at the end to lay out columns: measuring all would read every page."""


class Listing(Protocol):
    """The rows of a table in one order, behind whatever holds them."""

    def __len__(self) -> int: ...

    def read(self, first: int, last: int) -> Sequence[Row]:
        """The rows from `first` up to, without, `last`."""

    def place(self, key: str) -> int | None:
        """Where the row with this key stands."""


class Pages(Sequence[Row]):
    """The rows of a listing; the pages that were seen last are kept."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._lock = Lock()
        """An export reads them in a thread while the screen goes on."""

    def __len__(self) -> int:
        return len(self.listing)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...

    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        with self._lock:
            return self._page(at // _PAGE)[at % _PAGE]

    def _page(self, number: int) -> Sequence[Row]:
        if number not in self._pages:
            self._pages[number] = self.listing.read(number * _PAGE, min((number + 1) * _PAGE, len(self)))
            if len(self._pages) > _KEPT:
                self._pages.popitem(last=False)
        self._pages.move_to_end(number)
        return self._pages[number]


@dataclass(frozen=True)
class Paged(Table):
    """A table whose rows are asked for when they are seen; it has no branches, and `rows` is empty."""

    view: Callable[[str, str, bool], Listing] | None = None
    """From a filter, the column to sort by (or "") and whether it descends. Raises UsageError for a bad filter."""

    def shown(self, words: str, folded: Collection[str], sort: str, descending: bool) -> Sequence[Row]:
        """The rows in the order and number that a reader asked for."""
        return Pages(self.view(words, sort, descending)) if self.view else ()

    @property
    def has_rows(self) -> bool:
        """Whether there may be rows that a filter hides."""
        return self.view is not None

    def layout(self, rows: Sequence[Row], width: int, longest: int = WORD) -> list[tuple[int, int]]:
        """As wide as some rows from the top, the middle and the end need: to see all of them would take too long."""
        middle = len(rows) // 2
        starts = (0, max(middle, _SAMPLED), max(len(rows) - _SAMPLED, middle + _SAMPLED))
        sample = [row for start in starts for row in rows[start : start + _SAMPLED]]
        return super().layout(sample, width, longest)

    def place(self, rows: Sequence[Row], key: str) -> int | None:
        """Where the row with this key is among the shown ones."""
        return rows.listing.place(key) if isinstance(rows, Pages) and key else None
