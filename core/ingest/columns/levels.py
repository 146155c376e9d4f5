"""Columns that say what there is and not what came: a stock, a balance, members, prices of a session, windows of days."""

import re
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from core.base.arrays import Flags, Floats, distinct
from core.ingest.columns.compared_columns import tells_changes
from core.ingest.columns.counters import FEWEST_SIZES, FEWEST_STEPS, DailySeries
from core.ingest.columns.rate_parts import CHANGED, FITS, MOST_COLUMNS
from core.ingest.formats.batch import Figures
from core.ingest.headers.measure_names import (
    counts_events,
    is_held_name,
    is_level_name,
    is_rate_name,
    may_be_level_name,
    only_counts_events,
)

_FEWEST = 3
_PROVEN = 10
"""Rows that prove something."""
_JUDGED = 10_000
"""Rows that are looked at: all of a table of 100,000 took more than half of its load."""


def level_columns(
    sources: Mapping[str, str],
    figures: Figures,
    series: DailySeries | None,
    moments: DailySeries | None = None,
    *,
    is_known: bool = False,
) -> set[str]:
    """The measures that are levels, by their names and figures: they hardly change, move by what others count, count on or count
    windows, or are the prices of a session. `sources` is what columns are called, `figures` has the shape (rows,), `moments` are
    the rows of a table of several a day.

    Columns of a known system (`is_known`), and those that are called orders or sales and nothing else, may look so by chance in
    the first days of a shop: they are no levels that no name calls one.
    """
    series = series.beginning(_JUDGED) if series is not None else None
    unknown = {name: values for name, values in figures.items() if not is_known and not only_counts_events(name)}
    result = range_columns(unknown, series)
    daily = series if series is not None and series.is_daily else None
    for name, values in figures.items():
        called = sources.get(name, name)
        if (
            (
                (name in unknown or may_be_level_name(called))
                and not counts_events(name)
                and is_level(called, values, daily)
            )
            or (name in unknown and is_balance(name, figures, series))
            or is_window(name, figures)
            or (daily is not None and not (is_known and counts_events(name)) and daily.counts_on(values))
            or (daily is not None and daily.rolls(name, figures))
            or (moments is not None and not is_known and moments.begins_anew(values))
        ):
            result.add(name)
    may_count_on = {name: values for name, values in figures.items() if not (is_known and counts_events(name))}
    return result | (_counted_alike(may_count_on, result, daily) if daily is not None else set())


def _counted_alike(figures: Figures, levels: set[str], daily: DailySeries) -> set[str]:
    """The columns that never fall next to one that counts on: the few comments of a video, next to its plays so far."""
    if not any(daily.counts_on(figures[name]) for name in levels & figures.keys()):
        return set()
    return {name for name, values in figures.items() if name not in levels and daily.counts_on(values, as_another=True)}


def follows_level(name: str, values: Floats, levels: Sequence[Floats]) -> bool:
    """Whether a column is a little less or more than one of what there is in every row: what of a stock is free."""
    is_filled = len(values) >= _PROVEN and bool((values > 0).all()) and not counts_events(name)
    return is_filled and any(_holds(np.abs(values - level) <= _NEAR * level) for level in levels[:MOST_COLUMNS])


_NEAR = 0.1


