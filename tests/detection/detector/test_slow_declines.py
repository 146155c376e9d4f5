"""Slow declines of a segment against the rest, found under noise that all segments share."""

import numpy as np
import pytest

from core.base.arrays import Floats
from core.detection.detector.slow_declines import slow_declines, without_riser

WEEKS = 26


def weeks(fall: Floats) -> tuple[Floats, Floats, Floats]:
    """Twenty segments of 5,000 that fall alike, and a rest of 20,000; all wander by a tenth together, each by 1 % alone."""
    rng = np.random.default_rng(8)
    shared = np.exp(np.cumsum(rng.normal(0, 0.03, WEEKS)))
    own = 5000 * shared * fall * np.exp(rng.normal(0, 0.01, (20, WEEKS)))
    rest = 20000 * shared * np.exp(rng.normal(0, 0.01, (20, WEEKS)))
    return own, rest, rest / 2


def test_a_leak_of_two_per_cent_a_week_is_told_with_its_length() -> None:
    declines = slow_declines(*weeks(0.98 ** np.maximum(np.arange(WEEKS) - 17.0, 0)))  # 8 weeks: 15 % of it
    assert (declines.p_value < 1e-3).all()
    assert 7 <= np.median(declines.weeks) <= 9
    assert np.median(declines.slope) == pytest.approx(np.log(0.98), abs=0.002)
    assert (np.abs(declines.slope - np.log(0.98)) < 4 * declines.error).all()


@pytest.mark.parametrize(
    "fall",
    [np.ones(WEEKS), 1 - 0.15 * (np.arange(WEEKS) >= 20), 1 - 0.25 * np.clip(np.arange(WEEKS) - 22 - 3 / 7, 0, 1),
     0.98 ** np.arange(WEEKS), 1.02 ** np.arange(WEEKS)],
    ids=["calm", "a step", "a step 18 days ago", "as ever", "a rise"],
)  # fmt: skip
def test_what_is_no_new_and_steady_fall_is_none(fall: Floats) -> None:
    assert (slow_declines(*weeks(fall)).p_value > 0.003).all()


def test_too_short_a_past_or_weeks_of_nothing_tell_nothing() -> None:
    own, rest, others = weeks(0.98 ** np.maximum(np.arange(WEEKS) - 17.0, 0))
    assert (slow_declines(own[:, -11:], rest[:, -11:], others[:, -11:]).p_value == 1).all()
    own[0, 3] = 0
    assert slow_declines(own, rest, others).p_value[0] == 1


@pytest.mark.parametrize("is_only_other", [True, False])
def test_a_segment_does_not_decline_because_another_one_grows(is_only_other: bool) -> None:
    """Half of the rest grows by 5 % a week for eight weeks, to 1.5 times what it was; beside it nothing happens."""
    own, rest, others = weeks(np.ones(WEEKS))
    grown = others * 1.05 ** np.maximum(np.arange(WEEKS) - 17.0, 0)
    rest, others = (grown, 0 * others) if is_only_other else (rest - others + grown, others)
    assert (slow_declines(own, rest, others).p_value == 1).all()


def test_a_leak_is_told_where_the_only_other_segment_goes_on() -> None:
    own, rest, others = weeks(0.97 ** np.maximum(np.arange(WEEKS) - 17.0, 0))
    steady = own / rest * 20000  # neither wanders
    assert (slow_declines(steady, np.full_like(rest, 20000.0), 0 * others).p_value < 1e-3).mean() > 0.9


def test_the_riser_is_the_value_that_grew_most_against_the_others() -> None:
    """24 weeks of 10, 30 and 60 a day; the second is 45 in the last four weeks."""
    siblings = np.array([10.0, 30, 60])[:, None] * np.ones(24 * 7)
    siblings[1, -28:] = 45
    assert without_riser(siblings).tolist() == [70.0] * 168
    assert not without_riser(siblings[[1, 1]] * [[1], [0]]).any(), "nothing is left"
    assert not without_riser(siblings[:2] * [[0.2], [1]]).any(), "2 of 32 are too few"
