"""Where tables begin and end in a file, which rows repeat others, and columns that are days: decided on a few rows."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

from core.base.errors import UsageError
from core.catalogue.kinds import KINDS
from core.ingest import layout, opened_table
from core.ingest.formats.batch import ExportTable, RefusedRow, TextBatch
from core.ingest.formats.sniffing import SniffedText, header_row, sniff
from core.ingest.layout import TableRegion, find_regions, total_records
from core.ingest.mapping.mapping_toml import _entry
from core.ingest.row_kinds import header_cells
from core.ingest.table_starts import find_starts

DAYS = ["2026-07-01", "2026-07-02", "2026-07-03"]


HEADER = ["date", "orders", "gmv"]


def rows_of(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.split("\n")]


def table(text: str, gaps: set[int] | None = None, *, complete: bool = True) -> ExportTable:
    held = {
        "rows": rows_of(text),
        "gaps": frozenset(gaps or ()),
        "is_complete": complete,
        "describe": {"format": "text"},
    }
    return cast(Any, SimpleNamespace(**held))


def regions(text: str, gaps: set[int] | None = None) -> list[tuple[list[str], tuple[str, ...], tuple[int, ...]]]:
    """Of each table its header, what is above it, and the rows of the file that are its data."""
    found = find_regions(table(text, gaps))
    return [(list(one.rows[one.header or 0]), one.above, one.data_rows) for one in found]


PLAIN = "date,orders,gmv\n2026-07-01,3,20\n2026-07-02,4,30\n2026-07-03,5,45"


@pytest.mark.parametrize(
    ("text", "gaps", "above", "data"),
    [
        (PLAIN, set(), (), (1, 2, 3)),
        (f"Sales of my shop\n{PLAIN}", set(), ("Sales of my shop",), (2, 3, 4)),
        (f"# made by a system\n{PLAIN}", set(), ("# made by a system",), (2, 3, 4)),
        (f"Shop,Town,Owner\n{PLAIN}", {1}, ("Shop", "Town", "Owner"), (2, 3, 4)),
        (f"Shop,My shop\nCountry,Thailand\n{PLAIN}", {2}, ("Shop", "My shop", "Country", "Thailand"), (3, 4, 5)),
        (f"{PLAIN}\nAll times are those of the shop", set(), (), (1, 2, 3)),
        (f"{PLAIN}\nAll times are those of the shop,,", set(), (), (1, 2, 3)),
        (f"{PLAIN}\n,,", set(), (), (1, 2, 3)),
        (f"{PLAIN}\n# end", set(), ("# end",), (1, 2, 3)),
        (f"{PLAIN}\nPreliminaryfigures,,", set(), (), (1, 2, 3)),
        (f"{PLAIN}\nnote,,", set(), (), (1, 2, 3, 4)),
        (f"{PLAIN}\n2026-07-04,,", set(), (), (1, 2, 3, 4)),
        (f"{PLAIN}\ndate,orders,gmv\n2026-07-04,5,6", set(), (), (1, 2, 3, 5)),
        (f"{PLAIN}\nSource,shop", {4}, (), (1, 2, 3)),
        ("date,orders,gmv\n2026-07-01,3,20\nSource,shop", {2}, (), (1,)),
        (f"{PLAIN}\n2026-07-04,7", {4}, (), (1, 2, 3, 4)),
    ],
)
def test_rows_of_a_table_among_titles_and_remarks(
    text: str, gaps: set[int], above: tuple[str, ...], data: tuple[int, ...]
) -> None:
    assert regions(text, gaps) == [(HEADER, above, data)]


def test_a_second_table_below_a_border() -> None:
    second = "Visits by channel\nchannel,visits\nlive,300\nsearch,200"
    found = regions(f"{PLAIN}\n{second}", {4})
    assert found[0] == (HEADER, (), (1, 2, 3))
    assert found[1] == (["channel", "visits"], ("Visits by channel",), (6, 7))
    both = find_regions(table(f"{PLAIN}\n{second}", {4}))
    assert [one.title for one in both] == ["gmv", "Visits by channel"]
    shared = regions(f"# account 7\n{PLAIN}\n{second}", {5})
    assert shared[1][1] == ("# account 7", "Visits by channel")
    assert len(regions(f"{PLAIN}\ndate,visits,clicks\n2026-07-01,9,8\n2026-07-02,9,7", {4})) == 2
    assert find_starts(rows_of(f"{PLAIN}\ndate,visits,clicks\n2026-07-01,9,8"), frozenset()) == [0], "no border"
    unknown = PLAIN.replace("date,orders,gmv", "colour,shape,taste") + "\nmood,tone,form\n2026-07-04,1,2"
    assert len(regions(unknown, {4})) == 2, "names that nobody knows below such names"
    second = f"{PLAIN}\ntone,date,mood\n,,points\n7,2026-07-01,8\n6,2026-07-02,7"
    assert find_starts(rows_of(second), frozenset({4})) == [0, 4], "its days begin below its units"
    pairs = "Report,Sales\nStart Date,7/1/26\nDate,Zorks\n2026-07-01,3\n2026-07-02,4"
    for text, starts in (
        (pairs, [0, 2]),
        (pairs.replace("Date,Zorks", "Zorks,Date"), [0]),
        (pairs.replace("7/1/26", "a"), [0]),
        (pairs.replace("Report,Sales", "Report,Sales\na,b,c"), [0]),
        (pairs.replace("Report,Sales", "Report,Sales\n2026-01-01,b"), [0]),
    ):
        assert find_starts(rows_of(text), frozenset()) == starts
    with pytest.raises(UsageError, match="a second table, or a row that cannot be read"):
        regions(f"{PLAIN}\nmood,tone,form\n2026-07-04,1,2", {4})
    with pytest.raises(UsageError, match="a second table, or a row that cannot be read"):
        regions(f"{PLAIN}\nmood,tone,form\n2026-07-04,1,2\n2026-07-05,3,4\na,b,c", {4})
    with pytest.raises(UsageError, match="above its header date, orders, gmv are 2 rows of days"):
        regions(f"2026-06-01,5,6\n2026-06-02,7,8\n{PLAIN}", {2})


def test_names_below_their_groups() -> None:
    rows = [["", "Live", "", "Video", ""], ["Date", "Orders", "GMV", "Orders", ""]]
    assert header_cells(rows, 1) == ["Date", "Live Orders", "GMV", "Video Orders", "Video"]
    assert header_cells(rows, 0) == rows[0]
    assert header_cells([["", "1", "", "2", ""], rows[1]], 1) == rows[1], "figures are no groups"
    assert header_cells([["A", "B", "C", "D", "E"], rows[1]], 1) == rows[1], "one for each is no group"
    titled = "\n".join((",Traffic,Sales,Sales", "Date,Visits,Orders,Revenue", *(f"{day},7,1,9" for day in DAYS)))
    assert find_starts(rows_of(titled), frozenset()) == [1], "groups that could be names"
    units = titled.replace(",Traffic,Sales,Sales", ",Visits,Orders,Revenue").replace("Date,", "Tag,", 1)
    assert find_starts(rows_of(units.replace("Visits,Orders,Revenue\n2", "number,number,EUR\n2")), frozenset()) == [0]


def batch(**columns: list[str | None]) -> tuple[TextBatch, TableRegion]:
    size = len(next(iter(columns.values())))
    texts = {name: pa.array(cells, pa.string()) for name, cells in columns.items()}
    region = TableRegion(rows=[], offset=0, header=0, above=(), is_whole=True)
    return TextBatch(columns=texts, records=np.arange(size), refused=()), region


def totals(dated: str | None, **columns: list[str | None]) -> set[int]:
    texts, region = batch(**columns)
    figures = {
        name: np.array([float(cell) if cell else np.nan for cell in cells])
        for name, cells in columns.items()
        if name in {"orders", "gmv"}
    }
    return total_records(region, texts, dated, figures)


def test_totals_by_their_word_or_as_sums() -> None:
    orders: list[str | None] = ["3", "4", "5"]
    assert totals("date", date=[*DAYS, "Total"], orders=[*orders, "99"]) == {3}
    assert totals("date", date=[*DAYS, None], orders=[*orders, "12"]) == {3}
    assert totals("date", date=[None, *DAYS], orders=["12", *orders]) == {0}
    assert totals("date", date=[*DAYS, None], orders=[*orders, "13"]) == set(), "no sum"
    assert totals("date", date=[*DAYS, None], orders=[*orders, "12"], shop=["a", "b", "c", "d"]) == set(), "a slice"
    assert totals("date", date=[*DAYS, None], orders=[*orders, "12"], shop=["a", "b", "c", "-"]) == {3}
    assert totals("date", date=["2026-07-01 - 2026-07-03", *DAYS], orders=["50", *orders]) == {0}
    assert totals(None, shop=["a", "b", "Total"], orders=["3", "4", "7"]) == {2}
    assert totals(None, orders=["3", "4", "7"], gmv=["1", "2", "9"]) == {2}
    assert totals(None, orders=["3", "4", "8"], gmv=["1", "2", "9"]) == set()
    assert totals(None, orders=["2000.0", "4000.0", "6005.9"]) == {2}
    assert totals(None, orders=["2000.0", "4000.0", "6006.1"]) == set(), "beyond a thousandth"
    assert totals(None, orders=["7"]) == set()
    texts, region = batch(shop=["a", "Total"])
    cut = TableRegion(rows=[], offset=0, header=0, above=(), is_whole=False)
    assert (total_records(region, texts, None, {}), total_records(cut, texts, None, {})) == ({1}, set())


def test_how_many_rows_may_be_totals() -> None:
    period = "2026-07-01 - 2026-07-03"
    assert totals("date", date=[period, *DAYS[:2]], orders=["9", "3", "4"]) == {0}
    assert totals("date", date=[period, DAYS[0]], orders=["9", "3"]) == set(), "half of the rows"
    for blank, found in ((199, {199}), (200, set())):
        orders: list[str | None] = ["1"] * blank + ["9", "3", "4", "5"]
        assert totals("date", date=[None] * blank + ["Total", *DAYS], orders=orders) == found
    said = ["Total"] * 4
    assert totals("date", date=[*DAYS, "Total"], orders=["3", "4", "5", "6"], shop=said) == {3}, "its day says it, too"
    assert totals("date", date=["North Total", *DAYS[:2]], orders=["9", "3", "4"]) == {0}
    assert totals(None, shop=["North Total", "b", "c"], orders=["9", "3", "4"]) == set()
    assert totals(None, shop=["Total"] * 2, orders=["3", "4"]) == set(), "a word of every row"
    proven: list[str | None] = ["500000", "499999", "999999"]
    assert totals(None, shop=["a", "b", "c"], orders=proven) == {2}
    assert totals("date", date=[*DAYS[:2], None], shop=["a", "b", "c"], orders=proven) == set(), (
        "a day that somebody forgot"
    )
    assert totals(None, shop=["a", "b", "Total", "c"], orders=["3", "4", "99", "5"]) == {2}


@pytest.mark.parametrize(("columns", "proven"), [
    (["500000 499999 999999"], True), (["500000 499998 999998"], False),  # six digits, and a little less
    (["500 499 999", "400 599 999"], True), (["500 499 999", "500 499 999"], False),  # the same column twice proves nothing
    (["500000 499999 999999", "1 3 2"], True), (["500000 499999 999999", "1 3 4"], True),  # an average; a sum
    (["500000 499999 999999", "1 3 0"], False), (["500000 499999 999999", "1 3 5"], False),
    (["500000 499999 999999", "0 0 0"], True), (["500000 499999 999999", "0 0 1"], False),
    (["500000 499999 999999", "nan 7 900"], True), (["500000 499999 999999", "1 3 nan"], True),
    (["999999 nan 999999"], False), (["-3 1 -2", "500000 499999 999999"], True), (["-3 -1 -3", "500000 499999 999999"], True),
])  # fmt: skip
def test_a_row_is_the_sum_of_the_others_by_so_many_digits_that_it_is_no_chance(
    columns: list[str], proven: bool
) -> None:
    figures = {str(at): np.array(column.split(), float) for at, column in enumerate(columns)}
    assert layout._is_proven_sum(2, set(), figures) == proven
    longer = {name: np.insert(values, 1, 77.0) for name, values in figures.items()}
    assert layout._is_proven_sum(3, {1}, longer) == proven, "others that are totals are left out"


def test_a_sum_that_was_rounded() -> None:
    for own, others, is_sum in (
        ("1001", "400 600", True), ("999", "400 600", True), ("1002", "400 600", False), ("998", "400 600", False),
        ("400", "400", False), ("0", "-3 3", False), ("-1001", "-400 -600", True), ("1000", "400 600 nan", True),
    ):  # fmt: skip
        assert layout._is_sum(0, set(), {"orders": np.array([own, *others.split()], float)}) == is_sum, (own, others)
    assert layout._is_sum(0, {2}, {"a": np.array([9.0, 1, 5, 2]), "b": np.array([3.0, 1, 5, 2])})


def test_the_last_rows_of_a_table_that_are_remarks() -> None:
    for below, data in (
        ("2026-07-04", (1, 2, 3, 4)), ("Thirteen-long,,", (1, 2, 3)), ("Twelve-chars,,", (1, 2, 3, 4)), (",a b,", (1, 2, 3, 4)),
        ("a b,1,", (1, 2, 3, 4)), ("1 234,,", (1, 2, 3, 4)), ("6 July 2026,,", (1, 2, 3, 4)), ("a b,,\nc d,,", (1, 2, 3)),
        ("a b,,\n2026-07-04,5,6\nc d,,", (1, 2, 3, 4, 5)), ("# x\na b,,", (1, 2, 3)), ("a b,,\n# x", (1, 2, 3, 4)),
    ):  # fmt: skip
        assert [found[2] for found in regions(f"{PLAIN}\n{below}")] == [data], below
    assert [found[2] for found in regions("a b c\nof it all\nthe end")] == [(1, 2)], "one column has no remarks"
    assert [found[2] for found in regions("date,orders\nSource of it,")] == [()]
    for below, gaps, data in (
        ("Source\nshop,b", {4}, (1, 2, 3)), ("Source\nshop,b,c", {4}, (1, 2, 3, 4, 5)), ("Source,7\nshop", {4, 5}, (1, 2, 3, 4)),
        ("note,8,9", {4}, (1, 2, 3, 4)), ("note,8", {4}, (1, 2, 3)), ("2026-07-04", {4}, (1, 2, 3, 4)),
        ("x,7", {1, 4}, (1, 2, 3)),
    ):  # fmt: skip
        assert [found[2] for found in regions(f"{PLAIN}\n{below}", gaps)] == [data], below
    cut = "day,orders,gmv,buyers\nMon,1,2,3\nTue,4,5,6\n"
    assert regions(f"{cut}x,7", {3})[0][2] == (1, 2)
    assert regions(f"{cut}x,7,8", {3})[0][2] == (1, 2, 3), "two figures where the table has such"


def test_pairs_above_a_table_say_what_it_is() -> None:
    for count, tables in ((28, 1), (29, 2)):
        text = "Shop,Mine\nRate,7" + "\nPart,x" * count
        found = regions(f"{text}\n{PLAIN}", {count + 2})
        assert len(found) == tables, "thirty rows at most"
    for pairs, tables in (
        ("Shop,Mine\nRate,7", 1), ("Orders,Mine\nRate,7", 2), ("Shop,Mine,x\nRate,7,8", 2), ("Shop,Mine\nRate,7\nYield,8,9", 2),
    ):  # fmt: skip
        found = regions(f"{pairs}\n{PLAIN}", {pairs.count("\n") + 1})
        assert len(found) == tables, pairs
    assert len(regions("Shop,Mine\nRate,7\nchannel,visits\nlive,300\nsearch,200", {2})) == 2, "a table of pairs"
    lone = find_regions(table("1,2\n3,4"))[0]
    assert (lone.header, lone.title, lone.data_rows, lone.is_whole) == (None, "", (1,), True)
    assert [find_regions(table(PLAIN, complete=False))[0].header, find_regions(table(PLAIN))[0].header] == [None, 0]
    long = find_regions(table(PLAIN + "\n2026-07-04,1,2" * (layout._ANALYSED - 4)))
    longer = find_regions(table(PLAIN + "\n2026-07-04,1,2" * (layout._ANALYSED - 3)))
    assert [found[0].is_whole for found in (long, longer)] == [True, False]


def test_records_of_a_region_end_with_it() -> None:
    region = TableRegion(rows=[["x"]] * 6, offset=0, header=1, above=(), is_whole=True, skipped=frozenset((0, 3)))
    refused = tuple(RefusedRow(at, "no") for at in (0, 1, 3, 4))
    texts = TextBatch({"a": pa.array(["p", "q", "r", "s", "t"])}, np.arange(5), refused)
    held = cast(Any, SimpleNamespace(texts=lambda _: iter([texts]), locate=lambda records: records))
    for records, kept, numbers in (
        (layout.RegionRecords(held, region, 1), [0, 2, 3], [0, 3]),
        (layout.RegionRecords(held, region, 1).without([2]), [0, 3], [0, 3]),
        (layout.RegionRecords(held, replace(region, is_whole=False), 1), [0, 2, 3, 4], [0, 3, 4]),
        (layout.RegionRecords(held, replace(region, skipped=frozenset(), is_whole=False), 1), [0, 1, 2, 3, 4], [0, 1, 3, 4]),
    ):  # fmt: skip
        (found,) = records.texts(["a"])
        assert (found.records.tolist(), [item.record for item in found.refused]) == (kept, numbers)
        assert found.columns["a"].to_pylist() == ["pqrst"[at] for at in kept]
        assert records.fraction() is None


def read(data: bytes) -> SniffedText:
    import io

    return sniff(cast(Any, SimpleNamespace(name="a.csv", open=lambda: io.BytesIO(data))))


def test_lines_that_end_as_they_did_on_old_machines() -> None:
    plain, old, mixed = read(b"a,b\n1,2\n"), read(b"a,b\r1,2\r"), read(b'a,b\n1,"x\ry"\n')
    assert plain.rows == old.rows == (("a", "b"), ("1", "2"))
    assert (plain.old_lines, old.old_lines, mixed.old_lines) == (False, True, False)
    assert mixed.rows[1] == ("1", "x\ry")
    said = read(b"sep=;\n\na;b,c\n1;2,3\n")
    assert (said.delimiter, said.rows, said.gaps) == (";", (("a", "b,c"), ("1", "2,3")), frozenset({0}))
    assert said.ends == ((13, 3), (19, 4))
    assert said.is_complete
    with pytest.raises(UsageError, match="the file is empty"):
        read(b" \n ")


def test_targets_of_a_mapping_are_names_of_columns() -> None:
    daily, orders = KINDS["daily"], KINDS["orders"]
    assert _entry("Net Sales", "x", daily, ()).plan.target == "net_sales"
    assert _entry("date", "x", daily, ()).plan.target == "date"
    assert _entry("order_id", ["x", "y"], orders, ()).names == ("x", "y")
    with pytest.raises(UsageError, match="orders exports have no column 'order_idd'"):
        _entry("order idd", "x", orders, ())
    assert _entry("row_key", "x", daily, ()).plan.cell.value == "word"
    fixed = _entry("market", {"constant": "TH"}, orders, ("market",))
    assert (fixed.plan.constant, fixed.names) == ("TH", ())
    assert _entry("market", 7, orders, ("market",)).plan.constant == "7"
    with pytest.raises(UsageError, match=r"\[columns\] gmv: times is a number"):
        _entry("gmv", {"column": "x", "times": float("inf")}, orders, ())


def test_few_words_in_every_row_are_spare_words() -> None:
    def column(name: str, cells: int, filled: int, *, remark: bool = False) -> Any:
        held = {"cells": list("abcde")[:cells], "filled": filled, "rows": 9, "is_remark": remark, "samples": ("a", "b")}
        return SimpleNamespace(name=name, **held)

    columns = [column("one", 1, 9), column("gaps", 1, 8), column("four", 4, 9), column("said", 1, 9, remark=True)]
    columns.append(column("five", 5, 9))
    spare = ("one", "gaps", "four", "said", "five")
    planned = SimpleNamespace(columns={item.name: item for item in columns}, plan=SimpleNamespace(spare=spare))
    assert opened_table._spare_words(cast(Any, planned)) == {"one": ("a",), "four": ("a", "b", "c", "d")}


def test_a_header_has_two_known_names_or_is_the_first_row_of_words() -> None:
    known = {"orders", "gmv"}.__contains__
    title = ["report", "of", "shop"]
    assert header_row([title, ["orders", "zz", "gmv"], ["1", "2", "3"]], known) == 1
    assert header_row([title, ["orders", "zz", "yy"], ["1", "2", "3"]], known) == 0
    assert header_row([["report"], ["orders"], ["1"]], known) == 1, "one of one column"
    assert header_row([["", "of", "shop"], ["a", "", ""], ["b", "c", ""], ["1", "2", "3"]], known) == 2
    assert header_row([["1", "2", "3"]] * 2, known) is None
