"""Members with more orders than their traffic lets expect, or than they had before: bought ones, or a rival's, or a success."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import combinations, first_rows
from core.ecosystem.risk.buyer_patterns import Purchases
from core.ecosystem.risk.lead_tests import Leads, ago, by_member
from core.ecosystem.risk.tail_tests import scaled, unusual

_PAST = 4
"""Weeks that tell what is usual for the next one."""
_LARGEST = 3.0
"""Medians of impressions beyond which a member tells no more of what impressions sell.

Of 30 members, a video that one of them had in a week, seen 100 times as often as others, hid 38 of 38 frauds, of which 31 are
leads so; seen 10,000 times as often, it made leads of a quarter of them."""
_MOST_SEEN = 0.5
"""Part of the purchases of four weeks that are of weeks with traffic, so that traffic tells what to expect."""
_LEANING = 30.0
"""Purchases at everybody's rate of bad ones that the rate of others of a group and week leans to."""

_STEADY = 10.0
"""Cases a week, the same in each, that those of all others lean to where there are few."""


@dataclass(frozen=True, slots=True)
class LineWeeks:
    """Order lines that leads are looked for in: member, and week counted back; shape (lines,) each."""

    member: Ints
    week: Ints
    counts: Flags | bool = True
    """Which of them a lead is about."""


def orders_without_traffic(bought: Purchases, impressions: Floats, weeks: int, lines: LineWeeks) -> Leads:
    """Members whose impressions predict far fewer buyers, by how many the others of a market have with theirs.

    Who buys again needs to see nothing again. `impressions`: by member and week, counted back, shape (members, weeks or more);
    weeks without any of a member do not count: an export may be missing. `lines`: those that the rows of a lead refer to.
    """
    _, pair, times = combinations(bought.member, bought.buyer)
    sold = _weekly(bought.only(first_rows(pair, len(times))), len(impressions), weeks) * (impressions[:, :weeks] > 0)
    seen, count = impressions[:, :weeks].sum(axis=1), sold.sum(axis=1).astype(np.int64)
    who = np.flatnonzero(seen > 0)
    if not len(who):
        return Leads.nothing("orders_without_traffic")
    market = main_market(bought.member, bought.market, len(impressions))[who]
    weight = np.minimum(_LARGEST * float(np.median(seen[who])) / seen[who], 1.0)
    all_views, all_orders = weight * seen[who], weight * count[who]
    views, orders = (np.bincount(market, values)[market] - values for values in (all_views, all_orders))
    usual = float(all_orders.sum()) / float(all_views.sum())
    # a market with few impressions leans to all
    rate = (orders + usual * all_views.mean()) / (views + all_views.mean())
    # a rate that few orders of others tell is known by as much only
    doubt = 1 / np.maximum(orders + usual * all_views.mean(), 1.0)
    p_value, expected = unusual(count[who], (rate * seen[who])[:, None], doubt)

    def reasons(at: int) -> tuple[str, ...]:
        return (
            f"{count[who[at]]} buyers, where its {seen[who[at]]:.0f} impressions predict {expected[at]:.1f} as others sell",
        )

    return by_member(
        "orders_without_traffic", who, p_value, count[who], expected, reasons, rows=lambda at: lines.member == who[at]
    )


def had_begun(member: Ints, mate: Ints, week: Ints) -> Flags:
    """Lines of members who sold with the same shop, or creator, before the four weeks before; shape (lines,).

    A new shop sells what its creators never sold: in 3 of 16 places where nothing was wrong one of them was a lead. Who sold with
    nobody else in the oldest weeks had begun.
    """
    pair = combinations(member, mate)[1]
    oldest = np.zeros(int(pair.max(initial=0)) + 1, np.int64)
    np.maximum.at(oldest, pair, week)
    began = oldest[pair]
    known: Flags = (began > week + _PAST) | (began >= int(week.max(initial=0)) - 1)
    return known


