"""Files of the cache: each says how long it is and carries a checksum, so that a damaged, cut or foreign one is no file at all.

Where nothing can be written or read nothing is kept, which is no error.
"""

import json
import os
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO
from zlib import crc32

import numpy as np

from core.base.frozen import frozen
from core.base.json_value import Value
from core.workspace.schema.columns import Array
from core.workspace.schema.file_checksum import NOTES

FORMAT = 2
"""Of the files; others are not read."""
ORIGIN = "workspace"
"""The file in each folder that names the workspace that it was derived from."""
MOST_BYTES = 2 << 30
"""Of all that is kept. One large workspace (1.3M rows, all its columns and answers) takes 60 MB."""

_HEADER = struct.Struct("<8sIIQQ")
"""Mark, format, checksum, bytes of the index, bytes of all that follows; a multiple of 8, so that arrays are aligned."""
_MARK = b"whydrop\0"
_FORMS = frozenset({"<i1", "|i1", "<i2", "<i4", "<i8", "<f8"})


@frozen
class StoredColumn:
    """Where a column is."""

    path: Path
    form: str
    """numpy's name of its type."""
    offset: int
    """Bytes from the start of the file."""
    length: int
    checksum: int


def write_columns(path: Path, columns: Mapping[str, Array]) -> None:
    """Writes columns, shape (rows,) each, under their names."""
    index, at = {}, 0
    for name, values in columns.items():
        data = values.tobytes()
        index[name] = (values.dtype.str, at, len(data), crc32(data))
        at += len(data) + -len(data) % 8
    head = json.dumps(index).encode()
    head += b" " * (-len(head) % 8)

    def fill(file: BinaryIO) -> None:
        file.write(_HEADER.pack(_MARK, FORMAT, _checksum(path, head), len(head), len(head) + at))
        file.write(head)
        for values in columns.values():
            data = values.tobytes()
            file.write(data)
            file.write(b"\0" * (-len(data) % 8))

    _write(path, fill)


def stored_columns(folder: Path) -> dict[str, StoredColumn]:
    """The columns that the files of a folder have, by name; the newest of each."""
    stored: dict[str, StoredColumn] = {}
    with suppress(OSError):
        for path in sorted(folder.glob("*.columns"), key=lambda file: file.stat().st_mtime_ns):
            with suppress(OSError, ValueError, TypeError, struct.error), path.open("rb") as file:
                stored |= _index(path, file)
    return stored


def _index(path: Path, file: BinaryIO) -> dict[str, StoredColumn]:
    size = os.fstat(file.fileno()).st_size - _HEADER.size
    mark, version, checksum, index_bytes, length = _HEADER.unpack(file.read(_HEADER.size))
    if (mark, version, length) != (_MARK, FORMAT, size) or index_bytes > size:
        return {}
    head = file.read(index_bytes)
    if _checksum(path, head) != checksum:
        return {}
    start = _HEADER.size + index_bytes
    return {
        name: StoredColumn(path, form, start + at, bytes_, sum_)
        for name, (form, at, bytes_, sum_) in json.loads(head).items()
        if form in _FORMS
    }


def read_column(stored: StoredColumn) -> Array | None:
    """A column; None when it is not what was written."""
    with suppress(OSError, ValueError), stored.path.open("rb") as file:
        file.seek(stored.offset)
        data = file.read(stored.length)
        if len(data) == stored.length and crc32(data) == stored.checksum:
            return np.frombuffer(data, stored.form)
    return None


def write_bytes(path: Path, data: bytes) -> None:
    """Writes some bytes."""
    _write(path, lambda file: file.write(_HEADER.pack(_MARK, FORMAT, _checksum(path, data), 0, len(data)) + data))


def read_bytes(path: Path) -> bytes | None:
    """The bytes that were written; None when there is no such file, or it is not as it was written."""
    with suppress(OSError, struct.error):
        content = path.read_bytes()
        mark, version, checksum, _, length = _HEADER.unpack_from(content)
        data = content[_HEADER.size :]
        if (mark, version, length, checksum) == (_MARK, FORMAT, len(data), _checksum(path, data)):
            return data
    return None


def _checksum(path: Path, data: bytes) -> int:
    """Of the data and the place that they belong to: a file of another workspace, or of another question, does not fit."""
    return crc32(data, crc32(f"{path.parent.name}/{path.name}".encode()))


def _write(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


@frozen
class CachedState(Value):
    """What is kept of one state of a workspace."""

    workspace: str
    """The path of the workspace; empty where that is not known."""
    files: int
    bytes: int
    used_at: float
    """When it was used last (seconds since 1970)."""
    folder: str


def states(root: Path) -> tuple[CachedState, ...]:
    """What is kept, what was used last first."""
    return tuple(sorted(_states(root), key=lambda state: -state.used_at))


def _states(root: Path) -> Iterator[CachedState]:
    if not root.is_dir():
        return
    for folder in root.iterdir():
        if folder.name == NOTES:
            continue
        with suppress(OSError):
            sizes = [file.stat().st_size for file in folder.iterdir()]
            origin = folder / ORIGIN
            name = origin.read_text("utf-8", "replace").strip() if origin.is_file() else ""
            yield CachedState(name, len(sizes), sum(sizes), folder.stat().st_mtime, str(folder))


def clear(root: Path) -> int:
    """Removes everything that is kept; gives back how many bytes that were."""
    removed = states(root)
    for state in removed:
        rmtree(state.folder, ignore_errors=True)
    rmtree(root / NOTES, ignore_errors=True)
    return sum(state.bytes for state in removed)


def limit(root: Path, but: Path, most: int = MOST_BYTES) -> None:
    """Removes what was used longest ago until the rest fits; never the folder `but`."""
    left = most
    for state in states(root):
        left -= state.bytes
        if left < 0 and Path(state.folder) != but:
            rmtree(state.folder, ignore_errors=True)
