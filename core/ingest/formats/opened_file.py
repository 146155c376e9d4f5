"""A file on disk as it was when it was opened: what others add to its end while it is read waits for the next load."""

import io
import zlib
from pathlib import Path
from typing import BinaryIO, cast

_START = 4 << 20
"""Bytes that are read of a file when it is opened: what it looks like, and its first block."""
_LAST_LINE = 1 << 20
"""Bytes at the end among which the last line begins."""
_LINE_ENDS = (b"\n", b"\r", b"\n\0")


class OpenedFile:
    """How far a file went when its tables were opened, and whether what was read of it is still there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.state: tuple[int, ...] | None = None
        """That of just before it was opened; None until then, and where it is no file on disk."""
        self.size: int | None = None
        """How many bytes are read; None = all."""
        self._start = 0

    def note(self, *, is_plain: bool) -> None:
        """Notes the state of now; a file that is neither packed nor an archive is read no further from now on."""
        self.state = self.now()
        self.size = self.state[0] if self.state is not None and is_plain else None
        self._start = self._checksum()

    def stream(self) -> BinaryIO:
        """Its bytes up to where it went."""
        return self._path.open("rb") if self.size is None else io.BufferedReader(_UpTo(self._path, self.size))

    def is_as_opened(self) -> bool:
        """Whether nobody has written to it since."""
        return self.state == self.now()

    def has_grown(self) -> bool:
        """Whether bytes may have come at its end and nothing else: it is the same file, longer, and begins as it did."""
        now = self.now()
        if now is None or self.state is None or self.size is None:
            return False
        return now[-1] == self.state[-1] and now[0] > self.state[0] and self._checksum() == self._start

    def leave_half_line(self) -> bool:
        """Whether a line is only half written where reading ends; it is no longer read."""
        if not self.size:
            return False
        with self._path.open("rb") as stream:
            stream.seek(max(self.size - _LAST_LINE, 0))
            tail = stream.read(min(self.size, _LAST_LINE))
            if tail.endswith(_LINE_ENDS) or stream.read(1) in (b"\n", b"\r"):
                return False
        end = self.size - len(tail) + max(map(tail.rfind, (b"\n", b"\r"))) + 1
        self.size = end + (end % 2 if b"\0" in tail else 0)  # of UTF-16, each sign has two bytes
        return True

    def now(self) -> tuple[int, ...] | None:
        """What tells one state of the file from another: its size, times and place. None where it is none."""
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)

    def _checksum(self) -> int:
        """Of the bytes that were read when it was opened."""
        if self.size is None or self.state is None:
            return 0
        with self._path.open("rb") as stream:
            return zlib.crc32(stream.read(min(self.state[0], _START)))


class _UpTo(io.FileIO):
    """A file that ends after so many bytes, however long it is."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(path)
        self._size = size

    def _left(self) -> int:
        return max(self._size - self.tell(), 0)

    def readinto(self, buffer: object) -> int:
        return super().readinto(memoryview(cast(bytearray, buffer))[: self._left()])

    def readall(self) -> bytes:
        result = b""
        while block := super().read(self._left()):
            result += block
        return result
