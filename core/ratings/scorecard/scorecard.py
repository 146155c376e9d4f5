"""One person or shop as a whole: every account and role, why each rating moved, what lies behind it, what would raise it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.base.arrays import Floats
from core.base.errors import NotEnoughData, UsageError, did_you_mean
from core.catalogue.rating_rules import RatingRules
from core.detection.quality.end_of_exports import day_to_read
from core.ratings.rating_results import PROVISIONAL, Held, ScoreCard, Scorecard, Side
from core.ratings.rating_table import RatingTable
from core.ratings.scorecard.evidence_rows import behind
from core.ratings.scorecard.improvement import path
from core.ratings.scorecard.rating_shards import ratings_of
from core.ratings.scorecard.score_change import shifted
from core.workspace.read.rating_rows import FOREVER, NEVER, accounts_of, is_known, name_in_rows, words
from core.workspace.read.workspace import Workspace

DAYS_BACK = 28
_SURE = 1.96


def scorecard(
    workspace: Workspace,
    side: Side,
    id_: str,
    rules: RatingRules,
    as_of: int | None = None,
    since: int | None = None,
    rules_before: RatingRules | None = None,
) -> Scorecard:
    """Everything about the person behind an account, or about a shop, at a day, and what changed since another.

    `since` is four weeks earlier by default (or the first day of the data), `rules_before` the rules of that day when they
    were others. Raises UsageError for an unknown id, or when `since` is after `as_of`.
    """
    end, notes = day_to_read(workspace, as_of)
    start = max(end - DAYS_BACK, workspace.span.first) if since is None else since
    if start > end:
        raise UsageError("the day to compare with (--since) is after the one that is rated. Swap them.")
    id_ = _account(workspace, side, id_)
    after = ratings_of(workspace, side, id_, rules, end)
    before = _before(workspace, side, id_, rules_before or rules, start)
    same = after if rules_before is None else ratings_of(workspace, side, id_, rules_before, end)
    cards = cards_of(after, after.gathered.crowd.names.words.index(id_))
    details = [_card(workspace, start, before, same, after, card) for card in cards]
    return replace(joined(after, id_, cards, details), notes=notes)


def _account(workspace: Workspace, side: Side, id_: str) -> str:
    """The account or shop of a name, or the first account of a person. Raises UsageError for an unknown one."""
    id_ = name_in_rows(workspace, "creator_id" if side == "creators" else "seller_id", id_)
    if id_ and is_known(workspace, side, id_):
        return id_
    own = accounts_of(workspace, id_) if id_ and side == "creators" else ()
    if not own:
        names = words(workspace, "creator_id" if side == "creators" else "seller_id")
        raise UsageError(f"no {side[:-1]} {id_!r} in the data.{did_you_mean(id_, names[1:])}")
    return own[0]


def _before(workspace: Workspace, side: Side, id_: str, rules: RatingRules, day: int) -> RatingTable | None:
    """The ratings of the earlier day; None when there was nothing to rate by yet."""
    try:
        return ratings_of(workspace, side, id_, rules, day)
    except NotEnoughData:
        return None


def cards_of(rated: RatingTable, who: int) -> list[int]:
    """All cards of the person who holds a place, this account's first, each account's with the most evidence first."""
    crowd, cards = rated.gathered.crowd, rated.gathered.frame.cards
    person = crowd.persons[who]
    mine = np.array([name == person for name in crowd.persons])
    result = np.flatnonzero(mine[cards.who]).tolist()
    return sorted(result, key=lambda card: (cards.who[card] != who, cards.who[card], -rated.orders[card], card))


def _card(
    workspace: Workspace, since: int, before: RatingTable | None, same: RatingTable, after: RatingTable, card: int
) -> ScoreCard:
    at = np.searchsorted(after.graded, card)
    graded = at < len(after.graded) and after.graded[at] == card
    grades = _changes(after, int(at)) if graded else ()
    movement = shifted(since, before, same, after, card)
    return ScoreCard(
        rating=after.rating(card),
        movement=movement,
        cases=behind(workspace, after, card, since),
        path=path(after, card),
        grades=grades,
    )


def _changes(rated: RatingTable, at: int) -> tuple[tuple[int, str], ...]:
    """(day, grade) of the first refresh, and of each that changed the grade."""
    column = rated.history.grades[:, at]
    weeks = [0, *(np.flatnonzero(np.diff(column)) + 1).tolist()]
    return tuple((int(rated.history.days[week]), rated.grades[column[week]]) for week in weeks if len(column))


def joined(rated: RatingTable, id_: str, cards: Sequence[int], details: Sequence[ScoreCard]) -> Scorecard:
    """All cards in one view: the mean of their scores, weighed by how many cases each rests on."""
    crowd, rules = rated.gathered.crowd, rated.gathered.rules
    weight = evidence_of(rated)[cards] * _share_of_pool(rated, cards)
    weight = weight / weight.sum() if weight.sum() > 0 else np.full(len(cards), 1 / max(len(cards), 1))
    score = float(weight @ rated.score[cards])
    # cards with the same evidence err together
    _, first, pool = np.unique(rated.gathered.pool[cards], return_index=True, return_inverse=True)
    width = (rated.high[cards] - rated.low[cards])[first] / (2 * _SURE)
    spread = float(np.sqrt(np.bincount(pool, weight) ** 2 @ width**2))
    strongest = max(cards, key=lambda card: (float(evidence_of(rated)[card]), -card), default=None)
    accounts = list(dict.fromkeys(card.rating.id for card in details)) or [id_]
    return Scorecard(
        side=crowd.side,
        id=id_,
        person_id=crowd.persons[crowd.names.words.index(id_)],
        as_of=rated.gathered.as_of,
        accounts=tuple(sorted(accounts, key=lambda name: (name != id_, name))),
        roles=_held(rated, accounts),
        score=score,
        interval=(max(score - _SURE * spread, 0.0), min(score + _SURE * spread, 100.0)),
        grade=PROVISIONAL if strongest is None else rated.grades[rated.grade[strongest]],
        cards=tuple(details),
        weights=tuple(weight.tolist()),
        rules=rules.version,
    )


def _share_of_pool(rated: RatingTable, cards: Sequence[int]) -> Floats:
    """1 over how many of the cards share the same evidence: accounts of a person in one role and market."""
    pool = rated.gathered.pool[cards]
    return 1 / np.bincount(pool)[pool]


def evidence_of(rated: RatingTable) -> Floats:
    """Effective cases of each card: of its component with the most."""
    shares = [row for row, entry in enumerate(rated.gathered.frame.components) if entry.is_share]
    weighed = np.where(rated.peers.weight[shares] > 0, rated.n[shares], 0.0)
    most: Floats = weighed.max(axis=0, initial=0.0)
    return most


def _held(rated: RatingTable, accounts: Sequence[str]) -> tuple[Held, ...]:
    return tuple(
        Held(
            row.creator_id,
            row.role,
            None if row.since == NEVER else row.since,
            None if row.until == FOREVER else row.until,
        )
        for row in rated.gathered.crowd.roles
        if row.creator_id in accounts
    )
