"""Steps of weekly series, and which segment is to blame, where the truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from core.detection.distributions import q_values
from core.ecosystem.changes.activity_changes import MemberWeeks, joined_claim, silence_claims
from core.ecosystem.changes.newcomer_changes import Beginnings, exposure_claims, rank_test
from core.ecosystem.changes.segment_changes import segment_changes
from core.ecosystem.changes.segment_figures import Figure
from core.ecosystem.changes.step_test import count_steps, steps
from core.ecosystem.changes.total_changes import whole
from core.ecosystem.changes.weekly_panel import WeeklyPanel
from core.ecosystem.false_discovery import decided, matters
from core.ecosystem.headline import headline
from core.ecosystem.results.claim_results import Claim

WEEKS = 14


@pytest.mark.parametrize("drift", [0.0, 0.5, 3.0])
def test_chances_are_chances_whether_levels_stay_or_drift(drift: float) -> None:
    random, chances = np.random.default_rng(1), []
    for _ in range(60):
        noise = random.normal(0, 0.1, (20, WEEKS)) * np.exp(random.normal(0, 0.3, (20, 1)))
        walk = np.cumsum(random.normal(0, 0.1 * drift, (20, WEEKS)), axis=1)
        chances += steps(noise + walk, np.zeros(20)).p_value.tolist()
    assert np.mean(np.array(chances) < 0.05) < 0.09
    assert np.mean(np.array(chances) < 0.001) < 0.006


def test_a_step_is_found_with_its_size_and_its_beginning() -> None:
    random = np.random.default_rng(2)
    series = random.normal(0, 0.1, (20, WEEKS)) + 3
    series[4, :3] -= 0.7
    found = steps(series, np.zeros(20))
    assert found.p_value.argmin() == 4
    assert found.p_value[4] < 1e-5
    assert found.step[4] == pytest.approx(-0.7, abs=2 * found.half()[4])
    assert found.onset[4] == 3
    assert found.level[4] == pytest.approx(3, abs=0.2)


@pytest.mark.parametrize("weeks", range(1, WEEKS // 2 + 1))
def test_a_step_begins_in_any_of_the_newest_half_of_the_weeks(weeks: int) -> None:
    series = np.random.default_rng(weeks).normal(0, 0.01, (3, WEEKS))
    series[:, :weeks] += 1
    assert steps(series, np.zeros(3)).onset.tolist() == [weeks] * 3


def test_the_interval_of_a_step_covers_it() -> None:
    random, covered = np.random.default_rng(3), 0
    for _ in range(60):
        series = random.normal(0, 0.1, (8, WEEKS))
        series[:, :4] += 0.6
        found = steps(series, np.zeros(8))
        covered += int((np.abs(found.step - 0.6) <= found.half()).sum())
    assert 435 <= covered <= 478


def test_small_counts_are_tested_as_counts() -> None:
    random, chances, found = np.random.default_rng(4), [], []
    for _ in range(60):
        amount = random.poisson(4 * random.gamma(20, 1 / 20, (15, WEEKS))).astype(float)
        chances += count_steps(amount, np.ones_like(amount)).p_value.tolist()
        amount[0, :3] = random.poisson(16, 3)
        found.append(count_steps(amount, np.ones_like(amount)).p_value[0])
    assert np.mean(np.array(chances) < 0.05) < 0.08
    assert np.mean(np.array(found) < 1e-4) > 0.8
    constant = count_steps(np.full((3, WEEKS), 5.0), np.ones((3, WEEKS)))
    assert constant.step == pytest.approx(0, abs=1e-9)
    assert constant.p_value == pytest.approx(1)


def panel(random: np.random.Generator) -> WeeklyPanel:
    """120 creators of three markets, three agencies in each, one shop each."""
    n = 120
    mean = random.lognormal(6, 0.8, n)
    amount = random.poisson(mean[:, None] * np.exp(random.normal(0, 0.1, (n, WEEKS)))).astype(float)
    market = 1 + np.arange(n) % 3
    agency = 1 + market * 3 - 3 + (np.arange(n) // 3) % 3
    names = ("", *(f"C{at:03}" for at in range(n)))
    return WeeklyPanel(
        last=1000, weeks=WEEKS, words={"market": ("", "A", "B", "C"), "agency": ("", *(f"G{at}" for at in range(1, 10)))},
        codes={"market": market, "agency": agency}, amounts={"orders": amount},
        leaf_members={"creator_id": np.arange(1, n + 1)}, member_names={"creator_id": names},
    )  # fmt: skip


def share(table: WeeklyPanel) -> Figure:
    return Figure(
        topic="sales", name="orders_share", amount=table.amounts["orders"], base=None, is_count=True, more_is_worse=None,
        dimensions=("market", "agency"),
    )  # fmt: skip


def hit(table: WeeklyPanel, rows: np.ndarray, factor: float, weeks: int = 3) -> WeeklyPanel:
    amount = table.amounts["orders"].copy()
    amount[rows, :weeks] = np.rint(amount[rows, :weeks] * factor)
    return replace(table, amounts={"orders": amount})


def test_when_one_market_falls_the_others_are_not_blamed() -> None:
    table = panel(np.random.default_rng(5))
    fallen = hit(table, table.codes["market"] == 2, 0.5)
    found = {tuple(one.where.items()): one for one in segment_changes(fallen, share(fallen))}
    claim = found[(("market", "B"),)]
    assert claim.effect == pytest.approx(0.5, rel=0.15)
    assert claim.interval is not None
    assert claim.interval[0] < 0.5 < claim.interval[1]
    assert claim.onset == 1000 - 20
    others = [one.p_value for one in found.values() if dict(one.where) != {"market": "B"}]
    assert min(others) > 1e-4
    assert set(claim.who) <= {f"C{at:03}" for at in np.flatnonzero(table.codes["market"] == 2)}


def test_a_segment_that_sells_little_may_have_a_week_without_an_order() -> None:
    """Money comes in orders: a week without one of ten says little, and so does a week in which hardly anybody buys."""
    random = np.random.default_rng(8)
    marks = 0
    for _ in range(20):
        table = panel(random)
        mean = np.where(table.codes["market"] == 3, 0.25, 20.0)[:, None] * np.ones(WEEKS)
        mean[:, 0] /= 30
        orders = random.poisson(mean).astype(float)
        gmv = np.where(orders > 0, random.gamma(np.maximum(orders, 1e-9), 25.0), 0.0)
        table = replace(table, amounts={"gmv": gmv, "orders": orders})
        figure = replace(
            share(table), name="gmv_share", amount=gmv, is_count=False, unit=float(gmv.sum() / orders.sum())
        )
        marks += sum(one.p_value < 1e-3 for one in segment_changes(table, figure))
    assert marks <= 1


def test_an_agency_is_told_from_its_market() -> None:
    table = panel(np.random.default_rng(6))
    favoured = hit(table, table.codes["agency"] == 5, 3.0)
    found = segment_changes(favoured, share(favoured))
    worst = min(found, key=lambda one: one.p_value)
    assert dict(worst.where) == {"agency": "G5"}
    assert worst.effect == pytest.approx(3, rel=0.3)
    assert all(one.p_value > 1e-4 for one in found if "market" in one.where)


def test_a_rate_that_rises_in_one_segment_is_the_cause_of_the_whole() -> None:
    random = np.random.default_rng(7)
    table = panel(random)
    base = table.amounts["orders"]
    chance = np.full(base.shape, 0.05)
    chance[table.codes["market"] == 1, :3] = 0.15
    figure = replace(
        share(table),
        topic="quality",
        name="refund_rate",
        amount=random.binomial(base.astype(int), chance).astype(float),
        base=base,
        more_is_worse=True,
    )
    found = segment_changes(table, figure)
    worst = min(found, key=lambda one: one.p_value)
    assert dict(worst.where) == {"market": "A"}
    assert worst.is_worse
    assert worst.now is not None
    assert worst.now == pytest.approx(0.15 * 3 / 4 + 0.05 / 4, rel=0.1)
    everything = whole(table, figure, found)
    assert everything is not None
    assert dict(everything.cause) == {"market": "A"}
    assert everything.now == pytest.approx(figure.amount[:, :4].sum() / base[:, :4].sum())
    assert whole(table, replace(figure, amount=np.zeros_like(base)), []) is None


def test_young_data_are_not_tested() -> None:
    table = panel(np.random.default_rng(8))
    young = replace(table, weeks=7, amounts={"orders": table.amounts["orders"][:, :7]})
    assert segment_changes(young, share(young)) == []
    assert whole(young, share(young), []) is None


def members(random: np.random.Generator, silent: np.ndarray) -> MemberWeeks:
    active = random.random((90, WEEKS)) < 0.95
    active[silent, :2] = False
    agency = 1 + np.arange(90) % 3
    names = tuple(f"C{at:02}" for at in range(90))
    size = random.lognormal(0, 1, (90, WEEKS)) * active
    return MemberWeeks(
        side="creators",
        last=1000,
        names=names,
        active=active,
        amount=size,
        words={"agency": ("", "A", "B", "C")},
        groups={"agency": agency},
    )


def test_a_third_silent_for_two_weeks_shows_within_two_weeks() -> None:
    random = np.random.default_rng(9)
    silent = random.random(90) < 0.33
    everybody = next(one for one in silence_claims(members(random, silent)) if not one.where)
    assert everybody.p_value < 1e-6
    assert (everybody.now, everybody.onset) == (pytest.approx(silent.mean(), abs=0.05), 1000 - 13)
    assert dict(everybody.cause) == {}
    assert set(everybody.who) <= {f"C{at:02}" for at in np.flatnonzero(silent)}
    quiet = silence_claims(members(random, np.zeros(90, bool)))
    assert min(one.p_value for one in quiet) > 0.001


def test_the_agency_that_strikes_is_named() -> None:
    random = np.random.default_rng(10)
    found = silence_claims(members(random, np.arange(90) % 3 == 1))
    worst = min((one for one in found if one.where), key=lambda one: one.p_value)
    assert dict(worst.where) == {"agency": "B"}
    assert dict(next(one for one in found if not one.where).cause) == {"agency": "B"}
    assert all(
        one.p_value > 0.01 or not one.is_worse for one in found if one.where and dict(one.where) != {"agency": "B"}
    )


def test_more_persons_than_usual_begin() -> None:
    usual = joined_claim("creators", 1000, np.array([2, 3, 2, 2, 3, 1, 2, 4, 2, 3]), ("C1",))
    assert usual is not None
    assert usual.p_value > 0.2
    flood = joined_claim("creators", 1000, np.array([20, 18, 2, 2, 3, 1, 2, 4, 2, 3]), ("C1",))
    assert flood is not None
    assert flood.p_value < 1e-6
    assert (flood.now, flood.before) == (19.0, 2.5)
    assert not flood.is_worse
    assert joined_claim("creators", 1000, np.array([1, 0, 1]), ()) is None


def test_newcomers_who_are_starved_are_told_from_those_who_fade() -> None:
    random = np.random.default_rng(11)
    first = np.where(np.arange(80) < 20, 5 + np.arange(80) % 6, -1)
    seen = random.lognormal(8, 1, 80)[:, None] * np.exp(random.normal(0, 0.2, (80, 20)))
    seen *= (np.arange(20)[None, :] <= first[:, None]) | (first < 0)[:, None]
    names = tuple(f"C{at:02}" for at in range(80))
    (fine,) = exposure_claims(Beginnings(side="creators", last=1000, names=names, seen=seen, first=first))
    assert fine.p_value > 0.01
    starved = seen.copy()
    starved[:20, :3] *= 0.2
    (found,) = exposure_claims(Beginnings(side="creators", last=1000, names=names, seen=starved, first=first))
    assert found.p_value < 1e-4
    assert found.effect == pytest.approx(0.25, abs=0.15)
    assert set(found.who) <= set(names[:20])


def test_rank_tests_are_those_of_scipy() -> None:
    from scipy.stats import mannwhitneyu

    random = np.random.default_rng(12)
    first, second = random.integers(0, 9, 20).astype(float), random.integers(2, 12, 30).astype(float)
    assert rank_test(first, second) == pytest.approx(mannwhitneyu(first, second, method="asymptotic").pvalue)
    assert rank_test(np.ones(5), np.ones(9)) == 1.0


def claim(p_value: float, topic: str = "quality", effect: float = 2.0, **other: object) -> Claim:
    values = {
        "figure": "refund_rate", "side": "", "where": {}, "unit": "ratio", "now": 0.2, "before": 0.1, "is_factor": True,
        "interval": None, "onset": 1, "is_worse": True,
    }  # fmt: skip
    return Claim(topic=topic, effect=effect, p_value=p_value, **{**values, **other})  # type: ignore[arg-type]


def test_one_limit_over_all_topics_and_only_what_matters_is_marked() -> None:
    many = [claim(0.5, figure=f"f{at}") for at in range(300)]
    found = decided(
        [*many, claim(1e-3, "newcomers"), claim(1e-9, effect=1.01, figure="tiny"), claim(1e-5, figure="large")]
    )
    marked = {one.figure for one in found if one.is_marked}
    assert marked == {"large", "refund_rate"}
    assert [one.is_marked for one in found] == sorted((one.is_marked for one in found), reverse=True)
    assert next(one for one in found if one.figure == "tiny").q_value < 1e-6
    assert decided([]) == ()


@pytest.mark.parametrize(
    ("effect", "is_factor", "large"), [(1.3, True, True), (0.75, True, True), (1.1, True, False), (0.9, True, False)]
)
def test_factors_matter_either_way(effect: float, is_factor: bool, large: bool) -> None:
    assert matters(claim(0.1, effect=effect, is_factor=is_factor)) == large


def test_where_nothing_is_wrong_pages_have_no_marks() -> None:
    random, pages = np.random.default_rng(13), 0
    for _ in range(200):
        page = [
            claim(chance, topic, figure=str(at))
            for topic in ("quality", "sales")
            for at, chance in enumerate(random.random(40))
        ]
        pages += any(one.is_marked for one in decided(page))
    assert pages <= 10


def test_q_values_do_not_fall_as_chances_rise() -> None:
    chances = np.array([0.2, 0.01, 0.5, 0.01, 1.0])
    found = q_values(chances)
    assert found[1] == found[3] == pytest.approx(0.025)
    assert (np.diff(found[np.argsort(chances)]) >= 0).all()


def test_the_headline_is_the_claim_that_matters_most() -> None:
    page = decided(
        [
            claim(1e-8, effect=1.5),
            claim(1e-8, "activity", 0.3, is_factor=False, figure="silent_share", where={"agency": "A"}),
            claim(0.9, figure="x"),
        ]
    )
    found = headline(page, ())
    assert found.worst is not None
    assert (found.worst.figure, dict(found.where), found.marked, found.is_healthy) == (
        "silent_share",
        {"agency": "A"},
        2,
        False,
    )
    gone = claim(1e-8, "exposure", 1e-12, figure="impressions_share", where={"agency": "B"})
    left = claim(1e-8, "activity", 0.3, is_factor=False, figure="silent_share")
    worst = headline(decided([gone, left]), ()).worst
    assert worst is not None, "two who had all of a segment left: 6 x 1.2 against 6 x 3"
    assert worst.figure == "silent_share"
    fine = headline(decided([claim(0.5)]), ())
    assert (fine.is_healthy, fine.worst, fine.who) == (True, None, ())
    better = headline(decided([claim(1e-9, is_worse=False)]), ())
    assert better.is_healthy
