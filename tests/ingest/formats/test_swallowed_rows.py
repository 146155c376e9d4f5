"""Nothing is swallowed: an open quote, a link to nothing, a pipe, a sheet with a cell in its last row."""

import os
import time
import zipfile
from pathlib import Path

import pytest

from core.base.errors import UsageError, WhydropError
from core.ingest.formats.sources import sources
from core.workspace.write.load import load
from tests.ingest.shapes import figures, loads
from tests.workspace.loading import rows, written


def test_an_open_quote_is_named_with_its_line(tmp_path: Path) -> None:
    lines = "".join(f"2026-03-03,S{number},1\n" for number in range(3_000))
    text = f'date,market,impressions\n2026-03-01,ID,1\n2026-03-02,"ID,1\n{lines}2026-03-05,ID",1\n2026-03-06,ID,1\n'
    report = load(tmp_path / "w.db", [written(tmp_path, "q.csv", text)])
    assert (report.files[0].accepted, report.files[0].rejected) == (2, 1)
    assert (report.rejects[0].line, "quote takes in the next 3001 lines" in report.rejects[0].reason) == (3, True)
    assert rows(tmp_path / "w.db", "SELECT date FROM traffic ORDER BY 1") == [("2026-03-01",), ("2026-03-06",)]


@pytest.mark.parametrize("swallowed", [1, 4])
def test_a_quote_that_a_later_one_closes_is_named_with_its_line(tmp_path: Path, swallowed: int) -> None:
    lines = [f"2026-03-{day:02},ID,{day}" for day in range(1, 21)]
    lines[4] = lines[4].replace("ID", '"ID')
    lines[4 + swallowed] = lines[4 + swallowed].replace("ID", 'I"D')
    text = "\n".join(["date,market,impressions", *lines]) + "\n"
    report = load(tmp_path / "w.db", [written(tmp_path, "q.csv", text)])
    assert (report.files[0].accepted, report.files[0].rejected) == (19 - swallowed, 1)
    assert report.rejects[0].line == 6
    assert f"takes in the next {'line' if swallowed == 1 else '4 lines'}" in report.rejects[0].reason


@pytest.mark.parametrize("row", ["2026-03-01,5", "2026-03-01,ID,5,6", '2026-03-01,"ID,5'])
def test_rows_of_another_width_than_the_header_are_said(tmp_path: Path, row: str) -> None:
    with pytest.raises(UsageError, match="has 3 cells, and no row below it has as many: the first has [24]"):
        loads(tmp_path, f"date,market,impressions\n{row}\n")


def test_a_cell_that_is_a_day_in_no_order_asks_for_none(tmp_path: Path) -> None:
    text = "Date,Visits\n2026-07-01,4\n2026-07-02,5\n31.31.2026,6\n"
    assert loads(tmp_path, text).files[0].rejected == 1
    assert figures(tmp_path, "SELECT sum(visits) FROM daily") == (9,)


def test_an_archive_of_a_folder_that_is_broken_leaves_the_others_to_be_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "a.zip").write_bytes(b"")
    with zipfile.ZipFile(folder / "b.zip", "w"):
        pass
    written(folder, "c.csv", "Date,Visits\n2026-07-01,4\n")
    report = load(tmp_path / "w.db", [folder])
    assert [file.accepted for file in report.files] == [1]
    assert ["not a readable .zip" in reason or "holds no file" in reason for reason in report.skipped] == [True, True]


def test_texts_of_a_few_lines_are_texts(tmp_path: Path) -> None:
    lines = "".join(f'{number},2026-03-01,5,"good\n\nvery good"\n' for number in range(200))
    text = "review_id,reviewed_at,rating,text\n" + lines
    assert load(tmp_path / "w.db", [written(tmp_path, "r.csv", text)]).files[0].accepted == 200


def test_a_link_to_nothing_and_a_pipe_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to("nowhere")
    os.mkfifo(tmp_path / "b.csv")
    with pytest.raises(UsageError, match="a link to nowhere"):
        list(sources(tmp_path / "a.csv"))
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        list(sources(tmp_path / "b.csv"))


def test_a_cell_in_the_last_row_of_a_sheet_costs_seconds(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["date", "market", "impressions"], ["2026-03-01", "ID", 1]):
        book.active.append(row)
    for column, cell in enumerate(["2026-03-02", "ID", 4], 1):
        book.active.cell(1_048_576, column, cell)
    book.save(tmp_path / "r.xlsx")
    began = time.process_time()
    assert load(tmp_path / "w.db", [tmp_path / "r.xlsx"]).files[0].accepted == 2
    assert time.process_time() - began < 20


