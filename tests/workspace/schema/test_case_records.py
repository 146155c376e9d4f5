"""Records of cases as they are stored, and what errors of SQLite say of a workspace."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.workspace.schema.cases import pinned_import
from core.workspace.schema.cases.case_chain import TABLE, CaseDraft, chained, read_chain
from core.workspace.schema.damage import explained
from core.workspace.schema.schema_steps import STEPS
from core.workspace.write.case_writing import append_records
from core.workspace.write.load import load
from tests.workspace.loading import written

FX = "date,currency,rate\n2026-03-02,EUR,1.25\n"
CASE = {"metric": "gmv", "where": "market=TH"}


@pytest.mark.parametrize(("change", "faults"), [
    ("UPDATE {} SET body = '[3]' WHERE number = 2", [(2, "case-1", "changed")]),
    ("UPDATE {} SET previous = 'x' WHERE number = 2", [(2, "case-1", "replaced"), (2, "case-1", "changed")]),
    ("DELETE FROM {} WHERE number = 3", [(0, "", "missing")]),
    ("DELETE FROM {} WHERE number = 1", [(1, "", "missing")]),
    ("DELETE FROM {} WHERE number = 2", [(2, "", "missing")]),
    ("UPDATE meta SET value = '3 x' WHERE key = 'case_head'", [(0, "", "missing")]),
])  # fmt: skip
def test_records_of_cases_that_were_changed_are_named(
    tmp_path: Path, change: str, faults: Sequence[tuple[int, str, str]]
) -> None:
    kinds: Sequence[Any] = ("open", "note", "close")
    load(tmp_path / "w.db", [written(tmp_path, "fx.csv", FX)])
    append_records(tmp_path / "w.db", lambda _: [CaseDraft("case-1", kind, CASE) for kind in kinds])
    with closing(sqlite3.connect(tmp_path / "w.db", isolation_level=None)) as connection:
        chain = read_chain(connection)
        assert ([record.number for record in chain.records], chain.faults) == ([1, 2, 3], ())
        (fourth,) = chained(chain, [CaseDraft("case-2", "open", CASE)])
        assert (fourth.number, fourth.previous) == (4, chain.records[2].hash)
        connection.execute(change.format(TABLE))
        assert [(fault.record, fault.case, fault.kind) for fault in read_chain(connection).faults] == list(faults)
        bodies = [record.body for record in read_chain(connection).records]
    assert all(body in ({}, CASE) for body in bodies)


def test_findings_that_were_pinned_become_cases(tmp_path: Path) -> None:
    told: dict[str, Any] = {
        "metric": "gmv", "where": {"market": "ID|TH"}, "window": {"from": "2026-03-01", "to": "2026-03-07"},
        "onset": {"day": "2026-03-01"}, "baseline": {"kind": "expected"},
        "causes": [{"cause": "C18", "action": "Roll back", "owner": "App"}],
    }  # fmt: skip
    document = {"schema": "whydrop.findings/1", "findings": [
        {"told": told, "words": ["gmv fell"], "state": "open", "note": "seen"},
        {"told": {**told, "causes": []}, "words": [], "state": "done", "note": ""},
    ]}  # fmt: skip
    path = pinned_import.path_of(tmp_path / "w.db")
    path.write_text(json.dumps(document))
    found = pinned_import.drafts(tmp_path / "w.db", "2026-03-08T10:00:00+00:00")
    assert [(draft.case, draft.kind) for draft in found] == [
        ("case-1", "open"), ("case-1", "note"), ("case-2", "open"), ("case-2", "note"),
    ]  # fmt: skip
    first, second = found[0].body, found[2].body
    assert (first["where"], first["cause"], first["since"]) == ("market=ID|TH", "C18", "2026-03-08")
    assert (second["cause"], second["action"], found[1].body["text"]) == (None, "", "Pinned as open. seen")
    assert found[3].body["text"] == "Pinned as done."
    path.write_text(json.dumps({**document, "schema": "another"}))
    assert pinned_import.drafts(tmp_path / "w.db", "2026-03-08") == ()
    path.write_text(json.dumps(document))
    with closing(sqlite3.connect(tmp_path / "w.db")) as connection:
        connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        STEPS["4 cases"](connection)
        assert [record.case for record in read_chain(connection).records] == ["case-1", "case-1", "case-2", "case-2"]


@pytest.mark.parametrize(("error", "said"), [
    ("file is not a database", "not a database. Name a workspace file with --db"),
    ("database is locked", "another program is writing to it. Try again when it is done."),
    ("database or disk is full", "the disk is full; the workspace is as it was."),
    ("unable to open database file", "cannot be opened (unable to open database file)."),
    ("too many columns on daily_rows", "the workspace cannot hold so many columns (too many columns on daily_rows)."),
    ("database disk image is malformed\nand more", "is damaged (database disk image is malformed); load the exports"),
])  # fmt: skip
def test_errors_of_sqlite_as_one_line(tmp_path: Path, error: str, said: str) -> None:
    assert said in str(explained(tmp_path / "w.db", sqlite3.DatabaseError(error)))
    assert str(explained(tmp_path, sqlite3.DatabaseError(error))).startswith(f"{tmp_path}: a folder, not a workspace")
