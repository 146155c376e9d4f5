"""Commands that find and explain drops: scan, explain, check."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.completion import (
    SEVERITIES,
    STATUSES,
    Baseline,
    Clock,
    Metrics,
    Since,
    Where,
    Window_,
    dimensions,
    metrics_and_findings,
    severities,
    statuses,
)
from tui.cli.options import command, command_end
from tui.cli.output import Output

_FAILED_ON = 3
"""Exit status of `--fail-on` when there is such a finding or check."""


AsOfRange = Annotated[
    str,
    typer.Option(
        "--as-of", metavar="DAY|A..B", help="Findings that are active on this day, or on each day of a range."
    ),
]
AlsoBy = Annotated[
    list[str] | None,
    typer.Option(metavar="DIM", help="Also test each value of this dimension.", autocompletion=dimensions),
]
FailOn = Annotated[
    str,
    typer.Option(
        metavar="minor|major|critical",
        help="Exit with 3 when a finding is at least this severe.",
        autocompletion=severities,
    ),
]


@command(app, "scan", "whydrop scan", "whydrop scan --as-of 2026-03-15 --by category --fail-on major")
def scan(
    out: Output,
    db: Path,
    as_of: AsOfRange = "",
    metric: Metrics = None,
    by: AlsoBy = None,
    where: Where = "",
    fail_on: FailOn = "",
) -> None:
    """Finds what got worse, worst first: one finding per incident."""
    from core.reports.case_narrative import case_row, due_line, fault_lines
    from core.reports.documents.scan_report import scan_report
    from core.reports.list_columns import FINDINGS
    from core.views.questions.scan_answer import scan_answer
    from core.workspace.read.workspace import Workspace

    failing = _failing("severity", fail_on, SEVERITIES)
    with Workspace.open(db) as workspace:
        answer = scan_answer(workspace, as_of, metric, by, where)
        report = scan_report(
            answer.scan,
            workspace.catalogue,
            workspace.currency,
            due=[f"{due_line(case)}{command_end(db)}" for case in answer.cases.due],
            drops=answer.index_drops,
            command_end=command_end(db),
            days=answer.days,
        )
    document = {**answer.scan.to_dict(), "due_cases": [case_row(case) for case in answer.cases.due]}
    document["indexes"] = [value.to_dict() for value in answer.index_drops]
    out.report(report, document, document.pop("findings"), FINDINGS, key="findings")
    for note in (*fault_lines(answer.cases.faults), *answer.scan.notes):
        out.note(note)
    if any(finding.severity in failing for finding in answer.scan.findings):
        raise typer.Exit(_FAILED_ON)


def _failing(name: str, least: str, levels: Sequence[str]) -> Sequence[str]:
    """The levels, mildest first, that are at least as bad as --fail-on says; none without it. Raises UsageError."""
    if least and least not in levels:
        raise UsageError(f"no {name} {least!r}. It is one of {', '.join(levels)}.")
    return levels[levels.index(least) :] if least else ()


@command(
    app, "explain", "whydrop explain gmv", "whydrop explain payment_rate --since 2026-03-08 --where market=Thailand"
)
def explain(
    out: Output,
    db: Path,
    metric: Annotated[
        str,
        typer.Argument(
            metavar="METRIC|FINDING",
            help="A metric, such as gmv, or the id of a finding of scan.",
            autocompletion=metrics_and_findings,
        ),
    ],
    window: Window_ = "",
    since: Since = "",
    baseline: Baseline = "expected",
    where: Where = "",
    clock: Clock = "order",
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL behind every figure as well.")] = False,
) -> None:
    """Why a metric changed: where, through which step, and what to do."""
    from core.reports.documents.finding_report import explanation_report
    from core.views.questions.asked_explanation import ExplainWords, asked_explanation
    from core.views.step_tree import step_tree
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        finding, answer = asked_explanation(workspace, metric, ExplainWords(window, since, baseline, where, clock))
        tree = step_tree(workspace.catalogue, answer)
        report = explanation_report(answer, tree, workspace.currency, finding, with_sql=sql)
    document = answer.to_dict()
    rows = [{**part["where"], **{key: part[key] for key in part if key != "where"}} for part in document["segments"]]
    out.report(report, document, rows)
    for note in answer.notes:
        out.note(note)


@command(app, "check", "whydrop check", "whydrop check --fail-on fail --format json")
def check(
    out: Output,
    db: Path,
    fail_on: Annotated[
        str,
        typer.Option(
            metavar="warn|fail", help="Exit with 3 when a check is at least this bad.", autocompletion=statuses
        ),
    ] = "",
) -> None:
    """Whether the data are complete and can be trusted. Tests gaps, partial days, double loads and more."""
    from core.detection.quality.data_quality import check as run_checks
    from core.reports.list_columns import CHECKS
    from core.workspace.read.workspace import Workspace

    failing = _failing("status", fail_on, STATUSES)
    with Workspace.open(db) as workspace:
        checks = run_checks(workspace)
    out.rows([result.to_dict() for result in checks], CHECKS, key="checks", empty="All checks passed.")
    if any(result.status in failing for result in checks):
        raise typer.Exit(_FAILED_ON)
