"""What the health of the whole is: plain frozen values that the command and the screens read. `to_dict()` is the promised JSON.

"Now" is the last 28 days, "before" the 28 days before them. Shares are fractions, money is in units of the currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.base.days import Day, Window
from core.base.json_value import Value
from core.base.segment import Segment
from core.ecosystem.completeness import MissingExport
from core.ecosystem.results.claim_results import Claim, Interval
from core.ecosystem.results.fairness_results import Calibration, Exposure, GroupGap, Mobility, Ranking
from core.ratings.rating_results import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread(Value):
    """How unequally an amount is spread over those who were active. None = not shown: too few members to tell."""

    gini: float | None
    """0 = everybody has the same, 1 = one has all."""
    hhi: float | None
    """Sum of squared shares: the chance that two units, drawn at random, are of the same member."""
    effective_number: float | None
    """1 / hhi: as many equal members would be as concentrated."""
    top_1pct_share: float | None
    top_10pct_share: float | None


@dataclass(frozen=True, slots=True)
class LargeMember(Value):
    """One of the largest members of a side."""

    name: str
    share: float
    """Of the whole amount of the side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration(Value):
    """The spread of one amount over one side, now and before."""

    side: Side
    measure: str
    """gmv or impressions."""
    population: int
    """Members that were active now: with any impression or order line, in the segment asked for."""
    total: float
    now: Spread
    intervals: Mapping[str, Interval]
    """95 % interval of each figure of `now`: how much it hangs on who happens to be among the members."""
    population_before: int
    before: Spread | None
    """None when nobody was active before, or the data do not go back so far."""
    largest: tuple[LargeMember, ...]
    """The three largest by name: exact, whatever the figures can tell."""


