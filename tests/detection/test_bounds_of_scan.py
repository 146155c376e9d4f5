"""Costs, common parts and ends of exports by hand: the first and last day, an empty segment, what is as likely as not."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.detection import drop_figures
from core.detection.detector.window_sums import WindowSums
from core.detection.distributions import deviance_score, interval, normal_score
from core.detection.drop_figures import DropFigures, finding_id
from core.detection.drop_merging import Drop
from core.detection.forecast.panel import Panel
from core.detection.forecast.panel_build import SliceSums
from core.detection.forecast.reference_days import usual_days
from core.detection.forecast.residual_noise import _MEMORY, ResidualNoise
from core.detection.forecast.state_space import WEEK
from core.detection.quality.end_of_exports import _end, day_to_read, end_of_exports, newest_to_judge
from core.detection.quality.jumps import value_jumps
from core.detection.quality.jumps.weekly_excess import weekly_excess
from core.detection.quality.row_streams import RowStream, gap_days
from core.detection.segment_overlap import _NOTHING, SegmentOverlaps

CATALOGUE = load()
ID, TH = Segment.parse("market=ID"), Segment.parse("market=TH")


def drop(**more: Any) -> Drop:
    plain = {
        "test": 0, "where": ID, "row": 1, "kin": 0, "anchor": 104, "onset": 104, "last": 107, "actual": 60.0,
        "expected": 100.0, "variance": 25.0, "exposure": 400.0, "score": 6.0, "clearest": 6.0, "reach": 2.0,
    }  # fmt: skip
    return Drop(**{**plain, **more})


def figures(metric: str, *, ceiling: float = 0.0, delay: int = 0) -> DropFigures:
    """Two series, everything and ID, of ten days from 100 on; sums of slices are those of the day's number times the place."""
    tested = SimpleNamespace(metric=CATALOGUE.metric(metric), ceiling=ceiling, delay=delay)
    days = np.arange(1.0, 11)
    names = sorted(CATALOGUE.metric(metric).measures() | {"gmv", "orders"})
    sums = {name: np.stack([days * 100, days * 10]) + at for at, name in enumerate(names)}
    tested.slice_sums = SliceSums((EVERYTHING, ID), sums)
    grid = SimpleNamespace(first=100, values=np.stack([days * 7, days]), exposure=np.full((2, 10), 90.0))
    plan = SimpleNamespace(tested=[tested], panel=grid, row_of=[(0, EVERYTHING), (0, ID)])
    detector = SimpleNamespace(expected=np.stack([np.full(10, 80.0), np.full(10, 20.0)]))
    workspace = SimpleNamespace(catalogue=CATALOGUE, measures=("gmv", "orders", "paid_orders", "impressions"))
    overlaps = SimpleNamespace(sums=lambda test, where, metric: SliceSums((where,), {"gmv": np.full((1, 10), 5.0)}))
    return DropFigures(cast(Any, workspace), cast(Any, plan), cast(Any, detector), cast(Any, overlaps), EVERYTHING)


def test_sums_of_a_drop_are_those_of_its_days_in_its_own_slice() -> None:
    made = figures("gmv")
    gmv = CATALOGUE.metric("gmv")
    table = made._plan.tested[0].slice_sums.sums["gmv"]
    assert made._sum(gmv, drop(), ID) == table[1, 4:8].sum()
    assert made._sum(gmv, drop(), EVERYTHING) == table[0, 4:8].sum()
    assert made._sum(gmv, drop(onset=98, last=101), ID) == table[1, :2].sum()
    assert made._sum(gmv, drop(), TH) == 20, "of a segment that no slice is, the overlap is counted"


