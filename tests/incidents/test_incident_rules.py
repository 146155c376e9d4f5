"""The rules by which drops become one finding, each at its border."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from core.base.segment import Segment
from core.detection.severity import LEAST_DEPTH
from core.explanation.explanation_results import Explanation
from core.incidents import finding_log, incident_cost, incident_location, incident_merging, incident_scan
from core.incidents.finding_log import is_finding_id, known_ids, remember
from core.incidents.incident_location import _is_wider, _root_of_volume, share_of
from tests.incidents.test_explained_drops import drop
from tests.incidents.test_finding_log import finding
from tests.incidents.test_one_incident import CATALOGUE, incident

MEASURES = tuple(CATALOGUE.measures)
SHOP = SimpleNamespace(catalogue=CATALOGUE, measures=MEASURES, kind_of=lambda measure: "orders")
COUNTED_BY_NOTHING = SimpleNamespace(is_counted=lambda _: False)
TH, ID = Segment.parse("market=TH"), Segment.parse("market=ID")


def scan_of(*metrics: str, **figures: Any) -> Any:
    """A scan that tested these metrics, by number."""
    tested = [SimpleNamespace(metric=CATALOGUE.metric(name)) for name in metrics]
    return SimpleNamespace(plan=SimpleNamespace(tested=tested), figures=SimpleNamespace(**figures), **figures)


@pytest.mark.parametrize(
    ("metric", "share"),
    [
        ("refunded_orders", "refund_rate"),
        ("late_dispatches", "late_dispatch_rate"),
        ("orders", "orders"),
        ("ctr", "ctr"),
    ],
)
def test_cases_that_should_be_few_are_judged_by_their_share(metric: str, share: str) -> None:
    assert share_of(SHOP, CATALOGUE.metric(metric)).key == share  # type: ignore[arg-type]


def test_a_volume_under_no_root_falls_with_the_product() -> None:
    seconds = CATALOGUE.metric("watch_seconds")
    assert _root_of_volume(SHOP, seconds).key == "gmv"  # type: ignore[arg-type, union-attr]
    for metric in ("refunded_orders", "ctr"):
        assert _root_of_volume(SHOP, CATALOGUE.metric(metric)) is None  # type: ignore[arg-type]
    daily = SimpleNamespace(**{**SHOP.__dict__, "kind_of": lambda measure: "daily"})
    assert _root_of_volume(daily, seconds) is None  # type: ignore[arg-type]


def test_a_segment_is_wider_that_holds_another_and_more() -> None:
    part = Segment.parse("device=ios,market=TH")
    assert (_is_wider(TH, part), _is_wider(part, TH), _is_wider(TH, TH), _is_wider(ID, part)) == (
        True,
        False,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("where", "metric", "onset", "one"),
    [
        ("market=ID", "ctr", 103, True),
        ("market=ID", "ctr", 104, False),
        ("market=ID", "gmv", 100, False),
        ("device=ios", "ctr", 100, False),
    ],
)
def test_incidents_of_one_metric_and_time_in_values_of_one_dimension_are_one(
    where: str, metric: str, onset: int, one: bool
) -> None:
    assert incident_merging._siblings(incident(where, metric, onset), incident("market=TH")) is one


def test_what_lost_nothing_is_not_the_same_again() -> None:
    still = incident("device=android,market=ID", change=0.0)
    assert not incident_merging.is_same(incident("market=ID"), still)


def test_the_lead_began_first_is_a_factor_a_rate_and_clear() -> None:
    """Metrics: payments are a factor, cancellations are not."""
    scan = scan_of("cancel_rate", "payment_rate", "gmv", is_priced=lambda drop: drop.test > 0)
    clearest = replace(drop(TH, onset=43), test=0, score=10.0)
    factor, volume = replace(clearest, test=1, score=3.0), replace(clearest, test=2, score=9.0)
    unclear, elsewhere = replace(factor, score=2.9), replace(factor, where=ID)
    late, early = replace(factor, onset=47), replace(volume, onset=39)
    assert incident_scan._leads(scan, [clearest]) == [clearest]
    assert incident_scan._leads(scan, [clearest, volume, factor, unclear, elsewhere, late]) == [
        factor,
        clearest,
        volume,
    ]
    assert incident_scan._leads(scan, [clearest, factor, early])[0] == early
    assert incident_scan._leads(scan, [clearest, factor, replace(early, onset=40)])[0] == factor


@pytest.mark.parametrize(
    ("p", "depth", "share", "own", "grave"),
    [
        (0.0005, -0.2, 0.1, 0.1, True),
        (0.0006, -0.2, 0.1, 0.1, False),  # of 100 series 0.06 show it by chance
        (0.0, 0.001, 0.1, 0.1, False),
        (0.0, -0.2, 0.5 * 0.0125, 0.0, True),
        (0.0, -0.2, 0.0, 0.5 * 0.05, True),
        (0.0, -0.2, 0.006, 0.024, False),
    ],
)
def test_half_of_what_a_major_incident_shows_is_looked_into(
    p: float, depth: float, share: float, own: float, grave: bool
) -> None:
    scan = scan_of(p_value=lambda _: p, cost=lambda _: SimpleNamespace(share=share, own=own))
    seen = replace(drop(), expected=100.0, actual=100.0 * (1 + depth))
    assert incident_scan._may_be_grave(scan, seen, 100) is grave


def test_the_first_lead_that_is_clear_is_asked_else_what_the_first_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    at = {
        0: None,
        1: SimpleNamespace(confidence=0.8),
        2: SimpleNamespace(confidence=0.9),
        3: SimpleNamespace(confidence=0.7),
    }
    monkeypatch.setattr(incident_scan, "located", lambda workspace, detection, lead, day: at[lead])
    surest = [incident_scan._surest(None, None, leads, 50) for leads in ((0, 1, 2), (0, 3, 1), (0,))]  # type: ignore[arg-type]
    assert surest == [at[2], at[3], None]


@pytest.mark.parametrize(
    ("where", "own", "counted", "p"),
    [("market=TH", 0.01, False, 0.02), ("market=TH", 0.001, False, 0.01), ("market=ID", 0.001, False, 0.01),
     ("market=ID", 0.5, False, 1.0), ("market=TH", None, False, 0.02), ("market=TH", 0.0001, True, 0.02)],
)  # fmt: skip
def test_an_incident_is_as_unlikely_as_its_own_series_or_the_segment_that_was_chosen(
    where: str, own: float | None, counted: bool, p: float
) -> None:
    scan = scan_of("ctr", p_value=lambda _: 0.02)
    scan.activity = SimpleNamespace(is_counted=lambda _: counted)
    found = incident(where)
    found.explanation.__dict__["p_value"] = own
    found = replace(found, lead=replace(drop(TH), test=0))
    assert incident_scan._p_value(SHOP, scan, found) == pytest.approx(p)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lead", "chance", "p"),
    [
        ("late_dispatches", 0.025, 0.25),
        ("late_dispatches", 0.001, 0.02),
        ("late_dispatch_rate", 0.025, 0.02),
        ("orders", 0.025, 0.02),
    ],
)
def test_a_share_that_follows_from_a_count_is_no_surer_than_its_own_range(lead: str, chance: float, p: float) -> None:
    """10 % were expected, 2.2 points more or less in 95 % of weeks; 12.2 % came, which chance alone exceeds in one week of 40,
    in one of the ten segments to choose from in a quarter of the weeks."""
    found = replace(incident("market=TH", "late_dispatch_rate"), lead=replace(drop(TH), test=0))
    found.explanation.__dict__.update(p_value=None, chance=chance)
    assert incident_scan._p_value(
        SHOP, scan_of(lead, p_value=lambda _: 0.02, activity=COUNTED_BY_NOTHING), found
    ) == pytest.approx(p)  # type: ignore[arg-type]


def test_how_often_chance_leaves_a_range_by_so_much() -> None:
    """Twice as far as the ends of the range, 3.92 standard deviations: one side has 4.4e-5."""

    def chance(actual: float, interval: tuple[float, float]) -> float:
        answer = SimpleNamespace(actual=actual, expected=0.1, interval=interval)
        return Explanation.chance.__get__(answer)  # type: ignore[attr-defined, no-any-return]

    for actual, expected in ((0.122, 0.025), (0.1, 0.5), (0.144, 4.43e-5), (0.089, 0.025)):
        assert chance(actual, (0.089, 0.122)) == pytest.approx(expected, rel=0.01)
    assert chance(0.1, (0.1, 0.1)) == 1.0


def _rooted(monkeypatch: pytest.MonkeyPatch, **figures: tuple[float, float]) -> None:
    """Metric -> actual and expected, in any segment."""
    rooted = {key: SimpleNamespace(actual=actual, expected=expected) for key, (actual, expected) in figures.items()}
    monkeypatch.setattr(incident_cost, "_root", lambda workspace, key, incident, where: rooted.get(key))


@pytest.mark.parametrize(
    ("impressions", "lost", "mixed"),
    [((1210.0, 1000.0), 25.0, True), ((1210.0, 1000.0), 26.0, False), ((1200.0, 1000.0), 0.0, False)],
)
def test_a_rate_fell_by_mix_where_traffic_grew_and_half_of_its_cost_did_not_come(
    monkeypatch: pytest.MonkeyPatch, impressions: tuple[float, float], lost: float, mixed: bool
) -> None:
    """The rate fell by half, which would cost 50 of 100."""
    _rooted(monkeypatch, impressions=impressions, gmv=(80.0, 100.0))
    found = incident("market=TH")
    found.explanation.__dict__.update(change_pct=-0.5, where=TH)
    cost = SimpleNamespace(impact=lost)
    assert incident_cost.is_mix(SHOP, found, cost) is mixed  # type: ignore[arg-type]
    opened = replace(
        found, is_shift=True, new_in="market"
    )  # the root must have kept half of what the rate's fall would cost
    assert incident_cost.is_mix(SHOP, opened, cost) is (lost <= 25)  # type: ignore[arg-type]
    assert incident_cost.is_mix(SHOP, replace(found, is_shift=True), cost)  # type: ignore[arg-type]
    for metric in ("gmv", "refund_rate"):  # a volume, and a rate that should be low
        assert not incident_cost.is_mix(SHOP, replace(found, metric=CATALOGUE.metric(metric)), cost)  # type: ignore[arg-type]


@pytest.mark.parametrize(("gmv", "impact"), [((60.0, 100.0), 40.0), ((30.0, 100.0), 50.0), ((120.0, 100.0), 0.0)])
def test_an_incident_costs_at_most_what_the_root_lost_there(
    monkeypatch: pytest.MonkeyPatch, gmv: tuple[float, float], impact: float
) -> None:
    _rooted(monkeypatch, gmv=gmv)
    found = incident("market=TH")
    found.explanation.__dict__["change_pct"] = -0.5
    scan = SimpleNamespace(
        where=Segment(), figures=SimpleNamespace(cost=lambda _: SimpleNamespace(own=0.2, impact=9.0))
    )
    cost = incident_cost.incident_cost(SHOP, scan, found)  # type: ignore[arg-type]
    assert (cost.impact, cost.unit, cost.share, cost.own) == (impact, "money", impact / 100, 0.2)


def test_ids_are_hexadecimal_and_the_newest_are_remembered(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [is_finding_id(word) for word in ("abcdef", "abcde", "abcdeg", "5D3925D368")] == [True, False, False, True]
    monkeypatch.setattr(finding_log, "_MOST", 2)
    assert known_ids(tmp_path / "w.db") == ()
    remember(tmp_path / "w.db", [finding(name) for name in ("aaaaaa", "bbbbbb", "cccccc")])
    assert known_ids(tmp_path / "w.db") == ("cccccc", "bbbbbb")


def test_siblings_are_explained_together_or_the_first_stands_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, other = incident("market=TH"), incident("market=ID"), incident("device=ios")
    surer = replace(first, confidence=0.95)
    for found in (first, second, surer, other):
        found.explanation.__dict__["window"] = SimpleNamespace(last=106 if found is second else 107)
    asked: list[Any] = []
    whole = incident("market=ID|TH")
    answers: list[Any] = [whole, None]

    def explained(workspace: Any, detection: Any, lead: Any, metric: Any, location: Any, last: int) -> Any:
        asked.append((metric.key, str(location.where), location.confidence, last))
        return answers.pop(0)

    monkeypatch.setattr(incident_merging, "explained", explained)
    for left in ([whole, other], [surer, other]):
        assert incident_merging.merged(None, None, [surer, other, second]) == left  # type: ignore[arg-type]
    assert asked == [("ctr", "market=ID|TH", 0.9, 106)] * 2


def test_only_a_rate_of_a_whole_is_shifted_by_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate of all fell: explained in all, it is the segment that is located in it."""
    part = SimpleNamespace(where=TH, confidence=0.8)
    answers = [SimpleNamespace(is_drop=True, segments=(part,)), SimpleNamespace(is_drop=False, segments=(part,))]
    monkeypatch.setattr(incident_location, "explain", lambda *_, **__: answers[0])
    lead = replace(drop(Segment()), test=0)
    rate, volume = scan_of("ctr"), scan_of("clicks")
    rate.issues = volume.issues = ()
    shift = incident_location._shift(SHOP, rate, lead, TH)  # type: ignore[arg-type]
    assert shift is not None
    assert (shift.metric.key, shift.where, shift.confidence, shift.is_shift) == ("ctr", TH, 0.8, True)
    for detection, where in ((volume, TH), (rate, Segment()), (rate, ID)):
        assert incident_location._shift(SHOP, detection, lead, where) is None  # type: ignore[arg-type]
    answers.reverse()
    assert incident_location._shift(SHOP, rate, lead, TH) is None  # type: ignore[arg-type]


