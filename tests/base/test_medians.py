"""The median of what is known, against that of numpy."""

import warnings

import numpy as np
import pytest

from core.base.arrays import known_median


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("unknown", [0.0, 0.3, 0.9, 1.0])
def test_medians_are_those_of_numpy(axis: int, unknown: float) -> None:
    rng = np.random.default_rng(61)
    for _ in range(10):
        values = rng.normal(size=rng.integers(1, 9, 3)).round(1)
        values[rng.random(values.shape) < unknown] = np.nan
        values[rng.random(values.shape) < 0.05] = np.inf
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # numpy's, where nothing is known
            expected = np.nanmedian(values, axis=axis)
        np.testing.assert_array_equal(known_median(values, axis), expected)


def test_no_rows_have_no_median() -> None:
    np.testing.assert_array_equal(known_median(np.empty((0, 3)), 0), [np.nan] * 3)
    assert known_median(np.empty((0, 3)), 1).shape == (0,)
