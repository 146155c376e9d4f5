"""Where a change is and since when: the two questions answer one another, so they are asked in turn."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp, isnan

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue import Metric
from core.detection.distributions import Z95
from core.explanation.decompose.metric_moves import Daily, daily, moved
from core.explanation.explain_request import ExplainRequest
from core.explanation.locate.onset import OnsetEstimate, estimate_onset
from core.explanation.locate.segment_choice import Scope, SegmentMove, denominator_of, find, measures_of, mostly_mix
from core.localization.with_history.actual_vs_expected import ActualVsExpected, LeafSums
from core.localization.with_history.segment_lattice import ValueGroup

_FAR_BACK = 28
"""Where nothing is found in the window alone, all days since so many before it are looked at together."""
_UNSURE = 21
"""An onset that may lie anywhere in so many days is none to look from."""
_ENOUGH = 0.95
"""A segment that is surer than this needs no second look."""
_USUALLY = 0.05
"""Odds beforehand that a window which is asked about holds a change; those of a window that is one standard deviation off are
exp(1/2) times as high (the largest likelihood ratio for it)."""
_QUIET = 12.0
"""Nats that a segment must bring beyond its price where the whole is inside its expected range: then something happened in
one question of 20 or fewer, and noise is asked about in all others (of planted segments that hardly move the whole nine in
ten bring more than 20; in calm weeks none did)."""
_EVENT_BEFORE = 4
"""Days before the onset within which an event may name the segment; an onset is known to some days only."""
_SURE_OF_THE_WHOLE = 0.9
"""How sure a change is that only the whole shows: outside its expected range, and by more than its days scattered before."""


@dataclass(frozen=True, kw_only=True)
class Located:
    """Where a change is, since when, and against what."""

    compared: ActualVsExpected
    leaves: LeafSums
    places: tuple[SegmentMove, ...]
    """Best first; the empty segment when it is nowhere in particular."""
    by: Metric
    """The metric that shows it best: the one asked for, one of its drivers, or a denominator."""
    onset: OnsetEstimate
    moved: bool
    """Whether the whole moved by more than chance."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What it can be sliced by."""
        return self.leaves.dimensions

    @property
    def before(self) -> int:
        """The day after the last reference day."""
        return self.compared.baseline.window.last + 1

    @property
    def sure(self) -> float:
        """How sure it is that there is a change, and where."""
        if self.everywhere:
            return _SURE_OF_THE_WHOLE if self.moved else 0.0
        return self.places[0].confidence

    @property
    def everywhere(self) -> bool:
        """Whether it is nowhere in particular."""
        return not self.places[0].where


def locate(asked: ExplainRequest) -> Located:
    """Looks for the change in the window, then, where it did not begin with it, on all its days and against days before it.

    Raises NotEnoughData when a ratio has nothing to divide by.
    """
    found = _look(asked, asked.compare(), None, _searches(asked))
    found = _named_as_events(asked, found if asked.baseline != "expected" else _longer(asked, found))
    return _nothing(asked, found) if found.everywhere and asked.is_expected else found


def _nothing(asked: ExplainRequest, found: Located) -> Located:
    """Nothing to be located: the whole is inside its expected range, and so is every part of it."""
    odds = _USUALLY * exp(min(asked.judged.score**2 / 2, 50.0))
    return replace(found, places=(SegmentMove(Segment(), 1 / (1 + odds)),), moved=False)


def _longer(asked: ExplainRequest, found: Located) -> Located:
    """The change on all days since it began, and against days before it, where that shows it as well or better."""
    if found.everywhere or found.places[0].confidence < _ENOUGH:
        found = max(
            [found, *_since(asked, asked.window.first - _FAR_BACK, asked.metric, coarse=True)],
            key=lambda one: 0.0 if one.everywhere else one.places[0].confidence,
        )
    start = found.onset.day
    if start == asked.window.first or found.everywhere or found.onset.last - found.onset.first > _UNSURE:
        return found
    longer = next(_since(asked, start, found.by), found)
    first, again = found.places[0], longer.places[0]
    return found if _holds(first.where, again.where) or first.confidence > again.confidence else longer


