"""Ranks, priors, shared quality and grades against the same sums and rules written out."""

from dataclasses import replace
from math import lgamma, log

import numpy as np
import pytest

from core.ratings.cases.case_matrix import Cards
from core.ratings.scoring import peers as peer_groups
from core.ratings.scoring.grades import PROVISIONAL, _State
from core.ratings.scoring.priors import Lean, Members, _bundled, fit
from core.ratings.scoring.ranking import ranks
from core.ratings.scoring.scores import Belief, Scores, deviations, log_gamma, scores
from core.ratings.scoring.shared_quality import SharedQuality, _loadings, fit_quality
from core.ratings.scoring.size_effect import size_effect
from tests.ratings.cases.test_algebra_of_evidence import COMPONENTS, MATRIX, RULES


def test_ranks_within_role_and_market() -> None:
    rng = np.random.default_rng(3)
    score, role, market = rng.integers(0, 5, 60).astype(float), rng.integers(0, 2, 60), rng.integers(0, 3, 60)
    counts = rng.random(60) < 0.8
    rank, rivals = ranks(score, role, market, counts)
    for at in range(60):
        group = counts & (role == role[at]) & (market == market[at])
        assert rivals[at] == group.sum()
        assert rank[at] == (1 + (score[group] > score[at]).sum() if counts[at] else 0)
    nothing = np.zeros(3, np.int64)
    assert ranks(np.array([5.0, 5.0, 3.0]), nothing, nothing, np.ones(3, bool))[0].tolist() == [1, 1, 3]


def test_log_gamma_is_that_of_the_standard_library() -> None:
    x = np.array([0.01, 0.5, 1.0, 2.5, 30.0, 1e4])
    assert log_gamma(x) == pytest.approx([lgamma(value) for value in x.tolist()], abs=1e-8)


@pytest.mark.parametrize(
    ("cases", "bad", "run", "within"), [(40.0, 6.0, 5.0, 0.01), (80.0, 12.0, 5.0, 0.005), (400.0, 30.0, 9.0, 0.002)]
)
def test_on_the_scale_of_logits_a_score_has_the_mean_and_the_variance_of_its_utility(
    cases: float, bad: float, run: float, within: float
) -> None:
    """The normal variable's by Gauss and Hermite's rule, the utility's by its moments."""
    one = np.ones(1)
    belief = Belief(a=2 * one, b=18 * one, n=cases * one, k=bad * one, run=run * one, is_share=True)
    mean, variance = (float(value[0]) for value in belief.moments())
    assert belief.utility()[0] == mean
    score = scores(np.array([[100.0]]), [belief])
    points, weight = np.polynomial.hermite_e.hermegauss(40)
    share = 1 / (1 + np.exp(-(score.centre[0] + points * score.scale[0])))
    weight = weight / weight.sum()
    assert score.score[0] == pytest.approx(100 * mean)
    assert share @ weight == pytest.approx(mean, rel=1e-3)
    assert (share**2) @ weight - (share @ weight) ** 2 == pytest.approx(variance, rel=within)


@pytest.mark.parametrize("is_share", [True, False])
def test_the_prior_is_the_likeliest_mean_and_the_mean_spread_on_its_grid(is_share: bool) -> None:
    rng = np.random.default_rng(4)
    n, group = rng.integers(5, 80, 30).astype(float), rng.integers(0, 2, 30)
    k = np.minimum(rng.poisson(n * rng.gamma(4, 0.03, 30)), n).astype(float)
    lean = Lean(np.array([0.1, 0.2]), np.array([20.0, 4.0]), np.array([6.0, 9.0]), 1.5)
    shapes = np.exp(np.linspace(log(0.1), log(400.0 if is_share else 50.0), 40))
    found = fit(Members(n, k, group), 2, is_share, lean)

    def mean_of(a: float, of: int) -> float:
        mean, leaning = float(lean.mean[of]), max(lean.cases[of], 1 / lean.mean[of])
        mine = group == of
        for _ in range(3):
            weight = (a / mean) / (a / mean + n[mine])
            mean = ((weight * k[mine]).sum() + leaning * lean.mean[of]) / ((weight * n[mine]).sum() + leaning)
        return mean

    def likelihood(a: float, of: int) -> float:
        mean = mean_of(a, of)
        strength, total = a / mean, -0.5 * ((log(a) - log(lean.a[of])) / 1.5) ** 2
        for cases, hits in zip(n[group == of], k[group == of], strict=True):
            if is_share:
                b = strength - a
                total += lgamma(a + hits) + lgamma(b + cases - hits) - lgamma(strength + cases)
                total += lgamma(strength) - lgamma(a) - lgamma(b)
            else:
                total += a * log(strength) - lgamma(a) + lgamma(a + hits) - (a + hits) * log(strength + cases)
        return total

    for of in (0, 1):
        logs = np.array([likelihood(a, of) for a in shapes])
        weight = np.exp(logs - logs.max())
        a = weight.sum() / (weight / shapes).sum()
        assert found.a[of] == pytest.approx(a, rel=5e-4)
        assert found.mean[of] == pytest.approx(mean_of(a, of))


