"""Data as somebody uses it who does not trust the numbers."""

from pathlib import Path

import pytest

from core.detection.findings import Check
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.screens.conftest import settled, text_of
from tui.app import Whydrop
from tui.screens.common.modals import Reader
from tui.screens.data_screen import DataScreen
from tui.widgets.data_grid import DataGrid

CHECKS = (
    Check("days are whole", "pass", "70 of 70"),
    Check("double loads", "warn", "9 March came twice"),
    Check("orphans", "fail", "3 reviews have no order: [b]average_rating[/b]"),
)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.screens.data_screen.kept_checks", lambda _: CHECKS)


@pytest.mark.usefixtures("checked", "explained")
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_failed_comes_first_and_is_counted(shop: Path, size: tuple[int, int]) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=size) as pilot:
        await pilot.press("6")
        await settled(pilot)
        assert isinstance(app.screen, DataScreen)
        assert [row.item.status for row in app.screen.query_one("#checks", DataGrid).rows] == ["fail", "warn", "pass"]
        shown = text_of(app)
        assert "! fail" in shown
        assert "1 fail, 1 warn, 1 pass" in shown
        assert "[b]average_rating[/b]" in shown
        assert "daily.csv" in shown
        assert "window" not in shown.splitlines()[-1]


@pytest.mark.usefixtures("checked", "explained")
async def test_refused_rows_of_a_load_are_read_with_line_and_reason(tmp_path: Path) -> None:
    lines = ["order_id,ordered_at,paid_at,gmv", *(f"O{day},2026-03-0{day},2026-03-0{day},10" for day in range(1, 9))]
    (tmp_path / "orders.csv").write_text("\n".join([*lines, "O9,some day,2026-03-09,10"]), encoding="utf-8")
    load(tmp_path / "a.db", [tmp_path / "orders.csv"], as_kind="orders")
    app = Whydrop(tmp_path / "a.db")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("6")
        await settled(pilot)
        await pilot.press("tab", "enter")
        assert isinstance(app.screen, Reader)
        assert "line 10: " in text_of(app)
        assert "O9,some day" in text_of(app)


@pytest.mark.usefixtures("explained")
async def test_loads_are_there_while_the_checks_still_run(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Workspace) -> tuple[Check, ...]:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("tui.screens.data_screen.kept_checks", broken)
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await settled(pilot)
        assert len(app.screen.query_one("#loads", DataGrid).rows) == 2
        assert "checking ..." in text_of(app)
        assert "by nought" in text_of(app)


async def test_what_was_loaded_is_listed_though_none_of_it_has_days(tmp_path: Path) -> None:
    (tmp_path / "creators.csv").write_text("creator_id,handle\nC1,a\n")
    load(tmp_path / "w.db", [tmp_path / "creators.csv"])
    app = Whydrop(tmp_path / "w.db")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await settled(pilot)
        shown = text_of(app)
    for words in ("no days   1 load", "there is nothing to check", "creators.csv"):
        assert words in shown, words
