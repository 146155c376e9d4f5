"""Loading: exports into the workspace, one transaction a file, nothing twice, every refused row with its reason."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.base import settings
from core.base.days import Window
from core.base.errors import NoWorkspace, UsageError
from core.base.time_zones import Zones
from core.ingest.formats.sources import ExportSource, sources
from core.ingest.request import DateOrder, DecimalMark, Duplicates, Request
from core.workspace.schema.connection import OnWait, exists, open_read
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.file_fingerprint import Fingerprint, earlier_readings, is_as_loaded, loads_of_file
from core.workspace.write.load_report import SHOWN_REJECTS, FileLoad, LoadedFiles, LoadReport, OnProgress


def load(
    db_path: Path,
    paths: Sequence[Path],
    *,
    as_kind: str | None = None,
    mapping: Path | None = None,
    dimensions: Sequence[str] = (),
    rates: Sequence[str] = (),
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
        rates=tuple(rates),
        date_order=date_order,
        decimal=decimal,
        encoding=encoding,
        day=day,
        source=source,
        duplicates=duplicates,
        allow_far_days=allow_far_days,
        zones=Zones.from_settings(values),
    )
    exports = _exports_of(paths, mapping)
    is_new = not exists(db_path)  # opening what is not there looks for other workspaces near it
    loaded_before = {} if is_new else _known(db_path, exports, request)
    reports = {source: [_unchanged(source, load, seconds)] for source, (load, seconds) in loaded_before.items()}
    new = [source for source in exports if source not in reports]
    loaded = LoadedFiles()
    if new:
        from core.workspace.write.load_run import LoadRun  # brings pyarrow (0.2 s), not needed when nothing is new

        staging = Staging(db_path, temp_dir)
        staging.check_room(source.path for source in new)
        run = LoadRun(
            db_path=db_path,
            request=request if is_new else replace(request, earlier=earlier_readings(db_path)),
            currency=settings.currency(values),
            progress=progress,
            staging=staging,
            keep=not dry_run,
            wait=wait,
            on_wait=on_wait,
        )
        loaded = run.load_all(new, exports, {load["id"] for load, _ in loaded_before.values()})
    reports |= loaded.reports
    files = tuple(report for source in exports for report in reports.get(source, ()))
    rejects, skipped = tuple(loaded.rejects[:SHOWN_REJECTS]), tuple(loaded.skipped)
    return LoadReport(files, rejects, skipped, dry_run, loaded.failed or _nothing_accepted(files))


def _exports_of(paths: Sequence[Path], mapping: Path | None) -> list[ExportSource]:
    """The exports that paths hold. Raises UsageError where there are none, or the mapping is wrong."""
    if not paths:
        raise UsageError("nothing to load. Name files or folders.")
    if mapping is not None:
        from core.ingest.mapping.mapping_toml import read_mapping

        read_mapping(mapping)  # what is wrong with it is wrong before any file is looked at
    return [source for path in paths for source in sources(path)]


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
