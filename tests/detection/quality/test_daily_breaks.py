"""Measures of daily exports that are counted otherwise in a segment since some day; what the world does is none of these."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.detection.quality.data_quality import issues
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

START, DAYS = date(2026, 1, 1), 60
PLANS = ("basic", "family", "team")
CHECKS = {
    "unit_jumps",
    "logging_loss",
    "inflated_counts",
    "frozen_values",
    "missing_slices",
    "partial_newest_day",
    "period_figures",
}
Figures = dict[str, np.ndarray]


def figures() -> Figures:
    """Sessions of three plans, a fifth of which are trials, half of these subscriptions at 9 to 11; shape (plans, days)."""
    wave = 1 + 0.1 * np.cos(np.arange(DAYS) * 2 * np.pi / 7)
    sessions = np.array([30000.0, 20000, 10000])[:, None] * wave
    sessions *= np.exp(0.02 * np.random.default_rng(5).standard_normal(sessions.shape))
    price = 10 + np.sin(np.arange(DAYS))
    return {
        "sessions": sessions,
        "trials": sessions / 5,
        "subscriptions": sessions / 10,
        "revenue": sessions / 10 * price,
    }


def found(folder: Path, table: Figures) -> list[QualityIssue]:
    lines = [f"date,plan,{','.join(table)}"]
    for day in range(next(iter(table.values())).shape[1]):
        for at, plan in enumerate(PLANS):
            cells = (f"{values[at, day]:.{2 * (name == 'revenue')}f}" for name, values in table.items())
            lines.append(f"{START + timedelta(day)},{plan},{','.join(cells)}")
    folder.mkdir(exist_ok=True)
    (folder / "daily.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "daily.csv"], as_kind="daily")
    with Workspace.open(folder / "w.db") as workspace:
        return [issue for issue in issues(workspace) if issue.check in CHECKS]


def changed(factors: dict[str, float], days: int, plans: slice = slice(1, 2)) -> Figures:
    table = figures()
    for name, factor in factors.items():
        table[name][plans, -days:] *= factor
    return table


@pytest.mark.parametrize(
    ("factor", "status"), [(0.01, "fail"), (0.001, "fail"), (1 / 7.46, "warn"), (0.5, None), (100.0, "fail")]
)
def test_an_amount_for_each_event_in_another_unit(tmp_path: Path, factor: float, status: str | None) -> None:
    told = found(tmp_path, changed({"revenue": factor}, 4))
    assert [issue.status for issue in told] == ([] if status is None else [status])
    for issue in told:
        assert (issue.check, issue.measures, str(issue.where)) == ("unit_jumps", {"revenue"}, "plan=family")
        assert len(issue.days) == 4
        assert "2026" in issue.detail
        assert "another currency or unit?" in issue.detail


def test_a_break_everywhere_is_said_once(tmp_path: Path) -> None:
    table = changed({"revenue": 0.01, "trials": 0.6}, 7, slice(None))
    seldom = {"chargebacks": (np.arange(3 * DAYS) % 5 == 2).reshape(3, DAYS).astype(float)}
    told = found(tmp_path, table | seldom)
    assert [(issue.check, str(issue.where)) for issue in told] == [("unit_jumps", ""), ("logging_loss", "")]
    assert "revenue/trials" in told[0].detail or "revenue/s" in told[0].detail, "not for each chargeback"


@pytest.mark.parametrize(
    ("factors", "told"),
    [
        ({"trials": 0.4}, ["trials"]),
        ({"subscriptions": 0.3}, ["subscriptions"]),  # what is paid for them came in
        ({"trials": 3.0, "subscriptions": 3.0, "revenue": 3.0}, []),  # a better offer
        ({"sessions": 3.0, "trials": 3.0, "subscriptions": 3.0, "revenue": 3.0}, []),  # a campaign
        ({"trials": 0.5, "subscriptions": 0.5, "revenue": 0.5}, []),
        ({"trials": 0.4, "subscriptions": 0.4, "revenue": 0.4}, []),  # the step fell, and all that follows it
        ({"subscriptions": 0.05, "revenue": 0.05}, []),
        ({"revenue": 0.05, "sessions": 0.05, "trials": 0.05, "subscriptions": 0.05}, []),  # an outage
    ],
)
def test_a_step_that_falls_alone_may_be_lost_in_counting(
    tmp_path: Path, factors: dict[str, float], told: list[str]
) -> None:
    issues_told = found(tmp_path, changed(factors, 5))
    assert [name for issue in issues_told for name in issue.measures] == told
    assert {(issue.check, issue.status, str(issue.where)) for issue in issues_told} <= {
        ("logging_loss", "warn", "plan=family")
    }


def test_a_first_step_with_fewer_events_than_came_of_it_was_not_recorded(tmp_path: Path) -> None:
    """Sessions of family are 20,000 a day, and its trials 4,000; with a third of the sessions there are still more of them."""
    (issue,) = found(tmp_path, changed({"sessions": 0.0}, 5))
    assert (issue.check, issue.status, issue.measures, str(issue.where)) == (
        "logging_loss", "warn", {"sessions"}, "plan=family",
    )  # fmt: skip
    assert (len(issue.days), issue.detail.split(" Before")[0]) == (
        5, f"sessions of plan=family: 0 since 25 Feb 2026, but {figures()['trials'][1, -5:].round().sum():,.0f} trials.",
    )  # fmt: skip
    assert found(tmp_path / "third", changed({"sessions": 0.34}, 5)) == []
    everywhere = found(tmp_path / "all", changed({"sessions": 0.05}, 1, slice(None)))
    assert [(issue.check, str(issue.where), len(issue.days)) for issue in everywhere] == [("logging_loss", "", 1)]


def test_a_step_that_counts_fewer_than_came_of_it_is_still_one(tmp_path: Path) -> None:
    """A tenth of the sessions are subscriptions, and a fiftieth trials: of 26 days before the last three it was a fifth, of two a
    fiftieth too, 18.7 % in all, of which .02 is 89 % less."""
    table = changed({"trials": 0.1}, 5)
    del table["revenue"]
    (issue,) = found(tmp_path, table)
    assert (issue.measures, str(issue.where)) == ({"trials"}, "plan=family")
    assert "trials/sessions is -89%" in issue.detail


def test_orders_of_one_market_in_cents(tmp_path: Path) -> None:
    """Lines of 19 to 21 in three markets; those of TH are 100 times less since four days, in all they are as many as before."""
    lines = ["order_id,ordered_at,market,gmv,paid_at"]
    for day in range(DAYS):
        for at, market in enumerate(("ID", "ID", "ID", "TH", "TH", "VN")):
            value = (20 + np.sin(day + at)) * (0.01 if market == "TH" and day >= DAYS - 4 else 1)
            stamp = f"{START + timedelta(day)}T1{at}:00:00"
            lines.append(f"O{day}-{at},{stamp},{market},{value:.2f},{stamp}")
    (tmp_path / "orders.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "orders.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        (issue,) = (issue for issue in issues(workspace) if issue.check == "unit_jumps")
    assert (issue.status, str(issue.where), issue.measures, len(issue.days)) == ("fail", "market=TH", {"gmv"}, 4)


@pytest.mark.parametrize(("factor", "plans", "where"), [(2.0, slice(1, 2), "plan=family"), (8.0, slice(None), "")])
def test_sessions_of_which_nothing_comes_may_be_robots(tmp_path: Path, factor: float, plans: slice, where: str) -> None:
    (issue,) = found(tmp_path, changed({"sessions": factor}, 7, plans))
    assert (issue.check, issue.status, issue.measures, str(issue.where)) == (
        "inflated_counts",
        "warn",
        {"sessions"},
        where,
    )
    assert float(issue.detail.split(" times as many since 23 Feb 2026")[0].split()[-1]) == pytest.approx(
        factor, rel=0.02
    )
    assert "no more trials came of them" in issue.detail


def test_an_offer_that_somebody_enlarges_is_no_inflated_count(tmp_path: Path) -> None:
    """Twice as many slots of family since six days, and as many of them are taken as before; visits would be told."""
    rng = np.random.default_rng(6)
    visits, taken = rng.poisson(900.0, (len(PLANS), DAYS)) * 1.0, rng.poisson(300.0, (len(PLANS), DAYS)) * 1.0
    slots = np.where(np.arange(DAYS) % 7 < 5, 900.0, 700.0) * np.ones((len(PLANS), 1))
    for values in (visits, slots):
        values[1, -6:] *= 2
    told = [[issue.check for issue in found(tmp_path, {"offers": own, "taken": taken})] for own in (slots, visits)]
    assert told == [[], ["inflated_counts"]]


@pytest.mark.parametrize(("days", "plans", "where"), [(3, slice(None), ""), (2, slice(0, 1), "plan=basic")])
def test_days_that_repeat_the_day_before_stand_still(tmp_path: Path, days: int, plans: slice, where: str) -> None:
    table = figures()
    for values in table.values():
        values[plans, -days:] = values[plans, -days - 1, None]
    (issue,) = found(tmp_path, table)
    assert (issue.check, issue.status, str(issue.where), len(issue.days)) == ("frozen_values", "fail", where, days)


def test_figures_that_are_the_same_each_day_are_no_frozen_feed(tmp_path: Path) -> None:
    assert found(tmp_path, {name: values * 0 + 5000 for name, values in figures().items()}) == []


def test_a_meter_that_is_read_and_shows_nothing_is_no_frozen_feed(tmp_path: Path) -> None:
    used = figures()["sessions"]
    used[0, -6:] = 0
    checks = [issue.check for issue in found(tmp_path, {"readings": used * 0 + 96, "used": used})]
    assert "frozen_values" not in checks


@pytest.mark.parametrize(
    ("left", "told"),
    [
        ((0.2, 0.5, 0.9), ["each in every measure"]),
        ((0.2, 1.0, 1.0), []),
        ((0.5, 0.5, 0.5), ["has about 50%"]),
        ((1.4, 1.2, 1.0), []),
    ],
)
def test_a_newest_day_that_ends_at_other_hours_is_told(
    tmp_path: Path, left: tuple[float, ...], told: list[str]
) -> None:
    table = figures()
    for values in table.values():
        values[:, -1] *= left
    details = [issue.detail for issue in found(tmp_path, table) if issue.check == "partial_newest_day"]
    assert [text in detail for text, detail in zip(told, details, strict=True)] == [True] * len(told)


@pytest.mark.parametrize(("length", "said"), [(7, "weeks"), (30, "months"), (9, None)])
def test_figures_of_periods_that_are_written_on_each_day_are_told(
    tmp_path: Path, length: int, said: str | None
) -> None:
    """1 January 2026 is a Thursday; to 10 May the figures of months change four times."""
    days = np.arange(130)
    blocks = {7: (days + 3) // 7, 30: np.searchsorted([31, 59, 90, 120], days, side="right"), 9: days // 9}
    values = np.random.default_rng(3).poisson(9000.0, (len(PLANS), 130)).astype(float)[:, blocks[length]]
    told = [issue.detail for issue in found(tmp_path, {"sessions": values})]
    assert [f"figures of {said}, written on each day" in detail for detail in told] == [True] * (said is not None)


@pytest.mark.parametrize("kind", ["one figure under four names", "sold out"])
def test_days_that_repeat_by_chance_are_no_frozen_feed(tmp_path: Path, kind: str) -> None:
    """Two days with nine orders, and all that is counted of them, repeat the day before in one run of 60; so do 40 rooms that
    are all taken."""
    rng = np.random.default_rng(1)
    orders = rng.poisson(9, (len(PLANS), DAYS)).astype(float)
    orders[0, -3:] = 9
    taken = np.minimum(rng.poisson(36.0, orders.shape), 40.0)
    taken[0, -5:] = 40
    tables = {
        "one figure under four names": dict.fromkeys(("orders_paid", "buyers", "invoices", "parcels"), orders),
        "sold out": {"rooms_taken": taken, "rooms_cleaned": taken},
    }
    assert [issue for issue in found(tmp_path, tables[kind]) if issue.check == "frozen_values"] == []


@pytest.mark.parametrize(
    ("days", "left", "just", "told"),
    [(1, 0, 100, True), (9, 0, 100, True), (9, 1, 100, False), (20, 0, 100, False), (9, 0, 5, False)],
)
def test_a_cell_that_brings_nothing_while_both_its_values_go_on(
    tmp_path: Path, days: int, left: int, just: int, told: bool
) -> None:
    """`just`: sessions of the cell on the three days before it is gone; a version that fades out has few."""
    rng = np.random.default_rng(7)
    lines = ["date,plan,site,sessions,trials"]
    for day in range(DAYS):
        for plan in PLANS:
            for site in ("north", "south"):
                gone = day - (DAYS - days) if (plan, site) == ("team", "south") else -DAYS
                sessions = left if gone >= 0 else rng.poisson(just if gone >= -3 else 100)
                lines.append(f"{START + timedelta(day)},{plan},{site},{sessions},{sessions // 5}")
    lines = [line for line in lines if not line.endswith(",0,0")]
    (folder := tmp_path / "cells").mkdir()
    (folder / "daily.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "daily.csv"], as_kind="daily")
    with Workspace.open(folder / "w.db") as workspace:
        issues_told = [issue for issue in issues(workspace) if issue.check in CHECKS]
    assert [(str(issue.where), issue.status, len(issue.days)) for issue in issues_told] == (
        [("plan=team,site=south", "warn", days)] if told else []
    )
