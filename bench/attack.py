"""Attacks whydrop: kills, damaged files, hostile settings, full disks, loads beside readers; prints tries and failures.

    python bench/attack.py [--part NAME]... [--tries N] [--seed S] [--seconds S]

A failure is a traceback, an error of more than one line, a hang, a wrong figure, a repeat that is refused, or a file left
behind. Parts: births, kills, signals, workspaces, caches, settings, disk, crowd. Commands on damaged files run in forks
of one warm process, those that are killed as programs of their own. Exit status 1 when anything failed.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

LIMIT_SECONDS = 60
"""For one command on a damaged file; none needs more than two when it is whole."""
COMMANDS = (
    ("series", "impressions", "--by", "market"),
    ("series", "gmv"),
    ("scan",),
    ("explain", "gmv"),
    ("check",),
    ("loads",),
)
SETTINGS = (
    "", "x", "[", "\x00", "a = 1", "[money]\ncurrency = 5", "[money]\ncurrency = 'dollars'", "[money]\ncurrncy = 'USD'",
    "money = 'USD'", "time = 3", "[time]\ndefault = 7", "[time]\ndefault = 'Mars/Olympus'", "[time]\nmarkets = 'x'",
    "[time.markets]\nID = 3", "[calendar]\nholidays = 'yes'", "[calendar]\nholidays = [1, 2]", "[metrics]\nx = 1",
    "[metrics.x]\nformula = 5", "[metrics.x]\nformula = 'gmv / '", "[metrics.gmv]\nformula = 'gmv * gmv'", "keys = 1",
    "[keys]\nquit = 9", "[causes]\nx = 2", "[rating]\nx = 2", "[measures.x]\n", "[[metrics]]\n", "a" * 100_000 + " = 1",
    "x = " + "[" * 5_000 + "]" * 5_000, "[" + "a." * 3_000 + "b]\nc = 1", "[time]\ndefault = '../../etc/passwd'",
)  # fmt: skip


@dataclass
class Tally:
    """What one part tried, and what failed."""

    name: str
    tries: int = 0
    failures: list[str] = field(default_factory=list)

    def fail(self, text: str) -> None:
        """Notes a failure."""
        self.failures.append(text)

    def report(self) -> None:
        """One line, and the first failures."""
        print(f"{self.name:11} {self.tries:5} tries {len(self.failures):4} failures", flush=True)
        for failure in self.failures[:5]:
            print(f"            {failure[-700:]}", flush=True)


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def fault(self) -> str:
        """What is wrong with how it ended; empty when it did its work, or said in one line why not."""
        if "Traceback" in self.err or self.status not in {0, 1, 2, 3}:
            return f"status {self.status}: {self.err[-600:]}"
        lines = [line for line in self.err.splitlines() if not line.startswith("note:")]
        if self.status in {1, 2} and len(lines) != 1:
            return f"{len(lines)} lines: {self.err[-600:]}"
        return ""


def in_fork(words: Sequence[str], folder: Path, limit: Callable[[], None] = lambda: None) -> Outcome:
    """Runs a command in a fork of this process, which has everything imported already."""
    streams = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115 - the fork writes to them
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        for number, stream in enumerate(streams, 1):
            os.dup2(stream.fileno(), number)
        signal.alarm(LIMIT_SECONDS)
        limit()
        status = 1
        try:
            from tui.cli import app

            app(list(words))
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:  # noqa: BLE001 - whatever it is, it is a failure
            import traceback

            traceback.print_exc()
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
    _, code = os.waitpid(child, 0)
    texts = []
    for stream in streams:
        stream.seek(0)
        texts.append(stream.read().decode("utf-8", "replace"))
        stream.close()
    return Outcome(os.waitstatus_to_exitcode(code), *texts)


def program(words: Sequence[str], folder: Path) -> "subprocess.Popen[str]":
    """Starts a command as a program of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "tui.cli", *words],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def contents(db: Path) -> str:
    """A digest of every row of every view; empty where there is no table."""
    digest = hashlib.sha256()
    with contextlib.closing(sqlite3.connect(db)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY 1")]
        if not names:
            return ""
        for name in (*names, "creators", "events"):
            digest.update(repr(sorted(map(repr, connection.execute(f"SELECT * FROM {name}")))).encode())
    return digest.hexdigest()


def write_exports(folder: Path, orders: int) -> None:
    """Made-up orders, traffic and creators of ten weeks, and a correction of a third of the orders."""
    chance = random.Random(3)  # noqa: S311 - nothing is to be kept secret
    lines = []
    for number in range(orders):
        month, day = 1 + number % 70 // 28, 1 + number % 28
        gmv = round(chance.uniform(1, 90), 2)
        lines.append(
            f"O{number},2026-{month:02}-{day:02}T10:00:00,{chance.choice(['ID', 'TH', 'VN'])},c{number % 99},{gmv}"
        )
    head = "order_id,ordered_at,market,creator_id,gmv,paid_at"
    (folder / "orders.csv").write_text("\n".join([head, *(f"{line},{line.split(',')[1]}" for line in lines)]) + "\n")
    changed = [line.rpartition(",")[0] + ",7.5," + line.split(",")[1] for line in lines[::3]]
    (folder / "corrected.csv").write_text("\n".join([head, *changed]) + "\n")
    traffic = [
        f"2026-{1 + n % 70 // 28:02}-{1 + n % 28:02},{market},{900 + n % 97},{40 + n % 7}"
        for n in range(70)
        for market in ("ID", "TH", "VN")
    ]
    unique = {line[:13]: line for line in traffic}
    (folder / "traffic.csv").write_text("\n".join(["date,market,impressions,clicks", *unique.values()]) + "\n")
    (folder / "creators.csv").write_text("creator_id,handle\n" + "".join(f"c{n},h{n}\n" for n in range(99)))


class Attack:
    """One run: a folder with exports and a whole workspace made of them."""

    def __init__(self, folder: Path, tries: int, seed: int, seconds: float) -> None:
        self.folder, self.tries, self.seconds = folder, tries, seconds
        self.chance = random.Random(seed)  # noqa: S311 - nothing is to be kept secret
        write_exports(folder, 20_000)
        self.whole = folder / "whole.db"
        exports = [str(folder / name) for name in ("orders.csv", "traffic.csv", "creators.csv")]
        done = in_fork(["load", *exports, "--db", str(self.whole), "-q"], folder)
        if done.status:
            raise SystemExit(f"the exports do not load: {done.err}")

    def killed(self, tally: Tally, tries: int, numbers: Sequence[int], *, earliest: float, has_workspace: bool) -> None:
        """Loads that are ended at a random moment: the old state or the new one, a repeat that works, nothing left behind."""
        folder = self.folder / tally.name
        export = str(self.folder / ("corrected.csv" if has_workspace else "orders.csv"))

        def fresh() -> Path:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            if has_workspace:
                shutil.copy(self.whole, folder / "w.db")
            return folder / "w.db"

        db = fresh()
        old = contents(db) if has_workspace else ""
        began = time.monotonic()
        if program(["load", export, "--db", "w.db", "-q"], folder).wait():
            raise SystemExit("the export does not load")
        took, new = time.monotonic() - began, contents(db)
        for _ in range(tries):
            db = fresh()
            tally.tries += 1
            number, at = self.chance.choice(numbers), self.chance.uniform(earliest * took, took)
            process = program(["load", export, "--db", "w.db", "-q"], folder)
            try:
                process.wait(at)
            except subprocess.TimeoutExpired:
                process.send_signal(number)
            _, err = process.communicate(timeout=LIMIT_SECONDS)
            if "Traceback" in err:
                tally.fail(f"signal {number} at {at:.2f} s: {err}")
            if db.exists() and contents(db) not in {old, new, ""} and json.loads(self._loads(db)):
                tally.fail(f"signal {number} at {at:.2f} s: neither the old state nor the new one")
            again = in_fork(["load", export, "--db", "w.db", "-q"], folder)
            if again.status:
                tally.fail(f"signal {number} at {at:.2f} s: the repeat is refused: {again.err}")
            elif contents(db) != new:
                tally.fail(f"signal {number} at {at:.2f} s: the repeat gives something else")
            left = sorted(path.name for path in folder.iterdir() if path.name != "w.db")
            if left:
                tally.fail(f"signal {number} at {at:.2f} s: left behind {left}")

    def _loads(self, db: Path) -> str:
        with contextlib.closing(sqlite3.connect(db)) as connection:
            return json.dumps(connection.execute("SELECT id FROM loads").fetchall())

    def births(self, tally: Tally) -> None:
        """The first load of a workspace, killed from the start on."""
        self.killed(tally, self.tries // 3, [signal.SIGKILL], earliest=0.2, has_workspace=False)

    def kills(self, tally: Tally) -> None:
        """A correction, killed."""
        self.killed(tally, self.tries, [signal.SIGKILL], earliest=0.3, has_workspace=True)

    def signals(self, tally: Tally) -> None:
        """A correction, ended by ctrl+c, `kill`, or a terminal that closes."""
        numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
        self.killed(tally, self.tries // 2, numbers, earliest=0.5, has_workspace=True)

    def workspaces(self, tally: Tally) -> None:
        """Every command on a workspace with a piece of it overwritten, cut off, or a table dropped."""
        folder = self.folder / "damaged"
        folder.mkdir(exist_ok=True)
        good = self.whole.read_bytes()
        for _ in range(self.tries):
            (folder / "w.db").write_bytes(self._damaged(good))
            for words in COMMANDS:
                tally.tries += 1
                done = in_fork([*words, "--db", "w.db", "-f", "json"], folder)
                if done.fault:
                    tally.fail(f"{' '.join(words)}: {done.fault}")
            for path in folder.glob("w.db*"):
                path.unlink()

    def _damaged(self, good: bytes) -> bytes:
        data, chance = bytearray(good), self.chance
        match chance.randrange(5):
            case 0:
                del data[chance.randrange(len(data)) :]
            case 1:
                first = chance.randrange(len(data) // 4096)
                for page in range(first, min(first + chance.choice((1, 5, 40)), len(data) // 4096)):
                    data[4096 * page : 4096 * (page + 1)] = bytes(4096)
            case 2:
                at = chance.randrange(100, len(data) - 2000)
                data[at : at + 2000] = chance.randbytes(2000)
            case 3:
                for _ in range(20):
                    data[chance.randrange(100, len(data))] ^= 1 << chance.randrange(8)
            case 4:
                return self._without_a_table()
        return bytes(data)

    def _without_a_table(self) -> bytes:
        path = self.folder / "dropped.db"
        shutil.copy(self.whole, path)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            names = connection.execute(
                "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')"
            ).fetchall()
            kind, name = self.chance.choice(sorted(names))
            with contextlib.suppress(sqlite3.DatabaseError):
                connection.execute(f"DROP {kind} {name}")
        return path.read_bytes()

    def caches(self, tally: Tally) -> None:
        """A cache that is cut, flipped, exchanged or foreign changes no figure."""
        from core.workspace.read.blocks import cache

        cache._LEAST_BYTES = 0
        kept = self.folder / "cache" / "whydrop"
        shutil.rmtree(kept, ignore_errors=True)
        os.environ["XDG_CACHE_HOME"] = str(kept.parent)
        asked = [[*words, "--db", str(self.whole), "-f", "json"] for words in (*COMMANDS[:2], COMMANDS[3])]
        right = [in_fork(words, self.folder).out for words in asked]
        whole = self.folder / "whole-cache"
        shutil.copytree(kept, whole, dirs_exist_ok=True)
        for _ in range(self.tries):
            shutil.rmtree(kept)
            shutil.copytree(whole, kept)
            self._damage_cache(kept)
            for words, answer in zip(asked, right, strict=True):
                tally.tries += 1
                done = in_fork(words, self.folder)
                if done.status or done.fault or done.out != answer:
                    tally.fail(f"{' '.join(words)}: {done.fault or 'another answer'}")

    def _damage_cache(self, kept: Path) -> None:
        files = sorted(path for path in kept.rglob("*") if path.is_file())
        for path in self.chance.sample(files, min(3, len(files))):
            data = bytearray(path.read_bytes())
            match self.chance.randrange(5):
                case 0:
                    del data[self.chance.randrange(len(data) + 1) :]
                case 1 if data:
                    data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
                case 2:
                    data = bytearray(self.chance.choice(files).read_bytes())
                case 3:
                    data[:] = self.chance.randbytes(len(data))
                case 4:
                    data = data + data
            path.write_bytes(data)

    def settings(self, tally: Tally) -> None:
        """Settings that are not TOML, or not what whydrop knows."""
        folder = self.folder / "settings"
        folder.mkdir(exist_ok=True)
        shutil.copy(self.whole, folder / "w.db")
        for text in SETTINGS:
            (folder / "whydrop.toml").write_text(text)
            for words in (*COMMANDS[:2], ("metrics",), ("rate",), ("load", str(self.folder / "traffic.csv"))):
                tally.tries += 1
                done = in_fork([*words, "--db", "w.db", "-q"], folder)
                if done.fault:
                    tally.fail(f"{text[:40]!r} {words[0]}: {done.fault}")

    def disk(self, tally: Tally) -> None:
        """No room for the workspace (RLIMIT_FSIZE), and for the output (/dev/full)."""
        folder = self.folder / "disk"
        export = str(self.folder / "corrected.csv")
        for has_workspace in (False, True) * max(1, self.tries // 8):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            db = folder / "w.db"
            if has_workspace:
                shutil.copy(self.whole, db)
            old = contents(db) if has_workspace else ""
            room = self.chance.randrange(4096, 2 * self.whole.stat().st_size)
            tally.tries += 1
            done = in_fork(
                ["load", export, "--db", "w.db", "-q"],
                folder,
                lambda room=room: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),  # type: ignore[misc]
            )
            if done.fault:
                tally.fail(f"room for {room} bytes: {done.fault}")
            if done.status and db.exists() and contents(db) != old and json.loads(self._loads(db)):
                tally.fail(f"room for {room} bytes: not the old state")
            again = in_fork(["load", export, "--db", "w.db", "-q"], folder)
            if again.status:
                tally.fail(f"room for {room} bytes: the repeat is refused: {again.err}")
        if Path("/dev/full").exists():
            for words in COMMANDS:
                tally.tries += 1
                with Path("/dev/full").open("w") as full:
                    process = subprocess.run(
                        [sys.executable, "-m", "tui.cli", *words, "--db", str(self.whole), "-f", "csv"],
                        env={**os.environ, "PYTHONPATH": str(ROOT)},
                        stdout=full,
                        stderr=subprocess.PIPE,
                        text=True,
                    )
                fault = Outcome(process.returncode, "", process.stderr).fault
                if fault or not process.returncode:
                    tally.fail(f"{words[0]} into /dev/full: {fault or 'status 0'}")

    def crowd(self, tally: Tally) -> None:
        """Two programs that load and readers that come and stay: nothing is lost, nothing is refused."""
        folder = self.folder / "crowd"
        folder.mkdir(exist_ok=True)
        db, until = folder / "w.db", time.monotonic() + self.seconds
        done = in_fork(["load", str(self.folder / "traffic.csv"), "--db", "w.db", "-q"], folder)
        children = []
        results = folder / "results"
        results.mkdir(exist_ok=True)
        for number in range(8):
            child = os.fork()
            if child:
                children.append(child)
                continue
            with contextlib.suppress(BaseException):
                work = _load_often(number, folder, until) if number < 2 else _read_often(folder, until)
                (results / str(number)).write_text(json.dumps(list(work)))
            os._exit(0)
        for child in children:
            os.waitpid(child, 0)
        loaded = 0
        for path in sorted(results.iterdir()):
            for fault in json.loads(path.read_text()):
                tally.tries += 1
                loaded += int(path.name) < 2 and not fault
                if fault:
                    tally.fail(f"{'load' if int(path.name) < 2 else 'reader'}: {fault}")
        if done.status or len(list(results.iterdir())) != 8:
            tally.fail(f"a program ended early: {done.err}")
        with contextlib.closing(sqlite3.connect(db)) as connection:
            (lines,) = connection.execute("SELECT count(*) FROM orders").fetchone()
        if lines != 10 * loaded:
            tally.fail(f"{loaded} loads of 10 order lines, and {lines} in the workspace")


def _load_often(number: int, folder: Path, until: float) -> Iterator[str]:
    count = 0
    while time.monotonic() < until:
        count += 1
        path = folder / f"{number}-{count}.csv"
        lines = "".join(f"{number}-{count}-{n},2026-01-0{1 + n % 9},5\n" for n in range(10))
        path.write_text("order_id,ordered_at,gmv\n" + lines)
        done = in_fork(["load", str(path), "--db", "w.db", "-q"], folder)
        yield done.err if done.status else ""


def _read_often(folder: Path, until: float) -> Iterator[str]:
    while time.monotonic() < until:
        done = in_fork(["series", "impressions", "--db", "w.db", "-q", "-f", "csv"], folder)
        yield done.err if done.status else ""


PARTS: dict[str, Callable[[Attack, Tally], None]] = {
    name: getattr(Attack, name)
    for name in ("births", "kills", "signals", "workspaces", "caches", "settings", "disk", "crowd")
}


def attack(parts: Sequence[str], tries: int, seed: int, seconds: float) -> list[Tally]:
    """Runs some parts in a folder of their own; what each tried, and what failed."""
    for module in (
        "core.explanation.explain",
        "core.detection.scan",
        "core.detection.quality.data_quality",
        "rich.table",
    ):
        __import__(module)
    __import__("tui.cli")
    done = []
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/caches"
        attacker = Attack(Path(name), tries, seed, seconds)
        for part in parts:
            tally = Tally(part)
            PARTS[part](attacker, tally)
            tally.report()
            done.append(tally)
    return done


def main() -> None:
    """Runs the parts that were asked for, and prints what they gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--tries", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    tallies = attack(options.part or list(PARTS), options.tries, options.seed, options.seconds)
    raise SystemExit(any(tally.failures for tally in tallies))


if __name__ == "__main__":
    main()
