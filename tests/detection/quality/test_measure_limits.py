"""What fires each check of measures, unfinished days and yearly closures, and what is just not enough."""

import re
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load
from core.cube.cube import Cube, CubePart
from core.detection.quality import measure_checks, ratio_steps
from core.detection.quality import yearly_closures as yearly
from core.detection.quality.data_quality import issues_affecting
from core.detection.quality.newest_days import late_measures
from core.detection.quality.newest_days.newest_cubes import orders_beside_traffic
from core.detection.quality.newest_days.unfinished_day import _late, share_that_came
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.yearly_closures import recurring_lows
from core.workspace.read.workspace import Workspace
from tests.detection.quality.profiles import profile

FIRST, DAYS = 700, 70
LAST = FIRST + DAYS - 1
CATALOGUE = load()
GIVEN = {"clicks": np.ones(DAYS, bool), "views": np.ones(DAYS, bool)}


def cube(**daily: np.ndarray) -> Cube:
    """Measures by market (all alike) and day."""
    days = len(next(iter(daily.values())))
    codes = np.repeat(np.array([1, 2, 3, 4], np.int32), days)
    at = np.tile(np.arange(FIRST, FIRST + days, dtype=np.int32), 4)
    parts = CubePart(at, {"market": codes}, {name: np.tile(column, 4) for name, column in daily.items()})
    values = {"market": ("", "ID", "TH", "VN", "MY")}
    return Cube(Window(FIRST, FIRST + days - 1), values, (parts,))


@pytest.mark.parametrize(
    ("first", "last", "every", "window"),
    [(4, 69, 1, (0, 3)), (2, 69, 1, None), (0, 60, 1, (61, 69)), (20, 69, 2, None),
     (34, 69, 2, (0, 33))],
)  # fmt: skip
def test_measures_that_were_not_counted_at_first_or_at_last(
    first: int, last: int, every: int, window: tuple[int, int] | None
) -> None:
    """Days that would all be 0 with a probability below 1e-9: four at .001 each, thirty at a half."""
    days = np.arange(DAYS)
    counted = (days >= first) & (days <= last) & ((days - first) % every == 0)
    issues = list(measure_checks._instrumentation(cube(clicks=counted * 5.0, views=np.ones(DAYS)), GIVEN))
    assert [issue.days for issue in issues] == (
        [] if window is None else [Window(FIRST + window[0], FIRST + window[1])]
    )


def test_days_without_a_row_that_gives_a_measure_tell_nothing_of_it() -> None:
    counted = np.arange(DAYS) < 60
    clicks = cube(clicks=counted * 5.0)
    assert len(list(measure_checks._instrumentation(clicks, {"clicks": np.ones(DAYS, bool)}))) == 1
    assert list(measure_checks._instrumentation(clicks, {"clicks": counted})) == []


def rates(days: int, *steps: float) -> list[np.ndarray]:
    """A funnel of 10,000 a day; the ratios of the last days are multiplied by the steps, wobbling by 1 %."""
    wobble = 1 + 0.01 * (-1.0) ** np.arange(49)
    late = np.arange(49) >= 49 - days
    columns = [np.full(49, 1e4)]
    for step in steps:
        columns.append(columns[-1] * 0.3 * wobble * np.where(late, step, 1.0))
    return columns


@pytest.mark.parametrize(
    ("fall", "rise", "days", "fires"),
    [
        (0.6, 1 / 0.6, 3, True), (0.6, 1 / 0.6, 7, True), (0.6, 1 / 0.6, 14, True), (0.87, 1 / 0.87, 7, True),
        (0.9, 1 / 0.9, 7, False), (0.6, 1.0, 7, False), (0.6, 1.3, 7, False), (0.6, 1.5, 7, True), (1.6, 0.6, 7, False),
    ],
)  # fmt: skip
def test_a_step_that_loses_events_which_the_next_still_sees(fall: float, rise: float, days: int, fires: bool) -> None:
    seen, clicks, orders = rates(days, fall, rise)
    table = cube(impressions=seen, clicks=clicks, orders=orders)
    issues = list(measure_checks.loss_issues(table, ("impressions", "clicks", "orders"), ["market"]))
    assert len(issues) == int(fires)
    for issue in issues:
        assert issue.measures == {"clicks"}
        assert issue.days.last == FIRST + 48
        assert len(issue.days) <= days
        assert "clicks are lost in counting" in issue.detail
        told = [int(figure) / 100 for figure in re.findall(r"([+-]\d+)%", issue.detail)]
        assert told == pytest.approx([fall - 1, rise - 1], abs=0.03)


