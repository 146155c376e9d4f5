"""Which segments explain a change: as few as do, in its direction, in the order of what they bring."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from math import sqrt

import numpy as np
import pytest

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.catalogue.metric_tree.metrics import Metric
from core.cube.cube import Cube, CubePart
from core.explanation.locate.segment_choice import Scope, find
from core.explanation.locate.segment_part import (
    SegmentMove,
    counted_by,
    denominator_of,
    measures_of,
    mostly_mix,
    shares,
)
from core.localization.with_history.actual_vs_expected import ActualVsExpected, LeafSums
from core.localization.with_history.leaf_rows import leaf_rows

CATALOGUE = load()
IMPRESSIONS, CTR = CATALOGUE.metric("impressions"), CATALOGUE.metric("ctr")
PAST, NOW = Window(0, 55), Window(56, 62)
VALUES = {
    "market": ("", "ID", "TH", "VN", "PH"),
    "channel": ("", "live", "video", "search"),
    "device": ("", "android", "ios", "web"),
}
LEAVES = np.array(list(product(range(1, 5), range(1, 4), range(1, 4))), np.int32)
Factor = Callable[[str, str, str], float]


def cube(window: Window, factor: Factor, rng: np.random.Generator) -> Cube:
    named = [[VALUES[name][code] for name, code in zip(VALUES, leaf, strict=True)] for leaf in LEAVES]
    mean = 60.0 * np.array([factor(*names) for names in named])
    counts = rng.poisson(np.tile(mean, len(window))).astype(float)
    codes = {name: np.tile(LEAVES[:, axis], len(window)) for axis, name in enumerate(VALUES)}
    days = np.repeat(np.arange(window.first, window.last + 1), len(LEAVES)).astype(np.int32)
    return Cube(window, VALUES, (CubePart(days, codes, {"impressions": counts}),))


def chosen(factor: Factor, **scope: object) -> tuple[SegmentMove, ...]:
    rng = np.random.default_rng(11)
    (stock,) = leaf_rows([(cube(NOW, factor, rng), cube(PAST, lambda *_: 1.0, rng))])
    now = np.arange(len(stock.days)) >= len(PAST)
    compared = ActualVsExpected(
        baseline=Baseline("expected", PAST), stock=stock, now=now, held=~now, weights=np.where(now, 0.0, 1 / 8)
    )
    expected = compared.value(IMPRESSIONS)[1]
    plain = Scope(metric=IMPRESSIONS, searches=(IMPRESSIONS,), error=sqrt(1.5 * expected * (1 + 7 / 56)))
    found, by = find(
        replace(plain, **scope),
        compared,
        compared.leaves(("impressions",), compared.slices(("impressions",))),
        compared,
    )
    assert by.key == "impressions"
    return found


def names(found: tuple[SegmentMove, ...]) -> list[str]:
    return [str(one.where) for one in found]


def test_nothing_and_everything_are_nowhere_in_particular() -> None:
    assert chosen(lambda *_: 1.0) == (SegmentMove(EVERYTHING, 0.5),)
    assert chosen(lambda *_: 0.7) == (SegmentMove(EVERYTHING, 0.7),)


def test_one_segment_is_named_alone() -> None:
    (found,) = chosen(lambda market, channel, _: 0.5 if (market, channel) == ("TH", "live") else 1.0)
    assert found.where == Segment.parse("market=TH,channel=live")
    assert 0.95 < found.confidence <= 0.98


def test_two_segments_are_named_the_larger_first() -> None:
    found = chosen(lambda market, _, device: 0.4 if market == "ID" else 0.6 if device == "web" else 1.0)
    assert names(found) == ["market=ID", "device=web"]


def test_what_adds_little_is_not_named() -> None:
    def factor(market: str, channel: str, device: str) -> float:
        return 0.3 if market == "ID" else 0.75 if (market, channel, device) == ("TH", "live", "web") else 1.0

    assert names(chosen(factor)) == ["market=ID"]


@pytest.mark.parametrize(
    ("kept", "proven", "expected"),
    [
        (0.0, True, ["market=ID", "channel=live,device=web,market=TH"]),
        (0.0, False, ["market=ID"]),
        (0.75, True, ["market=ID"]),
    ],
    ids=["its own days show it", "they do not", "it hardly matters"],
)
def test_a_further_segment_that_is_a_trifle_of_a_restless_whole_is_named_by_its_own_days(
    kept: float, proven: bool, expected: list[str]
) -> None:
    asked: list[tuple[str, str]] = []

    def is_proven(segment: Segment, by: Metric) -> bool:
        asked.append((str(segment), by.key))
        return proven

    def factor(market: str, channel: str, device: str) -> float:
        return 0.2 if market == "ID" else kept if (market, channel, device) == ("TH", "live", "web") else 1.0

    found = chosen(factor, error=1500.0, is_proven=is_proven)
    assert names(found) == expected
    small = [("channel=live,device=web,market=TH", "impressions")] if kept == 0.0 else []
    assert list(dict.fromkeys(asked)) == small


def test_what_moved_the_other_way_is_not_named() -> None:
    def factor(market: str, channel: str, _: str) -> float:
        return 0.4 if market == "ID" else 1.5 if (market, channel) == ("TH", "live") else 1.0

    assert names(chosen(factor)) == ["market=ID"]


def test_a_price_must_be_brought_beyond_chance() -> None:
    def factor(market: str, channel: str, device: str) -> float:
        return 0.8 if (market, channel) == ("TH", "live") else 1.0

    assert names(chosen(factor)) == ["channel=live,market=TH"]
    assert chosen(factor, price=60.0)[0].where == EVERYTHING
    weaker = chosen(factor, price=4.0)[0]
    assert weaker.where == Segment.parse("market=TH,channel=live")


def test_a_fall_that_hardly_moves_the_whole_is_found_by_its_strength() -> None:
    def factor(market: str, channel: str, device: str) -> float:
        return kept if (market, channel, device) == ("TH", "live", "web") else 1.0

    kept = 0.4
    assert names(chosen(factor, error=1e6)) == ["channel=live,device=web,market=TH"], "however restless the whole is"
    kept = 0.9
    assert chosen(factor, error=1e6) == (SegmentMove(EVERYTHING, 0.5),), "less than what makes a finding major"
    found = chosen(lambda market, *_: 0.7 if market == "TH" else 1.3 if market == "VN" else 1.0)
    assert names(found) == ["market=TH"], "of two moves that cancel out the worse one"


SUMS = LeafSums(
    {"market": ("", "ID", "TH")},
    ("market",),
    np.array([[1], [2]], np.int32),
    {
        "clicks": (np.array([30.0, 100.0]), np.array([50.0, 100.0])),
        "impressions": (np.array([1000.0, 1000.0]), np.array([1000.0, 1000.0])),
    },
)


def test_shares_of_a_ratio_and_of_a_sum() -> None:
    places = [SegmentMove(Segment.of({"market": [name]}), 0.9) for name in ("ID", "TH")]
    ratio = shares(CTR, SUMS, places, -0.01)
    assert [(one.actual, one.expected, one.change, one.share) for one in ratio] == [
        pytest.approx((0.03, 0.05, -0.01, 1.0)), pytest.approx((0.1, 0.1, 0.0, 0.0)),
    ]  # fmt: skip
    total = shares(CATALOGUE.metric("clicks"), SUMS, places, -20.0)
    assert [(one.actual, one.expected, one.change, one.share) for one in total] == [(30, 50, -20, 1), (100, 100, 0, 0)]
    assert shares(CTR, SUMS, places, 0.0)[0].share is None
    assert [one.confidence for one in ratio] == [0.9, 0.9]


def test_mix_is_told_from_rate() -> None:
    where = Segment.parse("market=ID")
    assert not mostly_mix(CTR, SUMS, where)
    shifted = {
        "clicks": (np.array([100.0, 100.0]), np.array([50.0, 100.0])),
        "impressions": (np.array([2000.0, 1000.0]), np.full(2, 1000.0)),
    }
    assert mostly_mix(CTR, replace(SUMS, sums=shifted), where)


def test_a_segment_that_grows_brings_its_distance_from_the_mean() -> None:
    """ID has half of the impressions at 10 %, then three quarters; TH stays at 20 %."""
    sums = {
        "impressions": (np.array([3000.0, 1000.0]), np.array([1000.0, 1000.0])),
        "clicks": (np.array([300.0, 200.0]), np.array([100.0, 200.0])),
    }
    places = [SegmentMove(Segment.of({"market": [name]}), 0.9) for name in ("ID", "TH")]
    found = shares(CTR, replace(SUMS, sums=sums), places, 0.125 - 0.15)
    mean = (0.125 + 0.15) / 2
    assert [one.change for one in found] == pytest.approx([0.25 * (0.1 - mean), -0.25 * (0.2 - mean)])
    assert sum(one.change for one in found) == pytest.approx(0.125 - 0.15)


def test_what_a_metric_is_counted_by() -> None:
    counted = denominator_of(CTR)
    assert counted is not None
    assert (counted.key, counted.unit, counted.is_ratio) == ("impressions", "count", False)
    assert counted_by(CTR).key == "impressions"
    assert (denominator_of(IMPRESSIONS), counted_by(IMPRESSIONS)) == (None, IMPRESSIONS)
    assert measures_of(CTR) == ("clicks", "impressions")
