"""The command about the shopping funnel of every channel."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cli import app
from tui.cli.completion import Baseline, Since, Where, Window_
from tui.cli.options import command
from tui.cli.output import Output


@command(
    app,
    "channels",
    "whydrop channels --since 7d --by market",
    "whydrop channels --window 2026-03-09..2026-03-15 --move '2%:live>search'",
)
def channels(
    out: Output,
    db: Path,
    window: Window_ = "",
    since: Since = "",
    baseline: Baseline = "expected",
    where: Where = "",
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="DIM,DIM", help="Compare these groups at equal traffic mix: market,user_segment."),
    ] = None,
    move: Annotated[
        str, typer.Option(metavar="SHARE:FROM>TO", help="What moving traffic would do: 2%:live>search.")
    ] = "",
) -> None:
    """The shopping funnel of every channel versus its baseline. The newest week by default."""
    from core.channels.traffic_move import MoveRequest
    from core.reports.documents.channel_report import channel_report
    from core.views.funnel_view import funnel
    from core.views.questions.question_words import read_baseline, read_dimensions, read_segment, window_or_since
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        result = funnel(
            workspace,
            window=window_or_since(workspace, window, since),
            baseline=read_baseline(workspace, baseline),
            where=read_segment(workspace, where),
            by=read_dimensions(workspace, *by or ()),
            move=MoveRequest.parse(move) if move else None,
        )
    document = result.result.to_dict()
    keys = ("channel", "actual", "expected", "change", "volume", "mix", "rate")
    out.report(channel_report(result), document, [{key: row[key] for key in keys} for row in document["channels"]])
