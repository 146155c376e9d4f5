"""Laws of sizes by their definitions, concentration now and before, the ranking shown and its day."""

from dataclasses import replace
from math import lgamma, log, pi
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import integrate, stats

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING
from core.ecosystem import health
from core.ecosystem.fairness.calibration import rankings
from core.ecosystem.spread import size_distribution as laws
from core.ecosystem.spread.concentration import _gainers, claims, concentrations, figure_intervals, spread
from tests.ecosystem.fairness.test_algebra_of_fairness import outcomes
from tests.ecosystem.spread.test_concentration import activity

REACH = laws._LOG_REACH


def test_laws_of_log_sizes_are_densities_of_mean_nothing_and_variance_one() -> None:
    for tail, logs in zip(laws._TAILS[:-3], laws._densities(), strict=False):
        density = np.exp(logs)
        moments = [integrate.trapezoid(density * REACH**power, REACH) for power in (0, 1, 2)]
        assert moments == pytest.approx([1, 0, 1], abs=0.02), f"tail {tail}"
    normal = laws._densities()[0]
    assert normal == pytest.approx(stats.norm.logpdf(REACH))
    tail = float(laws._TAILS[6])
    mixed = stats.exponnorm.logpdf(REACH + tail, K=tail / (1 - tail**2) ** 0.5, scale=(1 - tail**2) ** 0.5)
    near = (REACH > -3) & (REACH < 6)
    assert laws._densities()[6][near] == pytest.approx(mixed[near], abs=1e-6)


@pytest.mark.parametrize("row", [0, 3, 7])
def test_shares_above_a_size_by_integration(row: int) -> None:
    tail, tilt = float(laws._TAILS[row]), 0.7
    density = np.exp(laws._densities()[row])
    amount = density * np.exp(tilt * REACH)
    for z in (-1.0, 0.5, 2.0):
        above = z <= REACH
        assert laws._survival(np.array([z]), 0.0, tail)[0] == pytest.approx(
            integrate.trapezoid(density[above], REACH[above]), abs=2e-3
        )
        share = integrate.trapezoid(amount[above], REACH[above]) / integrate.trapezoid(amount, REACH)
        assert laws._survival(np.array([z]), tilt, tail)[0] == pytest.approx(share, abs=5e-3)


def test_gini_and_top_shares_of_known_laws() -> None:
    sigma = np.array([0.5, 1.0, 2.0])
    gini = laws._tail_share(sigma, None)[0]
    assert gini == pytest.approx(2 * stats.norm.cdf(sigma / 2**0.5) - 1, abs=2e-3)
    top = laws._tail_share(sigma, 0.1)[0]
    assert top == pytest.approx(stats.norm.sf(stats.norm.isf(0.1) - sigma), abs=3e-3)
    assert laws._tail_share(np.array([4.0]), None)[-1] == 1.0, "an infinite mean"
    pareto, lomax = laws._index_shares(np.array([0.9, 2.0, 5.0]), None)
    assert pareto == pytest.approx([1, 1 / 3, 1 / 9])
    assert lomax == pytest.approx([1, 2 / 3, 5 / 9])
    pareto, lomax = laws._index_shares(np.array([0.9, 2.0]), 0.1)
    assert pareto == pytest.approx([1, 0.1**0.5])
    border = 0.1 ** (-1 / 2) - 1
    sold = integrate.quad(lambda x: x * 2 / (1 + x) ** 3, border, np.inf)[0]
    assert lomax[1] == pytest.approx(sold, abs=1e-6)


