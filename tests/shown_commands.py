"""Commands that help and documentation show, run as they are written."""

import os
import shlex
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.workspace.read.blocks import cache, column_blocks
from tests.shared_files import alone
from tui.cli import app


class ShownCommands:
    """Runs commands in the current folder. Many are shown in several places: on the same data each runs once.

    Answers are kept, for all workers, as those of large workspaces are, under what a workspace holds instead of where it is:
    most commands ask for the same scan, explanations and ratings.
    """

    def __init__(self, done: Path) -> None:
        """`done` is a folder that all test workers share; an empty file in it is a command that passed."""
        self._done = done

    def run(self, command: str, expected: int = 0) -> None:
        """Fails the test unless the command ends with the expected status."""
        program, *words = shlex.split(command)
        assert program == "whydrop"
        state = f"{_digest(command, words)}-{expected}"
        with alone(self._done / f"{state}.lock"):  # another worker may be running it
            if not (self._done / state).exists():
                self._run(command, words, state, expected)

    def _run(self, command: str, words: list[str], state: str, expected: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cache, "_LEAST_BYTES", 0)
            patch.setenv("XDG_CACHE_HOME", str(self._done / "caches"))
            for module in (cache, column_blocks):
                patch.setattr(module, "state_of", _contents)
            done = CliRunner().invoke(app, words)
        assert done.exit_code == expected, f"{command}: {done.stderr} {done.exception}"
        if state.startswith(_digest(command, words)):  # what changes the workspace is needed by what comes next
            (self._done / state).touch()


def _contents(path: Path, _: sqlite3.Connection) -> str:
    """The state of a workspace, as the name of a folder of the cache."""
    digest = sha256()
    for file in (path, path.with_name(f"{path.name}-wal")):
        if file.is_file():
            digest.update(file.read_bytes())
    return f"{digest.hexdigest()}-contents"


def _digest(command: str, words: list[str]) -> str:
    """Of a command and all that it reads."""
    digest = sha256(command.encode())
    for path in _inputs(words):
        digest.update(f"{path} {path.stat().st_size} ".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _inputs(words: list[str]) -> Iterator[Path]:
    for path in map(Path, (os.environ["WHYDROP_DB"], "whydrop.toml", *words)):
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from (inner for inner in sorted(path.rglob("*")) if inner.is_file())
