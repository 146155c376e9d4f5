"""Tests of claims against the same statistics written out, and their limits from both sides."""

from dataclasses import replace
from math import exp, log
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from core.base.days import Window
from core.ecosystem.changes import step_test
from core.ecosystem.changes.activity_changes import MemberWeeks, _shrunk, _with_causes, joined_claim, silence_claims
from core.ecosystem.changes.serial_correlation import count_scatter, covariance
from core.ecosystem.changes.step_test import count_steps, countable, steps
from core.ecosystem.completeness import _missing, _runs
from core.ecosystem.proportions import newcombe
from tests.ecosystem.test_algebra_of_marks import claim


def series(rows: int = 6, weeks: int = 14, drift: float = 0.3) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.standard_normal((rows, weeks)) + np.cumsum(drift * rng.standard_normal((rows, weeks)), axis=1)[:, ::-1]


def test_steps_are_generalised_least_squares_of_weeks_that_go_together() -> None:
    """Newest week first."""
    values, counting = series(), np.full(6, 1e-4)
    found = steps(values, counting)
    weeks = values.shape[1]
    expected = []
    for length in (2, 3, 4):
        together, ones = covariance(values[:, length:], weeks), np.ones(weeks - length)
        whole, weight = np.linalg.inv(together[length:, length:]), np.linalg.inv(together)
        levels = values[:, length:] @ whole @ ones / (ones @ whole @ ones)
        residual = values[:, length:] - levels[:, None]
        own = np.array([row @ whole @ row / (len(row) - 1) for row in residual])
        variance, freedom = step_test._moderated(own, len(ones) - 1.0, counting)
        design = np.array([[1.0, float(week < length)] for week in range(weeks)])
        normal = np.linalg.inv(design.T @ weight @ design)
        size = (normal @ design.T @ weight @ values.T)[1]
        tail = 2 * stats.t.sf(abs(size) / (variance * normal[1, 1]) ** 0.5, freedom)
        expected.append(list(zip(tail, size, levels, freedom, strict=True)))
    for row in range(6):
        tail, size, level, freedom = min(tried[row] for tried in expected)
        assert (found.step[row], found.level[row]) == pytest.approx((size, level)), "the length that stands out most"
        assert (found.p_value[row], found.freedom[row]) == pytest.approx((min(3 * tail, 1), freedom))
        quantile = stats.t.ppf(1 - 0.025 / 3, found.freedom[row])
        assert found.half()[row] == pytest.approx(quantile * found.error[row])
        assert (found.p_value[row] < 0.05) == (abs(found.step[row]) > found.half()[row]), "interval and chance agree"


def test_a_segment_that_has_hardly_any_cases_left_has_an_interval_as_wide_as_these_allow() -> None:
    """Of 1,000 cases a week none, 60 and twice as many are left for a fortnight, each against five that scatter by 2 %."""
    cases = np.round(1000 * np.exp(0.02 * np.random.default_rng(5).standard_normal((8, 14))))
    cases[:3, :2] = np.array([[0, 0], [60, 60], [2000, 2000]])
    values = np.log(cases + 0.5)
    found, plain = (steps(values, np.full(8, 0.001), cases=given) for given in (cases, None))
    assert found.p_value == pytest.approx(plain.p_value), "what a chance is of supposes that nothing changed"
    assert found.few[:3] == pytest.approx([2.0, 0.94 / 120.5, 0.0], rel=0.02), "1 / (0 + 0.5), less what 1,000 bring"
    quantile = stats.t.ppf(1 - 0.025 / 3, found.freedom[:3])
    expected = quantile * np.sqrt(found.error[:3] ** 2 + np.array([2.0, 0.94 / 120.5, 0.0]))
    assert found.half()[:3] == pytest.approx(expected, rel=0.02)
    assert np.exp(found.step[0] + found.half()[0]) > 1 / 2000, "none of 2,000: a case, or three, may be chance"
    noisy = replace(found, few=1e6)
    assert noisy.half()[:3] == pytest.approx(abs(found.step[:3])), "and ends at no change, where that is no chance"
    assert (noisy.half()[3:] > abs(found.step[3:])).all()


