"""How much grades move (Shorrocks, The Measurement of Mobility, Econometrica 1978)."""

import numpy as np

from core.base.arrays import Ints
from core.detection import distributions
from core.ecosystem.fairness.score_history import ScoreHistory
from core.ecosystem.members.activity import WEEKS
from core.ecosystem.proportions import fisher, newcombe, wilson
from core.ecosystem.results.claim_results import Claim, Interval
from core.ecosystem.results.fairness_results import GradeFlow, Mobility

_LEAST_CARDS = 8
"""Cards of each grade that the index needs."""


def mobility(standing: ScoreHistory) -> Mobility:
    """The moves of the cards of one side over 28 days."""
    before, after, grades = standing.grade_before(), standing.grade(), standing.grades
    both = before >= 0
    size = len(grades)
    matrix = np.bincount(before[both] * size + after[both], minlength=size * size).reshape(size, size)
    graded = matrix[:-1, :-1]
    up, down = int(np.tril(graded, -1).sum()), int(np.triu(graded, 1).sum())
    index, interval = shorrocks(graded)
    chosen, earlier = int(graded.sum()), standing.moved_before
    return Mobility(
        side=standing.side,
        cards=int(both.sum()),
        grades=grades,
        matrix=tuple(tuple(row) for row in matrix.tolist()),
        moved=tuple(
            GradeFlow(grades[row], grades[column], int(matrix[row, column]))
            for row, column in np.argwhere(matrix).tolist()
            if row != column
        ),
        up=up,
        down=down,
        graded=chosen,
        moved_share=(up + down) / max(chosen, 1),
        moved_interval=wilson(up + down, chosen),
        moved_share_before=None if earlier is None or not earlier[1] else earlier[0] / earlier[1],
        shorrocks=index,
        shorrocks_interval=interval,
    )


def shorrocks(matrix: Ints) -> tuple[float | None, Interval | None]:
    """(k - trace P) / (k - 1) over the k rows that anybody is in, and its 95 % interval; None below two rows, or where a
    row has fewer than eight: of so few the interval covered 88 %.

    The rows are drawn independently: Wilson's intervals of who stayed in each, put together as those of a sum of shares (MOVER:
    Zou and Donner, Statistics in Medicine 2008).
    """
    items = np.flatnonzero(matrix.sum(axis=1))
    k = len(items)
    n, stay = matrix.sum(axis=1)[items], np.diag(matrix)[items]
    if k < 2 or n.min() < _LEAST_CARDS:
        return None, None
    index = (k - float((stay / n).sum())) / (k - 1)
    low, high = distributions.wilson(stay.astype(np.float64), n.astype(np.float64))
    more, less = (float(np.sqrt(((stay / n - limit) ** 2).sum())) / (k - 1) for limit in (low, high))
    return index, (max(index - less, 0.0), min(index + more, k / (k - 1)))


def mobility_claim(standing: ScoreHistory, result: Mobility, last: int) -> Claim | None:
    """Whether more grades moved than in the 28 days before; None where nobody was graded then.

    Nor while the data are young: grades had to be surer to move in the days before, so that more move now by themselves (in a
    marketplace of 120 days and constant quality 10 % of the grades, after none).
    """
    earlier = standing.moved_before
    if earlier is None or not earlier[1] or not result.graded:
        return None
    if not standing.now.history.is_grown(last - 14 * WEEKS):
        return None
    now = result.up + result.down, result.graded
    change = now[0] / now[1] - earlier[0] / earlier[1]
    return Claim(
        topic="mobility", figure="moved_share", side=standing.side, where={}, unit="ratio",
        now=result.moved_share, before=earlier[0] / earlier[1], effect=change, is_factor=False,
        interval=newcombe(now, earlier), p_value=fisher(now, earlier), onset=last - 27, is_worse=None,
    )  # fmt: skip
