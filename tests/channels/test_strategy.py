"""Groups and channels compared, against figures written out by hand."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.channels import strategy
from core.channels.channel_results import Strategy
from core.channels.strategy import _advice, _Cells, _channels, _groups, _reversals
from core.reports.channel_narrative import strategy_lines


def _cells(traffic: list[list[float]], gmv: list[list[float]], orders: list[list[float]]) -> _Cells:
    return _Cells(
        groups=tuple(Segment.of({"market": name}) for name in ("A", "B", "C")[: len(traffic)]),
        channels=("live", "search", "video")[: len(traffic[0])],
        traffic=np.array(traffic, float),
        gmv=np.array(gmv, float),
        orders=np.array(orders, float),
    )


def test_only_rows_that_name_group_and_channel_are_compared() -> None:
    """Of a market in live, a market without a channel, and live without a market, the first one alone."""

    def read(codes: list[list[int]]) -> _Cells:
        sums = {name: np.arange(1.0, 1 + len(codes)) for name in ("clicks", "gmv", "orders")}
        cube = SimpleNamespace(
            table=lambda *_: SimpleNamespace(codes=np.array(codes), sums=sums),
            values={"market": ("", "ID"), "channel": ("", "live")},
        )
        workspace: Any = SimpleNamespace(check_dimensions=lambda _: None, cube=lambda *_: cube)
        return strategy._read(workspace, Window(1, 7), EVERYTHING, ("market",), "clicks")

    cells = read([[1, 0], [0, 1], [1, 1]])
    assert ([str(where) for where in cells.groups], cells.channels) == (["market=ID"], ("live",))
    assert (cells.traffic.tolist(), cells.orders.tolist()) == ([[3]], [[3]])
    with pytest.raises(NotEnoughData, match="name market, channel together"):
        read([[1, 0], [0, 1]])


def test_groups_are_compared_at_the_mix_of_all() -> None:
    """Half of all traffic is in live; a unit there brings A 5 and B 4, in search 1 and 3."""
    first, second = _groups(_cells([[250, 750], [750, 250]], [[1250, 750], [3000, 750]], [[50, 40], [60, 30]]))
    assert (str(first.where), first.n) == ("market=B", 90)
    assert first.gmv_per_thousand == pytest.approx(3750)
    assert first.standardised == pytest.approx(1000 * (4 + 3) / 2)
    assert second.gmv_per_thousand == pytest.approx(2000)
    assert second.standardised == pytest.approx(1000 * (5 + 1) / 2)


def test_a_channel_that_a_group_does_not_use_has_the_pooled_value() -> None:
    groups = _groups(_cells([[1000, 0], [500, 500]], [[1000, 0], [500, 2000]], [[50, 0], [60, 30]]))
    by_name = {str(group.where): group.standardised for group in groups}
    assert by_name == pytest.approx(
        {"market=A": 1000 * (0.75 * 1 + 0.25 * 4), "market=B": 1000 * (0.75 * 1 + 0.25 * 4)}
    )


def test_a_gain_is_the_pooled_share_at_the_difference_of_values() -> None:
    cells = _cells([[100, 900], [900, 100]], [[1000, 1800], [900, 300]], [[200, 300], [31, 29]])
    rows = {(str(row.where), row.channel): row for row in _channels(cells)}
    assert rows.keys() == {("market=A", "live"), ("market=A", "search"), ("market=B", "live")}  # 29 order lines are few
    live = rows["market=A", "live"]
    assert (live.share, live.pooled_share, live.n) == (0.1, 0.5, 200)
    assert live.gmv_per_thousand == pytest.approx(10_000)
    assert live.group_gmv_per_thousand == pytest.approx(2_800)
    assert live.gain == pytest.approx(400 * (10 - 2))
    error = math.hypot(10 * math.sqrt(2 / 200), 2 * math.sqrt(2 / 300))
    half = (live.interval[1] - live.interval[0]) / 2
    assert half == pytest.approx(1.96 * 400 * error)
    assert sum(live.interval) / 2 == pytest.approx(live.gain)
    assert live.advice == "underused"
    assert rows["market=A", "search"].advice == "overused"


def test_traffic_is_called_what_it_is_counted_by_and_gmv_is_none() -> None:
    compared = Strategy(by=("market",), groups=(), channels=(), reversals=())
    (line,) = strategy_lines(compared, "paid_orders", "EUR")
    assert line == "At equal traffic mix, GMV in EUR per 1,000 paid orders by market:"
    workspace: Any = None  # nothing is read: GMV for GMV is 1 in every group
    with pytest.raises(NotEnoughData, match="some channels have GMV without impressions, clicks or orders"):
        strategy.strategy(workspace, Window(1, 7), EVERYTHING, ("market",), "gmv")


def test_advice_needs_order_lines_and_traffic_elsewhere() -> None:
    exactly = _cells([[100, 900], [900, 100]], [[1000, 1800], [900, 300]], [[30, 300], [300, 30]])
    assert len(_channels(exactly)) == 4
    assert _channels(_cells([[100, 0], [0, 900]], [[100, 0], [0, 900]], [[90, 0], [0, 90]])) == []
    uncounted = _channels(_cells([[100, 0], [50, 900]], [[100, 80], [0, 900]], [[90, 90], [0, 90]]))
    assert [(str(row.where), row.channel) for row in uncounted] == [("market=B", "search")]  # A sells there, unseen


def test_advice_takes_both_a_surplus_and_a_value_beyond_chance() -> None:
    assert _advice(-0.1, 3.0, 1.0) == "underused"
    assert _advice(0.1, -3.0, 1.0) == "overused"
    assert _advice(0.1, 3.0, 1.0) == _advice(-0.1, -3.0, 1.0) == "as_pooled"
    assert _advice(-0.1, 2.5, 1.0) == _advice(-0.04, 3.0, 1.0) == "as_pooled"
    assert _advice(-strategy._LEAST_GAP, strategy._Z99, 1.0) == "underused"
    assert _advice(strategy._LEAST_GAP, -strategy._Z99, 1.0) == "overused"


def test_a_reversal_is_ahead_in_all_and_behind_in_every_channel() -> None:
    orders = [[5000.0, 5000.0], [5000.0, 5000.0]]
    traffic = [[900.0, 100.0], [100.0, 900.0]]
    (reversal,) = _reversals(_cells(traffic, [[9000, 100], [1200, 1800]], orders))
    assert [str(segment) for segment in (reversal.ahead, reversal.behind)] == ["market=A", "market=B"]
    assert _reversals(_cells(traffic, [[9000, 300], [1200, 1800]], orders)) == []  # ahead in search too
    assert _reversals(_cells(traffic, [[9000, 100], [1200, 1800]], [[5.0, 5.0], [5.0, 5.0]])) == []  # chance
    same = [[500.0, 500.0], [500.0, 500.0]]
    assert _reversals(_cells(same, [[9000, 100], [9500, 900]], orders)) == []  # ahead and ahead
    single = [[900.0, 0.0], [100.0, 900.0]]
    assert _reversals(_cells(single, [[9000, 0], [1200, 1800]], orders)) == []  # one channel in common
