"""Levels, balances, windows and prices at the limits of what shows them."""

import numpy as np
import pyarrow as pa
import pytest

from core.catalogue.kinds import KINDS, CellType
from core.ingest.columns import levels, measure_ratios
from core.ingest.columns.column_profile import profiles
from core.ingest.columns.counters import DailySeries
from core.ingest.formats.batch import TextBatch
from core.ingest.mapping.column_plan import ColumnPlan, Plan

ROWS = np.arange(60)


def walk(growth: float, wave: float, rows: int = 60) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Figures that grow by a share a day and go up and down within sixty days."""
    days = np.arange(rows)
    return 1000 * np.exp(growth * days + wave * np.sin(2 * np.pi * days / 60))


@pytest.mark.parametrize(("earlier", "later", "near", "little"), [
    (97, 100, True, True), (96.9, 100, False, True), (95, 100, False, True), (94.9, 100, False, False),
    (105, 100, False, True), (105.1, 100, False, False), (9700, 10_000, True, True), (9699, 10_000, False, False),
    (103, 100, True, True), (103.1, 100, False, True), (24, 25, False, True), (22, 25, False, False),
])  # fmt: skip
def test_figures_that_are_near_each_other(earlier: float, later: float, near: bool, little: bool) -> None:
    """Three percent; of whole ones half of the square root."""
    pair = np.array([float(earlier)]), np.array([float(later)])
    assert (levels._are_near(*pair).tolist(), levels._vary_little(*pair)) == ([near], little)


def test_nearly_all_rows_are_forty_nine_of_fifty() -> None:
    for off, holds in ((0, True), (1, True), (2, False)):
        assert levels._holds(np.arange(50) >= off) == holds
    for steps, sizes, steady in ((20, 5, True), (19, 5, False), (20, 4, False)):
        earlier = np.full(steps, 1000.0)
        assert levels._is_long_steady(earlier, earlier + np.arange(steps) % sizes) == steady
    assert not levels._is_long_steady(np.full(20, 1000.0), 1000 + 40.0 * (np.arange(20) % 5))
    level = np.full(10, 100.0)
    for values, follows in ((90.0, True), (110.0, True), (89.9, False), (110.1, False)):
        assert levels.follows_level("free", np.full(10, values), [level / 2, level]) == follows
    assert not levels.follows_level("free", level[1:], [level[1:]]), "nine rows"
    assert not levels.follows_level("orders", level, [level])
    assert not levels.follows_level("free", level * 0, [level * 0])
    assert levels.follows_level("free", level / 200, [level / 200])
    for place, follows in ((39, True), (40, False)):
        assert levels.follows_level("free", level, [*[level / 2] * place, level]) == follows


def test_a_level_may_come_again_some_rows_later() -> None:
    for period, rows, is_level in ((4, 12, True), (4, 11, False), (5, 15, True), (40, 120, True), (41, 123, False)):
        values = 100.0 * (1 + np.arange(rows) % period * 7 % (period + 1))
        assert levels.is_level("members", values) == is_level, (period, rows)
    assert not levels.is_level("members", np.full(9, 5.0))
    assert not levels.is_level("members", np.r_[np.full(11, 5.0), 0.0])
    assert levels.is_level("members", np.full(12, 0.5))
    days = DailySeries.of_rows(60)
    assert levels.is_level("zorks", walk(0.0, 0.05), days)
    assert not levels.is_level("zorks", walk(0.0, 0.05)), "no days are known"
    assert not levels.is_level("zorks", walk(0.01, 0.0) * (1 + 0.001 * (-1.0) ** ROWS), days)
    assert not levels.is_level("orders", walk(0.0, 0.05), days)
    for values, hardly in (
        (walk(0.0, 0.05), True), (walk(0.0, 0.5), False), (walk(0.0, 0.05) - 1000, False),
        (np.where(ROWS == 30, 2000.0, walk(0.0, 0.05)), False),
    ):  # fmt: skip
        assert levels.hardly_changes(values, days) == hardly


def test_changes_of_a_stock_add_up_over_two_weeks() -> None:
    for growth, wave, rows, drifts in (
        (0.0, 0.01, 60, True), (0.02, 0.01, 60, True), (-0.02, 0.01, 60, True), (0.0, 0.01, 34, True), (0.0, 0.01, 33, False),
    ):  # fmt: skip
        assert levels._drifts(walk(growth, wave, rows), DailySeries.of_rows(rows)) == drifts, (growth, rows)
    noise = 1 + 0.001 * (-1.0) ** ROWS
    for growth in (0.0, 0.02, -0.02):
        assert not levels._drifts(walk(growth, 0.0) * noise, DailySeries.of_rows(60)), "what comes anew each day"


MOVES = np.array([3.0, -1, 4, 1, -5, 9, -2, 6, 5, 3, -5, 8])


def test_a_balance_moves_by_what_others_have() -> None:
    def left(moves: "np.ndarray[tuple[int], np.dtype[np.float64]]", **others: object) -> bool:
        figures = {"left": 100 + np.cumsum(moves), **{name: np.asarray(own, float) for name, own in others.items()}}
        return levels.is_balance("left", figures)

    assert left(MOVES, moved=MOVES)
    assert left(MOVES, moved=-MOVES), "each added or taken off"
    assert left(MOVES, moved=np.r_[MOVES[1:], 7.0]), "the figure before the row"
    assert not left(MOVES, moved=2 * MOVES)
    assert not left(MOVES)
    assert left(MOVES[:10], moved=MOVES[:10])
    assert not left(MOVES[:9], moved=MOVES[:9]), "nine rows"
    assert not left(np.where(ROWS[:12] % 4 == 1, 0, MOVES), moved=np.where(ROWS[:12] % 4 == 1, 0, MOVES)), (
        "eight changes"
    )
    assert left(MOVES, moved=np.r_[np.nan, MOVES[1:]])
    assert not left(np.r_[np.nan, MOVES[1:]], moved=MOVES)
    two = np.where(ROWS % 2, 4.0, -3.0)
    three = np.where(ROWS % 3, two, 9.0)
    assert [left(own, moved=own) for own in (two, three)] == [False, True], "changes of two sizes, and of three"
    for off, is_sum in ((0.005, True), (0.006, False)):
        assert left(MOVES + off, moved=MOVES) == is_sum
    half = np.where(ROWS[:12] % 2, MOVES[::-1], 0)
    assert left(MOVES + half, a=MOVES, b=half)
    assert left(half - MOVES, a=half, b=MOVES)
    assert not left(MOVES + half, a=MOVES, b=half[::-1])
    assert left(MOVES, moved=MOVES, none=np.zeros(12))
    assert not left(MOVES, none=np.zeros(12))
    assert not left(MOVES, change_from_previous_day=MOVES), "it is made of the figures"
    for rows, is_sum in ((10, True), (9, False)):
        rng = np.random.default_rng(rows)
        columns = rng.integers(1, 50, (5, rows + 1)).astype(float)
        assert levels._is_sum_of_moves(columns.sum(axis=0)[:rows], columns[:, :rows]) == is_sum, (
            "twice as many rows as columns"
        )


def test_what_is_filled_up_uncounted_goes_one_way() -> None:
    moves = np.r_[np.arange(1.0, 11.0), np.zeros(30)]
    filled = np.r_[np.arange(1.0, 11.0), np.full(30, 7.0)]
    assert levels._is_rest_one_way(filled, moves)
    assert levels._is_rest_one_way(np.r_[filled[:10], np.full(30, -7.0)], moves)
    assert not levels._is_rest_one_way(np.r_[filled[:10], np.tile([7.0, -7.0], 15)], moves)
    assert not levels._is_rest_one_way(np.r_[filled, 7.0], np.r_[moves, 0.0]), "ten of forty-one"
    assert not levels._is_rest_one_way(np.where(filled == 10, 9, filled), np.where(moves == 10, 9, moves)), "nine sizes"
    for off, holds in ((0.005, True), (0.006, False)):
        assert levels._is_rest_one_way(filled + np.r_[np.full(10, off), np.zeros(30)], moves) == holds


def test_a_window_is_nowhere_less_than_its_day() -> None:
    day = np.array([3.0, 4, 5])
    for name, daily, more, is_window in (
        ("weekly_users", "daily_users", 0, True), ("weekly_users", "daily_users", -1, False),
        ("28_days_users", "1_day_users", 5, True),
        ("28_day", "1_day", 0, True), ("weekly", "daily", 1, True), ("users", "daily_users", 9, False),
        ("weeklyusers", "dailyusers", 9, False),
        ("60_days_users", "daily_users", 9, False), ("weekly_users", "users", 9, False),
    ):  # fmt: skip
        assert levels.is_window(name, {name: day + more, daily: day}) == is_window, name
    assert not levels.is_window("weekly_users", {"weekly_users": day, "daily_users": np.array([3.0, 4, 6])})


def test_prices_of_a_session_lie_between_its_lowest_and_its_highest() -> None:
    close = 100 + 10 * np.sin(ROWS[:20].astype(float))
    opening = np.r_[100.0, close[:-1]]
    low, high = np.minimum(opening, close) - 1, np.maximum(opening, close) + 1
    session = {"open": opening, "high": high, "low": low, "close": close}
    found = levels.range_columns({**session, "adj_close": close, "adj": close * 3, "volume": close * 1000})
    assert found == {*session, "adj_close"}
    assert levels.range_columns({name: values[:10] for name, values in session.items()}) == {*session}
    assert not levels.range_columns({name: values[:9] for name, values in session.items()})
    assert not levels.range_columns({**session, "low": low / 2}), "less than half of the highest"
    assert not levels.range_columns({**session, "high": high * 0 + 90})
    assert not levels.range_columns({**session, "close": opening}), "one is never higher"
    for rows, crosses in (
        ([2, *[0] * 9], True),
        ([2, *[0] * 10], False),
        ([0, *[2] * 9], True),
        ([0, *[2] * 10], False),
        ([2, *[1] * 9], False),
    ):
        assert levels._cross(np.array(rows), np.ones(len(rows))) == crosses, "one row of ten each"
    assert levels._is_called_like("adj_close", "close")
    assert not levels._is_called_like("close", "close")
    apart = np.tile([100.0, 120.0], 10)
    for gap, goes_on in ((1.05, True), (1.2, False)):
        assert levels._carry_on(apart, np.r_[apart[1:], 100.0] * gap, None) == goes_on
    assert not levels._carry_on(apart[:1], apart[:1], None)


def test_the_beginning_of_a_series_and_its_pairs_of_steps() -> None:
    series = DailySeries.of(np.arange(30), [])
    assert series is not None
    begun = series.beginning(10)
    assert [len(part) for part in (begun.order, begun.is_step, begun.is_within)] == [10, 9, 9]
    assert [len(part) for part in begun.steps(np.arange(30.0))] == [9, 9]
    for rows, enough in ((22, True), (21, False)):
        own = DailySeries.of_rows(rows)
        pairs = own._pairs(np.arange(float(rows)) ** 2, 1)
        assert (pairs is not None) == enough, "twenty steps after another one"
        if pairs is not None:
            assert (pairs[0][:2].tolist(), pairs[1][:2].tolist()) == ([1, 3], [3, 5])
    rows = DailySeries.of_rows(23)
    steps = np.r_[np.ones(21), 2.0]
    for own in (steps, steps[::-1]):
        assert rows._correlation(np.r_[0, np.cumsum(own)], 1) is None, "one of both never changes"
    assert rows._correlation(np.r_[0, np.cumsum(np.tile([1.0, 2.0], 11))], 1) == pytest.approx(-1)
    assert rows._correlation(np.r_[0, np.cumsum(np.tile([1.0, 2.0], 11))], 2) == pytest.approx(1)


def test_moments_of_a_day() -> None:
    hours = range(24)

    def moments(**cells: list[str | None]) -> list[int] | None:
        texts = TextBatch({name: pa.array(own, pa.string()) for name, own in cells.items()}, np.arange(24))
        day = ColumnPlan("date", CellType.DAY, "Day")
        plan = Plan(KINDS["daily"], (day, ColumnPlan("visits", CellType.NUMBER, "Visits")), measures=("visits",))
        found = measure_ratios._moment_series(plan, profiles(texts, [*cells]), texts, None)
        return None if found is None else found.order.tolist()

    visits: list[str | None] = [str(at) for at in hours]
    back = [*range(23, -1, -1)]
    assert moments(Day=[f"2026-07-01 {at:02d}:00" for at in hours], Visits=visits) == [*hours]
    assert moments(Day=[f"2026-07-01 {at:02d}:00" for at in back], Visits=visits) == back
    assert moments(Day=["2026-07-01"] * 24, Clock=[f"{at:02d}:30" for at in back], Visits=visits) == back
    assert moments(Day=["2026-07-01"] * 24, Hour=[str(at) for at in back], Visits=visits) == back
    assert moments(Day=[f"2026-07-{at + 1:02d}" for at in hours], Visits=visits) is None, "a row a day"
