"""A number of 64 bits for the day and slice, or the key, of each row, by which rows that may be the same are found."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.ingest.formats.text_hash import add_texts, mixed


def row_hashes(
    days: NDArray[np.int64], codes: Sequence[NDArray[np.integer]], places: Sequence[int]
) -> NDArray[np.uint64]:
    """A hash of each row's day and codes; a code of 0 adds nothing, so that a slice that is not carried is as one not given."""
    out = mixed(days, 0)
    for column, weight in zip(codes, places, strict=True):
        out += np.where(column == 0, np.uint64(0), mixed(column, weight + 1))
    return out


def key_hashes(parts: Sequence[pa.Array | NDArray[np.integer]]) -> NDArray[np.uint64]:
    """A hash of each row's key, made of texts and codes."""
    out = np.zeros(len(parts[0]), np.uint64)
    for number, part in enumerate(parts):
        if isinstance(part, pa.Array):
            out = add_texts(part, out)
        else:
            out += mixed(part, number + 1)
    return out
