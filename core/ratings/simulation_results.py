"""What other rules would do, in plain frozen values that commands and screens read. `to_dict()` is the promised JSON."""

from dataclasses import dataclass
from typing import Literal

from core.base.days import Day
from core.base.json_value import Value
from core.ratings.rating_results import Side

MoverKind = Literal["grade", "provisional", "first_grade", "rank", "score"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEffect(Value):
    """What other rules would do to one group."""

    group: str
    """market, role, size or newcomer."""
    value: str
    cards: int
    """With any case."""
    before: float
    """Mean score."""
    after: float
    change: float
    interval: tuple[float, float]
    """95 % interval of the mean change."""
    up: int
    """Cards that would get a better grade."""
    down: int
    gmv_down: float
    """What those sold in the last 28 days."""


@dataclass(frozen=True, slots=True)
class Transition(Value):
    """How many cards would go from one grade to another, and what they sold in the last 28 days."""

    before: str
    after: str
    cards: int
    gmv: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover(Value):
    """One card whose grade, rank or score other rules would change."""

    id: str
    role: str
    market: str
    before: float
    after: float
    change: float
    grade_before: str
    grade_after: str
    rank_before: int | None
    rank_after: int | None
    what: MoverKind
    """What decides whether it loses or wins, the first that applies; "provisional" = becomes so, "first_grade" = was so."""
    orders: int
    gmv: float
    """Sold in the last 28 days: what is at stake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation(Value):
    """What other rules would do to everybody, as of a day and with the evidence of that day."""

    side: Side
    as_of: Day
    rules_before: str
    rules_after: str
    changed: tuple[str, ...]
    """What the other rules change, such as "half_life_days: 90 -> 45"."""
    cards: int
    up: int
    down: int
    gmv: float
    """Sold by everybody in the last 28 days."""
    gmv_up: float
    gmv_down: float
    provisional: int
    """Cards that would lose their grade for too little evidence."""
    gmv_provisional: float
    rank_down: int
    """Cards that would rank lower among their peers."""
    gmv_rank_down: float
    flips_before: float
    """Grade changes of a graded card in a year, by the refreshes of the past."""
    flips_after: float
    transitions: tuple[Transition, ...]
    groups: tuple[GroupEffect, ...]
    losers: tuple[Mover, ...]
    """Everybody who would get a worse grade or none, a thousand at most, then who would lose most ranks; most GMV first."""
    winners: tuple[Mover, ...]
    notes: tuple[str, ...] = ()
