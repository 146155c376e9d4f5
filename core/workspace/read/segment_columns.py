"""Columns of the rows of one kind that lie in a segment."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags
from core.base.days import Window
from core.base.segment import Segment
from core.workspace.read.workspace import Workspace
from core.workspace.schema.columns import ColumnExpression, code, code_of_order


def segment_columns(
    workspace: Workspace, kind: str, expressions: Mapping[str, ColumnExpression], window: Window, where: Segment
) -> dict[str, NDArray[Any]]:
    """Columns by name, and "day", of the rows of a window in a segment; shape (rows,) each.

    Raises UsageError for a dimension that does not exist.
    """
    columns, inside = columns_and_segment(workspace, kind, expressions, window, where)
    return {name: values[inside] for name, values in columns.items()}


def columns_and_segment(
    workspace: Workspace, kind: str, expressions: Mapping[str, ColumnExpression], window: Window, where: Segment
) -> tuple[dict[str, NDArray[Any]], Flags]:
    """Columns of all rows of a window, and which rows lie in a segment; shape (rows,) each.

    Raises UsageError for a dimension that does not exist.
    """
    workspace.check_dimensions(where.dimensions)
    present = dimension_columns(workspace, kind, where.dimensions)
    tests = {f"where {name}": column for name, column in present.items()}
    columns = workspace.columns(kind, {**expressions, **tests}, window)
    inside = np.ones(len(columns["day"]), bool)
    for name, values in where.terms:
        words = workspace.values(name)
        codes = [words.index(value) for value in values if value in words]
        inside &= np.isin(columns[f"where {name}"], codes) if name in present else 0 in codes
    return {name: columns[name] for name in ("day", *expressions)}, inside


def dimension_columns(workspace: Workspace, kind: str, dimensions: tuple[str, ...]) -> dict[str, ColumnExpression]:
    """The code of each row, for those of these dimensions that the kind has."""
    columns = {name for (name,) in workspace.plain(f"SELECT name FROM pragma_table_info('{kind}_rows')")}
    of_row = code_of_order if kind == "reviews" else code
    return {name: of_row(name) for name in dimensions if name in columns}
