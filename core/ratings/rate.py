"""Rates everybody of one side as of a day. The same workspace gives the same ratings, bit for bit.

Who has no case gets what the peers say, with their spread as interval, no rank and the grade P (provisional). One order, good or
bad, moves a score by what one order tells. Of two persons who share an id nothing can tell them apart: they are one. A role
that has ended keeps the rating that its evidence gives while that fades, marked with the day of its end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.days import Window, iso
from core.base.errors import NotEnoughData, UsageError, did_you_mean
from core.base.time_zones import DAY_SECONDS
from core.catalogue.rating_rules import ComponentRule, RatingRules
from core.ratings.cases import accounts, case_counts, case_outcomes, role_assignment
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.case_counts import CaseCounts
from core.ratings.cases.case_matrix import CaseMatrix, card_keys
from core.ratings.cases.case_matrix import case_matrix as framed
from core.ratings.cases.case_outcomes import Cases, Offences, OrderReader
from core.ratings.cases.pooling import pooled
from core.ratings.cases.star_worth import learn_worth
from core.ratings.rating_results import PROVISIONAL, Component, Rating, Side
from core.ratings.scoring import grades, peers
from core.ratings.scoring.grades import GradeHistory
from core.ratings.scoring.peers import Peers
from core.ratings.scoring.ranking import ended, newcomers, ranks, sold
from core.ratings.scoring.scores import Belief, scores
from core.workspace.read import rating_rows
from core.workspace.read.rating_rows import NEVER
from core.workspace.read.workspace import Workspace

_COVERED = 0.95
_GRID_DAYS = 364
"""What is read begins on such a day, so that refreshes are played from the same one for a year of days that are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingInputs:
    """All that a workspace tells of one side up to a day."""

    as_of: int
    rules: RatingRules
    crowd: Accounts
    cases: Cases
    offences: Offences
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
    spans: Floats | None = None
    """95 % intervals of the values, shape (2, components, cards), where they are computed already."""

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
        low, high = spans(belief) if rated.spans is None else rated.spans[:, row, cards]
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


def spans(belief: Belief) -> tuple[Floats, Floats]:
    """95 % intervals of the values: exact quantiles of their posteriors; shape (cards,) each."""
    from scipy.special import betaincinv, gammaincinv

    a, tail = belief.a + belief.k, (1 - _COVERED) / 2
    if belief.is_share:
        b = belief.b + np.maximum(belief.n - belief.k, 0.0)
        return betaincinv(a, b, tail), betaincinv(a, b, 1 - tail)
    b = belief.b + belief.n
    return gammaincinv(a, tail) / b, gammaincinv(a, 1 - tail) / b


def rate(
    workspace: Workspace,
    side: Side,
    rules: RatingRules,
    as_of: int | None = None,
    *,
    with_grades: bool = True,
    reader: OrderReader | None = None,
) -> RatingTable:
    """The ratings of everybody of a side at the end of a day, the newest one by default; scores alone unless
    `with_grades`. `reader`: one that has read the same day for the other side, by the same rules.

    Raises NotEnoughData when there are no orders and no reviews by then.
    """
    return judge(gather(workspace, side, rules, as_of, reader), with_grades=with_grades)


