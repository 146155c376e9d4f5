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
from core.ratings.scoring.left_out import of_others, sums_by_owner

_ONE_MEMBER = 2.0
"""Expected bad cases to which those of one cell add up at most: members differ by about 70 % of the mean (one over its root)."""
_GROWN = 20.0
"""Cases with which a cell counts half of that, fewer less: accounts that are opened to go wrong have few. With the square of
this share ten such accounts gain an eighth less (five marketplaces whose categories differ), but scores of creators agree with
the truth by .04, .02 and .00 less (three more): small members are many."""
_MOST = 3.0
"""Times the expected bad cases up to which those of a cell tell of its groups, and one more."""
_LEAST_LEANING = 6.0
"""Expected bad cases, at least, that stand for 1 where a rate seems higher than elsewhere: bad orders of a few accounts in a rare
category would excuse all others there. Ten accounts with six bad orders each make what is usual for the only other member 1.7
times as high, 4.4 times without this; a category with thirty expected bad cases, four times too many, is 3.5 times as bad. Scores
of six marketplaces whose categories differ agree with the truth by .003 less on average."""
_ROUNDS = 2
"""Of both factors in turn, each given the other."""


def usual_rates(n: Floats, k: Floats, role: Ints, places: Mapping[Peer, Ints], who: Ints) -> dict[Peer, Floats]:
    """The usual rate in the group of each cell over the mean of its role; shape (components, cells) each, as n and k.

    `places`: the group of each cell, of each kind; `who` has each cell.
    """
    cases, bad = (sums_by_owner(values, role)[:, role] for values in (n, k))
    expected = n * (bad + 0.5) / (cases + 1)
    groups = {name: _Groups(group, who) for name, group in places.items()}
    factors = {name: np.ones_like(n) for name in places}
    for _ in range(_ROUNDS):
        for name, group in groups.items():
            others = np.prod([factor for other, factor in factors.items() if other != name], axis=0)
            bounded = np.minimum(k, _MOST * expected * others * factors[name] + 1)
            factors[name] = group.factors(expected * others, bounded, n / (n + _GROWN))
    return factors


class _Groups:
    """Groups of cells, and the cells of each owner."""

    def __init__(self, group: Ints, who: Ints) -> None:
        pairs, self._pair = distinct(group * (int(who.max(initial=0)) + 1) + who)
        self._group, self._who = group, who
        self._one = np.zeros(len(pairs), np.int64)
        """A cell of each owner in each group."""
        self._one[self._pair] = np.arange(len(group))
        self._owner = distinct(who[self._one])[1]

    def factors(self, expected: Floats, k: Floats, trust: Floats) -> Floats:
        """What the group of each cell has of what is expected, as those tell who are not of the cell's owner; shape as k.

        `trust`: of what each cell tells, 0..1.
        """
        weight = trust * _ONE_MEMBER / (_ONE_MEMBER + expected)
        own = weight * k, weight * expected
        everywhere = np.zeros(len(self._who), np.int64)
        all_seen, all_due = (of_others(values, everywhere, self._who) for values in own)
        level = (all_seen + 0.5) / (all_due + 0.5)
        seen, due = (of_others(values, self._group, self._who) for values in own)
        differ = self._variance(*own, seen, due, level)
        differ = np.where(seen > level * due, np.minimum(differ, 1 / _LEAST_LEANING), differ)
        result: Floats = (1 + differ * seen) / (1 + differ * level * due)
        return result

    def _variance(self, own_seen: Floats, own_due: Floats, seen: Floats, due: Floats, level: Floats) -> Floats:
        """How far the factors of groups differ beyond chance, as those tell who are not of a cell's owner; as `factors`.

        `seen`, `due`: of the others in the group of each cell; `level`: what is seen of what is due everywhere. As cases are
        weighed, the variance of what is seen in a group is what is due there. A standard error is taken off: where groups are
        alike nobody is moved.
        """
        all_seen, all_due = (sums_by_owner(own, self._group) for own in (own_seen, own_due))
        left_seen, left_due = seen[:, self._one], due[:, self._one]
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
        """Sums over all groups of a term, those of a cell's owner as `left` by the others has them; shape (components, cells)."""
        change = sums_by_owner(left - term[:, self._group[self._one]], self._owner)
        sums: Floats = (term.sum(axis=1, keepdims=True) + change)[:, self._owner][:, self._pair]
        return sums