@pytest.mark.parametrize("ids", [["5.77001E+17", "5.77002E+17"], ["5.77001E+17", "5.77001E+17"]])
def test_ids_that_a_spreadsheet_has_rounded_are_refused(tmp_path: Path, ids: list[str]) -> None:
    lines = "".join(f"{order},2026-03-01,{number},2026-03-01\n" for number, order in enumerate(ids))
    text = f"order_id,ordered_at,gmv,paid_at\n{lines}A1,2026-03-01,5,\n"
    report = load(tmp_path / "w.db", [written(tmp_path, "x.csv", text)])
    assert (report.files[0].accepted, report.files[0].rejected) == (1, 2)
    assert "rounded" in report.rejects[0].reason


def test_a_header_twice_is_refused(tmp_path: Path) -> None:
    text = "order_id,ordered_at,gmv,GMV ,paid_at\nA,2026-03-01,10,99,2026-03-01\n"
    with pytest.raises(UsageError, match="the column gmv appears twice"):
        load(tmp_path / "w.db", [written(tmp_path, "h.csv", text)])


@pytest.mark.parametrize("header", ["date,impressions,market", "Date,Clicks,Impressions", "Datum,Bestellungen,Umsatz"])
@pytest.mark.parametrize("above", ["", "a note\n"])
def test_a_row_that_cannot_be_read_is_no_header(tmp_path: Path, header: str, above: str) -> None:
    text = f"{header}\n{above or chr(10)}x,many,lots\n2026-07-01,5,6\n2026-07-02,7,8\n"
    (file,) = load(tmp_path / "w.db", [written(tmp_path, "f.csv", text)]).files
    assert file.accepted == 2
    assert file.rejected or any("left out 1 row" in note for note in file.notes)


def test_unreadable_rows_are_refused_for_what_they_are(tmp_path: Path) -> None:
    for text, reason in (
        ("date,impressions,market\nx,many,ID\n", "its only row was refused (date: not a day"),
        ("date,impressions,market\n", "f.csv has a header and no rows"),
    ):
        refused = load(tmp_path / "w.db", [written(tmp_path, "f.csv", text)]).refused
        assert refused is not None
        assert reason in refused
    with pytest.raises(UsageError, match="no column holds figures that can be added up .orders: 'many'"):
        load(tmp_path / "w.db", [written(tmp_path, "f.csv", "date,orders\n2026-07-01,many\n")])


def test_formulas_that_nobody_computed_are_said(tmp_path: Path) -> None:
    """openpyxl writes formulas without their results; Excel writes both, and a text result that is empty."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["date", "market", "impressions", "clicks"])
    for day in range(1, 10):
        sheet.append([f"2026-03-{day:02}", "ID", f"=SUM(1,{day})", day])
    book.save(tmp_path / "formulas.xlsx")
    note = load(tmp_path / "w.db", [tmp_path / "formulas.xlsx"]).files[0].notes[0]
    assert note.startswith("formulas that were never computed count as not given (9 cells)")
    packed = tmp_path / "computed.xlsx"
    with zipfile.ZipFile(tmp_path / "formulas.xlsx") as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            data = source.read(name).replace(b"</f><v></v>", b"</f><v>7</v>").replace(b"</f><v />", b"</f><v>7</v>")
            target.writestr(name, data)
    report = load(tmp_path / "v.db", [packed]).files[0]
    assert (report.accepted, report.notes) == (9, ())


HEAD = "date,impressions,market\n" + "".join(f"2026-03-0{day},{day},ID\n" for day in range(1, 6))
TAIL = "x,many,M1\n2026-03-01,1,M2\n"


@pytest.mark.parametrize(
    "border", ["", ",,M0\n", ",7,\n", "x,,\n", "2026-03-09,,\n", "\n", ",,\n", "\n\n,,M0\n", "# cut\n"]
)
def test_rows_below_a_border_that_begins_no_table_are_rows(tmp_path: Path, border: str) -> None:
    """Written rows count, whether nearly blank or below a blank line: only `x,many,M1` can be no table's header."""
    (file,) = load(tmp_path / "w.db", [written(tmp_path, "f.csv", HEAD + border + TAIL)], as_kind="traffic").files
    dated = int("2026" in border)
    nearly_blank = sum(any(cell.strip() for cell in row.split(",")) and row[0] != "#" for row in border.split("\n"))
    assert (file.read, file.accepted) == (7 + nearly_blank, 6 + dated)
    assert file.rejected == file.read - file.accepted


