"""Windows, lumps, days before a drop and what has a price: each by its definition on a few numbers."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.segment import EVERYTHING
from core.catalogue.metric_tree.metric_loader import load
from core.detection.case_activity import CaseActivity
from core.detection.detector.window_sums import WindowDays, WindowSums
from core.detection.drop_figures import DropFigures, finding_id
from core.detection.forecast.panel import CLOSED, Panel
from core.detection.forecast.residual_noise import ResidualNoise, persistence
from core.detection.forecast.state_space import LevelState, trend_days
from core.detection.quality.end_of_exports import _end
from core.detection.quality.yearly_closures import _low_days
from core.detection.scan_plan import _plenty


def test_a_day_is_low_by_the_median_of_eight_weeks() -> None:
    """Four weeks of 100 after four of 10: 55, of which 33 are 60 %."""
    daily = np.repeat([10.0, 100.0], 28)
    for newest, low in ((32.0, True), (34.0, False)):
        assert _low_days(np.append(daily, newest)).tolist() == [False] * 56 + [low]


def test_how_many_lumps_a_day_has_is_told_by_the_days_without_any() -> None:
    noise = ResidualNoise(Panel(0, np.ones((1, 5))), 3)
    noise._live, noise._empty, noise._sum = np.array([100.0]), np.array([40.0]), np.array([900.0])
    noise.count(np.zeros(1), np.zeros(1, bool))
    assert noise.lump[0] == pytest.approx(9 / -np.log((39.6 - 2) / 99))


def test_cases_are_counted_of_eight_weeks_before_them() -> None:
    activity = CaseActivity.__new__(CaseActivity)
    unusual = np.zeros((1, 300), bool)
    unusual[0, 90] = True
    activity._detector = cast(Any, SimpleNamespace(unusual=unusual))
    volume = np.ones(300)
    volume[91] = 0
    drop = cast(Any, SimpleNamespace(row=0))
    assert activity._usual(drop, volume, 100).tolist() == [*range(44, 90), *range(92, 100)]
    assert activity._usual(drop, volume, 20).tolist() == list(range(20))


def test_a_shop_with_one_open_day_a_week_has_one() -> None:
    weekly = np.where(np.arange(70) % 7 == 2, 0, CLOSED).astype(np.int8)[None]
    grid = Panel(0, np.ones((1, 70)), known=weekly)
    assert grid.rests[:, 0].tolist() == [True, True, False, True, True, True, True]
    assert grid.open_weekdays.tolist() == [1.0]


@pytest.mark.parametrize("days", [1, 5, 30])
def test_what_a_window_does_not_know_of_the_weeks_before_it_adds_to_its_doubt(days: int) -> None:
    noise = ResidualNoise(Panel(0, np.ones((1, 5))), 3)
    before, late = WindowSums(1, np.array([7.0]), -np.ones(1)), WindowSums(1, np.array([7.0]), -np.ones(1), 28)
    spread = np.array([[0.004], [0.0002], [0.00003], [0.0]])
    before.open(0, 0, LevelState(np.zeros((9, 1)), spread, np.array([0.0007])), noise, np.array([True]))
    late.open_late(0, before, 0)
    assert late.began.tolist() == [[28]]
    for _ in range(days):
        late.add(np.array([50.0]), np.array([40.0]), np.array([1.0]), np.array([True]))
    centre = (days - 1) / 2
    trend = trend_days(np.array([int(centre + 28)]))[0]
    doubt = 0.004 + 2 * 0.0002 * trend + 0.00003 * trend**2 + 0.0007 * (28 + centre * (2 * days - 1) / (3 * days))
    _, variance = late.scores(noise)
    # the noise of days: one of counting, and .01 of what is left however much there is
    assert variance[0, 0] == pytest.approx(
        doubt + (1 / 50 + 0.01) / days * (1 + noise.link[0] * persistence(days)[days])
    )


def test_a_window_keeps_its_noise_where_it_is_taken_over() -> None:
    noise, windows = ResidualNoise(Panel(0, np.ones((1, 5))), 3), WindowSums(2, np.array([7.0]), -np.ones(1))
    state, ready = LevelState(np.zeros((9, 1)), np.zeros((4, 1)), np.zeros(1)), np.array([True])
    windows.open(0, 0, state, noise, ready)
    noise.factor_of_best[:] = 4.0
    windows.open(1, 0, state, noise, ready)
    windows.add(np.array([50.0]), np.array([30.0]), np.ones(1), ready)
    kept = WindowSums(1, np.array([7.0]), -np.ones(1))
    kept.adopt(windows, np.array([1]), np.array([0]))
    assert windows.scores(noise)[1][:, 0] == pytest.approx([1 / 50 + 0.01, 4 * (1 / 50 + 0.01)])
    assert kept.scores(noise)[1][0, 0] == pytest.approx(4 * (1 / 50 + 0.01))


def test_a_window_of_amounts_has_the_noise_of_today() -> None:
    """One large refund tells how large refunds are, and no rise."""
    noise = ResidualNoise(Panel(0, np.ones((1, 5)), counts=np.array([False])), 3)
    windows, ready = WindowSums(1, np.array([7.0]), -np.ones(1)), np.array([True])
    windows.open(0, 0, LevelState(np.zeros((9, 1)), np.zeros((4, 1)), np.zeros(1)), noise, ready)
    noise.factor_of_best[:] = 4.0
    windows.add(np.array([50.0]), np.array([30.0]), np.ones(1), ready)
    assert windows.scores(noise)[1][0, 0] == pytest.approx(4 * 0.01)


def test_a_drop_that_begins_earlier_holds_what_came_since() -> None:
    noise, windows = ResidualNoise(Panel(0, np.ones((1, 5))), 3), WindowSums(1, np.array([7.0]), -np.ones(1))
    counted = WindowSums(1, np.array([7.0]), -np.ones(1))
    state = LevelState(np.zeros((9, 1)), np.zeros((4, 1)), np.zeros(1))
    expected, actual = np.array([[50.0, 0.0, 0.7, 80.0]]), np.array([[40.0, 0.0, 50.0, 90.0]])
    counted.open(0, 2, state, noise, np.array([True]))
    for mean, came in zip(expected[0], actual[0], strict=True):
        counted.add(np.array([mean]), np.array([came]), np.ones(1), np.array([mean > 0]))
    days = WindowDays(expected=expected, actual=actual, exposure=(expected > 0).astype(float))
    windows.restart(np.array([0]), np.array([2]), state, days)
    assert (windows.began[0, 0], windows.days[0, 0], windows.exposure[0, 0]) == (2, 3, 3)
    windows._freedom[:], windows._link[:] = counted._freedom, counted._link
    assert np.array(windows.scores(noise)) == pytest.approx(np.array(counted.scores(noise)))


def test_what_is_a_part_of_a_product_has_a_price() -> None:
    figures = DropFigures.__new__(DropFigures)
    figures.catalogue = load()
    figures._measures = frozenset(figures.catalogue.measures)
    names = ("gmv", "clicks", "payment_rate", "violations")
    tested = [SimpleNamespace(metric=figures.catalogue.metric(name)) for name in names]
    figures._plan = cast(Any, SimpleNamespace(tested=tested))
    priced = [figures.is_priced(cast(Any, SimpleNamespace(test=index))) for index in range(len(names))]
    assert priced == [True, True, True, False]


@pytest.mark.parametrize(("name", "events", "exposure", "enough"), [
    ("ctr", 10, 56, True), ("ctr", 9, 56, False), ("ctr", 10, 55, False), ("clicks", 56, 0, True), ("clicks", 55, 0, False),
])  # fmt: skip
def test_how_much_of_eight_weeks_can_be_judged(name: str, events: int, exposure: int, enough: bool) -> None:
    values, under = np.zeros((1, 56)), np.zeros((1, 56))
    values[0, 7], under[0, 9] = events, exposure
    assert _plenty(load().metric(name), values, under if exposure else None).tolist() == [enough]


def test_findings_are_called_by_ten_digits() -> None:
    names = {finding_id("gmv", EVERYTHING, day) for day in range(50)}
    assert len(names) == 50
    assert {len(name) for name in names} == {10}


@pytest.mark.parametrize(("counts", "unit"), [(True, "count"), (False, "number")])
def test_a_share_without_a_root_costs_what_it_counts(monkeypatch: pytest.MonkeyPatch, counts: bool, unit: str) -> None:
    figures = DropFigures.__new__(DropFigures)
    tested = SimpleNamespace(metric=SimpleNamespace(unit="ratio", adds_events=counts))
    figures._plan, figures.catalogue = cast(Any, SimpleNamespace(tested=[tested])), load()
    figures._measures = frozenset()
    monkeypatch.setattr(DropFigures, "_own_share", lambda *_: 0.5)
    monkeypatch.setattr("core.detection.drop_figures.root_of", lambda _, own, __: own)
    cost = figures.cost(cast(Any, SimpleNamespace(test=0, expected=100.0, change=-40.0, exposure=500.0)))
    assert (cost.impact, cost.unit, cost.share) == (40.0, unit, 0.5)


@pytest.mark.parametrize(
    ("past", "usual", "after", "end"),
    [
        (14, 5.0, 3, 13), (13, 5.0, 3, 15), (14, 5.0, 2, 15), (14, 1.0, 15, 13), (14, 1.0, 14, 27),
    ],
)  # fmt: skip
def test_exports_end_where_three_days_and_fifteen_rows_are_missing(
    past: int, usual: float, after: int, end: int
) -> None:
    """A straggler on the last day moves no end; where too little is missing that day is the end."""
    rows = np.concatenate([np.full(past, usual), np.zeros(after - 1), [0.04 * usual]])
    assert _end(rows, 0) == end


@pytest.mark.parametrize(("share", "end"), [(0.4, 13), (0.5, 23)])
def test_a_day_with_half_of_the_usual_rows_says_that_exports_go_on(share: float, end: int) -> None:
    rows = np.concatenate([np.full(14, 20.0), np.zeros(9), [20.0 * share]])
    assert _end(rows, 0) == end
