"""Rows of single slices that come late, all over a `daily` export."""

from collections.abc import Collection
from itertools import product

import numpy as np
import pytest

from core.base.days import Window
from core.cube.cube import Cube, CubePart
from core.detection.quality.breaks.missing_cells import late_row_issues
from core.detection.quality.quality_issue import QualityIssue

DAYS, FIRST = 42, 20_000
SHAPE = (6, 3, 4)
"""Depots, services and carriers."""
NAMES = ("depot", "service", "carrier")
EVERYWHERE = [(0, 0, 0), (1, 1, 1), (2, 1, 2), (3, 0, 3), (4, 1, 0)]


def issues(
    gone: Collection[tuple[int, ...]], days: int = 1, sliced: tuple[str, ...] = NAMES, size: float = 30.0
) -> list[QualityIssue]:
    """Of a cube whose slices bring so much every day, those gone nothing on the newest days."""
    cells = list(product(*map(range, SHAPE)))
    values = np.full((len(cells), DAYS), size)
    for cell in gone:
        values[cells.index(cell), DAYS - days :] = 0
    slices, columns = np.nonzero(values)
    codes = {name: (np.array(cells)[slices, at] + 1).astype(np.int32) for at, name in enumerate(NAMES)}
    part = CubePart((FIRST + columns).astype(np.int32), codes, {"parcels": values[slices, columns]})
    names = {name: ("", *(f"{name}{at}" for at in range(size))) for name, size in zip(NAMES, SHAPE, strict=True)}
    return list(late_row_issues(Cube(Window(FIRST, FIRST + DAYS - 1), names, (part,)), ["parcels"], sliced))


def test_slices_all_over_that_are_gone_are_late_rows() -> None:
    (issue,) = issues(EVERYWHERE)
    assert (issue.check, issue.status) == ("partial_newest_day", "warn")
    assert issue.days == Window(FIRST + DAYS - 1, FIRST + DAYS - 1)
    assert issue.kinds == {"daily"}
    assert issue.detail.startswith("5 of 72 slices of daily that came every day have nothing")
    (issue,) = issues(EVERYWHERE, days=5)
    assert issue.days == Window(FIRST + DAYS - 5, FIRST + DAYS - 1)
    assert not issues(EVERYWHERE, days=6)


def test_few_slices_small_ones_and_two_sides_of_a_table_are_none() -> None:
    assert not issues(EVERYWHERE[:4])
    assert not issues(EVERYWHERE, size=9.0)
    assert not issues(EVERYWHERE, sliced=NAMES[:1])


@pytest.mark.parametrize(
    "place",
    [
        [cell for cell in product(*map(range, SHAPE)) if cell[0] == 2],  # a depot that closed
        [cell for cell in product(*map(range, SHAPE)) if cell[1] == 0 and cell[2] < 3],  # a service of three carriers
        [cell for cell in product(*map(range, SHAPE)) if cell[0] < 2 and cell[1] < 2],  # two depots
    ],
)
def test_what_happened_somewhere_is_not_late(place: list[tuple[int, ...]]) -> None:
    assert len(place) >= 12
    assert not issues(place)
