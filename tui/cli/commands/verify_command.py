"""The command that tells whether a change worked."""

from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.completion import Metric, segments
from tui.cli.completion import days as days_offered
from tui.cli.options import command
from tui.cli.output import Output

ChangedSegment = Annotated[
    str, typer.Option(metavar="SEG", help="Where the change was made: market=ID,channel=live.", autocompletion=segments)
]
ChangeStart = Annotated[
    str, typer.Option(metavar="DAY", help="The first day of the change.", autocompletion=days_offered)
]
LastDay = Annotated[str, typer.Option(metavar="DAY", help="The last day to judge; the newest complete day by default.")]
Controls = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SEG",
        help="A segment without the change (can be repeated); by default, whydrop chooses.",
        autocompletion=segments,
    ),
]
IncidentStart = Annotated[
    str, typer.Option("--incident-since", metavar="DAY", help="First day of the incident that the change should end.")
]
Plan = Annotated[
    bool, typer.Option("--plan", help="Before the change: show the smallest effect that --days can detect.")
]
PlannedDays = Annotated[int, typer.Option(metavar="N", help="Number of days over which to judge a planned change.")]


@command(
    app,
    "verify",
    "whydrop verify gmv --since 2026-02-23 --where market=ID",
    "whydrop verify gmv --where market=ID --plan --days 14",
)
def verify(
    out: Output,
    db: Path,
    metric: Metric,
    where: ChangedSegment = "",
    since: ChangeStart = "",
    until: LastDay = "",
    control: Controls = None,
    incident: IncidentStart = "",
    plan: Plan = False,
    days: PlannedDays = 14,
) -> None:
    """Whether a change worked, compared with unchanged segments."""
    from core.reports.documents.verification_report import plan_report, verification_report
    from core.verification.verify import plan as plan_verification
    from core.verification.verify import verify as verify_change
    from core.views.questions.question_words import read_changed_segment, read_day, read_segment
    from core.workspace.read.workspace import Workspace

    if bool(since) == plan:
        raise UsageError("use either --since DAY, to judge a change, or --plan, before it.")
    with Workspace.open(db) as workspace:
        segment = read_changed_segment(workspace, where)
        controls = [read_segment(workspace, text) for text in control or ()]
        if plan:
            planned = plan_verification(workspace, metric, where=segment, days=days, controls=controls)
            out.report(plan_report(planned, workspace.currency), planned.to_dict())
            return
        first = read_day(workspace, since)
        if first is None:
            raise UsageError("since which day? Write --since 2026-03-09.")
        result = verify_change(
            workspace,
            metric,
            since=first,
            until=read_day(workspace, until),
            where=segment,
            controls=controls,
            incident=read_day(workspace, incident),
        )
        currency = workspace.currency
    document = result.to_dict()
    out.report(verification_report(result, currency), document, document["series"])