def test_a_cost_is_the_share_of_what_would_have_been_there() -> None:
    made = figures("gmv")
    cost = made.cost(drop())
    assert (cost.impact, cost.unit) == (40, CATALOGUE.metric("gmv").unit)
    assert cost.share == pytest.approx(40 / (4 * 80)), "of what the whole was expected to have"
    empty = made.cost(drop(expected=0.0, actual=0.0))
    assert empty.impact == 0
    none = figures("gmv")
    none._detector = cast(Any, SimpleNamespace(expected=np.full((2, 10), np.nan)))
    assert none._own_share(drop()) == 0.0
    small = figures("gmv")
    small._detector = cast(Any, SimpleNamespace(expected=np.full((2, 10), 0.1)))
    assert small._own_share(drop(actual=0.3, expected=0.4)) == pytest.approx(0.25)


def test_a_cost_in_the_unit_of_the_root_is_bounded_by_what_the_root_fell_short_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = figures("ctr")
    gmv = CATALOGUE.metric("gmv")
    monkeypatch.setattr(drop_figures, "root_of", lambda *_: gmv)
    ours, whole = (made._plan.tested[0].slice_sums.sums["gmv"][row, 4:8].sum() for row in (1, 0))
    cost = made.cost(drop())
    expected = ours / 0.6
    assert cost.impact == pytest.approx(expected - ours)
    assert cost.share == pytest.approx((expected - ours) / (whole + expected - ours))
    deep = made.cost(drop(actual=5.0))
    assert deep.impact == pytest.approx(ours / 0.2 - ours), "at least a fifth is left"
    cents = figures("ctr")
    for values in cents._plan.tested[0].slice_sums.sums.values():
        values *= 1e-6
    assert cents.cost(drop()).share == pytest.approx(cost.share)
    nothing = figures("ctr")
    for values in nothing._plan.tested[0].slice_sums.sums.values():
        values[:] = 0
    assert (nothing.cost(drop()).impact, nothing.cost(drop()).share) == (0, 0)
    made._rows = {("gmv", ID): 1}
    forecast = made.cost(drop())
    assert forecast.impact == pytest.approx(min(0.4 * 80, max(80 - ours, 0)))


def test_a_finding_of_a_share_counts_who_fails() -> None:
    made = figures("gmv")
    share, found = made.finding(drop(), 107, 500)
    assert (found.actual, found.expected, found.change, found.change_pct) == (60, 100, -40, -0.4)
    assert found.interval[0] < 100 < found.interval[1]
    assert found.p_value == made.p_value(drop()) < 1e-3
    assert (found.as_of, found.onset, found.window) == (107, 104, Window(104, 107))
    assert share == made.cost(drop()).share
    assert found.id == finding_id("gmv", ID, 104) != finding_id("gmv", ID, 105)
    lo, hi = (float(end[0]) for end in interval(np.array([5 * 400 - 100.0]), np.array([25.0]), 2.0))
    stars = figures("gmv", ceiling=5.0).finding(drop(), 107, 500)[1]
    assert stars.expected == 100
    assert stars.interval == pytest.approx((2000 - hi, 2000 - lo))
    assert made.finding(drop(expected=0.0, actual=3.0), 107, 500)[1].change_pct is None
    assert made.finding(drop(expected=0.5, actual=0.25), 107, 500)[1].change_pct == -0.5
    rate = figures("average_order_value").finding(drop(), 107, 500)[1]
    assert (rate.actual, rate.expected) == (60 / 400, 100 / 400), "by the denominator of its days"
    assert rate.interval == pytest.approx(
        [float(end[0]) / 400 for end in interval(np.array([100.0]), np.array([25.0]), 2.0)]
    )
    rare = made.finding(drop(rare=1e-3), 107, 500)[1]
    assert rare.p_value == pytest.approx(5e-3), (
        "five widths of windows; the larger of what was scored and what was counted"
    )


