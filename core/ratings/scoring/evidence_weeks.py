"""The evidence of some cards at every refresh: each week the last one's decays, and what became known comes in."""

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import row_order
from core.ratings.cases.case_counts import apart, effective, scatter, spread_of
from core.ratings.cases.case_matrix import CaseMatrix, StarWorth
from core.ratings.cases.case_streams import Bad, Stream, exact
from core.workspace.read.rating_rows import FOREVER


class EvidenceWeeks:
    """Evidence of cards whose cells are the cards themselves (`case_counts.only`), asked for at days in ascending order."""

    def __init__(self, matrix: CaseMatrix, half_life: float | None = None) -> None:
        self._found, self._other = matrix, half_life
        self._streams = [_StreamWeeks(stream, matrix, self._half_life(stream)) for stream in matrix.streams]

    def at(self, day: int, delays: Floats, star_worth: StarWorth) -> tuple[Floats, Floats]:
        """Effective (n, k) at the end of a day, shape (components, cards); delays and worth of stars as known then."""
        shape = (len(self._found.components), self._found.cards.size)
        n, squares, k = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for stream in self._streams:
            cases, square = stream.cases(day, delays)
            for row, spread in {bad.component: spread_of(bad.bad, star_worth) for bad in stream.bads}.items():
                n[row] += stream.each(star_worth) * cases
                squares[row] += stream.each(star_worth) * scatter(cases, square, spread)
            for bad in stream.bads:
                k[bad.component] += star_worth.of(bad.bad) * bad.at(day)
        k = np.maximum(k, 0.0)
        return effective(*apart(self._found, n, squares, k), k)

    def _half_life(self, stream: Stream) -> float:
        rules = self._found.rules
        if self._other is not None:
            return self._other
        return rules.violation_half_life_days if stream.of == "orders" else rules.half_life_days


class _StreamWeeks:
    """The cases of a stream: the old ones as decayed sums, the young ones, of which the delays decide, one by one."""

    def __init__(self, stream: Stream, matrix: CaseMatrix, half_life: float) -> None:
        order = row_order(stream.start)
        self._start, self._card, self._market = (entry[order] for entry in (stream.start, stream.cell, stream.market))
        self._weight, self._half_life, self._size = stream.weight[order], half_life, matrix.cards.size
        self._wait = matrix.rules.mature_after_days if stream.matures else 0
        self._matures, self._old, self._day = stream.matures, 0, 0
        self._n, self._squares = np.zeros(self._size), np.zeros(self._size)
        self.bads = [_BadWeeks(bad, half_life, self._size) for bad in stream.bads]
        self._came_late = stream.came_late

    def each(self, star_worth: StarWorth) -> float:
        """How many cases each of its cases is."""
        return star_worth.late_cases if self._came_late else 1.0

    def cases(self, day: int, delays: Floats) -> tuple[Floats, Floats]:
        """(weighed cases, squares of their weights) of each card at a day."""
        fade = 0.5 ** ((day - self._day) / self._half_life)
        mature, end = np.searchsorted(self._start, (day - self._wait, day), side="right").tolist()
        n, squares = self._sums(slice(self._old, mature), day, 1.0)
        self._n, self._squares = self._n * fade + n, self._squares * fade * fade + squares
        self._old, self._day = mature, day
        if not self._matures:
            return self._n, self._squares
        young = slice(mature, end)
        n, squares = self._sums(young, day, delays[self._market[young], day - self._start[young]])
        return self._n + n, self._squares + squares

    def _sums(self, rows: slice, day: int, displayed: Floats | float) -> tuple[Floats, Floats]:
        fade = 0.5 ** ((day - self._start[rows]) / self._half_life)
        weight = self._weight[rows] * fade
        card = self._card[rows]
        total, squared = (np.bincount(card, exact(entry * displayed), self._size) for entry in (weight, weight * fade))
        return total.astype(np.float64), squared.astype(np.float64)


class _BadWeeks:
    """The bad cases of a component: in when they become known, out when they no longer count."""

    def __init__(self, bad: Bad, half_life: float, cards: int) -> None:
        self.bad, self.component = bad, bad.component
        self._half_life, self._size, self._day = half_life, cards, 0
        self._k = np.zeros(cards)
        known, gone = np.maximum(bad.known, bad.start), np.maximum(bad.gone, np.maximum(bad.known, bad.start))
        ends = gone < FOREVER
        self._in, self._out = self._sorted(bad, known, np.ones(len(known), bool)), self._sorted(bad, gone, ends)
        self._entered = self._left = 0

    def at(self, day: int) -> Floats:
        """Weighed bad cases of each card at a day."""
        self._k = self._k * 0.5 ** ((day - self._day) / self._half_life)
        entered, left = (int(np.searchsorted(entry[0], day, side="right")) for entry in (self._in, self._out))
        self._k += self._sum(self._in, self._entered, entered, day) - self._sum(self._out, self._left, left, day)
        self._entered, self._left, self._day = entered, left, day
        return np.maximum(self._k, 0.0)

    def _sorted(self, bad: Bad, moment: Ints, keep: Flags) -> tuple[Ints, Ints, Ints, Floats]:
        order = row_order(moment[keep])
        when, start, card = (entry[keep][order] for entry in (moment, bad.start, bad.cell))
        return when, start, card, bad.amount[keep][order]

    def _sum(self, rows: tuple[Ints, Ints, Ints, Floats], first: int, last: int, day: int) -> Floats:
        if first == last:
            return np.zeros(self._size)
        _, start, card, amount = (entry[first:last] for entry in rows)
        weight = exact(0.5 ** ((day - start) / self._half_life) * amount)
        return np.bincount(card, weight, self._size).astype(np.float64)
