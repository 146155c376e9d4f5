"""Days on which most orders, or reviews, of a member came within one hour."""

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.count_text import count
from core.base.row_order import combinations
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ecosystem.risk.tail_tests import unusual

_LEAST = 8
"""Events of one hour below which nothing is looked at."""
_HOUR = 3600


def hourly_bursts(kind: str, what: str, member: Ints, day: Ints, moment: Ints, as_of: int) -> Leads:
    """One element an order or a review; the busiest hour of each member's day against its usual day and the rest of that day.
    Whatever has no time of day (moment 0) does not count.

    Sellers with regular live sessions have busy hours every week: how much the crowd's busiest hours scatter is learnt. A
    campaign fills all hours of its day.
    """
    keep = (member > 0) & (moment > 0)
    who_of, hour_of = np.where(keep, member, 0), moment // _HOUR
    member, day, hour = member[keep], day[keep], hour_of[keep]
    if not len(member):
        return Leads.nothing(kind)
    hours, _, times = combinations(member, day, hour)
    (who, days), of_hour, _ = combinations(*hours[:2])
    busiest, total = np.zeros(len(who), np.int64), np.bincount(of_hour, times)
    np.maximum.at(busiest, of_hour, times)
    active = np.bincount(who)
    others = (np.bincount(who, total)[who] - total) / np.maximum(active[who] - 1, 1)
    p_value, expected = unusual(busiest, np.stack([np.ones(len(who)), others * 0.2, (total - busiest) * 0.2], axis=1))

    def reasons(cell: int) -> tuple[str, ...]:
        return (
            f"{busiest[cell]} {what} within one hour, {count(as_of - int(days[cell]), 'day')} before the newest day, where "
            f"{expected[cell]:.1f} are usual in its busiest hour",
            f"{int(total[cell])} {what} on that day, {others[cell]:.1f} on its other days",
        )

    def rows(cell: int) -> Flags:
        """Those of the busiest hour of the day."""
        of_day = hours[2][of_hour == cell]
        top = of_day[times[of_hour == cell].argmax()]
        return np.asarray((who_of == who[cell]) & (hour_of == top))

    enough = np.where(busiest >= _LEAST, p_value, 1.0)
    return by_member(kind, who, enough, busiest, expected, reasons, rows=rows)
