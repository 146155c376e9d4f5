"""Tables that nearly have a shape of their own, each with one thing that makes it another table: they stay as they are."""

from collections.abc import Sequence

import pytest

from core.ingest.layout import find_regions
from core.ingest.shapes.grouped_days import grouped_days
from core.ingest.shapes.metric_rows import spread
from core.ingest.shapes.outlined_rows import outlined
from core.ingest.shapes.reshaped_rows import _continued, _headed, _labelled, _sections, reshaped
from core.ingest.shapes.sheet_layout import split_blocks, split_columns, with_sheet
from core.ingest.shapes.state_rows import with_state_times
from tests.ingest.shapes.test_bounds_of_shapes import rows_of, table

GROUPED = """Shop,2026-07-01,,2026-07-02,
,Orders,Sales,Orders,Sales
A,1,2,3,4
B,5,6,7,8
,,,,
Total,6,8,10,12"""


def test_figures_below_each_day() -> None:
    made = grouped_days(rows_of(GROUPED), 1)
    assert made == [
        (1, ("Date", "Shop", "Orders", "Sales")), (2, ("2026-07-01", "A", "1", "2")), (2, ("2026-07-02", "A", "3", "4")),
        (3, ("2026-07-01", "B", "5", "6")), (3, ("2026-07-02", "B", "7", "8")),
    ]  # fmt: skip
    days_below = "Shop,Orders,,Sales,\n,2026-07-01,2026-07-02,2026-07-01,2026-07-02\nA,1,3,2,4\nB,5,7,6,8"
    assert grouped_days(rows_of(days_below), 1) == made
    assert grouped_days(rows_of(GROUPED), 0) is None
    assert grouped_days(rows_of(f"Report,,,,\n{GROUPED}"), 1) is None
    later = grouped_days(rows_of(f"Report,,,,\n{GROUPED}"), 2)
    assert later is not None
    assert [(at - 1, row) for at, row in later] == made


@pytest.mark.parametrize(("old", "new"), [
    ("2026-07-02", "2026-07-01"),  # one day
    ("2026-07-01,,2026-07-02,", "Week,,Month,"),  # no days
    (",Orders,Sales,Orders,Sales", ",2026-07-01,2026-07-02,2026-07-03,2026-07-04"),  # days in both rows
    (",Orders,Sales,Orders,Sales", ",Orders,Orders,Orders,Orders"),  # one figure
    (",Orders,Sales,Orders,Sales", ",Mon,Tue,Wed,Thu"),  # each of one day
    (",Orders,Sales,Orders,Sales", ",1,2,1,2"),
    ("A,1,2,3,4\nB,5,6,7,8", "A,x,y,z,u\nB,p,q,r,s"),  # words
])  # fmt: skip
def test_two_rows_of_headers_that_are_no_figures_of_days(old: str, new: str) -> None:
    assert grouped_days(rows_of(GROUPED.replace(old, new)), 1) is None


HEADED = "Shop,Day,Orders\nA,,\n,2026-07-01,1\n,2026-07-02,2\nB,,\n,2026-07-01,3\nTotal,,6"


def test_labels_in_rows_of_their_own() -> None:
    made = _headed(table(rows_of(HEADED)), 0)
    assert made is not None
    assert made.rows[1:4] == [("A", "2026-07-01", "1"), ("A", "2026-07-02", "2"), ("B", "2026-07-01", "3")]
    assert made.rows[4] == ("Total", "", "6")


@pytest.mark.parametrize("text", [
    HEADED.replace("B,,\n", ""),  # one label
    HEADED.replace("Orders\nA,,\n", "Orders\n"),  # rows above the first label
    HEADED.replace(",2026-07-01,3", "B,2026-07-01,3"),  # a row has its own
    "Shop,Day,Orders\nA,,\nB,,\nC,,\n,2026-07-01,1",  # more labels than rows
    HEADED.replace("A,,", "5,,").replace("B,,", "2026,,"),
])  # fmt: skip
def test_rows_that_are_no_labels_of_those_below(text: str) -> None:
    assert _headed(table(rows_of(text)), 0) is None


SECTIONS = "A,,\nDay,Orders,Sales\n2026-07-01,1,2\n2026-07-02,3,4\n,,\nB,,\nDay,Orders,Sales\n2026-07-01,5,6"


def test_a_header_that_is_repeated_below_titles() -> None:
    made = _sections(table(rows_of(SECTIONS)), 1)
    assert made is not None
    assert made.rows == [
        ("section", "Day", "Orders", "Sales"), ("A", "2026-07-01", "1", "2"), ("A", "2026-07-02", "3", "4"),
        ("B", "2026-07-01", "5", "6"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", [
    SECTIONS.replace("B,,", "A,,"), SECTIONS.replace("B,,", "12,,"), SECTIONS.replace("B,,", "2026-08-01,,"),
    SECTIONS.replace("B,,", "B,x,"), SECTIONS.replace("2026-07-02,3,4", "2026-07-02,3"), SECTIONS.partition("\nB")[0],
])  # fmt: skip
def test_headers_that_are_repeated_otherwise(text: str) -> None:
    assert _sections(table(rows_of(text)), 1) is None


