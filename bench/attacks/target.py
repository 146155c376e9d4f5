"""What is attacked, how commands run, and what counts as a failure."""

import contextlib
import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 60
"""For one command; none needs more than two on a workspace of this size when the machine has nothing else to do."""
COMMANDS = (
    ("series", "impressions", "--by", "market"),
    ("series", "gmv"),
    ("scan",),
    ("explain", "gmv"),
    ("check",),
    ("loads",),
)
_EXPORTS = ("orders.csv", "traffic.csv", "creators.csv")
_ORDERS_HEAD = "order_id,ordered_at,market,creator_id,gmv,paid_at"


@dataclass
class Tally:
    """What one part tried, and what failed."""

    name: str
    tries: int = 0
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fail(self, text: str) -> None:
        """Notes a failure."""
        self.failures.append(text)

    def report(self) -> None:
        """One line, and the first failures."""
        print(f"{self.name:11} {self.tries:5} tries {len(self.failures):4} failures", flush=True)
        for line in [*self.notes, *self.failures[:5]]:
            print(f"            {line[-700:]}", flush=True)


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


class Attack:
    """One run: a folder with exports and a whole workspace made of them."""

    def __init__(self, folder: Path, tries: int, seconds: float, orders: int) -> None:
        self.folder, self.tries, self.seconds = folder, tries, seconds
        self.chance = random.Random()  # noqa: S311 - nothing is to be kept secret
        write_exports(folder, orders)
        self.whole = folder / "whole.db"
        ended = in_fork(["load", *(str(folder / name) for name in _EXPORTS), "--db", str(self.whole), "-q"], folder)
        if ended.status:
            raise SystemExit(f"the exports do not load: {ended.err}")

    def draw_anew(self, seed: str) -> None:
        """Begins the draws of a part: the parts before it drew by sizes of files that differ from run to run."""
        self.chance.seed(seed)

    def answers(self, words: Sequence[Sequence[str]]) -> list[str]:
        """What commands print about the whole workspace."""
        return [in_fork([*command, "--db", str(self.whole), "-f", "json"], self.folder).out for command in words]


Part = Callable[[Attack, Tally], None]


def warm_up() -> None:
    """Imports what the commands need, so that forks have it."""
    for module in (
        "core.explanation.change_explanation",
        "core.detection.scan",
        "core.detection.quality.data_quality",
        "core.ingest.open_export",
        "core.workspace.write.load_job",
        "rich.table",
        "tui.cli",
    ):
        __import__(module)


def in_fork(
    words: Sequence[str], folder: Path, limit: Callable[[], None] = lambda: None, seconds: int = LIMIT_SECONDS
) -> Outcome:
    """Runs a command in a fork of this process, which has everything imported already; it is ended after so many seconds."""
    streams = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115 - the fork writes to them
    child = os.fork()
    if child == 0:
        _run(words, folder, [stream.fileno() for stream in streams], limit, seconds)
    _, code = os.waitpid(child, 0)
    texts = []
    for stream in streams:
        stream.seek(0)
        texts.append(stream.read().decode("utf-8", "replace"))
        stream.close()
    return Outcome(os.waitstatus_to_exitcode(code), *texts)


def _run(
    words: Sequence[str], folder: Path, streams: Sequence[int], limit: Callable[[], None], seconds: int
) -> NoReturn:
    """What the fork does: whatever happens, it ends here."""
    status = 1
    try:
        for number, stream in enumerate(streams, 1):
            os.dup2(stream, number)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w", errors="backslashreplace")
        sys.stdin = open(os.devnull)  # noqa: SIM115 - of the process that forks it may be anything
        os.chdir(folder)
        signal.alarm(seconds)
        limit()
        from tui.cli import app
        from tui.process import write_any_character

        write_any_character()
        app(list(words))
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it is, it is a failure
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def program(words: Sequence[str], folder: Path) -> "subprocess.Popen[str]":
    """Starts a command as a program of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tui.cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
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


def loads(db: Path) -> int:
    """How many loads a workspace says that it has."""
    with contextlib.closing(sqlite3.connect(db)) as connection:
        return int(connection.execute("SELECT count(*) FROM loads").fetchone()[0])


def write_exports(folder: Path, orders: int) -> None:
    """Made-up orders, traffic and creators of twelve weeks, and a correction of a third of the orders."""
    chance = random.Random(3)  # noqa: S311 - nothing is to be kept secret
    lines = []
    for number in range(orders):
        day = f"2026-{1 + number % 84 // 28:02}-{1 + number % 28:02}"
        market, gmv = chance.choice(["ID", "TH", "VN"]), round(chance.uniform(1, 90), 2)
        lines.append(f"O{number},{day}T10:00:00,{market},c{number % 99},{gmv}")
    paid = [f"{line},{line.split(',')[1]}" for line in lines]
    (folder / "orders.csv").write_text("\n".join([_ORDERS_HEAD, *paid]) + "\n")
    changed = [line.rpartition(",")[0] + ",7.5," + line.split(",")[1] for line in lines[::3]]
    (folder / "corrected.csv").write_text("\n".join([_ORDERS_HEAD, *changed]) + "\n")
    traffic = [
        f"2026-{1 + n % 84 // 28:02}-{1 + n % 28:02},{market},{900 + n % 97},{40 + n % 7}"
        for n in range(84)
        for market in ("ID", "TH", "VN")
    ]
    unique = {line[:13]: line for line in traffic}
    (folder / "traffic.csv").write_text("\n".join(["date,market,impressions,clicks", *unique.values()]) + "\n")
    (folder / "creators.csv").write_text("creator_id,handle\n" + "".join(f"c{n},h{n}\n" for n in range(99)))
