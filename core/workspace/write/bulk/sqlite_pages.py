"""Rows as pages of an SQLite table, made by numpy.

Binding values one by one is what makes loading slow: 3 s for a million rows of 22 columns, as long as `sqlite3 .import`
takes in all. Here whole columns become records and records become the leaf pages of a table b-tree, as the file format
says (https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1; stable, and promised to stay so). SQLite then copies
the records into the workspace itself, in its own transaction.

Only short cells: integers, floats, short texts or NULL, so that payloads are far shorter than a page.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Ints
from core.base.frozen import frozen

Bytes = NDArray[np.uint8]

PAGE = 16_384
"""The page size of the staged tables; the workspace may have another."""
_LEAF = 0x0D
_INTERIOR = 0x05
_LEAF_HEADER = 8
_INTERIOR_HEADER = 12

_NULL, _FLOAT, _ZERO, _TEXT = 0, 7, 8, 13
LONGEST_TEXT = 57
"""Bytes of a text whose serial type, 13 + 2 x bytes, takes one byte."""
_SIZES = np.array([0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0, *np.repeat(np.arange(LONGEST_TEXT + 1), 2)], np.int64)
"""Bytes of a value by its serial type."""
_STEPS = ((7, 2), (15, 3), (23, 4), (31, 6), (47, 8))
"""From so many bits on an integer takes so many bytes."""
_WHOLE = float(1 << 47)
"""Floats that are whole numbers below this are stored as integers, as SQLite does."""

MOST_COLUMNS = 120
"""With one byte for each serial type the record's header stays below 128 bytes, and its length takes one byte."""


@frozen
class NumberCells:
    """A column of numbers."""

    values: NDArray[np.generic]
    """Integers or floats, shape (n,)."""
    null: NDArray[np.bool_] | None = None
    """Where the value is NULL instead; None = nowhere."""


@frozen
class TextCells:
    """A column of texts of at most LONGEST_TEXT bytes."""

    values: Bytes
    """The UTF-8 of each at the right end of its row, shape (n, longest)."""
    sizes: Ints
    null: NDArray[np.bool_] | None = None


PageColumn = NumberCells | TextCells


@frozen
class LeafPages:
    """The leaf pages of one table."""

    pages: bytearray
    """Whole pages, one after the other."""
    last_ids: list[int]
    """The last row id on each."""


def leaf_pages(ids: Ints, columns: Sequence[PageColumn | None]) -> LeafPages:
    """The leaf pages of a table whose first column is its row id.

    `ids` ascend, are positive and below 2**56, shape (n,); `columns` are the further columns in the table's order, None =
    NULL in every row.
    """
    cells, sizes = _cells(ids, columns)
    ends = np.cumsum(sizes)
    room = np.cumsum(sizes + 2)
    firsts = _first_rows(room)
    out = bytearray(len(firsts) * PAGE)
    raw = cells.data
    borders = [*firsts, len(ids)]
    starts = ends - sizes
    offsets = np.repeat(
        [PAGE - int(ends[b - 1] - starts[a]) - int(starts[a]) for a, b in pairwise(borders)],
        np.diff(borders),
    )
    pointers = (starts + offsets).astype(">u2").tobytes()
    for page, (first, end) in enumerate(pairwise(borders)):
        at = page * PAGE
        low, high = int(starts[first]), int(ends[end - 1])
        content = PAGE - (high - low)
        out[at : at + _LEAF_HEADER] = _header(_LEAF, end - first, content)
        out[at + _LEAF_HEADER : at + _LEAF_HEADER + 2 * (end - first)] = pointers[2 * first : 2 * end]
        out[at + content : at + PAGE] = raw[low:high]
    return LeafPages(out, [int(ids[border - 1]) for border in borders[1:]])


def root(children: Sequence[int], last_ids: Sequence[int]) -> bytes:
    """The root page over leaf pages: their page numbers, and the last row id on each. Raises ValueError when it overflows."""
    cells = [child.to_bytes(4, "big") + _varint(last) for child, last in zip(children[:-1], last_ids, strict=False)]
    content = PAGE
    pointers = b""
    page = bytearray(PAGE)
    for cell in cells:
        content -= len(cell)
        page[content : content + len(cell)] = cell
        pointers += content.to_bytes(2, "big")
    if _INTERIOR_HEADER + len(pointers) > content:
        raise ValueError("too many pages for one root")
    page[:_INTERIOR_HEADER] = _header(_INTERIOR, len(cells), content) + children[-1].to_bytes(4, "big")
    page[_INTERIOR_HEADER : _INTERIOR_HEADER + len(pointers)] = pointers
    return bytes(page)


def _header(kind: int, cells: int, content: int) -> bytes:
    return bytes([kind, 0, 0]) + cells.to_bytes(2, "big") + content.to_bytes(2, "big") + b"\0"


