"""Sorts what became of orders into cards, and into the components that they count for.

A card is one of the crowd in one role and market; its cells are its categories.
"""

from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import distinct, largest_of
from core.catalogue.rating_rules import ComponentRule, Counted, RatingRules
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.case_outcomes import Cases, Offences
from core.ratings.cases.order_facts import BAD_RATING, REVIEW
from core.workspace.read.rating_rows import FOREVER

_EXACT = float(1 << 20)


@dataclass(frozen=True, slots=True)
class Cards:
    """One element a card: who (place in the crowd), role, market; sorted, shape (cards,)."""

    who: Ints
    role: Ints
    market: Ints
    roles: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many."""
        return len(self.who)


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
    """Of the cases, or of the offences."""
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
    def ripens(self) -> bool:
        """Whether trouble shows only after a while."""
        return self.of == "deliveries"


@dataclass(frozen=True, slots=True)
class StarWorth:
    """How much of a bad case a review of each number of stars counts for."""

    worth: Floats
    """By stars, shape (6,); what is no review counts 1."""
    spread: float
    """How the variance of such counts goes with their mean."""
    late: Floats
    """The same of orders that came late; below 0 where it is better than late orders are used to."""
    late_cases: float
    """How many cases a review of an order that came late is, 0..1."""

    def of(self, bad: Bad) -> float:
        """How much each of some bad cases counts, of its amount."""
        if not bad.stars:
            return 1.0
        return float((self.late if bad.came_late else self.worth)[bad.stars])

    def cases(self, stream: Stream) -> float:
        """How many cases each of a stream is."""
        return self.late_cases if stream.came_late else 1.0


NO_STARS = StarWorth(np.array([0.0, 1.0, 1.0, 0.0, 0.0, 0.0]), 1.0, np.zeros(6), 0.0)
"""One and two stars are bad, others good; orders that came late tell nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMatrix:
    """All that counting at any day needs."""

    rules: RatingRules
    components: tuple[ComponentRule, ...]
    """Those that the loaded columns tell of."""
    cards: Cards
    cell_card: Ints
    """Card of each cell, shape (cells,), ascending."""
    cell_category: Ints
    streams: tuple[Stream, ...]
    delays: Floats
    """F: share of trouble that shows by an age, shape (markets, ripe days + 1)."""
    first: int
    """Day of the oldest case."""
    star_worth: StarWorth = NO_STARS


