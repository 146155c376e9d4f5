"""The search for segments, its history and its shares, on made-up cubes with known truth."""

from dataclasses import replace
from itertools import product
from math import isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load
from core.explanation.locate.segment_part import SegmentMove, shares
from core.localization.with_history.actual_vs_expected import LeafSums
from core.localization.with_history.leaf_history import LeafHistory
from core.localization.with_history.scan_search import scan_search
from core.localization.with_history.segment_lattice import SegmentLattice, ValueGroup

CATALOGUE = load()
MARKETS = ("", "ID", "TH", "VN", "BR")
CHANNELS = ("", "live", "video", "search")
CREATORS = ("", *(f"C{number}" for number in range(40)))
VALUES = {"market": MARKETS, "channel": CHANNELS, "creator_id": CREATORS}


def made_up(
    seed: int,
    change=lambda market, channel, creator: 1.0,
    weeks: int = 8,
    mean: float = 60.0,
    home: float = 1.0,
    restless: float = 0.0,
) -> LeafHistory:
    """Counts by market, channel and creator over some weeks and a window, changed in the window by a factor each.

    `home`: how many times as large the market ID is; `restless`: how far markets stray from week to week, in log units.
    """
    rng = np.random.default_rng(seed)
    codes = np.array(list(product(range(1, 5), range(1, 4), range(1, 41))), np.int32)
    level = mean * rng.gamma(2, 0.5, len(codes)) * np.where(codes[:, 0] == 1, home, 1.0)
    weekly = np.exp(np.random.default_rng(seed).normal(0, restless, (4, weeks)))[codes[:, 0] - 1]
    past = rng.poisson(level[:, None] * weekly).astype(float).T
    factor = [change(MARKETS[m], CHANNELS[c], CREATORS[k]) for m, c, k in codes.tolist()]
    actual = rng.poisson(level * factor).astype(float)
    usual = past.mean(0) * (past.sum(1) / past.sum(1).mean())[:, None]
    return LeafHistory(
        grid=SegmentLattice(VALUES, tuple(VALUES), codes),
        actual=actual,
        expected=past.mean(0),
        weeks=past,
        usual=usual,
        trials=None,
        past_trials=None,
        length=7,
        event=1.0,
    )


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_where_nothing_happened(seed):
    assert scan_search(made_up(seed)) == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("factor", [0.6, 1.5])
def test_a_conjunction_is_found_exactly(seed, factor):
    found = scan_search(
        made_up(seed, lambda market, channel, _: factor if (market, channel) == ("TH", "live") else 1.0)
    )
    assert found[0].where == Segment.parse("market=TH,channel=live")
    assert all(one.gain < found[0].gain / 20 for one in found[1:])


def test_two_causes_in_different_dimensions_are_both_found():
    held = made_up(1, lambda market, channel, _: 0.5 if market == "BR" else 0.7 if channel == "search" else 1.0)
    assert {one.where for one in scan_search(held)} == {Segment.parse("market=BR"), Segment.parse("channel=search")}


def test_values_that_vanish_alike_are_one_segment():
    gone = {"C3", "C17", "C31"}
    (found,) = scan_search(made_up(2, lambda market, channel, creator: 0.0 if creator in gone else 1.0))
    assert found.where == Segment.of({"creator_id": gone})


def test_creators_of_one_agency_are_told_by_their_names():
    members = {f"C{number}" for number in range(8, 14)}
    held = made_up(3, lambda market, channel, creator: 0.8 if creator in members else 1.0)
    of = {one: "A" if one in members else "B" for one in CREATORS[1:21]}
    by_agency = replace(held, grid=held.grid.sliced_by(ValueGroup("agency", "creator_id", of)))
    assert scan_search(by_agency)[0].where == Segment.of({"creator_id": members})


def test_of_a_dimension_that_copies_another_the_shorter_name_wins():
    held = made_up(5, lambda market, channel, creator: 0.5 if market == "ID" else 1.0)
    codes = np.column_stack([held.grid.codes, held.grid.codes[:, 0]])
    copied = replace(held, grid=SegmentLattice({**VALUES, "country": MARKETS}, (*VALUES, "country"), codes))
    assert scan_search(copied)[0].where in (Segment.parse("market=ID"), Segment.parse("country=ID"))


