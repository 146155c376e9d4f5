"""Slow declines of a segment against the rest, found under noise that all segments share."""

import numpy as np
import pytest

from core.base.arrays import Floats
from core.detection.detector.slow_declines import slow_declines

WEEKS = 26


def weeks(fall: Floats) -> tuple[Floats, Floats]:
    """Twenty segments of 5,000 that fall alike, and a rest of 20,000; all wander by a tenth together, each by 1 % alone."""
    rng = np.random.default_rng(8)
    shared = np.exp(np.cumsum(rng.normal(0, 0.03, WEEKS)))
    own = 5000 * shared * fall * np.exp(rng.normal(0, 0.01, (20, WEEKS)))
    return own, 20000 * shared * np.exp(rng.normal(0, 0.01, (20, WEEKS)))


def test_a_leak_of_two_per_cent_a_week_is_told_with_its_length() -> None:
    declines = slow_declines(*weeks(0.98 ** np.maximum(np.arange(WEEKS) - 17.0, 0)))  # 8 weeks: 15 % of it
    assert (declines.p_value < 1e-3).all()
    assert 7 <= np.median(declines.weeks) <= 9
    assert np.median(declines.slope) == pytest.approx(np.log(0.98), abs=0.002)
    assert (np.abs(declines.slope - np.log(0.98)) < 4 * declines.error).all()


@pytest.mark.parametrize(
    "fall",
    [np.ones(WEEKS), 1 - 0.15 * (np.arange(WEEKS) >= 20), 0.98 ** np.arange(WEEKS), 1.02 ** np.arange(WEEKS)],
    ids=["calm", "a step", "as ever", "a rise"],
)  # fmt: skip
def test_what_is_no_new_and_steady_fall_is_none(fall: Floats) -> None:
    assert (slow_declines(*weeks(fall)).p_value > 0.003).all()


def test_too_short_a_past_or_weeks_of_nothing_tell_nothing() -> None:
    own, rest = weeks(0.98 ** np.maximum(np.arange(WEEKS) - 17.0, 0))
    assert (slow_declines(own[:, -11:], rest[:, -11:]).p_value == 1).all()
    own[0, 3] = 0
    assert slow_declines(own, rest).p_value[0] == 1