def test_variances_lean_to_the_family_as_far_as_these_are_alike() -> None:
    rng = np.random.default_rng(2)
    freedom = 9.0
    alike = rng.chisquare(freedom, 400) / freedom
    variance, freedoms = step_test._moderated(alike, freedom, np.zeros(400))
    assert freedoms[0] == pytest.approx(30 + freedom, rel=0.3)
    assert variance.std() < 0.5 * alike.std()
    assert np.median(variance) == pytest.approx(1.0, rel=0.1)
    apart = alike * np.exp(1.5 * rng.standard_normal(400))
    assert step_test._moderated(apart, freedom, np.zeros(400))[1][0] < freedom + 4
    assert (step_test._moderated(alike, freedom, np.full(400, 7.0))[0] >= 7).all(), "never below counting"
    quiet = np.r_[alike, np.full(40, 1e-9)]
    assert step_test._moderated(quiet, freedom, np.zeros(440))[1][0] > 12, "those that a rule keeps equal say little"
    three = step_test._moderated(alike[:3], freedom, np.zeros(3))
    assert three[1].tolist() == [freedom] * 3, "three are no family"
    assert three[0] == pytest.approx(alike[:3])
    usual = step_test.Usual(variance=0.5, weeks=8.0)
    leaning, known = step_test._moderated(np.array([0.9, 2.2]), freedom, np.array([0.1, 7.0]), usual)
    assert (leaning.tolist(), known.tolist()) == (pytest.approx([(0.9 * 9 + 0.6 * 8) / 17, 7.0]), [17.0, 17.0])
    sizes = np.exp(rng.standard_normal(400))
    by_size, of_sizes = step_test._moderated(0.1 + alike * sizes, freedom, np.full(400, 0.1), scatter=sizes)
    assert of_sizes[0] > 25, "alike beyond counting, by what each is taken to scatter"
    assert np.median((by_size - 0.1) / sizes) == pytest.approx(1.0, rel=0.1)
    assert step_test._moderated(0.1 + alike * sizes, freedom, np.full(400, 0.1))[1][0] < 20
    family = step_test._moderated(alike, freedom, np.zeros(400), usual)
    assert family[0] == pytest.approx(variance), "a family tells more than others elsewhere"
    for value in (0.05, 0.7, 4.0):
        from scipy.special import polygamma

        assert polygamma(1, step_test._inverse_trigamma(value)) == pytest.approx(value)


def test_weeks_go_together_as_their_differences_say() -> None:
    """Each kind by its likelihood on the differences of weeks, which know no level; half of all series count."""
    values = np.cumsum(np.random.default_rng(4).standard_normal((3, 9)), axis=1)
    apart = np.abs(np.subtract.outer(np.arange(13), np.arange(13)))
    kinds = [np.eye(13)]
    for returns in (-0.6, 0.3, 0.6, 0.8, 1.0):
        moves = 13 - apart if returns == 1 else returns**apart / (1 - returns)
        kinds += [noise * np.eye(13) + (1 - noise) * moves for noise in (0.0, 0.5, 0.8)]
    differ = np.diff(np.eye(9), axis=0)
    evidence = []
    for kind in kinds:
        of_differences = differ @ kind[4:, 4:] @ differ.T
        squares = [row @ differ.T @ np.linalg.inv(of_differences) @ differ @ row for row in values]
        evidence.append(-0.5 * sum(8 * log(square) + log(np.linalg.det(of_differences)) for square in squares) / 2)
    chances = np.exp(np.array(evidence) - max(evidence))
    expected = sum(chance * kind for chance, kind in zip(chances / chances.sum(), kinds, strict=True))
    assert covariance(values, 13) == pytest.approx(expected)
    noise = np.random.default_rng(3).standard_normal((40, 26))
    turns = np.where(np.arange(26) % 2, 1, -1) + 0.1 * noise
    assert covariance(turns, 30)[0, :3] * 1.6 == pytest.approx([1, -0.6, 0.36], abs=0.01), "a campaign every other week"
    assert covariance(noise, 30) == pytest.approx(np.eye(30), abs=0.1)
    assert covariance(np.cumsum(noise, axis=1), 30)[0] == pytest.approx(30 - np.arange(30.0), rel=0.05)


