"""How the program starts: what it loads, what it says when it is asked nothing."""

import subprocess
import sys

import pytest

from core import __version__

HEAVY = {"rich", "textual", "sqlite_utils", "pydantic", "numpy", "pyarrow", "scipy", "sqlite3"}


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def whydrop(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui.cli", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize("words", [["--help"], ["scan", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    code = f"import sys\nfrom tui.cli import app\ntry:\n    app({words!r})\nexcept SystemExit:\n    print('loaded', *sys.modules)"
    loaded = python(code).splitlines()[-1].split()[1:]
    assert "typer" in loaded
    assert not HEAVY & set(loaded)


def test_core_loads_no_terminal() -> None:
    code = (
        "import sys, pkgutil, importlib, core\n"
        "for one in pkgutil.walk_packages(core.__path__, 'core.'): importlib.import_module(one.name)\n"
        "print(*sys.modules)"
    )
    assert not {"typer", "rich", "textual"} & set(python(code).split())


def test_alone_without_a_terminal_it_prints_help() -> None:
    done = whydrop()
    assert done.returncode == 0
    assert "Usage: " in done.stdout
    assert done.stderr == ""


def test_its_version_is_one_line() -> None:
    assert whydrop("--version").stdout == f"whydrop {__version__}\n"


def test_every_command_says_what_it_does() -> None:
    from tui.cli import app

    assert [
        command.name for command in app.registered_commands if not (command.callback and command.callback.__doc__)
    ] == []


def test_a_wrong_option_is_a_usage_error() -> None:
    done = whydrop("scan", "--sevrity")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
