"""What members did by week from rows of a cube, the groups they are in, and causes among segments."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING
from core.cube.cube import Cube, CubePart
from core.ecosystem.changes.segment_changes import segment_changes
from core.ecosystem.fairness import score_history
from core.ecosystem.fairness.rating_gaps import difference
from core.ecosystem.members import activity as activities
from core.ecosystem.members.member_groups import member_groups
from core.ratings.cases.accounts import SortedWords
from core.workspace.read.rating_rows import RoleRow
from tests.ecosystem.test_algebra_of_weeks import figure, panel
from tests.ecosystem.test_concentration import crowd
from tests.ratings.test_algebra_of_outcomes import table

WORDS = ("", "d", "b", "a")


def everybody(**more: Any) -> Any:
    return replace(crowd(3), names=SortedWords.of(WORDS), **more)


def test_rows_of_two_exports_add_up_by_member_and_week() -> None:
    rng = np.random.default_rng(1)
    days = rng.integers(900, 991, 200).astype(np.int32)
    codes = {"creator_id": rng.integers(0, 4, 200).astype(np.int32)}
    sold = CubePart(days[:120], {"creator_id": codes["creator_id"][:120]}, {"gmv": rng.integers(0, 3, 120) * 50.2})
    seen = CubePart(
        days[120:], {"creator_id": codes["creator_id"][120:]}, {"impressions": rng.integers(0, 3, 80) * 1.0}
    )
    other = CubePart(days[:3], {"market": codes["creator_id"][:3]}, {"violations": np.ones(3)})
    cube = Cube(Window(900, 990), {"creator_id": WORDS}, (sold, seen, other))
    found = activities._activity(cube, everybody(), 990)
    expected: dict[tuple[int, int], dict[str, int]] = {}
    for part, name in ((sold, "gmv"), (seen, "impressions")):
        for code, day, amount in zip(part.codes["creator_id"], part.days, part.measures[name], strict=True):
            member = sorted(WORDS).index(WORDS[code])
            if member and amount:
                cell = expected.setdefault((member, (990 - int(day)) // 7), {"gmv": 0, "impressions": 0})
                cell[name] += round(float(amount))
    cells = list(zip(found.member.tolist(), found.week.tolist(), strict=True))
    assert cells == sorted(expected)
    for name in ("gmv", "impressions"):
        assert found.amounts[name].tolist() == [expected[cell][name] for cell in cells]
        assert found.weekly(name, 13).sum() == found.amount(name, range(13)).sum() == found.amounts[name].sum()
    assert (found.weeks, found.first, found.as_of) == (13, 900, 990)
    assert found.last == max(990 - 7 * week for _, week in cells) or found.last > 983
    empty = activities._activity(Cube(Window(900, 990), {"creator_id": WORDS}, (other,)), everybody(), 990)
    assert (len(empty.member), empty.last) == (0, 0)


@pytest.mark.parametrize(
    ("dimensions", "measures", "told"),
    [
        (("creator_id", "seller_id"), ("gmv",), ("creators", "sellers")),
        (("seller_id", "market"), ("orders",), ("sellers",)),
        (("market",), ("gmv",), None),
        (("seller_id",), ("rating_sum",), None),
    ],
)
def test_sides_are_those_that_the_data_name(dimensions: Any, measures: Any, told: Any) -> None:
    workspace = cast(Any, SimpleNamespace(dimensions=dimensions, measures=measures, path="w.db"))
    if told is None:
        with pytest.raises(NotEnoughData, match="no export says who sold or was seen"):
            activities.sides(workspace)
    else:
        assert set(activities.sides(workspace)) == set(told)


def test_groups_of_creators_by_their_codes() -> None:
    of_a = RoleRow("a", "kol", 10, 20), RoleRow("a", "agency_member", 0, 99)
    roles = (*of_a, RoleRow("b", "agency_member", 0, 99), RoleRow("d", "koc", 15, 99))
    creators = everybody(roles=roles)
    workspace = cast(
        Any, SimpleNamespace(dimensions=("creator_id",), values=lambda _: WORDS, agencies={"b": "Y", "d": "X"})
    )
    new = np.array([False, True, False, True])  # by place: "", a, b, d
    found = member_groups(workspace, creators, new, 15)

    def told(of: Any) -> dict[str, list[str]]:
        return {name: [of.words[name][code] for code in of.codes[name]] for name in of.words}

    assert told(found) == {
        "agency": ["", "X", "Y", ""],
        "role": ["", "koc", "agency_member", "kol"],
        "newcomer": ["", "yes", "no", "yes"],
    }
    assert found.words["agency"] == ("", "X", "Y")
    assert [told(member_groups(workspace, creators, None, day))["role"][3] for day in (9, 10, 20, 21)] == [
        "agency_member",
        "kol",
        "kol",
        "agency_member",
    ]
    workspace.agencies = {}
    assert set(member_groups(workspace, creators, None, 15).words) == {"role"}
    assert member_groups(workspace, None, None, 15).words == {}
    workspace.dimensions = ("market",)
    assert member_groups(workspace, creators, None, 15).words == {}


def test_groups_without_any_spread_say_nothing_of_chance() -> None:
    score, here = np.r_[np.full(8, 3.0), np.full(8, 5.0)], np.arange(16) < 8
    assert difference(score, np.arange(16), here) == (3, -2, (-2, -2), 1.0)


def test_only_cards_with_a_rank_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    rated = table()
    monkeypatch.setattr(score_history, "rate", lambda *_, **__: rated)
    monkeypatch.setattr(score_history, "_chosen", lambda *_: np.arange(rated.size) >= 2)
    looked = cast(Any, SimpleNamespace(crowd=SimpleNamespace(side="creators"), as_of=1000))
    _, cards = score_history._rated_now(cast(Any, None), looked, cast(Any, None), EVERYTHING, cast(Any, None))
    assert cards.tolist() == [at for at in range(2, rated.size) if rated.rank[at] > 0]
    monkeypatch.setattr(score_history, "_chosen", lambda *_: rated.rank == 0)
    with pytest.raises(NotEnoughData, match="none of the creators there has a rating"):
        score_history._rated_now(cast(Any, None), looked, cast(Any, None), EVERYTHING, cast(Any, None))


def test_a_cause_is_taken_out_and_others_are_judged_without_it() -> None:
    rng = np.random.default_rng(3)
    market = 1 + np.arange(60) % 3
    base = rng.poisson(3000, (60, 16)).astype(float)
    bad = rng.binomial(base.astype(int), 0.1).astype(float)
    bad[market == 2, :3] = rng.binomial(base[market == 2, :3].astype(int), 0.3)
    found = {claim.where["market"]: claim for claim in segment_changes(panel(bad, market), figure(bad, base))}
    assert found["B"].p_value < 1e-6
    assert not found["B"].cause
    assert min(found[name].p_value for name in "AC") > 1e-3
    for name, at in (("A", 1), ("C", 3)):
        here = market == at
        assert found[name].now == pytest.approx(bad[here, :4].sum() / base[here, :4].sum())
