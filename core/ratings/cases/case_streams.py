"""The kinds of cases that orders are counted as - deliveries, dispatches, reviews, all orders - and what went wrong in each."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.catalogue.rating_rules import ComponentRule, Counted, RatingRules
from core.ratings.cases.case_outcomes import Cases, Violations
from core.ratings.cases.order_facts import BAD_RATING, REVIEW
from core.workspace.read.rating_rows import FOREVER

_EXACT = float(1 << 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """What went wrong, for one component; one element an event."""

    component: int
    spread: float
    """How the variance of such counts goes with their mean: 1 when each bad case counts one, like Poisson's."""
    cell: Ints
    start: Ints
    """Day of the case: its age decides the weight."""
    known: Ints
    gone: Ints
    """The day from which it no longer counts (overturned); FOREVER otherwise."""
    amount: Floats
    """How much each counts."""
    row: Ints
    """Of the cases, or of the violations."""
    stars: int = 0
    """Of the review that it is, 1 and 2 of orders in time together as 2; 0 = no review. What it is worth depends on them."""
    came_late: bool = False
    """Whether it is the review of an order that came late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Cases of one kind; one element a case."""

    of: Counted
    cell: Ints
    start: Ints
    market: Ints
    weight: Floats
    """How much each tells, 0..1."""
    bads: tuple[Bad, ...]
    came_late: bool = False
    """Whether these are reviews of orders that came late."""

    @property
    def matures(self) -> bool:
        """Whether trouble shows only after a while."""
        return self.of == "deliveries"


@dataclass(frozen=True, kw_only=True)
class CaseTable:
    """The cases of the crowd, and what decides what they count for."""

    cases: Cases
    rated: Ints
    """Rows of the crowd's cases,"""
    role: Ints
    """and the role that each belongs to."""
    controls: Flags
    """Whether a role answers for a reason, shape (roles, reasons)."""
    components: tuple[ComponentRule, ...]
    rules: RatingRules

    @cached_property
    def charged_faults(self) -> Flags:
        """Whether the role of each row answers for what went wrong with it; shape (rows,)."""
        return self._charged(self.cases.fault)

    @cached_property
    def charged_dispatches(self) -> Flags:
        """Whether the role of each row answers for its not being dispatched in time; shape (rows,)."""
        return self._charged(self.cases.dispatch)

    def _charged(self, reason: Ints) -> Flags:
        reason = reason[self.rated]
        return (reason >= 0) & self.controls[self.role, reason]

    def stream(self, of: Counted, cell: Ints, start: Ints, rows: Ints, bads: tuple[Bad, ...]) -> Stream:
        """The stream of some rows of the cases."""
        weight = exact(self.cases.weight(of)[rows])
        return Stream(of=of, cell=cell, start=start, market=self.cases.market[rows], weight=weight, bads=bads)

    def bads(self, *, of: Counted, fault: Ints, cell: Ints, start: Ints, known: Ints, rows: Ints) -> tuple[Bad, ...]:
        """The bad cases of each component of a kind, of cases with these faults."""
        reasons = list(self.rules.reasons)
        bads = []
        for at, entry in enumerate(self.components):
            if entry.of == of:
                hit = np.flatnonzero(np.isin(fault, [reasons.index(reason) for reason in entry.bad]))
                bads.append(
                    Bad(
                        component=at,
                        spread=1.0,
                        cell=cell[hit],
                        start=start[hit],
                        known=known[hit],
                        gone=np.full(len(hit), FOREVER),
                        amount=exact(self.cases.weight(of)[rows[hit]]),
                        row=rows[hit],
                    )
                )
        return tuple(bads)


def case_streams(
    table: CaseTable, cell: Ints, main: Ints, violations: Violations, charged: Ints, violation_cell: Ints
) -> tuple[Stream, ...]:
    """Every stream of the cases.

    `cell` of each rated row, `main`: that of the largest category of its card; `charged`: rows of the violations that are
    charged to an account, `violation_cell` the cell of each.
    """
    return (
        *_deliveries(table, cell),
        _dispatches(table, cell),
        _orders(table, main, violations, charged, violation_cell),
        _reviews(table, cell, came_late=False),
        _reviews(table, cell, came_late=True),
    )


