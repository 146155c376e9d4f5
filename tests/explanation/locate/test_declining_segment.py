"""A slow leak is explained against the weeks before it, though the window began long after it."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import Segment
from core.explanation.explain import explain
from core.incidents.finding_question import explain_finding, question_of
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


def test_a_scan_finds_a_leak_that_no_drop_shows(leaking: Path) -> None:
    """Five weeks into the leak on average .985 ** 5 are left: 7.3 % of the channel and 2.9 % of all are lost, which is major."""
    with Workspace.open(leaking) as workspace:
        (finding,) = find_incidents(workspace).findings
        answer = explain_finding(workspace, question_of(finding))
    assert (finding.metric, str(finding.where), finding.severity) == ("visits", "channel=web", "major")
    assert finding.change_pct == pytest.approx(-0.073, abs=0.015)
    assert abs(finding.onset - (FIRST + 7 * (WEEKS - LEAK))) <= 14
    assert finding.impact == pytest.approx(finding.expected - finding.actual)
    assert answer.is_drop
    assert (answer.onset.day, answer.expected, answer.interval) == (finding.onset, finding.expected, finding.interval)
    assert finding.confidence == answer.segments[0].confidence


@pytest.mark.parametrize(
    ("name", "weekly"), [("paid", -0.03), ("refused", 0.03)], ids=["a share falls", "a bad share rises"]
)
def test_a_rate_that_leaks_in_a_segment_is_found(tmp_path: Path, name: str, weekly: float) -> None:
    """Of 4,000 visits of web 20 %; of all channels alike, and 3 % a week less or more in the last six weeks."""
    rng, lines = np.random.default_rng(7), [f"date,channel,visits,{name}"]
    for day in range(7 * WEEKS):
        for channel, size in SIZES.items():
            since = max((day - 7 * (WEEKS - LEAK) + 1) / 7, 0) if channel == "web" else 0
            count = rng.poisson(size)
            lines.append(f"{iso(FIRST + day)},{channel},{count},{rng.binomial(count, 0.2 * np.exp(weekly * since))}")
    (tmp_path / "visits.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "whydrop.toml").write_text(
        f'[metrics.share]\nformula = "{name} / visits"\nunit = "ratio"\ngood = "{"up" if weekly < 0 else "down"}"\n'
    )
    load(tmp_path / "w.db", [tmp_path / "visits.csv"], as_kind="daily")
    with Workspace.open(tmp_path / "w.db") as workspace:
        last = workspace.span.last
        answer = explain(workspace, "share", window=Window(last - 13, last), where=Segment.of({"channel": "web"}))
        findings = find_incidents(workspace).findings
    assert {str(finding.where) for finding in findings} == {"channel=web"}
    assert answer.is_drop
    assert answer.change_pct == pytest.approx(np.expm1(5 * weekly), abs=0.03)
    assert abs(answer.onset.day - (FIRST + 7 * (WEEKS - LEAK))) <= 14


def test_other_channels_lose_nothing(leaking: Path) -> None:
    with Workspace.open(leaking) as workspace:
        last = workspace.span.last
        answer = explain(workspace, "visits", window=Window(last - 13, last), where=Segment.of({"channel": "app"}))
    assert not answer.is_drop
