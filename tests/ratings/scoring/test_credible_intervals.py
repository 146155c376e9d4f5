"""Intervals of components against quantiles that have a closed form, and against scipy's."""

import numpy as np
import pytest
from scipy import stats

from core.ratings.scoring.credible_intervals import credible_interval
from core.ratings.scoring.scores import Belief

SHAPES = np.array([0.1, 0.3, 1.0, 8.0, 400.0])


def belief(a: np.ndarray, b: np.ndarray, n: np.ndarray, k: np.ndarray, is_share: bool = True) -> Belief:
    return Belief(a=a, b=b, n=n, k=k, run=np.ones(len(a)), is_share=is_share)


@pytest.mark.parametrize("size", [1.0, 40.0, 1e6])
def test_one_case_against_many_is_a_root_and_no_cases_of_a_rate_an_exponential(size: float) -> None:
    """Beta(1, b) is at most x with chance 1 - (1 - x)^b, Beta(a, 1) with x^a, Gamma(1) with 1 - exp(-x)."""
    one, many, none = np.ones(1), np.array([size]), np.zeros(1)
    tails = [0.025, 0.975]
    assert np.ravel(credible_interval(belief(one, many, none, none))) == pytest.approx(
        [-np.expm1(np.log1p(-tail) / size) for tail in tails], rel=1e-6
    )
    assert np.ravel(credible_interval(belief(many, one, none, none))) == pytest.approx(
        [tail ** (1 / size) for tail in tails], rel=1e-6
    )
    assert np.ravel(credible_interval(belief(one, one, many - 1, none, is_share=False))) == pytest.approx(
        [-np.log1p(-tail) / size for tail in tails], rel=1e-6
    )


@pytest.mark.parametrize("mean", [1e-6, 0.02, 0.5, 0.98])
@pytest.mark.parametrize("cases", [0.0, 1.0, 30.0, 1e6])
def test_every_prior_and_any_cases_have_an_interval(mean: float, cases: float) -> None:
    """From no bad case to bad ones only: of members who are all bad but for one in fifty, the interval was not a number."""
    a, bad = (entry.ravel() for entry in np.meshgrid(SHAPES, [0.0, 0.5, 1.0]))
    share = belief(a, a / mean - a, np.full(len(a), cases), cases * bad)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        low, high = credible_interval(share)
    last = share.a + share.k, share.b + share.n - share.k
    assert ((low <= high) & (low >= 0) & (high <= 1)).all()
    assert low == pytest.approx(stats.beta.ppf(0.025, *last), abs=0.005)
    assert high == pytest.approx(stats.beta.ppf(0.975, *last), abs=0.005)


def test_the_interval_of_a_card_is_the_same_among_thousands() -> None:
    rng = np.random.default_rng(8)
    n = rng.uniform(0, 300, 12_000)
    every = belief(rng.uniform(0.5, 4, 12_000), rng.uniform(5, 60, 12_000), n, n * rng.uniform(0, 0.2, 12_000))
    low, high = credible_interval(every)
    for cards in (slice(0, 1), slice(7, 40), slice(3, 3000)):
        some = belief(every.a[cards], every.b[cards], every.n[cards], every.k[cards])
        assert [entry.tolist() for entry in credible_interval(some)] == [low[cards].tolist(), high[cards].tolist()]