def test_a_metric_under_no_root_costs_what_it_lost_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth more of 1,000 buyers gave bad stars, whatever else is known of that rate; a mean costs what it fell by."""
    _rooted(monkeypatch, negative_review_rate=(0.3, 0.2), average_rating=(4.0, 4.5))
    scan = SimpleNamespace(where=Segment(), figures=SimpleNamespace(cost=lambda _: SimpleNamespace(own=0.2, share=0.1)))
    for metric, change, impact in (("negative_review_rate", 0.1, 100.0), ("delivery_time", 5.0, 5000.0)):
        found = incident("market=TH", metric, change=change)
        found.explanation.__dict__["change_pct"] = 0.5
        cost = incident_cost.incident_cost(SHOP, scan, found)  # type: ignore[arg-type]
        assert (cost.impact, cost.share) == (pytest.approx(impact), 0.2)


@pytest.mark.parametrize(
    ("cause", "event", "named"),
    [
        (SimpleNamespace(cause="C11", owner="Payments"), SimpleNamespace(owner="Search"), ("C11", "Payments")),
        (None, SimpleNamespace(owner="Search"), (None, "Search")),
        (None, SimpleNamespace(owner=""), (None, None)),
        (None, None, (None, None)),
        (("C09 Model", "C12 Ads"), SimpleNamespace(owner="Search"), ("C09 Model; or C12 Ads", "Search")),  # one of two
    ],
)
def test_who_owns_a_finding_owns_its_cause_or_the_change_that_fits(cause: Any, event: Any, named: Any) -> None:
    pair = [SimpleNamespace(cause=name) for name in cause] if isinstance(cause, tuple) else []
    likeliest = None if pair else cause
    answer: Any = SimpleNamespace(
        likeliest=likeliest, one_of_two=pair, fitting_event=event, causes_skipped="few days", data_doubt="no rows"
    )
    caused = incident_scan._caused(finding("abcdef"), answer)
    assert (caused.cause, caused.owner, caused.causes_skipped, caused.data_doubt) == (*named, "few days", "no rows")


@pytest.mark.parametrize(("alone", "together", "index"), [(False, True, 0), (False, False, None), (True, False, 1)])
def test_a_drop_belongs_to_the_incident_that_explains_it_alone_or_to_the_first_of_several(
    monkeypatch: pytest.MonkeyPatch, alone: bool, together: bool, index: int | None
) -> None:
    incidents = [incident("market=TH"), incident("market=ID")]
    for found in incidents:
        found.explanation.__dict__.update(metric="gmv", where=found.where, window=range(0))
    explains = {1: lambda extents: alone and extents[0].where == ID, 2: lambda extents: together}
    monkeypatch.setattr(incident_scan, "is_explained", lambda detection, drop, extents: explains[len(extents)](extents))
    assert incident_scan._explaining(scan_of("ctr", catalogue=CATALOGUE), replace(drop(), test=0), incidents) == index
    assert (
        incident_scan._explaining(scan_of("ctr", catalogue=CATALOGUE), replace(drop(), test=0), incidents[:1]) is None
    )


@pytest.mark.parametrize(
    ("contribution", "actual", "expected", "factor"),
    [
        (-50.0, 0.5, 1.0, "ctr"),
        (-50.0, 1.0 - LEAST_DEPTH, 1.0, "ctr"),
        (-50.0, 1.0 - 0.9 * LEAST_DEPTH, 1.0, "gmv"),
        (50.0, 0.5, 1.0, "gmv"),
        (-50.0, 0.0, 0.0, "gmv"),
    ],
)
def test_the_factor_that_lost_most_is_named_where_it_fell_deeply(
    contribution: float, actual: float, expected: float, factor: str
) -> None:
    parts = (
        SimpleNamespace(metric="impressions", contribution=60.0, actual=2.0, expected=1.0),
        SimpleNamespace(metric="ctr", contribution=contribution, actual=actual, expected=expected),
    )
    shop: Any = SimpleNamespace(**SHOP.__dict__, kept=lambda *_: parts)
    assert incident_location._nearest_factor(shop, scan_of("gmv"), replace(drop(), test=0), TH).key == factor