LABELLED = "Shop,Day,Orders\nA,2026-07-01,1\n,2026-07-02,2\n,2026-07-03,3\nB,2026-07-01,4\n,2026-07-02,5\n,2026-07-03,6"


def test_merged_labels_are_in_all_rows() -> None:
    made = _labelled(table(rows_of(LABELLED)), 0)
    assert made is not None
    assert [row[0] for row in made.rows[1:]] == ["A", "A", "A", "B", "B", "B"]
    assert _labelled(table(rows_of(LABELLED.replace("2026-07-", "Day "))), 0) is None
    assert _labelled(table(rows_of(LABELLED.replace("\n,", "\nC,"))), 0) is None, "no cell is blank"


CONTINUED = """Order,Day,Total,Item,Pieces
1,2026-07-01,30,pen,1
,,,ink,2
2,2026-07-02,40,pen,3
,,,ink,4
3,2026-07-03,50,pen,5
,,,ink,6"""


def test_lines_of_records_have_the_number_and_the_day_of_their_first() -> None:
    made = _continued(table(rows_of(CONTINUED)), 0)
    assert made is not None
    assert [row[:3] for row in made.rows[1:5]] == [
        ("1", "2026-07-01", "30"), ("1", "2026-07-01", ""), ("2", "2026-07-02", "40"), ("2", "2026-07-02", ""),
    ]  # fmt: skip
    for text in (
        CONTINUED.replace("\n1,", "\n,"), CONTINUED.replace("2026-07-", "Day "),
        CONTINUED.replace("\n,,,ink", "\nTotal,,,ink"), "Order,Day,Total,Item,Pieces",
    ):  # fmt: skip
        assert _continued(table(rows_of(text)), 0) is None


OUTLINE = "Shop,Orders\nA,3\n2026-07-01,1\n2026-07-02,2\nB,7\n2026-07-01,3\n2026-07-02,4"


@pytest.mark.parametrize("text", [
    OUTLINE.replace("A,3", ",3"), OUTLINE.replace("B,7", "12,7"), OUTLINE.replace("2026-07-02", "2026-07-01"),
    f"{OUTLINE}\nC,0", OUTLINE.replace("A,3", "A,4"), OUTLINE.replace("Shop,Orders\nA,3\n", "Shop,Orders\n12,3\n"),
    "Day,Orders\n2026-07-01,3\n2026-07-02,3\nA,1\nB,2", "Day,Orders\n2026-07-01,3\n2026-07-02,4",
])  # fmt: skip
def test_first_columns_that_are_no_outline(text: str) -> None:
    assert outlined(table(rows_of(OUTLINE)), 0) is not None
    assert outlined(table(rows_of(text)), 0) is None


LINES = ["Day         Orders", "2026-07-01  5", "2026-07-02  7", "2026-07-03  9"]


@pytest.mark.parametrize("lines", [
    LINES[:2], [line.replace("  ", " ") for line in LINES], [*LINES[:3], "2026-07-03 and nothing more"],
    ["Name  Colour", "pen   blue", "ink   red", "cup   green"],
])  # fmt: skip
def test_lines_without_columns(lines: Sequence[str]) -> None:
    assert split_columns(table([[line] for line in LINES])).rows == [line.split() for line in LINES]
    whole = table([[line] for line in lines])
    assert split_columns(whole) is whole


BLOCKS = "Day,Orders,,Day,Orders\n2026-07-01,1,,2026-07-01,3\n2026-07-02,2,,2026-07-02,4\n,,,2026-07-03,5"


def test_tables_next_to_each_other_have_days_of_their_own() -> None:
    left, right = split_blocks(table(rows_of(BLOCKS)))
    assert [list(row) for row in left.rows] == [["Day", "Orders"], ["2026-07-01", "1"], ["2026-07-02", "2"]]
    assert [list(row) for row in right.rows][1:] == [["2026-07-01", "3"], ["2026-07-02", "4"], ["2026-07-03", "5"]]
    for text in (
        BLOCKS.replace(",,", ",x,"), BLOCKS.replace("Orders,,Day,Orders", "Orders,,Date,Visits"),
        BLOCKS.replace(",,2026-07-0", ",,item "),
        "Day,,Day\n2026-07-01,,2026-07-02",
    ):  # fmt: skip
        whole = table(rows_of(text))
        assert split_blocks(whole) == [whole]


