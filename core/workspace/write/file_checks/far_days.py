"""Days far from all others of their file: a slip of the year, which would stretch every series by decades."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from core.base.days import clusters, iso
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import Batch, Batches, Export, RefusedRow

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


def _refused(batch: Batch, days: frozenset[int]) -> Batch:
    """The batch with the rows of these days refused."""
    if batch.days is None or not (is_far := np.isin(batch.days, list(days))).any():
        return batch
    refused = [
        RefusedRow(
            record, f"{iso(day)} is more than a year from the other days of the file (--allow-far-days takes it)"
        )
        for record, day in zip(batch.records[is_far].tolist(), batch.days[is_far].tolist(), strict=True)
    ]
    keep = arrow_array(~is_far)
    return replace(
        batch,
        columns={name: column.filter(keep) for name, column in batch.columns.items()},
        records=batch.records[~is_far],
        refused=tuple(sorted((*batch.refused, *refused), key=lambda row: row.record)),
        days=batch.days[~is_far],
    )


def without_days(export: Export, days: frozenset[int]) -> Export:
    """The export with the rows of these days refused."""
    return replace(export, batches=Batches(lambda: (_refused(batch, days) for batch in export.batches)))