def test_a_general_move_is_nothing_in_particular():
    assert scan_search(made_up(4, lambda market, channel, creator: 0.8)) == []


@pytest.mark.parametrize("seed", range(3))
def test_what_is_most_of_the_whole_fell_not_everything_while_the_others_rose(seed):
    """At four fifths of the whole its fall is the level that most have in common, against which the others rose."""
    fell = made_up(seed, lambda market, *_: 0.2 if market == "ID" else 1.0, home=11.0, restless=0.1)
    assert 0.75 < fell.expected[fell.grid.codes[:, 0] == 1].sum() / fell.expected.sum() < 0.83
    assert [one.where for one in scan_search(fell)][:1] == [Segment.parse("market=ID")]


leaves_of = st.integers(2, 12).flatmap(
    lambda n: (
        st.tuples(
            st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=n, max_size=n, unique=True).map(
                np.array
            ),
            *[st.lists(st.floats(1, 1e5), min_size=n, max_size=n).map(np.array) for _ in range(4)],
        )
        if n <= 9
        else st.nothing()
    )
)


@settings(max_examples=60)
@given(leaves_of)
def test_segments_and_the_rest_add_up_to_the_change(drawn):
    codes, over, over_before, under, under_before = drawn
    values = {"a": ("", "x", "y"), "b": ("", "p", "q")}
    for key, sums in {
        "gmv": {"gmv": (over, over_before)},
        "ctr": {"clicks": (over, over_before), "impressions": (under, under_before)},
    }.items():
        metric = CATALOGUE.metric(key)
        leaves = LeafSums(values, ("a", "b"), codes.astype(np.int32), sums)
        actual, expected = (float(metric.value(side)) for side in leaves.totals())
        places = [SegmentMove(Segment.of({"a": name}), 1.0) for name in values["a"]]
        found = shares(metric, leaves, places, actual - expected)
        size = sum(abs(one.change) for one in found) + abs(actual) + abs(expected)
        assert isclose(sum(one.change for one in found), actual - expected, abs_tol=1e-9 * size)


def test_leaves_of_a_segment_are_left_out_of_a_history():
    history = made_up(1, lambda market, channel, _: 0.3 if market == "TH" or channel == "live" else 1.0)
    rest = history.without([Segment.parse("market=TH")])
    inside = history.grid.inside(Segment.parse("market=TH"))
    assert inside.sum() == 3 * 40
    assert not any(side[..., inside].any() for side in (rest.actual, rest.weeks, rest.usual))
    assert np.array_equal(rest.expected[~inside], history.expected[~inside])
    assert [one.where for one in scan_search(rest)] == [Segment.parse("channel=live")]


def test_what_all_of_many_values_did_is_no_list_of_them():
    many = made_up(2, lambda *_: 1.4, mean=200.0)
    assert all(len(values) <= 12 for one in scan_search(many) for _, values in one.where.terms)
    thirteen = {f"C{number}" for number in range(13)}
    some = made_up(2, lambda market, channel, creator: 0.4 if creator in thirteen else 1.0, mean=200.0)
    assert all(len(values) <= 12 for one in scan_search(some) for _, values in one.where.terms)


def wandering(seed: int, fall: float) -> LeafHistory:
    """Markets whose levels wander from week to week with long memory; one of them falls in the window."""
    rng = np.random.default_rng(seed)
    history = made_up(seed, mean=2_000.0)
    steps = np.cumsum(rng.normal(0, 0.06, (9, 5)), axis=0)[::-1]
    factor = np.exp(steps)[:, history.grid.codes[:, 0]]
    weeks = history.weeks * factor[1:]
    inside = history.grid.inside(Segment.parse("market=TH"))
    return replace(
        history,
        actual=history.actual * factor[0] * np.where(inside, fall, 1.0),
        weeks=weeks,
        expected=weeks[:4].mean(0),
        usual=weeks.mean(0) * (weeks.sum(1) / weeks.sum(1).mean())[:, None],
    )


def test_levels_that_wander_are_no_segments_and_hide_none():
    sure = [one.gain for seed in range(12) for one in scan_search(wandering(seed, 1.0))]
    assert sum(gain > 12 for gain in sure) <= 1
    found = [scan_search(wandering(seed, 0.5)) for seed in range(12)]
    assert sum(one[0].where == Segment.parse("market=TH") for one in found if one) >= 11
