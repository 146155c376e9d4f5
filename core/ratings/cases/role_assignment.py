"""Which role an order belongs to: always exactly one.

An account's role that is on at the day of the order comes before one that is not; among those that are on, a role whose own
shop sold the order, then one whose channel it came through, then one whose content type it was, then the first in the
rules. A role that stands alongside others (an agency's member) has orders only where it is the only one. An account without
any role plays `creator`, or `seller_owned` when it is a shop's own.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags, Ints
from core.catalogue.rating_rules import ANY, SELLER, RatingRules, plain_word
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.case_outcomes import Cases, Violations
from core.workspace.read.rating_rows import FOREVER, NEVER

_ACTIVE, _SHOP, _CHANNEL, _CONTENT, _ABSENT = 64, 16, 8, 4, -1000


def names(crowd: Accounts, rules: RatingRules) -> tuple[str, ...]:
    """The roles that somebody has or may have: those of the rules in their order, then other words by alphabet."""
    if crowd.side == "sellers":
        return (SELLER,)
    own = [role for role in rules.roles if role != SELLER]
    return (*own, *sorted({row.role for row in crowd.roles} - {*rules.roles}))


def default_roles(crowd: Accounts, roles: Sequence[str]) -> Ints:
    """The role that each of the crowd has when its exports name none, by place."""
    if crowd.side == "sellers":
        return np.zeros(crowd.size, np.int64)
    return np.where(crowd.own_shop > 0, roles.index("seller_owned"), roles.index(ANY))


def of_cases(
    cases: Cases | Violations, crowd: Accounts, rules: RatingRules, channels: Sequence[str], contents: Sequence[str]
) -> Ints:
    """The role (index into `names`) of each case, shape (rows,); channels and contents are words by code."""
    roles = names(crowd, rules)
    result = default_roles(crowd, roles)[cases.who]
    have = np.zeros(crowd.size, bool)
    places = {name: at for at, name in enumerate(crowd.names.words)}
    holdings = [(places[row.creator_id], row) for row in crowd.roles]
    have[[position for position, _ in holdings]] = True
    mine = np.flatnonzero(have[cases.who])
    if not len(mine):
        return result
    best = np.full(len(mine), 2 * _ABSENT, np.int64)
    who, day = cases.who[mine], cases.day[mine]
    own_shop = _own_shop(cases, crowd)[mine]
    for at, role in enumerate(roles):
        rows = [(position, row) for position, row in holdings if row.role == role]
        for since, until in _periods(rows, crowd.size):
            rule = rules.role(role)
            fits = _fits(channels, cases.channel[mine], _CHANNEL, rule.channels)
            fits += _fits(contents, cases.content[mine], _CONTENT, rule.content_types)
            fits += _SHOP * (own_shop & rule.own_shop) - (4 * _ACTIVE if rule.beside else 0)
            fits += _ACTIVE * ((since[who] <= day) & (day <= until[who]))
            fits = np.where(since[who] == FOREVER, _ABSENT, fits)
            better = fits > best
            best = np.where(better, fits, best)
            result[mine[better]] = at
    return result


def idle(crowd: Accounts, rules: RatingRules, as_of: int, known: Flags) -> tuple[Ints, Ints]:
    """(who, role) of every role that somebody has by a day, and of the default role of everybody without any.

    `known`: which accounts exist by then, by place.
    """
    roles = names(crowd, rules)
    places = {name: at for at, name in enumerate(crowd.names.words)}
    holdings = [(places[row.creator_id], roles.index(row.role)) for row in crowd.roles if row.since <= as_of]
    holdings = [(position, role) for position, role in holdings if known[position]]
    named = {row.creator_id for row in crowd.roles}
    remainder = np.array(
        [at for at, name in enumerate(crowd.names.words) if at and known[at] and name not in named], np.int64
    )
    who, role = (np.array([pair[side] for pair in holdings], np.int64) for side in (0, 1))
    return np.concatenate([who, remainder]), np.concatenate([role, default_roles(crowd, roles)[remainder]])


def ends(crowd: Accounts, rules: RatingRules) -> dict[tuple[int, int], int]:
    """(who, role) -> the last day of the role; FOREVER while it is open."""
    roles = names(crowd, rules)
    places = {name: at for at, name in enumerate(crowd.names.words)}
    result: dict[tuple[int, int], int] = {}
    for row in crowd.roles:
        key = places[row.creator_id], roles.index(row.role)
        result[key] = max(row.until, result.get(key, NEVER))
    return result


def _fits(words: Sequence[str], code: Ints, points: int, expected: frozenset[str]) -> Ints:
    """The points of each row whose word is one of the rule's, however it is written."""
    fitting = set(map(plain_word, expected))
    return np.array([points * (plain_word(word) in fitting) for word in words], np.int64)[code]


def _own_shop(cases: Cases | Violations, crowd: Accounts) -> NDArray[np.bool_]:
    seller = cases.seller if isinstance(cases, Cases) else np.full(len(cases.who), NEVER)
    return np.asarray(crowd.own_shop[cases.who] == seller)


def _periods(rows: Sequence[tuple[int, object]], size: int) -> list[tuple[Ints, Ints]]:
    """First periods of everybody, second periods, ...: days from which and until which, by place; FOREVER = none."""
    result: list[tuple[Ints, Ints]] = []
    turn: dict[int, int] = {}
    for position, row in rows:
        at = turn[position] = turn.get(position, -1) + 1
        if at == len(result):
            result.append((np.full(size, FOREVER), np.full(size, NEVER)))
        result[at][0][position], result[at][1][position] = row.since, row.until  # type: ignore[attr-defined]
    return result