@pytest.mark.parametrize("metric", ["gmv", "ctr"])
@pytest.mark.parametrize("away", [(), (ID,), (ID, Segment.parse("channel=live"))])
def test_a_drop_without_segments_by_their_rows(metric: str, away: tuple[Segment, ...]) -> None:
    rng = np.random.default_rng(1)
    names = sorted(CATALOGUE.metric(metric).measures())
    parts = {
        (market, channel): {name: rng.integers(50, 900, (1, 30)).astype(float) for name in names}
        for market in ("ID", "TH") for channel in ("live", "video")
    }  # fmt: skip

    def sums(test: int, where: Segment, _: Any) -> SliceSums:
        terms = dict(where.terms)
        chosen = [
            part for (market, channel), part in parts.items()
            if market in terms.get("market", (market,)) and channel in terms.get("channel", (channel,))
        ]  # fmt: skip
        return SliceSums((where,), {name: sum((part[name] for part in chosen), np.zeros((1, 30))) for name in names})

    made = SegmentOverlaps.__new__(SegmentOverlaps)
    cube = SimpleNamespace(dimensions=("market", "channel"))
    tested = SimpleNamespace(metric=CATALOGUE.metric(metric), cube=cube, ceiling=0.0, delay=0)
    made._field = cast(Any, SimpleNamespace(tested=[tested], panel=SimpleNamespace(first=100, exposure=None)))
    made._replay = cast(
        Any,
        SimpleNamespace(
            unusual=np.zeros((1, 30), bool), expected=np.full((1, 30), 400.0),
            noise=SimpleNamespace(unit=np.ones(1), extra=np.full(1, 0.01)),
        ),
    )  # fmt: skip
    made._slices = {}
    monkey = cast(Any, made)
    monkey.sums = sums
    whole = drop(where=EVERYTHING, row=0, onset=123, last=126, expected=1200.0)  # by its judged days; by all four 1600
    found = SegmentOverlaps.without(made, whole, away)
    assert found is not None
    left = [
        part for (market, channel), part in parts.items()
        if not any(all((market if name == "market" else channel) in values for name, values in item.terms) for item in away)
    ]  # fmt: skip
    if not left:
        return
    reference = usual_days(Window(123, 126), Window(100, 122), np.zeros(23, bool))
    spec = CATALOGUE.metric(metric)

    def side(of: list[dict[str, np.ndarray]], formula: Any) -> np.ndarray:
        return np.asarray(formula.of({name: sum(part[name][0] for part in of) for name in names}), float)

    every = list(parts.values())
    past = reference.days - 100
    values, all_values = side(left, spec.numerator), side(every, spec.numerator)
    usual, usual_whole, exposure = reference.weights @ values[past], reference.weights @ all_values[past], 4.0
    if spec.denominator is not None:
        under, all_under = side(left, spec.denominator), side(every, spec.denominator)
        exposure = under[23:27].sum()
        usual *= exposure / (reference.weights @ under[past])
        usual_whole *= all_under[23:27].sum() / (reference.weights @ all_under[past])
    assert found.actual == pytest.approx(values[23:27].sum())
    assert found.exposure == pytest.approx(exposure)
    assert found.expected == pytest.approx(usual * 1600 / usual_whole)
    if away != (ID,):
        return
    there = replace(whole, where=TH)
    common = made.common(whole, there, Window(123, 126))  # what is left without ID is TH
    assert common is not None
    assert (common.where, common.row, common.onset) == (TH, -1, 123)
    assert [common.actual, common.exposure, common.expected] == pytest.approx(
        [found.actual, found.exposure, found.expected]
    )
    assert SegmentOverlaps.without(made, whole, (Segment.parse("agency=A"),)) is None
    assert SegmentOverlaps.without(made, whole, (ID, TH)) is None, "nothing is left"
    assert 0 < _NOTHING < 1
    assert made._forecast(replace(whole, row=-1)) == 1200, "of what was put together, what was expected of it"
    field = cast(Any, made._field)
    tested.ceiling, field.panel.exposure = 5.0, np.full((1, 30), 90.0)
    assert made._forecast(whole) == 5 * 4 * 90 - 1600
    tested.ceiling, tested.delay, made._replay.expected = 0.0, 2, np.arange(30.0)[None]
    assert made._forecast(replace(whole, onset=121, last=124)) == 23 + 24 + 25 + 26, "known two days later"
    tested.delay = 0
    made._slices = cast(Any, dict.fromkeys(range(400)))
    assert SegmentOverlaps.without(made, whole, away) is made.common(whole, there, Window(123, 126)) is None, "too many"
    made._slices = {}
    for part in parts.values():
        part[next(iter(spec.numerator.measures()))][:] = 0
    assert made.common(whole, there, Window(123, 126)) is None, "nothing came in what they share"


