"""Calibration, gaps, merit, mobility, ratios and the limits of marks against the same statistics written out."""

from dataclasses import replace
from math import exp, log
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from core.ecosystem.fairness.calibration import Outcomes, _area, calibrations, ranking_claims, rankings, ratio_interval
from core.ecosystem.fairness.exposure import Seen, _tiers, _within, merit_claims
from core.ecosystem.fairness.mobility import shorrocks
from core.ecosystem.fairness.rating_gaps import _verdict, difference, selection
from core.ecosystem.proportions import share_of, wilson
from core.ecosystem.ranks import spearman
from core.ecosystem.ratio_change import ratio
from core.ecosystem.results.fairness_results import GradeFlow, Mobility
from core.reports.documents.health.fairness_sections import mobility_section


def outcomes(seed: int = 7, size: int = 40) -> Outcomes:
    rng = np.random.default_rng(seed)
    score = np.round(rng.uniform(40, 90, size))
    cases = rng.integers(5, 60, size).astype(float)
    bad = rng.binomial(cases.astype(int), 0.25 - score / 500).astype(float)
    return Outcomes(
        side="creators", score=score, grade=(score < 65).astype(np.int64), grades=("A", "B"), person=np.arange(size) // 2,
        cases=cases, bad=bad, groups={"agency": (np.arange(size) % 3, ("", "X", "Y"))},
    )  # fmt: skip


def test_the_area_and_its_error_by_pairs_and_persons() -> None:
    data = outcomes()
    good = data.cases - data.bad
    wins = (
        np.sign(np.subtract.outer(data.score, data.score)) / 2 + 0.5
    )  # a good order of the row against a bad one of the column
    area = good @ wins @ data.bad / (good.sum() * data.bad.sum())
    found = _area(data)
    assert found is not None
    assert found[0] == pytest.approx(area)
    parts = (
        data.bad * (good @ wins / good.sum() - area) / data.bad.sum()
        + good * (wins @ data.bad / data.bad.sum() - area) / good.sum()
    )
    carried = np.bincount(data.person, data.bad)
    by_person = np.bincount(data.person, parts) / (1 - carried / carried.sum()) ** 0.5
    assert found[1] == pytest.approx(((by_person**2).sum() * 20 / 19) ** 0.5)
    assert found[2] == pytest.approx(carried.sum() ** 2 / (carried**2).sum() - 1)
    few = replace(data, bad=data.bad * 0)
    few.bad[0], few.cases[0] = 19, 40
    assert _area(few) is None
    few.bad[0] = 20
    assert _area(few) is not None
    assert (
        _area(replace(data, **{name: getattr(data, name)[:9] for name in ("score", "grade", "person", "cases", "bad")}))
        is None
    )


def test_rankings_are_claimed_where_they_are_turned_or_fell() -> None:
    data = outcomes()
    turned = replace(data, score=-data.score)
    area, error, freedom = _area(turned) or (0.0, 0.0, 0.0)
    first, second = ranking_claims(turned, data, 1000)
    assert (first.figure, second.figure) == ("auc_vs_chance", "auc")
    assert first.p_value == pytest.approx(2 * stats.t.cdf((area - 0.5) / error, freedom))
    half = stats.t.ppf(0.975, freedom) * error
    assert first.interval == pytest.approx((area - 0.5 - half, area - 0.5 + half))
    both = (error**2 + (_area(data) or (0, 0, 0))[1] ** 2) ** 0.5
    assert second.effect == pytest.approx(2 * area - 1)
    assert second.p_value == pytest.approx(2 * stats.t.cdf(-abs(2 * area - 1) / both, 2 * freedom))
    assert (first.is_worse, second.is_worse, first.onset) == (True, True, 973)
    (alone,) = ranking_claims(data, None, 1000)
    assert (alone.p_value, alone.is_worse) == (1.0, False)
    shown = [rankings(turned, before) for before in (data, None)]
    assert [item and (item.auc, item.before) for item in shown] == [
        (pytest.approx(area), pytest.approx(1 - area)),
        (pytest.approx(area), None),
    ]


