"""The command of affiliate match-making."""

from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.completion import creators
from tui.cli.options import command
from tui.cli.output import Output


@command(app, "match", "whydrop match --creator C1033", "whydrop match --product P1041 --limit 5")
def match(
    out: Output,
    db: Path,
    creator: Annotated[
        str, typer.Option(metavar="ID", help="Which products should this creator sell?", autocompletion=creators)
    ] = "",
    product: Annotated[str, typer.Option(metavar="ID", help="Which creators should sell this product?")] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="How many matches.")] = 10,
    max_refund: Annotated[
        float, typer.Option(metavar="SHARE", min=0, max=1, help="Leave out products with a higher refund rate.")
    ] = 0.25,
    newcomers: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            min=0,
            max=1,
            help="At least this share of new products: by default a tenth, or fewer if few are new.",
        ),
    ] = None,
) -> None:
    """Which creator should sell what, why, and what to expect."""
    if bool(creator) == bool(product):
        raise UsageError("use either --creator ID or --product ID.")
    from core.matching.match import match as find_matches
    from core.reports.documents.match_report import match_report
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        result = find_matches(
            workspace,
            creator_id=creator or None,
            product_id=product or None,
            limit=limit,
            max_refund_rate=max_refund,
            newcomers=newcomers,
        )
        currency = workspace.currency
    document = result.to_dict()
    keys = ("creator_id", "product_id", "score", "expected_gmv", "newcomer", "refund_rate")
    out.report(
        match_report(result, currency), document, [{key: row[key] for key in keys} for row in document["matches"]]
    )
