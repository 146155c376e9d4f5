"""Facts: each test of a cause holds where it is built to hold, does not where it is not, and says with which figures."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.cube.cube import Cube, CubePart
from core.detection.findings import Check
from core.explanation.decompose.metric_moves import MetricMove, daily, moved
from core.explanation.diagnose.cause_tests import cause_tests
from core.explanation.diagnose.change_facts import ChangeContext
from core.explanation.diagnose.merged_steps import counted_steps
from core.explanation.explanation_results import EventMatch, MixRate
from core.explanation.locate.onset import OnsetEstimate
from core.localization.with_history.actual_vs_expected import ActualVsExpected
from core.localization.with_history.leaf_rows import leaf_rows
from core.workspace.read.event_log import Event

CATALOGUE = load()
IMPRESSIONS = CATALOGUE.metric("impressions")
PAST, NOW = Window(0, 27), Window(28, 34)
VALUES = {
    "market": ("", "ID", "TH"),
    "channel": ("", "live", "search", "feed"),
    "creator_id": ("", *(f"c{number}" for number in range(1, 25))),
}
LIVE = Segment.parse("market=ID,channel=live")
Factor = Callable[[str, str, str], float]


def slices() -> list[tuple[str, str, str]]:
    """Twelve creators of each market go live, search and feed know no creators; 100 impressions a day from each creator."""
    live = [
        (market, "live", f"c{number}")
        for market, first in (("ID", 1), ("TH", 13))
        for number in range(first, first + 12)
    ]
    return [*live, *((market, channel, "") for market in ("ID", "TH") for channel in ("search", "feed"))]


def cube(window: Window, factor: Factor, violations: Mapping[str, int]) -> Cube:
    """Impressions by slice and day; violations know creator and market, but no channel, and come on the first day."""
    rows = [(day, *place) for day in range(window.first, window.last + 1) for place in slices()]
    counts = [(100.0 if creator else 1200.0) * factor(market, channel, creator) for _, market, channel, creator in rows]
    parts = [
        CubePart(
            np.array([row[0] for row in rows], np.int32),
            {
                name: np.array([VALUES[name].index(row[1 + axis]) for row in rows], np.int32)
                for axis, name in enumerate(VALUES)
            },
            {"impressions": np.array(counts)},
        )
    ]
    codes = np.array([VALUES["creator_id"].index(name) for name in violations], np.int32)
    markets = np.array([1 if code <= 12 else 2 for code in codes], np.int32)
    by_name = {"market": markets, "channel": np.zeros(len(codes), np.int32), "creator_id": codes}
    amounts = {"violations": np.array([float(number) for number in violations.values()])}
    parts.append(CubePart(np.full(len(codes), window.first, np.int32), by_name, amounts))
    return Cube(window, VALUES, tuple(parts))


def context(
    segment: Segment = LIVE,
    factor: Factor = lambda *_: 1.0,
    violations: Mapping[str, int] | None = None,
    before: Mapping[str, int] | None = None,
    **more: object,
) -> ChangeContext:
    past = cube(PAST, lambda *_: 1.0, before or {"c20": 1})
    (stock,) = leaf_rows([(cube(NOW, factor, violations or {}), past)])
    now = np.arange(len(stock.days)) >= len(PAST)
    compared = ActualVsExpected(
        baseline=Baseline("expected", PAST), stock=stock, now=now, held=~now, weights=np.where(now, 0.0, 0.25)
    )
    everything, affected = daily(compared), compared.about(segment, "impressions")
    inside = daily(affected) if segment else everything
    plain = ChangeContext(
        compared=compared,
        affected=affected,
        segment=segment,
        volume=IMPRESSIONS,
        everything=everything,
        inside=inside,
        moved=moved([IMPRESSIONS], inside, everything.minus(inside) if segment else None),
        began=OnsetEstimate(day=28, first=28, last=28, shape="step"),
        newest=34,
        events=(),
        checks=(),
        agencies={},
        buyers=lambda _: None,
        mix=None,
    )
    return replace(plain, **more)


def move(metric: str, beyond: float, error: float = 0.01) -> MetricMove:
    return MetricMove(
        metric=metric, unit="ratio", actual=float(np.exp(beyond)), expected=1.0, beyond=beyond, error=error,
        relative_error=error,
    )  # fmt: skip


def degree(name: str, case: ChangeContext) -> float | None:
    found = cause_tests(case, [name])
    return found[name].degree if found else None


def text(name: str, case: ChangeContext) -> str:
    return cause_tests(case, [name])[name].text


def with_moves(**beyond: float) -> ChangeContext:
    return context(moved={name: move(name, size) for name, size in beyond.items()})


FUNNEL = {"impressions": 0.0, "detail_view_rate": 0.0, "cart_rate": 0.0, "cart_to_order_rate": 0.0}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ({"ctr": -0.7, "detail_view_rate": 0.7}, 1.0),
        ({"ctr": -1.2, "detail_view_rate": 0.2, "cart_rate": 1.0}, 1.0),
        ({"ctr": -1.0, "detail_view_rate": 0.8}, 0.6),
        ({"ctr": -1.0, "detail_view_rate": 0.5}, 0.0),
        ({"ctr": -0.7}, 0.0),
        ({"ctr": -0.7, "detail_view_rate": -0.7}, 0.0),
        ({"impressions": -0.5, "ctr": 0.5}, 1.0),
    ],
)
def test_steps_that_cancel_out(steps: dict[str, float], expected: float) -> None:
    assert degree("opposite_steps", with_moves(**{**FUNNEL, "ctr": 0.0, **steps})) == pytest.approx(expected, abs=1e-9)


def test_steps_within_their_errors_do_not_cancel_out() -> None:
    vague = context(moved={"ctr": move("ctr", -0.7, 0.4), "payment_rate": move("payment_rate", 0.7)})
    assert degree("opposite_steps", vague) == 0.0
    assert degree("opposite_steps", with_moves(ctr=-0.5)) is None
    assert "CTR -50.3%" in text("opposite_steps", with_moves(**{**FUNNEL, "ctr": -0.7, "detail_view_rate": 0.7}))


def test_steps_whose_counts_are_missing_are_one() -> None:
    whole = ("impressions", "ctr", "detail_view_rate", "cart_rate", "cart_to_order_rate", "payment_rate")
    assert counted_steps(whole) == whole
    lean = {"impressions", "ctr", "detail_view_rate", "click_to_order_rate"}
    assert counted_steps(lean) == ("impressions", "ctr", "click_to_order_rate", "payment_rate")
    assert counted_steps({"clicks", "click_to_order_rate"}) == ("clicks", "click_to_order_rate", "payment_rate")
    assert counted_steps({"orders"}) == ("orders", "payment_rate")


@pytest.mark.parametrize(("day", "expected"), [(34, 1.0), (33, 0.7), (32, 0.0)])
def test_how_long_it_has_lasted(day: int, expected: float) -> None:
    case = context(began=OnsetEstimate(day=day, first=day, last=day, shape="step"))
    assert degree("newest_day_only", case) == expected
    assert text("newest_day_only", case) == f"it has lasted {35 - day} {'day' if day == 34 else 'days'}"


def test_neighbours_that_gain_what_a_channel_loses() -> None:
    lost = context(factor=lambda market, channel, _: 0.4 if (market, channel) == ("ID", "live") else 1.0)
    traded = context(factor=lambda market, channel, _: 1.0 if market != "ID" else 0.4 if channel == "live" else 1.15)
    assert degree("traded_places", lost) < 0.1
    assert degree("traded_places", traded) > 0.9
    assert "+15.0%" in text("traded_places", traded)
    assert degree("traded_places", context(EVERYTHING)) is None


def test_traffic_of_creators_and_the_rest() -> None:
    market = Segment.parse("market=ID")
    everyone = context(market, lambda name, *_: 0.6 if name == "ID" else 1.0)
    creators = context(market, lambda name, _, creator: 0.6 if name == "ID" and creator else 1.0)
    assert degree("only_creators", everyone) < 0.05
    assert degree("only_creators", creators) > 0.95
    assert "without a creator +0.0%" in text("only_creators", creators)
    assert degree("only_creators", context(LIVE)) == 0.5
    assert text("only_creators", context(LIVE)) == "100% of its product impressions come from creators"


def test_violations_belong_to_the_segment_of_their_creators() -> None:
    wave = {f"c{number}": 1 for number in range(1, 10)}
    assert degree("many_subjects", context(violations=wave)) == 1.0
    assert text("many_subjects", context(violations=wave)) == "9 of 12 creators have more violations than usual"
    elsewhere = {f"c{number}": 1 for number in range(13, 22)}
    assert degree("many_subjects", context(violations=elsewhere)) == 0.0
    assert degree("many_subjects", context(violations={"c1": 1, "c2": 1})) == pytest.approx(0.4)
    assert degree("many_subjects", context(volume=None)) is None
    assert degree("many_subjects", context(Segment.parse("channel=search"), violations=wave)) == 0.0


def test_few_creators_and_their_agency() -> None:
    two = Segment.of({"creator_id": ["c1", "c2"]})
    eleven = Segment.of({"creator_id": [f"c{number}" for number in range(1, 12)]})
    assert (degree("few_creators", context(two)), degree("few_creators", context(eleven))) == (1.0, 0.0)
    assert degree("few_creators", context(LIVE)) is None
    assert text("few_creators", context(Segment.of({"creator_id": ["c1"]}))) == "1 creator causes the change"
    of = {"c1": "A", "c2": "A", "c3": "B"}
    assert degree("one_agency", context(two, agencies=of)) == 1.0
    three = Segment.of({"creator_id": ["c1", "c2", "c3"]})
    assert degree("one_agency", context(three, agencies=of)) == pytest.approx(2 / 3)
    assert degree("one_agency", context(two, agencies={"c3": "B"})) == 0.0
    assert degree("one_agency", context(two)) == 0.5, "not known: neither for nor against"
    assert degree("one_agency", context(Segment.of({"creator_id": ["c1"]}), agencies=of)) == 0.5


def test_creators_with_a_violation_at_that_time() -> None:
    both = Segment.parse("creator_id=c1|c2")
    assert degree("have_violations", context(both, violations={"c1": 1, "c2": 3, "c9": 1})) == 1.0
    assert degree("have_violations", context(both, violations={"c1": 2})) == 0.5
    assert text("have_violations", context(both)) == "0 of 2 creators had a violation at that time"
    assert degree("have_violations", context(LIVE)) is None


@pytest.mark.parametrize(
    ("name", "search", "home"),
    [("Suche", 1, 0), ("For-You", 0, 1), ("ค้นหา", 1, 0), ("tìm kiếm", 1, 0), ("Startseite", 0, 1), ("x", 0, 0)],
)
def test_channels_are_known_in_several_languages(name: str, search: float, home: float) -> None:
    case = context(Segment.of({"channel": name}))
    assert (degree("channel_search", case), degree("channel_recommendation", case)) == (search, home)


def test_buyers_who_make_most_of_the_new_orders() -> None:
    shares = {Window(28, 34): 0.25, Window(21, 27): 0.1}
    more = context(moved={"orders": move("orders", 0.5)}, buyers=shares.get)
    assert degree("few_buyers", more) == pytest.approx(0.5)
    assert degree("few_buyers", replace(more, moved={"orders": move("orders", -0.5)})) is None
    assert degree("few_buyers", replace(more, moved={"orders": move("orders", 0.02)})) is None
    assert degree("few_buyers", replace(more, buyers={Window(28, 34): 0.25}.get)) is None


@pytest.mark.parametrize(("left", "expected"), [(0.0, 1.0), (0.175, 0.5), (0.3, 0.0), (0.9, 0.0)])
def test_what_is_left(left: float, expected: float) -> None:
    case = context(factor=lambda market, channel, _: left if (market, channel) == ("ID", "live") else 1.0)
    assert degree("vanished", case) == pytest.approx(expected, abs=0.01)
    assert text("vanished", case).startswith(f"{left:.0%} of the usual")


def test_what_a_segment_is_confined_to() -> None:
    search, feed = Segment.parse("channel=search"), Segment.parse("channel=feed,market=ID")
    assert [degree("channel_search", context(one)) for one in (search, feed, EVERYTHING)] == [1.0, 0.0, 0.0]
    assert [degree("channel_recommendation", context(one)) for one in (search, feed)] == [0.0, 1.0]
    assert degree("channel_search", context(Segment.parse("channel=search|feed"))) == 0.0
    assert [degree("spans_channels", context(one)) for one in (feed, Segment.parse("market=ID"))] == [0.0, 1.0]
    assert degree("names_product", context(search)) is None


def test_a_shift_between_values() -> None:
    assert degree("mostly_mix", context()) is None
    assert degree("mostly_mix", context(mix=MixRate("channel", 0.3, 0.1, ()))) == pytest.approx(0.75)
    assert degree("mostly_mix", context(mix=MixRate("channel", -0.3, 0.1, ()))) == 1.0
    assert degree("mostly_mix", context(mix=MixRate("channel", 0.3, -0.3, ()))) is None


@pytest.mark.parametrize(("orders", "expected"), [(0.0, 1.0), (0.5, 0.5), (-0.25, 0.75), (1.0, 0.0)])
def test_traffic_that_buys_nothing_is_a_shift_inside(orders: float, expected: float) -> None:
    assert degree("mostly_mix", with_moves(impressions=1.0, orders=orders)) == pytest.approx(expected)
    assert degree("mostly_mix", with_moves(impressions=-1.0, orders=orders)) is None
    both = replace(with_moves(impressions=1.0, orders=orders), mix=MixRate("channel", 0.6, 0.4, ()))
    assert degree("mostly_mix", both) == pytest.approx(max(expected, 0.6))


@pytest.mark.parametrize(
    ("shape", "grown", "expected"), [("ramp", 14, 1.0), ("ramp", 9, 0.5), ("ramp", 4, 0.0), ("step", 14, 0.0)]
)
def test_what_came_little_by_little(shape: str, grown: int, expected: float) -> None:
    assert degree("slow", context(began=OnsetEstimate(day=28, first=28, last=28, shape=shape, grown=grown))) == expected


@pytest.mark.parametrize(("status", "expected"), [("pass", 0.0), ("warn", 0.8), ("fail", 1.0)])
def test_checks_of_the_data(status: str, expected: float) -> None:
    checks = (Check("logging_loss", status, "clicks are missing"), Check("double_load", "fail", "twice"))
    assert degree("check_logging_loss", context(checks=checks)) == expected
    assert degree("check_partial_newest_day", context(checks=checks)) == 0.0


def test_holidays_that_begin_and_campaigns_that_end() -> None:
    def logged(kind: str, reason: str, score: float) -> tuple[Event, EventMatch]:
        event = Event(
            event_id="E", starts_at="2026-01-01", ends_at=None, kind=kind, title="T", owner="", where=EVERYTHING
        )
        return event, EventMatch(event_id="E", title="T", score=score, reason=reason)

    ended, began = logged("campaign", "is over on Monday", 0.4), logged("holiday", "starts on Monday", 0.9)
    both = context(events=(ended, began))
    assert degree("event_campaign_over", both) == pytest.approx(0.6)
    assert degree("event_holiday", both) == 1.0
    assert degree("event_campaign_over", context(events=(logged("campaign", "starts", 1.0),))) == 0.0
    assert "no holiday that began" in text("event_holiday", context(events=(ended,)))
