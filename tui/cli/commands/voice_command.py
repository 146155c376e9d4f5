"""The command that says what buyers complain about."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output


@command(app, "voice")
def voice(
    out: Output,
    db: Path,
    window: Annotated[
        str, typer.Option(metavar="A..B", help="The days of the complaints; the newest four weeks.")
    ] = "",
    where: Annotated[str, typer.Option(metavar="SEG", help="Only this segment: market=ID,channel=live.")] = "",
    by: Annotated[
        list[str] | None, typer.Option(metavar="DIM", help="Also look where complaints are by this dimension.")
    ] = None,
    texts: Annotated[bool, typer.Option("--texts", help="Every text of the window with its themes.")] = False,
) -> None:
    """What buyers complain about: themes, orders hit, money lost, trend.

    whydrop voice --window 2026-03-01..2026-03-28

    whydrop voice --where market=ID --texts --format json
    """
    from core.base.days import Window
    from core.base.segment import Segment
    from core.reports.voice_narrative import voice_lines
    from core.voice.voice import texts as themes_of_texts
    from core.voice.voice import voice as listen
    from core.workspace.read.workspace import Workspace

    days = Window.parse(window) if window else None
    with Workspace.open(db) as workspace:
        if texts:
            rows = [text.to_dict() for text in themes_of_texts(workspace, window=days, where=Segment.parse(where))]
            out.rows(rows, ["review_id", "themes"], key="texts")
            return
        result = listen(workspace, window=days, where=Segment.parse(where), by=by or ())
    document = result.to_dict()
    keys = ("theme", "orders", "share", "share_before", "change", "p_value", "money_lost")
    out.document(document, voice_lines(result), [{key: theme[key] for key in keys} for theme in document["themes"]])