@pytest.mark.parametrize("border", ["\n", "\nSecond\n", "Second\n", ",,\nSecond,,\n", "Second part,,\n", "# second\n"])
@pytest.mark.parametrize("header", ["date,clicks,market", "Datum,Klicks,Land", "date,noise,loudness"])
def test_a_second_table_is_read(tmp_path: Path, border: str, header: str) -> None:
    text = HEAD.replace("ID", "4") + border + header + "\n2026-03-01,1,2\n2026-03-02,5,3\n"
    files = load(tmp_path / "w.db", [written(tmp_path, "f.csv", text)], as_kind="daily").files
    assert [(file.accepted, file.rejected) for file in files] == [(5, 0), (2, 0)]


@pytest.mark.parametrize("is_first", [True, False])
def test_rows_of_a_table_that_cannot_be_loaded_are_refused(tmp_path: Path, is_first: bool) -> None:
    words = "Top words\nword,seen,note,more\ncup,5,a,c\nmug,7,b,d\n"
    text = f"{words}\n{HEAD}" if is_first else f"{HEAD}\n{words}"
    report = load(tmp_path / "w.db", [written(tmp_path, "f.csv", text)])
    (file,) = report.files
    assert (file.read, file.accepted, file.rejected) == (7, 5, 2)
    assert file.notes[0].startswith("left out: 'Top words' (2 rows: ")
    lines = (3, 4) if is_first else (10, 11)
    assert [(reject.line, reject.raw) for reject in report.rejects] == list(
        zip(lines, ("cup,5,a,c", "mug,7,b,d"), strict=True)
    )
    assert report.rejects[0].reason.startswith("in the table 'Top words', which is not loaded: ")


@pytest.mark.parametrize("row", [",,a b", ",,M0"])
@pytest.mark.parametrize("is_last", [True, False])
def test_a_row_with_a_cell_in_a_column_that_is_not_loaded_is_refused(tmp_path: Path, row: str, is_last: bool) -> None:
    lines = [f"2026-03-0{day},{day},R{day}" for day in range(1, 6)]
    lines.insert(5 if is_last else 3, row)
    text = "Datum,Bestellungen,Land\n,,\n" + "\n".join(lines) + "\n"
    report = load(tmp_path / "w.db", [written(tmp_path, "f.csv", text)])
    assert (report.files[0].read, report.files[0].accepted) == (6, 5)
    assert [reject.raw for reject in report.rejects] == [row]


FIRST = "date,clicks,market\n2026-07-01,5,ID\n2026-07-02,6,TH\n2026-07-03,7,VN\n\n"


def test_a_second_table_that_looks_like_the_first_is_no_rows_of_it(tmp_path: Path) -> None:
    with pytest.raises(
        WhydropError, match="below the table date, clicks, market .* the row day_of, seen, label:"
    ) as caught:
        loads(tmp_path, FIRST + "day_of,seen,label\n2026-07-01,70,x\n2026-07-02,80,y\n2026-07-03,90,z\n")
    assert str(tmp_path / "export.csv") in str(caught.value)
    assert not (tmp_path / "w.db").exists()


def test_a_second_table_of_other_cells_is_told_apart_from_the_first(tmp_path: Path) -> None:
    report = loads(tmp_path, FIRST + "word,seen,label\nk0,5,t0\nk1,6,t1\nk2,7,t2\n", "july_2026-07-31.csv")
    assert figures(tmp_path, "SELECT sum(clicks) FROM traffic") == (18,)
    assert "left out: 'label' (3 rows" in " ".join(note for file in report.files for note in file.notes)


def test_a_row_of_words_that_repeats_a_cell_of_its_table_is_a_row_that_cannot_be_read(tmp_path: Path) -> None:
    (file,) = loads(tmp_path, FIRST + "soon,none yet,VN\n2026-07-05,8,ID\n2026-07-06,9,TH\n").files
    assert (file.accepted, file.rejected) == (5, 1)