def order_surges(
    bought: Purchases, impressions: Floats | None, members: int, weeks: int, lines: LineWeeks, known: Purchases
) -> Leads:
    """Weeks in which a member sells far more than its four weeks before, its traffic, or else the market, predict.

    `bought`: of five weeks more than `weeks`; `impressions` and `lines` as in `orders_without_traffic`, None = there are no
    impressions, or anything else that sales go with, NaN = some of a week are missing; `members`: places of members. Whoever
    began in the four weeks before is new, and grows. `known`: those with shops, or creators, that had begun; they alone count
    where there are no impressions.
    """
    span = weeks + _PAST + 1
    surged = known if impressions is None else bought
    sold, lost = _weekly(surged, members, span), _weekly(surged, members, span, surged.refunded)
    base = None if impressions is None else np.maximum(impressions[:, :span], 0.0)

    def reasons(member: int, week: int, expected: float) -> tuple[str, ...]:
        return (
            f"{sold[member, week]:.0f} purchases in one week, {ago(week)}, where its four weeks before predict {expected:.1f}",
            f"refunded: {lost[member, week]:.0f} of them",
        )

    everything = _weekly(bought, members, span)
    return _surges("order_surge", everything, everything, base, weeks, lines, reasons, surged=sold)


def bad_order_surges(bought: Purchases, members: int, weeks: int, lines: LineWeeks) -> Leads:
    """Weeks in which far more purchases of a member go bad than its earlier weeks, and others of its group, predict.

    A product or a carrier failed, or a rival bought. Arguments as in `order_surges`; `bought.market` may be any group whose
    others tell how much goes bad in a week, `bought.refunded` says what did.
    """
    span = weeks + _PAST + 1
    (member, group, week), cell, size = combinations(bought.member, bought.market, bought.week)
    lost = np.bincount(cell, bought.refunded, len(member))
    in_week = combinations(group, week)[1]
    usual = float(lost.sum()) / max(float(size.sum()), 1.0)
    others, spoilt = (np.bincount(in_week, values)[in_week] - values for values in (size, lost))
    # good ones tell how much is sold: bad ones alone, bought by a rival, explain no bad ones
    odds = (spoilt + _LEANING * usual) / (others - spoilt + _LEANING * (1 - usual) + 1e-9)
    as_others = (size - lost) * odds
    here = week < span
    base, variance = np.zeros((members, span)), np.zeros((members, span))
    np.add.at(base, (member[here], week[here]), as_others[here])
    np.add.at(
        variance, (member[here], week[here]), (as_others**2 / np.maximum(spoilt + _LEANING * usual, 1e-300))[here]
    )
    sold, spoilt_weeks = _weekly(bought, members, span), _weekly(bought, members, span, bought.refunded)

    def reasons(member: int, week: int, expected: float) -> tuple[str, ...]:
        return (
            f"{spoilt_weeks[member, week]:.0f} of {sold[member, week]:.0f} purchases of one week, {ago(week)}, were refunded or "
            f"badly reviewed, where {expected:.1f} are usual",
        )

    return _surges("bad_order_surge", spoilt_weeks, sold, base, weeks, lines, reasons, gap=1, variance=variance)


def _surges(
    kind: str, counts: Floats, sold: Floats, base: Floats | None, weeks: int, lines: LineWeeks,
    reasons: Callable[[int, int, float], tuple[str, ...]], gap: int = 0, surged: Floats | None = None,
    variance: Floats | None = None,
) -> Leads:  # fmt: skip
    """Weeks of far larger counts than the four before predict, as the counts of all others, or `base`, went since.

    `gap`: weeks between a week and the four before, in which something may have begun; `surged`: which of the counts may be a
    lead, None = all; `variance`: of `base`, which few others may tell, None = it is known; shape (members, weeks) each.
    """
    # whoever has most of all counts would excuse its own surge
    others = counts.sum(axis=0) - counts + _STEADY
    # where traffic of a week is missing, nothing tells what to expect
    unseen = np.zeros((len(counts), weeks), bool)
    if base is not None:
        unseen |= np.isnan(base[:, :weeks]) | ~base[:, :weeks].any(axis=0)
        base = np.nan_to_num(base)
    cells, usual, doubts = [], [], []
    for week in range(weeks):
        past = slice(week + 1 + gap, week + 1 + gap + _PAST)
        expected, doubt, is_usual = _usual_of_week(week, past, counts, sold, others, base, variance)
        # of the oldest week there is nothing before the four: whoever sold in the first of them had begun
        is_new = sold[:, min(past.stop, sold.shape[1] - 1) :].sum(axis=1) == 0
        mine = np.flatnonzero(~is_new & is_usual & ~unseen[:, week] & (sold[:, week] > 0))
        cells.append(mine * weeks + week)
        usual.append(expected[mine])
        doubts.append(doubt[mine])
    if not sum(map(len, cells)):
        return Leads.nothing(kind)
    cell, bases = np.concatenate(cells), np.concatenate(usual)
    member, when = cell // weeks, cell % weeks
    count = (counts if surged is None else surged)[member, when].astype(np.int64)
    # few before, or few others, tell little of what is usual: a Poisson rate that is learnt from them has a gamma distribution
    p_value, expected = unusual(count, scaled(bases, count)[:, None], np.concatenate(doubts))

    def rows(at: int) -> Flags:
        return np.asarray((lines.member == member[at]) & (lines.week == when[at]) & lines.counts)

    def explained(at: int) -> tuple[str, ...]:
        return reasons(int(member[at]), int(when[at]), float(expected[at]))

    return by_member(kind, member, p_value, count, expected, explained, rows=rows)


