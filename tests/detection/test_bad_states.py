"""More rows in a bad state are worse; more in any other state are not."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import iso
from core.base.segment import Segment
from core.catalogue.metric_tree.bad_states import in_segment, is_bad_state, without_state
from core.explanation.explain import explain
from core.incidents.finding_question import explain_finding, question_of
from core.incidents.kept_incidents import find_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS, LAST = 20_002, 84, 7
"""Twelve weeks; in the last of them something happened in the north."""


def visits(folder: Path, state: str, share: float, growth: float = 1.0, usual: float = 0.1, seed: int = 11) -> Path:
    """100 appointments a day in each of two clinics, 10 % of which end in a `state`; `share` of the north's in the last week."""
    rng, lines = np.random.default_rng(seed), ["date,clinic,status,visits"]
    for day in range(DAYS):
        for clinic in ("north", "south"):
            is_now = clinic == "north" and day >= DAYS - LAST
            came = rng.poisson(100 * (growth if is_now else 1.0))
            ended = rng.binomial(came, share if is_now else usual)
            lines += [
                f"{iso(FIRST + day)},{clinic},{state},{ended}",
                f"{iso(FIRST + day)},{clinic},attended,{came - ended}",
            ]
    (folder / "visits.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "visits.csv"], as_kind="daily")
    return folder / "w.db"


@pytest.mark.parametrize("state", ["no-show", "キャンセル"])
def test_more_rows_in_a_bad_state_are_a_drop_of_scan_and_explain(tmp_path: Path, state: str) -> None:
    """In seven days 70 of 700 are expected, and 175 came: 105 more, 7.5 % of the 1,400 of both clinics."""
    bad = Segment.of({"status": state})
    with Workspace.open(visits(tmp_path, state, 0.25)) as workspace:
        finding = find_incidents(workspace).findings[0]
        answer = explain_finding(workspace, question_of(finding))
        of_all = explain(workspace, "visits", window=finding.window, where=bad)
    assert (finding.metric, finding.severity) == ("visits", "major")
    assert abs(finding.onset - (FIRST + DAYS - LAST)) <= 2
    assert finding.where == Segment.of({"clinic": "north", "status": state})
    assert finding.actual - finding.expected == pytest.approx(105, rel=0.2)
    assert answer.is_drop
    assert of_all.is_drop
    assert [str(segment.where) for segment in of_all.segments] == ["clinic=north"]


def test_a_state_of_few_rows_is_looked_at_in_cells(tmp_path: Path) -> None:
    """Of a clinic's rows 3 % are no-shows, 1.5 % of all: three a day, and twelve in each of the last seven days."""
    with Workspace.open(visits(tmp_path, "no-show", 0.12, usual=0.03, seed=5)) as workspace:
        finding = find_incidents(workspace).findings[0]
    assert finding.where == Segment.of({"clinic": "north", "status": "no-show"})
    assert finding.actual > 3 * finding.expected


@pytest.mark.parametrize(("state", "share", "growth"), [("rescheduled", 0.3, 1.0), ("no-show", 0.1, 2.0)])
def test_other_states_and_those_that_grow_with_all_rows_are_none(
    tmp_path: Path, state: str, share: float, growth: float
) -> None:
    with Workspace.open(visits(tmp_path, state, share, growth)) as workspace:
        findings = find_incidents(workspace).findings
    assert not [finding for finding in findings if finding.change > 0]


def test_a_state_is_bad_by_its_words_in_columns_of_the_export_alone(tmp_path: Path) -> None:
    bad = Segment.of({"status": ["no-show", "storniert"], "clinic": "north"})
    assert is_bad_state(bad)
    assert without_state(bad) == Segment.of({"clinic": "north"})
    others = (
        {},
        {"status": ["no-show", "attended"]},
        {"category": "returns"},
        {"title": "Death Note"},
        {"客户": "流失"},
    )
    assert not [other for other in (*others, {"visitor_type": "Returned visitor"}) if is_bad_state(Segment.of(other))]
    assert is_bad_state(Segment.of({"visitor_status": "churned"}))
    with Workspace.open(visits(tmp_path, "no-show", 0.1)) as workspace:
        metric = workspace.metric("visits")
    assert in_segment(metric, bad, "daily").worse_sign == 1
    assert in_segment(metric, bad, "orders") is metric
