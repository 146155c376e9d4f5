"""The cube against sums written out in the plainest way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.days import Window
from core.base.errors import UsageError
from core.base.segment import Segment
from core.cube.cube import Cube, CubePart

VALUES = {"market": ("", "ID", "TH"), "channel": ("", "live", "video", "search")}
WINDOW = Window(100, 103)

rows = st.lists(
    st.tuples(st.integers(100, 103), st.integers(0, 2), st.integers(0, 3), st.integers(0, 50), st.integers(0, 9)),
    max_size=40,
)


def cube(traffic: list[tuple[int, ...]], orders: list[tuple[int, ...]]) -> Cube:
    def part(lines: list[tuple[int, ...]], *measures: str, channel: bool) -> CubePart:
        table = np.array(lines, dtype=np.int64).reshape(-1, 5)
        codes = {"market": table[:, 1].astype(np.int32)}
        if channel:
            codes["channel"] = table[:, 2].astype(np.int32)
        held = {name: table[:, 3 + i].astype(float) for i, name in enumerate(measures)}
        return CubePart(table[:, 0].astype(np.int32), codes, held)

    parts = (part(traffic, "impressions", "clicks", channel=True), part(orders, "gmv", channel=False))
    return Cube(WINDOW, VALUES, parts, {"gmv": 100})


@given(rows, rows)
def test_roll_ups_are_the_sums_of_their_rows(traffic: list[tuple[int, ...]], orders: list[tuple[int, ...]]) -> None:
    held = cube(traffic, orders)
    by = held.daily("clicks", ("market", "channel"))
    assert by.shape == (3, 4, 4)
    for market in range(3):
        for channel in range(4):
            for day in range(4):
                expected = sum(r[4] for r in traffic if (r[0] - 100, r[1], r[2]) == (day, market, channel))
                assert by[market, channel, day] == expected
    assert held.total("gmv") == sum(r[3] for r in orders) / 100
    assert held.totals("clicks", ("channel",)).sum() == held.total("clicks")


@given(rows, rows)
def test_tables_hold_each_combination_that_occurs_once(
    traffic: list[tuple[int, ...]], orders: list[tuple[int, ...]]
) -> None:
    table = cube(traffic, orders).table(("clicks", "gmv"), ("market", "channel"))
    occurring = sorted({(r[1], r[2]) for r in traffic} | {(r[1], 0) for r in orders})
    assert [tuple(codes) for codes in table.codes.tolist()] == occurring
    for codes, clicks, gmv in zip(table.codes.tolist(), table.sums["clicks"], table.sums["gmv"], strict=True):
        assert clicks == sum(r[4] for r in traffic if [r[1], r[2]] == codes)
        assert gmv == pytest.approx(sum(r[3] for r in orders if [r[1], 0] == codes) / 100)


@given(rows, st.sampled_from([1 << 22, 1]))
def test_sparse_and_dense_tables_agree(traffic: list[tuple[int, ...]], limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.cube.cube._DENSE_CELLS", limit)
        table = cube(traffic, []).table(("impressions",), ("channel", "market"), by_day=True)
    assert table.sums["impressions"].shape == (len({(r[2], r[1]) for r in traffic}), 4)
    assert table.sums["impressions"].sum() == sum(r[3] for r in traffic)


@given(rows, rows)
def test_a_segment_keeps_its_rows_and_no_others(traffic: list[tuple[int, ...]], orders: list[tuple[int, ...]]) -> None:
    held = cube(traffic, orders).where(Segment.parse("market=ID|TH,channel=live"))
    assert held.total("clicks") == sum(r[4] for r in traffic if r[1] in (1, 2) and r[2] == 1)
    assert held.total("gmv") == 0, "orders here know no channel, so none is known to be live"


def test_not_given_can_be_asked_for() -> None:
    held = cube([(100, 0, 1, 5, 2), (100, 1, 1, 7, 3)], [])
    assert held.where(Segment.of({"market": ""})).total("clicks") == 2


def test_a_narrower_window() -> None:
    held = cube([(100, 0, 1, 5, 2), (102, 1, 1, 7, 3)], []).between(Window(101, 103))
    assert held.daily("clicks").tolist() == [0, 3, 0]


def test_an_unknown_dimension_is_named() -> None:
    with pytest.raises(UsageError, match="Did you mean channel"):
        cube([], []).daily("clicks", ("chanel",))
