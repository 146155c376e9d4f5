"""Pages called .xls, XML workbooks, JSON documents, workbooks with merged cells, archives of sheets: read, or one clear line."""

import json
import zipfile
from pathlib import Path

import pytest

from core.base.errors import RefusedFile, WhydropError
from core.ingest.formats.documents import xlsx
from core.ingest.formats.opened_file import OpenedFile
from core.ingest.formats.sources import ExportSource
from core.workspace.write.load import load
from tests.ingest.shapes import figures

PAGE = """<html><head><meta charset="{charset}"><style>td{{x:1}}</style></head><body><table border=1>
<tr><th colspan=3>Toko Ku &amp; co</th></tr><tr><th>Date</th><th>Orders</th><th>Caf\u00e9 sales</th></tr>
<tr><td>2026-07-01</td><td>5</td><td>1,250.50</td></tr><tr><td>2026-07-02<td>7<td>2.00</table></body></html>"""
WORKBOOK = """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>
<Row><Cell><Data ss:Type="String">Date</Data></Cell><Cell><Data>Clicks</Data></Cell><Cell><Data>Visits</Data></Cell></Row>
<Row><Cell><Data>2026-07-01</Data></Cell><Cell ss:Index="3"><Data>9</Data></Cell></Row>
<Row><Cell><Data>2026-07-02</Data></Cell><Cell><Data>4</Data></Cell><Cell><Data>8</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "nonsense"])
def test_a_page_that_is_called_xls_is_read(tmp_path: Path, charset: str) -> None:
    encoding = "utf-8" if charset == "nonsense" else charset
    (tmp_path / "report.xls").write_bytes(PAGE.format(charset=charset).encode(encoding))
    load(tmp_path / "w.db", [tmp_path / "report.xls"])
    assert figures(tmp_path, "SELECT sum(orders), sum(café_sales), max(date) FROM daily") == (12, 1252.5, "2026-07-02")


def test_an_xml_workbook_is_read_with_its_gaps(tmp_path: Path) -> None:
    (tmp_path / "report.xls").write_text(WORKBOOK)
    load(tmp_path / "w.db", [tmp_path / "report.xls"])
    assert figures(tmp_path, "SELECT sum(clicks), sum(visits) FROM daily") == (4, 17)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        (
            "new.ods",
            b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            "an OpenDocument",
        ),
        ("old.xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "an Excel workbook of the old format"),
        ("page.csv", b"<!DOCTYPE html><html><body>Please log in</body></html>", "without a table"),
        ("blank.xls", b"<html><table><tr><td> </td></tr><tr><td></td></tr></table></html>", "without a table"),
        ("blank.json", b'{\n "seed": 7,\n "where": [{}, {}]\n}', "no line of it is a JSON object"),
        ("bare.json", b'{"status": "ok"}', "none of them holds figures"),
    ],
)
def test_what_is_no_table_is_one_line(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(WhydropError, match=says) as caught:
        load(tmp_path / "w.db", [tmp_path / name])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "between"), [("a.json", ",\n"), ("a.jsonl", "\n")])
def test_bytes_of_json_that_are_no_text_lose_those_rows_only(tmp_path: Path, name: str, between: str) -> None:
    objects = [json.dumps({"date": "2026-07-01", "market": f"m{at}", "orders": at}) for at in range(3_000)]
    data = between.join(objects).encode().replace(b'"m2500"', b'"m25\xff00"')
    (tmp_path / name).write_bytes(b"[" + data + b"]" if name == "a.json" else data)
    report = load(tmp_path / "w.db", [tmp_path / name])
    assert (report.files[0].accepted, report.files[0].rejected) == (2_999, 1)
    assert "m25\ufffd00" in report.rejects[0].raw
    assert figures(tmp_path, "SELECT sum(orders) FROM daily") == (sum(range(3_000)) - 2_500,)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.xls"])
def test_the_encoding_of_a_document_is_guessed_aloud_and_can_be_given(tmp_path: Path, name: str) -> None:
    objects = [{"date": f"2026-07-0{at}", "market": "\u0141\xf3d\u017a", "orders": at} for at in range(1, 6)]
    lines = [json.dumps(item, ensure_ascii=False) for item in objects]
    page = "".join(f"<tr><td>{'<td>'.join(map(str, item.values()))}</tr>" for item in objects)
    text = {
        "a.json": f"[{','.join(lines)}]",
        "a.jsonl": "\n".join(lines),
        "a.xls": f"<table><tr><td>date<td>market<td>orders</tr>{page}</table>",
    }[name]
    (tmp_path / name).write_bytes(text.encode("cp1250"))
    report = load(tmp_path / "w.db", [tmp_path / name])
    assert any(note.startswith("read as cp") for note in report.files[0].notes)
    (tmp_path / "w.db").unlink()
    load(tmp_path / "w.db", [tmp_path / name], encoding="cp1250")
    assert figures(tmp_path, "SELECT min(market), sum(orders) FROM daily") == ("\u0141\xf3d\u017a", 15)


ROWS = [{"day": f"2026-07-0{at}", "metrics": {"orders": at, "paid": at / 2}, "tags": ["a"]} for at in range(1, 6)]


@pytest.mark.parametrize("document", [ROWS, {"ok": True, "page": [], "data": {"rows": ROWS}}])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_json_document_is_read_by_its_longest_list(tmp_path: Path, document: object, indent: int | None) -> None:
    (tmp_path / "api.json").write_text(json.dumps(document, indent=indent))
    load(tmp_path / "w.db", [tmp_path / "api.json"])
    assert figures(tmp_path, "SELECT sum(orders), sum(paid) FROM daily") == (15, 7.5)


def test_json_lines_have_the_figures_of_objects_inside_of_them(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    load(tmp_path / "w.db", [tmp_path / "rows.jsonl"])
    assert figures(tmp_path, "SELECT sum(orders), sum(paid) FROM daily") == (15, 7.5)


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json"])
def test_figures_called_alike_in_two_objects_are_two_figures_in_every_row(tmp_path: Path, name: str) -> None:
    parts = [{"insights": {"views": 9}}, {"stats": {"views": 4}, "insights": {"views": 8}}, {"stats": {"views": 5}}]
    rows = [{"day": f"2026-11-0{at}", **part} for at, part in enumerate(parts, 1)]
    (tmp_path / name).write_text("\n".join(map(json.dumps, rows)) if name.endswith("l") else json.dumps(rows))
    load(tmp_path / "w.db", [tmp_path / name])
    assert figures(tmp_path, "SELECT sum(stats_views), sum(insights_views) FROM daily") == (9, 17)


def test_a_refused_row_of_a_document_is_named_by_its_row(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps([*ROWS, {"day": "soon", "metrics": {"orders": 1}}]))
    report = load(tmp_path / "w.db", [tmp_path / "api.json"])
    assert [reject.line for reject in report.rejects] == [7]


def test_merged_headers_of_a_workbook_are_bands_of_its_columns(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ["Acme, weekly report"], [None], ["Date", "Web", None, "App", None], [None, "Orders", "Visits", "Orders", "Visits"],
        ["2026-07-01", 5, 50, 1, 10], ["2026-07-02", 6, 60, 2, 20],
    ):  # fmt: skip
        book.active.append(row)
    book.active.merge_cells("A1:E1")
    book.active.merge_cells("B3:C3")
    book.save(tmp_path / "week.xlsx")
    load(tmp_path / "w.db", [tmp_path / "week.xlsx"])
    sums = 'SELECT sum(orders), sum(visits) FROM daily WHERE "group" = '
    assert figures(tmp_path, f"{sums}'Web'") == (11, 110)
    assert figures(tmp_path, f"{sums}'App'") == (3, 30)


@pytest.mark.parametrize(("kept", "looks"), [(6, 1), (5, 3)])
def test_a_sheet_of_few_cells_is_parsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int, looks: int
) -> None:
    """Three rows of two cells below the header, looked at three times; a larger sheet is read again each time, but for one that
    is known from its first look, whatever its cells."""
    openpyxl, parsed, parse = pytest.importorskip("openpyxl"), [], xlsx.XlsxTable._parsed
    monkeypatch.setattr(xlsx, "_KEPT", kept)
    monkeypatch.setattr(xlsx.XlsxTable, "_parsed", lambda table, first: parsed.append(first) or parse(table, first))
    book = openpyxl.Workbook()
    for row in (["Date", "Orders"], ["2026-07-01", 5], [None, None], ["2026-07-02", 6], ["2026-07-03", 7]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    path = tmp_path / "a.xlsx"
    rows = [(2, ("2026-07-01", "5")), (4, ("2026-07-02", "6")), (5, ("2026-07-03", "7"))]
    for whole, wanted in ((5, looks), (6, 0)):
        monkeypatch.setattr(xlsx, "_WHOLE", whole)
        parsed.clear()
        (table,) = xlsx.sheet_tables(ExportSource(path.name, path, OpenedFile(path), ".xlsx", lambda: path.open("rb")))
        assert [list(table.sheet_rows(first)) for first in (1, 1, 3)] == [rows, rows, rows[1:]]
        assert len(parsed) == wanted


def test_a_workbook_is_opened_once_in_a_load_of_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders and the refunds of them, each looked at for what it is, for its keys, and for refunds; hidden sheets are named."""
    openpyxl = pytest.importorskip("openpyxl")
    opened, opens = [], openpyxl.load_workbook
    for name, rows in (
        ("orders", [("Order ID", "Order date", "Amount"), ("A1", "2026-07-01", 5.5), ("A2", "2026-07-02", 6.5)]),
        ("refunds", [("Order ID", "Refund date", "Refund amount"), ("A2", "2026-07-09", 2.5), ("A1", "2026-07-09", 1)]),
    ):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for title, cell in (("Notes", "checked"), ("Empty", None)):
            book.create_sheet(title).append([cell])
            book[title].sheet_state = "hidden"
        book.save(tmp_path / f"{name}.xlsx")
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *a, **options: opened.append(a) or opens(*a, **options))
    report = load(tmp_path / "w.db", [tmp_path], as_kind="orders")
    assert figures(tmp_path, "SELECT sum(gmv), sum(refund_amount) FROM orders") == (12.0, 3.5)
    assert len(opened) == 2
    assert [note for loaded in report.files for note in loaded.notes if "hidden" in note] == [
        "left out hidden sheets: Notes"
    ]


