"""Indexes of the supply side: creators who sell, listed products that sell, and what newcomers get to show."""

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.indexes.counted_figure import CountedFigure, share
from core.indexes.index_cells import CellGrid
from core.workspace.read.rating_rows import NEVER
from core.workspace.read.rows.index_rows import ListedThings

NEWCOMER_DAYS = 90
"""Whoever joined longer ago is no newcomer: the age up to which ratings call somebody one."""
QUIET_DAYS = 56
"""A creator whose joining nobody tells is new if data of so many days before did not show it."""


def active_creator_share(
    grid: CellGrid, cells: Ints, all_groups: Ints, creators: Ints, days: Ints, known: ListedThings
) -> CountedFigure:
    """Creators of paid order lines (`cells`) of all whom the group has by the end of the window.

    A group has the creators whose own rows fit it and who had joined, and those whom any order line in it named; `all_groups` is
    the group of every order line, -1 for none.
    """
    width = int(max(creators.max(initial=0), known.code.max(initial=0))) + 1
    fits = [known.lies_in(group) for group in grid.groups]
    first = np.full((len(grid.groups), width + known.size), np.iinfo(np.int64).max)
    in_group = all_groups >= 0
    np.minimum.at(first, (all_groups[in_group], creators[in_group]), days[in_group])
    columns = np.where(known.code >= 0, known.code, width + np.arange(known.size))
    for group, fit in enumerate(fits):
        first[group, columns[fit]] = np.minimum(first[group, columns[fit]], known.since[fit])
    first[:, 0] = np.iinfo(np.int64).max
    members = np.array([(first <= window.last).sum(axis=1) for window in grid.windows], float)
    return share(grid.distinct(cells, creators), members)


def first_seen(creators: Ints, days: Ints, size: int) -> Ints:
    """First day of each creator by code; the largest number for one that never occurs; shape (size,)."""
    first = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(first, creators, days)
    return first


def sell_through_rate(grid: CellGrid, cells: Ints, products: Ints, listed: ListedThings) -> CountedFigure:
    """Listed products of paid order lines in `cells` of all that were listed by the end of the window in the segment."""
    fits = [listed.lies_in(group) for group in grid.groups]
    sold, offered = np.zeros(grid.shape), np.zeros(grid.shape)
    is_listed = np.zeros(int(max(products.max(initial=0), listed.code.max(initial=0))) + 1, bool)
    for at, window in enumerate(grid.windows):
        in_time = listed.since <= window.last
        for group, fit in enumerate(fits):
            offered[at, group] = (in_time & fit).sum()
            is_listed[:] = False
            codes = listed.code[in_time & fit]
            is_listed[codes[codes > 0]] = True
            mine = np.unique(products[cells == at * grid.shape[1] + group])
            sold[at, group] = is_listed[mine].sum()
    return share(sold, offered)


def newcomer_exposure_share(
    grid: CellGrid, cells: Ints, *, creators: Ints, days: Ints, impressions: Floats, joined: Ints, data_from: int
) -> CountedFigure:
    """Impressions of creators who joined within NEWCOMER_DAYS; who joined when is given, or else first seen late enough.

    `joined` is by code, `data_from` the first day of the data. The error is that of creators who came or not (Woodruff 1971).
    """
    first = first_seen(creators, days, len(joined))
    begun = np.where(joined != NEVER, joined, np.where(first >= data_from + QUIET_DAYS, first, NEVER))
    age = days - begun[creators]
    is_new: Flags = (age >= 0) & (age <= NEWCOMER_DAYS)
    named = np.where(creators > 0, cells, -1)
    total, new = grid.sums(named, impressions), grid.sums(named, impressions * is_new)
    figure = share(new, total)
    error = _between_creators(grid, named, creators, impressions, is_new, figure.value)
    low, high = np.clip(figure.value - 1.96 * error, 0, 1), np.clip(figure.value + 1.96 * error, 0, 1)
    return CountedFigure(value=figure.value, n=total, error=error, low=low, high=high)


def _between_creators(
    grid: CellGrid, cells: Ints, creators: Ints, impressions: Floats, is_new: Flags, value: Floats
) -> Floats:
    """Standard error of a share of impressions, creators being what is sampled; shape (windows, groups)."""
    rows = np.flatnonzero(cells >= 0)
    width = int(creators.max(initial=0)) + 1
    pairs, member = np.unique(cells[rows] * width + creators[rows], return_inverse=True)
    cell = pairs // width
    size = np.bincount(member, impressions[rows], minlength=len(pairs))
    new = np.bincount(member, impressions[rows] * is_new[rows], minlength=len(pairs))
    expected = np.nan_to_num(value).reshape(-1)[cell]
    total = np.maximum(grid.sums(cells, impressions), 1.0)
    return np.sqrt(grid.sums(cell, (new - expected * size) ** 2)) / total
