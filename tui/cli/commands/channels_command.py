"""The command about the shopping funnel of every channel."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output


@command(app, "channels")
def channels(
    out: Output,
    db: Path,
    window: Annotated[str, typer.Option(metavar="A..B", help="The days; the newest week by default.")] = "",
    baseline: Annotated[
        str, typer.Option(metavar="expected|previous|last-year|4w|A..B", help="What to compare with.")
    ] = "expected",
    where: Annotated[str, typer.Option(metavar="SEG", help="Only this segment: market=ID,device=ios.")] = "",
    by: Annotated[
        str, typer.Option(metavar="DIM,DIM", help="Compare these groups at equal traffic mix: market,user_segment.")
    ] = "",
    move: Annotated[
        str, typer.Option(metavar="SHARE:FROM>TO", help="What moving traffic would do: 5%:live>search.")
    ] = "",
) -> None:
    """The shopping funnel of every channel versus its baseline; what-if.

    whydrop channels --window 2026-03-09..2026-03-15 --by market

    whydrop channels --move '5%:live>search'
    """
    from core.base.days import Window
    from core.base.segment import Segment
    from core.channels.channels import channels as read_channels
    from core.channels.traffic_move import MoveRequest
    from core.reports.channel_narrative import channel_lines
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        result = read_channels(
            workspace,
            window=Window.parse(window) if window else None,
            baseline=baseline,
            where=Segment.parse(where),
            by=[name.strip() for name in by.split(",") if name.strip()],
            move=MoveRequest.parse(move) if move else None,
        )
    document = result.to_dict()
    keys = ("channel", "actual", "expected", "change", "volume", "mix", "rate")
    out.document(document, channel_lines(result), [{key: row[key] for key in keys} for row in document["channels"]])
