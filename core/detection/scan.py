"""Finds the drops that are on: every metric, in total and in every slice, worst first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.date_text import date_range, date_text, during
from core.base.days import Window, iso
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.detection.case_activity import CaseActivity
from core.detection.detector.active_drops import ActiveDrops
from core.detection.detector.drop_state import THRESHOLD
from core.detection.detector.online_detector import OnlineDetector
from core.detection.detector.regularity import FEWEST_WATCHED, WATCHED
from core.detection.drop_figures import DropFigures
from core.detection.drop_merging import Drop, crossing, nested
from core.detection.finding_dedup import RANKS, dedup_findings
from core.detection.findings import Check, Finding, Scan, Shape
from core.detection.forecast.panel import CLOSED, Panel
from core.detection.quality.data_quality import issues, issues_affecting
from core.detection.quality.end_of_exports import newest_covered, newest_exported
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.row_checks import newest_whole_day
from core.detection.quality.silent_days import SilentDays
from core.detection.scan_plan import ScanPlan, plan_scan
from core.detection.segment_overlap import SegmentOverlaps
from core.workspace.read.workspace import Workspace

_SHORTEST_PERIOD = 6
"""Days between figures from which on they are figures of weeks or months."""
_RECENT = 42
"""What is wrong with days so long before is reported with a scan."""
_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class DropsOfDay:
    """The drops that are on at the end of a day; of a segment and its parts, and of crossing segments, those to report."""

    day: int
    judged: int
    """How many series were judged."""
    drops: tuple[Drop, ...]
    as_usual: frozenset[tuple[str, Segment]]
    """Metrics and segments whose cases rose, but only with what they are counted of."""


class Detection:
    """A scan in progress: the series, the detector that goes through their days, and what is wrong with the data."""

    def __init__(
        self,
        workspace: Workspace,
        days: Window,
        metrics: Sequence[str] | None,
        by: Sequence[str] | None,
        where: Segment,
        notes: tuple[str, ...],
    ) -> None:
        self.days, self.where, self.notes = days, where, notes
        self.plan: ScanPlan = plan_scan(workspace, days, metrics, by, where)
        self._detector = OnlineDetector(self.plan.panel)
        self.overlaps = SegmentOverlaps(self.plan, self._detector)
        self.figures = DropFigures(workspace, self.plan, self._detector, self.overlaps, where)
        self.activity = CaseActivity(workspace, self.plan, self._detector)
        self.issues = issues(workspace, self.plan.cube.window)

    def by_day(self) -> Iterator[DropsOfDay]:
        """The drops of each of the days, in their order; the figures are those of the day that was given last."""
        first = self.plan.panel.first
        for active in self._detector.sightings(range(self.days.first - first, self.days.last - first + 1)):
            by_test: dict[int, list[Drop]] = {}
            drops = list(self._drops(active))
            beyond = list(self._beyond_activity(drops))
            for drop in beyond:
                by_test.setdefault(drop.test, []).append(drop)
            merged = [
                drop
                for alike in by_test.values()
                for drop in crossing(nested(alike, self.figures.over), self.overlaps.common)
            ]
            yield DropsOfDay(
                day=active.day,
                judged=active.judged,
                drops=tuple(merged),
                as_usual=self._named(drops) - self._named(beyond),
            )

    def _named(self, drops: Iterable[Drop]) -> frozenset[tuple[str, Segment]]:
        """Their metrics, which are tested at two ages where they are known late, and segments."""
        return frozenset((self.plan.tested[drop.test].metric.key, drop.where) for drop in drops)

    def _beyond_activity(self, drops: Iterable[Drop]) -> Iterator[Drop]:
        """The drops without cases that rose only with what they are counted of; others are as clear as they are beyond it."""
        for drop in drops:
            beyond = self.activity.score(drop)
            if beyond == drop.score:
                yield drop
            elif beyond >= THRESHOLD:
                yield replace(drop, score=beyond, clearest=beyond)

    def _drops(self, active: ActiveDrops) -> Iterator[Drop]:
        for index, row in enumerate(active.series.tolist()):
            test, where = self.plan.row_of[row]
            tested = self.plan.tested[test]
            actual, expected, exposure = (
                float(values[index]) for values in (active.actual, active.expected, active.exposure)
            )
            if tested.ceiling:
                actual, expected = tested.ceiling * exposure - actual, tested.ceiling * exposure - expected
            yield Drop(
                test=test,
                where=where,
                row=row,
                kin=row,
                anchor=int(active.anchor[index]) - tested.delay,
                onset=int(active.onset[index]) - tested.delay,
                last=active.day - tested.delay,
                actual=actual,
                expected=expected,
                variance=float(active.variance[index]),
                exposure=exposure,
                score=float(active.z[index]),
                clearest=float(active.clearest[index]),
                reach=float(active.reach[index]),
                rare=float(active.rare[index]),
            )


def detect(
    workspace: Workspace,
    *,
    as_of: int | Window | None = None,
    metrics: Sequence[str] | None = None,
    by: Sequence[str] | None = None,
    where: Segment = EVERYTHING,
) -> Detection:
    """A scan of a day (the newest whole one by default) or of each day of a window, ready to be gone through.

    Raises UsageError for unknown metrics and dimensions, NotEnoughData when there is nothing to judge.
    """
    if metrics is None:
        workspace.read_together()
    days, notes = _newest(workspace) if as_of is None else (_days(workspace, as_of), ())
    return Detection(workspace, days, metrics, by, where, notes)


def reported(detection: Detection, day: DropsOfDay) -> list[Finding]:
    """The drops of a day as findings, worst first; metrics that show one drop in one segment are one."""
    figures = detection.figures
    priced = [(figures.is_priced(drop), *figures.finding(drop, day.day, day.judged)) for drop in day.drops]
    priced.sort(key=lambda item: (RANKS.index(item[2].severity), not item[0], -item[1], item[2].p_value, item[2].id))
    return dedup_findings([finding for _, _, finding in priced], figures.catalogue)


def _instead(past: Window) -> str:
    """What can be done with so few days: the newest of them, at most a week, and as many before can be compared."""
    half = min(len(past) // 2, _WEEK)
    newest = Window(past.last - half + 1, past.last)
    compare = f"Compare two windows instead: whydrop explain METRIC --window {newest} --baseline previous"
    return compare if half else "Load older exports."


def scan_of(workspace: Workspace, detection: Detection, judged: int, findings: Sequence[Finding]) -> Scan:
    """The result of a scan, what is wrong with the data last. Raises NotEnoughData when nothing was judged."""
    days, cadence = detection.days, _cadence(detection.plan.panel)
    if not judged:
        raise NotEnoughData(
            f"too little history to test {date_text(days.last)}: the data begin on {date_text(workspace.span.first)}"
            f"{''.join(f', and {text}' for text in cadence)}. A scan needs "
            f"four weeks of data, and {FEWEST_WATCHED} to {WATCHED} days with data in the half year before. "
            f"{_instead(Window(workspace.span.first, days.last))}"
        )
    measures = {name for tested in detection.plan.tested for name in tested.metric.measures()}
    recent = issues_affecting(
        detection.issues, workspace, Window(days.first - _RECENT, days.last), measures, detection.where
    )
    return Scan(
        as_of=days.last,
        tested=judged,
        findings=tuple(sorted(findings, key=lambda finding: (finding.as_of, finding.kind == "data"))),
        notes=(*detection.notes, *cadence, *map(_not_watched, sorted(detection.plan.taken_over))),
        data_quality=tuple(Check(issue.check, issue.status, issue.detail) for issue in recent),
    )


def _cadence(panel: Panel) -> list[str]:
    """What a day stands for where figures come once a week or a month."""
    gaps = np.diff(np.flatnonzero(panel.values.any(0)))
    if not len(gaps) or gaps.min() < _SHORTEST_PERIOD:
        return []
    return [f"figures come every {np.median(gaps):.0f} days: each counts for all days since the one before"]


def _not_watched(dimension: str) -> str:
    return f"{dimension}: only rates are tested, because its values replaced each other: a value that falls is no loss"


def with_quality(finding: Finding, quality: Sequence[QualityIssue], workspace: Workspace) -> Finding:
    """The finding, a matter of the data and no drop when a check fails on its days."""
    measures = workspace.catalogue.metric(finding.metric).measures()
    touching = issues_affecting(quality, workspace, finding.window, measures, finding.where)
    if not touching:
        return finding
    checks = tuple(Check(issue.check, issue.status, issue.detail) for issue in touching)
    failed = [issue for issue in touching if issue.status == "fail" and not _is_left_out(issue, finding, workspace)]
    unfinished = [issue for issue in touching if issue.check == "partial_newest_day"]
    partial = any(issue.status == "fail" or issue.days == finding.window for issue in unfinished)
    shape: Shape = "partial" if partial else finding.shape
    finding = replace(finding, data_quality=checks, shape=shape)
    return replace(finding, kind="data", severity="minor") if failed else finding


def _is_left_out(issue: QualityIssue, finding: Finding, workspace: Workspace) -> bool:
    """Whether a finding that began earlier was not judged on any day of an issue: no figure of the metric came then, as of those
    that are known days later, such as who came back after a week."""
    if issue.check not in _NOTHING_CAME or issue.days.first <= finding.window.first:
        return False
    days = Window(issue.days.first, finding.window.last)
    silent = SilentDays(workspace, workspace.span).of(workspace.catalogue.metric(finding.metric).measures())[0]
    return bool((silent[days.first - workspace.span.first :][: len(days)] == CLOSED).all())


_NOTHING_CAME = frozenset(("null_rates", "stopped_source"))


def _newest(workspace: Workspace) -> tuple[Window, tuple[str, ...]]:
    """The newest whole day that exports cover, and what is left out."""
    whole, last = newest_whole_day(workspace), workspace.span.last
    newest, notes = newest_covered(workspace, whole)
    newest = max(newest, workspace.span.first)
    if not notes and newest < last:
        left_out = date_range(Window(newest + 1, last))
        notes = (
            f"left out as incomplete: {left_out} (whydrop check says why; --as-of {iso(last)} judges them anyway)",
        )
    end, later = newest_exported(workspace)
    if later and end < newest:
        end_text = f"orders and traffic end on {date_text(end)}: days without any are judged anyway"
        notes = (*notes, f"{end_text}; --as-of {iso(end)} leaves them out")
    return Window(newest, newest), notes


def _days(workspace: Workspace, as_of: int | Window) -> Window:
    span = workspace.span
    days = as_of if isinstance(as_of, Window) else Window(as_of, as_of)
    if not days.overlaps(span):
        raise NotEnoughData(f"no data {during(days)}: the workspace holds {date_range(span)}. Choose a day inside.")
    return Window(max(days.first, span.first), min(days.last, span.last))
