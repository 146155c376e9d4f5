"""Questions run in threads: stopped for real, answered in order, never mixed up."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from core.workspace.workspace import Workspace
from tests.screens.conftest import settled
from tui.app import Whydrop
from tui.screens.overview import OverviewPage

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.mark.usefixtures("told")
async def test_a_query_that_nobody_waits_for_is_stopped(shop: Path) -> None:
    began, ended = Event(), Event()

    def endless(workspace: Workspace) -> Iterator[str]:
        began.set()
        try:
            workspace._connection.execute(ENDLESS).fetchone()
        finally:
            ended.set()
        yield "never"

    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        page = app.screen
        assert isinstance(page, OverviewPage)
        page.ask(endless)
        assert await asyncio.to_thread(began.wait, 10)
        await pilot.press("r")
        assert await asyncio.to_thread(ended.wait, 10)
        await settled(pilot)
        assert page.query_one("#metrics").rows  # type: ignore[attr-defined]


@pytest.mark.usefixtures("told")
async def test_an_answer_to_an_older_question_is_not_shown(shop: Path) -> None:
    shown: list[str] = []
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        page = app.screen
        assert isinstance(page, OverviewPage)
        page.show_answer = shown.append  # type: ignore[method-assign]
        page.ask(lambda _: iter(["new"]))
        page.post_message(page.Answered(page._asked - 1, "old"))
        await settled(pilot)
        assert shown == ["new"]
