"""Histories of leaves by their definition: what a rate leads one to expect of each, the size of an event, what weeks moved by."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.catalogue.metric_tree.metric_loader import load
from core.localization.with_history.leaf_history import _HELD, _ROUNDS, _amount, _event, _rates, _share, leaf_history

CATALOGUE = load()
MARKET, CHANNEL = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1])


def compared(sums: dict[str, np.ndarray], days: int = 7) -> Any:
    grid = SimpleNamespace(columns=[MARKET, CHANNEL])
    stock = SimpleNamespace(joined=lambda names, dimensions: SimpleNamespace(grid=grid))
    return SimpleNamespace(stock=stock, weekly=lambda joined, name: sums[name], now=np.arange(40) < days)


def weeks(seed: int, past: int = 5) -> dict[str, np.ndarray]:
    """What came, what was expected, and past weeks, by six leaves; one leaf has nothing."""
    rng = np.random.default_rng(seed)
    views = rng.integers(200, 900, (2 + past, 6)).astype(float)
    clicks = rng.binomial(views.astype(int), 0.1).astype(float)
    views[:, 5] = clicks[:, 5] = 0
    return {"impressions": views, "clicks": clicks, "gmv": clicks * 12.5, "orders": np.floor(clicks / 3)}


@pytest.mark.parametrize("past", [0, 1, 5])
def test_leaves_of_a_sum_share_what_each_week_moved_by(past: int) -> None:
    sums = weeks(1, past)
    found = leaf_history(CATALOGUE.metric("gmv"), compared(sums), ("market", "channel"))
    table = sums["gmv"]
    assert found.actual.tolist() == table[0].tolist()
    assert found.expected.tolist() == table[1].tolist()
    assert found.weeks.tolist() == table[2:].tolist()
    assert (found.trials, found.past_trials, found.length) == (None, None, 7)
    level = table[2:].mean(0) if past else table[1]
    for week in range(past):
        assert found.usual[week] == pytest.approx(level * table[2 + week].sum() / level.sum())
    assert found.usual.shape == (past, 6)
    assert found.event == pytest.approx(np.median(table[:2][table[:2] > 0]))
    assert leaf_history(CATALOGUE.metric("orders"), compared(sums, 3), ()).event == 1.0
    assert leaf_history(CATALOGUE.metric("orders"), compared(sums, 3), ()).length == 3


def raked(numerator: np.ndarray, denominator: np.ndarray, strength: float) -> np.ndarray:
    rate = np.full(6, numerator.sum() / denominator.sum())
    for _ in range(_ROUNDS):
        for column in (MARKET, CHANNEL):
            for value in set(column.tolist()):
                here = column == value
                fitted = (rate * denominator)[here].sum()
                if fitted > 0:
                    rate[here] *= (numerator[here].sum() + strength) / (fitted + strength)
    fitted = rate * denominator
    return np.where(fitted > 0, rate * (numerator + strength) / np.where(fitted > 0, fitted + strength, 1), rate)


@pytest.mark.parametrize("seed", [2, 3])
def test_leaves_of_a_rate_are_expected_by_their_own_held_to_those_of_all(seed: int) -> None:
    sums = weeks(seed)
    ctr = CATALOGUE.metric("ctr")
    found = leaf_history(ctr, compared(sums), ("market", "channel"))
    clicks, views = sums["clicks"], sums["impressions"]
    size = _event(clicks[2:], views[2:], 1.0, ctr.per_event)
    rate = raked(clicks[1], views[1], _HELD * size)
    assert found.actual.tolist() == clicks[0].tolist()
    assert found.expected == pytest.approx(rate * views[0])
    usual = rate * views[2:]
    assert found.usual == pytest.approx(usual * (clicks[2:].sum(1) / usual.sum(1))[:, None])
    assert found.trials is not None
    assert found.past_trials is not None
    assert found.trials.tolist() == views[0].tolist()
    assert found.past_trials.tolist() == views[2:].tolist()
    more = {**sums, "clicks": sums["clicks"].copy()}
    more["clicks"][4, 2] = views[4, 2] + 1
    assert leaf_history(ctr, compared(more), ()).trials is None, "more clicks than impressions: no share"
    grid = cast(Any, SimpleNamespace(columns=[MARKET, CHANNEL]))
    assert _rates(grid, clicks[1], views[1], 3.0) == pytest.approx(raked(clicks[1], views[1], 3.0))
    assert _rates(grid, 0 * clicks[1], 0 * views[1], 3.0).tolist() == [0.0] * 6


def test_the_size_of_an_event_is_how_leaves_scatter_from_week_to_week() -> None:
    rng = np.random.default_rng(4)
    base = rng.integers(50, 200, (6, 9)).astype(float)
    amounts = rng.binomial(base.astype(int), 0.2) * 25.0
    base[:, 8] = amounts[:, 8] = 0
    rate = np.divide(amounts.sum(0), base.sum(0), out=np.zeros(9), where=base.sum(0) > 0)
    size = ((amounts - rate * base) ** 2).sum() / amounts.sum()
    assert _event(amounts, base, 7.0, False) == pytest.approx(size)
    assert _event(amounts, base, 7.0, True) == pytest.approx(max(size, amounts.sum() / base.sum()))
    calm = np.full((6, 2), 40.0), np.full((6, 2), 8.0)
    assert _event(*calm, 7.0, False) == 7.0
    assert _event(*calm, 7.0, True) == 5.0
    for none in ((0 * amounts, base), (amounts, 0 * base), (amounts[:1], base[:1])):
        assert _event(*none, 7.0, True) == 7.0
    small = amounts / 1e4
    assert _event(small, base, 7.0, False) == pytest.approx(size / 1e4)


def test_amounts_and_shares() -> None:
    assert _amount(np.array([[0.0, 3, 0, 9], [5, 0, 0, -4]])) == 4.5
    assert _amount(np.zeros((2, 3))) == 1.0
    assert _share(np.array([4.0, 6]), 8.0).tolist() == [0.5, 0.75]
    assert _share(np.array([4.0, 6]), np.array([0.5, 0])).tolist() == [8, 1]
