"""Sorts what became of orders into cards, and into the components that they count for.

A card is one of the crowd in one role and market; its cells are its categories.
"""

from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.row_order import distinct, largest_of
from core.catalogue.rating_rules import ComponentRule, RatingRules
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.case_outcomes import Cases, Violations
from core.ratings.cases.case_streams import Bad, CaseTable, Stream, case_streams
from core.ratings.cases.refresh_days import first_day


@dataclass(frozen=True, slots=True)
class Cards:
    """One element a card: who (place in the crowd), role, market; sorted, shape (cards,)."""

    who: Ints
    role: Ints
    market: Ints
    roles: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many."""
        return len(self.who)


@dataclass(frozen=True, slots=True)
class StarWorth:
    """How much of a bad case a review of each number of stars counts for."""

    worth: Floats
    """By stars, shape (6,); what is no review counts 1."""
    spread: float
    """How the variance of such counts goes with their mean."""
    late: Floats
    """The same of orders that came late; below 0 where it is better than late orders are used to."""
    late_cases: float
    """How many cases a review of an order that came late is, 0..1."""

    def of(self, bad: Bad) -> float:
        """How much each of some bad cases counts, of its amount."""
        if not bad.stars:
            return 1.0
        return float((self.late if bad.came_late else self.worth)[bad.stars])

    def cases(self, stream: Stream) -> float:
        """How many cases each of a stream is."""
        return self.late_cases if stream.came_late else 1.0


NO_STARS = StarWorth(np.array([0.0, 1.0, 1.0, 0.0, 0.0, 0.0]), 1.0, np.zeros(6), 0.0)
"""One and two stars are bad, others good; orders that came late tell nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMatrix:
    """All that counting at any day needs."""

    rules: RatingRules
    components: tuple[ComponentRule, ...]
    """Those that the loaded columns tell of."""
    cards: Cards
    cell_card: Ints
    """Card of each cell, shape (cells,), ascending."""
    cell_category: Ints
    streams: tuple[Stream, ...]
    delays: Floats
    """F: share of trouble that shows by an age, shape (markets, mature days + 1)."""
    first: int
    """`first_day` of the cases."""
    star_worth: StarWorth = NO_STARS

    def is_share(self) -> Flags:
        """Which components are shares of cases; the others are rates per 1,000 orders. Shape (components, 1)."""
        return np.array([[entry.is_share] for entry in self.components], bool).reshape(-1, 1)


def case_matrix(cases: Cases, roles: Ints, violations: Violations, violation_roles: Ints, crowd: Accounts, words: tuple[str, ...],
          idle: Ints, rules: RatingRules, reported: frozenset[str]) -> CaseMatrix:  # fmt: skip
    """Sorts cases and violations into cards and cells.

    `idle`: keys of cards that exist without any case (`card_keys`); `reported`: components that the loaded columns can show.
    """
    rated, charged = np.flatnonzero(cases.who > 0), np.flatnonzero(violations.who > 0)
    markets, categories = len(crowd.markets.words), len(crowd.categories.words)
    case_keys = card_keys(cases.who[rated], roles[rated], cases.market[rated], len(words), markets)
    violation_keys = card_keys(
        violations.who[charged], violation_roles[charged], violations.market[charged], len(words), markets
    )
    home = crowd.market[violations.who[charged]]
    violation_keys = _nearest(violation_keys, home, np.concatenate([case_keys, idle]), markets)
    others = np.concatenate([violation_keys, idle])
    others = distinct(others[~np.isin(others, case_keys)])[0]
    cells = np.concatenate([case_keys * categories + cases.category[rated], others * categories])
    known, position = distinct(cells)
    keys, cell_card = distinct(known // categories)
    cards = Cards(keys // markets // len(words), keys // markets % len(words), keys % markets, words)
    case_cell = position[: len(rated)]
    main = largest_of(cell_card, np.bincount(case_cell, minlength=len(known)))
    violation_cell = main[np.searchsorted(keys, violation_keys)]
    controls = np.array([[reason in rules.role(word).controls for reason in rules.reasons] for word in words])
    components = tuple(entry for entry in rules.components.values() if entry.key in reported)
    table = CaseTable(
        cases=cases, rated=rated, role=roles[rated], controls=controls, components=components, rules=rules
    )
    streams = case_streams(table, case_cell, main[cell_card[case_cell]], violations, charged, violation_cell)
    first = first_day(np.concatenate([entry.start for entry in streams])) if streams else 0
    empty = np.ones((markets, rules.mature_after_days + 1))
    return CaseMatrix(
        rules=rules,
        components=components,
        cards=cards,
        cell_card=cell_card,
        cell_category=known % categories,
        streams=streams,
        delays=empty,
        first=first,
    )


def card_keys(who: Ints, role: Ints, market: Ints, roles: int, markets: int) -> Ints:
    """One number for each (who, role, market), in their order."""
    return (who * roles + role) * markets + market


def _nearest(keys: Ints, home: Ints, known: Ints, markets: int) -> Ints:
    """Violations without a market are those of the card of the same role in the home market, else of that with the most cases.

    `home`: market of the account of each violation, 0 = not given: so no further order sends a violation to another card.
    """
    at_home = keys + home
    keys = np.where((keys % markets == 0) & np.isin(at_home, known), at_home, keys)
    unknown = np.flatnonzero(keys % markets == 0)
    cards, position = distinct(known)
    roles, of_card = distinct(cards // markets)
    if not len(unknown) or not len(roles):
        return keys
    at = np.minimum(np.searchsorted(roles, keys[unknown] // markets), len(roles) - 1)
    result = roles[at] == keys[unknown] // markets
    shifted = keys.copy()
    shifted[unknown[result]] = cards[largest_of(of_card, np.bincount(position))][at[result]]
    return shifted


def pooled(frame: CaseMatrix, crowd: Accounts) -> tuple[CaseMatrix, Ints]:
    """The same cases by person instead of by account, and the pooled card of each card; shape (cards,).

    A person is one: the evidence of all accounts in a role and market is put together before anything is scored. The card of a
    person carries its first account.
    """
    cards, words, markets = frame.cards, frame.cards.roles, len(crowd.markets.words)
    person = crowd.person_places()[cards.who]
    keys = card_keys(person, cards.role, cards.market, len(words), markets)
    known, pool = distinct(keys)
    people = Cards(known // markets // len(words), known // markets % len(words), known % markets, words)
    categories = int(frame.cell_category.max(initial=0)) + 1
    cells, position = distinct(pool[frame.cell_card] * categories + frame.cell_category)
    streams = tuple(_moved(stream, position) for stream in frame.streams)
    return replace(
        frame, cards=people, cell_card=cells // categories, cell_category=cells % categories, streams=streams
    ), pool


def _moved(stream: Stream, position: Ints) -> Stream:
    """The stream with its cases in other cells."""
    bads = tuple(replace(bad, cell=position[bad.cell]) for bad in stream.bads)
    return replace(stream, cell=position[stream.cell], bads=bads)
