"""What there is at a moment and what came, told apart by the figures where no name does."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.ingest.columns.counters import DailySeries
from core.ingest.columns.levels import follows_level, is_balance, is_level, level_columns, range_columns
from core.ingest.columns.shares_and_marks import share_columns
from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import figures, loads

RISES = np.array([3, 4, 5, 6, 7] * 5, float)


def test_what_is_there_hardly_changes_and_is_called_so() -> None:
    steady = 1000.0 * 1.01 ** np.arange(10)
    assert is_level("followers", steady)
    assert is_level("members", steady[::-1])
    assert not is_level("new_followers", steady)
    assert not is_level("likes", steady)
    assert not is_level("followers", steady[:9])
    assert not is_level("followers", np.where(np.arange(10) == 4, 0.0, steady))
    assert not is_level("followers", 1000.0 * 1.05 ** np.arange(10))
    few = np.array([40, 42, 40, 43, 41, 40, 43, 42, 40, 42, 41, 43, 40], float)  # by 3 of 43 at most, whose root is 6.6
    assert (is_level("active listings", few), is_level("active listings", few + few**3 % 13)) == (True, False)


def test_what_is_left_after_each_row_is_no_sum_of_the_day() -> None:
    moves = np.array([5, -3, 8, 2, -1, 7, 4, -6, 9, 1, 2, 3], float)
    left = 100 + np.cumsum(moves)
    assert is_balance("left", {"left": left, "moves": moves})
    assert is_balance("left", {"left": left[::-1], "moves": moves[::-1]})  # the newest row first
    assert not is_balance("moves", {"left": left, "moves": moves})
    assert not is_balance("left", {"left": left + np.arange(12) % 2, "moves": moves})
    for change in ("change_from_previous_day", "前日比"):
        assert not is_balance("orders", {"orders": left, change: moves})
        assert is_balance("account_balance", {"account_balance": left, change: moves})
    assert is_balance("left", {"left": left, "exchange_fee": moves})
    assert not is_balance("left", {"left": left[:9], "moves": moves[:9]})


def days_alone(count: int) -> DailySeries:
    """The days of a table of one row a day."""
    series = DailySeries.of(np.arange(count), [])
    assert series is not None
    return series


def test_what_counts_on_from_week_to_week_is_no_level_of_a_day() -> None:
    counted = np.cumsum(RISES)
    weekly = DailySeries.of(7 * np.arange(25), [])
    assert weekly is not None
    assert not weekly.is_daily
    assert level_columns({}, {"cars": counted}, weekly) == set()
    assert level_columns({}, {"cars": counted}, days_alone(25)) == {"cars"}


def test_what_nobody_knows_is_a_level_where_steady_changes_of_five_sizes_add_up() -> None:
    rises = np.tile(RISES, 2)[:35]
    there = 10_000 + np.cumsum(np.where(np.arange(35) < 18, rises, -rises))  # 95, then down again
    assert is_level("cars", there, days_alone(35))
    assert is_level("cars", there[:34], days_alone(34))  # twenty pairs of days two weeks apart
    assert not is_level("cars", there[:33], days_alone(33))
    assert not is_level("cars", there)  # a list of cities by size changes as little from row to row
    assert not is_level("cars", there - 9_900, days_alone(35))  # by 2 to 6 % of 103 to 190
    assert not is_level("cars", 10_000 + 7 * np.arange(35.0), days_alone(35))
    assert not is_level("sold_cars", there, days_alone(35))
    assert is_level("registered_members", there)


def test_what_comes_anew_each_day_is_no_level_however_little_it_varies() -> None:
    rng = np.random.default_rng(7)
    days = np.arange(200)
    players = rng.poisson(20_000, 200).astype(float)  # 0.7 % from day to day
    assert not is_level("players", players, days_alone(200))
    assert not is_level("players", players * np.where(days % 7 < 5, 1, 0.98), days_alone(200))
    assert not is_level("players", players * (1 + days / 1000), days_alone(200))
    assert is_level("players", 20_000 + np.cumsum(players - 20_000), days_alone(200))


def test_a_balance_moves_by_several_columns_and_in_each_slice() -> None:
    came, went = np.arange(60) * 7 % 13 + 2.0, np.arange(60) * 5 % 11 + 1.0
    left = 500 + np.cumsum((came - went).reshape(2, 30), axis=1).ravel()
    table = {"left": left, "came": came, "went": went}
    assert is_balance("left", {name: values[:12] for name, values in table.items()})
    assert not is_balance("left", {"left": left + 40 * (np.arange(60) % 7), "came": came, "went": went})
    order = np.arange(60).reshape(2, 30).T.ravel()  # a row of each slice, day by day
    mixed = {name: values[order] for name, values in table.items()}
    series = DailySeries.of(np.repeat(np.arange(30), 2), [pa.array(["a", "b"] * 30)])
    assert is_balance("left", mixed, series)
    assert not is_balance("left", mixed)
    weeks = DailySeries.of(np.repeat(np.arange(0, 210, 7), 2), [pa.array(["a", "b"] * 30)])
    assert is_balance("left", mixed, weeks)
    before = {**mixed, "left": (left - came + went)[order]}  # at the beginning of each day
    assert is_balance("left", before, series)


def test_a_balance_moves_by_sums_and_with_corrections_and_by_nothing_else() -> None:
    gross, out = np.arange(40) * 37 % 101 + 9.0, np.arange(40) * 11 % 29 + 0.0
    fee = np.arange(40) * 5 % 7 + 1.0
    table = {"gross": gross, "fee": fee, "net": gross - fee, "out": out}
    left = 100 + np.cumsum(gross - fee - out)
    assert is_balance("left", {"left": left, **table})
    assert not is_balance("left", {"left": left + 55 * (np.arange(40) > 20), **table})
    corrected = 100 + np.cumsum(np.tile(gross - fee - out, 3))
    corrected[70:] += 55
    assert is_balance("left", {"left": corrected, **{name: np.tile(values, 3) for name, values in table.items()}})
    assert not is_balance("left", {"left": 100 + np.cumsum(2 * gross), **table})
    assert not is_balance("left", {"left": 100 - np.cumsum(2 * gross), **table})
    assert not is_balance("left", {"left": np.where(np.arange(40) == 39, np.nan, left), **table})
    assert not is_balance("left", {"left": left, "none": np.zeros(40)})


def test_orders_are_no_balance_and_a_known_system_has_no_unknown_levels() -> None:
    came, went = np.arange(40) * 7 % 13 + 2.0, np.arange(40) * 5 % 11 + 1.0
    left = 500 + np.cumsum(came - went)
    names = ("orders", "net_sales", "units_in_issue", "left")
    found = {name: level_columns({}, {name: left, "came": came, "went": went}, None) for name in names}
    assert [name for name in names if name in found[name]] == ["units_in_issue", "left"]
    assert level_columns({}, {"left": left, "came": came, "went": went}, None, is_known=True) == set()
    members = {"members": 10_000 + left}
    assert level_columns({}, members, None, is_known=True) == {"members"}


def test_what_is_filled_up_uncounted_falls_by_what_is_used() -> None:
    used = np.arange(40) * 17 % 41 + 3.0
    filled = np.where(np.arange(40) % 3 == 0, 90.0, 0.0)
    left = 800 + np.cumsum(filled - used)
    assert is_balance("left", {"left": left, "used": used})
    assert not is_balance("left", {"left": left, "used": used % 9})
    assert not is_balance("left", {"left": left - np.cumsum(np.arange(40) % 2 * 60), "used": used})


OPEN = np.array([100, 103, 101, 104, 108, 105, 107, 110, 108, 112], float)
CLOSE = np.array([103, 101, 104, 108, 105, 107, 110, 108, 112, 111], float)
SESSION = {
    "first": OPEN,
    "top": np.maximum(OPEN, CLOSE) + 1,
    "bottom": np.minimum(OPEN, CLOSE) - 1,
    "last": CLOSE,
    "adjusted_last": CLOSE * 0.9,
    "traded": OPEN * 7 % 13,
}


def test_prices_of_a_session_are_no_sums_whatever_they_are_called() -> None:
    assert range_columns(SESSION) == {"first", "top", "bottom", "last", "adjusted_last"}
    low = {**SESSION, "adjusted_last": CLOSE * 0.3}
    assert range_columns({**low, "bottom": SESSION["bottom"] * 0.4}) == set()
    assert range_columns({name: values[:9] for name, values in SESSION.items()}) == set()
    other = {name: values * 7 for name, values in SESSION.items()}  # another share, row by row
    both = {name: np.stack([values, other[name]], axis=1).ravel() for name, values in SESSION.items()}
    assert range_columns(both) == set()
    series = DailySeries.of(np.repeat(np.arange(10) * 3, 2), [pa.array(["a", "b"] * 10)])
    assert range_columns(both, series) == range_columns(SESSION)
    nested = {"sent": OPEN * 10, "delivered": OPEN * 9, "read": OPEN * 8, "answered": OPEN * 7}
    assert range_columns(nested) == set()


def test_shops_of_one_size_are_no_session_though_one_always_has_the_most() -> None:
    one, other = np.arange(40) * 37 % 101, np.arange(40) * 53 % 97
    shops = {"north": 1000.0 + one, "south": 1300.0 + one, "east": 1300.0 + other, "west": 1700.0 + other}
    assert range_columns(shops) == set()


def test_fractions_next_to_dozens_are_shares_but_for_small_amounts() -> None:
    part = np.arange(1, 13) / 16
    names = ("seen again", "Waste (tonnes)", "gas_mwh", "refunded", "Tip (USD)", "leads")
    sources = {name: name for name in names}
    assert share_columns(sources, {"guests": np.full(12, 50.0), **dict.fromkeys(names, part)}) == {"seen again"}
    assert share_columns(sources, {"guests": np.full(12, 49.0), **dict.fromkeys(names, part)}) == set()
    assert share_columns(sources, {"guests": np.full(9, 50.0), **dict.fromkeys(names, part[:9])}) == set()


def test_shares_of_three_decimals_are_below_a_hundred(tmp_path: Path) -> None:
    loads(tmp_path, "Date,Requests,Healthy\n2026-07-01,900,99.641%\n2026-07-02,800,98.125%\n")
    assert figures(tmp_path, "SELECT sum(requests), max(healthy) FROM daily") == (1700, 99.641)


def test_what_of_a_stock_is_free_is_no_sum() -> None:
    stock = np.array([400.0, 380, 395, 360, 350, 372, 340, 330, 345, 320, 300])
    assert follows_level("free", stock - np.arange(11), [stock])
    assert not follows_level("free", stock - np.where(np.arange(11) < 5, 50, 0), [stock])
    assert not follows_level("orders", stock - np.arange(11), [stock])


def test_a_count_that_is_near_a_percentage_is_a_sum(tmp_path: Path) -> None:
    rows = "".join(
        f"2026-07-{day:02d},{690 + 7 * day},{39 + day % 3},{40 + day % 2}%,{41 - day % 2}\n" for day in range(1, 13)
    )
    loads(tmp_path, f"Date,Visits,Bounces,Bounce rate,Average basket\n{rows}")
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert set(workspace.measures) == {"visits", "bounces"}


@pytest.mark.parametrize(
    "header",
    [
        "Data,Imponibile,Aliquota IVA",
        "Datum,Nettobetrag,Steuersatz",
        "Datum,Bedrag,BTW-tarief",
        "Дата,Сумма,Ставка НДС",
    ],
)
def test_rates_of_tax_are_in_no_sum(tmp_path: Path, header: str) -> None:
    rows = "".join(f"2026-07-{at:02d},{at}0.50,{22 if at % 3 else 10}\n" for at in range(1, 13))
    loads(tmp_path, f"{header}\n{rows}")
    assert figures(tmp_path, "SELECT count(*) FROM daily_measures WHERE unit = 'rate'") == (1,)
