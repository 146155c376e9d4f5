"""What everybody is rated from, and the ratings, as arrays over cards; single ratings are made of them when asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.errors import UsageError, did_you_mean
from core.catalogue.rating_rules import ComponentRule, RatingRules
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.case_counts import CaseCounts
from core.ratings.cases.case_matrix import CaseMatrix
from core.ratings.cases.case_outcomes import Cases, Violations
from core.ratings.rating_results import PROVISIONAL, Component, Rating
from core.ratings.scoring import grades, peers
from core.ratings.scoring.credible_intervals import credible_interval
from core.ratings.scoring.grades import GradeHistory
from core.ratings.scoring.peers import Peers
from core.workspace.read.rating_rows import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingInputs:
    """All that a workspace tells of one side up to a day."""

    as_of: int
    rules: RatingRules
    crowd: Accounts
    cases: Cases
    violations: Violations
    frame: CaseMatrix
    """By account."""
    pooled: CaseMatrix
    """The same cases by person: what is scored."""
    pool: Ints
    """The pooled card of each card of `frame`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingTable:
    """Everybody's ratings as columns; shape (cards,), (components, cards) where said."""

    gathered: RatingInputs
    counts: CaseCounts
    """Of all accounts of the person, by card."""
    n: Floats
    """Effective, of all accounts of the person, (components, cards), as is k."""
    k: Floats
    peers: Peers
    score: Floats
    low: Floats
    high: Floats
    grade: Ints
    """Index of the grade in the rules; -1 = provisional."""
    rank: Ints
    """Among those with the same role and market; 0 = no case."""
    rivals: Ints
    """How many those are."""
    orders: Ints
    gmv: Floats
    """Paid in the last 28 days."""
    newcomer: Flags
    ended: Ints
    """Last day of the role; NEVER while it lasts."""
    history: GradeHistory
    """Of the cards that ever had enough evidence: `graded`."""
    graded: Ints

    @property
    def size(self) -> int:
        """How many cards."""
        return len(self.score)

    @property
    def grades(self) -> tuple[str, ...]:
        """The grades, best first, then P: `grades[grade[card]]` is the card's."""
        return (*self.gathered.rules.grades, PROVISIONAL)

    def listed(self, role: str = "", market: str = "") -> Ints:
        """Cards, best first, those without a case last. Raises UsageError for a role or market that nobody has."""
        cards, crowd_ = self.gathered.frame.cards, self.gathered.crowd
        keep = np.ones(self.size, bool)
        for target, words, column, what in (
            (role, cards.roles, cards.role, "role"),
            (market, crowd_.markets.words, cards.market, "market"),
        ):
            if target:
                known = sorted({words[at] for at in np.unique(column)} - {""})
                if target not in known:
                    raise UsageError(
                        f"nobody has the {what} {target!r}.{did_you_mean(target, known)} Known: {', '.join(known)}."
                    )
                keep &= column == words.index(target)
        order = np.lexsort((np.arange(self.size), -self.score, self.rank == 0))
        return order[keep[order]]

    def rating(self, card: int) -> Rating:
        """One card in full."""
        return next(self.ratings(np.array([card])))

    def ratings(self, cards: Ints) -> Iterator[Rating]:
        """Some cards in full, in their order."""
        figures = _figures(self, cards)
        for at, card in enumerate(cards.tolist()):
            yield self._rating(card, tuple(entry.of(at) for entry in figures if entry.weight[at] > 0))

    def _rating(self, card: int, components: tuple[Component, ...]) -> Rating:
        gathered = self.gathered
        cards, who = gathered.frame.cards, int(gathered.frame.cards.who[card])
        return Rating(
            side=gathered.crowd.side,
            id=gathered.crowd.names.words[who],
            person_id=gathered.crowd.persons[who],
            role=cards.roles[cards.role[card]],
            market=gathered.crowd.markets.words[cards.market[card]],
            score=float(self.score[card]),
            interval=(float(self.low[card]), float(self.high[card])),
            grade=self.grades[self.grade[card]],
            rank=int(self.rank[card]) or None,
            peers=int(self.rivals[card]),
            orders=int(self.orders[card]),
            gmv=float(self.gmv[card]),
            would_be=gathered.rules.grade_of(float(self.score[card])),
            ended=None if self.ended[card] == NEVER else int(self.ended[card]),
            newcomer=bool(self.newcomer[card]),
            components=components,
            peer_group=peers.label(
                gathered.frame, self.peers, card, gathered.crowd.markets.words, gathered.crowd.categories.words
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """One component of some cards as columns; shape (cards,) each."""

    rule: ComponentRule
    weight: Floats
    columns: Mapping[str, Floats]
    cases: Floats
    bad: Floats
    low: Floats
    high: Floats

    def of(self, at: int) -> Component:
        """That of one of the cards."""
        figures = {name: float(column[at]) for name, column in self.columns.items()}
        return Component(
            name=self.rule.key,
            interval=(float(self.low[at]), float(self.high[at])),
            cases=int(self.cases[at]),
            bad=int(self.bad[at]),
            is_share=self.rule.is_share,
            **figures,
        )


def _figures(rated: RatingTable, cards: Ints) -> list[_Figures]:
    frame, peer, counts = rated.gathered.frame, rated.peers, rated.counts
    result = []
    for row, belief in enumerate(grades.beliefs(frame, peer, cards, rated.n[:, cards], rated.k[:, cards])):
        low, high = credible_interval(belief)
        weight = peer.weight[row, cards]
        columns = {
            "value": belief.value,
            "peer_value": peer.mean[row, cards],
            "reference": peer.reference[row, cards],
            "points": weight * belief.utility(),
            "weight": weight,
            "n": rated.n[row, cards],
            "k": rated.k[row, cards],
            "a": belief.a,
            "b": belief.b,
            "run": belief.run,
        }
        result.append(
            _Figures(
                rule=frame.components[row],
                weight=weight,
                columns=columns,
                cases=counts.cases[row, cards],
                bad=counts.bad[row, cards],
                low=low,
                high=high,
            )
        )
    return result
