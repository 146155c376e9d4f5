"""Days far from all others of their file: a slip of the year, which would stretch every series by decades."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from core.base.days import clusters, iso
from core.ingest.formats.batch import Batch, Export, RefusedRow

_FEW_SHARE = 0.02
"""Of a file's rows: days apart from the others are a slip only when so few rows have them. A file of two seasons is none."""
_LEAST_ROWS = 5
"""Near one another; fewer prove nothing about the rest."""


class FarDaysFound(Exception):  # noqa: N818 - it is no fault of the program: the load begins again without these days
    """Some rows of a file lie far from all others."""

    def __init__(self, days: frozenset[int]) -> None:
        super().__init__()
        self.days = days


def far_days(rows: Mapping[int, int]) -> frozenset[int]:
    """The days (since 1970-01-01) that are more than a year away from all others and have few rows; `rows` of each day.

    >>> sorted(far_days({20454: 9, 20455: 9, 60000: 1}))
    [60000]
    """
    groups = clusters(rows)
    if len(groups) < 2:
        return frozenset()
    sizes = [sum(rows[day] for day in group) for group in groups]
    if max(sizes) < _LEAST_ROWS:
        return frozenset()
    few = max(1, _FEW_SHARE * sum(sizes))
    return frozenset(day for group, size in zip(groups, sizes, strict=True) if size <= few for day in group)


@dataclass(frozen=True, slots=True)
class _WithoutDays:
    """The batches of an export; rows of some days are refused."""

    batches: Iterable[Batch]
    days: frozenset[int]

    def __iter__(self) -> Iterator[Batch]:
        for batch in self.batches:
            is_far = np.isin(batch.days, list(self.days)) if batch.days is not None else np.zeros(len(batch), bool)
            yield _refused(batch, is_far) if is_far.any() else batch


def _refused(batch: Batch, is_far: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Batch:
    assert batch.days is not None  # noqa: S101 - rows without days are never far
    refused = [
        RefusedRow(
            record, f"{iso(day)} is more than a year from the other days of the file (--allow-far-days takes it)"
        )
        for record, day in zip(batch.records[is_far].tolist(), batch.days[is_far].tolist(), strict=True)
    ]
    keep = pa.array(~is_far)
    return replace(
        batch,
        columns={name: column.filter(keep) for name, column in batch.columns.items()},
        records=batch.records[~is_far],
        refused=tuple(sorted((*batch.refused, *refused), key=lambda row: row.record)),
        days=batch.days[~is_far],
    )


def without_days(export: Export, days: frozenset[int]) -> Export:
    """The export with the rows of these days refused."""
    return replace(export, batches=_WithoutDays(export.batches, days)) if days else export
