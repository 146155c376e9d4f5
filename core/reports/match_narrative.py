"""Matches in sentences."""

from collections.abc import Iterator

from core.matching.match_results import Match, Matches
from core.reports.number_format import figure, percent


def match_lines(result: Matches) -> tuple[str, ...]:
    """The best matches, a line each with their reasons, then what the settings cost."""
    subject = f"creator {result.creator_id}" if result.creator_id else f"product {result.product_id}"
    return (
        f"{len(result.matches)} best matches for {subject}, of {result.considered:,} possible ones:",
        *(
            line
            for rank, pair in enumerate(result.matches, 1)
            for line in _match(rank, pair, by_creator=bool(result.creator_id))
        ),
        f"The quality gate left out {result.gated:,} and costs {figure(max(result.gate_price, 0), 'money')} expected GMV; "
        f"the places for new products cost {figure(max(result.floor_price, 0), 'money')}.",
        *result.notes,
    )


def _match(rank: int, row: Match, *, by_creator: bool) -> Iterator[str]:
    name = row.product_id if by_creator else row.creator_id
    low, high = (figure(end, "money") for end in row.interval)
    new = ", new" if row.newcomer else ""
    yield (
        f"{rank:3}. {name}{new}: {figure(row.expected_gmv, 'money')} GMV in 30 days (80% interval {low} to {high}), "
        f"refunds {percent(row.refund_rate)}"
    )
    reasons = ", ".join(f"{reason.words} ({percent(reason.share)})" for reason in row.reasons)
    if reasons:
        yield f"     {reasons}"
