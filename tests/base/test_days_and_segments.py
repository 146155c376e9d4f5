"""Days, windows and segments: written and read again."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.days import Window, iso, parse_day
from core.base.errors import UsageError
from core.base.segment import Segment

names = st.text(st.characters(categories=("L", "N"), include_characters="_"), min_size=1, max_size=8).map(str.casefold)
values = st.text(st.characters(exclude_categories=("C", "Z")), max_size=8)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_a_day_reads_back(day: date) -> None:
    assert date(1970, 1, 1) + timedelta(parse_day(day.isoformat())) == day
    assert iso(parse_day(day.isoformat())) == day.isoformat()


def test_a_window_holds_both_its_ends() -> None:
    window = Window.parse("2026-03-09..2026-03-15")
    assert len(window) == 7
    assert window.last in window
    assert window.first - 1 not in window
    assert Window.parse(str(window.shifted(-7))).to_dict() == {"from": "2026-03-02", "to": "2026-03-08"}


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-02-30..2026-03-01", "2026-03-15..2026-03-09", "..2026-03-01", "2026-03-01.."]
)
def test_a_bad_window_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Window.parse(text)


@given(st.dictionaries(names, st.lists(values, min_size=1, max_size=3), max_size=4))
def test_a_segment_reads_back_whatever_its_values_hold(terms: dict[str, list[str]]) -> None:
    segment = Segment.of(terms)
    assert Segment.parse(str(segment)) == segment


def test_a_segment_is_the_same_in_any_order() -> None:
    assert Segment.parse("market=TH|ID, channel=live") == Segment.parse("channel=live,market=ID|TH")
    assert not Segment.parse("")


@pytest.mark.parametrize("text", ["market", "=ID", "market=ID=TH", "market=ID,market=TH", "market=ID,"])
def test_a_bad_segment_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Segment.parse(text)


def test_narrowing_overrides_what_both_name() -> None:
    narrow = Segment.parse("market=ID,channel=live").narrowed(Segment.parse("channel=video"))
    assert str(narrow) == "channel=video,market=ID"


def test_segments_meet_unless_a_dimension_keeps_them_apart() -> None:
    inside = Segment.parse("market=TH")
    assert inside.meets(Segment())
    assert inside.meets(Segment.parse("channel=live"))
    assert inside.meets(Segment.parse("market=ID|TH"))
    assert not Segment.parse("market=ID").meets(inside)