def test_scores_of_windows_where_anything_was_judged() -> None:
    noise, windows = ResidualNoise(Panel(0, np.ones((3, 5))), 3), WindowSums(2, np.array([7.0, 7.0, 7.0]), -np.ones(3))
    windows.expected[:] = [[40.0, 0, 40], [30, 40, 0.5]]
    windows.actual[:] = [[20.0, 5, 90], [30, 10, 0.1]]
    windows.days[:] = [[2.0, 2, 0], [1, 1, 1]]
    scores, variance = windows.scores(noise)
    for window, series in np.ndindex(2, 3):
        expected = windows.expected[window, series]
        if not (expected > 0 and windows.days[window, series] > 0):
            assert scores[window, series] == variance[window, series] == 0
            continue
        # nothing was learnt yet: counts, of which next to nothing is left however many there are
        assert variance[window, series] == pytest.approx(1 / expected)
        wide = np.array([expected])
        raw = deviance_score(windows.actual[[window], [series]], wide, wide, np.ones(1))
        assert scores[window, series] == pytest.approx(normal_score(raw, np.array([10.0]))[0])
    assert (windows.scores(noise, np.ones((2, 3), bool))[0] == scores).all()
    roughly, _ = windows.scores(noise, np.zeros((2, 3), bool))
    assert ((roughly == scores) | ((roughly == 0) & (np.abs(scores) <= 3))).all()


def test_neighbouring_days_are_linked_as_their_products_are() -> None:
    noise = ResidualNoise.__new__(ResidualNoise)
    noise._group, noise._groups = np.array([0, 1, 0]), 2
    noise._last, noise._lag = np.zeros(3), np.zeros(3)
    noise._lag_group, noise._days_group = np.zeros(2), np.zeros(2)
    scores = [np.array([1.0, -2, 0.5]), np.array([2.0, 1, 0]), np.array([-1.0, 3, 2])]
    heeds = [np.ones(3), np.array([1.0, 0, 1]), np.array([0.5, 1, 1])]
    lag, product, days, last = np.zeros(3), np.zeros(2), np.zeros(2), np.zeros(3)
    for score, heed in zip(scores, heeds, strict=True):
        noise._learn_link(score, heed)
        both = heed * (last != 0)
        lag = lag * _MEMORY + both * score * last
        for group in range(2):
            here = noise._group == group
            product[group] = product[group] * _MEMORY + (both * score * last)[here].sum()
            days[group] = days[group] * _MEMORY + both[here].sum()
        last = score * heed
    assert noise._lag == pytest.approx(lag)
    assert (noise._lag_group, noise._days_group) == (pytest.approx(product), pytest.approx(days))


