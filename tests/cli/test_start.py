"""How the program starts: what it loads, what it says when it is asked nothing."""

import errno
import io
import subprocess
import sys

import pytest

from core import __version__
from tests.conftest import ROOT
from tui import cli
from tui.cli.waiting import WaitingSign
from tui.process import open_closed_streams

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


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.2])
def test_interrupted_at_its_start_it_ends_silently(seconds: float) -> None:
    code = (
        "import sys, threading, os, signal, time\n"
        f"timer = threading.Timer({seconds}, os.kill, (os.getpid(), signal.SIGINT))\n"
        "timer.daemon = True\n"  # a thread that the end of the interpreter waits for is not the program's
        "timer.start()\n"
        "import tui.start\n"
        "sys.argv = ['whydrop', '--help']\n"
        "time.sleep(0.001)\n"
        "tui.start.main()\n"
        "time.sleep(1)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode in (0, 130)
    assert "Traceback" not in done.stderr


def test_a_stream_that_knows_ascii_alone_takes_everything() -> None:
    code = "from tui.process import write_any_character as w; w(); print('\u00b14 \u2192 \u0e20 \U0001f6d2')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout == "+/-4 -> \\u0e20 \\ud83d\\uded2\n"


@pytest.mark.parametrize(
    ("words", "names"), [(["series", "gmv"], {"series"}), (["-h"], None), (["serie"], None), ([], None)]
)
def test_only_the_typed_command_is_made_ready(
    words: list[str], names: set[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = {command.name for command in cli.app.registered_commands}
    monkeypatch.setattr(cli.app, "registered_commands", cli.app.registered_commands)
    monkeypatch.setattr("sys.argv", ["whydrop", *words])
    cli._leave_out_others()
    assert {command.name for command in cli.app.registered_commands} == (names or every)


def test_streams_that_the_caller_closed_hold_nothing_and_take_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    open_closed_streams()
    sys.stdout.write("data")
    sys.stderr.write("note")
    assert sys.stdin.read() == ""


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the output could not be written: No space left on device."),
        (OSError(errno.ENOSPC, "No space left on device", "w.db"), None),
        (OSError(errno.EBADF, "Bad file descriptor"), None),
    ],
)
def test_help_that_cannot_be_written_is_one_line(
    error: OSError, line: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed: list[bool] = []

    def fails() -> None:
        raise error

    for name, stand_in in (("app", fails), ("close_stdout", lambda: closed.append(True)), ("_leave_out_others", list)):
        monkeypatch.setattr(cli, name, stand_in)
    for name in ("end_on_signals", "write_any_character", "completes_after_equals"):
        monkeypatch.setattr(cli, name, lambda: False)
    with pytest.raises(SystemExit if line else OSError) as ended:
        cli.main()
    if line:
        assert isinstance(ended.value, SystemExit)
        assert ended.value.code == 1
        assert capsys.readouterr() == ("", f"whydrop: {line}\n")
    assert closed == [True] * bool(line)


def test_each_module_of_commands_has_those_it_is_listed_with() -> None:
    modules = {command.name: command.callback.__module__ for command in cli.app.registered_commands if command.callback}
    assert list(cli.COMMANDS) == list(dict.fromkeys(name.rpartition(".")[2] for name in modules.values()))
    assert {name: f"tui.cli.commands.{module}" for module, names in cli.COMMANDS.items() for name in names} == modules
    only = "import sys; sys.argv = ['whydrop', 'loads']; import tui.cli; print([c.name for c in tui.cli.app.registered_commands])"
    printed = subprocess.run([sys.executable, "-c", only], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "['loads', 'rejects', 'cache', 'rescue']"


class Terminal(io.StringIO):
    """A stderr that a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stderr", "term", "patience", "shown"),
    [
        (Terminal(), "xterm", 0.0, "scan is running ...\r\x1b[K"),
        (Terminal(), "xterm", 60.0, ""),
        (Terminal(), "dumb", 0.0, ""),
        (io.StringIO(), "xterm", 0.0, ""),
    ],
)
def test_a_command_that_takes_a_while_says_that_it_runs(
    stderr: io.StringIO, term: str, patience: float, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only in a terminal that can take a line away again, and not before half a second."""
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr("tui.cli.waiting._PATIENCE", patience)
    monkeypatch.setenv("TERM", term)
    sign = WaitingSign()
    sign.begin("scan is running ...")
    if shown and sign._timer:
        sign._timer.join()
    sign.end()
    sign.end()
    assert stderr.getvalue() == shown
