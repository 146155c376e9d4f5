"""What other rules would change, counted by hand on grades, ranks and scores that are given."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.catalogue.rating_rules import RoleRule
from core.ratings.rating_document import scale_of
from core.ratings.rating_table import RatingTable
from core.ratings.scoring.grades import PROVISIONAL, GradeHistory
from core.ratings.simulate import _standing, changes, compare, flips_a_year
from tests.ratings.cases.test_algebra_of_outcomes import RULES, table


def other_grades(
    rated: RatingTable, grade: list[int], rank: list[int], score: list[float], gmv: list[float]
) -> RatingTable:
    """The first cards with these figures, the others without a case."""
    size, given = rated.size, len(grade)

    def column(values: list[Any], rest: Any) -> np.ndarray:
        return np.array([*values, *[rest] * (size - given)])

    return replace(
        rated,
        grade=column(grade, PROVISIONAL),
        rank=column(rank, 0),
        score=column(score, 50.0),
        gmv=column(gmv, 0.0),
        orders=column([10, 29, 30, 299, 300, 400], 0),
    )


def test_other_rules_by_who_moves_and_what_is_at_stake() -> None:
    plain = table()
    before = other_grades(
        plain, [0, 1, 2, 1, -1, 2], [1, 2, 3, 4, 5, 6], [80, 70, 60, 65, 50, 55.0], [10, 20, 30, 40, 50, 60.0]
    )
    after = other_grades(
        plain, [1, 0, 2, -1, 1, 2], [2, 1, 4, 3, 5, 6], [70, 80, 59, 65, 50, 55.1], [10, 20, 30, 40, 50, 60.0]
    )
    found = compare(before, after)
    assert (found.cards, found.up, found.down, found.provisional) == (6, 1, 1, 1)
    assert (found.gmv, found.gmv_up, found.gmv_down, found.gmv_provisional) == (210, 20, 10, 40)
    assert (found.rank_down, found.gmv_rank_down) == (2, 40)
    names = plain.gathered.crowd.names.words
    who = [names[at] for at in plain.gathered.frame.cards.who[:6]]
    assert [(mover.id, mover.what) for mover in found.losers] == [
        (who[3], "provisional"),
        (who[0], "grade"),
        (who[2], "rank"),
    ]
    lost = found.losers[1]
    assert (lost.before, lost.after, lost.change) == (80, 70, -10)
    assert (lost.grade_before, lost.grade_after, lost.rank_before, lost.rank_after) == ("A", "B", 1, 2)
    assert (lost.orders, lost.gmv) == (10, 10)
    assert [(mover.id, mover.what) for mover in found.winners] == [
        (who[4], "first_grade"),
        (who[1], "grade"),
        (who[5], "score"),
    ]
    assert sum(flow.cards for flow in found.transitions) == 6
    sizes = {row.value: row for row in found.groups if row.group == "size"}
    assert {value: row.cards for value, row in sizes.items()} == {
        "under 30 orders": 2,
        "30 to 299 orders": 2,
        "300 orders or more": 2,
    }
    small = sizes["under 30 orders"]
    assert (small.before, small.after, small.change, small.up, small.down, small.gmv_down) == (75, 75, 0, 1, 1, 10)
    assert small.interval == pytest.approx((-1.96 * 10, 1.96 * 10))


@pytest.mark.parametrize("seed", range(4))
def test_who_changes_loses_or_wins_and_nobody_does_both(seed: int) -> None:
    """Every way of changing at once, drawn at random: who moves is named once, by what counts most."""
    random, plain = np.random.default_rng(seed), table()

    def drawn() -> RatingTable:
        scores = random.choice([50.0, 60.02, 60.05, 70.0], 6)
        return replace(
            other_grades(
                plain, random.integers(-1, 4, 6).tolist(), [1] * 6, scores.tolist(), random.random(6).tolist()
            ),
            rank=np.array([*random.integers(0, 4, 6), *[0] * (plain.size - 6)]),
        )

    before, after = drawn(), drawn()
    found = compare(before, after)
    losers, winners = (
        {(move.id, move.role, move.market): move for move in side} for side in (found.losers, found.winners)
    )
    assert not losers.keys() & winners.keys()
    worst = len(RULES.grades) - 1
    for card in range(6):
        grades = before.grade[card], after.grade[card]
        ranks = [rated.rank[card] or rated.rivals[card] + 1 for rated in (before, after)]
        points = round(after.score[card] - before.score[card], 6)
        if not before.rank[card] and not after.rank[card]:
            expected = None
        elif PROVISIONAL not in grades and grades[0] != grades[1]:
            expected = ("grade", grades[1] < grades[0])
        elif grades[1] == PROVISIONAL != grades[0]:
            expected = ("provisional", False)
        elif grades[0] == PROVISIONAL != grades[1]:
            expected = ("first_grade", grades[1] < worst - 1)
        elif ranks[0] != ranks[1]:
            expected = ("rank", ranks[1] < ranks[0])
        else:
            expected = ("score", points > 0) if abs(points) > 0.05 else None
        names, cards = plain.gathered.crowd, plain.gathered.frame.cards
        key = names.names.words[cards.who[card]], cards.roles[cards.role[card]], names.markets.words[cards.market[card]]
        side = winners if key in winners else losers
        assert (None if key not in side else (side[key].what, side is winners)) == expected


def test_the_best_grade_stands_at_0_and_the_worst_at_1() -> None:
    rated = table()
    graded = replace(rated, grade=np.arange(rated.size) % 4)
    assert _standing(graded, np.arange(4)).tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_flips_are_of_the_weeks_with_a_grade() -> None:
    for grades, expected in (([[0], [1]], 26.0), ([[-1], [-1]], 0.0), ([[-1], [2]], 0.0)):
        history = GradeHistory(np.arange(2), np.array(grades, np.int8))
        assert flips_a_year(replace(table(), history=history)) == expected


def test_flips_a_year_and_what_rules_change() -> None:
    rated = table()
    grades = np.array([[0, 1], [1, 1], [0, -1], [0, -1]], np.int8)
    assert flips_a_year(replace(rated, history=GradeHistory(np.arange(4), grades))) == pytest.approx(2 / 6 * 52)
    other = replace(RULES, version="x", mature_after_days=14, grades={"A": 80, "B": 60, "C": 45, "D": 0})
    assert list(changes(RULES, other)) == ["grades.A: 75 -> 80", "mature_after_days: 28 -> 14"]
    assert list(changes(RULES, RULES)) == []
    teacher = RoleRule(
        key="teacher", weights={"reviews": 100.0}, controls=frozenset({"review"}), channels=frozenset(),
        content_types=frozenset(), own_shop=False, beside=False,
    )  # fmt: skip
    taught = list(changes(RULES, replace(RULES, roles={**RULES.roles, "teacher": teacher})))
    assert taught == ["roles.teacher.controls: nothing -> review", "roles.teacher.weights.reviews: nothing -> 100"]
    groups = list(changes(replace(RULES, scale=("role",)), replace(RULES, scale=("role", "market"))))
    assert groups == ["scale: role -> market, role"], "a list in words, in the order of the alphabet"
    wide = list(
        changes(replace(RULES, groups=(("role", "market"), ("role",))), replace(RULES, groups=(("market",), ())))
    )
    assert wide == ["groups: role and market; role -> market; everybody"], "groups of peers as they are tried"
    assert list(changes(replace(RULES, scale=("role",)), replace(RULES, scale=()))) == ["scale: role -> nothing"]


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        (("role", "market", "category"), "all with the same role, adjusted for market and category"),
        (("role",), "all with the same role in every market and category"),
        (("role", "market"), "all with the same role in every category, adjusted for market"),
        (("category",), "everybody in every role and market, adjusted for category"),
        ((), "everybody in every role and market and category"),
    ],
)
def test_among_whom_scores_compare_in_words(scale: Any, words: str) -> None:
    assert scale_of(replace(RULES, scale=scale)) == words