@pytest.mark.parametrize(
    ("rows", "end"),
    [
        ([20] * 40, 39), ([20] * 40 + [1, 0, 1, 0], 39), ([20] * 40 + [1, 0], 41 - 1), ([20] * 40 + [9, 0, 0, 0], 40),
        ([20] * 40 + [0] * 20 + [20], 60), ([20] * 13 + [0] * 9, 12), ([20] * 40 + [0] * 5 + [10, 0, 0, 0], 45),
        ([20] * 40 + [0] * 5 + [4, 0, 0, 0], 39), ([2] * 60 + [0] * 9, 59), ([1, 0, 0] * 20 + [0] * 50, 57),
        ([4] * 40 + [0] * 3 + [0.4], 39), ([20] * 40 + [2.9, 0, 0, 0], 39), ([20] * 40 + [0] * 30 + [1] * 10, 39),
        ([0] * 5 + [20] * 13 + [0] * 8 + [0.5], 26), ([20] * 70 + [0] * 3 + [12, 0], 73),
        ([20] * 40 + [0, 8.9, 0, 0, 0, 0], 39), ([20] * 40 + [8.9, 0, 0], 40),
    ],
)  # fmt: skip
def test_the_end_of_rows(rows: list[float], end: int) -> None:
    assert _end(np.array(rows, float), 1000) == 1000 + end


def test_the_later_end_of_orders_and_traffic_counts_but_orders_that_end_within_a_fortnight_before_traffic() -> None:
    asked: list[str] = []

    def workspace(**rows: list[float]) -> Any:
        size = len(next(iter(rows.values())))
        span = Window(1000, 1000 + size - 1)
        profile = SimpleNamespace(
            kinds=("orders", "traffic"), spans={"orders": Window(1002, span.last), "traffic": span},
            rows_by_day=lambda kind: np.array(rows["orders"][2:] if kind == "orders" else rows["impressions"]),
        )  # fmt: skip
        kinds = {"orders": "orders", "impressions": "traffic"}
        cube = SimpleNamespace(daily=lambda name: np.array([*rows[name][1:], 0.0]))
        return SimpleNamespace(
            span=span, measures=tuple(rows), kind_of=lambda name: asked.append(name) or kinds.get(name),
            profile=lambda _: profile, cube=lambda *_: cube,
            newest_clock=span.last * 86_400,
        )  # fmt: skip

    late, early, whole = [20.0] * 40 + [0] * 8, [20.0] * 25 + [0] * 23, [20.0] * 48
    for orders, views in ((late, early), (early, late)):
        assert end_of_exports(workspace(orders=orders, impressions=views)) == 1039
        assert end_of_exports(workspace(orders=orders, impressions=views), ID) == 1038, "a day earlier in the segment"
    for usual, days, end in ((20, 1, 1046), (14, 1, 1047), (14, 2, 1045), (20, 13, 1034), (20, 14, 1047)):
        some = workspace(orders=[float(usual)] * (48 - days) + [0] * days, impressions=whole)
        assert end_of_exports(some) == end, "fifteen orders at least are missed"
        assert ("orders end there" in "".join(day_to_read(some, None)[1])) is (end < 1047)
    closed = [20.0, 0, 20, 20, 20, 20, 20, 20] * 6
    assert end_of_exports(workspace(orders=[*closed[:-1], 0], impressions=whole)) == 1047, (
        "an eighth of the days without any"
    )
    both = workspace(orders=late, impressions=late)
    assert day_to_read(both, None)[0] == 1039
    assert "read as of" in day_to_read(both, None)[1][0]
    assert day_to_read(both, 1052) == (1052, ())
    words = "orders and traffic end on 5 Nov 1972: there are no data for the 14 days up to 19 Nov 1972. Try --as-of 1972-11-05"
    assert day_to_read(both, 1053) == (1053, (words,))
    asked.clear()
    on = workspace(orders=whole, impressions=late)
    assert day_to_read(on, None) == (1047, ())
    assert asked == ["orders"], "they go on to the last day, whatever traffic does"
    on.newest_clock += 86_400
    assert day_to_read(on, None)[0] == 1047
    assert "later rows" in day_to_read(on, None)[1][0], "such as a delivery on the day after"
    on.newest_clock = 1040 * 86_400
    assert newest_to_judge(on) == (1039, ()), "the days from then on are not over"


