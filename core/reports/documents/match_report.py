"""Matches as a report: the best ones with reasons, and what the settings cost."""

from core.matching.match_results import Match, Matches
from core.reports.number_format import figure, percent, span
from core.reports.report import Report, Section
from core.reports.table import Cell, Column, Row, Table

_MATCHES = (
    Column("rank", "", "best first", right=True),
    Column("id", "match", "the product or creator", least=6),
    Column("expected_gmv", "GMV in 30 days", "expected", right=True),
    Column("interval", "80% interval", "of the expected GMV", right=True, priority=2),
    Column("refund_rate", "refunds", "expected share of orders", right=True, priority=3),
    Column("newcomer", "", "new: little is known yet", priority=4),
    Column("reasons", "why", "signals, with their part of the score", priority=1, least=20),
)


def match_report(result: Matches) -> Report:
    """What `match` prints."""
    by_creator = bool(result.creator_id)
    subject = f"creator {result.creator_id}" if by_creator else f"product {result.product_id}"
    rows = tuple(_row(rank, match, by_creator=by_creator) for rank, match in enumerate(result.matches, 1))
    gate, floor = (figure(max(price, 0), "money") for price in (result.gate_price, result.floor_price))
    return Report(
        title=f"Best {len(rows)} of {result.considered:,} possible matches for {subject}",
        sections=(
            Section(table=Table("Matches", _MATCHES, rows, empty="no match is possible")),
            Section(
                lines=(
                    f"The quality gate left out {result.gated:,} and costs {gate} of expected GMV. "
                    f"The share reserved for new products costs {floor}.",
                    *result.notes,
                )
            ),
        ),
        data=result.to_dict(),
    )


def _row(rank: int, match: Match, *, by_creator: bool) -> Row:
    name = match.product_id if by_creator else match.creator_id
    reasons = ", ".join(f"{reason.words} ({percent(reason.share)})" for reason in match.reasons)
    cells = (
        Cell(f"{rank}.", rank),
        Cell(name),
        Cell(figure(match.expected_gmv, "money"), match.expected_gmv),
        Cell(span(*match.interval, "money")),
        Cell(percent(match.refund_rate), match.refund_rate),
        Cell("new" if match.newcomer else "", match.newcomer),
        Cell(reasons),
    )
    return Row(name, cells, match)
