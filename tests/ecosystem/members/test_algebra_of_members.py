"""What members did by week from rows of a cube, the groups they are in, and causes among segments."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.cube.cube import Cube, CubePart
from core.ecosystem import claim_families, completeness
from core.ecosystem.changes.newcomer_changes import Beginnings, exposure_claims
from core.ecosystem.changes.segment_changes import segment_changes
from core.ecosystem.changes.segment_figures import segments
from core.ecosystem.fairness import score_history
from core.ecosystem.fairness.rating_gaps import difference
from core.ecosystem.members import activity as activities
from core.ecosystem.members.member_groups import member_groups
from core.ecosystem.proportions import newcombe
from core.ecosystem.ratio_change import ratio
from core.ratings.cases.accounts import SortedWords
from core.workspace.read.rating_rows import RoleRow
from tests.ecosystem.changes.test_algebra_of_weeks import figure, panel
from tests.ecosystem.spread.test_concentration import crowd
from tests.ratings.cases.test_algebra_of_outcomes import table

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
        with pytest.raises(NotEnoughData, match="no orders and no traffic name creators or sellers"):
            activities.sides(workspace)
    else:
        assert set(activities.sides(workspace)) == set(told)


def test_groups_of_creators_by_their_codes() -> None:
    of_a = RoleRow("a", "kol", 10, 20), RoleRow("a", "agency_member", 0, 99)
    roles = (*of_a, RoleRow("b", "agency_member", 0, 99), RoleRow("d", "koc", 15, 99), RoleRow("d", "kol", 15, 99))
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


def test_persons_who_happen_to_lie_close_together_are_not_sure() -> None:
    person, here = np.arange(40), np.arange(40) < 3
    score = np.where(here, 62.0 + 0.01 * (person - 1), 60 + 5 * np.where(person % 2, 1.0, -1.0))
    _, gap, _, chance = difference(score, person, here)
    squares = sum(((score[side] - score[side].mean()) ** 2).sum() for side in (here, ~here))
    pooled = (squares / 38 * (1 / 3 + 1 / 37)) ** 0.5
    assert chance == pytest.approx(2 * stats.t.sf(gap / pooled, 38))
    assert chance > 10 * stats.ttest_ind(score[here], score[~here], equal_var=False).pvalue


def test_a_dimension_of_one_value_has_no_segments_but_for_groups_of_creators() -> None:
    table_ = panel(np.ones((6, 10)), np.array([1, 1, 0, 1, 1, 1]))
    plain = figure(np.ones((6, 10)))
    assert segments(table_, plain) == ()
    codes = {"agency": table_.codes["market"], "channel": table_.codes["market"], "role": np.ones(6, int)}
    grouped = replace(table_, codes=codes, words=dict.fromkeys(codes, ("", "A", "B")))
    asked = replace(plain, dimensions=("agency", "channel", "role", "market"))
    assert segments(grouped, asked) == ({"agency": "A"},)
    several = replace(grouped, codes={**codes, "channel": np.array([1, 2, 0, 1, 1, 1])})
    assert segments(several, asked) == ({"agency": "A"}, {"channel": "A"}, {"channel": "B"})


def test_exposure_is_a_share_of_what_those_are_seen_who_did_not_begin() -> None:
    rng = np.random.default_rng(6)
    first = np.r_[np.full(40, -1), rng.integers(5, 12, 12), rng.integers(13, 20, 12)]
    impressions = rng.lognormal(3, 0.3, (64, 24)) * ((np.arange(24) <= first[:, None]) | (first < 0)[:, None])
    flood = np.zeros((3, 24))
    flood[:, 0] = 1e5  # who begins this week takes nothing from what newcomers had
    found = []
    for more, week in ((impressions[:0], first[:0]), (flood, np.zeros(3, int))):
        names = tuple(map(str, range(64 + len(more))))
        both = np.vstack([impressions, more])
        began = Beginnings(side="creators", last=1000, names=names, seen=both, first=np.r_[first, week])
        found.append(exposure_claims(began))
    assert [claim.effect for claim in found[0]] == pytest.approx([claim.effect for claim in found[1]])


def test_rankings_are_claimed_for_the_sides_that_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("amount_claims", "_quality_claims", "gap_claims", "calibration_claims"):
        monkeypatch.setattr(claim_families, name, lambda *_: ())
    monkeypatch.setattr(claim_families, "ranking_claims", lambda now, before, as_of: [(now, before, as_of)])
    sources = cast(Any, SimpleNamespace(activities=(), standings=(), as_of=1000))
    then = cast(Any, [("creators", None), (None, "sellers"), ("sellers", "before")])
    told = list(claim_families.all_claims(sources, {}, then, (), ()))
    assert told == [("creators", None, 1000), ("sellers", "before", 1000)]


def test_weeks_of_claims_are_those_of_the_data_up_to_the_panels() -> None:
    weeks = [claim_families._weeks(cast(Any, SimpleNamespace(weeks=count))) for count in (3, 16, 99)]
    assert weeks == [3, 16, 16]


@pytest.mark.parametrize(("begins", "as_of", "first"), [(0, 1000, 889), (950, 1000, 950), (980, 1000, None)])
def test_missing_exports_are_looked_for_in_sixteen_weeks(begins: int, as_of: int, first: int | None) -> None:
    asked = []

    def cube(names: Any, window: Window, *_: Any, **__: Any) -> Any:
        asked.append(window)
        rows = np.full((3, len(window)), 50.0)
        rows[1, -3:] = 0  # one market for three days, all of them for two
        rows[:, 10:12] = 0
        return SimpleNamespace(daily=lambda *_: rows)

    room = {"measures": ("orders",), "dimensions": ("market",), "values": lambda _: ("", "ID", "TH")}
    workspace = cast(Any, SimpleNamespace(span=Window(begins, 2000), cube=cube, **room))
    found = completeness.missing_exports(workspace, as_of, EVERYTHING)
    assert asked == ([] if first is None else [Window(first, as_of)])
    own = [(gap.kind, gap.market, gap.window) for gap in found]
    expected = [] if first is None else [("orders", "ID", Window(as_of - 2, as_of))]
    if first is not None and first + 11 > as_of - 56:
        expected = [("orders", "", Window(first + 10, first + 11)), *expected]
    assert own == expected


@pytest.mark.parametrize(("orders", "missing"), [([0, 4, 9, 1], True), ([0, 40, 60, 0], False), ([99, 0, 0, 0], False)])
def test_a_market_of_two_creators_may_rest(orders: list[float], missing: bool) -> None:
    """Orders by creator in the four weeks before three days without any; the first value is "" (nobody)."""
    asked: list[Any] = []

    def cube(names: Any, window: Window, columns: Any, where: Segment, **more: Any) -> Any:
        rows = np.full((2, len(window)), 50.0)
        rows[1, -3:] = 0
        asked.append((window, where, more))
        return SimpleNamespace(daily=lambda *_: rows, totals=lambda *_: np.array(orders))

    words = {"market": ("ID", "TH"), "creator_id": ("", "a", "b", "c")}
    room = {"measures": ("orders",), "dimensions": ("market", "creator_id"), "values": words.__getitem__}
    workspace = cast(Any, SimpleNamespace(span=Window(1900, 2000), cube=cube, **room))
    found = completeness.missing_exports(workspace, 2000, EVERYTHING)
    assert [gap.market for gap in found] == ["TH"] * missing
    assert asked[1] == (Window(1970, 1997), Segment.of({"market": ["TH"]}), {"as_of": 1997})


@pytest.mark.parametrize(("a", "n", "c", "m"), [(56, 70, 48, 80), (9, 10, 3, 10), (0, 10, 10, 10), (5, 5, 0, 9)])
def test_differences_of_shares_join_the_intervals_of_both(a: int, n: int, c: int, m: int) -> None:
    """The first are those of Newcombe (Statistics in Medicine 1998, table II)."""
    low, high = newcombe((a, n), (c, m))
    if (a, n) == (56, 70):
        assert (low, high) == pytest.approx((0.0524, 0.3339), abs=2e-4)
    if (a, n) == (9, 10):
        assert (low, high) == pytest.approx((0.1705, 0.8090), abs=2e-4)
    turned = newcombe((c, m), (a, n))
    assert turned == pytest.approx((-high, -low))
    assert -1 - 1e-9 <= low <= a / n - c / m <= high <= 1 + 1e-9


def test_a_ratio_that_is_there_on_one_side_only_has_no_change() -> None:
    numerator = np.array([[3.0, 2.0, 4.0], [1.0, 1.0, 1.0]])
    for gone in (0, 1):
        denominator = np.full((2, 3), 10.0)
        denominator[gone] = 0
        found = ratio(numerator, denominator, np.ones(3, bool))
        assert (found.change, found.change_interval) == (None, None)
        assert (found.value is None, found.before is None) == (gone == 0, gone == 1)
