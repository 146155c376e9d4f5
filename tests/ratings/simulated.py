"""Creators whose true quality is known, as the arrays that a workspace would give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue.rating_rules import RatingRules, packaged
from core.ratings.cases import role_assignment
from core.ratings.cases.accounts import Accounts, SortedWords
from core.ratings.cases.case_matrix import card_keys, case_matrix
from core.ratings.cases.case_outcomes import Cases, Violations
from core.ratings.rate import inputs, judge
from core.ratings.rating_table import RatingInputs, RatingTable
from core.workspace.read.rating_rows import NEVER

Floats = NDArray[np.float64]
FIRST = 20_003
"""A Monday."""
COMPONENTS = ("product", "content", "service", "compliance")


@dataclass(frozen=True)
class World:
    """Orders of creators, and how good each of them really is."""

    seed: int
    days: int
    rates: dict[str, Floats]
    """True share of bad cases (compliance: violations per 1,000 orders) of each creator, from place 1 on."""
    orders: Floats
    """Expected orders of each creator."""
    market: NDArray[np.int64]
    shift: Floats | None = None
    """(days, creators): factor on the product rate, by day of the delivery."""

    def gathered(self, as_of: int | None = None, rules: RatingRules | None = None) -> RatingInputs:
        """What is known at a day (counted from the first; the last one by default)."""
        rng = np.random.default_rng(self.seed)
        n = rng.poisson(self.orders)
        who = np.repeat(np.arange(len(n)), n)
        day = np.sort(rng.integers(0, self.days, len(who)))
        who = rng.permutation(who)
        base = day + 4
        fault, known = np.full(len(who), -1), np.zeros(len(who), np.int64)
        rules = rules or packaged()
        reasons = list(rules.reasons)
        draw = rng.random(len(who))
        low = np.zeros(len(who))
        for name, reason in (("product", "unexplained"), ("content", "content"), ("service", "service")):
            rate = self.rates[name][who]
            if name == "product" and self.shift is not None:
                rate = rate * self.shift[np.minimum(base, self.days - 1), who]
            fault = np.where((draw >= low) & (draw < low + rate), reasons.index(reason), fault)
            low = low + rate
        delay = np.minimum(1 + rng.gamma(1.5, 3.0, len(who)), 27).astype(np.int64)
        known = np.where(fault >= 0, base + delay, 0)
        times = rng.poisson(self.rates["compliance"] / 1000 * n)
        offender = np.repeat(np.arange(len(n)), times)
        broken = rng.integers(0, self.days, len(offender))
        end = self.days - 1 if as_of is None else as_of
        return _gathered(
            world=self,
            rules=rules,
            end=end,
            who=who,
            day=day,
            base=base,
            fault=fault,
            known=known,
            offender=offender,
            broken=broken,
        )

    def rated(self, as_of: int | None = None, rules: RatingRules | None = None) -> RatingTable:
        """The ratings at a day."""
        return judge(self.gathered(as_of, rules))

    def true_scores(self, rated: RatingTable) -> Floats:
        """The score of each card if its true rates were known, beside the same peers; shape (cards,)."""
        total = np.zeros(rated.size)
        who = rated.gathered.frame.cards.who - 1
        for row, one in enumerate(rated.gathered.frame.components):
            true, run = self.rates[one.key][who], rated.peers.run[row]
            if not one.is_share:
                # orders that go wrong do not dilute violations
                true = true / (1 - sum(self.rates[name][who] for name in ("product", "content", "service")))
            utility = (1 - true) ** run if one.is_share else np.exp(-run * true)
            total += rated.peers.weight[row] * utility
        return total


def _gathered(
    world: World, rules: RatingRules, end: int, who, day, base, fault, known, offender, broken
) -> RatingInputs:  # type: ignore[no-untyped-def]
    size = len(world.orders)
    names = ("", *(f"C{at:05d}" for at in range(size)))
    here = day <= end
    nothing = np.zeros(int(here.sum()), np.int64)
    market = np.concatenate([[0], world.market + 1])
    zero = np.zeros(size + 1, np.int64)
    crowd = Accounts(
        side="creators",
        names=SortedWords(names, np.arange(size + 1)),
        persons=names,
        own_shop=zero - 1,
        market=market,
        joined=zero + NEVER,
        roles=(),
        markets=SortedWords(("", "ID", "TH", "VN"), np.arange(4)),
        categories=SortedWords(("",), np.arange(1)),
        listed=np.ones(size + 1, bool),
    )
    place = who[here] + 1
    known_by = (known[here] > 0) & (known[here] <= end)
    cases = Cases(
        id=np.arange(len(nothing)), day=day[here] + FIRST, seller=nothing, who=place,
        market=market[place], category=nothing, channel=nothing, content=nothing, product=nothing,
        base=base[here] + FIRST, refundable=nothing == 0, late=nothing > 0, fault=np.where(known_by, fault[here], -1),
        known=np.where(known_by, known[here] + FIRST, 0), stars=nothing, reviewed=nothing,
        due=nothing, dispatch=nothing - 1, gmv=nothing + 1000, delivery_weight=np.ones(len(nothing)),
        dispatch_weight=np.ones(len(nothing)), review_weight=np.ones(len(nothing)),
    )  # fmt: skip
    past = broken <= end
    none = np.zeros(int(past.sum()), np.int64)
    guilty = offender[past] + 1
    violations = Violations(
        day=broken[past] + FIRST,
        who=guilty,
        market=market[guilty],
        category=none,
        channel=none,
        content=none,
        points=none + 4.0,
        overturned=none,
    )
    words = role_assignment.names(crowd, rules)
    role, violation_role = (
        role_assignment.default_roles(crowd, words)[place],
        role_assignment.default_roles(crowd, words)[guilty],
    )
    everybody = np.arange(1, size + 1)
    idle = card_keys(everybody, role_assignment.default_roles(crowd, words)[1:], market[1:], len(words), 4)
    found = case_matrix(
        cases=cases,
        roles=role,
        violations=violations,
        violation_roles=violation_role,
        crowd=crowd,
        words=words,
        idle=idle,
        rules=rules,
        reported=frozenset(name for name in COMPONENTS if world.rates[name].any()),
    )
    return inputs(FIRST + end, crowd, cases, violations, found)


def world(
    seed: int,
    creators: int = 600,
    median: float = 60.0,
    days: int = 180,
    spread: float = 0.8,
    sizes: float = 1.0,
    levels: tuple[float, float, float] = (1.0, 1.6, 0.7),
    bad: float = 0.06,
) -> World:
    """Creators in three markets of different level; true rates scatter lognormally."""
    rng = np.random.default_rng(seed + 1_000)
    market = rng.integers(0, 3, creators)
    level = np.array(levels)[market]

    def scattered(mean: float, sigma: float) -> Floats:
        return mean * level * np.exp(rng.normal(0, sigma, creators) - sigma * sigma / 2)

    rates = {
        "product": scattered(bad, spread),
        "content": scattered(0.02, spread),
        "service": scattered(0.01, spread / 2),
        "compliance": scattered(8.0, spread),
    }
    shares = {name: np.minimum(rate, 0.5) for name, rate in rates.items() if name != "compliance"}
    return World(seed, days, {**rates, **shares}, median * np.exp(rng.normal(0, sizes, creators)), market)
