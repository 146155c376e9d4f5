"""Columns, encodings, delimiters, headers and records at the limits of each rule."""

import csv
import io

import numpy as np
import pyarrow as pa
import pytest

from core.base.errors import UsageError, WhydropError
from core.ingest.columns.column_profile import Role, profiles
from core.ingest.formats.batch import RefusedRow, TextBatch
from core.ingest.formats.charsets.multibyte import _pairs, multibyte_encoding
from core.ingest.formats.different_cells import differ_within
from core.ingest.formats.encoding import _Recoded, encoding_of
from core.ingest.formats.record_text import as_texts
from core.ingest.formats.sniffing import SniffedText, _delimiter, _records, header_row, modal_width, unique
from core.ingest.formats.text_hash import text_hashes
from core.ingest.headers.id_names import is_id_name
from core.ingest.mapping import cell_text


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        (["1"] + [str(k) for k in range(2, 10)] + ["x"], Role.NUMBER),
        ([str(k) for k in range(8)] + ["x", "y"], Role.TEXT),
        ([f"2026-07-{k:02}" for k in range(1, 9)] + ["x", "y"], Role.DATE),
        ([f"2026-07-{k:02}" for k in range(1, 8)] + ["x", "y", "z"], Role.TEXT),
        ([f"{k}%" for k in range(1, 6)] + ["9"] * 1, Role.PERCENT),
        (["5%", "6", "7"], Role.NUMBER),
        (["20260701", "20260702"], Role.DATE),
        (["20260701", "20269999"], Role.NUMBER),
        (["units", "1", "2"], Role.NUMBER),
        (["-", "n/a"], Role.BLANK),
        ([None, " "], Role.BLANK),
    ],
)
def test_what_the_cells_of_a_column_are(cells: list[str | None], role: Role) -> None:
    batch = TextBatch({"a": pa.array(cells, pa.string())}, np.arange(len(cells)), ())
    column = profiles(batch, ["a"])["a"]
    assert column.role is role
    assert (column.filled, column.rows) == (sum(cell is not None for cell in cells), len(cells))
    assert profiles(None, ["a"])["a"].role is Role.BLANK


@pytest.mark.parametrize(("name", "cells", "role"), [
    ("Date", ["46.235", "1.046.235"], Role.NUMBER), ("Day", ["46235", "46236.5"], Role.DATE),
    ("Updates", ["46235", "46236"], Role.NUMBER), ("update", ["46235", "46236"], Role.DATE),
    ("Monthly revenue", ["1834.55", "1901.40", "2233.09"], Role.NUMBER), ("Month", ["2026.07", "2026.13"], Role.DATE),
])  # fmt: skip
def test_figures_in_a_column_that_is_called_a_date_are_days_only_where_they_can_be(
    name: str, cells: list[str], role: Role
) -> None:
    assert profiles(TextBatch({name: pa.array(cells)}, np.arange(len(cells)), ()), [name])[name].role is role


def test_remarks_and_marked_cells() -> None:
    def column(*cells: str):  # type: ignore[no-untyped-def]
        return profiles(TextBatch({"a": pa.array(cells)}, np.arange(len(cells)), ()), ["a"])["a"]

    assert column("x" * 61).is_remark
    assert not column("x" * 60).is_remark
    assert column("https://a", "b").is_remark
    assert column("1.5", "2.25", "1.234", "5", "1,5").marked() == ["1.5", "1.234", "1,5"]
    assert column("a", "b", "a", "c", "d").samples == ("a", "b", "c")
    names = {"Order ID": True, "id": True, "SKU": True, "Number of orders": False, "No": False, "номер": True,
             "Bestellnummer": True,
             "orders": False, "número de pedidos": False, "número pedido": True, "": False, "รหัสสินค้า": True}  # fmt: skip
    assert {name: is_id_name(name) for name in names} == names


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp949", "날짜,조회수,주문\n매출,수익,합계\n"),
        ("gb18030", "日期,浏览量,订单数\n销售额,转化率,成交金额\n"),
        ("big5hkscs", "日期,瀏覽量,訂單數\n銷售額,轉換率,成交金額\n"),
        ("cp932", "日付,セッション数,注文数\n売上,ユーザー\n"),
        ("euc_jp", "日付,セッション数,注文数\n売上,ユーザー\n"),
    ],
)
def test_letters_of_east_asia(encoding: str, text: str) -> None:
    assert multibyte_encoding(text.encode(encoding), "a.csv") == encoding
    assert encoding_of(text.encode(encoding), "a.csv") == encoding
    cut = text.encode(encoding)[:-2]
    assert multibyte_encoding(cut[:-1] if cut[-1] >= 0x80 else cut, "a.csv") in {encoding, None}
    two = "".join(letter for letter in text if ord(letter) > 127)[:2]
    assert multibyte_encoding(f"a,{two}\n".encode(encoding), "a.csv") is None, "two letters say nothing"


