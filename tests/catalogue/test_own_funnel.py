"""The funnel of a shop whose daily counts are all that is known."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.base.segment import Segment
from core.catalogue import load
from core.catalogue.own_funnel import own_funnel
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


def test_a_fall_of_orders_is_told_as_such_and_costs_money(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    lines = [
        f"{date(2026, 7, 1) + timedelta(day)},{shop},{visits},{orders},{20 * orders}"
        for day in range(84)
        for shop in ("N", "S", "W")
        for visits in [int(rng.poisson(4000))]
        for orders in [int(rng.binomial(visits, 0.05 * (0.6 if shop == "S" and day >= 77 else 1)))]
    ]
    (tmp_path / "shop.csv").write_text("date,shop,visits,orders,gmv\n" + "\n".join(lines) + "\n")
    load_exports(tmp_path / "w.db", [tmp_path / "shop.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        (finding,) = scan_incidents(workspace, None, None, None, Segment()).findings
    assert (finding.metric, str(finding.where), finding.impact_unit) == ("orders_per_visit", "shop=S", "money")
    assert finding.impact == pytest.approx(
        7 * 4000 * 0.05 * 0.4 * 20, rel=0.15
    )  # 840 orders, by chance 29 more or less
