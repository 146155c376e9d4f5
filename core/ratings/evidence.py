"""Evidence: how many cases each card has and how many went wrong, ripe and decayed, at any day.

A card is one of the crowd in one role and market; its cells are its categories. A case weighs 0.5^(age / half-life). One
that is too young for all of its trouble to show counts for the share F(age) of trouble that shows by that age. Weights are
rounded to 2^-20, so that sums are exact and no order of rows changes a bit of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.catalogue.rules import ComponentRule, Counted, Rules
from core.ratings.cases import Cases, Offences
from core.ratings.crowd import Crowd
from core.ratings.stars import worth
from core.workspace.people import FOREVER

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_EXACT = float(1 << 20)
_ENOUGH_OF_A_MARKET, _ENOUGH = 200, 50
"""Faults from which the delay of a market, and of all markets, can be learnt."""


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


@dataclass(frozen=True, slots=True)
class Bad:
    """What went wrong, for one component; one element an event."""

    component: int
    cell: Ints
    start: Ints
    """Day of the case: its age decides the weight."""
    known: Ints
    gone: Ints
    """The day from which it no longer counts (overturned); FOREVER otherwise."""
    amount: Floats
    row: Ints
    """Of the cases, or of the offences."""

    @property
    def spread(self) -> float:
        """How the variance of such counts goes with their mean: 1 when each bad case counts one, like Poisson's."""
        return float(_exact(self.amount**2).sum() / self.amount.sum()) if len(self.amount) else 1.0


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Frame:
    """All that counting at any day needs."""

    rules: Rules
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


@dataclass(frozen=True, slots=True)
class Counts:
    """Evidence of components by cell or card; shape (components, cells or cards) each."""

    n: Floats
    """Weighed cases."""
    squares: Floats
    """Sum of the squares of their weights."""
    k: Floats
    """Weighed bad cases."""
    cases: Floats
    """Cases, each once."""
    bad: Floats

    def by(self, group: Ints, size: int) -> "Counts":
        """The same, added up over groups."""

        def added(values: Floats) -> Floats:
            return np.stack([np.bincount(group, row, size) for row in values]) if len(values) else np.zeros((0, size))

        return Counts(added(self.n), added(self.squares), added(self.k), added(self.cases), added(self.bad))

    def effective(self) -> tuple[Floats, Floats]:
        """(n, k): as many equally weighed cases as tell the same (Kish's effective sample size), and the bad among them."""
        ratio = np.where(self.squares > 0, self.n / np.maximum(self.squares, 1e-300), 1.0)
        return self.n * ratio, self.k * ratio


