"""A doubt about the data that a change began with: it may be no change of the world at all."""

from collections.abc import Iterable

from core.base.segment import Segment
from core.detection.quality.quality_issue import QualityIssue
from core.explanation.explanation_results import Explanation

_NEAR = 1
"""Days between the beginning of a change and that of what is wrong with the data: an onset is known to a day at best."""

_NEWEST = 5
"""A warning about so few days at most may be seen on any of them: of late rows the newest day lacks most."""


def data_doubt(issues: Iterable[QualityIssue], answer: Explanation) -> str:
    """The first warning that began with the change, in the same place; empty where there is none, or nothing changed.

    `issues`: those that touch what is explained. What failed is no doubt.
    """
    place = answer.where.narrowed(answer.segments[0].where) if answer.segments else answer.where
    return next(
        (issue.detail for issue in issues if answer.is_drop and _began_with(issue, answer.onset.day, place)), ""
    )


def _began_with(issue: QualityIssue, onset: int, place: Segment) -> bool:
    is_short = len(issue.days) <= _NEWEST and onset in issue.days
    is_there = issue.where.covers(place) or (bool(place) and place.covers(issue.where))
    return issue.status == "warn" and is_there and (is_short or abs(issue.days.first - onset) <= _NEAR)
