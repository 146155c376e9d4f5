"""Rates everybody of one side as of a day. The same workspace gives the same ratings, bit for bit.

Who has no case gets what the peers say, with their spread as interval, no rank and the grade P (provisional). One order, good or
bad, moves a score by what one order tells. Of two persons who share an id nothing can tell them apart: they are one. A role
that has ended keeps the rating that its evidence gives while that fades, marked with the day of its end.
"""

from dataclasses import replace

import numpy as np

from core.base.arrays import Flags
from core.base.date_text import date_text
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.row_order import distinct
from core.catalogue.rating_rules import RatingRules
from core.detection.quality.end_of_exports import end_of_exports
from core.ratings.cases import bad_weeks, case_counts, case_outcomes, role_assignment
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.case_matrix import CaseMatrix, card_keys, pooled
from core.ratings.cases.case_matrix import case_matrix as framed
from core.ratings.cases.case_outcomes import Cases, Violations
from core.ratings.cases.order_facts import OrderReader
from core.ratings.cases.star_worth import learn_worth
from core.ratings.rating_results import Side
from core.ratings.rating_table import RatingInputs, RatingTable
from core.ratings.scoring import grades, peers
from core.ratings.scoring.grades import GradeHistory
from core.ratings.scoring.ranking import ended, newcomers, ranks, sold
from core.ratings.scoring.scores import scores
from core.workspace.read import rating_rows
from core.workspace.read.workspace import Workspace

_GRID_DAYS = 364
"""What is read begins on such a day, so that refreshes are played from the same one for a year of days that are asked for."""


def rate(
    workspace: Workspace,
    side: Side,
    rules: RatingRules,
    as_of: int | None = None,
    *,
    with_grades: bool = True,
    reader: OrderReader | None = None,
) -> RatingTable:
    """The ratings of everybody of a side at the end of a day, by default that on which exports end; scores alone unless
    `with_grades`. `reader`: one that has read the same day for the other side, by the same rules.

    Raises NotEnoughData when there are no orders and no reviews by then.
    """
    return judge(gather(workspace, side, rules, as_of, reader), with_grades=with_grades)


def gather(
    workspace: Workspace, side: Side, rules: RatingRules, as_of: int | None = None, reader: OrderReader | None = None
) -> RatingInputs:
    """Reads all that counts at a day; `reader` as in `rate`. Raises NotEnoughData when nothing does."""
    day = end_of_exports(workspace) if as_of is None else as_of
    span = workspace.span
    if day < span.first:
        raise NotEnoughData(
            f"no data by {date_text(day)}: the workspace begins on {date_text(span.first)}. Choose a later day."
        )
    window = Window(max(span.first, (day - rules.horizon_days) // _GRID_DAYS * _GRID_DAYS), day)
    reader = reader or OrderReader(workspace, rules)
    everybody, facts = reader.accounts(side), reader.facts(window)
    result = case_outcomes.of_crowd(facts, everybody, rules)
    violations = case_outcomes.read_violations(workspace, everybody, window)
    channels, contents = rating_rows.words(workspace, "channel"), rating_rows.words(workspace, "content_type")
    of_cases, of_violations = (
        role_assignment.of_cases(entry, everybody, rules, channels, contents) for entry in (result, violations)
    )
    result = bad_weeks.limited(result, everybody.person_places()[result.who], of_cases, rules)
    words, markets = role_assignment.names(everybody, rules), len(everybody.markets.words)
    who, role = role_assignment.idle(everybody, rules, day, known_by(everybody, result, violations, day))
    busy = distinct(np.concatenate([result.who * len(words) + of_cases, violations.who * len(words) + of_violations]))[
        0
    ]
    alone = ~np.isin(who * len(words) + role, busy)
    idle = card_keys(who[alone], role[alone], everybody.market[who[alone]], len(words), markets)
    reported = case_outcomes.reported_components(workspace, rules)
    frame = framed(
        cases=result,
        roles=of_cases,
        violations=violations,
        violation_roles=of_violations,
        crowd=everybody,
        words=words,
        idle=idle,
        rules=rules,
        reported=reported,
    )
    _check(frame, side)
    return inputs(day, everybody, result, violations, frame)


def inputs(day: int, crowd: Accounts, cases: Cases, violations: Violations, frame: CaseMatrix) -> RatingInputs:
    """Cases that are sorted into cards, by account and by person, with delays and worth of stars as known at a day."""
    people, pool = pooled(frame, crowd)
    delays, worth = case_counts.learn_delays(people, day), learn_worth(people, day)
    return RatingInputs(
        as_of=day,
        rules=frame.rules,
        crowd=crowd,
        cases=cases,
        violations=violations,
        frame=replace(frame, delays=delays, star_worth=worth),
        pooled=replace(people, delays=delays, star_worth=worth),
        pool=pool,
    )


def known_by(crowd: Accounts, cases: Cases, violations: Violations, day: int) -> Flags:
    """Which accounts exist at a day: those that exports list unless they join later, and those with a row by then."""
    known = crowd.listed & (crowd.joined <= day)
    known[cases.who[cases.day <= day]] = True
    known[violations.who] = True
    return known


def _check(frame: CaseMatrix, side: Side) -> None:
    """Raises NotEnoughData when there is nobody to rate, or nothing to rate by."""
    if not frame.cards.size:
        other = "sellers" if side == "creators" else "creators"
        raise NotEnoughData(
            f"nobody to rate: no order, review, violation or account here names a {side[:-1]}. Ask for {other}, or load exports "
            "that do."
        )
    if not peers.weights(frame).any():
        raise NotEnoughData(
            f"these data do not separate good {side} from bad: load reviews, or orders with refunds, dispatches or cancellations."
        )


def judge(gathered: RatingInputs, *, with_grades: bool = True) -> RatingTable:
    """The ratings that what was gathered gives: scored by person, shown by account; nobody has a grade unless `with_grades`."""
    people, day, pool = gathered.pooled, gathered.as_of, gathered.pool
    everyone = np.arange(people.cards.size)
    cells, lately = case_counts.count_for_peers(people, day)
    counts, peer = cells.by(people.cell_card, people.cards.size), peers.find(people, cells, lately)
    n, k = counts.effective()
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
