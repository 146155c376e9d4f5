"""Every family of claims of the page, from the tables that each rests on."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.row_order import combinations, distinct, largest_of
from core.base.segment import Segment
from core.ecosystem.changes import steady_members, weekly_panel
from core.ecosystem.changes.activity_changes import MemberWeeks, joined_claim, silence_claims
from core.ecosystem.changes.newcomer_changes import Beginnings, exposure_claims
from core.ecosystem.changes.segment_changes import segment_changes
from core.ecosystem.changes.segment_figures import VALUES, Figure, member_levels
from core.ecosystem.changes.step_test import LEAST_HISTORY, RECENT
from core.ecosystem.changes.total_changes import whole
from core.ecosystem.changes.weekly_panel import WeeklyPanel
from core.ecosystem.fairness.calibration import Outcomes, calibration_claims, ranking_claims
from core.ecosystem.fairness.exposure import merit_claims
from core.ecosystem.fairness.mobility import mobility, mobility_claim
from core.ecosystem.fairness.outcomes import seen
from core.ecosystem.fairness.rating_gaps import gap_claims
from core.ecosystem.fairness.score_history import ScoreHistory
from core.ecosystem.members.activity import COLUMNS, MEASURES, Activity
from core.ecosystem.members.member_groups import MemberGroups, PlaceGroups, main_values
from core.ecosystem.members.newcomers import is_new
from core.ecosystem.results.claim_results import Claim, Topic
from core.ecosystem.results.fairness_results import Calibration, GroupGap
from core.ecosystem.spread import concentration
from core.workspace.read.event_log import Event
from core.workspace.read.rating_rows import NEVER
from core.workspace.read.workspace import Workspace

_SLICES = ("market", "category", "channel", "agency", "role")
_AMOUNTS: tuple[tuple[str, Topic, str], ...] = (
    ("impressions", "exposure", "traffic"), ("orders", "sales", "orders"), ("gmv", "sales", "orders"),
)  # fmt: skip
"""Each amount with its topic and its kind of exports."""
_LEAST_KNOWN = 0.3
"""Part of what becomes of the newest week that is known by now."""
_OF_MEMBERS = ("market", "category", "agency", "role")


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What all families are computed from."""

    workspace: Workspace
    as_of: int
    where: Segment
    activities: tuple[Activity, ...]
    standings: tuple[ScoreHistory, ...]
    groups: MemberGroups
    ages: Mapping[str, int]
    """Days after which the days of each figure of goods and service are looked at, by its key."""
    known: Mapping[str, Floats]
    """Of those that are looked at as they are known now, what part of their final value days of each age have: `known_shares`."""
    incomplete: frozenset[str]
    """Kinds of exports of which whole days are missing, so that their totals say nothing."""
    interrupted: frozenset[str]
    """Those of which a week or more is missing, so that nothing tells who is active."""
    left_out: tuple[Event, ...] = ()
    """Events without whose days amounts are looked at."""

    @cached_property
    def amounts(self) -> WeeklyPanel | None:
        """Impressions, orders and sales; read once for claims and for the groups of members."""
        return self.panel([name for name, _, _ in _AMOUNTS], 0, None, {})

    def panel(
        self, measures: list[str], youngest: int, age: int | None, parts: Mapping[str, Floats]
    ) -> WeeklyPanel | None:
        """Some measures by leaf and week, the newest day so many days ago, each as known at an age in days (None: as known now);
        None without a week. `parts`: as in `weekly_panel.read`."""
        return weekly_panel.read(
            self.workspace,
            measures,
            self.as_of,
            youngest,
            age,
            self.where,
            self.groups,
            parts,
            self.left_out if age is None and not parts else (),
        )


def all_claims(
    sources: Sources,
    places: dict[str, PlaceGroups],
    then: Sequence[tuple[Outcomes | None, Outcomes | None]],
    gaps: Sequence[GroupGap],
    tables: Sequence[Calibration],
) -> Iterator[Claim]:
    """Everything that is tested, in no order and not yet decided."""
    yield from amount_claims(sources)
    yield from _quality_claims(sources)
    for activity in sources.activities:
        yield from _member_claims(activity, places[activity.crowd.side], sources.interrupted)
    by_side = {item.crowd.side: item for item in sources.activities}
    for standing in sources.standings:
        activity = by_side[standing.side]
        change = mobility_claim(standing, mobility(standing), sources.as_of) if standing.before is not None else None
        if change is not None:
            yield change
        exposed = seen(standing, activity, _weeks(activity), places[standing.side])
        if exposed is not None:
            yield from merit_claims(standing.side, exposed, sources.as_of)
    for now, before in then:
        if now is not None:
            yield from ranking_claims(now, before, sources.as_of)
    yield from gap_claims(gaps)
    yield from calibration_claims(tables, sources.as_of)


