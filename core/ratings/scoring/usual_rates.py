"""How rates differ by category and market, whoever it is: clothes are sent back more often than books, some markets are stricter.

The expected bad cases of a cell are its cases at the mean rate of its role, times a factor of its category and one of its market
(indirect standardisation). Each factor is the bad cases of its group over those expected, leaning to 1 by how far such groups
differ beyond chance (empirical Bayes). Nobody's own cases tell what is usual where they are: a bad one would excuse itself.
"""

from collections.abc import Mapping

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.row_order import distinct
from core.catalogue.rating_rules import Peer
from core.ratings.scoring.bounded_influence import told
from core.ratings.scoring.left_out import of_others

_ONE_MEMBER = 2.0
"""Expected bad cases to which those of one cell add up at most: members differ by about 70 % of the mean (one over its root)."""
_ROUNDS = 3
"""Of both factors in turn, each given the other."""


def usual_rates(n: Floats, k: Floats, role: Ints, places: Mapping[Peer, Ints], who: Ints) -> dict[Peer, Floats]:
    """The usual rate in the group of each cell over the mean of its role; shape (components, cells) each, as n and k.

    `places`: the group of each cell, of each kind; `who` has each cell.
    """
    k = k * told(n, k, (role,), who)
    cases, bad = (np.stack([np.bincount(role, row)[role] for row in values]).astype(np.float64) for values in (n, k))
    expected = n * (bad + 0.5) / (cases + 1)
    factors = {name: np.ones_like(n) for name in places}
    for _ in range(_ROUNDS):
        for name, group in places.items():
            others = np.prod([factor for other, factor in factors.items() if other != name], axis=0)
            factors[name] = _factors(expected * others, k, group, who)
    return factors


def _factors(expected: Floats, k: Floats, group: Ints, who: Ints) -> Floats:
    """What the group of each cell has of what is expected, as those tell who are not of the cell's owner; as `usual_rates`."""
    weight = _ONE_MEMBER / (_ONE_MEMBER + expected)
    own_seen, own_due = weight * k, weight * expected
    everywhere = np.zeros(len(who), np.int64)
    level = (of_others(own_seen, everywhere, who) + 0.5) / (of_others(own_due, everywhere, who) + 0.5)
    seen, due = of_others(own_seen, group, who), of_others(own_due, group, who)
    groups = _Groups(group, who)
    differ = np.stack(
        [groups.variance(own_seen[row], own_due[row], seen[row], due[row], level[row]) for row in range(len(k))]
    )
    result: Floats = (1 + differ * seen) / (1 + differ * level * due)
    return result


class _Groups:
    """Groups of cells, and the cells of each owner."""

    def __init__(self, group: Ints, who: Ints) -> None:
        pairs, self._pair = distinct(group * (int(who.max(initial=0)) + 1) + who)
        self._group = group
        self._one = np.zeros(len(pairs), np.int64)
        """A cell of each owner in each group."""
        self._one[self._pair] = np.arange(len(group))
        self._owner = distinct(who[self._one])[1]

    def variance(self, own_seen: Floats, own_due: Floats, seen: Floats, due: Floats, level: Floats) -> Floats:
        """How far the factors of groups differ beyond chance, as those tell who are not of a cell's owner; shape (cells,).

        `seen`, `due`: of the others in the group of each cell; `level`: what is seen of what is due everywhere. As cases are
        weighed, the variance of what is seen in a group is what is due there. A standard error is taken off: where groups are
        alike nobody is moved.
        """
        all_seen, all_due = (np.bincount(self._group, own).astype(np.float64) for own in (own_seen, own_due))
        left_seen, left_due = seen[self._one], due[self._one]
        square = level**2 * self._sums(all_due**2, left_due**2)
        excess = (
            self._sums(all_seen**2, left_seen**2)
            - 2 * level * self._sums(all_seen * all_due, left_seen * left_due)
            + square
            - level * self._sums(all_due, left_due)
        )
        result: Floats = np.maximum(excess - np.sqrt(2 * square), 0.0) / np.maximum(square, 1e-300)
        return result

    def _sums(self, term: Floats, left: Floats) -> Floats:
        """Sums over all groups of a term, those of a cell's owner as `left` by the others has them; shape (cells,)."""
        change = np.bincount(self._owner, left - term[self._group[self._one]])
        sums: Floats = (term.sum() + change)[self._owner][self._pair]
        return sums
