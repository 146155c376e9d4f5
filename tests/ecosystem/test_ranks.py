"""Ranks of equals."""

import numpy as np
import pytest
from scipy import stats

from core.ecosystem.ranks import correlation_chance, ranks, spearman


def test_equals_share_the_mean_of_their_ranks() -> None:
    assert ranks(np.array([5.0, 1, 1, 9, 5, 5])).tolist() == [4, 1.5, 1.5, 6, 4, 4]


@pytest.mark.parametrize("turned", [1, -1])
def test_correlations_are_those_of_ranks_and_certain_only_nearly(turned: int) -> None:
    rng = np.random.default_rng(81)
    first = np.round(rng.normal(0, 3, 40))
    second = turned * np.round(first + rng.normal(0, 3, 40))
    result, (low, high) = spearman(first, second)
    assert result == pytest.approx(stats.spearmanr(first, second).statistic)
    error = ((1 + result**2 / 2) / 37) ** 0.5
    z = np.arctanh(result)
    assert (low, high) == pytest.approx(tuple(np.tanh(z + side * 1.959964 * error) for side in (-1, 1)))
    assert correlation_chance(result, 40) == pytest.approx(2 * stats.norm.sf(abs(z) / error))
    whole, (least, most) = spearman(first, turned * first)
    assert whole == pytest.approx(turned)
    assert -1 < least < most < 1
