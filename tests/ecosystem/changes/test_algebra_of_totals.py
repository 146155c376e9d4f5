"""Figures over everything against the same steps of sums written out."""

from dataclasses import replace

import numpy as np
import pytest

from core.ecosystem.changes.segment_figures import Figure
from core.ecosystem.changes.step_test import OF_RATES, RECENT, Steps, Usual, count_steps, steps
from core.ecosystem.changes.total_changes import whole
from core.ecosystem.results.claim_results import Claim
from tests.ecosystem.changes.test_algebra_of_weeks import figure, panel

MARKET = 1 + np.arange(12) % 3


def claim_of(plain: Figure) -> Claim:
    claim = whole(panel(plain.amount, MARKET), plain, [])
    assert claim is not None
    return claim


def agree(claim: Claim, found: Steps) -> None:
    step, half = found.step[0], found.half()[0]
    assert (claim.p_value, claim.effect) == pytest.approx((found.p_value[0], np.exp(step)))
    assert claim.interval == pytest.approx((np.exp(step - half), np.exp(step + half)))
    assert claim.onset == 1001 - 7 * found.onset[0]


@pytest.mark.parametrize("money", [False, True])
def test_an_amount_of_many_cases(money: bool) -> None:
    amount = np.random.default_rng(31).poisson(40, (12, 12)) * np.where(money, 2.5, 1.0)
    unit = 2.5 if money else 1.0
    claim = claim_of(replace(figure(amount), is_count=not money, unit=unit, more_is_worse=False))
    total = amount.sum(axis=0)[None, :]
    counting = (2 if money else 1) / (total.mean(axis=1) / unit + 0.5)
    series = np.log((total + 0.5 * unit) / (1 + 0.5 * unit))
    cases = total / unit / (2 if money else 1)
    found = steps(series, counting, usual=Usual(variance=0.057**2, weeks=3.0), cases=cases)
    agree(claim, found)
    assert (claim.now, claim.before) == pytest.approx((total[0, :4].sum(), total[0, 4:8].sum()))
    assert (claim.unit, claim.is_worse) == ("count", bool(found.step[0] < 0))


@pytest.mark.parametrize(("scale", "unit"), [(1.0, "ratio"), (1000.0, "index")])
def test_a_rate_of_many_cases_by_what_its_members_let_expect(scale: float, unit: str) -> None:
    rng = np.random.default_rng(32)
    base = rng.poisson(300, (12, 12)).astype(float)
    bad = rng.binomial(base.astype(int), 0.1).astype(float)
    level = np.where(np.arange(12) < 6, 0.5, 1.5)
    claim = claim_of(replace(figure(bad, base, scale), level=level))
    total, due = bad.sum(axis=0)[None, :], (base * level[:, None]).sum(axis=0)[None, :]
    rate = bad.sum() / base.sum()
    series = np.log((total + 0.5) / (due + 0.5 / rate))
    found = steps(series, 1 / (total.mean(axis=1) + 0.5), cases=total)
    agree(claim, found)
    shown = [scale * bad[:, weeks].sum() / base[:, weeks].sum() for weeks in (slice(4), slice(4, 8))]
    assert (claim.now, claim.before) == pytest.approx(tuple(shown))
    assert (claim.unit, claim.is_worse) == (unit, bool(found.step[0] > 0))
    assert claim_of(replace(figure(bad, base), more_is_worse=None)).is_worse is None


@pytest.mark.parametrize("of_rate", [False, True])
def test_few_cases_are_tested_as_counts(of_rate: bool) -> None:
    rng = np.random.default_rng(33)
    amount = rng.poisson(2, (12, 12)).astype(float)
    base = rng.poisson(40, (12, 12)).astype(float) if of_rate else None
    total = amount.sum(axis=0)[None, :]
    expected = np.ones_like(total) if base is None else base.sum(axis=0)[None, :]
    agree(claim_of(figure(amount, base)), count_steps(total, expected, lengths=OF_RATES if of_rate else RECENT))


def test_a_rise_is_tested_without_the_member_that_brings_most_of_it() -> None:
    amount = np.random.default_rng(34).poisson(60, (12, 12)).astype(float)
    amount[4, :3] *= 8
    claim = claim_of(figure(amount))
    others = claim_of(figure(np.where(np.arange(12)[:, None] == 4, 0.0, amount)))
    assert claim.who[:1] == ("c05",)
    assert claim.p_value == pytest.approx(others.p_value)
    assert claim.effect > 1.3
