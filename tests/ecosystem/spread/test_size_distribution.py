"""Intervals of concentration figures cover the truth of the population under skewed sizes."""

from math import erf

import numpy as np
import pytest

from core.ecosystem.spread.expected_hhi import expected_hhi
from core.ecosystem.spread.size_distribution import size_intervals

GINI = {"lognormal": erf(1.1 / 2), "pareto": 1 / (2 * 1.6 - 1), "lomax": 1.8 / (2 * 1.8 - 1)}


def sizes(random: np.random.Generator, law: str, members: int) -> np.ndarray:
    if law == "lognormal":
        return np.exp(random.normal(0, 1.1, members))
    return random.pareto(1.6, members) + 1 if law == "pareto" else random.pareto(1.8, members)


@pytest.mark.parametrize("members", [12, 60])
@pytest.mark.parametrize("law", list(GINI))
def test_gini_is_covered(law: str, members: int) -> None:
    random, covered = np.random.default_rng(members), 0
    for _ in range(30):
        low, high = size_intervals(sizes(random, law, members))["gini"]
        covered += low <= GINI[law] <= high
    assert covered >= 26


@pytest.mark.parametrize("members", [2, 20, 300])
def test_expected_hhi_of_sizes_whose_shares_are_known(members: int) -> None:
    # shares of exponential sizes are even on the simplex: 2 / (n + 1); equal sizes have 1 / n
    edges = np.linspace(-16, 6, 400)
    exponential, equal = np.exp(-np.exp(edges)), (edges < 0).astype(float)
    found = expected_hhi(edges, np.stack([exponential, equal]), members)
    assert found == pytest.approx([2 / (members + 1), 1 / members], rel=1e-3)


def test_top_shares_and_hhi_are_covered_where_members_are_many() -> None:
    random, covered = np.random.default_rng(1), np.zeros(3)
    truth = 0.01 ** (1 - 1 / 1.6), 0.1 ** (1 - 1 / 1.6)
    hhi = float(
        np.mean([(one**2).sum() / one.sum() ** 2 for one in (sizes(random, "pareto", 300) for _ in range(2000))])
    )
    for _ in range(20):
        found = size_intervals(sizes(random, "pareto", 300))
        for at, (name, value) in enumerate((("top_1pct_share", truth[0]), ("top_10pct_share", truth[1]), ("hhi", hhi))):
            low, high = found[name]
            covered[at] += low <= value <= high
    assert (covered >= 16).all()


def test_units_do_not_matter_and_more_members_tell_more() -> None:
    random = np.random.default_rng(2)
    drawn = sizes(random, "lognormal", 60)
    few, scaled = size_intervals(drawn), size_intervals(drawn * 1e6)
    for name, (low, high) in few.items():
        assert scaled[name] == pytest.approx((low, high), rel=1e-6)
    many = size_intervals(sizes(random, "lognormal", 2000))
    assert np.ptp(many["gini"]) < 0.4 * np.ptp(few["gini"])


def test_no_law_no_interval() -> None:
    random = np.random.default_rng(3)
    assert size_intervals(np.concatenate([random.normal(1, 0.01, 200), random.normal(1e3, 10, 200)])) == {}
    assert size_intervals(np.ones(50)) == {}
    assert size_intervals(np.arange(1.0, 8.0)) == {}
