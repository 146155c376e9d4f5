"""Values that jump by a plain factor in one segment and back are faults of the export; campaigns and outages are none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window
from core.detection.quality.data_quality import issues
from core.detection.quality.jumps import value_jumps
from core.detection.quality.jumps.value_jumps import _is_more_events, _Jump
from core.detection.quality.jumps.weekly_excess import WeeklyExcess
from core.detection.quality.jumps.whole_jumps import _doubled
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

START, DAYS = date(2026, 1, 1), 84
MARKETS = ("ID", "MY", "TH", "VN")
MEASURES = ("visits", "sales", "revenue")
Figures = dict[str, np.ndarray]


def figures(seed: int = 4) -> Figures:
    """Three measures of four markets by day, each with its week and its noise; shape (markets, days)."""
    rng = np.random.default_rng(seed)
    week = 1 + 0.2 * np.sin(np.arange(DAYS) * 2 * np.pi / 7)
    level = np.array([9000.0, 7000, 5000, 4000])[:, None] * week * np.exp(0.03 * rng.standard_normal((4, DAYS)))
    visits = rng.poisson(level)
    sales = rng.poisson(0.2 * level)
    return {"visits": visits, "sales": sales, "revenue": np.round(sales * (20 + rng.standard_normal((4, DAYS))), 2)}


def lines(table: Figures, markets: tuple[str, ...] = MARKETS, days: range = range(DAYS)) -> str:
    rows = [
        f"{START + timedelta(day)},{market},{','.join(str(values[MARKETS.index(market), day]) for values in table.values())}"
        for day in days
        for market in markets
    ]
    return "\n".join([f"date,market,{','.join(table)}", *rows]) + "\n"


def jumps(folder: Path, table: Figures, again: str = "") -> list[QualityIssue]:
    """What the check says of a file of these figures; `again`: lines of it that were loaded under another name too."""
    for source, text in {"first": lines(table), "second": again}.items():
        if text:
            (folder / f"{source}.csv").write_text(text)
            load(folder / "w.db", [folder / f"{source}.csv"], as_kind="daily", allow_far_days=True, source=source)
    with Workspace.open(folder / "w.db") as workspace:
        return [issue for issue in issues(workspace) if issue.check == "value_jumps"]


def changed(factors: dict[str, float], days: slice, markets: slice = slice(2, 3)) -> Figures:
    table = figures()
    for name, factor in factors.items():
        table[name] = table[name].astype(float)
        table[name][markets, days] = np.round(table[name][markets, days] * factor, 2)
    return table


TWO_DAYS = slice(60, 62)


@pytest.mark.parametrize(("days", "told"), [(slice(60, 61), 0), (TWO_DAYS, 1)])
def test_where_nothing_else_is_counted_one_day_is_no_proof(tmp_path: Path, days: slice, told: int) -> None:
    table = changed({"revenue": 10.0}, days)
    assert len(jumps(tmp_path, {"revenue": table["revenue"]})) == told


@pytest.mark.parametrize(("off", "told"), [(0, 1), (1, 0)])
def test_ten_times_as_many_errors_are_another_unit_only_if_each_day_ends_in_a_nought(
    tmp_path: Path, off: int, told: int
) -> None:
    table = {**figures(), "errors": np.random.default_rng(5).poisson(400, (4, DAYS))}
    table["errors"][2, 80:84] = table["errors"][2, 80:84] * 10 + off
    assert len(jumps(tmp_path, table)) == told


@pytest.mark.parametrize(("factor", "status"), [(2.0, "warn"), (10.0, "fail"), (100.0, "fail"), (1000.0, "fail")])
@pytest.mark.parametrize("days", [slice(45, 46), TWO_DAYS, slice(82, 84)])
def test_a_measure_that_jumps_while_others_stand_still(tmp_path: Path, factor: float, status: str, days: slice) -> None:
    (issue,) = jumps(tmp_path, changed({"revenue": factor}, days))
    assert (issue.status, str(issue.where), issue.measures) == (status, "market=TH", {"revenue"})
    first = (START - date(1970, 1, 1)).days
    assert (issue.days.first - first, issue.days.last - first) == (days.start, days.stop - 1)
    assert f"{factor:g} times the usual" in issue.detail
    assert issue.detail.endswith("loaded twice?" if factor == 2 else "another unit?")


def test_rows_that_were_loaded_twice(tmp_path: Path) -> None:
    (issue,) = jumps(tmp_path, figures(), again=lines(figures(), ("VN",), range(60, 62)))
    assert (issue.status, str(issue.where), issue.measures) == ("fail", "market=VN", set(MEASURES))
    assert "so are its rows" in issue.detail


def test_a_market_that_doubles_in_an_export_of_one_measure(tmp_path: Path) -> None:
    (issue,) = jumps(tmp_path, {"sales": changed({"sales": 2.0}, TWO_DAYS)["sales"]})
    assert (issue.status, str(issue.where)) == ("warn", "market=TH")


def test_an_export_that_was_added_up_twice(tmp_path: Path) -> None:
    (issue,) = jumps(tmp_path, changed(dict.fromkeys(MEASURES, 2.0), slice(60, 64), slice(0, 4)))
    assert (issue.status, str(issue.where), issue.measures) == ("warn", "", set(MEASURES))
    first = (START - date(1970, 1, 1)).days
    assert (issue.days.first - first, issue.days.last - first) == (60, 63)
    assert issue.detail.endswith("in every segment alike and with all rates as usual: loaded twice?")


@pytest.mark.parametrize(
    ("days", "noise", "factor", "found"),
    [
        (slice(5, 9), 0.05, 2.0, True), (slice(5, 9), 0.05, 2.11, True), (slice(5, 9), 0.05, 2.14, False),
        (slice(5, 9), 0.085, 2.0, False), (slice(5, 14), 0.05, 2.0, True), (slice(5, 15), 0.05, 2.0, False),
        (slice(16, 20), 0.05, 2.0, False), (slice(5, 9), 0.05, 1.7, False),
    ],
)  # fmt: skip
def test_days_have_doubled_by_twice_within_the_noise_and_have_come_back(
    days: slice, noise: float, factor: float, found: bool
) -> None:
    """Of four days of a noise of .05 the factor is known to .025 (log): it is twice within .06, from 1.88 to 2.12."""
    change = np.zeros((1, 20))
    change[0, days] = np.log(factor)
    whole = excess(change.tolist(), noise)
    assert _doubled(whole, [whole, whole]) == (days if found else None)
    assert _doubled(whole, [whole]) is None, "one measure says nothing of rates"
    again = change.copy()
    again[0, 18 if days.start == 5 else 2] = 0.7
    assert _doubled(excess(again.tolist(), noise), [whole, whole]) is None, "it has such days by itself"


@pytest.mark.parametrize(("most", "told"), [(4, 1), (3, 0)])
def test_a_dimension_of_many_values_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, told: int
) -> None:
    monkeypatch.setattr(value_jumps, "_MOST_VALUES", most)
    assert len(jumps(tmp_path, changed({"revenue": 10.0}, TWO_DAYS))) == told


@pytest.mark.parametrize(("jump", "most"), [(0.5, 0.1), (-1.0, 0.15)])
def test_a_measure_stands_still_within_its_noise_or_a_part_of_the_jump(jump: float, most: float) -> None:
    """Four days of a noise of .1 each: two standard deviations of their mean are .1; .15 of a jump of one are more."""
    for size, still in ((most - 0.001, True), (most + 0.001, False)):
        change = np.full((1, 4), size)
        excess = WeeklyExcess(change, change, np.array([[0.05, 0.1, 0.1, 0.1]]))
        assert excess.still(0, slice(0, 4), jump) is still


def excess(change: list[list[float]], noise: float) -> WeeklyExcess:
    table = np.array(change)
    return WeeklyExcess(table, table, np.full(table.shape, noise))


def test_runs_of_one_to_five_unusual_days() -> None:
    """Unusual are 1.6 times as much (.47), or four standard deviations."""
    change = np.zeros((2, 20))
    change[0, [0, 5, 6, 7, 8, 9]] = change[1, 3:9] = 0.48
    change[1, [12, 19]] = 0.46, -0.48
    assert list(excess(change.tolist(), 0.1).runs(5)) == [
        (0, slice(0, 1)), (0, slice(5, 10)), (1, slice(19, 20)),
    ]  # fmt: skip
    assert [value for value, _ in excess([[0.0, 0.79, 0.0], [0.0, 0.81, 0.0]], 0.2).runs(5)] == [1]


@pytest.mark.parametrize(
    ("off", "noise", "factor"),
    [
        ([0.129], 0.05, 2.0), ([-0.129], 0.05, 2.0), ([0.131], 0.05, None), ([0.19, -0.19], 0.05, 2.0),
        ([0.21, -0.21], 0.05, None), ([0.129] * 4, 0.1, 2.0), ([0.131] * 4, 0.1, None), ([0.0], 0.173, 2.0),
        ([0.0], 0.174, None), ([0.0, np.nan], 0.05, None), ([np.log(5)], 0.05, 10.0), ([np.log(50)], 0.05, 100.0),
        ([np.log(500)], 0.05, 1000.0), ([np.log(1.5)], 0.05, None),
    ],
)  # fmt: skip
def test_a_plain_factor_is_met_within_the_noise(off: list[float], noise: float, factor: float | None) -> None:
    """Beyond twice: the mean within two standard deviations and 3 %, each day within four; noise of a quarter of it at most."""
    found = excess([[np.log(2) + more for more in off]], noise).plain_factor(0, slice(0, len(off)))
    assert found == factor


@pytest.mark.parametrize(
    ("others", "alone"),
    [
        ([0.14, 0.14, 0.16], True), ([0.14, 0.16, 0.16], False), ([0.14, 0.16], False), ([0.14], True), ([], False),
        ([-0.16, -0.16, 0.1], False), ([0.1, np.nan], True), ([np.nan], False),
    ],
)  # fmt: skip
def test_a_jump_is_alone_where_most_others_moved_by_less_than_a_seventh(others: list[float], alone: bool) -> None:
    table = excess([[1.0, 1.0], *([other, other] for other in others)], 0.1)
    assert value_jumps._alone(table, 0, slice(0, 2)) is alone


def test_every_measure_in_another_unit(tmp_path: Path) -> None:
    (issue,) = jumps(tmp_path, changed(dict.fromkeys(MEASURES, 1000.0), TWO_DAYS))
    assert (issue.status, issue.measures) == ("fail", set(MEASURES))


def one_large_order_a_fortnight() -> Figures:
    table = figures()
    table["revenue"][2, 5::14] *= 10.0
    return table


def crashes_of_a_version() -> Figures:
    """Some thirty a day, with days of half as many, rise eightfold in the last eight days, of which two have fewer."""
    table = figures()
    rng = np.random.default_rng(9)
    table["sales"] = rng.poisson(32 * np.exp(0.25 * rng.standard_normal((4, DAYS)))).astype(float)
    table["sales"][2, -8:] = np.round(32 * np.array([9.8, 4.0, 10.3, 9.5, 10.1, 3.9, 9.9, 10.2]))
    return {"visits": table["visits"], "sales": table["sales"]}


CALM: dict[str, Callable[[], Figures]] = {
    "nothing": figures,
    "a campaign of one market": lambda: changed({"visits": 2.0, "sales": 2.6, "revenue": 2.3}, TWO_DAYS),
    "a campaign that only brings visitors": lambda: changed(dict.fromkeys(MEASURES, 2.0), TWO_DAYS),
    "a campaign that sells more to visitors": lambda: changed(
        {"visits": 2.0, "sales": 2.5, "revenue": 2.5}, TWO_DAYS, slice(0, 4)
    ),
    "a campaign that most follow": lambda: changed(dict.fromkeys(MEASURES, 2.0), TWO_DAYS, slice(0, 3)),
    "a campaign everywhere": lambda: changed({"sales": 2.0, "revenue": 2.0}, TWO_DAYS, slice(0, 4)),
    "one large order now and then": one_large_order_a_fortnight,
    "half as much again": lambda: changed({"revenue": 1.5}, TWO_DAYS),
    "three times as much": lambda: changed({"revenue": 3.0}, TWO_DAYS),
    "an outage": lambda: changed({"sales": 0.1, "revenue": 0.1}, TWO_DAYS),
    "crashes of a version": crashes_of_a_version,
    "a new level": lambda: changed({"revenue": 2.0}, slice(50, 84)),
}


@pytest.mark.parametrize("name", CALM)
def test_what_the_world_does_is_no_fault_of_the_export(tmp_path: Path, name: str) -> None:
    assert jumps(tmp_path, CALM[name]()) == []


@pytest.mark.parametrize(("last", "more"), [(215.0, True), (210.0, False), (21.5, False)])
def test_ten_times_as_many_events_end_in_any_digit(last: float, more: bool) -> None:
    """Another unit of whole numbers ends in a nought on each day of the jump, its last one too; amounts tell nothing by it."""
    jump = _Jump(measures=("errors",), value=0, factor=10.0, with_rows=False, days=Window(103, 104))
    values = np.array([20.0, 21.0, 19.0, 200.0, last, 21.0])
    assert _is_more_events(values, jump, Window(100, 105)) is more
    assert not _is_more_events(values, replace(jump, factor=100.0), Window(100, 105))
