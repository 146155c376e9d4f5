"""Findings that were pinned before there were cases: the list next to a workspace, as records of cases."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.base.segment import Segment
from core.workspace.schema.cases.case_chain import CaseChain, CaseDraft, add_records, chained
from core.workspace.schema.cases.case_tables import PINNED

_SCHEMA = "whydrop.findings/1"


def path_of(workspace: Path) -> Path:
    """Where the findings of a workspace were pinned.

    >>> path_of(Path("shop.db")).name
    'shop.findings.json'
    """
    return workspace.with_suffix(PINNED)


def import_pinned(connection: sqlite3.Connection, workspace: Path) -> None:
    """Makes the findings that were pinned the first records of a workspace that has none; inside a transaction."""
    if pinned := drafts(workspace, datetime.now(UTC).isoformat(timespec="seconds")):
        from sqlite_utils import Database  # 0.1 s: only what writes cases needs it

        add_records(Database(connection, recursive_triggers=False, execute_plugins=False), chained(CaseChain(), pinned))


def drafts(workspace: Path, at: str) -> tuple[CaseDraft, ...]:
    """Records that open a case for each pinned finding, with its note; `at` is the moment now, as an ISO text.

    The file is only read. None where there is no such file, or it is no list of findings.
    """
    try:
        document = json.loads(path_of(workspace).read_text(encoding="utf-8"))
        if document["schema"] != _SCHEMA:
            return ()
        return tuple(
            draft
            for number, pinned in enumerate(document["findings"], 1)
            for draft in _records(f"case-{number}", pinned, at)
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return ()


def _records(case: str, pinned: Mapping[str, Any], at: str) -> Iterator[CaseDraft]:
    answer = pinned["told"]
    cause = answer["causes"][0] if answer["causes"] else {}
    yield CaseDraft(
        case,
        "open",
        {
            "finding": None,
            "metric": answer["metric"],
            "where": str(Segment.of({name: value.split("|") for name, value in answer["where"].items()})),
            "window": answer["window"],
            "onset": answer["onset"]["day"],
            "baseline": answer["baseline"],
            "cause": cause.get("cause"),
            "definition": None,
            "words": list(pinned["words"]),
            "data_until": None,
            "action": cause.get("action", ""),
            "owner": cause.get("owner", ""),
            "expected": {"low": None, "high": None},
            "since": at[:10],
            "judge_on": None,
            "registered_at": at,
        },
    )
    note = " ".join(text for text in (f"Pinned as {pinned['state']}.", pinned["note"]) if text)
    yield CaseDraft(case, "note", {"text": note, "at": at})
