"""A metric over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.base.arrays import Floats
from core.base.days import Window, iso, parse_day
from core.base.errors import UsageError
from core.base.segment import Segment
from core.catalogue.index_definitions import index_definitions
from core.workspace.read.cube_query import Clock
from core.workspace.read.rows.level_rows import level_rows, level_view
from core.workspace.read.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Series:
    """Daily values of one metric, one line for each combination of values of `dimensions`."""

    metric: str
    unit: str
    window: Window
    dimensions: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    """Values of `dimensions` for each line; one empty tuple when there are no dimensions."""
    values: Floats
    """shape (lines, days of the window); nan where a ratio has no denominator."""

    @property
    def slices(self) -> tuple[str, ...]:
        """What rows call the dimensions: `day_` and `value_` those that are called like what every row has."""
        return tuple(f"{name}_" if name in {"day", "value"} else name for name in self.dimensions)

    def rows(self) -> list[dict[str, Any]]:
        """One row a day and line, in the order of the days: `{day, <slices>, value}`; value is None where there is none."""
        return [
            {
                "day": iso(self.window.first + day),
                **dict(zip(self.slices, key, strict=True)),
                "value": _plain(value),
            }
            for day, column in enumerate(self.values.T)
            for key, value in zip(self.keys, column, strict=True)
        ]


def series(
    workspace: Workspace,
    key: str,
    window: Window,
    where: Segment,
    dimensions: Sequence[str] = (),
    clock: Clock = "order",
) -> Series:
    """The metric, index or level on each day of the window, sliced by `dimensions`; combinations that never occur have no line.

    Raises UsageError for an unknown metric or dimension, and for a level of which each day has several; NotEnoughData when the
    workspace cannot compute the metric.
    """
    names = tuple(dict.fromkeys(dimensions))
    if key not in workspace.catalogue.metrics and key in index_definitions():
        return _index_series(workspace, key, window, where, names)
    if level := workspace.catalogue.level(key):
        return _level_series(workspace, level, window, where, names)
    metric = workspace.metric(key)
    cube = workspace.cube(metric.measures(), window, names, where, clock)
    table = cube.table(metric.measures(), names, by_day=True)
    sums = {name: sums if len(sums) or names else np.zeros((1, len(window))) for name, sums in table.sums.items()}
    values = np.asarray(metric.value(sums), dtype=np.float64)
    keys = tuple(
        tuple(cube.values[name][code] for name, code in zip(names, codes, strict=True))
        for codes in table.codes.tolist()
    )
    return Series(
        metric=metric.key,
        unit=metric.figure_unit,
        window=window,
        dimensions=names,
        keys=keys if names else ((),),
        values=values,
    )


def _index_series(workspace: Workspace, key: str, window: Window, where: Segment, names: tuple[str, ...]) -> Series:
    """An index, counted day by day: its values cannot be added up."""
    from core.indexes.indexes import daily_index  # ratings and statistics: 0.2 s that series of metrics do not need

    segments, values = daily_index(workspace, key, window, where, names)
    keys = tuple(tuple(segment.to_dict()[name] for name in names) for segment in segments)
    definition = index_definitions()[key]
    return Series(metric=key, unit=definition.unit, window=window, dimensions=names, keys=keys, values=values)


def _level_series(workspace: Workspace, key: str, window: Window, where: Segment, names: tuple[str, ...]) -> Series:
    """What rows say that there is at a time: nan on days without, and where several rows of a day say it."""
    rows = level_rows(workspace, key, window, where, names)
    if rows and all(value is None for *_, value in rows):
        newest = Window.parse(rows[-1][0])
        splits = ",".join(_splits(workspace, key, newest, where, names))
        hint = (
            f"Ask for each: --by {splits}." if splits else f"whydrop export {level_view(workspace, key)} has its rows."
        )
        raise UsageError(f"{key} cannot be added up, and several rows of a day have one. {hint}")
    keys = tuple(sorted({key for _, key, _ in rows})) if names else ((),)
    lines = {key: at for at, key in enumerate(keys)}
    values = np.full((len(keys), len(window)), np.nan)
    for day, slices, value in rows:
        values[lines[slices], parse_day(day) - window.first] = np.nan if value is None else value
    return Series(metric=key, unit="number", window=window, dimensions=names, keys=keys, values=values)


def _splits(workspace: Workspace, level: str, day: Window, where: Segment, names: tuple[str, ...]) -> tuple[str, ...]:
    """The fewest dimensions, `names` among them, of which each row of the day has its own values; none if all are too few."""

    def told(dimensions: Sequence[str]) -> bool:
        return all(value is not None for *_, value in level_rows(workspace, level, day, where, dimensions))

    chosen = (*names, *(name for name in workspace.dimensions if name not in names))
    if not told(chosen):
        return ()
    for name in reversed(chosen[len(names) :]):
        fewer = tuple(other for other in chosen if other != name)
        chosen = fewer if told(fewer) else chosen
    return chosen


def _plain(value: float) -> float | int | None:
    if np.isnan(value):
        return None
    return int(value) if float(value).is_integer() else float(value)