@pytest.mark.parametrize(
    ("sample", "encoding"),
    [
        (b"\xef\xbb\xbfa,b", "utf-8-sig"),
        ("a,東京\n1,2\n".encode("iso2022_jp"), "iso2022_jp_ext"),
        ("a,b\n1,2\n".encode("utf-16"), "utf-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "utf-16-le"),
        ("a,b\n1,2\n".encode("utf-16-be"), "utf-16-be"),
        ("a,b".encode("utf-32"), "utf-32"),
        ("é,ü,1".encode(), "utf-8"),
        (b"a,b\n1,2\n", "utf-8"),
        ("Größe,Verkäufe,für\n".encode("cp1252"), "cp1252"),
        ("Дата,Просмотры\n".encode("cp1251"), "cp1251"),
        ("วันที่,ยอดขาย,ราคา,สินค้า\n".encode("cp874"), "cp874"),
        ("จำนวนคำสั่งซื้อ,คลิก,รายได้,ลูกค้า\n".encode("cp874"), "cp874"),
        ("Ürün,Satış,Tarih,değer\n".encode("cp1254"), "cp1254"),
    ],
)
def test_encodings_by_marks_zeros_and_letters(sample: bytes, encoding: str) -> None:
    assert encoding_of(sample, "a.csv") == encoding
    assert encoding_of(sample, "a.csv", "GBK") == "gb18030"


def test_what_is_no_text_is_refused() -> None:
    for sample in (b"a\0b\1c", b"\x80\x81\x02\x03" * 50):
        with pytest.raises(WhydropError, match="binary data"):
            encoding_of(sample, "a.csv")
    with pytest.raises(UsageError, match="no encoding 'klingon'"):
        encoding_of(b"a", "a.csv", "klingon")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_under_which_rows_are_alike(delimiter: str) -> None:
    rows = [["day", "a, b", "c"], ["1;2", "3|4", "5"], ["6", "7", "8"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    assert _delimiter(out.getvalue(), True) == delimiter
    found, ends, gaps = _records(f"{out.getvalue()}\r\nx{delimiter}y\r\n", delimiter, True, None)
    assert list(found) == [*map(tuple, rows), ("x", "y")]
    assert gaps == {3}
    assert ends[-1] == (len(out.getvalue()) + 2 + 5, 5)
    cut, _, _ = _records(out.getvalue() + f"x{delimiter}y", delimiter, False, None)
    assert len(cut) == 3, "the last row of what is not complete"
    some, _, _ = _records(out.getvalue(), delimiter, False, 1)
    assert len(some) == 2


def test_one_sign_in_a_hundred_may_be_a_control_sign() -> None:
    text = "é,b\n".encode("cp1252") * 24 + b"a,b\x01"
    assert (len(text), text.decode(encoding_of(text, "a.csv")).count(",b")) == (100, 25)
    with pytest.raises(WhydropError, match="binary data"):
        encoding_of(text[1:], "a.csv")


def test_the_header_among_titles_and_rows() -> None:
    def known(name: str) -> bool:
        return name in {"date", "views", "clicks"}

    rows = [["Report"], ["date", "views", "other"], ["2026-01-01", "5", "6"], ["2026-01-02", "7", "8"]]
    assert header_row(rows, known) == 1
    words = [["Report of July"], ["tag", "aufrufe"], ["1.1.2026", "5"], ["2.1.2026", "6"]]
    assert header_row(words, known) == 1
    assert header_row([["date"], ["2026-01-01"]], known) == 0
    assert header_row([["Shop"], ["Ash"], ["Oak"]], known) == 0, "none is known, and the first has no figure"
    assert header_row([["12"], ["Ash"], ["Oak"]], known) == 1
    assert header_row([["1", "2"], ["3", "4"]], known) is None
    assert header_row([["", "a"], ["1", "2"]], known) is None
    assert modal_width([["a"], ["a", "b"], ["c", "d"], ["e"]]) == 2
    assert unique(["a", "a", "", " a "]) == ("a", "a (2)", "(column 3)", "a (3)")


def test_hashes_of_rows_tell_texts_apart() -> None:
    first, second = pa.array(["ab", "a", "", "x" * 17, "x" * 17]), pa.array(["c", "bc", "abc", "y", "z"])
    hashes = text_hashes([first, second])
    assert len(set(hashes.tolist())) == 5
    assert text_hashes([first[1:], second[1:]]).tolist() == hashes[1:].tolist()
    assert text_hashes([first, first])[3] == text_hashes([first, first])[4]
    long = pa.array(
        ["x" * 4_000_000, "x" * 3_999_999 + "y", "x" * 4_000_000, None, "x" * 1025]
    )  # not eight bytes at a time
    hashes = text_hashes([long, first])
    assert len(set(hashes.tolist())) == 5
    assert text_hashes([long])[0] == text_hashes([long[1:]])[1] != text_hashes([long])[1]


def test_rows_of_odd_length_are_refused_where_a_cell_is_too_many() -> None:
    rows = [["1", "2"], ["3"], ["4", "5", ""], ["6", "7", "8"], RefusedRow(0, "why", "raw"), ["9", None]]
    (batch,) = as_texts(rows, ["a", "b"], ["b"])
    assert batch.columns["b"].to_pylist() == ["2", None, "5", None]
    assert batch.records.tolist() == [0, 1, 2, 5]
    assert [(row.record, row.reason) for row in batch.refused] == [(3, "3 cells where the header has 2"), (4, "why")]
    assert batch.refused[0].raw == "6,7,8"


def test_cells_are_filled_cut_and_left_out_as_the_plan_says() -> None:
    orders = pa.array(["A", "A", "B", None, "A", "B"])
    text = pa.array(["1", None, None, None, None, "2"])
    assert cell_text._filled(text, orders).to_pylist() == ["1", "1", "2", None, "1", "2"]
    amounts = pa.array(["9", "9", "5", "7", "9", "5"])
    assert cell_text._first_only(amounts, orders, "0").to_pylist() == ["9", "0", "5", "7", "0", "0"]
    below = pa.array([None, "9", "5", None, "9", "5"])
    assert cell_text._first_only(below, orders, None).to_pylist() == [None, "9", "5", None, None, None]
    other = pa.array(["Cancelled", "paid", None, "UNPAID", "paid", "x"])
    left_out = cell_text._rows_with(other, frozenset({"cancelled", "unpaid"}), lambda _: False)
    assert left_out.tolist() == [True, False, False, True, False, False]
    parts = pa.array(["a/b/c", "d"])
    assert cell_text._part(parts, "/", False).to_pylist() == ["a", "d"]
    assert cell_text._part(parts, "/", True).to_pylist() == ["b/c", ""]
    shown = pa.array(["2026-07-01T10:00:00+07:00", "2026-07-01 10:00 UTC", "2026-07-01"])
    assert cell_text.without_offsets(shown).to_pylist() == ["2026-07-01T10:00:00", "2026-07-01 10:00", "2026-07-01"]
    ids = cell_text.words(pa.array([" 1729.0 ", "5.77001E+17", "x", "", None, "1729"]), are_ids=True)
    assert ids.values.to_pylist() == ["1729", "5.77001E+17", "x", None, None, "1729"]
    assert ids.bad is not None
    assert ids.bad.tolist() == [False, True, False, False, False, False]


def test_words_of_one_day_differ_whatever_their_numbers() -> None:
    days = np.array([0, 0, 1])
    assert differ_within(days, np.array([2, 1, 1]))
    assert not differ_within(days, np.array([2, 2, 1])), "a weekday"


def test_a_header_may_be_given_other_names() -> None:
    ends = ((4, 1), (8, 2))
    text = SniffedText(
        encoding="utf-8",
        delimiter=",",
        rows=(("a", "b"), ("1", "2")),
        ends=ends,
        old_lines=False,
        gaps=frozenset(),
        is_complete=True,
    )
    assert text.dialect(0).header == ("a", "b")
    named = text.dialect(0, ["Day", "Calls"])
    assert (named.header, named.data_at, named.lines_before) == (("Day", "Calls"), 4, 1)


def test_text_in_another_encoding_is_read_in_parts() -> None:
    stream = _Recoded(io.BytesIO("é,ü".encode("cp1252")), "cp1252", old_lines=False)
    assert [stream.read(0), stream.read(2), stream.read()] == [b"", "é".encode(), ",ü".encode()]


def test_letters_of_two_bytes_begin_above_ascii() -> None:
    pairs = _pairs(b"\x7f\x80a\x81b,", "gb18030")
    assert (pairs.leads, pairs.trails) == ((0x80, 0x81), (0x61, 0x62))
