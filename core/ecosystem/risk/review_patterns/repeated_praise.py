"""Members whose buyers come back and praise what they buy, far more often than buyers who come back do elsewhere."""

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.row_order import begins, combinations, distinct
from core.ecosystem.risk.lead_tests import Leads, by_member

_TIMES = 2.25
"""Times the usual odds that are tested: honest members differ by less than 1.5 either way (`praised_orders`)."""
_LEANING, _USUAL = 10.0, 0.6
"""Purchases at this share of praise that the share elsewhere leans to: where few come back little is known of them."""


def repeated_praise(member: Ints, buyer: Ints, age: Ints, praised: Flags, old: Flags, recent: Flags) -> Leads:
    """One element a line; `praised`: reviewed with four or five stars; `old`: enough for a review to be there, if reviews of its
    shop are loaded; `recent`: the lines that the rows of a lead refer to.

    What counts are purchases of buyers who bought of the member before, compared with those elsewhere and with first ones.
    """
    from scipy.special import bdtrc

    keep = np.flatnonzero((member > 0) & (buyer > 0) & old)
    (who, whom, _), of_line, _ = combinations(member[keep], buyer[keep], -age[keep])
    praise = np.bincount(of_line, praised[keep], len(who)) > 0
    again = ~begins(who, whom)
    if not again.any():
        return Leads.nothing("repeated_praise")
    members, at = distinct(who)
    (total, count), (once, once_praised) = (
        tuple(np.bincount(at[some], values[some], len(members)) for values in (np.ones(len(who)), praise))
        for some in (again, ~again)
    )
    share = (count.sum() - count + _LEANING * _USUAL) / (total.sum() - total + _LEANING)
    own = (once_praised + _LEANING * share) / (once + _LEANING)
    share = np.maximum(share, own)
    odds = share / (1 - share)
    # one without praise more: of nobody is it sure that there is none
    expected = odds * (total - count + 1)
    chance = np.where(total > 0, bdtrc(count - 1, total.astype(np.int64), _TIMES * odds / (1 + _TIMES * odds)), 1.0)

    def reasons(place: int) -> tuple[str, ...]:
        return (
            f"{count[place]:.0f} of {total[place]:.0f} purchases by buyers who came back have a review of four or five stars; "
            f"for {total[place] - count[place]:.0f} without one, {expected[place]:.1f} are usual",
        )

    def rows(place: int) -> Flags:
        flags = np.zeros(len(member), bool)
        flags[keep] = (again & praise & (at == place))[of_line]
        return flags[recent]

    cases = count.astype(np.int64)
    return by_member("repeated_praise", members, chance, cases, expected, reasons, rows=rows)
