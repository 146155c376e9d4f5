"""Who falls silent, who begins, and what newcomers get, where the truth is known."""

import numpy as np
import pytest

from core.ecosystem.changes.activity_changes import MemberWeeks, joined_claim, silence_claims
from core.ecosystem.changes.newcomer_changes import Beginnings, exposure_claims
from core.ecosystem.ranks import rank_test

WEEKS = 14


def members(random: np.random.Generator, silent: np.ndarray) -> MemberWeeks:
    active = random.random((90, WEEKS)) < 0.95
    active[silent, :2] = False
    agency = 1 + np.arange(90) % 3
    names = tuple(f"C{at:02}" for at in range(90))
    size = random.lognormal(0, 1, (90, WEEKS)) * active
    return MemberWeeks(
        side="creators",
        last=1000,
        names=names,
        active=active,
        amount=size,
        words={"agency": ("", "A", "B", "C")},
        groups={"agency": agency},
    )


def test_a_third_silent_for_two_weeks_shows_within_two_weeks() -> None:
    random = np.random.default_rng(9)
    silent = random.random(90) < 0.33
    everybody = next(one for one in silence_claims(members(random, silent)) if not one.where)
    assert everybody.p_value < 1e-6
    assert (everybody.now, everybody.onset) == (pytest.approx(silent.mean(), abs=0.05), 1000 - 13)
    assert dict(everybody.cause) == {}
    assert set(everybody.who) <= {f"C{at:02}" for at in np.flatnonzero(silent)}
    quiet = silence_claims(members(random, np.zeros(90, bool)))
    assert min(one.p_value for one in quiet) > 0.001


def test_the_agency_that_strikes_is_named() -> None:
    random = np.random.default_rng(10)
    found = silence_claims(members(random, np.arange(90) % 3 == 1))
    worst = min((one for one in found if one.where), key=lambda one: one.p_value)
    assert dict(worst.where) == {"agency": "B"}
    assert dict(next(one for one in found if not one.where).cause) == {"agency": "B"}
    assert all(
        one.p_value > 0.01 or not one.is_worse for one in found if one.where and dict(one.where) != {"agency": "B"}
    )


def test_more_persons_than_usual_begin() -> None:
    usual = joined_claim("creators", 1000, np.array([2, 3, 2, 2, 3, 1, 2, 4, 2, 3]), ("C1",))
    assert usual is not None
    assert usual.p_value > 0.2
    flood = joined_claim("creators", 1000, np.array([20, 18, 2, 2, 3, 1, 2, 4, 2, 3]), ("C1",))
    assert flood is not None
    assert flood.p_value < 1e-6
    assert (flood.now, flood.before) == (19.0, 2.5)
    assert not flood.is_worse
    assert joined_claim("creators", 1000, np.array([1, 0, 1]), ()) is None


def test_newcomers_who_are_starved_are_told_from_those_who_fade() -> None:
    random = np.random.default_rng(11)
    first = np.where(np.arange(80) < 20, 5 + np.arange(80) % 6, -1)
    seen = random.lognormal(8, 1, 80)[:, None] * np.exp(random.normal(0, 0.2, (80, 20)))
    seen *= (np.arange(20)[None, :] <= first[:, None]) | (first < 0)[:, None]
    names = tuple(f"C{at:02}" for at in range(80))
    (fine,) = exposure_claims(Beginnings(side="creators", last=1000, names=names, seen=seen, first=first))
    assert fine.p_value > 0.01
    starved = seen.copy()
    starved[:20, :3] *= 0.2
    (found,) = exposure_claims(Beginnings(side="creators", last=1000, names=names, seen=starved, first=first))
    assert found.p_value < 1e-4
    assert found.effect == pytest.approx(0.25, abs=0.15)
    assert set(found.who) <= set(names[:20])


def test_rank_tests_are_those_of_scipy() -> None:
    from scipy.stats import mannwhitneyu

    random = np.random.default_rng(12)
    first, second = random.integers(0, 9, 20).astype(float), random.integers(2, 12, 30).astype(float)
    assert rank_test(first, second) == pytest.approx(mannwhitneyu(first, second, method="asymptotic").pvalue)
    assert rank_test(np.ones(5), np.ones(9)) == 1.0


def test_four_weeks_of_those_who_joined_are_a_history() -> None:
    """Four newest weeks, then those that say what is usual; five persons in all are the fewest."""
    assert joined_claim("creators", 1000, np.array([2, 1, 2, 1, 2, 1, 2, 1]), ("C1",)) is not None
    assert joined_claim("creators", 1000, np.array([2, 1, 2, 1, 2, 1, 2]), ("C1",)) is None
    assert joined_claim("creators", 1000, np.array([1, 0, 1, 0, 1, 1, 1, 0]), ("C1",)) is not None
    assert joined_claim("creators", 1000, np.array([1, 0, 1, 0, 1, 1, 0, 0]), ("C1",)) is None
