"""All conjunctions of dimensions: for each cuboid, what the leaves of its elements sum up to.

The cuboids are walked as a prefix tree; a roll-up is a mixed-radix number and `numpy.bincount`. An element whose leaves
together could not pay its price is not looked into further: a bound that only falls from a whole to its parts, as support does
in Apriori (Agrawal & Srikant, VLDB 1994).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb, log

import numpy as np

from core.causes.localise.evidence import Evidence
from core.causes.localise.table import Codes, Floats, Rows

EXTRA = 5.0
"""Nats that a cause costs beside its name: that there is one, and its deviation."""
_DENSE = 4
"""Elements are numbered by those that occur when there could be this many times more of them than leaves."""
_MANY_LEAVES = 150
"""Elements of so many leaves are nearly never hopeless: the bound is not even computed."""
_VISITS = 40_000_000
"""Leaves x cuboids that are summed up in full; deeper cuboids of larger tables are searched by their odd leaves alone."""
_SCATTERED = 16
"""Sums are mended one by one when this many times more elements stay as they are."""
_COARSE = 2
"""Dimensions up to which elements are coarse."""
_CALM, _ITS_SQUARE = 0.25, 0.1015
"""The quantile of squared scores that is read, low since causes may still be among them, and its value for chi-square."""
_LOOSEST = 0.02
"""Forecasts of whole elements may err by up to a seventh."""
_CLEARLY, _FEWEST = 1.5, 20
"""By how much squared scores must be wider than noise, in cuboids of at least so many elements."""
_LOOSE = 400.0
"""How well the general factor is known beforehand: to one part in twenty (1 / variance)."""
_ODD = 1.125
"""Nats from which on a leaf counts as odd (1.5 standard deviations)."""


@dataclass(slots=True)
class Cuboid:
    """The elements over some dimensions, and their sums over the leaves that no cause owns yet."""

    axes: tuple[int, ...]
    """In the order of the walk."""
    price: float
    """Nats that one of its elements costs."""
    odd_only: bool
    """Whether only odd leaves were summed: then `pulls` are their nats, with the sign of the deviation."""
    parent: "Cuboid | None"
    radix: int
    occurring: Rows | None
    """Mixed-radix numbers that occur, ascending, if elements are numbered by their place here; None = by themselves."""
    pulls: Floats
    weights: Floats
    gains: Floats
    """Nats that each element promises, net of its price."""
    alive: Rows | None = None
    """By element: its number among those that are looked into further, -1 for the others; None = all are, as they are."""

    def numbers(self, codes: Codes, before: Rows | None) -> Rows:
        """The element that each row of live codes is in, -1 where it is in none that was looked into. `before` are the
        numbers of the parent."""
        code = codes[:, self.axes[-1]].astype(np.int64)
        if self.parent is None or before is None:
            return code
        if self.parent.alive is not None:
            before = np.where(before >= 0, self.parent.alive[before], -1)
        number = np.where((before >= 0) & (code >= 0), before * self.radix + code, -1)
        return number if self.occurring is None else _places(self.occurring, number)

    def codes_of(self, number: int) -> tuple[int, ...]:
        """The live codes of an element, along `axes`."""
        if self.parent is None:
            return (number,)
        mixed = number if self.occurring is None else int(self.occurring[number])
        before, code = divmod(mixed, self.radix)
        if self.parent.alive is not None:
            before = int(np.flatnonzero(self.parent.alive == before)[0])
        return *self.parent.codes_of(before), code


class Lattice:
    """The cuboids of a table and what their elements promise."""

    def __init__(self, codes: Codes, evidence: Evidence, loose: float = 0.0) -> None:
        """`loose` is the variance of the deviations of whole ordinary elements."""
        self.codes, self.evidence, self.loose = codes, evidence, loose
        self._pull, self._weight = float(evidence.pulls.sum()), float(evidence.weights.sum())
        d = codes.shape[1]
        self._radix = [int(codes[:, j].max()) + 1 for j in range(d)]
        self._full = self._affordable()
        self._up = np.where(evidence.scores > 0, evidence.worth, 0.0)
        self._odd = np.flatnonzero(evidence.worth > _ODD) if self._full < d else np.zeros(0, np.int64)
        self._live_values = [self._live(j) for j in range(d)]
        self._columns = [self._live_column(j) for j in range(d)]
        self._order = sorted(range(d), key=lambda j: (-self._radix[j], j))
        self.cuboids: list[Cuboid] = []
        for place in range(d):
            self._grow(None, place, None, None)

    def price(self, axes: tuple[int, ...]) -> float:
        """Nats to say which element of which cuboid is meant, log(elements) + log(cuboids of as many dimensions), and `EXTRA`."""
        n, d = self.codes.shape
        elements = min(float(np.prod([float(self._radix[j]) for j in axes])), float(n))
        return log(max(elements, 2.0)) + log(comb(d, len(axes))) + EXTRA

    def strongest(self, odd_only: bool) -> Iterator[tuple[float, tuple[int, ...], tuple[int, ...]]]:
        """(promise, axes, codes) of the most promising element of each cuboid, of those summed in full or by odd leaves."""
        for cuboid in self.cuboids:
            if cuboid.odd_only != odd_only:
                continue
            best = int(np.argmax(cuboid.gains))
            live = cuboid.codes_of(best)
            codes = tuple(self._value(axis, code) for axis, code in zip(cuboid.axes, live, strict=True))
            yield float(cuboid.gains[best]), cuboid.axes, codes

    def take(self, rows: Rows) -> None:
        """Takes leaves out of all sums: a cause owns them."""
        codes = np.stack([column[rows] for column in self._columns], axis=1)
        odd = self.evidence.worth[rows] > _ODD
        self._pull -= float(self.evidence.pulls[rows].sum())
        self._weight -= float(self.evidence.weights[rows].sum())
        known: dict[tuple[int, ...], Rows] = {}
        for cuboid in self.cuboids:
            number = known[cuboid.axes] = cuboid.numbers(codes, known.get(cuboid.axes[:-1]))
            inside = (number >= 0) & odd if cuboid.odd_only else number >= 0
            number, mine = number[inside], rows[inside]
            for sums, one in zip((cuboid.pulls, cuboid.weights), self._summands(mine, cuboid.odd_only), strict=True):
                if len(number) * _SCATTERED < len(sums):
                    np.subtract.at(sums, number, one)
                else:
                    sums -= _sums(number, one, len(sums))
            cuboid.gains = self._gains(cuboid)

    def looseness(self) -> float:
        """Variance of the deviations of whole ordinary elements beyond what the noise of their leaves explains.

        Forecasts of whole elements err too, so that large ones would otherwise always seem odd (the empirical null of Efron
        2004). 0 unless the elements that are left clearly say so.
        """
        rest = float(self._rest(np.zeros(1), np.zeros(1))[0])
        scored = []
        for cuboid in self.cuboids:
            filled = cuboid.weights > 1e-9 * cuboid.weights.max()
            if len(cuboid.axes) <= _COARSE and filled.sum() >= _FEWEST:
                weights = cuboid.weights[filled]
                scored.append(((cuboid.pulls[filled] - rest * weights) ** 2 / weights, weights))
        if not scored:
            return 0.0

        def width(loose: float) -> float:
            calm = [float(np.quantile(squares / (1 + weights * loose), _CALM)) for squares, weights in scored]
            return float(np.median(calm)) / _ITS_SQUARE

        if width(0.0) < _CLEARLY:
            return 0.0
        tries = np.geomspace(1e-8, _LOOSEST, 40)
        return float(min(tries, key=lambda one: abs(np.log(width(one)))))

    def credit(self, rows: Rows) -> float:
        """The part of these leaves' evidence that stands when whole elements err together."""
        return 1 / (1 + float(self.evidence.weights[rows].sum()) * self.loose)

    def rest_of(self, rows: Rows) -> float:
        """Mean deviation of the leaves that no cause owns and that are not these."""
        pulls, weights = self.evidence.pulls[rows].sum(), self.evidence.weights[rows].sum()
        return float(self._rest(pulls, weights))

    def _rest(self, pulls: Floats, weights: Floats) -> Floats:
        return (self._pull - pulls) / (np.maximum(self._weight - weights, 0.0) + _LOOSE)

    def _affordable(self) -> int:
        """How many layers are summed up in full."""
        n, d = self.codes.shape
        visits = np.cumsum([comb(d, layer) * n for layer in range(1, d + 1)])
        return int(max(np.searchsorted(visits, _VISITS, side="right"), min(d, 2)))

    def _live(self, axis: int) -> Rows | None:
        """The values of a dimension that could have a part in a cause; None = all."""
        if len(self.codes) > _MANY_LEAVES * self._radix[axis]:
            return None
        column = self.codes[:, axis]
        up = np.bincount(column, self._up, minlength=self._radix[axis])
        down = np.bincount(column, self.evidence.worth, minlength=self._radix[axis]) - up
        return np.flatnonzero(np.maximum(up, down) > self.price((axis,)))

    def _live_column(self, axis: int) -> Codes:
        values = self._live_values[axis]
        if values is None:
            return self.codes[:, axis]
        number = np.full(self._radix[axis], -1, np.int32)
        number[values] = np.arange(len(values), dtype=np.int32)
        return number[self.codes[:, axis]]

    def _value(self, axis: int, live: int) -> int:
        values = self._live_values[axis]
        return live if values is None else int(values[live])

    def _grow(self, parent: Cuboid | None, place: int, before: Rows | None, rows: Rows | None) -> None:
        """Sums up the cuboid that adds the dimension at `place` of the walk, then those that add later ones.

        `rows` are the leaves that are looked into (None = all), `before` the numbers of their elements among the parent's
        alive ones.
        """
        axis = self._order[place]
        values = self._live_values[axis]
        radix = self._radix[axis] if values is None else len(values)
        axes = (axis,) if parent is None else (*parent.axes, axis)
        odd_only = len(axes) > self._full
        if odd_only and not (parent and parent.odd_only):
            rows, before = self._narrowed(rows, before)
        code = self._columns[axis] if rows is None else self._columns[axis][rows]
        if values is not None:
            inside = np.flatnonzero(code >= 0)
            rows, code = inside if rows is None else rows[inside], code[inside]
            before = None if before is None else before[inside]
        if not len(code):
            return
        key = code.astype(np.int64) if before is None else before * radix + code
        size = (
            radix
            if parent is None
            else radix * (len(parent.gains) if parent.alive is None else int(parent.alive.max()) + 1)
        )
        occurring = None
        if size > _DENSE * len(self.codes) + 1024:
            occurring, key = np.unique(key, return_inverse=True)
            size = len(occurring)
        pulls, weights = (_sums(key, one, size) for one in self._summands(rows, odd_only))
        cuboid = Cuboid(axes, self.price(axes), odd_only, parent, radix, occurring, pulls, weights, np.zeros(size))
        cuboid.gains = self._gains(cuboid)
        self.cuboids.append(cuboid)
        if place + 1 < len(self._order):
            self._descend(cuboid, place, key, rows)

    def _descend(self, cuboid: Cuboid, place: int, key: Rows, rows: Rows | None) -> None:
        size = len(cuboid.gains)
        if len(key) <= _MANY_LEAVES * size:
            up = self._up if rows is None else self._up[rows]
            worth = self.evidence.worth if rows is None else self.evidence.worth[rows]
            upward = np.bincount(key, up, minlength=size)
            downward = np.bincount(key, worth, minlength=size) - upward
            hopeful = np.maximum(upward, downward) > cuboid.price
            cuboid.alive = np.where(hopeful, np.cumsum(hopeful) - 1, -1)
            key = cuboid.alive[key]
            inside = np.flatnonzero(key >= 0)
            key, rows = key[inside], inside if rows is None else rows[inside]
        if len(key):
            for later in range(place + 1, len(self._order)):
                self._grow(cuboid, later, key, rows)

    def _narrowed(self, rows: Rows | None, before: Rows | None) -> tuple[Rows, Rows | None]:
        """Odd leaves only."""
        if rows is None:
            return self._odd, None if before is None else before[self._odd]
        odd = np.flatnonzero(self.evidence.worth[rows] > _ODD)
        return rows[odd], None if before is None else before[odd]

    def _summands(self, rows: Rows | None, odd_only: bool) -> tuple[Floats, Floats]:
        held = slice(None) if rows is None else rows
        if odd_only:
            return np.copysign(self.evidence.worth[held], self.evidence.scores[held]), self.evidence.weights[held]
        return self.evidence.pulls[held], self.evidence.weights[held]

    def _gains(self, cuboid: Cuboid) -> Floats:
        pulls, weights = cuboid.pulls, cuboid.weights
        if cuboid.odd_only:
            usual = weights * (pulls.sum() / max(weights.sum(), 1e-300))  # odd leaves of few counts are mostly above
            return np.asarray(np.abs(pulls - usual) / (1 + weights * self.loose) - cuboid.price)
        # what the other leaves share is no cause: only the pull beyond it counts
        shared = self._rest(pulls, weights) * weights
        beyond = np.where(
            pulls > 0, np.maximum(pulls - np.maximum(shared, 0), 0), np.minimum(pulls - np.minimum(shared, 0), 0)
        )
        filled = weights > 1e-9 * weights.max()
        gains: Floats = np.divide(
            beyond * beyond, 2 * weights * (1 + weights * self.loose), out=np.zeros(len(pulls)), where=filled
        )
        return gains - cuboid.price


def _sums(key: Rows, summands: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(key, summands, minlength=size), np.float64)


def _places(sorted_numbers: Rows, numbers: Rows) -> Rows:
    """The place of each number among ascending ones, -1 for those that are not there."""
    if not len(sorted_numbers):
        return np.full(len(numbers), -1)
    place = np.minimum(np.searchsorted(sorted_numbers, numbers), len(sorted_numbers) - 1)
    return np.where(sorted_numbers[place] == numbers, place, -1)