def case_matrix(cases: Cases, roles: Ints, offences: Offences, offence_roles: Ints, crowd: Accounts, words: tuple[str, ...],
          idle: Ints, rules: RatingRules, reported: frozenset[str]) -> CaseMatrix:  # fmt: skip
    """Sorts cases and offences into cards and cells.

    `idle`: keys of cards that exist without any case (`card_keys`); `reported`: components that the loaded columns can show.
    """
    rated, charged = np.flatnonzero(cases.who > 0), np.flatnonzero(offences.who > 0)
    markets, categories = len(crowd.markets.words), len(crowd.categories.words)
    case_keys = card_keys(cases.who[rated], roles[rated], cases.market[rated], len(words), markets)
    offence_keys = card_keys(
        offences.who[charged], offence_roles[charged], offences.market[charged], len(words), markets
    )
    offence_keys = _nearest(offence_keys, np.concatenate([case_keys, idle]), markets)
    others = np.setdiff1d(np.concatenate([offence_keys, idle]), case_keys)
    cells = np.concatenate([case_keys * categories + cases.category[rated], others * categories])
    known, position = distinct(cells)
    keys, cell_card = distinct(known // categories)
    cards = Cards(keys // markets // len(words), keys // markets % len(words), keys % markets, words)
    case_cell = position[: len(rated)]
    main = largest_of(cell_card, np.bincount(case_cell, minlength=len(known)))
    offence_cell = main[np.searchsorted(keys, offence_keys)]
    controls = np.array([[reason in rules.role(word).controls for reason in rules.reasons] for word in words])
    components = tuple(entry for entry in rules.components.values() if entry.key in reported)
    table = _Table(cases=cases, rated=rated, role=roles[rated], controls=controls, components=components, rules=rules)
    streams = (
        _deliveries(table, case_cell),
        _dispatches(table, case_cell),
        _orders(table, main[cell_card[case_cell]], offences, charged, offence_cell),
        _reviews(table, case_cell, came_late=False),
        _reviews(table, case_cell, came_late=True),
    )
    first = min((int(entry.start.min()) for entry in streams if len(entry.start)), default=0)
    empty = np.ones((markets, rules.ripe_days + 1))
    return CaseMatrix(
        rules=rules,
        components=components,
        cards=cards,
        cell_card=cell_card,
        cell_category=known % categories,
        streams=streams,
        delays=empty,
        first=first,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
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

    def charged(self, reason: Ints) -> Flags:
        """Whether the role of each row answers for its reason; shape (rows,)."""
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


def card_keys(who: Ints, role: Ints, market: Ints, roles: int, markets: int) -> Ints:
    """One number for each (who, role, market), in their order."""
    return (who * roles + role) * markets + market


def _nearest(keys: Ints, known: Ints, markets: int) -> Ints:
    """Offences without a market are those of the card of the same role with the most cases, where there is one."""
    unknown = np.flatnonzero(keys % markets == 0)
    cards, position = distinct(known)
    roles, of_card = distinct(cards // markets)
    if not len(unknown) or not len(roles):
        return keys
    at = np.minimum(np.searchsorted(roles, keys[unknown] // markets), len(roles) - 1)
    result = roles[at] == keys[unknown] // markets
    shifted = keys.copy()
    shifted[unknown[result]] = cards[largest_of(of_card, np.bincount(position))][at[result]]
    return shifted


def _deliveries(table: _Table, cell: Ints) -> Stream:
    """Orders that arrived in time, those spoilt by somebody else left out."""
    cases, rated, rules = table.cases, table.rated, table.rules
    base, fault = cases.base[rated], cases.fault[rated]
    others = (fault >= 0) & ~table.charged(fault)
    review = list(rules.reasons).index(REVIEW)
    # an order whose review or dispatch is bad is no good one; it counts there
    elsewhere = (fault == review) | ((fault < 0) & table.charged(cases.dispatch[rated]))
    keep = (base > 0) & ~cases.late[rated] & ~others & ~elsewhere
    rows, cell, base, fault = rated[keep], cell[keep], base[keep], fault[keep]
    known = np.maximum(cases.known[rows], base)
    # trouble that comes when nobody waits for it any more would count for some and not for others
    fault = np.where(known - base > rules.ripe_days, -1, fault)
    bads = table.bads(of="deliveries", fault=fault, cell=cell, start=base, known=known, rows=rows)
    return table.stream("deliveries", cell, base, rows, bads)


def _reviews(table: _Table, cell: Ints, came_late: bool) -> Stream:
    """Reviews of orders that came in time, or late, and were not refunded for a fault that somebody else answers for."""
    cases, rated = table.cases, table.rated
    fault = cases.fault[rated]
    keep = (
        (cases.stars[rated] > 0)
        & (cases.base[rated] > 0)
        & ((fault < 0) | (table.charged(fault) & (cases.stars[rated] <= BAD_RATING)))
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


def _dispatches(table: _Table, cell: Ints) -> Stream:
    """Dispatches that were due, of roles that answer for them."""
    cases, rated = table.cases, table.rated
    due, fault = cases.due[rated], cases.dispatch[rated]
    # an order that went wrong later is no good one
    keep = (due > 0) & np.where(fault >= 0, table.charged(fault), ~table.charged(cases.fault[rated]))
    rows, cell, due = rated[keep], cell[keep], due[keep]
    bads = table.bads(of="dispatches", fault=fault[keep], cell=cell, start=due, known=due, rows=rows)
    return table.stream("dispatches", cell, due, rows, bads)


def _orders(table: _Table, cell: Ints, offences: Offences, charged: Ints, offence_cell: Ints) -> Stream:
    """All orders, against which violations are held; each weighs its points over those of the average one.

    Both are those of the card as a whole, in the cell of its largest category: a violation is of no order.
    """
    cases, rated = table.cases, table.rated
    day, points = offences.day[charged], exact(offences.points[charged])
    amount = exact(points / (points.sum() / len(points))) if points.any() else np.ones(len(points))
    gone = np.where(offences.overturned[charged] > 0, offences.overturned[charged], FOREVER)
    bads = tuple(
        Bad(
            component=at,
            spread=_spread(amount),
            cell=offence_cell,
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
    wrong = table.charged(cases.fault[rated]) | table.charged(cases.dispatch[rated])
    return replace(stream, weight=stream.weight * ~wrong)


def _spread(amount: Floats) -> float:
    return float(exact(amount**2).sum() / amount.sum()) if amount.any() else 1.0


def exact(values: Floats) -> Floats:
    """Rounded to 2^-20, so that sums of such numbers are exact and no order of rows changes a bit of them."""
    rounded: Floats = values * _EXACT
    np.rint(rounded, out=rounded)
    rounded /= _EXACT
    return rounded
