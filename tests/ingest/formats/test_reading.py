"""Reading tables: any dialect, any format, any damage."""

import csv
import gzip
import io
import json
import lzma
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from core.base.errors import WhydropError
from core.ingest.formats.batch import TextBatch
from core.ingest.formats.csv_blocks import last_end
from core.ingest.formats.open_table import open_table
from core.ingest.formats.sources import ExportSource, sources
from core.workspace.write.load import load
from tests.conftest import ROOT
from tests.workspace.loading import loaded, rows, written

CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8).map(str.strip)
SOFT = st.sampled_from(["", "a\nb", 'say "x"', "a,b;c|d\te", " x ", "é", "0012", "'", "\u00ad"])
TABLE = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(st.one_of(CELL, SOFT), min_size=width, max_size=width), min_size=1, max_size=8)
)
NAMES = ["alpha", "beta", "gamma", "delta", "epsilon"]


def only(path: Path) -> ExportSource:
    (source,) = sources(path)
    return source


def read_back(path: Path, header: list[str], row: int = 0) -> list[list[str]]:
    table = open_table(only(path))
    assert list(table.rows[row]) == header
    batches: list[TextBatch] = list(table.records(row, header).texts(header))
    assert not any(batch.refused for batch in batches)
    columns = [[cell or "" for batch in batches for cell in batch.columns[name].to_pylist()] for name in header]
    return [list(cells) for cells in zip(*columns, strict=True)]


@settings(max_examples=60, deadline=None)
@given(
    TABLE,
    st.sampled_from([",", "\t", ";", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_any_table_in_any_dialect_reads_back_equal(table, delimiter, encoding, ending, quoting) -> None:  # type: ignore[no-untyped-def]
    header = NAMES[: len(table[0])]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=quoting).writerows([header, *table])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(text.getvalue().encode(encoding))
        assert read_back(path, header) == table


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('ab",;\n\r'), max_size=60), st.sampled_from([",", ";"]))
def test_a_text_may_be_cut_after_any_whole_record(text: str, delimiter: str) -> None:
    def records(part: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(part, newline=""), delimiter=delimiter))

    end = last_end(text.encode(), delimiter)
    assert records(text[:end]) + records(text[end:]) == records(text)
    assert end or "\n" not in text.partition('"')[0]


def test_blocks_are_put_together_as_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ingest.formats.csv_blocks.BLOCK", 64)
    table = [[str(n), 'say "x"\n' * (n % 3), "é" * (n % 5)] for n in range(200)]
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([NAMES[:3], *table])
    assert read_back(tmp_path / "t.csv", NAMES[:3]) == table


@settings(max_examples=20, deadline=None)
@given(TABLE)
def test_other_formats_read_back_equal(table) -> None:  # type: ignore[no-untyped-def]
    header = NAMES[: len(table[0])]
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in table)
        Path(folder, "t.jsonl").write_text(lines, encoding="utf-8")
        assert read_back(Path(folder, "t.jsonl"), header) == table
        pq.write_table(
            pa.table({name: [row[n] for row in table] for n, name in enumerate(header)}), Path(folder, "t.parquet")
        )
        assert read_back(Path(folder, "t.parquet"), header) == table


def test_workbooks_read_back_dates_numbers_and_ids(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    from datetime import datetime

    book = openpyxl.Workbook()
    for row in (
        ["id", "when", "price"],
        [58387000.0, datetime(2026, 1, 2), 1.5],
        ["0012", datetime(2026, 1, 2, 3, 4), None],
    ):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    assert read_back(tmp_path / "t.xlsx", ["id", "when", "price"]) == [
        ["58387000", "2026-01-02", "1.5"],
        ["0012", "2026-01-02 03:04:00", ""],
    ]


TEXT = "date,market,clicks\n2026-01-01,ID,5\n"
ZSTD = pa.Codec("zstd")


def zipped(text: str, *names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name in enumerate(names):
            archive.writestr(name, text.replace("-01,ID", f"-0{number + 1},ID"))
    return out.getvalue()


PACKED: dict[str, bytes] = {
    "a.csv.gz": gzip.compress(TEXT.encode()),
    "a.csv.xz": lzma.compress(TEXT.encode()),
    "a.csv.zst": ZSTD.compress(TEXT.encode(), asbytes=True),
    "a.zip": zipped(TEXT, "x.csv", "__MACOSX/._x.csv"),
    "cp1252.csv": TEXT.replace("ID", "Côte").encode("cp1252"),
    "old mac.csv": TEXT.replace("\n", "\r").encode(),
    "preamble.csv": b"Report of the shop\nfrom 2026-01-01\n\n" + TEXT.encode(),
    "spaces.csv": TEXT.replace(",", " , ").encode(),
    "caps.csv": TEXT.replace("market", "Market").encode(),
}


@pytest.mark.parametrize("name", PACKED)
def test_packed_and_odd_files_load_as_the_plain_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PACKED[name])
    report = loaded(tmp_path / "w.db", tmp_path / name)
    assert (report.kind, report.accepted) == ("traffic", 1)
    assert rows(tmp_path / "w.db", "SELECT date, clicks, market IN ('ID', 'Côte') FROM traffic") == [
        ("2026-01-01", 5, 1)
    ]


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_an_archive_of_several_files_loads_each(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(TEXT, "x.csv", "deep/y.csv"))
    report = load(tmp_path / "w.db", [tmp_path / "a.zip"])
    assert [one.accepted for one in report.files] == [1, 1]


def no_rows() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({name: pa.array([], pa.string()) for name in ("date", "orders")}), stream)
    return stream.getvalue()


