"""How unlikely a count is, compared with those of all members.

Counts scatter more than chance alone: how much is learnt from the crowd, those that stand out left aside, so that what is looked
for does not hide itself.
"""

from itertools import combinations

import numpy as np

from core.base.arrays import Flags, Floats, Ints

_ROUNDS = 6
_FIRST_DOUBT = 1e-4
_LEAST_SPREAD = 0.02
_MIDDLING = 0.9


def unusual(count: Ints, bases: Floats, doubt: Floats | None = None) -> tuple[Floats, Floats]:
    """The chance of so large a count, and what was to be expected; shape (cells,) each. Needs a cell.

    `bases`, shape (cells, terms), are counts that alone would be expected; with how much of each is learnt (least squares without
    negative terms, each term as it is where no cell tells of it). The counts are negative binomial: Poisson with a rate that
    varies from cell to cell, by as much as is learnt and by `doubt`, the relative variance of the base of each. A forward search
    (Atkinson and Riani 2000): the largest cells are left out of the first estimate and what looks unusual of each next one, and
    they come back when they fit.
    """
    keep = _middling(count) & np.logical_and.reduce([_middling(base) for base in bases.T])
    expected, p_value = bases.sum(axis=1), np.ones(len(count))
    known = np.zeros(len(count)) if doubt is None else doubt
    spread = _LEAST_SPREAD
    for at in range(_ROUNDS):
        expected = _expected(count[keep], bases[keep], bases, spread)
        spread = _spread(count[keep], expected[keep], known[keep])
        p_value = tail(count, expected, known + spread)
        # one member seen by millions who sells nothing would make the spread of all endless
        fewer = 1 - tail(count + 1, expected, known + spread)
        keep = np.minimum(p_value, fewer) >= (0.1 / len(count) if at else _FIRST_DOUBT)
    return p_value, expected


def scaled(base: Floats, count: Ints) -> Floats:
    """A base that adds up to the counts; nothing stays nothing."""
    return base * (float(count.sum()) / max(float(base.sum()), 1e-290))


def _middling(values: Ints | Floats) -> Flags:
    inside: Flags = values <= np.quantile(values, _MIDDLING)
    return inside


def tail(count: Ints, expected: Floats, spread: Floats | float) -> Floats:
    """The chance of at least so large a count whose variance is expected + spread x expected^2; spread > 0."""
    from scipy.special import betainc

    some, mean, shape = np.maximum(count, 1), np.maximum(expected, 1e-9), 1 / spread
    return np.where(count > 0, betainc(some, shape, mean / (mean + shape)), 1.0)


def _expected(count: Ints, bases: Floats, targets: Floats, spread: float) -> Floats:
    """Learnt from some cells, for others, each by its variance. One more cell for each term says that it counts as it is."""
    design = np.concatenate([bases, np.eye(bases.shape[1])])
    mean = np.maximum(design.sum(axis=1), 1e-3)
    # by chance alone, a cell of most of the counts would say what is usual
    weight = 1 / np.sqrt(mean + spread * mean**2)
    factor = not_negative(design * weight[:, None], np.concatenate([count, np.ones(bases.shape[1])]) * weight)
    expected: Floats = np.maximum(targets @ factor, 1e-9)
    return expected


def not_negative(design: Floats, target: Floats) -> Floats:
    """Least squares without negative terms, shape (terms,): the best of the fits by some of the terms, of which there are few.

    The columns of `design`, shape (rows, terms), must be independent. As scipy.optimize.nnls, whose import takes longer than all
    of these fits.
    """
    squares, products = design.T @ design, design.T @ target
    best, factor = 0.0, np.zeros(len(products))
    for size in range(1, len(products) + 1):
        for some in map(list, combinations(range(len(products)), size)):
            fitted = np.linalg.solve(squares[np.ix_(some, some)], products[some])
            explained = float(products[some] @ fitted)
            if explained > best and (fitted >= 0).all():
                best, factor = explained, np.zeros(len(products))
                factor[some] = fitted
    return factor


def _spread(count: Ints, expected: Floats, known: Floats) -> float:
    """By moments: what the squares exceed Poisson's by, and what is known of the spread of each."""
    excess = float(((count - expected) ** 2 - expected).sum() - (known * expected**2).sum())
    excess /= max(float((expected**2).sum()), 1e-9)
    return max(excess, _LEAST_SPREAD)
