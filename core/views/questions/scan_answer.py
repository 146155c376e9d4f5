"""What a scan is read together with: the cases that are due, and the indexes that got worse."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.base.days import Window
from core.detection.findings import Scan
from core.incidents.finding_log import remember
from core.incidents.kept_incidents import find_incidents
from core.indexes.index_results import IndexValue
from core.views.case_list import CaseList, case_list
from core.views.kept_answers import kept_index_drops
from core.views.questions.question_words import read_dimensions, read_segment, read_window
from core.workspace.read.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """The findings of a day or a range, and what a reader needs to know with them."""

    scan: Scan
    days: Window | None
    """The range whose every day was asked about; None for one day."""
    cases: CaseList
    index_drops: tuple[IndexValue, ...]
    """Of the newest day; none where other days or only some metrics are asked about."""


def scan_answer(
    workspace: Workspace, as_of: str, metrics: Sequence[str] | None, by: Sequence[str] | None, where: str
) -> ScanAnswer:
    """Scans the days, metrics, dimensions and segment that are written; its findings can be named from now on.

    Raises UsageError for words that mean nothing here, and what `find_incidents` raises.
    """
    days, segment = read_window(workspace, as_of), read_segment(workspace, where)
    range_ = days if days is not None and len(days) > 1 else None
    when = range_ if range_ or days is None else days.first
    dimensions = by and read_dimensions(workspace, *by)
    scan = find_incidents(workspace, as_of=when, metrics=metrics, by=dimensions, where=segment)
    remember(workspace.path, scan.findings)
    drops = () if metrics or as_of else kept_index_drops(workspace, segment)
    return ScanAnswer(scan, range_, case_list(workspace), drops)