def newest_day(workspace: Workspace) -> int:
    """The newest day of which anything is known."""
    return max(workspace.newest_moment // DAY_SECONDS, workspace.span.first)


def gather(
    workspace: Workspace, side: Side, rules: RatingRules, as_of: int | None = None, reader: OrderReader | None = None
) -> RatingInputs:
    """Reads all that counts at a day; `reader` as in `rate`. Raises NotEnoughData when nothing does."""
    day = newest_day(workspace) if as_of is None else as_of
    span = workspace.span
    if day < span.first:
        raise NotEnoughData(f"no data by {iso(day)}: the workspace begins on {iso(span.first)}. Choose a later day.")
    window = Window(max(span.first, (day - rules.horizon_days) // _GRID_DAYS * _GRID_DAYS), day)
    everybody = accounts.read(workspace, side)
    facts = (reader or OrderReader(workspace, rules)).facts(window)
    result = case_outcomes.of_crowd(facts, everybody, rules)
    offences = case_outcomes.read_offences(workspace, everybody, window)
    channels, contents = rating_rows.words(workspace, "channel"), rating_rows.words(workspace, "content_type")
    of_cases, of_offences = (
        role_assignment.of_cases(entry, everybody, rules, channels, contents) for entry in (result, offences)
    )
    words, markets = role_assignment.names(everybody, rules), len(everybody.markets.words)
    who, role = role_assignment.idle(everybody, rules, day, known_by(everybody, result, offences, day))
    busy = np.unique(np.concatenate([result.who * len(words) + of_cases, offences.who * len(words) + of_offences]))
    alone = ~np.isin(who * len(words) + role, busy)
    idle = card_keys(who[alone], role[alone], everybody.market[who[alone]], len(words), markets)
    reported = case_outcomes.reported_components(workspace, rules)
    frame = framed(
        cases=result,
        roles=of_cases,
        offences=offences,
        offence_roles=of_offences,
        crowd=everybody,
        words=words,
        idle=idle,
        rules=rules,
        reported=reported,
    )
    _check(frame, side)
    return inputs(day, everybody, result, offences, frame)


def inputs(day: int, crowd: Accounts, cases: Cases, offences: Offences, frame: CaseMatrix) -> RatingInputs:
    """Cases that are sorted into cards, by account and by person, with delays and worth of stars as known at a day."""
    people, pool = pooled(frame, crowd)
    delays, worth = case_counts.learn_delays(people, day), learn_worth(people, day)
    return RatingInputs(
        as_of=day,
        rules=frame.rules,
        crowd=crowd,
        cases=cases,
        offences=offences,
        frame=replace(frame, delays=delays, star_worth=worth),
        pooled=replace(people, delays=delays, star_worth=worth),
        pool=pool,
    )


def known_by(crowd: Accounts, cases: Cases, offences: Offences, day: int) -> Flags:
    """Which accounts exist at a day: those that exports list unless they join later, and those with a row by then."""
    known = crowd.listed & (crowd.joined <= day)
    known[cases.who[cases.day <= day]] = True
    known[offences.who] = True
    return known


def _check(frame: CaseMatrix, side: Side) -> None:
    """Raises NotEnoughData when there is nobody to rate, or nothing to rate by."""
    if not frame.cards.size:
        raise NotEnoughData(f"nobody to rate: no order, review, violation or account here names a {side[:-1]}.")
    if not peers.weights(frame).any():
        raise NotEnoughData(
            f"these data do not separate good {side} from bad: load reviews, or orders with refunds, dispatches or cancellations."
        )


def judge(gathered: RatingInputs, *, with_grades: bool = True) -> RatingTable:
    """The ratings that what was gathered gives: scored by person, shown by account; nobody has a grade unless `with_grades`."""
    people, day, pool = gathered.pooled, gathered.as_of, gathered.pool
    everyone = np.arange(people.cards.size)
    counts = case_counts.count(people, day).by(people.cell_card, people.cards.size)
    n, k = counts.effective()
    peer = grades.peers_at(people, day)
    judged = scores(peer.weight, grades.beliefs(people, peer, everyone, n, k))
    low, high = judged.interval
    unknown = ~peer.weight.any(axis=0)
    # a role that is charged with nothing that these exports tell of
    score = np.where(unknown, gathered.rules.peer_score, judged.score)
    low, high = np.where(unknown, 0.0, low), np.where(unknown, 100.0, high)
    gradable = ~unknown if with_grades else np.zeros_like(unknown)
    enough = np.flatnonzero((counts.cases.max(axis=0, initial=0) >= gathered.rules.minimum_cases) & gradable)
    played = grades.replay_grades(people, enough, day)
    grade = np.full(people.cards.size, grades.PROVISIONAL)
    grade[enough] = played.last()
    orders, gmv, first = sold(gathered.cases, gathered.frame, day)
    has_case = (np.bincount(pool, orders) > 0) | (counts.cases > 0).any(axis=0)
    rank, rivals = ranks(score, people.cards.role, people.cards.market, has_case & ~unknown)
    graded = np.flatnonzero(np.isin(pool, enough))
    return RatingTable(
        gathered=gathered,
        counts=counts.of(pool),
        n=n[:, pool],
        k=k[:, pool],
        peers=peer.of(pool),
        score=score[pool],
        low=low[pool],
        high=high[pool],
        grade=grade[pool],
        rank=rank[pool],
        rivals=rivals[pool],
        orders=orders,
        gmv=gmv,
        newcomer=newcomers(gathered.crowd, gathered.frame, first, day),
        ended=ended(gathered.crowd, gathered.frame, day),
        history=GradeHistory(played.days, played.grades[:, np.searchsorted(enough, pool[graded])]),
        graded=graded,
    )
