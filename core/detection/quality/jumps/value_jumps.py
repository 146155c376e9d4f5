"""Values of `daily` exports that jump by a plain factor in one segment and back: loaded twice, or in another unit.

What happens in the world is seldom exactly twice or ten times as much, reaches more than one measure of a segment, and lasts
beyond it. So other segments have to be as usual, and a plain factor is believed only where other measures of the segment are as
usual too, where its rows jump with it, or where it is one that no market makes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats
from core.base.date_text import during
from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.kinds import SOURCE
from core.detection.forecast.state_space import WEEK
from core.detection.quality.jumps.weekly_excess import FEW_DAYS, NEAR, STILL, WEEKS, WeeklyExcess, weekly_excess
from core.detection.quality.jumps.whole_jumps import whole_issues
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.profile.row_profile import Profile
from core.workspace.read.workspace import Workspace

_UNIT = float(np.log(5.0))
"""Beyond this (log) a factor is one of units."""
_TEN = 10.0
_LATELY = 60
_LONGEST = 5
"""Days that a jump lasts at most: beyond six, the same weekdays of other weeks are in it."""
_LIFTING = frozenset({"campaign", "holiday"})
"""Events that double everything now and then."""
_MOST_VALUES = 60
"""A dimension of more values has segments too small to tell a factor by."""


def value_issues(workspace: Workspace, profile: Profile, window: Window) -> Iterator[QualityIssue]:
    """Jumps of the last two months of a window, of which `profile` counts the rows."""
    names = [name for name in workspace.measures if workspace.kind_of(name) == "daily"]
    if "daily" not in profile.kinds or not names:
        return
    last = profile.spans["daily"].last
    recent = Window(max(window.first, last - _LATELY - WEEKS * WEEK), last)
    own = [name for name in profile.dimensions_of("daily") if name != SOURCE and name in workspace.dimensions]
    if not own or len(recent) < FEW_DAYS:
        return
    cube = workspace.cube(names, recent, own)
    parts: list[WeeklyExcess] = []
    for dimension in own:
        values = cube.values[dimension]
        if len(values) <= 1 + _MOST_VALUES:
            tables = {name: cube.daily(name, (dimension,))[1:] for name in names}
            excesses = {name: weekly_excess(table) for name, table in tables.items()}
            parts += excesses.values()
            rows = weekly_excess(_rows(profile, dimension, values[1:], recent))
            for jump in _jumps(excesses, rows, recent):
                if not _is_more_events(tables[jump.measures[0]][jump.value], jump, recent):
                    yield jump.issue(Segment.of({dimension: values[1 + jump.value]}))
    for issue in whole_issues(names, np.stack([cube.daily(name) for name in names]), parts, recent):
        if not any(event.kind in _LIFTING for event in workspace.events(issue.days.first, issue.days.last)):
            yield issue


@dataclass(frozen=True, kw_only=True)
class _Jump:
    measures: tuple[str, ...]
    value: int
    days: Window
    factor: float
    with_rows: bool

    def issue(self, where: Segment) -> QualityIssue:
        """What to say of it."""
        unit = np.log(self.factor) > _UNIT
        doubt = "another unit?" if unit else "loaded twice?"
        others = "and so are its rows" if self.with_rows else "with other segments as usual"
        return QualityIssue(
            "value_jumps", "fail" if unit or self.with_rows else "warn",
            f"{', '.join(self.measures)} of {where}: {self.factor:g} times the usual {during(self.days)}, {others}: {doubt}",
            self.days, measures=frozenset(self.measures), where=where,
        )  # fmt: skip


def _is_more_events(values: Floats, jump: _Jump, window: Window) -> bool:
    """Whether about ten times as much is a count of events and no other unit of it: that would end in a nought on each day.

    A fault multiplies errors by ten; by a hundred or a thousand nothing does.
    """
    jumped = values[jump.days.first - window.first : jump.days.last - window.first + 1]
    return jump.factor == _TEN and bool((values % 1 == 0).all()) and bool((jumped % _TEN != 0).any())


def _rows(profile: Profile, dimension: str, values: tuple[str, ...], window: Window) -> Floats:
    """Rows of each value on each day of a window, shape (values, days)."""
    names, rows = profile.rows_by_value("daily", dimension)
    first = profile.spans["daily"].first
    table = np.zeros((len(values), len(window)))
    for name, counts in zip(names, rows, strict=True):
        table[values.index(name)] = counts[window.first - first : window.last - first + 1]
    return table


def _jumps(excesses: Mapping[str, WeeklyExcess], rows: WeeklyExcess, window: Window) -> Iterator[_Jump]:
    """The jumps of a dimension, each once with all measures that took part in it."""
    reported: set[tuple[int, int]] = set()
    for name, excess in excesses.items():
        runs = list(excess.runs(_LONGEST))
        for value, days in runs:
            factor = excess.plain_factor(value, days)
            if factor is None or (value, days.start) in reported or not _alone(excess, value, days):
                continue
            if _goes_on(excess, value, days, factor):
                continue
            own = [at for other, at in runs if other == value and excess.plain_factor(value, at) is None]
            if any(abs(excess.mean(value, at)) > np.log(factor) / 2 for at in own):
                continue  # it has such days by itself: one large order, a flash sale
            jump, others = float(np.log(factor)), [other for other in excesses if other != name]
            same = [other for other in others if excesses[other].plain_factor(value, days) == factor]
            still = [other for other in others if excesses[other].still(value, days, jump)]
            with_rows = rows.plain_factor(value, days) == factor and _alone(rows, value, days)
            if _believed(jump, len(others), len(same), len(still), with_rows, days.stop - days.start):
                reported.add((value, days.start))
                yield _Jump(
                    measures=(name, *same), value=value, factor=factor, with_rows=with_rows,
                    days=Window(window.first + days.start, window.first + days.stop - 1),
                )  # fmt: skip


def _goes_on(excess: WeeklyExcess, value: int, days: slice, factor: float) -> bool:
    """Whether a day next to a jump is above what is usual, too: the jump lasts longer, with a weaker day in it."""
    neighbors = [at for at in (days.start - 1, days.stop) if 0 <= at < excess.change.shape[1]]
    above = np.maximum(NEAR * excess.noise[value, neighbors], STILL * np.log(factor))
    with np.errstate(invalid="ignore"):  # nothing is known of some days
        return bool((excess.change[value, neighbors] > above).any())


def _believed(jump: float, others: int, same: int, still: int, with_rows: bool, days: int) -> bool:
    """Whether a jump by a plain factor is one of the export and none of the world, by what other measures of the segment did:
    the `same`, or nothing (`still`)."""
    if with_rows:
        return True
    if same + still < others:  # a campaign moves them, each in its own measure
        return False
    if still:
        return True
    return days > 1 and (jump > _UNIT or not others)


def _alone(excess: WeeklyExcess, value: int, days: slice) -> bool:
    """Whether the other values of the dimension are as usual on these days."""
    others = np.delete(excess.raw[:, days].mean(1), value)
    others = others[np.isfinite(others)]
    jump = float(excess.raw[value, days].mean())
    return bool(
        len(others) and (np.abs(others) <= STILL * jump).mean() > 0.5 and abs(np.median(others)) <= STILL * jump
    )
