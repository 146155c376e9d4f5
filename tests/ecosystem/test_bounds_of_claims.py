"""What became of orders, steps by their definition, patterns at members and mates: recomputed row by row."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from core.base.days import Window
from core.base.segment import EVERYTHING
from core.ecosystem.changes.activity_changes import MemberWeeks, silence_claims
from core.ecosystem.changes.newcomer_changes import Beginnings, exposure_claims
from core.ecosystem.changes.step_test import steps
from core.ecosystem.changes.total_changes import whole
from core.ecosystem.fairness import outcomes as orders
from core.ecosystem.fairness.exposure import Seen, merit_claims
from core.ecosystem.fairness.rating_gaps import _cards, fairness, groups_of, main_category
from core.ecosystem.fairness.score_history import ScoreHistory, merit
from core.ecosystem.members.member_groups import MemberGroups
from core.ecosystem.proportions import fisher
from core.ecosystem.ranks import rank_test, spearman
from core.ecosystem.risk.bad_orders_apart import _Cells
from core.ecosystem.risk.review_patterns.identical_reviews import identical_reviews
from core.ecosystem.spread.concentration import claims, concentrations, spread
from tests.ecosystem.changes.test_algebra_of_weeks import figure, panel
from tests.ecosystem.fairness.test_algebra_of_moves import history
from tests.ecosystem.spread.test_concentration import activity
from tests.ratings.cases.test_algebra_of_outcomes import table


@pytest.mark.parametrize("side", ["creators", "sellers"])
def test_bad_orders_of_members_that_had_a_score_when_the_28_days_began(side: str) -> None:
    rated = table()
    crowd = replace(rated.gathered.crowd, side=cast(Any, side))
    totals = {
        name: np.arange(crowd.size) * factor + 1.0 for name, factor in (("paid_orders", 9), ("refunded_orders", 2))
    }
    totals |= {"late_dispatches": np.full(crowd.size, 5.0), "other": np.full(crowd.size, 99.0)}
    totals["paid_orders"][3] = 0
    totals["paid_orders"][4] = 2
    asked: list[Any] = []

    def cube(names: Any, window: Window, by: Any, where: Any, *, as_of: int) -> Any:
        asked.append((set(names), window, by, as_of))
        return SimpleNamespace(totals=lambda name, _: totals[name])

    workspace = cast(Any, SimpleNamespace(measures=tuple(totals), cube=cube))
    looked = cast(Any, SimpleNamespace(crowd=crowd, as_of=1000))
    standing = cast(ScoreHistory, SimpleNamespace(before=rated, earlier=None))
    code = np.arange(crowd.size) % 2
    now, before = orders.outcomes(workspace, standing, looked, {"agency": (code, ("", "A"))}, EVERYTHING)
    assert before is None
    assert now is not None
    column = "seller_id" if side == "sellers" else "creator_id"
    due = [({"late_dispatches"}, Window(973, 1000), [column], 999)] if side == "sellers" else []
    assert asked == [({"paid_orders", "refunded_orders"}, Window(973, 1000), [column], 1000), *due]
    score, grade = merit(rated, crowd.size)
    place = crowd.names.place[: crowd.size]
    of = {name: np.zeros(crowd.size) for name in totals}
    for name, values in totals.items():
        of[name][place] = values
    rows = [at for at in range(1, crowd.size) if not np.isnan(score[at]) and of["paid_orders"][at] > 0]
    assert now.score.tolist() == score[rows].tolist()
    assert now.grade.tolist() == grade[rows].tolist()
    assert now.cases.tolist() == of["paid_orders"][rows].tolist()
    lost = of["refunded_orders"] + (of["late_dispatches"] if side == "sellers" else 0)
    assert now.bad.tolist() == np.minimum(lost, of["paid_orders"])[rows].tolist()
    assert now.groups["agency"][0].tolist() == code[rows].tolist()
    assert len(np.unique(now.person)) == len({crowd.persons[at] for at in rows})
    both = orders.outcomes(workspace, cast(Any, SimpleNamespace(before=rated, earlier=rated)), looked, {}, EVERYTHING)
    assert asked[-1 - len(due)][1:] == (Window(945, 972), [column], 972)
    assert all(item is not None for item in both)
    unpaid = cast(Any, SimpleNamespace(measures=("refunded_orders",), cube=cube))
    assert orders.outcomes(unpaid, standing, looked, {}, EVERYTHING) == (None, None)


def test_impressions_of_members_that_had_a_score_and_any() -> None:
    rated = table()
    crowd = rated.gathered.crowd
    views = np.arange(crowd.size * 3).reshape(-1, 3).astype(float)
    views[2] = 0
    looked = cast(Any, SimpleNamespace(crowd=crowd, amounts={"impressions": 1}, weekly=lambda name, weeks: views))
    found = orders.seen(cast(Any, SimpleNamespace(before=rated)), looked, 3, {"market": (np.arange(crowd.size), ("",))})
    assert found is not None
    score, _ = merit(rated, crowd.size)
    rows = [at for at in range(crowd.size) if not np.isnan(score[at]) and views[at].any()]
    assert found.impressions.tolist() == views[rows].tolist()
    assert found.groups["market"][0].tolist() == rows
    assert orders.seen(cast(Any, SimpleNamespace(before=None)), looked, 3, {}) is None
    looked.amounts = {"gmv": 1}
    assert orders.seen(cast(Any, SimpleNamespace(before=rated)), looked, 3, {}) is None


def test_cards_with_their_grades_and_the_chance_that_they_earn_a_top_one() -> None:
    standing = history()
    now, cards = standing.now, standing.cards
    found = _cards(standing)
    grades = [int(now.grade[card]) for card in cards]
    assert found.graded.tolist() == [grade < len(standing.grades) - 1 for grade in grades]
    assert found.top.tolist() == [grade < 2 for grade in grades]
    border = list(now.gathered.rules.grades.values())[1]
    deviation = np.maximum(now.high[cards] - now.low[cards], 1e-9) / 2 / stats.norm.ppf(0.975)
    assert found.good == pytest.approx(stats.norm.cdf((now.score[cards] - border) / deviation), abs=1e-6)
    then = [np.nan, *(standing.before.score[cards[1:]] if standing.before is not None else [])]
    assert found.score_before == pytest.approx(then, nan_ok=True)
    alone = _cards(replace(standing, before=None))
    assert np.isnan(alone.score_before).all()
    low = replace(standing, now=replace(now, grade=np.full(now.size, -1)))
    assert not _cards(low).graded.any(), "provisional"


def test_groups_of_cards_are_those_of_which_there_are_several() -> None:
    standing = history()
    nobody = MemberGroups({}, {})
    groups = {name: (code, words) for name, code, words in groups_of(standing.now, standing.cards, nobody)}
    rows = [(row.group, row.value) for row in fairness(standing, nobody)]
    expected = [
        (name, words[value])
        for name, (code, words) in groups.items()
        if len(np.unique(code)) > 1
        for value in np.unique(code)
        if words[value]
    ]
    assert rows == expected
    assert len({name for name, _ in rows}) < len(groups), "a group of all is none"
    orders_of = standing.now.orders[standing.cards]
    edges = groups["size"][0]
    assert edges.tolist() == [int(size >= 30) + int(size >= 300) for size in orders_of]
    frame = standing.now.gathered.frame
    times = np.zeros(len(frame.cell_card))
    for stream in frame.streams:
        np.add.at(times, stream.cell, 1)
    main = main_category(standing.now)
    for card in range(frame.cards.size):
        cells = np.flatnonzero(frame.cell_card == card)
        if len(cells):
            assert times[cells][frame.cell_category[cells] == main[card]].max() == times[cells].max()


def test_chances_of_cells_by_their_members_and_mates_elsewhere() -> None:
    rng = np.random.default_rng(2)
    member, mate = np.repeat(np.arange(6), 5), np.tile(np.arange(5), 6)
    size = rng.integers(1, 12, 30)
    bad = rng.binomial(size, 0.1)
    bad[:2] = size[:2] = 10
    cells = _Cells(member=member, mate=mate, size=size, bad=bad)
    usual = bad.sum() / size.sum()
    for at in range(30):
        rates = []
        for of in (member, mate):
            others = (of == of[at]) & (np.arange(30) != at)
            rates.append((bad[others].sum() + 20 * usual) / (size[others].sum() + 20))
        least = -(-4 * size[at] // 5)
        chance = stats.binom.sf(least - 1, size[at], min(max(rates), 0.35))
        assert cells.expected()[at] == pytest.approx(size[at] * chance if size[at] > 1 else 0)
        assert cells.apart()[at] == (size[at] > 1 and bad[at] >= 0.8 * size[at])


@pytest.mark.parametrize(("users", "common"), [(5, False), (6, True)])
def test_a_text_of_six_members_is_a_common_phrase(users: int, common: bool) -> None:
    member, text = np.repeat(np.arange(1, 31), 20), np.full(600, -1)
    text[:12] = 0
    text[20 * np.arange(1, users)] = 0
    found = identical_reviews(member, text, ("x",))
    assert bool(found.p_value[found.member == 1][0] == 1.0) is common


def test_concentration_is_that_of_members_with_anything_in_cents_or_less() -> None:
    rng = np.random.default_rng(4)
    amount = np.vstack([np.zeros(12), rng.uniform(0.001, 0.2, (20, 12))])
    amount[3, :4] = 0
    crowd = activity([1] * 20, [1] * 20)
    found = {item.figure: item for item in claims(crowd, {"gmv": amount})}
    now, before = (amount[1:, weeks].sum(axis=1) for weeks in (slice(4), slice(4, 8)))
    for name in ("gini", "hhi"):
        claim = found[f"{name} of gmv"]
        assert claim.now == pytest.approx(getattr(spread(now[now > 0]), name))
        assert claim.before == pytest.approx(getattr(spread(before), name))
    eight = replace(crowd, first=1000 - 8 * 7 + 1)
    assert eight.weeks == 8
    assert concentrations(eight)[0].before is not None
    assert concentrations(replace(eight, first=eight.first + 1))[0].before is None


def test_merit_week_by_week_is_tested_as_a_step_of_fisher_z() -> None:
    rng = np.random.default_rng(3)
    score, market = rng.uniform(40, 90, 30), np.arange(30) % 2
    views = rng.poisson(np.exp(3 + 0.02 * score)[:, None], (30, 12)) + 1.0
    views[:, :4] = views[::-1, :4]
    _, change = merit_claims("sellers", Seen(score, views, {"market": (market, ("", "x"))}), 1000)

    def within(values: np.ndarray) -> np.ndarray:
        return values - np.array([values[market == at].mean() for at in (0, 1)])[market]

    weekly = [spearman(within(score), within(np.log1p(week)))[0] for week in views.T]
    tested = steps(np.arctanh(weekly)[None, :], np.zeros(1))
    level, step, half = tested.level[0], tested.step[0], tested.half()[0]
    usual = np.tanh(level)
    assert (change.now, change.before) == pytest.approx((np.mean(weekly[:4]), np.mean(weekly[4:8])))
    assert change.effect == pytest.approx(np.tanh(level + step) - usual)
    assert change.interval == pytest.approx(
        (np.tanh(level + step - half) - usual, np.tanh(level + step + half) - usual)
    )
    assert (change.p_value, change.onset) == (pytest.approx(tested.p_value[0]), 1001 - 7 * tested.onset[0])
    assert change.is_worse is bool(step < 0)


@pytest.mark.parametrize(("now", "before", "told"), [(5, 5, True), (4, 5, False), (5, 4, False)])
def test_five_newcomers_of_either_kind_are_compared_at_the_age_of_one_and_two_weeks(
    now: int, before: int, told: bool
) -> None:
    rng = np.random.default_rng(5)
    first = np.r_[np.full(30, -1), 1 + np.arange(now) % 4, 6 + np.arange(before), 5, 0]
    seen = rng.lognormal(3, 0.5, (len(first), 14))
    names = tuple(map(str, range(len(first))))
    found = {
        item.figure: item
        for item in exposure_claims(Beginnings(side="creators", last=1000, names=names, seen=seen, first=first))
    }
    assert ("first_weeks_exposure" in found) is told
    if told:
        share = seen / seen[:30].sum(axis=0)
        older = np.where(first > 1, share[np.arange(len(first)), first - 2], 0)
        level = np.log((share[np.arange(len(first)), first - 1] + older) / 2)[30:]
        assert found["first_weeks_exposure"].p_value == pytest.approx(rank_test(level[:now], level[now : now + before]))
        assert found["first_weeks_exposure"].onset == 973


def test_the_cause_of_a_total_moved_the_same_way_and_beyond_chance() -> None:
    rng = np.random.default_rng(6)
    base = rng.poisson(900, (6, 12)).astype(float)
    bad = rng.binomial(base.astype(int), 0.2).astype(float)
    bad[:, :3] *= 0.5
    table_ = panel(bad, 1 + np.arange(6) % 3)
    plain = figure(bad, base)
    claim = whole(table_, plain, [])
    assert claim is not None
    assert claim.effect < 0.7
    named = [replace(claim, where={"market": name}, who=(name,)) for name in "ABC"]
    same, turned, unsure = (
        replace(named[0], effect=0.8, p_value=1e-6),
        replace(named[1], effect=1.3, p_value=1e-9),
        replace(named[2], effect=0.8, p_value=3e-5),
    )
    told = whole(table_, plain, [unsure, turned, same])
    assert told is not None
    assert (told.cause, told.who) == ({"market": "A"}, ("A",))
    alone = whole(table_, plain, [turned, unsure])
    assert alone is not None
    assert (alone.cause, alone.who) == ({}, ())
    few = np.zeros((6, 12))
    few[0, [0, 5, 6, 7, 8, 9, 10, 11]] = 2
    assert whole(table_, figure(few), []) is not None, "sixteen"
    few[0, 11] = 1
    assert whole(table_, figure(few), []) is None
    gone = base.copy()
    gone[:, 3] = 0
    assert whole(table_, figure(bad * (gone > 0), gone), []) is not None, (
        "a week without any is none that ends the figure"
    )


def test_a_group_is_silent_against_its_past_and_against_all_others() -> None:
    rng = np.random.default_rng(7)
    active = rng.random((60, 20)) < 0.97
    active[:12, :2] = False
    group = np.where(np.arange(60) < 14, 1, 2)
    names = tuple(map(str, range(60)))
    plain = {"side": "creators", "last": 1000, "names": names, "active": active, "amount": np.ones((60, 20))}
    members = MemberWeeks(**cast(Any, plain), words={"agency": ("", "A", "B")}, groups={"agency": group})
    found = {str(item.where.get("agency", "")): item for item in silence_claims(members)}
    assert set(found) == {"", "A", "B"}
    regular = [active[:, end : end + 4].sum(axis=1) >= 3 for end in range(2, 17, 2)]
    silent = [keep & ~active[:, 2 * at : 2 * at + 2].any(axis=1) for at, keep in enumerate(regular)]
    here = group == 1
    now = int((silent[0] & here).sum()), int((regular[0] & here).sum())
    others = int((silent[0] & ~here).sum()), int((regular[0] & ~here).sum())
    then = sum(int((gone & here).sum()) for gone in silent[1:]), sum(int((keep & here).sum()) for keep in regular[1:])
    assert (found["A"].now, found["A"].before) == pytest.approx((now[0] / now[1], then[0] / then[1]))
    assert found["A"].p_value == pytest.approx(3 * max(fisher(now, then), fisher(now, others)))
    assert found[""].cause == found["B"].cause == {"agency": "A"}
    only = replace(members, groups={"agency": np.where(group == 1, 1, 0)})
    assert {str(item.where) for item in silence_claims(only)} == {"{}", "{'agency': 'A'}"}