def is_level(name: str, values: Floats, daily: DailySeries | None = None) -> bool:
    """Whether a column counts what there is and not what came: it hardly changes from a day to the next (`daily`, where the days
    are known), from row to row, or from each row to the next one of its slice. One that is not called so shows it on many days,
    and its changes add up.
    """
    if counts_events(name) or not (values > 0).all():
        return False
    if len(values) < _PROVEN:
        return is_held_name(name)
    steps = [daily.steps(values)] if daily is not None else []
    if not may_be_level_name(name):
        return daily is not None and _is_long_steady(*steps[0]) and _drifts(values, daily)
    lags = range(1, min(MOST_COLUMNS, len(values) // _FEWEST) + 1)
    return any(_vary_little(*pair) for pair in (*steps, *((values[:-lag], values[lag:]) for lag in lags)))


def hardly_changes(values: Floats, daily: DailySeries) -> bool:
    """Whether a column is about the same on each of many days, as what there is would be, whatever it is called."""
    if not (values > 0).all():
        return False
    others = np.count_nonzero(~_are_near(*daily.beginning(_JUDGED).steps(values)))
    is_unsteady = others > (1 - FITS) * np.count_nonzero(daily.is_step)  # most show it in their first rows
    return not is_unsteady and _is_long_steady(*daily.steps(values))


def _is_long_steady(earlier: Floats, later: Floats) -> bool:
    """Whether figures hardly change over many days, and by changes of many sizes: what grows by the same each day is made up."""
    if len(earlier) < FEWEST_STEPS or not _holds(_are_near(earlier, later)):
        return False
    return len(distinct(later - earlier)) >= FEWEST_SIZES


def _are_near(earlier: Floats, later: Floats) -> Flags:
    return np.asarray(np.abs(later - earlier) <= _STEADY * later)


_STEADY = 0.03
"""Counts of a day differ by far more between two days; followers of an account by less than 1 %."""


def _vary_little(earlier: Floats, later: Floats) -> bool:
    """Whether figures are steady, or whole ones far nearer to each other than counts are that do not depend on each other."""
    return _holds(np.abs(later - earlier) <= np.maximum(_STEADY * later, _UNLIKE_COUNTS * np.sqrt(later)))


_UNLIKE_COUNTS = 0.5
"""Of the square root of a count: of two independent ones, a quarter are so near (40 and 43 open orders)."""


def _drifts(values: Floats, days: DailySeries) -> bool:
    """Whether the changes of single days add up over two weeks, growth left out, as those of a stock do. What comes anew each day
    returns to its mean, however little it varies: twenty thousand players a day vary by less than one percent.

    Of 1,800 simulated counts within 3 % from day to day (noise of 0.3 to 1.5 %, of autocorrelation 0 to 0.85, with trends and
    weekly rhythms) 4 % drift; of 2,000 levels of 35 to 60 days 62 % do, of 100 to 200 days 94 %.
    """
    relative = np.log(values)
    before, after = days.steps(relative, _FORTNIGHT)
    if len(before) < FEWEST_STEPS:
        return False
    earlier, later = days.steps(relative)
    mean = (later - earlier).mean()
    alone = float(np.square(later - earlier - mean).mean())
    together = float(np.square(after - before - _FORTNIGHT * mean).mean())
    return together > _INDEPENDENT * _FORTNIGHT * alone


_FORTNIGHT = 14
"""Days in which every day of the week comes twice: a rhythm of the week takes no part."""
_INDEPENDENT = 0.5
"""Share of the variance of changes that do not depend on each other; those of independent counts have 1/14 of it."""


def is_balance(name: str, figures: Figures, series: DailySeries | None = None) -> bool:
    """Whether a column is what is left after each row: from row to row, down or up, or in each slice, it
    changes by what other columns have, each added or taken off.

    Those that are called a change (`Change from previous day`) are made of the figures, and show nothing, unless they are
    called a balance.
    """
    values = figures[name]
    if len(values) < _PROVEN or not np.isfinite(values).all():
        return False
    is_named = is_level_name(name) or is_rate_name(name)
    others = [
        other for other in list(figures)[:MOST_COLUMNS] if other != name and (is_named or not tells_changes(other))
    ]
    if not others:
        return False
    moves = np.nan_to_num(np.array([figures[other] for other in others]))
    changes = np.diff(values[:_JUDGED])
    if any(_is_sum_of_moves(changes, side) for side in (moves[:, 1 : len(changes) + 1], moves[:, : len(changes)])):
        return True
    if series is None:
        return False
    moves, changes = moves[:, series.order], np.diff(values[series.order])[series.is_within]
    return any(_is_sum_of_moves(changes, side[:, series.is_within]) for side in (moves[:, 1:], moves[:, :-1]))


def _is_sum_of_moves(changes: Floats, moves: Floats) -> bool:
    """Whether changes, shape (n,), are the sum of moves, shape (columns, n), each added or taken off, in nearly all rows."""
    is_moved = np.abs(changes) > CHANGED
    changed, moves_at_change = changes[is_moved], moves[:, is_moved]
    if len(set(changed[:_TRIED].tolist())) < _FEWEST or len(changed) < _PROVEN - 1:
        return False
    if any(_is_rest_one_way(changed, own) for own in (*moves_at_change, *-moves_at_change)):
        return True
    if len(changed) < 2 * len(moves_at_change):
        return False  # as many columns as rows give anything
    own = (
        np.abs(np.diag(np.linalg.qr(moves_at_change.T, mode="r"))) > CHANGED
    )  # those that are no sums of others before them
    moves, moves_at_change = moves[own], moves_at_change[own]
    if not len(moves_at_change):
        return False
    near = np.arange(len(changed))
    for _ in range(_TRIMS):
        parts, *_ = np.linalg.lstsq(moves_at_change[:, near].T, changed[near])
        off = np.abs(changes - np.clip(np.round(parts), -1, 1) @ moves)
        if _holds(off <= CHANGED) and _holds(off[is_moved] <= CHANGED):
            return True
        size = max(len(changed) // 2, 2 * len(moves_at_change))  # a correction, a day that is missing
        near = np.argsort(np.abs(changed - parts @ moves_at_change))[:size]
    return False


def _is_rest_one_way(changes: Floats, moves: Floats) -> bool:
    """Whether many changes are exactly those moves, and the rest only goes up, or only down: what is used is counted, what is
    filled up is not.
    """
    unexplained = changes - moves
    equal = (np.abs(unexplained) <= CHANGED) & (moves != 0)
    if equal.mean() < _MANY or len(distinct(changes[equal])) < _MANY_SIZES:
        return False
    return _holds(unexplained >= -CHANGED) or _holds(unexplained <= CHANGED)


_MANY = 0.25
_MANY_SIZES = 10
"""Different changes that are equal by no chance."""
_TRIED = 50
_TRIMS = 4
"""Times that columns are fitted to the half of the rows that fit best."""


def is_window(name: str, figures: Figures) -> bool:
    """Whether a column counts the last week or month before each day, next to one that counts the day itself and nowhere more."""
    bare = _WINDOW.sub("", name)
    day = next((own for own in (f"daily{bare}", f"1_day{bare}") if own in figures), None) if bare != name else None
    return day is not None and not (figures[name] < figures[day]).any()


_WINDOW = re.compile(r"^(?:weekly|monthly|(?:7|14|28|30|90)_days?)(?=_|$)")


def range_columns(figures: Figures, series: DailySeries | None = None) -> set[str]:
    """The columns that are a range and what lies in it: in every row one is the highest and one the lowest, both of about one
    size, and of two others now one and now the other is higher and both go on from row to row, as the opening and the closing
    price of a session do.

    A column called like one of them (`adj_close`) and of its size goes with it.
    """
    names = [
        name for name, values in list(figures.items())[:MOST_COLUMNS] if len(values) >= _PROVEN and (values > 0).all()
    ]
    for low in names:
        for high in names:
            lowest, highest = figures[low], figures[high]
            if low == high or not _holds((lowest <= highest) & (lowest >= _HALF * highest)):
                continue
            between = [
                name
                for name in names
                if name not in {low, high} and _holds((lowest <= figures[name]) & (figures[name] <= highest))
            ]
            pairs = ((figures[one], figures[other]) for one, other in combinations(between, 2))
            if any(_cross(one, other) and _carry_on(one, other, series) for one, other in pairs):
                prices = {low, high, *between}
                return prices | {name for name in names if any(_is_called_like(name, price) for price in prices)}
    return set()


_HALF = 0.5
_SOMETIMES = 0.1


def _holds(flags: Flags) -> bool:
    return bool(flags.mean() >= FITS)


def _cross(first: Floats, second: Floats) -> bool:
    return min(float((first > second).mean()), float((first < second).mean())) >= _SOMETIMES


def _carry_on(first: Floats, second: Floats, series: DailySeries | None) -> bool:
    """Whether one of two columns begins about where the other ended a row before, or one drifts over many rows: the visitors of
    several shops, of which one always has the most, do neither.
    """
    rows = series.by_row() if series is not None else DailySeries.of_rows(len(first))
    (before, after), (second_before, second_after) = rows.steps(np.log(first)), rows.steps(np.log(second))
    if not len(before):
        return False
    distance = min(float(np.median(np.abs(after - second_before))), float(np.median(np.abs(second_after - before))))
    return distance <= _GAP * float(np.median(np.abs(np.log(first / second)))) or _drifts(first, rows)


_GAP = 0.6
"""Median gap between a row and the next, as a part of what the columns differ by within a row. Of 500 simulated pairs of shops
10 % had less in 10 rows, 2 % in 25 and none in 60; of prices whose gap overnight is half of their change by day, 65 to 93 %.
"""


def _is_called_like(name: str, other: str) -> bool:
    return set(name.split("_")) > set(other.split("_"))
