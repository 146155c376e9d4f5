"""The command that writes hand-offs."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.base.errors import UsageError, WhydropError, did_you_mean
from tui.cli import app
from tui.cli.completion import report_subjects
from tui.cli.options import command
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.detection.findings import Finding
    from core.ratings.rating_results import Side
    from core.reports.report import Report
    from core.workspace.read.workspace import Workspace

_SCORECARDS: "dict[str, Side]" = {"creator": "creators", "seller": "sellers"}


@command(app, "report", "whydrop report -o findings.html", "whydrop report creator C1033 -o scorecard.md")
def report(
    out: Output,
    db: Path,
    subjects: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FINDING|CASE|METRIC|creator ID|seller ID]...",
            help="Subject of the report; by default, all findings of the newest day.",
            autocompletion=report_subjects,
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="FILE.html, .md or .json.")] = Path(
        "report.html"
    ),
) -> None:
    """A hand-off that others can read, as one file. All formats have the same figures."""
    from core.base.count_text import count
    from core.reports.writers.report_files import writer_for
    from core.workspace.read.workspace import Workspace
    from tui.file_export import check_folder, write_text

    write = writer_for(output.suffix)
    check_folder(output)
    with Workspace.open(db) as workspace:
        reports = list(_reports(workspace, subjects or [], db))
    write_text(output, write(reports))
    out.note(f"{output}: {count(len(reports), 'report')}, {output.stat().st_size / 1000:,.0f} kB")


def _reports(workspace: "Workspace", subjects: list[str], db: Path) -> "Iterator[Report]":
    """One report a subject; all findings of the newest day without any."""
    from core.incidents.finding_log import remember
    from core.incidents.kept_incidents import find_incidents

    findings: dict[str, Finding] = {}
    if not subjects or any(_may_be_finding(workspace, word) for word in subjects):
        findings = {finding.id: finding for finding in find_incidents(workspace).findings}
        remember(workspace.path, tuple(findings.values()))
    if not subjects and not findings:
        raise WhydropError("no finding is open, so there is nothing to report. Name a metric: whydrop report METRIC")
    words = iter(subjects or findings)
    for word in words:
        if word in _SCORECARDS:
            name = next(words, None)
            if name is None:
                raise UsageError(f"which {word}? Write: whydrop report {word} ID")
            yield _scorecard(workspace, _SCORECARDS[word], name, db)
        elif word in workspace.catalogue.metrics or _may_be_finding(workspace, word):
            yield _explanation(workspace, word, findings, db)
        else:
            yield _case(workspace, word, db)


def _may_be_finding(workspace: "Workspace", word: str) -> bool:
    from core.incidents.finding_log import is_finding_id

    return word not in workspace.catalogue.metrics and is_finding_id(word)


def _explanation(workspace: "Workspace", word: str, findings: "dict[str, Finding]", db: Path) -> "Report":
    from core.reports.documents.hand_off import finding_hand_off, metric_hand_off

    if word in workspace.catalogue.metrics:
        return metric_hand_off(workspace, word, db)
    return finding_hand_off(workspace, findings.get(word, word), db)


def _case(workspace: "Workspace", word: str, db: Path) -> "Report":
    from core.reports.documents.case_report import case_hand_off
    from core.reports.documents.hand_off import command_of, inputs_of
    from core.views.case_actions import current_definition
    from core.views.case_list import case_list

    listing = case_list(workspace)
    try:
        case = listing.case(word)
    except UsageError:
        near = did_you_mean(word, [*workspace.catalogue.metrics, *(case.id for case in listing.cases)])
        raise UsageError(
            f"no finding, metric or case {word!r}.{near} They are listed by: whydrop scan, whydrop metrics, whydrop case list"
        ) from None
    definition = current_definition(workspace, case.metric)
    inputs = inputs_of(workspace.path, command_of(db, "case", "show", case.id))
    return case_hand_off(case, definition, listing.currency, inputs)


def _scorecard(workspace: "Workspace", side: "Side", name: str, db: Path) -> "Report":
    from core.catalogue.rating_rules import packaged
    from core.ratings.scorecard.scorecard import scorecard
    from core.reports.documents.hand_off import command_of, inputs_of
    from core.reports.documents.scorecard_report import scorecard_report

    card = scorecard(workspace, side, name, packaged())
    return scorecard_report(card, inputs_of(workspace.path, command_of(db, side.removesuffix("s"), name)))
