"""What is expected of a count of buyers where it is compared in a week without any, or with one."""

import numpy as np
import pytest
from scipy.stats import t

from core.indexes.counted_figure import counted
from core.indexes.expected_index import expected_from_past, expected_from_window

WEEKS = 11


def test_a_count_that_falls_to_nothing_is_judged_by_the_chance_of_its_level() -> None:
    """Sixteen buyers in each of eleven weeks, then none: known to a quarter, and none is the logarithm of a half."""
    figure = counted(np.array([0.0] + [16.0] * WEEKS)[:, None])
    expected = expected_from_past(figure, "count")
    reach = t.ppf(0.975, WEEKS - 1) / 4
    assert expected.value == pytest.approx([16])
    assert (expected.low, expected.high) == (pytest.approx([16 * np.exp(-reach)]), pytest.approx([16 * np.exp(reach)]))
    assert expected.p_value == pytest.approx([2 * t.sf(4 * np.log(32), WEEKS - 1)])
    assert expected_from_window(figure, "count").p_value[0] < 1e-3


def test_an_earlier_week_without_buyers_may_be_a_gap() -> None:
    """Two buyers every other week, none now: z is log(4) / sqrt(1/2) = 1.96. Buyers of three weeks alone are too short a past."""
    now_and_then, new = [0.0, *[2.0, 0.0] * 5, 2.0], [0.0, *[5.0] * 3, *[0.0] * 8]
    expected = expected_from_past(counted(np.array([now_and_then, new]).T), "count")
    assert expected.value[0] == pytest.approx(2)
    assert 0.05 < expected.p_value[0] < 0.2
    assert np.isnan(expected.p_value[1])
    gap_then = expected_from_window(counted(np.array([5.0, 0.0, *[5.0] * 6])[:, None]), "count")
    assert np.isnan(gap_then.value).all()