def _weeks(activity: Activity) -> int:
    return min(activity.weeks, weekly_panel.WEEKS)


def amount_claims(sources: Sources) -> Iterator[Claim]:
    """Demand, and who has which share of it."""
    panel = sources.amounts
    if panel is None:
        return
    stays, paid = steady_members.steady(panel, sources.activities), _order_value(panel)
    for name, topic, kind in _AMOUNTS:
        if name not in panel.amounts:
            continue
        amount, unit = panel.amounts[name] * stays[:, None], paid if name == "gmv" else 1.0
        weight = steady_members.weights(panel, amount, unit, VALUES if name == "gmv" else 1.0)
        figure = Figure(
            topic=topic, name=f"{name}_share", amount=amount, base=None, is_count=name != "gmv", more_is_worse=None,
            dimensions=_SLICES, unit=unit, weight=weight,
        )  # fmt: skip
        result = segment_changes(panel, figure)
        yield from result
        total = Figure(
            topic="demand", name=name, amount=panel.amounts[name], base=None, is_count=name != "gmv",
            more_is_worse=False, dimensions=_SLICES, unit=unit,
        )  # fmt: skip
        claim = None if kind in sources.incomplete else whole(panel, total, result)
        if claim is not None:
            yield claim


def _order_value(panel: WeeklyPanel) -> float:
    """The mean value of an order; a millionth of the weekly mean where orders are not counted."""
    gmv, orders = (panel.amounts[name].sum() if name in panel.amounts else 0.0 for name in ("gmv", "orders"))
    return max(float(gmv / orders if orders > 0 else 1e-6 * gmv / panel.weeks), 1e-9)


def _quality_claims(sources: Sources) -> Iterator[Claim]:
    """Every rate of goods and service, over everything and by segment."""
    workspace = sources.workspace
    if weekly_panel.whole_weeks(workspace, sources.as_of) < max(RECENT) + LEAST_HISTORY:
        return
    for keys, youngest, age, shares in _looked_at(sources):
        same = [workspace.catalogue.metric(key) for key in keys]
        # of what a rate is of, as many as what is known so far is of
        parts = {
            name: shares for mate in same if len(shares) and mate.denominator for name in mate.denominator.measures()
        }
        panel = sources.panel(sorted({name for mate in same for name in mate.measures()}), youngest, age, parts)
        if panel is None:
            continue
        for metric in same:
            amount = np.asarray(metric.numerator.of(panel.amounts), np.float64)
            base = np.asarray(metric.denominator.of(panel.amounts), np.float64) if metric.denominator else None
            figure = Figure(
                topic="quality", name=metric.key, amount=amount, base=base, is_count=True, more_is_worse=True,
                dimensions=_SLICES, scale=metric.scale, level=None if base is None else member_levels(panel, amount, base),
            )  # fmt: skip
            result = segment_changes(panel, figure)
            yield from result
            claim = whole(panel, figure, result)
            if claim is not None:
                yield claim


def _looked_at(sources: Sources) -> Iterator[tuple[list[str], int, int | None, Floats]]:
    """Figures that are counted of the same table: their keys, the age of the newest day, the age at which each day is looked at
    (None: now), and what part of them days of each age have by then (empty: all)."""
    for key, shares in sorted(sources.known.items()):
        days = np.append(shares, np.ones(7 * (weekly_panel.WEEKS + 1) + len(shares)))
        enough = np.convolve(days, np.ones(7) / 7, "valid") >= _LEAST_KNOWN
        yield [key], int(enough.argmax()), None, days
    others = {key: age for key, age in sources.ages.items() if key not in sources.known}
    for age in sorted(set(others.values())):
        yield [key for key, own in others.items() if own == age], age, age or None, np.zeros(0)


