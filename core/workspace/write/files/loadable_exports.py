"""Which exports of the files that a load is given are loaded."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from core.base.count_text import count
from core.base.errors import (
    NoDailyFigures,
    RefusedFile,
    UsageError,
    WhydropError,
    WrongOption,
    as_refusal,
    did_you_mean,
)
from core.base.frozen import frozen
from core.ingest.formats.batch import Export
from core.ingest.formats.sources import ExportSource
from core.ingest.mapping.column_plan import LISTS, snake
from core.ingest.open_export import open_exports, open_sets
from core.ingest.request import Request
from core.workspace.write.file_checks.repeated_members import without_repeats
from core.workspace.write.files.file_requests import FileRequests, shared_order, sliced_alike
from core.workspace.write.files.file_sources import with_sources

if TYPE_CHECKING:
    from core.ingest.lookups.found_lookups import FoundLookups
    from core.ingest.lookups.lookup_tables import LookupTable


@frozen
class LoadableExports:
    """What some files hold."""

    exports: list[tuple[ExportSource, Export]]
    skipped: list[str]
    """Why files of a folder are none."""
    joined: frozenset[ExportSource]
    """The files whose rows are read with those of others."""


def loadable_exports(
    files: Sequence[ExportSource],
    every: Sequence[ExportSource],
    request: Request,
    lookups: Sequence["LookupTable"] = (),
    given: Sequence[ExportSource] = (),
) -> LoadableExports:
    """The exports in `files`, joined with what belongs to them in `every`, and why some files of a folder are none; what the
    user named must be one, and so must some of `every`: those that are not in `files` were loaded before. Rows are looked up
    in `lookups`, of files that were `given` as well, or in those of the files that have no figures."""
    together, used = open_sets(every, request)
    alone = [source for source in files if source not in used]
    requests = FileRequests(request, alone, lookups)
    opened = _OpenedFiles(list(together.items()))
    opened.open_clear_ones(alone, requests)
    found = (
        _lookups_among(opened, files, [source for source in every if source not in used], request)
        if len(every) > 1 and not lookups
        else None
    )
    if found is not None and found.tables:
        words = [source for source in found.tables if source not in found.series]
        all_kept = [source for source in every if source not in words]
        kept = [source for source in all_kept if source in files or source in found.looked_up]
        joined = loadable_exports(
            kept, all_kept, request, [table for own in found.tables.values() for table in own], every
        )
        opened_now = found.looked_up.intersection(source for source, _ in joined.exports)
        more = [f"{source.name}: {_looked_up(source, found) if opened_now else _SKIPPED_TOO}" for source in words]
        return LoadableExports(joined.exports, [*joined.skipped, *more], joined.joined.union(words))
    opened.open_waiting(requests, given or every)
    requests.check()
    _check_rates(request.rates, [export for _, export in opened.exports])
    places = {source: at for at, source in enumerate((*together, *files))}
    exports = sorted(opened.exports, key=lambda item: places[item[0]])  # as the files are given: which corrects which
    skipped = [opened.refused[source] for source in alone if source in opened.refused]
    is_whole = len(files) == len(every)
    _check_some(exports, skipped, is_whole=is_whole)
    exports, repeated = without_repeats(exports)
    alike = sliced_alike(exports, requests, together)
    if request.source is not None:
        return LoadableExports(alike, [*skipped, *repeated], used)
    unchanged = [source for source in every if source not in files]
    exports, left_out = with_sources(alike, request.earlier, lambda: _opened(unchanged, request))
    skipped += [*repeated, *(_refusal(source, UsageError(why)) for source, why in left_out.items())]
    _check_some(exports, skipped, is_whole=is_whole)
    return LoadableExports(exports, skipped, used)


def lookups_of_load(
    files: Sequence[ExportSource], request: Request
) -> tuple[list["LookupTable"], dict[ExportSource, str]]:
    """What a load of several files looks up in some of them, and what becomes of the rows of these."""
    together, used = open_sets(files, request)
    alone = [source for source in files if source not in used]
    opened = _OpenedFiles(list(together.items()))
    opened.open_clear_ones(alone, FileRequests(request, alone, ()))
    found = _lookups_among(opened, files, alone, request)
    words = {source: _looked_up(source, found) for source in found.tables if source not in found.series}
    return [table for own in found.tables.values() for table in own], words


class _OpenedFiles:
    """The exports of several files, some of which show how others are to be read."""

    def __init__(self, exports: list[tuple[ExportSource, Export]]) -> None:
        self.exports = exports
        self.refused: dict[ExportSource, str] = {}
        self.wordy: list[ExportSource] = []
        """Those that have no figures of days."""
        self._waiting: list[ExportSource] = []

    def open_clear_ones(self, files: Iterable[ExportSource], requests: FileRequests) -> None:
        """Opens the files that say themselves how they are read; the others wait."""
        for source in files:
            try:
                self.exports += [(source, export) for export in requests.open(source)]
            except UsageError as error:
                self._waiting.append(source)  # others with its columns may show what it leaves open
                self.wordy += [source] if isinstance(error, NoDailyFigures) else []
            except WhydropError as error:
                self.refused[source] = _refusal(source, error)

    def open_waiting(self, requests: FileRequests, every: Sequence[ExportSource]) -> None:
        """Opens those that wait as the opened ones with their columns are read; of those that are none, some have rows of orders
        that others of `every` have."""
        shown = shared_order(self.exports)  # not what one of those that wait was guessed to have
        for source in self._waiting:
            try:
                self.exports += [(source, export) for export in requests.open(source, like=self.exports, order=shown)]
            except WhydropError as error:
                self.refused[source] = _refusal(source, _with_orders(source, error, every, requests.encoding))


def _with_orders(
    source: ExportSource, error: WhydropError, every: Sequence[ExportSource], encoding: str | None
) -> WhydropError:
    """Why a file is none, or that its rows are of orders which another of several files has."""
    if len(every) < 2 or isinstance(error, WrongOption):
        return error
    from core.ingest.lookups.found_lookups import refusal_by_orders  # a load of one file has none

    why = refusal_by_orders(source, every, encoding)
    return error if why is None else UsageError(f"{source.name}: {why}.")


def _check_some(exports: Sequence[object], skipped: Sequence[str], *, is_whole: bool) -> None:
    """Raises RefusedFile when nothing is left of a load that is not part of an earlier one."""
    if not exports and is_whole:
        raise RefusedFile(f"no file could be loaded. {skipped[0]}")


def _lookups_among(
    opened: _OpenedFiles,
    files: Sequence[ExportSource],
    every: Sequence[ExportSource],
    request: Request,
) -> "FoundLookups":
    """Which files say more of the rows of others: those without figures, those whose rows are counted, and lists."""
    from core.ingest.lookups.found_lookups import find_lookups  # a load of one file has none

    counted = {
        source: export for source, export in opened.exports if export.kind.name == "daily" and len(export.measures) == 1
    }
    listed = [source for source, export in opened.exports if export.kind.name in LISTS]
    return find_lookups(opened.wordy, counted, listed, {*every} - {*files}, every, request)


def _looked_up(source: ExportSource, found: "FoundLookups") -> str:
    """What became of the rows of a file that says more of those of others."""
    lost = found.without_order.get(source, 0)
    missing = f"; {count(lost, 'order')} that it names {'is' if lost == 1 else 'are'} in no file" if lost else ""
    bare = found.without_lines.get(source, 0)
    missing += f"; {count(bare, 'order')} of it {'has' if bare == 1 else 'have'} no line in any file" if bare else ""
    return f"its columns are added to the rows of the files that have its ids, so its own rows are not counted{missing}. {_ALONE}"


_SKIPPED_TOO = "it adds columns to files that are skipped: load it together with them"
_ALONE = "To count them, load it alone"


def _opened(files: Sequence[ExportSource], request: Request) -> list[tuple[ExportSource, Export]]:
    """The exports of files that were loaded before, as far as they can be read again."""
    exports: list[tuple[ExportSource, Export]] = []
    for source in files:
        with suppress(WhydropError):
            exports += [(source, export) for export in open_exports(source, request)]
    return exports


def _check_rates(names: Sequence[str], exports: Sequence[Export]) -> None:
    """Raises WrongOption for a measure to keep out of totals that no export has."""
    measures = {name for export in exports for name in (*export.measures, *(ratio[0] for ratio in export.ratios))}
    unknown = next((name for name in names if snake(name) not in measures), None) if exports else None
    if unknown is not None:
        raise WrongOption(f"no measure {unknown!r} to keep out of totals.{did_you_mean(unknown, measures)}")


def _refusal(source: ExportSource, error: WhydropError) -> str:
    """Why a file of a folder is none. Raises what the user must hear of one that was named."""
    if source.chosen:
        raise as_refusal(error) from None
    return str(error)
