"""Every document and table, word for word, about made-up results.

`UPDATE_TEXTS=1 pytest tests/reports/test_documents.py -n 0` writes new texts, after a look at the difference.
"""

import os
from collections.abc import Iterable
from math import nan
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.base.date_text import date_text, during
from core.base.days import Window
from core.ecosystem.completeness import MissingExport
from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.health_results import Headline, Health
from core.ratings.rating_results import Rating
from core.reports.documents.scorecard_report import _called
from core.reports.figures import change_format, number_format, table_values
from core.reports.health_narrative import effect_words, five_lines, interval_words
from core.reports.table import Table
from core.reports.tables.reading import sql_lines
from core.reports.tables.sparkline import sparkline
from core.reports.tables.trend import trend
from core.reports.text_width import cut, hanging, joined_to_fit, wrapped
from core.reports.writers.html_writer import to_html
from core.reports.writers.markdown_writer import _longest_run, to_markdown
from core.reports.writers.text_writer import TextStyle, report_lines, table_lines
from tests.reports.made_up import LAST, Maker
from tests.reports.made_up_documents import DOCUMENTS, TABLES

TEXTS = Path(__file__).parent / "texts"
STYLE = TextStyle(width=110)
SEEDS = range(4)
FEW_SEEDS = range(2)
"""Of what is the same but for its figures."""


