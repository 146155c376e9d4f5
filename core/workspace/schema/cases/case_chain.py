"""The records of cases as a hash chain: what was written down once cannot be changed unnoticed.

A record's hash is the SHA-256 of the canonical JSON (keys sorted, no spaces, UTF-8) of
`{"body", "case", "kind", "number", "previous"}`, where `previous` is the hash of the record before it. The hash of the newest
record is kept in `meta` as well, so that a shortened chain does not fit either. Somebody who recomputes the whole chain is
found out only by a hash that was noted elsewhere: it is printed when a case is opened.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, get_args

from core.base.frozen import frozen
from core.workspace.schema.cases.case_tables import HEAD, TABLE

if TYPE_CHECKING:
    from sqlite_utils import Database

RecordKind = Literal["open", "promise", "note", "close", "verdict"]
"""open: the subject and the first promise; promise: a later promise; the others as they are called."""

START = ""
"""What the first record has for the hash of the one before it."""
_TEXTS = ("case_id", "kind", "previous", "body", "hash")


@frozen(kw_only=True)
class CaseRecord:
    """One thing that was written down about a case."""

    number: int
    """From 1 on, over all cases of a workspace."""
    case: str
    kind: str
    previous: str
    body: Mapping[str, Any]
    """Empty where the stored text is no JSON object any more."""
    hash: str


@frozen
class CaseDraft:
    """A record before it has a number."""

    case: str
    kind: RecordKind
    body: Mapping[str, Any]


@frozen
class ChainFault:
    """A place where the stored records are not what was written."""

    record: int
    """0 where it is the chain as a whole."""
    case: str
    """Empty where it is not known whose record it was."""
    kind: Literal["changed", "missing", "replaced"]


@frozen
class CaseChain:
    """All records of a workspace in the order of writing, and what is wrong with them."""

    records: tuple[CaseRecord, ...] = ()
    faults: tuple[ChainFault, ...] = ()

    @property
    def newest_hash(self) -> str:
        """What the next record has to name as the one before it."""
        return self.records[-1].hash if self.records else START


def canonical(value: Any) -> str:
    """The JSON text that is hashed: one text for one value. Raises ValueError for nan and infinity.

    >>> canonical({"b": 1.5, "a": "é"})
    '{"a":"é","b":1.5}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(number: int, case: str, kind: str, previous: str, body: str) -> str:
    """The hash of a record whose body is already canonical JSON: "body" is the first of the keys in order."""
    others = canonical({"case": case, "kind": kind, "number": number, "previous": previous})
    text = '{"body":' + body + "," + others[1:]
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def chained(chain: CaseChain, drafts: Sequence[CaseDraft]) -> tuple[CaseRecord, ...]:
    """The records that these drafts become at the end of a chain."""
    records: list[CaseRecord] = []
    previous = chain.newest_hash
    first = chain.records[-1].number + 1 if chain.records else 1
    for number, draft in enumerate(drafts, first):
        key = digest(number, draft.case, draft.kind, previous, canonical(draft.body))
        records.append(
            CaseRecord(
                number=number, case=draft.case, kind=draft.kind, previous=previous, body=dict(draft.body), hash=key
            )
        )
        previous = key
    return tuple(records)


def add_records(database: "Database", records: Sequence[CaseRecord]) -> None:
    """Adds records at the end of the chain; the caller's transaction makes it all or nothing."""
    if not records:
        return
    rows = (
        {
            "number": record.number,
            "case_id": record.case,
            "kind": record.kind,
            "previous": record.previous,
            "body": canonical(record.body),
            "hash": record.hash,
        }
        for record in records
    )
    database.table(TABLE).insert_all(rows)
    head = {"key": HEAD, "value": f"{records[-1].number} {records[-1].hash}"}
    database.table("meta").upsert(head, pk="key")


def read_chain(connection: sqlite3.Connection) -> CaseChain:
    """The records as they are stored, every one checked against its hash and its neighbours."""
    # as bytes: a changed text need not be UTF-8, and may hold a zero byte
    columns = ", ".join(f"CAST({name} AS BLOB)" for name in _TEXTS)
    rows = connection.execute(f"SELECT number, {columns} FROM {TABLE} ORDER BY number").fetchall()
    head = connection.execute("SELECT value FROM meta WHERE key = ?", (HEAD,)).fetchone()
    records: list[CaseRecord] = []
    faults: list[ChainFault] = []
    for number, *cells in rows:
        case, kind, previous, body, stored = (bytes(cell or b"").decode("utf-8", "surrogateescape") for cell in cells)
        faults += _faults(records, number, case, previous)
        if digest(number, case, kind, previous, body) != stored or kind not in get_args(RecordKind):
            faults.append(ChainFault(number, case, "changed"))
        records.append(
            CaseRecord(number=number, case=case, kind=kind, previous=previous, body=_parsed(body), hash=stored)
        )
    end = f"{records[-1].number} {records[-1].hash}" if records else None
    if (head[0] if head else None) != end and not faults:
        faults.append(ChainFault(0, "", "missing"))
    return CaseChain(tuple(records), tuple(faults))


def _faults(records: Sequence[CaseRecord], number: int, case: str, previous: str) -> Sequence[ChainFault]:
    """What is wrong between a record and the one before it."""
    before = records[-1].number if records else 0
    if number != before + 1:
        return [ChainFault(before + 1, "", "missing")]
    if previous != (records[-1].hash if records else START):
        return [ChainFault(number, case, "replaced")]
    return []


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
