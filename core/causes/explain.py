"""Why a metric changed: puts everything together that the other files of this room find out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isnan

from core import settings
from core.catalogue import Metric
from core.causes import events, signatures
from core.causes.ask import Question
from core.causes.compared import Compared, Leaves
from core.causes.diagnose import Diagnosis, Known, diagnose, volume_of
from core.causes.drivers import drivers
from core.causes.evidence import Daily, daily, moved
from core.causes.facts import FACTS
from core.causes.history import Group
from core.causes.mix import mix_of_ratio, mix_of_sum, simpson
from core.causes.onset import Began, began
from core.causes.queries import queries
from core.causes.segments import Place, Scope, denominator_of, find, measures_of, mostly_mix, shares
from core.days import Window
from core.errors import NotEnoughData
from core.findings import Driver, EventMatch, Explanation, MixRate
from core.segment import EVERYTHING, Segment
from core.workspace.events import Event
from core.workspace.facts import Clock
from core.workspace.workspace import Workspace

_LAST_DAYS = 7
"""Length of the window when none is asked for and no drop is on."""
_Z95 = 1.96
_EVENT_DAYS = 28
"""How long before the onset an event may lie to be looked at."""


@dataclass(frozen=True)
class _Located:
    """Where a change is, since when, and against what."""

    compared: Compared
    leaves: Leaves
    places: tuple[Place, ...]
    began: Began

    @property
    def before(self) -> int:
        """The day after the last reference day."""
        return self.compared.baseline.window.last + 1


def explain(
    workspace: Workspace,
    metric: str,
    *,
    window: Window | None = None,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    clock: Clock = "order",
) -> Explanation:
    """Why `metric` changed in `window` (default: the last week), compared with `baseline`, in a segment.

    `baseline` is "expected" (what the past leads one to expect), "previous" (as many days before) or a window "A..B".
    Raises UsageError for what does not exist, NotEnoughData when there is nothing to compare.
    """
    days = window or workspace.window(workspace.span.last - _LAST_DAYS + 1, None)
    workspace.window(days.first, days.last)
    asked = Question(workspace, workspace.metric(metric), days, baseline, where, clock)
    located = _located(asked)
    return _told(asked, located)


def worse(metric: Metric) -> int:
    """-1 where falling is worse, +1 where rising is, 0 for neutral metrics."""
    return {"up": -1, "down": 1, "neutral": 0}[metric.good]


def _located(asked: Question) -> _Located:
    """Looks for the change twice where it did not begin with the window: no reference day may lie inside it, and all its
    days tell where it is."""
    found = _look(asked, asked.compare(), None)
    start = found.began.day
    if asked.baseline != "expected" or start == asked.window.first:
        return found
    before = start if start < asked.window.first else None
    return _look(asked, asked.compare(before), asked.compare_since(start))


def _look(asked: Question, compared: Compared, longer: Compared | None) -> _Located:
    metric = asked.metric
    _check(metric, compared, asked.window)
    measures = measures_of(metric)
    leaves = compared.leaves(measures, compared.slices(measures))
    everything = daily(compared)
    places = find(_scope(asked, everything), longer or compared, leaves, compared)
    top = places[0].where
    inside = daily(compared.where(top)) if top else everything
    line = _onset_line(metric, leaves, top)
    return _Located(compared, leaves, places, began(line, inside, everything.minus(inside) if top else None))


def _scope(asked: Question, everything: Daily) -> Scope:
    catalogue, metric = asked.workspace.catalogue, asked.metric
    leaves = catalogue.leaves(metric.key, asked.workspace.measures)
    finer = leaves if len(leaves) > 1 else ()
    groups = (Group("agency_id", "creator_id", asked.workspace.agencies),)
    whole = moved([metric], everything, None).get(metric.key)
    return Scope(metric, finer, groups, whole is None or abs(whole.beyond) > _Z95 * whole.error)


def _onset_line(metric: Metric, leaves: Leaves, where: Segment) -> Metric:
    """The line that shows since when: the metric, or its denominator where the segment changed in weight, not inside."""
    volume = denominator_of(metric)
    if volume is None or not where:
        return metric
    return volume if mostly_mix(metric, leaves, where) else metric


def _check(metric: Metric, compared: Compared, window: Window) -> None:
    """Raises NotEnoughData when a ratio has nothing to divide by."""
    for value, days in zip(compared.value(metric), (window, compared.baseline.window), strict=True):
        if isnan(value):
            raise NotEnoughData(
                f"{metric.key} has no {metric.denominator} in {days}. Choose other days, or a wider segment."
            )


def _told(asked: Question, found: _Located) -> Explanation:
    metric, compared = asked.metric, found.compared
    actual, expected = compared.value(metric)
    change = actual - expected
    parts = drivers(asked.workspace.catalogue, metric.key, *compared.sums)
    mix, notes = _mixes(metric, compared, parts)
    interval = _interval(metric, expected, daily(compared))
    fitting = _events(asked, found)
    named = _diagnosed(asked, found, parts, mix, fitting)
    segments = shares(metric, found.leaves, found.places, change)
    outside = not interval[0] <= actual <= interval[1]
    return Explanation(
        metric=metric.key,
        unit=metric.unit,
        where=asked.where,
        window=asked.window,
        baseline=compared.baseline,
        actual=actual,
        expected=expected,
        change=change,
        change_pct=change / abs(expected) if expected else None,
        interval=interval,
        is_drop=outside and change * worse(metric) > 0,
        onset=found.began.onset,
        data_quality=(),
        drivers=parts,
        mix=mix,
        segments=segments,
        events=tuple(match for _, match in fitting),
        causes=named.causes,
        ruled_out=named.ruled_out,
        queries=queries(asked, compared.reference, parts, segments),
        notes=(*notes, *_clock_notes(asked), *named.notes),
    )


def _interval(metric: Metric, expected: float, held: Daily) -> tuple[float, float]:
    """Where an ordinary window would have been, with 95 %."""
    change = moved([metric], held, None).get(metric.key)
    if change is None or expected <= 0:
        return expected, expected
    half = _Z95 * change.relative_error
    return expected * exp(-half), expected * exp(half)


def _mixes(metric: Metric, compared: Compared, parts: Sequence[Driver]) -> tuple[tuple[MixRate, ...], list[str]]:
    """Mix and rate over every dimension that the metric can be sliced by, and reversals in words."""
    found = tuple(_mix(metric, compared, name, parts) for name in compared.slices(measures_of(metric)))
    reversals = [simpson(one, worse(metric)) for one in found if worse(metric)]
    return found, [text for text in reversals if text]


def _mix(metric: Metric, compared: Compared, dimension: str, parts: Sequence[Driver]) -> MixRate:
    held = {name: compared.by(name, dimension) for name in metric.measures()}
    sides = [{name: pair[side] for name, pair in held.items()} for side in (0, 1)]
    over = metric.scale * metric.numerator.of(sides[0]), metric.scale * metric.numerator.of(sides[1])
    names = compared.both.values[dimension]
    if metric.denominator is not None:
        under = metric.denominator.of(sides[0]), metric.denominator.of(sides[1])
        return mix_of_ratio(dimension, names, over, under)
    volume = parts[0].metric
    told = len(parts) > 1 and dimension in compared.slices([*metric.measures(), volume])
    return mix_of_sum(dimension, names, over, compared.by(volume, dimension) if told else None)


def _events(asked: Question, found: _Located) -> tuple[tuple[Event, EventMatch], ...]:
    """Events near the onset, scored by time and scope."""
    near = asked.workspace.events(found.began.first - _EVENT_DAYS, asked.window.last)
    places = [one.where for one in found.places]
    return events.match(near, found.began, places, found.leaves, measures_of(asked.metric)[-1])


def _diagnosed(
    asked: Question,
    found: _Located,
    parts: Sequence[Driver],
    mix: Sequence[MixRate],
    fitting: Sequence[tuple[Event, EventMatch]],
) -> Diagnosis:
    catalogue = asked.workspace.catalogue
    known = signatures.load(catalogue, FACTS, settings.find(asked.workspace.path))
    if volume_of(catalogue, asked.workspace.measures) is None:
        return Diagnosis(notes=("causes are not looked for: there are neither impressions nor orders to judge by",))
    late = asked.compare_late(found.before)
    place = found.places[0].where
    newest = asked.workspace.span.last
    return diagnose(catalogue, known, late, Known(asked.metric, place, parts, mix, found.began, newest, fitting))


def _clock_notes(asked: Question) -> list[str]:
    age = asked.known_at
    if age is None:
        return []
    ripe = f"{asked.metric.key} ripens for {asked.metric.mature_after_days} days"
    return [f"{ripe}: every day is counted as it was known {age} days later"]
