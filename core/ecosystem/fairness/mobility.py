"""How much grades move (Shorrocks, The Measurement of Mobility, Econometrica 1978)."""

import numpy as np

from core.base.arrays import Ints
from core.detection.distributions import Z95
from core.ecosystem.fairness.score_history import ScoreHistory
from core.ecosystem.proportions import fisher, newcombe, wilson
from core.ecosystem.results.claim_results import Claim, Interval
from core.ecosystem.results.fairness_results import GradeFlow, Mobility


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
    """(k - trace P) / (k - 1) over the k rows that anybody is in, and its 95 % interval; None below two rows.

    The rows are drawn independently; their variance is that of a posterior with Jeffreys' prior, so that a row in which
    nobody moved is not taken for certain.
    """
    items = np.flatnonzero(matrix.sum(axis=1))
    k = len(items)
    if k < 2:
        return None, None
    n, stay = matrix.sum(axis=1)[items], np.diag(matrix)[items]
    index = (k - float((stay / n).sum())) / (k - 1)
    a, b = stay + 0.5, n - stay + 0.5
    half = Z95 * float(np.sqrt((a * b / ((a + b) ** 2 * (a + b + 1))).sum())) / (k - 1)
    return index, (max(index - half, 0.0), min(index + half, k / (k - 1)))


def mobility_claim(standing: ScoreHistory, result: Mobility, last: int) -> Claim | None:
    """Whether more grades moved than in the 28 days before; None where nobody was graded then."""
    earlier = standing.moved_before
    if earlier is None or not earlier[1] or not result.graded:
        return None
    now = result.up + result.down, result.graded
    change = now[0] / now[1] - earlier[0] / earlier[1]
    return Claim(
        topic="mobility", figure="moved_share", side=standing.side, where={}, unit="ratio",
        now=result.moved_share, before=earlier[0] / earlier[1], effect=change, is_factor=False,
        interval=newcombe(now, earlier), p_value=fisher(now, earlier), onset=last - 27, is_worse=None,
    )  # fmt: skip
