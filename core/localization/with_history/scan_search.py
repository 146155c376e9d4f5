"""Where a change is: a scan over all conjunctions of dimensions, against what history says that chance can do.

The element whose leaves explain most at one common ratio is taken first (the likelihood-ratio scan statistic: Kulldorff
1997, Commun. Statist. 26), if it is beyond what past weeks of elements of its size did, and pays for the words that it takes
to say it (description length); its leaves are then left out, and the search goes on. Values of one dimension that changed
alike are one segment, and are weighed as one.

`localize` answers the same question of a table without a past. Both are kept: its noise can only be learnt from the table
itself, which the sparse leaves of a workspace (most hold a few rows a week) do not tell. Of the planted causes of
bench/causes.py it finds half as many at first sight as this search, which knows the weeks before; and this one can say nothing
of a table that has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats
from core.base.segment import EVERYTHING, Segment
from core.localization.with_history.actual_vs_expected import WEEK
from core.localization.with_history.element_noise import LEAST_DRIFT, noises_of, unit_of
from core.localization.with_history.leaf_history import LeafHistory
from core.localization.with_history.segment_lattice import Cuboid

_MOST = 6
_NAMED_ALONE = 12
"""Of a dimension with more values than this, several that changed alike are one segment."""
_JOINS = 3
_LISTED = 12
"""A segment names so many values at most: a longer list is no place, but what everything else did."""
_EVERYTHING = 0.9
_NEARLY = 0.9
"""Of two descriptions of which one tells so much of what the other does, the shorter is taken."""
_ALIKE = 0.5
_LEFT = 1e-9
_GONE = 1e-3
"""The level of what is gone altogether."""
_NEW = 20.0
"""Of a dimension with many values, one that brings so many times what was expected of it is new."""
_NEAR = 4.0
"""Nats by which another description may be worse and still be worth a word: it is right in one case of 50."""
_SAME_CHANGE, _SAME_ROWS = 0.5, 0.9
"""Two descriptions are of one change when they share more than this part of the smaller one; a part that is so much of a segment
is that segment by a longer name."""
_SLACK = 2.0
"""Nats beyond the price that an element must be worth."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CandidateSegment:
    """One segment, and what was seen in it."""

    where: Segment
    rows: NDArray[np.int64]
    gain: float
    """Nats: how much better the change is described with it than without."""
    scale: float
    """What its deviance from no change is divided by to be in nats, whatever level it was found against."""
    price: float
    """Nats that it takes to say where it is."""
    rival: Segment = EVERYTHING
    """What describes the same change nearly as well with other rows; everything where nothing does."""
    lead: float = inf
    """Nats by which that describes it worse."""


@dataclass(frozen=True, eq=False, kw_only=True)
class _Option:
    """Elements of a cuboid that may be a segment."""

    cuboid: Cuboid
    numbers: NDArray[np.int64]
    deviance: float
    scale: float
    """What the deviance is divided by to be in nats."""
    price: float

    @property
    def gain(self) -> float:
        """Nats that are left when the price is paid."""
        return self.deviance / self.scale - self.price


def scan_search(history: LeafHistory) -> list[CandidateSegment]:
    """The segments that explain the change, in the order of their strength; none when nothing in particular does."""
    if not len(history.grid) or not history.grid.dimensions or history.expected.sum() <= 0:
        return []
    return _Search(history).run()


