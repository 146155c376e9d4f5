"""Evidence: how many cases each card has and how many went wrong, mature and decayed, at any day.

A case weighs 0.5^(age / half-life). One that is too young for all of its trouble to show counts for the share F(age) of
trouble that shows by that age.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from core.base.arrays import Floats, Ints
from core.ratings.cases.case_matrix import CaseMatrix, StarWorth
from core.ratings.cases.case_streams import Bad, Stream, exact

_FAULTS_OF_A_MARKET, _FAULTS = 200, 20
"""Faults whose delays tell as much as those of all markets do of one, and as the even delay does of all."""


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Evidence of components by cell or card; shape (components, cells or cards) each."""

    n: Floats
    """Weighed cases."""
    squares: Floats
    """Sum of the squares of what age leaves of each: a case that weighs less is part of one."""
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

    def of(self, places: Ints) -> "CaseCounts":
        """The same of some cells or cards, in their order."""
        return CaseCounts(*(getattr(self, entry.name)[:, places] for entry in fields(self)))

    def effective(self) -> tuple[Floats, Floats]:
        """(n, k): as many equally weighed cases as tell the same, and the bad among them."""
        return effective(self.n, self.squares, self.k)

    def times(self, factor: Floats) -> "CaseCounts":
        """The same with each case counting as so many; `factor`: shape (components, cells or cards)."""
        return replace(self, n=self.n * factor, squares=self.squares * factor)

    def telling(self, share: Floats) -> "CaseCounts":
        """The same with a share of the bad cases; `share`: shape (components, cells or cards)."""
        return replace(self, k=self.k * share)

    def plus(self, other: "CaseCounts", sign: float = 1.0) -> "CaseCounts":
        """Both together; with sign -1 what is here and not in the other."""
        return CaseCounts(*(getattr(self, entry.name) + sign * getattr(other, entry.name) for entry in fields(self)))


def effective(n: Floats, squares: Floats, k: Floats) -> tuple[Floats, Floats]:
    """(n, k) from weighed cases, the sum of the squares of their weights, and weighed bad cases: Kish's effective sample size."""
    ratio = np.where(squares > 0, n / np.maximum(squares, 1e-300), 1.0)
    return n * ratio, k * ratio


def scatter(n: Floats, squares: Floats, spread: float) -> Floats:
    """Squares of weights, at least half the weighed cases, which is what they come to for a steady stream: so evidence that
    nothing follows fades. `spread`: how the variance of a count goes with its mean."""
    bounded: Floats = np.maximum(squares, n / 2) * spread
    return bounded


def learn_delays(matrix: CaseMatrix, as_of: int) -> Floats:
    """The share of the weighed trouble of mature cases that is known by each age, by market, at a day.

    A market leans to all, and all lean to trouble that comes evenly until cases are mature, so that no single fault decides.
    """
    mature, (markets, width) = matrix.rules.mature_after_days, matrix.delays.shape
    displayed = np.zeros((markets, width))
    for stream in (entry for entry in matrix.streams if entry.matures):
        for bad in stream.bads:
            old = (bad.start <= as_of - mature) & (bad.known <= as_of)
            market = matrix.cards.market[matrix.cell_card[bad.cell[old]]]
            np.add.at(displayed, (market, (bad.known - bad.start)[old]), bad.amount[old])
    all_, by_market = displayed.sum(axis=0), displayed.sum(axis=1, keepdims=True)
    even = np.arange(1.0, width + 1) / width
    everywhere = (np.cumsum(all_) + _FAULTS * even) / (all_.sum() + _FAULTS)
    delays: Floats = (np.cumsum(displayed, axis=1) + _FAULTS_OF_A_MARKET * everywhere) / (
        by_market + _FAULTS_OF_A_MARKET
    )
    return delays


def count(matrix: CaseMatrix, as_of: int, known_at: int | None = None) -> CaseCounts:
    """The evidence of each cell at a day; shape (components, cells).

    `known_at`: only what was known on an earlier day, as old as it is on `as_of`.
    """
    return count_by_half_lives(matrix, as_of, known_at, (matrix.rules.half_life_days,))[0]


def count_for_peers(matrix: CaseMatrix, as_of: int) -> tuple[CaseCounts, CaseCounts]:
    """The evidence of each cell at a day, as `count`, and the same by the half-life of peers."""
    rules = matrix.rules
    cells, lately = count_by_half_lives(matrix, as_of, None, (rules.half_life_days, rules.peers_half_life_days))
    return cells, lately


