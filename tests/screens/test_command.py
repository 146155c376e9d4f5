"""The command `tui`: who may open the screens, and on what."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "tui.cli"]


def test_without_a_terminal_it_says_so_and_ends(shop: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "tui", "--db", str(shop)], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("whydrop: no terminal")
    assert "whydrop scan" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["tui"], []])
def test_without_a_workspace_it_says_how_to_make_one(tmp_path: Path, arguments: list[str]) -> None:
    shown, status = in_terminal(arguments, tmp_path, {"WHYDROP_DB": "none.db"})  # as long on every machine: lines wrap
    assert status == 1
    assert "none.db: there is no workspace" in shown
    assert "whydrop demo" in shown
    assert "\x1b[?1049h" not in shown


def test_a_terminal_that_can_do_nothing_is_refused(shop: Path, tmp_path: Path) -> None:
    shown, status = in_terminal(["tui", "--db", str(shop)], tmp_path, {"TERM": "dumb"})
    assert status == 2
    assert "no terminal" in shown
    assert "\x1b" not in shown


def in_terminal(arguments: list[str], folder: Path, env: dict[str, str]) -> tuple[str, int]:
    """What the program writes to a terminal of its own, and its exit status."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments], stdin=follower, stdout=follower, stderr=follower, cwd=folder,
        env={**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).parents[2]), **env},
    ) as process:  # fmt: skip
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
        status = process.wait()
    os.close(leader)
    return shown.decode(errors="replace"), status


def test_importing_the_command_loads_no_screens() -> None:
    heavy = "{'textual', 'rich', 'numpy', 'sqlite_utils'}"
    code = f"import sys, tui.cli.commands.tui_command; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
