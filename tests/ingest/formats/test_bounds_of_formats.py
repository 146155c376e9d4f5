"""Tables in JSON documents at the limits of what is one."""

from typing import Any

import pytest

from core.ingest.formats.documents import json_shapes
from core.ingest.formats.documents.json_shapes import largest_table

DAYS = ["2026-07-01", "2026-07-02", "2026-07-03"]


def found(document: Any) -> tuple[str, list[str], list[tuple[str | None, ...]]] | None:
    table = largest_table(document)
    return None if table is None else (table.path, [*table.names], [tuple(row) for row in table.rows])


def deep(levels: int, value: Any) -> Any:
    for _ in range(levels):
        value = {"a": value}
    return value


def test_lists_of_lists_have_names_in_the_first_or_next_to_them() -> None:
    rows = [["Day", "Visits"], [DAYS[0], 5], [DAYS[1], 6]]
    wanted = ("", ["Day", "Visits"], [(DAYS[0], "5"), (DAYS[1], "6")])
    assert found(rows) == wanted
    assert found(rows[:2]) == ("", ["Day", "Visits"], [(DAYS[0], "5")])
    assert found(rows[:1]) is None
    for first in (["Day", "Day"], ["Day"], ["Day", 5], ["Day", ""], ["Day", DAYS[0]]):
        assert found([first, *rows[1:]]) is None, first
    assert found({"columns": ["Day", "Visits"], "rows": rows[1:]}) == wanted
    assert found({"columns": [{"name": "Day"}, {"name": "Visits"}], "rows": rows[1:]}) == wanted
    assert found({"columns": ["Day", "Visits", "Orders"], "more": ["Day", "Visits"], "rows": rows[1:]}) == wanted, (
        "as many names as cells"
    )
    assert found({"columns": ["Day", "Day"], "rows": rows[1:]}) is None
    assert found({"columns": ["Day", "Visits"], "rows": [[DAYS[0], [5]], [DAYS[1], 6]]}) is None
    for levels in (json_shapes.DEEPEST, json_shapes.DEEPEST + 1):
        assert (found(deep(levels, rows)) is None) == (levels > json_shapes.DEEPEST), levels


def test_objects_that_are_tables() -> None:
    assert found({"day": DAYS, "visits": [5, 6, 7]}) == ("", ["day", "visits"], [*zip(DAYS, "567", strict=True)])
    assert found({"visits": [5, 6, 7]}) is None, "one list"
    assert found({"day": DAYS, "visits": [5, 6]}) is None
    by_day = {"visits": dict(zip(DAYS, (5, 6, 7), strict=True)), "orders": {DAYS[1]: 1, DAYS[2]: 2, "2026-07-04": 3}}
    assert found(by_day) == (
        "",
        ["date", "visits", "orders"],
        [(DAYS[0], "5", None), (DAYS[1], "6", "1"), (DAYS[2], "7", "2"), ("2026-07-04", None, "3")],
    )
    assert found({"visits": {DAYS[0]: 5, DAYS[1]: 6}}) is None, "two days"
    assert found({"visits": {DAYS[0]: {"a": 5}, DAYS[1]: 6, DAYS[2]: 7}}) is None
    by_key = {day: {"visits": at, "orders": at + 1} for at, day in enumerate(DAYS)}
    assert found(by_key) == (
        "",
        ["date", "visits", "orders"],
        [(DAYS[0], "0", "1"), (DAYS[1], "1", "2"), (DAYS[2], "2", "3")],
    )
    visits = [{"visits": at} for at in range(3)]
    assert found(dict(zip("xyz", visits, strict=True))) == ("", ["key", "visits"], [("x", "0"), ("y", "1"), ("z", "2")])
    assert found(dict(zip("789", visits, strict=True))) == ("", ["visits"], [("0",), ("1",), ("2",)])
    assert found(dict(zip("xy", visits, strict=False))) is None
    assert found(dict(zip("xyz", [*visits[:2], {"orders": 2}], strict=True))) is None
    assert found({**by_key, "2026-07-04": {}}) == found(by_key), "a day of nothing"
    columns = {"day": {"0": DAYS[0], "1": DAYS[1]}, "visits": {"0": 5, "1": 6}}
    assert found(columns) == ("", ["day", "visits"], [(DAYS[0], "5"), (DAYS[1], "6")])


