"""Disks without room: a limit on the size of files, and file systems that are too small."""

import contextlib
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.attacks.target import Attack, Outcome, Tally, contents, in_fork, loads


def file_size_limit(attack: Attack, tally: Tally) -> None:
    """RLIMIT_FSIZE anywhere between nothing and enough: one line and the old state, or the new one."""
    folder = attack.folder / tally.name
    for has_workspace in (False, True) * max(1, attack.tries // 4):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        room = attack.chance.randrange(4096, 2 * attack.whole.stat().st_size)
        limit = lambda room=room: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))  # noqa: E731
        _load_without_room(attack, tally, folder, f"files of {room} bytes", limit, has_workspace=has_workspace)


WRITING = (
    ("loads", "undo", "1"),
    ("note", "New carrier"),
    ("case", "open", "gmv", "--action", "Retry"),
    ("export", "orders", "-o", "out.csv"),
    ("report", "-o", "out.html"),
    ("rescue", "w.db", "-o", "out.db"),
)


def other_commands(attack: Attack, tally: Tally) -> None:
    """RLIMIT_FSIZE while other commands write: one line and the old state with no file left, or all is done."""
    folder, size = attack.folder / tally.name, attack.whole.stat().st_size
    for number in range(max(1, attack.tries)):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(attack.whole, folder / "w.db")
        words = WRITING[number % len(WRITING)]
        room = attack.chance.choice((512, 4096, attack.chance.randrange(4096, 2 * size)))
        limit = lambda room=room: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))  # noqa: E731
        old, what = contents(folder / "w.db"), f"files of {room} bytes: {' '.join(words)}"
        tally.tries += 1
        ended = in_fork([*words, *(() if words[0] == "rescue" else ("--db", "w.db")), "-q"], folder, limit)
        _judge(tally, what, ended, folder / "w.db", old)
        left = {path.name for path in folder.iterdir()} - {"w.db"}
        if ended.status and left:
            tally.fail(f"{what}: left behind {sorted(left)}")
        again = in_fork(["series", "gmv", "--db", "w.db", "-q"], folder)
        if again.fault or (again.status and words[:2] != ("loads", "undo")):
            tally.fail(f"{what}: and then {again.err}")


def small_file_systems(attack: Attack, tally: Tally) -> None:
    """The workspace, or the folder for staged rows, on a tmpfs that is too small."""
    folder, size = attack.folder / tally.name, attack.whole.stat().st_size
    for number in range(max(1, attack.tries // 4)):
        folder.mkdir()
        room = attack.chance.randrange(65_536, 2 * size)
        with mounted(folder, room) as is_mounted:
            if not is_mounted:
                tally.notes.append("no file system can be mounted here: not tried")
                folder.rmdir()
                return
            if number % 2:
                _load_without_room(attack, tally, folder, f"a disk of {room} bytes", has_workspace=room > 1.2 * size)
            else:
                _stage_without_room(attack, tally, folder, room)
        folder.rmdir()


def _load_without_room(
    attack: Attack, tally: Tally, folder: Path, what: str, limit=lambda: None, *, has_workspace: bool
) -> None:  # type: ignore[no-untyped-def]
    db, words = folder / "w.db", ["load", str(attack.folder / "corrected.csv"), "--db", "w.db", "-q"]
    if has_workspace:
        shutil.copy(attack.whole, db)
    old = contents(db) if has_workspace else ""
    tally.tries += 1
    ended = in_fork(words, folder, limit)
    _judge(tally, what, ended, db, old)
    again = in_fork(words, folder)
    if again.status and not os.path.ismount(folder):
        tally.fail(f"{what}: the repeat with room is refused: {again.err}")
    elif again.fault:
        tally.fail(f"{what}: the repeat: {again.fault}")


def _stage_without_room(attack: Attack, tally: Tally, folder: Path, room: int) -> None:
    db = attack.folder / "staged.db"
    shutil.copy(attack.whole, db)
    old = contents(db)
    tally.tries += 1
    export = str(attack.folder / "corrected.csv")
    ended = in_fork(["load", export, "--db", str(db), "-q", "--temp-dir", str(folder)], attack.folder)
    _judge(tally, f"{room} bytes for staged rows", ended, db, old)
    left = sorted(path.name for path in folder.iterdir())
    if left:
        tally.fail(f"{room} bytes for staged rows: left behind {left}")


def _judge(tally: Tally, what: str, ended: Outcome, db: Path, old: str) -> None:
    if ended.fault:
        tally.fail(f"{what}: {ended.fault}")
    if ended.status and db.exists() and contents(db) != old and loads(db):
        tally.fail(f"{what}: not the old state")


@contextlib.contextmanager
def mounted(folder: Path, size: int) -> Iterator[bool]:
    """A tmpfs of so many bytes at a folder; False where that is not allowed."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        is_mounted = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        is_mounted = False
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", str(folder)], check=True)
