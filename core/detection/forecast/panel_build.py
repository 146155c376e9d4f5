"""From a cube to the panel of series that the detector reads: each metric, in total and in each slice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Codes, Flags, Floats, Ints
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metrics import Metric
from core.cube.cube import Cube, MeasureRows
from core.detection.forecast.panel import CLOSED, IGNORED, LIFTED, ORDINARY, Panel
from core.detection.forecast.state_space import WEEK
from core.detection.forecast.unlogged_campaigns import with_unlogged_campaigns
from core.workspace.read.event_log import Event

_LIFTING, _SILENT = frozenset({"campaign"}), frozenset({"holiday"})
_TOUCHED = 0.3
"""A campaign elsewhere changes what is normal for a series when it covers at least this share of it."""
_RESTS = 0.05
"""A weekday on which something came in at most this share of its weeks is a day of rest ..."""
_REST_WEEKS = 3
"""... once there were so many weeks ..."""
_BY_CHANCE = 0.001
"""... and that so many of them had nothing would be this rare, were it a weekday like the others."""
_SHORTEST_PERIOD, _UNEVEN = 6, 1.5
"""Days between reports from which on those between them are closed, and how much longer the longest gap may be: months differ by
a tenth, the days between single events that come by chance by far more."""
_CEILINGS = {"ratio": 1.0, "stars": 5.0}
"""Unit -> the largest value of a metric."""
_MOST_KNOWN = 0.5
"""An event that is on for more than this share of the days is how things are."""


@dataclass(frozen=True)
class SliceSums:
    """Sums of base measures by day, for some segments."""

    where: tuple[Segment, ...]
    sums: dict[str, Floats]
    """base measure -> shape (segments, days)."""

    def keep(self, rows: Flags) -> "SliceSums":
        """Some of the segments."""
        where = tuple(segment for segment, is_chosen in zip(self.where, rows, strict=True) if is_chosen)
        return SliceSums(where, {name: values[rows] for name, values in self.sums.items()})

    def delayed(self, days: int) -> "SliceSums":
        """The same, each day seen so many days later."""
        if not days:
            return self
        late = {name: np.zeros_like(values) for name, values in self.sums.items()}
        for name, values in self.sums.items():
            late[name][:, days:] = values[:, :-days]
        return SliceSums(self.where, late)


class Slicer:
    """Sums of base measures of a cube by day and slice, for one choice of dimensions after another."""

    def __init__(self, cube: Cube, measures: Iterable[str], inside: Segment = EVERYTHING) -> None:
        """`inside`: the segment that all of the cube lies in."""
        self._cube, self._inside, self._names = cube, inside, tuple(measures)
        self._rows = [
            MeasureRows(part.measures, [name for name in self._names if name in part.measures]) for part in cube.parts
        ]

    def by(self, dimensions: Sequence[str], most: int | None = None, least: float = 0.0) -> SliceSums:
        """Those of each combination of values that is given, the `most` largest ones, each at least that share of the whole."""
        cube, days = self._cube, len(self._cube.window)
        if not dimensions:
            return slice_sums(cube, self._names, self._inside)
        codes, places = cube.combinations(cube.parts, dimensions)
        chosen = self._largest(codes, places, most, least)
        row_of = np.full(len(codes), len(chosen))
        row_of[chosen] = np.arange(len(chosen))
        sums = {name: np.zeros((len(chosen) + 1) * days) for name in self._names}
        for part, rows, codes_of_rows in zip(cube.parts, self._rows, places, strict=True):
            cell = row_of[codes_of_rows] * days + (part.days - cube.window.first)
            for name, values in rows.sums(cell, (len(chosen) + 1) * days).items():
                sums[name] += values
        where = tuple(self._segment(dimensions, row) for row in codes[chosen].tolist())
        by_name = {name: (values / cube.scales.get(name, 1)).reshape(-1, days)[:-1] for name, values in sums.items()}
        return SliceSums(where, by_name)

    def _segment(self, dimensions: Sequence[str], codes: Sequence[int]) -> Segment:
        terms = {name: self._cube.values[name][code] for name, code in zip(dimensions, codes, strict=True)}
        return self._inside.narrowed(Segment.of(terms))

    def _largest(self, codes: Codes, places: Sequence[Ints], most: int | None, least: float) -> Ints:
        """The combinations (rows of `codes`) that are largest by the first measure of each source."""
        parts = list(zip(self._cube.parts, places, strict=True))
        leading = dict.fromkeys(next(iter(part.measures)) for part, _ in parts)
        complete = np.flatnonzero((codes > 0).all(1))
        size = np.zeros(len(complete))
        for name in leading:
            counted = [(codes_of_rows, part.measures[name]) for part, codes_of_rows in parts if name in part.measures]
            values = sum((np.bincount(*rows, len(codes)) for rows in counted), np.zeros(len(codes)))
            size += values[complete] / max(values.sum(), 1e-12) / len(leading)
        order = np.argsort(-size, kind="stable")[:most]
        return np.asarray(complete[np.sort(order[size[order] >= least])])


def slice_sums(cube: Cube, measures: Iterable[str], inside: Segment = EVERYTHING) -> SliceSums:
    """Sums by day of everything in a cube, all of which lies `inside` a segment."""
    return SliceSums((inside,), {name: cube.daily(name)[None] for name in measures})


def numerators(metric: Metric, slices: SliceSums) -> tuple[Floats, Floats | None]:
    """The metric's numerator (scaled) and denominator by segment and day."""
    numerator = np.asarray(metric.scale * metric.numerator.of(slices.sums))
    return numerator, None if metric.denominator is None else np.asarray(metric.denominator.of(slices.sums))


