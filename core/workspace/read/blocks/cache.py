"""What was derived from a workspace, kept among the user's caches: deleting it costs nothing but time.

The workspace itself is never written by reading it. Each state of a workspace has a folder of its own, named by the random id
that every load writes into the workspace; a case renews no id, for no figure follows from it. Once another program has changed
the workspace, the file's size and time are part of the name too: what is kept cannot outlive what it was derived from.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from threading import Lock, RLock
from time import time
from typing import Any, TypeVar, get_origin

import numpy as np

from core import __version__
from core.base.file_paths import name_bytes, real_name
from core.workspace.read.blocks import cache_files
from core.workspace.read.blocks.cache_files import StoredColumn
from core.workspace.schema.columns import Array
from core.workspace.schema.file_checksum import is_own
from core.workspace.schema.tables import STATE

_LEAST_BYTES = 8 << 20
"""Smaller workspaces are read as fast as a cache is."""
_UNUSED_SECONDS = 30 * 86_400
_PROGRAM = Path(__file__).parents[3]
_TURNS: dict[Path, RLock] = {}
_TURNS_LOCK = Lock()
_LONGEST_TURN = 60.0
"""Seconds that a thread waits for another's answer before it makes its own: no fault of one may stop all others."""

T = TypeVar("T")


def root() -> Path:
    """The folder that has everything that is kept."""
    from platformdirs import user_cache_path  # late: only large workspaces need it

    return user_cache_path("whydrop")


def state_of(path: Path, connection: sqlite3.Connection) -> str:
    """What tells the state of a workspace that a connection sees from any other, as a file name. It is in a
    transaction that has read nothing yet."""
    before = tuple(_stamps(path))
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (STATE,)).fetchone()
    parts = [__version__, str(cache_files.FORMAT), str(row and row[0])]
    if not is_own(connection):
        # both sides of the first query: what another program commits around it has a name that nobody else finds
        parts += [*before, *_stamps(path)]
    return f"{_short(real_name(path))}-{_short(' '.join(parts))}"


def _stamps(path: Path) -> Iterator[str]:
    """What tells a file and its write-ahead log from those that another program has changed."""
    for file in (path, path.with_name(path.name + "-wal")):
        with suppress(OSError):
            stat = file.stat()
            if stat.st_size:
                yield f"{stat.st_ino} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}"


class Cache:
    """Columns and answers derived from one state of a workspace. Where nothing can be kept nothing is, which is no error."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """`connection` is inside the transaction that sees the state."""
        self.state = state_of(path, connection)
        self._path = path
        self._large = path.stat().st_size >= _LEAST_BYTES
        self._answers: dict[str, Any] = {}

    @property
    def is_open(self) -> bool:
        """Whether there is a folder to keep anything in."""
        return self._folder is not None

    def column(self, key: Iterable[object]) -> Array | None:
        """The column that was kept under these words; None when there is none."""
        stored = self._columns.get(_name(key))
        return None if stored is None else cache_files.read_column(stored)

    def keep_columns(self, columns: Mapping[tuple[str, int, str], Array]) -> None:
        """Keeps columns of numbers in one file."""
        if self._folder is not None and columns:
            named = {_name(key): values for key, values in columns.items()}
            cache_files.write_columns(self._folder / f"{_short(' '.join(named))}.columns", named)

    def kept(self, key: Iterable[object], kind: type[T], make: Callable[[], T]) -> T:
        """What `make` gives, which must follow from the workspace and the words of the key alone; kept after the first time:
        while the workspace is open, and of a large one in a file too.

        `kind` is a frozen dataclass of plain values, arrays and such dataclasses, or a tuple of them. Arrays that are read back
        cannot be written to.
        """
        words = tuple(key)
        question = repr(words)
        if question not in self._answers:
            self._answers[question] = make() if self._folder is None else _stored(self._folder, words, kind, make)
        answer: T = self._answers[question]
        return answer

    @cached_property
    def _columns(self) -> dict[str, StoredColumn]:
        """The columns that were there when they were first asked for."""
        return {} if self._folder is None else cache_files.stored_columns(self._folder)

    @cached_property
    def _folder(self) -> Path | None:
        if not self._large:
            return None
        with suppress(OSError):
            folder = root() / self.state
            if folder.is_dir():
                os.utime(folder)  # when it was used last
                return folder
            folder.mkdir(mode=0o700, parents=True)
            (folder / cache_files.ORIGIN).write_text(real_name(self._path), "utf-8", "replace")
            _forget_others(folder)
            cache_files.limit(folder.parent, folder)
            return folder
        return None


def _stored(folder: Path, key: tuple[object, ...], kind: type[T], make: Callable[[], T]) -> T:
    """What the file of a question holds; what `make` gives, written there, where it holds nothing that can be read."""
    from msgspec import MsgspecError, msgpack

    path = folder / f"{_name((_code(), *key))}.answer"
    with _turn(path):
        data = cache_files.read_bytes(path)
        if data is not None:
            with suppress(MsgspecError, ValueError, TypeError):
                return msgpack.decode(data, type=kind, dec_hook=_array)
        made = make()
        cache_files.write_bytes(path, msgpack.encode(made, enc_hook=_plain))
        return made


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """One thread of this program makes an answer; another that asks the same meanwhile gets what the first has kept."""
    with _TURNS_LOCK:
        turn = _TURNS.setdefault(path, RLock())
    is_mine = turn.acquire(timeout=_LONGEST_TURN)
    try:
        yield
    finally:
        if is_mine:
            turn.release()


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
    """What tells one state of this program from another: answers of an older one are not given again."""
    return str(max(_changes(str(_PROGRAM))))


def _changes(folder: str) -> Iterator[int]:
    """When each file of code or data below a folder was changed (nanoseconds)."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith((".py", ".toml")):
                yield entry.stat().st_mtime_ns
            elif "." not in entry.name and not entry.name.startswith("__") and entry.is_dir():
                yield from _changes(entry.path)


def _name(key: Iterable[object]) -> str:
    return _short(repr(tuple(key)))


def _short(text: str) -> str:
    return sha256(name_bytes(text)).hexdigest()[:24]


def _forget_others(folder: Path) -> None:
    """Removes earlier states of the same file, and what nobody used for a month."""
    same = folder.name.split("-")[0]
    for other in folder.parent.iterdir():
        if other != folder and (other.name.startswith(same) or time() - other.stat().st_mtime > _UNUSED_SECONDS):
            rmtree(other, ignore_errors=True)
