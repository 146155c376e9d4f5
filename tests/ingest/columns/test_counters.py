"""Counters: columns that go on from day to day, in each slice of a table."""

import numpy as np
import pyarrow as pa
import pytest

from core.base.arrays import Floats
from core.ingest.columns.counters import DailySeries
from core.ingest.columns.levels import is_balance, level_columns

SIZES = (1, 3, 4, 7, 9)


def counter(steps: int, sizes: int = len(SIZES), start: float = 100.0) -> Floats:
    """A figure that rises by steps of so many sizes."""
    return np.cumsum([start, *(SIZES[at % sizes] for at in range(steps))])


def series(days: int, *words: str) -> DailySeries | None:
    """The daily series of a table of so many days, a row a day and word."""
    column = [pa.array(list(words) * days)] if words else []
    table = DailySeries.of(np.repeat(np.arange(1000, 1000 + days), max(len(words), 1)), column)
    return table if table is not None and table.is_daily else None


@pytest.mark.parametrize(("days", "sizes", "expected"), [(21, 5, True), (20, 5, False), (21, 4, False)])
def test_a_figure_that_never_falls_is_a_counter_after_twenty_steps_of_five_sizes(
    days: int, sizes: int, expected: bool
) -> None:
    table = series(days)
    assert (table is not None and table.counts_on(counter(days - 1, sizes, 10.0))) is expected


def test_what_rises_slowly_is_a_counter() -> None:
    table = series(31)
    assert table is not None
    rises = [(1, 2, 0, 1)[at % 4] for at in range(30)]  # a review or two a day, 23 days of thirty with one
    assert table.counts_on(np.cumsum([100.0, *rises]))
    assert not table.counts_on(np.cumsum([2.0, *rises]))  # a day brings 1 of about 17
    assert table.counts_on(np.cumsum([100.0, *(at % 3 == 0 for at in range(30))]))
    assert not table.counts_on(np.cumsum([100.0, *(at % 3 == 1 and at < 28 for at in range(30))]))  # nine rises
    assert not table.counts_on(100.0 + np.arange(31))


def test_one_fall_or_what_has_not_begun_shows_no_counter() -> None:
    table = series(25)
    assert table is not None
    values = counter(24)
    assert table.counts_on(values)
    assert not table.counts_on(np.where(np.arange(25) == 12, values - 30, values))
    assert not table.counts_on(np.where(np.arange(25) < 5, 0.0, values))
    assert not table.counts_on(np.where(np.arange(25) == 3, np.nan, values))
    assert not table.counts_on(values - 150)


def test_a_balance_falls_by_what_another_column_has() -> None:
    table = series(25)
    assert table is not None
    moves = np.array([(-1.0) ** at * (at % 7 + 1) for at in range(25)])
    balance = 500 + np.cumsum(moves)
    assert is_balance("left", {"left": balance, "moves": moves}, table)
    assert not is_balance("left", {"left": balance, "moves": moves[::-1]}, table)
    assert not is_balance("left", {"left": balance}, table)


def test_slices_have_a_row_a_day_and_six_steps_each() -> None:
    assert series(7, "a", "b", "c", "d") is not None
    assert series(6, "a", "b", "c", "d") is None  # 20 steps, five of each
    assert series(11, "a", "b") is not None
    assert series(10, "a", "b") is None  # 18 steps
    assert DailySeries.of(np.repeat(np.arange(30), 2), []) is None  # two rows of a day
    other = DailySeries.of(np.arange(0, 60, 2), [])
    assert other is not None
    assert not other.is_daily
    assert DailySeries.of(np.r_[-1, np.arange(30)], []) is None  # a row without a day


def test_steps_of_days_are_those_without_a_missing_day_between() -> None:
    """Day 12 is missing: its neighbours are no step of one day, and no two days lie on both sides of it."""
    days = np.delete(np.arange(25), 12)
    table = DailySeries.of(days, [])
    assert table is not None
    figures = 10.0 * days
    for apart in (1, 2, 3):
        earlier, later = table.steps(figures, apart)
        wanted = [day for day in range(25 - apart) if not day <= 12 <= day + apart]
        assert (earlier.tolist(), (later - earlier).tolist()) == (
            [10.0 * day for day in wanted],
            [10.0 * apart] * len(wanted),
        )


def test_words_that_a_day_has_one_of_slice_nothing() -> None:
    weekdays = [("Monday", "Tuesday", "Wednesday", None)[at % 4] for at in range(25)]
    table = DailySeries.of(np.arange(25), [pa.array(weekdays)])
    assert table is not None
    assert table.counts_on(counter(24))
    shops = DailySeries.of(np.repeat(np.arange(25), 2), [pa.array(np.repeat(weekdays, 2)), pa.array(["a", "b"] * 25)])
    assert shops is not None
    assert shops.is_step.sum() == 2 * 24


def test_slices_are_those_of_all_columns_of_words() -> None:
    days = np.repeat(np.arange(8), 6)
    first, second = pa.array(["a", "a", "a", "b", "b", "b"] * 8), pa.array([None, "x", "y"] * 16)
    table = DailySeries.of(days, [first, second])
    assert table is not None
    assert table.is_step.sum() == 42
    assert DailySeries.of(days, [first]) is None
    assert DailySeries.of(days, [second]) is None


