"""Which warning about the data a change began with: by days and places counted by hand."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.base.days import Window
from core.base.segment import Segment
from core.detection.findings import Onset, Status
from core.detection.quality.quality_issue import QualityIssue
from core.explanation.data_doubt import data_doubt


@pytest.mark.parametrize(
    ("where", "days", "status", "place", "is_drop", "is_doubt"),
    [
        ("store=4", (100, 130), "warn", "store=4", True, True),
        ("store=4", (99, 130), "warn", "store=4,app=7", True, True),
        ("store=4", (98, 130), "warn", "store=4", True, False),  # it began two days earlier
        ("store=4", (96, 100), "warn", "store=4", True, True),  # five days, of which the newest lack most
        ("store=4", (95, 100), "warn", "store=4", True, False),
        ("store=4", (100, 130), "warn", "store=5", True, False),
        ("store=4,app=7", (101, 130), "warn", "store=4", True, True),
        ("store=4", (100, 130), "warn", "", True, False),  # all changed, and not with one store
        ("", (100, 100), "warn", "store=5", True, True),
        ("store=4", (100, 130), "fail", "store=4", True, False),  # said as what failed
        ("store=4", (100, 130), "warn", "store=4", False, False),
    ],
)
def test_a_doubt_began_with_the_change_in_the_same_place(
    where: str, days: tuple[int, int], status: Status, place: str, is_drop: bool, is_doubt: bool
) -> None:
    issue = QualityIssue("missing_slices", status, "no rows of a store", Window(*days), where=Segment.parse(where))
    share = SimpleNamespace(where=Segment.parse(place))
    answer: Any = SimpleNamespace(where=Segment(), segments=(share,), onset=Onset(100, "step"), is_drop=is_drop)
    assert data_doubt([issue], answer) == ("no rows of a store" if is_doubt else "")
