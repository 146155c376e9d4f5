"""The README is true: its commands exist, its table has them all, its settings load."""

import re
from pathlib import Path

from core.catalogue import load
from tests.conftest import ROOT
from tui.cli import app

README = (ROOT / "README.md").read_text()
COMMANDS = {command.name for command in app.registered_commands}


def test_every_command_is_in_the_table_and_every_row_is_a_command() -> None:
    rows = re.findall(r"^\| (`whydrop .*?) \|", README, re.M)
    named = {name for row in rows for name in re.findall(r"`whydrop (\w+)", row)}
    assert named == COMMANDS


def test_every_command_written_anywhere_exists() -> None:
    assert set(re.findall(r"whydrop ([a-z]+)", README.split("## Licence")[0])) <= {*COMMANDS, "cd", "is", "answers"}


def test_the_settings_shown_are_settings_that_work(tmp_path: Path) -> None:
    block = README.split("`whydrop.toml` beside the workspace:\n\n")[1].split("\n## ")[0]
    path = tmp_path / "whydrop.toml"
    path.write_text("\n".join(line.removeprefix("    ") for line in block.splitlines()))
    assert load(path).metric("add_to_cart_share").good == "up"
