"""Where each card stands: what it sold, its rank, whether it is new, whether its role has ended."""

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.case_matrix import CaseMatrix
from core.ratings.cases.case_outcomes import Cases
from core.ratings.cases.role_assignment import ends
from core.workspace.read.rating_rows import FOREVER, NEVER

_GMV_DAYS = 28
_CENTS = 100.0


def sold(cases: Cases, frame: CaseMatrix, as_of: int) -> tuple[Ints, Floats, Ints]:
    """Of each card: order lines, what was paid in the last 28 days, day of the first order (0 = none)."""
    stream = next(entry for entry in frame.streams if entry.of == "orders")
    card, rows = frame.cell_card[stream.cell], np.flatnonzero(cases.who > 0)
    new = cases.day[rows] > as_of - _GMV_DAYS
    size = frame.cards.size
    first = np.full(size, as_of + 1)
    np.minimum.at(first, card, stream.start)
    gmv = np.bincount(card[new], cases.gmv[rows[new]], size) / _CENTS
    return np.bincount(card, minlength=size), gmv, np.where(first > as_of, 0, first)


def newcomers(crowd: Accounts, frame: CaseMatrix, first: Ints, as_of: int) -> Flags:
    """Whose first account joined lately; where nothing tells, who sold first lately although the data go further back."""
    since = as_of - frame.rules.newcomer_days
    who = frame.cards.who
    person = crowd.person_places()
    opened = np.full(crowd.size, 1 << 30)
    np.minimum.at(opened, person[who[first > 0]], first[first > 0])
    earliest = np.full(crowd.size, FOREVER)
    reported = np.flatnonzero(crowd.joined != NEVER)
    np.minimum.at(earliest, person[reported], crowd.joined[reported])
    who = person[who]
    joined = np.where(earliest[who] == FOREVER, NEVER, earliest[who])
    by_sales = (opened[who] > since) & (first > 0) & (frame.first <= since)
    return np.where(joined == NEVER, by_sales, joined > since)


def ended(crowd: Accounts, frame: CaseMatrix, as_of: int) -> Ints:
    """The last day of each card's role where that is past; NEVER where it lasts."""
    last_days = ends(crowd, frame.rules)
    pairs = zip(frame.cards.who.tolist(), frame.cards.role.tolist(), strict=True)
    last = np.array([last_days.get(pair, FOREVER) for pair in pairs], np.int64)
    return np.where(last < as_of, last, NEVER)


def ranks(score: Floats, role: Ints, market: Ints, counts: Flags) -> tuple[Ints, Ints]:
    """Rank within role and market of those that count (0 = does not), equals sharing the better one; and how many count."""
    group = np.unique(role * (int(market.max(initial=0)) + 1) + market, return_inverse=True)[1]
    rivals = np.bincount(group, counts)[group].astype(np.int64) if len(group) else group
    rank, here = np.zeros(len(score), np.int64), np.flatnonzero(counts)
    order = here[np.lexsort((-score[here], group[here]))]
    first = np.searchsorted(group[order], group[order])
    tied = np.zeros(len(order), bool)
    tied[1:] = (np.diff(group[order]) == 0) & (np.diff(score[order]) == 0)
    position = np.maximum.accumulate(np.where(tied, 0, np.arange(len(order)))) - first
    rank[order] = position + 1
    return rank, rivals