def test_a_file_is_in_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    unclear = (
        "date,clicks,market\n2026-08-01,5,a\n2026-08-02,6,b\n\n"
        "Datum,Bestellungen,Land\n2026-07-01,1,DE\n2026-07-01,2,DE\n2026-07-02,3,DE\n"
    )
    with pytest.raises(WhydropError, match="have the same day and slice but differ"):
        loads(tmp_path, unclear, as_kind=None)
    (tmp_path / "sound.csv").write_text(FIRST)
    report = loads(tmp_path, FIRST, "sound.csv")
    assert [file.accepted for file in report.files] == [3]
    assert figures(tmp_path, "SELECT count(*), min(date) FROM traffic") == (3, "2026-07-01")


def test_a_known_header_keeps_its_rows_however_many_cannot_be_read(tmp_path: Path) -> None:
    first = "Datum,Bestellungen,Land\n,,M0\nx,,\n,,M1\nx,,\n2026-03-04,4,R3\n2026-03-05,5,R4\n"
    text = first + "\ndate,clicks,market\n2026-03-01,5,t0\n2026-03-02,6,t1\n"
    files = loads(tmp_path, text).files
    assert sum(file.read for file in files) == 8
    assert figures(tmp_path, "SELECT sum(orders) FROM daily") == (9,)


def test_a_cut_row_below_a_blank_line_is_no_footer_and_the_day_of_an_export_is(tmp_path: Path) -> None:
    text = "order_id,ordered_at,gmv,market,paid_at\nA1,2026-03-02,2,ID,2026-03-02\nA2,2026-03-03,3,ID,2026-03-03\n\n"
    (file,) = loads(tmp_path, text + "A3,2026-03-06,6,ID\n").files
    assert (file.read, file.rejected) == (3, 1)
    (file,) = loads(tmp_path, text.replace("A", "B") + "Exported on,2026-03-06\n", "more.csv").files
    assert (file.read, file.rejected) == (2, 0)


def test_a_row_of_words_with_numbers_below_a_blank_row_is_no_header(tmp_path: Path) -> None:
    text = "day_of,figs,label\n2026-03-01,1,R0\n,,\n2026-03-02,2,R1\n,,\nx3,many3,M3\n" + "".join(
        f"2026-03-{day:02d},{day},R{day}\n" for day in range(3, 30)
    )
    (file,) = loads(tmp_path, text).files
    assert (file.read, file.accepted, file.rejected) == (30, 29, 1)
    assert figures(tmp_path, "SELECT sum(figs) FROM daily") == (sum(range(1, 30)),)


def test_a_header_of_known_names_is_one_when_each_of_its_rows_is_cut(tmp_path: Path) -> None:
    text = "Datum,Bestellungen,Land\n2026-03-01,1\nx1,many1,M1\n,,z2\n\nword,seen\nk0,5\nk1,6\nk2,7\n"
    with pytest.raises(WhydropError, match="none of its 2 tables can be loaded|most rows of its 2 tables"):
        loads(tmp_path, text)


def test_rows_of_days_above_a_header_are_never_left_out(tmp_path: Path) -> None:
    unreadable = "x,,\nx,,\n,,\n"
    text = (
        "day_of,figs,label\n" + unreadable + "2026-03-03,3,z2\n2026-03-04,4,z3\n\nSecond\nword,seen\nk0,5\nk1,6\nk2,7\n"
    )
    with pytest.raises(WhydropError, match="above its header word, seen are 2 rows of days"):
        loads(tmp_path, text)
    period = "Period,2026-03-01,2026-03-31\n2026-03-31,made\n\nday,clicks\n2026-03-03,3\n2026-03-04,4\n"
    assert loads(tmp_path, period).files[0].accepted == 2


def test_a_header_of_words_comes_before_a_row_of_words_with_numbers(tmp_path: Path) -> None:
    text = "day_of,figs,label\n,,a b\nx1,many1,M1\n,,\n" + "".join(
        f"2026-03-{day:02d},{day},R{day}\n" for day in range(3, 30)
    )
    (file,) = loads(tmp_path, text).files
    assert (file.read, file.accepted) == (29, 27)


def test_a_cell_of_the_first_row_tells_a_row_of_words_from_a_header(tmp_path: Path) -> None:
    first = "day_of,figs,label\n2026-03-01,1,Shop\n2026-03-02,2,Web\n2026-03-03,3,App\n\n"
    (file,) = loads(tmp_path, first + "soon,none,Shop\n2026-03-05,8,Web\n2026-03-06,9,App\n").files
    assert (file.accepted, file.rejected) == (5, 1)
