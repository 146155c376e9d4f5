"""Commands about ratings: everybody's, one creator's, one seller's, and what other rules would do."""

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.completion import AsOf, creators, days, markets, sellers
from tui.cli.options import command
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.ratings.rating_results import Side

_RULES = typer.Option("--rules", metavar="FILE.toml", help="Rules that change the packaged ones.")


@command(
    app,
    "rate",
    "whydrop rate creators --role affiliate --market Indonesia --top 10",
    "whydrop rate sellers --format csv",
)
def rate(
    out: Output,
    db: Path,
    side: Annotated[str, typer.Argument(metavar="[creators|sellers]", help="Creators or sellers.")] = "creators",
    role: Annotated[str, typer.Option(metavar="R", help="Only this role: affiliate, live_host, ...")] = "",
    market: Annotated[str, typer.Option(metavar="M", help="Only this market.", autocompletion=markets)] = "",
    as_of: AsOf = "",
    top: Annotated[int, typer.Option(min=0, metavar="N", help="Only the best N; 0 = all.")] = 0,
    own: Annotated[Path | None, _RULES] = None,
) -> None:
    """Ratings with intervals and grades, best first. Ranks are among peers: those of the same role and market."""
    from core.catalogue.rating_rules import load
    from core.detection.quality.end_of_exports import day_to_read
    from core.ratings.rate import rate as rate_all
    from core.ratings.rating_document import document
    from core.ratings.rating_results import Rating
    from core.reports.list_columns import RATED, RATED_SELLERS
    from core.views.questions.question_words import read_day, read_value
    from core.workspace.read.workspace import Workspace

    chosen_side = _side(side)
    with Workspace.open(db) as workspace:
        market = read_value(workspace, "market", market) if market else ""
        day, notes = day_to_read(workspace, read_day(workspace, as_of))
        rated = rate_all(workspace, chosen_side, load(own), day)
    for line in notes:
        out.note(line)
    chosen = rated.listed(role, market)
    chosen = chosen[:top] if top else chosen
    rows = [rating.to_dict() for rating in rated.ratings(chosen)]
    ids = ["creator_id", "person_id"] if side == "creators" else ["seller_id"]
    columns = [*ids, "role", "market", "score", "interval", "grade", "rank", "peers", "orders"]
    titled = RATED if side == "creators" else RATED_SELLERS
    whole = {**document(rated, chosen), "notes": notes}
    others = [field.name for field in fields(Rating)]
    out.rows(rows, titled, whole, key="ratings", names=columns, others=others, empty="Nobody is rated here.")


def _side(word: str) -> "Side":
    if word not in {"creators", "sellers"}:
        raise UsageError(f"no side {word!r}. Write creators or sellers.")
    return "sellers" if word == "sellers" else "creators"


_SINCE = typer.Option(metavar="DAY", help="Compare with this day; four weeks earlier by default.", autocompletion=days)
_BEFORE = typer.Option(
    "--rules-before", metavar="FILE.toml", help="The rules of the earlier day, if they were different."
)


@command(app, "creator", "whydrop creator C1033", "whydrop creator H1022 --since 2026-02-01 --format md")
def creator(
    out: Output,
    db: Path,
    id_: Annotated[
        str, typer.Argument(metavar="ID|PERSON", help="An account, or the person who has it.", autocompletion=creators)
    ],
    as_of: AsOf = "",
    since: Annotated[str, _SINCE] = "",
    own: Annotated[Path | None, _RULES] = None,
    before: Annotated[Path | None, _BEFORE] = None,
) -> None:
    """One creator: scorecards, why they moved, what would raise them. Covers every role and account."""
    _write_scorecard(out=out, db=db, side="creators", id_=id_, as_of=as_of, since=since, own=own, before=before)


@command(app, "seller", "whydrop seller S101", "whydrop seller S101 --since 2026-02-01 --format json")
def seller(
    out: Output,
    db: Path,
    id_: Annotated[str, typer.Argument(metavar="ID", help="A shop.", autocompletion=sellers)],
    as_of: AsOf = "",
    since: Annotated[str, _SINCE] = "",
    own: Annotated[Path | None, _RULES] = None,
    before: Annotated[Path | None, _BEFORE] = None,
) -> None:
    """One shop: its scorecard, why it moved, what would raise it."""
    _write_scorecard(out=out, db=db, side="sellers", id_=id_, as_of=as_of, since=since, own=own, before=before)


def _write_scorecard(
    out: Output, db: Path, side: "Side", id_: str, as_of: str, since: str, own: Path | None, before: Path | None
) -> None:
    from core.catalogue.rating_rules import load
    from core.ratings.scorecard.scorecard import scorecard
    from core.reports.documents.scorecard_report import scorecard_report
    from core.views.questions.question_words import read_day
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        card = scorecard(
            workspace=workspace,
            side=side,
            id_=id_,
            rules=load(own),
            as_of=read_day(workspace, as_of),
            since=read_day(workspace, since),
            rules_before=load(before) if before else None,
        )
    out.report(scorecard_report(card), card.to_dict(), [part.rating.to_dict() for part in card.cards])


@command(
    app, "simulate", "whydrop simulate --rules rules.toml", "whydrop simulate sellers --rules rules.toml --format json"
)
def simulate(
    out: Output,
    db: Path,
    own: Annotated[Path, typer.Option("--rules", metavar="FILE.toml", help="The rules to try.")],
    side: Annotated[str, typer.Argument(metavar="[creators|sellers]", help="Creators or sellers.")] = "creators",
    as_of: AsOf = "",
    before: Annotated[
        Path | None,
        typer.Option(
            "--rules-before", metavar="FILE.toml", help="Compare with these rules instead of the packaged ones."
        ),
    ] = None,
) -> None:
    """What other rating rules would do, before they are launched."""
    from core.catalogue.rating_rules import load
    from core.ratings.simulate import simulate as simulate_rules
    from core.reports.documents.simulation_report import simulation_report
    from core.views.questions.question_words import read_day
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        day = read_day(workspace, as_of)
        simulation = simulate_rules(workspace, _side(side), load(before), load(own), day)
        currency = workspace.currency
    rows = [group.to_dict() for group in simulation.groups]
    out.report(simulation_report(simulation, currency), simulation.to_dict(), rows)
