"""What the health of the whole is: plain frozen values that the command and the screens read. `to_dict()` is the promised JSON.

"Now" is the last 28 days, "before" the 28 days before them. Shares are fractions, money is in units of the currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.base.days import Day, Window
from core.base.json_value import Value
from core.base.segment import Segment
from core.ratings.rating_results import Side

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread(Value):
    """How unequally an amount is spread over those who were active."""

    gini: float
    """0 = everybody has the same, 1 = one has all."""
    hhi: float
    """Sum of squared shares: the chance that two units, drawn at random, are of the same member."""
    effective_number: float
    """1 / hhi: as many equal members would be as concentrated."""
    top_1pct_share: float
    top_10pct_share: float
    palma: float | None
    """What the upper tenth has over what the lower four tenths have; None when those have nothing."""


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
    """95 % interval of each figure of `now`: how much it hangs on who happens to be among them."""
    population_before: int
    before: Spread | None
    """None when nobody was active before, or the data do not go back so far."""
    change_intervals: Mapping[str, Interval]
    """95 % interval of now minus before, the same members drawn for both."""


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


@dataclass(frozen=True, slots=True)
class GradeFlow(Value):
    """How many cards went from one grade to another."""

    before: str
    after: str
    cards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mobility(Value):
    """How grades moved between 28 days ago and now, of cards that had a case at both."""

    side: Side
    cards: int
    grades: tuple[str, ...]
    """Best first, then P: too little evidence for a grade."""
    matrix: tuple[tuple[int, ...], ...]
    """matrix[before][after], in the order of `grades`."""
    moved: tuple[GradeFlow, ...]
    """The cells of the matrix that are not 0 and no stay."""
    up: int
    """To a better grade, of those graded at both."""
    down: int
    graded: int
    """At both."""
    moved_share: float
    """(up + down) / graded."""
    moved_interval: Interval
    shorrocks: float | None
    """(k - trace) / (k - 1) of the shares by former grade, over the k grades that anybody had: 0 = nobody moves. None below 2."""
    shorrocks_interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupGap(Value):
    """How one group is rated beside all others of its side."""

    side: Side
    group: str
    """market, role, size (order lines counted) or newcomer."""
    value: str
    n: int
    """Cards with any case."""
    mean_score: float
    gap: float
    """mean_score minus that of all others."""
    interval: Interval | None
    """95 % interval of the gap, cards of one person counted together; None with fewer than two persons on either side."""
    before: float | None
    """The gap 28 days ago."""
    provisional: float
    """Share of its cards without a grade for want of evidence."""
    graded: int
    selected: float | None
    """Share of its graded cards that have one of the top grades."""
    selection_ratio: float | None
    """selected over that of all others."""
    selection_interval: Interval | None
    selection_p_value: float | None
    """Chance of so different shares when both are the same (Fisher)."""
    four_fifths: str
    """pass: the ratio is at least 0.8; fail: it is less, and chance does not explain that (5 %); unsure; "" = not known."""
    false_demotion: float | None
    """Of the graded whose true score lies in the top grades, as far as their posteriors tell, how many are graded lower."""
    false_demotion_interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration(Value):
    """What ratings of 28 days ago promised of a group, beside what became of its orders since."""

    side: Side
    group: str
    value: str
    cases: int
    """Deliveries since then."""
    observed: float
    """Bad ones among them, as far as they are charged to the card."""
    expected: float
    """By the values of the components 28 days ago, and how much shows at the age of each delivery."""
    ratio: float
    """observed / expected: above 1 the group was rated too well, below 1 too badly."""
    interval: Interval | None
    """95 %, all that one person sold taken together; None with fewer than two persons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk(Value):
    """A lead: a pattern that is unusual for its peers, and may have a good reason."""

    subject: Mapping[str, str]
    """{"creator_id": ...} or {"seller_id": ...}."""
    kind: str
    """order_burst, refund_ring, shared_buyers, review_burst or price_swing."""
    score: float
    """0-100: how unusual, -10 log10 of the chance."""
    p_value: float
    """The chance of such a pattern where nothing is wrong, all weeks or partners looked at counted."""
    q_value: float
    """How many of the leads up to this one are mere chance, as a share (Benjamini-Hochberg)."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier(Value):
    """Members of one grade, or one tenth of the members by score."""

    tier: str
    """A grade, or "1" (lowest scores) to "10"."""
    members: int
    member_share: float
    impression_share: float
    gmv_share: float | None
    exposure_ratio: float
    """impression_share / member_share: 1 = seen as much as everybody on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure(Value):
    """Impressions of the last 28 days beside the scores of those who have any case and were active."""

    side: Side
    members: int
    correlation: float
    """Spearman's, between score and impressions: 1 = the better, the more seen."""
    interval: Interval
    """95 %."""
    grades: tuple[Tier, ...]
    """Best first, then P: too little evidence."""
    deciles: tuple[Tier, ...]


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
    before: Window
    concentrations: tuple[Concentration, ...]
    newcomers: tuple[Newcomers, ...]
    mobility: tuple[Mobility, ...]
    fairness: tuple[GroupGap, ...]
    risk: tuple[Risk, ...]
    """Most unusual first; 5 % of them are false discoveries at most."""
    risk_tests: int
    """Over how many tests that holds."""
    calibration: tuple[Calibration, ...] = ()
    exposure: tuple[Exposure, ...] = ()
    quality: tuple[QualityFigure, ...] = ()
    channels: tuple[ChannelShare, ...] = ()
    notes: tuple[str, ...] = ()
    """What the data could not answer, and what is seen differently than asked, one line each."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `concentration` has the figures of the first of `concentrations` beside all of them."""
        plain = Value.to_dict(self)
        every = plain.pop("concentrations")
        first: dict[str, Any] = every[0] if every else {}
        named = {name: first.get(name) for name in ("side", "measure", "population", "intervals")}
        return {
            **plain,
            "concentration": {**first.get("now", {}), **named, "all": every},
            "newcomers": _by_side(plain["newcomers"]),
            "mobility": _by_side(plain["mobility"]),
            "exposure": _by_side(plain["exposure"]),
        }


def _by_side(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {one.pop("side"): one for one in found}
