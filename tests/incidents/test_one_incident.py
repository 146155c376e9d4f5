"""One cause, one finding: what follows it, shows it again, or shows it in a part only is no second one."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.detection.severity import Cost
from core.explanation.locate.segment_part import SegmentMove
from core.incidents import incident_cost, incident_scan
from core.incidents.explained_drops import Extent
from core.incidents.incident_location import Incident, _of_factor, _reaches, is_holiday
from core.incidents.incident_merging import _may_be_behind, is_same
from core.incidents.incident_scan import _explaining
from tests.incidents.shop import DAYS, Fault, day, opened

CATALOGUE = load()
NARROW, WIDE = "device=android,market=ID", "market=ID"


def incident(where: str, metric: str = "ctr", onset: int = 100, change: float = -0.1, n: float = 1000.0) -> Incident:
    part = SimpleNamespace(n=n)
    explanation = SimpleNamespace(change=change, segments=(part,), onset=SimpleNamespace(day=onset))
    return Incident(
        lead=SimpleNamespace(),
        metric=CATALOGUE.metric(metric),
        where=Segment.parse(where),
        confidence=0.9,
        explanation=explanation,
    )


def test_a_wider_place_that_lost_no_more_is_the_same_incident():
    found = incident(NARROW, change=-0.2, n=600)
    assert is_same(incident(WIDE, change=-0.12), found), "120 of 120 lost"
    assert is_same(incident(WIDE, change=-0.18), found), "120 of 180 lost"
    assert not is_same(incident(WIDE, change=-0.2), found), "120 of 200 lost"
    assert not is_same(incident(WIDE, change=0.12), found)
    assert not is_same(incident(WIDE, change=-0.12, onset=110), found)
    assert not is_same(incident("market=TH", change=-0.12), found)
    assert not is_same(incident(WIDE, "payment_rate", change=-0.12), found)
    assert incident(WIDE, "gmv", change=-70.0).lost == -70


def test_two_metrics_of_one_place_and_time_are_one_incident():
    assert is_same(incident(WIDE, "refund_rate"), incident(WIDE, "negative_review_rate", onset=102))
    assert not is_same(incident(WIDE, "refund_rate"), incident(WIDE, "negative_review_rate", onset=110))


@pytest.mark.parametrize(
    ("where", "metric", "onset", "is_told"),
    [(WIDE, "ctr", 104, False), (WIDE, "ctr", 95, True), (NARROW, "ctr", 104, True), (WIDE, "gmv", 104, True)],
)
def test_days_that_an_incident_counts_are_not_told_again(where, metric, onset, is_told):
    """The incident of days 100 to 106 was the clearest in another series; in its own one the drop shows from day 104."""
    found = incident(WIDE)
    found.explanation.__dict__.update(metric="ctr", where=found.where, window=Window(100, 106))
    drop = SimpleNamespace(test=0, where=Segment.parse(where), onset=onset)
    tested = [SimpleNamespace(metric=CATALOGUE.metric(metric))]
    figures = SimpleNamespace(is_priced=lambda _: True, catalogue=CATALOGUE)
    detection = SimpleNamespace(plan=SimpleNamespace(tested=tested), figures=figures)
    if onset > 100:
        assert (_explaining(detection, drop, [found]) is None) is is_told
    assert found.has_counted(CATALOGUE, tested[0].metric, drop) is not is_told
    if found.where == drop.where and onset > 100:
        assert replace(found, new_in="app").has_counted(CATALOGUE, tested[0].metric, drop), (
            "gmv falls with clicks of new values"
        )


@pytest.mark.parametrize(
    ("where", "metric", "onset", "is_within"),
    [
        (WIDE, "paid_orders", 111, True),  # what the payment rate counts
        (WIDE, "orders", 111, False),  # what it is of may fall for a reason of its own
        (WIDE, "orders", 103, True),
        (NARROW, "gmv", 97, True),
        (NARROW, "gmv", 96, False),
        ("market=TH", "paid_orders", 100, False),
        ("device=android", "gmv", 100, False),
    ],
)
def test_a_series_that_is_seen_late_is_no_second_finding(where, metric, onset, is_within, monkeypatch):
    """Payment rate fell in ID on day 100; the detector saw another series days later, whose explanation says since when."""
    monkeypatch.setattr(incident_scan, "_with_cause", lambda *_: SimpleNamespace(onset=onset))
    finding = SimpleNamespace(where=Segment.parse(where), metric=metric)
    assert incident_scan._is_within(None, None, finding, [incident(WIDE, "payment_rate")]) is is_within


def test_what_follows_in_the_same_place_may_be_explained_by_what_came_before():
    first, later = incident(WIDE, "refund_rate"), incident(WIDE, "negative_review_rate", onset=107)
    assert _may_be_behind(first, later)
    assert not _may_be_behind(later, first)
    assert _may_be_behind(incident(NARROW), first)
    assert not _may_be_behind(replace(incident(NARROW), confidence=0.8), first)
    assert first.extent == Extent(Segment.parse(WIDE), 100)


def test_a_new_version_is_behind_what_falls_around_it_and_nothing_around_is_behind_it() -> None:
    """The sums of its platform fall with it, which no row of it made."""
    new = replace(incident("app=7.4,device=ios"), confidence=0.8, new_in="app")
    around = incident("device=ios")
    assert (_may_be_behind(new, around), _may_be_behind(around, new)) == (True, False)
    assert _may_be_behind(around, replace(new, new_in="")), "as sure as it is, and elsewhere"
    assert (str(new.extent.where), str(replace(new, new_in="").extent.where)) == ("device=ios", "app=7.4,device=ios")
    assert str(replace(incident("app=7.4"), new_in="app").extent.where) == "app=7.4", (
        "nothing is around it but everything"
    )


@pytest.mark.parametrize(("broken", "wide"), [({"market": "ID"}, True), ({"market": "ID", "device": "android"}, False)])
def test_a_place_is_wider_than_a_series_where_the_rest_of_it_fell_too(tmp_path, broken, wide):
    window = Window(day(DAYS - 6), day(DAYS - 1))
    with opened(tmp_path, [Fault("order_value", broken, 0.6)]) as workspace:
        metric = workspace.metric("average_order_value")
        assert _reaches(workspace, metric, window, Segment.parse(NARROW), Segment.parse(WIDE)) is wide
        everywhere = SimpleNamespace(where=EVERYTHING)
        found = _of_factor(workspace, everywhere, metric, window, SegmentMove(Segment.parse(NARROW), 0.95))
        assert found.where == Segment.parse(WIDE if wide else NARROW)


@pytest.mark.parametrize(
    ("priced", "whole", "cost"),
    [(0.0, None, (100.0, "count", 0.4)), (50.0, None, (50.0, "money", 0.02)), (0.0, SimpleNamespace(), (0.0, "money", 0.0))],
)  # fmt: skip
def test_where_money_is_a_column_of_zeros_cases_are_counted(priced, whole, cost, monkeypatch):
    """A tenth of 1,000 is 100 cases, and they are 40 % of the metric's own whole. Money that others bring is none of theirs."""
    monkeypatch.setattr(incident_cost, "_root", lambda _workspace, _key, _incident, where: whole if not where else None)
    workspace = SimpleNamespace(catalogue=CATALOGUE, measures=("gmv", "orders", "paid_orders"))
    figures = SimpleNamespace(cost=lambda _: Cost(priced, "money", priced / 2500, 0.4))
    detection = SimpleNamespace(figures=figures, where=EVERYTHING)
    found = incident_cost.incident_cost(workspace, detection, incident(WIDE, "payment_rate"))
    assert (found.impact, found.unit, found.share) == cost