def _deliveries(table: CaseTable, cell: Ints) -> tuple[Stream, Stream]:
    """Orders that arrived in time, without those that somebody else spoilt: where refunds are reported, and elsewhere.

    Elsewhere no component counts them: without reports of refunds, an order that was not refunded proves nothing.
    """
    cases, rated, rules = table.cases, table.rated, table.rules
    base, fault = cases.base[rated], cases.fault[rated]
    others = (fault >= 0) & ~table.charged_faults
    review = list(rules.reasons).index(REVIEW)
    # an order whose review or dispatch is bad is no good one; it counts there
    elsewhere = (fault == review) | ((fault < 0) & table.charged_dispatches)
    keep = (base > 0) & ~cases.late[rated] & ~others & ~elsewhere
    rows, cell, base, fault = rated[keep], cell[keep], base[keep], fault[keep]
    known = np.maximum(cases.known[rows], base)
    # trouble that comes when nobody waits for it any more would count for some and not for others
    fault = np.where(known - base > rules.mature_after_days, -1, fault)
    reported = cases.refundable[rows]
    unknown = table.stream("deliveries", cell[~reported], base[~reported], rows[~reported], ())
    rows, cell, base, fault, known = rows[reported], cell[reported], base[reported], fault[reported], known[reported]
    bads = table.bads(of="deliveries", fault=fault, cell=cell, start=base, known=known, rows=rows)
    return table.stream("deliveries", cell, base, rows, bads), unknown


def _reviews(table: CaseTable, cell: Ints, came_late: bool) -> Stream:
    """Reviews of orders that came in time, or late, and were not refunded for a fault that somebody else answers for."""
    cases, rated = table.cases, table.rated
    fault = cases.fault[rated]
    keep = (
        (cases.stars[rated] > 0)
        & (cases.base[rated] > 0)
        & ((fault < 0) | (table.charged_faults & (cases.stars[rated] <= BAD_RATING)))
    )
    keep &= cases.late[rated] == came_late
    rows, cell = rated[keep], cell[keep]
    start = np.maximum(cases.reviewed[rows], cases.base[rows])
    # one and two stars differ where most are unhappy
    stars = cases.stars[rows] if came_late else np.maximum(cases.stars[rows], BAD_RATING)
    bads = []
    for at, entry in enumerate(table.components):
        for number in (range(1, 6) if came_late else range(BAD_RATING, 5)) if entry.of == "reviews" else ():
            hit = np.flatnonzero(stars == number)
            day = start[hit]
            bads.append(
                Bad(
                    component=at,
                    spread=1.0,
                    cell=cell[hit],
                    start=day,
                    known=day,
                    gone=np.full(len(hit), FOREVER),
                    amount=exact(cases.review_weight[rows[hit]]),
                    row=rows[hit],
                    stars=number,
                    came_late=came_late,
                )
            )
    return replace(table.stream("reviews", cell, start, rows, tuple(bads)), came_late=came_late)


def _dispatches(table: CaseTable, cell: Ints) -> Stream:
    """Dispatches that were due, of roles that answer for them."""
    cases, rated = table.cases, table.rated
    due, fault = cases.due[rated], cases.dispatch[rated]
    # an order that went wrong later is no good one
    keep = (due > 0) & np.where(fault >= 0, table.charged_dispatches, ~table.charged_faults)
    rows, cell, due = rated[keep], cell[keep], due[keep]
    bads = table.bads(of="dispatches", fault=fault[keep], cell=cell, start=due, known=due, rows=rows)
    return table.stream("dispatches", cell, due, rows, bads)


def _orders(table: CaseTable, cell: Ints, violations: Violations, charged: Ints, violation_cell: Ints) -> Stream:
    """All orders, against which violations are held; each weighs its points over those of the average one that stands.

    Both are those of the card as a whole, in the cell of its largest category: a violation is of no order.
    """
    cases, rated = table.cases, table.rated
    day, points = violations.day[charged], exact(violations.points[charged])
    gone = np.where(violations.overturned[charged] > 0, violations.overturned[charged], FOREVER)
    stands = gone == FOREVER
    average = points[stands].sum() / max(stands.sum(), 1)
    amount = exact(points / average) if average else np.ones(len(points))
    bads = tuple(
        Bad(
            component=at,
            spread=_spread(amount[stands]),
            cell=violation_cell,
            start=day,
            known=day,
            gone=gone,
            amount=amount,
            row=charged,
        )
        for at, entry in enumerate(table.components)
        if entry.of == "orders"
    )
    stream = table.stream("orders", cell, cases.day[rated], rated, bads)
    # orders that went wrong do not dilute violations
    return replace(stream, weight=stream.weight * ~(table.charged_faults | table.charged_dispatches))


def _spread(amount: Floats) -> float:
    return float(exact(amount**2).sum() / amount.sum()) if amount.any() else 1.0


def exact(values: Floats) -> Floats:
    """Rounded to 2^-20, so that sums of such numbers are exact and no order of rows changes a bit of them."""
    rounded: Floats = values * _EXACT
    np.rint(rounded, out=rounded)
    rounded /= _EXACT
    return rounded
