"""What scores promised and what came, of members whose truth is known."""

import numpy as np
import pytest
from scipy import stats

from core.ecosystem.fairness.calibration import (
    Outcomes,
    calibration_claims,
    calibrations,
    ranking_claims,
    rankings,
    ratio_interval,
)


def members(seed: int, telling: float, unfair: float = 1.0, size: int = 90) -> Outcomes:
    """Scores that tell bad orders by so much (negative: reversed); members of market B have `unfair` times as many."""
    random = np.random.default_rng(seed)
    score = random.normal(60, 10, size)
    market = 1 + np.arange(size) % 2
    cases = random.poisson(60, size) + 1.0
    chance = 0.1 * np.exp(-telling * (score - 60) / 10) * np.where(market == 2, unfair, 1.0)
    return Outcomes(
        side="creators", score=score, grade=np.where(score > 60, 0, 1), grades=("A", "B", "P"), person=np.arange(size),
        cases=cases, bad=random.binomial(cases.astype(int), np.minimum(chance, 0.9)).astype(float),
        groups={"market": (market, ("", "A", "B"))},
    )  # fmt: skip


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    found = members(1, 0.5, size=12)
    pairs = [
        (bad * (cases - hers), 1.0 if low < high else 0.5 if low == high else 0.0)
        for low, bad in zip(found.score, found.bad, strict=True)
        for high, cases, hers in zip(found.score, found.cases, found.bad, strict=True)
    ]
    ranking = rankings(found, None)
    assert ranking is not None
    assert ranking.auc == pytest.approx(np.average([right for _, right in pairs], weights=[size for size, _ in pairs]))
    assert (ranking.bad, ranking.before) == (found.bad.sum(), None)


def test_the_interval_of_the_area_covers() -> None:
    many = [rankings(members(seed, 0.4, size=2000), None) for seed in range(3)]
    truth = np.mean([one.auc for one in many if one is not None])
    covered = 0
    for seed in range(100):
        ranking = rankings(members(seed, 0.4), None)
        assert ranking is not None
        covered += ranking.interval[0] <= truth <= ranking.interval[1]
    assert 88 <= covered <= 99


def test_reversed_quality_is_said_and_steady_quality_is_not() -> None:
    steady = {one.figure: one for one in ranking_claims(members(1, 0.5), members(2, 0.5), 100)}
    assert steady["auc"].p_value > 0.01
    assert steady["auc_vs_chance"].p_value == 1.0
    turned = {one.figure: one for one in ranking_claims(members(1, -0.5), members(2, 0.5), 100)}
    assert turned["auc"].p_value < 1e-6
    assert turned["auc"].is_worse
    assert turned["auc"].effect == pytest.approx(turned["auc"].now - turned["auc"].before)
    assert turned["auc_vs_chance"].p_value < 1e-4
    assert turned["auc_vs_chance"].onset == 73


def test_too_few_bad_orders_tell_nothing() -> None:
    assert rankings(members(1, 0.5, size=8), None) is None
    assert list(calibrations(members(1, 0.5, size=8))) == []


def test_grades_and_tenths_hold_everybody_once_and_bad_orders_fall_with_them() -> None:
    found = list(calibrations(members(4, 0.8)))
    for group in ("grade", "tenth", "market"):
        rows = [one for one in found if one.group == group]
        assert sum(one.members for one in rows) == 90
        assert sum(one.observed for one in rows) == pytest.approx(sum(one.expected for one in rows))
    tenths = {one.value: one.ratio or 0 for one in found if one.group == "tenth"}
    assert tenths["1"] > 1.5 > 0.7 > tenths["10"]


def test_a_group_with_more_bad_orders_at_the_same_score_is_found() -> None:
    fair = list(calibration_claims(list(calibrations(members(5, 0.5))), 100))
    assert {one.where["market"] for one in fair} == {"A", "B"}
    assert min(one.p_value for one in fair) > 0.01
    unfair = {one.where["market"]: one for one in calibration_claims(list(calibrations(members(5, 0.5, 2.5))), 100)}
    assert unfair["B"].p_value < 1e-6
    assert unfair["B"].is_worse
    assert not unfair["A"].is_worse
    assert unfair["B"].now is not None
    assert unfair["B"].now > 1.3


def test_intervals_cover_where_persons_differ() -> None:
    random_, covered = np.random.default_rng(3), 0
    for _ in range(300):
        expected = random_.lognormal(1, 0.7, 40)
        observed = random_.poisson(expected * random_.gamma(5, 1 / 5, 40)).astype(float)
        interval = ratio_interval(observed, expected, np.arange(40))[1]
        assert interval is not None
        covered += interval[0] <= 1 <= interval[1]
    assert 270 <= covered <= 298
    assert ratio_interval(np.zeros(3), np.zeros(3), np.arange(3)) == (None, None, None)


def test_the_ratio_of_persons_who_differ_more_than_by_chance() -> None:
    """Six persons, the last with two rows: residuals as in a jackknife, six fifths of their squares, in place of Poisson's."""
    observed, expected = np.array([40.0, 2, 60, 3, 50, 3, 2]), np.array([20.0, 25, 22, 18, 20, 12, 10])
    person = np.array([3, 7, 8, 9, 11, 12, 12])
    ratio, interval, chance = ratio_interval(observed, expected, person)
    total, own = expected.sum(), np.r_[expected[:5], expected[5:].sum()]
    assert ratio == observed.sum() / total
    residual = (np.r_[observed[:5], 5] - ratio * own) / (1 - own / total)
    error = (6 / 5 * (residual**2).sum()) ** 0.5 / total / ratio
    freedom = total**2 / (own**2).sum() - 1
    spread = np.exp(stats.t.ppf(0.975, freedom) * error)
    assert interval == pytest.approx((ratio / spread, ratio * spread))
    assert chance == pytest.approx(2 * stats.t.sf(abs(np.log(ratio)) / error, freedom))
    assert ratio_interval(np.array([1.0]), np.array([0.5]), np.array([0])) == (2.0, None, None)
