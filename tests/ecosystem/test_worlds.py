"""Planted worlds are named with who and where, clean ones have no mark and no lead."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.base.segment import EVERYTHING, Segment
from core.ecosystem.health import health
from core.ecosystem.results.health_results import Health
from core.reports.health_narrative import five_lines
from core.workspace.read.workspace import Workspace
from tests.ecosystem.worlds import World, made, saved


def looked_at(world: World, folder: Path) -> Health:
    with Workspace.open(saved(world, folder)) as workspace:
        found = health(workspace, None, EVERYTHING)
    assert_coherent(found)
    return found


def assert_coherent(found: Health) -> None:
    """What holds of every page, whatever it says."""
    for claim in found.claims:
        assert 0 <= claim.p_value <= 1 + 1e-9, claim
        assert 0 <= claim.q_value <= 1 + 1e-9, claim
        assert claim.interval is None or claim.interval[0] - 1e-9 <= claim.effect <= claim.interval[1] + 1e-9, claim
        assert not claim.is_factor or claim.effect > 0, claim
        assert claim.onset is None or 0 <= found.as_of - claim.onset < 7 * 16, claim
    for item in found.concentrations:
        assert (item.now.hhi is None) == (item.now.effective_number is None)
        assert item.now.hhi is None or item.now.hhi * (item.now.effective_number or 0) == pytest.approx(1)
        assert [one.share for one in item.largest] == sorted((one.share for one in item.largest), reverse=True)
    joined = next(claim for claim in found.claims if claim.figure == "joined_per_week" and claim.side == "creators")
    assert joined.is_worse or joined.now == 0 or joined.who


@pytest.mark.parametrize(("seed", "sizes"), [(1, "lognormal"), (2, "pareto")])
def test_a_clean_world_has_no_mark_and_no_lead(seed: int, sizes: str, tmp_path: Path) -> None:
    found = looked_at(made(seed, sizes=sizes), tmp_path)
    assert [one for one in found.claims if one.is_marked] == []
    assert found.risk == ()
    assert found.headline is not None
    assert found.headline.is_healthy
    healthy = "Over four weeks the marketplace is healthy (for incidents of a few days, see whydrop scan): none of "
    assert five_lines(found, "")[0].startswith(healthy)
    gaps = tuple(claim for claim in found.claims if claim.topic == "fairness" or claim.before is None)
    assert len(gaps) > 10
    assert five_lines(replace(found, claims=gaps), "")[0].startswith("Too little to say"), "none is a change"
    risen = (replace(found.claims[0], is_marked=True, is_worse=False), *found.claims[1:])
    rise = f": 1 of {len(risen)} tests found more than chance explains, for the better; no leads."
    assert five_lines(replace(found, claims=risen), "")[0].endswith(rise)
    assert len(found.claims) > 100
    there = replace(found, where=Segment.parse("market=TH"))
    assert five_lines(there, "")[0].startswith("Over four weeks market=TH is healthy (")
    assert five_lines(replace(there, claims=gaps), "")[0].startswith("Too little to say whether market=TH is healthy (")
    worst = replace(found.headline, is_healthy=False, worst=risen[0], where={})
    assert "Where: market=TH." in five_lines(replace(there, headline=worst), "")
    assert "Where: everywhere." in five_lines(replace(found, headline=worst), "")


@pytest.mark.parametrize(
    ("plant", "sizes", "topics", "figure"),
    [
        ("newcomers_starved", "lognormal", {"newcomers"}, "newcomer_exposure"),
        ("market_demoted", "lognormal", {"exposure", "sales"}, "impressions_share"),
        ("agency_favoured", "pareto", {"exposure", "sales"}, "impressions_share"),
        ("category_quality", "lognormal", {"quality"}, "refund_rate"),
        ("strike", "lognormal", {"activity"}, "silent_share"),
    ],
)
def test_the_segment_that_moved_is_the_headline(
    plant: str, sizes: str, topics: set[str], figure: str, tmp_path: Path
) -> None:
    world = made(1, plant, sizes)
    found = looked_at(world, tmp_path)
    head = found.headline
    assert head is not None
    assert head.worst is not None
    assert (head.worst.topic in topics, dict(head.where)) == (True, world.where)
    assert any(one.is_marked and one.figure == figure and dict(one.where) == world.where for one in found.claims)
    assert head.onset is not None
    assert abs(head.onset - (found.as_of - world.days + 1 + world.since)) <= 16
    if world.who:
        assert set(head.who) <= set(world.who)
    assert f"Where: {next(iter(world.where))}={next(iter(world.where.values()))}." in five_lines(found, "")


@pytest.mark.parametrize(
    ("plant", "topic", "figure"),
    [
        ("concentration", "concentration", "gini of impressions"),
        ("churn", "activity", "silent_share"),
        ("merit_reversed", "merit", "correlation"),
        ("quality_reversed", "calibration", "auc"),
        ("demand_halved", "demand", "impressions"),
    ],
)
def test_what_moves_everywhere_is_said(plant: str, topic: str, figure: str, tmp_path: Path) -> None:
    world = made(2, plant, "pareto")
    found = looked_at(world, tmp_path)
    (claim,) = [one for one in found.claims if one.figure == figure and not one.where and one.side in {"creators", ""}]
    assert (claim.is_marked, claim.topic, claim.is_worse) == (True, topic, True)
    assert found.headline is not None
    assert found.headline.worst is not None
    assert found.headline.worst.topic == topic
    if world.who:
        assert set(claim.who) <= set(world.who)


def test_leads_are_at_the_right_door(tmp_path: Path) -> None:
    """Three frauds in one world: each has leads of its kind, and nobody else has any."""
    world = made(3, "frauds")
    health_page = looked_at(world, tmp_path)
    leads = {
        name: {lead.kind for lead in health_page.risk if name in lead.subject.values()}
        for name in subjects(health_page)
    }
    assert leads.keys() == {name for names in world.frauds.values() for name in names}
    bursts = {"hourly_orders", "hourly_reviews", "identical_reviews", "few_buyers", "order_burst"}
    for fraud, kinds in (("ring", {"shared_buyers"}), ("bursts", bursts), ("fake_newcomers", {"many_accounts"})):
        assert any(leads[name] & kinds for name in world.frauds[fraud]), fraud
    assert sum(flow.joined for flow in health_page.newcomers if flow.side == "creators") < 20


def subjects(health_page: Health) -> set[str]:
    """Everybody who has a lead."""
    return {name for lead in health_page.risk for name in lead.subject.values()}


def test_a_missing_export_is_noted_and_nobody_left(tmp_path: Path) -> None:
    world = made(1, "missing_market")
    found = looked_at(world, tmp_path)
    assert {(one.kind, one.market) for one in found.missing} == {("traffic", "TH"), ("orders", "TH")}
    assert {len(one.window) for one in found.missing} == {21}
    assert any("market TH" in note and "missing export" in note for note in found.notes)
    assert [one for one in found.claims if one.is_marked] == []
    assert all(one.went_quiet == 0 for one in found.newcomers)
    assert five_lines(found, "")[1].startswith("Incomplete: no traffic or orders of market TH since ")
