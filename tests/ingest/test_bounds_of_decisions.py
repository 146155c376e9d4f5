"""Decisions at their limits: what a table is asked for and has, what its columns are called, which cells are days."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.base.days import parse_day
from core.base.errors import MissingColumn, NoDailyFigures, UsageError, WrongOption
from core.catalogue.kinds import KINDS, CellType
from core.ingest.columns.column_decisions import with_day
from core.ingest.columns.column_profile import ColumnProfile, profiles
from core.ingest.columns.compared_columns import _is_difference
from core.ingest.columns.id_columns import repeats_as_codes
from core.ingest.columns.levels import _carry_on, _is_sum_of_moves, is_balance
from core.ingest.columns.measure_ratios import _decimals, _doubts
from core.ingest.columns.shares_and_marks import share_columns
from core.ingest.formats.batch import RefusedRow, TextBatch
from core.ingest.formats.sources import sources
from core.ingest.headers.column_names import english_names
from core.ingest.layout import TableRegion, total_records
from core.ingest.mapping.cell_text import column_text, whole, words
from core.ingest.mapping.column_plan import ColumnPlan, Plan
from core.ingest.plans.daily_plan import _called, _day_column, _no_figures, _target
from core.ingest.plans.row_identity import from_source, with_partitions
from core.ingest.presets import preset
from core.ingest.recognition import _refuse_incomplete_orders, recognize
from core.ingest.request import Request, SharedDimensions
from core.ingest.shapes.metric_rows import _labels, _named_figures
from core.ingest.table_starts import _with_rows


def columns(**cells: Sequence[str | None]) -> dict[str, ColumnProfile]:
    """Columns with these cells, in this order."""
    texts = {name: pa.array(own, pa.string()) for name, own in cells.items()}
    return profiles(TextBatch(texts, np.arange(len(next(iter(texts.values()))))), list(cells))


def region(*rows: Sequence[str]) -> TableRegion:
    return TableRegion(rows=rows, offset=0, header=0, above=(), is_whole=True)


def floats(*values: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.array(values, float)


def test_what_is_asked_for_is_a_kind_a_preset_or_refused() -> None:
    header = ("order_id", "ordered_at", "gmv")
    assert recognize(region(header), "orders", None).kind.name == "orders"
    with pytest.raises(
        WrongOption, match=r"no kind or preset 'order'\. Did you mean orders.*Kinds: traffic, orders, .*"
    ):
        recognize(region(header), "order", None)
    with pytest.raises(UsageError, match="the column gmv appears twice. Remove one of them, or rename it."):
        recognize(region((*header, " GMV ")), "orders", None)
    stripe = preset("stripe-payments")
    names = [next(iter(synonyms)) for synonyms in stripe.recognised_by]
    assert recognize(region(names), "stripe-payments", None).mapping is stripe
    assert stripe.shown_names == tuple(synonyms[0] for synonyms in stripe.recognised_by)
    assert preset("olist").shown_names[:2] == ("order_id", "customer_id")
    assert len(preset("olist").shown_names) == 6
    known = frozenset(english_names(names))
    assert stripe.recognises(names, known)
    assert not stripe.recognises(names[1:], frozenset(english_names(names[1:])))


def test_columns_to_slice_by_are_those_of_any_table() -> None:
    shared = SharedDimensions()

    def table(*own: str) -> tuple[Sequence[str], Sequence[str]]:
        def opened(request: Request) -> Sequence[str]:
            if lacking := [name for name in request.dimensions if name not in own]:
                raise MissingColumn(f"no column {lacking[0]}")
            return request.dimensions

        dimensions, request, lacks = shared.opened(Request(dimensions=("a", "b")), opened)
        assert dimensions == request.dimensions
        return dimensions, lacks

    assert (table("a"), table("b", "a")) == ((("a",), ["b"]), (("a", "b"), []))
    shared.check()
    other = SharedDimensions()
    other.opened(Request(), lambda _: None)
    other.check()
    shared._lacking["c"] = MissingColumn("no column c")
    with pytest.raises(MissingColumn, match="no column c"):
        shared.check()


def test_sources_are_of_the_user_the_file_or_its_system() -> None:
    own = ColumnPlan("source", CellType.WORD, "Shop")
    plan = Plan(kind=KINDS["daily"], columns=(ColumnPlan("date", CellType.DAY, "Day"), own), dimensions=("source",))
    assert from_source(plan, Request()) is plan
    with pytest.raises(WrongOption, match="its column 'Shop' gives the source of each row. Leave out --source."):
        from_source(plan, Request(source="A"))
    known = from_source(Plan(kind=plan.kind, columns=plan.columns, preset="p", system="Etsy"), Request(source="A"))
    assert [(column.source, column.constant) for column in known.columns if column.target == "source"] == [(None, "A")]
    system = from_source(Plan(kind=plan.kind, columns=plan.columns[:1], system="Etsy"), Request())
    assert [column.constant for column in system.columns] == [None, "Etsy"]
    parts = with_partitions(plan, "data/country=DE/date=2026-07-01/shop=/a.csv")
    assert {column.target: column.constant for column in parts.columns if column.constant} == {"country": "DE"}


def test_names_of_measures_are_free_and_those_of_the_funnel_are_known() -> None:
    assert [_target("Calls", {"calls", "calls_2"}), _target("!!", set()), _target("date", set())] == [
        "calls_3", "column", "date_",
    ]  # fmt: skip
    assert _target("Calls", {"calls_eur"}, "EUR") == "calls_eur_2"
    assert _called(("ord_cnt", "x")) == {"ord_cnt": "Orders"}
    assert _called(("ord_cnt", "Orders")) == {}
    assert _called(("Klicks", "Bestellungen")) == {"Klicks": "Clicks", "Bestellungen": "Orders"}


@pytest.mark.parametrize(("cells", "day", "rates", "said"), [
    ({"Day": ["2026-07-01"]}, "Day", (), ". It has Day."),
    ({"Day": []}, "Day", (), "it has a header (Day) and no rows."),
    ({"Day": ["2026-07-01"] * 3, "What": ["a", "b", "c"]}, "Day", (), " (What: 'a', 'b'). If it lists what changed, load it"),
    ({"What": ["a", "b", "c"]}, None, (), " (What: 'a', 'b')."),
    ({"violation": ["a"], "b": ["x"], "c": ["y"], "d": ["z"]}, None, (), " (b: 'x'; c: 'y'; d: 'z'). If it says which viol"),
    ({"Day": ["2026-07-01"]}, "Day", ("stock",), ": stock says what there is at a time"),
    ({"Day": ["2026-07-01"]}, "Day", ("stock", "price"), ": stock, price say what there is at a time"),
])  # fmt: skip
def test_why_a_table_has_no_figures(
    cells: Mapping[str, Sequence[str]], day: str | None, rates: Sequence[str], said: str
) -> None:
    assert said in _no_figures(columns(**cells), day, rates)


def test_days_without_a_column_are_the_nth_or_that_of_the_file() -> None:
    nth = columns(n=[str(at) for at in range(9)], Calls=["5"] * 9)
    assert _day_column(nth, {}, period=True).source == "n"
    assert _day_column(nth, {}, period=False).from_file
    assert _day_column(columns(n=[str(at) for at in range(1, 10)], Calls=["5"] * 9), {}, period=True).from_file
    assert _day_column(columns(When=["soon", "late"]), {"date": "When"}, period=False).source == "When"
    assert _day_column(columns(When=[None, None]), {"date": "When"}, period=False).from_file


def test_differences_need_two_rows_and_two_columns() -> None:
    figures = {"a": floats(1, 2), "b": floats(3, 5), "c": floats(2, 3)}
    assert _is_difference(floats(1, 2), "a", figures)
    assert _is_difference(floats(-1, -2), "a", figures), "in either order"
    assert not _is_difference(floats(1, 3), "a", figures)
    assert not _is_difference(floats(1, np.nan), "a", figures)


def test_codes_repeat_far_more_often_than_figures() -> None:
    """Three codes in 300 rows; as many figures as rows do not repeat, one number or round ones show nothing."""
    rows = 300
    assert repeats_as_codes(columns(x=["1001", "2002", "8003"] * (rows // 3))["x"])
    for cells in (["1001"] * rows, ["1000", "2000", "8000"] * (rows // 3), [str(1000 + 7 * at) for at in range(rows)],
                  ["101", "202", "803"] * (rows // 3), ["1001", "2002", "8003"] * 3):  # fmt: skip
        assert not repeats_as_codes(columns(x=cells)["x"])


def test_a_balance_changes_by_what_other_columns_have() -> None:
    moves = floats(5, -3, 4, 7, -6, 2, 9, -8, 3, 1, -2, 6)
    left = 100 + np.cumsum(moves)
    assert is_balance("left", {"left": left, "in": moves}, None)
    assert not is_balance("left", {"left": left}, None), "nothing moves it"
    assert not is_balance("left", {"left": np.append(left[:-1], np.nan), "in": moves}, None)
    assert not is_balance("left", {"left": left, "in": moves[::-1]}, None)
    assert not is_balance("left", {"left": left[:4], "in": moves[:4]}, None), "too few rows"
    changes = np.diff(left)
    assert _is_sum_of_moves(changes, np.array([moves[1:]]))
    assert not _is_sum_of_moves(np.zeros(11), np.array([moves[1:]]))
    others = np.random.default_rng(1).normal(size=(6, 11))
    assert not _is_sum_of_moves(changes, others), "six columns and eleven rows give anything"


def test_prices_carry_on_where_the_last_ones_ended() -> None:
    closes = floats(10, 12, 11, 15, 14)
    opens = floats(9, 10, 12, 11, 15)
    assert _carry_on(opens, closes, None)
    assert not _carry_on(opens[:1], closes[:1], None)
    assert not _carry_on(floats(10, 11, 10, 11, 10), floats(30, 31, 29, 30, 31), None), "visitors of two shops"


def test_shares_and_marks_stand_next_to_what_they_are_of() -> None:
    rows = np.arange(20)
    visits = 60.0 + rows
    figures = {"visits": visits, "share": (rows % 7 + 1) / 10, "stars": 4 + (rows % 5) / 10, "kilos": visits / 20}
    assert share_columns({}, figures) == {"share", "stars"}, "what goes up and down with the visits is a sum"
    assert share_columns({"share": "Weight kg"}, figures) == {"stars"}
    assert share_columns({}, {**figures, "share": figures["share"] * 21.5}) == {"stars"}
    assert share_columns({}, {**figures, "visits": visits - 30}) == set(), "nothing is counted by the dozen"
    assert share_columns({}, {name: own[:3] for name, own in figures.items()}) == set()


def test_texts_of_several_batches_are_one_and_unreadable_ones_are_bad() -> None:
    assert whole([]) is None
    first = TextBatch({"a": pa.array(["x"])}, np.array([0]), (RefusedRow(1, "odd"),))
    joined = whole([first, TextBatch({"a": pa.array(["y", None])}, np.array([2, 3]))])
    assert joined is not None
    assert (joined.columns["a"].to_pylist(), joined.records.tolist(), len(joined.refused)) == (
        ["x", "y", None],
        [0, 2, 3],
        1,
    )
    broken = pa.array([b"ok", b"\xff", b"a\0b", None], pa.binary()).cast(pa.string(), safe=False)
    typed = words(broken)
    assert typed.values.to_pylist() == ["ok", None, None, None]
    assert typed.bad is not None
    assert typed.bad.tolist() == [False, True, True, False]
    ids = words(pa.array(["5.77001E+17", "100.0", " 7 ", ""]), are_ids=True)
    assert (ids.values.to_pylist()[1:], ids.bad is not None and ids.bad.tolist()) == (
        ["100", "7", None], [True, False, False, False],
    )  # fmt: skip
    plan = ColumnPlan("state", CellType.WORD, "a", words={"x": "other"})
    assert column_text(joined, plan).to_pylist() == ["other", "y", None]
    assert column_text(joined, ColumnPlan("state", CellType.WORD, constant="c")).to_pylist() == ["c"] * 3


def test_totals_are_looked_for_in_whole_tables_of_two_rows() -> None:
    batch = TextBatch(
        {"Day": pa.array(["2026-07-01", "2026-07-02", "Total"]), "Calls": pa.array(["5", "7", "12"])}, np.arange(3)
    )
    figures = {"Calls": floats(5, 7, 12)}
    table = region(("Day", "Calls"))
    assert total_records(table, batch, "Day", figures) == {2}
    part = TableRegion(rows=table.rows, offset=0, header=0, above=(), is_whole=False)
    assert total_records(part, batch, "Day", figures) == set()
    alone = TextBatch({"Day": pa.array(["Total"]), "Calls": pa.array(["12"])}, np.arange(1))
    assert total_records(table, alone, "Day", {"Calls": floats(12)}) == set()


def test_of_two_headers_with_nothing_between_the_known_one_is_kept() -> None:
    rows = [("Orders", "Clicks"), ("Alpha", "Beta"), ("1", "2"), ("Orders", "Clicks"), ("3", "4")]
    assert _with_rows(rows, [0, 1, 3], frozenset()) == [0, 3]
    assert _with_rows(rows[1:], [0, 2], frozenset()) == [0, 2]
    assert _with_rows([rows[1], rows[0], rows[2]], [0, 1], frozenset()) == [1]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ("date metric value", ("metric", "value")),
        ("date metric number", ("metric", "number")),
        ("date metric no", None),
        ("date thing count", ("thing", "count")),
        ("date thing sales", None),
        ("date thing no", None),
        ("date metric thing", None),
    ],
)
def test_which_columns_name_figures_and_hold_them(names: str, found: tuple[str, str] | None) -> None:
    sample = [[f"2026-07-0{day}", word, str(day)] for day in (1, 2, 3) for word in ("Sessions", "Orders")]
    rows = [[row[0], row[1], "x"] for row in sample] if names == "date metric thing" else sample
    assert _named_figures(names.split(), rows) == found


def test_several_columns_of_named_figures_are_refused() -> None:
    for names in ("metric actual target", "metric value target"):
        with pytest.raises(UsageError, match="it has several columns of figures: "):
            _named_figures(names.split(), [["Orders", "1", "2"]])


def test_a_column_of_one_word_for_each_figure_is_its_unit() -> None:
    def told(units: list[str], words: list[str]) -> tuple[list[str], dict[str, str]]:
        named = pa.array(words).dictionary_encode()
        return _labels({"unit": pa.array(units)}, named, ["unit"])

    words = ["Sales", "Orders"] * 2
    assert told(["EUR", "pcs"] * 2, words) == ([], {"Sales": "EUR"})
    assert told(["%", "1/day"] * 2, words) == ([], {"Sales": "%", "Orders": "1/day"})
    assert told(["EUR", "pcs"], words[:2]) == (["unit"], {}), "one row of each shows nothing"
    assert told(["EUR", "EUR"] * 2, words) == (["unit"], {})
    assert told(["EUR", "pcs", "pcs", "pcs"], words) == (["unit"], {})
    assert told(["2026-07-01", "2026-07-02"] * 2, words) == (["unit"], {})


def test_what_is_said_of_measures_that_are_added_up() -> None:
    names = {name: name.title() for name in ("visitors", "zz", "orders", "clicks", "size")}
    assert _doubts(names, ["size"], ["orders"]) == [
        "the same may count again on each day and in each slice: visitors, size",
        "added up, as nothing shows otherwise: zz, orders; if one is a stock or an average, load again with --rate zz",
    ]
    assert _doubts({"clicks": "Clicks"}, (), ()) == []


def test_decimals_of_a_cell_stand_behind_its_mark() -> None:
    assert [_decimals(cell, mark) for cell, mark in (("1.25", "."), ("1,250.5", "."), ("1.250,5", ","))] == [2, 1, 1]
    assert [_decimals("1.25", "auto"), _decimals("12 %", "."), _decimals("1,25", ".")] == [2, 0, 0]


FROM_FILE = Plan(KINDS["daily"], (ColumnPlan("date", CellType.DAY, from_file=True),))


def dated(path: Path, day: int | None, period: Sequence[int], plan: Plan = FROM_FILE) -> tuple[str | None, str]:
    """The day of a table that has no column for it, and what is said of that."""
    path.write_text("orders\n1\n")
    (source,) = sources(path)
    found = with_day(plan, {}, source, day, period)
    return found.columns[0].constant, found.notes[-1].partition("counts on ")[2]


def test_a_table_without_days_is_of_the_day_that_is_said_nearest_to_it(tmp_path: Path) -> None:
    named, bare = tmp_path / "sales_2026-07-05.csv", tmp_path / "sales.csv"
    july = parse_day("2026-07-01")
    last = "2026-07-02, the last day of the period above its header"
    assert dated(named, None, (july, july + 1)) == ("2026-07-02", last)
    assert dated(named, july, (july, july + 1)) == ("2026-07-01", "2026-07-01, as you say")
    assert dated(named, None, ()) == ("2026-07-05", "the day in its name or folder")
    bare.touch()
    with pytest.raises(NoDailyFigures, match="Give its day with --day"):
        dated(bare, None, ())
    written = dated(bare, None, (), replace(FROM_FILE, preset="known"))[1]
    assert written.endswith("the day that the file was written; give another with --day")
    given = Plan(KINDS["daily"], (ColumnPlan("date", CellType.DAY, "Day"),))
    assert with_day(given, {}, next(iter(sources(named))), None, ()) is given


def test_an_export_of_orders_lacks_one_column_that_its_system_has() -> None:
    shop = ["name", "financial status", "created at", "lineitem quantity", "lineitem name", "lineitem price"]
    with pytest.raises(UsageError, match="the columns of the preset shopify-orders without 'Lineitem quantity'"):
        _refuse_incomplete_orders([name for name in shop if name != "lineitem quantity"])
    _refuse_incomplete_orders(shop[:4])
    _refuse_incomplete_orders(["date", "orders"])
