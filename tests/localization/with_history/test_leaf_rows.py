"""Rows by leaf, day and week: every sum counted row by row."""

from dataclasses import dataclass

import numpy as np
import pytest

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.segment import Segment
from core.cube.cube import Cube, CubePart
from core.localization.with_history.actual_vs_expected import ActualVsExpected
from core.localization.with_history.leaf_rows import LeafRows, leaf_rows
from core.localization.with_history.segment_lattice import SegmentLattice, ValueGroup

VALUES = {"market": ("", "ID", "TH"), "channel": ("", "live", "shop"), "creator_id": ("", "C1", "C2", "C3")}
PAST, NOW = Window(100, 127), Window(128, 130)
DAYS = len(PAST) + len(NOW)


@dataclass(frozen=True)
class Row:
    day: int
    market: str
    channel: str
    creator_id: str
    measure: str
    figure: float


def world() -> tuple[LeafRows, list[Row]]:
    """Clicks by market, channel and creator; violations by market and creator alone; money in cents by market."""
    rng, rows, sides = np.random.default_rng(1), [], {}
    kinds = {"clicks": ("market", "channel", "creator_id"), "violations": ("market", "creator_id"), "gmv": ("market",)}
    for window in (PAST, NOW):
        parts = []
        for measure, dimensions in kinds.items():
            days = rng.integers(window.first, window.last + 1, 80).astype(np.int32)
            codes = {name: rng.integers(0, len(VALUES[name]), 80).astype(np.int32) for name in dimensions}
            figures = rng.integers(1, 9, 80).astype(float)
            parts.append(CubePart(days, codes, {measure: figures}))
            names = {name: [VALUES[name][code] for code in codes.get(name, [0] * 80)] for name in VALUES}
            rows += [
                Row(int(day), *words, measure, figure / (100 if measure == "gmv" else 1))
                for day, *words, figure in zip(days, *names.values(), figures.tolist(), strict=True)
            ]
        sides[window] = Cube(window, VALUES, tuple(parts), {"gmv": 100})
    return leaf_rows([(sides[NOW], sides[PAST])])[0], rows


STOCK, ROWS = world()


def counted(measure: str, first: int = PAST.first, last: int = NOW.last, **terms: str) -> float:
    return sum(
        row.figure
        for row in ROWS
        if row.measure == measure
        and first <= row.day <= last
        and all(getattr(row, name) in values.split("|") for name, values in terms.items())
    )


def compared(stock: LeafRows = STOCK, used: int = len(PAST)) -> ActualVsExpected:
    """The window against a tenth of the last `used` days before."""
    at = np.arange(DAYS)
    past = at < len(PAST)
    return ActualVsExpected(
        baseline=Baseline("expected", PAST),
        stock=stock,
        now=~past,
        held=past,
        weights=np.where(past & (at >= len(PAST) - used), 0.1, 0.0),
        scales={"clicks": 2.0},
    )


@pytest.mark.parametrize("measure", ["clicks", "violations", "gmv"])
@pytest.mark.parametrize("where", ["", "market=ID", "market=ID|TH,channel=live", "channel=live", "creator_id=C2|"])
def test_the_rows_of_a_segment_by_day(measure: str, where: str) -> None:
    segment = Segment.parse(where)
    inside = STOCK.where(segment)
    terms = {name: "|".join(values) for name, values in segment.terms}
    assert inside.daily(measure).tolist() == pytest.approx(
        [counted(measure, day, day, **terms) for day in range(PAST.first, NOW.last + 1)]
    )
    actual, expected = (side[measure] for side in compared().where(segment).sums)
    assert actual == pytest.approx(counted(measure, NOW.first, **terms))
    growth = 2.0 if measure == "clicks" else 1.0
    assert expected == pytest.approx(0.1 * growth * counted(measure, PAST.first, PAST.last, **terms))