def _named_as_events(asked: ExplainRequest, found: Located) -> Located:
    """The same, with the scope of an event near the onset for a segment of the very same rows.

    A seller that is alone in its market and category is told from these by nothing but what happened: the change log knows.
    """
    near = asked.workspace.events(found.onset.first - _EVENT_BEFORE, found.onset.last + 1)
    scopes = [event.where for event in near if event.where and set(event.where.dimensions) <= set(found.dimensions)]

    def renamed(place: SegmentMove) -> SegmentMove:
        same = next((scope for scope in scopes if place.where and found.leaves.same(scope, place.where)), place.where)
        return replace(place, where=same)

    return replace(found, places=tuple(map(renamed, found.places)))


def _holds(one: Segment, other: Segment) -> bool:
    """Whether a segment is another one, or names its values and more: it is seen in the window as well as over all days."""
    values = dict(other.terms)
    return one.dimensions == other.dimensions and all(set(held) >= set(values[name]) for name, held in one.terms)


def _since(asked: ExplainRequest, start: int, by: Metric, coarse: bool = False) -> Iterator[Located]:
    """What is found on all days since a change began; nothing where too few days lie before it.

    `coarse`: sums only over dimensions with few values, for in so many days creators, sellers and products come and go.
    """
    before = start if start < asked.window.first else None
    try:
        yield _look(asked, asked.compare(before), asked.compare_since(start), _again(asked.metric, by), coarse)
    except NotEnoughData:
        return


def _look(
    asked: ExplainRequest,
    compared: ActualVsExpected,
    longer: ActualVsExpected | None,
    searches: tuple[Metric, ...],
    coarse: bool = False,
) -> Located:
    metric = asked.metric
    _check(metric, compared, asked.window)
    measures = measures_of(metric)
    leaves = compared.leaves(measures, compared.slices(measures))
    everything = daily(compared)
    groups = (ValueGroup("agency_id", "creator_id", asked.workspace.agencies),)
    error = _error(metric, everything)
    scope = Scope(
        metric=metric,
        searches=searches,
        groups=() if coarse else groups,
        error=error,
        coarse=coarse,
        price=_QUIET if asked.is_expected else 0.0,
    )
    places, by = find(scope, longer or compared, leaves, compared)
    top = places[0].where
    volume = denominator_of(by)
    if volume is not None and top and by.key == metric.key and mostly_mix(by, leaves, top):
        by = volume
    inside = daily(compared.where(top)) if top else everything
    start = estimate_onset(by, inside, everything.minus(inside) if top else None)
    actual, expected = compared.value(metric)
    return Located(
        compared=compared, leaves=leaves, places=places, by=by, onset=start, moved=abs(actual - expected) > Z95 * error
    )


def _searches(asked: ExplainRequest) -> tuple[Metric, ...]:
    """The metric; where it is a product, its factors and what its last one is counted over; where it is a ratio, its
    denominator, whose shifts change it too."""
    metric = asked.metric
    leaves = asked.workspace.catalogue.leaves(metric.key, asked.workspace.measures)
    if len(leaves) > 1:
        counted = denominator_of(leaves[-1])
        return (metric, *leaves, *((counted,) if counted is not None else ()))
    return _again(metric, metric)


def _again(metric: Metric, by: Metric) -> tuple[Metric, ...]:
    volume = denominator_of(metric)
    held = {one.key: one for one in (metric, by, volume) if one is not None}
    return tuple(held.values())


def _error(metric: Metric, everything: Daily) -> float:
    """Standard error of what is expected of the whole."""
    whole = moved([metric], everything, None).get(metric.key)
    return 0.0 if whole is None else whole.relative_error * abs(whole.expected)


def _check(metric: Metric, compared: ActualVsExpected, window: Window) -> None:
    for value, days in zip(compared.value(metric), (window, compared.baseline.window), strict=True):
        if isnan(value):
            raise NotEnoughData(
                f"{metric.key} has no {metric.denominator} in {days}. Choose other days, or a wider segment."
            )
