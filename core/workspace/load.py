"""Loading: exports into the workspace, one transaction a file, nothing twice, every refused row with its reason."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core import settings
from core.days import Window
from core.errors import UsageError, WhydropError
from core.exports.batch import Batch, Export, Refused
from core.exports.dates import DateOrder
from core.exports.extract import Request, open_export
from core.exports.numbers import DecimalMark
from core.exports.source import Source, sources
from core.exports.zones import Zones
from core.findings import Value
from core.workspace import after
from core.workspace.connection import open_write
from core.workspace.merge import merge
from core.workspace.slices import Counts

_SHOWN_REJECTS = 20


@dataclass(frozen=True, slots=True)
class Reject(Value):
    """A row that could not be read."""

    line: int
    reason: str
    file: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class FileLoad(Value):
    """What became of one file: read = accepted + rejected + unchanged."""

    path: str
    kind: str
    preset: str | None
    read: int
    accepted: int
    rejected: int
    unchanged: int
    replaced: int
    """Those of the accepted rows that took the place of another."""
    seconds: float
    notes: tuple[str, ...] = ()
    days: Window | None = None
    """First and last day of its rows; None for kinds without days."""


@dataclass(frozen=True, slots=True)
class LoadReport(Value):
    """What a load did."""

    files: tuple[FileLoad, ...]
    rejects: tuple[Reject, ...]
    """The first 20; the workspace has all."""
    skipped: tuple[str, ...] = ()
    """Files of a folder that are no exports, and why."""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the load of one file is."""

    path: str
    rows: int
    seconds: float
    seconds_left: float | None = None
    """None when that cannot be known, as for a packed file."""


OnProgress = Callable[[Progress], None]


def load(
    db_path: Path,
    paths: Sequence[Path],
    *,
    as_kind: str | None = None,
    mapping: Path | None = None,
    dimensions: Sequence[str] = (),
    dry_run: bool = False,
    progress: OnProgress | None = None,
    date_order: DateOrder | None = None,
    decimal: DecimalMark | None = None,
    encoding: str | None = None,
    day: int | None = None,
) -> LoadReport:
    """Loads exports into the workspace at `db_path`, which is made when there is none.

    Each file is one transaction: after an error or a kill the workspace holds whole files only. With `dry_run` nothing
    is kept, but all is done and reported. `day` is that of exports which do not say it.

    Raises UsageError for what cannot be an export, WhydropError for what the workspace cannot take.
    """
    if not paths:
        raise UsageError("nothing to load. Name files or folders.")
    found = [source for path in paths for source in sources(path)]
    zones = _zones(db_path)
    request = Request(as_kind, mapping, tuple(dimensions), date_order, decimal, encoding, day, zones)
    exports, skipped = _opened(found, request)
    reports: list[tuple[FileLoad, list[Reject]]] = []
    with closing(open_write(db_path)) as connection:
        for export in exports:
            with ExitStack() as afterwards, _transaction(connection, db_path, keep=not dry_run):
                _check_zones(connection, zones, db_path)
                reports.append(_load_one(connection, export, progress, afterwards))
    rejects = [reject for _, some in reports for reject in some][:_SHOWN_REJECTS]
    return LoadReport(tuple(one for one, _ in reports), tuple(rejects), tuple(skipped), dry_run)


def _opened(found: Sequence[Source], request: Request) -> tuple[list[Export], list[str]]:
    """The exports, and why some files of a folder are none; what the user named must be one."""
    exports: list[Export] = []
    skipped: list[str] = []
    for source in found:
        try:
            exports.append(open_export(source, request))
        except WhydropError as error:
            if source.chosen:
                raise
            skipped.append(str(error))
    if not exports:
        raise UsageError(f"no file could be loaded. {skipped[0]}")
    return exports, skipped