def test_tenths_grades_and_groups_against_what_their_peers_have() -> None:
    data = outcomes()
    rows = {(row.group, row.value): row for row in calibrations(data)}
    assert sum(row.members for (group, _), row in rows.items() if group == "tenth") == 40
    assert sum(row.observed for (group, _), row in rows.items() if group == "grade") == data.bad.sum()
    usual = data.bad.sum() / data.cases.sum()
    for at, name in enumerate("AB"):
        here = data.grade == at
        assert rows["grade", name].expected == pytest.approx(data.cases[here].sum() * usual)
    order = np.argsort(data.score, kind="stable")
    tenth = np.empty(40, int)
    tenth[order] = np.arange(40) * 10 // 40
    share = np.bincount(tenth, data.bad) / np.bincount(tenth, data.cases)
    here = np.arange(40) % 3 == 1
    expected = data.cases[here] * share[tenth[here]]
    row = rows["agency", "X"]
    assert (row.observed, row.expected) == pytest.approx((data.bad[here].sum(), expected.sum()))
    assert ("agency", "") not in rows
    r = data.bad[here].sum() / expected.sum()
    carried = np.bincount(data.person[here], expected)
    residual = np.bincount(data.person[here], data.bad[here] - r * expected) / (1 - carried / carried.sum())
    persons, alike = len(np.unique(data.person[here])), carried.sum() ** 2 / (carried**2).sum()
    variance = max((residual**2).sum() * persons / (persons - 1), data.bad[here].sum())
    error = variance**0.5 / expected.sum() / r
    assert row.p_value == pytest.approx(2 * stats.t.sf(abs(log(r)) / error, alike - 1))
    spread = exp(stats.t.ppf(0.975, alike - 1) * error)
    assert row.interval == pytest.approx((r / spread, r * spread))
    five = np.arange(5)
    assert ratio_interval(np.full(5, 2.0), np.ones(5), five)[1] is not None
    assert ratio_interval(np.full(5, 1.9), np.ones(5), five)[1] is None, "below ten"
    assert ratio_interval(np.full(4, 9.0), np.ones(4), five[:4])[1] is None, "four persons"
    # as many as (1 + 1 + 1 + 1 + 2)^2 / (4 + 4) = 4.5
    assert ratio_interval(np.full(5, 9.0), np.array([1.0, 1, 1, 1, 2]), five)[1] is None
    assert ratio_interval(np.ones(5), np.zeros(5), five) == (None, None, None)


def test_a_gap_in_score_by_persons() -> None:
    rng = np.random.default_rng(8)
    person, here = np.repeat(np.arange(20), 2), np.arange(40) < 16
    score = 60 + rng.normal(0, 5, 20)[person] + 4 * here
    mean, gap, interval, chance = difference(score, person, here)
    assert (mean, gap) == pytest.approx((score[here].mean(), score[here].mean() - score[~here].mean()))
    variances, sizes = [], []
    for group in (here, ~here):
        sums = np.bincount(person[group], (score[group] - score[group].mean()) / group.sum())
        n = len(np.unique(person[group]))
        variances.append((sums**2).sum() * n / (n - 1))
        sizes.append(n)
    total = sum(
        (np.bincount(person, np.where(group, (score - score[group].mean()) / group.sum(), 0)) ** 2).sum()
        for group in (here, ~here)
    )
    total *= max(n / (n - 1) for n in sizes)
    freedom = sum(variances) ** 2 / sum(v**2 / (n - 1) for v, n in zip(variances, sizes, strict=True))
    half = stats.t.ppf(0.975, freedom) * total**0.5
    assert interval == pytest.approx((gap - half, gap + half))
    own = 2 * stats.t.sf(abs(gap) / total**0.5, freedom)
    residual = score - np.where(here, score[here].mean(), score[~here].mean())
    squares = ((np.bincount(person, residual) / 2) ** 2).sum()
    pooled = squares / 18 * (1 / 8 + 1 / 12)
    assert chance == pytest.approx(max(own, 2 * stats.t.sf(abs(gap) / pooled**0.5, 18)))
    for persons, known in ((3, True), (2, False)):
        assert (difference(score, person, np.arange(40) < 2 * persons)[2] is not None) is known
    assert difference(score, person, np.ones(40, bool))[2:] == (None, None)
    assert selection(np.arange(40) % 2 == 0, here)[0] == pytest.approx(1.0)
    assert [_verdict(*pair) for pair in ((0.8, 0.001), (0.79, 0.049), (0.79, 0.05), (None, None))] == [
        "pass",
        "fail",
        "unsure",
        "",
    ]


