"""Which days the rows of a workspace have, without looking at each row."""

import sqlite3
from collections.abc import Iterator, Sequence

from core.base.days import Day, Window
from core.workspace.schema.tables import DAY_BITS

_YEAR = 366
_FEW_SHARE = 0.02
"""Of all rows: a group of days more than a year away from all others is left out of the span when it has no more."""
_PLANNED_SHARE = 0.2
"""Of all rows: more that lie in the future are no slip, and no few days that were planned."""


def main_span(connection: sqlite3.Connection, kinds: Sequence[str], whole: Window) -> Window:
    """The span without groups of days that lie more than a year from all others and have few rows."""
    runs = _merged(sorted(run for kind in kinds for run in _runs(connection, kind)))
    if len(runs) < 2:
        return whole
    sizes = [sum(_rows(connection, kind, run) for kind in kinds) for run in runs]
    few = max(1, _FEW_SHARE * sum(sizes))
    main = [run for run, size in zip(runs, sizes, strict=True) if size > few] or runs
    return Window(main[0][0], main[-1][1])


def span_until(connection: sqlite3.Connection, kinds: Sequence[str], whole: Window, today: Day) -> Window:
    """The span up to a day, where few rows lie after it: a year that was mistyped, a plan of the next weeks."""
    if whole.last <= today or whole.first > today:
        return whole
    later, before = (
        sum(_rows(connection, kind, run) for kind in kinds) for run in ((today + 1, whole.last), (whole.first, today))
    )
    if not before or later > _PLANNED_SHARE * (later + before):
        return whole
    ends = (
        connection.execute(f"SELECT max(id) FROM {kind}_rows WHERE id < ?", (today + 1 << DAY_BITS,)).fetchone()[0]
        for kind in kinds
    )
    return Window(whole.first, max(end >> DAY_BITS for end in ends if end is not None))


def occupied(connection: sqlite3.Connection, kind: str, starts: range) -> list[int]:
    """Those of the stretches of days (`starts` are their first days, equally far apart) in which a kind has rows; one look-up
    for each of them."""
    stretches: list[int] = []
    at, end = starts.start, starts[-1] + starts.step
    while at < end:
        (row,) = connection.execute(
            f"SELECT min(id) FROM {kind}_rows WHERE id >= ? AND id < ?", (at << DAY_BITS, end << DAY_BITS)
        ).fetchone()
        if row is None:
            break
        stretches.append(starts.start + ((row >> DAY_BITS) - starts.start) // starts.step * starts.step)
        at = stretches[-1] + starts.step
    return stretches


def _runs(connection: sqlite3.Connection, kind: str) -> Iterator[tuple[int, int]]:
    """First and last day of each group of days without a gap of more than a year; about one look-up a year."""
    (row,) = connection.execute(f"SELECT min(id) FROM {kind}_rows").fetchone()
    while row is not None:
        first = last = row >> DAY_BITS
        while True:
            (row,) = connection.execute(
                f"SELECT max(id) FROM {kind}_rows WHERE id < ?", (last + _YEAR + 1 << DAY_BITS,)
            ).fetchone()
            if row >> DAY_BITS == last:
                break
            last = row >> DAY_BITS
        yield first, last
        (row,) = connection.execute(
            f"SELECT min(id) FROM {kind}_rows WHERE id >= ?", (last + 1 << DAY_BITS,)
        ).fetchone()


def _merged(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Groups of several kinds together; runs ascending."""
    groups: list[tuple[int, int]] = []
    for first, last in runs:
        if groups and first - groups[-1][1] <= _YEAR:
            groups[-1] = groups[-1][0], max(groups[-1][1], last)
        else:
            groups.append((first, last))
    return groups


def _rows(connection: sqlite3.Connection, kind: str, run: tuple[int, int]) -> int:
    (count,) = connection.execute(
        f"SELECT count(*) FROM {kind}_rows WHERE id >= ? AND id < ?", (run[0] << DAY_BITS, run[1] + 1 << DAY_BITS)
    ).fetchone()
    return int(count)
