# ruff: noqa: E501 - files are as systems write them
"""Labels that are written once for several rows, figures that are named in a column, days that are only numbered."""

from pathlib import Path

import openpyxl
import pytest

from core.base.errors import UsageError
from core.ingest.values.date_words import month_in_texts
from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import days, figures, loads

REGIONS = "Region,Shop,Date,Orders\nN,N1,2026-07-01,4\n,,2026-07-02,5\n,,2026-07-03,6\nS,S1,2026-07-01,4\n,,2026-07-02,5\n,,2026-07-03,9\n"
WIDE = "Product," + ",".join(map(str, range(1, 32))) + ",Total\nMug," + "2," * 31 + "62\nCup," + "1," * 31 + "31\n"


def test_a_label_holds_until_the_next_one(tmp_path: Path) -> None:
    loads(tmp_path, REGIONS)
    assert figures(tmp_path, "SELECT sum(orders), sum(orders * (region = 'S')), count(*) FROM daily") == (33, 18, 6)


def test_a_day_holds_for_the_rows_below_it(tmp_path: Path) -> None:
    rows = "".join(f"{day},live,{at}\n,video,{10 * at}\n,search,1\n" for at, day in enumerate(days(4), 1))
    loads(tmp_path, f"Date,Channel,Orders\n{rows}Total,,114\n")
    assert figures(tmp_path, "SELECT sum(orders), sum(orders * (channel = 'video')), max(date) FROM daily") == (
        114,
        100,
        "2026-07-04",
    )


def test_notes_on_a_few_days_are_no_labels(tmp_path: Path) -> None:
    text = "Note,Date,Orders\nStart,2026-07-01,4\n,2026-07-02,5\n,2026-07-03,6\nSale,2026-07-04,9\n"
    report = loads(tmp_path, text)
    assert report.files[0].dimensions == ()
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily") == (24, 4)


def test_rows_of_one_figure_each_become_columns(tmp_path: Path) -> None:
    rows = "".join(f"{day},live,orders,{at}\n{day},live,visits,{100 * at}\n" for at, day in enumerate(days(3), 1))
    report = loads(tmp_path, "date,channel,metric,value\n" + rows)
    assert figures(tmp_path, "SELECT sum(orders), sum(visits), count(*), max(channel) FROM daily") == (
        6,
        600,
        3,
        "live",
    )
    assert "the words of metric are figures of their own" in report.files[0].notes


def test_a_figure_that_a_long_table_does_not_say_replaces_none(tmp_path: Path) -> None:
    loads(tmp_path, "date,metric,value\n2026-07-01,orders,1\n2026-07-02,orders,3\n2026-07-02,visits,9\n")
    assert figures(tmp_path, "SELECT sum(orders), sum(visits), count(*) FROM daily") == (4, 9, 2)
    (part,) = loads(tmp_path, "date,metric,value\n2026-07-02,orders,5\n2026-07-03,visits,2\n", "part.csv").files
    assert (part.added, part.replaced) == (1, 1)
    assert figures(tmp_path, "SELECT sum(orders), sum(visits), count(*) FROM daily") == (6, 11, 3)
    (again,) = loads(tmp_path, "date,metric,value\n2026-07-02,visits,9\n2026-07-01,orders,1\n", "again.csv").files
    assert again.unchanged == 2
    with pytest.raises(UsageError, match="'orders' appears twice for date 2026-07-01"):
        loads(tmp_path, "date,metric,value\n2026-07-01,orders,1\n2026-07-01,orders,2\n2026-07-02,visits,3\n", "b.csv")


LONG = [(day, market, *figure) for day in days(6) for market in ("TH", "VN") for figure in
        (("Sessions", 900), ("Orders", 30), ("GMV", 615.5))]  # fmt: skip


@pytest.mark.parametrize(
    "header",
    [
        "date,market,metric_name,metric_val",
        "day,market,item,amount",
        "dt,country,Type,Figure",
        "date,market,what,Number",
        "日期,国家,指标名称,数值",
    ],
)
def test_figures_of_different_kinds_are_never_added_up(tmp_path: Path, header: str) -> None:
    """A column whose words are figures names them, whatever it is called."""
    loads(tmp_path, header + "\n" + "".join(f"{','.join(map(str, row))}\n" for row in LONG))
    assert figures(tmp_path, "SELECT sum(sessions), sum(orders), sum(gmv), count(*) FROM daily") == (
        10800,
        360,
        7386.0,
        12,
    )


