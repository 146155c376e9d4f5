"""Loading: exports into the workspace, one transaction a file, nothing twice, every refused row with its reason."""

import sqlite3
import time
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.base import settings
from core.base.days import Window
from core.base.errors import NoWorkspace, RefusedFile, UsageError, WhydropError, as_refusal
from core.base.time_zones import Zones
from core.ingest.formats.sources import ExportSource, sources
from core.ingest.request import DateOrder, DecimalMark, Duplicates, Request
from core.workspace.schema.connection import OnWait, let_readers_in, open_read, transaction, writing
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.file_fingerprint import Fingerprint, earlier_dimensions, loaded_before
from core.workspace.write.load_report import SHOWN_REJECTS, FileLoad, LoadReport, OnProgress, Reject

if TYPE_CHECKING:
    from core.ingest.formats.batch import Export


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

    Each file is one transaction: after an error or a kill the workspace holds whole files only. With `dry_run` nothing
    is kept, but all is done and reported. `day` is that of exports which do not say it. Rows of days
    more than a year from all others of their file are refused unless `allow_far_days`. Staged rows lie in `temp_dir`, in
    the folder of the workspace where None. Another load is waited for `wait` seconds, `on_wait` being called meanwhile.

    Raises RefusedFile for what cannot be an export, another UsageError for a wrong option, WhydropError for what the workspace
    cannot take.
    """
    if not paths:
        raise UsageError("nothing to load. Name files or folders.")
    if mapping is not None:
        from core.ingest.mapping.mapping_toml import read_mapping

        read_mapping(mapping)  # what is wrong with it is wrong before any file is looked at
    exports = [source for path in paths for source in sources(path)]
    settings_file = settings.find(db_path)
    values = settings.read(settings_file) if settings_file else {}
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
        exports,
        request,
        currency=settings.currency(values),
        progress=progress,
        temp_dir=temp_dir,
        lock=_Lock(wait, on_wait),
        keep=not dry_run,
    )


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
    reports = _known(db_path, exports, request)
    request = replace(request, earlier=earlier_dimensions(db_path))
    new = [source for source in exports if source not in reports]
    rejects: list[Reject] = []
    skipped: list[str] = []
    failed: str | None = None
    if new:
        staging = Staging(db_path, temp_dir)
        staging.check_room(source.path for source in new)
        done, rejects, skipped, failed = _load_new(
            db_path,
            new=new,
            every=exports,
            request=request,
            currency=currency,
            progress=progress,
            staging=staging,
            lock=lock,
            keep=keep,
        )
        reports |= done
    files = tuple(report for source in exports for report in reports.get(source, ()))
    return LoadReport(
        files, tuple(rejects[:SHOWN_REJECTS]), tuple(skipped), not keep, failed or _nothing_accepted(files)
    )


def _load_new(
    db_path: Path,
    new: Sequence[ExportSource],
    every: Sequence[ExportSource],
    request: Request,
    currency: str | None,
    progress: OnProgress | None,
    staging: Staging,
    lock: _Lock,
    *,
    keep: bool,
) -> tuple[dict[ExportSource, list[FileLoad]], list[Reject], list[str], str | None]:
    """Loads files that have to be read, which may belong together with others of `every`; what was loaded, the first refused
    rows, why some files were skipped, and why one that the user named was."""
    from core.workspace.write.far_days import FarDaysFound, without_days
    from core.workspace.write.load_job import LoadJob  # brings pyarrow (0.2 s), not needed when nothing is new
    from core.workspace.write.merging.written_rows import WrittenRows

    opened, skipped = _opened(new, every, request)
    done: dict[ExportSource, list[FileLoad]] = {}
    rejects: list[Reject] = []
    refused: list[tuple[ExportSource, UsageError]] = []
    written = WrittenRows()
    with writing(db_path) as connection:
        waiting = deque(opened)
        while waiting:
            source, export = waiting.popleft()
            try:
                with ExitStack() as afterwards, lock.transaction(connection, db_path, keep=keep):
                    staging.clear()
                    staging.use(connection)
                    afterwards.callback(staging.remove)
                    _check_zones(connection, request.zones, db_path)
                    job = LoadJob(
                        connection=connection,
                        source=source,
                        export=export,
                        request=request,
                        currency=currency,
                        progress=progress,
                        afterwards=afterwards,
                        written=written,
                        staging=staging,
                    )
                    report, rows = job.run()
                    done.setdefault(source, []).append(report)
            except FarDaysFound as found_far:
                waiting.appendleft((source, without_days(export, found_far.days)))
                continue
            except UsageError as error:
                refused.append((source, error))
                continue
            rejects += rows
            let_readers_in(connection)
    if refused and (not done or (len(opened) == 1 and opened[0][0].chosen)):
        raise as_refusal(refused[0][1])
    named = next((str(error) for source, error in refused if source.chosen), None)
    return done, rejects, [*skipped, *(str(error) for source, error in refused if str(error) != named)], named


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


def _known(db_path: Path, exports: Sequence[ExportSource], request: Request) -> dict[ExportSource, list[FileLoad]]:
    """What was loaded before and is as it was then."""
    reports: dict[ExportSource, list[FileLoad]] = {}
    try:
        opened = open_read(db_path)
    except NoWorkspace:
        return reports
    with closing(opened) as connection:
        for source in exports:
            started = time.perf_counter()
            row = loaded_before(connection, source, Fingerprint.of(source, request))
            if row is not None:
                unchanged = row["read"] - row["rejected"]
                days = None if row["first_day"] is None else Window(row["first_day"], row["last_day"])
                note = f"the same file was loaded on {row['loaded_at'][:10]}"
                reports[source] = [
                    FileLoad(
                        path=source.name,
                        kind=row["kind"],
                        preset=row["preset"],
                        read=row["read"],
                        accepted=0,
                        rejected=row["rejected"],
                        unchanged=unchanged,
                        replaced=0,
                        seconds=time.perf_counter() - started,
                        source=row["source"],
                        notes=(note,),
                        days=days,
                    )
                ]
    return reports


def _opened(
    files: Sequence[ExportSource], every: Sequence[ExportSource], request: Request
) -> "tuple[list[tuple[ExportSource, Export]], list[str]]":
    """The exports in `files`, joined with what belongs to them in `every`, and why some files of a folder are none; what the
    user named must be one."""
    from core.ingest.open_export import open_exports, open_sets

    together, used = open_sets(every, request)
    exports: list[tuple[ExportSource, Export]] = list(together.items())
    skipped: list[str] = []
    for source in files:
        if source in used:
            continue
        try:
            exports += [(source, export) for export in open_exports(source, request)]
        except WhydropError as error:
            if source.chosen:
                raise as_refusal(error) from None
            skipped.append(str(error))
    if not exports:
        raise RefusedFile(f"no file could be loaded. {skipped[0]}")
    retold = [item for item in exports if _is_retold(*item, exports)]
    why = "it has no days, and another member of the archive tells the same figures by day"
    skipped += [f"{export.path}: left out: {why}" for _, export in retold]
    exports = [item for item in exports if item not in retold]
    return _sliced_alike(exports, request), skipped


def _is_retold(source: ExportSource, export: "Export", exports: "Sequence[tuple[ExportSource, Export]]") -> bool:
    """Whether an export without days is of an archive in which another one has the same measures by day."""
    if export.has_days or source.is_plain or source.name == str(source.path) or not export.measures:
        return False
    dated = [other for origin, other in exports if origin.path == source.path and other.has_days]
    return any(
        set(export.measures) - set(export.rates) <= {*other.measures, *(ratio[0] for ratio in other.ratios)}
        for other in dated
    )


def _sliced_alike(
    exports: "list[tuple[ExportSource, Export]]", request: Request
) -> "list[tuple[ExportSource, Export]]":
    """The exports, those with the same columns sliced by the same dimensions."""
    from core.ingest.open_export import open_exports

    by_header: dict[str, set[str]] = {}
    for _, export in exports:
        by_header.setdefault(export.header, set()).update(export.dimensions)
    alike: list[tuple[ExportSource, Export]] = []
    for source, export in exports:
        if export.several or set(export.dimensions) == by_header[export.header]:
            alike.append((source, export))
        else:
            dimensions = {**request.earlier, export.header: tuple(sorted(by_header[export.header]))}
            again = open_exports(source, replace(request, earlier=dimensions))
            alike += [(source, other) for other in again if other.path == export.path]
    return alike


def _check_zones(connection: sqlite3.Connection, zones: Zones, path: Path) -> None:
    from core.workspace.write import post_load

    settings_zones = {"zone": zones.default, **{f"zone:{market}": zone for market, zone in zones.markets.items()}}
    if not post_load.remember_zones(connection, settings_zones):
        raise UsageError(
            f"{path}: its days were counted in other time zones than [time] in {settings.NAME} now says. "
            "Set them back, or load into a new workspace."
        )