def test_counts_scatter_by_weeks_that_go_together() -> None:
    """Of three weeks that correlate by r, the newest less the mean of others has 1.5 - 0.5 r - r² variances, not 1.5."""
    rng = np.random.default_rng(5)
    level, rows = rng.standard_normal(2000), []
    for _ in range(10):
        rows.append(level)
        level = 0.6 * level + 0.8 * rng.standard_normal(2000)
    for correlated, of_contrast in ((rows, (1.5 - 0.3 - 0.36) / 1.5), (rng.standard_normal((10, 2000)), 1.0)):
        beyond = np.array(correlated).T * 2**0.5 + rng.standard_normal((2000, 10))
        residual = beyond - beyond.mean(axis=1, keepdims=True)
        assert count_scatter(residual, (1,), 3) == pytest.approx([1 + 2 * of_contrast], abs=0.15)
    assert count_scatter(residual / 9, (1, 2), 3).tolist() == [1.0, 1.0], "less than Poisson's is Poisson's"
    pair = np.array([[1.5, -1.5]])
    # two weeks that go apart: squares of 4.5 where 1 is expected, and weeks that lean to a correlation of 0.4 by one in two
    assert 1 + 3.5 / 5 * 0.6 < count_scatter(pair, (1,), 3)[0] < 1 + 3.5 / 5


@pytest.mark.parametrize("cut", [1, 3, 6])
def test_the_onset_is_where_a_single_step_leaves_least(cut: int) -> None:
    values = np.where(np.arange(12) < cut, 5.0, 1.0)[None] + 0.01 * np.arange(12) % 2
    assert step_test._onset(values)[0] == cut


def test_steps_of_counts_are_binomial() -> None:
    rng = np.random.default_rng(4)
    expected = np.full((5, 12), 3.0)
    amount = rng.poisson(expected).astype(float)
    amount[0, :3] = 0
    found, doubted = count_steps(amount, expected), count_steps(amount, expected, amount)

    def shown(root: float, step: float, error: float, freedom: int) -> float:
        limit = stats.t.ppf(1 - 0.025 / 3, freedom)
        return min(error, abs(step) / limit) if root > limit else error

    for row in range(5):
        roots = []
        for weeks in (2, 3, 4):
            history = slice(weeks, None)
            factor = amount[:, history].sum(1) / expected[:, history].sum(1)
            mean = expected[:, history] * factor[:, None]
            # 5 series of these weeks less their own factor, and four that scatter by chance alone
            freedom = 5 * (11 - weeks) + 4
            scatter = max((((amount[:, history] - mean) ** 2 / np.maximum(mean, 0.5)).sum() + 4) / freedom, 1.0)
            new, old, share = amount[row, :weeks].sum(), amount[row, weeks:].sum(), weeks / 12
            total = new + old
            deviance = sum(2 * part * log(part / (total * of)) for part, of in ((new, share), (old, 1 - share)) if part)
            step = log((new + 0.5) / (total * share + 0.5) * (total * (1 - share) + 0.5) / (old + 0.5))
            error = ((1 / (new + 0.5) + 1 / (old + 0.5)) * scatter) ** 0.5
            root = (deviance / scatter) ** 0.5
            roots.append((root, step, error, freedom, log(factor[row])))
        for tested, other in ((found, 1.0), (doubted, 2.0)):
            # as many cases again tell what would be expected
            tail, root, step, error, freedom, level = min(
                (
                    2 * stats.t.sf(root / other**0.5, freedom),
                    root / other**0.5,
                    step,
                    error * other**0.5,
                    freedom,
                    level,
                )
                for root, step, error, freedom, level in roots
            )
            assert tested.p_value[row] == pytest.approx(min(3 * tail, 1))
            assert (tested.step[row], tested.level[row]) == pytest.approx((step, level))
            assert tested.error[row] == pytest.approx(shown(root, step, error, freedom))
    assert found.half()[0] == pytest.approx(abs(found.step[0])), "none of nine: the interval ends at no change"
    assert found.p_value[0] < 0.01
    assert countable(np.array([8.0, 7.9, 0.0]), np.array([0.0, 7.0, 9.0])).tolist() == [True, False, True]


