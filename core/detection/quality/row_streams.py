"""Rows by day of everything that comes in together: a kind, or those measures of `daily` that are given on the same days."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.days import Window
from core.detection.forecast.state_space import WEEK
from core.workspace.read.profile.row_profile import Profile
from core.workspace.read.workspace import Workspace

SNAPSHOTS = frozenset({"traffic", "daily"})
"""Kinds whose rows are slices of days: how many there are says nothing of how much happened, and a day without any is one
that was not exported."""
FAR = 366
"""Days without any row that part a stray date from the data."""
_STRAY_DAYS, _STRAY_SHARE = 3, 0.05
"""At most so many days, and this share of all days with rows, can be stray."""
_RESTS = 0.05
"""A weekday with rows in at most this share of its weeks is a day of rest."""
_REGULAR = 0.7
"""Share of the days, days of rest left out, on which a snapshot must have rows for a day without any to be a gap."""
_AROUND, _FEW_EVENTS, _CHANCE = 14, 5.0, 0.05
"""Days before and after a run of empty ones, and events a day below which, and a chance above which, these may just be none."""
_WEEKS = 3
"""Weeks that tell which weekday is one of rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStream:
    """Rows by day, from the first day with any to the last."""

    kind: str
    measures: frozenset[str]
    """Of `daily`: the measures that come in on these days; else empty, which stands for all of the kind."""
    first: int
    rows: Floats
    """shape (days,)."""
    stray: tuple[int, ...] = ()
    """Days so far from all others that their dates cannot be right; they are not among `rows`."""

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        few = sorted(self.measures)
        return self.kind if not few or len(few) > 3 else ", ".join(few)

    @property
    def last(self) -> int:
        """Its last day."""
        return self.first + len(self.rows) - 1

    @property
    def rests(self) -> Flags:
        """Which weekdays (day number modulo 7) are days of rest, shape (7,)."""
        weekday = (self.first + np.arange(len(self.rows))) % WEEK
        weeks = np.bincount(weekday, minlength=WEEK)
        active = np.bincount(weekday, self.rows > 0, minlength=WEEK)
        return np.asarray((weeks >= _WEEKS) & (active <= _RESTS * weeks))

    def working_days(self, window: Window) -> int:
        """Days of a window that are no days of rest."""
        return int((~self.rests[np.arange(window.first, window.last + 1) % WEEK]).sum())

    def gaps(self, window: Window) -> Flags:
        """Days of a window that say nothing, shape (days,).

        These are days of rest, of snapshots all others without rows, and of events those that more than chance left empty
        between others.
        """
        days = np.arange(window.first, window.last + 1)
        resting, inside = self.rests[days % WEEK], (days >= self.first) & (days <= self.last)
        rows = np.zeros(len(days))
        rows[inside] = self.rows[days[inside] - self.first]
        own = self.rests[(self.first + np.arange(len(self.rows))) % WEEK]
        regular = (self.rows > 0).sum() >= _REGULAR * max((~own).sum(), 1)
        missing = resting | bool(self.kind in SNAPSHOTS and regular) & (days >= self.first)
        if self.kind not in SNAPSHOTS:
            missing[inside] |= self._lost(own)[days[inside] - self.first]
        return np.asarray(missing & (rows == 0))

    def _lost(self, resting: Flags) -> Flags:
        """Runs of days without events, days of rest among them, that came by chance less than once in twenty such streams, by
        the days before and after; shape (days,)."""
        lost = np.zeros(len(self.rows), bool)
        edges = np.flatnonzero(np.diff(self.rows == 0))  # the first and the last day have rows
        for start, stop in zip((edges[::2] + 1).tolist(), (edges[1::2] + 1).tolist(), strict=True):
            around = slice(max(0, start - _AROUND), start), slice(stop, stop + _AROUND)
            usual = min(float(np.median(self.rows[days][~resting[days]])) for days in around)
            working = int((~resting[start:stop]).sum())
            is_chance = len(lost) * np.exp(-usual * working) > _CHANCE
            lost[start:stop] = usual >= _FEW_EVENTS and not is_chance
        return lost


def row_streams(profile: Profile) -> tuple[RowStream, ...]:
    """The streams of all kinds with rows in the profile's window."""
    streams = []
    for kind in profile.kinds:
        rows = profile.rows_by_day(kind).astype(np.float64)
        for measures, part in _parts(profile, kind, rows):
            days = np.flatnonzero(part > 0)
            if len(days):
                days, stray = _without_stray(days)
                first = profile.spans[kind].first
                streams.append(
                    RowStream(
                        kind=kind, measures=measures, first=first + int(days[0]), rows=part[days[0] : days[-1] + 1],
                        stray=tuple(first + int(day) for day in stray),
                    )
                )  # fmt: skip
    return tuple(streams)


def _parts(profile: Profile, kind: str, rows: Floats) -> Iterable[tuple[frozenset[str], Floats]]:
    """Rows by day of a kind; of `daily`, of each group of measures that are given on the same days."""
    if kind != "daily":
        return [(frozenset(), rows)]
    dimensions = profile.dimensions_of(kind)
    groups: dict[bytes, tuple[set[str], Floats]] = {}
    for name, share in profile.given_by_day(kind).items():
        if name not in dimensions:
            filled = np.round(np.nan_to_num(share) * rows)
            groups.setdefault((filled > 0).tobytes(), (set(), filled))[0].add(name)
    return [(frozenset(names), filled) for names, filled in groups.values()]


def _without_stray(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days with rows, ascending, and those far away from them."""
    most = min(_STRAY_DAYS, int(_STRAY_SHARE * len(days)))
    cuts = np.flatnonzero(np.diff(days) > FAR) + 1
    start = max((int(cut) for cut in cuts if cut <= most), default=0)
    stop = min((int(cut) for cut in cuts if len(days) - cut <= most), default=len(days))
    return days[start:stop], np.concatenate([days[:start], days[stop:]])


def gap_days(workspace: Workspace, streams: Iterable[RowStream], measures: Iterable[str], window: Window) -> Flags:
    """Days of a window of which nothing can be said of some base measures, as no rows of one of them came, shape (days,).

    A measure of two sources, such as clicks of traffic and of one row of daily totals, has no rows where neither has any.
    """
    names, silent = frozenset(measures), np.zeros(len(window), bool)
    kinds = {name: workspace.kind_of(name) for name in names}
    closed: dict[str, Flags] = {}
    for stream in streams:
        counted = stream.measures & names or {
            name for name in names if not stream.measures and kinds[name] == stream.kind
        }
        if counted:
            gaps = stream.gaps(window)
            closed |= {name: closed.get(name, gaps) & gaps for name in counted}
    for gaps in closed.values():
        silent |= gaps
    return silent
