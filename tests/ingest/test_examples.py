"""The examples in the docstrings of reading exports hold, also where only these tests are run."""

import doctest
import importlib
from pathlib import Path

import pytest

import core.ingest

ROOM = Path(core.ingest.__path__[0])
SLOW = "date_words.py"
"""Asks for the months of all languages, which takes a second."""
FILES = [file for file in sorted(ROOM.rglob("*.py")) if file.name != SLOW and ">>>" in file.read_text(encoding="utf-8")]
MODULES = [file.relative_to(ROOM) for file in FILES]


@pytest.mark.parametrize("file", MODULES, ids=str)
def test_the_examples_of_a_module(file: Path) -> None:
    module = importlib.import_module(".".join(("core.ingest", *file.with_suffix("").parts)))
    result = doctest.testmod(module)
    assert result.failed == 0 < result.attempted