def test_merit_claims_within_markets() -> None:
    assert _within(np.array([3.0, 5.0, 7.0]), np.array([0, 2, 2])).tolist() == [0, -1, 1], "one of a market is its mean"
    rng = np.random.default_rng(9)
    market = np.arange(30) % 2
    score = rng.uniform(40, 90, 30)
    views = rng.poisson(np.exp(4 - 0.03 * score + 2 * market)[:, None], (30, 12)).astype(float) + 1
    agency = np.where(np.arange(30) < 8, 1, 0)
    views[:8] *= 3
    seen = Seen(score, views, {"market": (market, ("ID", "TH")), "agency": (agency, ("", "A"))})
    chance, change, group = merit_claims("creators", seen, 1000)
    logs = np.log1p(views[:, :4].sum(1))
    inside = [values - np.array([values[market == at].mean() for at in (0, 1)])[market] for values in (score, logs)]
    correlation = stats.spearmanr(*inside).statistic
    assert chance.effect == pytest.approx(correlation)
    assert correlation < 0
    error = ((1 + correlation**2 / 2) / 27) ** 0.5
    assert chance.p_value == pytest.approx(2 * stats.norm.sf(abs(np.arctanh(correlation)) / error))
    ends = [float(np.tanh(np.arctanh(correlation) + sign * 1.959964 * error)) for sign in (-1, 1)]
    assert chance.interval == pytest.approx(tuple(ends))
    assert change.figure == "correlation"
    assert abs(change.effect) < 0.3
    rank = np.argsort(np.argsort(score)) / 30
    raw = np.log(views[:, :4].sum(1))
    design = np.stack([agency, np.ones(30), rank, market], axis=1)
    inverse = np.linalg.inv(design.T @ design)
    fitted = inverse @ design.T @ raw
    left = raw - design @ fitted
    equal = (left @ left / 26 * inverse[0, 0]) ** 0.5
    free = 1 - np.einsum("ij,jk,ik->i", design, inverse, design)
    weight = (design @ inverse[0]) ** 2
    robust = (weight @ (left**2 / free)) ** 0.5
    tests = [(equal, 26), (robust, weight.sum() ** 2 / (weight @ weight) - 1)]
    half = max(stats.t.ppf(0.975, freedom) * error for error, freedom in tests)
    assert group.interval == pytest.approx((exp(fitted[0] - half), exp(fitted[0] + half)))
    assert group.p_value == pytest.approx(max(2 * stats.t.sf(fitted[0] / error, freedom) for error, freedom in tests))
    assert (group.before, group.effect) == (None, pytest.approx(exp(fitted[0])))
    of_market = np.where(np.arange(30) % 4 == 1, 1, 0)
    views *= np.where(market == 1, 50.0, 1.0)[:, None]
    local = Seen(score, views, seen.groups | {"agency": (of_market, ("", "A"))})
    assert abs(np.log(list(merit_claims("creators", local, 1000))[-1].effect)) < 1.2  # of log(50) = 3.9
    whole = Seen(score, views, seen.groups | {"agency": (market, ("", "A"))})
    assert len(list(merit_claims("creators", whole, 1000))) == 2
    assert list(merit_claims("creators", Seen(score[:9], views[:9], {}), 1000)) == []
    young = list(merit_claims("creators", Seen(score, views[:, :7], {}), 1000))
    assert [claim.figure for claim in young] == ["correlation_vs_chance"]
    assert spearman(np.ones(5), np.arange(5.0)) == (0.0, (-1.0, 1.0))


def test_tiers_hold_members_views_and_sales() -> None:
    tiers = list(_tiers(np.array([0, 0, 2]), ("A", "B", "C"), np.array([10.0, 20, 70]), np.array([1.0, 1, 2])))
    assert [(tier.tier, tier.members, tier.member_share, tier.impression_share, tier.gmv_share) for tier in tiers] == [
        ("A", 2, pytest.approx(2 / 3), 0.3, 0.5), ("C", 1, pytest.approx(1 / 3), 0.7, 0.5),
    ]  # fmt: skip
    assert tiers[0].exposure_ratio == pytest.approx(0.45)
    assert next(iter(_tiers(np.array([0]), ("A",), np.ones(1), np.zeros(1)))).gmv_share is None


