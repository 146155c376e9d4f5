"""Whether a file was loaded before, as it is and in the same way, and nothing has changed its rows since."""

import hashlib
import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from core.base.errors import NoWorkspace, UnreadableFile
from core.base.file_paths import shown_name
from core.base.frozen import frozen
from core.ingest.formats.sources import STDIN, ExportSource
from core.ingest.request import ROW_KEY, EarlierReading, Request, columns_key
from core.ingest.values.path_parts import day_in_path, partitions
from core.workspace.schema.connection import open_read
from core.workspace.schema.tables import RATE

_BLOCK = 1 << 20
_RACE_NS = 2_000_000_000
"""A file written so shortly before could be written again without its times showing it."""


_IS_NAMED = (
    "SELECT t.row_key IS NOT NULL FROM load_days d JOIN daily_rows t ON t.id = d.first_id "
    "WHERE d.load_id = l.id AND d.kind = 'daily' AND d.last_id >= d.first_id LIMIT 1"
)
"""Whether the rows of a load have names of their own; null where it added none."""


@frozen
class Fingerprint:
    """What tells one state of a file from another."""

    asked: str
    """How it is read: everything that the user said, and the path says of its rows."""
    size: int
    stamp: str | None
    """Size, times and place on the disk; None where that proves nothing (standard input, a file just written)."""

    @classmethod
    def of(cls, source: ExportSource, request: Request) -> Self:
        """The cheap part, without reading the file."""
        options = asdict(replace(request, earlier={}))  # copying what all earlier loads were read as takes long
        del options["earlier"]
        options["path"] = (
            day_in_path(source.name),
            partitions(source.name),
        )  # of files of equal bytes: each has its own rows
        if request.mapping is not None:
            options["mapping"] = hashlib.sha256(request.mapping.read_bytes()).hexdigest()
        digest = hashlib.sha256(json.dumps(options, default=str, sort_keys=True).encode()).hexdigest()
        if source.path == STDIN:
            return cls(digest, -1, None)
        state = source.file.state or source.file.now()
        if state is None:
            raise UnreadableFile(f"{source.name}: was removed while it was read. Load it again.")
        size, modified, changed, _ = state
        old = time.time_ns() - max(modified, changed) > _RACE_NS
        stamp = ":".join(map(str, (source.name, *state))) if old else None
        return cls(digest, size if source.file.size is None else source.file.size, stamp)


def content(source: ExportSource, size: int) -> str:
    """The exact part: the size and a hash of the first `size` bytes of the file, and which member of it is meant."""
    digest, left = hashlib.sha256(), size
    with source.path.open("rb") as stream:
        while block := stream.read(min(_BLOCK, left)):
            digest.update(block)
            left -= len(block)
    member = source.name.removeprefix(shown_name(source.path))
    return f"{size}:{digest.hexdigest()}{member}"


def earlier_readings(path: Path) -> dict[str, EarlierReading]:
    """By the columns of files that were loaded into a workspace, how the newest of which rows were taken was read."""
    try:
        opened = open_read(path)
    except NoWorkspace:
        return {}
    with closing(opened) as connection:
        rows = connection.execute(
            f"SELECT header, kind, dimensions, preset, read, m.value, ({_IS_NAMED}), path, source FROM loads l "
            "LEFT JOIN meta m ON m.key = 'written:' || l.id WHERE dimensions IS NOT NULL AND read > rejected ORDER BY id"
        )
        rates = [name for (name,) in connection.execute("SELECT name FROM daily_measures WHERE unit = ?", (RATE,))]
        result: dict[str, EarlierReading] = {}
        written: dict[str, dict[str, Any]] = {}
        sources: dict[str, dict[str, str | None]] = defaultdict(dict)
        for header, kind, dimensions, preset, read, marks, is_named, name, source in rows:
            key = columns_key(header)
            sources[key][name] = source
            before, own = written.get(key, {}), json.loads(marks or "{}")
            figures = dict.fromkeys((*before.get("figures", ()), *own.get("figures", ())))
            written[key] = {**before, **own, "figures": (*figures,)}
            names = (*json.loads(dimensions), *((ROW_KEY,) if is_named else ()))
            result[key] = EarlierReading(kind, names, preset, read, sources=sources[key], rates=rates, **written[key])
        return result


def loads_of_file(
    connection: sqlite3.Connection, source: ExportSource, export: Fingerprint
) -> Sequence[Mapping[str, Any]]:
    """The loads of the same file read in the same way that took rows from it, the newest first."""
    cursor = connection.execute(
        "SELECT * FROM loads WHERE asked = ? AND fingerprint LIKE ? || ':%' AND read > rejected ORDER BY id DESC",
        (export.asked, export.size),
    )
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    stamped = [row for row in rows if row["stamp"] == export.stamp] if export.stamp is not None else []
    if stamped or not rows:
        return stamped
    exact = content(source, export.size)
    return [row for row in rows if row["fingerprint"] == exact]


def is_as_loaded(connection: sqlite3.Connection, load: Mapping[str, Any], together: Collection[int]) -> bool:
    """Whether no later load of its kind has replaced rows, but for those of `together`: the loads of files that are given again
    as well, which replace the same rows in the same way.
    """
    later = connection.execute(
        "SELECT id FROM loads WHERE id > ? AND kind = ? AND replaced > 0", (load["id"], load["kind"])
    )
    return all(number in together for (number,) in later)
