"""Values of a dimension, such as a market or a channel, that have no rows any more while others go on."""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.date_text import date_text
from core.base.days import Day, Window
from core.base.segment import Segment
from core.catalogue.kinds import SOURCE
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.row_streams import SNAPSHOTS
from core.workspace.read.profile.row_profile import Profile

_SLICED = ("market", "channel", "device")
_USUAL_DAYS, _FEW_ROWS = 56, 5.0
"""Days before the newest one whose median is usual, and the rows a day below which a value may have none, unless it is one of
those above and had some on all its days but this share: a country is often one row a day."""
_RARELY = 1 / 28
_MOST_NAMES = 40
"""Values up to which those of any other dimension are compared, such as categories: one that ends when another begins has a new
name."""
_COME_AND_GO = frozenset({"creator_id", "seller_id", "product_id"})
"""So many of these end and begin that some do so together: they are not read."""
_EXPECTED = 15.0
"""Rows of events that the days without any would usually bring: with ten, 5 of 2,100 days of markets with six orders a day looked
like an end by chance."""
_REGULAR_DAYS = 28
_ALIKE = np.log(1.5)
"""Logs by which the rows of a value differ at most from those of another one that it may be under a new name."""


def ended_slices(profile: Profile, kind: str, end: Day) -> Iterator[QualityIssue]:
    """The values without rows since a day, for longer than ever before; `end`: the day up to which the kind brings rows."""
    span, own = profile.spans[kind], profile.dimensions_of(kind)
    stop = end - span.first + 1
    names = own if kind == "daily" else [name for name in own if name not in _COME_AND_GO]
    for dimension in names if stop >= _USUAL_DAYS // 2 else ():
        values, rows = profile.rows_by_value(kind, dimension)
        rows = rows[:, :stop]
        lasting = dimension in (*_SLICED, SOURCE)  # a campaign, a version ends; a market does not
        only_renamed = kind != "daily" and dimension not in _SLICED
        if not rows.any() or (only_renamed and len(values) > _MOST_NAMES):
            continue
        usual, has = np.median(rows[:, -_USUAL_DAYS:], axis=1), rows[:, rows.any(0)] > 0
        left, longest = _gaps(has)
        is_few = (dimension in _SLICED) & (kind in SNAPSHOTS) & (left >= 2) & (usual >= 1) & _is_regular(has)
        gone = np.flatnonzero((left > longest) & (is_few | _is_no_chance(kind, rows, usual, left)))
        for index in gone if len(gone) < len(values) else ():
            first = stop - int(np.argmax(rows[index, ::-1] > 0))
            since, instead = span.first + first, _begun_instead(rows, first, usual[index])
            if only_renamed and not len(instead):
                continue
            yield QualityIssue(
                "missing_slices", "fail" if kind in SNAPSHOTS and lasting and left[index] >= 2 else "warn",
                f"no rows of {kind} with {dimension}={values[index]} since {date_text(since)} ({usual[index]:.0f} a day before), "
                + ("while the others go on." if lasting else "while the others go on: it ended, or was not exported.")
                + "".join(f" It may be called {dimension}={values[other]} now." for other in instead[:1]),
                Window(since, span.first + stop - 1), frozenset({kind}), where=Segment.of({dimension: values[index]}),
            )  # fmt: skip


def _begun_instead(rows: Floats, first: int, usual: float) -> Ints:
    """The values that never had rows before a day (column), and have about as many from it on as `usual`; ascending."""
    begun = rows.any(1) & (np.argmax(rows > 0, axis=1) == first)
    alike = np.abs(np.log(np.maximum(np.median(rows[:, first:], axis=1), 1.0) / usual)) <= _ALIKE
    return np.flatnonzero(begun & alike)


def _is_no_chance(kind: str, rows: Floats, usual: Floats, left: Ints) -> Flags:
    """Which values of more than a few rows have been without any for longer than chance leaves them, shape (values,).

    A snapshot has rows of a value every day, or on no day; events come by chance.
    """
    many = usual >= _FEW_ROWS
    if kind in SNAPSHOTS:
        return np.asarray(many & ((left >= 2) | (left == 1) & _always_there(rows)))
    return np.asarray(many & (left >= 2) & (usual * left >= _EXPECTED))


def _is_regular(has: Flags) -> Flags:
    """Which values had rows on nearly all days between their first and their last, four weeks or more; shape (values,)."""
    days = has.shape[1] - has.argmax(1) - has[:, ::-1].argmax(1)
    return np.asarray((has.sum(1) >= _REGULAR_DAYS) & (has.sum(1) >= (1 - _RARELY) * days))


def _gaps(has: Flags) -> tuple[Ints, Ints]:
    """How many newest days each value has had no rows, and the most in a row before, between days with some; shape (values,).

    `has`: shape (values, days on which any value has rows). A market that is closed at weekends ends on no Sunday.
    """
    empty = np.cumsum(~has, axis=1)
    before = np.maximum.accumulate(np.where(has, empty, 0), axis=1)  # empty days up to the last one with rows
    left: Ints = empty[:, -1] - before[:, -1]
    inside = np.logical_or.accumulate(has, axis=1) & np.logical_or.accumulate(has[:, ::-1], axis=1)[:, ::-1]
    return left, np.where(inside, empty - before, 0).max(axis=1)


def _always_there(rows: Floats) -> Flags:
    """Which values had rows on each of the last four weeks' days that any had, the newest one left out; shape (values,)."""
    lately = rows[:, -_REGULAR_DAYS - 1 : -1]
    return np.asarray((lately > 0)[:, lately.any(0)].all(1))