def test_mobility_of_grades_by_rows() -> None:
    matrix = np.array([[6, 2, 0], [1, 8, 1], [0, 0, 0]])
    index, interval = shorrocks(matrix)
    assert index == pytest.approx((2 - 6 / 8 - 8 / 10) / 1)
    rows = [(s / n, *wilson(s, n)) for s, n in ((6, 8), (8, 10))]
    less = sum((high - share) ** 2 for share, _, high in rows) ** 0.5
    more = sum((share - low) ** 2 for share, low, _ in rows) ** 0.5
    assert interval == pytest.approx((max(index - less, 0), index + more))
    assert shorrocks(np.array([[6, 2], [0, 0]])) == (None, None)
    assert shorrocks(np.diag([8, 7])) == (None, None), "of seven the interval does not cover"
    assert shorrocks(np.diag([8, 8]))[0] == 0.0
    assert (shorrocks(np.diag([8, 8])[:, ::-1])[1] or (0, 0))[1] <= 2.0


def test_moves_of_grades_in_words() -> None:
    moved = Mobility(
        side="sellers", cards=3, grades=("A", "P"), matrix=((0, 0), (1, 2)), moved=(GradeFlow("P", "A", 1),), up=0, down=0,
        graded=0, moved_share=0.0, moved_interval=(0.0, 1.0), moved_share_before=None, shorrocks=None, shorrocks_interval=None,
    )  # fmt: skip
    both = replace(moved, graded=8, up=1, moved_share=1 / 8, moved=())
    (section,) = mobility_section(cast(Any, SimpleNamespace(mobility=(moved, both))))
    assert section.lines == (
        "sellers: none graded on both days; P to A 1",
        "sellers: 1 up and 0 down of 8 graded on both days (12.5%)",
    )


def test_a_share_of_an_amount_by_as_many_equal_members_as_have_its_variance() -> None:
    amount, group = np.array([5.0, 3, 8, 4, 10]), np.array([1.0, 0, 1, 0, 0])
    share, interval = share_of(amount, group)
    assert share == pytest.approx(13 / 30)
    # squares of 5 x 17, 3 x 13, 8 x 17, 4 x 13 and 10 x 13 thirtieths, over 30
    squares = np.array([7225, 1521, 18496, 2704, 16900]) / 30**4
    carrying = 46846**2 / (7225**2 + 1521**2 + 18496**2 + 2704**2 + 16900**2)
    alike = 13 * 17 / 900 / squares.sum() * (1.959964 / stats.t.ppf(0.975, carrying)) ** 2
    assert interval == pytest.approx(wilson(share * alike, alike))
    assert share_of(amount, np.ones(5)) == (1.0, pytest.approx(wilson(30**2 / 214, 30**2 / 214)))
    assert share_of(np.array([1.0, 1e-180]), np.array([0.0, 1.0]))[1] == pytest.approx(wilson(0, 1))
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_ratio_and_its_change_over_members() -> None:
    numerator = np.array([[4.0, 6, 1, 5], [3.0, 2, 2, 0]])
    denominator = np.array([[40.0, 30, 20, 10], [20.0, 30, 25, 0]])
    found = ratio(numerator, denominator, np.ones(4, bool), 10.0)
    assert (found.value, found.before, found.n) == pytest.approx((1.6, 70 / 75, 100))
    parts = (numerator[0] - 0.16 * denominator[0]) / 100
    without = parts / (1 - denominator[0] / 100)
    alike = 100**2 / (denominator[0] ** 2).sum()
    half = stats.t.ppf(0.975, alike - 1) * ((without**2).sum() * 4 / 3) ** 0.5
    assert found.interval == pytest.approx((max(10 * (0.16 - half), 0), 10 * (0.16 + half)))
    old = (numerator[1] - 7 / 75 * denominator[1]) / 75
    carried = denominator.sum(axis=0)
    half = stats.t.ppf(0.975, carried.sum() ** 2 / (carried**2).sum() - 1) * (((parts - old) ** 2).sum() * 4 / 3) ** 0.5
    change = 1.6 - 70 / 75
    assert found.change_interval == pytest.approx((change - 10 * half, change + 10 * half))
    alone = ratio(numerator[:, :1], denominator[:, :1], np.ones(1, bool))
    assert (alone.value, alone.interval) == (0.1, None)
    assert ratio(numerator, 0 * denominator, np.ones(4, bool)).value is None
