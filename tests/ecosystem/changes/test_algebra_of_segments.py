"""Claims of segments against the same steps of sums written out, and which segment is a cause."""

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.ecosystem.changes import segment_changes as module
from core.ecosystem.changes.segment_changes import segment_changes
from core.ecosystem.changes.segment_figures import Figure, common_movement, counting_variance, thinness
from core.ecosystem.changes.step_test import OF_RATES, Steps, count_steps, steps
from core.ecosystem.changes.weekly_panel import WeeklyPanel
from core.ecosystem.results.claim_results import Claim
from tests.ecosystem.changes.test_algebra_of_weeks import figure, panel

MARKET = 1 + np.arange(24) % 3


def sums(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each market, and of all others."""
    mine = np.array([values[code == MARKET].sum(axis=0) for code in (1, 2, 3)])
    return mine, mine.sum(axis=0) - mine


def agree(claims: list[Claim], found: Steps, now: np.ndarray, before: np.ndarray) -> None:
    assert [claim.where for claim in claims] == [{"market": name} for name in "ABC"]
    half = found.half()
    for at, claim in enumerate(claims):
        assert claim.who == (), "only what is hardly chance names anybody, and is tested without them"
        assert claim.p_value == pytest.approx(found.p_value[at])
        assert claim.effect == pytest.approx(np.exp(found.step[at]))
        assert claim.interval == pytest.approx((np.exp(found.step[at] - half[at]), np.exp(found.step[at] + half[at])))
        assert claim.onset == 1001 - 7 * found.onset[at]
        assert (claim.now, claim.before) == pytest.approx((now[at], before[at]))


@pytest.mark.parametrize("money", [False, True])
def test_shares_of_many_cases_are_steps_of_logarithms_of_odds(money: bool) -> None:
    rng = np.random.default_rng(21)
    amount = rng.poisson(60, (24, 12)) * np.where(money, 2.5, 1.0)
    plain = replace(figure(amount), is_count=not money, unit=2.5 if money else 1.0)
    mine, others = sums(amount)
    unit = plain.unit
    series = np.log((mine + 0.5 * unit) / (others + 0.5 * unit))
    counting = counting_variance(mine / unit, others / unit) * (2 if money else 1)
    scatter = np.array([unit / part.mean(axis=1) + unit / rest.mean(axis=1) for part, rest in ((mine, others),)])[0]
    found = steps(series, counting, thinness(others), scatter=scatter, cases=mine / unit / (2 if money else 1))
    shares = [mine[:, weeks].sum(axis=1) / amount[:, weeks].sum() for weeks in (slice(4), slice(4, 8))]
    claims = segment_changes(panel(amount, MARKET), plain)
    agree(claims, found, *shares)
    assert {(claim.unit, claim.is_worse, claim.side) for claim in claims} == {("ratio", None, "")}


def test_rates_of_many_cases_are_held_against_those_of_others() -> None:
    rng = np.random.default_rng(22)
    base = rng.poisson(400, (24, 12)).astype(float)
    bad = rng.binomial(base.astype(int), 0.1).astype(float)
    rate = bad.sum() / base.sum()
    (mine, others), (due, rest) = sums(bad), sums(base)
    series = np.log((mine + 0.5) / (due + 0.5 / rate)) - np.log((others + 0.5) / (rest + 0.5 / rate))
    found = steps(series, counting_variance(mine, due), thinness(due), cases=mine)
    weekly = [1000 * mine[:, weeks].sum(axis=1) / due[:, weeks].sum(axis=1) for weeks in (slice(4), slice(4, 8))]
    claims = segment_changes(panel(bad, MARKET), figure(bad, base, 1000.0))
    agree(claims, found, *weekly)
    assert [claim.is_worse for claim in claims] == [bool(step > 0) for step in found.step]
    assert {claim.unit for claim in claims} == {"index"}


@pytest.mark.parametrize("of_rate", [False, True])
def test_few_cases_are_tested_as_counts(of_rate: bool) -> None:
    rng = np.random.default_rng(23)
    amount = rng.poisson(4, (24, 12)).astype(float)
    base = rng.poisson(40, (24, 12)).astype(float) if of_rate else None
    mine, others = sums(amount)
    if base is None:
        found = count_steps(mine, *common_movement(others, np.ones_like(others)))
        values = [mine[:, weeks].sum(axis=1) / amount[:, weeks].sum() for weeks in (slice(4), slice(4, 8))]
    else:
        due, rest = sums(base)
        movement, known_by = common_movement(others, rest)
        found = count_steps(mine, due * movement, known_by, OF_RATES)
        values = [mine[:, weeks].sum(axis=1) / due[:, weeks].sum(axis=1) for weeks in (slice(4), slice(4, 8))]
    claims = segment_changes(panel(amount, MARKET), figure(amount, base))
    agree(claims, found, *values)
    assert {claim.unit for claim in claims} == {"ratio"}


def test_an_agency_is_a_part_of_what_creators_have() -> None:
    """Shops that sell without creators lose half; the agencies' parts of what creators sell are as before."""
    amount = np.full((12, 12), 200.0)
    amount[8:, :3] = 100
    table = replace(
        panel(amount, np.ones(12, int)),
        codes={"agency": np.r_[np.full(4, 1), np.full(4, 2), np.zeros(4, int)]},
        words={"agency": ("", "X", "Y")},
        leaf_members={"creator_id": np.r_[np.arange(1, 9), np.zeros(4, int)], "seller_id": np.arange(1, 13)},
        member_names=dict.fromkeys(("creator_id", "seller_id"), tuple(map(str, range(13)))),
    )
    claims = segment_changes(table, replace(figure(amount), dimensions=("agency",)))
    assert [(claim.where["agency"], claim.now) for claim in claims] == [("X", 0.5), ("Y", 0.5)]


def two_dimensions(amount: np.ndarray, category: np.ndarray) -> tuple[WeeklyPanel, Figure]:
    table = replace(
        panel(amount, MARKET),
        codes={"market": MARKET, "category": category},
        words={"market": ("", "A", "B", "C"), "category": ("", "x", "y", "z")},
    )
    return table, replace(figure(amount), dimensions=("market", "category"))


def quiet(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).poisson(300, (24, 12)).astype(float)


def test_a_cause_is_taken_out_before_others_are_judged() -> None:
    """A halves, and with it the shares of B and C rise: without A they are as they were."""
    amount = quiet(24)
    amount[MARKET == 1, :3] = np.rint(amount[MARKET == 1, :3] / 2)
    found = {claim.where["market"]: claim for claim in segment_changes(panel(amount, MARKET), figure(amount))}
    assert found["A"].p_value < 1e-5
    assert found["A"].effect == pytest.approx(0.5, abs=0.05)
    assert min(found["B"].p_value, found["C"].p_value) > 0.01
    left = MARKET != 1
    tested = module._tested(panel(amount, MARKET), figure(amount), left, ({"market": "B"}, {"market": "C"}))
    assert tested is not None
    assert [found[name].p_value for name in "BC"] == pytest.approx(tested.steps.p_value.tolist())


def test_the_cause_is_what_leaves_least_unexplained_and_the_first_of_equals() -> None:
    """A loses half, most of it in category x; then x is all of A and no more."""
    amount = quiet(25)
    amount[MARKET == 1, :3] = np.rint(amount[MARKET == 1, :3] / 2)
    category = np.where((MARKET == 1) & (np.arange(24) < 15), 1, 2 + np.arange(24) % 2)
    same = np.where(MARKET == 1, 1, 2 + np.arange(24) % 2)
    for code, expected in ((category, {"market": "A"}), (same, {"market": "A"})):
        table, plain = two_dimensions(amount, code)
        everything = np.ones(24, bool)
        tested = module._tested(table, plain, everything, module.segments(table, plain))
        assert tested is not None
        assert module._cause(table, plain, tested, everything) == expected
    strength = tested.strength()
    assert module._unexplained(table, plain, everything) == pytest.approx(np.maximum(strength**2 - 9, 0).sum())
    assert module._unexplained(table, plain, np.zeros(24, bool)) == 0
    (of_x,) = (item for item in segment_changes(table, plain) if item.where == {"category": "x"})
    assert (of_x.p_value, of_x.cause) == (1.0, {"market": "A"})


def test_a_cause_of_two_dimensions_is_a_claim_beside_those_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    amount = quiet(26)
    category = 1 + np.arange(24) // 3 % 2
    amount[(MARKET == 2) & (category == 2), :3] *= 3
    table, plain = two_dimensions(amount, category)
    both = {"market": "B", "category": "y"}
    causes = iter([both, None])
    monkeypatch.setattr(module, "_cause", lambda *_: next(causes))
    found = {tuple(claim.where.items()): claim for claim in segment_changes(table, plain)}
    everything = module._tested(table, plain, np.ones(24, bool), (*module.segments(table, plain), both))
    assert everything is not None
    claim = found[("market", "B"), ("category", "y")]
    assert claim.p_value == pytest.approx(everything.steps.p_value[-1])
    assert claim.effect == pytest.approx(3, abs=0.3)
    assert set(found) == {
        (item,) for item in (*(("market", name) for name in "ABC"), ("category", "x"), ("category", "y"))
    } | {tuple(both.items())}


def test_three_causes_are_taken_out_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    amount = quiet(27)
    asked: list[int] = []

    def cause(panel: Any, figure: Any, tested: Any, left: np.ndarray) -> Mapping[str, str]:
        asked.append(int(left.sum()))
        return tested.where[0]

    monkeypatch.setattr(module, "_cause", cause)
    monkeypatch.setattr(module, "_is_inside", lambda *_: False)
    category = 1 + np.arange(24) // 3 % 3
    table, plain = two_dimensions(amount, category)
    segment_changes(table, plain)
    assert len(asked) == 3
    assert asked[0] == 24


@pytest.mark.parametrize(("chance", "step", "held"), [(1e-9, 1.0, None), (0.01, 1.0, 0.01), (1e-9, -1.0, 1.0)])
def test_a_claim_holds_without_its_first_mover_below_one_in_a_hundred_and_the_same_way(
    chance: float, step: float, held: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    amount = quiet(28)
    amount[MARKET == 1, :3] *= 2
    table, plain = panel(amount, MARKET), figure(amount)
    (claim, *_) = segment_changes(table, plain)
    assert claim.p_value < 1e-5
    others = SimpleNamespace(p_value=np.array([0.5, chance]), step=np.array([9.0, step]))
    alone = SimpleNamespace(where=({"market": "B"}, {"market": "A"}), steps=others)
    monkeypatch.setattr(module, "_tested", lambda *_, **__: alone)
    found = module._of_several(table, plain, claim, np.ones(24, bool))
    assert found.p_value == (held or claim.p_value)
    nobody = replace(claim, who=())
    assert module._of_several(table, plain, nobody, np.ones(24, bool)) is nobody


def test_a_share_needs_more_than_half_of_its_weeks_and_a_part_of_the_whole() -> None:
    for weeks, tested in ((4, False), (5, True)):
        amount = np.full((24, 12), 100.0)
        amount[MARKET == 1, 4:] = 0
        amount[MARKET == 1, 4 : 4 + weeks] = 40
        found = {claim.where["market"] for claim in segment_changes(panel(amount, MARKET), figure(amount))}
        assert ("A" in found) is tested
    for size, tested in ((100, False), (101, True)):
        amount = np.full((24, 12), 19_900 / 16)
        amount[MARKET == 1] = size / 8
        found = {claim.where["market"] for claim in segment_changes(panel(amount, MARKET), figure(amount))}
        assert ("A" in found) is tested, "more than a two hundredth"
    gone = np.full((24, 12), 100.0)
    base = np.full((24, 12), 1000.0)
    base[MARKET == 1, :4] = gone[MARKET == 1, :4] = 0
    assert {claim.where["market"] for claim in segment_changes(panel(gone, MARKET), figure(gone, base))} == {"B", "C"}
    assert segment_changes(panel(gone / 1e4, MARKET), figure(gone / 1e4, base)) == []
