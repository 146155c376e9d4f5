"""Whether scores say what then comes: of the orders since, by grade, by tenth and by group.

Scores of 28 days ago are compared with what became of the orders since. Do the well rated do better (area under the ROC curve:
the chance that a good order is of a better rated member than a bad one; Hanley and McNeil, Radiology 1982)? And do groups with
the same score have the same share of bad orders (Kleinberg et al., Inherent trade-offs, ITCS 2017, condition A)?
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.distributions import student_quantile
from core.ecosystem.results.claim_results import Claim, Interval
from core.ecosystem.results.fairness_results import Calibration, Ranking
from core.ratings.rating_results import Side

_TENTHS = 10
_LEAST_BAD, _LEAST_MEMBERS = 20, 10
"""Bad orders and members without which nothing is said."""
_LEAST_ALIKE = 5.0
"""Equal persons that carry what is to be expected, below which there is no interval: those of three reach to six times as much as
where they begin, and cover 99 %."""
_LEAST_OTHERS = 0.1
"""Share of all others that one person is compared with at least: one with nearly everything would count without bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Members with a score at the beginning of 28 days, and what came of their orders in them; shape (members,) each."""

    side: Side
    score: Floats
    grade: Ints
    """Index into `grades`."""
    grades: tuple[str, ...]
    person: Ints
    cases: Floats
    bad: Floats
    """At most as many as cases."""
    groups: Mapping[str, tuple[Ints, tuple[str, ...]]]
    """Kind of group -> code of each member, words by code; "" = in none."""


def rankings(now: Outcomes, before: Outcomes | None) -> Ranking | None:
    """The area under the ROC curve now and 28 days before; None where too little went wrong to tell."""
    result = _area(now)
    if result is None:
        return None
    earlier = None if before is None else _area(before)
    area, error, freedom = result
    half = student_quantile(freedom) * error
    return Ranking(
        side=now.side,
        members=len(now.score),
        cases=int(now.cases.sum()),
        bad=int(now.bad.sum()),
        auc=area,
        interval=(max(area - half, 0.0), min(area + half, 1.0)),
        before=None if earlier is None else earlier[0],
    )


def ranking_claims(now: Outcomes, before: Outcomes | None, last: int) -> Iterator[Claim]:
    """Whether scores tell good from bad worse than chance would, and whether they do so less than 28 days before."""
    from scipy.special import stdtr

    result, earlier = _area(now), None if before is None else _area(before)
    if result is None:
        return
    area, error, freedom = result
    half = student_quantile(freedom) * error
    below = 2 * float(stdtr(freedom, (area - 0.5) / error)) if area < 0.5 else 1.0
    yield Claim(
        topic="calibration", figure="auc_vs_chance", side=now.side, where={}, unit="index", now=area, before=None,
        effect=area - 0.5, is_factor=False, interval=(area - 0.5 - half, area - 0.5 + half), p_value=min(below, 1.0),
        onset=last - 27, is_worse=area < 0.5,
    )  # fmt: skip
    if earlier is not None:
        change, both = area - earlier[0], (error**2 + earlier[1] ** 2) ** 0.5
        # Welch, Biometrika 1947: two errors of which either may be the larger
        shared = both**4 / (error**4 / freedom + earlier[1] ** 4 / earlier[2])
        half = student_quantile(shared) * both
        yield Claim(
            topic="calibration", figure="auc", side=now.side, where={}, unit="index", now=area, before=earlier[0],
            effect=change, is_factor=False, interval=(change - half, change + half),
            p_value=2 * float(stdtr(shared, -abs(change) / both)), onset=last - 27, is_worse=change < 0,
        )  # fmt: skip


def _area(outcomes: Outcomes) -> tuple[float, float, float] | None:
    """AUC, its standard error from how persons scatter, and the degrees of freedom."""
    good = outcomes.cases - outcomes.bad
    if outcomes.bad.sum() < _LEAST_BAD or good.sum() < _LEAST_BAD or len(outcomes.score) < _LEAST_MEMBERS:
        return None
    _, position = np.unique(outcomes.score, return_inverse=True)
    bad_at, good_at = np.bincount(position, outcomes.bad), np.bincount(position, good)
    above = good.sum() - np.cumsum(good_at) + good_at / 2
    below = np.cumsum(bad_at) - bad_at / 2
    total_bad, total_good = float(outcomes.bad.sum()), float(good.sum())
    area = float((bad_at * above).sum()) / (total_bad * total_good)
    parts = (
        outcomes.bad * (above[position] / total_good - area) / total_bad
        + good * (below[position] / total_bad - area) / total_good
    )
    size = len(np.unique(outcomes.person))
    carried = np.bincount(outcomes.person, outcomes.bad)
    # who carries much draws the area to itself (HC2: MacKinnon and White, Journal of Econometrics 1985)
    by_person = np.bincount(outcomes.person, parts) / np.maximum(1 - carried / total_bad, _LEAST_OTHERS) ** 0.5
    error = float(((by_person**2).sum() * size / max(size - 1, 1)) ** 0.5)
    return area, max(error, 1e-9), max(float(carried.sum() ** 2 / (carried**2).sum()) - 1, 1.0)


def calibrations(outcomes: Outcomes) -> Iterator[Calibration]:
    """Bad orders of every grade, tenth and group versus those of all members; of groups, versus members of the same score."""
    if outcomes.bad.sum() < _LEAST_BAD or len(outcomes.score) < _LEAST_MEMBERS:
        return
    position = np.argsort(np.argsort(outcomes.score, kind="stable"), kind="stable")
    tenth = position * _TENTHS // len(outcomes.score)
    everywhere = np.zeros(len(tenth), np.int64)
    names = tuple(str(item + 1) for item in range(_TENTHS))
    for group, code, words in (("grade", outcomes.grade, outcomes.grades), ("tenth", tenth, names)):
        for value in np.unique(code).tolist():
            yield _row(outcomes, group, words[value], code == value, everywhere)
    for group, (code, words) in outcomes.groups.items():
        values = np.unique(code).tolist()
        for value in values if len(values) > 1 else ():
            if words[value]:
                yield _row(outcomes, group, words[value], code == value, tenth)


def _row(outcomes: Outcomes, group: str, value: str, here: Flags, peers: Ints) -> Calibration:
    """`peers`: members of the same number share what is to be expected."""
    cases, bad = np.bincount(peers, outcomes.cases), np.bincount(peers, outcomes.bad)
    usual = (bad / np.maximum(cases, 1e-9))[peers]
    expected = outcomes.cases * usual
    ratio, interval, chance = ratio_interval(outcomes.bad[here], expected[here], outcomes.person[here])
    return Calibration(
        side=outcomes.side, group=group, value=value, members=int(here.sum()), cases=int(outcomes.cases[here].sum()),
        observed=float(outcomes.bad[here].sum()), expected=float(expected[here].sum()), ratio=ratio, interval=interval,
        p_value=chance,
    )  # fmt: skip


def calibration_claims(rows: Sequence[Calibration], last: int) -> Iterator[Claim]:
    """A claim for each group that can be tested; grades and tenths differ where ratings work."""
    for item in rows:
        if item.p_value is not None and item.ratio is not None and item.group not in {"grade", "tenth"}:
            yield Claim(
                topic="fairness", figure="bad_orders_vs_same_score", side=item.side, where={item.group: item.value},
                unit="index", now=item.ratio, before=None, effect=item.ratio, is_factor=True, interval=item.interval,
                p_value=item.p_value, onset=last - 27, is_worse=item.ratio > 1,
            )  # fmt: skip


def ratio_interval(
    observed: Floats, expected: Floats, person: Ints
) -> tuple[float | None, Interval | None, float | None]:
    """observed / expected in sum, its 95 % interval from how persons scatter (on the scale of logarithms), and the chance that it
    is 1."""
    from scipy.special import stdtr

    total = float(expected.sum())
    if total <= 0:
        return None, None, None
    ratio = float(observed.sum()) / total
    members = np.unique(person, return_inverse=True)[1]
    size = int(members.max()) + 1
    carried = np.bincount(members, expected)
    alike = total**2 / float((carried**2).sum())
    if alike < _LEAST_ALIKE or ratio <= 0 or observed.sum() < _LEAST_BAD / 2:
        return ratio, None, None
    # residuals as in a jackknife; degrees of freedom by as many equal persons as carry the sum
    residual = np.bincount(members, observed - ratio * expected) / np.maximum(1 - carried / total, _LEAST_OTHERS)
    # few persons may happen to lie close together: cases by themselves scatter like Poisson's
    variance = max(float((residual**2).sum()) * size / (size - 1), float(observed.sum()))
    error, freedom = variance**0.5 / total / ratio, alike - 1
    spread = float(np.exp(student_quantile(freedom) * error))
    chance = 2 * float(stdtr(freedom, -abs(float(np.log(ratio))) / error))
    return ratio, (ratio / spread, ratio * spread), chance