def test_pairs_of_a_moment_and_a_figure() -> None:
    pairs = [[1782864000 + 86400 * at, 5 + at] for at in range(3)]
    moments = [str(moment) for moment, _ in pairs]
    assert found({"visits": pairs}) == ("", ["time", "visits"], [*zip(moments, "567", strict=True)])
    turned = [[figure, moment] for moment, figure in pairs]
    assert found({"visits": pairs, "orders": turned}) == (
        "",
        ["time", "visits", "orders"],
        [*zip(moments, "567", "567", strict=True)],
    )
    assert found({"visits": pairs[:2]}) is None
    apart = found({"visits": pairs, "orders": [*pairs[:2], [1783209600, 7]]})
    assert apart == ("visits", ["time", "value"], [*zip(moments, "567", strict=True)]), "of other moments: a table each"
    assert found(pairs) == ("", ["time", "value"], [*zip(moments, "567", strict=True)])


def test_objects_in_objects() -> None:
    rows = [
        {"shop": "A", "days": [{"day": DAYS[0], "visits": 5}, {"day": DAYS[1], "visits": 6}]},
        {"shop": "B", "days": [{"day": DAYS[0], "visits": 7}]},
    ]
    assert found(rows) == (
        "",
        ["shop", "day", "visits"],
        [("A", DAYS[0], "5"), ("A", DAYS[1], "6"), ("B", DAYS[0], "7")],
    )
    single = [{**row, "days": row["days"][:1]} for row in rows]
    assert found(single) is not None
    assert len((found(single) or ("", [], []))[2]) == 2
    named = [
        {"name": name, "title": "t", "values": [{"end_time": day, "value": at} for at, day in enumerate(DAYS)]}
        for name in ("likes", "views")
    ]
    assert found(named) is not None
    assert (found(named) or ("", [], []))[1][:1] != ["title"]
    assert len((found(named) or ("", [], []))[2]) == 6
    report = {
        "metricHeaders": [{"name": "views"}, {"name": "users"}], "rows": [
            {"dimensionValues": [{"value": "a"}], "metricValues": [{"value": "5"}, {"value": "6"}]},
            {"dimensionValues": [{"value": "b"}], "metricValues": [{"value": "7"}, {"value": "8"}]},
            {"dimensionValues": [{"value": "c"}], "metricValues": [{"value": "9"}, {"value": "0"}]},
        ],
    }  # fmt: skip
    assert found(report) == (
        "rows",
        ["dimensionValues", "views", "users"],
        [("a", "5", "6"), ("b", "7", "8"), ("c", "9", "0")],
    )
    assert found({**report, "metricHeaders": [{"name": "views"}]}) == (
        "rows",
        ["dimensionValues", "metricValues.1", "metricValues.2"],
        [("a", "5", "6"), ("b", "7", "8"), ("c", "9", "0")],
    )
    assert found([{"a": [5]}, {"a": [6]}]) == ("", ["a"], [("5",), ("6",)])
    assert found(
        {"x": deep(json_shapes.DEEPEST - 1, {"metrics": ["views", "users"]}), "rows": report["rows"]}
    ) == found({**report, "metricHeaders": []}), "too deep for a name"
    for size, parts in ((json_shapes._MOST_PARTS, True), (json_shapes._MOST_PARTS + 1, False)):
        assert bool(json_shapes._part_names("a", [{"a": [*range(size)]}] * 2, {})) == parts
    assert json_shapes._part_names("a", [{"a": [1, 2]}, {"a": [1]}], {}) == []
    assert json_shapes._part_names("a", [{"a": [1, [2]]}], {}) == []
    assert json_shapes._part_names("a", [{"a": []}], {}) == []


def test_other_tables_of_figures_are_named() -> None:
    document = {
        "big": [{"day": day, "n": 1} for day in DAYS],
        "small": [{"n": 1}, {"n": 2}, {"n": 3}],
        "one": [{"n": 1}],
        "two": [{"n": 1}, {"n": 2}],
        "words": [{"a": "x"}] * 3,
    }
    table = largest_table(document)
    assert table is not None
    assert (table.path, [*table.others]) == ("big", ["small"])
    for path, outer, within in (
        ("a.b", "a", True),
        ("a", "a", True),
        ("ab", "a", False),
        ("a", "", True),
        ("a", "a.b", False),
    ):
        assert json_shapes._is_within(path, outer) == within


@pytest.mark.parametrize(
    ("item", "is_figure"),
    [
        (5, True),
        (5.5, True),
        ("5", True),
        ("-5.25", True),
        ("1234567890123", False),
        ("x", False),
        ([], True),
        (None, False),
    ],
)
def test_values_that_are_figures(item: Any, is_figure: bool) -> None:
    assert json_shapes._is_figure(item) == is_figure
