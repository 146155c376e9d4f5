"""Files as they are opened: standard input, patterns, packed and nested columns, cells of workbooks, lists of JSON."""

import gzip
import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.errors import UsageError, WhydropError
from core.ingest.formats import csv_blocks, record_text
from core.ingest.formats.batch import RefusedRow
from core.ingest.formats.csv_blocks import blocks
from core.ingest.formats.delimited import Delimited
from core.ingest.formats.documents.chart_shapes import chart_table
from core.ingest.formats.documents.json_series import moment_position, order_lines, points
from core.ingest.formats.documents.json_shapes import _by_key, _column_names
from core.ingest.formats.documents.xlsx import XlsxTable, _text
from core.ingest.formats.open_table import open_table
from core.ingest.formats.record_text import as_texts
from core.ingest.formats.sources import STDIN, sources
from core.ingest.formats.text_hash import bytes_of, text_hashes


def test_standard_input_is_read_from_its_start_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"day,calls\n2026-07-01,5\n")))
    (source,) = sources(STDIN)
    assert (source.name, source.path) == ("standard input", STDIN)
    with source.open() as first, source.open() as second:
        assert (first.read(4), second.read(3), first.read(6), second.read()) == (
            b"day,", b"day", b"calls\n", b",calls\n2026-07-01,5\n",
        )  # fmt: skip
    assert open_table(source).rows[1] == ("2026-07-01", "5")


def test_a_pattern_names_files_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).write_text("day,calls\n2026-07-01,5\n")
    assert [source.path.name for source in sources(tmp_path / "*.csv")] == ["a.csv", "b.csv"]
    with pytest.raises(UsageError, match=r"d\*: there is no such file"):
        list(sources(tmp_path / "d*"))


@pytest.mark.parametrize(("suffix", "encoding", "share"), [
    (".csv", "utf-8", 1.0), (".csv", "cp1252", None), (".csv.gz", "utf-8", None),
])  # fmt: skip
def test_how_much_of_a_file_is_read(tmp_path: Path, suffix: str, encoding: str, share: float | None) -> None:
    data = "Täglich,Klicks\n2026-07-01,5\n".encode(encoding)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
    (source,) = sources(path)
    records = open_table(source, encoding).records(0, ("Day", "Clicks"))
    assert isinstance(records, Delimited)
    assert records.fraction() is None
    reading = records.texts(("Clicks",))
    assert next(reading).columns["Clicks"].to_pylist() == ["5"]
    assert records.fraction() == share
    assert not list(reading)
    assert records.fraction() is None


def test_blocks_end_with_whole_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK", 8)
    assert list(blocks(io.BytesIO(b"a,1\nb,2\nc,3\nd,4"), ",", "a.csv")) == [b"a,1\nb,2\n", b"c,3\nd,4"]
    assert list(blocks(io.BytesIO(b"a,1\nb,22"), ",", "a.csv")) == [b"a,1\nb,22"], "no block is its last line alone"
    assert list(blocks(io.BytesIO(b"a,1\nb,2\nc,33"), ",", "a.csv")) == [b"a,1\nb,2\n", b"c,33"]
    assert list(blocks(io.BytesIO(b"a,\xff\n"), ",", "a.csv")) == [b"a,\x00\n"]
    with pytest.raises(WhydropError, match="a row is longer than 0 MB"):
        list(blocks(io.BytesIO(b"a,123456\n"), ",", "a.csv"))


def test_rows_come_in_blocks_and_keep_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_text, "BLOCK", 3)
    rows = [["a", "1"], ["b"], RefusedRow(99, "odd"), ["c", "3", ""], ["d", "4", "x"], ["e", ""], ["f", "6"]]
    batches = list(as_texts(rows, ("word", "figure"), ("figure",)))
    assert [(batch.columns["figure"].to_pylist(), batch.records.tolist()) for batch in batches] == [
        (["1", None], [0, 1]), (["3", None], [3, 5]), (["6"], [6]),
    ]  # fmt: skip
    assert [(row.record, row.reason) for batch in batches for row in batch.refused] == [
        (2, "odd"), (4, "3 cells where the header has 2"),
    ]  # fmt: skip