def test_days_of_which_the_source_of_a_measure_says_nothing() -> None:
    rows = np.ones(28)
    rows[[5, 6]] = 0
    window = Window(1000, 1027)
    named = RowStream(kind="daily", measures=frozenset({"clicks"}), first=1000, rows=rows)
    kind = RowStream(kind="traffic", measures=frozenset(), first=1000, rows=np.roll(rows, 2))
    workspace = cast(Any, SimpleNamespace(kind_of={"clicks": "daily", "views": "daily", "impressions": "traffic"}.get))
    names = ("clicks", "views", "impressions")
    silent = [np.flatnonzero(gap_days(workspace, (named, kind), [name], window)).tolist() for name in names]
    assert silent == [np.flatnonzero(stream.gaps(window)).tolist() if stream else [] for stream in (named, None, kind)]
    assert silent[0] == [5, 6]
    total = RowStream(kind="daily", measures=frozenset({"impressions"}), first=1003, rows=np.ones(1))
    both = gap_days(workspace, (total, kind, named), ["impressions"], window)
    assert np.flatnonzero(both).tolist() == [7, 8], "one row of daily totals closes none of the days of traffic"
    ratio = gap_days(workspace, (total, kind, named), ["impressions", "clicks"], window)
    assert np.flatnonzero(ratio).tolist() == [5, 6, 7, 8], "of a ratio both sides are needed"


def test_the_excess_of_values_over_the_weeks_around_them() -> None:
    rng = np.random.default_rng(5)
    values = np.exp(rng.normal(3, 0.1, (4, 70)))
    values[3, ::2] = 0
    values[2, 40] = 0
    found = weekly_excess(values)
    assert np.isnan(found.raw[2, 40])
    logs = np.log(np.maximum(values, 1e-9))
    for value in range(3):
        for day in (0, 9, 30, 69):
            around = [day + WEEK * week for week in (-3, -2, -1, 1, 2, 3) if 0 <= day + WEEK * week < 70]
            assert found.raw[value, day] == pytest.approx(logs[value, day] - np.median(logs[value, around]))
            others = [found.raw[other, day] for other in range(3) if other != value]
            assert found.change[value, day] == pytest.approx(found.raw[value, day] - np.median(others))
        every = 1.4826 * np.nanmedian(np.abs(found.change[value]))
        for weekday in range(WEEK):
            own = 1.4826 * np.nanmedian(np.abs(found.change[value, weekday::WEEK]))
            expected = max(every, 0.02, np.sqrt((max(every, 0.02) ** 2 + own**2) / 2))
            assert found.noise[value, weekday::WEEK] == pytest.approx(expected)
    assert np.isnan(found.raw[3]).all()
    assert np.isinf(found.noise[3]).all()


@pytest.mark.parametrize(
    ("jump", "others", "same", "still", "rows", "days", "believed"),
    [
        (0.7, 2, 0, 0, True, 1, True), (0.7, 2, 0, 1, False, 3, False), (0.7, 2, 1, 1, False, 1, True),
        (0.7, 2, 2, 0, False, 3, False), (2.3, 2, 2, 0, False, 3, True), (2.3, 2, 2, 0, False, 1, False),
        (0.7, 0, 0, 0, False, 2, True), (0.7, 0, 0, 0, False, 1, False),
    ],
)  # fmt: skip
def test_jumps_that_are_believed(
    jump: float, others: int, same: int, still: int, rows: bool, days: int, believed: bool
) -> None:
    assert value_jumps._believed(jump, others, same, still, rows, days) is believed


def test_the_shape_of_a_drop_is_that_of_the_days_on_which_its_series_shows_it() -> None:
    """Known two days later, the days 102 to 105 are the columns 4 to 7, on which a tenth more is missing each day."""
    made = figures("gmv", delay=2)
    made._plan.panel.values[1] = 20.0
    made._plan.panel.values[1, 4:8] = [18, 16, 14, 12]
    assert made._shape(drop(onset=102, last=105)) == "ramp"
    assert made._shape(drop(onset=106, last=106)) == "spike"
    assert made._shape(drop(onset=102, last=105, row=-1)) == "step"
