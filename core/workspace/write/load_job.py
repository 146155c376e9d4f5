"""The load of one file: its rows, its refused rows, its entry in the books."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import replace

from core.base.days import Window
from core.base.frozen import frozen
from core.catalogue.kinds import SLICE, SOURCE
from core.ingest.formats.batch import Batch, Export, RefusedRow
from core.ingest.formats.sources import STDIN, ExportSource
from core.ingest.mapping.column_plan import few
from core.ingest.request import Request
from core.workspace.schema import file_checksum
from core.workspace.schema.exchange_rates import doubts, keep_currencies, mixed_currencies
from core.workspace.schema.load_log import IS_READ_AGAIN
from core.workspace.schema.tables import renew_state, table_of
from core.workspace.write import post_load
from core.workspace.write.bulk.staging import Staging
from core.workspace.write.file_checks.far_days import FarDaysFound, far_days
from core.workspace.write.file_checks.growing_files import check_growth
from core.workspace.write.file_checks.left_out_words import check_spare_words, check_totals
from core.workspace.write.file_checks.other_systems import (
    check_other_systems,
    check_same_rows,
    check_unchanged_files,
)
from core.workspace.write.file_fingerprint import Fingerprint, content
from core.workspace.write.later_levels import later_levels
from core.workspace.write.load_books import next_load_id, record_load, record_rejects
from core.workspace.write.load_report import FileLoad, OnProgress, Progress, Reject
from core.workspace.write.merging.longer_periods import LongerPeriods
from core.workspace.write.merging.other_cuts import OtherCuts
from core.workspace.write.merging.upsert import upsert, widen
from core.workspace.write.merging.written_rows import UpsertCounts, WrittenRows
from core.workspace.write.recovery.change_log import ChangeLog

ROW_CAPS = frozenset({500, 5_000})
"""Where exports of known systems end, whatever there is."""
_SMALL_BYTES = 1 << 16
"""For a file so small, changing the schema twice (0.3 ms) takes longer than inserting its rows without that."""
_REPLACED_SHARE = 0.01
"""A person must know when more of a file than this replaced what was there."""


class _Tally:
    """Counts batches as they pass."""

    def __init__(
        self,
        export: Export,
        progress: OnProgress | None,
        changes: ChangeLog,
        compared: Sequence[OtherCuts | LongerPeriods],
    ) -> None:
        self._export, self._progress, self._changes, self._compared = export, progress, changes, compared
        self.started = time.perf_counter()
        self.read = 0
        self.refused: list[RefusedRow] = []
        self.days: Window | None = None

    def __call__(self, batch: Batch) -> None:
        self.read += batch.read
        self.refused += batch.refused
        self._changes.note(batch.days if len(batch) else None)
        for compared in self._compared:
            compared.note(batch)
        if batch.days is not None and len(batch):
            window = Window(int(batch.days.min()), int(batch.days.max()))
            self.days = (
                window
                if self.days is None
                else Window(min(window.first, self.days.first), max(window.last, self.days.last))
            )
        if self._progress is not None:
            done = self._export.fraction()
            left = self.seconds * (1 / done - 1) if done else None
            self._progress(Progress(self._export.path, self.read, self.seconds, left))

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started


@frozen(kw_only=True)
class LoadJob:
    """The load of one file, inside a transaction that is open."""

    connection: sqlite3.Connection
    source: ExportSource
    export: Export
    request: Request
    currency: str | None
    """The workspace's own; None = amounts stay as they are."""
    progress: OnProgress | None
    afterwards: ExitStack
    written: WrittenRows
    """The rows of the earlier files of this load."""
    staging: Staging
    hasher: Executor
    others: Sequence[int] | None
    """The loads of the other tables of the file; None where further ones follow, without which it is not known again."""

    def run(self) -> tuple[FileLoad, list[Reject]]:
        """Raises FarDaysFound when a few rows lie far from all others: the transaction is to be begun again without them."""
        before = Fingerprint.of(self.source, self.request)
        exact = (
            self.hasher.submit(content, self.source, before.size)
            if self.source.path != STDIN and not self.export.several and self.others is not None
            else None
        )
        load_id = next_load_id(self.connection)
        widen(self.connection, self.export)
        is_small = self.source.is_plain and before.size < _SMALL_BYTES
        inserted = () if is_small else (table_of(self.export.kind), "dictionary", "rejects")
        file_checksum.pause_for_inserts(self.connection, inserted)
        changes = ChangeLog(self.connection, self.export.kind, load_id)
        cuts = OtherCuts(self.connection, self.export)
        periods = LongerPeriods(self.connection, self.export)
        tally = _Tally(self.export, self.progress, changes, (cuts, periods))
        try:
            counts = upsert(self.connection, self.export, tally, self.staging, self.afterwards, self.written)
        finally:
            changes.stop()
        other_cuts = self._check(changes, cuts, periods, tally, counts)
        changes.save()
        keep_currencies(self.connection, load_id, self.export.currencies)
        post_load.update_dependents(self.connection, self.export.kind.name)
        levels = later_levels(self.connection, self.export, load_id, self.request.rates)
        fingerprint = exact.result() if exact else None
        report = _report(self.export, tally, counts)
        record_load(self.connection, load_id, self.export, report, before, fingerprint)
        self.connection.executemany(
            "UPDATE loads SET fingerprint = ?, stamp = ? WHERE id = ?",
            ((fingerprint, before.stamp if fingerprint else None, number) for number in self.others or ()),
        )
        renew_state(self.connection)
        rejects, faults = record_rejects(self.connection, load_id, self.export, tally.refused)
        file_checksum.watch_inserts(self.connection, inserted)
        is_again = counts.replaced > 0 and self._is_again(load_id, fingerprint, before.size)
        on_rows = _notes_on_rows(self.export, tally.read, counts, is_again)
        growth = check_growth(self.source, before.size, fingerprint)
        notes = (*self._mixed_currencies(), *levels, *other_cuts, *on_rows, *self._doubts(), *growth)
        return replace(report, seconds=tally.seconds, faults=faults, notes=notes), rejects

    def _check(
        self, changes: ChangeLog, cuts: OtherCuts, periods: LongerPeriods, tally: _Tally, counts: UpsertCounts
    ) -> tuple[str, ...]:
        """Raises what speaks against the rows that were written; what is to be said of figures that another load has in another
        cut.
        """
        if not self.request.allow_far_days and (far := far_days(changes.rows)):
            raise FarDaysFound(far)
        periods.check()
        check_other_systems(self.connection, self.export, tally.days, counts)
        check_unchanged_files(self.connection, self.export, tally.days, counts, self.written.known)
        check_same_rows(self.connection, self.export, tally.days)
        other_cuts = cuts.check(is_new=not (counts.unchanged or counts.replaced))
        check_spare_words(self.connection, self.export, counts)
        check_totals(self.connection, self.export, self.request)
        return other_cuts

    def _is_again(self, load_id: int, fingerprint: str | None, size: int) -> bool:
        """Whether the same file was loaded before: what it replaces are its own rows, read otherwise."""
        if self.source.path == STDIN:
            return False
        columns = "id, kind, asked, replaced, first_day, last_day, ? AS fingerprint"  # of tables not stored before the last one
        query = f"SELECT {IS_READ_AGAIN} FROM (SELECT {columns} FROM loads WHERE id = ?) l"
        exact = fingerprint or content(self.source, size)
        (is_again,) = self.connection.execute(query, (exact, load_id)).fetchone()
        return bool(is_again)

    def _mixed_currencies(self) -> tuple[str, ...]:
        """What a person must know before anything else: measures whose amounts are in several currencies."""
        mixed = mixed_currencies(self.connection, self.currency) if self.export.kind.name == "daily" else ""
        return (f"{mixed}. Slice by what tells the currencies apart, or load each alone",) if mixed else ()

    def _doubts(self) -> tuple[str, ...]:
        """What the workspace makes doubtful of the figures: rates that are not known, figures that another load gives as well."""
        is_of_money = self.export.kind.name in {"orders", "fx"}
        rates = doubts(self.connection, self.currency) if is_of_money else ()
        return (*rates, *_counted_twice(self.connection, self.export))