@pytest.mark.parametrize(
    ("metric", "n", "cost"),
    [
        ("refund_rate", 600.0, (60.0, "count")),  # a tenth of 600 orders
        ("refund_rate", None, (0.1, "ratio")),  # of how many is not known
        ("units", 600.0, (0.1, "count")),  # a sum is of itself, not of each of its rows
    ],
)
def test_what_no_money_hangs_on_costs_its_own_cases(metric, n, cost):
    answer = incident(WIDE, metric, n=n).explanation
    own = Cost(0.0, "money", 0.02, 0.4)
    found = incident_cost._in_its_own_unit(CATALOGUE.metric(metric), answer, own)
    assert (found.impact, found.unit, found.share) == (*cost, 0.4)


@pytest.mark.parametrize(
    ("kind", "where", "last", "is_known"),
    [
        ("holiday", "market=TH", 104, True),
        ("holiday", "market=ID|TH", 104, True),
        ("holiday", "", 104, True),
        ("holiday", "market=TH", 105, False),
        ("holiday", "market=TH,channel=live", 104, False),
        ("outage", "market=TH", 104, False),
    ],
)
def test_a_holiday_explains_the_days_and_segments_that_it_covers(kind, where, last, is_known):
    """Two holidays follow each other, from day 99 to 104; the incident began on day 100."""
    windows = (Window(99, 101), Window(102, 104))
    events = [SimpleNamespace(kind=kind, where=Segment.parse(where), window=window) for window in windows]
    found = incident("market=TH,device=ios")
    found.explanation.window = Window(100, last)
    assert is_holiday(SimpleNamespace(events=lambda *_: events), found) is is_known
