"""The order in which the exports of a folder are loaded.

Of exports that a system writes again and again under a name with the day, a later one corrects what an earlier one said of their
common days. Of two tables with the same figures only one counts: the one with more dimensions, which comes first.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

from core.base.frozen import frozen
from core.ingest.formats.batch import Export
from core.ingest.formats.sources import ExportSource
from core.ingest.request import columns_key
from core.ingest.values.path_parts import day_in_path, undated_path

_FEWEST_SHARED = 2
"""Days that two exports share: files of one day each may both hold rows of midnight, which are parts and no corrections."""


@frozen
class SeriesPlace:
    """The place of an export among those whose names differ only in the day."""

    series: tuple[str, str]
    """The path without the day, and the columns."""
    day: int

    @classmethod
    def of(cls, source: ExportSource, export: Export) -> "SeriesPlace | None":
        """None where the name gives no day."""
        day = day_in_path(source.name)
        return cls((undated_path(source.name), columns_key(export.header)), day) if day is not None else None

    def corrects(self, earlier: "SeriesPlace", shared: Collection[int], other: Collection[int]) -> bool:
        """Whether an export corrects an earlier one, which gives other figures for the days in `other`: for some of the days
        that they share, not for all."""
        is_later = self.series == earlier.series and self.day > earlier.day
        return is_later and len(shared) >= _FEWEST_SHARED and len(other) < len(shared)


def in_order(exports: Sequence[tuple[ExportSource, Export]]) -> list[tuple[ExportSource, Export]]:
    """Exports, those of each series by the days in their names, and tables of days from fine to coarse."""
    series: dict[tuple[str, str], list[int]] = defaultdict(list)
    days: dict[int, int] = {}
    for at, (source, export) in enumerate(exports):
        if (series_place := SeriesPlace.of(source, export)) is not None:
            series[series_place.series].append(at)
            days[at] = series_place.day
    result = list(range(len(exports)))
    for places in series.values():
        for at, number in zip(places, sorted(places, key=days.__getitem__), strict=True):
            result[at] = number
    tables = [at for at, number in enumerate(result) if exports[number][1].kind.name == "daily"]
    by_detail = sorted((result[at] for at in tables), key=lambda number: -len(exports[number][1].dimensions))
    for at, number in zip(tables, by_detail, strict=True):
        result[at] = number
    return [exports[number] for number in result]
