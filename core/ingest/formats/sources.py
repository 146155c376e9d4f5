"""The bytes of an export: a file, or a member of an archive, unpacked as a stream and never as a whole."""

import gzip
import io
import lzma
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import field, replace
from glob import glob
from pathlib import Path
from typing import Any, BinaryIO, cast

from core.base.errors import RefusedFile, UnreadableFile, UsageError, WhydropError
from core.base.file_paths import shown_name
from core.base.frozen import frozen

STDIN = Path("-")
TABLES = frozenset({".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson", ".json", ".parquet", ".xlsx", ".xls"})
"""The endings of files that may be exports."""

_EASY_BYTES = 256 << 20
"""Unpacking to less than this is never called a bomb."""
_BOMB_RATIO = 300
"""No table of figures packs better than this (zeros in CSV reach about 200); bombs start at 1,000."""
_MEMBERS = 1_000


class KeptTables:
    """The tables of a source by the encoding that it was read in, once it was opened."""

    def __init__(self) -> None:
        self.by_encoding: dict[str | None, list[Any]] = {}
        self.state: tuple[int, ...] | None = None
        """Of the file on disk, just before it was first opened."""


@frozen
class ExportSource:
    """Something that can be read from its start as often as wanted."""

    name: str
    """What to call it: the path, for a member of an archive `archive.zip:member`."""
    path: Path
    """The file on disk."""
    suffix: str
    """The ending that says the format, in lower case, packing left out: `.csv`, `.xlsx`."""
    open: Callable[[], BinaryIO]
    """A new stream of the unpacked bytes. What cannot be unpacked raises WhydropError, here or when read."""
    is_plain: bool = False
    """Whether the file on disk is what is to be read, neither packed nor part of an archive."""
    chosen: bool = True
    """Whether the user named it; False when it was found in a folder."""
    kept: KeptTables = field(default_factory=KeptTables)
    """Of each of several files a load asks three times and more what its tables are: a workbook is not parsed for each."""

    __eq__ = (
        object.__eq__
    )  # each is one of its own: of 300 files, comparing all their fields takes a twentieth of a load
    __hash__ = object.__hash__

    def state(self) -> tuple[int, ...] | None:
        """What tells one state of the file on disk from another: its size, times and place. None where it is none."""
        try:
            stat = self.path.stat()
        except OSError:
            return None
        return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)

    def is_as_opened(self) -> bool:
        """Whether nobody has written to the file since its tables were opened: some of their rows were read then."""
        return self.kept.state == self.state()


@contextmanager
def refusing_damage(name: str, format_: str) -> Iterator[None]:
    """What is read inside is refused as damaged on any error: libraries raise whatever they stumble upon."""
    try:
        yield
    except WhydropError:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        setting = str(error).partition("\n")[0] or type(error).__name__
        raise UnreadableFile(f"{name}: not a readable {format_} ({setting}). Export or copy it again.") from None


