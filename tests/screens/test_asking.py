"""Questions run in threads: stopped for real, answered in order, never mixed up."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as ThreadEvent

import pytest

from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.screens.conftest import settled
from tui.app import Whydrop
from tui.screens.common.modals import Prompt
from tui.screens.overview_screen import OverviewScreen
from tui.widgets.plain_text import PlainText
from tui.worker_thread import in_thread

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.mark.usefixtures("explained")
async def test_a_query_that_nobody_waits_for_is_stopped(shop: Path) -> None:
    began, ended = ThreadEvent(), ThreadEvent()

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
        assert isinstance(page, OverviewScreen)
        page.ask(endless)
        assert await asyncio.to_thread(began.wait, 10)
        await pilot.press("r")
        assert await asyncio.to_thread(ended.wait, 10)
        await settled(pilot)
        assert page.query_one("#metrics").rows  # type: ignore[attr-defined]


@pytest.mark.usefixtures("explained")
async def test_nothing_is_written_before_all_is_read(shop: Path) -> None:
    """A file without the rows that are still to come would say that nothing is wrong."""
    go_on = ThreadEvent()

    def halting(_: Workspace) -> Iterator[str]:
        yield "the first half"
        go_on.wait(10)

    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        page = app.screen
        assert isinstance(page, OverviewScreen)
        page.show_answer = lambda _: None  # type: ignore[method-assign]
        page.ask(halting)
        await pilot.press("x")
        assert app.screen is page
        assert [note.message for note in app._notifications] == ["still reading: press x again when it is done"]
        go_on.set()
        await settled(pilot)
        await pilot.press("x")
        assert isinstance(app.screen, Prompt)


@pytest.mark.usefixtures("explained")
async def test_an_answer_to_an_older_question_is_not_shown(shop: Path) -> None:
    shown: list[str] = []
    app = Whydrop(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        page = app.screen
        assert isinstance(page, OverviewScreen)
        page.show_answer = shown.append  # type: ignore[method-assign]
        page.ask(lambda _: iter(["new"]))
        page.post_message(page.Answered(page._asked - 1, "old", ""))
        await settled(pilot)
        assert shown == ["new"]


@pytest.mark.usefixtures("explained")
async def test_a_screen_says_that_another_program_has_loaded_since(shop: Path, tmp_path: Path) -> None:
    """Figures of before and after a load would stand on two tabs, and nothing would say which is which."""
    db, more = Path(shutil.copy(shop, tmp_path / "w.db")), tmp_path / "events.csv"
    app = Whydrop(db)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)

        async def said() -> str:
            await pilot.press("question_mark", "escape")
            await settled(pilot)
            return str(app.screen.query_one("#state", PlainText).render())

        assert await said() == ""
        more.write_text("event_id,starts_at,title\nE9,2026-03-10,Fee\n")
        load(db, [more], as_kind="events")
        assert await said() == "The workspace has changed since this was read: r reads it again"
        await pilot.press("r")
        await settled(pilot)
        assert await said() == ""


async def test_nobody_waits_for_work_that_is_not_wanted_any_more() -> None:
    began, go_on, told = ThreadEvent(), ThreadEvent(), []

    def work(stopped: Callable[[], bool]) -> None:
        began.set()
        go_on.wait(10)
        told.append(stopped())

    waiting = asyncio.create_task(in_thread(work))
    assert await asyncio.to_thread(began.wait, 10)
    threads = [thread for thread in threading.enumerate() if thread.name == "ask"]
    assert threads
    assert all(thread.daemon for thread in threads)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert told == []
    go_on.set()
    await asyncio.to_thread(threads[-1].join, 10)
    assert told == [True]


async def test_what_the_work_raises_reaches_who_waits() -> None:
    def work(_: Callable[[], bool]) -> None:
        raise ZeroDivisionError("by nought")

    with pytest.raises(ZeroDivisionError, match="by nought"):
        await in_thread(work)
