"""What people get wrong: one clear line on stderr, the right exit status, nothing on stdout, never a traceback."""

import gzip
import shutil
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.cli.conftest import Run
from tui.cli import app

MISTAKES = [
    (["series", "gvm"], 2, "no metric 'gvm'. Did you mean gpm or gmv?"),
    (["series", "orders"], 1, "Load orders exports"),
    (["series", "ctr", "--by", "chanel"], 2, "Did you mean channel?"),
    (["series", "ctr", "--where", "market"], 2, "Write it as market=ID,channel=live"),
    (["series", "ctr", "--where", "market=IDN"], 2, "no market 'IDN' in the data. Did you mean ID?"),
    (["series", "ctr", "--where", "nation=ID"], 2, "no dimension 'nation'"),
    (["series", "ctr", "--from", "March"], 2, "not a day or window: 'March'. Write 2026-03-09, "),
    (["series", "ctr", "--from", "2026-03-02", "--to", "2026-03-01"], 2, "ends before it starts"),
    (["series", "ctr", "--from", "2031-01-01"], 2, "ends before it starts"),
    (["series", "ctr", "--from", "2031-01-01", "--to", "2031-01-02"], 1, "the workspace holds 5 Jan to 15 Mar 2026"),
    (["series", "ctr", "--fields", "dai"], 2, "no field 'dai'. Did you mean day?"),
    (["series", "ctr", "--clock", "wall"], 2, "no clock 'wall'"),
    (["explain", "ctr", "--window", "2026-03-40..2026-03-41"], 2, "not a day or window"),
    (["explain", "ctr", "--window", "2031-01-01..2031-01-07"], 1, "the workspace holds 5 Jan to 15 Mar 2026"),
    (["explain", "ctr", "--baseline", "yesterday"], 2, "no baseline 'yesterday'"),
    (["explain", "crt"], 2, "Did you mean ctr"),
    (["scan", "--as-of", "2031-01-01"], 1, "the workspace holds 5 Jan to 15 Mar 2026"),
    (["scan", "--as-of", "soon"], 2, "not a day or window: 'soon'"),
    (["scan", "--metric", "crt"], 2, "Did you mean ctr"),
    (["scan", "--by", "chanel"], 2, "Did you mean channel?"),
    (["scan", "--fail-on", "huge"], 2, "no severity 'huge'"),
    (["check", "--fail-on", "pass"], 2, "no status 'pass'"),
    (["explain", "ctr", "--since", "tuesday", "--window", "7d"], 2, "either --window or --since"),
    (["explain", "ctr", "--fields", "chnage"], 2, "no field 'chnage'. Did you mean change"),
    (["explain", "ctr", "--fields", "chnage", "--format", "csv"], 2, "no field 'chnage'"),
    (["check", "--fields", "states"], 2, "no field 'states'. Did you mean status"),
    (["events", "--fields", "x", "--format", "md"], 2, "no field 'x'"),
    (["rejects", "--fields", "reasn", "--format", "json"], 2, "no field 'reasn'. Did you mean reason"),
    (["load", ""], 2, "an argument is empty"),
    (["note", " "], 2, "a note needs a text"),
    (["note", "New page", "--kind", "relaese"], 2, "Did you mean release?"),
    (["series", "ctr", "--where", "market=Atlantis"], 2, "Known: ID, TH."),
    (
        ["series", "ctr", "--where", "market=ID", "--where=channel=live"],
        2,
        "--where is given 2 times: give it once, with commas between its parts. See whydrop series -h.",
    ),
    (["metrics", "show"], 2, "which metric?"),
    (["metrics", "grow"], 2, "no action 'grow'"),
    (["metrics", "show", "crt"], 2, "Did you mean ctr"),
    (["scan", "--formt", "json"], 2, "no option --formt. Did you mean --format"),
    (["channels", "--sql"], 2, "no option --sql. See whydrop channels -h."),
    (
        ["scan", "--format", "xml"],
        2,
        "--format: no 'xml'. It is one of table, json, ndjson, csv, md. See whydrop scan -h.",
    ),
    (["scan", "extra"], 2, "unexpected argument: extra."),
    (["simulate", "--rules", "none.toml"], 2, "none.toml: there is no such file."),
    (["rate", "--rules", "none.toml"], 2, "none.toml: there is no such file."),
    (["localize", "none.csv", "--actual", "a", "--forecast", "b"], 2, "none.csv: there is no such file."),
    (["explain"], 2, "METRIC|FINDING is missing. See whydrop explain -h."),
    (["export", "orders"], 2, "--output is missing."),
    (["rate", "--top", "ten"], 2, "--top: 'ten' is not a whole number."),
    (["rate", "--top", "-1"], 2, "--top: -1 is not 0 or more."),
    (["loads", "undo", "x"], 2, "N: 'x' is not a whole number."),
]


