"""What two crossing segments have in common: counted only when two drops ask for it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np

from core.base.arrays import Floats
from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.cube.cube import Cube
from core.detection.detector.online_detector import OnlineDetector
from core.detection.distributions import deviance_score
from core.detection.drop_merging import Drop
from core.detection.forecast.panel_build import SliceSums, numerators, slice_sums
from core.detection.forecast.reference_days import ReferenceDays, usual_days
from core.detection.scan_plan import ScanPlan

_MOST = 400
"""Segments counted in one scan; what more there is stays apart."""
_NOTHING = 0.02
"""A rest of which less than this share was expected says nothing."""


class SegmentOverlaps:
    """Counts the common part of segments, once each."""

    def __init__(self, field: ScanPlan, replay: OnlineDetector) -> None:
        self._field, self._replay = field, replay
        self._cubes: dict[tuple[int, Segment], Cube] = {}
        self._slices: dict[tuple[int, Segment, Metric], SliceSums] = {}

    def sums(self, test: int, where: Segment, metric: Metric) -> SliceSums:
        """The base measures of a metric by day in a segment, at the age at which a test counts them."""
        counted = self._slices.get((test, where, metric))
        if counted is None:
            cube = self._cube(test, where)
            counted = self._slices[test, where, metric] = slice_sums(
                cube, metric.measures() & cube.measures, inside=where
            )
        return counted

    def _cube(self, test: int, where: Segment) -> Cube:
        whole = self._field.tested[test].cube
        if (id(whole), where) not in self._cubes:
            self._cubes[id(whole), where] = whole.where(where)
        return self._cubes[id(whole), where]

    def common(self, first: Drop, second: Drop, window: Window) -> Drop | None:
        """Actual and expected of what two drops of one metric have in common, on the days of a window.

        Expected is what the same weekdays of the weeks before brought, raised or lowered as for the first drop's segment.
        """
        where = first.where.narrowed(second.where)
        metric = self._field.tested[first.test].metric
        if len(self._slices) >= _MOST and (first.test, where, metric) not in self._slices:
            return None
        part = numerators(metric, self.sums(first.test, where, metric))
        if not part[0].any():
            return None
        return self._drop(first, where, window, *self._raised(first, part, window))

    def without(self, drop: Drop, segments: Sequence[Segment]) -> Drop | None:
        """A drop's series without the rows of some segments; None when nothing is left, too many were counted already, or a
        segment is of a dimension that the scan is not sliced by.

        Expected is what the same weekdays of the weeks before brought, raised or lowered as for the whole series.
        """
        tested = self._field.tested[drop.test]
        metric, sliced = tested.metric, set(tested.cube.dimensions)
        if any(not sliced.issuperset(segment.dimensions) for segment in segments):
            return None
        values, denominator = numerators(metric, self.sums(drop.test, drop.where, metric))
        if len(self._slices) >= _MOST:
            return None
        for sign, overlap in _overlaps(drop.where, segments):
            inside, under = numerators(metric, self.sums(drop.test, overlap, metric))
            values = values - sign * inside
            denominator = None if denominator is None or under is None else denominator - sign * under
        came, expected, exposure = self._raised(drop, (values, denominator), drop.window)
        if expected < _NOTHING * self._forecast(drop):
            return None
        return self._drop(drop, drop.where, drop.window, came, expected, exposure)

    def _raised(self, drop: Drop, part: tuple[Floats, Floats | None], window: Window) -> tuple[float, float, float]:
        """What came of a part of a drop's series on the days of a window, what was expected of it, and its denominator.

        `part`: numerator and denominator by day, shape (1, days).
        """
        metric, origin = self._field.tested[drop.test].metric, self._field.panel.first
        reference, days = self._reference(drop, window), slice(window.first - origin, window.last - origin + 1)

        def usual(numerator: Floats, denominator: Floats | None) -> tuple[float, float]:
            before = float(reference.weights @ numerator[0, reference.days - origin])
            if denominator is None:
                return before, float(len(window))
            exposure = float(denominator[0, days].sum())
            usual_exposure = float(reference.weights @ denominator[0, reference.days - origin])
            return before * exposure / max(usual_exposure, 1e-12), exposure

        whole, _ = usual(*numerators(metric, self.sums(drop.test, drop.where, metric)))
        own, exposure = usual(*part)
        return float(part[0][0, days].sum()), own * self._forecast(drop) / max(whole, 1e-12), exposure

    def _drop(self, first: Drop, where: Segment, window: Window, came: float, expected: float, exposure: float) -> Drop:
        """The common part as a drop, with the noise of its metric."""
        noise = self._replay.noise
        counted, gone = came, expected
        if ceiling := self._field.tested[first.test].ceiling:
            counted, gone = ceiling * exposure - came, ceiling * exposure - expected
        gone = max(gone, 1e-9)
        unit, extra = float(noise.unit[first.kin]), float(noise.extra[first.kin])
        shared = max(first.variance / max(first.expected, 1e-9) ** 2, 0.0)
        variance = unit * gone + (extra / len(window) + shared) * gone**2
        score = deviance_score(*(np.array([value]) for value in (counted, gone, variance, unit)))
        return Drop(
            test=first.test,
            where=where,
            row=-1,
            kin=first.kin,
            anchor=first.anchor,
            onset=window.first,
            last=window.last,
            actual=came,
            expected=expected,
            variance=variance,
            exposure=exposure,
            score=abs(float(score[0])),
            clearest=abs(float(score[0])),
            reach=first.reach,
        )

    def _forecast(self, drop: Drop) -> float:
        """What was expected of a drop's series on all days of its window: the drop itself leaves out days that say nothing."""
        if drop.row < 0:
            return drop.expected
        tested, panel = self._field.tested[drop.test], self._field.panel
        start = drop.onset + tested.delay - panel.first
        days = slice(start, start + len(drop.window))
        expected = float(np.nansum(self._replay.expected[drop.row, days]))
        if tested.ceiling and panel.exposure is not None:
            expected = tested.ceiling * float(np.nansum(panel.exposure[drop.row, days])) - expected
        return expected

    def _reference(self, drop: Drop, window: Window) -> ReferenceDays:
        delay, origin = self._field.tested[drop.test].delay, self._field.panel.first
        past = Window(origin, window.first - 1)
        unusual = self._replay.unusual[drop.kin, delay : delay + len(past)]
        return usual_days(window, past, unusual)


def _overlaps(where: Segment, segments: Sequence[Segment]) -> Iterator[tuple[int, Segment]]:
    """What a segment has in common with the union of others, as signed segments (inclusion and exclusion)."""
    for size, _ in enumerate(segments, start=1):
        for chosen in combinations(segments, size):
            common = intersection((where, *chosen))
            if common is not None:
                yield (1 if size % 2 else -1), common


def intersection(segments: Iterable[Segment]) -> Segment | None:
    """What all of these segments have in common; None when they exclude one another."""
    terms: dict[str, set[str]] = {}
    for segment in segments:
        for name, values in segment.terms:
            terms[name] = terms.get(name, set(values)) & set(values)
    return Segment.of(terms) if all(terms.values()) else None
