"""`whydrop localize` as people call it, with their mistakes."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.base.errors import UsageError
from core.localization.single_table.csv_table import read
from tui.cli import app

ROWS = [(m, c) for m in ("ID", "TH", "VN") for c in ("live", "shop", "video", "007")]


@pytest.fixture
def leaves(tmp_path: Path) -> Path:
    path = tmp_path / "leaves.csv"
    lines = [f"{m},{c},{k},{(100 + k) * (0.4 if c == '007' else 1):g},{100 + k}" for m, c in ROWS for k in range(9)]
    path.write_text("market,channel,slot,real,predict\n" + "\n".join(lines) + "\n")
    return path


def call(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["localize", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_one_document_a_file_with_values_as_they_stand_there(leaves: Path) -> None:
    status, out, _ = call(leaves, leaves, "--actual", "real", "--forecast", "predict", "--format", "ndjson")
    first, second = (json.loads(line) for line in out.splitlines())
    assert status == 0
    assert first["schema"] == "whydrop.localize/1"
    assert first["file"] == second["file"] == str(leaves)
    (segment,) = first["segments"]
    assert segment["where"] == {"channel": "007"}
    assert segment["change"] == pytest.approx(segment["actual"] - segment["forecast"])
    assert 0.9 < segment["confidence"] < 1
    assert first["seconds"] > 0


def test_a_packed_table_is_read_as_the_plain_one(leaves: Path) -> None:
    packed = leaves.with_name("packed.csv.gz")
    packed.write_bytes(gzip.compress(leaves.read_bytes()))
    asked = ("--actual", "real", "--forecast", "predict")
    assert call(packed, *asked) == call(leaves, *asked)
    packed.write_bytes(packed.read_bytes()[:40])
    assert call(packed, *asked) == (1, "", f"whydrop: {packed}: no table that can be read. Export it as CSV again.\n")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_table_as_a_spreadsheet_of_another_country_saves_it(leaves: Path, encoding: str) -> None:
    asked = ("--actual", "real", "--forecast", "predict", "--format", "json")
    plain = json.loads(call(leaves, *asked)[1])["segments"]
    header, *lines = leaves.read_text().splitlines()
    cells = [line.split(",") for line in lines]
    local = [
        ";".join(f"{float(c)}".replace(".", ",") if at in (3, 4) else c for at, c in enumerate(row)) for row in cells
    ]
    path = leaves.with_name("deutsch.csv")
    path.write_bytes("\n".join([header.replace(",", ";").replace("slot", "größe"), *local, ""]).encode(encoding))
    status, out, _ = call(path, *asked)
    assert status == 0
    assert json.loads(out)["segments"] == plain


@pytest.mark.parametrize(
    ("rows", "figures"),
    [
        ("a;1.234,5;2.000\nb;3;3.100\n", ((1234.5, 3), (2000, 3100))),
        ("a;1,234.5;2,000\nb;3;3,100\n", ((1234.5, 3), (2000, 3100))),
        ("a;1.234;2.000\nb;3;3.125\n", ((1.234, 3), (2, 3.125))),
        ("a;1234,5;2.5\nb;3;3\n", ((1234.5, 3), (2.5, 3))),
        ("a;1,234;2\nb;3;3\n", "real: its figures (such as 1,234) can be read"),
        ("a;1.234,5;2\nb;1,234.5;3\n", "real: its figures can be read"),
        ("a;1;2\nb;;3\n", "real is '' in row 2 below the header"),
    ],
    ids=["comma", "point", "plain", "each its own", "either", "both", "none"],
)
def test_figures_of_a_table_have_one_decimal_mark(tmp_path: Path, rows: str, figures: Any) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("Export of today\n\nmarket;real;predict\n" + rows)
    if isinstance(figures, str):
        with pytest.raises(UsageError, match=re.escape(figures)):
            read(path, "real", "predict")
        return
    found = read(path, "real", "predict")
    assert (tuple(found.actual), tuple(found.forecast)) == figures


def test_only_the_chosen_dimensions(leaves: Path) -> None:
    _, out, _ = call(leaves, "--actual", "real", "--forecast", "predict", "--dimension", "market", "--format", "json")
    assert [one["where"] for one in json.loads(out)["segments"]] == [{}]


def test_a_table_names_the_segment(leaves: Path) -> None:
    _, out, _ = call(leaves, "--actual", "real", "--forecast", "predict")
    assert "channel=007" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--actual", "rael", "--forecast", "predict"], "no column 'rael'. Did you mean real"),
        (["--actual", "market", "--forecast", "predict"], "market is 'ID' in row 1 below the header"),
        (["--actual", "real/predict", "--forecast", "predict"], "differ in kind"),
        (["--actual", "real", "--forecast", "predict", "--dimension", "real"], "real cannot be a figure"),
    ],
)
def test_a_wrong_question_is_one_line(leaves: Path, arguments: list[str], said: str) -> None:
    status, out, errors = call(leaves, *arguments)
    assert status == 2
    assert not out
    assert said in errors
    assert errors.count("\n") == 1


def test_a_ratio_of_two_columns(tmp_path: Path) -> None:
    lines = [f"{m},{c},{k},{12 if c == '007' else 48},{100},{50},{100}" for m, c in ROWS for k in range(9)]
    path = tmp_path / "rates.csv"
    path.write_text("market,channel,slot,good,tries,expected,base\n" + "\n".join(lines) + "\n")
    _, out, _ = call(path, "--actual", "good/tries", "--forecast", "expected / base", "--format", "json")
    (segment,) = json.loads(out)["segments"]
    assert segment["where"] == {"channel": "007"}
    assert (segment["actual"], segment["forecast"]) == (0.12, 0.5)
    status, _, errors = call(path, "--actual", "good/tries/base", "--forecast", "expected/base/base")
    assert (status, errors.count("\n")) == (2, 1)
    assert "neither a column nor NUM/DEN" in errors


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (None, 2, "there is no such file."),
        (b"", 1, "the file is empty."),
        (b"\n\n", 1, "the file is empty."),
        (b"b,a,a\n1,2,3\n", 2, "the column a appears twice. Rename one."),
        (b"market;market;real\n1;2;3\n", 2, "the column market appears twice. Rename one."),
        (b"market,real,predict\n", 2, "nothing to localize"),
        (b"market,real,predict\nx,1\n", 1, "row 2 has 2 cells, not 3. Export it as CSV again."),
        (b"market,real\n\x1b[31m,1,2,3\n", 1, "row 2 has 4 cells, not 2. Export it as CSV again."),
        (b"\x00\x9d\x00,real,predict\nx,1,2\n", 1, "no table that can be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, content: bytes | None, status: int, said: str) -> None:
    path = tmp_path / "odd.csv"
    if content is not None:
        path.write_bytes(content)
    ended, out, errors = call(path, "--actual", "real", "--forecast", "predict")
    assert (ended, out, errors.count("\n")) == (status, "", 1)
    assert said in errors
    assert "\x1b" not in errors


def test_a_file_of_figures_alone_has_nothing_to_localize(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("real,predict\n" + "5,9\n" * 4)
    status, out, errors = call(path, "--actual", "real", "--forecast", "predict")
    assert (status, out, errors.count("\n")) == (2, "", 1)
    assert "at least one dimension" in errors
