"""Two programs that load and up to twenty readers that come and stay: nothing is lost, nothing is refused."""

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from bench.attacks.target import Attack, Tally, in_fork

LOADERS, READERS, STAYING = 2, 20, 5
_READERS_PER_TRY = 8
_LINES = 10


def crowd(attack: Attack, tally: Tally) -> None:
    """For `--seconds`; a quarter of the readers keep the workspace open as the screens do."""
    folder = attack.folder / "crowd"
    results = folder / "results"
    results.mkdir(parents=True)
    db, until = folder / "w.db", time.monotonic() + attack.seconds
    first = in_fork(["load", str(attack.folder / "traffic.csv"), "--db", "w.db", "-q"], folder)
    children = []
    programs = LOADERS + min(READERS, _READERS_PER_TRY * attack.tries)
    for number in range(programs):
        child = os.fork()
        if child:
            children.append(child)
            continue
        with contextlib.suppress(BaseException):
            (results / str(number)).write_text(json.dumps(list(_work(number, folder, until))))
        os._exit(0)
    for child in children:
        os.waitpid(child, 0)
    loaded = read = 0
    for path in sorted(results.iterdir()):
        is_loader = int(path.name) < LOADERS
        for fault in json.loads(path.read_text()):
            tally.tries += 1
            loaded += is_loader and not fault
            read += not is_loader
            if fault:
                tally.fail(f"{'load' if is_loader else 'reader'}: {fault}")
    if first.status or len(list(results.iterdir())) != programs:
        tally.fail(f"a program ended early: {first.err}")
    with contextlib.closing(sqlite3.connect(db)) as connection:
        (lines,) = connection.execute("SELECT count(*) FROM orders").fetchone()
    if lines != _LINES * loaded:
        tally.fail(f"{loaded} loads of {_LINES} order lines, and {lines} in the workspace")
    tally.notes.append(f"{loaded} loads, {read} readings")


def _work(number: int, folder: Path, until: float) -> Iterator[str]:
    if number < LOADERS:
        return _load_often(number, folder, until)
    return _stay(folder, until) if number < LOADERS + STAYING else _read_often(folder, until)


def _load_often(number: int, folder: Path, until: float) -> Iterator[str]:
    count = 0
    while time.monotonic() < until:
        count += 1
        path = folder / f"{number}-{count}.csv"
        lines = "".join(f"{number}-{count}-{n},2026-01-0{1 + n % 9},5\n" for n in range(_LINES))
        path.write_text("order_id,ordered_at,gmv\n" + lines)
        ended = in_fork(["load", str(path), "--db", "w.db", "-q", "--wait", "60"], folder)
        yield ended.err if ended.status else ""


def _read_often(folder: Path, until: float) -> Iterator[str]:
    correct = ""
    while time.monotonic() < until:
        ended = in_fork(["series", "impressions", "--db", "w.db", "-q", "-f", "csv"], folder)
        correct = correct or ended.out
        yield ended.err if ended.status else "" if ended.out == correct else "other figures"


def _stay(folder: Path, until: float) -> Iterator[str]:
    from core.workspace.read.workspace import Workspace

    while time.monotonic() < until:
        with Workspace.open(folder / "w.db") as workspace:
            first = workspace.cube(["impressions"], workspace.window()).total("impressions")
            time.sleep(1)
            again = workspace.cube(["impressions"], workspace.window()).total("impressions")
            yield "" if first == again else "other figures within one reading"
