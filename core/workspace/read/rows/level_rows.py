"""Levels of `daily` exports and distinct counts of traffic, which no total has: each figure as its row gives it."""

from collections.abc import Sequence

from core.base.days import Window
from core.base.segment import Segment
from core.workspace.read.measure_trace import days_in_words, dimension_in_words
from core.workspace.read.workspace import Workspace
from core.workspace.schema.tables import identifier


def level_sql(workspace: Workspace, level: str, window: Window, where: Segment, dimensions: Sequence[str]) -> str:
    """SQL over the views in words that gives a level by day and by the dimensions; NULL where several rows have one.

    Raises UsageError for an unknown dimension.
    """
    workspace.check_dimensions((*dimensions, *where.dimensions))
    view = level_view(workspace, level)
    columns = _columns(workspace, view)
    tests = [f"{identifier(level)} IS NOT NULL", days_in_words("date", window)]
    for name, values in where.terms:
        tests.append(dimension_in_words(name, values) if name in columns else str(int("" in values)))
    slices = [f"{identifier(name) if name in columns else 'NULL'} AS {identifier(name)}" for name in dimensions]
    value = f"CASE count(*) WHEN 1 THEN max({identifier(level)}) END AS value"
    places = ", ".join(str(at) for at in range(1, len(dimensions) + 2))
    return (
        f"SELECT {', '.join(['date AS day', *slices, value])} FROM {view} WHERE {' AND '.join(tests)} "
        f"GROUP BY {places} ORDER BY {places}"
    )


def level_view(workspace: Workspace, level: str) -> str:
    """The view in words whose rows say the level: daily, or traffic."""
    return "daily" if level in _columns(workspace, "daily") else "traffic"


def level_rows(
    workspace: Workspace, level: str, window: Window, where: Segment, dimensions: Sequence[str]
) -> list[tuple[str, tuple[str, ...], float | None]]:
    """Day, values of the dimensions ("" where a row has none) and value of each line of `level_sql`."""
    rows = workspace.plain(level_sql(workspace, level, window, where, dimensions))
    return [(day, tuple(value or "" for value in slices), value) for day, *slices, value in rows]


def _columns(workspace: Workspace, view: str) -> set[str]:
    return {name for (name,) in workspace.plain(f"SELECT name FROM pragma_table_info('{view}')")}
