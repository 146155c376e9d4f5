"""What is saved beside the workspace, or among the caches, is checked before it is believed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.base import settings
from core.base.errors import UsageError
from core.incidents.finding_log import _log, known_ids
from core.ingest.mapping.mapping_toml import read_mapping
from core.workspace.read.blocks import cache_files
from tests.workspace.loading import loaded, written
from tui.cli import app

DAMAGED = (
    b"",
    b"[]",
    b"5",
    b'{"abcdef1": 5}',
    b'{"abcdef1": {"metric": "gmv"}}',
    b'{"abcdef1": {"metric": 5, "from": "x", "to": "y", "where": 1, "confidence": "z"}}',
    b"[" * 100_000,
    b"9" * 5_000,
    b"\xff\xfe",
)


@pytest.mark.parametrize("data", DAMAGED)
def test_remembered_findings_are_believed_only_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    db = tmp_path / "w.db"
    loaded(db, written(tmp_path, "t.csv", "date,market,impressions\n2026-03-01,ID,5\n2026-03-02,ID,7\n"))
    path = _log(db)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    result = CliRunner().invoke(app, ["explain", "abcdef1", "--db", str(db)])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "no metric and no finding" in result.stderr
    assert known_ids(db) == ()


def test_a_file_of_another_place_is_not_believed(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    cache_files.write_bytes(one, b"{}")
    assert cache_files.read_bytes(one) == b"{}"
    one.replace(other)
    assert cache_files.read_bytes(other) is None


@pytest.mark.parametrize("text", ["x = " + "9" * 5_000, "x = " + "[" * 9_000, "x", "\x00"])
def test_toml_that_cannot_be_read_is_one_line(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, "whydrop.toml", text)
    for read in (settings.read, read_mapping):
        with pytest.raises(UsageError, match="not TOML") as refused:
            read(path)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("times = " + "9" * 400, "impressions: times: number out of range"),
        ("times = 'x'", "impressions: times: a number is expected, not a text"),
        ("times = nan", "impressions: times is a number, not nan"),
        ("words = 3", "impressions: words: a table is expected, not a whole number"),
        ("with = 5", "impressions: with: a text or a list is expected"),
        ("decimal = 'x'", "decimal is one of"),
    ],
)
def test_a_mapping_with_a_value_of_another_type_is_refused(tmp_path: Path, setting: str, reason: str) -> None:
    column = "impressions = { column = 'impressions', " + setting + " }"
    path = written(tmp_path, "m.toml", f"[columns]\ndate = 'date'\n{column}\n")
    with pytest.raises(UsageError, match=reason) as refused:
        read_mapping(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("setting", ["drop = 5", "drop = { market = 5 }", "key = 5", "notes = 5", "recognise = [5]"])
def test_a_mapping_whose_tables_and_lists_are_none_is_refused(tmp_path: Path, setting: str) -> None:
    path = written(tmp_path, "m.toml", f"{setting}\n[columns]\ndate = 'date'\n")
    with pytest.raises(UsageError, match=r"the mapping: .* is expected, not a whole number\."):
        read_mapping(path)
