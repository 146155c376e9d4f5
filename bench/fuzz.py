"""Mutates exports of every format and reads them: only clear errors may come out, in bounded time and memory.

    python bench/fuzz.py [--minutes 10] [--seed 1] [--keep FOLDER]

Samples are the shapes that the tests know, the canonical kinds, and the first lines of the public data beside the
checkout, each as CSV, TSV, JSON Lines, Parquet and XLSX, plain and packed (.gz, .zip, .zst, .xz). One execution inspects
a mutated file and loads it with --dry-run. A finding is an error that is not meant for people, one of several lines, rows
that are not accounted for, more than 20 CPU seconds (or 200 on the clock), more than 1.5 GB, or the end of the process; what
caused it is written to FOLDER. Exit status 1 when there was any.
"""

import argparse
import csv
import faulthandler
import gzip
import io
import json
import lzma
import multiprocessing
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SECONDS, MEGABYTES, ROUND, LINES = 20, 1536, 400, 40
TOKENS = (
    *(b'"', b'""', b"'", b",", b"\t", b";", b"|", b"\n", b"\r", b"\r\n", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe0\xb8"),
    *(b"--", b"1e999", b"-1", b"99999999999999999999", b"0.005", b"1.234,56", b"Rp1.000", b"1.2K", b"nan", b"inf", b"5%"),
    *(b"2026-02-30", b"0001-01-01", b"9999-12-31", b"03/04/2026", b"25:61", b"2026-01-01T00:00:00+99:99", b"1h39min"),
    *(b"20260101-20260131", b"date", b"gmv", b"order_id", b"Total", b"Product ID", b"::", b"=1+1", b"\x1b[31m", b"[bold]"),
    *(b"\xc2\xad", b"[" * 200, b"{" * 200, b"x" * 5000),
)  # fmt: skip


def tables() -> list[list[list[str]]]:
    """The samples as rows of cells."""
    from tests.conftest import SHARED
    from tests.ingest.presets.test_shapes import SHAPES
    from tests.workspace.test_load import KINDS

    texts = [*(shape[1] for shape in SHAPES), *KINDS.values()]
    for path in sorted((SHARED / "data").rglob("*.csv*")) if SHARED else ():
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        texts.append("\n".join(data.decode("utf-8", "replace").splitlines()[:LINES]))
    return [[row for row in csv.reader(io.StringIO(text)) if row] for text in texts]


def delimited(delimiter: str, encoding: str) -> Callable[[list[list[str]]], bytes]:
    """How a table is written as delimited text."""

    def write(table: list[list[str]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(table)
        return text.getvalue().encode(encoding, "replace")

    return write


def as_json(table: list[list[str]]) -> bytes:
    """JSON Lines."""
    return "".join(json.dumps(dict(zip(table[0], row, strict=False))) + "\n" for row in table[1:]).encode()


def as_parquet(table: list[list[str]]) -> bytes:
    """Parquet, every column of text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out, width = io.BytesIO(), len(table[0])
    rows = [[*row, *[""] * width][:width] for row in table[1:]]
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(width)]
    pq.write_table(
        pa.table(columns, names=[f"{name or 'c'}{'' if n < 60 else n}" for n, name in enumerate(table[0])]), out
    )
    return out.getvalue()


def as_workbook(table: list[list[str]]) -> bytes:
    """XLSX."""
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in table:
        book.active.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
    book.save(out)
    return out.getvalue()


FORMATS: dict[str, Callable[[list[list[str]]], bytes]] = {
    ".csv": delimited(",", "utf-8"), ".tsv": delimited("\t", "utf-8-sig"), "16.csv": delimited(";", "utf-16"),
    "1252.csv": delimited("|", "cp1252"), ".jsonl": as_json, ".parquet": as_parquet, ".xlsx": as_workbook,
}  # fmt: skip


def zipped(data: bytes, form: str) -> bytes:
    """A .zip of two members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"a{form}", data)
        archive.writestr(f"deep/b{form}", data[: len(data) // 2])
    return out.getvalue()


def zstandard(data: bytes, _form: str) -> bytes:
    """Zstandard."""
    import pyarrow as pa

    return bytes(pa.Codec("zstd").compress(data, asbytes=True))


PACKED: dict[str, Callable[[bytes, str], bytes]] = {
    "": lambda data, _: data, ".gz": lambda data, _: gzip.compress(data), ".zip": zipped, ".zst": zstandard,
    ".xz": lambda data, _: lzma.compress(data),
}  # fmt: skip


def mutated(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """The bytes with a few things done to them."""
    out = bytearray(data)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(out) + 1)
        end = min(len(out), at + int(chance.expovariate(0.1)))
        match chance.randrange(7):
            case 0:
                out[at:at] = chance.choice(TOKENS)
            case 1:
                out[at:end] = chance.choice(TOKENS)
            case 2:
                out[at:end] = b""
            case 3:
                out[at:at] = out[at:end] * chance.choice((1, 2, 50))
            case 4 if out:
                out[min(at, len(out) - 1)] ^= 1 << chance.randrange(8)
            case 5:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                out[at:end] = other[start : start + 200]
            case 6:
                del out[at + (len(out) - at) // 2 :]
    return bytes(out)


def too_long(_signal: int, _frame: FrameType | None) -> None:
    """What happens after SECONDS of CPU time, or ten times as many on the clock: a busy machine makes no finding."""
    raise TimeoutError(f"no end after {SECONDS} CPU seconds")


def execute(path: Path, db: Path, chance: random.Random) -> str:
    """Reads one file; what came out: loaded, refused, or the finding."""
    from core.base.errors import WhydropError
    from core.ingest.formats.sources import sources
    from core.ingest.inspection import inspect
    from core.workspace.write.load import load

    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(10 * SECONDS)
    outcome = "refused"
    try:
        for source in sources(path):
            inspect(source)
        kind = chance.choice((*[None] * 9, "daily", "orders", "traffic"))
        order = chance.choice((None, "dmy", "mdy"))
        report = load(db, [path], as_kind=kind, date_order=order, dry_run=True)
        outcome = "loaded"
        if any(one.read != one.accepted + one.rejected + one.unchanged for one in report.files):
            outcome = "FINDING rows that are not accounted for"
    except WhydropError as error:
        outcome = "FINDING an error of several lines" if "\n" in str(error) else "refused"
    except BaseException:  # noqa: BLE001 - whatever it is, it is a finding
        outcome = f"FINDING {traceback.format_exc()}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
    if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > MEGABYTES * 1024:
        outcome = f"FINDING more than {MEGABYTES} MB"
    return outcome


def run_round(seed: int, folder: Path, keep: Path, results: "multiprocessing.Queue[tuple[str, str]]") -> None:
    """Some executions in a process of their own, each noted before it begins."""
    faulthandler.enable()
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, too_long)
    chance = random.Random(seed)  # noqa: S311 - nothing is to be kept secret
    samples = tables()
    plain = [FORMATS[".csv"](table) for table in samples]
    for number in range(ROUND):
        form, pack = chance.choice(list(FORMATS)), chance.choice(list(PACKED))
        data = FORMATS[form](chance.choice(samples))
        inside = chance.random() < 0.7 and form not in {".parquet", ".xlsx"}
        data = (
            PACKED[pack](mutated(data, chance, plain), form)
            if inside
            else mutated(PACKED[pack](data, form), chance, plain)
        )
        path = folder / f"x{form}{pack}"
        path.write_bytes(data)
        (folder / "now").write_text(f"{seed} {number} {path.name}")
        outcome = execute(path, folder / "w.db", chance)
        if outcome.startswith("FINDING"):
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{seed}-{number}-{path.name}").write_bytes(data)
        results.put((f"{form}{pack}", outcome))
        path.unlink()


def main() -> None:
    """Rounds until the time is over, then what they gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "whydrop-fuzz")
    given = parser.parse_args()
    began, seed, counts = time.monotonic(), given.seed, Counter[tuple[str, str]]()
    context = multiprocessing.get_context("spawn")
    while time.monotonic() - began < given.minutes * 60:
        with tempfile.TemporaryDirectory() as folder:
            results = context.Queue()
            process = context.Process(target=run_round, args=(seed, Path(folder), given.keep, results))
            process.start()
            while process.is_alive() or not results.empty():
                try:
                    form, outcome = results.get(timeout=1)
                except Empty:
                    continue
                counts[form, outcome.splitlines()[-1] if outcome.startswith("FINDING T") else outcome] += 1
                if outcome.startswith("FINDING"):
                    print(f"seed {seed}, {form}: {outcome}", flush=True)
            process.join()
            if process.exitcode:
                now = Path(folder, "now")
                counts["", f"FINDING the process ended with {process.exitcode}"] += 1
                print(f"ended with {process.exitcode} at {now.read_text() if now.exists() else seed}", flush=True)
        seed += 1
    print(
        f"{sum(counts.values())} executions in {(time.monotonic() - began) / 60:.1f} minutes, seeds {given.seed}..{seed - 1}"
    )
    for form in sorted({form for form, _ in counts}):
        outcomes = {outcome: count for (one, outcome), count in sorted(counts.items()) if one == form}
        print(f"  {form:14} " + ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    raise SystemExit(any(outcome.startswith("FINDING") for _, outcome in counts))


if __name__ == "__main__":
    main()
