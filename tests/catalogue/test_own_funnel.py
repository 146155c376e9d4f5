"""The funnel of a shop whose daily counts are all that is known."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load
from core.catalogue.metric_tree.own_funnel import own_funnel
from core.explanation.explain import explain
from core.incidents.incident_scan import scan_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load as load_exports

RATIO = {"cvr": "orders / sessions"}


@pytest.mark.parametrize(
    ("counted", "products"),
    [
        ({"gmv", "orders"}, {"gmv": "orders x gmv_per_order"}),
        ({"sales", "orders", "sessions"}, {"sales": "orders x sales_per_order", "orders": "sessions x cvr"}),
        ({"gmv", "paid_orders", "orders", "visits"}, {"orders": "visits x orders_per_visit"}),
        ({"gmv", "paid_orders", "orders", "clicks"}, {}),
        ({"revenue", "sessions"}, {}),
    ],
)
def test_each_count_is_a_product_of_the_one_before(counted: set[str], products: dict[str, str]) -> None:
    assert {step.whole: step.formula for step in own_funnel(counted, RATIO)} == products
    catalogue = load(None, dict.fromkeys(counted, "count"), RATIO if "sessions" in counted else {}, funnel=counted)
    for whole, formula in products.items():
        assert catalogue.metrics[whole].factors == tuple(formula.split(" x "))


@pytest.mark.parametrize(
    ("own", "gmv", "orders"),
    [
        ('[metrics.cvr]\nformula = "orders/sessions"', "gmv_per_order", "cvr"),
        ('[metrics.percent]\nformula = "100 x orders / sessions"', "gmv_per_order", "orders_per_session"),
        ('[metrics.gmv_per_order]\nformula = "1000 x gmv / orders"', None, "orders_per_session"),
        ('[metrics.gmv_per_order]\nformula = "gmv / orders"\nparent = "sales"', None, "orders_per_session"),
        ('[metrics.sessions]\nformula = "orders + gmv"', "gmv_per_order", None),
        ('[measures.leads]\nformula = "sessions * rate"\n[metrics.rate]\nformula = "leads / sessions"', "gmv_per_order", None),
    ],
)  # fmt: skip
def test_the_funnel_leaves_alone_what_the_user_says_of_its_parts(
    tmp_path: Path, own: str, gmv: str | None, orders: str | None
) -> None:
    file = tmp_path / "whydrop.toml"
    file.write_text(own + "\n")
    daily = dict.fromkeys(("gmv", "orders", "sessions", "sales"), "count")
    metrics = load(file, daily, funnel=daily).metrics
    assert metrics["gmv"].factors == (("orders", gmv) if gmv else ("paid_orders", "average_order_value"))
    assert metrics["orders"].factors == (("sessions", orders) if orders else ("clicks", "click_to_order_rate"))


def test_whole_amounts_next_to_orders_are_no_counts_and_no_percentages() -> None:
    metrics = load(
        None, {"sales": "count", "orders": "count"}, {"aov": "sales / orders"}, funnel=("sales", "orders")
    ).metrics
    assert metrics["sales"].factors == ("orders", "aov")
    assert [metrics[key].unit for key in ("sales", "aov")] == ["number", "number"]
    assert load(None, {"sales": "count", "sessions": "count"}).metrics["sales"].unit == "count"


def test_what_the_user_does_not_say_of_a_measure_is_as_its_export_has_it(tmp_path: Path) -> None:
    (tmp_path / "whydrop.toml").write_text(
        '[measures.turnover]\nname = "T"\n[measures.returns]\ngood = "up"\n[measures.fails]\n'
    )
    units = {"turnover": "number", "returns": "count", "fails": "count"}
    metrics = load(tmp_path / "whydrop.toml", units).metrics
    assert [(metrics[key].unit, metrics[key].good) for key in units] == [
        ("number", "up"),
        ("count", "up"),
        ("count", "down"),
    ]


def shop(tmp_path: Path, columns: str, row: Callable[[np.random.Generator, float], Sequence[object]]) -> Path:
    """The workspace of three shops over 84 days, where fewer visits of shop S order in the last week; `row` has the columns of
    a shop's day, by the share of its visits that order."""
    rng = np.random.default_rng(2)
    lines = [
        f"{date(2026, 7, 1) + timedelta(day)},{name},{','.join(map(str, row(rng, share)))}"
        for day in range(84)
        for name in ("N", "S", "W")
        for share in [0.05 * (0.6 if name == "S" and day >= 77 else 1)]
    ]
    (tmp_path / "shop.csv").write_text(f"date,shop,{columns}\n" + "\n".join(lines) + "\n")
    load_exports(tmp_path / "w.db", [tmp_path / "shop.csv"])
    return tmp_path / "w.db"


def test_a_fall_of_orders_is_told_as_such_and_costs_money(tmp_path: Path) -> None:
    def row(rng: np.random.Generator, share: float) -> tuple[int, ...]:
        visits = int(rng.poisson(4000))
        orders = int(rng.binomial(visits, share))
        return visits, orders, 20 * orders, int(rng.poisson(30))

    own = '[metrics.bags]\nformula = "visits + orders"\ngood = "neutral"\n'
    (tmp_path / "whydrop.toml").write_text(own)  # also a column of the export, which is no measure then
    with Workspace.open(shop(tmp_path, "visits,orders,gmv,bags", row)) as workspace:
        assert set(workspace.measures) == {"orders", "gmv", "visits"}
        (finding,) = scan_incidents(workspace, None, None, None, Segment()).findings
    assert (finding.metric, str(finding.where), finding.impact_unit) == ("orders_per_visit", "shop=S", "money")
    assert finding.impact == pytest.approx(
        7 * 4000 * 0.05 * 0.4 * 20, rel=0.15
    )  # 840 orders, by chance 29 more or less


def test_fewer_orders_are_no_fall_of_their_value(tmp_path: Path) -> None:
    """Clicks are a column of zeros: what a place lost is counted in orders."""

    def row(rng: np.random.Generator, share: float) -> tuple[float, ...]:
        orders = int(rng.poisson(4000 * share))
        return 0, orders, round(20 * orders * float(rng.normal(0.99 if share < 0.05 else 1, 0.01)), 2)

    with Workspace.open(shop(tmp_path, "clicks,orders,gmv", row)) as workspace:
        (finding,) = scan_incidents(workspace, None, None, None, Segment()).findings
        answer = explain(workspace, "gmv_per_order", window=finding.window)
    assert (finding.metric, str(finding.where)) == ("orders", "shop=S")
    assert answer.change_pct == pytest.approx(-0.01 * 0.6 / 2.6, abs=0.005)
    assert not answer.is_drop


def test_clicks_that_are_loaded_later_are_a_step_of_the_funnel(tmp_path: Path) -> None:
    with Workspace.open(shop(tmp_path, "visits,orders,gmv", lambda rng, share: (4000, 200, 4000))) as workspace:
        assert workspace.catalogue.leaves("gmv", workspace.measures)[1].key == "orders_per_visit"
    (tmp_path / "traffic.csv").write_text("date,market,impressions,clicks\n2026-09-01,ID,1000,100\n")
    load_exports(tmp_path / "w.db", [tmp_path / "traffic.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        leaves = [leaf.key for leaf in workspace.catalogue.leaves("gmv", workspace.measures)]
    assert leaves == ["impressions", "ctr", "click_to_order_rate", "gmv_per_order"]
    assert workspace.catalogue.metrics["orders_per_visit"].parent == "orders", "a case may be about it"
