"""The command that writes hand-offs."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.reports.hand_off import HandOff
    from core.workspace.read.workspace import Workspace


@command(app, "report")
def report(
    out: Output,
    db: Path,
    subjects: Annotated[
        list[str] | None, typer.Argument(metavar="[FINDING|METRIC|creator ID]...", help="What it is about.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="FILE.html, .md or .json.")] = Path(
        "report.html"
    ),
) -> None:
    """A hand-off that others can read: one file, the same figures in all formats.

    whydrop report 5d3925d368 -o payment.html

    whydrop report creator C1200 -o scorecard.md
    """
    from core.reports.hand_off_writers import writer_for
    from core.workspace.read.workspace import Workspace
    from tui.file_export import write_text

    write = writer_for(output.suffix)
    with Workspace.open(db) as workspace:
        documents = _documents(workspace, subjects or [], db)
    write_text(output, write(documents))
    out.note(f"{output}: {len(documents)} part{'s' if len(documents) > 1 else ''}")


def _documents(workspace: "Workspace", subjects: list[str], db: Path) -> "list[HandOff]":
    """One document a subject; all findings of the newest day without any."""
    if not subjects:
        from core.incidents.incident_scan import find_incidents

        subjects = [finding.id for finding in find_incidents(workspace).findings]
        if not subjects:
            raise UsageError("no incident is on, so there is nothing to report. Name a metric: whydrop report gmv")
    names, documents = iter(subjects), []
    for name in names:
        if name == "creator":
            who = next(names, None)
            if who is None:
                raise UsageError("say whose scorecard: whydrop report creator ID")
            documents.append(_scorecard(workspace, who))
        else:
            documents.append(_finding(workspace, name, db))
    return documents


def _finding(workspace: "Workspace", name: str, db: Path) -> "HandOff":
    from dataclasses import replace

    from core.incidents.finding_log import explain_finding, is_finding_id, recall
    from core.reports.hand_off import finding_document
    from core.views.metric_detail import metric_detail
    from core.workspace.schema.load_log import loads

    if name in workspace.catalogue.metrics or not is_finding_id(name):
        detail = metric_detail(workspace, name)
        parts = ["whydrop", "explain", name, "--window", str(detail.explanation.window)]
    else:
        question = recall(workspace, name)
        detail = metric_detail(workspace, question.metric, window=question.window, where=question.where)
        detail = replace(detail, explanation=explain_finding(workspace, question))
        parts = ["whydrop", "explain", name]
    return finding_document(detail, shlex.join([*parts, "--db", str(db)]), loads(workspace.path))


def _scorecard(workspace: "Workspace", who: str) -> "HandOff":
    from core.catalogue.rating_rules import packaged
    from core.ratings.scorecard.scorecard import scorecard
    from core.reports.hand_off import scorecard_document

    return scorecard_document(scorecard(workspace, "creators", who, packaged()))
