"""What the screens look like, cell for cell. `pytest tests/screens --snapshot-update` takes new ones after a look."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.screens.conftest import settled
from tests.screens.people import board, scorecard
from tui.app import Whydrop

Compare = Callable[..., bool]


def pressing(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)

    return run


@pytest.mark.usefixtures("explained")
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    "keys", [(), ("2",), ("4",), ("4", "j", "enter")], ids=["overview", "explain", "creators", "creator"]
)
def test_screen(
    snap_compare: Compare, shop: Path, size: tuple[int, int], keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.creators_screen.leaderboard", lambda *_: board())
    monkeypatch.setattr("tui.screens.creator_screen.scorecard", lambda *_: scorecard())
    assert snap_compare(Whydrop(shop), terminal_size=size, run_before=pressing(*keys))


@pytest.mark.usefixtures("explained")
def test_light_theme(snap_compare: Compare, shop: Path) -> None:
    app = Whydrop(shop)
    app.theme = "whydrop-light"
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing())


@pytest.mark.usefixtures("explained")
def test_ascii_without_colour(snap_compare: Compare, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(Whydrop(shop, plain=True), terminal_size=(80, 24), run_before=pressing("2"))


@pytest.mark.usefixtures("explained")
def test_prompt_over_a_screen(snap_compare: Compare, shop: Path) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await pressing("w", *"2026", "enter")(pilot)
        for blinking in pilot.app.screen.query("Input"):
            blinking.cursor_blink = False  # type: ignore[attr-defined]

    assert snap_compare(Whydrop(shop), terminal_size=(80, 24), run_before=run)