def check(name: str, lines: Iterable[str]) -> None:
    """Asserts that the lines are those of the stored text."""
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    path = TEXTS / f"{name}.txt"
    if os.environ.get("UPDATE_TEXTS"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_word_for_word_as_stored(name: str) -> None:
    seeds = SEEDS if name != "catalogue" else range(1)
    reports = [report for seed in seeds for report in DOCUMENTS[name](Maker(seed))]
    check(name, (line for report in reports for line in ("", *report_lines(report, STYLE))))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_cell_for_cell_as_stored(name: str) -> None:
    tables = [table for seed in SEEDS for table in TABLES[name](Maker(seed))]
    assert all(len(row.cells) == len(table.columns) for table in tables for row in table.rows)
    check(name, (line for table in tables for line in ("", table.title, *_styles(table), *table_lines(table, STYLE))))


def _styles(table: Table) -> list[str]:
    """The note of a table, and how each of its cells is styled, a line a row."""
    rows = (" ".join(cell.style or "-" for cell in row.cells) for row in table.rows)
    return [table.note, *(row for row in rows if set(row) != {"-", " "})]


def test_pages_of_other_formats_are_as_stored() -> None:
    reports = [
        report for seed in FEW_SEEDS for name in ("explanations", "cases") for report in DOCUMENTS[name](Maker(seed))
    ]
    charts = [report for report in reports if any(section.chart for section in report.sections)]
    check("pages_of_markdown", to_markdown(charts).splitlines())
    check("pages_of_html", to_html(charts[:2]).partition("</style>")[2].splitlines())


def test_figures_have_as_many_digits_as_a_person_uses() -> None:
    units = ("money", "count", "ratio", "stars", "hours", "index")
    small = (0.0, 4e-7, 0.0005, 0.00994, 0.0312, 0.0994, 0.0996, 0.4693, 9.994, 10.0, 14.14, 99.96)
    large = (100.4, 999.0, 1000.0, 9999.0, 10_000.0, 12_345.0, 99_940.0, 999_960.0, 1.25e6, 3.4e9, 7.7e12)
    values = [sign * size for size in (*small, *large) for sign in (1, -1)]
    one = (
        number_format.short,
        number_format.four_digits,
        change_format.points,
        number_format.percent,
        number_format.p_value,
    )
    rows = [
        [f"{value:g}", *(number_format.figure(value, unit) for unit in units), number_format.figure(value, "money", 100.0),
         *(change_format.change(value, unit) for unit in units[:3]), *(words(value) for words in one)]
        for value in values
    ]  # fmt: skip
    check("figures", (" | ".join(row) for row in rows))
    assert table_values.plain_text((60.2, 71.9), "score range") == "60 to 72"
    assert table_values.plain_text((60, 72), "id") == "60, 72"


def test_a_fence_is_longer_than_the_backquotes_inside() -> None:
    assert [_longest_run(text) for text in ("no", "a ``` b ` c", "`")] == [0, 3, 1]


def test_styled_lines_and_bars_of_weeks_are_as_stored() -> None:
    reports = [report for name in ("explanations", "scans") for report in DOCUMENTS[name](Maker(0))]
    styled = TextStyle(width=80, is_styled=True)
    check("styled_pages", (line for report in reports[:3] for line in report_lines(report, styled)))
    values = [nan if day % 11 == 5 else 20 + day % 7 + (9 if day > 25 else 0) for day in range(30)]
    drawn = [
        f"{judged} {incomplete} {width} {trend(values, judged, incomplete, width)}"
        for judged in (0, 1, 7, 40)
        for incomplete in (0, 1, 4, 40)
        for width in (3, 4, 7, 12, 40)
    ]
    check("bars_of_weeks", [*drawn, sparkline([3.0, 3.0]), sparkline([]), sparkline([nan, 1.0, 2.0], [0.0, 4.0])])


def test_lines_break_where_a_person_would() -> None:
    texts = (
        "+ fell by -8.4 pp to 4,197 USD since 8 Mar 2026",
        "1. market=ID|TH|VN, 直播，新 and more",
        "a" * 30,
        "x y",
        "",
        "a longerword",
        "at=Thailand|Indonesia",
    )
    cells = [(text, width) for text in texts for width in (6, 9, 14, 30)]
    lines = [
        line for text, width in cells for line in (f"[{width}]", *wrapped(text, width, hanging(text)), cut(text, width))
    ]
    sentences = ["It fell.", "Here.", "Call the carrier now."]
    fitted = [str(joined_to_fit(sentences, width, most)) for width in (8, 16, 40) for most in (1, 3, 4)]
    check("broken_lines", [*lines, *fitted])


@pytest.mark.parametrize(
    ("effect", "is_factor", "now", "before", "words"),
    [
        (1.2, True, 110.0, 100.0, ", 100 to 110"),
        (1.2, True, 90.0, 100.0, " versus all others"),
        (0.8, True, 90.0, 100.0, ", 100 to 90"),
        (0.8, True, 110.0, 100.0, " versus all others"),
        (-3.0, False, 90.0, 100.0, ", 100 to 90"),
        (0.5, False, 90.0, 100.0, " versus all others"),
        (0.5, False, 90.0, None, ""),
    ],
)
def test_the_worst_figure_shows_no_values_that_went_the_other_way(
    effect: float, is_factor: bool, now: float, before: float | None, words: str
) -> None:
    """Of a rate that all others lost more of, the values would say the opposite of the effect."""
    maker = Maker(0)
    claim = maker.make(
        Claim, topic="quality" if is_factor else "concentration", figure="orders", side="creators", unit="count", now=now,
        before=before, effect=effect, is_factor=is_factor, where={"market": "TH"},
    )  # fmt: skip
    health = maker.make(Health, headline=maker.make(Headline, worst=claim, onset=LAST), missing=(), left_out=())
    assert five_lines(health, "USD")[1] == f"Worst: orders, creators{words}."


def test_cards_of_one_role_are_told_apart_by_their_markets() -> None:
    cards = [Maker(0).make(Rating, role="live_host", market=market) for market in ("TH", "")]
    scorecard: Any = SimpleNamespace(cards=[SimpleNamespace(rating=rating) for rating in cards])
    assert [_called(card, scorecard) for card in scorecard.cards] == [
        "As live host in TH",
        "As live host without a market",
    ]
    scorecard.cards = scorecard.cards[1:]
    assert _called(scorecard.cards[0], scorecard) == "As live host"


def test_each_missing_export_is_said_with_its_own_days() -> None:
    """Reviews that end in March are not missing since February, nor is traffic that came again."""
    maker, window = Maker(0), Window(LAST - 27, LAST)
    gaps = (
        MissingExport("orders", "", Window(LAST - 40, LAST)),
        MissingExport("traffic", "TH", Window(LAST - 9, LAST - 7)),
        MissingExport("traffic", "ID", Window(LAST - 9, LAST - 7)),
        MissingExport("orders", "VN", Window(LAST - 9, LAST - 7)),
        MissingExport("reviews", "", Window(LAST - 2, LAST)),
        MissingExport("violations", "", Window(LAST - 2, LAST)),
        MissingExport("traffic", "", Window(LAST - 35, LAST - 28)),
    )
    health = maker.make(Health, as_of=LAST, window=window, missing=gaps, left_out=())
    assert five_lines(health, "USD")[1] == (
        f"Incomplete: no orders of any market since {date_text(LAST - 40)}, "
        f"no traffic of market TH, market ID {during(gaps[1].window)}, "
        f"no orders of market VN {during(gaps[1].window)}, no reviews or violations of any market since {date_text(LAST - 2)}."
    )


def test_a_query_keeps_its_lines_below_its_name() -> None:
    lines = sql_lines({"gmv": "SELECT sum(gmv)\nFROM orders\nWHERE market = 'TH'"})
    assert lines == ["", "-- gmv", "SELECT sum(gmv)\nFROM orders\nWHERE market = 'TH';"]


@pytest.mark.parametrize(
    ("effect", "low", "high", "is_factor", "sentence", "cells"),
    [
        (0.5, 0.4, 0.61, True, "-50.0% (95% range -60.0% to -39.0%)", "x0.50, x0.40 to x0.61"),
        (0.0020, 0.0018, 0.0022, True, "-99.80% (95% range -99.82% to -99.78%)", "x0.0020, x0.0018 to x0.0022"),
        (4.02, 4.01, 4.04, True, "4.02 times as much (95% range 4.01 to 4.04)", "x4.02, x4.01 to x4.04"),
        (120.0, 80.0, 1500.0, True, "120 times as much (95% range 80 to 1,500)", ">x100, x80.00 to >x100"),
        (1200.0, 800.0, 1500.0, True, "1,200 times as much (95% range 800 to 1,500)", "x1,200, x800 to x1,500"),
        (0.0123, 0.0122, 0.0124, False, "+0.0123 (95% range +0.0122 to +0.0124)", "+0.0123, +0.0122 to +0.0124"),
        (3.0, 2.5, 3.5, True, "3.0 times as much (95% range 2.5 to 3.5)", "x3.00, x2.50 to x3.50"),
        (1.0, 1.0, 1.0, True, "0.0% (95% range 0.0% to 0.0%)", "x1.00, x1.00 to x1.00"),
        (0.655, None, None, True, "-34.5%", "x0.66, "),
        (-0.05, None, None, False, "-0.050", "-0.050, "),
    ],
)
def test_the_ends_of_an_interval_never_look_like_one(
    effect: float, low: float | None, high: float | None, is_factor: bool, sentence: str, cells: str
) -> None:
    maker = Maker(0)
    claim = maker.make(
        Claim, topic="sales", effect=effect, interval=low and (low, high), is_factor=is_factor, unit="index"
    )
    health = maker.make(Health, headline=maker.make(Headline, worst=claim, onset=LAST), missing=(), left_out=())
    assert any(line.endswith(f", {sentence}.") for line in five_lines(health, "USD"))
    assert f"{effect_words(claim)}, {interval_words(claim)}" == cells


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ("..", "none of 2 tests found more than chance explains"),
        ("s.", "1 of 2 tests found more than chance explains, none of them large enough to matter"),
        ("ssm", "3 of 3 tests found more than chance explains, 1 of them large enough to matter"),
        ("sb", "2 of 2 tests found more than chance explains, 1 of them large enough to matter, for the better"),
        ("mb", "2 of 2 tests found more than chance explains, 1 of them for the better"),
    ],
)
def test_what_is_certain_and_too_small_to_matter_is_not_called_chance(claims: str, words: str) -> None:
    """Claims that are chance, certain and small, or marked as worse or better."""
    maker = Maker(0)
    made = tuple(
        maker.make(Claim, q_value=0.5 if one == "." else 0.05, is_marked=one in "mb", is_worse=one != "b")
        for one in claims
    )
    headline = maker.make(Headline, worst=None, is_healthy=True, leads=0)
    health = maker.make(Health, headline=headline, claims=made, missing=(), left_out=(), risk=())
    assert five_lines(health, "USD")[0].endswith(f": {words}; no leads.")
