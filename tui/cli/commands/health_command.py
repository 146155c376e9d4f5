"""The command about the health of the marketplace."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output


@command(app, "health")
def health(
    out: Output,
    db: Path,
    as_of: Annotated[
        str, typer.Option(metavar="DAY", help="As known at the end of this day; the newest by default.")
    ] = "",
    where: Annotated[str, typer.Option(metavar="SEG", help="Only this segment: market=ID,channel=live")] = "",
) -> None:
    """Is the marketplace healthy: concentration, mobility, newcomers, fairness between groups, risk."""
    from core.base.days import parse_day
    from core.base.segment import Segment
    from core.ecosystem.health import health as health_of
    from core.workspace.read.workspace import Workspace
    from tui.cli.text.health_text import as_rows, as_text

    with Workspace.open(db) as workspace:
        result = health_of(workspace, parse_day(as_of) if as_of else None, Segment.parse(where))
    out.document(result.to_dict(), as_text(result), as_rows(result))
    for line in result.notes:
        out.note(line)
