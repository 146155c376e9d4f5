"""Rows of single slices that come late, all over a `daily` export."""

from collections.abc import Collection
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window
from core.cube.cube import Cube, CubePart
from core.detection.quality import data_quality
from core.detection.quality.breaks.missing_cells import late_row_issues
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

DAYS, FIRST = 42, 20_000
SHAPE = (6, 3, 4)
"""Depots, services and carriers."""
NAMES = ("depot", "service", "carrier")
EVERYWHERE = [(0, 0, 0), (1, 1, 1), (2, 1, 2), (3, 0, 3), (4, 1, 0)]


def issues(
    gone: Collection[tuple[int, ...]],
    days: int = 1,
    sliced: tuple[str, ...] = NAMES,
    size: float = 30.0,
    shape: tuple[int, ...] = SHAPE,
) -> list[QualityIssue]:
    """Of a cube whose slices bring so much every day, those gone nothing on the newest days."""
    cells = list(product(*map(range, shape)))
    values = np.full((len(cells), DAYS), size)
    for cell in gone:
        values[cells.index(cell), DAYS - days :] = 0
    slices, columns = np.nonzero(values)
    codes = {name: (np.array(cells)[slices, at] + 1).astype(np.int32) for at, name in enumerate(NAMES)}
    part = CubePart((FIRST + columns).astype(np.int32), codes, {"parcels": values[slices, columns]})
    names = {name: ("", *(f"{name}{at}" for at in range(size))) for name, size in zip(NAMES, shape, strict=True)}
    return list(late_row_issues(Cube(Window(FIRST, FIRST + DAYS - 1), names, (part,)), ["parcels"], sliced))


def test_slices_all_over_that_are_gone_are_late_rows() -> None:
    (issue,) = issues(EVERYWHERE)
    assert (issue.check, issue.status) == ("partial_newest_day", "warn")
    assert issue.days == Window(FIRST + DAYS - 1, FIRST + DAYS - 1)
    assert issue.kinds == {"daily"}
    assert issue.detail.startswith("5 of 72 segments of daily that came every day have nothing")
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
        [cell for cell in product(*map(range, SHAPE)) if cell[1] < 2],  # two of three services
    ],
)
def test_what_happened_somewhere_is_not_late(place: list[tuple[int, ...]]) -> None:
    assert len(place) >= 12
    assert not issues(place)


def test_one_of_two_values_is_somewhere_and_a_single_value_says_nothing() -> None:
    half = [(depot, 0, carrier) for depot, carrier in product(range(6), range(4)) if (depot + carrier) % 2 == 0]
    assert not issues(half, shape=(6, 2, 4))
    assert issues([*half, (0, 1, 1)], shape=(6, 2, 4))
    assert not issues([(depot, 0, 0) for depot in range(5)], shape=(6, 1, 1))


def test_rows_of_a_single_measure_come_late_too_and_are_told_once(tmp_path: Path) -> None:
    late = {(0, 0), (1, 1), (2, 2), (3, 3), (0, 2)}
    lines = ["date,depot,carrier,parcels"]
    for day, depot, carrier in product(range(DAYS), range(6), range(6)):
        gone = day == DAYS - 1 and (depot, carrier) in late
        gone |= day >= DAYS - 8 and (depot, carrier) == (3, 0)  # ended a week before
        if not gone:
            lines.append(f"{date(2026, 1, 1) + timedelta(day)},d{depot},c{carrier},{70 + (day * depot + carrier) % 9}")
    (tmp_path / "daily.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "daily.csv"], as_kind="daily")
    with Workspace.open(tmp_path / "w.db") as workspace:
        told = [(issue.check, issue.detail) for issue in data_quality.issues(workspace) if issue.check != "row_jumps"]
    assert [detail.split(" since")[0] for check, detail in told if check == "missing_slices"] == [
        "no rows of daily with carrier=c0,depot=d3"
    ]
    assert [detail.split(" segments")[0] for check, detail in told if check == "partial_newest_day"] == ["5 of 35"]
