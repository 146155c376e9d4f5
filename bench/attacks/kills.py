"""Loads that are ended at a random moment: the old state or the new one, a repeat that works, nothing left behind."""

import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from bench.attacks.target import LIMIT_SECONDS, Attack, Tally, contents, in_fork, loads, program


def births(attack: Attack, tally: Tally) -> None:
    """The first load of a workspace, killed from the start on."""
    _ended(attack, tally, tries=max(1, attack.tries // 5), numbers=[signal.SIGKILL], earliest=0.2, has_workspace=False)


def corrections(attack: Attack, tally: Tally) -> None:
    """A correction, killed."""
    tries = max(1, attack.tries - attack.tries // 5)
    _ended(attack, tally, tries=tries, numbers=[signal.SIGKILL], earliest=0.3, has_workspace=True)


def signals(attack: Attack, tally: Tally) -> None:
    """A correction, ended by ctrl+c, `kill`, or a terminal that closes."""
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    tries = max(1, 2 * attack.tries // 5)
    _ended(attack, tally, tries=tries, numbers=numbers, earliest=0.3, has_workspace=True)


def _ended(
    attack: Attack, tally: Tally, *, tries: int, numbers: Sequence[int], earliest: float, has_workspace: bool
) -> None:
    folder = attack.folder / tally.name
    export = str(attack.folder / ("corrected.csv" if has_workspace else "orders.csv"))
    words = ["load", export, "--db", "w.db", "-q"]
    db = _fresh(folder, attack.whole if has_workspace else None)
    old = contents(db) if has_workspace else ""
    began = time.monotonic()
    if program(words, folder).wait():
        raise SystemExit("the export does not load")
    seconds, new = time.monotonic() - began, contents(db)
    ends = 0
    for _ in range(tries):
        _fresh(folder, attack.whole if has_workspace else None)
        tally.tries += 1
        number, at = attack.chance.choice(numbers), attack.chance.uniform(earliest * seconds, seconds)
        process = program(words, folder)
        try:
            process.wait(at)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
            ends += 1
        _, err = process.communicate(timeout=LIMIT_SECONDS)
        what = f"signal {number} at {at:.2f} s of {seconds:.2f} s"
        if "Traceback" in err:
            tally.fail(f"{what}: {err}")
        if db.exists() and contents(db) not in {old, new, ""} and loads(db):
            tally.fail(f"{what}: neither the old state nor the new one")
        again = in_fork(words, folder)
        if again.status:
            tally.fail(f"{what}: the repeat is refused: {again.err}")
        elif contents(db) != new:
            tally.fail(f"{what}: the repeat gives something else")
        left = sorted(path.name for path in folder.iterdir() if path.name != "w.db")
        if left:
            tally.fail(f"{what}: left behind {left}")
    tally.notes.append(f"{ends} ended before they were done")


def _fresh(folder: Path, whole: Path | None) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if whole is not None:
        shutil.copy(whole, folder / "w.db")
    return folder / "w.db"
