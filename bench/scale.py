"""How long the questions take on a large workspace: check, scan, explain, rate, each for the first and the second time.

    python bench/scale.py [--scale 7] [--seed 3] [--plant C11] [--keep FOLDER]

A made-up marketplace (fixtures/marketplace) of about 135,000 traffic rows and 61,000 order lines for each unit of
scale is loaded. Each question is a process of its own, as at a terminal; "first" begins with an empty cache, "second" with
what the first kept.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from fixtures.marketplace import generate

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Prints one line a question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=7.0)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--plant", default="C11")
    parser.add_argument("--keep", type=Path, help="a folder in which the workspace is kept for the next run")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        db = folder / f"{asked.plant}-{asked.seed}-{asked.scale:g}.db"
        if not db.exists():
            # in a process of its own: what a process once needed counts as the peak memory of its children
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                pool.submit(_make, db, asked.seed, asked.scale, asked.plant).result()
        with Workspace.open(db) as workspace:
            creator = next(value for value in workspace.values("creator_id") if value)
            print({kind: int(rows.sum()) for kind, rows in _rows(workspace).items()})
        for question in (["check"], ["scan"], ["explain", "gmv"], ["rate"], ["creator", creator], ["health"]):
            caches = Path(temporary) / "caches"
            shutil.rmtree(caches, ignore_errors=True)
            for which in ("first", "second"):
                print(f"{' '.join(question):24} {which:7} {_timed(question, db, caches)}")


def _make(db: Path, seed: int, scale: float, cause: str) -> None:
    with tempfile.TemporaryDirectory() as exports:
        generate(Path(exports), seed=seed, scale=scale, plant=[cause])
        load(db, sorted(Path(exports).glob("*.csv*")))


def _rows(workspace: Workspace) -> dict[str, NDArray[np.int64]]:
    profile = workspace.profile(workspace.span)
    return {kind: profile.rows_by_day(kind) for kind in profile.kinds}


def _timed(question: list[str], db: Path, caches: Path) -> str:
    command = [sys.executable, "-m", "tui.cli", *question, "--db", str(db), "--format", "json"]
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ, "XDG_CACHE_HOME": str(caches)}
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    failed = "" if status == 0 else f"  exit {os.waitstatus_to_exitcode(status)}"
    return f"{wall:6.2f} s wall {used.ru_utime + used.ru_stime:6.2f} s CPU {used.ru_maxrss // 1024:5d} MB{failed}"


if __name__ == "__main__":
    main()
