"""The table of matches: who should sell what."""

from dataclasses import replace

from core.base.count_text import count
from core.matching.match_results import Match, Matches
from core.reports.figures.number_format import amount, percent, span
from core.reports.match_narrative import reason_words
from core.reports.table import Cell, Column, Row, Table

_MATCHES = (
    Column("rank", "#", "most likely to be taken up first; expected GMV counts a little", right=True),
    Column("id", "", "enter shows the reasons, t its own matches", least=8),
    Column("expected", "expected GMV", "GMV expected in the first 30 days", right=True),
    Column("interval", "80% range", "of the expected GMV", right=True, priority=3),
    Column("refunds", "refunds", "the product's refund rate, where it is known", right=True, priority=4),
    Column("new", "", "new = first sold in the last fifth of the days", priority=5),
    Column(
        "why", "main reasons", "reasons for this match; first what sets it apart in this list", priority=2, least=46
    ),
)


def match_table(result: Matches, currency: str, most_reasons: int = 3) -> Table:
    """One row per match, the best first, with at most `most_reasons` reasons."""
    by_creator = result.creator_id is not None
    rows = tuple(
        _match(rank, match, currency, most_reasons, by_creator=by_creator)
        for rank, match in enumerate(result.matches, 1)
    )
    subject = f"products for creator {result.creator_id}" if by_creator else f"creators for product {result.product_id}"
    note = f"best of {result.considered:,}"
    columns = (
        _MATCHES[0],
        replace(_MATCHES[1], title="product" if by_creator else "creator"),
        *_MATCHES[2:-1],
        replace(_MATCHES[-1], title="main reasons" if most_reasons > 1 else "what sets it apart"),
    )
    return Table(f"Best {subject}", columns, rows, name="matches", note=note, empty="no match passes the quality limit")


def _match(rank: int, match: Match, currency: str, most_reasons: int, *, by_creator: bool) -> Row:
    name = match.product_id if by_creator else match.creator_id
    reasons = "; ".join(reason_words(reason, currency) for reason in match.reasons[:most_reasons])
    cells = (
        Cell(f"{rank}", rank, "dim"),
        Cell(name, style="bold"),
        Cell(amount(match.expected_gmv, "money", currency), match.expected_gmv),
        Cell(span(*match.interval, "money"), match.interval[1], "dim"),
        Cell(f"{match.refund_rate:.1%}", match.refund_rate),
        Cell("new" if match.newcomer else "", match.newcomer, "dim"),
        Cell(reasons),
    )
    return Row(name, cells, match)


def cost_lines(result: Matches, currency: str) -> tuple[str, ...]:
    """What the settings cost, a sentence each; empty where they changed nothing."""
    gated = f"The quality limit excluded {count(result.gated, 'match', 'matches')}, at a cost of "
    costs = {
        "Places kept for new products cost": result.floor_price,
        "Preferring products that few creators sell costs": result.damping_price,
    }
    return (
        *((f"{gated}{_cost(result.gate_price, currency)}.",) if result.gated else ()),
        *(f"{what} {_cost(price, currency)}." for what, price in costs.items() if price > 0),
    )


def _cost(price: float, currency: str) -> str:
    return f"{amount(price, 'money', currency)} of expected GMV" if price > 0 else "no expected GMV"


def reason_lines(match: Match, currency: str) -> tuple[str, ...]:
    """The reasons for one match, the strongest first."""
    new = (f"{match.product_id} is new: first sold in the last fifth of the days.",) if match.newcomer else ()
    return (
        f"Expected GMV in 30 days: {amount(match.expected_gmv, 'money', currency)} (80% range {span(*match.interval, 'money')}).",
        f"Refund rate of {match.product_id}: {match.refund_rate:.1%}.",
        *new,
        "",
        "Share of each reason",
        *(f"  {percent(reason.share):>4}  {reason_words(reason, currency)}" for reason in match.reasons),
    )
