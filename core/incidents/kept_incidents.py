"""The incidents of a workspace, kept with its state: a second scan costs next to nothing."""

from collections.abc import Sequence

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.detection.findings import Scan
from core.workspace.read.workspace import Workspace


def find_incidents(
    workspace: Workspace,
    *,
    as_of: int | Window | None = None,
    metrics: Sequence[str] | None = None,
    by: Sequence[str] | None = None,
    where: Segment = EVERYTHING,
) -> Scan:
    """The incidents that are on at a day (the newest whole one by default), worst first; for a window, at each of its days.

    Each day is judged by what was known at its end. Raises UsageError for unknown metrics and dimensions, NotEnoughData
    when there is nothing to judge.
    """
    question = ("scan", as_of, metrics and tuple(metrics), by and tuple(by), where)

    def scan() -> Scan:
        from core.incidents.incident_scan import scan_incidents  # 0.1 s, which a kept answer does not need

        return scan_incidents(workspace, as_of, metrics, by, where)

    return workspace.kept(question, Scan, scan)