def ceiling_of(metric: Metric, slices: SliceSums) -> float:
    """The most that one of its denominator can add to a metric that lies nearer to it than to nothing: 1 of a share of those for
    whom something went well, most of them (payment_rate), 5 of stars; 0 of others.

    Then what is missing to it is counted in the numerator's place: those for whom it went badly have the law of counts, those
    for whom it went well have not, and five bad reviews of eight are more probable than sums of stars would have them.
    """
    numerator, denominator = numerators(metric, slices)
    if denominator is None or metric.scale != 1 or metric.unit not in _CEILINGS:
        return 0.0
    ceiling = _CEILINGS[metric.unit]
    most = ceiling * denominator
    return ceiling if (numerator <= most).all() and numerator.sum() > most.sum() / 2 else 0.0


def panel(parts: Sequence[tuple[Metric, SliceSums, float]], first: int, known: np.ndarray, judged: int) -> Panel:
    """All series side by side, metric after metric; `known` as in Panel, `judged`: the first day that is held against its past.

    Of a metric with a ceiling, what is missing to it is counted in place of the numerator.
    """
    counted, exposures, group = [], [], []
    for index, (metric, slices, ceiling) in enumerate(parts):
        values, exposure = numerators(metric, slices)
        counted.append(ceiling * exposure - values if ceiling and exposure is not None else values)
        exposures.append(np.full_like(values, np.nan) if exposure is None else exposure)
        group.append(np.full(len(values), index))
    which = np.concatenate(group)
    values, exposure = np.maximum(np.concatenate(counted), 0.0), np.concatenate(exposures)
    is_active = np.where(np.isnan(exposure), values, exposure) > 0
    resting = rest_days(is_active)
    worse = np.array([metric.watched_sign * (-1.0 if ceiling else 1.0) for metric, _, ceiling in parts])
    counts = np.array([metric.unit == "count" and metric.adds_events and not metric.is_ratio for metric, _, _ in parts])
    event = np.array([_event_size(metric) for metric, _, _ in parts])
    trial = np.array([float(metric.is_ratio and metric.per_event) for metric, _, _ in parts])
    series = Panel(
        first=first,
        values=values,
        exposure=None if np.isnan(exposure).all() else exposure,
        worse=worse[which],
        counts=counts[which],
        event=event[which],
        trial=trial[which],
        group=which,
        known=np.where(resting, np.where(is_active, IGNORED, CLOSED), known).astype(np.int8),
    )
    return with_unlogged_campaigns(series, judged)


def rest_days(is_active: Flags) -> Flags:
    """Days of those weekdays on which a series hardly ever `is_active`, while it regularly is on the others.

    Shape (series, days), as that of the result. A shop that is closed on Sundays has six days a week to be judged by, and a
    weekly report has one: a weekday of nothing is no effect on a scale of logarithms, and whoever takes it for one learns noise.
    """
    weekday = np.arange(is_active.shape[1]) % WEEK
    of_weekday = np.eye(WEEK)[weekday]
    days, weeks = is_active @ of_weekday, np.logical_or.accumulate(is_active, 1) @ of_weekday
    resting = (weeks >= _REST_WEEKS) & (days <= _RESTS * weeks)
    others = (days * ~resting).sum(1) / np.maximum((weeks * ~resting).sum(1), 1.0)
    regular = (1 - others[:, None]) ** weeks <= _BY_CHANCE
    return np.asarray((resting & regular)[:, weekday] | (_is_periodic(is_active)[:, None] & ~is_active))


def _is_periodic(is_active: Flags) -> Flags:
    """Which series have a value once a week, a month or the like, shape (series,)."""
    rows, days = np.nonzero(is_active)
    is_same = rows[1:] == rows[:-1]
    of, gaps = rows[1:][is_same], np.diff(days)[is_same]
    shortest, longest = np.full(len(is_active), is_active.shape[1]), np.zeros(len(is_active), np.int64)
    np.minimum.at(shortest, of, gaps)
    np.maximum.at(longest, of, gaps)
    return np.asarray(
        (np.bincount(of, minlength=len(is_active)) >= _REST_WEEKS)
        & (shortest >= _SHORTEST_PERIOD)
        & (longest <= _UNEVEN * shortest)
    )


def _event_size(metric: Metric) -> float:
    """What one event adds to a metric's scaled numerator; 0 when that adds up amounts."""
    return metric.scale if metric.counts_events else 0.0


def known_days(events: Sequence[Event], cube: Cube, where: Sequence[Segment]) -> np.ndarray:
    """What is known beforehand of each segment's days: ORDINARY, LIFTED by a campaign, or IGNORED on a holiday.

    Shape (segments, days of the cube's window). An event counts for the segments inside its scope, and for those of which
    its scope is a good part.
    """
    window = cube.window
    states = np.full((len(where), len(window)), ORDINARY, np.int8)
    for event in events:
        state = LIFTED if event.kind in _LIFTING else IGNORED if event.kind in _SILENT else ORDINARY
        first, last = max(event.window.first, window.first), min(event.window.last, window.last)
        if state == ORDINARY or last < first or last - first + 1 > _MOST_KNOWN * len(window):
            continue
        large = _share(cube, event.where) >= _TOUCHED
        touched = [event.where.covers(segment) or (large and event.where.meets(segment)) for segment in where]
        states[np.array(touched, bool), first - window.first : last - window.first + 1] = state
    return states


def _share(cube: Cube, scope: Segment) -> float:
    """The share of a scope in the first measure that is held; 0 when the cube does not know its dimensions."""
    parts = [part for part in cube.parts if len(part.days)]
    if not parts or any(name not in cube.values for name in scope.dimensions):
        return 0.0
    measure = next(iter(parts[0].measures))
    total = cube.total(measure)
    return cube.where(scope).total(measure) / total if total else 0.0
