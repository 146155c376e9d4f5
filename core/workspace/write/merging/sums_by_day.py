"""The figures of a file by day, as they are added up batch by batch."""

from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc

from core.base.arrays import Floats, numbered
from core.catalogue.kinds import SOURCE
from core.ingest.formats.batch import Batch

Sums = dict[int, Floats]
"""Day -> the sum of each measure, shape (measures,)."""
OF_SOURCE = f"r.{SOURCE} = coalesce((SELECT code FROM dictionary WHERE dimension = '{SOURCE}' AND value = ?), 0)"
"""Rows of one source; of none where it is blank."""


def add_up(sums: Sums, batch: Batch, measures: Sequence[str]) -> None:
    """Adds the figures of a batch of rows with days to the sums of their days."""
    assert batch.days is not None  # noqa: S101 - rows without days have no measures
    days, places = numbered(batch.days)
    figures = [pc.fill_null(batch.columns[name], 0).to_numpy(zero_copy_only=False) for name in measures]
    by_day = np.stack([np.bincount(places, values, len(days)) for values in figures], axis=1)
    for day, row in zip(days.tolist(), by_day, strict=True):
        sums[day] = sums[day] + row if day in sums else row