def test_figures_and_markets_left_of_the_days(tmp_path: Path) -> None:
    wide = "Market,Metric," + ",".join(days(4)) + "\n" + "".join(
        f"{market},{name}{',' + str(figure) * 1}{',5' * 3}\n" for market in ("TH", "VN") for name, figure in (("Sessions", 90), ("Orders", 3))
    )  # fmt: skip
    loads(tmp_path, wide, "Daily KPI.csv")
    assert figures(tmp_path, "SELECT sum(sessions), sum(orders), count(*) FROM daily") == (210, 36, 8)


def test_a_long_file_is_spread_as_a_short_one_is(tmp_path: Path) -> None:
    """Above a megabyte only its first rows are looked at before it is read."""
    rows = "".join(
        f"{day},SHOP-{shop:04},{name},{shop + at}\n"
        for day in days(3) for shop in range(4000) for at, name in enumerate(("sessions", "orders", " Orders of samples "))
    )  # fmt: skip
    loads(tmp_path, "date,shop,metric,value\n" + rows)
    own = sum(range(4000))
    sums = (3 * own, 3 * (own + 4000), 3 * (own + 8000), 12000)
    assert figures(tmp_path, "SELECT sum(sessions), sum(orders), sum(orders_of_samples), count(*) FROM daily") == sums


def test_a_unit_is_no_slice_and_names_the_currency(tmp_path: Path) -> None:
    rows = "".join(f"{day},{name},{unit},{figure}\n" for day in days(4) for name, unit, figure in
                   (("orders", "count", 3), ("gmv", "EUR", 60.5), ("conversion", "%", 2.5)))  # fmt: skip
    report = loads(tmp_path, "date,metric,unit,value\n" + rows)
    assert report.files[0].dimensions == ()
    assert figures(tmp_path, "SELECT sum(orders), sum(gmv), count(*) FROM daily") == (12, 242.0, 4)
    assert figures(tmp_path, "SELECT unit FROM daily_measures WHERE name = 'conversion_percent'") == ("rate",)


def test_rows_of_one_figure_with_several_columns_of_them_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'kpi', but it has several columns of figures: Indonesia, TH"):
        loads(
            tmp_path,
            "date,kpi,ID,TH\n" + "".join(f"{day},{name},5,6\n" for day in days(3) for name in ("orders", "gmv")),
        )


def test_the_same_figure_twice_counts_once(tmp_path: Path) -> None:
    (report,) = loads(tmp_path, "date,metric,value\n" + "2026-07-01,orders,1\n" * 2 + "2026-07-02,orders,4\n").files
    assert figures(tmp_path, "SELECT sum(orders) FROM daily") == (5,)
    assert "1 figure appears twice with the same value, and counts once" in report.notes


def test_indonesia_among_countries_is_no_id(tmp_path: Path) -> None:
    loads(tmp_path, "date,ID,TH,VN\n" + "".join(f"{day},{at},5,6\n" for at, day in enumerate(days(4), 10)))
    assert figures(tmp_path, "SELECT sum(indonesia), sum(th), sum(vn) FROM daily") == (46, 20, 24)


@pytest.mark.parametrize(
    ("header", "measures"),
    [
        ("date,CA,TX,ID", "ca tx idaho"),
        ("date,SG,ID,TH", "sg indonesia th"),
        ("ID,date,US,CA", "us ca"),
        ("NO,date,IN,SOLD", "in sold"),
        ("date,NO,IN,OUT", "in out"),
    ],
)
def test_codes_are_countries_or_states_only_among_others(tmp_path: Path, header: str, measures: str) -> None:
    rows = (
        ",".join(day if name == "date" else str(at) for name in header.split(",")) for at, day in enumerate(days(6), 1)
    )
    loads(tmp_path, "\n".join([header, *rows]))
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert set(workspace.measures) == set(measures.split())


def test_departments_of_tickets_are_no_names_of_figures(tmp_path: Path) -> None:
    groups = ("Orders", "Returns", "Account")
    rows = "".join(f"{100 + at},{days(5)[at % 5]} 10:00,{groups[at % 3]},{at}\n" for at in range(30))
    (report,) = loads(tmp_path, f"Ticket ID,Created at,Group,First reply time\n{rows}").files
    assert report.dimensions == ("group",)
    assert figures(tmp_path, "SELECT sum(tickets), sum(tickets * (\"group\" = 'Orders')) FROM daily") == (30, 10)


