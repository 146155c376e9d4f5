"""The command that tells whether a change worked."""

from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output


@command(app, "verify")
def verify(
    out: Output,
    db: Path,
    metric: Annotated[str, typer.Argument(help="A metric, such as gmv or refund_rate.")],
    where: Annotated[str, typer.Option(metavar="SEG", help="Where the change was made: market=ID,channel=live.")] = "",
    since: Annotated[str, typer.Option(metavar="DAY", help="The first day of the change.")] = "",
    until: Annotated[
        str, typer.Option(metavar="DAY", help="The last day to judge; the newest complete day by default.")
    ] = "",
    control: Annotated[
        list[str] | None,
        typer.Option(metavar="SEG", help="An untouched segment (can be repeated); chosen by default."),
    ] = None,
    incident: Annotated[
        str, typer.Option("--incident-since", metavar="DAY", help="The change was made to end what began on this day.")
    ] = "",
    plan: Annotated[
        bool, typer.Option("--plan", help="Before the change: the smallest effect that --days show.")
    ] = False,
    days: Annotated[int, typer.Option(metavar="N", help="How long a planned change is to be judged.")] = 14,
) -> None:
    """Did a change work, compared with segments that were not changed.

    whydrop verify gmv --since 2026-03-09 --where market=ID

    whydrop verify gmv --where market=ID --plan --days 14
    """
    from core.base.days import parse_day
    from core.base.segment import Segment
    from core.reports.verification_narrative import plan_lines, verification_lines
    from core.verification.verify import plan as plan_verification
    from core.verification.verify import verify as verify_change
    from core.workspace.read.workspace import Workspace

    segment = Segment.parse(where)
    if not segment:
        raise UsageError("verify needs --where: the segment that was changed, such as --where market=ID.")
    if bool(since) == plan:
        raise UsageError("say either --since DAY, to judge a change, or --plan, before it.")
    controls = [Segment.parse(text) for text in control or ()]
    with Workspace.open(db) as workspace:
        if plan:
            planned = plan_verification(workspace, metric, where=segment, days=days, controls=controls)
            out.document(planned.to_dict(), plan_lines(planned))
            return
        result = verify_change(
            workspace,
            metric,
            since=parse_day(since),
            until=parse_day(until) if until else None,
            where=segment,
            controls=controls,
            incident=parse_day(incident) if incident else None,
        )
    document = result.to_dict()
    out.document(document, verification_lines(result), document["series"])
