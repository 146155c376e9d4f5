"""Second opinions, against weights and effects that are known."""

import numpy as np
import pytest

from core.verification.synthetic_did import difference_in_differences, synthetic_did


def test_a_treated_series_that_is_a_mean_of_controls_gets_just_those() -> None:
    chance = np.random.default_rng(3)
    controls = 100 + np.cumsum(chance.normal(0, 3, (5, 60)), axis=1)
    treated = 0.5 * controls[1] + 0.5 * controls[3] + 20
    treated[45:] += 8
    result = synthetic_did(np.vstack([treated, controls]), 45)
    assert result.control_weights.sum() == pytest.approx(1)
    assert result.day_weights.sum() == pytest.approx(1)
    assert set(np.argsort(result.control_weights)[-2:]) == {1, 3}  # a ridge keeps some weight on the others
    assert result.effect == pytest.approx(8, abs=2.5)
    in_cents = synthetic_did(1e9 * np.vstack([treated, controls]), 45)
    assert in_cents.control_weights == pytest.approx(result.control_weights, abs=1e-6)
    assert in_cents.effect == pytest.approx(1e9 * result.effect)


def test_difference_in_differences_is_the_gap_of_two_means() -> None:
    values = np.array([[1.0, 1, 5, 5], [2, 2, 3, 3], [4, 4, 4, 4]])
    assert difference_in_differences(values, 2) == pytest.approx(4 - 0.5)
