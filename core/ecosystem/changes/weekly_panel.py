"""What was counted week by week, by segment and by member: the table that all changes are tested on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats, Ints
from core.base.days import Window
from core.base.row_order import distinct
from core.base.segment import Segment
from core.cube.cube import CubePart
from core.ecosystem.changes.logged_days import logged_days
from core.ecosystem.members.member_groups import MemberGroups
from core.workspace.read.event_log import Event
from core.workspace.read.workspace import Workspace

WEEKS = 16
"""Weeks that are looked back at: more would test today against another season."""
SLICES = ("market", "category", "channel")
MEMBERS = ("creator_id", "seller_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyPanel:
    """Sums of measures by leaf and week. A leaf is one combination of values; week 0 is the seven days that end with `last`."""

    last: int
    weeks: int
    words: Mapping[str, tuple[str, ...]]
    """Dimension -> its values by code; code 0 is "" (not given)."""
    codes: Mapping[str, Ints]
    """Dimension -> shape (leaves,)."""
    amounts: Mapping[str, Floats]
    """Measure -> shape (leaves, weeks)."""
    leaf_members: Mapping[str, Ints]
    """creator_id or seller_id -> code by leaf, shape (leaves,)."""
    member_names: Mapping[str, tuple[str, ...]]
    """creator_id or seller_id -> names by code."""

    def day_of(self, weeks_back: int) -> int:
        """The first day of the week that is so many back; 1 = the newest."""
        return self.last - 7 * weeks_back + 1


def whole_weeks(workspace: Workspace, last: int) -> int:
    """How many whole weeks the data go back from a day, at most `WEEKS`."""
    return int(min(max(last - workspace.span.first + 1, 0) // 7, WEEKS))


def read(
    workspace: Workspace,
    measures: Iterable[str],
    as_of: int,
    youngest: int,
    age: int | None,
    where: Segment,
    groups: MemberGroups,
    parts: Mapping[str, Floats],
    left_out: Sequence[Event] = (),
) -> WeeklyPanel | None:
    """The weeks up to `youngest` days before a day, each day as it was known `age` days later (None: as known at the day asked
    for); None without a whole week. Raises UsageError for a segment that does not exist.

    `parts`: measure -> what part of it counts on days that are 0, 1, 2, ... days old, up to the oldest week.
    `left_out`: events whose days are taken as the other days of their leaves.
    """
    last = as_of - youngest
    weeks, names = whole_weeks(workspace, last), [measure for measure in measures if measure in workspace.measures]
    if weeks < 1 or not names:
        return None
    window = Window(last - 7 * weeks + 1, last)
    slices = [item for item in SLICES if item in workspace.dimensions]
    who = [member for member in MEMBERS if member in workspace.dimensions]
    cube = workspace.cube(names, window, (*slices, *who), where, as_of=as_of, age=age)
    names_of = {name: tuple(sorted(cube.values[name])) for name in (*slices, *who)}
    words = {**{name: names_of[name] for name in slices}, **groups.words}
    columns = [_columns(part, cube.values, (*slices, *who), groups) for part in cube.parts]
    sizes = {**{name: len(words[name]) for name in words}, **{name: len(names_of[name]) for name in who}}
    places, codes = _leaves(columns, sizes)
    leaves = len(next(iter(codes.values())))
    logged = logged_days(left_out, codes, words | names_of, last, 7 * weeks) if left_out else None
    amounts = {name: np.zeros(leaves * weeks) for name in names}
    by_day = {name: np.zeros(7 * weeks) for name in names}
    for part, at in zip(cube.parts, places, strict=True):
        cell = at * weeks + (last - part.days) // 7
        for name, amount in part.measures.items():
            values = amount * parts[name][as_of - part.days] if name in parts else amount
            if logged is not None:
                by_day[name] += np.bincount(last - part.days, values, 7 * weeks)
                values = logged.kept(values, at, np.asarray(last - part.days, np.int64))
            amounts[name] += np.bincount(cell, values, leaves * weeks)
    tables = {name: (amount / cube.scales.get(name, 1)).reshape(-1, weeks) for name, amount in amounts.items()}
    if logged is not None:
        tables = {name: logged.whole_weeks(table, by_day[name]) for name, table in tables.items()}
    return WeeklyPanel(
        last=last,
        weeks=weeks,
        words=words,
        codes={name: codes[name] for name in words},
        amounts=tables,
        leaf_members={name: codes[name] for name in who},
        member_names={name: names_of[name] for name in who},
    )


def _leaves(columns: Sequence[Mapping[str, Ints]], sizes: Mapping[str, int]) -> tuple[list[Ints], dict[str, Ints]]:
    """(the leaf of each row of each part, the codes of each leaf); `sizes`: how many codes each dimension has."""
    shape = tuple(sizes.values())
    keys = [np.ravel_multi_index([column[name] for name in sizes], shape) for column in columns]
    leaves, position = distinct(np.concatenate([np.zeros(0, np.int64), *keys]))
    places = np.split(position, np.cumsum([len(key) for key in keys])[:-1])
    return places, dict(zip(sizes, np.unravel_index(leaves, shape), strict=True))


def _columns(
    part: CubePart, values: Mapping[str, tuple[str, ...]], dimensions: Iterable[str], groups: MemberGroups
) -> dict[str, Ints]:
    """Codes of each row in the order of the words, so that nothing depends on the order of loading."""
    nothing = np.zeros(len(part.days), np.int64)
    result = {}
    for name in dimensions:
        position = np.argsort(np.argsort(np.array(values[name]), kind="stable"), kind="stable")
        result[name] = position[part.codes[name]] if name in part.codes else nothing
    creator = np.asarray(part.codes.get("creator_id", nothing), np.int64)
    return result | {name: code[creator] for name, code in groups.codes.items()}