def test_types_of_payments_are_no_names_of_figures(tmp_path: Path) -> None:
    """Two sales of one amount on a day are two, as a user decides; `metric` says that they are one figure."""
    ledger = "".join(f"{day},{name},10\n" for day in days(5) for name in ("Sales", "Refunds", "Orders", "Sales"))
    (report,) = loads(tmp_path, f"date,type,amount\n{ledger}", duplicates="keep").files
    assert report.dimensions == ("type",)
    assert figures(tmp_path, "SELECT sum(amount) FROM daily WHERE type = 'Sales'") == (100,)


@pytest.mark.parametrize("measure", ["spend", "users", "Kosten (EUR)", "hours"])
def test_words_next_to_a_measure_name_no_figures(tmp_path: Path, measure: str) -> None:
    """What campaigns for clicks cost is no number of clicks."""
    rows = "".join(f"{day},{name},10\n" for day in days(5) for name in ("Clicks", "Views", "Orders"))
    (report,) = loads(tmp_path, f"date,objective,{measure}\n{rows}").files
    assert report.dimensions == ("objective",)
    assert figures(tmp_path, "SELECT count(*), count(DISTINCT objective) FROM daily") == (15, 3)


def test_a_row_without_the_name_of_its_figure_is_refused_unless_it_is_a_total(tmp_path: Path) -> None:
    rows = "".join(f"{day},orders,2\n{day},visits,9\n" for day in days(4))
    loads(tmp_path, f"date,metric,value\n{rows}Total,,44\n")
    assert figures(tmp_path, "SELECT sum(orders), sum(visits) FROM daily") == (8, 36)
    with pytest.raises(UsageError, match="called by 'metric', which is blank in '2026-07-09,7'"):
        loads(tmp_path, f"date,metric,value\n{rows}2026-07-09,,7\n2026-07-09,orders,3\n", "blank.csv")


def test_numbered_days_are_those_of_the_month_that_is_named(tmp_path: Path) -> None:
    loads(tmp_path, WIDE, "Sales July 2026.csv")
    assert figures(tmp_path, "SELECT sum(sales), min(date), max(date) FROM daily") == (93, "2026-07-01", "2026-07-31")
    with pytest.raises(UsageError, match="numbered 1 to 31, like the days of a month"):
        loads(tmp_path, WIDE.replace("Mug", "Jug"), "sales.csv")


def test_the_month_of_a_title() -> None:
    assert month_in_texts(["Umsatz", "Umsatz März 2026"]) == (2026, 3)
    assert month_in_texts(["07.2026"]) == (2026, 7)
    assert month_in_texts(["2026年7月"]) == (2026, 7)
    assert month_in_texts(["May to June 2026", "orders_2026"]) is None