def members(active: np.ndarray, groups: np.ndarray | None = None) -> MemberWeeks:
    """Weeks newest first; the amount is the number of the member."""
    size = len(active)
    return MemberWeeks(
        side="creators", last=1000, names=tuple(f"m{at}" for at in range(size)), active=active,
        amount=np.repeat(np.arange(float(size))[:, None], active.shape[1], axis=1),
        words={} if groups is None else {"agency": ("", "A", "B")}, groups={} if groups is None else {"agency": groups},
    )  # fmt: skip


def test_who_is_missed_was_active_in_three_of_four_weeks() -> None:
    active = np.array([[0, 0, 1, 1, 1, 0, 1, 1], [0, 0, 1, 1, 0, 0, 1, 1], [0, 1, 1, 1, 1, 1, 1, 1]], bool)
    windows = list(members(active).windows(2))
    assert len(windows) == 2
    regular, silent = windows[0]
    assert (regular.tolist(), silent.tolist()) == ([True, False, True], [True, False, False])
    assert windows[1][0].tolist() == [True, False, True], "weeks 4 to 7 before the older window"
    assert len(list(members(np.ones((1, 5), bool)).windows(2))) == 0
    assert len(list(members(np.ones((1, 12), bool)).windows(4))) == 2


def test_silence_is_a_share_against_that_of_earlier_windows() -> None:
    rng = np.random.default_rng(5)
    active = np.ones((60, 16), bool)
    for week in range(2, 16):  # now and then somebody pauses for two weeks
        active[rng.integers(0, 60), week : week + 2] = False
    active[40:58, :2] = False
    (claim,) = silence_claims(members(active))
    windows = list(members(active).windows(2))
    counts = [(int(gone.sum()), int(regular.sum())) for regular, gone in windows]
    before = np.sum(counts[1:], axis=0)
    assert (claim.now, claim.before) == pytest.approx((counts[0][0] / counts[0][1], before[0] / before[1]))
    assert claim.effect == pytest.approx(claim.now - claim.before)
    assert claim.interval == pytest.approx(newcombe(counts[0], tuple(before)))
    assert claim.p_value < 1e-4
    assert claim.who == ("m57", "m56", "m55")
    assert (claim.onset, claim.is_worse) == (1000 - 13, True)
    groups = np.where(np.arange(60) < 40, 1, 2)
    by_group = {tuple(item.where.values()): item for item in silence_claims(members(active, groups))}
    assert by_group[("B",)].p_value < 1e-3 < by_group[("A",)].p_value
    assert by_group[()].cause == by_group[("A",)].cause == {"agency": "B"}
    assert by_group[("B",)].cause == {}
    assert silence_claims(members(active[:4])) == [], "four members tell nothing"
    assert silence_claims(members(active[:, :7])) == [], "no earlier window"
    assert [_shrunk((10, 40), excess) for excess in (1.0, 4.0, 100.0)] == [(10, 40), (2, 10), (0, 1)]


def test_members_who_leave_over_a_month_fall_into_two_windows() -> None:
    """Of 60 six leave five weeks ago and seven three weeks ago: 6 of 60 and 7 of 54 regular ones, and nobody before."""
    active = np.ones((60, 16), bool)
    active[:6, :4], active[6:13, :2] = False, False
    (claim,) = silence_claims(members(active))
    assert (claim.now, claim.before) == pytest.approx((13 / 114, 0))
    assert claim.p_value == pytest.approx(3 * stats.fisher_exact([[13, 101], [0, 240]]).pvalue)
    assert (claim.onset, claim.who) == (1000 - 27, ("m12", "m11", "m10"))


