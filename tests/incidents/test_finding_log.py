"""What findings ask is remembered by their ids, and asked of a new scan where it is not."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData, UsageError
from core.base.segment import Segment
from core.detection.findings import Finding
from core.incidents import kept_incidents
from core.incidents.finding_log import known_ids, recall, remember
from core.incidents.finding_question import question_of
from core.workspace.read.workspace import Workspace

TH, LIVE = Segment.parse("market=TH"), Segment.parse("channel=live")


def finding(name: str, **more: Any) -> Finding:
    return Finding(
        id=name, as_of=20506, metric="ctr", where=TH, window=Window(20500, 20506), onset=20500, actual=0.03, expected=0.05,
        interval=(0.04, 0.06), change=-0.02, change_pct=-0.4, impact=12.5, severity="major", p_value=1e-6, impact_unit="money",
        **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "where", "confidence"),
    [
        ({"confidence": 0.9}, TH, 0.9),
        ({}, TH, 0.7),  # nobody located it: it is taken for the place of its own drop
        ({"confidence": 0.9, "within": LIVE}, LIVE, None),  # the rate fell in a whole, where its part is to be found
    ],
)
def test_a_finding_asks_about_its_segment_or_the_whole_that_its_figures_are_of(
    more: dict[str, Any], where: Segment, confidence: float | None
) -> None:
    question = question_of(finding("abcdef0123", **more))
    assert (question.where, question.confidence) == (where, confidence)
    assert (question.severity, question.impact, question.impact_unit) == ("major", 12.5, "money")


def test_what_is_remembered_is_asked_again_and_what_is_not_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "w.db"
    workspace = cast(Workspace, SimpleNamespace(path=db))
    scans: list[str] = []

    def scan(_: Workspace) -> Any:
        scans.append("scan")
        if len(scans) > 1:
            raise NotEnoughData("too few days")
        return SimpleNamespace(findings=[finding("abcfff0000")])

    monkeypatch.setattr(kept_incidents, "find_incidents", scan)
    first, second = finding("abcdef0123", confidence=0.9), finding("abcdef4567")
    remember(db, [first, second, first])
    assert known_ids(db) == (first.id, second.id), "the newest first"
    assert recall(workspace, "ABCDEF01") == question_of(first)
    with pytest.raises(UsageError, match="2 findings begin with 'abcdef': abcdef0123, abcdef4567"):
        recall(workspace, "abcdef")
    assert not scans
    assert recall(workspace, "abcfff") == question_of(finding("abcfff0000"))
    assert known_ids(db)[0] == "abcfff0000", "what a scan found is remembered"
    with pytest.raises(UsageError, match="no finding 'abcdee0123'.*Did you mean"):
        recall(workspace, "abcdee0123")
    assert len(scans) == 2
