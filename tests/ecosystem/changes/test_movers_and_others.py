"""Where a change is looked for, who moved it, and what others tell of a rate, counted by hand."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.base.segment import Segment
from core.ecosystem.changes.localized_segments import localized
from core.ecosystem.changes.segment_changes import segment_changes
from core.ecosystem.changes.segment_figures import (
    common_movement,
    member_levels,
    weekly_ratio,
)
from core.ecosystem.changes.total_changes import whole
from tests.ecosystem.changes.test_algebra_of_weeks import figure, names, panel


def test_the_localizer_compares_rates_by_what_they_are_rates_of() -> None:
    """Four leaves of two markets and two categories: of one, a fifth of orders goes wrong instead of a twentieth; another has
    four times as many orders, and as many more that go wrong."""
    base = np.full((4, 12), 1000.0)
    base[0, :4] = 4000.0
    amount = 0.05 * base
    amount[3, :4] = 200.0
    table = replace(
        panel(amount, np.ones(4, np.int64)),
        codes={"market": np.array([1, 1, 2, 2]), "category": np.array([1, 2, 1, 2])},
        words={"market": ("", "A", "B"), "category": ("", "x", "y")},
    )
    rate = replace(figure(amount, base), dimensions=("market", "category"))
    assert list(localized(table, rate, np.ones(4, bool))) == [{"market": "B", "category": "y"}]


def test_the_localizer_is_asked_of_the_newest_four_weeks_and_all_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of several values, or of what is not given, are left out."""
    asked: list[Any] = []
    segments = [
        {"market": ["A"]},
        {"market": ["A", "B"]},
        {"market": ["A"], "category": ["x", "y"]},
        {"category": [""]},
        {},
    ]

    def localize(table: Any) -> Any:
        asked.append(table)
        return SimpleNamespace(segments=[SimpleNamespace(where=Segment.of(item)) for item in segments])

    monkeypatch.setattr("core.ecosystem.changes.localized_segments.localize", localize)
    amount = np.arange(24.0).reshape(2, 12)
    table, left = panel(amount, np.array([1, 2])), np.array([False, True])
    assert list(localized(table, figure(amount, 2 * amount), left)) == [{"market": "A"}]
    assert (asked[0].actual, asked[0].forecast) == (amount[1, :4].mean(), amount[1, 4:].mean())
    assert (asked[0].actual_base, asked[0].forecast_base) == (2 * amount[1, :4].mean(), 2 * amount[1, 4:].mean())
    assert list(localized(table, figure(amount), left)) == [{"market": "A"}]
    assert (asked[1].actual_base, asked[1].codes.tolist(), asked[1].values) == (None, [[2]], (("", "A", "B", "C"),))


def test_movers_add_to_the_change_and_are_not_the_largest() -> None:
    """Of a count: the first sells 100 as before, the second 30 instead of 10, the third 5 instead of 20."""
    amount = np.array([[100.0] * 12, [30.0] * 4 + [10.0] * 8, [5.0] * 4 + [20.0] * 8])
    table_, here = panel(amount, np.ones(3, np.int64)), np.ones(3, bool)
    assert names(table_, figure(amount), here, True) == ("c02",)
    assert names(table_, figure(amount), here, False) == ("c03",)
    assert names(table_, figure(amount), here & [True, False, True], True) == ()
    for second, named in ((2.0, ("c01",)), (2.5, ("c01", "c02"))):  # 18 of 20 are nine tenths, of 20.5 they are not
        fell = np.array([[10.0] * 4 + [28.0] * 8, [7.0] * 4 + [7.0 + second] * 8, [5.0] * 12])
        assert names(panel(fell, np.ones(3, np.int64)), figure(fell), here, False) == named