class _Search:
    """The leaves that no segment has claimed yet, summed up by element."""

    def __init__(self, history: LeafHistory) -> None:
        self.held = history
        self.unit = unit_of(history)
        self.cuboids = history.grid.cuboids
        self.noise = noises_of(history, self.unit)
        self.doubt = 1 + history.length / max(WEEK * len(history.weeks), WEEK)
        trials = [] if history.trials is None else [history.trials]
        self._columns = np.stack([history.actual, history.expected, *trials])
        self._whole = history.grid.sums(self._columns, self.cuboids)
        self._codes: dict[tuple[int, ...], NDArray[np.int64]] = {}
        """By the axes of a cuboid."""
        self._start(1.0)

    def run(self) -> list[CandidateSegment]:
        """The segments at the level of the reference days, or at the level that most elements have, whichever tells more.

        Segments that together are nearly everything are no segments: everything moved.
        """
        level = self._common()
        plain = self._greedy(1.0)
        if abs(level - 1) < LEAST_DRIFT:
            return plain
        common = self._greedy(level)
        rows = np.concatenate([np.zeros(0, np.int64), *(segment.rows for segment in plain)])
        if self.held.expected[rows].sum() > _EVERYTHING * self.held.expected.sum():
            return common
        clearest = max((*plain, *common), key=lambda segment: self._nats(segment.rows, 1.0), default=None)
        scale = 1.0 if clearest is None else clearest.scale
        worth = [self._worth(plain, 1.0, scale), self._worth(common, level, scale)]
        alike = min(worth) > _NEARLY * max(worth)
        return plain if (len(plain) <= len(common) if alike else worth[0] >= worth[1]) else common

    def _start(self, level: float) -> None:
        self.level = level
        self.free = np.ones(len(self.held.grid), bool)
        self._sums = [sums * self._scales() for sums in self._whole]

    def _scales(self) -> Floats:
        return np.array([[1.0], [self.level], [1.0]])[: len(self._columns)]

    def _greedy(self, level: float) -> list[CandidateSegment]:
        self._start(level)
        segments: list[CandidateSegment] = []
        while len(segments) < _MOST and (best := self._best()) is not None:
            segments.append(best)
            self._claim(segments[-1].rows)
        return segments

    def _worth(self, segments: Sequence[CandidateSegment], level: float, scale: float) -> float:
        """Nats by which a level and its segments describe the leaves better than if nothing had changed.

        All are judged by one `scale`, that of the clearest segment: by scales of their own the dimension would win that is
        calmest.
        """
        free = np.ones(len(self.held.grid), bool)
        worth = 0.0
        for segment in segments:
            free[segment.rows] = False
            worth += self._nats(segment.rows, 1.0) / scale - segment.price
        remaining = np.flatnonzero(free)
        return worth + (self._nats(remaining, 1.0) - self._nats(remaining, level)) / scale - _SLACK * (level != 1.0)

    def _nats(self, rows: NDArray[np.int64], level: float) -> float:
        """Half the deviance of some leaves together, against a level."""
        sums = self._columns[:, rows].sum(1, keepdims=True)
        sums[1] *= level
        return float(self._deviance(sums)[0])

    def _claim(self, rows: NDArray[np.int64]) -> None:
        self.free[rows] = False
        scales = self._scales()
        for sums, claimed in zip(self._sums, self.held.grid.sums(self._columns, self.cuboids, rows), strict=True):
            sums -= claimed * scales

    def _common(self) -> float:
        """The factor that most elements have in common: the weighted median over the elements of single dimensions."""
        pairs = [sums for cuboid, sums in zip(self.cuboids, self._sums, strict=True) if len(cuboid.axes) <= 2]
        actual, expected = np.concatenate(pairs, axis=1)[:2]
        expecting = expected > 0
        ratio, weight = actual[expecting] / expected[expecting], expected[expecting]
        order = np.argsort(ratio)
        reached = np.cumsum(weight[order])
        if not len(reached):
            return 1.0
        middle = float(ratio[order][np.searchsorted(reached, reached[-1] / 2)])
        return max(middle or float(self.held.actual.sum() / self.held.expected.sum()), _GONE)

    def _best(self) -> CandidateSegment | None:
        """The segment that explains most, among those that chance does not explain."""
        options = [option for position in range(len(self.cuboids)) if (option := self._strongest(position)) is not None]
        if not options:
            return None
        scale = max(options, key=lambda candidate: candidate.deviance).scale
        options.sort(key=lambda candidate: candidate.price - candidate.deviance / scale)
        best = options[0]
        if len(best.numbers) == 1:
            number = self._member(best.cuboid, int(best.numbers[0]))
            cuboid, numbers = self._wider(number[0], np.array([number[1]]))
            alike = self._alike(cuboid, int(numbers[0]))
            best = self._option(cuboid, alike if len(alike) <= _LISTED else numbers)
        else:
            best = self._option(*self._wider(best.cuboid, best.numbers))
        rows = self._rows_of(best)
        rival, lead = self._rival(options, scale, rows)
        counting = self.noise[best.cuboid.axes].unit * self.doubt
        scale = counting + (best.scale - counting) / self.level
        return CandidateSegment(
            where=self._segment(best.cuboid, rows),
            rows=rows,
            gain=best.gain,
            scale=scale,
            price=best.price,
            rival=rival,
            lead=lead,
        )

    def _rows_of(self, option: _Option) -> NDArray[np.int64]:
        """The leaves of an option that no segment has claimed."""
        return np.flatnonzero(np.isin(option.cuboid.key, option.numbers) & self.free)

    def _rival(self, options: Sequence[_Option], scale: float, rows: NDArray[np.int64]) -> tuple[Segment, float]:
        """The next best of the options that describes the change in some rows by others, and how many nats worse it does so.

        `options`: best first. Of a segment and a part of it that is nearly all of it none is the other's rival.
        """
        size = np.maximum(self._columns[0], self._columns[1])
        best = options[0].deviance / scale - options[0].price
        for option in options[1:]:
            lead = best - option.deviance / scale + option.price
            if lead > _NEAR:
                break
            other = self._rows_of(option)
            both = np.intersect1d(rows, other)
            shared, least, most = float(size[both].sum()), *sorted(float(size[part].sum()) for part in (rows, other))
            is_part = len(both) == min(len(rows), len(other)) and shared >= _SAME_ROWS * most
            if shared > _SAME_CHANGE * least and not is_part:
                return self._segment(option.cuboid, other), lead
        return EVERYTHING, inf

    def _strongest(self, position: int) -> "_Option | None":
        """The element of a cuboid that explains most, with what changed alike; None where chance explains all."""
        cuboid, sums = self.cuboids[position], self._sums[position]
        deviance = self._deviance(sums)
        clear = self._known(cuboid, sums) & (deviance / self._scale(cuboid, sums[1]) > cuboid.price + _SLACK)
        if not clear.any():
            return None
        numbers = self._alike(cuboid, int(np.where(clear, deviance, -1).argmax()))
        return self._option(cuboid, numbers) if len(numbers) <= _LISTED else None

    def _wider(self, cuboid: Cuboid, numbers: NDArray[np.int64]) -> tuple[Cuboid, NDArray[np.int64]]:
        """The elements with one dimension less, as long as that adds nothing, or what changed by itself and alike, by half as
        much or more: the shorter name wins."""
        axes = set(cuboid.axes)
        own = self._sums_of(cuboid)[:, numbers].sum(1)
        rows = np.flatnonzero(np.isin(cuboid.key, numbers) & self.free)
        wider: list[tuple[float, Cuboid, NDArray[np.int64]]] = []
        for parent in self.cuboids:
            if len(parent.axes) == len(axes) - 1 and axes.issuperset(parent.axes):
                above = np.unique(parent.key[rows])
                if len(above) != len(numbers):
                    continue  # it is the dimension in which they are listed
                remainder = self._sums_of(parent)[:, above].sum(1) - own
                if np.abs(remainder[:2]).max() <= _LEFT * np.abs(own[:2]).max():
                    return self._wider(parent, above)
                worth = float(self._deviance(remainder[:, None])[0] / self._scale(parent, remainder[1:2])[0])
                if worth > _SLACK and self._log_ratio(remainder) / self._log_ratio(own) >= _ALIKE:
                    wider.append((worth, parent, above))
        if not wider:
            return cuboid, numbers
        _, parent, above = max(wider, key=lambda option: option[0])
        return self._wider(parent, above)

    def _log_ratio(self, sums: Floats) -> float:
        """Beyond twentyfold, all changes are alike."""
        change = log((max(sums[0], 0.0) + self.unit / 2) / (max(sums[1], 0.0) + self.unit / 2))
        return min(max(change, -3.0), 3.0)

    def _sums_of(self, cuboid: Cuboid) -> Floats:
        return self._sums[self.cuboids.index(cuboid)]

    def _member(self, cuboid: Cuboid, number: int) -> tuple[Cuboid, int]:
        """Of a group of values the one value that changed, where the others do not show the change by themselves."""
        grid = self.held.grid
        group = grid.groups.get(grid.dimensions[cuboid.axes[0]]) if len(cuboid.axes) == 1 else None
        if group is None:
            return cuboid, number
        axis = grid.dimensions.index(group.dimension)
        position = next(k for k, cuboid_at in enumerate(self.cuboids) if cuboid_at.axes == (axis,))
        single, sums = self.cuboids[position], self._sums[position]
        members = np.unique(single.key[cuboid.key == number])
        top = int(members[self._deviance(sums[:, members]).argmax()])
        whole = self._sums_of(cuboid)[:, number]
        others = whole - sums[:, top]
        change = self._log_ratio(sums[:, top])
        alike = others[0] * change - (exp(change) - 1) * others[1]
        others_show = alike / float(self._scale(cuboid, others[1:2])[0]) > _SLACK
        return (cuboid, number) if others_show else (single, top)

    def _scale(self, cuboid: Cuboid, expected: Floats) -> Floats:
        """What a deviance is divided by to be in nats: counting, and the drift of larger elements."""
        return self.noise[cuboid.axes].scale(expected) * self.doubt

    def _known(self, cuboid: Cuboid, sums: Floats) -> NDArray[np.bool_]:
        """Elements that can be segments. Where values are many some are always new: what was hardly there tells nothing."""
        if cuboid.base is not None:
            return cuboid.given
        return np.asarray(cuboid.given & (sums[0] <= _NEW * np.maximum(sums[1], 0)))

    def _alike(self, cuboid: Cuboid, number: int) -> NDArray[np.int64]:
        """The element, and all that differ from it in one dimension of many values and changed by the same factor: of the
        dimensions, the one in which they tell most.

        A value joins when its own evidence for that factor pays for naming it.
        """
        alone = np.array([number])
        lists = [self._joined(cuboid, number, siblings) for siblings in self._siblings(cuboid, number)]
        return max(lists, key=lambda numbers: self._option(cuboid, numbers).gain, default=alone)

    def _siblings(self, cuboid: Cuboid, number: int) -> list[NDArray[np.bool_]]:
        """For each dimension of many values, the elements that an element differs from in that one alone, itself included."""
        codes = self._codes_of(cuboid)
        is_same = codes == codes[number]
        found = [
            is_same[:, [other for other in range(len(cuboid.axes)) if other != at]].all(1)
            for at in range(len(cuboid.axes))
        ]
        return [siblings for siblings in found if np.count_nonzero(siblings & cuboid.given) > _NAMED_ALONE]

    def _codes_of(self, cuboid: Cuboid) -> NDArray[np.int64]:
        """The codes of the values of each element, shape (elements, axes); -1 where none occurs."""
        if cuboid.axes not in self._codes:
            self._codes[cuboid.axes] = np.full((cuboid.size, len(cuboid.axes)), -1, np.int64)
            self._codes[cuboid.axes][cuboid.key] = self.held.grid.codes[:, cuboid.axes]
        return self._codes[cuboid.axes]

    def _joined(self, cuboid: Cuboid, number: int, siblings: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The element with those of its siblings that changed alike; where all are new, only itself."""
        sums = self._sums_of(cuboid)
        actual, expected = sums[:2]
        chosen = np.arange(cuboid.size) == number
        candidates = chosen | (self._known(cuboid, sums) & (expected > 0) & siblings)
        for _ in range(_JOINS):
            change = self._log_ratio(np.array([actual[chosen].sum(), expected[chosen].sum()]))
            alike = np.maximum(actual, 0) * change - (exp(change) - 1) * expected
            price = log(float(candidates.sum() / chosen.sum())) + 1
            chosen = chosen | (candidates & (alike / self._scale(cuboid, expected) > price))
        return np.flatnonzero(chosen)

    def _option(self, cuboid: Cuboid, numbers: NDArray[np.int64]) -> "_Option":
        """What it is worth to take some elements of a cuboid for one segment; they drift independently."""
        sums = self._sums_of(cuboid)[:, numbers]
        expected = np.maximum(sums[1], 0)
        noise, size = self.noise[cuboid.axes], (expected**2).sum() / max(expected.sum(), 1e-300)
        choices_from, count = self._choices(cuboid, numbers), len(numbers)
        choices = lgamma(choices_from + 1) - lgamma(count + 1) - lgamma(max(choices_from - count, 0) + 1)
        price = cuboid.price if count == 1 else cuboid.price - log(max(choices_from, 2)) + choices
        deviance = float(self._deviance(sums.sum(1, keepdims=True))[0])
        return _Option(
            cuboid=cuboid, numbers=numbers, deviance=deviance, scale=float(noise.scale(size)) * self.doubt, price=price
        )

    def _choices(self, cuboid: Cuboid, numbers: NDArray[np.int64]) -> int:
        """Of how many elements these are chosen: those with the values that they have in common."""
        if len(cuboid.axes) == 1 or len(numbers) == 1:
            return int(np.count_nonzero(cuboid.given))
        codes = self._codes_of(cuboid)
        shared = [at for at in range(len(cuboid.axes)) if len(np.unique(codes[numbers, at])) == 1]
        return int(np.count_nonzero((codes[:, shared] == codes[numbers[0], shared]).all(1) & cuboid.given))

    def _deviance(self, sums: Floats) -> Floats:
        """Half the deviance of elements at their own ratio against 1, binomial for shares, else Poisson; in units of the
        metric. Half a unit is added on both sides: what never occurred may still come."""
        actual, expected = np.maximum(sums[:2], 0) + self.unit / 2
        deviance = actual * np.log(actual / expected) - (actual - expected)
        if len(sums) == 3:
            failed, fails = (np.maximum(sums[2] - side, 0) + self.unit / 2 for side in sums[:2])
            deviance += failed * np.log(failed / fails) - (failed - fails)
        return np.asarray(deviance).clip(0)

    def _segment(self, cuboid: Cuboid, rows: NDArray[np.int64]) -> Segment:
        grid = self.held.grid
        names = {
            grid.dimensions[axis]: [
                grid.values[grid.dimensions[axis]][code] for code in np.unique(grid.codes[rows, axis])
            ]
            for axis in cuboid.axes
        }
        return Segment.of(dict(grid.in_words(name, values) for name, values in names.items()))
