"""Which exports of the files that a load is given are loaded."""

from collections.abc import Sequence
from dataclasses import replace

from core.base.errors import RefusedFile, WhydropError, as_refusal
from core.ingest.formats.batch import Export
from core.ingest.formats.sources import ExportSource
from core.ingest.open_export import open_exports, open_sets
from core.ingest.request import Request


def loadable_exports(
    files: Sequence[ExportSource], every: Sequence[ExportSource], request: Request
) -> tuple[list[tuple[ExportSource, Export]], list[str]]:
    """The exports in `files`, joined with what belongs to them in `every`, and why some files of a folder are none; what the
    user named must be one."""
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
    repeated = [item for item in exports if _is_repeated(*item, exports)]
    why = "it has no days, and another member of the archive has the same figures by day"
    skipped += [f"{export.path}: left out: {why}" for _, export in repeated]
    exports = [item for item in exports if item not in repeated]
    return _sliced_alike(exports, request), skipped


def _is_repeated(source: ExportSource, export: Export, exports: Sequence[tuple[ExportSource, Export]]) -> bool:
    """Whether an export without days is of an archive in which another one has the same measures by day."""
    if export.has_days or source.is_plain or source.name == str(source.path) or not export.measures:
        return False
    dated = [other for origin, other in exports if origin.path == source.path and other.has_days]
    return any(
        set(export.measures) - set(export.rates) <= {*other.measures, *(ratio[0] for ratio in other.ratios)}
        for other in dated
    )


def _sliced_alike(exports: list[tuple[ExportSource, Export]], request: Request) -> list[tuple[ExportSource, Export]]:
    """The exports, those with the same columns sliced by the same dimensions."""
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
