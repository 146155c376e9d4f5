"""Faulty batches: weeks in which a product fails for everybody else who sells it, which is no fault of a single creator."""

import numpy as np

from core.base.arrays import Flags, Floats, Ints

_LEAST, _CHANCE = 3, 1e-4
"""A week is a batch's when others have three faults or more, as many as chance gives them once in ten thousand weeks."""
_LEANING = 50
"""Orders at everybody's rate that a product's own rate leans to."""


def faulty_batches(product: Ints, week: Ints, person: Ints, judged: Flags, failed: Flags) -> Flags:
    """Which order lines belong to a product and week that fails others far more often than in all other weeks; shape (rows,).

    Only the orders of other persons count, for the week and for what is usual: nobody's own faults excuse them.
    """
    from scipy.special import gammainc

    if not failed.any() or not product.any():
        return np.zeros(len(product), bool)
    week_of = _others(product * (int(week.max()) + 1) + week, person, judged, failed)
    ever = _others(product, person, judged, failed)
    usual = float(failed.sum()) / max(float(judged.sum()), 1.0)
    n, k = week_of
    rate = (ever[1] - k + _LEANING * usual) / (ever[0] - n + _LEANING)
    tail = gammainc(np.maximum(k, 1), np.maximum(n * rate, 1e-12))
    batch: Flags = (k >= _LEAST) & (tail < _CHANCE) & (product > 0)
    return batch


def _others(group: Ints, person: Ints, judged: Flags, failed: Flags) -> tuple[Floats, Floats]:
    """(judged, failed) lines of other persons in the group of each line; shape (rows,) each."""
    cell = np.unique(group, return_inverse=True)[1]
    own = np.unique(cell * (int(person.max(initial=0)) + 1) + person, return_inverse=True)[1]

    def remainder(flags: Flags) -> Floats:
        of_all, of_own = np.bincount(cell, flags), np.bincount(own, flags)
        return np.asarray(of_all[cell] - of_own[own], np.float64)

    return remainder(judged), remainder(failed)
