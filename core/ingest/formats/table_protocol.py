"""What every format offers: its first rows, among which the header is looked for, and then the records below it as text."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from core.ingest.formats.batch import Located
from core.ingest.formats.delimited import TextBatch


class Records(Protocol):
    """The records of an export below its header."""

    def texts(self, requested: Iterable[str]) -> Iterator[TextBatch]:
        """The records as columns of text, only the wanted ones."""

    def locate(self, records: Iterable[int]) -> Located:
        """Where records are, in ascending order, and their raw text."""


class ExportTable(Protocol):
    """An export before its header is known."""

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        """Its first rows, those without any cell left out."""

    @property
    def gaps(self) -> frozenset[int]:
        """Which of its first rows have a blank line above them."""

    @property
    def is_complete(self) -> bool:
        """Whether its first rows are all that it has."""

    @property
    def describe(self) -> dict[str, str]:
        """What it is, for a person: format, encoding, delimiter."""

    def records(self, header: int, names: Sequence[str]) -> Records:
        """The records below a row, its columns called `names`."""

    def header_line(self, header: int) -> str:
        """A row as one line of text."""
