"""How long the screens take.

    python -m bench.screens [CARDS]      the leaderboard, on so many made-up cards (a million by default)
    python -m bench.screens --db PATH    every screen of a workspace: first paint, tabs, keys; run it twice to see what is kept

Keys are pressed in the running program without a terminal, at 120x40. It prints CPU seconds from the key to the drawn
lines, because the driver of the keys itself sleeps a tenth of a second.
"""

import asyncio
import gc
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from textual.pilot import Pilot

from core.views.standings.leaderboard import Leaderboard
from core.workspace.write.load import load
from tui.app import Whydrop
from tui.screens import creators_screen
from tui.widgets.data_grid import DataGrid

PAGES = 30
SIZE = (120, 40)


def made_up(cards: int, seed: int = 7) -> Leaderboard:
    """A board of so many cards of half as many accounts."""
    rng = np.random.default_rng(seed)
    accounts = max(cards // 2, 1)
    names = ["", *(f"creator_{at:07d}" for at in range(accounts))]
    weight = np.repeat([[40.0], [30.0], [10.0], [20.0]], cards, axis=1)
    before = weight * rng.beta(6, 3, (4, cards))
    points = np.clip(before + rng.normal(0, 2, (4, cards)), 0, weight)
    score, half = points.sum(axis=0), rng.gamma(4, 2, cards)
    grades = {"A": 75.0, "B": 60.0, "C": 45.0, "D": 0.0}
    lows = -np.array([*grades.values()])
    return Leaderboard(
        side="creators",
        as_of=20_000,
        since=19_972,
        names=names,
        persons=names,
        roles=("", "affiliate", "live_host", "video_author"),
        markets=("", "ID", "TH", "VN"),
        components=("product", "content", "service", "compliance"),
        grades=grades,
        who=np.arange(cards) // 2 + 1,
        role=rng.integers(1, 4, cards),
        market=rng.integers(1, 4, cards),
        score=score,
        low=score - half,
        high=score + half,
        grade=np.searchsorted(lows, -score),
        rank=np.arange(1, cards + 1),
        peers=np.full(cards, cards),
        orders=rng.integers(0, 5000, cards),
        gmv=rng.gamma(2, 500, cards),
        newcomer=rng.random(cards) < 0.1,
        points=points,
        weight=weight,
        before=before.sum(axis=0),
        grade_before=np.searchsorted(lows, -before.sum(axis=0)),
        points_before=before,
    )


async def timed(pilot: Pilot[Any], *keys: str) -> float:
    """CPU seconds from the keys to the drawn lines."""
    start = time.process_time()
    await pilot.press(*keys)
    pilot.app.screen._compositor.render_strips(pilot.app.size)
    return time.process_time() - start


async def run(cards: int) -> None:
    """Opens the screen on a made-up board and prints what each thing takes."""
    board = made_up(cards)
    creators_screen.leaderboard = lambda *_: board  # type: ignore[assignment]
    folder = Path(tempfile.mkdtemp())
    (folder / "daily.csv").write_text("date,gmv\n2026-03-01,1\n2026-03-02,2\n", encoding="utf-8")
    load(folder / "a.db", [folder / "daily.csv"], as_kind="daily")
    app = Whydrop(folder / "a.db")
    async with app.run_test(size=SIZE) as pilot:
        start = time.perf_counter()
        await pilot.press("4")
        grid: DataGrid | None = None
        while grid is None or not grid.rows:
            await pilot.pause(0.01)
            grid = next(iter(app.screen.query("#leaders").results(DataGrid)), None)
        print(f"{len(grid.rows):,} cards at {SIZE[0]}x{SIZE[1]}")
        print(f"shown after           {time.perf_counter() - start:7.3f} s")
        gc.freeze()  # as the command does
        for name, keys in (("page down", "pagedown"), ("page up", "pageup"), ("row down", "j")):
            taken = [await timed(pilot, keys) for _ in range(PAGES)]
            print(f"{name:<21} {statistics.median(taken):7.3f} s, worst {max(taken):.3f}")
        for name, key in (
            ("to the end", "G"),
            ("to the top", "g"),
            ("next column", "l"),
            ("sort by it", "s"),
            ("reverse", "S"),
        ):
            print(f"{name:<21} {await timed(pilot, key):7.3f} s")
        for words in ("role:live grade<=B", "00042"):
            start = time.process_time()
            grid.filtered(words)
            app.screen._compositor.render_strips(app.size)
            print(f"filter {words:<20} {time.process_time() - start:.3f} s, {len(grid.rows):,} cards")


async def answered(pilot: Pilot[Any], *, ahead: bool) -> None:
    """Waits for what the screen asks, or for what is asked ahead for the other tabs."""
    waited = [worker.wait() for worker in pilot.app.workers if (worker.group == "ahead") is ahead]
    await asyncio.gather(*waited, return_exceptions=True)


async def shown_after(pilot: Pilot[Any], *keys: str) -> tuple[float, float]:
    """Wall and CPU seconds from the keys until every question of the screen is answered and drawn."""
    wall, cpu = time.perf_counter(), time.process_time()
    await pilot.press(*keys)
    await answered(pilot, ahead=False)
    await pilot.pause()
    pilot.app.screen._compositor.render_strips(pilot.app.size)
    return time.perf_counter() - wall, time.process_time() - cpu


async def run_workspace(db: Path) -> None:
    """Opens every screen of a workspace and prints what each takes."""
    app = Whydrop(db)
    begun = time.perf_counter()
    async with app.run_test(size=SIZE) as pilot:
        cpu = time.process_time()
        print(f"first paint      {cpu:6.2f} CPU s of the process, {time.perf_counter() - begun:6.2f} s after the start")
        page = app.screen.query_one("#metrics", DataGrid)
        while not page.rows:
            await pilot.pause(0.01)
        print(f"metrics shown    {time.process_time():6.2f} CPU s of the process")
        wall, cpu = await shown_after(pilot)
        print(f"findings shown   {cpu:6.2f} CPU s later, {wall:6.2f} s")
        cpu, wall = time.process_time(), time.perf_counter()
        await answered(pilot, ahead=True)
        print(f"tabs answered    {time.process_time() - cpu:6.2f} CPU s later, {time.perf_counter() - wall:6.2f} s")
        for key in ("2", "3", "4", "5", "6", "7", "8"):
            wall, cpu = await shown_after(pilot, key)
            print(f"screen {key}         {cpu:6.2f} CPU s, {wall:6.2f} s")
        await pilot.press("1")
        page.focus()
        for key in ("j", "pagedown", "G", "g", "s", "tab"):
            print(f"key {key:<12} {await timed(pilot, key):6.3f} CPU s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--db"]:
        asyncio.run(run_workspace(Path(sys.argv[2])))
    else:
        asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
