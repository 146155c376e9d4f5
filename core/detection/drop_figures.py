"""What a drop amounts to: its figures, its cost and its severity, from the series that a scan looks at."""

from dataclasses import replace
from hashlib import blake2s

import numpy as np

from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.metric_tree.bad_states import is_bad_state
from core.catalogue.metric_tree.metrics import Metric
from core.detection.detector.drop_state import WIDTHS
from core.detection.detector.online_detector import OnlineDetector
from core.detection.detector.onset_shape import shape_of
from core.detection.distributions import interval, normal_cdf
from core.detection.drop_merging import Drop
from core.detection.findings import Finding, Shape
from core.detection.scan_plan import ScanPlan
from core.detection.segment_overlap import SegmentOverlaps
from core.detection.severity import Cost, root_of, severity
from core.workspace.read.workspace import Workspace

_LEAST_LEFT = 0.2
"""What is left of a root metric tells how much of it was expected down to this share: below, one part in five is assumed."""


class DropFigures:
    """Figures of drops on the day that the detector has reached."""

    def __init__(
        self,
        workspace: Workspace,
        plan: ScanPlan,
        detector: OnlineDetector,
        overlaps: SegmentOverlaps,
        where: Segment,
    ) -> None:
        self.catalogue = workspace.catalogue
        self._plan, self._detector, self._overlaps, self._where = plan, detector, overlaps, where
        self._measures = frozenset(workspace.measures)
        self._totals = {index: row for row, (index, _) in reversed(list(enumerate(plan.row_of)))}
        self._rows = {(plan.tested[index].metric.key, where): row for row, (index, where) in enumerate(plan.row_of)}
        self._row_in_slices = [
            {segment: row for row, segment in enumerate(tested.slice_sums.where)} for tested in plan.tested
        ]

    def is_priced(self, drop: Drop) -> bool:
        """Whether its cost is in the root's unit, so that it can be compared with others."""
        metric = self._plan.tested[drop.test].metric
        return bool(metric.factors) or root_of(self.catalogue, metric, self._measures) is not metric

    def p_value(self, drop: Drop) -> float:
        """How often chance alone brings such a drop to one series on one day."""
        return float(min(1.0, WIDTHS * max(normal_cdf(np.array([-drop.score]))[0], drop.rare)))

    def finding(self, drop: Drop, day: int, judged: int) -> tuple[float, Finding]:
        """The share of the whole that was lost, and the finding; `judged`: how many series were looked at."""
        tested = self._plan.tested[drop.test]
        metric = tested.metric
        denominator = drop.exposure if metric.is_ratio else 1.0
        most = tested.ceiling * drop.exposure
        counted = most - drop.expected if tested.ceiling else drop.expected
        ends = interval(np.array([counted]), np.array([drop.variance]), drop.reach)
        lo, hi = (most - ends[1], most - ends[0]) if tested.ceiling else ends
        p = self.p_value(drop)
        actual, expected = drop.actual / denominator, drop.expected / denominator
        depth = drop.change / drop.expected if drop.expected > 0 else None
        cost = self.cost(drop)
        return cost.share, Finding(
            id=finding_id(metric.key, drop.where, drop.anchor),
            as_of=day,
            metric=metric.key,
            where=drop.where,
            window=drop.window,
            onset=drop.onset,
            actual=actual,
            expected=expected,
            interval=(float(lo[0]) / denominator, float(hi[0]) / denominator),
            change=actual - expected,
            change_pct=depth,
            impact=cost.impact,
            severity=severity(cost, abs(depth or 0.0), p, judged),
            p_value=p,
            shape=self._shape(drop),
            impact_unit=cost.unit,
        )

    def over(self, drop: Drop, window: Window) -> tuple[float, float]:
        """(actual, expected) of a drop's series, of the metric's numerator, over other days."""
        tested = self._plan.tested[drop.test]
        first = window.first + tested.delay - self._plan.panel.first
        days = slice(max(first, 0), max(first + len(window), 0))
        expected, values = self._detector.expected[drop.row, days], self._plan.panel.values[drop.row, days]
        begun = ~np.isnan(expected)
        sums = float(values[begun].sum()), float(expected[begun].sum())
        exposure = self._plan.panel.exposure
        if not tested.ceiling or exposure is None:
            return sums
        most = tested.ceiling * float(exposure[drop.row, days][begun].sum())
        return most - sums[0], most - sums[1]

    def cost(self, drop: Drop) -> Cost:
        """What a drop costs, by the series in which it shows."""
        metric = self._plan.tested[drop.test].metric
        root = root_of(self.catalogue, metric, self._measures)
        own = self._own_share(drop)
        if root is metric or drop.expected <= 0:
            if metric.unit == "ratio":
                return Cost(abs(drop.change), "count" if metric.adds_events else "number", own)
            return Cost(abs(drop.change) / (drop.exposure if metric.is_ratio else 1.0), metric.unit, own)
        # The root is proportional to each of its factors, and cannot have lost more than it fell short by.
        expected = self._expected_root(root, drop)
        lost = min(abs(drop.depth) * expected, max(expected - self._sum(root, drop, drop.where), 0.0))
        whole = self._sum(root, drop, self._where) + lost
        return Cost(lost, root.unit, lost / whole if whole > 0 else 0.0, own)

    def _own_share(self, drop: Drop) -> float:
        """The share of the metric's own whole that was lost."""
        metric = self._plan.tested[drop.test].metric
        row = self._totals.get(drop.test, drop.row)
        if is_bad_state(drop.where):  # all states are tested by themselves
            row = self._rows.get((metric.key, self._where), row)
        whole = self.over(replace(drop, row=row), drop.window)[1]
        return abs(drop.change) / whole if whole > 0 else 0.0

    def _expected_root(self, root: Metric, drop: Drop) -> float:
        """What was expected of the root in the drop's segment: its forecast, else what came in spite of the drop, scaled up."""
        row = self._rows.get((root.key, drop.where))
        if row is not None:
            return self.over(replace(drop, row=row, test=self._plan.row_of[row][0]), drop.window)[1]
        return self._sum(root, drop, drop.where) / max(1 + drop.depth, _LEAST_LEFT)

    def _sum(self, metric: Metric, drop: Drop, where: Segment) -> float:
        """The numerator of a metric in a segment on the days of a drop."""
        tested = self._plan.tested[drop.test]
        row = self._row_in_slices[drop.test].get(where)
        slices = tested.slice_sums if row is not None else self._overlaps.sums(drop.test, where, metric)
        first = self._plan.panel.first
        days = slice(max(drop.onset - first, 0), drop.last - first + 1)
        sums = {name: values[row or 0, days].sum() for name, values in slices.sums.items()}
        return float(metric.scale * metric.numerator.of(sums))

    def _shape(self, drop: Drop) -> Shape:
        if drop.row < 0:
            return "step"
        first = self._plan.panel.first - self._plan.tested[drop.test].delay
        days = slice(drop.onset - first, drop.last - first + 1)
        return shape_of(self._plan.panel.values[drop.row, days], self._detector.expected[drop.row, days])


def finding_id(metric: str, where: Segment, anchor: int) -> str:
    """Names a drop by its metric, its segment and the day on which it was first seen to begin."""
    return blake2s(f"{metric}|{where}|{anchor}".encode(), digest_size=5).hexdigest()
