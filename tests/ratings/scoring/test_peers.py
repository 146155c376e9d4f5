"""What evidence weighs, what peers say of it, and what it gives in points, against figures counted otherwise."""

import numpy as np
import pytest
from scipy import stats

from core.base.days import parse_day
from core.ratings.cases.batches import _chance, faulty_batches
from core.ratings.cases.case_weight import case_weights, usual_values
from core.ratings.scoring.grades import GradeHistory, anchor_of, by_score, refreshes
from core.ratings.scoring.priors import Members, _everybody, fit
from core.ratings.scoring.scores import Belief, Scores, run_of, scores


def members(seed: int, a: float, mean: float, most: int = 400) -> Members:
    rng = np.random.default_rng(seed)
    n = rng.integers(20, most, 300).astype(float)
    own = rng.beta(a, a / mean - a, len(n))
    return Members(n, rng.binomial(n.astype(int), own).astype(float), np.zeros(len(n), np.int64))


@pytest.mark.parametrize(("a", "mean"), [(2.0, 0.1), (20.0, 0.3)])
def test_a_prior_tells_the_mean_of_peers_and_how_far_they_differ(a: float, mean: float) -> None:
    prior = fit(members(1, a, mean), 2, True)
    assert prior.mean[0] == pytest.approx(mean, rel=0.12)
    assert 0.6 * a < prior.a[0] < 1.7 * a
    assert prior.mean[1] == pytest.approx(members(1, a, mean).k.sum() / members(1, a, mean).n.sum(), rel=0.02), (
        "a group without members is as all are"
    )


def test_what_chance_does_to_few_cases_is_not_taken_for_a_difference() -> None:
    """Binomial chance varies less than Poisson's where most cases are bad."""
    assert fit(members(4, 6.0, 0.6, most=40), 1, True).a[0] == pytest.approx(6, rel=0.35)
    alike = members(4, 5000.0, 0.6, most=40)
    assert fit(alike, 1, True).a[0] > 60


@pytest.mark.parametrize("is_share", [True, False])
def test_components_that_are_fitted_in_one_go_are_fitted_as_alone(is_share: bool) -> None:
    first, second = members(2, 3, 0.05), members(3, 12, 0.2)
    both = Members(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in ("n", "k")),
                   np.concatenate([first.group, second.group + 1]))  # fmt: skip
    together = fit(both, 2, is_share, blocks=2)
    for at, alone in enumerate((first, second)):
        prior = fit(alone, 1, is_share)
        assert together.mean[at] == pytest.approx(prior.mean[0], rel=1e-9)
        assert together.a[at] == pytest.approx(prior.a[0], rel=1e-9)


def test_points_are_the_chance_that_the_next_cases_go_well() -> None:
    share = Belief(a=np.array([2.0]), b=np.array([30.0]), n=np.array([40.0]), k=np.array([3.0]),
                   run=np.array([5.5]), is_share=True)  # fmt: skip
    rate = Belief(a=np.array([2.0]), b=np.array([4.0]), n=np.array([1.5]), k=np.array([3.0]),
                  run=np.array([0.4]), is_share=False)  # fmt: skip
    for belief, known, chance in (
        (share, stats.beta(5, 67), lambda p: (1 - p) ** 5.5),
        (rate, stats.gamma(5, scale=1 / 5.5), lambda p: np.exp(-0.4 * p)),
    ):
        mean, square = known.expect(chance), known.expect(lambda p, chance=chance: chance(p) ** 2)
        found = belief.moments()
        assert found[0][0] == pytest.approx(mean, rel=1e-6)
        assert found[1][0] == pytest.approx(square - mean**2, rel=1e-5)
        assert belief.value[0] == pytest.approx(known.mean())
        whole = scores(np.array([[100.0]]), [belief])
        low, high = whole.interval
        assert whole.score[0] == pytest.approx(100 * mean, rel=1e-6)
        ends = [100 * chance(known.ppf(at)) for at in (0.975, 0.025)]
        assert [low[0], high[0]] == pytest.approx(ends, abs=2.5)
        assert whole.margin(float(whole.interval[0][0]))[0] == pytest.approx(1.96, abs=0.01)
    even = Scores(np.array([50.0]), np.array([0.0]), np.array([2.0]))
    assert even.margin(0.5)[0] == pytest.approx(np.log(199) / 2), "a cut below 1 is one of odds of 199 to 1"
    with np.errstate(divide="raise"):
        assert even.margin(0)[0] == np.inf
    assert (1 - 0.1) ** run_of(np.array([0.1]), 60, True)[0] == pytest.approx(0.6)
    assert np.exp(-2.0 * run_of(np.array([2.0]), 60, False)[0]) == pytest.approx(0.6)
    assert by_score(np.array([80.0, 75.0, 74.9, 60.0, 0.0]), [75.0, 60.0, 45.0, 0.0]).tolist() == [0, 0, 1, 1, 3]


