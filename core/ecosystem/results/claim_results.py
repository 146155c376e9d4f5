"""A claim: one figure of the page that was tested, with all that its mark rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.base.days import Day
from core.base.json_value import Value

Interval = tuple[float, float]
Topic = Literal[
    "demand", "exposure", "sales", "quality", "activity", "newcomers", "concentration", "mobility", "fairness", "merit",
    "calibration", "penalties",
]  # fmt: skip
Unit = Literal["ratio", "count", "money", "index", "points"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Value):
    """One figure, now and before, and whether its change, or its gap to others, is more than chance."""

    topic: Topic
    figure: str
    """Such as refund_rate, impressions_share, silent_share, gini, auc."""
    side: str
    """creators or sellers; "" = both, or neither."""
    where: Mapping[str, str]
    """Dimension -> value of the segment that is meant; {} = everything."""
    unit: Unit
    now: float | None
    before: float | None
    effect: float
    """A factor where `is_factor`, else a difference: of a step what came since its onset versus before it, of a gap the group
    versus all others, else `now` versus `before`. Of a share, each member counts by what its weeks tell, so that the effect may
    be another than that of `now` over `before`."""
    is_factor: bool
    interval: Interval | None
    """95 % interval of `effect`."""
    p_value: float
    """Two-sided chance of such a change where nothing changed."""
    onset: Day | None
    """First day of the week from which on it is different; None for a gap."""
    is_worse: bool | None
    """None where neither direction is worse."""
    who: tuple[str, ...] = ()
    """Members who contribute most to it, largest first."""
    q_value: float = 1.0
    """Least rate of false discoveries, over all claims of the page, at which it is one."""
    is_marked: bool = False
    """A discovery under the limit, and large enough to matter."""
    cause: Mapping[str, str] = field(default_factory=dict)
    """The segment whose change explains this one; {} where it stands by itself."""
    events: tuple[str, ...] = ()
    """Titles of logged events on whose days alone it is there: a change that they explain has no mark."""
