"""Hand-offs of a workspace: the explanation of a metric or finding, with what it rests on and the command that repeats it."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.detection.findings import Finding
from core.incidents.finding_log import recall
from core.incidents.finding_question import question_of
from core.reports.documents.finding_report import finding_report
from core.reports.documents.report_inputs import Inputs
from core.reports.report import Report
from core.views.metric_detail import metric_detail
from core.workspace.read.workspace import Workspace
from core.workspace.schema.load_log import loads


def inputs_of(db: Path, command: str) -> Inputs:
    """The loads of a workspace file, and the command that gives the same figures from it."""
    return Inputs(loads=loads(db), command=command)


def command_of(db: Path, *parts: str) -> str:
    """A command with the workspace that it reads, as it can be typed."""
    return shlex.join(["whydrop", *parts, "--db", str(db)])


def metric_hand_off(workspace: Workspace, metric: str, db: Path) -> Report:
    """The explanation of a metric on its newest days."""
    detail = metric_detail(workspace, metric)
    command = command_of(db, "explain", metric, "--window", str(detail.explanation.window))
    return finding_report(detail, inputs_of(workspace.path, command))


def finding_hand_off(workspace: Workspace, finding: Finding | str, db: Path) -> Report:
    """The explanation of a finding, or of one that is remembered by its id. Raises what `recall` raises."""
    question = question_of(finding) if isinstance(finding, Finding) else recall(workspace, finding)
    detail = metric_detail(
        workspace, question.metric, window=question.window, where=question.where, located=question.confidence
    )
    return finding_report(detail, inputs_of(workspace.path, command_of(db, "explain", question.id)), question)


def finding_hand_offs(workspace: Workspace, findings: Sequence[Finding], db: Path) -> Iterator[Report]:
    """One hand-off a finding, in their order."""
    return (finding_hand_off(workspace, finding, db) for finding in findings)
