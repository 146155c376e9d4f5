"""Who did how much in which week: all that concentration and the coming and going of members are computed from.

Weeks are counted back from the day asked for: week 0 is the seven days that end with it. Members stand in the order of their
names, and amounts are whole numbers, so that neither the order of rows nor that of loading changes a bit of any sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.cube.cube import Cube, CubePart
from core.ratings.cases import accounts
from core.ratings.cases.accounts import Accounts
from core.ratings.rating_results import Side
from core.workspace.read.workspace import Workspace

WEEKS = 4
"""Weeks of "now", and of "before"."""
MEASURES = ("gmv", "impressions", "orders")
COLUMNS: Mapping[Side, str] = {"creators": "creator_id", "sellers": "seller_id"}
"""The column that names the members of each side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One element a member and week in which it was active: any impression or order line; shape (cells,) each."""

    crowd: Accounts
    as_of: int
    first: int
    """Day on which the data begin."""
    member: Ints
    """Place in the crowd; never 0, which is nobody."""
    week: Ints
    amounts: dict[str, Ints]
    """Measure -> amount, gmv in cents; only those that the workspace counts."""
    last: int = 0
    """The newest day on which anybody was active; 0 = none."""

    @property
    def weeks(self) -> int:
        """How many whole weeks the data go back."""
        return (self.as_of - self.first + 1) // 7

    def active(self, weeks: range) -> Flags:
        """Who was active in these weeks; shape (members,)."""
        result = np.zeros(self.crowd.size, bool)
        result[self.member[self._in(weeks)]] = True
        return result

    def amount(self, measure: str, weeks: range) -> Ints:
        """What each member had in these weeks; shape (members,)."""
        here = self._in(weeks)
        result = np.zeros(self.crowd.size, np.int64)
        np.add.at(result, self.member[here], self.amounts[measure][here])
        return result

    def active_weeks(self, weeks: int) -> Flags:
        """Who was active in each of the newest weeks; shape (members, weeks), newest first."""
        result = np.zeros((self.crowd.size, weeks), bool)
        here = self.week < weeks
        result[self.member[here], self.week[here]] = True
        return result

    def weekly(self, measure: str, weeks: int) -> Floats:
        """What each member had in each of the newest weeks; shape (members, weeks), newest first."""
        here = self.week < weeks
        cell = self.member[here] * weeks + self.week[here]
        size = self.crowd.size * weeks
        return (
            np.bincount(cell, self.amounts[measure][here].astype(np.float64), size)
            .reshape(self.crowd.size, weeks)
            .astype(np.float64)
        )

    def oldest_week(self) -> Ints:
        """The first week in which each member was active; -1 = never. Shape (members,)."""
        oldest = np.full(self.crowd.size, -1)
        np.maximum.at(oldest, self.member, self.week)
        return oldest

    def _in(self, weeks: range) -> Flags:
        return (self.week >= weeks.start) & (self.week < weeks.stop)


NOW, BEFORE = range(WEEKS), range(WEEKS, 2 * WEEKS)


def sides(workspace: Workspace) -> tuple[Side, ...]:
    """The sides that the data name. Raises NotEnoughData when they name neither, or count nothing of them."""
    result: tuple[Side, ...] = tuple(side for side, column in COLUMNS.items() if column in workspace.dimensions)
    if not result or not _counted(workspace):
        raise NotEnoughData(
            f"{workspace.path}: no orders and no traffic name creators or sellers. Load some with creator_id or seller_id."
        )
    return result


def _counted(workspace: Workspace) -> list[str]:
    return [name for name in MEASURES if name in workspace.measures]


def read(workspace: Workspace, as_of: int, where: Segment) -> tuple[Activity, ...]:
    """What everybody did in a segment up to a day, one for each side that the data name.

    Raises UsageError for a segment that does not exist, NotEnoughData when nothing tells of anybody.
    """
    requested, first = sides(workspace), workspace.span.first
    window = Window(first, max(first, as_of))
    cube = workspace.cube(_counted(workspace), window, [COLUMNS[side] for side in requested], where, as_of=as_of)
    return tuple(_activity(cube, accounts.read(workspace, side), as_of) for side in requested)


def _activity(cube: Cube, everybody: Accounts, as_of: int) -> Activity:
    weeks = (as_of - cube.window.first) // 7 + 1
    rows = [_rows(part, everybody) for part in cube.parts if COLUMNS[everybody.side] in part.codes]
    keys = [member * weeks + (as_of - day) // 7 for member, day, _ in rows]
    cells = np.unique(np.concatenate([np.zeros(0, np.int64), *keys]))
    amounts = {name: np.zeros(len(cells), np.int64) for part in cube.parts for name in part.measures}
    for key, (_, _, result) in zip(keys, rows, strict=True):
        at = np.searchsorted(cells, key)
        for name, item in result.items():
            amounts[name] += _sums(at, item, len(cells))
    last = max((int(day.max(initial=0)) for _, day, _ in rows), default=0)
    return Activity(
        crowd=everybody,
        as_of=as_of,
        first=cube.window.first,
        member=cells // weeks,
        week=cells % weeks,
        amounts=amounts,
        last=last,
    )


def _rows(part: CubePart, everybody: Accounts) -> tuple[Ints, Ints, dict[str, Ints]]:
    """Member, day and amounts of the rows that name a member and have any amount.

    A paid amount in another currency is a fraction of a cent: rounded, sums are exact.
    """
    member = everybody.names.place[part.codes[COLUMNS[everybody.side]]]
    amounts = {name: np.rint(measure).astype(np.int64) for name, measure in part.measures.items()}
    some = np.zeros(len(member), bool)
    for amount in amounts.values():
        some |= amount != 0
    at = np.flatnonzero(some & (member > 0))
    return member[at], part.days[at].astype(np.int64), {name: amount[at] for name, amount in amounts.items()}


def _sums(at: Ints, values: Ints, size: int) -> Ints:
    """Exact below 2^53."""
    return np.bincount(at, values, size).astype(np.int64)
