"""The orders, reviews and violations behind a card: what counts against it, and what was somebody else's fault."""

import numpy as np

from core.ratings.cases.case_streams import Bad, Stream
from core.ratings.cases.order_facts import REVIEW
from core.ratings.rating_results import EvidenceRow
from core.ratings.rating_table import RatingTable
from core.workspace.read import rating_rows
from core.workspace.read.workspace import Workspace

_MOST = 100


def behind(workspace: Workspace, rated: RatingTable, card: int, since: int) -> tuple[EvidenceRow, ...]:
    """Bad cases of a card that became known after a day, the newest first, a hundred at most.

    Those that do not count against it are there too: spoilt by what its role does not control, or come too late to judge.
    """
    gathered = rated.gathered
    charged = [
        (gathered.frame.components[bad.component].key, stream, bad, at)
        for stream in gathered.pooled.streams
        for bad in stream.bads
        if gathered.pooled.star_worth.of(bad) == 1
        for at in _of_card(rated, bad, card, since)
        if rated.peers.weight[bad.component, card] > 0
    ]
    orders = [int(gathered.cases.id[bad.row[at]]) for _, stream, bad, at in charged if stream.of != "orders"]
    spared = _spared(rated, card, since, {int(bad.row[at]) for _, stream, bad, at in charged if stream.of != "orders"})
    ids = rating_rows.order_ids(workspace, [*orders, *(int(gathered.cases.id[row]) for row in spared)])
    result = [_charged(rated, name, stream, bad, at, ids) for name, stream, bad, at in charged]
    result += [_excused(rated, row, ids) for row in spared]
    return tuple(sorted(result, key=lambda case: (-case.day, case.order_id, case.component))[:_MOST])


def _of_card(rated: RatingTable, bad: Bad, card: int, since: int) -> list[int]:
    mine = rated.gathered.pooled.cell_card[bad.cell] == rated.gathered.pool[card]
    day = rated.gathered.as_of
    known = (bad.known > since) & (bad.known <= day) & (bad.gone > day)
    at: list[int] = np.flatnonzero(mine & known).tolist()
    return at


def _charged(rated: RatingTable, name: str, stream: Stream, bad: Bad, at: int, ids: dict[int, str]) -> EvidenceRow:
    gathered, row = rated.gathered, int(bad.row[at])
    rules, age = gathered.rules, gathered.as_of - int(bad.start[at])
    half_life = rules.violation_half_life_days if stream.of == "orders" else rules.half_life_days
    weight = float(bad.amount[at]) * gathered.pooled.star_worth.of(bad) * 0.5 ** (age / half_life)
    if stream.of == "orders":
        points = float(gathered.violations.points[row])
        return EvidenceRow(
            component=name,
            day=int(bad.known[at]),
            order_id="",
            what=f"violation: {points:g} points",
            weight=weight,
            charged=True,
        )
    order = ids.get(int(gathered.cases.id[row]), "")
    fault = gathered.cases.dispatch[row] if stream.of == "dispatches" else gathered.cases.fault[row]
    what = _words(rated, int(fault), int(gathered.cases.stars[row]))
    return EvidenceRow(component=name, day=int(bad.known[at]), order_id=order, what=what, weight=weight, charged=True)


def _excused(rated: RatingTable, row: int, ids: dict[int, str]) -> EvidenceRow:
    cases = rated.gathered.cases
    what = _words(rated, int(cases.fault[row]), int(cases.stars[row]))
    why = "it came late" if cases.late[row] else "outside this role's control"
    if cases.late[row] and list(rated.gathered.rules.reasons)[cases.fault[row]] == REVIEW:
        why = "it came late; counts only if worse than other reviews of late orders"
    return EvidenceRow(
        component="",
        day=int(cases.known[row]),
        order_id=ids.get(int(cases.id[row]), ""),
        what=f"{what} (left out: {why})",
        weight=0.0,
        charged=False,
    )


def _spared(rated: RatingTable, card: int, since: int, charged: set[int]) -> list[int]:
    """Rows of the card's orders that went wrong and are charged to no component of it."""
    gathered = rated.gathered
    cases, people = gathered.cases, gathered.pooled
    orders = next(entry for entry in people.streams if entry.of == "orders")
    rows = np.flatnonzero(cases.who > 0)[people.cell_card[orders.cell] == gathered.pool[card]]
    wrong = (cases.fault[rows] >= 0) & (cases.known[rows] > since) & (cases.known[rows] <= gathered.as_of)
    return [row for row in rows[wrong].tolist() if row not in charged]


def _words(rated: RatingTable, fault: int, stars: int) -> str:
    """What went wrong, in words: an unexplained fault of an order with a bad review is that review."""
    review = f"review: {stars} star{'s' * (stars > 1)}" if stars else ""
    if fault < 0:
        return review
    reason = list(rated.gathered.rules.reasons)[fault]
    if reason in {"dispatch", "cancellation"}:
        return {"dispatch": "late dispatch", "cancellation": "cancelled by the shop"}[reason]
    if reason == REVIEW:
        return review
    return f"refund: {reason}" + (f", {review}" if review else "")
