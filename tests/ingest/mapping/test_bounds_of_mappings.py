"""Mappings as they are written, the cells that columns are made of, and returns, at the limits of what is right."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.base.errors import UsageError
from core.catalogue.kinds import KINDS, CellType
from core.ingest.formats.batch import TextBatch
from core.ingest.mapping import cell_parsing, cell_text, column_plan, order_returns
from core.ingest.mapping.column_plan import ColumnPlan, Plan
from core.ingest.mapping.mapping_file import Mapping
from core.ingest.mapping.mapping_text import mapping_text
from core.ingest.mapping.mapping_toml import parse_mapping, read_mapping
from core.ingest.values.typed_numbers import TypedColumn

ORDERS = {"order_id": "No", "ordered_at": "Day", "gmv": "Sum"}


def parsed(kind: str = "daily", columns: Any = None, **more: Any) -> Mapping:
    return parse_mapping({"kind": kind, "columns": {"date": "Day"} if columns is None else columns, **more}, "mine")


@pytest.mark.parametrize(("settings", "says"), [
    ({"columns": {}}, r"needs \[columns\]"), ({"columns": 7}, r"needs \[columns\]"),
    ({"columns": {"date": "a", "Visits": "b", "visits ": "c"}}, "has 'visits' twice"),
    ({"kind": "orders", "columns": {"gmv": "a"}}, "lacks order_id, ordered_at, which every orders export needs"),
    ({"dimensions": ["shop"]}, "names 'shop'"),
    ({"kind": "orders", "columns": ORDERS, "key": ["a"]}, "key is for daily exports; orders are named by"),
    ({"kind": "orders", "columns": ORDERS, "numbered": True}, "key is for"),
    ({"others": "all"}, "others is one of measures, ignore, not 'all'"),
    ({"columns": {"date": {"column": "a", "date_order": "ydm"}}}, "date_order is one of dmy, mdy, ymd"),
    ({"columns": {"date": {"column": "a", "cell": "zork"}}}, "no cell 'zork'"),
    ({"columns": {"date": {"colum": "a"}}}, r"\[columns\] date: no setting 'colum'"),
    ({"zork": 1}, "the mapping: no setting 'zork'"),
    ({"columns": {"date": "a", "visits": {"column": "b", "times": float("nan")}}}, "times is a number"),
])  # fmt: skip
def test_mappings_that_cannot_be_used(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parsed(**settings)


def test_what_a_mapping_says() -> None:
    found = parsed(
        columns={"date": "Day", "shop": ["Shop", "Store"], "visits": {"column": "V", "times": 2, "optional": True}},
        dimensions=["Shop"],
    )
    assert (found.settings.dimensions, found.settings.measures, found.name) == (("shop",), ("visits",), "mine")
    assert found.known == {"day", "shop", "store", "v"}
    assert [entry.optional for entry in found.entries] == [False, False, True]
    assert [entry.plan.times for entry in found.entries] == [1.0, 1.0, 2.0]
    plan = found.plan(["Day", "Store", "V", "x"], {"x": True})
    assert [(column.target, column.source) for column in plan.columns] == [
        ("date", "Day"),
        ("shop", "Store"),
        ("visits", "V"),
    ]
    assert [column.target for column in found.plan(["Day", "Store"], {}).columns] == ["date", "shop"]
    with pytest.raises(UsageError, match="no column 'Shop', which shop is read from"):
        found.plan(["Day", "V"], {})
    measured = parsed(others="measures").plan(["Day", "x", "y", "z"], {"x": True, "y": True, "z": False}, ["y"])
    assert measured.measures == ("x",)
    assert parsed().plan(["Day", "x"], {"x": True}).measures == ()
    assert measured.dimensions == ("y",)
    told = parse_mapping({"columns": {"date": "Day", "a": "A"}, "recognise": ["Day", ["A", "B"]], "exact": True}, "t")
    assert told.shown_names == ("Day", "A")
    assert told.recognises(["Day", "A"], frozenset(("day", "a")))
    assert not told.recognises(["Day", "A", "C"], frozenset(("day", "a", "c")))
    assert not told.recognises(["Day"], frozenset(("day",)))
    twice = parse_mapping({"columns": {"date": "Day"}, "recognise": [["Day", "A"], ["A", "Day"]]}, "t")
    assert [twice.recognises(names, frozenset(names)) for names in (["a"], ["a", "day"])] == [False, True], (
        "one column for two"
    )
    assert not parsed().recognises(["Day"], frozenset(("day",)))
    helped = parsed(columns={"date": "Day", "a": {"column": "A", "where": "State", "is": ["Paid"]}})
    with pytest.raises(UsageError, match="no column 'State', which a depends on"):
        helped.plan(["Day", "A"], {})
    assert helped.plan(["Day", "A", "State"], {}).columns[1].where_cells == {"paid"}


def test_a_mapping_reads_back_as_it_was_written(tmp_path: Any) -> None:
    columns = {
        "date": "Day", "shop": {"constant": "North"}, "a": {"column": "A b", "times": 0.5}, "b": {"column": "B",
        "after": "-", "cell": "word"},
        "c": {"column": "C", "where": "State", "is": ["paid"], "words": {"x": "y"}}, "d e": {"column": "D", "decimal": ","},
    }  # fmt: skip
    own = parsed(
        columns=columns, dimensions=["shop"], rates=["a"], drop={"State": ["Total"]}, key=["No"], own_clock=True
    )
    plan = own.plan(["Day", "A b", "B", "C", "D", "State", "No"], {})
    path = tmp_path / "m.toml"
    path.write_text(mapping_text(plan), encoding="utf-8")
    again = read_mapping(path).plan(["Day", "A b", "B", "C", "D", "State", "No"], {})
    assert again.columns == plan.columns
    assert (again.key, again.dimensions, again.rates, again.drop) == (plan.key, plan.dimensions, plan.rates, plan.drop)
    assert mapping_text(again).splitlines()[1:] == mapping_text(plan).splitlines()[1:]
    assert 'date = "Day"' in mapping_text(plan)
    path.write_text('rates = "a"\n[columns]\ndate = "Day"\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"m\.toml: the mapping: rates: "):
        read_mapping(path)
    path.write_text('[columns]\ndate = { column = "Day", optional = 7 }\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"\[columns\] date: optional: "):
        read_mapping(path)


def texts(**cells: list[str | None]) -> TextBatch:
    rows = len(next(iter(cells.values())))
    return TextBatch({name: pa.array(own, pa.string()) for name, own in cells.items()}, np.arange(rows))


def made(batch: TextBatch, **plan: Any) -> list[str | None]:
    found: list[str | None] = cell_text.column_text(batch, ColumnPlan("x", CellType.TEXT, **plan)).to_pylist()
    return found


def test_cells_that_columns_are_made_of() -> None:
    batch = texts(
        a=["1-2", None, "3", None],
        b=["x", "y", None, "x"],
        state=["Paid", "open", None, "PAID"],
        order=["A", "A", "B", None],
    )
    assert made(batch, source="a") == ["1-2", None, "3", None]
    assert made(batch, source=None, constant="k") == ["k"] * 4
    assert made(batch, source="a", otherwise="b") == ["1-2", "y", "3", "x"]
    assert made(batch, source="a", suffix="b") == ["1-2/x", None, None, None]
    assert made(batch, source="a", mark="-") == ["1", None, "3", None]
    assert made(batch, source="a", mark="-", part="after") == ["2", None, "", None]
    assert made(batch, source="b", words={"x": "z"}) == ["z", "y", None, "z"]
    assert made(batch, source="b", where="state", where_cells=frozenset(("paid",))) == ["x", None, None, "x"]
    assert made(batch, source="b", unless="state", unless_cells=frozenset(("paid",))) == [None, "y", None, None]
    assert made(batch, source="a", fill="order") == ["1-2", "1-2", "3", None]
    owed = texts(a=["p", "q", "r"], state=["Open", None, "Paid"], order=["A", "A", "B"])
    assert made(owed, source="a", unless="state", unless_cells=frozenset(("open",))) == [None, "q", "r"]
    filled = made(owed, source="a", unless="state", unless_cells=frozenset(("open",)), fill="order")
    assert filled == [None, None, "r"], "the state of an order is that of all its lines"
    assert made(batch, source="b", once="order") == ["x", None, None, "x"]
    gmv = cell_text.column_text(batch, ColumnPlan("gmv", CellType.TEXT, source="b", once="order")).to_pylist()
    assert gmv == ["x", "0", None, "x"]
    rows = texts(a=[None, "p", None, "q", None], order=["A", "A", "A", "A", "B"])
    assert made(rows, source="a", fill="order") == ["p", "p", "p", "q", None], "the last above, else the first below"
    assert cell_text.whole(iter(())) is None
    both = cell_text.whole([texts(a=["1"]), texts(a=["2"])])
    assert both is not None
    assert (both.columns["a"].to_pylist(), both.records.tolist()) == (["1", "2"], [0, 0])
    clocks = ["2026-07-01 10:00Z", "2026-07-01T10:00+07:00", "2026-07-01 10:00 GMT+0700", "2026-07-01"]
    assert cell_text.without_offsets(pa.array(clocks)).to_pylist() == [
        "2026-07-01 10:00",
        "2026-07-01T10:00",
        "2026-07-01 10:00",
        "2026-07-01",
    ]
    raw = pa.array([b"ok", b"\xff", b"a\0b"]).view(pa.string())
    cells, bad = cell_text._readable(raw)
    assert (cells.to_pylist(), bad is not None and bad.tolist()) == (["ok", None, None], [False, True, True])


def orders(**more: Any) -> Plan:
    cells = KINDS["orders"].columns
    names = ("order_id", "ordered_at", "gmv", "units", "refund_amount", "commission")
    return Plan(KINDS["orders"], tuple(ColumnPlan(name, cells[name], name) for name in names), **more)


def test_lines_that_are_returns() -> None:
    batch = texts(order_id=["A", "B"])

    def returns(**values: list[float]) -> list[str]:
        plan = order_returns.with_returns(orders(), batch, {name: np.array(own) for name, own in values.items()})
        return [note.partition(" with ")[0] for note in plan.notes] + ["returns"] * plan.returns

    assert returns(gmv=[5, 6]) == []
    assert returns(gmv=[5, 0]) == []
    assert returns(gmv=[5, -6]) == ["1 line", "returns"]
    assert returns(gmv=[5, 6], units=[-1, 2]) == ["1 line", "returns"]
    assert returns(gmv=[-5, 6], units=[-1, -2]) == ["2 lines", "returns"]
    for values, times in (
        ({"refund_amount": [-1.0, 0.0]}, -1.0), ({"refund_amount": [-1.0, 2.0]}, 1.0), ({"refund_amount": [0.0, 2.0]}, 1.0),
        ({"refund_amount": [0.0, 0.0]}, 1.0),
    ):  # fmt: skip
        plan = order_returns.with_signs(orders(), {name: np.array(own) for name, own in values.items()})
        assert {column.target: column.times for column in plan.columns}["refund_amount"] == times, values
    plan = order_returns.with_signs(orders(), {"gmv": np.array([5.0, -5.0]), "commission": np.array([-1.0, 1.0])})
    assert {column.target: column.times for column in plan.columns}["commission"] == -1.0, (
        "it is given back with a return"
    )
    late = order_returns.late_returns
    assert late({"gmv": pa.array([5, 6])}) is None
    assert late({"units": pa.array([-1])}) is None
    assert (np.asarray(late({"gmv": pa.array([5, None, 7]), "units": pa.array([1, 2, -1])}))).tolist() == [
        False,
        False,
        True,
    ]


def test_amounts_of_a_price_and_a_quantity_are_whole_cents() -> None:
    prices = TypedColumn(pa.array([1.25, 3.33, 2.0]))
    texts = TextBatch({"Kg": pa.array(["2.5", "0.5", "x"])}, np.arange(3))
    for cell, amounts in ((CellType.MONEY, [3, 2, None]), (CellType.NUMBER, [3.125, 1.665, None])):
        price = ColumnPlan("gmv", cell, "Price", by="Kg")
        found = cell_parsing._multiplied(prices, price, texts, Plan(KINDS["orders"], (price,), decimal="."))
        assert found.values.to_pylist() == amounts
        assert found.bad is not None
        assert found.bad.tolist() == [False, False, True]


def test_ids_as_tables_write_them() -> None:
    ids = pa.array([" A1", "A1", "1729.0", "10", "-3.00", "x.0", "1.5", "A\0B", "5.77E+17", "12e+5", "n/a", None])
    column = cell_text.words(ids, are_ids=True)
    assert column.values.to_pylist() == [
        "A1",
        "A1",
        "1729",
        "10",
        "-3",
        "x.0",
        "1.5",
        None,
        "5.77E+17",
        "12e+5",
        None,
        None,
    ]
    assert column.bad is not None
    assert column.bad.tolist() == [*[False] * 7, True, True, *[False] * 3]
    assert len(column.values.dictionary) == 8, "ids that are one without blanks are one"
    plain = cell_text.words(pa.array(["a", "b", "a"]), are_ids=True).values
    assert (plain.dictionary.to_pylist(), plain.indices.to_pylist()) == (["a", "b"], [0, 1, 0])


def test_either_figure_of_a_line_makes_it_a_return() -> None:
    figures = {"gmv": pa.array([5, -6, 7, None]), "units": pa.array([-1, 1, 2, None])}
    assert order_returns._negative(figures).to_pylist() == [True, True, False, False]
    assert order_returns._negative({"units": figures["units"]}).to_pylist() == [True, False, False, False]


def test_measures_that_are_kept_out_of_totals() -> None:
    plan = Plan(KINDS["daily"], (), measures=("click_rate", "visits"))
    assert column_plan.with_rates(plan, ["Click rate", "stock"]).rates == ("click_rate",)
    assert [column_plan._a(word) for word in ("amount", "day")] == ["an amount", "a day"]


def test_a_day_from_the_name_of_a_file_is_written_so() -> None:
    plan = parsed(columns={"date": {"from_file": True}, "a": "A"}).plan(["A"], {})
    assert "date = { from_file = true }" in mapping_text(plan)
