"""The Funnel as somebody uses it."""

from pathlib import Path

import pytest

from core.base.segment import EVERYTHING
from core.reports.tables.channel_tables import part_table
from core.views.funnel_view import daily_gmv, funnel
from core.views.metric_series import series
from core.workspace.read.workspace import Workspace
from tests.screens import answers
from tests.screens.conftest import WEEK, settled, text_of, type_in
from tui.app import Whydrop
from tui.explain_question import ExplainQuestion
from tui.screens.common.modals import Reader
from tui.screens.funnel_screen import FunnelScreen
from tui.widgets.data_grid import DataGrid


def test_the_waterfall_adds_up_to_the_change() -> None:
    result = answers.funnel().result
    rows = part_table(result, "").rows
    assert [row.cells[0].text for row in rows] == [
        "expected", "traffic volume", "traffic mix", "CTR", "payment rate", "actual",
    ]  # fmt: skip
    parts = sum(row.cells[1].value for row in rows[1:-1])
    assert parts == pytest.approx(result.change)
    assert rows[0].cells[1].value + parts == pytest.approx(rows[-1].cells[1].value)


@pytest.mark.usefixtures("explained")
async def test_channels_their_steps_and_what_a_move_would_do(shop: Path) -> None:
    app = Whydrop(shop)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3")
        await settled(pilot)
        page = app.screen
        assert isinstance(page, FunnelScreen)
        shown = text_of(app)
        for words in (
            "GMV was 990",
            "live",
            "[red]not",
            "(not given)",
            "all channels",
            "payment rate",
            "incomplete",
            "Daily GMV of live",
        ):
            assert words in shown, words
        await pilot.press("i")
        await type_in(pilot, "live")
        assert "not a move" in text_of(app)
        await type_in(pilot, "5%:live>search")
        assert isinstance(app.screen, Reader)
        assert "Moving 5.0% of the traffic from live to search would change GMV by -12" in text_of(app)
        assert "whydrop channels --move '5%:live>search'" in text_of(app)
        await pilot.press("escape", "enter")
        await settled(pilot)
        assert app.question is not None
        assert app.question == ExplainQuestion("gmv", WEEK, where=app.question.where)
        assert str(app.question.where) == "channel=live"
        await pilot.press("escape")
        assert app.screen is page
        await pilot.press("j")
        await pilot.pause()
        assert page.query_one("#steps-of", DataGrid).table.title.startswith("Funnel of [red]")


async def test_a_real_market_has_a_funnel_and_groups_at_equal_mix(market: Path) -> None:
    app = Whydrop(market)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("3")
        await settled(pilot)
        grid = app.screen.query_one("#channels", DataGrid)
        total = grid.rows[-1].cells[3].value
        assert sum(row.cells[3].value for row in grid.rows[:-1]) == pytest.approx(total, abs=0.01)
        assert "Daily GMV of" in text_of(app)
        with Workspace.open(market) as workspace:
            daily = daily_gmv(workspace, funnel(workspace).result)
            total_by_day = series(workspace, "gmv", daily.days, EVERYTHING).values[0]
        assert daily.total == pytest.approx(total_by_day)
        for day, value in enumerate(daily.total):
            assert sum(values[day] for values in daily.by_channel.values()) == pytest.approx(value)
        assert sum(daily.total[-7:]) == pytest.approx(grid.rows[-1].cells[1].value)
        await pilot.press("b")
        await type_in(pilot, "market")
        await settled(pilot)
        assert "At equal traffic mix" in text_of(app)
