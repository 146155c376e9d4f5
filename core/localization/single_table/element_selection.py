"""Takes out the element that shortens the description of the table most, until none does.

What a cause costs is the length of its name (Rissanen's minimum description length: log of the number of elements that it could
have been), what it brings is the likelihood ratio of its leaves. An element is split when some of its parts say it in less; what
another cause explains does not count against it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from math import log

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Codes, Floats
from core.localization.single_table.cuboid_sums import CuboidSums
from core.localization.single_table.leaf_evidence import EXTRA, Fit, LeafEvidence
from core.localization.single_table.leaf_table import Rows, renumbered

Name = tuple[tuple[int, ...], tuple[int, ...]]
"""Dimensions of an element, and its codes along them."""

_MOST = 40
"""Most causes that are reported."""
_CANDIDATES = 8
"""Elements that are weighed leaf by leaf in each round."""
_PROMISING = 0.25
"""Elements are weighed that promise so much of what the most promising one does."""
_OTHERS = 4
"""Other causes that are looked for inside an element before it is split."""
_FAR_APART = 1e9
"""Ratios of value to mean beyond which all are alike: one of the two is next to nothing."""
_VISITS = 4_000_000
"""Leaves x cuboids that a split is looked for in."""


@dataclass(frozen=True, kw_only=True)
class Element:
    """A conjunction: the codes of some dimensions, its leaves that no other cause owns, and what it saves."""

    axes: tuple[int, ...]
    codes: tuple[int, ...]
    rows: Rows
    fit: Fit
    gain: float
    """Nats saved, net of its price."""

    @property
    def name(self) -> Name:
        """Axes and codes, in the order of the axes."""
        order = sorted(range(len(self.axes)), key=lambda k: self.axes[k])
        return tuple(self.axes[k] for k in order), tuple(self.codes[k] for k in order)

    def holds(self, codes: Codes) -> NDArray[np.bool_]:
        """Which of these leaves are inside."""
        inside = np.ones(len(codes), bool)
        for axis, code in zip(self.axes, self.codes, strict=True):
            inside &= codes[:, axis] == code
        return inside


@dataclass(frozen=True)
class Split:
    """The parts of an element along further dimensions."""

    extra: tuple[int, ...]
    key: Rows
    """The part that each leaf of the element is in."""
    saved: Floats
    """Nats that each part saves with the deviation of the whole, shape (parts,)."""


class Round:
    """The search with one idea of noise and general factor."""

    def __init__(self, codes: Codes, evidence: LeafEvidence, loose: float, uneven: bool) -> None:
        """`loose` is the variance of the deviations of whole ordinary elements; an `uneven` cause may spare a part of its
        element."""
        self.codes, self.evidence, self.uneven = codes, evidence, uneven
        self.free = np.ones(len(codes), bool)
        self.lattice = CuboidSums(codes, evidence, loose)
        self.found: list[Element] = []
        self._told: set[Name] = set()
        self._fits: dict[Name, tuple[int, Fit]] = {}

    def play(self) -> "Round":
        """Takes elements out until none pays its price."""
        while len(self.found) < _MOST and self.free.any():
            element = self._next()
            if element is None:
                break
            element = self._shortest(element)
            self.found.append(element)
            self._told.add(element.name)
            self.free[element.rows] = False
            self.lattice.take(element.rows)
        self._join()
        self.found = [cause for cause in self.found if not self._follows(cause)]
        return self

    def _join(self) -> None:
        """What was taken out before the element that all its leaves are in, and moved as it did, is said with it."""
        by_name = {element.name: element for element in self.found}
        for name in sorted(by_name, key=lambda name: len(name[0])):
            if name not in by_name:
                continue
            for other in [other for other in by_name if other != name]:
                whole, part = by_name[name], by_name[other]
                if not whole.holds(self.codes[part.rows]).all():
                    continue
                joined = self._element(whole.axes, whole.codes, np.concatenate([whole.rows, part.rows]))
                if joined.gain >= whole.gain + part.gain:
                    by_name[name] = joined
                    del by_name[other]
        self.found = list(by_name.values())

    def _follows(self, element: Element) -> bool:
        """Whether leaves that several other causes hold moved by the product of what those did."""
        first = self.codes[element.rows[:1]]
        around = [other for other in self.found if other is not element and other.holds(first).all()]
        around = [other for other in around if other.holds(self.codes[element.rows]).all()]
        if len(around) < 2:
            return False
        own = self._log_ratio(element)
        missing = own - sum(self._log_ratio(other) for other in around)
        return element.fit.gain * min((missing / max(abs(own), 1 / _FAR_APART)) ** 2, 1.0) < self.lattice.price(
            element.axes
        )

    def _log_ratio(self, element: Element) -> float:
        """Logarithm of value / mean of an element's leaves."""
        value, mean = (float(column[element.rows].sum()) for column in (self.evidence.value, self.evidence.mean))
        return log(min(max(value / mean, 1 / _FAR_APART), _FAR_APART) if mean > 0 else _FAR_APART)

    def weigh(self, axes: tuple[int, ...], codes: tuple[int, ...], within: Rows | None = None) -> Element:
        """An element with all its free leaves, or those of `within`."""
        if within is not None:
            return self._element(axes, codes, self._inside(within, axes, codes))
        rows = self._rows(axes, codes)
        before, last_fit = self._fits.get((axes, codes), (0, None))
        # leaves are only ever taken away, so that as many are the same ones
        element = self._element(axes, codes, rows, last_fit if before == len(rows) else None)
        self._fits[axes, codes] = len(rows), element.fit
        return element

    def _element(
        self, axes: tuple[int, ...], codes: tuple[int, ...], rows: Rows, last_fit: Fit | None = None
    ) -> Element:
        if not len(rows) or len(rows) == len(self.codes):
            return Element(
                axes=axes,
                codes=codes,
                rows=rows,
                fit=Fit(deviation=0.0, narrow=1.0, spread=0.0, likelihood=0.0, gain=0.0, shift=0.0),
                gain=-np.inf,
            )
        best = self.evidence.fit(rows, self.lattice.rest_of(rows), last_fit)
        price = self.lattice.price(axes)
        if len(axes) == self.codes.shape[1]:
            if self.evidence.mirrored(int(rows[0]), self.free, price):
                price += EXTRA - self.evidence.leaf_price
            else:
                price -= self.evidence.together(int(rows[0]), self._singles(), price)
        sure = self.lattice.beyond_errors(min(best.gain, best.shift), best.deviation) > price
        net = best.gain - price
        return Element(axes=axes, codes=codes, rows=rows, fit=best, gain=net if sure else min(net, 0.0))

    def _singles(self) -> NDArray[np.bool_]:
        """The leaves that no cause owns, and those that are causes by themselves."""
        singles = self.free.copy()
        for cause in self.found:
            if len(cause.axes) == self.codes.shape[1]:
                singles[cause.rows] = True
        return singles

    def _rows(self, axes: tuple[int, ...], codes: tuple[int, ...]) -> Rows:
        first = np.flatnonzero((self.codes[:, axes[0]] == codes[0]) & self.free)
        return self._inside(first, axes[1:], codes[1:])

    def _inside(self, rows: Rows, axes: tuple[int, ...], codes: tuple[int, ...]) -> Rows:
        for axis, code in zip(axes, codes, strict=True):
            rows = rows[self.codes[rows, axis] == code]
        return rows

    def _shortest(self, element: Element) -> Element:
        """A single leaf by the shortest name that holds no other leaf."""
        if len(element.rows) > 1:
            return element
        name = dict(zip(element.axes, element.codes, strict=True))
        for axis in element.axes:
            shorter = {other: code for other, code in name.items() if other != axis}
            every = np.arange(len(self.codes))
            if shorter and len(self._inside(every, tuple(shorter), tuple(shorter.values()))) == 1:
                name = shorter
        axes, codes = tuple(name), tuple(name.values())
        return replace(element, axes=axes, codes=codes)

    def _next(self) -> Element | None:
        for kind in self.lattice.strongest(self.free):
            hopeful = [promise for promise in kind if promise[0] > 0 and promise[1:] not in self._told]
            enough = _PROMISING * max((promise[0] for promise in hopeful), default=0.0)
            best = sorted((promise for promise in hopeful if promise[0] >= enough), key=lambda promise: -promise[0])[
                :_CANDIDATES
            ]
            weighed = [self.weigh(axes, codes) for _, axes, codes in best]
            for element in sorted(weighed, key=lambda element: -element.gain):
                whole = self._whole(element)
                if whole is not None:
                    return whole
        return None

    def _whole(self, element: Element) -> Element | None:
        """The element, or the part of it that holds together."""
        while element.gain > 0:
            split = self._split(element)
            if split is None:
                return element
            pieces = self._apart(element, split)
            if pieces is not None:
                return pieces
            element = self._part(element, split)
        return None

    def _split(self, element: Element) -> "Split | None":
        """The parts that, with the element's own deviation, are the shorter description together.

        Of rates, an exception may be named instead: what stalls the videos of a provider does so unevenly, and telling its
        parts one by one is longer than telling it and the part that was spared.
        """
        gains = self.evidence.gains(element.rows, element.fit)
        whole, most, best_split = self.lattice.price(element.axes), 0.0, None
        for extra, key, size in self._parts(element):
            saved = np.asarray(np.bincount(key, gains, minlength=size), np.float64)
            net_saved = np.maximum(saved, -(log(size) + EXTRA)) if self.uneven else saved
            net = saved - self.lattice.price((*element.axes, *extra))
            shorter = float(net[net > 0].sum()) - (float(net_saved.sum()) - whole)
            if shorter > most:
                most, best_split = shorter, Split(extra, key, saved)
        return best_split

    def _apart(self, element: Element, split: "Split | None") -> Element | None:
        """The element without the leaves that other causes explain, which must stand by themselves, if it then holds
        together."""
        for _ in range(_OTHERS):
            if split is None:
                return element
            left = np.ones(len(element.rows), bool)
            for part in np.argsort(split.saved)[:_OTHERS]:
                if split.saved[part] >= 0:
                    break
                inside = split.key == part
                leaf = self.codes[element.rows[np.argmax(inside)]]
                codes = tuple(int(leaf[j]) for j in split.extra)
                if (split.extra, codes) in self._told or self._stands(element, split.extra, codes):
                    left &= ~inside
            if left.all() or not left.any():
                return None
            element = self._element(element.axes, element.codes, element.rows[left])
            if element.gain <= 0:
                return None
            split = self._split(element)
        return None

    def _stands(self, element: Element, axes: tuple[int, ...], codes: tuple[int, ...]) -> bool:
        """Whether another element is a cause by its leaves outside of this one."""
        other = self.weigh(axes, codes)
        beyond = other.rows[~element.holds(self.codes[other.rows])]
        return self._element(axes, codes, beyond).gain > 0

    def _part(self, element: Element, split: "Split") -> Element:
        """The strongest part, or what lies between it and the whole, if that is stronger."""
        leaf = self.codes[element.rows[np.argmax(split.key == np.argmax(split.saved))]]
        between = (some for layer in range(1, len(split.extra) + 1) for some in combinations(split.extra, layer))
        parts = [
            self.weigh((*element.axes, *some), (*element.codes, *(int(leaf[j]) for j in some)), element.rows)
            for some in between
        ]
        return max(parts, key=lambda part: part.gain)

    def _parts(self, element: Element) -> Iterable[tuple[tuple[int, ...], Rows, int]]:
        """For each way to add dimensions: those, the part that each leaf is in, the number of parts."""
        codes = self.codes[element.rows]
        others = [j for j in range(self.codes.shape[1]) if j not in element.axes and np.ptp(codes[:, j]) > 0]
        local = {j: renumbered(codes[:, j]) for j in others}
        visits = 0
        for layer in range(1, len(others) + 1):
            for extra in combinations(others, layer):
                visits += len(codes)
                if visits > _VISITS and layer > 1:
                    return
                key, size = np.zeros(len(codes), np.int64), 1
                for j in extra:
                    key, size = key * local[j][1] + local[j][0], size * local[j][1]
                if size > 4 * len(codes) + 64:
                    distinct, key = np.unique(key, return_inverse=True)
                    size = len(distinct)
                yield extra, key, size
