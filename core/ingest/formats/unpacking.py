"""Unpacking files and members of archives as streams: damage is refused in one line, and so is what would fill the disk."""

import gzip
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from core.base.errors import UnreadableFile, WhydropError
from core.base.file_paths import shown_name

_EASY_BYTES = 256 << 20
"""Unpacking to less than this is never called a bomb."""
_BOMB_RATIO = 300
"""No table of figures packs better than this (zeros in CSV reach about 200); bombs start at 1,000."""


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


def unpacked(path: Path) -> BinaryIO:
    """The bytes in a packed file. Raises UnreadableFile, here or when read, for what cannot be unpacked."""
    stream = _UNPACK[path.suffix.lower()](path)
    return cast(BinaryIO, Unpacked(stream, shown_name(path), path.stat().st_size, _unpacked_bytes(path)))


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
        return cast(BinaryIO, pa.input_stream(pa.OSFile(os.fsencode(path)), compression="zstd"))
    except (pa.ArrowException, NotImplementedError) as error:
        raise UnreadableFile(f"{path}: cannot be unpacked ({error}). Unpack it first.") from None


def _xz(path: Path) -> BinaryIO:
    return cast(BinaryIO, lzma.open(path, "rb"))


_UNPACK: dict[str, Callable[[Path], BinaryIO]] = {".gz": _gzip, ".zst": _zst, ".zstd": _zst, ".xz": _xz}
PACKED = frozenset(_UNPACK)
"""The endings of packed files, archives left out."""


def refuse_bomb(stream: BinaryIO, name: str) -> None:
    """Raises WhydropError when a zipped document (a workbook) would unpack to more than a table can hold."""
    with refusing_damage(name, "workbook"), zipfile.ZipFile(stream) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
        packed = sum(info.compress_size for info in archive.infolist())
    if unpacked > max(_EASY_BYTES, packed * _BOMB_RATIO):
        raise WhydropError(f"{name}: unpacks to far more than a table can. Look at it before loading it.")
    stream.seek(0)
