"""A short edition of `bench/attack.py`: real processes are killed, files damaged, disks filled; nothing may be lost or wrong."""

import pytest

from bench.attack import PARTS, attack

FAST = ("workspaces", "flips", "edits", "caches", "settings", "words", "paths")
"""Forks only; the others start programs."""
ELSEWHERE = "kills"
"""Guarded by eight kills in tests of the workspace."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "parts", [FAST, tuple(part for part in PARTS if part not in (*FAST, ELSEWHERE))], ids=["forks", "programs"]
)
def test_attacks_fail(parts: tuple[str, ...]) -> None:
    for tally in attack(parts, tries=1, seed=7, seconds=1, orders=1_000):
        assert tally.tries or tally.notes
        assert tally.failures == []
