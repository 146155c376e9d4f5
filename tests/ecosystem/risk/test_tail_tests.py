"""How unlikely a count is among those of all members, and which chances are discoveries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from core.detection.distributions import q_values
from core.ecosystem.risk.lead_tests import ago, by_member
from core.ecosystem.risk.tail_tests import _spread, not_negative, scaled, tail, unusual


def test_a_member_is_tested_once_by_its_least_chance() -> None:
    member, count = np.array([7, 3, 7, 3, 9]), np.array([5, 9, 4, 6, 30])
    chances, expected = np.array([1e-3, 1e-4, 1e-9, 1e-6, 1e-9]), np.array([1.0, 3.0, 0.1, 2.1, 10.0])
    leads = by_member("kind", member, chances, count, expected, lambda cell: (str(cell),))
    assert leads.member.tolist() == [3, 7, 9]
    assert leads.p_value.tolist() == pytest.approx([2e-4, 2e-3, 1e-9])
    assert leads.cell.tolist() == [1, 0, 4], "four are too few, and six are not three times 2.1"
    of_all = by_member("kind", member, chances, count, expected, lambda cell: (), tested=5)
    assert of_all.p_value.tolist() == pytest.approx([1e-4, 1e-3, 1e-9, 1.0, 1.0])
    assert [ago(week) for week in (0, 1, 2)] == ["the newest", "1 week before the newest", "2 weeks before the newest"]


@pytest.mark.parametrize("count", [0, 1, 5, 20])
def test_tails_are_negative_binomial_with_the_spread_of_rates(count: int) -> None:
    one, mean = np.array([count]), np.array([4.0])
    assert tail(one, mean, 1e-9)[0] == pytest.approx(stats.poisson.sf(count - 1, 4.0))
    assert tail(one, mean, 0.5)[0] == pytest.approx(stats.nbinom.sf(count - 1, 2, 2 / 6))
    # none of two spread by a half: (1 / (1 + 2 / 2))^2
    assert tail(np.array([1]), np.array([2.0]), 0.5)[0] == pytest.approx(0.75)


def test_the_crowd_without_what_stands_out_tells_what_is_usual() -> None:
    rng = np.random.default_rng(1)
    base = rng.uniform(5, 20, (300, 1))
    count = rng.poisson(2 * base[:, 0])
    count[7] = 200
    chances, expected = unusual(count, base)
    assert expected == pytest.approx(2 * base[:, 0], rel=0.05)
    assert chances.argmin() == 7
    assert chances[7] < 1e-12 < 1e-5 < np.delete(chances, 7).min()
    assert _spread(count[:5], 1.0 * count[:5], np.zeros(5)) == 0.02
    pair, tens = np.array([0, 20]), np.array([10.0, 10.0])
    assert _spread(pair, tens, np.zeros(2)) == pytest.approx((100 + 100 - 20) / 200)
    assert _spread(pair, tens, np.array([0.1, 0.3])) == pytest.approx((100 + 100 - 20 - 10 - 30) / 200)
    assert scaled(np.array([1.0, 3.0]), np.array([4, 4])).tolist() == [2.0, 6.0]
    assert scaled(np.zeros(2), np.array([4, 4])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("terms", [1, 2, 3])
def test_factors_are_the_least_squares_without_negative_ones(terms: int) -> None:
    random, zeros = np.random.default_rng(terms), 0
    for _ in range(40):
        design, target = random.normal(0.3, 1, (30, terms)), random.normal(0, 1, 30)
        expected = optimize.nnls(design, target)[0]
        zeros += int((expected == 0).any())
        assert not_negative(design, target) == pytest.approx(expected, abs=1e-9)
    assert zeros


def test_the_crowd_is_not_fooled_by_those_who_stand_out() -> None:
    """Counts of rate 4 that vary by half among members; a tenth have thirty more."""
    random = np.random.default_rng(6)
    count = random.poisson(random.gamma(4, 1, 2000))
    count[:100] += 30
    p_value, expected = unusual(count, np.ones((2000, 1)))
    assert expected[0] == pytest.approx(4, rel=0.1)
    assert (p_value[:100] < 1e-3).all()
    assert (p_value[100:] < 0.01).mean() < 0.015


def test_the_crowd_is_searched_forward_six_times() -> None:
    """First those in the lower nine tenths of everything; then all that are no chance below 0.0001, and 0.1 over their number."""
    random = np.random.default_rng(16)
    bases = np.stack([random.uniform(2, 9, 150), random.uniform(0, 3, 150)], axis=1)
    doubt = random.uniform(0, 0.2, 150)
    count = random.poisson(random.gamma(3, (bases @ [1.0, 0.5]) / 3))
    count[:6] += np.array([90, 60, 40, 30, 20, 15])
    keep = np.logical_and.reduce([values <= np.quantile(values, 0.9) for values in (count, *bases.T)])
    spread = 0.02
    for at in range(6):
        design = np.r_[bases[keep], np.eye(2)]
        weight = 1 / np.sqrt(np.maximum(design.sum(axis=1), 1e-3) + spread * np.maximum(design.sum(axis=1), 1e-3) ** 2)
        factor = optimize.nnls(design * weight[:, None], np.r_[count[keep], 1, 1] * weight)[0]
        expected = bases @ factor
        squares = ((count - expected) ** 2 - expected - doubt * expected**2)[keep].sum()
        spread = max(squares / (expected[keep] ** 2).sum(), 0.02)
        shape = 1 / (spread + doubt)
        law = stats.nbinom(shape, shape / (shape + expected))
        chance = law.sf(count - 1)
        keep = np.minimum(chance, law.cdf(count)) >= (0.1 / 150 if at else 1e-4)
    found = unusual(count, bases, doubt)
    assert found[1] == pytest.approx(expected)
    assert found[0] == pytest.approx(chance, rel=1e-6)
    assert (~keep).sum() >= 2


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_discoveries_are_those_of_the_step_up_rule(p_value: list[float]) -> None:
    order = sorted(p_value)
    largest = max((at for at in range(len(order)) if order[at] <= 0.05 * (at + 1) / len(order) + 1e-15), default=-1)
    assert (q_values(np.array(p_value)) <= 0.05 + 1e-12).sum() == pytest.approx(largest + 1)
