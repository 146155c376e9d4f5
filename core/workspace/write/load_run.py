"""The files of one load, one after the other: each table in a transaction of its own, each file as a whole or not at all."""

import sqlite3
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from core.base import settings
from core.base.errors import UnreadableFile, UsageError, WhydropError, as_refusal
from core.base.frozen import frozen
from core.base.time_zones import Zones
from core.ingest.formats.batch import Export
from core.ingest.formats.sources import ExportSource
from core.ingest.request import Request
from core.workspace.schema.connection import OnWait, let_readers_in, transaction, writing
from core.workspace.write import post_load
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.export_order import SeriesPlace, in_order
from core.workspace.write.file_checks.far_days import FarDaysFound, without_days
from core.workspace.write.file_checks.growing_files import FileChanged, HalfLineRead, check_joined
from core.workspace.write.files.loadable_exports import loadable_exports
from core.workspace.write.load_job import LoadJob
from core.workspace.write.load_report import FileLoad, LoadedFiles, OnProgress, Reject
from core.workspace.write.merging.written_rows import WrittenRows


@frozen(kw_only=True)
class LoadRun:
    """How the files of one load are written."""

    db_path: Path
    request: Request
    currency: str | None
    progress: OnProgress | None
    staging: Staging
    keep: bool
    wait: float | None
    """How many seconds another load is waited for."""
    on_wait: OnWait | None

    def load_all(
        self, files: Sequence[ExportSource], every: Sequence[ExportSource], known: Collection[int]
    ) -> LoadedFiles:
        """Loads files, which may belong together with others of `every`: those that the loads in `known` have read. Raises
        RefusedFile when none can be loaded or was loaded before.
        """
        found = loadable_exports(files, every, self.request)
        exports, loaded = found.exports, LoadedFiles(skipped=found.skipped)
        try:
            with writing(self.db_path) as connection, ThreadPoolExecutor(1, "hash") as hasher:
                written = WrittenRows(known)
                refused = self._load_each(connection, in_order(exports), found.joined, written, hasher, loaded)
        except BaseException:  # ctrl+c as well as a full disk, whose own words matter more than what undoing says
            with suppress(WhydropError):
                self._take_out(_unfinished(exports, loaded), loaded)
            raise
        self._take_out(refused, loaded)
        if refused and not loaded.reports and len(files) == len(every):
            raise as_refusal(next(iter(refused.values())))
        loaded.failed = next((str(error) for source, error in refused.items() if source.chosen), None)
        loaded.skipped += [str(error) for error in refused.values() if str(error) != loaded.failed]
        return loaded

    def _take_out(self, files: Iterable[ExportSource], loaded: LoadedFiles) -> None:
        """Takes the tables of files out again that are not in as a whole: a file is in as a whole or not at all."""
        for source in files:
            from core.workspace.write.recovery.undo import undo  # 1.4 ms, and few loads have such files

            for number in reversed(loaded.tables.pop(source, [])):
                undo(self.db_path, number, self.wait)
            loaded.reports.pop(source, None)

    def _load_each(
        self,
        connection: sqlite3.Connection,
        exports: Sequence[tuple[ExportSource, Export]],
        joined: Collection[ExportSource],
        written: WrittenRows,
        hasher: Executor,
        loaded: LoadedFiles,
    ) -> dict[ExportSource, WhydropError]:
        """Loads exports, and adds to `loaded` what became of them; why some files are refused, of which no further table is."""
        refused: dict[ExportSource, WhydropError] = {}
        waiting = deque(exports)
        tables = Counter(source for source, _ in exports)
        while waiting:
            source, export = waiting.popleft()
            if source in refused:
                continue
            written.open(SeriesPlace.of(source, export))
            try:
                is_last = tables[source] == len(loaded.reports.get(source, ())) + 1
                others = loaded.tables.get(source, []) if is_last else None
                report, rejects = self._load_one(connection, source, export, joined, written, hasher, others)
            except HalfLineRead:
                waiting.appendleft((source, export))
                continue
            except FarDaysFound as found_far:
                waiting.appendleft((source, without_days(export, found_far.days)))
                continue
            except (UsageError, UnreadableFile) as error:
                refused[source] = error
                continue
            loaded.reports.setdefault(source, []).append(report)
            if self.keep and tables[source] > 1:
                from core.workspace.schema.load_log import newest_load

                loaded.tables.setdefault(source, []).append(newest_load(connection))
            loaded.rejects += rejects
            let_readers_in(connection)
        return refused

    def _load_one(
        self,
        connection: sqlite3.Connection,
        source: ExportSource,
        export: Export,
        joined: Collection[ExportSource],
        written: WrittenRows,
        hasher: Executor,
        others: Sequence[int] | None,
    ) -> tuple[FileLoad, list[Reject]]:
        """Loads one export in a transaction of its own; `joined`: the files whose rows may be read with its own, `others`: the
        loads of the other tables of its file, where it is the last one.
        """
        lock = transaction(connection, self.db_path, keep=self.keep, wait=self.wait, on_wait=self.on_wait)
        with ExitStack() as afterwards, lock, _refusing_changes((source, *joined)):
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
                hasher=hasher,
                others=others,
            )
            result = job.run()
            check_joined(joined)
            return result


@contextmanager
def _refusing_changes(read: Sequence[ExportSource]) -> Iterator[None]:
    """Any error while somebody has written to a file that is `read` is said to be that: its rows are of two states."""
    try:
        yield
    except Exception as error:
        changed = next((source for source in read if not source.file.is_as_opened()), None)
        if changed is None or isinstance(error, WhydropError | FarDaysFound | HalfLineRead):
            raise
        raise FileChanged(changed) from None


def _unfinished(exports: Iterable[tuple[ExportSource, Export]], loaded: LoadedFiles) -> list[ExportSource]:
    """The files of which some tables are in and others are not."""
    tables = Counter(source for source, _ in exports)
    return [source for source, numbers in loaded.tables.items() if len(numbers) < tables[source]]


def _check_zones(connection: sqlite3.Connection, zones: Zones, path: Path) -> None:
    """Raises UsageError when the days of the workspace were counted in other time zones."""
    settings_zones = {"zone": zones.default, **{f"zone:{market}": zone for market, zone in zones.markets.items()}}
    if not post_load.remember_zones(connection, settings_zones):
        raise UsageError(
            f"{path}: its days were counted in other time zones than [time] in {settings.NAME} now says. "
            "Set them back, or load into a new workspace."
        )
