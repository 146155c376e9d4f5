"""What happens in a cell of two dimensions under a restless level: scan and explain see it, and say the same of it."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import EVERYTHING, Segment
from core.explanation.explain import explain
from core.incidents.finding_question import explain_finding, question_of
from core.incidents.kept_incidents import find_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

DAYS, ON, FIRST = 84, 7, 20_000
WEEK = Window(FIRST + DAYS - ON, FIRST + DAYS - 1)
MARKETS, CHANNELS, DEVICES = ("ID", "TH", "VN"), ("live", "video", "search", "feed"), ("android", "ios")
CELL = Segment.parse("channel=search,market=TH")


@pytest.fixture(scope="module", params=[1.0, 0.55], ids=["calm", "dropped"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[float, Path]:
    """Markets and channels wander by themselves; in the last week one cell of 12 keeps this share of its orders."""
    rng = np.random.default_rng(4)

    def wandering(values: int) -> np.ndarray:
        steps = rng.normal(0, 0.04, (DAYS, values))
        for day in range(1, DAYS):
            steps[day] += 0.8 * steps[day - 1]
        return steps

    levels = wandering(len(MARKETS))[:, :, None] + wandering(len(CHANNELS))[:, None, :]
    mean = 400 * np.exp(levels)
    mean[-ON:, MARKETS.index("TH"), CHANNELS.index("search")] *= request.param
    orders = rng.poisson(np.repeat(mean[..., None] / 2, 2, axis=3))
    lines = [
        f"{iso(FIRST + day)},{MARKETS[market]},{CHANNELS[channel]},{DEVICES[device]},{count}"
        for (day, market, channel, device), count in np.ndenumerate(orders)
    ]
    folder = tmp_path_factory.mktemp("restless")
    (folder / "daily.csv").write_text("date,market,channel,device,orders\n" + "\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "daily.csv"], as_kind="daily")
    return request.param, folder / "w.db"


def test_scan_finds_the_cell_that_neither_of_its_sides_shows(shop: tuple[float, Path]) -> None:
    kept, path = shop
    with Workspace.open(path) as workspace:
        findings = [item for item in find_incidents(workspace).findings if item.severity != "minor"]
        sides = [find_incidents(workspace, by=[name]).findings for name in CELL.dimensions]
    assert [finding.where for finding in findings] == ([CELL] if kept < 1 else [])
    assert not any(finding.severity != "minor" and finding.where != CELL for side in sides for finding in side)


def test_explain_says_what_scan_says(shop: tuple[float, Path]) -> None:
    kept, path = shop
    with Workspace.open(path) as workspace:
        whole = explain(workspace, "orders", window=WEEK)
        findings = [item for item in find_incidents(workspace).findings if item.severity != "minor"]
        answers = [explain_finding(workspace, question_of(finding)) for finding in findings]
    assert whole.is_drop == (kept < 1)
    for finding, answer in zip(findings, answers, strict=True):
        assert answer.is_drop
        assert (answer.where, answer.window, answer.onset.day) == (finding.where, finding.window, WEEK.first)
        assert (answer.actual, answer.expected, answer.interval) == (finding.actual, finding.expected, finding.interval)
        assert whole.segments[0].where == finding.where != EVERYTHING
        assert whole.onset.day == finding.onset
