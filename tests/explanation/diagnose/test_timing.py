"""Onsets and events: since when, and what else happened then."""

from dataclasses import replace

import numpy as np
import pytest

from core.base.days import parse_day
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.explanation.decompose.metric_moves import Daily, moved
from core.explanation.diagnose.event_matching import kind_of, match_events, named_in
from core.explanation.locate.onset import OnsetEstimate, estimate_onset
from core.localization.with_history.actual_vs_expected import LeafSums
from core.workspace.read.event_log import Event

CATALOGUE = load()
DAYS = np.arange(parse_day("2026-01-05"), parse_day("2026-01-05") + 70)
NOW = DAYS[63] <= DAYS


def line(change: np.ndarray, seed: int = 0) -> Daily:
    """Impressions and clicks by day with a weekly season; `change` multiplies the clicks."""
    rng = np.random.default_rng(seed)
    impressions = rng.poisson(20_000 * (1 + 0.2 * (DAYS % 7 == 5))).astype(float)
    clicks = rng.binomial(impressions.astype(int), np.clip(0.05 * change, 0, 1)).astype(float)
    return Daily({"impressions": impressions, "clicks": clicks}, DAYS, ~NOW, NOW)


def steps(day: int, factor: float, days: int = 1) -> np.ndarray:
    return 1 + (factor - 1) * np.clip((np.arange(70) - day + 1) / days, 0, 1)


@pytest.mark.parametrize("day", [55, 60, 63, 66])
def test_the_day_of_a_step_is_found(day):
    found = estimate_onset(CATALOGUE.metric("ctr"), line(steps(day, 0.8)), None)
    assert abs(found.day - DAYS[day]) <= 1
    assert found.first <= DAYS[day] <= found.last
    assert found.shape == "step"


def test_a_ramp_is_told_from_a_step():
    assert estimate_onset(CATALOGUE.metric("ctr"), line(steps(50, 0.5, days=14)), None).shape == "ramp"


def test_what_everything_did_is_no_onset():
    season = steps(40, 0.6)
    inside, outside = line(season * steps(64, 0.7)), line(season, seed=1)
    bigger = Daily({name: held * 5 for name, held in outside.sums.items()}, DAYS, ~NOW, NOW)
    assert abs(estimate_onset(CATALOGUE.metric("ctr"), inside, bigger).day - DAYS[64]) <= 1


def test_evidence_is_what_moved_beside_the_rest():
    season = steps(63, 0.6)
    inside, outside = line(season * steps(63, 0.7)), line(season, seed=1)
    bigger = Daily({name: held * 5 for name, held in outside.sums.items()}, DAYS, ~NOW, NOW)
    found = moved([CATALOGUE.metric("ctr"), CATALOGUE.metric("impressions")], inside, bigger)
    assert found["ctr"].percent == pytest.approx(-0.3, abs=0.03)
    assert found["ctr"].clear
    assert abs(found["ctr"].beyond - np.log(0.7)) < 3 * found["ctr"].error
    assert not found["impressions"].clear


LEAVES = LeafSums(
    {"market": ("", "ID", "TH"), "channel": ("", "live", "video")},
    ("market", "channel"),
    np.array([[1, 1], [1, 2], [2, 1], [2, 2]], np.int32),
    {"orders": (np.full(4, 50.0), np.full(4, 100.0))},
)
ONSET = OnsetEstimate(
    day=parse_day("2026-03-09"), first=parse_day("2026-03-08"), last=parse_day("2026-03-10"), shape="step"
)
PLACE = Segment.parse("market=ID,channel=live")


def event(name: str, day: str, where: str = "", kind: str = "release", ends: str | None = None) -> Event:
    return Event(
        event_id=name, starts_at=day, ends_at=ends, kind=kind, title=name, owner="", where=Segment.parse(where)
    )


