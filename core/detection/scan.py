"""Finds the drops that are on: every metric, in total and in every slice, worst first."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import blake2s

import numpy as np

from core.base.days import Window, iso
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.catalogue import Metric
from core.detection.detector.drop_state import WIDTHS
from core.detection.detector.online_detector import ActiveDrops, OnlineDetector
from core.detection.detector.onset_shape import shape_of
from core.detection.distributions import interval, normal_cdf
from core.detection.drop_merging import Drop, crossing, nested
from core.detection.finding_dedup import RANKS, dedup_findings
from core.detection.findings import Check, Finding, Scan, Shape
from core.detection.quality.data_quality import issues, issues_affecting
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.row_checks import newest_whole_day
from core.detection.scan_plan import ScanPlan, plan_scan
from core.detection.segment_overlap import SegmentOverlaps
from core.detection.severity import root_of, severity
from core.workspace.read.workspace import Workspace

_LEAST_LEFT = 0.2
_NEAR = 42
"""What is wrong with days so long before is told with a scan."""


def scan(
    workspace: Workspace,
    *,
    as_of: int | Window | None = None,
    metrics: Sequence[str] | None = None,
    by: Sequence[str] | None = None,
    where: Segment = EVERYTHING,
) -> Scan:
    """The drops that are on at a day (the newest whole one by default), worst first; for a window, at each of its days.

    Each day is judged by what was known at its end. Raises UsageError for unknown metrics and dimensions, NotEnoughData
    when there is nothing to judge.
    """
    if metrics is None:
        workspace.read_together()
    days = _days(workspace, as_of)
    field = plan_scan(workspace, days, metrics, by, where)
    replay = OnlineDetector(field.panel)
    teller = _Teller(workspace, field, replay, where)
    findings: list[Finding] = []
    judged = 0
    first = field.panel.first
    for sighting in replay.sightings(range(days.first - first, days.last - first + 1)):
        judged = max(judged, sighting.judged)
        findings += teller.tell(sighting)
    if not judged:
        raise NotEnoughData(
            f"too short a past to judge {iso(days.last)}: at least four weeks are needed, the data begin on "
            f"{iso(workspace.span.first)}. Compare two windows instead: whydrop explain METRIC --baseline previous"
        )
    doubts = issues(workspace, field.cube.window)
    told = tuple(_doubted(one, doubts, workspace) for one in findings)
    told = tuple(sorted(told, key=lambda one: (one.as_of, one.kind == "data")))
    measures = {name for one in field.tested for name in one.metric.measures()}
    near = issues_affecting(doubts, workspace, Window(days.first - _NEAR, days.last), measures, where)
    return Scan(
        as_of=days.last,
        tested=judged,
        findings=told,
        notes=field.notes,
        data_quality=tuple(Check(one.check, one.status, one.detail) for one in near),
    )


def _doubted(finding: Finding, doubts: Sequence[QualityIssue], workspace: Workspace) -> Finding:
    """The finding, a matter of the data and no drop when a check fails on its days."""
    measures = workspace.catalogue.metric(finding.metric).measures()
    touching = issues_affecting(doubts, workspace, finding.window, measures, finding.where)
    if not touching:
        return finding
    checks = tuple(Check(one.check, one.status, one.detail) for one in touching)
    failed = [one for one in touching if one.status == "fail"]
    if not failed:
        return replace(finding, data_quality=checks)
    partial = any(one.check == "partial_newest_day" for one in failed)
    shape: Shape = "partial" if partial else finding.shape
    return replace(finding, data_quality=checks, kind="data", severity="minor", shape=shape)


def _days(workspace: Workspace, as_of: int | Window | None) -> Window:
    span = workspace.span
    if as_of is None:
        newest = max(newest_whole_day(workspace), span.first)
        return Window(newest, newest)
    days = as_of if isinstance(as_of, Window) else Window(as_of, as_of)
    if not days.overlaps(span):
        raise NotEnoughData(f"no data on {days}: the workspace holds {span}. Choose a day inside.")
    return Window(max(days.first, span.first), min(days.last, span.last))


class _Teller:
    """Turns the sightings of a day into findings."""

    def __init__(self, workspace: Workspace, field: ScanPlan, replay: OnlineDetector, where: Segment) -> None:
        self._field, self._replay = field, replay
        self._catalogue = workspace.catalogue
        self._held = frozenset(workspace.measures)
        self._inside = where
        self._rare: dict[int, float] = {}
        self._overlaps = SegmentOverlaps(field, replay)
        self._totals = {index: row for row, (index, where) in reversed(list(enumerate(field.row_of)))}
        self._rows = {(field.tested[index].metric.key, where): row for row, (index, where) in enumerate(field.row_of)}
        self._places = [{segment: place for place, segment in enumerate(one.slice_sums.where)} for one in field.tested]

    def tell(self, sighting: ActiveDrops) -> list[Finding]:
        """The findings of a day, worst first."""
        by_test: dict[int, list[Drop]] = {}
        self._rare = dict(zip(sighting.series.tolist(), sighting.rare.tolist(), strict=True))
        for drop in self._drops(sighting):
            by_test.setdefault(drop.test, []).append(drop)
        told: list[tuple[float, Finding]] = []
        for drops in by_test.values():
            kept = crossing(nested(drops, self._over), self._overlaps.common)
            told += [self._finding(drop, sighting) for drop in kept]
        told.sort(
            key=lambda one: (
                RANKS.index(one[1].severity),
                not self._is_priced(one[1]),
                -one[0],
                one[1].p_value,
                one[1].id,
            )
        )
        return dedup_findings([finding for _, finding in told], self._catalogue)

    def _is_priced(self, finding: Finding) -> bool:
        """Whether its impact is in the root's unit, so that it can be compared with others; those come first."""
        metric = self._catalogue.metric(finding.metric)
        return bool(metric.factors) or root_of(self._catalogue, metric, self._held) is not metric

    def _drops(self, sighting: ActiveDrops) -> Iterator[Drop]:
        for place, row in enumerate(sighting.series.tolist()):
            test, where = self._field.row_of[row]
            delay = self._field.tested[test].delay
            actual, expected, under = (
                float(one[place]) for one in (sighting.actual, sighting.expected, sighting.exposure)
            )
            if self._field.tested[test].mostly:
                actual, expected = under - actual, under - expected
            yield Drop(
                test=test,
                where=where,
                row=row,
                kin=row,
                anchor=int(sighting.anchor[place]) - delay,
                onset=int(sighting.onset[place]) - delay,
                last=sighting.day - delay,
                actual=actual,
                expected=expected,
                variance=float(sighting.variance[place]),
                exposure=under,
                score=float(sighting.z[place]),
                reach=float(sighting.reach[place]),
            )

    def _over(self, drop: Drop, window: Window) -> tuple[float, float]:
        delay = self._field.tested[drop.test].delay
        first = window.first + delay - self._field.panel.first
        days = slice(max(first, 0), max(first, 0) + len(window))
        expected, values = self._replay.expected[drop.row, days], self._field.panel.values[drop.row, days]
        begun = ~np.isnan(expected)
        sums = float(values[begun].sum()), float(expected[begun].sum())
        exposure = self._field.panel.exposure
        if not self._field.tested[drop.test].mostly or exposure is None:
            return sums
        under = float(exposure[drop.row, days][begun].sum())
        return under - sums[0], under - sums[1]

    def _finding(self, drop: Drop, sighting: ActiveDrops) -> tuple[float, Finding]:
        """The finding, and the share of the whole that was lost."""
        metric, mostly = self._field.tested[drop.test].metric, self._field.tested[drop.test].mostly
        under = drop.exposure if metric.is_ratio else 1.0
        counted = drop.exposure - drop.expected if mostly else drop.expected
        ends = interval(np.array([counted]), np.array([drop.variance]), drop.reach)
        lo, hi = (drop.exposure - ends[1], drop.exposure - ends[0]) if mostly else ends
        p = float(min(1.0, WIDTHS * max(normal_cdf(np.array([-drop.score]))[0], self._rare.get(drop.row, 0.0))))
        actual, expected = drop.actual / under, drop.expected / under
        depth = drop.change / drop.expected if drop.expected > 0 else None
        impact, unit, share = self._cost(metric, drop)
        name = f"{metric.key}|{drop.where}|{drop.anchor}"
        return share, Finding(
            id=blake2s(name.encode(), digest_size=5).hexdigest(),
            as_of=sighting.day,
            metric=metric.key,
            where=drop.where,
            window=drop.window,
            onset=drop.onset,
            actual=actual,
            expected=expected,
            interval=(float(lo[0]) / under, float(hi[0]) / under),
            change=actual - expected,
            change_pct=depth,
            impact=impact,
            severity=severity(share, abs(depth or 0.0), p, sighting.judged),
            p_value=p,
            shape=self._shape(drop),
            impact_unit=unit,
        )

    def _cost(self, metric: Metric, drop: Drop) -> tuple[float, str, float]:
        """Impact, its unit, and the share of the whole that it is."""
        root = root_of(self._catalogue, metric, self._held)
        if root is metric or drop.expected <= 0:
            whole = self._over(replace(drop, row=self._totals.get(drop.test, drop.row)), drop.window)[1]
            own = abs(drop.change) / (drop.exposure if metric.is_ratio else 1.0)
            return own, metric.unit, abs(drop.change) / whole if whole > 0 else 0.0
        # The root is proportional to each of its factors.
        lost = abs(drop.depth) * self._expected_root(root, drop)
        whole = self._sum(root, drop, self._inside) + lost
        return lost, root.unit, lost / whole if whole > 0 else 0.0

    def _expected_root(self, root: Metric, drop: Drop) -> float:
        """What was expected of the root in the drop's segment: as it was foretold, else by what came in spite of the drop."""
        row = self._rows.get((root.key, drop.where))
        if row is not None:
            return self._over(replace(drop, row=row, test=self._field.row_of[row][0]), drop.window)[1]
        return self._sum(root, drop, drop.where) / max(1 + drop.depth, _LEAST_LEFT)

    def _sum(self, metric: Metric, drop: Drop, where: Segment) -> float:
        """The numerator of a metric in a segment on the days of a drop."""
        one = self._field.tested[drop.test]
        place = self._places[drop.test].get(where)
        held, row = (one.slice_sums, place) if place is not None else (self._overlaps.sums(drop.test, where, metric), 0)
        first = self._field.panel.first
        days = slice(max(drop.onset - first, 0), drop.last - first + 1)
        return float(
            metric.scale * metric.numerator.of({name: sums[row, days].sum() for name, sums in held.sums.items()})
        )

    def _shape(self, drop: Drop) -> Shape:
        if drop.row < 0:
            return "step"
        first = self._field.panel.first - self._field.tested[drop.test].delay
        days = slice(drop.onset - first, drop.last - first + 1)
        return shape_of(self._field.panel.values[drop.row, days], self._replay.expected[drop.row, days])
