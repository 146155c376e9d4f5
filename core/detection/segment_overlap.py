"""What two crossing segments have in common: counted only when two drops ask for it."""

import numpy as np

from core.base.days import Window
from core.base.segment import Segment
from core.catalogue import Metric
from core.cube.cube import Cube
from core.detection.detector.online_detector import OnlineDetector
from core.detection.distributions import deviance_score
from core.detection.drop_merging import Drop
from core.detection.forecast.panel_build import SliceSums, numerators, slice_sums
from core.detection.forecast.reference_days import ReferenceDays, usual_days
from core.detection.scan_plan import ScanPlan

_MOST = 400
"""Segments counted in one scan; what more there is stays apart."""


class SegmentOverlaps:
    """Counts the common part of segments, once each."""

    def __init__(self, field: ScanPlan, replay: OnlineDetector) -> None:
        self._field, self._replay = field, replay
        self._cubes: dict[tuple[int, Segment], Cube] = {}
        self._slices: dict[tuple[int, Segment, Metric], SliceSums] = {}

    def sums(self, test: int, where: Segment, metric: Metric) -> SliceSums:
        """The base measures of a metric by day in a segment, at the age at which a test counts them."""
        held = self._slices.get((test, where, metric))
        if held is None:
            cube = self._cube(test, where)
            held = self._slices[test, where, metric] = slice_sums(cube, metric.measures() & cube.measures, inside=where)
        return held

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
        origin = self._field.panel.first
        reference = self._reference(first, window)
        values, under = numerators(metric, self.sums(first.test, where, metric))
        whole, whole_under = numerators(metric, self.sums(first.test, first.where, metric))
        days, past = slice(window.first - origin, window.last - origin + 1), reference.days - origin
        if not values[0].any():
            return None
        exposure = float(len(window)) if under is None else float(under[0, days].sum())
        usual, usual_whole = (float(reference.weights @ one[0, past]) for one in (values, whole))
        if under is not None and whole_under is not None:
            usual *= exposure / max(float(reference.weights @ under[0, past]), 1e-12)
            usual_whole *= float(whole_under[0, days].sum()) / max(
                float(reference.weights @ whole_under[0, past]), 1e-12
            )
        expected = usual * first.expected / max(usual_whole, 1e-12)
        return self._drop(first, where, window, float(values[0, days].sum()), expected, exposure)

    def _drop(self, first: Drop, where: Segment, window: Window, came: float, expected: float, exposure: float) -> Drop:
        """The common part as a drop, with the noise of its metric."""
        noise = self._replay.noise
        counted, gone = came, expected
        if self._field.tested[first.test].mostly:
            counted, gone = exposure - came, exposure - expected
        gone = max(gone, 1e-9)
        unit, extra = float(noise.unit[first.kin]), float(noise.extra[first.kin])
        shared = max(first.variance / max(first.expected, 1e-9) ** 2, 0.0)
        variance = unit * gone + (extra / len(window) + shared) * gone**2
        score = deviance_score(*(np.array([one]) for one in (counted, gone, variance, unit)))
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
            reach=first.reach,
        )

    def _reference(self, drop: Drop, window: Window) -> ReferenceDays:
        delay, origin = self._field.tested[drop.test].delay, self._field.panel.first
        past = Window(origin, window.first - 1)
        unusual = self._replay.unusual[drop.kin, delay : delay + len(past)]
        return usual_days(window, past, unusual)