class _Tally:
    """Counts batches as they pass."""

    def __init__(self, export: Export, progress: OnProgress | None) -> None:
        self._export, self._progress = export, progress
        self.started = time.perf_counter()
        self.read = 0
        self.refused: list[Refused] = []
        self.days: Window | None = None

    def __call__(self, batch: Batch) -> None:
        self.read += batch.read
        self.refused += batch.refused
        if batch.days is not None and len(batch):
            seen = Window(int(batch.days.min()), int(batch.days.max()))
            self.days = (
                seen if self.days is None else Window(min(seen.first, self.days.first), max(seen.last, self.days.last))
            )
        if self._progress is not None:
            self._progress(Progress(self._export.path, self.read, self.seconds))

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started


def _load_one(
    connection: sqlite3.Connection, export: Export, progress: OnProgress | None, afterwards: ExitStack
) -> tuple[FileLoad, list[Reject]]:
    tally = _Tally(export, progress)
    counts = merge(connection, export, tally, afterwards)
    after.keep_in_step(connection, export.kind.name)
    report = _report(export, tally, counts)
    load_id = _note_load(connection, export, report)
    return replace(report, seconds=tally.seconds), _note_rejects(connection, load_id, export, tally.refused)


def _report(export: Export, tally: _Tally, counts: Counts) -> FileLoad:
    rejected = len(tally.refused)
    notes = [*export.notes]
    if counts.repeated:
        notes.append(f"{counts.repeated} rows came again in the same file with other figures; the later ones hold")
    return FileLoad(
        path=export.path,
        kind=export.kind.name,
        preset=export.preset,
        read=tally.read,
        accepted=tally.read - rejected - counts.unchanged,
        rejected=rejected,
        unchanged=counts.unchanged,
        replaced=counts.replaced,
        seconds=tally.seconds,
        notes=tuple(notes),
        days=tally.days,
    )


def _note_load(connection: sqlite3.Connection, export: Export, report: FileLoad) -> int:
    row = {
        "path": report.path,
        "kind": report.kind,
        "preset": report.preset,
        "loaded_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": round(report.seconds, 3),
        "read": report.read,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "unchanged": report.unchanged,
        "replaced": report.replaced,
        "first_day": report.days.first if report.days else None,
        "last_day": report.days.last if report.days else None,
        "header": export.header,
    }
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    return int(connection.execute(f"INSERT INTO loads ({names}) VALUES ({marks})", tuple(row.values())).lastrowid or 0)


def _note_rejects(
    connection: sqlite3.Connection, load_id: int, export: Export, refused: Sequence[Refused]
) -> list[Reject]:
    """Writes the refused rows with their lines; gives back the first few."""
    shown: list[Reject] = []
    in_order = sorted(refused, key=lambda one: one.record)

    def rows() -> Iterator[tuple[int, str, int, str, str]]:
        where = export.locate(one.record for one in in_order)
        for one, (_, line, raw) in zip(in_order, where, strict=True):
            if len(shown) < _SHOWN_REJECTS:
                shown.append(Reject(line, one.reason, export.path, raw))
            yield load_id, export.path, line, one.reason, raw

    connection.executemany("INSERT INTO rejects VALUES (?, ?, ?, ?, ?)", rows())
    return shown


@contextmanager
def _transaction(connection: sqlite3.Connection, path: Path, *, keep: bool) -> Iterator[None]:
    """All or nothing. Raises WhydropError when another program writes, or the disk is full."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        raise WhydropError(f"{path}: another load is writing to this workspace. Try again when it is done.") from None
    try:
        yield
        connection.execute("COMMIT" if keep else "ROLLBACK")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
            raise WhydropError(
                f"{path}: the disk is full; the workspace is as it was. Make room and load again."
            ) from None
        raise


def _zones(db_path: Path) -> Zones:
    found = settings.find(db_path)
    return Zones.from_settings(settings.read(found)) if found else Zones()


def _check_zones(connection: sqlite3.Connection, zones: Zones, path: Path) -> None:
    wanted = {"zone": zones.default, **{f"zone:{market}": zone for market, zone in zones.markets.items()}}
    if not after.remember_zones(connection, wanted):
        raise UsageError(
            f"{path}: its days were counted in other time zones than [time] in {settings.NAME} now says. "
            "Set them back, or load into a new workspace."
        )
