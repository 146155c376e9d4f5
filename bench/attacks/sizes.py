"""Exports that are large in one direction only: loaded fast, or refused in one line."""

import io
import resource
import struct
import zipfile
import zlib
from collections.abc import Iterator

from bench.attacks.target import Attack, Tally, in_fork

_BOMB_MEGABYTES = 300
_BLOCK = 1 << 20
_GZIP_HEAD = b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff"
_SHEET = "xl/worksheets/sheet1.xml"
CPU_SECONDS = 20
"""Of one load: a machine that has other things to do takes longer by the clock."""
_PATIENCE = 300


def large(attack: Attack, tally: Tally) -> None:
    """Many members, measures, values, creators; rows far down a sheet."""
    for name, data in _exports(attack.tries):
        _try(attack, tally, name, data)


def bombs(attack: Attack, tally: Tally) -> None:
    """Small archives of very much: the message is about them."""
    for name, data in _bombs():
        err = _try(attack, tally, name, data)
        if not any(word in err for word in ("unpack", "bomb", "larger than", "too large", "too many", "archive")):
            tally.fail(f"{name}: the message says nothing of it: {err}")


def _try(attack: Attack, tally: Tally, name: str, data: bytes) -> str:
    folder = attack.folder / f"{tally.name}-{tally.tries}"
    folder.mkdir()
    (folder / name).write_bytes(data)
    before = _cpu_seconds()
    ended = in_fork(["load", name, "--db", "w.db", "-q"], folder, seconds=_PATIENCE)
    seconds = _cpu_seconds() - before
    tally.tries += 1
    if ended.fault or seconds > CPU_SECONDS:
        tally.fail(f"{name}: {seconds:.0f} CPU s, {ended.fault}")
    tally.notes.append(f"{name:24} {len(data):>9,} bytes {seconds:5.1f} CPU s  {ended.err.strip()[:150] or 'loaded'}")
    return ended.err


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _exports(tries: int) -> Iterator[tuple[str, bytes]]:
    share = min(1.0, tries / 30)
    members = int(999 * share) or 1
    yield (
        f"{members} members.zip",
        _zipped((f"{n}.csv", f"date,market,impressions\n2026-01-01,M{n},{n}\n".encode()) for n in range(members)),
    )
    for count in (int(1_990 * share), int(10_000 * share)):
        head = ",".join(f"c{n}" for n in range(count))
        yield f"{count} measures.csv", f"date,market,{head}\n2026-03-01,ID{',1' * count}\n".encode()
    values = int(10_000 * share)
    yield (
        f"{values} values.csv",
        ("date,market,category,impressions\n" + "".join(f"2026-03-01,ID,k{n},1\n" for n in range(values))).encode(),
    )
    creators = int(1_000_000 * share)
    yield (
        f"{creators} creators.csv",
        ("creator_id,handle\n" + "".join(f"c{n},ü名{n}\n" for n in range(creators))).encode(),
    )
    yield "far row.xlsx", _far_row()


def _bombs() -> Iterator[tuple[str, bytes]]:
    zeros, head = bytes(_BLOCK), b"date,market,impressions\n"
    data, checksum, size = _deflated(head, zeros, b"")
    yield "zeros.csv.gz", _GZIP_HEAD + data + struct.pack("<II", checksum, size)
    yield "lines.zip", _zipped_bomb({}, "a.csv", head, b"2026-01-01,ID,1\n" * (_BLOCK // 16), b"")
    opening, closing = b"<row r='1'><c r='A1' t='inlineStr'><is><t>", b"</t></is></c></row>"
    parts = _workbook_parts()
    before, _, after = parts.pop(_SHEET).partition(b"<sheetData")
    yield (
        "inside.xlsx",
        _zipped_bomb(
            parts,
            _SHEET,
            before + b"<sheetData>" + opening,
            b" " * _BLOCK,
            closing + b"</sheetData>" + after.partition(b">")[2],
        ),
    )


def _deflated(head: bytes, block: bytes, tail: bytes) -> tuple[bytes, int, int]:
    """A block many times between two texts, packed; its checksum and its size unpacked. The block is packed once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    pieces = [packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH) for data in (head, block, tail)]
    checksum = zlib.crc32(head)
    for _ in range(_BOMB_MEGABYTES):
        checksum = zlib.crc32(block, checksum)
    packed = pieces[0] + pieces[1] * _BOMB_MEGABYTES + pieces[2] + packer.flush()
    return packed, zlib.crc32(tail, checksum), len(head) + len(block) * _BOMB_MEGABYTES + len(tail)


def _zipped_bomb(others: dict[str, bytes], name: str, head: bytes, block: bytes, tail: bytes) -> bytes:
    """An archive with one large member: its packed bytes are written as they are, and the directory says what they are."""
    data, checksum, size = _deflated(head, block, tail)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for other, text in others.items():
            archive.writestr(other, text)
        archive.writestr(name, data)
        member = archive.getinfo(name)
        member.compress_type, member.CRC, member.file_size = zipfile.ZIP_DEFLATED, checksum, size
    return stream.getvalue()


def _zipped(members: Iterator[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def _far_row() -> bytes:
    from openpyxl import Workbook

    book, stream = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(["date", "market", "impressions"])
    for column, value in enumerate(("2026-01-01", "ID", 5), 1):
        sheet.cell(1_048_576, column, value)
    book.save(stream)
    return stream.getvalue()


def _workbook_parts() -> dict[str, bytes]:
    """The files of an empty workbook."""
    from openpyxl import Workbook

    stream = io.BytesIO()
    Workbook().save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
