"""Days on which most orders, or reviews, of a member came within one hour."""

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.count_text import count
from core.base.row_order import combinations, distinct, largest_of
from core.ecosystem.risk.lead_tests import Leads, by_member
from core.ecosystem.risk.tail_tests import tail, unusual

_LEAST = 8
"""Events of one hour below which nothing is looked at."""
_HOUR = 3600
_LEANING, _BUSY = 12, 1 / 12
"""Events of others that their part in an hour leans to, and that part: the busiest hour of a day has about a twelfth."""
_FEW, _OTHERS_EACH = 2, 8
"""Others at most whose events of an hour excuse nobody, and how many others there are for each of them: of 20 members, three with
60 orders each at 3 o'clock, where nobody else sells, excused each other, while a campaign is in the hours of many."""
_SCATTER = 0.1
"""How much members scatter around what others of their market have in an hour: as relative variance."""


def hourly_bursts(
    kind: str, what: str, member: Ints, day: Ints, moment: Ints, as_of: int, market: Ints | None = None
) -> Leads:
    """One element an order or a review; the busiest hour of each member's day against its usual day, the rest of that day, and
    what others of a market (None: everybody) have in that hour. Whatever has no time of day (moment 0) does not count.

    Sellers with regular live sessions have busy hours every week: how much the crowd's busiest hours scatter is learnt. A
    campaign fills all hours of its day, or the same hour of everybody.
    """
    keep = (member > 0) & (moment > 0)
    who_of, hour_of = np.where(keep, member, 0), moment // _HOUR
    places = np.zeros(int(keep.sum()), np.int64) if market is None else market[keep]
    member, day, hour = member[keep], day[keep], hour_of[keep]
    if not len(member):
        return Leads.nothing(kind)
    hours, position, times = combinations(member, day, hour)
    (who, days), of_hour, _ = combinations(*hours[:2])
    largest = largest_of(of_hour, times)
    busiest, top, total = times[largest], hours[2][largest], np.bincount(of_hour, times)
    active = np.bincount(who)
    others = (np.bincount(who, total)[who] - total) / np.maximum(active[who] - 1, 1)
    p_value, expected = unusual(busiest, np.stack([np.ones(len(who)), others * 0.2, (total - busiest) * 0.2], axis=1))
    as_others = _as_others(of_hour[position], combinations(places, day)[1], hour, top)
    p_value = np.maximum(p_value, tail(busiest, as_others, _SCATTER))
    expected = np.maximum(expected, as_others)

    def reasons(cell: int) -> tuple[str, ...]:
        return (
            f"{busiest[cell]} {what} within one hour, {count(as_of - int(days[cell]), 'day')} before the newest day, where "
            f"{expected[cell]:.1f} are usual in its busiest hour",
            f"{int(total[cell])} {what} on that day, {others[cell]:.1f} on its other days",
        )

    def rows(cell: int) -> Flags:
        """Those of the busiest hour of the day."""
        return np.asarray((who_of == who[cell]) & (hour_of == top[cell]))

    enough = np.where(busiest >= _LEAST, p_value, 1.0)
    return by_member(kind, who, enough, busiest, expected, reasons, rows=rows)


def _as_others(cell: Ints, group: Ints, hour: Ints, top: Ints) -> Floats:
    """How many events of each cell fall in its hour `top` if they do as often as those of others of their groups; shape (cells,).

    `cell`, `group`, `hour`: of each event, shape (events,); a group is a market on a day.
    """
    (cells, of), own, size = combinations(cell, group)
    own_hour = np.bincount(own, hour == top[cell], len(size)).astype(np.int64)
    width = int(hour.max()) - int(hour.min()) + 1
    (pairs, when), _, times = combinations(own, hour - int(hour.min()))
    hours, place = distinct(of[pairs] * width + when)
    sought = of * width + top[cells] - int(hour.min())
    at = np.minimum(np.searchsorted(hours, sought), len(hours) - 1)
    largest = _sums_of_largest(place, times)
    few = np.minimum((np.bincount(of)[of] - 1) // _OTHERS_EACH, _FEW)
    theirs = np.minimum(largest[few, at], largest[few + 1, at] - own_hour)
    is_there = hours[at] == sought
    left_out = np.where(is_there, theirs, 0)
    in_hour = np.where(is_there, np.bincount(place, times)[at] - own_hour, 0) - left_out
    on_day = np.bincount(group)[of] - size - left_out
    share = (in_hour + _LEANING * _BUSY) / (on_day + _LEANING)
    return np.bincount(cells, size * share, len(top)).astype(np.float64)


def _sums_of_largest(place: Ints, times: Ints) -> Ints:
    """The sum of the 0, 1, ... largest counts of each place, up to one more than `_FEW`; shape (_FEW + 2, places)."""
    order = np.lexsort((-times, place))
    rank = np.arange(len(place)) - np.searchsorted(place[order], place[order])
    result = np.zeros((_FEW + 2, int(place.max()) + 1), np.int64)
    some = rank <= _FEW
    result[rank[some] + 1, place[order][some]] = times[order][some]
    return result.cumsum(axis=0)
