"""What the screens look like, cell for cell: every page at three sizes, and one without colours and in ASCII.

`UPDATE_SNAPSHOTS=1 pytest tests/screens/test_snapshots.py -n 0` takes new ones, after a look at the difference.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from core.base.days import Window
from core.detection.findings import Check
from core.workspace.schema.load_log import Load
from tests.screens.conftest import LAST, NASTY, settled, text_of
from tui.app import Whydrop
from tui.widgets.ascii_filter import ascii_of

FOLDER = Path(__file__).parent / "snapshots"
PAGES = {
    "overview": ("1",), "explain": ("enter",), "funnel": ("3",), "voice": ("8",), "texts": ("enter",), "creators": ("4",),
    "creator": ("enter",), "match": ("escape", "t"), "data": ("6",), "cases": ("7",), "help": ("1", "question_mark"),
}  # fmt: skip
"""Page -> keys that lead to it from the page before."""


@pytest.fixture
def steady(explained: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loads and checks that say nothing of the time and the folder of the test."""
    load = Load(
        id=1, path=NASTY, kind="daily", preset=None, read=140, accepted=139, rejected=1, unchanged=0, replaced=0,
        seconds=0.1, loaded_at="2026-03-16T06:00:00+00:00", days=Window(LAST - 69, LAST),
    )  # fmt: skip
    monkeypatch.setattr("tui.screens.data_screen.loads", lambda *_: (load,))
    monkeypatch.setattr("tui.screens.data_screen.rejects", lambda *_, **__: ())
    monkeypatch.setattr(
        "tui.screens.data_screen.kept_checks",
        lambda *_: [Check("orphans", "fail", NASTY), Check("stray_days", "pass", "none")],
    )


async def compared(pilot: Pilot[Any], name: str) -> str:
    """What differs from the stored page, named by size and page; empty where nothing does."""
    shown = text_of(pilot.app) + "\n"
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    return "" if path.read_text(encoding="utf-8") == shown else f"{name}:\n{shown}"


@pytest.mark.usefixtures("steady")
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50)], ids=["80x24", "120x40", "160x50"])
async def test_every_page_at_this_size(shop: Path, size: tuple[int, int]) -> None:
    differing = []
    app = Whydrop(shop)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        for page, keys in PAGES.items():
            for key in keys:
                await pilot.press(key)
                await settled(pilot)
            differing.append(await compared(pilot, f"{size[0]}x{size[1]}/{page}"))
            shown = text_of(app)
            assert all(len(line) <= size[0] for line in shown.splitlines())
            assert "\x1b" not in shown
            assert "\u202e" not in shown
    assert not any(differing), "\n".join(differing)


@pytest.mark.usefixtures("steady")
async def test_without_colour_in_ascii(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Whydrop(shop, plain=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        lines = ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips(app.size)]
        plain = "\n".join(ascii_of(line[:80].rstrip()) for line in lines)
        assert plain.isascii()
        path = FOLDER / "explain-ascii.txt"
        if os.environ.get("UPDATE_SNAPSHOTS"):
            path.write_text(plain + "\n", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == plain + "\n"
