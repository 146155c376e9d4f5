"""Paths that are no ordinary file: as a workspace or SQLite's files of it, an export, an output, a temporary folder, a cache."""

import hashlib
import os
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bench.attacks.target import COMMANDS, Attack, Tally, in_fork

_SECONDS = 20
"""For one command; a program that waits for a FIFO's other end would wait for ever."""
_WORKSPACE = "w.db"
_OUTPUTS = (
    ("export", "orders", "{}.csv"),
    ("export", "daily", "{}.parquet"),
    ("report", "{}.html"),
    ("rescue", _WORKSPACE, "{}"),
    ("rescue", _WORKSPACE, "{}.db"),
)
Make = Callable[[Path, Path], object]
"""Makes an odd file at a path, given the folder of the attack."""


def _loop(path: Path, _: Path) -> None:
    path.symlink_to(path.name + "2")
    path.with_name(path.name + "2").symlink_to(path.name)


def _socket(path: Path, _: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as end:
        end.bind(str(path))


def _full_folder(path: Path, _: Path) -> None:
    path.mkdir()
    (path / "file").write_text("x")


_ODD: dict[str, Make] = {
    "fifo": lambda path, _: os.mkfifo(path),
    "loop": _loop,
    "link to nothing": lambda path, _: path.symlink_to("nothing-there"),
    "link to a folder": lambda path, folder: path.symlink_to(folder),
    "link to the workspace": lambda path, folder: path.symlink_to(folder / _WORKSPACE),
    "second name of the workspace": lambda path, folder: os.link(folder / _WORKSPACE, path),
    "link to null": lambda path, _: path.symlink_to("/dev/null"),
    "link to zero": lambda path, _: path.symlink_to("/dev/zero"),
    "link to full": lambda path, _: path.symlink_to("/dev/full"),
    "link to memory": lambda path, _: path.symlink_to("/proc/self/mem"),
    "folder": _full_folder,
    "socket": _socket,
    "other bytes": lambda path, _: path.write_bytes(b"\xff\x00" * 3000),
    "no bytes": lambda path, _: path.touch(),
}
_NAMES = (
    "x" * 300,
    "x/" * 3000 + "y",
    "a\nb",
    "\x1b[31m",
    "?mode=memory",
    "%00",
    "#",
    "-",
    ":memory:",
    "file:x?y",
    "\udcff",
    " ",
    "~",
)


def odd_paths(attack: Attack, tally: Tally) -> None:
    """Odd files in odd roles (from 84 tries on: every one in every role): an answer or one line, the workspace as it was."""
    folder = attack.folder / "odd"
    roles = (_as_workspace, _as_export, _as_output, _as_temporary_folder, _as_cache, _beside_workspace)
    choices = [(role, kind) for role in roles for kind in _ODD]
    for role, kind in attack.chance.sample(choices, min(len(choices), attack.tries)):
        _fresh(folder, attack)
        _try_all(tally, folder, f"{kind} {role.__name__[1:].replace('_', ' ')}", role(_ODD[kind], folder, attack))
    for name in attack.chance.sample(_NAMES, min(len(_NAMES), attack.tries)):
        _fresh(folder, attack)
        _try_all(tally, folder, f"named {name[:20]!r}", _named(name, attack))
    shutil.rmtree(folder)


def _fresh(folder: Path, attack: Attack) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(attack.whole, folder / _WORKSPACE)


def _try_all(tally: Tally, folder: Path, what: str, commands: Iterator[Sequence[str]]) -> None:
    db = folder / _WORKSPACE
    for words in commands:
        before = hashlib.sha256(db.read_bytes()).digest()
        tally.tries += 1
        ended = in_fork([*words, "-q"], folder, seconds=_SECONDS)
        if ended.fault:
            tally.fail(f"{what}: {' '.join(words)[:200]}: {ended.fault}")
        if not db.is_file() or db.read_bytes()[:16] != b"SQLite format 3\x00":
            tally.fail(f"{what}: {' '.join(words)[:200]}: the workspace is gone or was overwritten")
            return
        if words[0] not in {"load", "loads", "note"} and hashlib.sha256(db.read_bytes()).digest() != before:
            tally.fail(f"{what}: {' '.join(words)[:200]}: the workspace was changed")


def _as_workspace(make: Make, folder: Path, attack: Attack) -> Iterator[Sequence[str]]:
    for words in (
        *COMMANDS,
        ("case", "list"),
        ("loads", "undo", "1"),
        ("load", str(attack.folder / "traffic.csv")),
        ("note", "x"),
    ):
        path = folder / "odd.db"
        if path.is_symlink() or path.exists():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            (folder / "odd.db2").unlink(missing_ok=True)
        make(path, folder)
        yield (*words, "--db", "odd.db")


def _as_export(make: Make, folder: Path, attack: Attack) -> Iterator[Sequence[str]]:
    make(folder / "odd.csv", folder)
    yield ("inspect", "odd.csv")
    yield ("load", "odd.csv", "--db", _WORKSPACE)
    yield ("load", "odd.csv", str(attack.folder / "traffic.csv"), "--db", _WORKSPACE)
    yield ("load", ".", "--db", _WORKSPACE)
    yield ("load", str(attack.folder / "traffic.csv"), "--map", "odd.csv", "--db", _WORKSPACE)
    yield ("localize", "odd.csv", "--actual", "a", "--forecast", "b")
    yield ("simulate", "--rules", "odd.csv", "--db", _WORKSPACE)
    (folder / "odd.csv").rename(folder / "whydrop.toml") if not (folder / "odd.csv").is_dir() else None
    yield ("series", "gmv", "--db", _WORKSPACE)


def _as_output(make: Make, folder: Path, attack: Attack) -> Iterator[Sequence[str]]:
    for *words, name in _OUTPUTS:
        path = folder / name.format("out")
        make(path, folder)
        yield (*words, "-o", path.name, *(() if words[0] == "rescue" else ("--db", _WORKSPACE)))


def _as_temporary_folder(make: Make, folder: Path, attack: Attack) -> Iterator[Sequence[str]]:
    make(folder / "temp", folder)
    yield ("load", str(attack.folder / "corrected.csv"), "--db", _WORKSPACE, "--temp-dir", "temp")


def _as_cache(make: Make, folder: Path, attack: Attack) -> Iterator[Sequence[str]]:
    kept = Path(os.environ["XDG_CACHE_HOME"])
    try:
        for path in (kept, kept / "whydrop"):
            shutil.rmtree(kept, ignore_errors=True)
            path.parent.mkdir(exist_ok=True)
            make(path, folder)
            for words in (*COMMANDS[:2], ("cache",), ("cache", "clear"), ("loads",)):
                yield (*words, "--db", _WORKSPACE)
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
            path.with_name(path.name + "2").unlink(missing_ok=True)
    finally:
        shutil.rmtree(kept, ignore_errors=True)


def _beside_workspace(make: Make, folder: Path, attack: Attack) -> Iterator[Sequence[str]]:
    """Where the write-ahead log, its index and the rollback journal would lie, and what stages rows."""
    for ending in ("-wal", "-shm", "-journal"):
        path = folder / (_WORKSPACE + ending)
        make(path, folder)
        for words in (*COMMANDS[:2], ("load", str(attack.folder / "traffic.csv"))):
            yield (*words, "--db", _WORKSPACE)
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
        path.with_name(path.name + "2").unlink(missing_ok=True)


def _named(name: str, attack: Attack) -> Iterator[Sequence[str]]:
    yield ("load", str(attack.folder / "traffic.csv"), "--db", name)
    yield ("series", "impressions", "--db", name)
    yield ("load", name, "--db", _WORKSPACE)
    yield ("inspect", name)
    yield ("export", "daily", "-o", name, "--db", _WORKSPACE)
    yield ("export", "daily", "-o", name + ".csv", "--db", _WORKSPACE)
    yield ("report", "-o", name + ".html", "--db", _WORKSPACE)
    yield ("load", str(attack.folder / "corrected.csv"), "--db", _WORKSPACE, "--temp-dir", name)
    yield ("series", "gmv", "--where", f"market={name}", "--db", _WORKSPACE)