def best(*events: Event) -> list[str]:
    return [one.event_id for _, one in match_events(events, [ONSET], [PLACE], LEAVES, "orders")]


def test_time_decides_between_equal_scopes():
    assert best(event("early", "2026-03-02"), event("then", "2026-03-09"), event("later", "2026-03-14"))[0] == "then"


def test_what_came_clearly_after_the_onset_does_not_fit():
    assert best(event("later", "2026-03-15")) == []


def test_scope_decides_between_equal_days():
    there, wide, everywhere, elsewhere = (
        event("there", "2026-03-09", "market=ID,channel=live"), event("wide", "2026-03-09", "market=ID"),
        event("everywhere", "2026-03-09"), event("elsewhere", "2026-03-09", "market=TH"),
    )  # fmt: skip
    assert best(elsewhere, everywhere, wide, there) == ["there", "wide", "everywhere"]


def test_the_end_of_a_campaign_fits_too():
    found = match_events(
        [event("sale", "2026-02-20", "", "campaign", "2026-03-08")], [ONSET], [EVERYTHING], LEAVES, "orders"
    )
    assert found[0][1].score == pytest.approx(1.0)
    assert found[0][1].reason.startswith("is over on 9 Mar 2026")


def test_what_was_never_there_begins_on_its_first_day():
    impressions = np.where(np.arange(70) >= 60, 500.0, 0.0)
    new = Daily({"impressions": impressions, "clicks": impressions / 20}, DAYS, ~NOW, NOW)
    other = line(steps(0, 1.0))
    for metric in ("impressions", "ctr"):
        assert estimate_onset(CATALOGUE.metric(metric), new, other).day == DAYS[60]


def test_a_burst_that_scatters_is_dated_to_its_first_day():
    level = np.random.default_rng(4).uniform(15, 25, 60)
    impressions = np.concatenate([level, [228, 368, 454, 167, 398, 169, 269, 434, 369, 323]]) * 100
    burst = Daily({"impressions": impressions, "clicks": impressions / 90}, DAYS, ~NOW, NOW)
    found = estimate_onset(CATALOGUE.metric("impressions"), burst, line(steps(0, 1.0)))
    assert found.day == DAYS[60]
    assert found.shape == "step"


def score(one: Event, place: str = "market=ID,channel=live") -> float:
    found = match_events([one], [ONSET], [Segment.parse(place)], LEAVES, "orders")
    return found[0][1].score if found else 0.0


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-09", 1.0),
        ("2026-03-08", np.exp(-1 / 8)),
        ("2026-03-10", np.exp(-1 / 8)),
        ("2026-03-06", np.exp(-2 / 4)),
        ("2026-03-11", np.exp(-1 / 0.7)),
    ],
)
def test_the_fit_in_time(day: str, expected: float):
    assert score(event("E", day, "market=ID,channel=live")) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("scope", "place", "expected"),
    [
        ("market=ID", "market=ID,channel=live", 0.25 + 0.75 / 2),
        ("", "market=ID,channel=live", 0.4 + 0.6 / 4),
        ("market=ID,channel=live", "market=ID", 0.5),
        ("channel=live", "market=ID", 0.5 * (0.25 + 0.75 / 2)),
        ("market=TH", "market=ID", 0.0),
        ("", "", 1.0),
    ],
)
def test_the_fit_in_scope(scope: str, place: str, expected: float):
    assert score(event("E", "2026-03-09", scope), place) == pytest.approx(expected, abs=1e-4)


def test_the_reason_of_an_event_says_when_and_where():
    (found,) = match_events([event("E", "2026-03-07", "market=ID")], [ONSET], [PLACE], LEAVES, "orders")
    assert found[1].reason == (
        "starts on 7 Mar 2026, 2 days before the onset; its scope (market=ID) covers 100% of channel=live,market=ID; "
        "that is 50% of the scope"
    )
    (found,) = match_events([event("E", "2026-03-10", str(PLACE))], [ONSET], [PLACE], LEAVES, "orders")
    assert found[1].reason == (
        "starts on 10 Mar 2026, 1 day after the onset; its scope (channel=live,market=ID) matches the affected segment"
    )


