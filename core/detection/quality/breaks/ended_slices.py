"""Values of a dimension, such as a market or a channel, that have no rows any more while others go on."""

from collections.abc import Iterator, Sequence

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
_FIRST_DAYS, _OFTEN = 7, 0.05
"""Days at the beginning in which rare values have their first rows, and values that began later a day from which on one of twenty
that end does so as another begins, by chance."""
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
    compared = own if kind == "daily" else [name for name in own if name not in _COME_AND_GO]
    for dimension in compared if stop >= _USUAL_DAYS // 2 else ():
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
        for index in gone.tolist() if len(gone) < len(values) else ():
            first = stop - int(np.argmax(rows[index, ::-1] > 0))
            since, before = span.first + first, float(np.median(rows[index, max(first - _USUAL_DAYS, 0) : first]))
            names = _new_names(values, rows, first, index, before)
            if only_renamed and not names:
                continue
            yield QualityIssue(
                "missing_slices", "fail" if kind in SNAPSHOTS and lasting and left[index] >= 2 else "warn",
                f"no rows of {kind} with {dimension}={values[index]} since {date_text(since)} ({before:.0f} a day before), "
                + ("while the others go on." if lasting else "while the others go on: it ended, or was not exported.")
                + _new_name_words(dimension, names),
                Window(since, span.first + stop - 1), frozenset({kind}), where=Segment.of({dimension: values[index]}),
            )  # fmt: skip


def _new_name_words(dimension: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    segments = " and ".join(f"{dimension}={name}" for name in names)
    return (
        f" {segments} began then, with about as many: {'it' if len(names) == 1 else 'one of them'} may be the new name."
    )


def _new_names(values: Sequence[str], rows: Floats, first: int, index: int, usual: float) -> list[str]:
    """What an ended value (row `index`) may be called: values that never had rows before it ended (column `first`), and have
    about as many from then on as `usual`; at most three, the nearest first.

    None where values take turns, as campaigns do: one began as another ended before, or many began. A country is
    not called another one.
    """
    has, open_days = rows > 0, np.flatnonzero(rows.any(0))
    begins, ends = has.argmax(1)[has.any(1)], rows.shape[1] - has[:, ::-1].argmax(1)[has.any(1)]
    began = open_days[np.searchsorted(open_days, first)]
    others = begins[(begins > _FIRST_DAYS) & (begins != began)]
    if (
        len(others) > _OFTEN * rows.shape[1]
        or np.isin(open_days[np.searchsorted(open_days, others) - 1] + 1, ends).any()
    ):
        return []
    apart = np.abs(np.log(np.maximum(np.median(rows[:, first:], axis=1), 1.0) / usual))
    alike = np.flatnonzero(has.any(1) & (has.argmax(1) == began) & (apart <= _ALIKE))
    names = [values[at] for at in alike[np.argsort(apart[alike], kind="stable")].tolist()]
    return [name for name in names if not (_is_country(name) and _is_country(values[index]))][:3]


def _is_country(name: str) -> bool:
    """Whether it is a code of two letters as ISO gives them: the UK is called GB there, and Greece (EL) is GR."""
    return len(name) == 2 and name.isascii() and name.isupper() and name not in ("UK", "EL")


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
