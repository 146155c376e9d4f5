"""Values of `daily` exports that jump by a plain factor in one segment and back: loaded twice, or in another unit.

What happens in the world is seldom exactly twice or ten times as much, reaches more than one measure of a segment, and lasts
beyond it. So other segments have to be as usual, and a plain factor is believed only where other measures of the segment are as
usual too, where its rows jump with it, or where it is one that no market makes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.date_text import during
from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.kinds import SOURCE
from core.detection.forecast.state_space import WEEK
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.profile.row_profile import Profile
from core.workspace.read.workspace import Workspace

_FACTORS = (2.0, 10.0, 100.0, 1000.0)
"""Twice: a double load. The others: cents, thousands, a decimal sign that was read as one of thousands. Half, a tenth and less
are what outages leave."""
_UNIT = float(np.log(5.0))
"""Beyond this (log) a factor is one of units."""
_LATELY = 60
_WEEKS = 3
"""A day is compared with the same weekday of so many weeks before and after it."""
_LEAST_WEEKS = 3
_LONGEST = 5
"""Days that a jump lasts at most: beyond six, the same weekdays of other weeks are in it."""
_MOST_VALUES = 60
"""A dimension of more values has segments too small to tell a factor by."""
_NOISE_LEAST, _NOISE_MOST = 0.02, 0.25
"""Noise of a day (log): at least this, and at most this part of a factor (log): 17 % for twice, 58 % for ten times."""
_FAR, _NEAR = 4.0, 2.0
"""Standard deviations from which on a day is no usual one, and within which a jump is a factor."""
_ROUGHLY = 0.03
_STILL = 0.15
"""Part of a jump (log) within which others have not moved."""
_FEW_DAYS = 28
_REGULAR = 0.6
"""Share of the days on which a value must come in at all, days of rest among them."""


@dataclass(frozen=True)
class _Excess:
    """By how much (log) values differ from the same weekdays around them; arrays of shape (values, days)."""

    raw: Floats
    """nan where nothing is known."""
    change: Floats
    """The same beyond what the other values did that day: pay days, weather and campaigns of all are no noise of one."""
    noise: Floats
    """Standard deviation of an ordinary day: a weekend of few sales has more of it than a Monday."""

    def mean(self, value: int, days: slice) -> float:
        """Of some days of a value; nan if any is unknown."""
        return float(self.change[value, days].mean())

    def still(self, value: int, days: slice, jump: float) -> bool:
        """Whether a value is as usual on days on which another one jumped."""
        noise = 2 * float(self.noise[value, days].max()) / float(np.sqrt(days.stop - days.start))
        return bool(abs(self.mean(value, days)) <= max(_STILL * abs(jump), noise))


def value_issues(workspace: Workspace, profile: Profile, window: Window) -> Iterator[QualityIssue]:
    """Jumps of the last two months of a window, of which `profile` counts the rows."""
    names = [name for name in workspace.measures if workspace.kind_of(name) == "daily"]
    if "daily" not in profile.kinds or not names:
        return
    last = profile.spans["daily"].last
    recent = Window(max(window.first, last - _LATELY - _WEEKS * WEEK), last)
    own = [name for name in profile.dimensions_of("daily") if name != SOURCE and name in workspace.dimensions]
    if not own or len(recent) < _FEW_DAYS:
        return
    cube = workspace.cube(names, recent, own)
    for dimension in own:
        values = cube.values[dimension]
        if len(values) <= 1 + _MOST_VALUES:
            excesses = {name: _excess(cube.daily(name, (dimension,))[1:]) for name in names}
            rows = _excess(_rows(profile, dimension, values[1:], recent))
            for jump in _jumps(excesses, rows, recent):
                yield jump.issue(Segment.of({dimension: values[1 + jump.value]}))


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


def _rows(profile: Profile, dimension: str, values: tuple[str, ...], window: Window) -> Floats:
    """Rows of each value on each day of a window, shape (values, days)."""
    names, rows = profile.rows_by_value("daily", dimension)
    first = profile.spans["daily"].first
    table = np.zeros((len(values), len(window)))
    for name, counts in zip(names, rows, strict=True):
        table[values.index(name)] = counts[window.first - first : window.last - first + 1]
    return table


def _excess(values: Floats) -> _Excess:
    with np.errstate(divide="ignore", invalid="ignore"):
        regular = (values > 0).mean(axis=1, keepdims=True) >= _REGULAR
        logs = np.where((values > 0) & regular, np.log(values), np.nan)
    days = logs.shape[1]
    padded = np.pad(logs, ((0, 0), (_WEEKS * WEEK, _WEEKS * WEEK)), constant_values=np.nan)
    around = [week * WEEK for week in range(2 * _WEEKS + 1) if week != _WEEKS]
    weeks = np.stack([padded[:, start : start + days] for start in around])
    known = np.isfinite(weeks).sum(0) >= _LEAST_WEEKS
    raw = np.full(logs.shape, np.nan)
    raw[known] = logs[known] - np.nanmedian(weeks[:, known], axis=0)
    change = raw - _shared(raw)
    noise = np.full(logs.shape, np.inf)
    enough = np.flatnonzero(np.isfinite(change).sum(1) >= _FEW_DAYS)
    noise[enough] = np.maximum(_spread(change[enough]), _NOISE_LEAST)
    for weekday in range(WEEK):
        same = change[:, weekday::WEEK]
        known = np.flatnonzero(np.isfinite(same).sum(1) >= _LEAST_WEEKS)
        rows = np.intersect1d(enough, known)
        every, own = noise[rows, weekday::WEEK], _spread(same[rows])  # of a dozen days, which tell it roughly
        noise[rows, weekday::WEEK] = np.maximum(every, np.sqrt((every**2 + own**2) / 2))
    return _Excess(raw, change, noise)


def _shared(raw: Floats) -> Floats:
    """What the other values did on each day, their median; 0 where nothing is known of them."""
    shared = np.zeros(raw.shape)
    for value in range(len(raw)):
        others = np.delete(raw, value, axis=0)
        days = np.isfinite(others).any(0)
        shared[value, days] = np.nanmedian(others[:, days], axis=0)
    return shared


def _spread(change: Floats) -> Floats:
    """Robust standard deviation of each row, shape (rows, 1)."""
    return np.asarray(1.4826 * np.nanmedian(np.abs(change), axis=1, keepdims=True))


def _jumps(excesses: Mapping[str, _Excess], rows: _Excess, window: Window) -> Iterator[_Jump]:
    """The jumps of a dimension, each once with all measures that took part in it."""
    reported: set[tuple[int, int]] = set()
    for name, excess in excesses.items():
        runs = list(_runs(excess))
        for value, days in runs:
            factor = _plain(excess, value, days)
            if factor is None or (value, days.start) in reported or not _alone(excess, value, days):
                continue
            if _goes_on(excess, value, days, factor):
                continue
            own = [at for other, at in runs if other == value and _plain(excess, value, at) is None]
            if any(abs(excess.mean(value, at)) > np.log(factor) / 2 for at in own):
                continue  # it has such days by itself: one large order, a flash sale
            jump, others = float(np.log(factor)), [other for other in excesses if other != name]
            same = [other for other in others if _plain(excesses[other], value, days) == factor]
            still = [other for other in others if excesses[other].still(value, days, jump)]
            with_rows = _plain(rows, value, days) == factor and _alone(rows, value, days)
            if _believed(jump, len(others), len(same), len(still), with_rows, days.stop - days.start):
                reported.add((value, days.start))
                yield _Jump(
                    measures=(name, *same), value=value, factor=factor, with_rows=with_rows,
                    days=Window(window.first + days.start, window.first + days.stop - 1),
                )  # fmt: skip


def _goes_on(excess: _Excess, value: int, days: slice, factor: float) -> bool:
    """Whether a day next to a jump is above what is usual, too: the jump lasts longer, with a weaker day in it."""
    beside = [at for at in (days.start - 1, days.stop) if 0 <= at < excess.change.shape[1]]
    above = np.maximum(_NEAR * excess.noise[value, beside], _STILL * np.log(factor))
    with np.errstate(invalid="ignore"):  # nothing is known of some days
        return bool((excess.change[value, beside] > above).any())


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


def _runs(excess: _Excess) -> Iterator[tuple[int, slice]]:
    """Short runs of unusual days, as (value, days)."""
    least = np.maximum(_FAR * excess.noise, np.log(1.6))
    with np.errstate(invalid="ignore"):
        far: Flags = np.abs(excess.change) > least
    edges = np.diff(far, axis=1, prepend=False, append=False)
    for value in np.flatnonzero(far.any(1)).tolist():
        cuts = np.flatnonzero(edges[value]).tolist()
        for start, stop in pairwise(cuts):
            if far[value, start] and stop - start <= _LONGEST:
                yield value, slice(start, stop)


def _plain(excess: _Excess, value: int, days: slice) -> float | None:
    """The plain factor by which a value jumped on all these days, None if it is none."""
    change, noise = excess.change[value, days], float(excess.noise[value, days].max())
    if not np.isfinite(change).all():
        return None
    factor = min(_FACTORS, key=lambda plain: abs(float(change.mean()) - np.log(plain)))
    off, size = np.abs(change - np.log(factor)), float(np.log(factor))
    near = abs(float(change.mean()) - np.log(factor)) <= _NEAR * noise / np.sqrt(len(change)) + _ROUGHLY
    return factor if near and bool((off <= _FAR * noise).all()) and noise <= _NOISE_MOST * size else None


def _alone(excess: _Excess, value: int, days: slice) -> bool:
    """Whether the other values of the dimension are as usual on these days."""
    others = np.delete(excess.raw[:, days].mean(1), value)
    others = others[np.isfinite(others)]
    jump = float(excess.raw[value, days].mean())
    return bool(
        len(others) and (np.abs(others) <= _STILL * jump).mean() > 0.5 and abs(np.median(others)) <= _STILL * jump
    )
