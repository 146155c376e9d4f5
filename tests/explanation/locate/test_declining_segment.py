"""A slow leak is explained against the weeks before it, though the window began long after it."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import Segment
from core.explanation.explain import explain
from core.incidents.kept_incidents import find_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, WEEKS, LEAK = 20_000, 26, 6
SIZES = {"web": 4000, "app": 3500, "phone": 2500}


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Visits by channel that wander together by 6 % from day to day; web loses 1.5 % a week in the last six weeks."""
    folder, rng = tmp_path_factory.mktemp("leak"), np.random.default_rng(3)
    lines = ["date,channel,visits"]
    for day, shared in enumerate(np.exp(0.06 * rng.standard_normal(7 * WEEKS))):
        for channel, size in SIZES.items():
            left = 0.985 ** max((day - 7 * (WEEKS - LEAK) + 1) / 7, 0) if channel == "web" else 1.0
            lines.append(f"{iso(FIRST + day)},{channel},{rng.poisson(size * shared * left)}")
    (folder / "visits.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "visits.csv"], as_kind="daily")
    return folder / "w.db"


@pytest.mark.parametrize("where", [Segment(), Segment.of({"channel": "web"})], ids=["all", "the channel"])
def test_a_leak_that_began_before_the_window_is_a_drop_against_the_rest(leaking: Path, where: Segment) -> None:
    """Of the last two weeks the middle is five weeks into the leak: .985 ** 5 = 93 % of web are left."""
    with Workspace.open(leaking) as workspace:
        last = workspace.span.last
        answer = explain(workspace, "visits", window=Window(last - 13, last), where=where)
        rest = sum(
            workspace.cube(["visits"], answer.window, where=Segment.of({"channel": name})).total("visits")
            for name in ("app", "phone")
        )
    kept = rest * (4000 if where else 10000) / 6000  # at the shares of before
    assert answer.expected == pytest.approx(kept, rel=0.01)
    assert answer.is_drop
    (segment,) = answer.segments
    assert str(segment.where) == "channel=web"
    assert segment.actual / segment.expected == pytest.approx(0.985**5, abs=0.015)
    assert segment.change == pytest.approx(answer.change, rel=0.05)
    assert segment.confidence > 0.9
    assert abs(answer.onset.day - (FIRST + 7 * (WEEKS - LEAK))) <= 14
    assert answer.onset.shape == "ramp"
    assert any("has lost about 1." in note for note in answer.notes)


def test_a_scan_tells_of_a_leak_that_no_drop_shows(leaking: Path) -> None:
    with Workspace.open(leaking) as workspace:
        scan = find_incidents(workspace)
    (note,) = (note for note in scan.notes if "a week against the rest" in note)
    assert note.startswith("visits in channel=web loses about 1.")
    assert note.endswith("whydrop explain visits --where channel=web")
    assert Segment.of({"channel": "web"}) not in {finding.where for finding in scan.findings}


def test_other_channels_lose_nothing(leaking: Path) -> None:
    with Workspace.open(leaking) as workspace:
        last = workspace.span.last
        answer = explain(workspace, "visits", window=Window(last - 13, last), where=Segment.of({"channel": "app"}))
    assert not answer.is_drop
