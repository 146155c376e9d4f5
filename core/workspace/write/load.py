"""Loading: exports into the workspace, one transaction a file, nothing twice, every refused row with its reason."""

import sqlite3
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base import settings
from core.base.days import Window
from core.base.errors import NoWorkspace, UnreadableFile, UsageError, WhydropError, as_refusal
from core.base.time_zones import Zones
from core.ingest.formats.sources import ExportSource, sources
from core.ingest.request import DateOrder, DecimalMark, Duplicates, Request
from core.workspace.schema.connection import OnWait, let_readers_in, open_read, transaction, writing
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.file_fingerprint import Fingerprint, earlier_readings, is_as_loaded, loads_of_file
from core.workspace.write.load_report import SHOWN_REJECTS, FileLoad, LoadReport, OnProgress, Reject

if TYPE_CHECKING:
    from core.ingest.formats.batch import Export
    from core.workspace.write.merging.written_rows import WrittenRows


@dataclass(frozen=True, slots=True)
class _Lock:
    """How long a load waits for another."""

    wait: float | None
    on_wait: OnWait | None

    def transaction(self, connection: sqlite3.Connection, path: Path, *, keep: bool) -> AbstractContextManager[None]:
        return transaction(connection, path, keep=keep, wait=self.wait, on_wait=self.on_wait)


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
    source: str | None = None,
    duplicates: Duplicates = "once",
    allow_far_days: bool = False,
    temp_dir: Path | None = None,
    wait: float | None = None,
    on_wait: OnWait | None = None,
) -> LoadReport:
    """Loads exports into the workspace at `db_path`, which is made when there is none.

    Each file is one transaction: after an error or a kill the workspace holds whole files only. core.ingest.request says what
    the options of reading mean. With `dry_run` nothing is kept, but all is done and reported. Staged rows lie in `temp_dir`,
    or next to the workspace. Another load is waited for `wait` seconds, `on_wait` being called meanwhile. Raises RefusedFile
    for what cannot be an export, another UsageError for a wrong option, WhydropError for what the workspace cannot take.
    """
    values = settings.of(db_path)
    request = Request(
        as_kind=as_kind,
        mapping=mapping,
        dimensions=tuple(dimensions),
        date_order=date_order,
        decimal=decimal,
        encoding=encoding,
        day=day,
        source=source,
        duplicates=duplicates,
        allow_far_days=allow_far_days,
        zones=Zones.from_settings(values),
    )
    return _load_exports(
        db_path,
        _exports_of(paths, mapping),
        request,
        currency=settings.currency(values),
        progress=progress,
        temp_dir=temp_dir,
        lock=_Lock(wait, on_wait),
        keep=not dry_run,
    )


def _exports_of(paths: Sequence[Path], mapping: Path | None) -> list[ExportSource]:
    """The exports that paths hold. Raises UsageError where there are none, or the mapping is wrong."""
    if not paths:
        raise UsageError("nothing to load. Name files or folders.")
    if mapping is not None:
        from core.ingest.mapping.mapping_toml import read_mapping

        read_mapping(mapping)  # what is wrong with it is wrong before any file is looked at
    return [source for path in paths for source in sources(path)]


def _load_exports(
    db_path: Path,
    exports: Sequence[ExportSource],
    request: Request,
    *,
    currency: str | None,
    progress: OnProgress | None,
    temp_dir: Path | None,
    lock: _Lock,
    keep: bool,
) -> LoadReport:
    """Loads the exports that are new. The report has those that were loaded before, too."""
    known = _known(db_path, exports, request)
    reports = {source: [_unchanged(source, load, seconds)] for source, (load, seconds) in known.items()}
    request = replace(request, earlier=earlier_readings(db_path))
    new = [source for source in exports if source not in reports]
    loaded = _Loaded()
    if new:
        staging = Staging(db_path, temp_dir)
        staging.check_room(source.path for source in new)
        run = _LoadRun(
            db_path=db_path,
            request=request,
            currency=currency,
            progress=progress,
            staging=staging,
            lock=lock,
            keep=keep,
        )
        loaded = run.load_all(new, exports, {load["id"] for load, _ in known.values()})
    reports |= loaded.reports
    files = tuple(report for source in exports for report in reports.get(source, ()))
    return LoadReport(
        files,
        tuple(loaded.rejects[:SHOWN_REJECTS]),
        tuple(loaded.skipped),
        not keep,
        loaded.failed or _nothing_accepted(files),
    )


