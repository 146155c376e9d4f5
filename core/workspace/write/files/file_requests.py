"""How each of several files is read: as the user asks, and like those with the same columns."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.base.errors import MissingColumn, UsageError, as_refusal
from core.ingest.formats.batch import Export
from core.ingest.formats.sources import ExportSource
from core.ingest.open_export import open_exports
from core.ingest.request import DateOrder, EarlierReading, Request, SharedDimensions, columns_key

if TYPE_CHECKING:
    from core.ingest.lookups.lookup_tables import LookupTable


class FileRequests:
    """What is asked for of each of several files: columns to slice by of those that have them, and a decimal mark where a file
    of a folder does not show its own.
    """

    def __init__(self, request: Request, files: Sequence[ExportSource], lookups: Sequence["LookupTable"]) -> None:
        self._request, self._is_one, self._lookups = request, len(files) < 2, lookups
        self.encoding = request.encoding
        self._own: dict[ExportSource, Request] = {}
        """Of files that are not read as all others are."""
        self._shared = SharedDimensions()

    def open(
        self,
        source: ExportSource,
        like: Sequence[tuple[ExportSource, Export]] | None = None,
        order: DateOrder | None = None,
    ) -> list[Export]:
        """The exports of a file, where others are read first `like` them, and dates that decide nothing in their `order`.
        Raises WhydropError when there are none, or a person must say how it is read.
        """
        request = replace(self._request, may_guess=self._is_one)
        if like is not None:
            earlier = _read_alike(like, self._request.earlier)
            request = replace(self._request, earlier=earlier, likely_date_order=order)
        if request.decimal is not None and not source.chosen:
            try:
                return self._open(source, replace(request, decimal=None))
            except UsageError:
                del self._own[source]  # its own figures do not decide
        return self._open(source, request)

    def alike(self, source: ExportSource, exports: Sequence[tuple[ExportSource, Export]]) -> list[Export]:
        """The exports of a file that is read as others with its columns are."""
        request = self._own.get(source, self._request)
        return open_exports(source, replace(request, earlier=_read_alike(exports, request.earlier)), self._lookups)

    def check(self) -> None:
        """Raises what the first file said of a column to slice by that none has."""
        try:
            self._shared.check()
        except MissingColumn as error:
            raise as_refusal(error) from None

    def _open(self, source: ExportSource, request: Request) -> list[Export]:
        self._own[source] = request
        if self._is_one:
            return open_exports(source, request, self._lookups)
        exports, self._own[source], lacks = self._shared.opened(
            request, lambda own: open_exports(source, own, self._lookups)
        )
        note = f"it has no column {' and no column '.join(lacks)}: loaded without"
        return [
            replace(export, notes=(note, *export.notes)) if lacks and export.kind.is_fact else export
            for export in exports
        ]


def sliced_alike(
    exports: list[tuple[ExportSource, Export]], requests: FileRequests, together: Container[ExportSource]
) -> list[tuple[ExportSource, Export]]:
    """The exports, those with the same columns read alike: as the same kind, sliced by the same dimensions; but for those that
    several files make `together`."""
    alike: list[tuple[ExportSource, Export]] = []
    readings = _read_alike(exports, {})
    for source, export in exports:
        reading = readings[columns_key(export.header)]
        has_all = set(_row_names(export)) == set(reading.names) and {*reading.figures} <= {
            *export.written.get("figures", ())
        }
        is_alike = reading.kind == export.kind.name and has_all
        if source in together or is_alike:
            alike.append((source, export))
        else:
            again = requests.alike(source, exports)
            alike += [(source, other) for other in again if other.path == export.path]
    return alike


def _read_alike(
    exports: Sequence[tuple[ExportSource, Export]], earlier: Mapping[str, EarlierReading]
) -> dict[str, EarlierReading]:
    """By the columns of exports, how all files that have them are to be read: what tells rows apart in one of them does so in
    all, and what the cells of one show (the order of day and month, decimal marks) holds where others leave it open.
    """
    result = dict(earlier)
    by_header: dict[str, list[Export]] = {}
    for _, export in exports:
        by_header.setdefault(columns_key(export.header), []).append(export)
    for key, own in by_header.items():
        kinds = {export.kind.name for export in own}
        kind = "daily" if "daily" in kinds else own[-1].kind.name
        names = tuple(dict.fromkeys(name for export in own for name in _row_names(export)))
        marks = {mark: {export.written[mark] for export in own if mark in export.written} for mark in _MARKS}
        single = {mark: values.pop() for mark, values in marks.items() if len(values) == 1}
        before = earlier.get(key, EarlierReading(kind, names))
        figures = (figure for item in own for figure in item.written.get("figures", ()))
        single["figures"] = (*dict.fromkeys((*before.figures, *figures)),)
        result[key] = replace(before, kind=kind, names=names, **single)
    return result


_MARKS = ("date_order", "decimal")


def shared_order(exports: Sequence[tuple[ExportSource, Export]]) -> DateOrder | None:
    """The order of day and month of all exports that show one; None where they differ, or none does."""
    found = {export.written["date_order"] for _, export in exports if "date_order" in export.written}
    return found.pop() if len(found) == 1 else None


def _row_names(export: Export) -> tuple[str, ...]:
    """What tells the rows of an export apart."""
    return (*sorted(export.dimensions), *export.row_names)
