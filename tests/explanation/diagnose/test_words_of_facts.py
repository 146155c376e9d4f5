"""Facts in words and figures: what each test of a cause says, and how far it holds between yes and no."""

from dataclasses import replace

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.detection.findings import Check
from core.explanation.diagnose.change_facts import ChangeContext
from core.explanation.explanation_results import EventMatch
from core.explanation.locate.onset import OnsetEstimate
from core.workspace.read.event_log import Event
from tests.explanation.diagnose.test_cause_tests import FUNNEL, LIVE, context, degree, move, text, with_moves


def test_steps_of_two_systems_prove_no_wrong_count() -> None:
    """One system that stops leaves the other as it is; other checks say nothing of that."""
    steps = with_moves(**{**FUNNEL, "ctr": -0.7, "detail_view_rate": 0.7})
    stopped = Check("mixed_sources", "warn", "two systems")
    assert degree("opposite_steps", replace(steps, checks=(stopped,))) is None
    for checks in (Check("mixed_sources", "pass", ""), Check("double_load", "fail", "twice")):
        assert degree("opposite_steps", replace(steps, checks=(checks,))) == pytest.approx(1.0)
    said = text("opposite_steps", with_moves(**{**FUNNEL, "ctr": -1.0, "detail_view_rate": 0.8}))
    assert said == "CTR -63.2%, detail view rate +122.6%: together -18.1%", "exp(-0.2) - 1"


def test_the_shortest_run_of_steps_that_cancel_out_is_told() -> None:
    said = text("opposite_steps", with_moves(ctr=-0.7, detail_view_rate=0.7, cart_rate=0.0, cart_to_order_rate=0.0))
    assert said == "CTR -50.3%, detail view rate +101.4%: together +0.0%"
    slight = with_moves(ctr=-0.7, detail_view_rate=0.7, cart_rate=-0.02)
    assert degree("opposite_steps", slight) == pytest.approx(1.0)


@pytest.mark.parametrize("gain", [0.0, 0.05, 0.12, 0.3])
def test_neighbours_gain_an_eighth_or_stay(gain: float) -> None:
    """Of two normal densities, about 0.12 and about 0; their widths are 0.08 and 0.02 where the error of the move is small."""
    shift = float(np.expm1(gain))
    case = context(factor=lambda market, channel, _: 1 + shift if market == "ID" and channel != "live" else 1.0)
    moved_by = np.log1p(shift)
    widths = [np.hypot(error(case), width) for width in (0.08, 0.02)]
    gained, stayed = (
        np.exp(-(((moved_by - mean) / width) ** 2) / 2) / width for mean, width in zip((0.12, 0.0), widths, strict=True)
    )
    assert degree("traded_places", case) == pytest.approx(gained / (gained + stayed), abs=0.01)
    assert text("traded_places", case).startswith(
        f"product impressions of the neighbours {shift:+.1%}".replace("product ", "")
    )


def error(case: ChangeContext) -> float:
    """Standard error of the neighbours' move, read from the words: two of them are told."""
    return float(text("traded_places", case).partition("±")[2].rstrip("%)")) / 200


def test_new_orders_of_few_buyers_are_at_most_certain() -> None:
    shares = {Window(28, 34): 0.8, Window(21, 27): 0.1}
    more = context(moved={"orders": move("orders", 0.5)}, buyers=shares.get)
    assert degree("few_buyers", more) == 1.0
    assert text("few_buyers", more).endswith("busiest buyers made 80% of the orders, 10% in as many days before")
    fewer = {Window(28, 34): 0.1, Window(21, 27): 0.4}
    assert degree("few_buyers", replace(more, buyers=fewer.get)) == 0.0
    assert degree("few_buyers", replace(more, buyers={Window(21, 27): 0.4}.get)) is None


