"""Cells that are figures, at the limits of each rule: what is just read, just refused, or could be two figures."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from core.base.errors import UsageError
from core.ingest.values import numbers, typed_numbers
from core.ingest.values.number_columns import FigureColumn, decimal_marks, mark_of_batch

NOT_READ = r"\w"
"""Some reason."""


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        ("1,234.5", ".", "1234.5"),
        ("1.234,5", ",", "1234.5"),
        ("12,34,567", ".", "1234567"),
        ("1,23", ".", None),
        ("(12)", ".", "-12"),
        ("(-12)", ".", "12"),
        ("-(12)", ".", None),
        ("(12", ".", None),
        ("−5", ".", "-5"),
        ("-$5", ".", "-5"),
        ("$-5", ".", "-5"),
        ("1.5K", ".", "1500"),
        ("2,5 rb", ",", "2500"),
        ("3万", ".", "30000"),
        ("1.2億", ".", "120000000"),
        ("2mio", ".", "2000000"),
        ("12,5%", ",", "12.5"),
        ("1e3", ".", "1000"),
        ("5.", ".", "5"),
        (".5", ".", "0.5"),
        ("1 234 567", ".", "1234567"),
        ("1'234.50", ".", "1234.50"),
        ("Rp 154.530", ",", "154530"),
        ("n/a", ".", "none"),
        ("1.2.3", ".", None),
        ("--", ".", "none"),
    ],
)
def test_figures_in_their_spellings(cell: str, decimal: str, value: str | None) -> None:
    if value is None:
        with pytest.raises(ValueError, match=NOT_READ):
            numbers.read_number(cell, decimal)  # type: ignore[arg-type]
    else:
        assert numbers.read_number(cell, decimal) == (None if value == "none" else Decimal(value))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1d2h3m4s", 93_784),
        ("1h39min", 5940),
        ("90s", 90),
        ("1:02:03", 3723),
        ("62:03", 3723),
        ("0:05.5", 5.5),
        ("2 jam 5 menit", 7500),
        ("3 detik", 3),
        ("11.5", 11.5),
    ],
)
def test_durations_in_seconds(cell: str, value: float) -> None:
    assert numbers.read_duration(cell) == Decimal(str(value))


@pytest.mark.parametrize(
    ("cell", "marks", "ambiguous"),
    [
        ("1.234", set(), True),
        ("1.23", {"."}, False),
        ("1,2345", {","}, False),
        ("0.123", {"."}, False),
        ("1234.567", {"."}, False),
        ("1234,567", {","}, False),
        ("1.234.567", {","}, False),
        ("1,234,567", {"."}, False),
        ("1.234,5", {","}, False),
        ("1,234.5", {"."}, False),
        ("$1.234", {","}, False),
        ("KWD1.234", {"."}, False),
        ("1234", set(), False),
        ("12.345", set(), True),
        ("abc", set(), False),
    ],
)
def test_marks_that_a_cell_rules_in(cell: str, marks: set[str], ambiguous: bool) -> None:
    assert numbers.marks_seen([cell]) == marks
    assert numbers.is_ambiguous(cell) is ambiguous


def test_the_mark_of_a_column_by_its_cells_its_neighbours_and_its_kind() -> None:
    unclear, comma, point = (FigureColumn(cells=[cell]) for cell in ("1.234", "1,5", "1.5"))
    assert decimal_marks({"a": unclear, "b": comma}, None) == {"a": ",", "b": ","}
    assert decimal_marks({"a": unclear}, None, unread=["12,5%"]) == {"a": ","}
    assert decimal_marks({"a": FigureColumn(cells=["1.234"], is_count=True)}, None) == {"a": ","}
    money = FigureColumn(cells=["1.234"], is_money=True)
    assert decimal_marks({"a": money}, None, ["IDR"]) == {"a": ","}
    assert decimal_marks({"a": FigureColumn(cells=["12"]), "b": point}, None) == {"a": "auto", "b": "."}
    assert decimal_marks({"a": unclear}, ",") == {"a": ","}
    assert decimal_marks({"a": FigureColumn(cells=["1.234"], decimal=",")}, None) == {"a": ","}
    for columns, words in (({"a": money}, ["USD"]), ({"a": unclear, "b": comma, "c": point}, [])):
        with pytest.raises(UsageError, match=r"is 1.234 in 'a' 1234, or a fraction \(1.234\)"):
            decimal_marks(columns, None, words)
    with pytest.raises(UsageError, match="some figures of 'a' have a point"):
        decimal_marks({"a": FigureColumn(cells=["1,5", "1.5"])}, None)
    assert [mark_of_batch("a", cells) for cells in (["1,5"], ["1.5"], ["12"])] == [",", ".", "."]
    with pytest.raises(UsageError, match=r"Use --decimal \. \(it is 1234\) or --decimal ,"):
        mark_of_batch("a", ["1,234"])


def test_columns_of_figures_and_their_faults() -> None:
    text = pa.array(["1", None, "2.0", "x", "-3", "6"])
    counts = typed_numbers.whole_numbers(text)
    assert (counts.values.to_pylist(), np.flatnonzero(counts.bad).tolist()) == ([1, None, 2, None, None, 6], [3, 4])
    rated = typed_numbers.whole_numbers(pa.array(["1", "5", "0", "6"]), least=1, most=5)
    assert (rated.values.to_pylist(), np.flatnonzero(rated.bad).tolist()) == ([1, 5, None, None], [2, 3])
    signed = typed_numbers.whole_numbers(pa.array(["-3"]), least=None)
    assert (signed.values.to_pylist(), signed.bad) == ([-3], None)
    assert typed_numbers.whole_numbers(pa.array(["1,5"]), ",").bad.tolist() == [True]  # type: ignore[union-attr]
    assert typed_numbers.floats(pa.array(["1", "2"])).values.type == pa.int64()
    assert typed_numbers.floats(pa.array(["1", "2.5", None])).values.to_pylist() == [1, 2.5, None]
    assert typed_numbers.floats(pa.array(["inf"])).bad.tolist() == [True]  # type: ignore[union-attr]
    amounts = ["0.005", "0.004999", "-0.005", "1.005", "2.675", "19.999", "-7.125", "1e3", None]
    cents = typed_numbers.cents(pa.array(amounts)).values.to_pylist()
    assert cents == [1, 0, -1, 101, 268, 2000, -713, 100_000, None], "half up, as decimals"
    assert typed_numbers.cents(pa.array(["90071992547409.93"])).values.to_pylist() == [9_007_199_254_740_993]
    assert typed_numbers.cents(pa.array(["9" * 18])).bad.tolist() == [True]  # type: ignore[union-attr]
    indian = pa.array(["85 Lakh", "1.2 Cr", "₹3 crores", None])
    assert typed_numbers.floats(indian).values.to_pylist() == [8.5e6, 1.2e7, 3e7, None], "no side of an account"
    assert typed_numbers.cents(indian).values.to_pylist() == [850_000_000, 1_200_000_000, 3_000_000_000, None]
    assert typed_numbers.whole_numbers(pa.array(["2 lakhs", "1 Cr."])).values.to_pylist() == [200_000, 10_000_000]
    assert typed_numbers.floats(pa.array(["1.2 Cr", "85 Dr"])).values.to_pylist() == [1.2, -85], "sides of an account"
    assert typed_numbers.durations(pa.array(["1h", "0:30"])).values.to_pylist() == [3600, 30]


def test_what_is_a_number_whatever_its_mark() -> None:
    assert all(map(numbers.is_number, ("5", "1.5", "1.234,5", "1,234.5", "(3)", "12%", "--", "")))
    assert not any(map(numbers.is_number, ("abc", "2026-01-01", "1.2.3,4,5", "12:30")))


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("5,3 Tsd. €", "5300"),
        ("1,2 Mio", "1200000"),
        ("$2,5 billion", "2500000000"),
        ("3 mn", "3000000"),
        ("12*", "12"),
        ("12**", "12"),
        ("3,5 (e)", "3.5"),
        ("(7)*", "-7"),
    ],
)
def test_words_and_marks_behind_figures(cell: str, number: str) -> None:
    assert numbers.read_number(cell, ",") == Decimal(number)


@pytest.mark.parametrize("cell", ["12***", "138*5678", "12 (x)"])
def test_masks_are_no_marks(cell: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        numbers.read_number(cell)


@pytest.mark.parametrize(
    ("cell", "is_one"),
    [
        ("A12", False),
        ("10-2", False),
        ("10:20", False),
        ("1/2", False),
        ("1e-2", True),
        ("1 234'567.5", True),
        ("’12", True),
        ("12-", True),
        ("n / a", True),
        ("Rp12", True),
        ("12 S/.", True),
        ("٣٤", True),
        (".", False),
        ("words", False),
    ],
)
def test_what_is_a_figure(cell: str, is_one: bool) -> None:
    assert numbers.is_number(cell) is is_one


def test_whole_numbers_among_words() -> None:
    column = typed_numbers.whole_numbers(pa.array(["1,200", "7", None, "-", "x", "1.5", "9" * 20]))
    assert column.values.to_pylist() == [1200, 7, None, None, None, None, None]
    assert column.bad is not None
    assert column.bad.tolist() == [False, False, False, False, True, True, True]
