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
from math import exp, inf

import numpy as np
from numpy.typing import NDArray

from core.base.segment import EVERYTHING, Segment
from core.localization.with_history.alike_elements import alike
from core.localization.with_history.element_noise import LEAST_DRIFT
from core.localization.with_history.leaf_history import LeafHistory
from core.localization.with_history.segment_lattice import Cuboid
from core.localization.with_history.unclaimed_elements import SegmentOption, UnclaimedElements

_MOST = 6
"""Segments."""
_LISTED = 12
"""A segment names so many values at most: a longer list is no place, but what everything else did."""
_EVERYTHING = 0.9
_NEARLY = 0.9
"""Of two descriptions of which one tells so much of what the other does, the shorter is taken."""
_ALIKE = 0.5
"""What is left of a wider element changed like its part where it did so by at least this share, in logarithms."""
_LEFT = 1e-9
"""Share below which nothing is left but rounding."""
_GONE = 1e-3
"""The level of what is gone altogether."""
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


def scan_search(history: LeafHistory) -> list[CandidateSegment]:
    """The segments that explain the change, in the order of their strength; none when nothing in particular does."""
    if not len(history.grid) or not history.grid.dimensions or history.expected.sum() <= 0:
        return []
    return _Search(history).run()


class _Search:
    """What explains most of the leaves that no segment has claimed, segment by segment."""

    def __init__(self, history: LeafHistory) -> None:
        self.history = history
        self.elements = UnclaimedElements(history)
        self.cuboids = self.elements.cuboids

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
        if self.history.expected[rows].sum() > _EVERYTHING * self.history.expected.sum():
            return common
        clearest = max((*plain, *common), key=lambda segment: self.elements.nats(segment.rows, 1.0), default=None)
        scale = 1.0 if clearest is None else clearest.scale
        worth = [self._worth(plain, 1.0, scale), self._worth(common, level, scale)]
        is_close = min(worth) > _NEARLY * max(worth)
        return plain if (len(plain) <= len(common) if is_close else worth[0] >= worth[1]) else common

    def _greedy(self, level: float) -> list[CandidateSegment]:
        self.elements.start(level)
        segments: list[CandidateSegment] = []
        while len(segments) < _MOST and (best := self._best()) is not None:
            segments.append(best)
            self.elements.claim(segments[-1].rows)
        return segments

    def _worth(self, segments: Sequence[CandidateSegment], level: float, scale: float) -> float:
        """Nats by which a level and its segments describe the leaves better than if nothing had changed.

        All are judged by one `scale`, that of the clearest segment: by scales of their own the dimension would win that is
        calmest.
        """
        free = np.ones(len(self.history.grid), bool)
        worth = 0.0
        for segment in segments:
            free[segment.rows] = False
            worth += self.elements.nats(segment.rows, 1.0) / scale - segment.price
        remaining = np.flatnonzero(free)
        of_level = self.elements.nats(remaining, 1.0) - self.elements.nats(remaining, level)
        return worth + of_level / scale - _SLACK * (level != 1.0)

    def _common(self) -> float:
        """The factor that most elements have in common: the weighted median over the elements of single dimensions."""
        pairs = [sums for cuboid, sums in zip(self.cuboids, self.elements.sums, strict=True) if len(cuboid.axes) <= 2]
        actual, expected = np.concatenate(pairs, axis=1)[:2]
        expecting = expected > 0
        ratio, weight = actual[expecting] / expected[expecting], expected[expecting]
        order = np.argsort(ratio)
        reached = np.cumsum(weight[order])
        if not len(reached):
            return 1.0
        middle = float(ratio[order][np.searchsorted(reached, reached[-1] / 2)])
        return max(middle or float(self.history.actual.sum() / self.history.expected.sum()), _GONE)

    def _best(self) -> CandidateSegment | None:
        """The segment that explains most, among those that chance does not explain."""
        options = [option for position in range(len(self.cuboids)) if (option := self._strongest(position)) is not None]
        if not options:
            return None
        scale = max(options, key=lambda candidate: candidate.deviance).scale
        options.sort(key=lambda candidate: candidate.price - candidate.deviance / scale)
        best = options[0]
        if len(best.numbers) == 1:
            cuboid, numbers = self._wider(*self._member(best.cuboid, best.numbers))
            listed = alike(self.elements, cuboid, int(numbers[0]))
            best = self.elements.option(cuboid, listed if len(listed) <= _LISTED else numbers)
        else:
            best = self.elements.option(*self._wider(best.cuboid, best.numbers))
        rows = self.elements.rows_of(best.cuboid, best.numbers)
        rival, lead = self._rival(options, scale, rows)
        counting = self.elements.noise[best.cuboid.axes].unit * self.elements.doubt
        scale = counting + (best.scale - counting) / self.elements.level
        return CandidateSegment(
            where=self._segment(best.cuboid, rows),
            rows=rows,
            gain=best.gain,
            scale=scale,
            price=best.price,
            rival=rival,
            lead=lead,
        )

    def _rival(self, options: Sequence[SegmentOption], scale: float, rows: NDArray[np.int64]) -> tuple[Segment, float]:
        """The next best of the options that describes the change in some rows by others, and how many nats worse it does so.

        `options`: best first. Of a segment and a part of it that is nearly all of it none is the other's rival.
        """
        size = np.maximum(self.history.actual, self.history.expected)
        best = options[0].deviance / scale - options[0].price
        for option in options[1:]:
            lead = best - option.deviance / scale + option.price
            if lead > _NEAR:
                break
            other = self.elements.rows_of(option.cuboid, option.numbers)
            both = np.intersect1d(rows, other)
            shared, least, most = float(size[both].sum()), *sorted(float(size[part].sum()) for part in (rows, other))
            is_part = len(both) == min(len(rows), len(other)) and shared >= _SAME_ROWS * most
            if shared > _SAME_CHANGE * least and not is_part:
                return self._segment(option.cuboid, other), lead
        return EVERYTHING, inf

    def _strongest(self, position: int) -> SegmentOption | None:
        """The element of a cuboid that explains most, with what changed alike; None where chance explains all."""
        cuboid, sums = self.cuboids[position], self.elements.sums[position]
        deviance = self.elements.deviance(sums)
        nats = deviance / self.elements.scale(cuboid, sums[1])
        clear = self.elements.known(cuboid, sums) & (nats > cuboid.price + _SLACK)
        if not clear.any():
            return None
        numbers = alike(self.elements, cuboid, int(np.where(clear, deviance, -1).argmax()))
        return self.elements.option(cuboid, numbers) if len(numbers) <= _LISTED else None

    def _wider(self, cuboid: Cuboid, numbers: NDArray[np.int64]) -> tuple[Cuboid, NDArray[np.int64]]:
        """The elements with one dimension less, as long as that adds nothing, or what changed by itself and alike, by half as
        much or more: the shorter name wins."""
        axes, elements = set(cuboid.axes), self.elements
        own = elements.sums_of(cuboid)[:, numbers].sum(1)
        rows = elements.rows_of(cuboid, numbers)
        wider: list[tuple[float, Cuboid, NDArray[np.int64]]] = []
        for parent in self.cuboids:
            if len(parent.axes) == len(axes) - 1 and axes.issuperset(parent.axes):
                above = np.unique(parent.key[rows])
                if len(above) != len(numbers):
                    continue  # it is the dimension in which they are listed
                remainder = elements.sums_of(parent)[:, above].sum(1) - own
                if np.abs(remainder[:2]).max() <= _LEFT * np.abs(own[:2]).max():
                    return self._wider(parent, above)
                worth = float((elements.deviance(remainder[:, None]) / elements.scale(parent, remainder[1:2]))[0])
                if worth > _SLACK and elements.log_ratio(remainder) / elements.log_ratio(own) >= _ALIKE:
                    wider.append((worth, parent, above))
        if not wider:
            return cuboid, numbers
        _, parent, above = max(wider, key=lambda option: option[0])
        return self._wider(parent, above)

    def _member(self, cuboid: Cuboid, numbers: NDArray[np.int64]) -> tuple[Cuboid, NDArray[np.int64]]:
        """Of a group of values the one value that changed, where the others do not show the change by themselves."""
        grid = self.history.grid
        group = grid.groups.get(grid.dimensions[cuboid.axes[0]]) if len(cuboid.axes) == 1 else None
        if group is None:
            return cuboid, numbers
        axis = grid.dimensions.index(group.dimension)
        position = next(k for k, cuboid_at in enumerate(self.cuboids) if cuboid_at.axes == (axis,))
        single, sums = self.cuboids[position], self.elements.sums[position]
        members = np.unique(single.key[cuboid.key == numbers[0]])
        top = int(members[self.elements.deviance(sums[:, members]).argmax()])
        whole = self.elements.sums_of(cuboid)[:, numbers[0]]
        others = whole - sums[:, top]
        change = self.elements.log_ratio(sums[:, top])
        evidence = others[0] * change - (exp(change) - 1) * others[1]
        others_show = evidence / float(self.elements.scale(cuboid, others[1:2])[0]) > _SLACK
        return (cuboid, numbers) if others_show else (single, np.array([top]))

    def _segment(self, cuboid: Cuboid, rows: NDArray[np.int64]) -> Segment:
        grid = self.history.grid
        names = {
            grid.dimensions[axis]: [
                grid.values[grid.dimensions[axis]][code] for code in np.unique(grid.codes[rows, axis])
            ]
            for axis in cuboid.axes
        }
        return Segment.of(dict(grid.in_words(name, values) for name, values in names.items()))
