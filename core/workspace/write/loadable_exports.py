"""Which exports of the files that a load is given are loaded."""

from collections.abc import Sequence
from dataclasses import replace

from core.base.errors import MissingColumn, RefusedFile, UsageError, WhydropError, as_refusal
from core.ingest.formats.batch import Export
from core.ingest.formats.sources import ExportSource
from core.ingest.open_export import open_exports, open_sets
from core.ingest.request import EarlierReading, Request, columns_key


def loadable_exports(
    files: Sequence[ExportSource], every: Sequence[ExportSource], request: Request
) -> tuple[list[tuple[ExportSource, Export]], list[str]]:
    """The exports in `files`, joined with what belongs to them in `every`, and why some files of a folder are none; what the
    user named must be one, and so must some of `every`: those that are not in `files` were loaded before."""
    together, used = open_sets(every, request)
    exports: list[tuple[ExportSource, Export]] = list(together.items())
    skipped: list[str] = []
    requests = _Requests(request, [source for source in files if source not in used])
    for source in files:
        if source in used:
            continue
        try:
            exports += [(source, export) for export in requests.open(source)]
        except WhydropError as error:
            if source.chosen:
                raise as_refusal(error) from None
            skipped.append(str(error))
    requests.check()
    if not exports and len(files) == len(every):
        raise RefusedFile(f"no file could be loaded. {skipped[0]}")
    repeated = [_repeats(source, export, exports[:at], exports) for at, (source, export) in enumerate(exports)]
    skipped += [f"{export.path}: left out: {why}" for (_, export), why in zip(exports, repeated, strict=True) if why]
    exports = [item for item, why in zip(exports, repeated, strict=True) if not why]
    return _sliced_alike(exports, requests), skipped


class _Requests:
    """What is asked for of each of several files: columns to slice by of those that have them, and a decimal mark where a file
    of a folder does not show its own.
    """

    def __init__(self, request: Request, files: Sequence[ExportSource]) -> None:
        self._request, self._is_one = request, len(files) < 2
        self._own: dict[ExportSource, Request] = {}
        """Of files that are not read as all others are."""
        self._lacking: dict[str, WhydropError] = {}
        """Columns that no file has so far -> why the first one could not be sliced by them."""
        self._found: set[str] = set()

    def of(self, source: ExportSource) -> Request:
        """How a file is read, once it was opened."""
        return self._own.get(source, self._request)

    def open(self, source: ExportSource) -> list[Export]:
        """The exports of a file. Raises WhydropError when there are none, or a person must say how it is read."""
        request = self._request
        if request.decimal is not None and not source.chosen:
            try:
                return self._open(source, replace(request, decimal=None))
            except UsageError:
                del self._own[source]  # its own figures do not decide
        return self._open(source, request)

    def check(self) -> None:
        """Raises what the first file said of a column to slice by that none has."""
        for name, error in self._lacking.items():
            if name not in self._found:
                raise as_refusal(error)

    def _open(self, source: ExportSource, request: Request) -> list[Export]:
        self._own[source] = request
        try:
            exports = open_exports(source, request)
        except MissingColumn as error:
            if self._is_one:
                raise
            kept = [name for name in request.dimensions if self._has(source, name, request)]
            lacks = [name for name in request.dimensions if name not in kept]
            self._lacking = {**dict.fromkeys(lacks, error), **self._lacking}
            self._found.update(kept)
            self._own[source] = replace(request, dimensions=tuple(kept))
            note = f"it has no column {' and no column '.join(lacks)}: loaded without"
            exports = open_exports(source, self._own[source])
            return [replace(export, notes=(note, *export.notes)) for export in exports]
        self._found.update(request.dimensions)
        return exports

    @staticmethod
    def _has(source: ExportSource, name: str, request: Request) -> bool:
        try:
            open_exports(source, replace(request, dimensions=(name,)))
        except MissingColumn:
            return False
        return True


def _repeats(
    source: ExportSource,
    export: Export,
    before: Sequence[tuple[ExportSource, Export]],
    exports: Sequence[tuple[ExportSource, Export]],
) -> str | None:
    """Why an export of an archive is left out: it has no days and another member has its measures by day, or one `before` it
    has its figures in another cut. None of any other.
    """
    if source.is_plain or source.name == str(source.path) or not export.measures:
        return None
    cut = next(
        (other for origin, other in before if origin.path == source.path and other.preset in export.overlaps), None
    )
    if export.has_days:
        is_cut = cut is not None and cut.preset != export.preset and cut.has_days
        return (
            f"it has the figures of {cut.path} in another cut; load it alone to have it instead"
            if cut and is_cut
            else None
        )
    dated = [other for origin, other in exports if origin.path == source.path and other.has_days]
    measures = set(export.measures) - set(export.rates)
    is_repeated = any(measures <= {*other.measures, *(ratio[0] for ratio in other.ratios)} for other in dated)
    return "it has no days, and another member of the archive has the same figures by day" if is_repeated else None


def _sliced_alike(exports: list[tuple[ExportSource, Export]], requests: _Requests) -> list[tuple[ExportSource, Export]]:
    """The exports, those with the same columns read alike: as the same kind, sliced by the same dimensions."""
    by_header: dict[str, dict[str, None]] = {}
    kinds: dict[str, str] = {}
    for _, export in exports:
        names = dict.fromkeys((*sorted(export.dimensions), *export.row_names))
        by_header.setdefault(columns_key(export.header), {}).update(names)
        if export.kind.name == "daily":
            kinds[columns_key(export.header)] = "daily"
    alike: list[tuple[ExportSource, Export]] = []
    for source, export in exports:
        key = columns_key(export.header)
        kind = kinds.get(key, export.kind.name)
        is_alike = kind == export.kind.name and {*export.dimensions, *export.row_names} == by_header[key].keys()
        if export.several or is_alike:
            alike.append((source, export))
        else:
            request = requests.of(source)
            earlier = {**request.earlier, key: EarlierReading(kind, tuple(by_header[key]))}
            again = open_exports(source, replace(request, earlier=earlier))
            alike += [(source, other) for other in again if other.path == export.path]
    return alike