class ReadStream(io.RawIOBase):
    """A stream that is read by its `read`, of as many bytes as it likes up to a size."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)


class Unpacked(ReadStream):
    """A stream of unpacked bytes that refuses to grow beyond what its packed size can hold."""

    def __init__(self, stream: BinaryIO, name: str, packed: int, unpacked: int = 0) -> None:
        """`unpacked` bytes is what the archive says of itself; 0 = it says nothing. Raises WhydropError when that is too much."""
        self._stream, self._name = stream, name
        self._left = max(_EASY_BYTES, packed * _BOMB_RATIO)
        if unpacked > self._left:
            raise self._refusal()

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size if size >= 0 else self._left + 1)
        except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError) as error:
            raise UnreadableFile(f"{self._name}: damaged or cut short ({error}). Export or copy it again.") from None
        self._left -= len(data)
        if self._left < 0:
            raise self._refusal()
        return data

    def _refusal(self) -> UnreadableFile:
        return UnreadableFile(
            f"{self._name}: unpacks to far more than a table can. Unpack it yourself and look before loading it."
        )

    def close(self) -> None:
        self._stream.close()
        super().close()


def sources(path: Path) -> Iterator[ExportSource]:
    """What a path holds: one source, one for each member of a .zip, or those of every file of a folder that may be an export.

    A path that does not exist may be a pattern (`exports/*.csv`). Raises UsageError when there is nothing to read.
    """
    if path == STDIN:
        yield _standard_input()
    elif path.is_dir():
        yield from _in_folder(path)
    elif path.is_file():
        yield from _in_file(path)
    elif path.exists():
        raise UsageError(f"{path}: neither a file nor a folder. Name - to read standard input.")
    elif path.is_symlink():
        raise UsageError(f"{path}: a link to {os.readlink(path)}, which does not exist or leads back to itself.")
    else:
        result = sorted(map(Path, glob(str(path), recursive=True)))
        if not result:
            raise UsageError(f"{path}: there is no such file.")
        for item in result:
            yield from sources(item)


def _in_folder(folder: Path) -> Iterator[ExportSource]:
    for inner in (folder, *folder.rglob("*")):
        if inner.is_dir() and not os.access(inner, os.R_OK | os.X_OK):
            raise WhydropError(f"{inner}: this folder cannot be read. See who may read it, or name the files to load.")
    result = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _is_hidden(path.name) and _may_be_export(path)
    ]
    if not result:
        raise RefusedFile(f"{folder}: the folder holds no exports ({', '.join(sorted(TABLES))}, also packed).")
    for path in result:
        try:
            yield from (replace(source, chosen=False) for source in _in_file(path))
        except (
            WhydropError
        ) as error:  # an archive that cannot be looked into: said when it is opened, as of any other file
            yield ExportSource(shown_name(path), path, path.suffix.lower(), _raising(error), chosen=False)


def _raising(error: WhydropError) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        raise error

    return opened


def _may_be_export(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix == ".zip" or suffix in TABLES or (suffix in _UNPACK and Path(path.stem).suffix.lower() in TABLES)


def _in_file(path: Path) -> Iterator[ExportSource]:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        yield from _members(path)
        return
    inner = Path(path.stem).suffix.lower() if suffix in _UNPACK else suffix
    unpack = _UNPACK.get(suffix)

    def opened() -> BinaryIO:
        if unpack is None:
            return path.open("rb")
        return cast(BinaryIO, Unpacked(unpack(path), shown_name(path), path.stat().st_size, _unpacked_bytes(path)))

    yield ExportSource(shown_name(path), path, inner, opened, unpack is None)


def _unpacked_bytes(path: Path) -> int:
    """What the end of a .gz says of its size (modulo 4 GB, RFC 1952); 0 for what does not say it.

    The end of a file that was cut short says anything: more than deflate can pack is not believed.
    """
    packed = path.stat().st_size
    if path.suffix.lower() != ".gz" or packed < 18:
        return 0
    with path.open("rb") as file:
        file.seek(-4, io.SEEK_END)
        size = int.from_bytes(file.read(4), "little")
    return size if size <= packed * _DEFLATE_RATIO else 0


_DEFLATE_RATIO = 1032
"""Bytes that one byte of deflate stands for at most (258 for two bits, zlib's technical notes)."""


def _gzip(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb"))


def _zst(path: Path) -> BinaryIO:
    import pyarrow as pa

    try:
        return cast(BinaryIO, pa.input_stream(str(path), compression="zstd"))
    except (pa.ArrowException, NotImplementedError) as error:
        raise UnreadableFile(f"{path}: cannot be unpacked ({error}). Unpack it first.") from None


def _xz(path: Path) -> BinaryIO:
    return cast(BinaryIO, lzma.open(path, "rb"))


_UNPACK: dict[str, Callable[[Path], BinaryIO]] = {".gz": _gzip, ".zst": _zst, ".zstd": _zst, ".xz": _xz}


def _members(path: Path) -> Iterator[ExportSource]:
    with refusing_damage(str(path), ".zip"):
        archive = zipfile.ZipFile(path)  # open as long as its members are: each reading of its list takes 1 ms for 100
        result = [info for info in archive.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
    if not result:
        raise UsageError(f"{path}: the archive holds no file.")
    if len(result) > _MEMBERS:
        raise WhydropError(
            f"{path}: holds {len(result)} files, more than {_MEMBERS}. Unpack it and name those to load."
        )
    for info in result:
        if info.flag_bits & 1:
            raise WhydropError(f"{path}: {info.filename} is protected by a password. Unpack it first.")
        yield replace(_member(path, archive, info), chosen=len(result) == 1)


def _member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> ExportSource:
    # names in archives hold anything: what cannot be printed is written as its escape
    member = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in info.filename)
    name = f"{shown_name(path)}:{member}"

    def opened() -> BinaryIO:
        with refusing_damage(name, "member of a .zip"):
            stream = cast(BinaryIO, archive.open(info))
            return cast(BinaryIO, Unpacked(stream, name, info.compress_size, info.file_size))

    return ExportSource(name, path, Path(info.filename).suffix.lower(), opened)


def may_hold(source: ExportSource, words: Iterable[Collection[str]]) -> bool:
    """Whether the first bytes of a text have all of some words, as a header has them; True of files that are no plain text."""
    if not source.is_plain or source.suffix not in _TEXTS or source.path == STDIN:
        return True
    with source.path.open("rb") as stream:
        head = stream.read(_HEAD)
    return b"\0" in head or any(all(word.encode() in head for word in own) for own in words)


_TEXTS = frozenset((".csv", ".tsv", ".txt"))
_HEAD = 1 << 13
"""Bytes of a file in which its header is."""


def refuse_bomb(stream: BinaryIO, name: str) -> None:
    """Raises WhydropError when a zipped document (a workbook) would unpack to more than a table can hold."""
    with refusing_damage(name, "workbook"), zipfile.ZipFile(stream) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
        packed = sum(info.compress_size for info in archive.infolist())
    if unpacked > max(_EASY_BYTES, packed * _BOMB_RATIO):
        raise WhydropError(f"{name}: unpacks to far more than a table can. Look at it before loading it.")
    stream.seek(0)


def _is_hidden(name: str) -> bool:
    """Whether it is what a system keeps, or the lock of an open workbook."""
    return name.startswith("__MACOSX/") or Path(name).name.startswith((".", "~$"))


def _standard_input() -> ExportSource:
    """Standard input is kept in a file that is gone when the program ends, since it is read more than once."""
    import tempfile

    retained = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the source
    while block := sys.stdin.buffer.read(1 << 20):
        retained.write(block)

    def opened() -> BinaryIO:
        return cast(BinaryIO, _Shared(retained))

    return ExportSource("standard input", STDIN, "", opened)


class _Shared(ReadStream):
    """A view of an open file from its start, which leaves the file open."""

    def __init__(self, file: "BinaryIO | object") -> None:
        self._file = cast(BinaryIO, file)
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        self._file.seek(self._at)
        data = self._file.read(size)
        self._at += len(data)
        return data