def frame(cases: Cases, roles: Ints, offences: Offences, offence_roles: Ints, crowd: Crowd, words: tuple[str, ...],
          idle: Ints, rules: Rules) -> Frame:  # fmt: skip
    """Sorts cases and offences into cards and cells. `idle`: keys of cards that exist without any case (`card_keys`)."""
    rated, charged = np.flatnonzero(cases.who > 0), np.flatnonzero(offences.who > 0)
    markets, categories = len(crowd.markets.words), len(crowd.categories.words)
    case_keys = card_keys(cases.who[rated], roles[rated], cases.market[rated], len(words), markets)
    offence_keys = card_keys(
        offences.who[charged], offence_roles[charged], offences.market[charged], len(words), markets
    )
    offence_keys = _nearest(offence_keys, np.concatenate([case_keys, idle]), markets)
    cells = np.concatenate(
        [case_keys * categories + cases.category[rated], offence_keys * categories + offences.category[charged]]
    )
    known, place = np.unique(np.concatenate([cells, idle * categories]), return_inverse=True)
    keys, cell_card = np.unique(known // categories, return_inverse=True)
    cards = Cards(keys // markets // len(words), keys // markets % len(words), keys % markets, words)
    case_cell, offence_cell = place[: len(rated)], place[len(rated) : len(cells)]
    controls = np.array([[reason in rules.role(word).controls for reason in rules.reasons] for word in words])
    streams: tuple[Stream, ...] = (
        _deliveries(cases, rated, case_cell, roles, controls, rules),
        _dispatches(cases, rated, case_cell, roles, controls, rules),
        _orders(cases, rated, case_cell, offences, charged, offence_cell, rules),
    )
    streams, components = _told(streams, rules)
    first = min((int(one.start.min()) for one in streams if len(one.start)), default=0)
    empty = np.ones((markets, rules.ripe_days + 1))
    return Frame(rules, components, cards, cell_card, known % categories, streams, empty, first)


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


def _deliveries(cases: Cases, rated: Ints, cell: Ints, roles: Ints, controls: Flags, rules: Rules) -> Stream:
    """Orders that arrived in time, those spoilt by somebody else left out."""
    base, fault, role = cases.base[rated], cases.fault[rated], roles[rated]
    others = (fault >= 0) & ~controls[role, fault]
    keep = (base > 0) & ~cases.late[rated] & ~others
    rows, cell, base, fault = rated[keep], cell[keep], base[keep], fault[keep]
    known = np.maximum(cases.known[rows], base)
    # trouble that comes when nobody waits for it any more would count for some and not for others
    fault = np.where(known - base > rules.ripe_days, -1, fault)
    bads = _bads("deliveries", fault, cell, base, known, rows, rules)
    bads = _with_stars(bads, cases, cell, base, fault, rows, rules)
    return Stream("deliveries", cell, base, cases.market[rows], bads)


def _with_stars(bads: tuple[Bad, ...], cases: Cases, cell: Ints, base: Ints, fault: Ints, rows: Ints,
                rules: Rules) -> tuple[Bad, ...]:  # fmt: skip
    """Middling reviews count in part, as far as they go together with bad ones, where unexplained bad reviews count."""
    stars, known = cases.stars[rows], np.maximum(cases.reviewed[rows], base)
    parts = worth(cases.who[rows], stars)
    some = np.flatnonzero((fault < 0) & (parts[stars] > 0) & (known - base <= rules.ripe_days))
    holders = [at for at, one in enumerate(rules.components.values()) if "unexplained" in one.bad]
    more = Bad(
        -1, cell[some], base[some], known[some], np.full(len(some), FOREVER), _exact(parts[stars[some]]), rows[some]
    )
    return tuple(_joined(one, more) if one.component in holders else one for one in bads)


def _joined(one: Bad, more: Bad) -> Bad:
    columns = ("cell", "start", "known", "gone", "amount", "row")
    cell, start, known, gone, amount, row = (np.concatenate([getattr(one, x), getattr(more, x)]) for x in columns)
    return Bad(one.component, cell, start, known, gone, amount, row)


def _dispatches(cases: Cases, rated: Ints, cell: Ints, roles: Ints, controls: Flags, rules: Rules) -> Stream:
    """Dispatches that were due, of roles that answer for them."""
    due, fault, role = cases.due[rated], cases.dispatch[rated], roles[rated]
    keep = (due > 0) & ~((fault >= 0) & ~controls[role, fault])
    rows, cell, due = rated[keep], cell[keep], due[keep]
    bads = _bads("dispatches", fault[keep], cell, due, due, rows, rules)
    return Stream("dispatches", cell, due, cases.market[rows], bads)


def _orders(cases: Cases, rated: Ints, cell: Ints, offences: Offences, charged: Ints, offence_cell: Ints,
            rules: Rules) -> Stream:  # fmt: skip
    """All orders, against which violations are held; each weighs its points over those of the average one."""
    day, points = offences.day[charged], _exact(offences.points[charged])
    amount = _exact(points / (points.sum() / len(points))) if points.any() else np.ones(len(points))
    gone = np.where(offences.overturned[charged] > 0, offences.overturned[charged], FOREVER)
    bads = tuple(
        Bad(at, offence_cell, day, day, gone, amount, charged)
        for at, one in enumerate(rules.components.values())
        if one.of == "orders"
    )
    return Stream("orders", cell, cases.day[rated], cases.market[rated], bads)


def _bads(of: Counted, fault: Ints, cell: Ints, start: Ints, known: Ints, rows: Ints, rules: Rules) -> tuple[Bad, ...]:
    order, found = list(rules.reasons), []
    for at, one in enumerate(rules.components.values()):
        if one.of == of:
            hit = np.flatnonzero(np.isin(fault, [order.index(reason) for reason in one.bad]))
            found.append(
                Bad(at, cell[hit], start[hit], known[hit], np.full(len(hit), FOREVER), np.ones(len(hit)), rows[hit])
            )
    return tuple(found)


def _told(streams: Sequence[Stream], rules: Rules) -> tuple[tuple[Stream, ...], tuple[ComponentRule, ...]]:
    """Components of which no export shows a single bad case tell nobody from anybody: they are left out."""
    told = sorted(bad.component for one in streams for bad in one.bads if len(bad.row))
    kept = tuple(
        replace(one, bads=tuple(replace(bad, component=told.index(bad.component)) for bad in one.bads if len(bad.row)))
        for one in streams
    )
    return kept, tuple(list(rules.components.values())[at] for at in told)


def learn_delays(found: Frame, as_of: int) -> Floats:
    """F of each market as known at a day: share of the trouble of ripe cases that showed by each age.

    A market with too few takes that of all; without any experience trouble is taken to come evenly until cases are ripe.
    """
    ripe, (markets, width) = found.rules.ripe_days, found.delays.shape
    shown = np.zeros((markets, width))
    for stream in (one for one in found.streams if one.ripens):
        for bad in stream.bads:
            old = (bad.start <= as_of - ripe) & (bad.known <= as_of)
            market = found.cards.market[found.cell_card[bad.cell[old]]]
            np.add.at(shown, (market, (bad.known - bad.start)[old]), 1.0)
    all_, by_market = shown.sum(axis=0), shown.sum(axis=1, keepdims=True)
    even = np.arange(1.0, width + 1) / width
    everywhere = np.cumsum(all_) / all_.sum() if all_.sum() >= _ENOUGH else even
    own = np.cumsum(shown, axis=1) / np.maximum(by_market, 1)
    delays: Floats = np.where(by_market >= _ENOUGH_OF_A_MARKET, own, everywhere)
    return delays


def count(found: Frame, as_of: int, known_at: int | None = None) -> Counts:
    """The evidence of each cell at a day; shape (components, cells).

    `known_at`: only what was known on an earlier day, as old as it is on `as_of`.
    """
    told, rules, size = as_of if known_at is None else known_at, found.rules, len(found.cell_card)
    shape = (len(found.components), size)
    n, squares, k, cases, bad_cases = (np.zeros(shape) for _ in range(5))
    for stream in found.streams:
        half_life = rules.violation_half_life_days if stream.of == "orders" else rules.half_life_days
        decay = 0.5 ** (np.arange(rules.horizon_days + 1) / half_life)
        here = np.flatnonzero((stream.start <= told) & (as_of - stream.start <= rules.horizon_days))
        weight, cell = decay[as_of - stream.start[here]], stream.cell[here]
        seen = (
            found.delays[stream.market[here], np.minimum(told - stream.start[here], rules.ripe_days)]
            if stream.ripens
            else 1.0
        )
        of_stream = (
            np.bincount(cell, _exact(weight * seen), size),
            np.bincount(cell, _exact(weight * weight * seen), size),
        )
        times = np.bincount(cell, minlength=size)
        for bad in stream.bads:
            hit = np.flatnonzero(
                (bad.known <= told)
                & (bad.gone > told)
                & (bad.start <= told)
                & (as_of - bad.start <= rules.horizon_days)
            )
            at = bad.component
            n[at], squares[at] = of_stream[0], of_stream[1] * bad.spread
            k[at] = np.bincount(bad.cell[hit], _exact(decay[as_of - bad.start[hit]] * bad.amount[hit]), size)
            cases[at], bad_cases[at] = times, np.bincount(bad.cell[hit], minlength=size)
    return Counts(n, squares, k, cases, bad_cases)


def _exact(values: Floats) -> Floats:
    rounded: Floats = np.round(values * _EXACT) / _EXACT
    return rounded
