"""Checks of exports by hand: what is usual of a weekday, what a slice lacks, steps of ratios, days of rest."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window
from core.catalogue.metric_tree.metric_loader import load
from core.cube.cube import Cube, CubePart
from core.detection.distributions import deviance_score
from core.detection.forecast.maturity import age_for
from core.detection.forecast.panel_build import rest_days
from core.detection.forecast.state_space import WEEK
from core.detection.quality import measure_checks, ratio_steps
from core.detection.quality.newest_days import unfinished_day, unfinished_slice

CATALOGUE = load()


@pytest.mark.parametrize("days", [22, 30, 90])
def test_a_usual_day_is_the_median_of_its_weekday_in_eight_weeks(days: int) -> None:
    rows = np.random.default_rng(1).integers(5, 90, (3, days)).astype(float)
    for back in (0, 1, 6):
        end = days - 1 - back
        before = [end - WEEK * week for week in range(1, 9) if end - WEEK * week >= 0]
        usual = np.median(rows[:, before], axis=1)
        assert unfinished_slice._usual(rows, back) == pytest.approx(usual)
        assert unfinished_slice._log_ratio(rows, back) == pytest.approx(np.log((rows[:, end] + 0.5) / (usual + 0.5)))
        ratio = unfinished_day._log_ratios(rows, back + 1, WEEK)[back]
        if len(before) < 2:
            assert np.isnan(ratio).all()
        else:
            assert ratio == pytest.approx(np.log(np.maximum(rows[:, end], 0.01 * usual) / usual))


@pytest.mark.parametrize(
    ("level", "share", "lacks"), [(100, 0.4, True), (100, 0.62, False), (19, 0.1, False), (21, 0.1, True)]
)
def test_a_value_lacks_a_part_of_the_newest_day(level: float, share: float, lacks: bool) -> None:
    rng = np.random.default_rng(2)
    rows = np.vstack([np.full(60, level), np.full(60, 300), np.full(60, 200)]) * np.exp(rng.normal(0, 0.02, (3, 60)))
    rows[0, -1] = level * share
    assert unfinished_slice._lacking(rows) == ([0] if lacks else [])
    assert unfinished_slice._lacking(rows[:2]) == ([0] if lacks else [])
    assert unfinished_slice._lacking(rows[:1]) == []
    assert unfinished_slice._lacking(rows[:, -22:]) == []
    if lacks:
        assert unfinished_slice._lacking(rows[:, -23:]) == [0]
        fallen = rows.copy()
        fallen[:, -1] *= 0.5
        assert unfinished_slice._lacking(fallen) == [], "all others fell too"
        lasting = rows.copy()
        lasting[0, -2] = level * share
        assert unfinished_slice._lacking(lasting) == [], "it lacked the day before"
    usual = unfinished_slice._usual(rows, 0)
    others = rows.sum(axis=0) - rows
    relative = np.array(
        [unfinished_slice._log_ratio(rows, at) - unfinished_slice._log_ratio(others, at) for at in range(28)]
    )
    scatter = 1.4826 * np.median(np.abs(relative[1:] - np.median(relative[1:], axis=0)), axis=0)
    scatter = np.maximum(scatter, usual**-0.5)
    expected = usual * np.exp(unfinished_slice._log_ratio(others, 0))
    score = deviance_score(rows[:, -1], expected, (scatter * expected) ** 2, np.ones(3))
    assert bool(score[0] < -3.5) or not lacks


@pytest.mark.parametrize("fall", [0.3, 0.69, 0.75])
def test_measures_that_all_lack_a_part_of_the_newest_day(fall: float) -> None:
    rng = np.random.default_rng(3)
    daily = np.array([[100.0], [900], [0]]) * np.exp(rng.normal(0, 0.01, (3, 70)))
    daily[:, -1] *= fall
    left = unfinished_day._left(daily)
    assert left[:2] == pytest.approx(np.log(fall), abs=0.05)
    assert np.isnan(left[2])
    lasting = daily.copy()
    lasting[:, -2] *= fall
    assert (unfinished_day._left(lasting)[:2] == 0).all()
    noisy = np.array([[100.0]]) * np.exp(rng.normal(0, 0.5, (1, 70)))
    noisy[0, -1] = 60
    assert unfinished_day._left(noisy).tolist() == [0.0]
    for days, step in ((22, WEEK), (21, 1)):
        ratio, scatter = unfinished_day.day_ratios(daily[:, -days:])
        backs = range(1, 21 if step > 1 else days - 1)
        past = np.array([unfinished_day._log_ratios(daily[:, -days:], back + 1, step)[back] for back in backs])
        past = past[:, :2][np.isfinite(past[:, 0])]
        if len(past) >= WEEK:
            assert scatter[:2] == pytest.approx(1.4826 * np.median(np.abs(past - np.median(past, axis=0)), axis=0))
        assert np.isnan(ratio[0, :2]).all() == (len(past) < WEEK - (step == 1))


@pytest.mark.parametrize(
    ("shares", "sizes", "lacking"),
    [
        ((0.5, 0.5, 0.5, 1.0), (9, 9, 9, 26), [1, 2, 3]), ((0.5, 0.5, 0.5, 1.0), (9, 9, 9, 27), []),
        ((0.5, 0.5, 1.0, 1.0), (90, 90, 9, 9), []), ((0.5, 0.5, 0.72, 1.0), (9, 9, 9, 9), []),
        ((0.5, 0.5, 0.68, 1.0), (9, 9, 9, 9), [1, 2, 3]), ((0.5, 0.5, 0.3, 1.0), (9, 9, 9, 9), []),
        ((0.5, 0.5, 0.5, 1.2), (9, 9, 9, 9), []), ((0.5, 0.5, 0.5, 0.5), (9, 9, 9, 9), [1, 2, 3, 4]),
    ],
)  # fmt: skip
def test_most_values_lack_about_as_much_while_the_others_are_as_usual(
    shares: tuple[float, ...], sizes: tuple[int, ...], lacking: list[int]
) -> None:
    """Three at least, more than half of it all, each at most .7 of a usual day and within .35 (log) of the middle one."""
    daily = np.array([0, *sizes])[:, None] * (1000 + 10 * (-1.0) ** np.arange(70))
    daily[1:, -1] *= shares
    assert unfinished_day._lacking(daily).tolist() == lacking
    daily[1:, -2] *= shares
    assert unfinished_day._lacking(daily).tolist() == [], "it is a fall that goes on"


@pytest.mark.parametrize(
    ("newest", "known", "early"),
    [(14.0, 14, 6.0), (14.0, 13, 0.0), (18.0, 14, 0.0), (17.9, 14, 2.1), (np.nan, 14, 0.0)],
)
def test_orders_stop_two_hours_early_at_least(newest: float, known: int, early: float) -> None:
    before = np.r_[np.full(28 - known, np.nan), np.full(known, 20.0)]
    assert unfinished_day.hours_early(np.r_[before, newest]) == pytest.approx(early)
    assert unfinished_day.hours_early(np.r_[np.full(40, 3.0), before, newest]) == pytest.approx(early), "of the last 28"
    wide = np.r_[np.tile([19.0, 21], 14), newest]
    assert unfinished_day.hours_early(wide) == 0.0, "sixteen times the scatter"


def test_a_day_is_mature_at_its_age() -> None:
    refunds, views = CATALOGUE.metric("refund_rate"), CATALOGUE.metric("impressions")
    mature = refunds.mature_after_days

    def age(day: int, metric: Any = refunds, clock: Any = "order") -> int | None:
        workspace = cast(Any, SimpleNamespace(newest_clock=(1000 + 1) * 86_400))
        return age_for(workspace, metric, Window(day - 6, day), clock)[0]

    assert [age(1000 - back) for back in (mature - 1, mature, mature + 1)] == [mature - 1, None, None]
    assert (age(1000), age(1005)) == (0, 0)
    assert age(1000, views) is age(1000, clock="event") is None
    workspace = cast(Any, SimpleNamespace(newest_clock=(1000 + 1) * 86_400))
    for name, overdue in (("late_delivery_rate", True), ("refund_rate", False)):
        (note,) = age_for(workspace, CATALOGUE.metric(name), Window(994, 1000), "order")[1]
        assert "All days are compared at the same age." in note
        assert ("Parcels past their promised day" in note) is overdue


def test_a_step_of_a_ratio_and_how_sure_it_is() -> None:
    rng = np.random.default_rng(4)
    under = rng.integers(400, 600, 60).astype(float)
    above = rng.binomial(under.astype(int), 0.2).astype(float)
    above[-7:] *= 1.5
    before = ratio_steps.BEFORE
    past = slice(-7 - before, -7)
    found = ratio_steps.ratio_step(above, under, 7)
    assert found is not None
    rise = np.log(above[-7:].sum() / under[-7:].sum()) - np.log(above[past].sum() / under[past].sum())
    daily = np.log(above[past] / under[past])
    assert found == pytest.approx((rise, np.hypot(daily.std() / 7**0.5, (1 / above[-7:].sum()) ** 0.5)))
    few = above.copy()
    few[-7:] = [5, 5, 5, 5, 5, 5, 0]
    assert ratio_steps.ratio_step(few, under, 7) is not None, "thirty"
    few[-7] = 4
    assert ratio_steps.ratio_step(few, under, 7) is None
    gone = above.copy()
    gone[-7 - before : -7 - before // 2 + 1] = 0
    assert ratio_steps.ratio_step(gone, under, 7) is None


def cube(**measures: np.ndarray) -> Cube:
    days = len(next(iter(measures.values())))
    part = CubePart(np.arange(1000, 1000 + days, dtype=np.int32), {}, measures)
    return Cube(Window(1000, 1000 + days - 1), {}, (part,))


@pytest.mark.parametrize(("silent", "told"), [(20, True), (2, False)])
def test_a_measure_that_is_not_counted_yet_or_no_more(silent: int, told: bool) -> None:
    values = np.where(np.arange(60) % 5 == 0, 0.0, 9.0)
    values[:silent] = 0
    given = {"clicks": np.ones(60, bool)}
    found = list(measure_checks._instrumentation(cube(clicks=values), given))
    assert [issue.days for issue in found] == [Window(1000, 999 + silent + (silent % 5 == 0))] * told
    turned = list(measure_checks._instrumentation(cube(clicks=values[::-1].copy()), given))
    assert [issue.days for issue in turned] == [Window(1060 - silent - (silent % 5 == 0), 1059)] * told
    unasked = {"clicks": np.arange(60) >= silent}
    assert not list(measure_checks._instrumentation(cube(clicks=values), unasked)), "no rows gave it"
    assert not list(measure_checks._instrumentation(cube(clicks=0 * values), given))


@pytest.mark.parametrize(
    ("ads", "unnamed", "clicks", "told"),
    [
        (90, 0, 80, "10% of impressions come from sources without any clicks, most of them from ads"), (88, 0, 80, ""),
        (40, 50, 80, "10% of impressions come from sources without any clicks, most of them from the files that name no"),
        (90, 0, 0, ""),
    ],
)  # fmt: skip
def test_a_ratio_of_two_systems(ads: int, unnamed: int, clicks: int, told: str) -> None:
    """800 impressions of a search console, which has the clicks; more than a tenth of all come from others."""
    part = CubePart(
        np.full(3, 1000, np.int32), {"source": np.array([0, 1, 2], np.int32)},
        {"impressions": np.array([unnamed, ads, 800.0]), "clicks": np.array([0.0, 0, clicks])},
    )  # fmt: skip
    table = Cube(Window(1000, 1000), {"source": ("", "ads", "console")}, (part,))
    workspace = SimpleNamespace(
        measures=("impressions", "clicks"), kind_of=lambda _: "traffic", catalogue=CATALOGUE, dimensions=("source",),
        cube=lambda *_: table,
    )  # fmt: skip
    found = list(measure_checks._mixed_sources(cast(Any, workspace), Window(1000, 1000)))
    assert [(issue.measures, told in issue.detail) for issue in found] == [
        (frozenset({"clicks", "impressions"}), True)
    ] * bool(told)
    workspace.dimensions = ()
    assert list(measure_checks._mixed_sources(cast(Any, workspace), Window(1000, 1000))) == []


@pytest.mark.parametrize(("loss", "shift", "told"), [(0.5, 1.0, True), (0.97, 1.0, False), (0.5, 0.6, False)])
def test_a_middle_step_that_falls_while_the_next_rises_by_as_much(loss: float, shift: float, told: bool) -> None:
    rng = np.random.default_rng(6)
    first = rng.integers(9000, 11_000, 60).astype(float)
    middle, last = first * 0.3, first * 0.06
    middle[-7:] *= loss
    last[-7:] *= shift
    found = list(measure_checks.loss_issues(cube(a=first, b=middle, c=last), ("a", "b", "c"), []))
    assert [issue.measures for issue in found] == [frozenset({"b"})] * told
    if told:
        assert found[0].days.last == 1059
        assert "b/a is -50% and c/b +100%" in found[0].detail


@pytest.mark.parametrize(("weeks", "hits", "rests"), [(20, 0, True), (20, 1, True), (20, 2, False), (3, 0, True)])
def test_a_weekday_of_rest_has_hardly_any_rows(weeks: int, hits: int, rests: bool) -> None:
    given = np.ones((1, 7 * weeks), bool)
    given[0, 3::7] = False
    given[0, 3 + 7 : 3 + 7 * (hits + 1) : 7] = True
    assert rest_days(given)[0, -4] == rests
    assert not rest_days(given)[0, -5]
