"""Evidence: how many cases each card has and how many went wrong, ripe and decayed, at any day.

A case weighs 0.5^(age / half-life). One that is too young for all of its trouble to show counts for the share F(age) of
trouble that shows by that age.
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from core.base.arrays import Floats, Ints
from core.ratings.cases.case_matrix import Bad, CaseMatrix, Stream, exact

_ENOUGH_OF_A_MARKET, _ENOUGH = 200, 50
"""Faults from which the delay of a market, and of all markets, can be learnt."""


@dataclass(frozen=True, slots=True)
class CaseCounts:
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

    def by(self, group: Ints, size: int) -> "CaseCounts":
        """The same, added up over groups."""

        def added(values: Floats) -> Floats:
            return np.stack([np.bincount(group, row, size) for row in values]) if len(values) else np.zeros((0, size))

        return CaseCounts(added(self.n), added(self.squares), added(self.k), added(self.cases), added(self.bad))

    def effective(self) -> tuple[Floats, Floats]:
        """(n, k): as many equally weighed cases as tell the same, and the bad among them."""
        return effective(self.n, self.squares, self.k)

    def plus(self, other: "CaseCounts", sign: float = 1.0) -> "CaseCounts":
        """Both together; with sign -1 what is here and not in the other."""
        return CaseCounts(*(getattr(self, one.name) + sign * getattr(other, one.name) for one in fields(self)))


def effective(n: Floats, squares: Floats, k: Floats) -> tuple[Floats, Floats]:
    """(n, k) from weighed cases, the sum of the squares of their weights, and weighed bad cases.

    Kish's effective sample size, but at most twice the weighed cases, which is what it comes to for a steady stream: so
    evidence that nothing follows fades.
    """
    ratio = np.where(squares > 0, np.minimum(n / np.maximum(squares, 1e-300), 2.0), 1.0)
    return n * ratio, k * ratio


def learn_delays(found: CaseMatrix, as_of: int) -> Floats:
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


def count(found: CaseMatrix, as_of: int, known_at: int | None = None, half_life: float | None = None) -> CaseCounts:
    """The evidence of each cell at a day; shape (components, cells).

    `known_at`: only what was known on an earlier day, as old as it is on `as_of`. `half_life`: another one than the rules'
    for cases; violations keep theirs.
    """
    told, rules, size = as_of if known_at is None else known_at, found.rules, len(found.cell_card)
    shape = (len(found.components), size)
    n, squares, k, cases, bad_cases = (np.zeros(shape) for _ in range(5))
    for stream in found.streams:
        days = rules.violation_half_life_days if stream.of == "orders" else half_life or rules.half_life_days
        decay = 0.5 ** (np.arange(rules.horizon_days + 1) / days)
        here = np.flatnonzero((stream.start <= told) & (as_of - stream.start <= rules.horizon_days))
        weight, cell = decay[as_of - stream.start[here]], stream.cell[here]
        seen = (
            found.delays[stream.market[here], np.minimum(told - stream.start[here], rules.ripe_days)]
            if stream.ripens
            else 1.0
        )
        of_stream = (
            np.bincount(cell, exact(weight * seen), size),
            np.bincount(cell, exact(weight * weight * seen), size),
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
            k[at] = np.bincount(bad.cell[hit], exact(decay[as_of - bad.start[hit]] * bad.amount[hit]), size)
            cases[at], bad_cases[at] = times, np.bincount(bad.cell[hit], minlength=size)
    return CaseCounts(n, squares, k, cases, bad_cases)


def only(found: CaseMatrix, cards: Ints) -> CaseMatrix:
    """What belongs to some cards (ascending); they take the places of its cells and of its cards."""
    place = np.full(found.cards.size, -1)
    place[cards] = np.arange(len(cards))
    of_cell = place[found.cell_card]
    return replace(
        found,
        cards=replace(found.cards, **{name: getattr(found.cards, name)[cards] for name in ("who", "role", "market")}),
        cell_card=np.arange(len(cards)),
        cell_category=np.zeros(len(cards), np.int64),
        streams=tuple(_only_stream(stream, of_cell) for stream in found.streams),
    )


def _only_stream(stream: Stream, of_cell: Ints) -> Stream:
    cell = of_cell[stream.cell]
    keep = cell >= 0
    bads = tuple(_only_bad(one, of_cell) for one in stream.bads)
    return replace(stream, cell=cell[keep], start=stream.start[keep], market=stream.market[keep], bads=bads)


def _only_bad(bad: Bad, of_cell: Ints) -> Bad:
    cell = of_cell[bad.cell]
    keep = cell >= 0
    start, known, gone, amount, row = bad.start[keep], bad.known[keep], bad.gone[keep], bad.amount[keep], bad.row[keep]
    return Bad(
        component=bad.component,
        spread=bad.spread,
        cell=cell[keep],
        start=start,
        known=known,
        gone=gone,
        amount=amount,
        row=row,
    )