@pytest.mark.parametrize(
    ("words", "status", "said"), MISTAKES, ids=lambda value: " ".join(value) if isinstance(value, list) else None
)
def test_a_wrong_question(whydrop: Run, words: list[str], status: int, said: str) -> None:
    done = whydrop(*words)
    assert done.stderr.startswith("whydrop: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert (done.exit_code, done.stdout) == (status, "")


def test_a_wrong_word_before_any_command_is_one_line_too() -> None:
    for words, said in (
        (["scna"], "no command 'scna'. Did you mean scan? See whydrop -h.\n"),
        (["--versin"], "Did you mean --version?"),
        (["series", "gmv", "--by"], "--by needs a value. See whydrop series -h."),
    ):
        done = CliRunner().invoke(app, words)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.startswith("whydrop: ")
        assert said in done.stderr


FILES = [
    ("nothing.csv", None, "there is no such file"),
    ("empty.csv", b"", "the file is empty"),
    ("blank.csv", b"\n\n  \n", ""),
    ("figures.csv", b"1,2,3\n4,5,6\n", "no header"),
    ("half.csv", b"order_id,ordered_at\n1,2026-01-01\n", "not recognised"),
    ("other.csv", b"colour,size\nred,1\n", "not recognised"),
    ("junk.csv", bytes(range(256)) * 40, ""),
    ("cut.csv.gz", gzip.compress(b"date,impressions\n2026-01-01,5\n" * 900)[:60], ""),
]


@pytest.mark.parametrize(("name", "content", "said"), FILES, ids=[name for name, _, _ in FILES])
def test_a_file_that_is_no_export(whydrop: Run, tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = whydrop("load", str(tmp_path / name), db=tmp_path / "new.db")
    assert done.exit_code == (1 if content is not None else 2)
    assert done.stderr.startswith("whydrop: ")
    assert name in done.stderr
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_of_another_kind(whydrop: Run, tmp_path: Path) -> None:
    (tmp_path / "traffic.csv").write_text("date,impressions\n2026-01-01,5\n")
    done = whydrop("load", str(tmp_path / "traffic.csv"), "--as", "reviews", db=tmp_path / "new.db")
    assert done.exit_code == 1
    assert "not a reviews export: no column review_id" in done.stderr


@pytest.mark.parametrize(
    ("options", "status", "says"),
    [
        (["--as", "trafic"], 2, "Did you mean traffic?"),
        (["--dimension", "page"], 2, "no column 'page' to slice by"),
        (["--encoding", "utf-99"], 2, "no encoding 'utf-99'"),
        (["--map", "none.toml"], 2, "there is no such file"),
        ([], 1, "Use --decimal , (it is 1250)"),
    ],
)
def test_a_refused_file_is_no_wrong_usage_and_a_wrong_option_is(
    whydrop: Run, tmp_path: Path, options: list[str], status: int, says: str
) -> None:
    (tmp_path / "sales.csv").write_text("date,sales\n2026-01-01,1.250\n2026-01-02,1.300\n")
    done = whydrop("load", str(tmp_path / "sales.csv"), *options, db=tmp_path / "new.db")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert says in done.stderr


@pytest.mark.parametrize("command", ["scan", "check", "events", "loads", "rejects"])
def test_a_workspace_that_does_not_exist(whydrop: Run, tmp_path: Path, command: str) -> None:
    done = whydrop(command, db=tmp_path / "none.db")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "there is no workspace yet." in done.stderr
    assert not (tmp_path / "none.db").exists()


def test_only_a_workspace_is_offered_instead(whydrop: Run, tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("no database" * 99)
    (tmp_path / "b.db").mkdir()
    sqlite3.connect(tmp_path / "c.db").execute("CREATE TABLE t (a)").connection.close()
    assert "Near it" not in whydrop("scan", db=tmp_path / "none.db").stderr
    (tmp_path / "traffic.csv").write_text("date,impressions\n2026-01-01,5\n")
    whydrop("load", str(tmp_path / "traffic.csv"), db=tmp_path / "d.db")
    assert f"Near it: add --db {tmp_path / 'd.db'}." in whydrop("scan", db=tmp_path / "none.db").stderr
    shutil.copy(tmp_path / "d.db", tmp_path / "d-old.db")
    near = f"Near it: add --db {tmp_path / 'd.db'} or --db {tmp_path / 'd-old.db'}."
    assert near in whydrop("scan", db=tmp_path / "none.db").stderr


def test_a_file_that_is_no_database(whydrop: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("not a database, but quite long enough to look at\n" * 30)
    for command in (["scan"], ["load", str(tmp_path / "notes.db")]):
        done = whydrop(*command, db=tmp_path / "notes.db")
        assert done.exit_code in {1, 2}
        assert done.stderr.count("\n") == 1
        assert "Traceback" not in done.stderr
    assert "not a database" in whydrop("scan", db=tmp_path / "notes.db").stderr


def test_what_many_files_share_is_said_once(whydrop: Run, tmp_path: Path) -> None:
    for day in range(1, 6):
        (tmp_path / f"visits_2026-11-0{day}.csv").write_text("Channel,Visits\nlive,3\nvideo,4\n")
    lines = whydrop("load", str(tmp_path), db=tmp_path / "w.db").stderr.splitlines()
    days = "it has no days: all of it counts on the day in its name or folder"
    assert [line.partition(": ")[2] for line in lines if days in line] == [
        f"{tmp_path}/visits_2026-11-01.csv and 4 more files: {days}"
    ]
    assert lines[-1] == "note: 10 rows added, 0 replaced, 0 unchanged"


@pytest.mark.parametrize(("others", "is_said"), [(1, False), (2, True)])
def test_a_folder_of_which_most_files_are_skipped_says_so_first(
    whydrop: Run, tmp_path: Path, others: int, is_said: bool
) -> None:
    (tmp_path / "traffic.csv").write_text("date,clicks\n2026-03-01,5\n")
    for number in range(others):
        (tmp_path / f"names{number}.csv").write_text("foo,bar\nx,y\n")
    first = whydrop("load", str(tmp_path), db=tmp_path / "w.db").stderr.splitlines()[0]
    assert (first == "note: 2 of 3 files are skipped: the reasons are below") is is_said
