"""What a hand-off rests on: the files, their hash, and the command that gives the same figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from core.base.count_text import count
from core.reports.report import Section
from core.reports.table import Column, table_of
from core.workspace.schema.load_log import Load

_FILES = 12
"""Files named one by one: what a colleague reads."""
_HASH = 16
"""Letters of a hash that are shown: enough to tell any two files apart."""
_INPUTS = (
    Column("file", "file", "name of the export", least=16),
    Column("kind", "kind", "what a row is"),
    Column("rows", "rows", "rows accepted", right=True),
    Column("hash", "SHA-256", "first letters of the hash of its content", priority=1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a hand-off rests on."""

    loads: Sequence[Load]
    command: str
    """Prints the same figures."""


def inputs_section(loads: Sequence[Load]) -> Section:
    """The files by name, and one hash over the content of all: the same files give the same section."""
    records = sorted(
        {
            (load.path.rsplit("/", 1)[-1], load.kind, load.accepted, (load.fingerprint or "").partition(":")[2])
            for load in loads
        }
    )
    digest = sha256("\n".join(f"{kind} {content}" for _, kind, _, content in records).encode()).hexdigest()
    table = table_of(
        "Inputs",
        _INPUTS,
        [
            {"file": file, "kind": kind, "rows": rows, "hash": content[:_HASH]}
            for file, kind, rows, content in records[:_FILES]
        ],
    )
    more = (f"And {count(len(records) - _FILES, 'more file')}.",) if len(records) > _FILES else ()
    return Section(title="Inputs", table=table, lines=(*more, f"Hash of all inputs: {digest[:_HASH]}"))


def reproduce_section(command: str, queries: Sequence[str] = ()) -> Section:
    """The command that gives the same figures, and the SQL behind them."""
    return Section(title="Reproduce", code=(command, *queries))
