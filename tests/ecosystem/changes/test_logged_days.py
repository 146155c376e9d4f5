"""Weeks without the days of logged events, counted by hand."""

import numpy as np
import pytest

from core.base.days import iso
from core.base.segment import Segment
from core.ecosystem.changes.logged_days import LoggedDays, logged_days
from core.workspace.read.event_log import Event

LAST = 20_000
CODES = {"market": np.array([1, 2, 1, 0]), "creator_id": np.array([1, 1, 2, 0])}
WORDS = {"market": ("", "ID", "TH"), "creator_id": ("", "ana", "bo")}


def event(first: int, last: int, where: str = "") -> Event:
    """One that is on from so many days before the newest until so many."""
    return Event(
        event_id="E", starts_at=iso(LAST - first), ends_at=iso(LAST - last), kind="campaign", title="", owner="",
        where=Segment.parse(where),
    )  # fmt: skip


def days_out(item: LoggedDays) -> list[list[int]]:
    """The ages of the days that are left out of each leaf."""
    return [np.flatnonzero(item.days[at]).tolist() for at in item.class_of.tolist()]


def test_days_are_those_of_events_in_whose_scope_a_leaf_is() -> None:
    events = [event(3, 2, "market=ID"), event(2, 1, "creator_id=ana"), event(30, 13), event(5, 5, "market=VN|TH")]
    assert days_out(logged_days(events, CODES, WORDS, LAST, 14)) == [[1, 2, 3, 13], [1, 2, 5, 13], [2, 3, 13], [13]]
    assert days_out(logged_days([event(3, 2, "device=ios")], CODES, WORDS, LAST, 14)) == [[]] * 4
    assert days_out(logged_days([event(3, 2, "market=")], CODES, WORDS, LAST, 14)) == [[]] * 4, "of nobody"


def test_a_week_is_what_its_other_days_tell_by_their_usual_parts() -> None:
    # every second day of the week has three times as much: 3 1 3 1 3 1 3 = 15
    usual = np.tile([3.0, 1, 3, 1, 3, 1, 3], 3)
    out = logged_days([event(1, 0, "market=ID")], CODES, WORDS, LAST, 21)
    kept = out.kept(np.array([30.0, 10, 30, 7]), np.array([0, 0, 2, 1]), np.array([0, 1, 2, 0]))
    assert kept.tolist() == [0, 0, 30, 7]
    weeks = out.whole_weeks(np.array([[110.0, 150, 150], [150, 150, 150], [11, 15, 15], [0, 0, 0]]), usual)
    assert weeks == pytest.approx(np.array([[150, 150, 150], [150, 150, 150], [15, 15, 15], [0, 0, 0]]))


def test_a_week_without_enough_days_is_as_the_weeks_around_it() -> None:
    kept = np.array([[7.0, 50, 90], [8, 9, 10], [7, 1, 3], [1, 1, 1]])
    flat = np.ones(21)
    middle = logged_days([event(12, 7, "market=ID")], CODES, WORDS, LAST, 21).whole_weeks(kept, flat)
    assert middle == pytest.approx(np.array([[7, 48.5, 90], [8, 9, 10], [7, 5, 3], [1, 1, 1]]))
    newest = logged_days([event(6, 0, "market=ID")], CODES, WORDS, LAST, 21).whole_weeks(kept, flat)
    assert newest[0].tolist() == [50, 50, 90]
    five = logged_days([event(11, 7, "market=ID")], CODES, WORDS, LAST, 21).whole_weeks(kept, flat)
    assert five[0].tolist() == pytest.approx([7, 50 * 7 / 2, 90]), "two days of seven are enough"
    every = logged_days([event(20, 0)], CODES, WORDS, LAST, 21).whole_weeks(kept, flat)
    assert (every == kept).all(), "nothing else tells what they would have been"