def test_a_title_above_groups_above_the_header_is_no_header(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ["Relatório de vendas"], ["1 a 20 de julho"], [], ["Vendas", None, None, "Anúncios", None],
        ["Data", "Pedidos", "Receita", "SKU", "Título do anúncio"],
        ["2026-07-01", 5, 50.5, "A", "Caneca"], ["2026-07-02", 6, 60, "A", "Caneca"],
    ):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "vendas.xlsx")
    load(tmp_path / "w.db", [tmp_path / "vendas.xlsx"])
    assert figures(tmp_path, "SELECT count(*), sum(orders), min(date) FROM daily") == (2, 11, "2026-07-01")


def test_an_archive_of_sheets_counts_its_figures_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "https___x-Performance-on-Search-2026-07-30.zip", "w") as archive:
        archive.writestr("Diagramm.csv", 'Datum,Klicks,Impressionen,CTR,Position\n2026-07-01,5,50,10%,"3,5"\n')
        archive.writestr(
            "Suchanfragen.csv", 'Häufigste Suchanfragen,Klicks,Impressionen,CTR,Position\ncup,5,50,10%,"3,5"\n'
        )
        archive.writestr("Filter.csv", "Filter,Wert\nSuchtyp,Web\n")
    report = load(tmp_path / "w.db", list(tmp_path.glob("*.zip")))
    assert figures(tmp_path, "SELECT sum(clicks), sum(impressions) FROM daily") == (5, 50)
    assert [line.partition(":")[2].partition(":")[0] for line in report.skipped] == ["Filter.csv", "Suchanfragen.csv"]