def test_nearly_alike_members_are_put_together_without_losing_any(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    n, group = rng.integers(1, 500, 3000).astype(float), rng.integers(0, 3, 3000)
    members = Members(n, np.minimum(rng.poisson(n * rng.gamma(4, 0.025, 3000)), n).astype(float), group)
    plain = fit(members, 3, True)
    for keys in (50_000_000, 10):
        monkeypatch.setattr("core.ratings.scoring.priors._MANY", 100)
        monkeypatch.setattr("core.ratings.scoring.priors._KEYS", keys)
        bundles = _bundled(members)
        assert len(bundles.n) < 1500
        for of in range(3):
            mine = bundles.group == of
            assert (bundles.times[mine] @ bundles.n[mine], bundles.times[mine].sum()) == pytest.approx(
                (n[group == of].sum(), (group == of).sum())
            )
        close = fit(members, 3, True)
        assert close.mean == pytest.approx(plain.mean, rel=1e-3)
        assert close.a == pytest.approx(plain.a, rel=0.05)


def test_the_shared_quality_moves_priors_as_gaussian_conditioning_does() -> None:
    rng = np.random.default_rng(6)
    loading = np.array([0.7, 0.5, 0.9, 0.0])
    a, mean = rng.uniform(2, 9, (4, 3)), rng.uniform(0.05, 0.2, (4, 3))
    n = np.array([[50.0, 0, 10], [80, 20, 0], [30, 5, 0], [60, 60, 60]])
    k = rng.poisson(n * mean * 1.5).astype(float)
    noise = 1 - mean
    found_mean, found_a = SharedQuality(loading[:, None]).priors(mean, a, n, k, noise)
    for card in range(3):
        spread = 1 / a[:, card]
        common = np.outer(loading * np.sqrt(spread), loading * np.sqrt(spread))
        covariance = common + np.diag(spread - np.diag(common))
        expected = n[:, card] * mean[:, card]
        for at in range(4):
            others = [row for row in range(4) if row != at and n[row, card] > 0]
            seen = covariance[np.ix_(others, others)] + np.diag(noise[others, card] / expected[others])
            gain = covariance[at, others] @ np.linalg.inv(seen)
            moved = gain @ (k[others, card] / expected[others] - 1)
            known = gain @ covariance[others, at]
            assert found_mean[at, card] == pytest.approx(mean[at, card] * np.exp(moved - known / 2))
            assert found_a[at, card] == pytest.approx(1 / (spread[at] - known))


def test_components_go_together_as_far_as_their_signals_do_surely() -> None:
    """Pair by pair and card by card but its own: up to one standard error counts nothing, four count in full."""
    rng = np.random.default_rng(5)
    cards, loading = 400, np.array([0.9, 0.8, 0.0])
    shared = rng.normal(size=cards)
    n, mean, a = rng.uniform(100, 400, (3, cards)), np.full((3, cards), 0.1), np.full((3, cards), 4.0)
    rate = 0.1 * np.exp(
        0.5 * (loading[:, None] * shared + np.sqrt(1 - loading**2)[:, None] * rng.normal(size=(3, cards)))
    )
    k, noise, informs = rng.poisson(n * rate).astype(float), np.full((3, cards), 0.9), rng.random((3, cards)) < 0.9
    correlation, weight = np.zeros((3, 3)), np.zeros((3, 3))

    def told(row: int, card: int) -> tuple[float, float]:
        expected = n[row, card] * 0.1 if informs[row, card] else 0.0
        scale = expected / 4 + 0.9
        return (k[row, card] - expected) / 2 / scale if informs[row, card] else 0.0, expected / 4 / scale

    every = [[told(row, card) for card in range(1, cards)] for row in range(3)]
    scatter = [sum(s * s for s, _ in row) / sum(r for _, r in row) for row in every]
    for one in range(3):
        for two in {0, 1, 2} - {one}:
            both = list(zip(every[one], every[two], strict=True))
            common = sum(r * q for (_, r), (_, q) in both)
            error = (scatter[one] * scatter[two] / common) ** 0.5
            seen = sum(s * t for (s, _), (t, _) in both) / common
            correlation[one, two] = min(max(seen * min(max((seen / error - 1) / 3, 0), 1), 0), 0.95)
            weight[one, two] = min(max(common - 1, 0), 1) / error**2
    found = fit_quality(mean, a, n, k, noise, informs, np.arange(cards)).loading
    assert found[:, 0] == pytest.approx(_loadings(correlation[..., None], weight[..., None])[:, 0])
    assert (found[:2] > 0.75).all()
    assert (found[2] < 0.1).all()
    few = fit_quality(*(entry[:, :3] for entry in (mean, a, n / 100, k, noise, informs)), np.arange(3))
    assert not few.loading.any(), "less than one card's worth of sure evidence tells nothing"
    # the first two cards are of one person: each is judged as if the other had no evidence
    who, alone = np.maximum(np.arange(cards) - 1, 0), informs.copy()
    alone[:, 1] = False
    seen = fit_quality(mean, a, n, k, noise, informs, who).loading
    without = fit_quality(mean, a, n, k, noise, alone, who).loading
    assert seen[:, 0] == pytest.approx(without[:, 0], rel=1e-9)
    assert seen[:, 2:] == pytest.approx(found[:, 2:])
    assert np.abs(seen[:2, 0] - found[:2, 0]).max() > 1e-4


def test_loadings_are_those_whose_products_are_the_correlations() -> None:
    """Exactly where they are equal, nearly where they are not; two pairs that go together share what each has."""
    weight = np.ones((4, 4)) - np.eye(4)
    pairs, loading = np.zeros((4, 4)), np.array([0.9, 0.6, 0.5, 0.7])
    pairs[[0, 1, 2, 3], [1, 0, 3, 2]] = 0.6
    sets = np.stack([0.49 * np.ones((4, 4)), np.zeros((4, 4)), np.outer(loading, loading), pairs], axis=2)
    found = _loadings(sets, np.repeat(weight[..., None], 4, axis=2))
    assert found[:, 0] == pytest.approx([0.7] * 4)
    assert found[:, 1].tolist() == [0.0] * 4
    assert found[:, 2] == pytest.approx(loading, abs=0.05)
    # four of 12 correlations are 0.6
    assert found[:, 3] == pytest.approx([0.2**0.5] * 4)


def test_loadings_do_not_jump_from_one_pair_of_components_to_another() -> None:
    """The correlation of one pair rises past that of another; those that fit best would be 0.77 of one and 0 of the other."""
    correlation, weight = np.zeros((4, 4, 21)), np.repeat((np.ones((4, 4)) - np.eye(4))[..., None], 21, axis=2)
    correlation[[0, 1], [1, 0]] = 0.6
    correlation[[2, 3], [3, 2]] = np.linspace(0.58, 0.62, 21)
    found = _loadings(correlation, weight)
    assert np.abs(np.diff(found, axis=1)).max() < 0.01
    assert found[0, 0] > found[2, 0] + 0.02
    assert found[2, -1] > found[0, -1] + 0.02


def judged(z: dict[str, float], score: float = 67.0) -> Scores:
    """A card whose margin over each grade's lowest score, in standard deviations, goes with that of B."""
    cut = log(60 / 40)
    return Scores(np.array([score]), np.array([cut + z["B"] * 0.1]), np.array([0.1]))


def at_margins(centre: float, scale: float, score: float) -> Scores:
    return Scores(np.array([score]), np.array([centre]), np.array([scale]))


LOGITS = {name: log(cut / (100 - cut)) for name, cut in RULES.grades.items() if cut > 0}
GROWN = 20 * 7
SURE = deviations(RULES.probability)


def played(refreshes: list[tuple[float, Scores, Scores]], age: int = GROWN, grade: int = PROVISIONAL) -> list[int]:
    state = _State(MATRIX, 1)
    state.grade, state._pointed = np.array([grade]), np.array([grade])
    n = np.zeros((len(COMPONENTS), 1))
    result = []
    for cases, whole, lately in refreshes:
        n[0] = cases
        n[3] = 1e6  # orders are no share: they are not what a grade needs
        result.append(int(state.next(n, whole, lately, age)[0]))
    return result


def inside(grade: int, sure: float = 9.0) -> Scores:
    """Surely in a grade by so many standard deviations from either side (A: from below alone)."""
    cuts = list(LOGITS.values())
    low, high = cuts[grade], cuts[grade - 1] if grade else cuts[grade] + 2
    middle = (low + high) / 2
    return at_margins(middle, (high - low) / 2 / sure, 100 / (1 + np.exp(-middle)))


@pytest.mark.parametrize(
    ("cases", "sure", "age", "grade"),
    [
        (30, SURE * 1.01, GROWN, 1),
        (30, SURE * 0.99, GROWN, PROVISIONAL),
        (29, SURE * 1.01, GROWN, PROVISIONAL),
        (60, 0.1, GROWN, 1),
        (59, 0.1, GROWN, PROVISIONAL),
        (60, 0.1, 55, PROVISIONAL),
        (60, deviations(0.7) * 1.01, 55, 1),
        (60, deviations(0.7) * 0.51, 98, 1),
        (60, deviations(0.7) * 0.49, 98, PROVISIONAL),
    ],
)
def test_a_first_grade_is_given_with_evidence_that_suffices(cases: float, sure: float, age: int, grade: int) -> None:
    assert played([(cases, inside(1, sure), inside(1))], age) == [grade]


def test_a_grade_is_lost_with_less_than_half_of_the_evidence() -> None:
    assert played([(15, inside(1), inside(1)), (14.9, inside(1), inside(1))], grade=1) == [1, PROVISIONAL]


@pytest.mark.parametrize(("start", "target"), [(1, 0), (1, 2), (0, 2), (2, 0)])
def test_a_grade_changes_when_two_refreshes_in_a_row_are_sure(start: int, target: int) -> None:
    to, back = (100, inside(target), inside(target)), (100, inside(start), inside(start))
    assert played([to, to], grade=start) == [start, target]
    assert played([to, back, to], grade=start) == [start] * 3
    vague = (100, inside(target, 0.5), inside(target))
    assert played([vague, vague], grade=start)[-1] in {start, 1}
    near = (100, inside(1), inside(1))
    if start != 1 and target != 1:
        assert played([to, near], grade=start) == [start, 1], "the nearer of the two"


@pytest.mark.parametrize(("late", "age", "falls"), [(2, GROWN, True), (2, 83, False), (2, 84, True), (1, GROWN, False)])
def test_what_is_known_of_late_lets_a_grade_fall_by_itself_and_never_rise(late: int, age: int, falls: bool) -> None:
    whole = inside(1, 1.2)
    assert played([(100, whole, inside(late))] * 2, age, grade=1)[-1] == (2 if falls else 1)
    assert played([(100, inside(0), inside(2))] * 2, grade=1)[-1] != 0, "late evidence speaks against it"
    assert played([(100, inside(1, 1.2), inside(0))] * 2, grade=1)[-1] == 1, "late evidence alone raises nothing"


@pytest.mark.parametrize(("age", "sure"), [(56, 0.95), (98, None), (140, 0.9), (400, 0.9)])
def test_a_change_must_be_surer_while_the_data_are_young(age: int, sure: float | None) -> None:
    """From .95 at eight weeks to the rules' .9 at twenty, evenly in standard deviations."""
    least = (deviations(0.95) + deviations(0.9)) / 2 if sure is None else deviations(sure)
    cut = LOGITS["A"]
    for factor, rises in ((1.02, True), (0.98, False)):
        above = at_margins(cut + least * factor * 0.1, 0.1, 80.0)
        assert played([(100, above, inside(0))] * 2, age, grade=1)[-1] == (0 if rises else 1)


def test_points_of_a_component_by_its_bad_cases_and_how_far_it_tells_members_apart() -> None:
    weight = np.array([[30.0, 30.0], [0.0, 0.0], [50.0, 50.0], [0.0, 0.0], [20.0, 20.0]])
    k = np.array([[10.0, 39.5], [7.0, 7.0], [0.0, 0.0], [1.0, 1.0], [60.0, 89.5]])
    cards = Cards(np.arange(2) + 1, np.zeros(2, np.int64), np.zeros(2, np.int64), ("creator",))
    case = replace(MATRIX, cards=cards)
    reliability = np.array([[0.5], [1.0], [1.0], [1.0], [0.2]])
    # by the bad cases of the other card: 39.5 and 89.5 for the first one, 10 and 60 for the second
    points = np.array([
        [30 * 40 / 90 * 0.5, 0.0, 50 * 0.5 / 50.5, 0.0, 20 * 90 / 140 * 0.2],
        [30 * 10.5 / 60.5 * 0.5, 0.0, 50 * 0.5 / 50.5, 0.0, 20 * 60.5 / 110.5 * 0.2],
    ]).T  # fmt: skip
    assert peer_groups._telling(case, weight, k, reliability) == pytest.approx(points / points.sum(axis=0) * 100)
    # nobody's own evidence, but that of the other card, 200 and 50 cases, at the strength that the card itself sees
    n, strength = np.array([[50.0, 200.0]] * 5), np.array([[36.0, 72.0]] * 5)
    found = peer_groups._validity(case, weight, n, strength)
    assert found[0] == pytest.approx([(200 / 236) ** 0.5, (50 / 122) ** 0.5])
    assert found[3, 0] == 1.0, "nobody is rated by it"
    noise = peer_groups.noise(case, np.full((5, 2), 0.1))
    assert noise.tolist() == [[0.9] * 2] * 3 + [[1.0] * 2] + [[0.9] * 2], "binomial chance, and Poisson's of rates"
    one = replace(case, cards=replace(cards, who=np.ones(2, np.int64)))
    assert (peer_groups._validity(one, weight, n, strength)[0] == 1.0).all(), "both cards are of one person"


def test_violations_that_come_whatever_is_sold_are_usual_by_size() -> None:
    """Ten small members and ten a hundred times as large have one each. With p = 100^b / (1 + 100^b) of all expected of the large
    ones, b solves 20 ln(100) (1/2 - p) + 4 (1 - b) = 0: b = 0.0364."""
    n = np.repeat([100.0, 10_000.0], 10)
    effect = size_effect(n, np.ones(20))
    assert effect[0] / effect[-1] == pytest.approx(100 ** (1 - 0.0364), rel=1e-3)
    assert n @ effect == pytest.approx(n.sum()), "all together as many as before"


def test_violations_that_go_with_orders_have_one_rate_at_every_size() -> None:
    n = np.repeat([100.0, 10_000.0], 10)
    assert size_effect(n, n / 100) == pytest.approx(1.0, abs=1e-3)
    assert size_effect(n, np.zeros(20)).tolist() == [1.0] * 20
    assert size_effect(np.zeros(2), np.zeros(2)).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("is_share", "bad"), [(True, [2.0, 1.0]), (False, [5.0, 1.0])])
def test_more_bad_ones_than_cases_are_no_share_and_stay_points(is_share: bool, bad: list[float]) -> None:
    """Five points on two orders, one on four, and a member without any order."""
    rated = Members(np.array([2.0, 4.0, 0.0]), np.array([5.0, 1.0, 3.0]), np.array([0, 1, 0])).rated(is_share)
    assert (rated.n.tolist(), rated.k.tolist(), rated.group.tolist()) == ([2.0, 4.0], bad, [0, 1])