def test_likelihoods_by_index_and_scale() -> None:
    logs, times = np.array([0.2, 1.0, 1.0, 2.5, 3.1]), np.ones(5)
    grid = laws._INDICES
    pareto = laws._pareto(logs)
    for at in (10, 60, 110):
        # least sizes from none to the smallest at hand, flat in their logarithms
        a = grid[at]
        least = np.linspace(logs.min() - 5 / a, logs.min(), 4001)
        of = integrate.simpson(np.exp(5 * np.log(a) - a * (logs.sum() - 5 * least)), x=least)
        assert pareto[at] == pytest.approx(np.log(of), rel=1e-6)
    lomax = laws._lomax(logs, times)
    scales = np.median(logs) + np.arange(-3.0, 5.0, laws._LOMAX_STEP)
    for row, column in ((20, 5), (80, 30)):
        sizes = np.exp(logs)
        density = stats.lomax.logpdf(sizes, grid[row], scale=np.exp(scales[column])) + logs
        assert lomax[row, column] == pytest.approx(density.sum())


def test_many_sizes_are_binned_but_the_least_of_them_is_not() -> None:
    """500 quantiles of Pareto 2: the likeliest index is 499 / sum(log x - log least)."""
    logs = 3 - np.log1p(-(np.arange(500) + 0.5) / 500) / 2
    found = laws._fit(logs)
    assert found.index[found.pareto.argmax()] == pytest.approx(499 / (logs - logs.min()).sum(), rel=0.016)
    assert found.pareto.sum() > 0.9 * (found.pareto.sum() + found.lomax.sum() + found.weight.sum())


def test_intervals_of_figures_hold_them_and_need_members() -> None:
    sizes = np.random.default_rng(1).permutation(np.exp(3 + stats.norm.ppf((np.arange(120) + 0.5) / 120)))
    found = laws.size_intervals(sizes)
    truth = {"gini": 2 * stats.norm.cdf(0.5**0.5) - 1, "top_10pct_share": stats.norm.sf(stats.norm.isf(0.1) - 1)}
    for name, value in truth.items():
        assert found[name][0] < value < found[name][1]
        assert found[name][1] - found[name][0] < 0.25
    assert laws.size_intervals(sizes[:7]) == laws.size_intervals(np.full(50, 3.0)) == {}
    assert set(figure_intervals(sizes[:20])) == {"gini", "hhi"}
    assert set(figure_intervals(sizes[:29])) == {"gini", "hhi"}
    assert set(figure_intervals(sizes[:30])) == {"gini", "hhi", "top_10pct_share"}
    assert set(figure_intervals(sizes[:100])) == set(laws.FIGURES)
    assert figure_intervals(sizes[:19]) == {}
    values, weight = np.arange(101.0), np.ones(101)
    assert laws._quantiles(values, weight) == pytest.approx((2.025, 97.975), abs=0.51)


def test_figures_of_a_side_now_and_before() -> None:
    rng = np.random.default_rng(2)
    now, before = rng.integers(1, 1000, 40).tolist(), [0] * 10 + rng.integers(1, 1000, 30).tolist()
    (found,) = concentrations(activity(now, before))
    assert (found.population, found.population_before, found.total) == (40, 30, sum(now) / 100)
    plain, earlier = spread(np.array(now, float)), spread(np.array(before[10:], float))
    assert found.now.gini == plain.gini
    assert found.before is not None
    assert found.before.hhi == earlier.hhi
    assert found.now.effective_number == pytest.approx(1 / plain.hhi)
    assert found.now.top_1pct_share is None
    top = sorted(now, reverse=True)[:3]
    assert [member.share for member in found.largest] == pytest.approx([size / sum(now) for size in top])
    only = concentrations(activity([0] * 9 + [5] + [0] * 20, before[:30]))
    assert [len(item.largest) for item in only] == [1], "who has nothing is not among the largest"
    assert concentrations(activity([0] * 5, before[:5])) == []


