"""Amounts that change places are a take-over where what is counted changed places, too, or where nothing is counted."""

import numpy as np
import pytest

from core.base.baseline import Baseline
from core.base.days import Window
from core.cube.cube import Cube, CubePart
from core.localization.with_history.actual_vs_expected import ActualVsExpected
from core.localization.with_history.leaf_rows import leaf_rows

VALUES = {"plan": ("", "basic", "plus", "pro")}
PLANS = np.array([1, 2, 3], np.int32)
AMOUNTS = frozenset({"gmv", "commission"})


def compared(**sums: tuple[tuple[float, ...], tuple[float, ...]]) -> ActualVsExpected:
    """What three plans brought on one day, and on the day before, which is expected again."""

    def cube(day: int) -> Cube:
        figures = {name: np.array(sides[1 - day]) for name, sides in sums.items()}
        part = CubePart(np.full(3, day, np.int32), {"plan": PLANS}, figures)
        return Cube(Window(day, day), VALUES, (part,))

    (stock,) = leaf_rows([(cube(1), cube(0))])
    now = np.array([False, True])
    return ActualVsExpected(
        baseline=Baseline("previous", Window(0, 0)), stock=stock, now=now, held=~now, weights=np.where(now, 0.0, 1.0),
        amounts=AMOUNTS,
    )  # fmt: skip


SWAPPED = ((40.0, 30.0, 910.0), (600.0, 100.0, 300.0))
STAYED = ((610.0, 95.0, 295.0), (600.0, 100.0, 300.0))
FEW = ((2.0, 1.0, 27.0), (20.0, 3.0, 7.0))


@pytest.mark.parametrize(
    ("counts", "measures", "took_over"),
    [
        ({}, ("gmv",), ("pro",)),
        ({"orders": STAYED}, ("gmv",), ()),
        ({"orders": SWAPPED}, ("gmv",), ("pro",)),
        ({"orders": STAYED, "refunds": FEW}, ("gmv",), ()),
        ({"orders": STAYED}, ("gmv", "orders"), ()),
        ({"orders": SWAPPED}, ("orders",), ("pro",)),
        ({"commission": STAYED}, ("gmv",), ("pro",)),
    ],
)
def test_amounts_take_over_with_the_counts_of_their_rows(
    counts: dict[str, tuple[tuple[float, ...], tuple[float, ...]]],
    measures: tuple[str, ...],
    took_over: tuple[str, ...],
) -> None:
    assert compared(gmv=SWAPPED, **counts).took_over(measures, "plan") == took_over
