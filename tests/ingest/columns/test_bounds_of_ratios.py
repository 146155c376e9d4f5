"""Figures that are one column divided by another, and amounts of orders or of their lines, at their limits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.errors import UsageError
from core.ingest.columns import rate_parts
from core.ingest.columns.rate_parts import find_parts, is_quotient
from core.ingest.formats.batch import TextBatch
from core.ingest.formats.sources import sources
from core.ingest.inspection import Inspection, inspect
from core.ingest.own_words import order_amounts
from core.ingest.request import Request
from tests.ingest.columns.test_bounds_of_decisions_of_columns import columns_of
from tests.ingest.own_words.test_bounds_of_guesses import read

ROWS = np.arange(50)
CLICKS, VISITS = 7.0 + ROWS % 9, 100.0 + 3 * ROWS


def test_a_column_that_is_a_quotient() -> None:
    rate = np.round(CLICKS / VISITS, 4)
    figures = {"rate": rate, "clicks": CLICKS, "visits": VISITS}
    assert is_quotient("rate", figures)
    assert is_quotient("rate", {**figures, "rate": np.round(100 * CLICKS / VISITS, 2)})
    assert is_quotient("rate", {**figures, "rate": np.round(1000 * CLICKS / VISITS, 1)})
    assert not is_quotient("rate", {**figures, "rate": np.round(10 * CLICKS / VISITS, 3)})
    assert not is_quotient("rate", {"rate": rate, "clicks": CLICKS})
    for rows, proven in ((10, True), (9, False)):
        assert is_quotient("rate", {name: values[:rows] for name, values in figures.items()}) == proven
    for wrong, fits in ((1, True), (2, False)):
        assert is_quotient("rate", {**figures, "rate": np.where(50 - wrong <= ROWS, rate + 0.01, rate)}) == fits, (
            "of fifty"
        )
    assert not is_quotient("rate", {**figures, "rate": np.round(CLICKS / VISITS, 1)}), "rounding hides it"
    assert is_quotient("rate", {**figures, "rate": np.where(ROWS % 10 == 3, np.nan, rate)})
    amounts = {"rate": np.round(CLICKS / VISITS, 4), "clicks": CLICKS + 0.5, "visits": VISITS + 0.5}
    amounts["rate"] = np.round(amounts["clicks"] / amounts["visits"], 4)
    assert [
        is_quotient("rate", amounts, known)
        for known in ((), ("clicks", "visits"), ("clicks",), ("clicks", "visits", "rate"))
    ] == [False, True, False, False]
    two = {"rate": np.round(CLICKS / (100.0 + ROWS % 2), 4), "clicks": CLICKS, "visits": 100.0 + ROWS % 2}
    assert not is_quotient("rate", two), "the divisor has two figures"
    assert not is_quotient("rate", {**figures, "rate": np.where(ROWS % 2, rate, 1.0)}), "more than half are whole"
    for values, decimals in (
        ([1.0, 2.0], 0),
        ([1.5, 2.0], 1),
        ([1.25], 2),
        ([1.123456], 6),
        ([1.12345678], 6),
        ([], 0),
    ):
        assert rate_parts._decimals(np.array(values)) == decimals
    assert rate_parts._tolerance(np.array([1.25])) == pytest.approx(0.0051)
    assert [rate_parts._counts(np.array(values)) for values in ([1.0, np.nan], [1.5], [])] == [True, False, True]


def test_the_parts_of_a_rate() -> None:
    def parts(
        rate: "np.ndarray[tuple[int], np.dtype[np.float64]]", decimals: int, *, is_percent: bool = False, **more: object
    ) -> tuple[str, str, float] | None:
        figures = {"clicks": CLICKS, "visits": VISITS, **{name: np.asarray(own, float) for name, own in more.items()}}
        named = {name: set(name.split("_")) for name in ("click_rate", *figures)}
        found = find_parts("click_rate", rate, decimals, figures, named, is_percent=is_percent)
        return None if found is None else (found.numerator, found.denominator, found.scale)

    ratio = CLICKS / VISITS
    assert parts(np.round(ratio, 4), 4) == ("clicks", "visits", 1.0)
    assert parts(np.round(100 * ratio, 2), 2) == ("clicks", "visits", 1.0), "percent points are shares"
    assert parts(np.round(1000 * ratio, 1), 1) == ("clicks", "visits", 1000.0)
    assert parts(np.round(100 * ratio, 2), 2, is_percent=True) == ("clicks", "visits", 1.0)
    assert parts(np.round(ratio, 4), 4, is_percent=True) is None
    assert parts(np.round(ratio, 4) + 0.001, 4) is None
    assert parts(np.full(50, 0.07), 2) is None, "the same in every row"
    assert parts(np.where(ROWS < 2, ratio, np.nan), 4) is None, "two rows"
    assert parts(np.where(ROWS < 3, np.round(ratio, 4), np.nan), 4) == ("clicks", "visits", 1.0)
    assert parts(np.round(ratio, 4), 4, views=VISITS) is None, "two pairs fit, and no name decides"
    assert parts(np.round(ratio, 4), 4, click_visits=VISITS) == ("clicks", "click_visits", 1.0)


def lines(amounts: str, orders: str) -> TextBatch:
    rows = [",".join(row) for row in zip(orders.split(), amounts.split(" "), strict=True)]
    return read("\n".join(["Order,Amount", *rows]))[1]


@pytest.mark.parametrize(("amounts", "orders", "of_order", "of_line"), [
    ("5 5 6 6 7 7", "A A B B C C", True, False), ("5 5 6 6", "A A B B", False, False),
    ("5 4 6 5 7 6", "A A B B C C", False, True), ("5 5 6 6 7 8", "A A B B C C", False, False),
    ("5 6 6 7 7 7", "A A B B C C", False, True), ("5 6 6 7 7 7 8 8", "A A B B C C D D", False, True),
    ("5 6 6 7 7 8", "A A B B C C", False, True), ("5  6  7 ", "A A B B C C", True, False), ("5 6 7", "A B C", False, False),
])  # fmt: skip
def test_amounts_of_orders_and_of_lines(amounts: str, orders: str, of_order: bool, of_line: bool) -> None:
    """Three orders of several lines, which all repeat their amount; or most of them have another on each line."""
    first = lines(amounts, orders)
    assert order_amounts._is_of_order(first, "Amount", "Order") == of_order
    assert order_amounts._is_of_line(first, "Amount", "Order") == of_line
    assert not order_amounts._is_of_order(None, "Amount", "Order")


def test_the_only_amount_of_a_table() -> None:
    only = order_amounts._only_amount
    assert only(columns_of(Cost_EUR=["5.5", "6.5"], n=["1", "2"])) == "Cost_EUR"
    assert only(columns_of(Zorks=["€5.5", "€6.5"], n=["1", "2"])) == "Zorks"
    assert only(columns_of(Cost_EUR=["5.5", "6.5"], Fee_EUR=["1", "2"])) is None
    assert only(columns_of(n=["1", "2"])) is None
    prices = {"Unit Price": ["5.5", "6.5"]}
    for more, name in (
        ({}, "Unit Price"),
        ({"List price": ["7.5", "8.5"]}, None),
        ({"Price discount": ["1.5", "2.5"]}, "Unit Price"),
        ({"Price no": ["1", "2"]}, "Unit Price"),
    ):
        assert order_amounts._worded_price(columns_of(**prices, **more)) == name, more
    assert order_amounts._worded_price(columns_of(Cost=["5.5", "6.5"])) is None
    worded = order_amounts._worded_amount
    for is_of_orders, name in ((True, "Grand Total"), (False, None)):
        assert worded(columns_of(**{"Grand Total": ["5.5", "6.5"]}), is_of_orders=is_of_orders) == name
    assert worded(columns_of(**{"Items Total": ["5", "6"]}), is_of_orders=True) is None
    assert worded(columns_of(Betrag=["5", "6"]), is_of_orders=False) == "Betrag"
    assert worded(columns_of(Betrag=["5", "6"], Importe=["5", "6"]), is_of_orders=False) is None


def test_what_a_person_is_shown_of_a_file(tmp_path: Path) -> None:
    table = "Day,Visits,Town,Blank\n2026-07-01,5,Oslo,\n2026-07-02,6,Rome,\n2026-07-03,7,Oslo,\n"
    path = tmp_path / "a.csv"

    def shown(text: str, **options: Any) -> Inspection:
        path.write_text(text, encoding="utf-8")
        (found,) = inspect(next(sources(path)), Request(**options))
        return found

    plain = shown(table)
    assert (plain.header_row, plain.kind, plain.preset, plain.why, plain.left_out) == (
        1,
        "daily",
        None,
        None,
        ("Town",),
    )
    assert [(column.name, column.type, column.becomes) for column in plain.columns] == [
        ("Day", "date", "date"), ("Visits", "number", "visits"), ("Town", "text", None), ("Blank", "blank", None),
    ]  # fmt: skip
    assert shown(f"A report\nof July\n{table}").header_row == 3
    words = shown("A report\nName,Town\na,b\nc,d\n")
    assert (words.kind, words.header_row, words.mapping) == (None, 2, "")
    assert words.why is not None
    assert "Day" in plain.mapping
    sliced = shown(table, dimensions=("Town",))
    assert [column.becomes for column in sliced.columns] == ["date", "visits", "town", None]
    two = f"Sales\n{table}\nVisits by channel\nchannel,visits\nlive,300\nsearch,200\n"
    path.write_text(two, encoding="utf-8")
    titles = [(item.header_row, item.details.get("title")) for item in inspect(next(sources(path)))]
    assert titles == [(2, "Sales"), (7, "Visits by channel")]
    with pytest.raises(UsageError, match="no column order_id"):
        shown(table, as_kind="orders")
