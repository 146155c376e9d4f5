"""How fast exports load, beside `sqlite3 .import` (which checks nothing) and `sqlite-utils insert`, in interleaved runs.

    python bench/load.py FILE.csv [--runs N] [--sqlite-utils]

FILE.csv is one of `generate.py ROWS BASE` of the load benchmark beside the checkout (days x 8 slice columns x 12 measures).
It prints wall seconds, CPU seconds and peak memory of each run's child process, the medians and their ratios to .import,
the sizes of the files, and the time of loading the unchanged file again.
"""

import argparse
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
WHYDROP = [sys.executable, "-m", "tui.cli", "load", "--as", "daily", "-q", "--format", "json"]


@dataclass(frozen=True)
class Run:
    """What one child process took."""

    wall: float
    cpu: float
    peak_mb: float


def run(command: list[str]) -> Run:
    """Runs a command to its end; its peak memory is that of the largest child so far, so run the small ones first."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
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
    given = parser.parse_args()
    export = given.file.absolute()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs, other = (str(Path(folder, name)) for name in ("whydrop.db", "import.db", "utils.db"))
        imports: list[Run] = []
        loads: list[Run] = []
        again: list[Run] = []
        for _ in range(given.runs):
            for path in Path(folder).iterdir():
                path.unlink()
            imports.append(run(["sqlite3", theirs, ".mode csv", f".import {export} facts"]))
            loads.append(run([*WHYDROP, str(export), "--db", ours]))
            again.append(run([*WHYDROP, str(export), "--db", ours]))
        reference = statistics.median(one.wall for one in imports)
        report("sqlite3 .import", imports, reference)
        report("whydrop load", loads, reference)
        report("the same file again", again, reference)
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
