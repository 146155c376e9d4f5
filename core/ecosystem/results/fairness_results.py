"""What the health of the whole says of fairness: how grades move, gaps between groups, what scores promised, who is seen."""

from dataclasses import dataclass

from core.base.json_value import Value
from core.ecosystem.results.claim_results import Interval
from core.ratings.rating_results import Side


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
    moved_share_before: float | None
    """The same over the 28 days before; None where nobody was graded then."""
    shorrocks: float | None
    """(k - trace) / (k - 1) of the shares by former grade, over the k grades that anybody had: 0 = nobody moves. None below 2."""
    shorrocks_interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupGap(Value):
    """How one group is rated compared with all others of its side."""

    side: Side
    group: str
    """market, role, agency, category, size (order lines counted) or newcomer."""
    value: str
    n: int
    """Cards with any case."""
    mean_score: float
    gap: float
    """mean_score minus that of all others."""
    interval: Interval | None
    """95 % interval of the gap, cards of one person counted together; None with fewer than three persons on either side."""
    p_value: float | None
    """Two-sided chance of such a gap between groups that are alike."""
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
    """Bad orders of the last 28 days of the members of one grade, tenth or group, compared with what is usual.

    Of a grade or tenth of the scores of 28 days ago: what is usual for all; of any other group: for members of the same score.
    """

    side: Side
    group: str
    """grade, tenth (1 = lowest scores), market, role, agency, category or newcomer."""
    value: str
    members: int
    cases: int
    """Paid orders since then."""
    observed: float
    """Bad ones: refunded, or with a review of one or two stars; of sellers also late and cancelled ones."""
    expected: float
    ratio: float | None
    """observed / expected; None where nothing was to be expected."""
    interval: Interval | None
    """95 %, all that one person sold taken together; None with too few persons or bad orders."""
    p_value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking(Value):
    """Whether the scores of 28 days ago tell good orders from bad ones since."""

    side: Side
    members: int
    cases: int
    bad: int
    auc: float
    """The chance that a good order is of a better rated member than a bad one: 0.5 = scores tell nothing, below = reversed."""
    interval: Interval
    before: float | None
    """The same of the scores of 56 days ago and the orders of the 28 days after."""


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
    """Impressions of the last 28 days and the scores of those who have any case and were active."""

    side: Side
    members: int
    correlation: float
    """Spearman's, between score and impressions: 1 = the better, the more seen."""
    interval: Interval
    """95 %."""
    grades: tuple[Tier, ...]
    """Best first, then P: too little evidence."""
    deciles: tuple[Tier, ...]