@dataclass(slots=True, kw_only=True)
class _Loaded:
    """What became of the files that had to be read."""

    reports: dict[ExportSource, list[FileLoad]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    """The first refused rows of each file."""
    skipped: list[str] = field(default_factory=list)
    """Why some files are not loaded,"""
    failed: str | None = None
    """and why one that the user named is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _LoadRun:
    """How the files of one load are written."""

    db_path: Path
    request: Request
    currency: str | None
    progress: OnProgress | None
    staging: Staging
    lock: _Lock
    keep: bool

    def load_all(self, files: Sequence[ExportSource], every: Sequence[ExportSource], known: Collection[int]) -> _Loaded:
        """Loads files, which may belong together with others of `every`: those that the loads in `known` have read. Raises
        RefusedFile when none can be loaded or was loaded before."""
        from core.workspace.write.export_order import SeriesPlace, in_order
        from core.workspace.write.far_days import FarDaysFound, without_days
        from core.workspace.write.load_job import newest_load
        from core.workspace.write.loadable_exports import loadable_exports
        from core.workspace.write.merging.written_rows import WrittenRows

        exports, skipped = loadable_exports(files, every, self.request)
        loaded = _Loaded(skipped=skipped)
        refused: list[tuple[ExportSource, WhydropError]] = []
        written = WrittenRows(known)
        numbers: dict[ExportSource, list[int]] = {}
        with writing(self.db_path) as connection:
            waiting = deque(in_order(exports))
            while waiting:
                source, export = waiting.popleft()
                written.open(SeriesPlace.of(source, export))
                try:
                    report, rejects = self._load_one(connection, source, export, written)
                except FarDaysFound as found_far:
                    waiting.appendleft((source, without_days(export, found_far.days)))
                    continue
                except (UsageError, UnreadableFile) as error:
                    refused.append((source, error))
                    waiting = deque(item for item in waiting if item[0] is not source)
                    continue
                loaded.reports.setdefault(source, []).append(report)
                if self.keep and export.path != source.name:  # one of several tables
                    numbers.setdefault(source, []).append(newest_load(connection))
                loaded.rejects += rejects
                let_readers_in(connection)
        for source, _ in refused:  # a file is in as a whole or not at all: its other tables are taken out again
            for number in reversed(numbers.get(source, ())):
                from core.workspace.write.recovery.undo import undo

                undo(self.db_path, number, self.lock.wait)
            loaded.reports.pop(source, None)
        if refused and not loaded.reports and len(files) == len(every):
            raise as_refusal(refused[0][1])
        loaded.failed = next((str(error) for source, error in refused if source.chosen), None)
        loaded.skipped += [str(error) for source, error in refused if str(error) != loaded.failed]
        return loaded

    def _load_one(
        self, connection: sqlite3.Connection, source: ExportSource, export: "Export", written: "WrittenRows"
    ) -> tuple[FileLoad, list[Reject]]:
        """Loads one export in a transaction of its own."""
        from core.workspace.write.load_job import LoadJob  # brings pyarrow (0.2 s), not needed when nothing is new

        with ExitStack() as afterwards, self.lock.transaction(connection, self.db_path, keep=self.keep):
            self.staging.clear()
            self.staging.use(connection)
            afterwards.callback(self.staging.remove)
            _check_zones(connection, self.request.zones, self.db_path)
            job = LoadJob(
                connection=connection,
                source=source,
                export=export,
                request=self.request,
                currency=self.currency,
                progress=self.progress,
                afterwards=afterwards,
                written=written,
                staging=self.staging,
            )
            return job.run()


def _nothing_accepted(files: Sequence[FileLoad]) -> str | None:
    """What to say when every row of every file was refused; None when something was accepted, or is as it was."""
    read = sum(loaded.read for loaded in files)
    if not files or any(loaded.accepted or loaded.unchanged for loaded in files):
        return None
    if not read:
        names = files[0].path if len(files) == 1 else f"{len(files)} tables"
        return f"nothing was accepted: {names} {'has' if len(files) == 1 else 'have'} a header and no rows of data."
    reason = next((fault.reason for loaded in files for fault in loaded.faults), "")
    rows = "its only row was" if read == 1 else f"all {read:,} rows were"
    return f"nothing was accepted: {rows} refused ({reason}). See them with: whydrop rejects"


def _known(
    db_path: Path, exports: Sequence[ExportSource], request: Request
) -> dict[ExportSource, tuple[Mapping[str, Any], float]]:
    """What was loaded before and is as it was then, or as other exports that were loaded before have corrected it: the load of
    each, and the seconds that finding it took."""
    try:
        opened = open_read(db_path)
    except NoWorkspace:
        return {}
    with closing(opened) as connection:
        loads: dict[ExportSource, Sequence[Mapping[str, Any]]] = {}
        seconds: dict[ExportSource, float] = {}
        for source in exports:
            started = time.perf_counter()
            loads[source] = loads_of_file(connection, source, Fingerprint.of(source, request))
            seconds[source] = time.perf_counter() - started
        together = {load["id"] for same in loads.values() for load in same}
        return {
            source: (same[0], seconds[source])
            for source, same in loads.items()
            if same and is_as_loaded(connection, same[0], together)
        }


def _unchanged(source: ExportSource, load: Mapping[str, Any], seconds: float) -> FileLoad:
    """The report of a file that an earlier load has read."""
    return FileLoad(
        path=source.name,
        kind=load["kind"],
        preset=load["preset"],
        read=load["read"],
        accepted=0,
        rejected=load["rejected"],
        unchanged=load["read"] - load["rejected"],
        replaced=0,
        seconds=seconds,
        source=load["source"],
        notes=(f"the same file was loaded on {load['loaded_at'][:10]}",),
        days=None if load["first_day"] is None else Window(load["first_day"], load["last_day"]),
    )


def _check_zones(connection: sqlite3.Connection, zones: Zones, path: Path) -> None:
    from core.workspace.write import post_load

    settings_zones = {"zone": zones.default, **{f"zone:{market}": zone for market, zone in zones.markets.items()}}
    if not post_load.remember_zones(connection, settings_zones):
        raise UsageError(
            f"{path}: its days were counted in other time zones than [time] in {settings.NAME} now says. "
            "Set them back, or load into a new workspace."
        )
