"""What a screen asks about a scorecard before it shows it: is the grade sure, do the sums close."""

from collections.abc import Mapping
from math import fsum, isclose

import numpy as np

from core.ratings.rating_results import ScoreCard


def is_sure(grades: Mapping[str, float], grade: int, low: float, high: float) -> bool:
    """Whether an interval of scores lies within a grade (index into `grades`; -1 = provisional, which has no borders)."""
    lows = [*grades.values()]
    return grade < 0 or (lows[grade] <= low and high < (lows[grade - 1] if grade else np.inf))


def closes(card: ScoreCard) -> bool:
    """Whether every sum of a card closes: points on the score, shifts on its change, their parts on each shift."""
    rating, move = card.rating, card.movement
    sums = [
        (fsum(part.points for part in rating.components), rating.score),
        (fsum(shift.change for shift in move.shifts), move.change),
        (move.before + move.change, move.after),
        *((fsum((at.entering, at.leaving, at.peers, at.weights, at.rules)), at.change) for at in move.shifts),
    ]
    return all(isclose(total, reported, abs_tol=1e-6) for total, reported in sums)
