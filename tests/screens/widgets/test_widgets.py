"""The drawing: tables that fit any width, bars that add up, ASCII that keeps its columns."""

import csv
from math import isclose
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from core.base.errors import UsageError, WhydropError
from core.explanation.decompose.drivers import Branch
from core.reports.table import GAP, Cell, Column, Row, Table
from core.reports.tables.waterfall import axis, bars
from tests.screens.conftest import text_of
from tui.file_export import export
from tui.widgets.ascii_filter import ascii_of
from tui.widgets.data_grid import DataGrid
from tui.widgets.plain_text import AnswerText

COLUMNS = (
    Column("name", "name", "", least=6),
    Column("value", "value", "", right=True),
    Column("spark", "42 days", "", priority=2, least=5, most=42),
    Column("note", "", "", priority=1),
)


def table(names: list[str]) -> Table:
    rows = [
        Row(str(at), (Cell(name), Cell(str(at), at), Cell(draw=lambda width: "x" * width), Cell("note")))
        for at, name in enumerate(names)
    ]
    return Table("T", COLUMNS, tuple(rows))


@given(st.lists(st.text(), min_size=1, max_size=8), st.integers(20, 200))
def test_columns_fit_the_width_and_give_way_in_their_order(names: list[str], width: int) -> None:
    shown = table(names)
    found = shown.layout(list(shown.rows), width)
    assert sum(cells for _, cells in found) + GAP * (len(found) - 1) <= width
    kept = {index for index, _ in found}
    assert {0, 1} <= kept
    assert 3 in kept or 2 not in kept


def test_a_picture_takes_the_room_that_is_left() -> None:
    shown = table(["one"])
    cells = dict(shown.layout(list(shown.rows), 200))
    assert cells[2] == 42


@given(st.lists(st.sampled_from(["alpha", "beta", "Gamma beta"])), st.sampled_from(["", "beta", "BETA gamma", "none"]))
def test_a_filter_keeps_the_rows_that_hold_every_word(names: list[str], words: str) -> None:
    shown = table(names).shown(words, (), "", descending=False)
    kept = [name for name in names if all(word in name.casefold() for word in words.casefold().split())]
    assert [row.cells[0].text for row in shown] == kept


def test_a_filter_of_a_tree_keeps_the_branches_that_lead_to_a_match() -> None:
    names = {"outage": "", "paid fell": "outage", "release": "", "clicks fell": "release", "since 8 Mar": "clicks fell"}
    rows = tuple(Row(name, (Cell(name),), parent=parent) for name, parent in names.items())
    tree = Table("Why", (Column("what", "what", ""),), rows)
    assert [row.key for row in tree.shown("mar", (), "", descending=False)] == ["release", "clicks fell", "since 8 Mar"]
    assert [row.key for row in tree.shown("outage", (), "", descending=False)] == ["outage"]
    assert len(tree.shown(" ", (), "", descending=False)) == len(names)


@given(st.lists(st.one_of(st.none(), st.integers(), st.floats()), max_size=12), st.booleans())
def test_sorting_orders_numbers_and_puts_what_is_unknown_last(values: list[float | None], descending: bool) -> None:
    rows = tuple(Row(str(at), (Cell("", value),)) for at, value in enumerate(values))
    shown = Table("T", (Column("n", "n", ""),), rows).shown("", (), "n", descending)
    found = [row.cells[0].value for row in shown]
    known = [value for value in found if value is not None and value == value]
    assert known == sorted(known, reverse=descending)
    assert found[: len(known)] == known


def test_a_range_is_sorted_by_its_width_and_exported_whole() -> None:
    """Files had its width alone, under the name that has both of its ends everywhere else."""
    ranges = [(1.0, 4.0), (5.0, 6.0), (float("nan"), float("nan")), None, (0, 2), ("a", "b")]
    shown = Table(
        "T", (Column("n", "n", ""),), tuple(Row(str(at), (Cell("", value),)) for at, value in enumerate(ranges))
    )
    assert [row.key for row in shown.shown("", (), "n", descending=False)][:3] == ["1", "4", "0"]
    assert [record["n"] for record in shown.records()] == [(1.0, 4.0), (5.0, 6.0), None, "", (0, 2), ("a", "b")]


trees = st.recursive(
    st.floats(-1000, 1000, allow_subnormal=False).map(lambda part: Branch("leaf", 1.0, 1.0, part, None)),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(
        lambda some: Branch("node", 1.0, 1.0, sum(one.contribution for one in some), None, tuple(some))
    ),
    max_leaves=8,
)


@given(trees, st.floats(0, 5000))
def test_bars_hang_from_one_another_and_end_at_the_actual_value(inner: Branch, expected: float) -> None:
    tree = Branch("root", expected + inner.contribution, expected, inner.contribution, 1.0, (inner,))
    found = bars(tree)
    ends = {bar.key: bar for bar in found}
    assert len(ends) <= len(found)
    last: dict[tuple[str, float], float] = {}
    for bar in found:
        above = last.get((bar.parent, bar.depth), ends[bar.parent].start if bar.parent in ends else expected)
        assert isclose(bar.start, above, abs_tol=1e-6) or len(ends) < len(found)
        last[bar.parent, bar.depth] = bar.end
    assert isclose(found[0].end, tree.actual, abs_tol=1e-6)
    scale = axis(tree, found)
    for bar in found:
        drawn = scale.part(bar, worse=bar.branch.contribution < 0, width=40)
        assert len(drawn) <= 40
        assert bool(drawn.strip()) == (bar.start != bar.end)
        assert len(set(drawn.strip())) <= 1