@pytest.mark.parametrize(
    ("title", "place", "expected"),
    [
        ("ID live: hosts on strike", "market=ID,channel=live", 1.0),
        ("Live studio closed", "market=ID,channel=live", 0.25 + 0.75 / 2),
        ("i said id, not ID2", "market=ID,channel=live", 0.4 + 0.6 / 4),
        ("TH holiday", "market=ID", 0.5 * (0.4 + 0.6 / 2)),
        ("ID holiday", "market=ID", 1.0),
        ("Feiertag in Indonesien", "market=ID", 1.0),
        ("Holiday in Thailand", "market=ID", 0.5 * (0.4 + 0.6 / 2)),
    ],
)
def test_a_title_may_name_the_scope(title: str, place: str, expected: float):
    named = replace(event("E", "2026-03-09"), title=title)
    assert score(named, place) == pytest.approx(expected, abs=1e-4)


def test_a_title_names_values_of_several_words_and_no_short_numbers():
    values = {"category": ("", "home_and garden", "garden"), "line": ("", "7", "70512")}
    leaves = LeafSums(values, ("category", "line"), np.zeros((1, 2), np.int32), {})
    assert named_in("Home and Garden: 7 sellers of line 70512", leaves, EVERYTHING) == Segment.of(
        {"category": ["garden", "home_and garden"], "line": "70512"}
    )
    assert named_in("garden", leaves, Segment.parse("category=garden")) == EVERYTHING


def test_the_reason_says_what_a_title_names():
    named = replace(event("E", "2026-03-09"), title="ID live: hosts on strike")
    (found,) = match_events([named], [ONSET], [PLACE], LEAVES, "orders")
    assert found[1].reason.endswith(
        "its title names channel=live,market=ID: its scope (channel=live,market=ID) matches the affected segment"
    )


@pytest.mark.parametrize(
    "title",
    [
        "free delivery, ended.",
        "cashback over – ID",
        "Voucher discontinued (ID)",
        "Gutscheine beendet (ID)",
        "ID 优惠结束",
    ],
)
def test_titles_of_an_end(title: str):
    over = replace(event("E", "2026-03-09", str(PLACE), "campaign"), title=title)
    assert kind_of(*match_events([over], [ONSET], [PLACE], LEAVES, "orders")[0]) == "campaign over"


def test_which_events_can_end():
    last = "2026-03-08"
    assert score(event("sale", "2026-01-01", str(PLACE), "campaign", last)) == 1.0
    assert score(event("build 7", "2026-01-01", str(PLACE), "release", last)) == 0.0
    over = event("coupon ended", "2026-03-09", str(PLACE), "campaign")
    (found,) = match_events([over], [ONSET], [PLACE], LEAVES, "orders")
    assert found[1].reason.startswith("is over on 9 Mar 2026")
    assert kind_of(*found) == "campaign over"
    (found,) = match_events([event("sale", "2026-03-09", str(PLACE), "campaign")], [ONSET], [PLACE], LEAVES, "orders")
    assert kind_of(*found) == "campaign"


def test_the_best_of_several_segments_counts():
    found = match_events(
        [event("E", "2026-03-09", "market=TH")], [ONSET], [PLACE, Segment.parse("market=TH")], LEAVES, "orders"
    )
    assert found[0][1].score == 1.0
    new = LeafSums(LEAVES.values, LEAVES.dimensions, LEAVES.codes, {"orders": (np.full(4, 50.0), np.zeros(4))})
    (found,) = match_events([event("E", "2026-03-09", "market=ID")], [ONSET], [PLACE], new, "orders")
    assert found[1].score == pytest.approx(0.625), "what is new is weighed by what came"