def _usual_of_week(
    week: int, past: slice, counts: Floats, sold: Floats, others: Floats, base: Floats | None, variance: Floats | None
) -> tuple[Floats, Floats, Flags]:
    """What the weeks before let expect of each member in a week, its relative variance, and whether they tell anything; shape
    (members,) each. Arguments as in `_surges`; `others`: the counts of all others in each week.
    """
    before, sells = counts[:, past].sum(axis=1) + 1, sold[:, past] > 0
    # weeks off tell nothing of what is usual in a week of work
    since = np.maximum((sells * others[:, past]).sum(axis=1), 1.0)
    expected, doubt = before * others[:, week] / since, 1 / before + 1 / others[:, week] + 1 / since
    is_usual = np.asarray(sells.any(axis=1))
    if base is None:
        return expected, doubt, is_usual
    # one more case, with as much of the base as one has: where there was none there may have been one
    one, now = float(base.sum()) / max(float(counts.sum()), 1.0), base[:, week]
    with_base = np.where(base[:, past] > 0, counts[:, past], 0.0).sum(axis=1) + 1
    as_base = with_base * now / np.maximum(base[:, past].sum(axis=1) + one, 1e-300)
    # a purchase shortly after midnight may stand a week apart from its traffic
    is_seen = (now > 0) & (with_base >= _MOST_SEEN * before)
    # more traffic explains more orders, also of who had hardly any; less does not make usual ones odd
    with_traffic = np.where(now > 0, np.maximum(as_base, expected), expected)
    expected = np.where(is_seen & ~is_usual, as_base, with_traffic)
    if variance is not None:
        doubt += variance[:, week] / np.maximum(now, 1e-9) ** 2
        doubt += variance[:, past].sum(axis=1) / np.maximum(base[:, past].sum(axis=1) + one, 1e-9) ** 2
    return expected, doubt, np.asarray(is_usual | is_seen)


def through_creators(member: Ints, creator: Ints, reach: Floats, members: int) -> Floats:
    """What creators have in each week, as they share their order lines out to members; shape (members, weeks).

    `reach`: by place of the creator and week; lines without a creator or a member are left out.
    """
    named = (member > 0) & (creator > 0)
    (who, via), _, lines = combinations(member[named], creator[named])
    share = lines / np.maximum(np.bincount(via, lines, len(reach)), 1.0)[via]
    return np.stack([np.bincount(who, share * week[via], members) for week in reach.T], axis=1).astype(np.float64)


def _weekly(bought: Purchases, members: int, weeks: int, times: Ints | None = None) -> Floats:
    return weekly_counts(bought.member, bought.week, members, weeks, times)


def weekly_counts(member: Ints, week: Ints, members: int, weeks: int, times: Ints | None = None) -> Floats:
    """Rows by member and week, counted back, each `times` if given; shape (members, weeks)."""
    here = week < weeks
    sums = np.bincount(member[here] * weeks + week[here], None if times is None else times[here], members * weeks)
    return np.asarray(sums.reshape(members, weeks), np.float64)


def main_market(member: Ints, market: Ints, members: int) -> Ints:
    """The market with most rows of each member, the first of equals; shape (members,)."""
    markets = int(market.max(initial=0)) + 1
    times = np.bincount(member * markets + market, minlength=members * markets)
    result: Ints = times.reshape(members, markets).argmax(axis=1)
    return result
