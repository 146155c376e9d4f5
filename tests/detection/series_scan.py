"""Every series with a drop on, as the search for incidents begins from."""

from collections.abc import Sequence

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.detection.findings import Finding, Scan
from core.detection.scan import detect, reported, scan_of, with_quality
from core.workspace.read.workspace import Workspace


def scan_series(
    workspace: Workspace,
    *,
    as_of: int | Window | None = None,
    metrics: Sequence[str] | None = None,
    by: Sequence[str] | None = None,
    where: Segment = EVERYTHING,
) -> Scan:
    """The series with a drop on at a day (the newest whole one by default), worst first; for a window, at each of its days."""
    detection = detect(workspace, as_of=as_of, metrics=metrics, by=by, where=where)
    findings: list[Finding] = []
    judged = 0
    for day in detection.by_day():
        judged = max(judged, day.judged)
        findings += reported(detection, day)
    checked = [with_quality(finding, detection.issues, workspace) for finding in findings]
    return scan_of(workspace, detection, judged, sorted(checked, key=lambda finding: finding.as_of))
