"""Exports that are large in one direction only: loaded fast, or refused in one line."""

import gzip
import io
import resource
import zipfile
from collections.abc import Iterator

from bench.attacks.target import Attack, Tally, in_fork

_BOMB_MEGABYTES = 300
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
    zeros = bytes(1 << 20)
    stream = io.BytesIO()
    with gzip.open(stream, "wb") as packed:
        packed.write(b"date,market,impressions\n")
        for _ in range(_BOMB_MEGABYTES):
            packed.write(zeros)
    yield "zeros.csv.gz", stream.getvalue()
    line = b"2026-01-01,ID,1\n" * 65_536
    yield "lines.zip", _zipped([("a.csv", b"date,market,impressions\n" + line * _BOMB_MEGABYTES)])
    yield (
        "inside.xlsx",
        _sheet(b"<row r='1'><c r='A1' t='inlineStr'><is><t>" + b" " * (_BOMB_MEGABYTES << 20) + b"</t></is></c></row>"),
    )


def _zipped(members: Iterator[tuple[str, bytes]] | list[tuple[str, bytes]]) -> bytes:
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


def _sheet(rows: bytes) -> bytes:
    from openpyxl import Workbook

    stream, packed = io.BytesIO(), io.BytesIO()
    Workbook().save(stream)
    with (
        zipfile.ZipFile(stream) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                head, _, tail = data.partition(b"<sheetData")
                data = head + b"<sheetData>" + rows + b"</sheetData>" + tail.partition(b">")[2]
            target.writestr(name, data)
    return packed.getvalue()
