"""Exposure beside merit of marketplaces whose truth is known."""

import random
from pathlib import Path

import numpy as np
import pytest

from core.base.segment import EVERYTHING
from core.catalogue.rating_rules import packaged
from core.ecosystem.changes.step_test import LEAST_HISTORY, RECENT
from core.ecosystem.fairness.exposure import _FEWEST, Seen, exposure, merit_claims
from core.ecosystem.fairness.score_history import standings
from core.ecosystem.members import activity
from core.ecosystem.ranks import spearman
from core.ecosystem.results.health_results import Exposure
from core.workspace.read.workspace import Workspace
from tests.ratings import shop
from tests.ratings.shop import Row, saved


def seen(folder: Path, by_merit: bool) -> Exposure:
    """Creators C0 (no bad order) to C29 (most bad orders), seen by that order or by chance."""
    rng, rows, traffic = random.Random(7), [], []
    for number in range(30 * 120):
        creator, day = number % 30, rng.uniform(0, 70)
        row = shop.order(number, day, f"C{creator}")
        if rng.random() < creator / 90:
            row |= {"refunded_at": shop.moment(day + 7), "refund_amount": "10.00", "refund_reason": "not_as_described"}
        rows.append(row)
    for creator in range(30):
        merit: Row = {
            "creator_id": f"C{creator}",
            "impressions": 100 * (30 - creator if by_merit else rng.randrange(1, 30)),
        }
        traffic += [{"date": shop.iso(day), "market": "ID", **merit} for day in range(84)]
    with Workspace.open(saved(folder, {"orders": rows, "traffic": traffic})) as workspace:
        (creators, *_), rules = activity.read(workspace, workspace.span.last, EVERYTHING), packaged()
        (histories, _) = standings(workspace, (creators,), rules, EVERYTHING)
        found = exposure(histories[0], creators)
    assert found is not None
    return found


def test_the_better_are_seen_more(tmp_path: Path) -> None:
    found = seen(tmp_path, by_merit=True)
    assert found.members == 30
    assert found.correlation > 0.8
    assert found.interval[0] > 0.6
    ratios = [one.exposure_ratio for one in found.deciles]
    assert ratios[-1] > 1.5 > 0.5 > ratios[0]


def test_shares_add_up_and_chance_is_chance(tmp_path: Path) -> None:
    found = seen(tmp_path, by_merit=False)
    assert found.interval[0] < 0 < found.interval[1]
    for tiers in (found.grades, found.deciles):
        assert sum(one.members for one in tiers) == 30
        assert sum(one.member_share for one in tiers) == pytest.approx(1)
        assert sum(one.impression_share for one in tiers) == pytest.approx(1)
        assert sum(one.gmv_share or 0 for one in tiers) == pytest.approx(1)


def test_merit_that_turns_round_is_a_change_with_its_size_and_its_weeks() -> None:
    newest, chance = max(RECENT), np.random.default_rng(5)
    score = np.arange(40.0)
    seen_of = np.exp(score / 10)[:, None] * np.exp(chance.normal(0, 0.02, (40, 2 * newest + LEAST_HISTORY)))
    seen_of[:, :newest] = np.exp(-score / 10)[:, None]
    found = {claim.figure: claim for claim in merit_claims("creators", Seen(score, seen_of, {}), 1000)}
    change = found["correlation"]
    assert change.now == pytest.approx(-1, abs=0.02)
    assert change.before == pytest.approx(1, abs=0.02)
    assert change.interval is not None
    assert change.interval[0] <= change.effect <= change.interval[1]
    assert change.effect < -1
    assert change.is_worse
    assert change.onset == 1000 - 7 * newest + 1
    assert found["correlation_vs_chance"].now == pytest.approx(-1, abs=0.02)
    same = {claim.figure: claim for claim in merit_claims("creators", Seen(score, seen_of[:, newest:], {}), 1000)}
    assert same.get("correlation") is None or same["correlation"].p_value > 0.05


def test_the_interval_of_a_rank_correlation_covers() -> None:
    """Spearman's of a normal pair with correlation r is 6 / pi x asin(r / 2)."""
    random, covered = np.random.default_rng(8), 0
    truth = 6 / np.pi * np.arcsin(0.6 / 2)
    for _ in range(300):
        first, noise = random.normal(size=(2, 80))
        low, high = spearman(first, 0.6 * first + 0.8 * noise)[1]
        covered += low <= truth <= high
    assert 275 <= covered <= 297
    assert spearman(np.ones(9), np.arange(9.0)) == (0.0, (-1.0, 1.0))


def test_merit_needs_its_fewest_members() -> None:
    rng = np.random.default_rng(4)
    score, views = rng.uniform(40, 90, _FEWEST), rng.poisson(50, (_FEWEST, 6)) + 1.0
    assert len(list(merit_claims("creators", Seen(score, views, {}), 1000))) == 1
    assert list(merit_claims("creators", Seen(score[1:], views[1:], {}), 1000)) == []