@dataclass(frozen=True, slots=True)
class ShareChange(Value):
    """What part of something a group has, now and before."""

    share: float
    interval: Interval
    """95 %: how much it hangs on who happens to be there."""
    before: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival(Value):
    """How many newcomers are still active some weeks after they began: in any of the four weeks that begin then."""

    weeks: int
    members: int
    """Who began long enough ago for that to be known."""
    active: int
    share: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Cohort(Value):
    """Those who began in one week."""

    day: Day
    """The first of the week."""
    members: int
    active: Mapping[str, int | None]
    """Weeks later -> how many are active then; None = not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomers(Value):
    """Who comes and goes. active = stayed + joined + came_back; active_before = stayed + went_quiet."""

    side: Side
    active: int
    active_before: int
    stayed: int
    joined: int
    """Never seen before, as far as the data go back; nor an account that is old."""
    came_back: int
    """Active now, not in the 28 days before, but known from earlier."""
    went_quiet: int
    of_members: ShareChange
    """Newcomers among the active."""
    of_impressions: ShareChange | None
    of_gmv: ShareChange | None
    survival: tuple[Survival, ...]
    cohorts: tuple[Cohort, ...]
    """Oldest first; weeks in which everybody would look new, because the data begin, are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityWeek(Value):
    """One week of the curve of the active and the silent."""

    side: Side
    day: Day
    """The first of the week."""
    active: int
    regular: int
    """Members who were active in at least three of the four weeks before it and the next."""
    silent: int
    """Of those, who did nothing in it nor in the week before."""
    usual: float | None
    """The share of silent ones in all earlier weeks; None for the oldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalties(Value):
    """Violations of one side: penalties and appeals."""

    side: Side
    now: int
    """In the last 28 days, those included that were overturned since."""
    before: int
    members: int
    """Who had any in the last 28 days."""
    overturned: int
    """Of those of the 56 days, how many an appeal overturned."""
    overturned_share: float | None
    interval: Interval | None
    median_days: float | None
    """From the violation until it was overturned, of those that say when."""
    policies: Mapping[str, int]
    """Policy -> violations in the last 28 days, most frequent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline(Value):
    """The answer in one glance."""

    is_healthy: bool
    marked: int
    """Claims that are marked and make something worse."""
    worst: Claim | None
    """The marked claim that makes most worse; its cause where one explains it."""
    where: Mapping[str, str]
    who: tuple[str, ...]
    """Whom to call first: agency, shop or members by name."""
    onset: Day | None
    """Since when."""
    leads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk(Value):
    """A lead: a pattern that is unusual for its peers, and may have a good reason."""

    subject: Mapping[str, str]
    """{"creator_id": ...}, {"seller_id": ...} or {"person_id": ...}."""
    kind: str
    """order_burst, refund_ring, shared_buyers, shared_regulars, review_burst, identical_reviews, hourly_orders, hourly_reviews,
    few_buyers, unknown_buyers, praised_orders, repeated_praise, raised_reviews, excused_refunds, orders_without_traffic,
    order_surge, bad_order_surge, bad_orders_apart or many_accounts."""
    score: float
    """0-100: how unusual, -10 log10 of the chance."""
    p_value: float
    """The chance of such a pattern where nothing is wrong, all weeks or partners looked at counted."""
    q_value: float
    """How many of the leads up to this one are mere chance, as a share (Benjamini-Hochberg)."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioChange(Value):
    """A ratio of sums over members, now and before."""

    value: float | None
    """None when there is nothing that it is counted among."""
    interval: Interval | None
    """95 %; None with fewer than two members, or when nothing was counted."""
    n: float
    """What it is counted among: the denominator."""
    before: float | None
    change: float | None
    """value - before."""
    change_interval: Interval | None
    """95 % interval of the change; the same members stand on both sides."""


@dataclass(frozen=True, slots=True)
class QualityFigure(Value):
    """One figure of goods, service or content; more is worse."""

    metric: str
    window: Window
    """28 days, the last of them old enough for most to be known."""
    age: int
    """Each day of either window is looked at as so many days after."""
    figures: RatioChange


@dataclass(frozen=True, slots=True)
class ChannelShare(Value):
    """What share of everything comes through one channel."""

    channel: str
    measure: str
    """impressions, orders or gmv."""
    figures: RatioChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Health(Value):
    """How the ecosystem does at a day, in a segment."""

    as_of: Day
    where: Segment
    window: Window
    before: Window | None
    """None where the data begin after it."""
    concentrations: tuple[Concentration, ...]
    newcomers: tuple[Newcomers, ...]
    mobility: tuple[Mobility, ...]
    fairness: tuple[GroupGap, ...]
    risk: tuple[Risk, ...]
    """Most unusual first; 2 % of them are expected to be false discoveries at most."""
    risk_tests: int
    """Over how many tests that holds."""
    risk_kinds: tuple[str, ...] = ()
    """Kinds of leads that the data allow to look for."""
    calibration: tuple[Calibration, ...] = ()
    rankings: tuple[Ranking, ...] = ()
    exposure: tuple[Exposure, ...] = ()
    quality: tuple[QualityFigure, ...] = ()
    channels: tuple[ChannelShare, ...] = ()
    activity: tuple[ActivityWeek, ...] = ()
    penalties: tuple[Penalties, ...] = ()
    missing: tuple[MissingExport, ...] = ()
    left_out: tuple[str, ...] = ()
    """Why newer days are left out, one line; nothing when none are."""
    claims: tuple[Claim, ...] = ()
    """Everything that was tested, marked ones first."""
    headline: Headline | None = None
    notes: tuple[str, ...] = ()
    """What the data could not answer, and what is seen differently than asked, one line each."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `concentration` has the figures of the first of `concentrations`, and all of them."""
        plain = Value.to_dict(self)
        every = plain.pop("concentrations")
        first: dict[str, Any] = every[0] if every else {"now": dict.fromkeys(("gini", "hhi", "top_1pct_share"))}
        named = {name: first.get(name) for name in ("side", "measure", "population", "intervals")}
        return {
            **plain,
            "concentration": {**first.get("now", {}), **named, "all": every},
            "newcomers": _by_side(plain["newcomers"]),
            "mobility": _by_side(plain["mobility"]),
            "exposure": _by_side(plain["exposure"]),
            "tests": len(self.claims),
        }


def _by_side(result: list[dict[str, Any]]) -> dict[str, Any]:
    return {item.pop("side"): item for item in result}