@pytest.mark.parametrize(("newest", "worse"), [((9, 8), False), ((0, 0), True)])
def test_beginnings_of_the_newest_weeks_are_binomial_among_all(newest: tuple[int, int], worse: bool) -> None:
    history = [3, 4, 2, 5, 3, 4, 3, 4]
    joined = np.array([*newest, 3, 3, *history])
    claim = joined_claim("creators", 1000, joined, ("a", "b", "c", "d"))
    assert claim is not None
    scatter = max(np.var(history, ddof=1) / np.mean(history), 1.0)
    assert scatter == 1.0
    chances = []
    for length in (2, 4):
        came, total, share = joined[:length].sum(), joined[:length].sum() + sum(history), length / (length + 8)
        tails = stats.binom.sf(came - 1, total, share), stats.binom.cdf(came, total, share)
        chances.append(min(2 * min(tails) * 2, 1.0))
    assert claim.p_value == pytest.approx(min(chances))
    length = (2, 4)[int(np.argmin(chances))]
    now, before = joined[:length].mean(), np.mean(history)
    assert (claim.now, claim.before) == pytest.approx((now, before))
    factor = (now + 0.5 / length) / (before + 0.5 / 8)
    spread = exp(1.96 * (1 / max(joined[:length].sum(), 0.5) + 1 / sum(history)) ** 0.5)
    assert (claim.effect, *(claim.interval or ())) == pytest.approx((factor, factor / spread, factor * spread))
    assert (claim.is_worse, claim.onset, claim.who) == (worse, 1000 - 7 * length + 1, () if worse else ("a", "b", "c"))
    assert joined_claim("creators", 1000, joined[:7], ()) is None
    assert joined_claim("creators", 1000, np.array([0, 0, 1, 1, 1, 0, 1, 0]), ()) is None


@pytest.mark.parametrize(("gap", "rows", "runs"), [
    (range(50, 52), 20.0, [(50, 51)]), (range(50, 51), 20.0, []), (range(50, 52), 9.0, []), (range(2, 4), 20.0, []),
    (range(68, 70), 20.0, [(68, 69)]), (range(12, 16), 20.0, [(12, 15)]), (range(10, 14), 20.0, []), (range(30), 20.0, []),
])  # fmt: skip
def test_runs_of_days_without_rows(gap: range, rows: float, runs: list[tuple[int, int]]) -> None:
    """Of the newest 56 of 70 days, two at least, where a usual day has ten rows; not before the market begins."""
    row = np.full(70, rows)
    row[list(gap)] = 0
    window = Window(1000, 1069)
    found = [(run.first - 1000, run.last - 1000) for run in _missing(row, np.ones(70, bool), window)]
    assert found == runs
    assert _missing(row, row > 0, window) == [], "nobody has rows then"


def test_a_market_that_is_often_silent_lacks_a_week_to_be_missed() -> None:
    row = np.where(np.arange(70) % 3 == 0, 0.0, 20.0)
    window = Window(1000, 1069)
    assert _missing(row, np.ones(70, bool), window) == []
    row[40:48] = 0
    assert [len(run) for run in _missing(row, np.ones(70, bool), window)] == [10]
    row[:20] = 0
    assert [len(run) for run in _missing(row, np.ones(70, bool), window)] == [10], "it began later"
    nine_of_ten = np.where(np.isin(np.arange(70), [20, 30, 40, 41, 50, 51, 60]), 0.0, 20.0)
    assert [len(run) for run in _missing(nine_of_ten, np.ones(70, bool), window)] == [2, 2]
    assert _runs(np.ones(70, bool), window) == []


def test_everybody_is_silent_because_of_the_surest_group() -> None:
    base = {"topic": "activity", "is_factor": False, "effect": 0.3}
    whole = claim(**cast(Any, base), p=1e-5)
    sure = claim(**cast(Any, base), p=1e-8, where={"agency": "A"})
    less = claim(**cast(Any, base), p=1e-6, where={"agency": "B"})
    better = claim(**cast(Any, base), p=1e-12, where={"agency": "C"}, is_worse=False)
    told = _with_causes([whole, less, better, sure])
    assert [item.cause for item in told[:2]] == [{"agency": "A"}] * 2
    assert told[3] is sure
    unsure = [whole, replace(sure, p_value=1e-3)]
    assert _with_causes(unsure) == unsure
