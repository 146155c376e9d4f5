"""Names: what a variable is called says what it holds, a class name and a file name stand for one thing."""

import ast
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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


@dataclass(frozen=True)
class FileNames:
    """What a file calls things."""

    bindings: Counter[str]
    classes: tuple[str, ...]


@cache
def files_of(folder: str) -> dict[Path, FileNames]:
    """The names in all files of a top folder, each read once."""
    return {path: names_in(ast.parse(path.read_text("utf-8"))) for path in sorted((ROOT / folder).rglob("*.py"))}


def names_in(tree: ast.AST) -> FileNames:
    """The name of every variable that is set and of every parameter, once for each time, and the public classes."""
    bindings: Counter[str] = Counter()
    classes = []
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                bindings[name] += 1
            case ast.ClassDef(name=name) if not name.startswith("_"):
                classes.append(name)
    return FileNames(bindings, tuple(classes))


def empty_share(*folders: str) -> float:
    """The share of the bindings in some rooms that are called by an empty word."""
    names: Counter[str] = Counter()
    for folder in folders:
        for path, file in files_of(folder.partition("/")[0]).items():
            if path.is_relative_to(ROOT / folder):
                names += file.bindings
    return sum(names[word] for word in EMPTY) / names.total()


def test_bindings_are_counted() -> None:
    source = (
        "def f(one, *rest, key=1):\n    for found in one:\n        name = found\n    return [each for each in rest]\n"
    )
    names = names_in(ast.parse(source)).bindings
    assert sorted(names.elements()) == ["each", "found", "key", "name", "one", "rest"]


def test_variables_are_called_after_what_they_hold() -> None:
    assert {room: share for room in CLEAN if (share := empty_share(room)) > LIMIT} == {}


def test_no_more_empty_names_than_before() -> None:
    assert empty_share("core", "tui") <= LIMIT_OF_ALL


def test_a_public_class_name_stands_for_one_thing() -> None:
    files = [file for folder in ("core", "tui") for file in files_of(folder).values()]
    names = Counter(name for file in files for name in file.classes)
    assert [name for name, count in names.items() if count > 1] == []


def test_a_file_name_stands_for_one_thing() -> None:
    names = Counter(
        path.name for folder in ("core", "tui") for path in files_of(folder) if not path.stem.startswith("__")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_a_folder_is_taken_in_at_one_look() -> None:
    files = Counter(path.parent for folder in ("core", "tui", "fixtures") for path in files_of(folder))
    assert {folder for folder, count in files.items() if count - 1 > MOST_FILES} == set()
