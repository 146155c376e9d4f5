"""Marks and the headline against their limits from both sides, and what is said of values."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from core.ecosystem.false_discovery import decided, matters
from core.ecosystem.headline import headline, severity
from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.health_results import Health, Risk
from core.reports.health_narrative import _first_lead, _values
from core.reports.tables.health_tables import _claim


def claim(topic: str = "sales", p: float = 1e-9, effect: float = 2.0, is_factor: bool = True, **more: object) -> Claim:
    plain = {
        "side": "creators",
        "where": {},
        "unit": "index",
        "now": 1.0,
        "before": 1.0,
        "interval": None,
        "onset": 1,
        "is_worse": True,
    }
    return Claim(topic=topic, figure="f", effect=effect, is_factor=is_factor, p_value=p, **{**plain, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("topic", "effect", "is_factor", "large"),
    [
        ("sales", 1.15, True, True), ("sales", 1.149, True, False), ("sales", 1 / 1.15, True, True),
        ("sales", 0.871, True, False), ("quality", 1.25, True, True), ("quality", 1.24, True, False),
        ("newcomers", 1.5, True, True), ("newcomers", 0.67, True, False), ("fairness", -4.0, False, True),
        ("fairness", 3.9, False, False), ("activity", 0.05, False, True), ("merit", 0.19, False, False),
    ],
)  # fmt: skip
def test_the_least_effect_of_each_topic(topic: str, effect: float, is_factor: bool, large: bool) -> None:
    assert matters(claim(topic, effect=effect, is_factor=is_factor)) is large


def test_topics_share_the_limit() -> None:
    claims = [claim("sales", p) for p in (0.001, 0.5, 0.8)] + [claim("activity", 0.004)]
    found = {item.p_value: item for item in decided(claims)}
    # three claims of a topic with four parts in five: each chance times 3 x 5/4 / 4, the only one of the other times 5 / 4
    assert found[0.001].q_value == pytest.approx(0.001 * 3 * 1.25 / 4 * 4 / 1)
    assert found[0.004].q_value == pytest.approx(0.004 * 5 / 4 * 4 / 2)
    assert [item.is_marked for item in decided(claims)] == [True, True, False, False]
    assert [item.p_value for item in decided(claims)] == [0.001, 0.004, 0.5, 0.8]
    assert decided([]) == ()
    few = {
        item.topic: item.q_value
        for item in decided([claim("quality", 1e-4), claim("concentration", 1e-4, is_factor=False)])
    }
    # shares of 6 and 0.3: chances times 6.3 / 6 / 2 and 6.3 / 0.3 / 2; one of two, and two
    assert few == pytest.approx({"quality": 1e-4 * 6.3 / 6, "concentration": 1e-4 * 6.3 / 0.6})
    groups = [claim("activity", 0.5, 0.1, False, where={"agency": at}) for at in "ABCD"]
    everywhere = decided([claim("activity", 0.01, 0.1, False), *groups])[0]
    assert everywhere.q_value == pytest.approx(0.02), "one of two families, whatever the other's size"
    same = decided([claim("exposure", 1e-3), claim("newcomers", 1e-3)])
    assert [item.q_value for item in same] == pytest.approx([1e-3 * 5 / 4, 1e-3 * 5 / 2])


def test_the_headline_by_size_topic_and_certainty() -> None:
    marked = {"is_marked": True, "q_value": 1e-4}
    plain = claim("sales", effect=2.0, **marked)
    assert severity(plain) == pytest.approx(1.2 * 2)
    assert severity(replace(plain, effect=0.25)) == pytest.approx(1.2 * 4)
    assert severity(replace(plain, q_value=1e-2)) == pytest.approx(1.2 * 2 / 2)
    assert severity(replace(plain, q_value=1e-8)) == severity(plain)
    assert severity(replace(plain, is_worse=None)) == pytest.approx(0.7 * 1.2 * 2)
    assert severity(replace(plain, cause={"market": "ID"})) == pytest.approx(0.9 * 1.2 * 2)
    assert severity(claim("fairness", effect=-8.0, is_factor=False, **marked)) == pytest.approx(2.0)
    assert severity(claim("merit", effect=0.4, is_factor=False, **{**marked, "side": "sellers"})) == pytest.approx(2.5)
    better = replace(plain, is_worse=False, effect=9.0)
    page = headline((better, plain, replace(plain, effect=3.0, where={"market": "TH"}, who=("a",))), ())
    assert (page.is_healthy, page.marked, page.where, page.who) == (False, 2, {"market": "TH"}, ("a",))
    assert headline((better,), ()).is_healthy
    segment = replace(plain, effect=1.2, where={"agency": "A"}, who=("b", "c", "x"))
    everybody = replace(plain, topic="concentration", where={}, who=("a", "b", "c"))
    for where, other in (
        ({"agency": "A"}, segment),
        ({}, replace(segment, who=("b",))),
        ({}, replace(segment, is_marked=False)),
    ):
        assert headline((everybody, other), ()).where == where, "two of three members are named by both"
    share = replace(segment, figure="orders_share", who=("x",))
    assert headline((everybody, share), ()).where == {"agency": "A"}, "its share rose"
    assert headline((everybody, replace(share, effect=0.8)), ()).where == {}, "others' did"
    assert headline((replace(everybody, topic="activity", effect=0.3, is_factor=False), share), ()).where == {}


@pytest.mark.parametrize(
    ("before", "now", "effect", "where", "says"),
    [
        (0.1, 0.2, 2.0, {"market": "A"}, ", 10.0% to 20.0%"),
        (0.1, 0.09, 2.0, {"market": "A"}, " versus all others"),
        (0.1, 0.09, 2.0, {}, ""),
        (0.1, 0.09, 0.5, {}, ", 10.0% to 9.0%"),
        (None, 0.09, 0.5, {}, ""),
    ],
)
def test_values_that_went_the_other_way_are_not_said(
    before: float | None, now: float, effect: float, where: dict[str, str], says: str
) -> None:
    assert _values(claim("quality", effect=effect, where=where, unit="ratio", before=before, now=now), "") == says


def test_a_figure_about_everything_is_no_figure_of_the_segment_that_moved_it() -> None:
    cause = {"category": "food"}
    for where, is_marked, says in (
        ({}, True, "everywhere, by category=food"),
        ({}, False, "everywhere"),
        (cause, True, "category=food"),
    ):
        assert _claim(claim(where=where, cause=cause, is_marked=is_marked), "")[1].text == says


def test_where_a_claim_about_everybody_is() -> None:
    """The clearest of those that most of its members move; of demand, of those whose share went the same way."""
    marked = {"is_marked": True, "q_value": 1e-4}
    everybody = claim("demand", effect=0.5, who=("a", "b", "c", "d"), **marked)
    plain = claim("sales", effect=1.2, where={"agency": "A"}, **marked)
    half, most = (
        replace(plain, who=("a", "b")),
        replace(plain, where={"agency": "B"}, who=("a", "b", "c"), q_value=1e-3),
    )
    assert headline((everybody, half), ()).where == {}
    assert headline((everybody, half, most), ()).where == {"agency": "B"}
    clearer = replace(most, where={"agency": "C"}, q_value=1e-5)
    assert headline((everybody, most, clearer), ()).where == {"agency": "C"}
    for effect, where in ((0.6, {"market": "TH"}), (1.4, {})):
        share = replace(plain, figure="gmv_share", where={"market": "TH"}, effect=effect)
        assert headline((everybody, share), ()).where == where
    rose = replace(everybody, effect=1.9)
    assert headline((rose, replace(share, effect=1.4)), ()).where == {"market": "TH"}
    assert severity(replace(everybody, side="sellers")) == severity(everybody)
    merit = claim("merit", effect=0.4, is_factor=False, **marked)
    assert severity(merit) == pytest.approx(2 * severity(replace(merit, side="sellers")))


def test_a_gap_is_since_when_and_with_whom_its_segment_changed() -> None:
    marked = {"is_marked": True, "where": {"agency": "A"}}
    gap = claim("exposure", effect=4.0, onset=None, who=(), **{**marked, "q_value": 1e-5})
    first, late = (
        claim("sales", effect=1.3, onset=day, who=who, q_value=chance, **marked)
        for day, who, chance in ((20_000, (), 1e-4), (20_007, ("a",), 1e-3))
    )
    page = headline((gap, late, first), ())
    assert (page.worst, page.onset, page.who) == (gap, 20_000, ("a",))
    for other in ({"where": {"agency": "B"}}, {"is_marked": False}, {"is_worse": False}):
        apart = headline((gap, replace(late, **other)), ())
        assert (apart.onset, apart.who) == (None, ())
    everybody = replace(gap, where={})
    assert headline((everybody, replace(late, where={})), ()).onset is None, "all other figures are no segment"


def test_leads_without_a_mark_are_who_is_named() -> None:
    leads = tuple(
        Risk(subject={"seller_id": name}, kind="k", score=1.0, p_value=0.0, q_value=0.0, reasons=()) for name in "aabcd"
    )
    said = replace(leads[0], reasons=("40 orders in one hour", "refunded: 0"))
    of_health = SimpleNamespace(risk=(said, leads[1]))
    assert _first_lead(cast(Health, of_health)) == "a: 40 orders in one hour (a lead, not a verdict)."
    page = headline((), leads)
    assert (page.is_healthy, page.marked, page.worst, page.leads, page.who) == (False, 0, None, 5, ("a", "b", "c"))
    assert headline((), ()).is_healthy
