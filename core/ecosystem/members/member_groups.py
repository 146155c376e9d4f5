"""Which groups each creator belongs to: agency, role, and whether it is new."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.ratings.cases.accounts import Accounts
from core.workspace.read.workspace import Workspace

PlaceGroups = Mapping[str, tuple[Ints, tuple[str, ...]]]
"""Kind of group -> code of each member by place (0 = in none), and the words by code."""

_BESIDE = "agency_member"
"""A role that stands alongside others: it names a creator only where it has no other."""


@dataclass(frozen=True, slots=True)
class MemberGroups:
    """Groups of creators by the code of creator_id, as the workspace numbers them."""

    words: Mapping[str, tuple[str, ...]]
    """agency, role or newcomer -> values; 0 is "" (none, or nobody)."""
    codes: Mapping[str, Ints]
    """The same -> value of each creator; shape (creators,)."""


def member_groups(workspace: Workspace, creators: Accounts | None, new: Flags | None, as_of: int) -> MemberGroups:
    """The groups of everybody; `new` says by place in `creators` who is a newcomer. Nothing where no creators are named."""
    if creators is None or "creator_id" not in workspace.dimensions:
        return MemberGroups({}, {})
    by_code = workspace.values("creator_id")
    agency = workspace.agencies
    main = _roles(creators, as_of)
    result: dict[str, list[str]] = {"agency": [agency.get(name, "") for name in by_code]}
    result["role"] = [main.get(name, "") for name in by_code]
    if new is not None:
        position = creators.names.place
        result["newcomer"] = [
            "" if not name else "yes" if new[position[code]] else "no" for code, name in enumerate(by_code)
        ]
    result = {name: column for name, column in result.items() if any(column)}
    words = {name: ("", *sorted(set(column) - {""})) for name, column in result.items()}
    codes = {name: np.array([words[name].index(item) for item in column], np.int64) for name, column in result.items()}
    return MemberGroups(words, codes)


def _roles(creators: Accounts, as_of: int) -> dict[str, str]:
    """The role that each creator has at a day, the first by name where it has several."""
    items: dict[str, set[str]] = {}
    for row in creators.roles:
        if row.since <= as_of <= row.until:
            items.setdefault(row.creator_id, set()).add(row.role)
    return {name: min(roles - {_BESIDE} or roles) for name, roles in items.items()}


def main_values(leaf_member: Ints, leaf_value: Ints, amount: Floats, members: int, values: int) -> Ints:
    """The value of a dimension in which each member has most of an amount; 0 where it has nothing. Shape (members,)."""
    table = np.bincount(leaf_member * values + leaf_value, amount, members * values).reshape(members, values)
    table[:, 0] = 0.0
    result: Ints = table.argmax(axis=1)
    return result
