"""Tables of any length: only what is seen is asked for."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from core.base.errors import UsageError
from core.reports.table import Cell, Column, Row
from tests.screens.conftest import text_of
from tui.widgets.copy_message import Copied
from tui.widgets.data_grid import DataGrid
from tui.widgets.paged_rows import Paged, Pages

MILLION = 1_000_000


class Numbers:
    """So many rows, and a note of what was asked for."""

    def __init__(self, size: int, down: bool = False) -> None:
        self.size, self.down, self.asked = size, down, list[tuple[int, int]]()

    def __len__(self) -> int:
        return self.size

    def read(self, first: int, last: int) -> Sequence[Row]:
        self.asked.append((first, last))
        return [Row(str(self._at(at)), (Cell(f"row {self._at(at)}"),), self._at(at)) for at in range(first, last)]

    def _at(self, place: int) -> int:
        return self.size - 1 - place if self.down else place

    def place(self, key: str) -> int | None:
        return self._at(int(key)) if 0 <= int(key) < self.size else None


def view(words: str, sort: str, descending: bool) -> Numbers:
    """Keeps the first N for the filter `N`."""
    if words and not words.isdigit():
        raise UsageError(f"not a number: {words}.")
    return Numbers(int(words) if words else MILLION, descending)


TABLE = Paged("Numbers", (Column("n", "n", ""),), (), name="n", empty="none", view=view)


class Shown(App[None]):
    """One grid."""

    def __init__(self) -> None:
        super().__init__()
        self.copied: list[str] = []

    def compose(self) -> ComposeResult:
        yield DataGrid("grid")

    def on_mount(self) -> None:
        self.query_one(DataGrid).fill(TABLE)
        self.query_one(DataGrid).focus()

    def on_copied(self, event: Copied) -> None:
        self.copied.append(event.text)
        self.what = event.what


@given(st.integers(0, 1000), st.lists(st.integers(-1100, 1100), max_size=30))
def test_pages_are_a_sequence_of_the_rows(size: int, places: list[int]) -> None:
    rows, plain = Pages(Numbers(size)), list(range(size))
    for place in places:
        if -size <= place < size:
            assert rows[place].item == plain[place]
        else:
            with pytest.raises(IndexError):
                rows[place]
    for first in places[:3]:
        assert [row.item for row in rows[first : first + 7]] == plain[first : first + 7]
    assert len(rows) == size


async def test_a_million_rows_are_shown_by_asking_for_a_few_pages() -> None:
    app = Shown()
    async with app.run_test(size=(40, 20)) as pilot:
        grid = app.query_one(DataGrid)
        assert "1 of 1,000,000" in text_of(app)
        for keys, top in ((["pagedown"] * 3, "row 54"), (["G"], "row 999999"), (["k"], "row 999998"), (["g"], "row 0")):
            await pilot.press(*keys)
            line = next(one for one in text_of(app).splitlines() if one.startswith("▌"))
            assert line[1:].split("  ")[0].strip() == top
        assert isinstance(grid.rows, Pages)
        assert isinstance(grid.rows.listing, Numbers)
        seen = sum(last - first for first, last in grid.rows.listing.asked)
        assert seen <= 1000


async def test_the_row_is_held_while_the_order_turns_and_a_bad_filter_is_said() -> None:
    app = Shown()
    async with app.run_test(size=(40, 20)) as pilot:
        grid = app.query_one(DataGrid)
        grid.go(123_456)
        await pilot.press("S")
        assert grid.row is not None
        assert (grid.row.item, grid.cursor) == (123_456, MILLION - 1 - 123_456)
        grid.filtered("5")
        assert (len(grid.rows), grid.cursor) == (5, 0)
        grid.filtered("x")
        await pilot.pause()
        assert "not a number: x." in text_of(app)
        grid.filtered("")
        assert len(grid.rows) == MILLION


async def test_copying_everything_makes_only_as_many_rows_as_a_clipboard_can_refuse() -> None:
    app = Shown()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("Y")
        await pilot.pause()
        assert len(app.copied[0].encode()) > 64 * 1024
        assert app.copied[0].count("\n") < 20_000
        assert app.what == "10,000 rows of 1,000,000"
        app.query_one(DataGrid).filtered("1")
        await pilot.press("Y")
        await pilot.pause()
        assert app.what == "1 row"


def test_a_column_is_as_wide_as_the_last_rows_need() -> None:
    """Of 10,050 rows only the last forty are measured, and have nine letters, such as `row 10049`."""
    assert TABLE.layout(Pages(Numbers(10_050)), 80) == [(0, len("row 10049"))]
    assert TABLE.layout(Pages(Numbers(10_000)), 80) == [(0, len("row 9999"))]
