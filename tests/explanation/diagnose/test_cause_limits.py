"""Tests of causes between their limits: how far each holds, by figures counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import Segment
from core.detection.findings import Check
from core.explanation.explanation_results import MixRate
from core.explanation.locate.onset import OnsetEstimate
from tests.explanation.diagnose.test_cause_tests import context, degree, move


@pytest.mark.parametrize(("last", "expected"), [(28, 1.0), (29, 0.7), (30, 0.0)])
def test_a_change_of_the_newest_day_or_two(last: int, expected: float) -> None:
    assert degree("newest_day_only", context(newest=last)) == expected


@pytest.mark.parametrize(("left", "expected"), [(0.05, 1.0), (0.175, 0.5), (0.3, 0.0), (0.8, 0.0)])
def test_what_vanished_by_what_is_left(left: float, expected: float) -> None:
    change = move("impressions", float(np.log(left)))
    assert degree("vanished", context(moved={"impressions": change})) == pytest.approx(expected)


@pytest.mark.parametrize(("grown", "expected"), [(4, 0.0), (8, 0.4), (14, 1.0), (28, 1.0)])
def test_what_came_slowly_by_the_days_that_it_grew(grown: int, expected: float) -> None:
    ramp = OnsetEstimate(day=28, first=28, last=28, shape="ramp", grown=grown)
    assert degree("slow", context(began=ramp)) == pytest.approx(expected)
    assert degree("slow", context(began=replace(ramp, shape="step"))) == 0.0


@pytest.mark.parametrize(("creators", "expected"), [(1, 1.0), (10, 1.0), (11, 0.0)])
def test_ten_creators_are_few(creators: int, expected: float) -> None:
    named = Segment.of({"creator_id": [f"c{number}" for number in range(1, creators + 1)]})
    assert degree("few_creators", context(named)) == expected


@pytest.mark.parametrize(("of_one", "creators", "expected"), [(4, 1, 0.5), (2, 2, 1.0), (4, 7, 4 / 7), (4, 10, 0.0)])
def test_creators_of_one_agency_by_their_share(of_one: int, creators: int, expected: float) -> None:
    named = Segment.of({"creator_id": [f"c{number}" for number in range(1, creators + 1)]})
    agencies = {f"c{number}": "A" for number in range(1, of_one + 1)}
    assert degree("one_agency", context(named, agencies=agencies)) == expected
    assert degree("one_agency", context(named)) == 0.5


@pytest.mark.parametrize(
    ("now", "before", "expected"), [(0.5, 0.2, 1.0), (0.35, 0.2, 0.5), (0.2, 0.2, 0.0), (0.1, 0.2, 0.0)]
)
def test_busiest_buyers_by_how_much_more_they_made(now: float, before: float, expected: float) -> None:
    asked: list[Window] = []

    def buyers(days: Window) -> float:
        asked.append(days)
        return now if len(asked) == 1 else before

    case = context(moved={"orders": move("orders", 0.4)}, buyers=buyers)
    assert degree("few_buyers", case) == pytest.approx(expected)
    assert asked == [Window(28, 34), Window(21, 27)], "as many days before"
    for other in (move("orders", -0.4), move("orders", 0.02), move("orders", 0.4, 0.2)):
        assert degree("few_buyers", context(moved={"orders": other}, buyers=buyers)) is None


@pytest.mark.parametrize(("orders", "expected"), [(0.0, 1.0), (0.1, 0.75), (-0.1, 0.75), (0.4, 0.0), (0.6, 0.0)])
def test_visits_that_buy_nothing_by_the_share_that_shows_in_orders(orders: float, expected: float) -> None:
    changes = {"impressions": move("impressions", 0.4), "orders": move("orders", orders)}
    assert degree("mostly_mix", context(moved=changes)) == pytest.approx(expected)
    mix = MixRate("channel", 3.0, 1.0, ())
    both = degree("mostly_mix", context(moved=changes, mix=mix))
    assert both == pytest.approx(max(expected, 0.75))
    for change in (-0.4, 0.02):
        fallen = {**changes, "impressions": move("impressions", change)}
        assert degree("mostly_mix", context(moved=fallen)) is None


@pytest.mark.parametrize(("status", "expected"), [("fail", 1.0), ("warn", 0.8), ("pass", 0.0)])
def test_a_check_counts_by_its_status(status: str, expected: float) -> None:
    checks = (Check("logging_loss", status, "clicks"), Check("orphans", "fail", "reviews"))  # type: ignore[arg-type]
    assert degree("check_logging_loss", context(checks=checks)) == expected


@pytest.mark.parametrize(("more", "expected"), [(1, 0.0), (3, 0.4), (5, 0.8), (6, 1.0), (12, 1.0)])
def test_violations_of_many_creators_of_a_small_segment(more: int, expected: float) -> None:
    """Twelve active creators: half of ten are a wave; one violation of somebody was expected (a quarter of four weeks)."""
    case = context(Segment.parse("market=ID"), violations={f"c{number}": 1 for number in range(1, more + 1)})
    usual = float(case.affected.by("violations", "creator_id")[1][1:].sum())
    assert degree("many_subjects", case) == pytest.approx(min(max((more - usual) / 5, 0), 1))
