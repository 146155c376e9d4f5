"""Rows of one file that have one key: copies of each other, parts of one thing, or a file that cannot be loaded as it is.

Two rows of one file are never a correction. Rows that are equal in every column of the file count once, unless the user
says that they are different rows; whatever else has the same key is kept apart by the caller, or refuses the file.
"""

from collections.abc import Sequence

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.errors import UsageError
from core.base.frozen import frozen
from core.ingest.formats.batch import Export


@frozen
class RepeatedRows:
    """What rows that share their keys are to each other; all arrays of shape (n,)."""

    groups: Ints
    """Equal where the keys are."""
    records: Ints
    """Which record of the file each is."""
    is_copy: Flags
    """Whether an earlier row of the group is equal in every column of the file."""
    ranks: Ints
    """Its place among the rows of its group that are no copies, from 0 in the order of the file; -1 for copies."""

    @property
    def is_part(self) -> Flags:
        """Whether it differs from an earlier row of its group."""
        return self.ranks > 0


def compare(export: Export, groups: Ints, records: Ints) -> RepeatedRows:
    """Compares rows that share their keys, in every column of their file; in the order of groups, then of records."""
    order = np.lexsort((records, groups))
    groups, records = groups[order], records[order]
    is_copy = np.zeros(len(records), bool)
    if export.duplicates == "once":
        contents = export.contents(records)
        by_content = np.lexsort((records, contents, groups))
        same = (np.diff(groups[by_content]) == 0) & (contents[by_content][1:] == contents[by_content][:-1])
        is_copy[by_content[1:][same]] = True
    ranks = np.full(len(records), -1, np.int64)
    distinct = np.flatnonzero(~is_copy)
    starts = np.flatnonzero(np.r_[True, np.diff(groups[distinct]) != 0])
    sizes = np.diff(np.r_[starts, len(distinct)])
    ranks[distinct] = np.arange(len(distinct)) - np.repeat(starts, sizes)
    return RepeatedRows(groups, records, is_copy, ranks)


def refuse_parts(export: Export, rows: RepeatedRows, key: Sequence[str], hint: str) -> None:
    """Raises UsageError, naming two lines, when some rows of one key differ."""
    parts = np.flatnonzero(rows.is_part)
    if not len(parts):
        return
    later = int(parts[0])
    first = int(np.flatnonzero((rows.groups == rows.groups[later]) & (rows.ranks == 0))[0])
    lines = [line for _, line, _ in export.locate([int(rows.records[first]), int(rows.records[later])])]
    more = f", and so are {len(parts) - 1} more rows" if len(parts) > 1 else ""
    raise UsageError(
        f"{export.path}: lines {lines[0]} and {lines[-1]} have the same {' and '.join(key)} but differ{more}. {hint}"
    )
