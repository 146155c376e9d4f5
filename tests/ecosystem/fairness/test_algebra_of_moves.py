"""Movements of scores and grades between two days, counted card by card."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats
from scipy.sparse import csr_array

from core.ecosystem import claim_families
from core.ecosystem.fairness.exposure import Seen, _group_claims
from core.ecosystem.fairness.mobility import mobility, mobility_claim
from core.ecosystem.fairness.score_history import ScoreHistory, _found, _graded, _moved, merit
from core.ecosystem.proportions import wilson
from core.ecosystem.risk.shared_buyers import _joined
from core.ratings.scoring.grades import PROVISIONAL, GradeHistory
from tests.ratings.cases.test_algebra_of_outcomes import table


def history(**more: Any) -> ScoreHistory:
    rated = table()
    cards = np.flatnonzero(rated.rank > 0)
    graded = np.arange(rated.size) % 4
    now = replace(rated, grade=graded)
    before = replace(rated, grade=np.where(np.arange(rated.size) % 3 == 0, graded, (graded + 1) % 4))
    matched = cards.copy()
    matched[0] = -1
    return ScoreHistory(
        now=now,
        cards=cards,
        before=before,
        matched=matched,
        earlier=None,
        moved_before=more.get("moved_before", (2, 9)),
    )


def test_moves_between_grades_are_counted_card_by_card() -> None:
    standing = history()
    found = mobility(standing)
    pairs = [(int(a), int(b)) for a, b in zip(standing.grade_before(), standing.grade(), strict=True) if a >= 0]
    assert found.cards == len(pairs) == len(standing.cards) - 1
    assert sum(map(sum, found.matrix)) == len(pairs)
    assert (found.up, found.down) == (sum(b < a for a, b in pairs), sum(b > a for a, b in pairs))
    assert found.moved_share == pytest.approx((found.up + found.down) / len(pairs))
    assert sum(flow.cards for flow in found.moved) == found.up + found.down
    assert found.moved_share_before == pytest.approx(2 / 9)
    claim = mobility_claim(standing, found, 1000)
    assert claim is not None
    assert (claim.before, claim.effect) == pytest.approx((2 / 9, found.moved_share - 2 / 9))
    assert claim.p_value == pytest.approx(
        stats.fisher_exact([[found.up + found.down, len(pairs) - found.up - found.down], [2, 7]]).pvalue
    )
    assert claim.onset == 973
    assert mobility_claim(history(moved_before=(0, 0)), found, 1000) is None
    first = int(standing.now.history.days[0])
    tested = [mobility_claim(standing, found, first + 7 * weeks) is not None for weeks in (27, 28)]
    assert tested == [False, True]  # the earlier four weeks begin after twenty
    assert mobility(history(moved_before=None)).moved_share_before is None
    assert standing.top == 2


def test_moves_up_and_down_by_one_grade_and_two() -> None:
    """Of nine cards two rose by one grade, one by two, one fell by one and two by two; one stayed; two have none at one end."""
    standing = history()
    none = len(standing.grades) - 1
    before, after = [1, 2, 2, 0, 0, 0, 1, none, 1], [0, 1, 0, 1, 2, 2, 1, 0, none]
    cards = standing.cards[:9]
    assert len(cards) == 9
    assert standing.before is not None
    now, then = (replace(standing.now, grade=np.zeros(standing.now.size, int)) for _ in range(2))
    now.grade[cards], then.grade[cards] = after, before
    found = mobility(replace(standing, now=now, before=then, cards=cards, matched=cards))
    assert (found.up, found.down, found.graded, found.cards) == (3, 3, 7, 9)
    more = mobility(replace(standing, now=now, before=then, cards=cards[1:], matched=cards[1:]))
    assert (more.up, more.down, more.graded) == (2, 3, 6)
    assert more.moved_share == pytest.approx(5 / 6)
    assert more.moved_interval == wilson(5, 6)
    alone = mobility(replace(standing, now=now, before=then, cards=cards[:1], matched=cards[:1]))
    assert (alone.moved_share, alone.moved_share_before) == (1.0, pytest.approx(2 / 9))


def test_merit_is_the_score_of_all_cards_of_a_member() -> None:
    rated = table()
    size = rated.gathered.crowd.size
    score, grade = merit(rated, size)
    who = rated.gathered.frame.cards.who
    for member in range(1, size):
        cards = np.flatnonzero((who == member) & (rated.rank > 0))
        if not len(cards):
            assert np.isnan(score[member])
            assert grade[member] == -1
            continue
        orders = np.maximum(rated.orders[cards], 1)
        assert score[member] == pytest.approx((orders @ rated.score[cards]) / orders.sum())
        assert grade[member] == rated.grade[cards[np.argmax(orders)]] % len(rated.grades)
    cards = np.flatnonzero(rated.rank > 0)
    assert _found(rated, cards, rated).tolist() == cards.tolist()


def test_grades_that_moved_since_a_refresh() -> None:
    rated = table()
    graded = np.flatnonzero(rated.rank > 0)[:4]
    grades = np.array([[0, 1, -1, 2], [1, 1, 0, 2]], np.int8)
    moved = replace(rated, graded=graded, history=GradeHistory(np.array([100, 107]), grades))
    asked = [(99, 107), (100, 107), (106, 120), (107, 107), (100, 106)]
    assert [_moved(moved, since, until) for since, until in asked] == [None, (1, 3), (1, 3), (0, 4), (0, 3)]
    day = rated.gathered.as_of
    known = replace(moved, history=GradeHistory(np.array([day - 7, day]), grades))
    assert _graded(rated, known).grade[graded].tolist() == [1, 1, 0, 2]
    assert (np.delete(_graded(rated, known).grade, graded) == PROVISIONAL).all()
    assert (
        _graded(rated, replace(known, history=GradeHistory(np.array([day + 1]), grades[:1]))).grade == PROVISIONAL
    ).all()


def test_impressions_of_groups_against_others_are_the_wider_test_of_student_and_welch() -> None:
    rng = np.random.default_rng(8)
    now = np.r_[rng.lognormal(2, 0.4, 9), 0.5, rng.lognormal(2.6, 0.9, 8), 0.0]
    group = np.r_[np.full(10, 1), np.full(9, 2)]
    seen = Seen(np.ones(19), now[:, None], {"tier": (group, ("", "old", "new"))})
    found = {claim.where["tier"]: claim for claim in _group_claims("creator", seen, "tier", now)}
    old, new = np.log(now[:10]), np.log(now[10:18])
    student = stats.ttest_ind(new, old)
    error = (new.var(ddof=1) / 8 + old.var(ddof=1) / 10) ** 0.5
    gap, freedom = new.mean() - old.mean(), (1 / 8 + 1 / 10) ** 2 / (1 / 8**3 + 1 / 10**3) - 1
    assert set(found) == {"old", "new"}
    assert found["new"].p_value == pytest.approx(max(student.pvalue, 2 * stats.t.sf(gap / error, freedom)))
    half = max(student.confidence_interval(0.95).high - gap, stats.t.ppf(0.975, freedom) * error)
    assert found["new"].interval == pytest.approx(np.exp((gap - half, gap + half)))
    assert found["new"].effect == found["new"].now == pytest.approx(np.exp(new.mean() - old.mean()))
    assert found["old"].effect == pytest.approx(1 / found["new"].effect)
    few = Seen(seen.score, seen.impressions, {"tier": (np.r_[np.full(3, 1), np.full(16, 2)], ("", "old", "new"))})
    assert list(_group_claims("creator", few, "tier", now)) == []


def test_buyers_who_join_two_members_by_binomials() -> None:
    bought = np.zeros((5, 40))
    bought[0, :10] = bought[1, 4:16] = 1  # six buyers in common
    bought[2, 4] = bought[3, [5, 6, 20]] = 1
    bought[4, 30] = 1
    times, chance, usual = _joined(csr_array(bought), 0, 1)
    assert times.tolist() == [0, 0, 1, 2, 0]
    part = np.minimum(3 * bought.sum(axis=1) / 40, 0.9)
    assert usual == pytest.approx(6 * part)
    assert chance == pytest.approx(stats.binom.sf(times - 1, 6, part))


def test_movements_are_claimed_of_sides_that_were_rated_before(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("amount_claims", "_quality_claims", "_member_claims", "gap_claims", "calibration_claims"):
        monkeypatch.setattr(claim_families, name, lambda *_: ())
    monkeypatch.setattr(claim_families, "seen", lambda *_: None)
    monkeypatch.setattr(claim_families, "mobility", lambda item: item.side)
    monkeypatch.setattr(claim_families, "mobility_claim", lambda _, moved, day: (moved, day) if moved != "x" else None)
    sides = [
        SimpleNamespace(side=side, before=before) for side, before in (("creators", 1), ("sellers", None), ("x", 1))
    ]
    activities = [SimpleNamespace(crowd=SimpleNamespace(side=item.side), weeks=3) for item in sides]
    sources = cast(Any, SimpleNamespace(activities=activities, standings=sides, as_of=1000, interrupted=frozenset()))
    places: dict[str, Any] = {item.side: {} for item in sides}
    assert list(claim_families.all_claims(sources, places, (), (), ())) == [("creators", 1000)]
