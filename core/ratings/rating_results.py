"""What ratings say: plain frozen values that commands, screens and the ecosystem read. `to_dict()` is the promised JSON.

A score is 0-100. Points are parts of a score: the points of a card's components add up to its score, the weights to 100.
"""

from dataclasses import dataclass
from typing import Any, Literal

from core.base.days import Day, iso
from core.base.json_value import Value

Side = Literal["creators", "sellers"]
PROVISIONAL = "P"
"""The grade of who has too little evidence for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component(Value):
    """One component of a card, with all that its points are computed from.

    With A = a + k and B = b + n - k (for a rate per 1,000: B = b + n / 1000) the value is A / (A + B) (A / B), and points are
    weight x chance that the next `run` cases all go well: G(B + run) G(A + B) / (G(B) G(A + B + run)) with the Gamma
    function G (for a rate: (B / (B + run))^A).
    """

    name: str
    value: float
    """Estimated share of bad cases, or rate per 1,000 orders: own evidence and that of the peers, weighed by their strength."""
    peer_value: float
    """Mean of the peers, to which little evidence leans."""
    reference: float
    """What gets the rules' peer score when it is sure: the mean of all on the same scale."""
    points: float
    weight: float
    """Points that a spotless record would bring."""
    interval: tuple[float, float]
    """95 % interval of `value`."""
    n: float
    """Cases that the estimate weighs: mature, decayed, as many equally weighed ones as tell the same."""
    k: float
    """Bad ones among them."""
    cases: int
    """Cases counted, each once."""
    bad: int
    """Bad cases counted, each once."""
    a: float
    """Bad cases that the prior of the peers stands for."""
    b: float
    """Good cases that the prior of the peers stands for (for a rate: thousands of orders)."""
    run: float
    """How many cases in a row are to go well (for a rate: in thousands of orders)."""
    is_share: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating(Value):
    """The scorecard of one account in one role and market, or of one seller in one market."""

    side: Side
    id: str
    """creator_id or seller_id."""
    person_id: str
    """Who holds the account; the account itself where the exports do not say. Of a seller: the seller."""
    role: str
    market: str
    score: float
    interval: tuple[float, float]
    """95 % interval of the score."""
    grade: str
    """A letter of the rules, or P: provisional, too little evidence."""
    rank: int | None
    """1 = best of its peers; None without any case."""
    peers: int
    """How many with the same role and market have any case, itself included."""
    orders: int
    """Order lines counted, of any age that the rules look at."""
    gmv: float
    """Paid in the last 28 days, in units of the currency."""
    would_be: str
    """The grade that the score alone would give."""
    ended: Day | None
    """The day on which the role ended; None while it lasts."""
    newcomer: bool
    components: tuple[Component, ...]
    peer_group: str
    """Whose evidence the priors rest on."""

    @property
    def is_provisional(self) -> bool:
        """Whether there is too little evidence for a grade."""
        return self.grade == PROVISIONAL

    def to_dict(self) -> dict[str, Any]:
        """The JSON of one rating: a creator's has creator_id and person_id, a seller's seller_id."""
        plain = Value.to_dict(self)
        who = (
            {"creator_id": self.id, "person_id": self.person_id} if self.side == "creators" else {"seller_id": self.id}
        )
        ended = plain.pop("ended")
        others = {name: value for name, value in plain.items() if name not in {"side", "id", "person_id"}}
        return {**who, **others, "provisional": self.is_provisional, "ended": ended}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Value):
    """How the points of one component moved between two days; the parts add up to `change`."""

    component: str
    before: float
    after: float
    change: float
    entering: float
    """Evidence that came in."""
    leaving: float
    """Evidence from before that aged meanwhile, or left the window."""
    weights: float
    """Components weigh more or less than before: points move from one to another."""
    peers: float
    """The peers moved."""
    rules: float
    """The rules changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement(Value):
    """Why the score of a card moved; the changes of the shifts add up to `change`."""

    since: Day
    until: Day
    before: float
    after: float
    change: float
    grade_before: str
    grade_after: str
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow(Value):
    """One order, review or violation behind a component."""

    component: str
    day: Day
    """When it became known."""
    order_id: str
    what: str
    """Such as "refund: defective", "review: 1 star", "late dispatch"."""
    weight: float
    """How much it weighs now: 1 when new, half after a half-life."""
    charged: bool
    """Whether it counts against the card; else it is somebody else's fault and left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementStep(Value):
    """One way to the next grade, in units that a person can act on."""

    component: str
    target: str
    """The grade that it reaches."""
    of_next: int
    """Among so many cases to come ..."""
    at_most: int
    """... at most so many bad ones,"""
    expected: float
    """where the current rate would give so many."""
    fewer: float
    """expected - at_most."""
    text: str
    """In words: "12 fewer late dispatches of the next 150 orders: at most 3"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCard(Value):
    """One rating with its history: why it moved, what lies behind it, what would raise it."""

    rating: Rating
    movement: Movement
    cases: tuple[EvidenceRow, ...]
    path: tuple[ImprovementStep, ...]
    grades: tuple[tuple[int, str], ...]
    """(day, grade from that weekly refresh on), oldest first."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON, with ISO days."""
        return {**Value.to_dict(self), "grades": [{"day": iso(day), "grade": grade} for day, grade in self.grades]}


@dataclass(frozen=True, slots=True)
class Held(Value):
    """One role that an account has or had; days that are not given are None."""

    creator_id: str
    role: str
    since: Day | None
    until: Day | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard(Value):
    """One person (or seller): every account and role of theirs, and all of them in one view."""

    side: Side
    id: str
    person_id: str
    as_of: Day
    accounts: tuple[str, ...]
    """All accounts of the person, the one asked for first."""
    roles: tuple[Held, ...]
    """Every role of every account."""
    score: float
    """Mean of the cards' scores, weighed by evidence."""
    interval: tuple[float, float]
    grade: str
    """That of the card with the most evidence."""
    cards: tuple[ScoreCard, ...]
    weights: tuple[float, ...]
    """Of each card in the joint score; they add up to 1."""
    rules: str
    """Version of the rules."""
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON, with ISO days."""
        plain = Value.to_dict(self)
        who = {"creator_id": self.id} if self.side == "creators" else {"seller_id": self.id}
        return {**who, **{name: value for name, value in plain.items() if name not in {"side", "id"}}}
