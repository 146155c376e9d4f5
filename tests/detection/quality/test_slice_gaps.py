"""A market, a channel or a large shop without rows on days on which the others have some."""

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import Segment
from core.detection.quality.breaks.slice_gaps import gap_issues
from tests.detection.quality.profiles import DAYS, FIRST, profile


@pytest.mark.parametrize(
    ("kind", "dimension", "usual", "empty", "others", "named"),
    [
        ("orders", "market", 10, slice(60, 62), 50, (60, 61)),
        ("orders", "market", 9, slice(60, 62), 50, None),
        ("orders", "market", 10, slice(60, 62), 24, None),  # all sell less
        ("orders", "market", 10, slice(68, 70), 50, None),  # ended: another check's
        ("orders", "market", 10, slice(27, 29), 50, None),
        ("orders", "market", 10, slice(41, 42), 50, None),  # 28 days ago
        ("orders", "market", 10, slice(42, 43), 50, (42, 42)),
        ("traffic", "market", 1, slice(60, 62), 50, (60, 61)),
        ("orders", "seller_id", 10, slice(68, 70), 50, (68, 69)),
        ("orders", "seller_id", 10, slice(69, 70), 50, None),  # may come tomorrow
        ("orders", "seller_id", 10, slice(60, 62), 100, None),  # a small shop
        ("orders", "creator_id", 10, slice(60, 62), 50, None),
    ],
)  # fmt: skip
def test_a_value_without_rows_between_others(
    kind: str, dimension: str, usual: int, empty: slice, others: int, named: tuple[int, int] | None
) -> None:
    """The others have 50 rows a day, in the gap as many as said; both days of a gap are named, and the segment."""
    table = np.array([np.full(DAYS, 50.0 if others < 50 else others), np.full(DAYS, float(usual))])
    table[:, empty] = [[others], [0]]
    issues = list(gap_issues(profile(kind, dimensions_of=(dimension,), rows_by_value=(("A", "B"), table))))
    expected = named and (Segment.of({dimension: "B"}), Window(FIRST + named[0], FIRST + named[1]))
    assert [(issue.where, issue.days) for issue in issues] == ([expected] if expected else [])
