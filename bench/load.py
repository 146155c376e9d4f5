"""How fast exports load, compared with `sqlite3 .import` (which checks nothing) and `sqlite-utils insert`, in interleaved runs.

    python bench/load.py FILE.csv [--runs N] [--sqlite-utils] [--other CHECKOUT]

FILE.csv is a table of days (days x 8 slice columns x 12 measures, say); of rows with the same day and slice only the first is
taken, since whydrop refuses two that differ. `--other` loads it with another checkout, too, in turn. Printed are wall seconds,
CPU seconds and peak memory of each run's child process, the medians and their ratios to .import, the sizes of the files, and
the time of loading the unchanged file again.
"""

import argparse
import csv
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
KEYS = 9
"""The first columns of the file: its day and slice."""
WHYDROP = [sys.executable, "-m", "tui.cli", "load", "--as", "daily", "-q", "--format", "json"]


@dataclass(frozen=True)
class Run:
    """What one child process took."""

    wall: float
    cpu: float
    peak_mb: float


def distinct_rows(source: Path, copy: Path) -> None:
    """Copies a file without the rows whose day and slice an earlier one has."""
    seen: set[tuple[str, ...]] = set()
    with source.open(newline="") as lines, copy.open("w", newline="") as rows:
        writer = csv.writer(rows, lineterminator="\n")
        for cells in csv.reader(lines):
            key = tuple(cells[:KEYS])
            if key not in seen:
                seen.add(key)
                writer.writerow(cells)


def run(command: list[str], checkout: Path = ROOT) -> Run:
    """Runs a command to its end; its peak memory is that of the largest child so far, so run the small ones first."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=checkout, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(checkout)}
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status:
        raise SystemExit(f"failed: {' '.join(command)}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, used.ru_maxrss / 1024)


def report(name: str, runs: list[Run], reference: float) -> None:
    """One line: median wall time and its ratio to the reference, CPU seconds, peak memory."""
    wall = statistics.median(one.wall for one in runs)
    cpu = statistics.median(one.cpu for one in runs)
    print(
        f"{name:22} {wall:8.2f} s wall  x {wall / reference:5.3f}  {cpu:8.2f} s cpu  {max(one.peak_mb for one in runs):6.0f} MB"
    )


def main() -> None:
    """Runs everything and prints it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sqlite-utils", action="store_true", help="once; it takes minutes on large files")
    parser.add_argument("--other", type=Path, help="another checkout of whydrop to compare with")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as inputs:
        export = Path(inputs, given.file.name)
        distinct_rows(given.file, export)
        ours, theirs, other = (str(Path(folder, name)) for name in ("whydrop.db", "import.db", "utils.db"))
        imports: list[Run] = []
        loads: list[Run] = []
        again: list[Run] = []
        others: list[Run] = []
        for _ in range(given.runs):
            for path in Path(folder).iterdir():
                path.unlink()
            if given.other:
                others.append(run([*WHYDROP, str(export), "--db", other], given.other.absolute()))
            imports.append(run(["sqlite3", theirs, ".mode csv", f".import {export} facts"]))
            loads.append(run([*WHYDROP, str(export), "--db", ours]))
            again.append(run([*WHYDROP, str(export), "--db", ours]))
        reference = statistics.median(one.wall for one in imports)
        report("sqlite3 .import", imports, reference)
        report("whydrop load", loads, reference)
        report("the same file again", again, reference)
        if others:
            report("the other checkout", others, reference)
            ratios = [mine.cpu / theirs.cpu for mine, theirs in zip(loads, others, strict=True)]
            print(f"CPU / the other's = {statistics.median(ratios):.3f}")
        first = statistics.median(one.wall for one in loads)
        print(f"again / first = {statistics.median(one.wall for one in again) / first:.3f}")
        sizes = [Path(path).stat().st_size for path in (ours, theirs)]
        print(f"file: {sizes[0] / 1e6:.1f} MB, {sizes[0] / sizes[1]:.3f} of .import's")
        if given.sqlite_utils:
            slow = run(
                [str(Path(sys.executable).with_name("sqlite-utils")), "insert", other, "facts", str(export), "--csv"]
            )
            report("sqlite-utils insert", [slow], reference)
            print(f"whydrop is {slow.wall / first:.1f} times as fast")


if __name__ == "__main__":
    main()