JUNK: dict[str, tuple[Callable[[], bytes], str]] = {
    "junk.csv": (lambda: bytes(range(256)) * 40, "binary"),
    "nul.csv": (lambda: b"date,clicks\n2026-01-01,\0\n" * 50, "binary"),
    "cut.csv.gz": (lambda: gzip.compress(TEXT.encode() * 50_000)[:200], "damaged or cut short"),
    "not.csv.zst": (lambda: b"no zstd at all", "damaged|unpacked"),
    "not.zip": (lambda: b"no zip at all", "not a readable .zip"),
    "not.parquet": (lambda: b"PAR1 and nothing", "not a readable Parquet"),
    "no rows.parquet": (no_rows, "it has a header \\(date, orders\\) and no rows"),
    "field.csv": (lambda: b'date,clicks\n2026-01-01,"' + b"x" * (9 << 20), "longer than"),
    "line.jsonl": (lambda: b'{"date": "' + b"x" * (9 << 20) + b'"}', "longer than|JSON"),
}


@pytest.mark.parametrize("name", JUNK)
def test_damage_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    make, says = JUNK[name]
    (tmp_path / name).write_bytes(make())
    with pytest.raises(WhydropError, match=says):
        load(tmp_path / "w.db", [tmp_path / name])


def test_what_unpacks_to_far_more_than_a_table_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ingest.formats.unpacking._EASY_BYTES", 1 << 20)
    monkeypatch.setattr("core.ingest.formats.unpacking._BOMB_RATIO", 50)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(TEXT.encode() + b"2026-01-01,ID,5\n" * 200_000, 9))
    with pytest.raises(WhydropError, match="far more than a table"):
        load(tmp_path / "w.db", [tmp_path / "bomb.csv.gz"])
    assert not (tmp_path / "w.db").exists()


def test_deep_json_and_late_damage_cost_their_rows_only(tmp_path: Path) -> None:
    good = '{"date": "2026-01-01", "clicks": 1}\n'
    (tmp_path / "a.jsonl").write_text(
        good + "[" * 100_000 + "\n" + "no json\n" + '{"date": "2026-01-02", "clicks": [1]}\n'
    )
    report = loaded(tmp_path / "w.db", tmp_path / "a.jsonl")
    assert (report.read, report.accepted, report.rejected) == (4, 1, 3)
    late = (
        b"date,market,clicks\n"
        + b"2026-01-01,ID,1\n" * 100_000
        + b"2026-01-02,\xff\xfe,2\n2026-01-02,a\0b,2\n2026-01-02,TH,3\n"
    )
    (tmp_path / "late.csv").write_bytes(late)
    report = loaded(tmp_path / "v.db", tmp_path / "late.csv")
    assert (report.rejected, report.unchanged) == (2, 99_999)


def test_a_row_of_odd_length_that_is_no_text_costs_itself_only(tmp_path: Path) -> None:
    late = (
        b"date,market,clicks\n"
        + b"2026-01-01,ID,1\n" * 30_000
        + b"2026-01-02,\xff\xfe\n2026-01-03,TH,1\n2026-01-04,\xe0"
    )
    (tmp_path / "late.csv").write_bytes(late)
    report = load(tmp_path / "w.db", [tmp_path / "late.csv"])
    assert (report.files[0].read, report.files[0].accepted) == (30_003, 2)
    assert [one.line for one in report.rejects] == [30_002, 30_004]


def test_what_cannot_be_seen_in_a_name_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("date,cl\0icks,\x1bviews\n2026-01-01,5,6\n".encode("utf-16"))
    assert loaded(tmp_path / "w.db", tmp_path / "a.csv").kind == "daily"
    assert rows(tmp_path / "w.db", "SELECT clicks, views FROM daily") == [(5, 6)]


