"""Sums by value, by week and by creator, counted by hand; a general move beside a cause."""

import numpy as np
import pytest

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load
from core.cube.cube import Cube, CubePart
from core.localization.single_table.localize import localize
from core.localization.with_history.actual_vs_expected import ActualVsExpected
from core.localization.with_history.leaf_history import leaf_history
from core.localization.with_history.leaf_rows import leaf_rows
from tests.localization.single_table.test_localize import GRID, table

CATALOGUE = load()
VALUES = {"market": ("", "ID", "TH"), "product_id": ("", "P1", "P2")}
PAST, NOW = Window(0, 27), Window(28, 34)


def cube(window: Window, clicks: tuple[float, float, float], orders: tuple[float, float]) -> Cube:
    """Each day clicks of nowhere, ID and TH on ten times as many impressions; orders of P1 in ID and P2 in TH, and no clicks of
    another market."""
    days = np.arange(window.first, window.last + 1, dtype=np.int32)
    n = len(days)
    market = {"market": np.tile(np.array([0, 1, 2], np.int32), n)}
    traffic = {"clicks": np.tile(clicks, n), "impressions": 10 * np.tile(clicks, n)}
    codes = {name: np.tile(np.array([1, 2], np.int32), n) for name in VALUES}
    return Cube(
        window,
        VALUES,
        (
            CubePart(np.repeat(days, 3), market, traffic),
            CubePart(np.repeat(days, 2), codes, {"orders": np.tile(orders, n)}),
        ),
    )


def compared() -> ActualVsExpected:
    (stock,) = leaf_rows([(cube(NOW, (1.0, 10.0, 30.0), (2.0, 3.0)), cube(PAST, (0.0, 20.0, 30.0), (2.0, 4.0)))])
    now = np.arange(len(stock.days)) >= len(PAST)
    return ActualVsExpected(
        baseline=Baseline("expected", PAST), stock=stock, now=now, held=~now, weights=np.where(now, 0.0, 0.25)
    )


def by(measure: str, dimension: str) -> list[list[float]]:
    return [side.tolist() for side in compared().by(measure, dimension)]


def test_sums_by_value() -> None:
    assert by("clicks", "market") == [[7, 70, 210], [0, 140, 210]]
    assert by("orders", "product_id") == [[0, 14, 21], [0, 14, 28]]
    assert by("clicks", "product_id") == [[287, 0, 0], [350, 0, 0]], "clicks know no product"


def test_what_measures_can_be_sliced_by_together() -> None:
    assert compared().slices(["orders"]) == ("market", "product_id")
    assert compared().slices(["clicks", "orders"]) == ("market",)
    inside = compared().where(Segment.parse("market=ID"))
    assert inside.sums[0] == {"clicks": 70, "impressions": 700, "orders": 14}
    assert inside.slices(["orders"]) == ()


def test_weeks_of_a_metric_and_of_a_rate() -> None:
    clicks = leaf_history(CATALOGUE.metric("clicks"), compared(), ("market",))
    assert clicks.weeks.shape == (4, 3)
    assert clicks.weeks.tolist() == [[0, 140, 210]] * 4
    assert (clicks.length, clicks.event, clicks.trials) == (7, 1.0, None)
    rate = leaf_history(CATALOGUE.metric("ctr"), compared(), ("market",))
    assert rate.trials is not None
    assert rate.trials.tolist() == [70, 700, 2100]
    assert rate.expected[1:] == pytest.approx([70, 210])
    assert np.isfinite(rate.usual).all()


def test_leaves_and_segments_of_the_same_rows() -> None:
    leaves = compared().leaves(("orders",), ("market", "product_id"))
    assert leaves.same(Segment.parse("market=ID"), Segment.parse("product_id=P1"))
    assert not leaves.same(Segment.parse("market=ID"), Segment.parse("product_id=P2"))
    assert leaves.totals(leaves.inside(Segment.parse("market=TH"))) == ({"orders": 21}, {"orders": 28})


@pytest.mark.parametrize("general", [0.7, 1.0, 1.4])
@pytest.mark.parametrize("cause", [0.5, 1.8])
def test_a_cause_beside_a_general_move(general: float, cause: float) -> None:
    rng = np.random.default_rng(23)
    forecast = rng.lognormal(4, 1, len(GRID))
    actual = forecast * general * (1 + 0.04 * rng.standard_normal(len(GRID)))
    actual[(GRID[:, 1] == 2) & (GRID[:, 0] == 1)] *= cause
    found = localize(table(GRID, actual, forecast)).segments
    assert [one.where.to_dict() for one in found] == [{"market": "market1", "channel": "channel2"}]
