"""Which drops an incident explains: what is left of them without its rows, and when they began."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.base.segment import Segment
from core.detection.drop_merging import Drop
from core.detection.scan import Detection
from core.incidents.explained_drops import Extent, is_explained

IOS, STORY = Segment.parse("device=ios"), Segment.parse("placement=story")
EVERYTHING = Segment()
BEGAN = 40


def drop(where: Segment = STORY, onset: int = BEGAN, row: int = 0) -> Drop:
    """A hundred fewer than expected."""
    return Drop(
        test=0, where=where, row=row, kin=0, anchor=onset, onset=onset, last=50, actual=300.0, expected=400.0, variance=1.0,
        exposure=11.0, score=6.0, clearest=6.0, reach=2.0,
    )  # fmt: skip


def detection(left: float | None, score: float = 0.0, before: float = 0.0, priced: bool = False) -> Detection:
    """A scan in which so much of a drop of 100 is left, or lies before the day on which an incident began."""
    remainder = None if left is None else SimpleNamespace(change=-left, score=score)
    figures = SimpleNamespace(
        is_priced=lambda _: priced, over=lambda _, days: (300.0, 400.0) if days.last == 50 else (300.0 - before, 300.0)
    )
    return cast(Detection, SimpleNamespace(figures=figures, overlaps=SimpleNamespace(without=lambda *_: remainder)))


@pytest.mark.parametrize(
    ("left", "score", "explained"),
    [(35, 9.0, True), (36, 3.1, False), (36, 2.9, True), (60, 2.9, True), (61, 0.0, False), (-20, 9.0, True)],
)
def test_what_is_left_is_a_third_or_within_chance(left: float, score: float, explained: bool) -> None:
    assert is_explained(detection(left, score), drop(), [Extent(IOS, BEGAN)]) is explained


@pytest.mark.parametrize(
    ("gap", "priced", "explained"),
    [(3, True, True), (4, True, False), (4, False, True), (28, False, True), (29, False, False)],
)
def test_what_follows_an_order_may_begin_four_weeks_later(gap: int, priced: bool, explained: bool) -> None:
    late = drop(onset=BEGAN, row=-1)
    assert is_explained(detection(0, priced=priced), late, [Extent(IOS, BEGAN - gap)]) is explained


def test_a_segment_that_does_not_meet_the_drop_explains_nothing() -> None:
    assert not is_explained(detection(0), drop(Segment.parse("device=web")), [Extent(IOS, BEGAN)])
    assert not is_explained(detection(0), drop(), [])


@pytest.mark.parametrize(("before", "explained"), [(0, True), (35, True), (36, False)])
def test_a_drop_inside_an_incident_began_with_it(before: float, explained: bool) -> None:
    """Its change of 100 lies after the incident began, but for a third."""
    inside = Segment.parse("device=ios,placement=story")
    for where, left in ((inside, 100), (STORY, None)):
        early = drop(where, onset=BEGAN - 4)
        assert is_explained(detection(left, 9.0, before), early, [Extent(IOS, BEGAN)]) is explained
        assert is_explained(detection(left, 9.0, 99), drop(where, onset=BEGAN - 3), [Extent(IOS, BEGAN)])
        assert is_explained(detection(left, 9.0, 99), drop(where, onset=BEGAN - 4, row=-1), [Extent(IOS, BEGAN)])
    assert not is_explained(detection(100, 9.0), drop(EVERYTHING), [Extent(IOS, BEGAN)])


def test_a_rate_of_hundredths_began_with_an_incident_as_a_count_does() -> None:
    """It fell from 4 % to 3 %, a third of that before the incident."""
    rate = replace(drop(Segment.parse("device=ios,placement=story"), onset=BEGAN - 4), actual=0.03, expected=0.04)
    found = detection(100, 9.0)
    cast(Any, found.figures).over = lambda _, days: (0.03, 0.04) if days.last == 50 else (0.0367, 0.04)
    assert is_explained(found, rate, [Extent(IOS, BEGAN)])


@pytest.mark.parametrize("actual", [(500.0, 400.0), (400.0, 400.0)])
def test_what_is_left_is_measured_by_the_drop_where_its_days_say_nothing(actual: Any) -> None:
    found = detection(35, 9.0)
    cast(Any, found.figures).over = lambda *_: actual
    assert is_explained(found, drop(), [Extent(IOS, BEGAN)])
