"""A window against other days and against what was expected, on series of a few numbers: figures counted by hand."""

from collections.abc import Mapping

import numpy as np
import pytest

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.cube.cube import Cube, CubePart
from core.detection.comparison_result import Comparison
from core.detection.drop_merging import Drop, crossing, nested
from core.detection.forecast.panel import CLOSED, IGNORED, ORDINARY
from core.detection.forecast.panel_build import Slicer, SliceSums, ceiling_of, panel, rest_days
from core.detection.window_judge import WindowJudge

CATALOGUE = load()
FIRST = 700
Figures = Mapping[str, np.ndarray]


def judge(metric: str, sums: Figures, window: tuple[int, int], states: np.ndarray | None = None) -> WindowJudge:
    """`window`: first and last column."""
    days = len(next(iter(sums.values())))
    measured = CATALOGUE.metric(metric)
    names = [CATALOGUE.metric(name) for name in sorted(measured.measures())]
    slices = SliceSums((EVERYTHING,), {name: column[None].astype(float) for name, column in sums.items()})
    span = Window(FIRST, FIRST + days - 1)
    known = np.zeros((1, days), np.int8) if states is None else states[None].astype(np.int8)
    return WindowJudge([measured, *names], slices, span, known, Window(FIRST + window[0], FIRST + window[1]))


def against(judged: WindowJudge, first: int, last: int) -> Comparison:
    return judged.against(Baseline("window", Window(FIRST + first, FIRST + last)))


def wobbling(days: int, level: float = 1000.0, part: float = 0.03) -> np.ndarray:
    return level * (1 + part * np.sin(np.arange(days) * 2.4))


def test_other_days_of_a_rate_count_by_weekday_means_of_both_its_parts() -> None:
    impressions, clicks = np.arange(1.0, 71.0) * 100, np.arange(70.0, 0.0, -1.0)
    compared = against(judge("ctr", {"clicks": clicks, "impressions": impressions}, (63, 69)), 28, 55)
    assert compared.sums == pytest.approx(
        {"clicks": clicks[28:56].sum() / 4, "impressions": impressions[28:56].sum() / 4}
    )
    assert compared.expected == pytest.approx(clicks[28:56].sum() / impressions[28:56].sum())
    assert compared.actual == pytest.approx(clicks[63:].sum() / impressions[63:].sum())
    assert compared.is_drop
    assert compared.notes == ("the window has 7 days, the baseline 28: compared by daily means of each weekday",)
    short = against(judge("clicks", {"clicks": clicks}, (63, 69)), 52, 54)
    assert short.expected == pytest.approx(clicks[52:55].sum() * 7 / 3)
    assert "of all days" in short.notes[0]
    assert against(judge("clicks", {"clicks": clicks}, (63, 69)), 49, 55).notes == ()
    closed = np.where(np.isin(np.arange(70), (63, 64)), CLOSED, ORDINARY)
    gone = against(judge("clicks", {"clicks": np.where(closed == CLOSED, 0.0, wobbling(70))}, (63, 64), closed), 56, 62)
    assert gone.is_drop, "days without rows tell nothing of how days differ"
    later = against(judge("clicks", {"clicks": clicks}, (28, 34)), 42, 48)
    assert (later.actual, later.expected) == (clicks[28:35].sum(), clicks[42:49].sum())