@pytest.mark.parametrize("measure", ["clicks", "violations", "gmv"])
def test_the_rows_outside_some_segments(measure: str) -> None:
    market, channel = Segment.parse("market=ID"), Segment.parse("channel=live")
    rows = STOCK.without([market, channel], Segment.parse("market=ID,channel=live"))
    assert rows.daily(measure).sum() == pytest.approx(
        counted(measure)
        - counted(measure, market="ID")
        - counted(measure, channel="live")
        + 2 * counted(measure, market="ID", channel="live")
    )
    assert compared().without([], market).sums == compared().sums
    aside = compared().without([market], channel).sums[0][measure]
    both = counted(measure, NOW.first, market="ID", channel="live")
    assert aside == pytest.approx(counted(measure, NOW.first) - counted(measure, NOW.first, market="ID") + both)


@pytest.mark.parametrize("measure", ["clicks", "violations", "gmv"])
@pytest.mark.parametrize("dimension", list(VALUES))
def test_sums_by_value(measure: str, dimension: str) -> None:
    by_value = {value: counted(measure, **{dimension: value}) for value in VALUES[dimension]}
    assert STOCK.by_value(dimension, measure).tolist() == pytest.approx(list(by_value.values()))
    now, before = compared().by(measure, dimension)
    assert now.tolist() == pytest.approx([counted(measure, NOW.first, **{dimension: value}) for value in by_value])
    growth = 0.2 if measure == "clicks" else 0.1
    past = [counted(measure, PAST.first, PAST.last, **{dimension: value}) for value in by_value]
    assert before.tolist() == pytest.approx([growth * figure for figure in past])
    assert STOCK.by_value("agency", measure).tolist() == pytest.approx([counted(measure)])


@pytest.mark.parametrize(("used", "weeks"), [(28, 4), (24, 3), (21, 3), (20, 4)])
def test_sums_by_leaf_and_whole_week(used: int, weeks: int) -> None:
    """Fewer than three weeks of reference days: all days that are held tell the past."""
    asked = compared(used=used)
    joined = asked.stock.joined(["clicks", "gmv"], ("market", "channel"))
    grid = joined.grid
    for measure in ("clicks", "gmv"):
        table = asked.weekly(joined, measure)
        assert table.shape == (2 + weeks, len(grid))
        for leaf, (market, channel) in enumerate(grid.codes):
            terms = {"market": VALUES["market"][market], "channel": VALUES["channel"][channel]}
            assert table[0, leaf] == pytest.approx(counted(measure, NOW.first, **terms))
            for week in range(weeks):
                last = PAST.last - 7 * week
                assert table[2 + week, leaf] == pytest.approx(counted(measure, last - 6, last, **terms))


def test_all_leaves_are_joined_that_know_the_dimensions() -> None:
    grid = STOCK.joined(["gmv"], ("market", "creator_id")).grid
    known = {
        (VALUES["market"].index(row.market), VALUES["creator_id"].index(row.creator_id))
        for row in ROWS
    }  # fmt: skip
    assert set(map(tuple, grid.codes.tolist())) == known
    narrow = STOCK.joined(["violations"], ("channel",)).grid
    assert narrow.codes.tolist() == [[0], [1], [2]]
    leaves = compared().leaves(("clicks", "gmv"), ("market",))
    assert leaves.totals()[0] == pytest.approx(
        {"clicks": counted("clicks", NOW.first), "gmv": counted("gmv", NOW.first)}
    )


def test_what_does_not_know_the_channel_counts_where_its_creators_work() -> None:
    segment = Segment.parse("channel=live,market=ID")
    volume = {name: counted("clicks", creator_id=name) for name in VALUES["creator_id"][1:]}
    own = {name: counted("clicks", creator_id=name, channel="live", market="ID") for name in volume}
    usual = counted("clicks", channel="live", market="ID") / counted("clicks")
    at_home = [name for name in volume if own[name] >= min(1.5 * usual, 0.5) * volume[name]]
    assert 0 < len(at_home) < 3
    about = STOCK.about(segment, "clicks")
    unsure = counted("violations", market="|ID", creator_id="|".join(at_home))
    assert about.daily("violations").sum() == pytest.approx(unsure)
    sure = counted("clicks", channel="live", market="ID")
    unnamed = [("", "live"), ("ID", ""), ("", "")]
    assert about.daily("clicks").sum() == pytest.approx(
        sure + sum(counted("clicks", market=m, channel=c, creator_id="|".join(at_home)) for m, c in unnamed)
    )
    assert about.daily("gmv").sum() == 0, "money knows no creator"


