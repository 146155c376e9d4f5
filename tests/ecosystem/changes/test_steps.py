"""Steps of weekly series where the truth is known."""

import numpy as np
import pytest

from core.ecosystem.changes.step_test import count_steps, steps

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
    assert 435 <= covered <= 479


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
