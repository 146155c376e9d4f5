"""Members whose bad reviews turn into better ones from one export to the next, far more often than those of others do.

Some buyers change their minds once a fault is mended. Buyers who are paid for it do so at one member. Only what was loaded before
and after is seen: a review that is deleted stays as it was loaded.
"""

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.row_order import distinct
from core.ecosystem.risk.excused_refunds import elsewhere
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ecosystem.risk.tail_tests import unusual
from core.ratings.cases.order_facts import BAD_RATING


def raised_reviews(member: Ints, kinds: tuple[Ints, ...], first: Ints, rating: Ints, recent: Flags) -> Leads:
    """One element a review; `first`: its rating when it was first loaded, `rating`: now.

    `kinds`: what usual shares are learnt of, from the widest to the narrowest; `recent`: the reviews that rows of leads refer to.
    """
    low = np.flatnonzero((member > 0) & (first > 0) & (first <= BAD_RATING))
    raised = rating[low] > BAD_RATING
    if not raised.any():
        return Leads.nothing("raised_reviews")
    rate, doubt = elsewhere(member[low], tuple(kind[low] for kind in kinds), np.ones(len(low)), raised)
    known = np.isfinite(rate)
    if not known.any():
        return Leads.nothing("raised_reviews")
    low, raised, rate, doubt = low[known], raised[known], rate[known], doubt[known]
    members, at = distinct(member[low])
    size, count = (np.bincount(at, values).astype(np.int64) for values in (np.ones(len(low)), raised))
    usual, uncertain = (np.bincount(at, values).astype(np.float64) for values in (rate, rate * doubt))
    p_value, expected = unusual(count, usual[:, None], uncertain / usual)

    def reasons(place: int) -> tuple[str, ...]:
        return (
            f"{count[place]} of {size[place]} reviews that had one or two stars when they were first loaded have more now, where "
            f"{expected[place]:.1f} are usual",
        )

    def rows(place: int) -> Flags:
        flags = np.zeros(len(member), bool)
        flags[low] = raised & (at == place)
        return flags[recent]

    return by_member("raised_reviews", members, p_value, count, expected, reasons, rows=rows)
