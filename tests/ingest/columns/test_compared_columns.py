"""Columns of a period before, of plans and of differences: kept, and in no total."""

from pathlib import Path

import pytest

from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import loads, table


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("Day,Total sales,Total sales (previous_period)", {"total_sales"}),
        ("Fecha,Visitas,Visitas (período anterior)", {"visitas"}),
        ("日期,访客数,访客数(去年同期)", {"visitors"}),
        ("Date,Actual orders,Target orders", {"actual_orders"}),
        ("Date,Revenue,Budget", {"revenue"}),
        ("Fecha,Pedidos,Meta", {"orders"}),
        ("Data,Pedidos,Meta de pedidos", {"orders"}),
        ("Fecha,Google,Meta", {"google", "meta"}),
        ("Date,Searches,Meta", {"searches", "meta"}),
        ("Datum,Bestellungen,Soll", {"orders"}),
        ("Dato,Salg,Cel", {"sales", "cel"}),
        ("Date,Sales,Returns", {"sales", "returns"}),
        ("Date,Metered MWh,Forecast", {"metered_mwh"}),
        ("Date,Metered MWh,Forecast load", {"metered_mwh"}),
        ("Date,Forecast load,Forecast price index A", {"forecast_load"}),
        ("Datum,Verbrauch,Prognose Last", {"verbrauch"}),
        ("Date,Attendance,Goal attempts", {"attendance", "goal_attempts"}),
        ("Date,Plan A,Plan B", {"plan_a", "plan_b"}),
        ("Date,Units produced,Units planned", {"units_produced"}),
        ("Date,Card,iDEAL", {"card", "ideal"}),
    ],
)
def test_what_only_compares_is_in_no_total(tmp_path: Path, header: str, kept: set[str]) -> None:
    loads(tmp_path, table(header, 12, lambda n, day: f"{day},{100 + n},{90 + n * n}"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert set(workspace.measures) == kept


@pytest.mark.parametrize(
    "header",
    [
        "Date,Walmart sales,Target sales,Amazon sales",
        "Date,Market orders,Limit orders,Stop orders",
        "Date,Luxury rooms,Budget rooms,Single rooms",
        "Date,Premium users added,Budget users added,Note",
    ],
)
def test_kinds_of_one_thing_are_no_plans(tmp_path: Path, header: str) -> None:
    """Two others are called the same but for one word; of one other, the size tells: half of it is no plan."""
    note = header.endswith("Note")
    loads(tmp_path, table(header, 12, lambda n, day: f"{day},{203 + n * n},{101 + n},{'' if note else 190 + 3 * n}"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert len(workspace.measures) == 3 - note


@pytest.mark.parametrize(
    ("goal", "kept"), [("8", {"done"}), ("{0}0", {"done"}), ("{0}5", {"done"}), ("{0}7", {"done", "goal_of_calls"})]
)
def test_figures_that_somebody_set_are_no_figures_of_a_day(tmp_path: Path, goal: str, kept: set[str]) -> None:
    loads(tmp_path, table("Date,Done,Goal of calls", 12, lambda n, day: f"{day},{90 + n * n},{goal.format(n)}"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert set(workspace.measures) == kept


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("Data,Vendas,Meta Ads,Gasto Meta", {"sales", "meta_ads", "gasto_meta"}),
        ("Data,Vendas,Meta de vendas,Google", {"sales", "google"}),
        ("Fecha,BR,PY,AR", {"br", "py", "ar"}),
        ("Date,Sales,PY,LY", {"sales"}),
    ],
)
def test_networks_are_no_goals_and_countries_are_no_years(tmp_path: Path, header: str, kept: set[str]) -> None:
    loads(tmp_path, table(header, 12, lambda n, day: f"{day},{103 + n * n},{5 * n * n + 20},{5 * (n * 7 % 5) + 40}"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert set(workspace.measures) == kept


def test_a_difference_of_two_columns_is_in_no_total(tmp_path: Path) -> None:
    rows = table(
        "Date,Visits,Visits last year,Difference", 12, lambda n, day: f"{day},{100 + n},{90 + n * n},{10 + n - n * n}"
    )
    report = loads(tmp_path, rows)
    assert "only compare: visits_last_year, difference" in report.files[0].notes[-1]
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert set(workspace.measures) == {"visits"}


def test_a_change_that_is_counted_for_itself_adds_up(tmp_path: Path) -> None:
    loads(tmp_path, table("Date,Followers gained,Net change", 12, lambda n, day: f"{day},{100 + n},{7 * n % 5}"))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert "net_change" in workspace.measures
