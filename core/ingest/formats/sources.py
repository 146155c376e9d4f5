"""The bytes of an export: a file, or a member of an archive, unpacked as a stream and never as a whole."""

import os
import sys
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import field, replace
from glob import glob
from pathlib import Path
from typing import Any, BinaryIO, cast

from core.base.errors import RefusedFile, UsageError, WhydropError
from core.base.file_paths import shown_name
from core.base.frozen import frozen
from core.ingest.formats.opened_file import OpenedFile
from core.ingest.formats.unpacking import PACKED, ReadStream, Unpacked, refusing_damage, unpacked

STDIN = Path("-")
TABLES = frozenset({".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson", ".json", ".parquet", ".xlsx", ".xls"})
"""The endings of files that may be exports."""

_MEMBERS = 1_000


class KeptTables:
    """The tables of a source by the encoding that it was read in, once it was opened."""

    def __init__(self) -> None:
        self.by_encoding: dict[str | None, list[Any]] = {}


@frozen
class ExportSource:
    """Something that can be read from its start as often as wanted."""

    name: str
    """What to call it: the path, for a member of an archive `archive.zip:member`."""
    path: Path
    """The file on disk."""
    file: OpenedFile
    """The same as it was when its tables were opened."""
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

    __eq__ = object.__eq__  # each is one of its own: comparing all fields of 300 takes a twentieth of a load
    __hash__ = object.__hash__


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
            yield ExportSource(
                shown_name(path), path, OpenedFile(path), path.suffix.lower(), _raising(error), chosen=False
            )


def _raising(error: WhydropError) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        raise error

    return opened


def _may_be_export(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix == ".zip" or suffix in TABLES or (suffix in PACKED and Path(path.stem).suffix.lower() in TABLES)


def _in_file(path: Path) -> Iterator[ExportSource]:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        yield from _members(path)
        return
    is_packed = suffix in PACKED
    inner = Path(path.stem).suffix.lower() if is_packed else suffix
    file = OpenedFile(path)
    yield ExportSource(
        shown_name(path), path, file, inner, lambda: unpacked(path) if is_packed else file.stream(), not is_packed
    )


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

    return ExportSource(name, path, OpenedFile(path), Path(info.filename).suffix.lower(), opened)


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

    return ExportSource("standard input", STDIN, OpenedFile(STDIN), "", opened)


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
