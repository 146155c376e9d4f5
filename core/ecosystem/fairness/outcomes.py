"""What became of the orders of each member after it was rated."""

import numpy as np

from core.base.arrays import Floats
from core.base.days import Window
from core.base.segment import Segment
from core.ecosystem.fairness.calibration import Outcomes
from core.ecosystem.fairness.exposure import Seen
from core.ecosystem.fairness.rating_gaps import persons_of
from core.ecosystem.fairness.score_history import ScoreHistory, merit
from core.ecosystem.members.activity import COLUMNS, WEEKS, Activity
from core.ecosystem.members.member_groups import PlaceGroups
from core.ratings.rating_table import RatingTable
from core.workspace.read.workspace import Workspace

_DAYS = 7 * WEEKS
_BAD = ("refunded_orders", "negative_reviews")
_DUE = "late_dispatches"
_BAD_OF_SELLERS = (_DUE, "seller_cancelled_orders")
_CASES = "paid_orders"


def outcomes(
    workspace: Workspace, standing: ScoreHistory, activity: Activity, groups: PlaceGroups, where: Segment
) -> tuple[Outcomes | None, Outcomes | None]:
    """Of the last 28 days, and of the 28 before; None where nobody was rated at their beginning."""
    ends = ((standing.before, activity.as_of), (standing.earlier, activity.as_of - _DAYS))
    now, before = (_outcomes(workspace, rated, activity, end, groups, where) for rated, end in ends)
    return now, before


def _outcomes(
    workspace: Workspace, rated: RatingTable | None, activity: Activity, end: int, groups: PlaceGroups, where: Segment
) -> Outcomes | None:
    if rated is None or _CASES not in workspace.measures:
        return None
    crowd = activity.crowd
    requested = _BAD + (_BAD_OF_SELLERS if crowd.side == "sellers" else ())
    measures = [name for name in requested if name in workspace.measures]
    column, window = COLUMNS[crowd.side], Window(end - _DAYS + 1, end)
    cube = workspace.cube((_CASES, *(name for name in measures if name != _DUE)), window, [column], where, as_of=end)
    # a deadline has passed when its day is over: the newest day may be half a day
    due = workspace.cube((_DUE,), window, [column], where, as_of=end - 1) if _DUE in measures else cube

    def by_place(measure: str) -> Floats:
        totals = (due if measure == _DUE else cube).totals(measure, [column])
        return np.bincount(crowd.names.place[: len(totals)], totals, crowd.size).astype(np.float64)

    score, grade = merit(rated, crowd.size)
    cases = by_place(_CASES)
    bad = np.minimum(sum((by_place(name) for name in measures), np.zeros(crowd.size)), cases)
    members = np.flatnonzero(~np.isnan(score) & (cases > 0))
    members = members[members > 0]
    return Outcomes(
        side=crowd.side,
        score=score[members],
        grade=grade[members],
        grades=rated.grades,
        person=persons_of(rated, members),
        cases=cases[members],
        bad=bad[members],
        groups={name: (code[members], words) for name, (code, words) in groups.items()},
    )


def seen(standing: ScoreHistory, activity: Activity, weeks: int, groups: PlaceGroups) -> Seen | None:
    """Scores of 28 days ago and impressions since and before; None without either."""
    if standing.before is None or "impressions" not in activity.amounts:
        return None
    score, _ = merit(standing.before, activity.crowd.size)
    impressions = activity.weekly("impressions", weeks)
    members = np.flatnonzero(~np.isnan(score) & (impressions.sum(axis=1) > 0))
    return Seen(
        score[members], impressions[members], {name: (code[members], words) for name, (code, words) in groups.items()}
    )
