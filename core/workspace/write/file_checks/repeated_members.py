"""Members of an archive that have the figures of others, by day or in another cut: only one of them counts."""

from collections.abc import Sequence

from core.base.file_paths import shown_name
from core.ingest.formats.batch import Export
from core.ingest.formats.sources import ExportSource


def without_repeats(
    exports: Sequence[tuple[ExportSource, Export]],
) -> tuple[list[tuple[ExportSource, Export]], list[str]]:
    """The exports but for those that repeat others of their archive, and why each of these is left out."""
    reasons = [_repeats(source, export, exports[:at], exports) for at, (source, export) in enumerate(exports)]
    left_out = [f"{export.path}: left out: {why}" for (_, export), why in zip(exports, reasons, strict=True) if why]
    return [item for item, why in zip(exports, reasons, strict=True) if not why], left_out


def _repeats(
    source: ExportSource,
    export: Export,
    before: Sequence[tuple[ExportSource, Export]],
    exports: Sequence[tuple[ExportSource, Export]],
) -> str | None:
    """Why an export of an archive is left out: it has no days and another member has its measures by day, or one `before` it
    has its figures in another cut. None of any other.
    """
    if source.is_plain or source.name == shown_name(source.path) or not export.measures:
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
