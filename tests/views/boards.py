"""A leaderboard to look at, which never changes."""

import numpy as np

from core.base.days import parse_day
from core.views.standings.leaderboard import Leaderboard

DAY = parse_day("2026-03-15")
SINCE = DAY - 28
GRADES = {"A": 75.0, "B": 60.0, "C": 45.0, "D": 0.0}
COMPONENTS = ("product", "content", "compliance")
WEIGHTS = (50.0, 30.0, 20.0)
NASTY = "[b]C9[/b]\x1b[31m"
"""An account whose name wants to be markup."""


def board(side: str = "creators") -> Leaderboard:
    """Six cards of five accounts; the last is new, the one before has no case at all."""
    points = np.array([[40, 30, 20, 45, 30, 30], [20, 25, 10, 28, 20, 20], [18, 15, 10, 10, 12, 12]], float)
    before = np.array([[40, 38, 21, 30, 30, np.nan], [28, 25, 14, 28, 20, np.nan], [18, 17, 5, 8, 12, np.nan]], float)
    score = points.sum(axis=0)
    half = np.array([2.0, 6.0, 3.0, 1.0, 20.0, 15.0])
    return Leaderboard(
        side="sellers" if side == "sellers" else "creators",
        as_of=DAY,
        since=SINCE,
        names=("", "C1", "C2", "C3", "C4", NASTY),
        persons=("", "H1", "H1", "C3", "C4", "H5"),
        roles=("affiliate", "live_host"),
        markets=("", "ID", "TH"),
        components=COMPONENTS,
        grades=GRADES,
        who=np.array([1, 1, 2, 3, 4, 5]),
        role=np.array([0, 1, 0, 0, 1, 1]),
        market=np.array([1, 1, 2, 1, 1, 2]),
        score=score,
        low=score - half,
        high=score + half,
        grade=np.array([0, 1, 3, 0, -1, -1]),
        rank=np.array([2, 1, 1, 1, 0, 2]),
        peers=np.array([2, 1, 1, 2, 0, 2]),
        orders=np.array([400, 150, 300, 4000, 0, 3]),
        gmv=np.array([9000.5, 1200, 500, 120_000, 0, 12]),
        newcomer=np.array([False, False, False, False, False, True]),
        points=points,
        weight=np.repeat(np.array([WEIGHTS]).T, 6, axis=1),
        before=before.sum(axis=0),
        grade_before=np.array([0, 0, 3, 1, -1, -2]),
        points_before=before,
    )
