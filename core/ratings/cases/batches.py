"""Faulty batches: weeks in which a product fails for everybody else who sells it, which is no fault of a single creator."""

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import begins, combinations, distinct, row_order

_LEAST, _CHANCE = 3, 1e-4
"""A week is a batch's when others have three faults or more, as many as chance gives them once in ten thousand weeks."""
_LEANING = 50
"""Orders at everybody's rate that a product's own rate leans to."""


def faulty_batches(product: Ints, week: Ints, person: Ints, judged: Flags, failed: Flags) -> Flags:
    """Which order lines belong to a product and week that fails others far more often than in all other weeks; shape (rows,).

    Only the orders of other persons count, for the week and for what is usual: nobody's own faults excuse them. Faults of one
    count up to as many as all the others have: no one, such as a partner, excuses anybody alone. Otherwise bad orders of one
    member excused those of others at once, so that peers looked better and weights of components jumped: two of 150 series of
    ever more bad orders of a card (fixtures.marketplace, seeds 3321 to 3326) rose by .7 points.
    """
    batch = np.zeros(len(product), bool)
    rows = np.flatnonzero(_may_be(product, week, failed))
    if not len(rows):
        return batch
    usual = float(failed.sum()) / max(float(judged.sum()), 1.0)
    product, week, person = product[rows], week[rows], person[rows]
    judged, failed = judged[rows], failed[rows]
    of_week = product * (int(week.max()) + 1) + week
    n, k = _others(of_week, person, judged, failed)
    ever_n, ever_k = _others(product, person, judged, failed)
    counted = np.minimum(k, 2 * (k - _largest_other(of_week, person, failed)))
    many = np.flatnonzero(counted >= _LEAST)
    n, k, counted, ever_n, ever_k = (entry[many] for entry in (n, k, counted, ever_n, ever_k))
    rate = (ever_k - k + _LEANING * usual) / (ever_n - n + _LEANING)
    batch[rows[many]] = _chance(counted, np.maximum(n * rate, 1e-12)) < _CHANCE
    return batch


def _chance(count: Floats, mean: Floats) -> Floats:
    """An upper bound on the chance of that many or more (Poisson); 1 for counts up to the mean.

    The terms of the tail fall at least as fast as those of a geometric series that begins as they do.
    """
    factorials = np.cumsum(np.log(np.maximum(np.arange(int(count.max(initial=0.0)) + 1), 1)))
    first = np.exp(count * np.log(mean) - mean - factorials[count.astype(np.int64)])
    return np.where(count > mean, first * (count + 1) / np.maximum(count + 1 - mean, 1.0), 1.0)


def _may_be(product: Ints, week: Ints, failed: Flags) -> Flags:
    """The lines of products that have enough faults in any one week; shape (rows,)."""
    (of_cell, _), _, faults = combinations(product[failed], week[failed])
    may_be = np.zeros(int(product.max(initial=0)) + 1, bool)
    may_be[of_cell[faults >= _LEAST]] = True
    may_be[0] = False
    return may_be[product]


def _others(group: Ints, person: Ints, judged: Flags, failed: Flags) -> tuple[Floats, Floats]:
    """(judged, failed) lines of other persons in the group of each line; shape (rows,) each."""
    cell = distinct(group)[1]
    own = distinct(cell * (int(person.max(initial=0)) + 1) + person)[1]

    def remainder(flags: Flags) -> Floats:
        of_all, of_own = np.bincount(cell, flags), np.bincount(own, flags)
        return np.asarray(of_all[cell] - of_own[own], np.float64)

    return remainder(judged), remainder(failed)


def _largest_other(group: Ints, person: Ints, failed: Flags) -> Floats:
    """How many lines of that one of the other persons failed who has most in the group of each line; shape (rows,)."""
    cell = distinct(group)[1]
    (of, who), _, faults = combinations(cell[failed], person[failed])
    order = row_order(of, -faults)
    first = np.flatnonzero(begins(of[order]))
    several = np.diff(np.append(first, len(order))) > 1
    most, second, leader = (np.zeros(int(cell.max(initial=0)) + 1, np.int64) for _ in range(3))
    cells = of[order[first]]
    most[cells], leader[cells] = faults[order[first]], who[order[first]]
    second[cells] = np.where(several, faults[order[np.minimum(first + 1, len(order) - 1)]], 0)
    return np.where(leader[cell] == person, second[cell], most[cell]).astype(np.float64)
