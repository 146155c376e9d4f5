"""Draws docs/pictures: every screen of the sample workspace, by the program itself. The same program gives the same bytes.

`python docs/draw_pictures.py`, or `make pictures`.
"""

import asyncio
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from fixtures.demo import build_marketplace
from tui.app import Whydrop

FOLDER = Path(__file__).parent / "pictures"
PAGES = {
    "overview": (), "explain": ("enter",), "funnel": ("3",), "creators": ("4",), "creator": ("enter",), "match": ("t",),
    "ecosystem": ("5",), "data": ("6",), "cases": ("7",), "voice": ("8",),
}  # fmt: skip
"""Page -> keys that lead to it from the page before."""
_KEPT = tuple(page for page in PAGES if page != "data")
"""Data says when the sample was loaded: it is never the same twice."""
SIZES = dict.fromkeys(((120, 40), (80, 24), (160, 50)), _KEPT)
"""Columns and lines -> the pages that are kept at this size."""
_CELL = 12.2
"""Width of a cell in the pictures of Textual."""
_TEXT = re.compile(
    r'<text class="([^"]+)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+" clip-path="[^"]+">([^<]*)</text>'
)
_FONT_FACE = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
_CLIP = re.compile(r'\s*<clipPath id="[^"]*-line-\d+">.*?</clipPath>', re.DOTALL)
_BLANK = "&#160;"


def main() -> None:
    """Draws all of them."""
    os.environ.setdefault("COLORTERM", "truecolor")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "demo.db"
        build_marketplace(db)
        for size, names in SIZES.items():
            asyncio.run(_draw(db, size, names))


async def _draw(db: Path, size: tuple[int, int], names: tuple[str, ...]) -> None:
    app = Whydrop(db)
    async with app.run_test(size=size) as pilot:
        await _settled(pilot)
        for page, keys in PAGES.items():
            for key in keys:
                await pilot.press(key)
                await _settled(pilot)
            if page in names:
                end = "" if size == (120, 40) else f"-{size[0]}x{size[1]}"
                path = FOLDER / f"{page}{end}.svg"
                path.write_text(_compact(app.export_screenshot(title="")), encoding="utf-8")
                print(path)


async def _settled(pilot: Pilot[Any]) -> None:
    """Waits until every question is answered and shown; an answer may bring another question."""
    for _ in range(3):
        await asyncio.gather(*(worker.wait() for worker in pilot.app.workers), return_exceptions=True)
        await pilot.pause()


def _compact(svg: str) -> str:
    """The picture without fonts from elsewhere, and without the blanks around each text."""
    svg = _CLIP.sub("", _FONT_FACE.sub("", svg))
    svg = svg.replace("font-family: Fira Code, monospace", "font-family: ui-monospace, Menlo, Consolas, monospace")
    svg = _TEXT.sub(_text, svg)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def _text(match: re.Match[str]) -> str:
    style, x, y, content = match.groups()
    words = content.strip("\n")
    while words.endswith(_BLANK):
        words = words.removesuffix(_BLANK)
    blanks = 0
    while words.startswith(_BLANK):
        words, blanks = words.removeprefix(_BLANK), blanks + 1
    if not words:
        return ""
    cells = len(re.sub(r"&[^;]+;", ".", words))
    left, length = float(x) + blanks * _CELL, cells * _CELL
    return f'<text class="{style}" x="{left:g}" y="{y}" textLength="{length:g}">{words}</text>'


if __name__ == "__main__":
    main()
