"""Sums by slice, panels of metrics, days of reference and the noise of sums, each by its definition on a few numbers."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.cube.cube import Cube, CubePart
from core.detection.distributions import deviance_score
from core.detection.drop_figures import DropFigures
from core.detection.forecast import sum_noise
from core.detection.forecast.panel import CLOSED, IGNORED, LIFTED, Panel
from core.detection.forecast.panel_build import Slicer, SliceSums, ceiling_of, panel, rest_days, slice_sums
from core.detection.forecast.reference_days import ReferenceDays, usual_days
from core.detection.forecast.sum_noise import SPANS, SumNoise
from core.detection.quality.yearly_closures import recurring_lows
from core.detection.scan import Detection
from core.detection.segment_overlap import SegmentOverlaps

ID, TH = Segment.of({"market": "ID"}), Segment.of({"market": "TH"})


def test_what_a_sum_has_of_a_span_grows_with_the_logarithm_of_its_days() -> None:
    days = np.arange(65)
    week = np.interp(np.log(np.maximum(days, 1)), np.log([1, 7]), [0, 1])
    month = np.interp(np.log(np.maximum(days, 1)), np.log([7, 28]), [0, 1])
    np.testing.assert_allclose(sum_noise._SHARES, np.stack([week, month]), atol=1e-12)


def test_factors_of_sums_by_their_definition() -> None:
    rng = np.random.default_rng(1)
    group, size = np.array([0, 1, 0, 0, 1]), np.array([100.0, 40.0, 64.0, 4.0, 80.0])
    share = size / np.array([100.0, 80.0])[group]
    noise = SumNoise(group)
    square, days, factors = np.zeros((2, 5)), np.zeros((2, 5)), np.ones((2, 5))
    theirs, windows = np.zeros((2, 2, 2)), np.zeros((2, 2, 2))  # of small and large series, by span and group
    for _ in range(40):
        scores, judged = rng.normal(0.3, 2, (2, 5)), rng.random((2, 5)) < 0.8
        noise.learn(scores, judged, size)
        counted = judged & (scores > 0)
        today = np.where(counted, np.minimum(scores, 2.5) ** 2 / 0.978 * factors, 0)
        square, days = 0.99 * square + today, 0.99 * days + counted
        theirs, windows = 0.99 * theirs, 0.99 * windows
        for kind, span, one in np.ndindex(2, 2, 2):
            weight = np.where((group == one) & counted[span], (1 - share, share)[kind], 0)
            if weight.any():
                effective = weight.sum() / (weight**2).sum() ** 0.5
                theirs[kind, span, one] += effective * (weight @ today[span]) / weight.sum()
                windows[kind, span, one] += effective
        shorter, of_group = np.ones(5), np.ones((2, 2))
        for at, span in enumerate(SPANS):
            squares, known = theirs[:, at] / span, windows[:, at] / span
            calm = np.minimum((squares + 20) / (known + 20), 1)
            of_group = np.maximum((squares + 8 * of_group) / (known + 8), calm)
            prior = of_group[0, group] * (1 - share**0.5) + of_group[1, group] * share**0.5
            own = (square[at] / span + 8 * prior) / (days[at] / span + 8)
            factors[at] = np.maximum(np.maximum(own, np.minimum(prior, 1)), shorter if at else 0)
            shorter = factors[at]
    for length, expected in ((1, np.ones(5)), (7, factors[0]), (28, factors[1]), (64, factors[1])):
        assert noise.factor(length) == pytest.approx(expected)
    part = np.log(14 / 7) / np.log(4)
    assert noise.factor(14) == pytest.approx((1 - part) * factors[0] + part * factors[1])
    assert noise.factor(np.array([[1], [28]])) == pytest.approx(np.stack([np.ones(5), factors[1]]))

    # intervals over a week: four weeks of twice the variance, others of the group, and then the series' own weeks
    others = (1 - 1 / np.sqrt([3, 2])) / 7
    sums, counts = theirs[:, 0].sum(0) * others, windows[:, 0].sum(0) * others
    prior, heed = (sums + 4 * 2) / (counts + 4), np.minimum(counts + 4, 8)[group]
    own = (square[0] / 7 + heed * prior[group]) / (days[0] / 7 + heed)
    counting = np.linspace(0, 0.8, 5)
    freedom = (2 * days[0] / 7 + (counts + 4)[group]) / (1 - counting) ** 2
    wider = 1 + np.maximum(own / factors[0] - 1, 0) * (1 - counting)
    expected = np.sqrt(wider) * stats.t.ppf(0.975, freedom) / stats.norm.ppf(0.975)
    assert noise.widening(7, counting) == pytest.approx(expected, rel=1e-3)


def test_a_panel_that_is_told_nothing_takes_plain_counts() -> None:
    plain = Panel(first=10, values=np.arange(6.0).reshape(2, 3))
    assert (plain.worse.tolist(), plain.counts.tolist(), plain.event.tolist()) == ([-1, -1], [True, True], [1, 1])
    assert (plain.group.tolist(), plain.known.tolist(), plain.last) == ([0, 0], [[0, 0, 0]], 12)
    money = Panel(first=10, values=plain.values, counts=np.array([True, False]))
    assert money.event.tolist() == [1, 0]
    assert [item.tolist() for item in plain.columns(1)] == [[1, 4], [1, 1], [0]]
    known = np.array([[0, CLOSED, IGNORED], [CLOSED, 0, LIFTED]], np.int8)
    exposure = np.array([[3.0, 4.0, 5.0], [np.nan] * 3])
    rates = Panel(first=10, values=plain.values, exposure=exposure, known=known)
    assert rates.exposures(np.array([1, 0]), slice(0, 3)).tolist() == [[0, 1, 1], [3, 0, 5]]
    assert rates.columns(1)[1].tolist() == [0, 1]
    early = rates.until(11)
    assert (early.values.shape, early.last, early.known.shape) == ((2, 2), 11, (2, 2))
    assert early.exposure is not None
    assert early.exposure.shape == (2, 2)
    assert plain.until(10).exposure is None
    assert rates.rests[:3].tolist() == [[False, True], [True, False], [True, False]]
    assert rates.open_weekdays.tolist() == [5, 6], "weekdays that are not in the data are open"


def shop() -> Cube:
    visits = CubePart(
        np.array([5, 5, 6, 7, 7], np.int32),
        {"market": np.array([1, 2, 1, 0, 2], np.int32)},
        {"visits": np.array([10.0, 20.0, 30.0, 40.0, 50.0])},
    )
    orders = CubePart(
        np.array([5, 7], np.int32), {"market": np.array([2, 1], np.int32)}, {"gmv": np.array([700.0, 90.0])}
    )
    return Cube(Window(5, 7), {"market": ("", "ID", "TH")}, (visits, orders), {"gmv": 100})


def test_sums_of_slices_by_hand() -> None:
    whole = slice_sums(shop(), ["visits", "gmv"])
    assert whole.where == (EVERYTHING,)
    assert (whole.sums["visits"].tolist(), whole.sums["gmv"].tolist()) == ([[30, 30, 90]], [[7, 0, 0.9]])
    parts = Slicer(shop(), ["visits", "gmv", "clicks"], Segment.of({"channel": "live"})).by(("market",))
    assert [str(where) for where in parts.where] == ["channel=live,market=ID", "channel=live,market=TH"]
    assert parts.sums["visits"].tolist() == [[10, 30, 0], [20, 0, 50]]
    assert parts.sums["gmv"].tolist() == [[0, 0, 0.9], [7, 0, 0]]
    assert parts.sums["clicks"].tolist() == [[0, 0, 0]] * 2
    # of all visits 4 in 15 and 7 in 15, of all sales 9 in 79 and 70 in 79: half of each counts
    share = (40 / 150 + 90 / 790) / 2
    assert len(Slicer(shop(), ["visits", "gmv"]).by(("market",), least=share - 1e-9).where) == 2
    assert Slicer(shop(), ["visits", "gmv"]).by(("market",), least=share + 1e-9).where == (TH,)
    late = parts.delayed(1)
    assert late.sums["visits"].tolist() == [[0, 10, 30], [0, 20, 0]]
    assert parts.delayed(0) is parts
    kept = parts.keep(np.array([False, True]))
    assert (kept.where, kept.sums["visits"].tolist()) == (parts.where[1:], [[20, 0, 50]])


def test_stars_are_counted_by_those_that_are_missing() -> None:
    """Ten reviews a day: 43 of 50 stars, 7 are missing; 51 stars are of another scale."""
    stars = load().metric("average_rating")

    def slices(given: float) -> SliceSums:
        return SliceSums((ID,), {"rating_sum": np.full((1, 4), given), "reviews": np.full((1, 4), 10.0)})

    assert [ceiling_of(stars, slices(given)) for given in (25.0, 25.1, 43.0, 50.0, 51.0)] == [0, 5, 5, 5, 0]
    (counted,) = (panel([(stars, slices(43.0), 5.0)], 5, np.zeros((1, 4), np.int8), 5),)
    assert (counted.values.tolist(), counted.worse.tolist(), counted.event.tolist()) == ([[7] * 4], [1], [0])


def test_what_most_succeed_in_is_counted_by_those_who_fail() -> None:
    catalogue = load()
    metrics = {name: catalogue.metric(name) for name in ("payment_rate", "orders", "gmv")}
    paid = metrics["payment_rate"]
    top, bottom = sorted(paid.numerator.measures())[0], sorted(cast(Any, paid.denominator).measures())[0]
    assert (paid.scale, paid.unit) == (1, "ratio")

    def slices(paying: float) -> SliceSums:
        return SliceSums((ID, TH), {top: np.full((2, 4), paying), bottom: np.full((2, 4), 10.0)})

    assert [ceiling_of(paid, slices(paying)) for paying in (5.0, 5.1, 10.0, 10.1)] == [0, 1, 1, 0]
    orders = SliceSums((ID,), {name: np.full((1, 4), 3.0) for name in metrics["orders"].numerator.measures()})
    assert not ceiling_of(metrics["orders"], orders)
    both = panel([(paid, slices(9.0), 1.0), (metrics["orders"], orders, 0.0)], 5, np.zeros((3, 4), np.int8), 5)
    assert both.values.tolist() == [[1] * 4, [1] * 4, [3] * 4]
    assert (both.worse.tolist(), both.counts.tolist(), both.group.tolist()) == (
        [1, 1, -1],
        [False, False, True],
        [0, 0, 1],
    )
    assert both.event.tolist() == [1, 1, 1]
    assert both.exposure is not None
    assert (both.exposure[:2] == 10).all()
    assert np.isnan(both.exposure[2]).all()
    assert panel([(metrics["orders"], orders, False)], 5, np.zeros((1, 4), np.int8), 5).exposure is None
    gmv = SliceSums((ID,), {name: np.ones((1, 4)) for name in metrics["gmv"].numerator.measures()})
    assert panel([(metrics["gmv"], gmv, False)], 5, np.zeros((1, 4), np.int8), 5).event.tolist() == [0]


def test_weekdays_of_rest_and_weekly_reports() -> None:
    days = np.arange(70)
    closed = days % 7 == 3
    rare = (days % 10 == 0) & ~closed
    weekly = days % 7 == 5
    known = rest_days(np.stack([~closed, rare, np.ones(70, bool), weekly]))
    assert known[0].tolist() == closed.tolist()
    assert not known[1:3].any()
    assert known[3].tolist() == (~weekly).tolist()


def test_days_weigh_what_their_measure_is_scaled_by() -> None:
    scaled = ReferenceDays(np.array([3, 5]), np.array([1.0, 2.0]), {"gmv": 1.5})
    assert scaled.window == Window(3, 5)
    assert scaled.dense("gmv", Window(2, 6)).tolist() == [0, 1.5, 0, 3, 0]
    assert scaled.of("orders").tolist() == [1, 2]


def test_usual_days_are_the_newest_same_weekdays_and_else_the_newest_week() -> None:
    past = Window(0, 69)
    unusual = np.zeros(70, bool)
    unusual[63] = True
    usual = usual_days(Window(70, 70), past, unusual)
    assert usual.days.tolist() == [7, 14, 21, 28, 35, 42, 49, 56]
    assert usual.weights == pytest.approx(np.full(8, 1 / 8))
    no_same = np.arange(70) % 7 == 0
    assert usual_days(Window(70, 70), past, no_same).days.tolist() == [62, 64, 65, 66, 67, 68, 69]
    none = usual_days(Window(70, 71), past, np.ones(70, bool))
    assert none.weights.sum() == pytest.approx(2)
    assert none.days.max() == 64


@pytest.mark.parametrize(("third", "low"), [(62, True), (63, False)])
def test_a_year_speaks_against_a_closure_once_eight_weeks_before_it_are_known(third: int, low: bool) -> None:
    day = round(3 * 365.25) + third
    daily = np.full(day + 1, 100.0)
    daily[[day, day - 365, day - round(2 * 365.25)]] = 10
    assert recurring_lows(daily, day).tolist() == [low]


def test_a_drop_of_a_share_is_told_by_those_who_succeed() -> None:
    figures = DropFigures.__new__(DropFigures)
    values = np.arange(10.0).reshape(1, 10)
    expected = np.where(np.arange(10) < 3, np.nan, 2.0)[None]
    tested = SimpleNamespace(delay=1, ceiling=1.0)
    grid = SimpleNamespace(first=100, values=values, exposure=np.full((1, 10), 50.0))
    figures._plan = cast(Any, SimpleNamespace(tested=[tested], panel=grid))
    figures._detector = cast(Any, SimpleNamespace(expected=expected))
    drop = cast(Any, SimpleNamespace(test=0, row=0))
    assert figures.over(drop, Window(101, 104)) == (150 - (3 + 4 + 5), 150 - 6)
    tested.ceiling = 5.0
    assert figures.over(drop, Window(101, 104)) == (750 - (3 + 4 + 5), 750 - 6)
    tested.ceiling = 0.0
    assert figures.over(drop, Window(101, 104)) == (12, 6)
    assert figures.over(drop, Window(90, 93)) == (0, 0)


def test_drops_are_told_by_the_days_on_which_things_happened() -> None:
    scan = Detection.__new__(Detection)
    delayed, stars = SimpleNamespace(delay=7, ceiling=0.0), SimpleNamespace(delay=0, ceiling=5.0)
    scan.plan = cast(Any, SimpleNamespace(row_of=[(0, EVERYTHING), (0, ID), (1, TH)], tested=[delayed, stars]))
    figures = {
        name: np.array([10.0, 20.0]) + at for at, name in enumerate(("variance", "z", "reach", "rare", "clearest"))
    }
    sums = {"actual": np.array([30.0, 4.0]), "expected": np.array([60.0, 2.0]), "exposure": np.array([90.0, 50.0])}
    days = {"anchor": np.array([90, 95]), "onset": np.array([91, 96])}
    active = cast(Any, SimpleNamespace(day=100, series=np.array([1, 2]), **figures, **sums, **days))
    late, other = scan._drops(active)
    assert (late.test, late.where, late.row, late.kin) == (0, ID, 1, 1)
    assert (late.anchor, late.onset, late.last) == (83, 84, 93)
    assert (late.actual, late.expected, late.exposure) == (30, 60, 90)
    assert (other.test, other.where, other.anchor, other.onset, other.last) == (1, TH, 95, 96, 100)
    assert (other.actual, other.expected, other.exposure) == (246, 248, 50)
    assert (other.variance, other.score, other.reach, other.rare, other.clearest) == (20, 21, 22, 23, 24)


@pytest.mark.parametrize("ceiling", [0.0, 1.0])
def test_the_common_part_of_drops_has_the_noise_of_its_metric(ceiling: float) -> None:
    overlaps = SegmentOverlaps.__new__(SegmentOverlaps)
    overlaps._field = cast(Any, SimpleNamespace(tested=[SimpleNamespace(ceiling=ceiling)]))
    noise = SimpleNamespace(unit=np.array([1.5, 2.0]), extra=np.array([0.03, 0.04]))
    overlaps._replay = cast(Any, SimpleNamespace(noise=noise))
    first = cast(Any, SimpleNamespace(test=0, kin=1, anchor=90, variance=50.0, expected=80.0, reach=0.1, rare=1.0))
    found = overlaps._drop(first, ID, Window(93, 99), 30.0, 60.0, 100.0)
    gone = 40.0 if ceiling else 60.0
    variance = 2 * gone + (0.04 / 7 + 50 / 80**2) * gone**2
    assert found.variance == pytest.approx(variance)
    assert (found.actual, found.expected, found.exposure) == (30, 60, 100)
    assert (found.where, found.row, found.kin, found.onset, found.last, found.anchor) == (ID, -1, 1, 93, 99, 90)
    worse = 70.0 if ceiling else 30.0
    score = deviance_score(np.array([worse]), np.array([gone]), np.array([variance]), np.array([2.0]))
    assert abs(found.score) == pytest.approx(abs(float(score[0])), rel=0.2)