def test_a_parquet_file_with_bytes_that_are_no_text_loses_those_rows_only(tmp_path: Path) -> None:
    market = pa.array([b"ID", b"T\xe1H"], pa.binary()).view(pa.string())
    table = pa.table({"date": ["2026-01-01", "2026-01-02"], "market": market, "clicks": [5, 6]})
    pq.write_table(table, tmp_path / "a.parquet")
    report = load(tmp_path / "w.db", [tmp_path / "a.parquet"])
    assert (report.files[0].accepted, report.files[0].rejected) == (1, 1)
    assert report.rejects[0].raw == "2026-01-02,T\ufffdH,6"
    unmarked = {"date": [b"2026-01-01"], "market": [b"T\xe1H"], "clicks": [b"5"]}
    pq.write_table(
        pa.table({name: pa.array(cells, pa.binary()) for name, cells in unmarked.items()}), tmp_path / "c.parquet"
    )
    assert load(tmp_path / "u.db", [tmp_path / "c.parquet"]).files[0].accepted == 1
    assert rows(tmp_path / "u.db", "SELECT date, market, clicks FROM traffic") == [("2026-01-01", r"b'T\xe1H'", 5)]
    figures = pa.array([b"5", b"6\xb4"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"date": ["2026-01-01", "2026-01-02"], "clicks": figures}), tmp_path / "b.parquet")
    report = load(tmp_path / "v.db", [tmp_path / "b.parquet"])
    assert (report.files[0].accepted, report.files[0].rejected) == (1, 1)


LEAVES = """
import sys
from pathlib import Path
from core.ingest.formats.sources import sources
from core.ingest.formats.open_table import open_table
(source,) = sources(Path(sys.argv[1]))
table = open_table(source)
next(iter(table.records(0, table.rows[0]).texts(["clicks"])))
"""


def test_a_program_that_leaves_a_text_early_ends(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(TEXT.encode() + b"2026-01-02,ID,5\n" * 2_000_000)
    for _ in range(3):
        subprocess.run([sys.executable, "-c", LEAVES, str(tmp_path / "a.csv")], cwd=ROOT, timeout=30, check=True)


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(st.sampled_from('date,clicks;\t\n\r"2026-01-\0|x\ufeff'), max_size=300).map(str.encode),
    )
)
def test_whatever_the_bytes_a_load_ends_in_a_report_or_one_clear_line(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(b"date,clicks\n2026-01-01,1\n" + data if len(data) % 2 else data)
        try:
            report = loaded(Path(folder, "w.db"), path)
        except WhydropError as error:
            said = str(error)
        else:
            said = "" if report.read == report.accepted + report.rejected + report.unchanged else "rows are missing\n"
        assert "\n" not in said


def test_refused_rows_have_their_lines_in_every_dialect(tmp_path: Path) -> None:
    text = 'Report\n\ndate;clicks;market\n2026-01-01;1;"a\nb"\n2026-01-02;x;c\n\n2026-01-03;y;"d\n\ne"\n'
    (tmp_path / "a.csv").write_bytes(text.replace("\n", "\r\n").encode("utf-16"))
    report = load(tmp_path / "w.db", [written(tmp_path, "b.csv", text), tmp_path / "a.csv"])
    assert [one.line for one in report.rejects] == [6, 8, 6, 8]
    assert report.rejects[0].raw == "2026-01-02;x;c"


def test_letters_of_turkey_and_russia_are_told_by_their_words(tmp_path: Path) -> None:
    from core.ingest.formats.encoding import encoding_of

    turkish = "Tarih;Görüntülenme;Sipariş Sayısı;Ciro\n01.07.2026;5;6;7\n"
    russian = "Дата;Заказали на сумму\n" + "01.07.2026;1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,00\n" * 30
    assert encoding_of(turkish.encode("cp1254"), "x") == "cp1254"
    assert encoding_of(russian.encode("cp1251"), "x") == "cp1251"
    for text, encoding in (("Größe;Straße;Stück", "cp1252"), ("Odsłony;Wartość sprzedaży", "cp1250")):
        assert encoding_of(text.encode(encoding), "x") == encoding


def test_a_workbook_that_unpacks_to_far_more_is_refused_and_another_is_read_from_its_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from core.ingest.formats.unpacking import refuse_bomb

    bomb = zipped("0" * 3_000_000, "sheet.xml")
    stream = io.BytesIO(bomb)
    refuse_bomb(stream, "a.xlsx")
    assert stream.tell() == 0
    monkeypatch.setattr("core.ingest.formats.unpacking._EASY_BYTES", 1_000)
    with pytest.raises(WhydropError, match="far more than a table"):
        refuse_bomb(io.BytesIO(bomb), "a.xlsx")
    refuse_bomb(io.BytesIO(zipped("".join(map(chr, range(33, 126))) * 40, "sheet.xml")), "a.xlsx")
