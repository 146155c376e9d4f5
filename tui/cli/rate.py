"""Commands about ratings: everybody's, one creator's, one seller's, and what other rules would do."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import UsageError
from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output

_AS_OF = typer.Option(metavar="DAY", help="As known at the end of this day; the newest by default.")
_RULES = typer.Option("--rules", metavar="FILE.toml", help="Rules that change the packaged ones.")


@command(app, "rate")
def rate(
    out: Output,
    db: Path,
    side: Annotated[str, typer.Argument(metavar="[creators|sellers]", help="Whom to rate.")] = "creators",
    role: Annotated[str, typer.Option(metavar="R", help="Only this role: affiliate, live_host, ...")] = "",
    market: Annotated[str, typer.Option(metavar="M", help="Only this market.")] = "",
    as_of: Annotated[str, _AS_OF] = "",
    top: Annotated[int, typer.Option(min=0, metavar="N", help="Only the best N; 0 = all.")] = 0,
    own: Annotated[Path | None, _RULES] = None,
) -> None:
    """Ratings with intervals and grades, best first."""
    from core.catalogue.rules import load
    from core.days import parse_day
    from core.ratings.rate import document
    from core.ratings.rate import rate as rate_all
    from core.workspace.workspace import Workspace

    if side not in {"creators", "sellers"}:
        raise UsageError(f"whom to rate? Not {side!r}: write whydrop rate creators, or whydrop rate sellers.")
    with Workspace.open(db) as workspace:
        rated = rate_all(
            workspace,
            "sellers" if side == "sellers" else "creators",
            load(own),
            parse_day(as_of) if as_of else None,
        )
    chosen = rated.listed(role, market)
    chosen = chosen[:top] if top else chosen
    rows = [rated.rating(card).to_dict() for card in chosen.tolist()]
    ids = ["creator_id", "person_id"] if side == "creators" else ["seller_id"]
    columns = [*ids, "role", "market", "score", "interval", "grade", "rank", "peers", "orders"]
    if out.is_text:
        rows = [
            {**row, "score": round(row["score"], 1), "interval": "{:.0f}-{:.0f}".format(*row["interval"])}
            for row in rows
        ]
    out.rows(rows, columns, document(rated, chosen), key="ratings")
