"""A market, a channel or a large shop without rows on days on which the others have some."""

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import Segment
from core.detection.quality.breaks.slice_gaps import gap_issues
from core.detection.quality.data_quality import is_announced
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.event_log import Event
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


@pytest.mark.parametrize(
    ("kind", "scope", "days", "is_known"),
    [
        ("holiday", "market=TH", [(60, 62)], True),
        ("outage", "market=ID|TH", [(59, 61), (62, 70)], True),
        ("holiday", "market=TH", [(60, 61)], False),  # the third day is not known
        ("holiday", "market=TH", [(61, 62)], False),
        ("holiday", "market=ID", [(60, 62)], False),
        ("holiday", "", [(60, 62)], False),  # the others go on, so it closes nobody
        ("release", "market=TH", [(60, 62)], False),
        ("holiday", "market=TH,channel=live", [(60, 62)], False),
    ],
)
def test_days_that_the_change_log_says_were_closed_are_not_missing(
    kind: str, scope: str, days: list[tuple[int, int]], is_known: bool
) -> None:
    events = [
        Event(
            event_id="E",
            starts_at=iso(first),
            ends_at=iso(last),
            kind=kind,
            title="",
            owner="",
            where=Segment.parse(scope),
        )
        for first, last in days
    ]
    for check, expected in (("missing_slices", is_known), ("row_jumps", False)):
        issue = QualityIssue(check, "warn", "", Window(60, 62), where=Segment.parse("market=TH"))
        assert is_announced(issue, events) is expected