def test_a_bar_is_as_long_as_its_part() -> None:
    leaves = (Branch("a", 0, 0, -30.0, 0.6), Branch("b", 0, 0, -20.0, 0.4))
    tree = Branch("root", 50.0, 100.0, -50.0, 1.0, leaves)
    first, second = bars(tree)
    scale = axis(tree, (first, second))
    width = 100
    drawn = [scale.part(bar, worse=True, width=width) for bar in (first, second)]
    assert len(drawn[0]) == len(scale.whole(100.0, width)) == width
    assert len(drawn[1]) == len(scale.whole(70.0, width))
    assert len(drawn[1]) - drawn[1].count("▒") == len(scale.whole(50.0, width))


@given(st.text())
def test_ascii_keeps_the_width_of_every_text(text: str) -> None:
    assert ascii_of(text).isascii()
    assert cell_len(ascii_of("▁█─▒▌ภ漢")) == cell_len("▁█─▒▌ภ漢")


def test_an_export_is_harmless_in_a_spreadsheet(tmp_path: Path) -> None:
    export(tmp_path / "a.csv", ["name", "n"], [['=HYPERLINK("x")', -1.5], ["a\nb", float("nan")]])
    with (tmp_path / "a.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["name", "n"], ['\'=HYPERLINK("x")', "-1.5"], ["a b", ""]]


def test_an_export_that_cannot_be_written_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.csv"):
        export(tmp_path / "a.xls", ["n"], [[1]])
    with pytest.raises(WhydropError, match="Choose another folder"):
        export(tmp_path / "no" / "a.csv", ["n"], [[1]])
    assert not list(tmp_path.iterdir())


class Wrapping(App[None]):
    """One grid whose texts wrap."""

    def compose(self) -> ComposeResult:
        yield DataGrid("grid", wraps=True)

    def on_mount(self) -> None:
        texts = ("+ the change is in one market and in no other one", "- no release is near it")
        rows = tuple(Row(text, (Cell(text),)) for text in texts)
        self.query_one(DataGrid).fill(Table("Why", (Column("what", "", "", least=8),), rows, header=False))
        self.query_one(DataGrid).focus()


class Answered(App[None]):
    """The answer on top of a page."""

    def compose(self) -> ComposeResult:
        yield AnswerText(id="answer")

    def on_mount(self) -> None:
        self.query_one(AnswerText).say(["Major: gmv fell by 4,197 USD since 8 Mar.", "Cost: 1,234 USD of GMV."])


async def test_no_line_of_an_answer_ends_inside_a_date_or_an_amount() -> None:
    for width in range(18, 46, 4):
        app = Answered()
        async with app.run_test(size=(width, 12)) as pilot:
            await pilot.pause()
            shown = text_of(app).splitlines()
            for whole in ("4,197 USD", "8 Mar", "1,234 USD"):
                assert any(whole in line for line in shown), (width, shown)


async def test_an_answer_of_many_lines_says_that_there_is_more() -> None:
    """Eleven sentences of a line each, of which eight are shown: what is left out is no end of a sentence."""
    app = Answered()
    async with app.run_test(size=(40, 12)) as pilot:
        for sentences, more in ((8, False), (11, True)):
            app.query_one(AnswerText).say([f"Here is sentence number {at}, it is long." for at in range(sentences)])
            await pilot.pause()
            shown = text_of(app).rstrip().splitlines()
            assert len(shown) == 8
            assert shown[-1].endswith(" …") == more


class Empty(App[None]):
    """A table without rows, and why."""

    def compose(self) -> ComposeResult:
        yield DataGrid("none")

    def on_mount(self) -> None:
        columns = (Column("what", "what", ""),)
        self.query_one(DataGrid).fill(Table("T", columns, (), empty="too short a past to judge the newest days"))


async def test_why_a_table_is_empty_is_said_in_whole_words() -> None:
    app = Empty()
    async with app.run_test(size=(24, 6)) as pilot:
        await pilot.pause()
        grid = app.query_one(DataGrid)
        lines = ["".join(segment.text for segment in grid.render_line(y)).rstrip() for y in range(6)]
        assert lines[2:] == [" too short a past to", " judge the newest days", "", ""]


async def test_texts_that_wrap_keep_their_words_and_the_cursor_goes_by_rows() -> None:
    app = Wrapping()
    async with app.run_test(size=(25, 6)) as pilot:
        await pilot.pause()
        grid = app.query_one(DataGrid)
        lines = ["".join(segment.text for segment in grid.render_line(y)).rstrip() for y in range(6)]
        assert lines[1:4] == ["▌+ the change is in one", "▌  market and in no", "▌  other one"]
        await pilot.press("j")
        assert grid.cursor == 1
        lines = ["".join(segment.text for segment in grid.render_line(y)).rstrip() for y in range(6)]
        assert lines[4:6] == ["▌- no release is near", "▌  it"]