def test_a_packed_file_of_columns_that_are_coded_nested_or_no_text(tmp_path: Path) -> None:
    table = pa.table({
        "word": pa.array(["a", "b", "a"]).dictionary_encode(),
        "list": pa.array([[1, 2], None, []]),
        "bytes": pa.array([b"ok", b"\xff", None], pa.binary()),
        "outer": pa.array([{"inner": 1}, {"inner": None}, None]),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.parquet", "a.parquet")
    (source,) = sources(tmp_path / "a.zip")
    opened = open_table(source)
    names = opened.rows[0]
    assert names == ["word", "list", "bytes", "outer.inner"]
    (texts,) = opened.records(0, names).texts(names)
    assert [texts.columns[name].to_pylist() for name in names] == [
        ["a", "b", "a"], ["[1, 2]", None, "[]"], ["ok", "b'\\xff'", None], ["1", None, None],
    ]  # fmt: skip


@pytest.mark.parametrize(("cell", "text"), [
    (None, ""), (3.0, "3"), (2.5, "2.5"), (2.0**53, "9007199254740992.0"), (True, "True"),
    (datetime(2026, 7, 1), "2026-07-01"), (datetime(2026, 7, 1, 0, 0, 1), "2026-07-01 00:00:01"),
    (date(2026, 7, 1), "2026-07-01"), (time(9, 30), "09:30:00"), (timedelta(minutes=1.5), "90s"),
])  # fmt: skip
def test_cells_of_workbooks_as_text(cell: object, text: str) -> None:
    assert _text(cell) == text


def test_where_a_sheet_has_blank_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for place, cells in ((1, ("Day", "Calls")), (2, ("2026-07-01", 5)), (5, ("2026-07-02", 7)), (6, ("2026-07-03", 9))):
        for column, cell in enumerate(cells, 1):
            book.worksheets[0].cell(place, column, cell)
    book.save(tmp_path / "a.xlsx")
    (source,) = sources(tmp_path / "a.xlsx")
    table = open_table(source)
    assert isinstance(table, XlsxTable)
    assert (table.gaps, table.is_complete, len(table.rows)) == ({2}, True, 4)
    records = table.records(0, ("Day", "Calls"))
    (texts,) = records.texts(("Calls",))
    assert texts.columns["Calls"].to_pylist() == ["5", "7", "9"]
    assert list(records.locate([1])) == [(1, 5, "2026-07-02,7")]
    assert list(table.records(2, ("Day", "Calls")).locate([0])) == [(0, 6, "2026-07-03,9")]


def test_charts_of_points_that_are_lists_are_none() -> None:
    series: list[Any] = [{"name": "Calls", "data": [1, 2]}]
    chart: dict[str, Any] = {"labels": ["Mon", "Tue"], "datasets": series}
    assert chart_table(chart) == (["label", "Calls"], [["Mon", "1"], ["Tue", "2"]])
    points = [{"value": 1}, {"value": 2, "colour": "red"}]
    assert chart_table({**chart, "datasets": [{"name": "Calls", "data": points}]}) == chart_table(chart)
    for data in ([[1], [2]], [1], "12", None, [{"value": 1}, {"colour": "red"}]):
        assert chart_table({**chart, "datasets": [{"name": "Calls", "data": data}]}) is None
    assert chart_table({**chart, "datasets": [{"data": [1, 2]}]}) is None
    cells = [{"c": [{"v": "Date(2026, 6, 1, 0, 5)"}, None]}, {"c": [{"v": "Date(2026, 6, 2)"}, {"v": 3}]}]
    named = {"cols": [{"label": "Day"}, {"id": "calls"}], "rows": cells}
    assert chart_table(named) == (["Day", "calls"], [["2026-07-01T00:05:00", None], ["2026-07-02", "3"]])
    assert chart_table({**named, "cols": [{"label": "Day"}, {}]}) == (["Day", "2"], chart_table(named)[1])  # type: ignore[index]


def test_lists_in_objects_are_points_or_lines_where_all_are() -> None:
    row = {"name": "Calls", "values": [["2026-07-01", 5], ["2026-07-02", 7]]}
    both = [
        {"name": "Calls", "time": "2026-07-01", "value": "5"},
        {"name": "Calls", "time": "2026-07-02", "value": "7"},
    ]
    assert points([row]) == points([row, {"name": "Chats", "values": []}]) == both
    assert points([row, {"name": "Chats", "values": [[1, 2]]}]) is None
    assert points([{**row, "more": [[1782864000, 1]]}]) is None, "two lists"
    assert points([{"values": [[5, 1782864000], [7, 1782950400000]]}]) == [
        {"time": "2026-07-01T00:00:00+00:00", "value": "5"}, {"time": "2026-07-02T00:00:00+00:00", "value": "7"},
    ]  # fmt: skip
    assert [moment_position(pairs) for pairs in ([], "ab", [["2026-07-01"]], [[True, False]], [["x", "2026-07-01"]])] == [
        None, None, None, None, 1,
    ]  # fmt: skip
    assert moment_position([[10**400, 1782864000]]) == 1
    order = {"id": 1, "items": [{"sku": "a", "quantity": 2}]}
    assert order_lines([order, {"id": 2, "items": []}]) == [
        {"order_id": "1", "lineitem sku": "a", "lineitem quantity": "2"}, {"order_id": "2"},
    ]  # fmt: skip
    sums = {
        "nr": "a",
        "summe": 23.0,
        "lang": 10**400,
        "pos": [{"lang": 10**400, "menge": 2, "preis": 10}, {"menge": 1, "preis": 3}],
    }
    assert [line["lineitem preis"] for line in order_lines([sums]) or ()] == ["10", "3"]
    assert order_lines([order, {"id": 2}]) is order_lines([{"items": order["items"]}]) is None


@pytest.mark.parametrize(("item", "names"), [
    ([], []), (["a", "b"], ["a", "b"]), (["a", "a"], []), (["a", "2026-07-01"], []), ([{"name": "a"}, 3], []),
    ([{"name": "a"}, {"name": "b"}], ["a", "b"]), ([{"name": "a"}, {"name": "a"}], []), ([{"name": "a"}, {}], []),
])  # fmt: skip
def test_lists_that_name_columns(item: list[Any], names: list[str]) -> None:
    assert _column_names(item) == names


@pytest.mark.parametrize(("key", "names"), [("2026-07-01", ["date", "n"]), ("12", ["n"]), ("Berlin", ["key", "n"])])
def test_objects_by_a_day_a_number_or_a_name(key: str, names: list[str]) -> None:
    found = _by_key("", {key: {"n": 3}})
    assert (found.names, found.rows) == (names, [[*([key] if len(names) > 1 else []), "3"]])


def test_hashes_of_texts_know_blank_ones_and_parts_of_arrays() -> None:
    texts = pa.array(["unused", None, "", "eight bytes and more", "eight bytes and mort", "a"])[1:]
    data, starts, sizes = bytes_of(texts)
    assert (sizes.tolist(), bytes(data[starts[4] : starts[4] + 1])) == ([0, 0, 20, 20, 1], b"a")
    hashes = text_hashes([texts])
    assert len(set(hashes.tolist())) == 4, "only the blank ones are alike"
    assert hashes[1:].tolist() == text_hashes([texts[1:]]).tolist()
    assert text_hashes([texts, texts[::-1]])[0] != text_hashes([texts[::-1], texts])[0], "columns are in order"