def count_by_half_lives(
    matrix: CaseMatrix, as_of: int, known_at: int | None, half_lives: Sequence[float]
) -> list[CaseCounts]:
    """As `count`, once for each half-life of cases; violations keep the rules'."""
    reported, shape = as_of if known_at is None else known_at, (len(matrix.components), len(matrix.cell_card))
    n, squares, k = (np.zeros((len(half_lives), *shape)) for _ in range(3))
    cases, bad_cases = np.zeros(shape), np.zeros(shape)
    for stream in matrix.streams:
        decays = _decays(matrix, stream, half_lives)
        total, squared, times = _cases(matrix, stream, as_of, reported, decays)
        each = matrix.star_worth.cases(stream)
        for at, spread in {bad.component: spread_of(bad, matrix.star_worth) for bad in stream.bads}.items():
            n[:, at] += each * total
            squares[:, at] += each * scatter(total, squared, spread)
            cases[at] += 0 if stream.came_late else times
        for bad in stream.bads:
            worth = matrix.star_worth.of(bad)
            if not worth:
                continue
            hit = _hits(matrix, bad, as_of, reported)
            cell, age, amount = bad.cell[hit], as_of - bad.start[hit], bad.amount[hit]
            k[:, bad.component] += worth * np.stack(
                [np.bincount(cell, exact(decay[age] * amount), shape[1]) for decay in decays]
            )
            if worth == 1 and not stream.came_late:
                bad_cases[bad.component] += np.bincount(cell, minlength=shape[1])
    k = np.maximum(k, 0.0)
    return [
        CaseCounts(*apart(matrix, n[of], squares[of], k[of]), k[of], cases, bad_cases) for of in range(len(half_lives))
    ]


def _decays(matrix: CaseMatrix, stream: Stream, half_lives: Sequence[float]) -> list[Floats]:
    """What is left of a case of the stream by its age in days, for each half-life; one for all where they make no difference."""
    rules = matrix.rules
    days = (rules.violation_half_life_days,) if stream.of == "orders" else half_lives
    return [0.5 ** (np.arange(rules.horizon_days + 1) / half_life) for half_life in days]


def _cases(
    matrix: CaseMatrix, stream: Stream, as_of: int, reported: int, decays: Sequence[Floats]
) -> tuple[Floats, Floats, Ints]:
    """(weighed cases, squares of what age leaves of each), shape (decays, cells), and how many cases each cell has."""
    size, rules = len(matrix.cell_card), matrix.rules
    counts = (stream.start <= reported) & (as_of - stream.start <= rules.horizon_days)
    here = slice(None) if counts.all() else np.flatnonzero(counts)
    start, cell, own = stream.start[here], stream.cell[here], stream.weight[here]
    visible = (
        matrix.delays[stream.market[here], np.minimum(reported - start, rules.mature_after_days)]
        if stream.matures
        else 1.0
    )
    total, squared = np.zeros((len(decays), size)), np.zeros((len(decays), size))
    for row, decay in enumerate(decays):
        fade = decay[as_of - start]
        weight = fade * own
        total[row] = np.bincount(cell, exact(weight * visible), size)
        squared[row] = np.bincount(cell, exact(weight * fade * visible), size)
    return total, squared, np.bincount(cell, minlength=size)


def _hits(matrix: CaseMatrix, bad: Bad, as_of: int, reported: int) -> Ints:
    """The bad cases that count at a day by what was known then."""
    counts = (bad.known <= reported) & (bad.gone > reported) & (bad.start <= reported)
    return np.flatnonzero(counts & (as_of - bad.start <= matrix.rules.horizon_days))


def spread_of(bad: Bad, star_worth: StarWorth) -> float:
    """How the variance of counts of such bad cases goes with their mean."""
    return star_worth.spread if bad.stars else bad.spread


def apart(matrix: CaseMatrix, n: Floats, squares: Floats, k: Floats) -> tuple[Floats, Floats]:
    """(n, squares) without the cases that another component of the same orders calls bad: they tell nothing of this one.

    So an order that goes wrong in one way is not taken for a good one in every other.
    """
    rows = [row for row, entry in enumerate(matrix.components) if entry.of == "deliveries"]
    remainder = n.copy()
    remainder[rows] = np.maximum(n[rows] - (k[rows].sum(axis=0) - k[rows]), k[rows])
    return remainder, squares * (remainder / np.maximum(n, 1e-300))


def only(matrix: CaseMatrix, cards: Ints) -> CaseMatrix:
    """What belongs to some cards (ascending); they take the places of its cells and of its cards."""
    position = np.full(matrix.cards.size, -1)
    position[cards] = np.arange(len(cards))
    of_cell = position[matrix.cell_card]
    return replace(
        matrix,
        cards=replace(matrix.cards, **{name: getattr(matrix.cards, name)[cards] for name in ("who", "role", "market")}),
        cell_card=np.arange(len(cards)),
        cell_category=np.zeros(len(cards), np.int64),
        streams=tuple(_only_stream(stream, of_cell) for stream in matrix.streams),
    )


def _only_stream(stream: Stream, of_cell: Ints) -> Stream:
    cell = of_cell[stream.cell]
    keep = cell >= 0
    bads = tuple(_only_bad(entry, of_cell) for entry in stream.bads)
    return replace(
        stream,
        cell=cell[keep],
        start=stream.start[keep],
        market=stream.market[keep],
        weight=stream.weight[keep],
        bads=bads,
    )


def _only_bad(bad: Bad, of_cell: Ints) -> Bad:
    cell = of_cell[bad.cell]
    keep = cell >= 0
    start, known, gone, amount, row = bad.start[keep], bad.known[keep], bad.gone[keep], bad.amount[keep], bad.row[keep]
    return replace(bad, cell=cell[keep], start=start, known=known, gone=gone, amount=amount, row=row)
