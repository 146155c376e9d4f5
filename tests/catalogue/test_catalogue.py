"""The catalogue: the contract's tree, the user's own metrics, and everything that does not fit."""

import math
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from core.base.errors import UsageError
from core.catalogue.metric_tree.metric_loader import load
from core.catalogue.metric_tree.metrics import Catalogue, Good
from core.reports.figures.number_format import figure

CONTRACT = {
    "ctr": "clicks / impressions",
    "click_to_order_rate": "orders / clicks",
    "payment_rate": "paid_orders / orders",
    "average_order_value": "gmv / paid_orders",
    "gpm": "gmv / impressions",
    "cart_rate": "add_to_carts / detail_views",
    "refund_rate": "refunded_orders / paid_orders",
    "seller_cancel_rate": "seller_cancelled_orders / orders",
    "late_dispatch_rate": "late_dispatches / due_dispatches",
    "late_delivery_rate": "late_deliveries / deliveries",
    "average_rating": "rating_sum / reviews",
    "negative_review_rate": "negative_reviews / reviews",
    "violations_per_1k_orders": "violations / orders",
}
BASE = (  # noqa: SIM905 - the contract's own line
    "impressions clicks detail_views add_to_carts orders units paid_orders gmv cancelled_orders seller_cancelled_orders "
    "due_dispatches late_dispatches deliveries late_deliveries refunded_orders refund_amount reviews rating_sum "
    "negative_reviews violations violation_points commission"
).split()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


ROUND = (
    '[metrics.a]\nformula = "clicks / orders"\nparent = "b"\n[metrics.b]\nformula = "orders / units"\nparent = "a"\n'
)


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "whydrop.toml"
    path.write_text(text)
    return path


def test_it_holds_the_promised_measures_and_metrics(catalogue: Catalogue) -> None:
    assert set(BASE) <= set(catalogue.measures)
    for key, ratio in CONTRACT.items():
        metric = catalogue.metric(key)
        assert f"{metric.numerator} / {metric.denominator}" == ratio
    assert catalogue.metric("gpm").scale == catalogue.metric("violations_per_1k_orders").scale == 1000


def test_gmv_comes_apart_into_the_promised_factors(catalogue: Catalogue) -> None:
    leaves = [leaf.key for leaf in catalogue.leaves("gmv", catalogue.measures)]
    assert leaves == ["impressions", "ctr", "click_to_order_rate", "payment_rate", "average_order_value"]
    sums = dict(
        zip(("impressions", "clicks", "orders", "paid_orders", "gmv"), (5e4, 900.0, 70.0, 61.0, 1234.5), strict=True)
    )
    assert math.prod(catalogue.metric(leaf).value(sums) for leaf in leaves) == pytest.approx(sums["gmv"], rel=1e-12)


def test_without_traffic_the_tree_stops_at_orders(catalogue: Catalogue) -> None:
    leaves = [leaf.key for leaf in catalogue.leaves("gmv", ["orders", "paid_orders", "gmv"])]
    assert leaves == ["orders", "payment_rate", "average_order_value"]


def test_a_ratio_is_nan_where_nothing_was_there(catalogue: Catalogue) -> None:
    value = catalogue.metric("ctr").value({"clicks": np.array([1.0, 0.0]), "impressions": np.array([4.0, 0.0])})
    assert value[0] == 0.25
    assert np.isnan(value[1])


def test_every_direction_has_a_sign_for_the_worse(catalogue: Catalogue) -> None:
    signs = {good: replace(catalogue.metric("gmv"), good=good) for good in get_args(Good)}
    assert {good: (metric.worse_sign, metric.watched_sign) for good, metric in signs.items()} == {
        "up": (-1, -1),
        "down": (1, 1),
        "neutral": (0, -1),
    }


def test_what_counts_single_events(catalogue: Catalogue) -> None:
    keys = ("impressions", "ctr", "gmv", "average_order_value", "commission_rate")
    assert [catalogue.metric(key).counts_events for key in keys] == [True, True, False, False, False]
    assert not replace(catalogue.metric("ctr"), unit="money").counts_events


def test_an_unknown_metric_is_told_with_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="Did you mean refund_rate"):
        catalogue.metric("refundrate")
    assert catalogue.metric("click-through rate").key == "ctr", "as screens call it"


def test_daily_measures_are_metrics(tmp_path: Path) -> None:
    path = own(tmp_path, '[metrics.comments_per_post]\nformula = "comments / posts"\nunit = "count"\ngood = "up"\n')
    catalogue = load(path, daily={"comments": "count", "posts": "count", "ctr": "ratio"})
    assert catalogue.metric("comments").good == "up"
    assert catalogue.metric("comments_per_post").value({"comments": 6.0, "posts": 3.0}) == 2.0
    assert catalogue.metric("ctr").is_ratio, "a daily column does not take the place of a metric"


