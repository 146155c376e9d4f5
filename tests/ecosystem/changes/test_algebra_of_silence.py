"""Who falls silent: every window, its scatter, its chance and its names, member by member."""

from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from core.ecosystem.changes.activity_changes import MemberWeeks, joined_claim, silence_claims
from core.ecosystem.proportions import fisher, newcombe


def members(active: np.ndarray, amount: np.ndarray, groups: dict[str, np.ndarray]) -> MemberWeeks:
    names = tuple(f"m{at:02}" for at in range(len(active)))
    words = dict.fromkeys(groups, ("", "A", "B"))
    return MemberWeeks(
        side="creators", last=1000, names=names, active=active, amount=amount, words=words, groups=groups
    )


def windows(active: np.ndarray, length: int) -> list[tuple[np.ndarray, np.ndarray]]:
    found = []
    for start in range(0, active.shape[1] - length - 3, length):
        end = start + length
        regular = active[:, end : end + 4].sum(axis=1) >= 3
        found.append((regular, regular & ~active[:, start:end].any(axis=1)))
    return found


def test_chances_count_how_much_windows_scatter_and_three_ways_to_look() -> None:
    rng = np.random.default_rng(41)
    lively = np.where(rng.random(16) < 0.3, 0.35, 0.9)  # weeks in which nearly nobody works
    active = rng.random((80, 16)) < lively
    active[:25, :2] = False
    amount = rng.lognormal(3, 1, (80, 16))
    here = np.arange(80) < 40
    found = silence_claims(members(active, amount, {"agency": np.where(here, 1, 2), "role": np.ones(80, int)}))
    assert [claim.where for claim in found] == [{}, {"agency": "A"}, {"agency": "B"}], "a group of all is none"
    excesses = []
    for claim, chosen in zip(found, (here | True, here, ~here), strict=True):
        tried = {}
        for length, newest in ((2, 1), (2, 2), (4, 1)):
            each = windows(active, length)
            sizes = np.array([[regular.sum(), gone.sum()] for regular, gone in each[newest:]])
            share = sizes[:, 1].sum() / sizes[:, 0].sum()
            usual = np.maximum(sizes[:, 0] * share * (1 - share), 0.5)
            excess = (((sizes[:, 1] - sizes[:, 0] * share) ** 2 / usual).sum() + 3) / (len(each) - newest - 1 + 3)
            excess = max(excess, 1)
            excesses.append(excess)
            pairs = [
                tuple(sum(int((part[of] & chosen).sum()) for part in some) for of in (1, 0))
                for some in (each[:newest], each[newest:])
            ]
            shrunk = [(round(a / excess), max(round(n / excess), 1)) for a, n in pairs]
            chance = fisher(*shrunk)
            if not chosen.all():
                others = [sum(int((part[of] & ~chosen).sum()) for part in each[:newest]) for of in (1, 0)]
                chance = max(chance, fisher(pairs[0], (others[0], others[1])))
            tried[length, newest] = min(3 * chance, 1), pairs, each
        best = min(tried, key=lambda item: tried[item][0])
        chance, ((a, n), (c, m)), each = tried[best]
        assert claim.p_value == pytest.approx(chance)
        assert (claim.now, claim.before, claim.effect) == pytest.approx((a / n, c / m, a / n - c / m))
        assert claim.interval == pytest.approx(newcombe((a, n), (c, m)))
        weeks = best[0] * best[1]
        assert (claim.onset, claim.is_worse) == (1001 - 7 * weeks, a / n > c / m)
        gone = (
            np.logical_or.reduce([silent for _, silent in each[: best[1]]]) & ~active[:, : best[0]].any(axis=1) & chosen
        )
        size = np.where(gone, amount[:, weeks:].sum(axis=1), 0)
        assert claim.who == tuple(f"m{at:02}" for at in np.argsort(-size)[:3] if gone[at])
    assert max(excesses) > 1.5


@pytest.mark.parametrize(("size", "earlier", "told"), [(5, 12, True), (4, 12, False), (5, 8, True), (5, 7, False)])
def test_five_members_and_an_earlier_window_are_needed(size: int, earlier: int, told: bool) -> None:
    active = np.ones((size, earlier), bool)
    assert bool(silence_claims(members(active, active * 1.0, {}))) is told
    gone = np.ones((2, earlier), bool)
    gone[:, :7] = False  # nobody misses them any more
    assert bool(silence_claims(members(np.vstack([active, gone]), np.ones((size + 2, earlier)), {}))) is told


def test_members_who_begin_are_held_against_the_weeks_before_the_newest_four() -> None:
    """One in each of two weeks and 24 in ten weeks before the newest four: of 25, the two newest weeks expect a sixth."""
    joined = np.array([1, 0, 0, 0, *[2, 3] * 4, 2, 2])
    claim = joined_claim("creators", 1000, joined, ("a", "b", "c", "d"))
    assert claim is not None
    history = joined[4:]
    assert (claim.now, claim.before) == (pytest.approx(joined[:4].mean()), pytest.approx(history.mean()))
    chances = {}
    for length in (2, 4):
        total, share = joined[:length].sum() + history.sum(), length / (length + 10)
        law = stats.binom(total, share)
        came = joined[:length].sum()
        chances[length] = min(4 * min(law.sf(came - 1), law.cdf(came)), 1)
    assert claim.p_value == pytest.approx(min(chances.values()))
    assert claim.onset == 1001 - 7 * min(chances, key=lambda length: chances[length])
    assert (claim.is_worse, claim.who) == (True, ())
    many = joined_claim("creators", 1000, np.r_[[9, 8, 9, 9], history], ("a", "b", "c", "d"))
    assert many is not None
    assert (many.is_worse, many.who) == (False, ("a", "b", "c"))
    few = cast(Any, np.r_[[0, 0, 0, 0], 1, 1, 1, 1])
    assert joined_claim("creators", 1000, few, ()) is None, "five persons"
    assert joined_claim("creators", 1000, few + 1, ()) is not None
    assert joined_claim("creators", 1000, few[:7] + 1, ()) is None, "four weeks before"