def test_changes_of_concentration_need_weeks_with_members() -> None:
    rng = np.random.default_rng(3)
    crowd = activity([1] * 20, [1] * 20)
    amount = np.vstack([np.zeros(12), rng.lognormal(3, 0.3, (20, 12))])
    amount[5, :4] *= 60
    found = {claim.figure: claim for claim in claims(crowd, {"gmv": amount})}
    assert set(found) == {"gini of gmv", "hhi of gmv", "top_10pct_share of gmv"}
    hhi = found["hhi of gmv"]
    sizes = [amount[1:, weeks].sum(axis=1) for weeks in (slice(0, 4), slice(4, 8))]
    assert (hhi.now, hhi.before) == pytest.approx(tuple((size**2).sum() / size.sum() ** 2 for size in sizes))
    assert hhi.p_value < 1e-4
    assert hhi.is_worse
    assert hhi.who[0] == crowd.crowd.names.words[5]
    assert hhi.interval is not None
    assert hhi.interval[0] < hhi.effect < hhi.interval[1]
    shares = amount[:, :4].sum(1) / amount[:, :4].sum() - amount[:, 4:].sum(1) / amount[:, 4:].sum()
    losers = [crowd.crowd.names.words[at] for at in np.argsort(shares)[:3]]
    assert list(_gainers(crowd, amount, False)) == losers
    few = amount.copy()
    few[1:14, 6] = 0
    assert list(claims(crowd, {"gmv": few})) == [], "seven members in one week"
    few[13, 6] = 5.0
    assert len(list(claims(crowd, {"gmv": few}))) == 3
    assert list(claims(crowd, {"gmv": amount[:, :7]})) == []
    few[:, 3] = 0
    assert list(claims(crowd, {"gmv": few})) == []


def test_the_ranking_that_is_shown_stays_a_share() -> None:
    data = outcomes()
    best = replace(data, score=np.where(np.arange(40) < 20, 90.0, 40.0), bad=np.where(np.arange(40) < 20, 0.0, 3.0))
    found = rankings(best, data)
    assert found is not None
    assert 0.5 < found.auc <= 1.0
    assert 0 <= found.interval[0] < found.auc <= found.interval[1] <= 1
    plain = rankings(data, None)
    assert plain is not None
    assert plain.interval[0] < plain.auc < plain.interval[1]
    assert (plain.members, plain.cases, plain.bad, plain.before) == (
        40,
        int(data.cases.sum()),
        int(data.bad.sum()),
        None,
    )


def test_health_needs_somebody_who_was_active_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    active = SimpleNamespace(last=950, active=lambda _: np.array([True]), crowd=None)
    monkeypatch.setattr(health.activity, "read", lambda *_: (active,))
    workspace = cast(Any, SimpleNamespace(span=Window(0, 1000)))
    assert health._active(workspace, 1000, EVERYTHING) == (active,)
    active.active = lambda _: np.array([False])
    with pytest.raises(NotEnoughData, match="nobody sold or was seen.* try --as-of 1972-08-08"):
        health._active(workspace, 1000, EVERYTHING)
    with pytest.raises(NotEnoughData, match="the workspace begins on"):
        health._active(workspace, -1, EVERYTHING)


def test_how_likely_each_law_is_is_what_its_likelihood_integrates_to() -> None:
    """Of a lognormal law, flat in its place and the log of its scale: Gamma((n - 1) / 2) / 2 (S / 2)^-((n - 1) / 2)
    over sqrt(n) (2 pi)^((n - 1) / 2), with S the sum of squares; of Pareto's the sum over its indices, evenly spaced in logs."""
    logs = np.random.default_rng(5).normal(2, 0.8, 40)
    n, squares = len(logs), float(((logs - logs.mean()) ** 2).sum())
    half = (n - 1) / 2
    lognormal = lgamma(half) - log(2) - half * log(squares / 2) - log(n) / 2 - half * log(2 * pi)
    index, excess = laws._INDICES, float((logs - logs.min()).sum())
    pareto = log(np.sum(index ** (n - 1) * np.exp(-index * excess)) * log(index[1] / index[0]) / n)
    found = laws._fit(logs)
    expected = lognormal - pareto + log(laws._LOGNORMAL / laws._PARETO)
    assert log(found.weight[0].sum() / found.pareto.sum()) == pytest.approx(expected, abs=0.01)