def test_a_product_is_reduced_to_what_it_comes_to(tmp_path: Path) -> None:
    catalogue = load(own(tmp_path, '[metrics.order_rate]\nformula = "view_rate x buy_rate"\n'
                                   '[metrics.view_rate]\nformula = "detail_views / impressions"\n'
                                   '[metrics.buy_rate]\nformula = "orders / detail_views"\n'))  # fmt: skip
    metric = catalogue.metric("order_rate")
    assert f"{metric.numerator} / {metric.denominator}" == "orders / impressions"
    assert catalogue.metric("view_rate").parent == "order_rate"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[metrics.a]\nname = "A"\nformula = "click / impressions"\n', 3, "no base measure 'click'. Did you mean clicks"),
        ('[metrics.a]\nformula = "ctr x b"\n', 2, "no metric 'b'"),
        ('[metrics.a]\nformula = "a x ctr"\n', 2, "part of itself: a -> a"),
        ('[metrics.a]\nformula = "b x ctr"\n[metrics.b]\nformula = "a x ctr"\n', 2, "part of itself: a -> b -> a"),
        ('[metrics.a]\nformula = "impressions x ctr"\n', 2, "has the parent clicks already"),
        ('[metrics.a]\nformula = "clicks / orders"\nparent = "nobody"\n', 3, "no parent 'nobody'"),
        (ROUND, 3, "circle"),
        ('[metrics.a]\nformula = "clicks / orders"\ngood = "high"\n', 3, "one of up, down, neutral"),
        ('[metrics.a]\nformula = "clicks / orders"\nuint = "ratio"\n', 3, "Did you mean unit"),
        ('[metrics.a]\nformula = "clicks / orders"\nmature_after_days = -1\n', 3, "whole number of days"),
        ('[metrics.a]\nformula = "clicks / orders"\ncompared_after_days = true\n', 3, "whole number of days"),
        ('[measures.a]\ntaken_back = "no"\n', 2, "true or false"),
        ('[measures.a]\nwaits_for = "paid_at"\n', 2, "no field 'waits_for'"),
        ('[metrics.a]\nformula = "clicks / orders"\nparent = ["gmv"]\n', 3, "parent is a text in quotes"),
        ('[metrics.a]\nname = "A"\n', 1, "a formula is missing"),
        ('[metrics.ctr]\nformula = "clicks / orders"\n', 1, "in the catalogue already"),
        ('[metrics.a]\nformula = "payment_rate x cart_rate"\n', 2, "neighbours must cancel"),
        ('[measures.a]\nunit = "euros"\n', 2, "no unit 'euros'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_file_and_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = own(tmp_path, text)
    with pytest.raises(UsageError) as error:
        load(path)
    assert said in str(error.value)
    assert str(error.value).startswith(f"{path}:{line}: ")


def test_a_file_that_is_not_toml_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not TOML"):
        load(own(tmp_path, "[metrics.a\n"))


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("errors", "down"),
        ("error_rate", "down"),
        ("TicketsFailed", "down"),
        ("Returned items", "down"),
        ("cancellations", "down"),
        ("bounce_rate", "down"),
        ("late_parcels", "down"),
        ("sessions", "up"),
        ("returning_users", "up"),
        ("error_free_sessions", "up"),
        ("resolved complaints", "up"),
        ("latest_revenue", "up"),
        ("translated_pages", "up"),
        ("failover_capacity", "up"),
        ("return_on_ad_spend", "up"),
        ("late_night_orders", "up"),
        ("watch_time", "up"),
        ("response_time_ms", "down"),
        ("no_shows", "down"),
        ("invalid_taps", "down"),
        ("packet_loss", "down"),
        ("unanswered_calls", "down"),
        ("no_errors", "up"),
        ("breakdowns", "down"),
        ("uninstalls", "down"),
        ("unpaid_invoices", "down"),
        ("scraped_pages", "up"),
        ("Stornos", "down"),
        ("retouren_stück", "down"),
        ("annulations", "down"),
        ("devoluções", "down"),
        ("devoluciones", "down"),
        ("rimborsi", "down"),
        ("pembatalan", "down"),
        ("đơn_hủy", "down"),
        ("đơn_hoàn_thành", "up"),
        ("iade_adedi", "down"),
        ("zwroty", "down"),
        ("возвраты_шт", "down"),
        ("取消订单数", "down"),
        ("キャンセル数", "down"),
        ("취소_주문", "down"),
        ("จำนวนคำสั่งซื้อที่ยกเลิก", "down"),
    ],
)
def test_the_words_of_its_name_say_which_direction_of_a_daily_measure_is_good(name: str, good: Good) -> None:
    assert load(daily={name: "count"}).metrics[name].good == good


def test_settings_overrule_the_words_of_a_name(tmp_path: Path) -> None:
    path = own(tmp_path, '[measures.returns]\ngood = "up"\n')
    assert load(path, daily={"returns": "count"}).metrics["returns"].good == "up"


def test_ratios_of_counts_keep_their_decimals(catalogue: Catalogue) -> None:
    """15.2 and 14.9 units per order were 15 and 15, which had fallen by 2.1 %."""
    metrics = catalogue.metrics
    units = {key: metric.figure_unit for key, metric in metrics.items() if metric.figure_unit != metric.unit}
    assert units == {"units_per_order": "number", "violations_per_1k_orders": "number"}
    assert [figure(15.2, metrics[key].figure_unit) for key in ("units_per_order", "units")] == ["15.20", "15"]