def test_a_member_with_a_line_break_in_its_name_is_refused_in_one_line(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a\nb\x1b[31m.csv", "colour,size\nred,1\n")
    with pytest.raises(WhydropError, match=r"x.zip:a\\nb\\x1b\[31m.csv: not recognised") as caught:
        load(tmp_path / "w.db", [tmp_path / "x.zip"])
    assert str(caught.value).isprintable()


def test_a_time_of_day_in_words(tmp_path: Path) -> None:
    moments = ["01.07.2026 09:05 Uhr", "2026. 7. 2. 오후 3:20", "3 juil. 2026 à 22h20", "4 de julho de 2026 10:22 hs."]
    for at, moment in enumerate(moments):
        (tmp_path / f"{at}.csv").write_text(f"Date;Sales{at}\n{moment};5\n{moment};5\n")
        load(tmp_path / "w.db", [tmp_path / f"{at}.csv"])
    assert figures(tmp_path, "SELECT min(date), max(date), count(DISTINCT date) FROM daily") == (
        "2026-07-01",
        "2026-07-04",
        4,
    )


def test_without_a_reader_a_folder_says_which_endings_it_knows(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(RefusedFile, match="the folder holds no exports") as refused:
        load(tmp_path / "w.db", [tmp_path / "in"])
    assert refused.value.exit_code == 1, "the question is right, and nothing was accepted"


def test_a_table_inside_of_a_cell_is_its_text(tmp_path: Path) -> None:
    inner = "<table><tr><td>red</td><td>blue</td></tr></table>"
    cells = "".join(f"<tr><td>2026-07-0{day}</td><td>Cup {inner} mug</td><td>{day}</td></tr>" for day in (1, 2))
    page = f"<html><table><tr><th>Date</th><th>Market</th><th>Orders</th></tr>{cells}</table></html>"
    (tmp_path / "nested.xls").write_text(page)
    load(tmp_path / "w.db", [tmp_path / "nested.xls"])
    assert figures(tmp_path, "SELECT count(*), sum(orders), min(market), max(market) FROM daily") == (
        2,
        3,
        *["Cup red blue mug"] * 2,
    )
