"""A drop that is confined to a part of a restless whole: the series of the part decides."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import Segment
from core.explanation.explain import explain
from core.explanation.explanation_results import Explanation
from core.reports.tables.answer import answer_lines
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

DAYS, ON, FIRST = 84, 7, 20_000
WEEK = Window(FIRST + DAYS - ON, FIRST + DAYS - 1)
MARKETS, CHANNELS = ("ID", "TH", "VN", "MY"), ("live", "video", "search")
PART = Segment.parse("channel=search,market=MY")


@pytest.fixture(scope="module", params=[1.0, 0.4], ids=["calm", "dropped"])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[float, Path]:
    """All markets share a slow, restless level; in the last week one cell of 12 keeps this share of its orders."""
    rng, shared = np.random.default_rng(8), np.zeros(DAYS)
    for day in range(1, DAYS):
        shared[day] = 0.8 * shared[day - 1] + rng.normal(0, 0.05)
    shared[-ON:] = 0.02
    lines = ["date,market,channel,orders"]
    for day in range(DAYS):
        for market in MARKETS:
            for channel in CHANNELS:
                is_part = (market, channel) == ("MY", "search") and day >= DAYS - ON
                mean = 300 * np.exp(shared[day]) * (request.param if is_part else 1.0)
                lines.append(f"{iso(FIRST + day)},{market},{channel},{rng.poisson(mean)}")
    folder = tmp_path_factory.mktemp("part")
    (folder / "daily.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "daily.csv"], as_kind="daily")
    return request.param, folder / "w.db"


def test_the_part_is_a_drop_though_the_whole_is_as_usual(asked: tuple[float, Path]) -> None:
    kept, path = asked
    with Workspace.open(path) as workspace:
        answer = explain(workspace, "orders", window=WEEK)
        part = explain(workspace, "orders", window=WEEK, where=PART)
    assert answer.is_usual_as_a_whole
    assert answer.is_drop == part.is_drop == (kept < 1)
    if kept < 1:
        check_the_part(answer)


def check_the_part(answer: Explanation) -> None:
    assert answer.segments[0].where == PART
    assert answer.onset.day == WEEK.first
    assert not answer.is_within_range
    first, second, *_ = answer_lines(answer)
    assert first.startswith("▼ Got worse: orders in channel=search,market=MY fell from")
    assert second.startswith("Where: only channel=search,market=MY moved more than usual (")


@pytest.mark.parametrize("rise", [1.5, 1.6])
def test_a_rise_elsewhere_hides_no_fall(tmp_path: Path, rise: float) -> None:
    """Search loses half of a third in the last week; video gains as much, or a little more: the whole stays in its range."""
    factors = {"search": 0.5, "video": rise}
    lines = ["date,market,channel,orders"]
    for day in range(DAYS):
        for market, level in zip(MARKETS, (300, 250, 200, 150), strict=True):
            for channel in CHANNELS:
                factor = factors.get(channel, 1.0) if day >= DAYS - ON else 1.0
                lines.append(f"{iso(FIRST + day)},{market},{channel},{level * factor * (1 + 0.04 * np.sin(day)):.0f}")
    (tmp_path / "daily.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "daily.csv"], as_kind="daily")
    with Workspace.open(tmp_path / "w.db") as workspace:
        answer = explain(workspace, "orders", window=WEEK)
    assert answer.is_usual_as_a_whole
    assert answer.is_drop
    assert [str(segment.where) for segment in answer.segments] == ["channel=search"]
