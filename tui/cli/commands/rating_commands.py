"""Commands about ratings: everybody's, one creator's, one seller's, and what other rules would do."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.ratings.rating_results import Side

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
    from core.base.days import parse_day
    from core.catalogue.rating_rules import load
    from core.ratings.rate import rate as rate_all
    from core.ratings.rating_document import document
    from core.workspace.read.workspace import Workspace

    chosen_side = _side(side)
    with Workspace.open(db) as workspace:
        rated = rate_all(
            workspace,
            chosen_side,
            load(own),
            parse_day(as_of) if as_of else None,
        )
    chosen = rated.listed(role, market)
    chosen = chosen[:top] if top else chosen
    rows = [rating.to_dict() for rating in rated.ratings(chosen)]
    ids = ["creator_id", "person_id"] if side == "creators" else ["seller_id"]
    columns = [*ids, "role", "market", "score", "interval", "grade", "rank", "peers", "orders"]
    if out.is_text:
        rows = [
            {**row, "score": round(row["score"], 1), "interval": "{:.0f}-{:.0f}".format(*row["interval"])}
            for row in rows
        ]
    out.rows(rows, columns, document(rated, chosen), key="ratings")


def _side(word: str) -> "Side":
    if word not in {"creators", "sellers"}:
        raise UsageError(f"whom to rate? Not {word!r}: write creators or sellers.")
    return "sellers" if word == "sellers" else "creators"


_ID = Annotated[str, typer.Argument(metavar="ID")]
_SINCE = typer.Option(metavar="DAY", help="Compare with this day; four weeks earlier by default.")
_BEFORE = typer.Option("--rules-before", metavar="FILE.toml", help="The rules of that day, when they were others.")


@command(app, "creator")
def creator(
    out: Output,
    db: Path,
    id_: _ID,
    as_of: Annotated[str, _AS_OF] = "",
    since: Annotated[str, _SINCE] = "",
    own: Annotated[Path | None, _RULES] = None,
    before: Annotated[Path | None, _BEFORE] = None,
) -> None:
    """One creator: every role and account, its scorecard, why it moved, what would raise it."""
    _show(out=out, db=db, side="creators", id_=id_, as_of=as_of, since=since, own=own, before=before)


@command(app, "seller")
def seller(
    out: Output,
    db: Path,
    id_: _ID,
    as_of: Annotated[str, _AS_OF] = "",
    since: Annotated[str, _SINCE] = "",
    own: Annotated[Path | None, _RULES] = None,
    before: Annotated[Path | None, _BEFORE] = None,
) -> None:
    """One shop: its scorecard, why it moved, what would raise it."""
    _show(out=out, db=db, side="sellers", id_=id_, as_of=as_of, since=since, own=own, before=before)


def _show(
    out: Output, db: Path, side: "Side", id_: str, as_of: str, since: str, own: Path | None, before: Path | None
) -> None:
    from core.base.days import parse_day
    from core.catalogue.rating_rules import load
    from core.ratings.scorecard.scorecard import scorecard
    from core.workspace.read.workspace import Workspace
    from tui.cli.text.scorecard_text import as_text

    with Workspace.open(db) as workspace:
        card = scorecard(
            workspace=workspace,
            side=side,
            id_=id_,
            rules=load(own),
            as_of=parse_day(as_of) if as_of else None,
            since=parse_day(since) if since else None,
            rules_before=load(before) if before else None,
        )
    out.document(card.to_dict(), as_text(card), [card.rating.to_dict() for card in card.cards])


@command(app, "simulate")
def simulate(
    out: Output,
    db: Path,
    own: Annotated[Path, typer.Option("--rules", metavar="FILE.toml", help="The rules to try.")],
    side: Annotated[str, typer.Argument(metavar="[creators|sellers]", help="On whom.")] = "creators",
    as_of: Annotated[str, _AS_OF] = "",
    before: Annotated[
        Path | None,
        typer.Option("--rules-before", metavar="FILE.toml", help="Compare with these, not the packaged ones."),
    ] = None,
) -> None:
    """What other rating rules would do to everybody, before they are launched."""
    from core.base.days import parse_day
    from core.catalogue.rating_rules import load
    from core.ratings.simulate import simulate as simulate_rules
    from core.workspace.read.workspace import Workspace
    from tui.cli.text.simulation_text import as_text

    with Workspace.open(db) as workspace:
        day = parse_day(as_of) if as_of else None
        simulation = simulate_rules(workspace, _side(side), load(before), load(own), day)
    out.document(simulation.to_dict(), as_text(simulation), [group.to_dict() for group in simulation.groups])