def test_a_counter_may_stand_still_and_begin_with_a_fraction() -> None:
    table = series(30)
    assert table is not None
    values = np.cumsum([0.5, *(0 if at % 7 == 3 else SIZES[at % 5] for at in range(29))])
    assert table.counts_on(values)


def test_rows_of_a_slice_stand_by_their_day_whatever_their_order() -> None:
    days, words = np.repeat(np.arange(12), 2)[::-1], pa.array(["a", "b"] * 12)
    table = DailySeries.of(days, [words])
    assert table is not None
    assert days[table.order].tolist() == [*range(12), *range(12)]
    assert table.is_step.tolist() == [True] * 11 + [False] + [True] * 11


def windows(days: int, length: int) -> tuple[Floats, Floats]:
    """A figure of days with a weekly rhythm and noise, and its sum over the last days."""
    rng = np.random.default_rng(3)
    at = np.arange(days + length - 1)
    figure = np.round(1000 + 150 * np.sin(at * 2 * np.pi / 7) + rng.normal(0, 60, len(at)))
    return figure[length - 1 :], np.convolve(figure, np.ones(length), "valid")


@pytest.mark.parametrize("length", [7, 28])
def test_a_sum_of_the_last_days_is_known_by_its_figures_or_by_its_name_and_how_it_moves(length: int) -> None:
    table = series(90)
    assert table is not None
    days, sums = windows(90, length)
    both = {"sales": days, "all": sums, "mean": np.round(sums / length, 2)}
    assert table.rolls("all", both)
    assert table.rolls("mean", both)
    assert not table.rolls("sales", both)
    assert not table.rolls("all", {"all": sums})  # by itself a figure may move slowly
    assert table.rolls(f"users_{length}d", {f"users_{length}d": sums + 500})


def test_what_is_counted_by_day_adds_up_although_it_names_a_time_to_buy() -> None:
    days, sums = windows(90, 7)
    table = series(90)
    assert table is not None
    assert not table.rolls("7_day_sales", {"7_day_sales": days})
    noise = np.random.default_rng(4).normal(1000, 80, 90)  # no weekly rhythm: each day turns back
    assert not table.rolls("orders_14d", {"orders_14d": noise})
    short = series(21)
    assert short is not None
    assert not short.rolls("users_7d", {"users_7d": sums[:21]})  # too few days to tell
    assert table.rolls("users_170", {"users_170": sums}) is False
    assert table.rolls("users_7d", {"users_7d": np.where(np.arange(90) == 4, np.nan, sums)}) is False


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([0, 3, 5, 5, 9, 14, 20], True),  # the sales since midnight, read every hour
        ([4, 3, 5, 5, 9, 14, 20], False),  # sales of the hour: they fall within the day
        ([15, 16, 18, 19, 22, 24, 26], False),  # what begins anew is far lower
    ],
)
def test_a_running_total_of_the_day_rises_until_it_begins_anew(figures: list[int], expected: bool) -> None:
    days, hours = 6, len(figures)
    seconds = np.repeat(np.arange(days) * 86_400, hours) + np.tile(np.arange(hours) * 3600, days)
    table = DailySeries.of_moments(seconds, [])
    assert table is not None
    assert table.begins_anew(np.tile(np.array(figures, float), days)) is expected
    assert DailySeries.of_moments(np.arange(4 * days) * 21_600, []) is None  # four rows a day show nothing
    for words, is_series in ((7, False), (8, True)):  # of 42 rows, seven words part them, and eight are ids
        parts = pa.array([f"w{at % words}" for at in range(42)])
        assert (DailySeries.of_moments(seconds, [parts]) is not None) == is_series


def begins_anew(*values: float) -> bool:
    return DailySeries.of_rows(len(values)).begins_anew(np.array(values, float))


def test_a_running_total_has_twenty_rises_four_for_each_fall_which_halves_it() -> None:
    up = [*np.cumsum([1, 2] * 10)]  # from 1 to 30
    assert begins_anew(0, *up)
    assert not begins_anew(*up), "nineteen rises"
    assert not begins_anew(-1, *up)
    assert not begins_anew(*range(21)), "the same each time"
    assert begins_anew(0, *up, 15)
    assert not begins_anew(0, *up, 16)
    assert begins_anew(*[0, 1, 3, 6, 10] * 5)
    assert begins_anew(*[0, 1, 3, 6] * 7, 1, 4, 9, 16, 25, 36, 49, 64)
    assert not begins_anew(*[0, 1, 3, 6] * 7, 1, 4, 9, 16, 25, 36, 49), "27 rises and seven falls"
    long = [*np.cumsum([1, 2] * 24), 80]
    assert begins_anew(np.nan, *long)
    assert not begins_anew(np.nan, *long[:-1]), "of 49 rows one is no figure"


def test_what_never_falls_next_to_a_counter_is_one_too() -> None:
    table = series(31)
    views, comments = counter(30, 5, 900.0), np.cumsum([2.0, *(at % 3 for at in range(30))])
    likes = np.where(np.arange(31) == 17, 1.0, comments)
    assert level_columns({}, {"comments": comments, "likes": likes}, table) == set()
    assert level_columns({}, {"views": views, "comments": comments, "likes": likes}, table) == {"views", "comments"}
    assert level_columns({}, {"views": views, "comments": comments}, table, is_known=True) == set()