def _member_claims(activity: Activity, groups: PlaceGroups, interrupted: Collection[str]) -> Iterator[Claim]:
    """Who falls silent and who begins, what newcomers get, and how concentrated it is; `interrupted`: kinds that are missing."""
    weeks = _weeks(activity)
    if not weeks:
        return
    names, side = activity.crowd.names.words, activity.crowd.side
    amounts = {name: activity.weekly(name, weeks) for name in activity.amounts}
    yield from concentration.claims(
        activity, {name: amounts[name] for name in concentration.MEASURES if name in amounts}
    )
    first = np.where(is_new(activity), activity.oldest_week(), -1)
    if not {kind for name, _, kind in _AMOUNTS if name in amounts and amounts[name].any()} & set(interrupted):
        yield from _coming_and_going(activity, groups, first, amounts)
    if "impressions" in amounts:
        yield from exposure_claims(
            Beginnings(side=side, last=activity.as_of, names=names, seen=amounts["impressions"], first=first)
        )


def _coming_and_going(
    activity: Activity, groups: PlaceGroups, first: Ints, amounts: Mapping[str, Floats]
) -> Iterator[Claim]:
    names, side, weeks = activity.crowd.names.words, activity.crowd.side, _weeks(activity)
    yield from silence_claims(
        MemberWeeks(
            side=side,
            last=activity.as_of,
            names=names,
            active=activity.active_weeks(weeks),
            amount=next(amounts[name] for name in MEASURES if name in amounts),
            words={name: words for name, (_, words) in groups.items()},
            groups={name: codes for name, (codes, _) in groups.items()},
        )
    )
    began = np.flatnonzero(first >= 0)
    began = began[np.argsort(first[began], kind="stable")]
    joined = np.bincount(first[began], minlength=weeks)[: _weeks_with_newcomers(activity, weeks)]
    claim = joined_claim(side, activity.as_of, joined, tuple(names[at] for at in began.tolist()))
    if claim is not None:
        yield claim


def _weeks_with_newcomers(activity: Activity, weeks: int) -> int:
    """How many weeks back newcomers can be told from those who were there before the data begin."""
    stated = (activity.crowd.joined[1:] != NEVER).mean() > 0.5
    return weeks if stated else max(min(weeks, activity.weeks - 8), 0)


def main_shops(sources: Sources) -> Ints | None:
    """The shop that each creator sells most of, by place, 0 = none; None where no orders name both."""
    panel = sources.amounts
    activity = next((item for item in sources.activities if item.crowd.side == "creators"), None)
    if activity is None or panel is None or "orders" not in panel.amounts or "seller_id" not in panel.leaf_members:
        return None
    (creator, shop), pair, _ = combinations(panel.leaf_members["creator_id"], panel.leaf_members["seller_id"])
    orders = np.bincount(pair, panel.amounts["orders"].sum(axis=1)) * (shop > 0)
    creators, of_pair = distinct(creator)
    largest = largest_of(of_pair, orders)
    result = np.zeros(activity.crowd.size, np.int64)
    result[steady_members.places(activity, panel)[creators]] = np.where(orders[largest] > 0, shop[largest], 0)
    return result


def groups_by_place(sources: Sources) -> dict[str, PlaceGroups]:
    """The groups of the members of each side by place: agency and role as their exports say, main market and category."""
    panel = sources.amounts
    return {
        activity.crowd.side: {} if panel is None else dict(_groups_of(activity, panel, sources.groups))
        for activity in sources.activities
    }


def _groups_of(
    activity: Activity, panel: WeeklyPanel, members: MemberGroups
) -> Iterator[tuple[str, tuple[Ints, tuple[str, ...]]]]:
    crowd = activity.crowd
    column = COLUMNS[crowd.side]
    for name in _OF_MEMBERS if column in panel.leaf_members else ():
        own = members.codes.get(name)
        if name not in panel.words or (own is not None and crowd.side == "sellers"):
            continue
        code = np.zeros(crowd.size, np.int64)
        if own is not None:
            code[crowd.names.place[: len(own)]] = own
        else:
            code[steady_members.places(activity, panel)] = _main_codes(panel, column, name)
        code[0] = 0
        yield name, (code, panel.words[name])


def _main_codes(panel: WeeklyPanel, column: str, name: str) -> Ints:
    """The value of a dimension in which each member of the panel has most, all amounts weighed alike; shape (members,)."""
    amount = np.sum([item.sum(axis=1) / max(item.sum(), 1.0) for item in panel.amounts.values()], axis=0)
    return main_values(
        panel.leaf_members[column], panel.codes[name], amount, len(panel.member_names[column]), len(panel.words[name])
    )
