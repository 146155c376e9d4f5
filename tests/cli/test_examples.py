"""Every command has examples in its help, and every example runs on the demo's workspace."""

import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.shown_commands import ShownCommands
from tui.cli import app
from tui.cli.options import EXAMPLES

OWN_TESTS = {"demo", "tui"}
"""Commands that need minutes, or a terminal: they have tests of their own."""
FILES = {
    "orders.csv": "order_id,ordered_at,product_id,gmv,paid_at\na,2026-03-01,p1,10,2026-03-01\nb,2026-03-02,p2,20,\n",
    "exports/reviews.csv": "review_id,reviewed_at,rating,text\nr1,2026-03-02,1,broken\n",
    "rules.toml": 'version = "draft"\n[grades]\nA = 80\nB = 60\nC = 45\nD = 0\n',
    "leaves.csv": "market,device,real,predict,orders,clicks,planned\n"
    + "".join(
        f"{market},{device},{20 if market == 'TH' else 100},100,{2 if market == 'TH' else 10},100,10\n"
        for market in ("ID", "TH", "VN", "BR")
        for device in ("ios", "android", "web")
    ),
}


@pytest.fixture
def folder(demo_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that examples name, and the demo's workspace as the usual one."""
    for name in ("whydrop-demo.db", "damaged.db", "old.db"):
        shutil.copy(demo_workspace, tmp_path / name)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYDROP_DB", "whydrop-demo.db")
    return tmp_path


@pytest.mark.parametrize("name", sorted(command.name or "" for command in app.registered_commands))
def test_a_command_has_two_examples_in_its_help(name: str) -> None:
    examples = EXAMPLES[name]
    assert len(examples) >= 2
    assert max(map(len, examples)) <= 76, "they fit 80 columns"
    assert all(shlex.split(example)[:2] == ["whydrop", name] for example in examples)
    lines = [line.strip() for line in CliRunner().invoke(app, [name, "-h"]).stdout.splitlines()]
    assert [example for example in examples if example not in lines] == []


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - OWN_TESTS))
@pytest.mark.usefixtures("folder")
def test_every_example_runs(name: str, shown_commands: ShownCommands) -> None:
    for example in EXAMPLES[name]:
        shown_commands.run(example, expected=3 if "--fail-on major" in example else 0)  # what the demo planted is major
