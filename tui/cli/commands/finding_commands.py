"""Commands that find and explain drops: scan, explain, check."""

from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.options import command, command_end
from tui.cli.output import Output

_SEVERITIES = ("minor", "major", "critical")
_FAILED_ON = 3
"""Exit status of `--fail-on` when there is such a finding."""


@command(app, "scan")
def scan(
    out: Output,
    db: Path,
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of", metavar="DAY|A..B", help="Incidents that are on at this day, or on each day of a range."
        ),
    ] = "",
    metric: Annotated[list[str] | None, typer.Option(metavar="KEY", help="Only this metric (can be repeated).")] = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="DIM", help="Also look into each value of this dimension.")
    ] = None,
    where: Annotated[str, typer.Option(metavar="SEG", help="Only this segment: market=ID,channel=live.")] = "",
    fail_on: Annotated[
        str, typer.Option(metavar="SEVERITY", help="Exit with 3 when one is minor, major or critical.")
    ] = "",
) -> None:
    """Finds incidents that are on, worst first."""
    from core.base.days import Window
    from core.base.segment import Segment
    from core.incidents.finding_log import remember
    from core.incidents.incident_scan import find_incidents
    from core.indexes.indexes import index_drops
    from core.reports.case_narrative import case_row, due_line, fault_lines
    from core.reports.index_narrative import drop_lines
    from core.views.case_list import case_list
    from core.workspace.read.workspace import Workspace
    from tui.cli.text.finding_text import FINDING_COLUMNS, scan_text

    if fail_on and fail_on not in _SEVERITIES:
        raise UsageError(f"no severity {fail_on!r}. It is one of {', '.join(_SEVERITIES)}.")
    when: int | Window | None = None
    if as_of:
        window = Window.parse(as_of)
        when = window if ".." in as_of else window.first
    with Workspace.open(db) as workspace:
        result = find_incidents(workspace, as_of=when, metrics=metric, by=by, where=Segment.parse(where))
        remember(workspace.path, result.findings)
        cases = case_list(workspace)
        drops = () if metric or as_of else index_drops(workspace, Segment.parse(where))
        if out.is_text:
            due = [f"{due_line(case)}{command_end(db)}" for case in cases.due]
            worse = ("", *drop_lines(drops)) if drops else ()
            out.text(*due, *scan_text(result, workspace.catalogue, command_end(db)), *worse)
        else:
            document = {**result.to_dict(), "due_cases": [case_row(case) for case in cases.due]}
            document["indexes"] = [value.to_dict() for value in drops]
            rows = document.pop("findings")
            out.rows(rows, FINDING_COLUMNS, document, key="findings")
    for note in (*fault_lines(cases.faults), *result.notes):
        out.note(note)
    grave = _SEVERITIES[_SEVERITIES.index(fail_on) :] if fail_on else ()
    if any(finding.severity in grave for finding in result.findings):
        raise typer.Exit(_FAILED_ON)


@command(app, "explain")
def explain(
    out: Output,
    db: Path,
    metric: Annotated[
        str, typer.Argument(metavar="METRIC|FINDING", help="A metric, such as gmv, or the id of a finding of scan.")
    ],
    window: Annotated[
        str, typer.Option(metavar="A..B", help="The days to explain; without it, the drop that is on.")
    ] = "",
    baseline: Annotated[
        str, typer.Option(metavar="expected|previous|last-year|4w|A..B", help="What to compare with.")
    ] = "expected",
    where: Annotated[str, typer.Option(metavar="SEG", help="Only this segment: market=ID,channel=live.")] = "",
    clock: Annotated[
        str, typer.Option(help="Count what follows an order on the day of the order, or of the event.")
    ] = "order",
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL behind every figure as well.")] = False,
) -> None:
    """Why a metric dropped: where, through which step, and what to do."""
    from core.base.days import Window
    from core.base.segment import Segment
    from core.explanation.explain import explain as explain_metric
    from core.incidents.finding_log import explain_finding, is_finding_id, recall
    from core.workspace.read.workspace import Workspace, clock_of
    from tui.cli.text.finding_text import explanation_text

    with Workspace.open(db) as workspace:
        if metric not in workspace.catalogue.metrics and is_finding_id(metric):
            if window or where or baseline != "expected" or clock != "order":
                raise UsageError(
                    f"finding {metric} has its own window and segment. Leave out --window, --where, --baseline, --clock."
                )
            answer = explain_finding(workspace, recall(workspace, metric))
        else:
            answer = explain_metric(
                workspace,
                metric,
                window=Window.parse(window) if window else None,
                baseline=baseline,
                where=Segment.parse(where),
                clock=clock_of(clock),
            )
    document = answer.to_dict()
    rows = [{**part["where"], **{key: part[key] for key in part if key != "where"}} for part in document["segments"]]
    out.document(document, explanation_text(answer, with_sql=sql), rows)
    for note in answer.notes:
        out.note(note)


@command(app, "check")
def check(out: Output, db: Path) -> None:
    """Whether the data are whole and can be trusted."""
    from core.detection.quality.data_quality import check as run_checks
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        checks = run_checks(workspace)
    rows = [each.to_dict() for each in checks]
    out.rows(rows, ["status", "check", "detail"], key="checks")
