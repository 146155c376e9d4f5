"""Hashes of texts, a column at a time, by which equal rows are found."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_GOLDEN = 0x9E3779B97F4A7C15
_ALL_BITS = (1 << 64) - 1
_LONG = 1024
"""Bytes of a text."""


def text_hashes(columns: Sequence[pa.Array]) -> NDArray[np.uint64]:
    """A hash of each row of some columns of text without blanks, shape (n,)."""
    out = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        out = add_texts(column, out)
    return out


def add_texts(texts: pa.Array, out: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """`out` mixed with each text, eight bytes at a time; with a digest of long ones: of 3 MB, each step would be of one text."""
    data, starts, sizes = bytes_of(texts)
    padded = np.concatenate([data, np.zeros(8, np.uint8)])
    out = out ^ mixed(sizes, 0)
    is_long = sizes > _LONG
    spans = zip(starts[is_long].tolist(), sizes[is_long].tolist(), strict=True)
    digests = b"".join(blake2b(data[start : start + size].tobytes(), digest_size=8).digest() for start, size in spans)
    out[is_long] = mixed((out[is_long] ^ np.frombuffer(digests, np.uint64)).view(np.int64), 0)
    rows = np.flatnonzero((sizes > 0) & ~is_long)
    at = 0
    while len(rows):
        places = (starts[rows] + at)[:, None] + np.arange(8)
        used = np.where(np.arange(8) < (sizes[rows] - at)[:, None], padded[places], 0)
        words = np.ascontiguousarray(used, np.uint8).view(np.uint64)[:, 0]
        out[rows] = mixed((out[rows] ^ words).view(np.int64), at)
        at += 8
        rows = rows[sizes[rows] > at]
    return out


def bytes_of(texts: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """The UTF-8 of all texts one after the other, where each starts, and how many bytes it has (0 for null)."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32, len(texts) + 1, texts.offset * 4).astype(np.int64)
    sizes = np.diff(ends)
    if texts.null_count:
        sizes = np.where(texts.is_valid().to_numpy(zero_copy_only=False), sizes, 0)
    return np.frombuffer(data or b"", np.uint8), ends[:-1], sizes


def mixed(values: "NDArray[np.integer]", position: int) -> NDArray[np.uint64]:
    """Whole numbers as hashes of 64 bits: Splitmix64's output function
    (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014, figure 17)."""
    out = values.astype(np.uint64) + np.uint64(((position << 48) + 1) * _GOLDEN & _ALL_BITS)
    out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    out ^= out >> np.uint64(31)
    return out
