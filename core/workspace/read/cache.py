"""What was derived from a workspace, kept among the user's caches: deleting it costs nothing but time.

The workspace itself is never written by reading it. Each state of a workspace has a folder of its own, named by the file's
size, time and header and those of its write-ahead log: what is kept cannot outlive what it was derived from.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from time import time
from typing import Any, TypeVar, get_origin

import numpy as np

from core import __version__
from core.workspace.schema.columns import Array

_LEAST_BYTES = 8 << 20
"""Smaller workspaces are read as fast as a cache is."""
_UNUSED_SECONDS = 30 * 86_400
_HEADER = 100
_PROGRAM = Path(__file__).parents[2]

T = TypeVar("T")


def state_of(path: Path) -> str:
    """What tells one state of a workspace file from another, as a file name."""
    told = [__version__]
    for file in (path, path.with_name(path.name + "-wal")):
        with suppress(OSError), file.open("rb") as held:
            at = os.fstat(held.fileno())
            told += [str(at.st_ino), str(at.st_size), str(at.st_size and at.st_mtime_ns), held.read(_HEADER).hex()]
    return f"{_short(str(path.resolve()))}-{_short(' '.join(told))}"


class Cache:
    """Columns and answers derived from one state of a workspace. Where nothing can be kept nothing is, which is no error."""

    def __init__(self, path: Path) -> None:
        self.state = state_of(path)
        self._large = path.exists() and path.stat().st_size >= _LEAST_BYTES

    @property
    def is_open(self) -> bool:
        """Whether there is a place to keep anything."""
        return self._folder is not None

    def column(self, key: Iterable[object]) -> Array | None:
        """The column that was kept under these words; None when there is none."""
        name = _short(repr(tuple(key)))
        if self._folder is None or name not in self._forms:
            return None
        with suppress(OSError):
            return np.fromfile(self._folder / f"{name}.{self._forms[name]}", self._forms[name])
        return None

    def keep_column(self, key: Iterable[object], values: Array) -> None:
        """Keeps a column of numbers."""
        self._write(f"{_short(repr(tuple(key)))}.{values.dtype.str[1:]}", values.tobytes())

    def kept(self, key: Iterable[object], kind: type[T], make: Callable[[], T]) -> T:
        """What `make` gives, which must follow from the workspace and the words of the key alone; kept after the first time.

        `kind` is a frozen dataclass of plain values, arrays and such dataclasses, or a tuple of them. Arrays that are read back
        cannot be written to.
        """
        if self._folder is None:
            return make()
        from msgspec import DecodeError, ValidationError, msgpack

        name = f"{_short(repr((_code(), *key)))}.answer"
        with suppress(OSError, DecodeError, ValidationError):
            return msgpack.decode((self._folder / name).read_bytes(), type=kind, dec_hook=_array)
        made = make()
        self._write(name, msgpack.encode(made, enc_hook=_plain))
        return made

    def _write(self, name: str, data: bytes) -> None:
        if self._folder is None:
            return
        with suppress(OSError):
            unfinished = self._folder / f"{name}.{os.getpid()}"
            unfinished.write_bytes(data)
            unfinished.replace(self._folder / name)

    @cached_property
    def _forms(self) -> dict[str, str]:
        """Name -> dtype of the columns that were there when the workspace was opened."""
        return (
            dict(name.split(".", 1) for name in os.listdir(self._folder) if name.count(".") == 1)
            if self._folder
            else {}
        )

    @cached_property
    def _folder(self) -> Path | None:
        if not self._large:
            return None
        from platformdirs import user_cache_path  # late: only large workspaces need it

        with suppress(OSError):
            all_ = user_cache_path("whydrop")
            folder = all_ / self.state
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True)
                _forget_others(all_, self.state)
            return folder
        return None


def _plain(value: Any) -> Any:
    """An array as its form, shape and bytes; a number of numpy's as one of Python's."""
    return (value.dtype.str, value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value.item()


def _array(kind: Any, value: Any) -> Any:
    """The array that `_plain` wrote."""
    if get_origin(kind) is not np.ndarray:
        raise NotImplementedError(kind)
    form, shape, data = value
    return np.frombuffer(data, form).reshape(shape)


@cache
def _code() -> str:
    """What tells one state of this program from another: answers of an older one are not told again."""
    return str(max(file.stat().st_mtime_ns for file in _PROGRAM.rglob("*.*") if file.suffix in {".py", ".toml"}))


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:24]


def _forget_others(all_: Path, state: str) -> None:
    """Removes earlier states of the same file, and what nobody used for a month."""
    same = state.split("-")[0]
    for other in all_.iterdir():
        if other.name != state and (other.name.startswith(same) or time() - other.stat().st_mtime > _UNUSED_SECONDS):
            rmtree(other, ignore_errors=True)
