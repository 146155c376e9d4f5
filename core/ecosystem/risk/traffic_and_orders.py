"""Members with more orders than their traffic lets expect, or than they had before: bought ones, or a rival's, or a success."""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.ecosystem.risk.buyer_patterns import Purchases
from core.ecosystem.risk.lead_tests import Leads, ago, by_member
from core.ecosystem.risk.tail_tests import scaled, tail, unusual

_PAST = 4
"""Weeks that tell what is usual for the next one."""


@dataclass(frozen=True, slots=True)
class LineWeeks:
    """Order lines that leads are looked for in: member, and week counted back; shape (lines,) each."""

    member: Ints
    week: Ints


def orders_without_traffic(bought: Purchases, impressions: Floats, weeks: int, lines: LineWeeks) -> Leads:
    """Members whose impressions let expect far fewer purchases, by what the others of a market sell with theirs.

    `impressions`: by member and week, counted back, shape (members, weeks or more). Weeks without any of a member do not count:
    an export may be missing. `lines`: those that the rows of a lead refer to.
    """
    sold = _weekly(bought, len(impressions), weeks) * (impressions[:, :weeks] > 0)
    seen, count = impressions[:, :weeks].sum(axis=1), sold.sum(axis=1).astype(np.int64)
    who = np.flatnonzero(seen > 0)
    if not len(who):
        return Leads.nothing("orders_without_traffic")
    market = _main_market(bought, len(impressions))[who]
    views, orders = (np.bincount(market, values[who])[market] - values[who] for values in (seen, count))
    usual = float(count[who].sum()) / float(seen[who].sum())
    # a market with few impressions leans to all
    rate = (orders + usual * seen[who].mean()) / (views + seen[who].mean())
    p_value, expected = unusual(count[who], scaled(rate * seen[who], count[who])[:, None])

    def reasons(at: int) -> tuple[str, ...]:
        return (
            f"{count[who[at]]} purchases, where its {seen[who[at]]:.0f} impressions let expect {expected[at]:.1f} as others sell",
        )

    return by_member(
        "orders_without_traffic", who, p_value, count[who], expected, reasons, rows=lambda at: lines.member == who[at]
    )


def order_surges(bought: Purchases, impressions: Floats | None, members: int, weeks: int, lines: LineWeeks) -> Leads:
    """Weeks in which a member sells far more than its four weeks before, its traffic, or else the market, let expect.

    `bought`: of five weeks more than `weeks`; `impressions` and `lines` as in `orders_without_traffic`, None = there are no
    impressions; `members`: places of members. Whoever began in the four weeks before is new, and grows.
    """
    span = weeks + _PAST + 1
    sold = _weekly(bought, members, span)
    lost = _weekly(bought, members, span, bought.refunded)
    base = np.ones_like(sold) if impressions is None else np.maximum(impressions[:, :span], 0.0)
    trend = np.maximum(sold.sum(axis=0), 1.0)
    cells, usual, earlier = [], [], []
    for week in range(weeks):
        past = slice(week + 1, week + 1 + _PAST)
        # one purchase more: who sold nothing may have sold one
        before = sold[:, past].sum(axis=1) + 1
        as_market = before * trend[week] / trend[past].sum()
        as_traffic = before * base[:, week] / np.maximum(base[:, past].sum(axis=1), 1e-300)
        is_seen = (
            (base[:, week] > 0) & (base[:, past] > 0).all(axis=1)
            if impressions is not None
            else np.zeros(members, bool)
        )
        # more traffic explains more orders, less does not make usual ones odd
        expected = np.where(is_seen, np.maximum(as_traffic, as_market), as_market)
        is_new = sold[:, past.stop :].sum(axis=1) == 0
        mine = np.flatnonzero(~is_new & (sold[:, week] > 0))
        cells.append(mine * weeks + week)
        usual.append(expected[mine])
        earlier.append(before[mine])
    cell, bases = np.concatenate(cells), np.concatenate(usual)
    if not len(cell):
        return Leads.nothing("order_surge")
    member, when = cell // weeks, cell % weeks
    count = sold[member, when].astype(np.int64)
    p_value, expected = unusual(count, scaled(bases, count)[:, None])
    # few purchases before tell little of what is usual: a Poisson rate that is learnt from them has a gamma distribution
    p_value = np.maximum(p_value, tail(count, expected, 1 / np.concatenate(earlier)))

    def reasons(at: int) -> tuple[str, ...]:
        spoilt = int(lost[member[at], when[at]])
        return (
            f"{count[at]} purchases in one week, {ago(int(when[at]))}, where its four weeks before let expect {expected[at]:.1f}",
            f"{spoilt} of them were refunded",
        )

    def rows(at: int) -> Flags:
        return np.asarray((lines.member == member[at]) & (lines.week == when[at]))

    return by_member("order_surge", member, p_value, count, expected, reasons, rows=rows)


def _weekly(bought: Purchases, members: int, weeks: int, times: Ints | None = None) -> Floats:
    """Purchases by member and week, counted back, each `times` if given; shape (members, weeks)."""
    here = bought.week < weeks
    cell = bought.member[here] * weeks + bought.week[here]
    sums = np.bincount(cell, None if times is None else times[here], members * weeks)
    return np.asarray(sums.reshape(members, weeks), np.float64)


def _main_market(bought: Purchases, members: int) -> Ints:
    """The market with most purchases of each member, the first of equals; shape (members,)."""
    markets = int(bought.market.max(initial=0)) + 1
    times = np.bincount(bought.member * markets + bought.market, minlength=members * markets)
    result: Ints = times.reshape(members, markets).argmax(axis=1)
    return result