@pytest.mark.parametrize(("step", "fires"), [(1.3, True), (1.27, False), (0.5, False)])
def test_a_rate_that_steps_alike_everywhere(step: float, fires: bool) -> None:
    orders, refunds = rates(7, step)
    table = cube(paid_orders=orders, refunded_orders=refunds)
    metric = CATALOGUE.metric("refund_rate")
    issues = list(measure_checks._definition(table, metric, ["market"]))
    assert [issue.days for issue in issues] == ([Window(FIRST + 42, FIRST + 48)] if fires else [])
    if fires:
        assert f"{step - 1:+.0%} in the last 7 days" in issues[0].detail
        apart = cube(paid_orders=orders, refunded_orders=refunds)
        market = apart.parts[0].codes["market"] == 2
        late = apart.parts[0].days >= FIRST + 42
        apart.parts[0].measures["refunded_orders"][market & late] /= step
        assert list(measure_checks._definition(apart, metric, ["market"])) == [], "one market did not"


def test_a_step_of_a_ratio_and_its_noise() -> None:
    numerator, denominator = np.full(40, 30.0), np.full(40, 100.0)
    numerator[-3:] = 60.0
    change, sd = ratio_steps.ratio_step(numerator, denominator, 3) or (0.0, 0.0)
    assert change == pytest.approx(np.log(2))
    assert sd == pytest.approx((1 / 180) ** 0.5)
    assert ratio_steps.ratio_step(numerator[-16:], denominator[-16:], 3) is None, "too few days before"
    assert ratio_steps.ratio_step(numerator[-17:], denominator[-17:], 3) is not None
    assert ratio_steps.ratio_step(numerator / 10, denominator, 3) is None, "18 events"


@pytest.mark.parametrize(
    ("share", "yesterday", "lacks"),
    [(0.5, 1.0, 0.5), (0.68, 1.0, 0.68), (0.72, 1.0, None), (0.5, 0.9, 0.5), (0.5, 0.6, None), (1.6, 1.0, None)],
)
def test_the_share_of_a_newest_day_that_came(share: float, yesterday: float, lacks: float | None) -> None:
    """A weekday counts twice as much as the others; a day that follows a low one is a fall that goes on."""
    usual = np.where(np.arange(57) % 7 == 0, 2e4, 1e4) * (1 + 0.005 * (-1.0) ** np.arange(57))
    usual[-1] *= share
    usual[-2] *= yesterday
    came = share_that_came(cube(visits=usual, calls=usual / 10), ("visits", "calls"))
    assert came == (None if lacks is None else pytest.approx(lacks, rel=0.04))
    apart = cube(visits=usual)
    market = (apart.parts[0].codes["market"] == 1) & (apart.parts[0].days == FIRST + 56)
    apart.parts[0].measures["visits"][market] /= share
    assert share_that_came(apart, ("visits",)) is None, "one of four markets is whole"
    assert share_that_came(cube(visits=usual[-21:]), ("visits",)) is None, "no weekday is known twice"


@pytest.mark.parametrize(
    ("shares", "late"),
    [
        ((0.7, 0.35), (2, 0.35)),
        ((0.85, 0.7, 0.35), (3, 0.35)),
        ((0.35,), None),
        ((0.35, 0.35), None),
        ((0.9, 0.8, 0.7, 0.6, 0.5, 0.4), None),
    ],
    ids=["two days", "three", "one", "as much of both", "six"],
)
def test_a_measure_of_which_more_is_to_come_while_another_is_as_usual(
    shares: tuple[float, ...], late: tuple[int, float] | None
) -> None:
    usual = 1e4 * (1 + 0.01 * (-1.0) ** np.arange(57))
    orders = usual / 10
    orders[-len(shares) :] *= shares
    found = late_measures._late(cube(visits=usual, orders=orders), ("visits", "orders"))
    assert found == (late and (("orders",), late[0], pytest.approx(late[1], rel=0.05)))


@pytest.mark.parametrize(
    ("shares", "late"),
    [
        ((0.8, 0.4), (2, 0.4, False)),
        ((0.8, 0.5, 0.2), (3, 0.2, False)),
        ((0.5, 0.5), (2, 0.5, True)),
        ((0.6, 0.6), None),
        ((0.6, 0.55), None),
        ((0.5, 0.8), None),
    ],
)
def test_newest_days_of_which_more_is_to_come_the_newer_they_are(
    shares: tuple[float, ...], late: tuple[int, float, bool] | None
) -> None:
    """Rows that come in late leave a stair, or lack half of two days; a fall of more days alike is one of the world. Twelve
    complaints a day, of which 16 come, say nothing of either."""
    usual = 1e4 * (1 + 0.01 * (-1.0) ** np.arange(57))
    usual[-len(shares) :] *= shares
    complaints = 12.0 + 6 * (np.arange(57) % 3 - 1)
    complaints[-1] = 16
    found = _late(cube(visits=usual, calls=usual / 10, complaints=complaints), ("visits", "calls", "complaints"))
    assert found == (late and pytest.approx(late, rel=0.05))
    one_day = share_that_came(
        cube(visits=np.append(usual[:55], usual[-1]), complaints=np.append(complaints[:55], 16)),
        ("visits", "complaints"),
    )
    assert one_day == (pytest.approx(shares[-1], rel=0.05) if shares[-1] < 0.7 else None)