def _first_rows(room: Ints) -> list[int]:
    """The first row of each page, packing rows as long as they fit; room = what rows need so far, pointers included."""
    firsts = [0]
    used = 0
    while True:
        end = int(room.searchsorted(used + PAGE - _LEAF_HEADER, "right"))
        if end >= len(room):
            return firsts
        firsts.append(end)
        used = int(room[end - 1])


def _cells(ids: Ints, columns: Sequence[PageColumn | None]) -> tuple[Bytes, Ints]:
    """The cells of all rows one after the other, and the size of each.

    Every part of a cell gets as many byte columns as its longest value needs; a mask says which of them a row has.
    """
    rows = len(ids)
    encoded = [_serialised(column, rows) for column in columns]
    body = np.zeros(rows, np.int64)
    for serial, _ in encoded:
        body += _SIZES[serial]
    header = 1 + 1 + len(columns)  # its own length, the row id's NULL, a serial type for each column
    payload = body + header
    parts = [_varints(payload), _varints(ids)]
    fixed = np.zeros((rows, header), np.uint8)
    fixed[:, 0] = header
    for column_number, (serial, _) in enumerate(encoded, 2):
        fixed[:, column_number] = serial
    width = sum(part.shape[1] for part, _ in parts) + header + sum(part.shape[1] for _, part in encoded)
    table = np.empty((rows, width), np.uint8)
    mask = np.ones((rows, width), bool)
    at = 0
    for part, used in parts:
        table[:, at : at + part.shape[1]] = part
        mask[:, at : at + part.shape[1]] = used
        at += part.shape[1]
    table[:, at : at + header] = fixed
    at += header
    for serial, part in encoded:
        longest = part.shape[1]
        sizes = _SIZES[serial]
        for column_number in range(longest):
            table[:, at + column_number] = part[:, column_number]
            mask[:, at + column_number] = sizes >= longest - column_number
        at += longest
    return table[mask], payload + parts[0][1].sum(axis=1) + parts[1][1].sum(axis=1)


def _serialised(column: PageColumn | None, rows: int) -> tuple[Bytes, Bytes]:
    """The serial type of each value, shape (n,), and its bytes at the right end of shape (n, longest)."""
    if column is None:
        return np.zeros(rows, np.uint8), np.zeros((rows, 0), np.uint8)
    if isinstance(column, TextCells):
        serial = (_TEXT + 2 * column.sizes).astype(np.uint8)
        if column.null is not None:
            serial[column.null] = _NULL
        return serial, column.values
    serial, raw = _floats(column.values) if column.values.dtype.kind == "f" else _integers(column.values)
    if column.null is not None:
        serial[column.null] = _NULL
    return serial, raw


def _integers(values: Any) -> tuple[Bytes, Bytes]:
    low, high = int(values.min()), int(values.max())
    largest = max(high, ~low)
    wide = values if largest < 1 << 31 else values.astype(np.int64)
    size = wide if low >= 0 else np.where(wide < 0, ~wide, wide)
    serial = np.ones(len(values), np.uint8)
    longest = 1
    for bits, bytes_above in _STEPS:
        if largest < 1 << bits:
            break
        serial += size >= 1 << bits
        longest = bytes_above
    bit = (size < 2) if low >= 0 else (wide == 0) | (wide == 1)
    serial = np.where(bit, wide.astype(np.uint8) + np.uint8(_ZERO), serial)
    stored = 1 if longest == 1 else 2 if longest == 2 else 4 if longest <= 4 else 8
    raw = wide.astype(f">i{stored}").view(np.uint8).reshape(-1, stored)
    return serial, raw[:, stored - longest :]


def _floats(values: NDArray[np.generic]) -> tuple[Bytes, Bytes]:
    floats = values.astype(np.float64)
    with np.errstate(invalid="ignore"):
        is_whole = (np.abs(floats) < _WHOLE) & (floats == np.trunc(floats))
    raw = floats.astype(">f8").view(np.uint8).reshape(-1, 8)
    serial = np.full(len(floats), _FLOAT, np.uint8)
    if is_whole.any():
        serial[is_whole], short = _integers(floats[is_whole].astype(np.int64))
        raw[is_whole, 8 - short.shape[1] :] = short
    return serial, raw


def _varints(values: Ints) -> tuple[Bytes, NDArray[np.bool_]]:
    """Values as variable-length integers of at most eight bytes, right-aligned, and which bytes each of them has."""
    longest = max(1, -(-int(values.max(initial=0)).bit_length() // 7))
    shifts = np.arange(longest - 1, -1, -1) * 7
    groups = values[:, None] >> shifts
    part = (groups & 0x7F).astype(np.uint8)
    part[:, :-1] |= 0x80
    used = groups > 0
    used[:, -1] = True
    return part, used


def _varint(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
