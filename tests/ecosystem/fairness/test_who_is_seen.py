"""Who is seen how much by grade and tenth, gaps that are claimed, and weeks without any impression."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.ecosystem.fairness import exposure as module
from core.ecosystem.fairness.exposure import Seen, exposure, merit_claims
from core.ecosystem.fairness.rating_gaps import _cards, _false_demotion, fairness, gap_claims
from core.ecosystem.fairness.score_history import merit
from core.ecosystem.members.activity import NOW
from core.ecosystem.members.member_groups import MemberGroups
from core.ecosystem.ranks import spearman
from tests.ecosystem.fairness.test_algebra_of_moves import history


@pytest.mark.parametrize("least", [8, 9, 10])
@pytest.mark.parametrize("sold", [True, False])
def test_shares_of_those_who_are_active_and_rated(least: int, sold: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FEWEST", least)
    standing = history()
    size = standing.now.gathered.crowd.size
    score, grade = merit(standing.now, size)
    mine = sorted({int(who) for who in standing.now.gathered.frame.cards.who[standing.cards]})
    active = np.ones(size, bool)
    active[[mine[1], *mine[10:]]] = False
    members = [at for at in mine if active[at]]
    assert len(members) == 9
    views, gmv = np.arange(size) ** 2 + 1, np.arange(size) % 4
    amounts = {"impressions": views, **({"gmv": gmv} if sold else {})}

    def looked(of: dict[str, Any]) -> Any:
        def amount(name: str, weeks: range) -> Any:
            assert weeks == NOW
            return of[name]

        crowd = SimpleNamespace(size=size)
        return cast(
            Any, SimpleNamespace(amounts=of, crowd=crowd, active=lambda weeks: active & (weeks == NOW), amount=amount)
        )

    found = exposure(standing, looked(amounts))
    assert (found is None) is (least == 10)
    assert exposure(standing, looked({"impressions": 0 * views})) is None
    assert exposure(standing, looked({"gmv": gmv})) is None
    if found is None:
        return
    assert found.members == 9
    assert (found.correlation, found.interval) == spearman(score[members], views[members].astype(float))
    for tier in found.grades:
        here = [at for at in members if standing.grades[grade[at]] == tier.tier]
        assert tier.members == len(here)
        assert tier.impression_share == pytest.approx(views[here].sum() / views[members].sum())
        assert tier.gmv_share == (pytest.approx(gmv[here].sum() / gmv[members].sum()) if sold else None)
        assert tier.exposure_ratio == pytest.approx(tier.impression_share * 9 / len(here))
    assert [(tier.tier, tier.members) for tier in found.deciles] == [(str(at * 10 // 9 + 1), 1) for at in range(9)]


def test_a_week_without_any_impression_is_no_change_of_merit() -> None:
    rng = np.random.default_rng(82)
    score, views = rng.uniform(0, 100, 12), rng.uniform(0.01, 0.08, (12, 8))
    assert [claim.figure for claim in merit_claims("creators", Seen(score, views, {}), 1000)] == [
        "correlation_vs_chance", "correlation",
    ]  # fmt: skip
    views[:, 5] = 0
    for seen in (views, views[:, :7] + 1):
        assert len(list(merit_claims("creators", Seen(score, seen, {}), 1000))) == 1


def test_gaps_are_claimed_where_they_are_tested_and_not_by_design() -> None:
    standing = history()
    plain = replace(
        next(iter(fairness(standing, MemberGroups({}, {})))), gap=-3.0, before=-1.0, p_value=0.2, interval=(-9.0, 3.0)
    )
    gaps = [replace(plain, group=group) for group in ("market", "size", "newcomer", "role")]
    found = list(gap_claims([*gaps, replace(gaps[0], p_value=None), replace(gaps[0], gap=2.0)]))
    assert [(tuple(claim.where), claim.effect, claim.is_worse) for claim in found] == [
        (("market",), -3.0, True), (("role",), -3.0, True), (("market",), 2.0, False),
    ]  # fmt: skip
    assert (found[0].now, found[0].before, found[0].p_value, found[0].unit) == (-3.0, -1.0, 0.2, "points")


def test_cards_without_a_grade_are_provisional_and_false_demotions_are_of_good_ones() -> None:
    standing = history()
    found = list(fairness(standing, MemberGroups({}, {})))
    graded = _cards(standing).graded
    assert all(row.provisional == pytest.approx(1 - row.graded / row.n) for row in found)
    cards = replace(_cards(standing), good=np.zeros(len(graded)))
    assert _false_demotion(cards, graded) == (None, None)
    first = replace(standing, matched=np.zeros(len(graded), int))
    assert first.before is not None
    assert set(_cards(first).score_before.tolist()) == {first.before.score[0]}
