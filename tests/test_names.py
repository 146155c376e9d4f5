"""Names: what a variable is called says what it holds, a class name and a file name stand for one thing."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

EMPTY = frozenset(
    {
        "one",
        "held",
        "found",
        "told",
        "asked",
        "given",
        "wanted",
        "seen",
        "shown",
        "kept",
        "said",
        "known",
        "taken",
        "moved",
    }
    | {"apart", "ahead", "among", "under", "over", "rest", "way", "place", "each"}
)
"""Words that stand for anything."""
LIMIT = 0.02
"""Share of a room's bindings that may be called by such a word: now and then one is the term of the field."""
CLEAN = (
    "core/base",
    "core/cube",
    "core/detection",
    "core/incidents",
    "core/explanation",
    "core/ingest",
    "core/localization",
    "core/reports",
    "core/views",
    "core/workspace",
    "tui/cli",
    "fixtures",
)
"""Rooms that keep to the limit."""
LIMIT_OF_ALL = 0.04
"""Of core and tui together; it only ever goes down."""
MOST_FILES = 15


@cache
def trees(folder: str) -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / folder).rglob("*.py"))}


def bindings(tree: ast.AST) -> Iterator[str]:
    """The name of every variable that is set and of every parameter, once for each time."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name


def empty_share(*folders: str) -> float:
    names = Counter(name for folder in folders for tree in trees(folder).values() for name in bindings(tree))
    return sum(names[word] for word in EMPTY) / names.total()


def test_bindings_are_counted() -> None:
    source = (
        "def f(one, *rest, key=1):\n    for found in one:\n        name = found\n    return [each for each in rest]\n"
    )
    names = list(bindings(ast.parse(source)))
    assert sorted(names) == ["each", "found", "key", "name", "one", "rest"]


@pytest.mark.parametrize("room", CLEAN)
def test_variables_are_called_after_what_they_hold(room: str) -> None:
    assert empty_share(room) <= LIMIT


def test_no_more_empty_names_than_before() -> None:
    assert empty_share("core", "tui") <= LIMIT_OF_ALL


def test_a_public_class_name_stands_for_one_thing() -> None:
    names = Counter(
        node.name
        for folder in ("core", "tui")
        for tree in trees(folder).values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_a_file_name_stands_for_one_thing() -> None:
    names = Counter(path.name for folder in ("core", "tui") for path in trees(folder) if not path.stem.startswith("__"))
    assert [name for name, count in names.items() if count > 1] == []


def test_a_folder_is_taken_in_at_one_look() -> None:
    files = Counter(path.parent for folder in ("core", "tui", "fixtures") for path in trees(folder))
    assert {folder for folder, count in files.items() if count - 1 > MOST_FILES} == set()
