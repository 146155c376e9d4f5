"""What became of the rows of one file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UpsertCounts:
    """What became of rows that could be read."""

    unchanged: int
    """Those that the workspace held as they are, and copies of other rows of the file."""
    replaced: int
    copies: int
    """How many of those unchanged are equal in every column to an earlier row of the file."""
    parts: int = 0
    """Rows that have the key, or the day and slice, of an earlier row of the file and differ from it: each counts."""
