"""The SQL that gives a figure of a workspace when it is run by hand: a total, or a series by day and value."""

from collections.abc import Callable, Sequence

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.workspace.read.cube_query import Clock
from core.workspace.read.measure_trace import Days, metric_sql
from core.workspace.read.rows.level_rows import level_sql
from core.workspace.read.workspace import Workspace
from core.workspace.schema.tables import identifier, quoted


def total_sql(
    workspace: Workspace,
    key: str,
    days: Days | Callable[[str], Days],
    where: Segment = EVERYTHING,
    clock: Clock = "order",
    age: int | None = None,
) -> dict[str, str]:
    """SQL over the views in words that gives the metric, and each base measure in it.

    `days`: a window, the weight of each day that an expectation rests on, or either for each base measure.
    """
    metric = workspace.metric(key)
    parts = {
        name: workspace.traced(name, where, clock, age).total(days(name) if callable(days) else days)
        for name in sorted(metric.measures())
    }
    return parts if list(parts) == [key] else {key: f"SELECT {metric_sql(metric, parts)}", **parts}


def series_sql(
    workspace: Workspace, key: str, window: Window, where: Segment, dimensions: Sequence[str], clock: Clock
) -> str:
    """SQL over the views in words that gives the metric by day and by the dimensions; what has no rows has no line."""
    if level := workspace.catalogue.level(key):
        return level_sql(workspace, level, window, where, dimensions)
    metric = workspace.metric(key)
    workspace.check_dimensions((*dimensions, *where.dimensions))
    names = sorted(metric.measures())
    rows = " UNION ALL ".join(workspace.traced(name, where, clock, None).by_day(window, dimensions) for name in names)
    sums = {name: f"coalesce(sum(amount) FILTER (WHERE measure = {quoted(name)}), 0)" for name in names}
    columns = ", ".join(["day", *(f"slice_{at} AS {identifier(name)}" for at, name in enumerate(dimensions, 1))])
    value = sums[key] if names == [key] else metric_sql(metric, sums)
    places = ", ".join(str(at) for at in range(1, len(dimensions) + 2))  # a dimension may be called `day`, too
    return (
        f"WITH counted AS ({rows}) SELECT {columns}, {value} AS value FROM counted GROUP BY {places} ORDER BY {places}"
    )