def test_hidden_sheets_and_blank_columns_are_left_out(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    book.active.append(["Date", "Orders"])
    book.active.append([days(1)[0], 99999])
    sheet = book.create_sheet("Data")
    for row in ([], [], [None, None, "Day", "Orders"], *([None, None, day, 3] for day in days(4))):
        sheet.append(row)
    book.save(tmp_path / "hidden.xlsx")
    report = loads(tmp_path, (tmp_path / "hidden.xlsx").read_bytes(), "book.xlsx")
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily") == (12, 4)
    assert report.files[0].notes[0] == "left out hidden sheets: Sheet"


def test_a_title_above_each_repeated_header_tells_its_rows_apart(tmp_path: Path) -> None:
    parts = {"North": 3, "South": 5}
    blocks = (
        f"{shop}\nDate,Orders\n" + "".join(f"{day},{count}\n" for day in days(4)) for shop, count in parts.items()
    )
    report = loads(tmp_path, "\n".join(blocks))
    assert report.files[0].dimensions == ("section",)
    assert figures(tmp_path, "SELECT sum(orders), sum(orders * (section = 'South')), count(*) FROM daily") == (
        32,
        20,
        8,
    )


def test_a_header_repeated_on_each_page_makes_no_sections(tmp_path: Path) -> None:
    pages = (f"Date,Orders\n{days(8)[at]},3\n{days(8)[at + 1]},4\n" for at in (0, 2, 4))
    report = loads(tmp_path, "\n".join(pages))
    assert report.files[0].dimensions == ()
    assert figures(tmp_path, "SELECT sum(orders), count(*) FROM daily") == (21, 6)


def _rows(template: str, bad: int = 0) -> str:
    """Eight rows from a template with a day of July (`D`), its number (`N`) and a figure (`V`), one of which cannot be read."""
    cells = ("n/k" if place == bad else f"{place}{bad}" for place in range(1, 9))
    return "".join(
        template.replace("D", day).replace("N", str(place)).replace("V", cell)
        for place, (day, cell) in enumerate(zip(days(8), cells, strict=True), 1)
    )


SHAPES = {
    "a label above its rows": ("Shop,Date,Orders\nEast,,\n" + _rows(",D,V\n") + "West,,\n" + _rows(",D,V\n", 3), 14),
    "a header below each title": (
        "East\nDate,Orders\n" + _rows("D,V\n") + "West\nDate,Orders\n" + _rows("D,V\n", 3),
        15,
    ),
    "days below labels": ("Region,Orders\nEast,\n" + _rows("D,V\n") + "West,\n" + _rows("D,V\n", 3), 14),
    "labels in the first of several rows": (
        "Region,Date,Orders\n" + _rows(",D,V\n").replace(",", "East,", 1) + _rows(",D,V\n", 3).replace(",", "West,", 1),
        12,
    ),
    "days below their month": (
        "Day,Coffees\nJune 2026,\n" + _rows("N,V\n") + "July 2026,\n" + _rows("N,V\n", 3),
        14,
    ),
    "weekdays side by side": (
        "Week,Mon,Tue,Wed,Thu,Fri,Sat,Sun\n2026-06-29,1,2,3,4,5,6,7\n2026-07-06,8,9,n/k,11,12,13,14\n",
        3,
    ),
    "months side by side": (
        "Day,Jan 2026,Feb 2026,Mar 2026\n"
        + "".join(f"{n},{n},{n if n < 29 else ''},{'n/k' if n == 3 else n}\n" for n in range(1, 32)),
        4,
    ),
    "months of years": (
        "Year,Jan,Feb,Mar,Apr,May,Jun\n2024,1,2,3,4,5,6\n2025,7,8,n/k,10,11,12\n",
        3,
    ),
    "figures below each day": (
        ",2026-07-01,,2026-07-02,\nChannel,Orders,Views,Orders,Views\n"
        + "".join(f"c{n},{n},{n},{n},{'n/k' if n == 3 else n}\n" for n in range(1, 13)),
        5,
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_row_that_cannot_be_read_is_where_it_stands_in_the_file(tmp_path: Path, shape: str) -> None:
    text, line = SHAPES[shape]
    report = loads(tmp_path, text)
    assert [reject.line for reject in report.rejects] == [line]
    assert "'n/k'" in report.rejects[0].reason
    assert report.rejects[0].raw == text.split("\n")[line - 1]


def test_units_below_the_names_of_figures_and_a_day_for_two_rows(tmp_path: Path) -> None:
    body = "".join(f"{day};A;{at},50;3\n;B;1,50;4\n" for at, day in enumerate(days(6)))
    loads(tmp_path, f";;Umsatz;Absatz\nKalendertag;Werk;EUR;ST\n{body}Gesamtergebnis;;27,00;42\n")
    assert figures(tmp_path, "SELECT sum(sales), sum(absatz_st), count(DISTINCT werk) FROM daily") == (27, 42, 2)


@pytest.mark.parametrize("total", ["2026-07-0{} Total,,{}", "Total 2026-07-0{},,{}", ",,{1}", ",,{1}\n,,"])
def test_totals_of_days_below_their_rows_are_left_out(tmp_path: Path, total: str) -> None:
    """Three days of 2, 3 and 4 in one shop and of 10 in the other, some with a blank row below."""
    blocks = [f"2026-07-0{n},A,{n + 1}\n,B,10\n{total.format(n, n + 11)}\n" for n in range(1, 4)]
    loads(tmp_path, "Date,Shop,Sales\n" + "".join(blocks))
    assert figures(tmp_path, "SELECT sum(sales), count(DISTINCT date), count(*) FROM daily") == (39, 3, 6)