def test_the_name_of_a_sheet_is_a_column_where_it_is_known() -> None:
    sheet = table(rows_of("Report\nDay,Orders\n2026-07-01,5\n2026-07-02"))
    assert with_sheet(sheet, 1) is sheet
    sheet.describe["sheet"] = "July"
    made = with_sheet(sheet, 1)
    assert [list(row) for row in made.rows] == [
        ["Report"], ["Day", "Orders", "sheet"], ["2026-07-01", "5", "July"], ["2026-07-02", "", "July"],
    ]  # fmt: skip
    named = table(rows_of("Day,Sheet\n2026-07-01,5"))
    named.describe["sheet"] = "July"
    assert with_sheet(named, 0) is named


METRICS = "Day,Metric,Value\n2026-07-01,Orders,1\n2026-07-01,Sales,2\n2026-07-02,Orders,3\n2026-07-02,Sales,4"
STATES = "order_id,state,changed_at\n" + "\n".join(
    f"{order},{state},2026-07-0{day}"
    for order in range(1, 7)
    for day, state in enumerate(("created", "paid", "sent"), 1)
)


def test_rows_of_one_figure_and_histories_of_a_state() -> None:
    made = spread(table(rows_of(METRICS)), 0)
    assert made is not None
    assert [list(row) for row in made.rows] == [
        ["Day", "Orders", "Sales"],
        ["2026-07-01", "1", "2"],
        ["2026-07-02", "3", "4"],
    ]
    assert spread(table(rows_of(METRICS.replace("Orders", "12"))), 0) is None
    assert spread(table(rows_of("Day,Metric,Value")), 0) is None
    history = with_state_times(table(rows_of(STATES)), 0)
    assert history is not None
    assert list(history.rows[0]) == ["order_id", "state", "created at", "paid at", "sent at"]
    assert list(history.rows[6]) == ["6", "sent", "2026-07-01", "2026-07-02", "2026-07-03"]
    for text in (
        STATES.replace("order_id", "customer name"), STATES.replace("state", "colour"), STATES.replace("2026-07-0", "day "),
        STATES.replace("paid", "created").replace("sent", "created"), "order_id,state,changed_at",
        STATES.replace("3,paid", "3,"),
    ):  # fmt: skip
        assert with_state_times(table(rows_of(text)), 0) is None


DIARY = "Day,Orders\nJuly 2026,\n1,5\n2,6\n3,7\nAugust 2026,\n1,8\n2,9\n3,4"


@pytest.mark.parametrize(("text", "header", "first"), [
    (SECTIONS, ("section", "Day", "Orders", "Sales"), ("A", "2026-07-01", "1", "2")),
    (HEADED, ("Shop", "Day", "Orders"), ("A", "2026-07-01", "1")),
    (LABELLED, ("Shop", "Day", "Orders"), ("A", "2026-07-01", "1")),
    (f"{LABELLED}\nTotal,,21", ("Shop", "Day", "Orders"), ("A", "2026-07-01", "1")),
    (CONTINUED, ("Order", "Day", "Total", "Item", "Pieces"), ("1", "2026-07-01", "30", "pen", "1")),
    (OUTLINE, ("Date", "Shop", "Orders"), ("2026-07-01", "A", "1")),
    (METRICS, ("Day", "Orders", "Sales"), ("2026-07-01", "1", "2")),
    (STATES, ("order_id", "state", "created at", "paid at", "sent at"), ("1", "sent", "2026-07-01", "2026-07-02", "2026-07-03")),
    (DIARY, ("Date", "Orders"), ("2026-07-01", "5")),
    ("Year,Month,Day,Orders\n2026,7,1,5\n2026,7,2,6\n2026,7,3,7", ("Date", "Orders"), ("2026-07-01", "5")),
])  # fmt: skip
def test_each_shape_is_found_among_all(text: str, header: Sequence[str], first: Sequence[str]) -> None:
    whole = table(rows_of(text))
    made = reshaped(whole, find_regions(whole), "a.csv")
    assert (tuple(made.rows[0]), tuple(made.rows[1])) == (header, first)
    assert reshaped(whole, [*find_regions(whole), *find_regions(whole)], "a.csv") is whole, "of several tables none is"


def test_footers_are_no_rows_and_ragged_tables_stay() -> None:
    ended = table(rows_of(f"{METRICS}\n,,\nExported by the shop at noon,,"))
    made = reshaped(ended, find_regions(ended), "a.csv")
    assert [tuple(row) for row in made.rows[1:]] == [("2026-07-01", "1", "2"), ("2026-07-02", "3", "4")]
    ragged = table(rows_of(f"{METRICS}\n2026-07-03,Orders"))
    assert reshaped(ragged, find_regions(ragged), "a.csv") is ragged
    short = table(rows_of("Year,Month,Day,Orders\n2026,7,1,5"))
    assert reshaped(short, find_regions(short), "a.csv") is short
    long = table(rows_of(STATES))
    long.is_complete = False
    assert reshaped(long, find_regions(long), "a.csv").rows[0] == (
        "order_id",
        "state",
        "created at",
        "paid at",
        "sent at",
    )
