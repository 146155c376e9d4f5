"""Whether the data are whole: what is missing, doubled, cut off or counted differently, and what that affects."""

from collections.abc import Iterable

from core.base.count_text import count
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.detection.findings import Check
from core.detection.quality.breaks.daily_breaks import break_issues
from core.detection.quality.breaks.slice_gaps import gap_issues
from core.detection.quality.content_checks import content_issues, sequence_issues
from core.detection.quality.jumps.value_jumps import value_issues
from core.detection.quality.load_checks import load_issues
from core.detection.quality.measure_checks import counting_issues
from core.detection.quality.newest_days.late_measures import late_measure_issues
from core.detection.quality.newest_days.newest_cubes import newest_cubes, orders_beside_traffic
from core.detection.quality.newest_days.uneven_day import uneven_day_issues
from core.detection.quality.newest_days.unfinished_day import unfinished_days
from core.detection.quality.newest_days.unfinished_slice import slice_issues
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.row_checks import future_issues, row_issues, stray_issues
from core.detection.quality.yearly_closures import closure_issues
from core.workspace.read.event_log import Event
from core.workspace.read.workspace import Workspace

CHECKS = {
    "missing_days": "every source has rows on each of its days",
    "missing_slices": "no market, channel, device or large shop has gaps while others continue",
    "partial_newest_day": "the newest day is complete",
    "stopped_source": "every source continues to the end of the data",
    "stray_days": "no row is more than a year from all others, or in the future",
    "yearly_closure": "the newest days are no yearly low",
    "row_jumps": "the number of rows per day is steady",
    "double_loads": "no row was loaded twice under different ids",
    "event_order": "no order was paid, shipped, delivered or refunded too early",
    "orphans": "all orders, creators and sellers that rows refer to exist",
    "null_rates": "no column is blank more often than before",
    "unit_jumps": "amounts show no change of currency or unit",
    "value_jumps": "no daily export and no segment of one jumps by a round factor and back",
    "currencies": "every amount of an order is counted in one currency",
    "clock_shift": "orders arrive at their usual hours",
    "export_caps": "no export stops at the row limit of a known system",
    "instrumentation": "every measure is recorded over the whole period",
    "logging_loss": "no funnel step misses events that the next step records",
    "inflated_counts": "no count rises in a segment while nothing comes of it",
    "frozen_values": "no newest days of a daily export repeat the day before",
    "period_figures": "no daily export repeats figures of weeks or months on each of their days",
    "replaced_rows": "no load replaced most of the existing rows",
    "changed_columns": "the exports of each source have the same columns as before",
    "summed_rates": "no rate, average or position is added up",
    "mixed_sources": "both sides of every ratio of daily figures come from the same systems",
    "definition_change": "no rate changes everywhere at once by the same factor",
}
"""Check -> what holds when it passes."""
_CLOSING = frozenset({"holiday", "outage"})
"""Kinds of events of a segment during which it may have no rows."""
_TWO_YEARS, _FEW = 731, 10
_NEEDS = {
    "yearly_closure": _TWO_YEARS,
    **dict.fromkeys(
        ("partial_newest_day", "row_jumps", "null_rates", "unit_jumps", "value_jumps", "clock_shift", "logging_loss",
         "inflated_counts", "frozen_values", "definition_change"), _FEW),
}  # fmt: skip
"""Check -> the days of data below which nothing can be said: it compares days with those before, or with the years before."""


def issues(workspace: Workspace, window: Window | None = None) -> tuple[QualityIssue, ...]:
    """Everything that is wrong with the data of a window (default: all), the gravest first."""
    days = window or workspace.span
    profile = workspace.profile(days)
    stretched = window is None and workspace.whole_span != days
    newest = tuple(newest_cubes(workspace, days))
    with_orders = (*newest, *orders_beside_traffic(workspace, profile, days))
    all_issues = [
        *row_issues(profile),
        *(stray_issues(workspace.profile(workspace.whole_span)) if stretched else ()),
        *(future_issues(workspace) if stretched else ()),
        *(tuple(unfinished_days(newest)) or (*uneven_day_issues(newest), *late_measure_issues(with_orders))),
        *closure_issues(workspace, days),
        *slice_issues(profile),
        *gap_issues(profile),
        *content_issues(profile, days),
        *counting_issues(workspace, profile, days),
        *value_issues(workspace, profile, days),
        *break_issues(workspace, profile, days),
        *load_issues(profile.loads, days),
    ]
    events = workspace.events(days.first, days.last)
    return tuple(sorted((issue for issue in all_issues if not is_announced(issue, events)), key=_gravity))


def is_announced(issue: QualityIssue, events: Iterable[Event]) -> bool:
    """Whether the change log says that a segment was closed on each of the days on which it has no rows."""
    if issue.check != "missing_slices":
        return False
    closures = [event for event in events if event.kind in _CLOSING and event.where and event.where.covers(issue.where)]
    missing = range(issue.days.first, issue.days.last + 1)
    return all(any(day in event.window for event in closures) for day in missing)


def _gravity(issue: QualityIssue) -> tuple[bool, int, str]:
    return issue.status != "fail", -issue.days.last, issue.check


def check(workspace: Workspace) -> tuple[Check, ...]:
    """All checks: those that found something first, with what it affects, then those that passed. Raises NotEnoughData."""
    workspace.check_measures()
    profile = workspace.profile(workspace.span)
    # not among what `scan` and `explain` look at: five more passes through the orders
    failed = (*issues(workspace), *sequence_issues(profile))
    failed = tuple(sorted(failed, key=_gravity))
    bad = {issue.check for issue in failed}
    passed = tuple(Check(name, "pass", _passed(name, len(workspace.span))) for name in CHECKS if name not in bad)
    return (*(Check(issue.check, issue.status, issue.detail) for issue in failed), *passed)


def _passed(name: str, days: int) -> str:
    """What a check says that found nothing in so many days of data."""
    return (
        CHECKS[name] if days >= _NEEDS.get(name, 0) else f"nothing found, but {count(days, 'day')} of data cannot tell"
    )


def issues_affecting(
    candidates: Iterable[QualityIssue],
    workspace: Workspace,
    window: Window,
    measures: Iterable[str],
    where: Segment = EVERYTHING,
) -> tuple[QualityIssue, ...]:
    """Those of the issues that touch these base measures in this segment on these days."""
    names = frozenset(measures)
    kinds = frozenset(kind for name in names if (kind := workspace.kind_of(name)) is not None)
    return tuple(issue for issue in candidates if issue.touches(window, names, kinds, where))
