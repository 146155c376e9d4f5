"""Every format is written in its own way, and no other word is one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tui.cli.output import Format


def test_the_formats_are_those_that_are_promised() -> None:
    assert {format_.value for format_ in Format} >= {"table", "json", "ndjson", "csv", "md"}


@pytest.mark.parametrize(
    "command", [("metrics",), ("series", "ctr", "--by", "market"), ("loads",), ("events",), ("scan",)]
)
def test_every_format_looks_different(
    whydrop: Run, computed_once: Callable[[str], None], command: tuple[str, ...]
) -> None:
    computed_once("core.views.questions.scan_answer.find_incidents")
    outputs = {format_: whydrop(*command, "--format", format_) for format_ in Format}
    assert {format_ for format_, result in outputs.items() if result.exit_code} == set()
    texts = {result.stdout for format_, result in outputs.items()}
    assert len(texts) == len(Format), "a format that is handled nowhere falls through to another"
    assert json.loads(outputs[Format.JSON].stdout)["schema"] == f"whydrop.{command[0]}/1"


@pytest.mark.parametrize("word", ["xml", "TABLE", "json,csv", ""])
def test_any_other_format_is_wrong_usage(whydrop: Run, word: str) -> None:
    result = whydrop("metrics", "--format", word)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_an_event_without_an_end_is_not_on_for_ever(whydrop: Run) -> None:
    begun = json.loads(whydrop("events", "--from", "2026-03-10", "--format", "json").stdout)["events"]
    assert [event["event_id"] for event in begun] == ["E1"]
    assert json.loads(whydrop("events", "--from", "2026-03-11", "--format", "json").stdout)["events"] == []


def test_a_list_of_nothing_has_its_header(whydrop: Run, tmp_path: Path) -> None:
    (tmp_path / "sellers.csv").write_text("seller_id,name,joined_on\nS1,A,2026-01-01\n")
    db = tmp_path / "w.db"
    whydrop("load", str(tmp_path / "sellers.csv"), "--as", "sellers", db=db)
    assert whydrop("loads", "show", "1", "--format", "csv", db=db).stdout == "day,read,added\n"
