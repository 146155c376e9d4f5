"""Paths that a user names: whether there is a file to read, and what a file is called whatever links lead to it."""

import os
from pathlib import Path

from core.base.errors import UsageError


def check_regular(path: Path, largest: int | None = None) -> None:
    """Raises UsageError for what is no file (a folder, a pipe, a device: reading it may never end), or one of more bytes than
    `largest`, and where there is nothing; OSError where that cannot be known."""
    if not path.is_file():
        if not path.exists():
            raise UsageError(f"{path}: there is no such file.")
        raise UsageError(f"{path}: not a file, but a folder, a pipe or a device. Name a file.")
    if largest is not None and path.stat().st_size > largest:
        raise UsageError(f"{path}: {path.stat().st_size:,} bytes, and no such file needs more than {largest:,}.")


def real_name(path: Path) -> str:
    """The absolute path without links, which tells one file from another; also of links that lead in a circle."""
    return os.path.realpath(path)


def shown_name(path: Path) -> str:
    """A path as it is said and stored: bytes of it that are no UTF-8 as escapes."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def name_bytes(text: str) -> bytes:
    """A text that may hold a path as bytes to be hashed: names of files need not be UTF-8."""
    return text.encode("utf-8", "surrogateescape")