def _report(export: Export, tally: _Tally, counts: UpsertCounts) -> FileLoad:
    """The report of a file, without its notes."""
    rejected = len(tally.refused)
    return FileLoad(
        path=export.path,
        kind=export.kind.name,
        preset=export.preset,
        read=tally.read,
        accepted=tally.read - rejected - counts.unchanged,
        rejected=rejected,
        unchanged=counts.unchanged,
        replaced=counts.replaced,
        copies=counts.copies,
        source=export.source,
        dimensions=tuple(name for name in export.dimensions if name not in {*SLICE, SOURCE, "product_id"}),
        seconds=tally.seconds,
        days=tally.days,
    )


def _notes_on_rows(export: Export, read: int, counts: UpsertCounts, is_again: bool) -> Iterator[str]:
    """What is to be said of the rows of a file: of copies and replaced ones first; `is_again`: those of the same file."""
    if counts.copies:
        yield (
            f"{_rows(counts.copies)} equal in every column to another one of the file: counted once "
            "(--duplicates keep counts every row)"
        )
    if counts.replaced > _REPLACED_SHARE * max(read, 1) and is_again:
        yield f"{counts.replaced:,} of {read:,} rows replaced those of an earlier load of this file"
    elif counts.replaced > _REPLACED_SHARE * max(read, 1):
        is_open = export.source is None and counts.replaced > read / 2
        hint = "; if they are of another shop, undo this load (whydrop loads undo) and name it with --source"
        sentence = f"{counts.replaced:,} of {read:,} rows replaced other figures of the same source"
        yield f"{sentence}{hint if is_open else ''}"
    yield from export.notes
    if read in ROW_CAPS:
        yield f"exactly {read} rows: many systems stop exporting there; check that nothing is cut off"
    if counts.parts and export.keyed:
        yield f"{counts.parts:,} rows differ from another row of the file with their key: each counts"
    if counts.parts and export.levels and not export.keyed:
        yield f"where several rows have one day and slice, what cannot be added up is left out: {few(sorted(export.levels))}"


def _rows(count: int) -> str:
    return "1 row is" if count == 1 else f"{count:,} rows are"


def _counted_twice(connection: sqlite3.Connection, export: Export) -> tuple[str, ...]:
    """What is to be said when the workspace holds the same figures in another cut."""
    marks = ", ".join("?" * len(export.overlaps))
    earlier = connection.execute(
        f"SELECT path, preset FROM loads WHERE preset IN ({marks}) AND NOT (preset = ? AND header = ?) ORDER BY id DESC LIMIT 1",
        (*export.overlaps, export.preset, export.header),
    ).fetchone()
    if earlier is None:
        return ()
    return (
        f"it has the same figures as {earlier[0]} ({earlier[1]}) in another cut: what both give adds up twice. "
        "Load one of them only, or each into a workspace of its own (--db)",
    )