def test_sales_that_move_to_members_with_a_high_rate_are_no_change_of_rates() -> None:
    """Two creators a market; one has one bad order in five, others one in fifty, and sells ten times as much of late."""
    base = np.full((8, 12), 500.0)
    base[1, :3], base[0, :3] = 5000, 50
    bad = base * np.where(np.arange(8) == 1, 0.2, 0.02)[:, None]
    market = 1 + np.arange(8) // 4
    table_ = panel(base, market)
    levels = member_levels(table_, bad, base)
    usual = bad.sum() / base.sum()
    assert levels[1] == pytest.approx((bad[1].sum() + 5) / (usual * base[1].sum() + 5))
    plain = figure(bad, base)
    of_a = [claims[0] for claims in (segment_changes(table_, some) for some in (plain, replace(plain, level=levels)))]
    assert [claim.where for claim in of_a] == [{"market": "A"}] * 2
    assert of_a[0].effect > 2
    assert of_a[1].effect == pytest.approx(1, abs=0.1)
    assert of_a[0].now == of_a[1].now, "what is shown is the rate itself"
    everything = whole(table_, replace(plain, level=levels), [])
    assert everything is not None
    assert everything.effect == pytest.approx(1, abs=0.1)


def test_what_one_member_does_is_no_matter_of_its_segment() -> None:
    """Four creators a market: one of A stops, or all four halve; the claim holds only where it does without the one.

    So it is of shops that sell without a creator, whatever creators of other markets are called.
    """
    rng = np.random.default_rng(8)
    usual, market = rng.poisson(300, (12, 12)).astype(float), 1 + np.arange(12) // 4
    alone, several = usual.copy(), usual.copy()
    alone[0] = 6 * usual[0]
    alone[0, :3] = 0
    several[:4, :3] = np.rint(several[:4, :3] / 2)
    creators = [panel(amount, market) for amount in (alone, several)]
    codes = {"creator_id": np.where(market == 1, 0, np.arange(12) - 3), "seller_id": np.arange(1, 13)}
    shops = [
        replace(table, leaf_members=codes, member_names=dict.fromkeys(codes, table.member_names["creator_id"]))
        for table in creators
    ]
    for tables in (creators, shops):
        chances = [
            {claim.where["market"]: claim.p_value for claim in segment_changes(table, figure(table.amounts["orders"]))}[
                "A"
            ]
            for table in tables
        ]
        assert chances[0] > 0.01
        assert chances[1] < 1e-5


def test_a_rate_is_compared_with_that_of_several_others_and_an_empty_week_is_a_usual_one() -> None:
    """Seven creators of A with one bad order in ten; others begin seven weeks ago with the same."""
    base = np.full((10, 12), 400.0)
    base[7:, 7:] = 0
    market = np.r_[np.full(7, 1), np.full(3, 2)]
    (claim, *_) = segment_changes(panel(base, market), figure(base / 10, base))
    assert claim.where == {"market": "A"}
    assert claim.effect == pytest.approx(1, abs=1e-6)
    two = slice(0, 9)
    assert segment_changes(panel(base[two], market[two]), figure(base[two] / 10, base[two])) == []
    assert weekly_ratio(np.zeros(1), np.zeros(1), 1.0, 0.1)[0] == pytest.approx(0.1)


def test_others_tell_how_a_rate_moves_as_far_as_they_scatter_beyond_chance() -> None:
    quiet, lively = np.full(4, 10.0), np.array([30.0, 10, 30, 10])
    movement, known_by = common_movement(np.stack([quiet, lively]), np.ones((2, 4)))
    assert movement[0] == pytest.approx(np.ones(4))
    assert (known_by[0] > 1e6).all()
    # of 20 each: (10 x 10 - 20) / 20^2 = 0.2 beyond chance, and 20 x 0.2 = 4 times that of chance: four fifths are followed
    assert movement[1] == pytest.approx([1.4, 0.6, 1.4, 0.6])
    assert known_by[1] == pytest.approx(lively / 0.64)


def test_members_are_those_of_the_weeks_before_the_newest_four() -> None:
    """A segment whose third member was only there four weeks ago, or five."""
    rng = np.random.default_rng(5)
    amount = rng.poisson(100, (12, 12)).astype(float)
    market = np.r_[np.full(3, 1), 2 + np.arange(9) % 2]
    for week, tested in ((3, {"B", "C"}), (4, {"A", "B", "C"})):
        some = amount.copy()
        some[2] = 0
        some[2, week] = 100
        assert {item.where["market"] for item in segment_changes(panel(some, market), figure(some))} == tested
