"""Damaged workspaces and caches: one line that says so, or the figures of the whole workspace; never others."""

import contextlib
import csv
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from bench.attacks.target import COMMANDS, Attack, Tally, in_fork

_PAGE = 4096
Damage = Callable[[Attack], bytes]


def workspaces(attack: Attack, tally: Tally) -> None:
    """Six commands on a workspace with a piece overwritten or cut off, or a table dropped."""
    _damaged(
        attack, tally, lambda: attack.chance.choice((_cut, _zeroed, _overwritten, _swapped, _without_table))(attack)
    )


def flips(attack: Attack, tally: Tally) -> None:
    """The same with one to twenty bits flipped anywhere: what SQLite itself cannot see."""
    _damaged(attack, tally, lambda: _flipped(attack))


def _damaged(attack: Attack, tally: Tally, damage: Callable[[], bytes]) -> None:
    folder = attack.folder / tally.name
    folder.mkdir()
    correct = attack.answers(COMMANDS)
    refused = 0
    for _ in range(attack.tries):
        (folder / "w.db").write_bytes(damage())
        for words, answer in zip(COMMANDS, correct, strict=True):
            tally.tries += 1
            ended = in_fork([*words, "--db", "w.db", "-f", "json"], folder)
            refused += bool(ended.status)
            if ended.fault:
                tally.fail(f"{' '.join(words)}: {ended.fault}")
            elif ended.status == 0 and ended.out != answer:
                tally.fail(f"{' '.join(words)}: another answer with status 0: {ended.out[:300]}")
        for path in folder.glob("w.db*"):
            path.unlink()
    tally.notes.append(f"{refused} refused in one line, the others answered as if whole")


def _cut(attack: Attack) -> bytes:
    good = attack.whole.read_bytes()
    return good[: attack.chance.randrange(len(good))]


def _zeroed(attack: Attack) -> bytes:
    data = bytearray(attack.whole.read_bytes())
    pages = len(data) // _PAGE
    first = attack.chance.randrange(pages)
    last = min(first + attack.chance.choice((1, 5, 40)), pages)
    data[_PAGE * first : _PAGE * last] = bytes(_PAGE * (last - first))
    return bytes(data)


def _overwritten(attack: Attack) -> bytes:
    data = bytearray(attack.whole.read_bytes())
    length = attack.chance.choice((4, 60, 2000))
    at = attack.chance.randrange(len(data) - length)
    data[at : at + length] = attack.chance.randbytes(length)
    return bytes(data)


def _swapped(attack: Attack) -> bytes:
    """Two pages in each other's place: each is whole."""
    data = bytearray(attack.whole.read_bytes())
    first, second = (_PAGE * n for n in attack.chance.sample(range(1, len(data) // _PAGE), 2))
    page = data[first : first + _PAGE]
    data[first : first + _PAGE] = data[second : second + _PAGE]
    data[second : second + _PAGE] = page
    return bytes(data)


def _flipped(attack: Attack) -> bytes:
    data = bytearray(attack.whole.read_bytes())
    for _ in range(attack.chance.choice((1, 1, 3, 20))):
        data[attack.chance.randrange(100, len(data))] ^= 1 << attack.chance.randrange(8)
    return bytes(data)


def _without_table(attack: Attack) -> bytes:
    path = attack.folder / "dropped.db"
    shutil.copy(attack.whole, path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        kind, name = attack.chance.choice(sorted(names))
        with contextlib.suppress(sqlite3.DatabaseError):
            connection.execute(f"DROP {kind} {name}")
    return path.read_bytes()


def edits(attack: Attack, tally: Tally) -> None:
    """Rows changed with SQL by another program are no damage: the new figures come, whatever was kept of the old ones."""
    _keep_small_ones()
    folder = attack.folder / tally.name
    folder.mkdir()
    db = folder / "w.db"
    shutil.copy(attack.whole, db)
    words = ["series", "impressions", "--by", "market", "--db", "w.db", "-f", "csv"]
    for _ in range(max(1, attack.tries // 10)):
        in_fork(words, folder)
        times = (db.stat().st_atime_ns, db.stat().st_mtime_ns)
        with contextlib.closing(sqlite3.connect(db, isolation_level=None)) as connection:
            change = attack.chance.choice(
                ("impressions = impressions + 1", "impressions = 7", "impressions = NULL WHERE id % 2 = 0")
            )
            connection.execute(f"UPDATE traffic_rows SET {change}")
            query = "SELECT date, market, sum(impressions) FROM traffic GROUP BY 1, 2"
            correct = {(day, market): float(total or 0) for day, market, total in connection.execute(query)}
        os.utime(db, ns=times)
        tally.tries += 1
        ended = in_fork(words, folder)
        rows = {(row[0], row[1]): float(row[2] or 0) for row in csv.reader(ended.out.splitlines()[1:])}
        differing = [key for key in {*rows, *correct} if rows.get(key, 0.0) != correct.get(key, 0.0)]
        if ended.status or differing:
            tally.fail(f"{change}: {ended.err or 'the figures of before'}")


def caches(attack: Attack, tally: Tally) -> None:
    """A cache that is cut, flipped, exchanged or foreign changes no figure."""
    _keep_small_ones()
    kept = Path(os.environ["XDG_CACHE_HOME"]) / "whydrop"
    shutil.rmtree(kept, ignore_errors=True)
    commands = (*COMMANDS[:2], COMMANDS[3])
    answers = attack.answers(commands)
    whole = attack.folder / "whole-cache"
    shutil.copytree(kept, whole)
    for _ in range(attack.tries):
        shutil.rmtree(kept)
        shutil.copytree(whole, kept)
        _damage_cache(attack.chance, kept)
        for words, answer in zip(commands, answers, strict=True):
            tally.tries += 1
            ended = in_fork([*words, "--db", str(attack.whole), "-f", "json"], attack.folder)
            if ended.status or ended.fault or ended.out != answer:
                tally.fail(f"{' '.join(words)}: {ended.fault or 'another answer'}")


def _keep_small_ones() -> None:
    from core.workspace.read.blocks import cache

    cache._LEAST_BYTES = 0


def _damage_cache(chance: random.Random, kept: Path) -> None:
    files = sorted(path for path in kept.rglob("*") if path.is_file())
    for path in chance.sample(files, min(3, len(files))):
        data = bytearray(path.read_bytes())
        match chance.randrange(7):
            case 0:
                del data[chance.randrange(len(data) + 1) :]
            case 1 if data:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            case 2:
                data = bytearray(chance.choice([file for file in files if file.is_file()]).read_bytes())
            case 3:
                data[:] = chance.randbytes(len(data))
            case 4:
                data = data + data
            case 5:  # a folder where a file should be
                path.unlink()
                path.mkdir()
                continue
            case 6:  # that cannot be read: a link to nothing
                path.unlink()
                path.symlink_to("nothing")
                continue
        path.write_bytes(data)
