"""What is left out of the sums that judge a card: cards of the same person."""

import math

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import distinct

_FELT = 1 / 2000
"""Share of all cases, or bad cases, of a component from which a person's cards are felt in what peers are like."""


def felt(who: Ints, evidence: Floats) -> Flags:
    """The cards of persons with evidence enough to be felt; `evidence`: n or k, or what these tell, shape (rows, cards)."""
    person = distinct(who)[1]
    share = np.zeros(int(person.max(initial=-1)) + 1)
    for row in evidence:
        share = np.maximum(share, np.bincount(person, row) / max(float(row.sum()), 1e-300))
    return (share > _FELT)[person]


def has_several(who: Ints) -> Flags:
    """The cards of persons who have more than one."""
    person = distinct(who)[1]
    return (np.bincount(person) > 1)[person]


def sums_by_owner(values: Floats, owner: Ints) -> Floats:
    """(..., members) -> (..., owners); owners are numbered from 0."""
    rows, size = values.reshape(math.prod(values.shape[:-1]), len(owner)), int(owner.max(initial=0)) + 1
    own = owner + size * np.arange(len(rows))[:, None]
    sums = np.bincount(own.reshape(-1), rows.reshape(-1), size * len(rows))
    return sums.astype(np.float64).reshape(*values.shape[:-1], size)


def own_others(values: Floats, owner: Ints) -> Floats:
    """For each member the sum over the other members of its owner; `values`: shape (..., members)."""
    return sums_by_owner(values, owner)[..., owner] - values


def of_others(values: Floats, group: Ints, owner: Ints) -> Floats:
    """Sums over the members of other owners in the group of each member; `values`: shape (rows, members)."""
    own = distinct(group * (int(owner.max(initial=0)) + 1) + owner)[1]
    sums = [np.bincount(group, row)[group] - np.bincount(own, row)[own] for row in values]
    result: Floats = np.maximum(np.array(sums).reshape(values.shape), 0.0)
    return result
