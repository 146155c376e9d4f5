"""Workers of the tests start whatever is missing, and what they share is whole."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import conftest
from tests.shared_files import built_once


def test_what_a_failed_build_left_is_not_taken_for_what_it_should_have_built(tmp_path: Path) -> None:
    found: list[list[Path]] = []

    def build(folder: Path) -> None:
        found.append(list(folder.iterdir()))
        (folder / "rows").touch()
        if len(found) == 1:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        built_once(tmp_path / "market", build)
    assert {built_once(tmp_path / "market", build) for _ in range(2)} == {tmp_path / "market"}
    assert found == [[], []], "the second build starts with nothing, and there is no third"


def test_a_worker_starts_where_files_are_skipped_or_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of two imports the second half first."""
    imported: list[str] = []

    def import_module(name: str) -> None:
        imported.append(name)
        raise (pytest.skip.Exception("no extra"), ImportError)[len(imported) % 2]

    monkeypatch.setattr(conftest, "import_module", import_module)
    session: Any = SimpleNamespace(config=SimpleNamespace(workerinput={"workerid": "gw1", "workercount": 2}))
    conftest.pytest_sessionstart(session)
    half = len(imported) // 2
    assert imported[-half:] + imported[:-half] == sorted(imported)
    assert __name__ in imported
