# ruff: noqa: E501 - files are as systems write them
"""The table in a JSON document, in every shape in which systems answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.ingest.formats.documents.json_shapes import largest_table
from tests.ingest.shapes import days, figures, loads

DAYS = days(4)
ORDERS = [5, 7, 11, 20]
PAIRS = list(zip(DAYS, ORDERS, strict=True))

SHAPES: dict[str, Any] = {
    "columns and lists": {"columnHeaders": [{"name": "day"}, {"name": "orders"}], "rows": [list(pair) for pair in PAIRS]},
    "columns below other keys": {"data": {"rows": [list(pair) for pair in PAIRS], "cols": [{"name": "day"}, {"name": "orders"}]}, "id": 3},
    "columns, index, data": {"columns": ["date", "orders"], "index": [0, 1, 2, 3], "data": [list(pair) for pair in PAIRS]},
    "a header and lists": [["date", "orders"], *(list(pair) for pair in PAIRS)],
    "a list for each column": {"currency": "EUR", "dates": DAYS, "orders": ORDERS},
    "an object for each column": {"date": dict(enumerate(DAYS)), "orders": dict(enumerate(ORDERS))},
    "objects by number": {str(at): {"date": day, "orders": count} for at, (day, count) in enumerate(PAIRS)},
    "objects by day": {"visits": {day: {"orders": count} for day, count in PAIRS}},
    "values named elsewhere": {
        "dimensionHeaders": [{"name": "date"}], "metricHeaders": [{"name": "orders"}],
        "rows": [{"dimensionValues": [{"value": day}], "metricValues": [{"value": str(count)}]} for day, count in PAIRS],
    },
    "values named by the question": {"results": [{"dimensions": [day], "metrics": [count]} for day, count in PAIRS], "query": {"metrics": ["orders"], "dimensions": ["day"]}},
    "one key a row": {"rows": [{"keys": [day], "orders": count} for day, count in PAIRS]},
    "values of each figure": {"data": [{"name": name, "title": f"Daily {name}", "values": [{"value": at * count, "end_time": f"{day}T07:00:00+0000"} for day, count in PAIRS]} for at, name in enumerate(("orders", "views"), 1)]},
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_document_gives_its_days(tmp_path: Path, shape: str) -> None:
    loads(tmp_path, json.dumps(SHAPES[shape]), "answer.json")
    assert figures(tmp_path, "SELECT count(*), sum(orders), min(date), max(date) FROM daily") == (
        4,
        43,
        DAYS[0],
        DAYS[3],
    )


def test_amounts_of_an_order_are_not_repeated_by_its_lines() -> None:
    orders = [
        {"id": at, "total": 10.5, "lines": [{"sku": "A", "price": 4}, {"sku": "B", "price": 6.5}]} for at in range(3)
    ]
    table = largest_table({"orders": orders})
    assert table is not None
    assert (table.path, len(table.rows), list(table.names)) == ("orders", 3, ["id", "total", "lines"])


def test_words_that_tell_lists_of_one_figure_apart_are_kept() -> None:
    values = [{"value": count, "end_time": day} for day, count in PAIRS]
    table = largest_table([{"country": country, "name": "orders", "values": values} for country in ("ID", "TH")])
    assert table is not None
    assert list(table.names) == ["country", "name", "value", "end_time"]
    assert [row[0] for row in table.rows] == ["ID"] * len(PAIRS) + ["TH"] * len(PAIRS)


def test_lists_that_are_not_read_are_said(tmp_path: Path) -> None:
    lists = {
        name: [{"date": day, name: count} for day, count in PAIRS[:size]]
        for name, size in (("visits", 3), ("orders", 4))
    }
    names = [{"name": name, "type": "INTEGER"} for name in ("date", "orders", "visits")]
    report = loads(tmp_path, json.dumps({"result": lists, "columns": names}), "answer.json")
    assert (
        report.files[0]
        .notes[0]
        .startswith("read result.orders, the longest list of the document; left out: result.visits.")
    )
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily") == (43, 4)


def test_words_and_single_things_are_no_table() -> None:
    assert largest_table({"id": 5, "name": "x", "tags": ["a", "b"]}) is None
    assert largest_table({"metrics": {"orders": 4}, "of": {"day": "2026-07-01"}}) is None
    for names, label in ((("Ulm", "Kiel", "Bonn"), ["key"]), (("7", "8", "9"), []), (DAYS[:3], ["date"])):
        alike = largest_table({name: {"orders": at, "views": 9} for at, name in enumerate(names)})
        assert alike is not None
        assert (list(alike.names), alike.rows[1][-2:]) == ([*label, "orders", "views"], ["1", "9"])
    ragged = largest_table([{"keys": ["a"], "n": 1}, {"keys": ["a", "b"], "n": 2}])
    assert ragged is not None
    assert list(ragged.names) == ["keys", "n"]


def test_lines_inside_of_orders_that_are_a_line_each_are_the_rows(tmp_path: Path) -> None:
    orders = [
        {
            "order_number": f"N{at}",
            "created_at": f"2026-07-0{at}",
            "lines": [{"sku": f"S{line}", "quantity": 2, "line_total": at} for line in range(at)],
        }
        for at in (1, 2, 3)
    ]
    loads(tmp_path, "".join(f"{json.dumps(order)}\n" for order in orders), "orders.jsonl", as_kind="orders")
    assert figures(tmp_path, "SELECT count(*), sum(gmv), sum(units) FROM orders") == (6, 14, 12)  # 1 + 2 x 2 + 3 x 3


FIRST, SECOND, THIRD = DAYS[:3]
TABLES: dict[str, tuple[Any, str, list[str], list[tuple[str | None, ...]]]] = {
    "columns by name and lists": (
        {"answer": {"fields": [{"displayName": "day"}, {"displayName": "n"}], "values": [[FIRST, 1], [SECOND, None]]}},
        *("answer", ["day", "n"], [(FIRST, "1"), (SECOND, None)]),
    ),
    "points of two series": (
        {"series": {name: [[day, at * by] for at, day in enumerate(DAYS[:3])] for name, by in (("a", 1), ("b", 10))}},
        *("series", ["time", "a", "b"], [(FIRST, "0", "0"), (SECOND, "1", "10"), (THIRD, "2", "20")]),
    ),
    "figures by day": (
        {"visits": dict.fromkeys(DAYS[:3], 5), "orders": dict.fromkeys(DAYS[1:4], 2.5)},
        *("", ["date", "visits", "orders"]),
        [(FIRST, "5", None), (SECOND, "5", "2.5"), (THIRD, "5", "2.5"), (DAYS[3], None, "2.5")],
    ),
    "a list for each column": (
        {"meta": {"a": [1, 2], "b": [3, 4]}, "data": {"a": [1, 2, 3], "b": ["x", "y", "z"]}},
        *("data", ["a", "b"], [("1", "x"), ("2", "y"), ("3", "z")]),
    ),
    "an object for each column": (
        {"day": {"0": FIRST, "1": SECOND}, "n": {"0": 3, "1": 4}},
        *("", ["day", "n"], [(FIRST, "3"), (SECOND, "4")]),
    ),
    "rows inside of rows": (
        [{"shop": shop, "rows": [{"day": FIRST, "n": n}, {"day": SECOND, "n": 9}]} for shop, n in (("A", 1), ("B", 2))],
        *("", ["shop", "day", "n"], [("A", FIRST, "1"), ("A", SECOND, "9"), ("B", FIRST, "2"), ("B", SECOND, "9")]),
    ),
    "several values of a row": (
        [{"day": FIRST, "counts": [1, {"value": 2}]}, {"day": SECOND, "counts": [3, {"value": 4}]}],
        *("", ["day", "counts.1", "counts.2"], [(FIRST, "1", "2"), (SECOND, "3", "4")]),
    ),
    "the value of a row": (
        [{"day": FIRST, "metric": [1]}, {"day": SECOND, "metric": [3]}],
        *("", ["day", "metric"], [(FIRST, "1"), (SECOND, "3")]),
    ),
    "the longest of several": (
        {"a": [{"n": 1}, {"n": 2}], "b": {"c": [{"n": 3, "inner": {"x": True}}, {"n": 4}, {"n": 5}]}},
        *("b.c", ["n", "inner.x"], [("3", "true"), ("4", None), ("5", None)]),
    ),
}


@pytest.mark.parametrize("shape", TABLES)
def test_every_cell_of_the_table_in_a_document(shape: str) -> None:
    document, path, names, rows = TABLES[shape]
    table = largest_table(document)
    assert table is not None
    assert (table.path, list(table.names), [tuple(row) for row in table.rows]) == (path, names, rows)


def test_other_tables_of_figures_are_named() -> None:
    document = {name: [{"n": at} for at in range(size)] for name, size in (("a", 3), ("b", 4), ("c", 2))}
    table = largest_table({**document, "d": [{"n": word} for word in "xyz"]})
    assert table is not None
    assert (table.path, list(table.others)) == ("b", ["a"])  # two rows are too few, and words no figures
