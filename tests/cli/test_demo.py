"""The demo, as a real process in an empty folder, and the transcript of it that the README shows."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.conftest import ROOT
from tui.cli import app
from tui.cli.options import EXAMPLES

pytestmark = pytest.mark.slow


def demo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui.cli", "demo", *words]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder in which the demo ran, and how it ended."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, demo(folder, "--format", "json")


def test_it_explains_what_was_planted_and_what_is_real(built: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = built
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert "(C11)" in document["planted"]
    made_up, real = document["explain"], document["live_sellers"]
    assert made_up["is_drop"]
    assert made_up["causes"][0]["cause"].startswith("C11")
    assert (real["expected"], real["actual"]) == (99699, 25981)
    assert real["segments"][0]["where"] == {"post_type": "status"}
    assert real["segments"][0]["change"] == -46512


def test_examples_name_who_sells_in_it(built: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """They are run on a smaller edition, in which others have sold something."""
    shown = "\n".join(example for examples in EXAMPLES.values() for example in examples)
    documents = "\n".join(path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
    named = re.findall(r"whydrop .*?(product|creator|seller)s?[ =](?:ID|([CPS]\d+))", f"{shown}\n{documents}")
    ids = {(column, name) for column, name in named if name}
    assert {"product", "creator"} <= {column for column, _ in ids}
    with closing(sqlite3.connect(built[0] / "whydrop-demo.db")) as connection:
        absent = [
            name
            for column, name in ids
            if not connection.execute(f"SELECT count(*) FROM orders WHERE {column}_id = ?", (name,)).fetchone()[0]
        ]
    assert absent == []


def test_the_readme_shows_what_it_prints(
    built: tuple[Path, subprocess.CompletedProcess[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workspaces are those that the process built, with the answers that it has kept."""
    folder, done = built
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / ".cache"))
    both = Path("whydrop-demo.db"), Path("whydrop-demo-live-sellers.db")
    monkeypatch.setattr("tui.cli.commands.demo_command._targets", lambda _: both)
    monkeypatch.setattr("fixtures.demo.build_live_sellers", lambda _: None)
    monkeypatch.setattr("fixtures.demo.build_marketplace", lambda _: json.loads(done.stdout)["planted"])
    printed = [line.rstrip() for line in CliRunner().invoke(app, ["demo"]).stdout.splitlines()]
    text = (ROOT / "README.md").read_text()
    shown = text.split("<!-- transcript:begin -->")[1].split("<!-- transcript:end -->")[0].splitlines()
    lines = [line for line in shown if line and not line.startswith("```")]
    assert len(lines) >= 4
    assert [line for line in lines if line not in printed] == []
    assert len(printed) <= 24, "one screenful"


@pytest.mark.parametrize("name", ["mine.db", "mine-live-sellers.db"])
def test_a_file_of_the_user_is_never_overwritten(name: str, tmp_path: Path) -> None:
    """That one of both is there is said before anything is built."""
    (tmp_path / name).write_text("precious")
    done = CliRunner().invoke(app, ["demo", "--db", str(tmp_path / "mine.db")])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.endswith(f"{name} is there already. Name another file: whydrop demo --db PATH\n")
    assert done.stderr.count("\n") == 1
    assert [path.read_text() for path in tmp_path.iterdir()] == ["precious"]


def test_screens_open_on_the_demo_as_it_was_left(
    demo_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases that were opened in it are not lost."""
    opened: list[Path] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tui.cli.commands.tui_command.open_screens", opened.append)
    before = Path(shutil.copy(demo_workspace, "whydrop-demo.db")).read_bytes()
    assert CliRunner().invoke(app, ["demo", "--tui"]).exit_code == 0
    assert opened == [Path("whydrop-demo.db")]
    assert Path("whydrop-demo.db").read_bytes() == before
