"""A text in blocks of whole records, so that each can be parsed by itself."""

import re
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO

import numpy as np

from core.base.errors import UnreadableFile
from core.ingest.formats.encoding import UNREADABLE

BLOCK = 4 << 20
"""Bytes of a block; no record may be longer."""
_QUOTE = ord('"')
_NEWLINE = ord("\n")


def blocks(stream: BinaryIO, delimiter: str, name: str) -> Iterator[bytes]:
    """The rest of a stream of UTF-8; what is no text comes as NUL. Raises UnreadableFile for a record that is too long.

    A last line that does not end is no block of its own: what is decided on the first block is decided on all of a small file.
    """
    complete = remaining = b""
    while data := stream.read(BLOCK - len(remaining)):
        data = remaining + data
        end = last_end(data, delimiter)
        if not end and len(data) >= BLOCK:
            raise UnreadableFile(
                f"{name}: a row is longer than {BLOCK >> 20} MB. Is a quotation mark not closed, or is it no table?"
            )
        if end and complete:
            yield _readable(complete)
        complete = data[:end] or complete
        remaining = data[end:]
    if len(complete) + len(remaining) <= BLOCK:
        complete, remaining = complete + remaining, b""
    yield from (_readable(data) for data in (complete, remaining) if data)


def _readable(data: bytes) -> bytes:
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", UNREADABLE).encode()
    return data


def last_end(data: bytes, delimiter: str) -> int:
    """Where the last whole record of a text that begins with one ends; 0 when none does.

    >>> last_end(b'a,b\\n"c\\nd', ","), last_end(b'"a\\n"\\nb', ","), last_end(b'5" tube,1\\n6', ",")
    (4, 5, 10)
    """
    if b'"' not in data:
        return data.rfind(b"\n") + 1
    text = np.frombuffer(data, np.uint8)
    quotes, newlines = np.flatnonzero(text == _QUOTE), np.flatnonzero(text == _NEWLINE)
    opening = quotes[::2]
    before = text[np.maximum(opening - 1, 0)]
    starts_cell = (before == ord(delimiter)) | (before == _NEWLINE) | (before == ord("\r")) | (before == _QUOTE)
    if not np.all(starts_cell | (opening == 0)):
        return _by_cell(data, delimiter)  # a quotation mark inside a cell, where it means itself
    outside = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


def _by_cell(data: bytes, delimiter: str) -> int:
    end = position = 0
    cell = _cell(delimiter)
    while position < len(data):
        result = cell.match(data, position)
        if result is None or result.end() == position:
            return end
        position = result.end()
        if data[position - 1] == _NEWLINE:
            end = position
    return end


@cache
def _cell(delimiter: str) -> "re.Pattern[bytes]":
    """One cell and what ends it; only a quotation mark at its start begins a quoted one."""
    mark = re.escape(delimiter.encode())
    return re.compile(rb'(?:"(?:[^"]|"")*+"|(?!"))[^' + mark + rb"\r\n]*+(?:" + mark + rb"|\r?\n|\r)")
