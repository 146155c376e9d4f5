"""Which days count: those that rows give, that a panel has, that are old enough."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window
from core.catalogue.metric_tree.metric_loader import load
from core.detection import expected_values, scan_plan
from core.detection.drop_figures import DropFigures
from core.detection.forecast.panel import CLOSED
from core.detection.quality import measure_checks

CATALOGUE = load()


def test_a_measure_is_given_on_days_on_which_some_row_gives_it() -> None:
    shares = {"orders": np.array([0.0, 0.5, np.nan, 1.0])}
    profile = SimpleNamespace(
        kinds=("daily", "orders"), spans={"daily": Window(102, 105)}, given_by_day=lambda _: shares
    )
    given = measure_checks._given_days(cast("Any", profile), Window(100, 107))
    assert {name: np.flatnonzero(days).tolist() for name, days in given.items()} == {"orders": [3, 5]}


@pytest.mark.parametrize(("last", "open_days"), [(109, 9), (110, 8), (111, 8), (99, 10)])
def test_days_on_which_a_series_was_closed_are_no_open_days(last: int, open_days: int) -> None:
    """A panel of the days 100 to `last`, closed on 105 and 110; a window of ten days from 101."""
    days = np.arange(100, last + 1)
    panel = SimpleNamespace(
        first=100, last=last, rests=np.zeros((7, 1)), known=np.where(np.isin(days, (105, 110)), CLOSED, 0)[None]
    )
    factors = expected_values._open(cast("Any", panel), Window(101, 110))
    assert factors.shape == (1, 10)
    assert factors.sum() == open_days
    if last >= 105:
        upto = SimpleNamespace(first=100, last=105, rests=panel.rests, known=panel.known[:, :6])
        assert expected_values._open(cast("Any", upto), Window(105, 114)).sum() == 9, "one day in common"


@pytest.mark.parametrize(("first", "enough"), [(100, True), (160, False)])
def test_days_too_young_for_a_metric_make_no_series_of_it(
    monkeypatch: pytest.MonkeyPatch, first: int, enough: bool
) -> None:
    """180 days, of which the last 20 are not old enough; something is counted from `first` on."""
    values = np.where(np.arange(180) >= first, 9.0, 0.0)[None]
    monkeypatch.setattr(scan_plan, "numerators", lambda *_: (values, None))
    metric = SimpleNamespace(scale=1.0, adds_events=True, per_event=True)
    entry = SimpleNamespace(metric=metric, slice_sums=None, delay=20)
    assert scan_plan._enough(cast("Any", entry), np.ones(180, bool)).tolist() == [enough]


def test_what_is_learnt_begins_half_a_year_before_at_a_block_of_four_weeks() -> None:
    days = Window(500, 510)
    assert scan_plan.days_learnt_from(Window(0, 1000), days) == Window(308, 510), "318 is 10 days into a block"
    assert scan_plan.days_learnt_from(Window(0, 505), days) == Window(308, 505)
    assert scan_plan.days_learnt_from(Window(400, 1000), days) == Window(400, 510)


def test_what_is_known_of_a_day_is_known_of_it_when_it_is_seen_later() -> None:
    states = np.array([[1.0, 2, 3, 4]])
    assert [scan_plan._later(states, days).tolist() for days in (0, 3)] == [[[1, 2, 3, 4]], [[0, 0, 0, 1]]]


@pytest.mark.parametrize(
    ("metric", "measures", "kind", "counted_of"),
    [
        ("refunded_orders", ("refunded_orders", "orders", "gmv"), "daily", ("orders",)),
        ("refunded_orders", ("refunded_orders", "orders", "gmv"), "orders", ()),
        ("refunded_orders", ("refunded_orders", "paid_orders"), "daily", ()),
        ("orders", ("refunded_orders", "orders", "clicks"), "daily", ()),
        ("refund_amount", ("refund_amount", "orders"), "daily", ()),
        ("refund_rate", ("refunded_orders", "paid_orders"), "daily", ()),
    ],
    ids=["cases", "not of a daily export", "a share tells more", "more is good", "an amount", "a rate"],
)
def test_what_cases_may_be_counted_of(
    metric: str, measures: tuple[str, ...], kind: str, counted_of: tuple[str, ...]
) -> None:
    workspace = SimpleNamespace(catalogue=CATALOGUE, measures=measures, kind_of=lambda _: kind)
    assert scan_plan.activity_of(cast("Any", workspace), CATALOGUE.metric(metric)) == counted_of


def test_only_dimensions_of_few_values_have_cells() -> None:
    cube = SimpleNamespace(values={"market": range(41), "channel": range(3), "seller_id": range(42)})
    groups = [(), ("market",), ("channel",), ("seller_id",)]
    assert scan_plan._cells(cast("Any", cube), groups) == [("market", "channel")], "forty, and what is not given"


@pytest.mark.parametrize(("days", "enough"), [(34, True), (33, False)])
def test_amounts_are_enough_on_three_fifths_of_the_days(days: int, enough: bool) -> None:
    values = np.where(np.arange(56) < days, 1e-6, 0.0)[None]
    assert scan_plan._is_much(values, False, 56.0).tolist() == [enough]


@pytest.mark.parametrize("row", [0, 1, -1])
def test_a_drop_of_any_series_has_its_own_shape(row: int) -> None:
    """What falls more and more is a ramp; a drop without a series, of which only the sum is known, is a step."""
    ramp = np.array([100.0, 95, 90, 85, 80, 75, 70, 65, 60, 55, 50, 45])
    panel = SimpleNamespace(first=100, values=np.stack([ramp, ramp]))
    figures = SimpleNamespace(
        _plan=SimpleNamespace(panel=panel, tested=(SimpleNamespace(delay=0),)),
        _detector=SimpleNamespace(expected=np.full((2, 12), 100.0)),
    )
    drop = SimpleNamespace(row=row, test=0, onset=101, last=111)
    assert DropFigures._shape(cast("Any", figures), cast("Any", drop)) == ("step" if row < 0 else "ramp")