def test_further_purchases_of_a_buyer_and_cheap_ones_weigh_less() -> None:
    def weigh(buyer: list[int], day: list[int], value: list[int]) -> list[float]:
        """Of a first person, beside thirty of others at 100."""
        others = list(range(30))
        person = np.array([1] * len(buyer) + [2 + at % 3 for at in others])
        cost = np.array([*value, *[100] * 30])
        return case_weights(
            person, np.array([*buyer, *(100 + at for at in others)]), np.array([*day, *others]), cost,
            usual_values(person, cost, 0 * person),
        )[: len(buyer)].tolist()  # fmt: skip

    assert weigh([7, 8, 9], [1, 1, 1], [100, 100, 100]) == pytest.approx([1, 1, 1])
    assert weigh([7, 7, 7], [1, 2, 3], [100, 100, 100]) == pytest.approx([1, 1 / 2, 1 / 2.5], abs=0.07)
    assert weigh([7, 7], [1, 1], [75, 25]) == pytest.approx([0.75, 0.25]), "one day is one purchase"
    assert weigh([7, 8], [1, 1], [5, 25]) == pytest.approx([0.2, 1])
    assert weigh([7, 7], [1, 1], [0, 0]) == pytest.approx([0, 0])
    nobody = case_weights(*(np.array(column) for column in ([0, 1], [5, 5], [1, 1], [10, 10], [10, 10])))
    assert nobody.tolist() == [0, 1]


def test_a_batch_is_what_fails_for_others_too() -> None:
    person = np.repeat(np.arange(1, 7), 50)
    week = np.tile(np.repeat(np.arange(5), 10), 6)
    product, judged = np.ones(300, np.int64), np.ones(300, bool)
    own = (person == 1) & (week == 2)
    shared = (week == 3) & (np.arange(300) % 10 < 6)
    found = faulty_batches(product, week, person, judged, own | shared)
    assert found[week == 3].all()
    assert not found[week != 3].any(), "nobody's own faults excuse them"
    assert not faulty_batches(0 * product, week, person, judged, own | shared).any()
    assert not faulty_batches(product, week, person, judged, 0 * week > 0).any()


@pytest.mark.parametrize(("faults", "batch"), [(5, False), (18, True)])
def test_a_product_of_one_week_alone_is_taken_to_fail_as_often_as_all(faults: int, batch: bool) -> None:
    """Twenty orders by as many members where a fifth of all fail: four or more of nineteen come by chance half of the time."""
    person = np.tile(np.arange(1, 21), 11)
    product, week = np.repeat([1, 2], [200, 20]), np.repeat([0, 1, 2, 3, 9], [50, 50, 50, 50, 20])
    failed = np.arange(220) % 5 == 0
    failed[200:] = np.arange(20) < faults
    found = faulty_batches(product, week, person, np.ones(220, bool), failed)
    assert found[product == 2].all() == found[product == 2].any() == batch
    assert not found[product == 1].any()


def test_the_chance_of_many_faults_is_bounded_by_a_geometric_series() -> None:
    """Five where two are expected: 2^5 e^-2 / 5! = 0.03609, each further one less likely by 2 / 6 at least. Up to the mean: 1."""
    assert _chance(np.array([5.0, 2.0, 1.0]), np.full(3, 2.0)) == pytest.approx([0.03609 * 6 / 4, 1, 1], rel=1e-3)
    assert stats.poisson.sf(4, 2) < 0.03609 * 6 / 4


def test_refreshes_are_sundays_and_peers_are_learnt_anew_each_week_then_each_fourth() -> None:
    first = parse_day("2026-01-07")  # a Wednesday
    assert refreshes(first, first + 3).tolist() == []
    assert refreshes(first, first + 4).tolist() == [first + 4]
    assert refreshes(first, first + 17).tolist() == [first + 4, first + 11]
    assert len(refreshes(first, first + 5000)) == 160
    days = refreshes(first, first + 7 * 30).tolist()
    anchors = [anchor_of(first, day) for day in days]
    young = [day for day in days if day - first < 56]
    assert anchors[: len(young)] == young
    older = anchors[len(young) :]
    assert all(day - 28 < anchor <= day for day, anchor in zip(days, anchors, strict=True))
    assert {late - early for early, late in zip(sorted(set(older))[1:], sorted(set(older))[2:], strict=False)} == {28}


def test_a_history_counts_changes_between_grades_and_not_to_or_from_provisional() -> None:
    grades = np.array([[0, 1, -1], [1, 1, 0], [0, -1, 0]], np.int8)
    history = GradeHistory(np.array([3, 10, 17]), grades)
    assert history.flips().tolist() == [2, 0, 0]
    assert history.graded_weeks().tolist() == [3, 2, 2]
    assert history.last().tolist() == [0, -1, 0]
    none = GradeHistory(np.zeros(0, np.int64), grades[:0])
    assert none.last().tolist() == [-1, -1, -1]
    assert [history.is_grown(3 + 20 * 7 + more) for more in (-1, 0)] == [False, True]
    assert not none.is_grown(1000)


def test_without_anything_wider_groups_lean_to_half_a_bad_case_more_than_all_of_their_block() -> None:
    """Two blocks of two groups: 3 bad of 20 and none of 5."""
    lean = _everybody(Members(np.array([8.0, 12.0, 5.0]), np.array([1.0, 2.0, 0.0]), np.array([0, 1, 3])), 4, True, 2)
    assert lean.mean.tolist() == pytest.approx([3.5 / 21, 3.5 / 21, 0.5 / 6, 0.5 / 6])
    rare = _everybody(Members(np.array([1.0]), np.array([9.0]), np.array([0])), 1, True, 1)
    assert rare.mean.tolist() == [0.98], "no share is taken to be larger"
