"""Files that workers share are whole: whoever comes after a worker that failed builds them anew."""

from pathlib import Path

import pytest

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