@pytest.mark.parametrize(("live", "at_home"), [(49, False), (50, True), (51, True)])
def test_half_of_the_volume_is_a_home(live: int, at_home: bool) -> None:
    """Others work in the segment alone, so that no creator does much more there than others."""
    codes = {"channel": np.array([1, 2, 1], np.int32), "creator_id": np.array([1, 1, 2], np.int32)}
    clicks = CubePart(np.full(3, 128, np.int32), codes, {"clicks": np.array([live, 100 - live, 900.0])})
    told = CubePart(np.array([128], np.int32), {"creator_id": np.array([1], np.int32)}, {"violations": np.ones(1)})
    (stock,) = leaf_rows([(Cube(NOW, VALUES, (clicks, told)), Cube(PAST, VALUES, ()))])
    assert stock.about(Segment.parse("channel=live"), "clicks").daily("violations").sum() == at_home


def test_measures_of_another_source_take_the_place_of_the_own() -> None:
    parts = [
        CubePart(np.array([128], np.int32), {"market": np.array([1], np.int32)}, {name: np.array([figure])})
        for name, figure in (("clicks", 5.0), ("gmv", 700.0), ("clicks", 8.0))
    ]
    first = Cube(NOW, VALUES, (parts[0],)), Cube(PAST, VALUES, ())
    second = Cube(NOW, VALUES, (parts[1], parts[2]), {"gmv": 100}), Cube(PAST, VALUES, ())
    own, other = leaf_rows([first, second])
    both, instead = own.with_more(other), own.with_more(other, ["clicks"])
    assert [side.daily("clicks").sum() for side in (both, instead)] == [13.0, 8.0]
    assert both.daily("gmv").sum() == instead.daily("gmv").sum() == 7.0


def test_the_shares_that_are_given_must_be_alike_to_slice_together() -> None:
    codes = np.array([0, 1, 2], np.int32)
    for unknown, together in ((24.0, True), (25.0, True), (26.0, False)):
        parts = (
            CubePart(np.full(3, 128, np.int32), {"market": codes}, {"clicks": np.array([unknown, 50, 50 - unknown])}),
            CubePart(np.full(3, 128, np.int32), {"market": codes}, {"orders": np.array([0.0, 5.0, 5.0])}),
        )
        (stock,) = leaf_rows([(Cube(NOW, VALUES, parts), Cube(PAST, VALUES, ()))])
        asked = compared(stock)
        assert asked.slices(["clicks", "orders"]) == (("market",) if together else ())
        assert asked.slices(["clicks"]) == asked.slices(["orders"]) == ("market",)


def test_groups_of_values_slice_where_their_dimension_does() -> None:
    codes = np.array([[1, 1], [2, 1], [3, 2], [0, 2]], np.int32)
    grid = SegmentLattice(
        {"creator_id": VALUES["creator_id"], "market": VALUES["market"]}, ("creator_id", "market"), codes
    )
    agency = ValueGroup("agency_id", "creator_id", {"C1": "A", "C2": "B", "C3": "A", "C9": "A"})
    sliced = grid.sliced_by(agency)
    assert sliced.values["agency_id"] == ("", "A", "B")
    assert sliced.codes[:, 2].tolist() == [1, 2, 1, 0]
    assert sliced.in_words("agency_id", ["A"]) == ("creator_id", ["C1", "C3"])
    assert grid.sliced_by(agency) is sliced
    assert grid.sliced_by(ValueGroup("agency_id", "creator_id", {})) is grid
    assert grid.sliced_by(ValueGroup("tier", "seller_id", {"S1": "big"})) is grid
    both = {tuple(sliced.dimensions[axis] for axis in cuboid.axes) for cuboid in sliced.cuboids}
    assert ("market", "agency_id") in both
    assert ("creator_id", "agency_id") not in both, "a value and its own group"
