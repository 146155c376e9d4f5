"""Documents, letters of East Asia and files at the limits of what is a table, an encoding, or too much."""

import gzip
import io
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from core.base.errors import UsageError, WhydropError
from core.ingest.formats import sources, unpacking
from core.ingest.formats.charsets import multibyte
from core.ingest.formats.documents import document, json_shapes
from core.ingest.formats.documents.json_shapes import largest_table
from tests.ingest.shapes import figures, loads

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


def test_the_longest_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"a": 1}]')
    monkeypatch.setattr(document, "_LARGEST", 10)
    source = next(sources.sources(path))
    assert document._text(source, None, "")[0] == '[{"a": 1}]'
    monkeypatch.setattr(document, "_LARGEST", 9)
    with pytest.raises(WhydropError, match="too long for one document"):
        document._text(source, None, "")


def pairs(**counts: int) -> multibyte._Pairs:
    """Characters by their two bytes, so many of each."""
    own = [bytes.fromhex(code) for code, count in counts.items() for _ in range(count) if code != "singles"]
    return multibyte._Pairs(tuple(pair[0] for pair in own), tuple(pair[1] for pair in own), counts.get("singles", 0))


@pytest.mark.parametrize(("test", "counts", "fits"), [
    ("korean", {"b0a1": 97, "c9a1": 3}, True), ("korean", {"b0a1": 96, "c9a1": 4}, False), ("korean", {"c8fe": 100}, True),
    ("korean", {"b0a0": 100}, False),
    ("korean", {"afa1": 100}, False), ("korean", {"b0a1": 97, "c9a1": 3, "a1a1": 50}, True),
    ("korean", {"b0a1": 97, "c9a1": 3, "a3a1": 50}, True), ("korean", {"b0a1": 97, "c9a1": 3, "a4a1": 50}, False),
    ("simplified", {"b0a1": 90, "d7a1": 10}, True), ("simplified", {"b0a1": 98, "d7a1": 2}, False),
    ("simplified", {"d7a1": 100}, True), ("simplified", {"d8a1": 100}, False),
    ("simplified", {"d7a0": 100}, False), ("simplified", {"d7a1": 80, "a3a1": 20}, True),
    ("simplified", {"c9a1": 100}, True), ("simplified", {"c8a1": 100}, False),
    ("traditional", {"a440": 100}, True), ("traditional", {"c67f": 100}, True), ("traditional", {"a480": 100}, False),
    ("traditional", {"a340": 100}, False), ("traditional", {"c740": 100}, False),
    ("shift_jis", {"829f": 10, "8150": 90}, True), ("shift_jis", {"829e": 10, "8150": 90}, True),
    ("shift_jis", {"8396": 10, "e050": 90}, True), ("shift_jis", {"e250": 100}, False),
    ("shift_jis", {"9850": 100}, True), ("shift_jis", {"9950": 100}, False), ("shift_jis", {"e150": 100}, True),
    ("shift_jis", {"8050": 100}, False),
    ("euc_jp", {"a4a1": 12, "b0a1": 88}, True), ("euc_jp", {"a4a1": 11, "b0a1": 89}, False),
    ("euc_jp", {"a5a1": 100}, True), ("euc_jp", {"a5a0": 100}, False), ("euc_jp", {"a4a1": 50, "cfa1": 50}, True),
    ("euc_jp", {"a4a1": 20, "d0a1": 80}, False), ("euc_jp", {"a4a1": 50, "a1a1": 50}, True),
    ("euc_jp", {"a4a1": 20, "b0a0": 80}, False),
])  # fmt: skip
def test_bytes_of_the_letters_of_an_encoding(test: str, counts: dict[str, int], fits: bool) -> None:
    told = getattr(multibyte, f"_is_{test}")
    assert told(pairs(**counts)) == fits


