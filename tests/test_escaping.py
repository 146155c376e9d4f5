"""Text from data reaches no program as code, in any format."""

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import WhydropError
from core.reports.escaping import for_markdown, for_spreadsheet, in_json, plain
from core.reports.writers.saved_file import save_text

HOSTILE = [
    "\x1b]52;c;cm0gLXJm\x07",
    "\x9b31m",
    "\x1bP1q\x1b\\",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u2028",
    "\x85",
    "\x7f",
    "\ufeff",
]


@pytest.mark.parametrize("mark", HOSTILE)
def test_marks_are_gone_from_text_and_escaped_in_json(mark: str) -> None:
    for shown in (plain(f"a{mark}b"), for_spreadsheet(f"a{mark}b"), for_markdown(f"a{mark}b")):
        assert shown.isprintable()
        assert shown.replace(" ", "") == "ab"
    document = json.dumps(f"a{mark}b", ensure_ascii=False)
    assert json.loads(in_json(document)) == f"a{mark}b"
    assert in_json(document).isprintable()


@given(st.text())
def test_text_is_one_printable_line_but_for_joiners(text: str) -> None:
    shown = plain(text)
    assert plain(shown) == shown
    assert len(shown.splitlines()) <= 1
    assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in shown)
    assert json.loads(in_json(json.dumps(text, ensure_ascii=False))) == text


def test_joiners_stay_where_they_are_spelling() -> None:
    assert plain("می\u200cخواهم") == "می\u200cخواهم"
    assert plain("👩\u200d💻") == "👩\u200d💻"
    assert plain("pay\u200dpal") == "paypal"


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-cmd|x", "@SUM(A1)", "\t=1", " =1", "\u200b=1", "＝1+1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert for_spreadsheet(cell).startswith("'")


def test_a_saved_file_has_the_users_permissions_and_replaces_none(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        save_text(tmp_path / "a.csv", "x\n")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o640
    with pytest.raises(WhydropError, match="is there already"):
        save_text(tmp_path / "a.csv", "y\n")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
