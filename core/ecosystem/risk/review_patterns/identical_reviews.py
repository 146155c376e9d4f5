"""Members whose reviews repeat one text that others' reviews hardly ever have."""

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import combinations
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ecosystem.risk.tail_tests import tail

_FEW_MEMBERS, _FEW_PART = 5, 0.1
"""Members, or their part of all, with reviews of a text up to which it is no common phrase."""
_SCATTER = 1.0
"""Common phrases go with what is sold: the share that has one differs from member to member by about itself."""


def identical_reviews(member: Ints, text: Ints, copies: tuple[str, ...]) -> Leads:
    """One element a review: member, and number of its text (-1 = none that occurs often); `copies`: the texts by number."""
    every, keep = (member, text), member > 0
    member, text = member[keep], text[keep]
    pairs, _, count = combinations(member[text >= 0], text[text >= 0])
    who, what = pairs
    reviews = np.bincount(member)
    uses = np.bincount(what, count)
    share: Floats = (uses[what] - count + 0.5) / (len(member) - reviews[who] + 1)
    expected = np.maximum(reviews[who] * share, 1e-3)
    common = np.bincount(what)[what] > max(_FEW_MEMBERS, _FEW_PART * len(np.unique(member)))
    p_value = np.where(common, 1.0, tail(count, expected, _SCATTER))

    def reasons(at: int) -> tuple[str, ...]:
        words = copies[what[at]]
        short = words if len(words) <= 60 else f"{words[:57]}..."
        return (
            f"{count[at]} of its {reviews[who[at]]} reviews have the same text, where {expected[at]:.1f} would be expected",
            f"the text: {short}",
        )

    def rows(at: int) -> Flags:
        return np.asarray((every[0] == who[at]) & (every[1] == what[at]))

    return by_member("identical_reviews", who, p_value, count, expected, reasons, rows=rows)