def test_how_many_letters_tell_an_encoding() -> None:
    for test, code in (
        ("korean", "b0a1"),
        ("simplified", "d7a1"),
        ("traditional", "a440"),
        ("shift_jis", "829f"),
        ("euc_jp", "a4a1"),
    ):
        told = getattr(multibyte, f"_is_{test}")
        assert [told(pairs(**{code: count})) for count in (multibyte._FEWEST - 1, multibyte._FEWEST)] == [
            False,
            True,
        ], test
    half = pairs(b0a1=5, singles=5)
    assert (half.share(lambda lead, trail: lead == 0xB0), pairs().share(lambda lead, trail: True)) == (0.5, 0.0)
    assert half.without(range(0xB0, 0xB1)).leads == ()
    read = multibyte._pairs
    assert read(b"a\xb0\xa1b\xb0\xa2", "cp949") == multibyte._Pairs((0xB0, 0xB0), (0xA1, 0xA2), 0)
    assert read(b"\xb1\x82\x9f\xa0\x41", "cp932") == multibyte._Pairs((0x82, 0xA0), (0x9F, 0x41), 1)
    assert read(b"\xdf\xe0\x41x", "cp932") == multibyte._Pairs((0xE0,), (0x41,), 1)
    assert read(b"\x81\x30\x81\x30\xb0\xa1", "gb18030") == multibyte._Pairs((0xB0,), (0xA1,), 0)
    assert read(b"\x81\x39\x81\x30\xb0\xa1", "gb18030").leads == (0xB0,)
    assert read(b"\x81\x3a\xb0\xa1", "gb18030").leads == (0x81, 0xB0)
    decodes = multibyte._decodes
    for sample, is_such in (
        (b"abc", True),
        (b"\xb0\xa1\xb0", True),
        (b"\xb0", False),
        (b"\xb0\xff\xb0\xa1\xb0\xa1", False),
        (b"ab\xff", True),
        (b"ab\xff\xff", True),
        (b"ab\xffcde", False),
    ):
        assert decodes(sample, "cp949") == is_such, sample
    words = multibyte._is_in_words
    assert [words(text.encode("cp949"), "cp949") for text in ("a가b가 가", "a가b 가 가 가", "가")] == [
        True,
        False,
        False,
    ]


def test_what_standard_and_packed_files_may_hold(tmp_path: Path) -> None:
    plain = tmp_path / "a.csv"
    plain.write_bytes(b"Day,Visits\n" + b"x" * 9000)
    source = next(sources.sources(plain))
    assert [
        sources.may_hold(source, own) for own in ([["Day", "Visits"]], [["Day", "Zorks"]], [["Zorks"], ["Day"]], [])
    ] == [True, False, True, False]
    assert sources.may_hold(replace(source, suffix=".xlsx"), [["Zorks"]])
    assert sources.may_hold(replace(source, is_plain=False), [["Zorks"]])
    plain.write_bytes(b"\xff\xfeD\0a\0y\0")
    assert sources.may_hold(source, [["Zorks"]])
    plain.write_bytes(b"x" * (1 << 13) + b"Day")
    assert not sources.may_hold(source, [["Day"]]), "beyond the header"
    for name, is_hidden in (
        (".a.csv", True),
        ("~$a.xlsx", True),
        ("__MACOSX/a.csv", True),
        ("b/.a", True),
        (".b/a.csv", False),
        ("a.csv", False),
    ):
        assert sources._is_hidden(name) == is_hidden, name
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(b"x" * 500))
    assert unpacking._unpacked_bytes(packed) == 500
    assert unpacking._unpacked_bytes(plain) == 0
    packed.write_bytes(b"\0" * 17)
    assert unpacking._unpacked_bytes(packed) == 0
    for claimed, believed in ((18 * 1032, 18 * 1032), (18 * 1032 + 1, 0)):
        packed.write_bytes(b"\0" * 14 + claimed.to_bytes(4, "little"))
        assert unpacking._unpacked_bytes(packed) == believed
    for extra, fits in ((0, True), (1, False)):
        stream = unpacking.Unpacked(cast(Any, io.BytesIO(b"abc")), "a", 0)
        stream._left = 3 - extra
        if fits:
            assert (stream.read(), stream.read(5)) == (b"abc", b"")
        else:
            with pytest.raises(WhydropError, match="unpacks to far more than a table can"):
                stream.read()
    with pytest.raises(WhydropError, match="far more"):
        unpacking.Unpacked(cast(Any, io.BytesIO()), "a", 1 << 20, (300 << 20) + 1)
    unpacking.Unpacked(cast(Any, io.BytesIO()), "a", 1 << 20, 300 << 20)
    unpacking.Unpacked(cast(Any, io.BytesIO()), "a", 0, 256 << 20)
    with pytest.raises(UsageError, match="no such file"):
        next(sources.sources(tmp_path / "zork*.csv"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="the folder holds no exports"):
        next(sources.sources(tmp_path / "empty"))


def test_a_delimiter_behind_every_row_but_the_header_is_no_column(tmp_path: Path) -> None:
    loads(tmp_path, "A bank\nDate,Text,Amount\n2026-07-01,a,1.50,\n2026-07-02,b,2.25,\n")
    assert figures(tmp_path, "SELECT sum(amount), count(*) FROM daily") == (3.75, 2)
    with pytest.raises(UsageError, match="has 3 cells, and no row below it has as many"):
        loads(tmp_path, "Date,Text,Amount\n2026-07-01,a,1.50,\n2026-07-02,b,2.25,x\n")