@pytest.mark.parametrize(("length", "part"), [(1, 1), (3, 3), (28, 7), (35, 7)])
def test_without_a_past_windows_are_judged_by_how_their_own_days_or_weeks_differ(length: int, part: int) -> None:
    values = np.random.default_rng(1).uniform(90, 110, 2 * length)
    compared = against(judge("clicks", {"clicks": values}, (length, 2 * length - 1)), 0, length - 1)
    variances = []
    for side in (values[length:], values[:length]):
        stretches = side.reshape(-1, part).sum(1) if part == 7 else side if length > 2 else values
        variances.append((stretches.std() / stretches.mean()) ** 2 / (length // (7 if part == 7 else 1)))
    sd, total = sum(variances) ** 0.5, values[:length].sum()
    assert compared.expected == pytest.approx(total)
    assert compared.interval == pytest.approx((total * (1 - 1.959964 * sd), total * (1 + 1.959964 * sd)))
    assert compared.score == pytest.approx((total - values[length:].sum()) / (total * sd))


@pytest.mark.parametrize(("metric", "worse"), [("clicks", -1), ("refund_rate", 1)])
def test_a_drop_is_what_got_worse_and_lies_outside(metric: str, worse: int) -> None:
    days = 77
    for change in (-0.4, 0.4):
        moved = wobbling(days)
        moved[70:] *= 1 + change
        sums = (
            {"clicks": moved} if worse < 0 else {"refunded_orders": moved / 10, "paid_orders": wobbling(days, 2000.0)}
        )
        judged = judge(metric, sums, (70, 76))
        for compared in (against(judged, 63, 69), judge(metric, sums, (70, 76)).against_expected()):
            assert compared.is_drop == (change * worse > 0)
            assert (compared.score > 3) == compared.is_drop
            assert (compared.score < -3) == (not compared.is_drop)
            assert compared.actual / compared.expected == pytest.approx(1 + change, rel=0.05)
            lo, hi = compared.interval
            assert lo < compared.expected < hi
            assert not compared.is_within_range
    calm = judge("clicks", {"clicks": wobbling(days)}, (70, 76)).against_expected()
    assert not calm.is_drop
    assert calm.is_within_range
    assert calm.drop_since is None


def test_the_same_of_most_that_goes_well_is_what_is_missing() -> None:
    """9 of 10 orders are paid, then 7: counted by those that are not, told as those that are."""
    orders = wobbling(84)
    paid = np.round(orders * np.where(np.arange(84) < 77, 0.9, 0.7))
    judged = judge("payment_rate", {"orders": orders, "paid_orders": paid}, (77, 83))
    assert judged._ceiling == 1
    compared = judged.against_expected()
    assert compared.expected == pytest.approx(0.9, abs=0.01)
    assert compared.actual == pytest.approx(0.7, abs=0.001)
    assert 0.87 < compared.interval[0] < 0.9 < compared.interval[1] < 0.93
    assert compared.is_drop
    assert (compared.onset.day, compared.onset.shape) == (FIRST + 77, "step")
    previous = against(judged, 70, 76)
    assert previous.expected == pytest.approx(0.9, abs=0.001)
    assert previous.interval == pytest.approx((0.9, 0.9), abs=0.03), "of 6,300 paid orders, not of 700 unpaid ones"
    assert compared.sums["paid_orders"] / compared.sums["orders"] == pytest.approx(compared.expected)


@pytest.mark.parametrize(("start", "shape"), [(77, "step"), (80, "step"), (83, "spike")])
def test_the_onset_is_the_day_since_which_most_is_missing(start: int, shape: str) -> None:
    values = wobbling(84, part=0.005)
    values[start:] *= 0.5
    for compared in (
        against(judge("clicks", {"clicks": values}, (77, 83)), 70, 76),
        judge("clicks", {"clicks": values}, (77, 83)).against_expected(),
        against(judge("clicks", {"clicks": values[70:]}, (7, 13)), 0, 6),
    ):
        assert compared.onset.day - compared.window.first == start - 77
        assert compared.onset.shape == shape
    assert compared.drop_since is None, "a week is too little to see a drop"
    refunds = {"refunded_orders": 150 - values[70:] / 10, "paid_orders": wobbling(14, part=0.0)}
    assert against(judge("refund_rate", refunds, (7, 13)), 0, 6).onset.day - FIRST == start - 70, "more are worse"


def test_inside_a_long_drop_the_days_before_it_are_expected() -> None:
    values = wobbling(105, part=0.01)
    values[91:] *= 0.7
    compared = judge("clicks", {"clicks": values}, (98, 104)).against_expected()
    assert compared.drop_since == FIRST + 91
    assert compared.expected == pytest.approx(7000, rel=0.02)
    assert compared.is_drop
    young = judge("clicks", {"clicks": values}, (91, 97)).against_expected()
    assert compared.interval[1] - compared.interval[0] == pytest.approx(young.interval[1] - young.interval[0], rel=0.5)


def test_reference_days_add_up_to_what_is_expected_of_each_measure() -> None:
    rng = np.random.default_rng(2)
    sums = {"clicks": rng.poisson(100, 84).astype(float), "impressions": rng.poisson(1000, 84).astype(float)}
    compared = judge("ctr", sums, (77, 83)).against_expected()
    for name, column in sums.items():
        weighted = compared.reference.of(name) @ column[compared.reference.days - FIRST]
        assert weighted == pytest.approx(compared.sums[name])
    assert compared.sums["clicks"] / compared.sums["impressions"] == pytest.approx(compared.expected)
    assert compared.reference.window == Window(FIRST + 21, FIRST + 76), "the eight weeks up to the day before"


@pytest.mark.parametrize(("past", "enough"), [(13, False), (14, True)])
def test_two_weeks_must_be_known_to_expect_anything(past: int, enough: bool) -> None:
    judged = judge("clicks", {"clicks": wobbling(past + 2)}, (past, past + 1))
    assert judged.knows_past is enough
    if enough:
        assert judged.against_expected().expected == pytest.approx(2000, rel=0.05)
    else:
        with pytest.raises(NotEnoughData, match="clicks has 13 days of data before"):
            judged.against_expected()


def test_a_ratio_that_never_moved_says_so_and_not_that_it_has_no_days() -> None:
    with pytest.raises(NotEnoughData, match="CTR did not change once before"):
        judge("ctr", {"clicks": np.zeros(84), "impressions": wobbling(84, 1000.0)}, (77, 83)).against_expected()


def test_what_ended_has_a_last_day_and_what_came_back_a_new_past() -> None:
    """A series of 100 days without any after the 99th: over six weeks later, and back for five days before the last window."""
    values = np.where(np.arange(180) < 100, wobbling(180), 0.0)
    values[168:] = 1000.0
    with pytest.raises(NotEnoughData, match="clicks stopped after 10 Mar 1972, so no value is expected"):
        judge("clicks", {"clicks": values}, (160, 166)).against_expected()
    with pytest.raises(NotEnoughData, match="clicks has 5 days of data before 23 May 1972 since it came back"):
        judge("clicks", {"clicks": values}, (173, 179)).against_expected()


@pytest.mark.filterwarnings("error")
def test_a_rate_without_denominators_inside_a_drop_has_no_value() -> None:
    clicks, impressions = wobbling(110), wobbling(110, 10_000.0)
    clicks[90:] /= 2
    clicks[103:] = impressions[103:] = 0.0
    judged = judge("ctr", {"clicks": clicks, "impressions": impressions}, (103, 109))
    compared = judged.against_expected()
    assert np.isnan(compared.actual)
    assert compared.drop_since is not None
    assert not compared.is_drop


def test_days_of_rest_are_no_baseline() -> None:
    states = np.zeros(70, int)
    states[40:42] = CLOSED
    values = np.where(states == CLOSED, 0.0, 100.0)
    with pytest.raises(NotEnoughData, match="no rows count"):
        against(judge("clicks", {"clicks": values}, (68, 69), states), 40, 41)
    with pytest.raises(NotEnoughData, match="no rows count"):
        against(judge("clicks", {"clicks": values[40:]}, (28, 29), states[40:]), 0, 1)
    assert against(judge("clicks", {"clicks": values}, (67, 69), states), 40, 42).expected == 100
    assert (
        against(judge("clicks", {"clicks": values}, (68, 69), states + IGNORED * (states == 0)), 43, 44).expected == 200
    )


def test_nothing_to_divide_by_is_nothing() -> None:
    sums = {"clicks": np.r_[np.full(63, 5.0), np.zeros(7)], "impressions": np.r_[np.full(63, 90.0), np.zeros(7)]}
    compared = judge("ctr", sums, (63, 69)).against_expected()
    assert np.isnan(compared.actual)
    assert not compared.is_drop
    assert not compared.is_within_range


@pytest.mark.parametrize(("hits", "of", "periodic"), [(3, 8, False), (4, 8, True), (4, 5, False), (4, 6, True)])
def test_reports_of_every_week_or_month_close_the_days_between(hits: int, of: int, periodic: bool) -> None:
    given = np.zeros((1, hits * of), bool)
    given[0, ::of] = True
    assert bool(rest_days(given)[0, 1]) is periodic
    assert not rest_days(given)[0, ::of].any()


def test_reports_that_come_unevenly_are_none() -> None:
    for days, periodic in (((0, 30, 60, 92), True), ((0, 20, 40, 70), True), ((0, 20, 40, 71), False)):
        given = np.zeros((1, 100), bool)
        given[0, list(days)] = True
        assert bool(rest_days(given)[0, 99]) is periodic


@pytest.mark.parametrize(("every", "weeks", "rests"), [(1, 3, True), (1, 2, False), (2, 3, False), (2, 10, True)])
def test_a_weekday_of_rest_is_one_that_chance_does_not_bring(every: int, weeks: int, rests: bool) -> None:
    """The other weekdays have something on every day, or on every second one: 0.5^10 is rarer than one in a thousand."""
    days = np.arange(7 * weeks)
    given = (days % 7 != 6) & ((days % 7 + days // 7) % every == 0)
    assert bool(rest_days(given[None])[0, 6]) is rests


def test_the_largest_combinations_that_hold_a_share() -> None:
    codes = np.array([0, 1, 1, 2, 3, 3], np.int32)
    part = CubePart(
        np.arange(6, dtype=np.int32) + FIRST, {"market": codes},
        {"clicks": np.array([50.0, 20, 20, 5, 3, 2]), "gmv": np.array([0.0, 100, 0, 900, 0, 0])},
    )  # fmt: skip
    cube = Cube(Window(FIRST, FIRST + 5), {"market": ("", "ID", "TH", "VN")}, (part,), {"gmv": 100})
    for most, least, kept in (
        (None, 0.0, "ID TH VN"),
        (2, 0.0, "ID TH"),
        (None, 0.05, "ID TH VN"),
        (None, 0.06, "ID"),
        (1, 0.0, "ID"),
    ):
        slices = Slicer(cube, ["clicks", "gmv"]).by(("market",), most, least)
        assert [str(where) for where in slices.where] == [f"market={name}" for name in kept.split()]
    assert slices.sums["gmv"].tolist() == [[0, 1, 0, 0, 0, 0]]
    assert slices.delayed(2).sums["clicks"].tolist() == [[0, 0, 0, 20, 20, 0]]
    assert slices.delayed(0) is slices


def test_a_panel_counts_what_is_missing_and_knows_what_an_event_is() -> None:
    sums = {"orders": np.full((2, 9), 10.0), "paid_orders": np.full((2, 9), 9.0), "gmv": np.full((2, 9), 55.0)}
    slices = SliceSums((EVERYTHING, Segment.parse("market=ID")), sums)
    keys = ("payment_rate", "average_order_value", "orders", "gmv")
    metrics = [CATALOGUE.metric(key) for key in keys]
    ceilings = [ceiling_of(metric, slices) for metric in metrics]
    assert ceilings == [1, 0, 0, 0]
    made = panel(
        [(metric, slices, ceiling) for metric, ceiling in zip(metrics, ceilings, strict=True)],
        FIRST,
        np.zeros((8, 9)),
        FIRST,
    )
    assert made.values[:, 0].tolist() == [1, 1, 55, 55, 10, 10, 55, 55]
    assert made.exposure is not None
    assert np.nan_to_num(made.exposure[:, 0], nan=-1).tolist() == [10, 10, 9, 9, -1, -1, -1, -1]
    assert made.worse.tolist() == [1, 1, -1, -1, -1, -1, -1, -1]
    assert made.counts.tolist() == [False] * 4 + [True, True, False, False]
    assert made.event.tolist() == [1, 1, 0, 0, 1, 1, 0, 0]
    assert made.group.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    half = SliceSums((EVERYTHING,), {"orders": np.full((1, 9), 10.0), "paid_orders": np.full((1, 9), 5.0)})
    assert not ceiling_of(metrics[0], half)


def drop(where: str, actual: float, expected: float, variance: float = 1.0, onset: int = 10) -> Drop:
    return Drop(
        test=0, where=Segment.parse(where), row=0, kin=0, anchor=onset, onset=onset, last=16, actual=actual,
        expected=expected, variance=variance, exposure=7.0, score=9.0, clearest=9.0, reach=2.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("part", "variance", "kept"),
    [
        ((20, 100), 1.0, "market=ID"),  # 80 of 100 that are missing, four times as deep
        ((21, 100), 1.0, "both"),  # 79 of them, and far below nine tenths of 100
        ((820, 910), 1.0, "whole"),  # 90 of 100, but no deeper than the whole
        ((89, 100), 16.0, "whole"),  # one below what its share of the fall would leave
        ((79, 100), 16.0, "both"),  # eleven below, which is more than 2.5 x 4
        ((80, 100), 16.0, "whole"),
        ((88.1, 100), 0.0, "whole"),  # within two in a hundred
        ((87.9, 100), 0.0, "both"),
        ((99, 100), 0.01, "whole"),  # it fell less
    ],
)
def test_a_whole_its_part_or_both_are_told(part: tuple[float, float], variance: float, kept: str) -> None:
    whole, inside = drop("", 900, 1000), drop("market=ID", *part, variance)
    told = nested([whole, inside], lambda each, _: (each.actual, each.expected))
    names = {"whole": [whole], "market=ID": [inside], "both": [whole, inside]}
    assert told == names[kept]


@pytest.mark.parametrize(
    ("common", "kept"),
    [
        ((10, 90), ["common"]),  # 80 of 100 of either, and a tenth of what was expected of them
        ((11, 90), ["a", "b"]),
        ((320, 400), ["common"]),
        (None, ["a", "b"]),
    ],
)
def test_crossing_segments_by_what_they_have_in_common(common: tuple[float, float] | None, kept: list[str]) -> None:
    drops = {"a": drop("market=ID", 901, 1001), "b": drop("channel=live", 900, 1000)}
    shared = None if common is None else drop("market=ID,channel=live", *common)
    told = crossing(list(drops.values()), lambda *_: shared)
    names = {str(each.where): name for name, each in drops.items()} | {"channel=live,market=ID": "common"}
    assert [names[str(each.where)] for each in told] == kept


@pytest.mark.parametrize("wider", ["market=ID", "channel=live"])
def test_of_crossing_segments_the_one_whose_fall_the_other_holds_goes(wider: str) -> None:
    narrower = {"market=ID": "channel=live", "channel=live": "market=ID"}[wider]
    drops = [drop(narrower, 900, 1000), drop(wider, 880, 1000)]
    told = crossing(drops, lambda *_: drop("market=ID,channel=live", 821, 901))
    assert [str(each.where) for each in told] == [wider]


@pytest.mark.parametrize(
    ("other", "onset", "kept"),
    [("channel=live", 10, 1), ("channel=live", 17, 2), ("market=TH", 10, 2), ("channel=live,market=ID", 10, 2), ("", 10, 2),
     ("channel=live,market=TH", 10, 2)],
)  # fmt: skip
def test_only_segments_that_cross_have_anything_in_common(other: str, onset: int, kept: int) -> None:
    drops = [drop("market=ID", 900, 1000), drop(other, 901, 1000, onset=onset)]
    assert len(crossing(drops, lambda *_: drop("market=ID,channel=live", 10, 100))) == kept