def test_only_events_of_the_kind_and_the_end_that_is_asked_for_count() -> None:
    def logged(number: str, kind: str, reason: str, score: float) -> tuple[Event, EventMatch]:
        event = Event(
            event_id=number, starts_at="2026-01-01", ends_at=None, kind=kind, title="T", owner="", where=EVERYTHING
        )
        return event, EventMatch(event_id=number, title="T", score=score, reason=reason)

    began = logged("A", "campaign", "starts on Monday, the day; its scope", 0.9)
    ended = logged("B", "campaign", "is over on Monday, the day; its scope", 0.2)
    better = logged("C", "campaign", "is over on Friday, the day; its scope", 0.5)
    assert degree("event_campaign_over", context(events=(began, ended, better))) == pytest.approx(0.75)
    assert text("event_campaign_over", context(events=(ended, better))) == "campaign C is over on Friday, the day"
    assert text("event_campaign_over", context(events=(began,))) == "the change log has no campaign that ended then"
    assert text("event_holiday", context(events=(began,))) == "the change log has no holiday that began then"
    assert degree("event_holiday", context(events=(logged("H", "holiday", "is over on Monday", 0.9),))) == 0.0


def test_words_with_their_figures() -> None:
    market = Segment.parse("market=ID")
    creators = context(market, lambda name, _, creator: 0.6 if name == "ID" and creator else 1.0)
    said = text("only_creators", creators)
    error = 2 * (16_800 * 1.5 * (1 + 7 / 28)) ** 0.5 / 16_800  # 16,800 are expected of a week, by four of them
    assert said == f"product impressions without a creator +0.0% (±{error:.1%}), with one -40.0%"
    three = Segment.of({"creator_id": ["c1", "c2", "c3"]})
    of = {"c1": "A", "c2": "A", "c3": "B"}
    assert text("one_agency", context(three, agencies=of)) == "67% of the 3 creators belong to A"
    assert text("one_agency", context(three, agencies={"c9": "Z"})) == "the 3 creators share no agency"
    assert text("one_agency", context(market)) == "the agency of the creators is not known"
    assert text("few_creators", context(three)) == "3 creators cause the change"
    assert text("channel_search", context(LIVE)) == "the change is not confined to search or query"
    assert text("names_creators", context(three)) == "the change is confined to specific values of creator_id"
    views = with_moves(impressions=1.0, orders=0.0)
    assert text("mostly_mix", views) == "impressions +172% came with +0% order lines"
    ramp = context(began=OnsetEstimate(day=28, first=28, last=28, shape="ramp", grown=8))
    assert (text("slow", ramp), degree("slow", ramp)) == ("it grew over 8 days", pytest.approx(0.4))
    assert text("slow", context()) == "it began as a step"
    assert text("check_logging_loss", context()) == "check of the data, logging_loss: passed"
    bad = context(checks=(Check("logging_loss", "fail", "clicks are missing"),))
    assert text("check_logging_loss", bad) == "check of the data, logging_loss: clicks are missing"


def test_ten_creators_are_few_and_a_wave_hits_a_quarter_of_them() -> None:
    ten = Segment.of({"creator_id": [f"c{number}" for number in range(1, 11)]})
    assert degree("few_creators", context(ten)) == 1.0
    everyone = {f"c{number}": 1 for number in range(1, 11)}
    assert degree("have_violations", context(ten, violations=everyone)) == 1.0
    eleven = Segment.of({"creator_id": [f"c{number}" for number in range(1, 12)]})
    assert degree("have_violations", context(eleven, violations=everyone)) is None
    three = context(violations={"c1": 1, "c2": 1, "c3": 1})
    assert degree("many_subjects", three) == pytest.approx(3 / 5), "a quarter of 12 are fewer than five"


def test_a_creator_has_more_violations_than_usual_from_twice_as_many_on() -> None:
    """Four in four weeks are one in a week: two are not more than twice as many, three are."""
    said = [text("many_subjects", context(violations={"c1": now}, before={"c1": 4})) for now in (2, 3)]
    assert said == [f"{count} of 12 creators have more violations than usual" for count in (0, 1)]
    rare = [text("many_subjects", context(violations={"c1": now}, before={"c9": 4})) for now in (0, 1)]
    assert rare == said, "one where none is usual is more"
