"""Columns of the rows of one kind that lie in a segment."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.days import Window
from core.base.segment import Segment
from core.workspace.read.workspace import Workspace
from core.workspace.schema.columns import ColumnExpression
from core.workspace.schema.tables import identifier


def segment_columns(
    workspace: Workspace, kind: str, wanted: Mapping[str, ColumnExpression], window: Window, where: Segment
) -> dict[str, NDArray[Any]]:
    """Raises UsageError for a dimension that does not exist."""
    workspace.check_dimensions(where.dimensions)
    held = {name for (name,) in workspace.plain(f"SELECT name FROM pragma_table_info('{kind}_rows')")}
    tests = {f"where {name}": _of_row(kind, name) for name in where.dimensions if name in held}
    found = workspace.columns(kind, {**wanted, **tests}, window)
    keep = np.ones(len(found["day"]), bool)
    for name, values in where.terms:
        words = workspace.values(name)
        codes = [words.index(value) for value in values if value in words]
        keep &= np.isin(found[f"where {name}"], codes) if name in held else 0 in codes
    return {name: found[name][keep] for name in ("day", *wanted)}


def _of_row(kind: str, name: str) -> ColumnExpression:
    column = identifier(name)
    return ColumnExpression(f"coalesce(nullif(o.{column}, 0), r.{column})" if kind == "reviews" else f"r.{column}")
