"""Text fits the terminal, Markdown and text say the same, and no format lets a name act."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.days import Window, iso, parse_day
from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load
from core.detection.findings import Finding, Scan
from core.reports.documents.report_inputs import inputs_section
from core.reports.documents.scan_report import scan_report
from core.reports.finding_narrative import cost_words, likely_line
from core.reports.report import DailyChart, Report, Section
from core.reports.table import Cell, Column, Row, Table, table_of
from core.reports.tables.finding_table import finding_table
from core.reports.text_width import cell_width, cut, wrapped
from core.reports.voice_narrative import rising_line, theme_summary
from core.reports.writers import row_files
from core.reports.writers.html_writer import to_html
from core.reports.writers.markdown_writer import markdown_table, to_markdown
from core.reports.writers.row_files import csv_cell
from core.reports.writers.svg_chart import daily_chart
from core.reports.writers.text_writer import TextStyle, hidden_columns, report_lines, table_lines
from core.voice.voice_results import RisingWord, Theme
from core.workspace.schema.load_log import Load
from tests.reports.made_up import Maker

HOSTILE = "<b>|`x`\x1b[31m\u202e"
COLUMNS = (
    Column("name", "name", "", least=6),
    Column("share", "share", "", right=True, unit="ratio"),
    Column("orders", "orders", "", right=True, priority=1),
    Column("why", "why", "", priority=2, least=10),
)


def table(*names: str) -> Table:
    return table_of(
        "T", COLUMNS, [{"name": name, "share": 0.5, "orders": 1234, "why": "late dispatch"} for name in names]
    )


@pytest.mark.parametrize("width", range(24, 70, 7))
def test_no_line_is_wider_than_the_terminal_and_numbers_are_whole(width: int) -> None:
    lines = list(table_lines(table("live", "recommendation", "直播间"), TextStyle(width=width)))
    assert max(map(cell_width, lines)) <= width
    assert sum("50.0%" in line for line in lines) == 3
    assert not any("…" in line for line in lines)


def test_a_long_cell_breaks_between_its_words() -> None:
    columns = (Column("name", "name", ""), Column("why", "why", "", least=8))
    shown = table_of("T", columns, [{"name": "check", "why": "no market stops while the others go on"}])
    lines = list(table_lines(shown, TextStyle(width=26)))
    assert [line.split("  ")[-1].strip() for line in lines[1:]] == ["no market stops", "while the others go", "on"]


def test_columns_drop_by_priority_and_wide_shows_all() -> None:
    narrow, wide = TextStyle(width=24), TextStyle(width=24, tables_fit=False)
    shown = table("live")
    assert hidden_columns(shown, narrow) == 1
    assert "why" not in next(table_lines(shown, narrow))
    assert hidden_columns(shown, wide) == 0
    assert next(table_lines(shown, wide)).split() == ["name", "share", "orders", "why"]
    assert hidden_columns(shown, TextStyle(width=None)) == 0


def incident(where: str) -> Finding:
    return Finding(
        id="5d3925d368", as_of=parse_day("2026-03-15"), metric="payment_rate", where=Segment.parse(where), severity="major",
        window=Window.parse("2026-03-08..2026-03-14"), onset=parse_day("2026-03-08"), interval=(0.9, 0.97), actual=0.469,
        expected=0.941, change=-0.472, change_pct=-0.5, impact=4197.0, impact_unit="money", p_value=0.001,
        cause="C11 Payment provider outage, or a method declined", owner="Payments",
    )  # fmt: skip


def test_one_finding_of_many_values_takes_no_column_from_the_others() -> None:
    stores = "|".join(f"store{number:02d}" for number in range(13))
    shown = finding_table(
        [incident("market=TH"), incident(f"store={stores}")], {"payment_rate": "ratio"}, "USD", with_id=True
    )
    lines = list(table_lines(shown, TextStyle(width=80)))
    assert max(map(cell_width, lines)) <= 80
    assert "where" in lines[0]
    assert "and 8 more" in shown.rows[1].cells[2].text
    assert shown.rows[1].cells[2].plain == f"store={stores}", "programs read all of them"


def test_findings_of_a_range_say_the_day_that_saw_each() -> None:
    first = incident("market=TH")
    found = [
        first,
        replace(first, as_of=parse_day("2026-03-16")),
        replace(first, id="82f5ab31c8", as_of=parse_day("2026-03-16")),
    ]
    result = Scan(as_of=parse_day("2026-03-16"), tested=120, findings=tuple(found))
    lines = list(
        report_lines(
            scan_report(result, load(), "USD", days=Window.parse("2026-03-14..2026-03-16")), TextStyle(width=180)
        )
    )
    assert lines[0] == "2 findings in 120 series on 14-16 Mar 2026, as each day saw them:"
    assert [line[:6].strip() for line in lines[2:6]] == ["as of", "15 Mar", "16 Mar", "16 Mar"]
    lines = list(report_lines(scan_report(replace(result, findings=()), load(), "USD"), TextStyle(width=180)))
    assert lines == ["No finding in 120 series on 16 Mar 2026."]


def test_a_cause_that_was_not_tested_is_not_said_to_be_unknown() -> None:
    tested = replace(incident("market=TH"), cause=None, owner=None, confidence=0.9)
    for finding, cell, line in (
        (tested, "none known", "No likely cause is known."),
        (replace(tested, causes_skipped="there are no clicks"), "not tested", "There are no clicks."),
        (replace(tested, data_doubt="no rows of TH"), "check the data", "Check the data first: no rows of TH."),
    ):
        shown = finding_table([finding], {"payment_rate": "ratio"}, "USD")
        assert cell in [item.text for item in shown.rows[0].cells]
        assert likely_line(finding).endswith(line)


@pytest.mark.parametrize(
    ("impact", "unit", "change", "words"),
    [
        (4197.0, "money", -0.47, "4,197 USD"),
        (0.0, "money", -0.47, ""),
        (6430.0, "count", -6430.0, "6,430 fewer"),
        (183.0, "count", 183.0, "183 more"),
        (57.0, "count", 0.02, "57 affected"),
        (85.64, "number", -2.04, "-50.0%"),
    ],
)
def test_a_cost_says_what_it_counts(impact: float, unit: str, change: float, words: str) -> None:
    assert cost_words(replace(incident("market=TH"), impact=impact, impact_unit=unit, change=change), "USD") == words


@pytest.mark.parametrize("where", ["market=TH", "content_type=short_video,market=Indonesia,user_segment=returning"])
@pytest.mark.parametrize("width", [60, 72, 80, 100, 120])
def test_the_five_facts_of_a_finding_are_read_at_any_width(where: str, width: int) -> None:
    shown = finding_table([incident(where)], {"payment_rate": "ratio"}, "USD", with_id=True)
    lines = list(table_lines(shown, TextStyle(width=width)))
    assert max(map(cell_width, lines)) <= width
    text = "".join(lines).replace(" ", "")
    for part in where.split(","):
        assert part in text
    assert all(
        fact in text for fact in ("8Mar", "4,197USD", "Paymentprovider", "Payments", "5d3925d368", "94.1%", "46.9%")
    )
    assert hidden_columns(shown, TextStyle(width=width)) == 0


def test_a_figure_stays_with_its_month_unit_and_currency() -> None:
    for width in range(12, 60):
        lines = list(wrapped("fell by -8.4 pp to 4,197 USD since 8 Mar 2026, in four of five cases", width))
        assert " ".join(lines) == "fell by -8.4 pp to 4,197 USD since 8 Mar 2026, in four of five cases"
        for pair in ("-8.4 pp", "4,197 USD", "8 Mar"):
            assert any(pair in line for line in lines)


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=40), st.integers(1, 40))
def test_a_cut_text_fits(text: str, cells: int) -> None:
    assert cell_width(cut(text, cells)) <= cells
    assert cut(text, cells) == text or cut(text, cells).endswith("…")


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=20), st.integers(12, 60))
def test_lines_break_between_words_only(words: list[str], width: int) -> None:
    lines = list(wrapped(" ".join(words), width))
    assert " ".join(lines).split() == words
    assert all(cell_width(line) <= width for line in lines)


def test_fifty_reports_with_long_queries_stay_below_a_megabyte() -> None:
    queries = ("whydrop explain gmv", *(f"-- query {at}\n" + "SELECT sum(gmv) FROM orders\n" * 400 for at in range(8)))
    rows = table(*(f"name{at}" for at in range(40)))
    report = Report(
        title="gmv", sections=(Section(title="Where", table=rows), Section(title="Reproduce", code=queries))
    )
    assert len(to_html([report])) < 150_000
    page = to_html([report] * 50)
    assert len(page) < 1_000_000
    assert page.count("the command above with --sql prints all of it") >= 50


def test_a_page_breaks_no_line_inside_a_date_or_an_amount() -> None:
    page = to_html([Report(title="gmv, 8-14 Mar 2026", summary=("It fell by 4,197 USD since 2026-03-08, -8.4 pp.",))])
    for whole in ("8-14 Mar", "4,197 USD", "2026-03-08", "-8.4 pp"):
        assert f'<span class="w">{whole}</span>' in page


def test_text_and_markdown_have_the_same_cells() -> None:
    report = Report(
        title="T", summary=("One.",), sections=(Section(title="S", table=table("live"), items=("an item",)),)
    )
    text, markdown = "\n".join(report_lines(report, TextStyle(width=None))), to_markdown([report])
    for cell in ("live", "50.0%", "1,234", "late dispatch", "an item", "One."):
        assert cell in text
        assert cell in markdown
    assert markdown.startswith("# T\n\nOne.\n\n## S\n")


def test_rows_of_a_tree_stay_indented_in_markdown() -> None:
    names = (("root", "", 0), ("branch", "root", 1), ("leaf", "branch", 2), ("other", "root", 1))
    rows = tuple(Row(name, (Cell(name),), None, parent, depth) for name, parent, depth in names)
    assert list(markdown_table(Table("T", (Column("name", "name", "n"),), rows)))[2:] == [
        "| root |", "| &emsp;branch |", "| &emsp;&emsp;leaf |", "| &emsp;other |",
    ]  # fmt: skip
    own = (Row("sub", (Cell("    · a_b"),)),)
    assert list(markdown_table(Table("T", (Column("name", "name", "n"),), own)))[2:] == ["| &emsp;&emsp;· a\\_b |"]


def test_names_do_not_act() -> None:
    report = Report(
        title=HOSTILE, summary=(HOSTILE,), sections=(Section(title=HOSTILE, table=table(HOSTILE), code=(HOSTILE,)),)
    )
    text, markdown = "\n".join(report_lines(report, TextStyle(width=40, is_styled=False))), to_markdown([report])
    for written in (text, markdown):
        assert "\x1b" not in written
        assert "\u202e" not in written
    assert "<b>" not in markdown.replace("```\n<b>|`x`\n```", "")


@pytest.mark.parametrize(
    ("value", "cell"), [(float("nan"), ""), (None, ""), (2.0, "2"), (1e-9, "1e-09"), ("@x", "'@x")]
)
def test_csv_cells(value: object, cell: str) -> None:
    assert csv_cell(value) == cell


def test_a_chart_names_the_events_nearest_the_onset_whole() -> None:
    titles = (
        "Payment provider declines part of the payments " * 4 + "end of it",
        "支付渠道异常" * 20,
        HOSTILE,
        "far away",
    )
    chart = DailyChart(
        label="Daily payment rate", days=Window(0, 41), values=(0.9,) * 42, window=Window(35, 41), expected=0.9, low=0.8,
        high=1.0, onset=35, unit="ratio", events=tuple((35 + number, title) for number, title in enumerate(titles)),
    )  # fmt: skip
    names = re.findall(r'<p class="event-name">([^<]*)</p>', daily_chart(chart))
    assert len(names) == 3
    assert names[0].endswith("end of it")
    assert names[1].endswith("支付渠道异常" * 20)
    assert "&lt;b&gt;" in names[2]


def test_rows_without_a_value_come_last_whichever_way_they_are_sorted() -> None:
    rows = tuple(
        Row(name, (Cell(name), Cell("", value))) for name, value in (("a", 2.0), ("b", None), ("c", 1.0), ("d", 3.0))
    )
    table = Table("T", (Column("name", "name", "its name"), Column("value", "value", "its value")), rows)
    assert [row.key for row in table.shown("", (), "value", descending=False)] == ["c", "a", "d", "b"]
    assert [row.key for row in table.shown("", (), "value", descending=True)] == ["d", "a", "c", "b"]


def test_a_file_without_rows_is_an_empty_list() -> None:
    for blocks, text in (([], "[]\n"), ([[]], "[]\n"), ([[("a", None)]], '[\n{"id": "a", "gmv": null}\n]\n')):
        file = BytesIO()
        row_files._json(file, ("id", "gmv"), blocks)
        assert file.getvalue().decode() == text


def test_files_are_named_without_their_folders() -> None:
    loads = [Maker(0).make(Load, path=path) for path in ("/mnt/exports/march/orders.csv", "returns.csv")]
    table = inputs_section(loads).table
    assert table is not None
    assert sorted(row.cells[0].text for row in table.rows) == ["orders.csv", "returns.csv"]


def test_days_of_a_table_are_iso_days_for_programs() -> None:
    """A day is `8 Mar` for people, but neither that nor a day number in an exported table."""
    shown = finding_table([incident("market=TH")], {"payment_rate": "ratio"}, "USD")
    names, rows = shown.values(shown.rows)
    (row,) = rows
    exported = dict(zip(names, row, strict=True))
    assert exported["onset"] == iso(incident("market=TH").onset)


def test_one_thing_is_not_many() -> None:
    word = RisingWord(word="leaks", texts=1, texts_before=0, p_value=0.01, quote="it leaks")
    assert rising_line(word) == "“leaks”: 1 complaint versus 0 before, such as “it leaks”"


def test_a_theme_that_may_have_risen_is_not_said_to_be_unchanged() -> None:
    theme = Theme(
        theme="quality", name="Poor quality", owner="seller", orders=36, share=0.036, share_before=0.03, change=0.006,
        p_value=0.002, rose=False, money_lost=0.0, interval=(0.0, 0.0), segments=(), words=(), quotes=(),
    )  # fmt: skip
    fewer = replace(theme, share_before=0.05, change=-0.014)
    for shown, trend in (
        (theme, "perhaps an increase: too uncertain, as all themes are tested"),
        (replace(theme, rose=True), "a significant increase"),
        (fewer, "a decrease"),
        (replace(theme, p_value=0.05), "no significant change"),
    ):
        assert f"36 orders, 3.60% of all, {trend} (p = " in next(theme_summary(shown, "USD"))