def test_days_that_are_low_every_year() -> None:
    days = np.arange(4 * 366)
    year = days % 365.25
    for shift, known in ((0, range(197, 210)), (6, range(203, 210)), (14, range(0))):
        first = 200 + shift * (days > 731)
        lows = recurring_lows(np.where((days < 1096) & (year >= first) & (year < first + 7), 40.0, 100.0), 1096)
        assert abs(int(lows.sum()) - len(known)) <= 1, "within three days of the low days of each year before"
        assert set(np.flatnonzero(lows)) <= set(range(min(known, default=0) - 1, max(known, default=-2) + 2))
    exact = np.full(1010, 100.0)
    exact[[1000 - 365, 1000 - 730]] = 59.9
    assert np.flatnonzero(recurring_lows(exact, 990)).tolist() == [7, 8, 9, 10, 11, 12, 13]
    exact[1000 - 365] = 60.1
    assert not recurring_lows(exact, 990).any(), "three fifths of its weekday are not low"
    once = np.where((year >= 200) & (year < 207) & (days > 731), 40.0, 100.0)
    assert not recurring_lows(once, 1096).any(), "one year of two"
    restless = np.where(np.random.default_rng(1).random(len(days)) < 0.2, 40.0, 100.0)
    assert not recurring_lows(restless, 1096).any(), "low at all times"


def test_what_an_issue_touches() -> None:
    where = Segment.parse("market=ID|TH")
    by_kind = QualityIssue("a", "fail", "", Window(10, 20), frozenset({"orders"}), where=where)
    by_measure = QualityIssue("b", "fail", "", Window(10, 20), measures=frozenset({"clicks"}))
    everything = QualityIssue("c", "fail", "", Window(10, 20))
    kinds = {"clicks": "traffic", "orders": "orders"}
    workspace = cast(Workspace, SimpleNamespace(kind_of=kinds.get))

    def touching(window: Window, measure: str, segment: str = "") -> str:
        issues = (by_kind, by_measure, everything)
        return "".join(
            issue.check for issue in issues_affecting(issues, workspace, window, [measure], Segment.parse(segment))
        )

    assert touching(Window(20, 30), "orders") == "ac"
    assert touching(Window(21, 30), "orders") == touching(Window(1, 9), "clicks") == ""
    assert touching(Window(1, 10), "clicks") == "bc"
    assert (
        touching(Window(15, 15), "orders", "market=TH|VN") == touching(Window(15, 15), "orders", "channel=live") == "ac"
    )
    assert touching(Window(15, 15), "orders", "market=VN") == "c"


def test_the_newest_eight_weeks_are_searched_for_yearly_lows(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Window] = []

    def low(_: Workspace, measure: str, days: Window) -> np.ndarray:
        asked.append(days)
        return np.isin(np.arange(days.first, days.last + 1), [1094, 1096]) & (measure == "clicks")

    monkeypatch.setattr(yearly, "yearly_closures", low)
    workspace = cast(Workspace, SimpleNamespace(measures=("clicks", "views")))
    (issue,) = yearly.closure_issues(workspace, Window(1000, 1100))
    assert (issue.days, issue.measures, issue.status) == (Window(1094, 1096), {"clicks"}, "warn")
    assert asked == [Window(1044, 1100)] * 2
    assert len(list(yearly.closure_issues(workspace, Window(1090, 1100)))) == 1
    assert asked[-1] == Window(1090, 1100)


@pytest.mark.parametrize(
    ("shares", "clicks", "told"),
    [
        ((0.8, 0.6, 0.3), 1.0, 3), ((0.6, 0.3), 1.0, 2), ((0.3,), 1.0, 0), ((0.3, 0.3, 0.3), 1.0, 0), ((0.9, 0.8, 0.72), 1.0, 0),
        ((0.8, 0.6, 0.3), 0.3, 0),  # nobody came
    ],
)  # fmt: skip
def test_orders_that_arrive_late_are_too_few_for_their_visits(
    shares: tuple[float, ...], clicks: float, told: int
) -> None:
    wobble = 1 + 0.01 * (-1.0) ** np.arange(DAYS)
    visits, orders = 5000 * wobble, 300 * wobble[::-1]
    orders[-len(shares) :] *= shares
    visits[-len(shares) :] *= clicks
    table = cube(clicks=visits, orders=orders)
    kinds = {"clicks": "traffic", "orders": "orders"}
    workspace = SimpleNamespace(
        measures=tuple(kinds), kind_of=kinds.get, dimensions=("market",), cube=lambda *_: table
    )  # fmt: skip
    asked = profile("orders", rows=4 * orders)
    newest = orders_beside_traffic(cast(Workspace, workspace), asked, Window(FIRST, LAST))
    issues = list(late_measures.late_measure_issues(newest))
    assert [issue.days for issue in issues] == [Window(LAST - told + 1, LAST)] * bool(told)
    for issue in issues:
        assert issue.status == "warn"
        assert issue.touches(Window(LAST, LAST), frozenset({"gmv"}), frozenset({"orders"}), Segment())
    assert not list(orders_beside_traffic(cast(Workspace, workspace), asked, Window(FIRST, LAST + 1))), "orders stopped"
