"""Figures that stand on several rows and count once: those of a day on each of its rows, those of a shop on each of its days."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import field

import numpy as np
import pyarrow as pa

from core.base.arrays import Flags, Floats, Ints, distinct
from core.base.frozen import frozen
from core.ingest.columns.column_profile import Columns, Role, days_as_written
from core.ingest.columns.rate_parts import CHANGED
from core.ingest.formats.batch import Figures, TextBatch
from core.ingest.formats.different_cells import codes_of, combined
from core.ingest.headers.measure_names import is_sum_name, says_flow

_JUDGED = 10_000
"""Rows that are looked at."""
_MOST_WORDS = 100
_FEWEST_GROUPS = 10
"""Days of several rows that have one figure each: of two figures of every day, not all are equal by chance."""
_FEWEST_OF_WORD = 14
"""Rows of each shop that all have one figure: two weeks, since the posts or the complaints of a few days are often as many."""
_FEWEST_FIGURES = 5


@frozen
class RepeatedFigures:
    """Measures of a table of days that are no sums of its rows."""

    of_days: Collection[str] = field(default_factory=tuple)
    """Those of a day, or of a day and a slice, that stand on each of its rows."""
    of_slices: Collection[str] = field(default_factory=tuple)
    """Those that never change in a slice: the size of a shop."""


def repeated_figures(day: str, columns: Columns, texts: TextBatch, figures: Figures) -> RepeatedFigures:
    """The measures of `figures` that repeat on the rows of a day, or of a slice, in a table whose column of days is `day`.

    One that is called a sum is of a day only where it is the sum of another one over the rows of that day.
    """
    days = codes_of(days_as_written(texts.columns[day][:_JUDGED]))
    words = [codes_of(cells) for cells in _words(day, columns, texts)]
    return figures_of_groups(days, words, {name: values[:_JUDGED] for name, values in figures.items()})


def figures_of_groups(days: Ints, words: Iterable[Ints], figures: Figures) -> RepeatedFigures:
    """As `repeated_figures`, of rows with these numbers of their day and of each of their words, of which only some slice."""
    slices = [_Groups.of(codes) for codes in words if 1 < len(distinct(codes)) <= _MOST_WORDS]
    groups = [_Groups.of(days), *(_Groups.of(combined((days, group.codes), len(days))) for group in slices)]
    known = {name: values for name, values in figures.items() if np.isfinite(values).all()}
    groups = [group for group in groups if group.have_own(known)]
    slices = [group for group in slices if group.have_own(known)]
    sums = {name for name in known if is_sum_name(name)}
    of_days = [
        name for name, values in known.items() if any(_is_of(group, name, values, known, sums) for group in groups)
    ]
    of_slices = [
        name
        for name, values in known.items()
        if name not in of_days and not says_flow(name) and any(group.never_change(values) for group in slices)
    ]
    return RepeatedFigures(of_days, of_slices)


def _words(day: str, columns: Columns, texts: TextBatch) -> Iterator[pa.Array]:
    """The columns of words that slice a table."""
    for name, column in columns.items():
        if name != day and column.role is Role.TEXT and name in texts.columns:
            yield texts.columns[name][:_JUDGED]


@frozen
class _Groups:
    """Rows that belong together."""

    codes: Ints
    """A number for each row, equal in each group."""
    order: Ints
    """The rows, group by group."""
    starts: Ints
    """Where each group begins in that order."""
    is_within: Flags
    """Whether each but the first is of the group of the one before."""

    @classmethod
    def of(cls, codes: Ints) -> "_Groups":
        order = np.argsort(codes, kind="stable")
        is_within = np.diff(codes[order]) == 0
        return cls(codes, order, np.flatnonzero(np.r_[True, ~is_within]), is_within)

    def sizes(self) -> Ints:
        """How many rows each group has."""
        result: Ints = np.diff(np.r_[self.starts, len(self.order)])
        return result

    def are_equal(self, values: Floats) -> bool:
        """Whether all rows of each group have one figure."""
        return not np.diff(values[self.order])[self.is_within].any()

    def have_own(self, figures: Figures) -> bool:
        """Whether rows of a group have figures of their own: where all are alike, nothing shows which of them would repeat."""
        return any(not self.are_equal(values) for values in figures.values())

    def sums(self, values: Floats) -> Floats:
        """The sum of each group."""
        result: Floats = np.add.reduceat(values[self.order], self.starts)
        return result

    def never_change(self, values: Floats) -> bool:
        """Whether each of several groups has a figure of its own in many rows; none where one of them has no size at all."""
        is_long = len(self.starts) > 1 and int(self.sizes().min()) >= _FEWEST_OF_WORD
        return is_long and bool((values > 0).all()) and self.are_equal(values) and len(distinct(values)) > 1


def _is_of(group: _Groups, name: str, values: Floats, known: Figures, sums: Iterable[str]) -> bool:
    several = group.sizes() > 1
    if several.sum() < max(_FEWEST_GROUPS, len(several) / 2) or not group.are_equal(values):
        return False
    own = values[group.order][group.starts]
    if len(distinct(own[several])) < _FEWEST_FIGURES:
        return False
    if name not in sums:
        return True
    others = (group.sums(known[other]) for other in known if other != name)
    return any(bool((np.abs(total - own) <= CHANGED)[several].all()) for total in others)
