"""Sorts what became of orders into cards, and into the components that they count for.

A card is one of the crowd in one role and market; its cells are its categories.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.catalogue.rating_rules import ComponentRule, Counted, RatingRules
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.case_outcomes import Cases, Offences
from core.ratings.cases.star_worth import worth
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
    row: Ints
    """Of the cases, or of the offences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Cases of one kind; one element a case."""

    of: Counted
    cell: Ints
    start: Ints
    market: Ints
    bads: tuple[Bad, ...]

    @property
    def ripens(self) -> bool:
        """Whether trouble shows only after a while."""
        return self.of == "deliveries"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMatrix:
    """All that counting at any day needs."""

    rules: RatingRules
    components: tuple[ComponentRule, ...]
    """Those that anything here tells of."""
    cards: Cards
    cell_card: Ints
    """Card of each cell, shape (cells,), ascending."""
    cell_category: Ints
    streams: tuple[Stream, ...]
    delays: Floats
    """F: share of trouble that shows by an age, shape (markets, ripe days + 1)."""
    first: int
    """Day of the oldest case."""


def case_matrix(cases: Cases, roles: Ints, offences: Offences, offence_roles: Ints, crowd: Accounts, words: tuple[str, ...],
          idle: Ints, rules: RatingRules) -> CaseMatrix:  # fmt: skip
    """Sorts cases and offences into cards and cells. `idle`: keys of cards that exist without any case (`card_keys`)."""
    rated, charged = np.flatnonzero(cases.who > 0), np.flatnonzero(offences.who > 0)
    markets, categories = len(crowd.markets.words), len(crowd.categories.words)
    case_keys = card_keys(cases.who[rated], roles[rated], cases.market[rated], len(words), markets)
    offence_keys = card_keys(
        offences.who[charged], offence_roles[charged], offences.market[charged], len(words), markets
    )
    offence_keys = _nearest(offence_keys, np.concatenate([case_keys, idle]), markets)
    others = np.setdiff1d(np.concatenate([offence_keys, idle]), case_keys)
    cells = np.concatenate([case_keys * categories + cases.category[rated], others * categories])
    known, place = np.unique(cells, return_inverse=True)
    keys, cell_card = np.unique(known // categories, return_inverse=True)
    cards = Cards(keys // markets // len(words), keys // markets % len(words), keys % markets, words)
    case_cell = place[: len(rated)]
    main = _main(cell_card, np.bincount(case_cell, minlength=len(known)))
    offence_cell = main[np.searchsorted(keys, offence_keys)]
    controls = np.array([[reason in rules.role(word).controls for reason in rules.reasons] for word in words])
    streams: tuple[Stream, ...] = (
        _deliveries(cases, rated, case_cell, roles, controls, rules),
        _dispatches(cases, rated, case_cell, roles, controls, rules),
        _orders(
            cases=cases,
            rated=rated,
            cell=main[cell_card[case_cell]],
            offences=offences,
            charged=charged,
            offence_cell=offence_cell,
            rules=rules,
        ),
    )
    streams, components = _told(streams, rules)
    first = min((int(one.start.min()) for one in streams if len(one.start)), default=0)
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


def _main(cell_card: Ints, times: Ints) -> Ints:
    """The cell of each card with the most cases, the first of equals; shape (cards,)."""
    order = np.lexsort((-times, cell_card))
    main: Ints = order[np.searchsorted(cell_card[order], np.arange(int(cell_card.max(initial=-1)) + 1))]
    return main


def card_keys(who: Ints, role: Ints, market: Ints, roles: int, markets: int) -> Ints:
    """One number for each (who, role, market), in their order."""
    return (who * roles + role) * markets + market


def _nearest(keys: Ints, known: Ints, markets: int) -> Ints:
    """Offences without a market are those of the card of the same role with the most cases, where there is one."""
    unknown = np.flatnonzero(keys % markets == 0)
    cards, times = np.unique(known, return_counts=True)
    by_role = np.lexsort((cards, -times, cards // markets))
    roles, first = np.unique(cards[by_role] // markets, return_index=True)
    if not len(unknown) or not len(roles):
        return keys
    at = np.minimum(np.searchsorted(roles, keys[unknown] // markets), len(roles) - 1)
    found = roles[at] == keys[unknown] // markets
    moved = keys.copy()
    moved[unknown[found]] = cards[by_role][first[at[found]]]
    return moved


def _deliveries(cases: Cases, rated: Ints, cell: Ints, roles: Ints, controls: Flags, rules: RatingRules) -> Stream:
    """Orders that arrived in time, those spoilt by somebody else left out."""
    base, fault, role = cases.base[rated], cases.fault[rated], roles[rated]
    others = (fault >= 0) & ~controls[role, fault]
    keep = (base > 0) & ~cases.late[rated] & ~others
    rows, cell, base, fault = rated[keep], cell[keep], base[keep], fault[keep]
    known = np.maximum(cases.known[rows], base)
    # trouble that comes when nobody waits for it any more would count for some and not for others
    fault = np.where(known - base > rules.ripe_days, -1, fault)
    bads = _bads(of="deliveries", fault=fault, cell=cell, start=base, known=known, rows=rows, rules=rules)
    bads = _with_stars(bads=bads, cases=cases, cell=cell, base=base, fault=fault, rows=rows, rules=rules)
    return Stream(of="deliveries", cell=cell, start=base, market=cases.market[rows], bads=bads)


def _with_stars(bads: tuple[Bad, ...], cases: Cases, cell: Ints, base: Ints, fault: Ints, rows: Ints,
                rules: RatingRules) -> tuple[Bad, ...]:  # fmt: skip
    """Middling reviews count in part, as far as they go together with bad ones, where unexplained bad reviews count."""
    stars, known = cases.stars[rows], np.maximum(cases.reviewed[rows], base)
    parts = worth(cases.who[rows], stars)
    some = np.flatnonzero((fault < 0) & (parts[stars] > 0) & (known - base <= rules.ripe_days))
    holders = [at for at, one in enumerate(rules.components.values()) if "unexplained" in one.bad]
    more = Bad(
        component=-1,
        spread=1.0,
        cell=cell[some],
        start=base[some],
        known=known[some],
        gone=np.full(len(some), FOREVER),
        amount=exact(parts[stars[some]]),
        row=rows[some],
    )
    return tuple(_joined(one, more) if one.component in holders else one for one in bads)


def _joined(one: Bad, more: Bad) -> Bad:
    columns = ("cell", "start", "known", "gone", "amount", "row")
    cell, start, known, gone, amount, row = (np.concatenate([getattr(one, x), getattr(more, x)]) for x in columns)
    return Bad(
        component=one.component,
        spread=_spread(amount),
        cell=cell,
        start=start,
        known=known,
        gone=gone,
        amount=amount,
        row=row,
    )


def _dispatches(cases: Cases, rated: Ints, cell: Ints, roles: Ints, controls: Flags, rules: RatingRules) -> Stream:
    """Dispatches that were due, of roles that answer for them."""
    due, fault, role = cases.due[rated], cases.dispatch[rated], roles[rated]
    keep = (due > 0) & ~((fault >= 0) & ~controls[role, fault])
    rows, cell, due = rated[keep], cell[keep], due[keep]
    bads = _bads(of="dispatches", fault=fault[keep], cell=cell, start=due, known=due, rows=rows, rules=rules)
    return Stream(of="dispatches", cell=cell, start=due, market=cases.market[rows], bads=bads)


def _orders(cases: Cases, rated: Ints, cell: Ints, offences: Offences, charged: Ints, offence_cell: Ints,
            rules: RatingRules) -> Stream:  # fmt: skip
    """All orders, against which violations are held; each weighs its points over those of the average one.

    Both are those of the card as a whole, in the cell of its largest category: a violation is of no order.
    """
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
        for at, one in enumerate(rules.components.values())
        if one.of == "orders"
    )
    return Stream(of="orders", cell=cell, start=cases.day[rated], market=cases.market[rated], bads=bads)


def _bads(
    of: Counted, fault: Ints, cell: Ints, start: Ints, known: Ints, rows: Ints, rules: RatingRules
) -> tuple[Bad, ...]:
    order, found = list(rules.reasons), []
    for at, one in enumerate(rules.components.values()):
        if one.of == of:
            hit = np.flatnonzero(np.isin(fault, [order.index(reason) for reason in one.bad]))
            found.append(
                Bad(
                    component=at,
                    spread=1.0,
                    cell=cell[hit],
                    start=start[hit],
                    known=known[hit],
                    gone=np.full(len(hit), FOREVER),
                    amount=np.ones(len(hit)),
                    row=rows[hit],
                )
            )
    return tuple(found)


def _told(streams: Sequence[Stream], rules: RatingRules) -> tuple[tuple[Stream, ...], tuple[ComponentRule, ...]]:
    """Components of which no export shows a single bad case tell nobody from anybody: they are left out."""
    told = sorted(bad.component for one in streams for bad in one.bads if len(bad.row))
    kept = tuple(
        replace(one, bads=tuple(replace(bad, component=told.index(bad.component)) for bad in one.bads if len(bad.row)))
        for one in streams
    )
    return kept, tuple(list(rules.components.values())[at] for at in told)


def _spread(amount: Floats) -> float:
    return float(exact(amount**2).sum() / amount.sum()) if amount.any() else 1.0


def exact(values: Floats) -> Floats:
    """Rounded to 2^-20, so that sums of such numbers are exact and no order of rows changes a bit of them."""
    rounded: Floats = np.round(values * _EXACT) / _EXACT
    return rounded
