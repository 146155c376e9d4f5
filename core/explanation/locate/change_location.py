"""Where a change is and since when: the two questions answer one another, so they are asked in turn."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import exp

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.distributions import Z95
from core.explanation.decompose.denominator import require_denominator
from core.explanation.decompose.metric_moves import daily, moved
from core.explanation.explain_request import ExplainRequest
from core.explanation.locate.new_values import in_new_values
from core.explanation.locate.onset import OnsetEstimate, onset_inside
from core.explanation.locate.part_verdict import chance_of_part, is_drop_by_itself
from core.explanation.locate.replaced_values import is_replaced
from core.explanation.locate.segment_choice import Scope, find, joined
from core.explanation.locate.segment_part import SegmentMove, denominator_of, measures_of, mostly_mix
from core.localization.with_history.actual_vs_expected import ActualVsExpected, LeafSums
from core.localization.with_history.segment_lattice import ValueGroup
from core.workspace.read.workspace import Workspace

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
_BY_CHANCE, _CLEARLY_BY_CHANCE = 0.05, 0.01
"""... and by its own days chance alone shows some such segment in at most one question of 20. Where that is one of 100, days that
follow one another tell more than weeks of dimensions that stray: then it need bring no more than its price."""
_EVENT_BEFORE = 4
"""Days before the onset within which an event may name the segment; an onset is known to some days only."""
_NAMED = 3.0
"""Nats for one of two segments that describe a change nearly as well, where an event near the onset is about just that one."""
_MOST_OF_IT = 0.7
"""Share of what changed in new values that a segment must hold for it to be in that segment alone."""
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
    is_shift: bool
    """Whether the places change a ratio by their weight, so that none of them need have fallen."""

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


def locate(request: ExplainRequest) -> Located:
    """Looks for the change in the window, then, where it did not begin with it, on all its days and against days before it.

    Rates of new values, which have no past, are compared with those of the others. Raises what `require_denominator` raises.
    """
    return _in_new_values(request, _among_values_with_a_past(request))


def _in_new_values(request: ExplainRequest, located: Located) -> Located:
    """The change in the new values of a dimension, where a rate changed in them alone; else as it is located.

    Where these explain all of it, segments of other dimensions are no places by themselves: the new values are in all of them.
    """
    rates = [searched for searched in _searches(request) if searched.is_ratio]
    if located.everywhere and not located.moved:
        return located
    first, *others = located.places
    moves = SegmentMove(Segment(), 1.0), first if first.where else SegmentMove(Segment(), 1.0)
    of_all, of_first = (in_new_values(located.compared, rates, request.metric, move) for move in moves)
    if of_first is not None and (of_all is None or of_first.lost >= _MOST_OF_IT * of_all.lost):
        places = (of_first.move, *others)
    elif of_all is not None:
        places = (of_all.move,)
    else:
        return located
    names = dict.fromkeys((*located.dimensions, *places[0].where.dimensions))
    leaves = located.compared.leaves(tuple(located.leaves.sums), tuple(names))
    return replace(located, leaves=leaves, places=places, is_shift=False)


def _among_values_with_a_past(request: ExplainRequest) -> Located:
    """The change in what was there before."""
    compared = request.compare()
    found = _in_window_or_since(request, compared, 0.0)
    if not request.judged.is_within_range:
        return found
    clear = _proven(request, found, _CLEARLY_BY_CHANCE)
    if clear.places:
        return clear
    costly = found if found.everywhere else _in_window_or_since(request, compared, _QUIET)
    costly = costly if costly.is_shift else _proven(request, costly, _BY_CHANCE)
    return costly if costly.places else _nothing(request, costly)


def segments_changed(workspace: Workspace, metric: Metric, window: Window, where: Segment) -> tuple[SegmentMove, ...]:
    """The segments that a metric changed in, versus what is expected, best first; many drops of one scan ask the same.

    Raises what `locate` raises.
    """

    def places() -> tuple[SegmentMove, ...]:
        return locate(ExplainRequest(workspace=workspace, metric=metric, window=window, where=where)).places

    return workspace.kept(("segments of a change", metric.key, window, where), tuple[SegmentMove, ...], places)


def _in_window_or_since(request: ExplainRequest, compared: ActualVsExpected, price: float) -> Located:
    """What the window shows, or all days since the change began."""
    located = _look(request, compared, None, _searches(request), price=price)
    return _named_as_events(request, located if request.baseline != "expected" else _longer(request, located, price))


def _proven(request: ExplainRequest, located: Located, chance: float) -> Located:
    """With those places alone that dropped by their own days as well: where the whole is as usual, a search proves none.

    What a new value took over is no drop of the whole, and a denominator that fell is none of the ratio.
    """
    by = request.metric if located.is_shift else located.by

    def is_proven(where: Segment) -> bool:
        if not where or chance_of_part(request, where, by) > chance:
            return False
        return not is_replaced(request.workspace, request.metric, request.window, request.where.narrowed(where))

    sure = tuple(move for move in located.places if is_proven(move.where))
    return replace(located, places=sure, is_shift=False)


def _nothing(request: ExplainRequest, located: Located) -> Located:
    """Nothing to be located: the whole is inside its expected range, and so is every part of it."""
    odds = _USUALLY * exp(min(request.judged.score**2 / 2, 50.0))
    return replace(located, places=(SegmentMove(Segment(), 1 / (1 + odds)),), moved=False, is_shift=False)


def _longer(request: ExplainRequest, located: Located, price: float) -> Located:
    """The change on all days since it began, and against days before it, where that shows it as well or better."""
    if located.everywhere or located.places[0].of_either < _ENOUGH:
        located = max(
            [located, *_since(request, request.window.first - _FAR_BACK, request.metric, price, coarse=True)],
            key=lambda option: 0.0 if option.everywhere else option.places[0].of_either,
        )
    start = located.onset.day
    if start == request.window.first or located.everywhere or located.onset.last - located.onset.first > _UNSURE:
        return located
    longer = next(_since(request, start, located.by, price), located)
    first, again = located.places[0], longer.places[0]
    return located if _holds(first.where, again.where) or first.of_either > again.of_either else longer


def _named_as_events(request: ExplainRequest, located: Located) -> Located:
    """The same, with the scope of an event near the onset for a segment of the very same rows.

    A seller that is alone in its market and category has the same rows as these: only the change log tells which is meant.
    So it does of a segment and its rival, which it makes the surer or the less sure.
    """
    near = request.workspace.events(located.onset.first - _EVENT_BEFORE, located.onset.last + 1)
    scopes = [event.where for event in near if event.where and set(event.where.dimensions) <= set(located.dimensions)]

    def renamed(move: SegmentMove) -> SegmentMove:
        is_named, is_rival_named = (bool(where) and where in scopes for where in (move.where, move.rival))
        if move.rival and is_named != is_rival_named:
            where, rival = (move.where, move.rival) if is_named else (move.rival, move.where)
            own, other = (move.share, 1 - move.share) if is_named else (1 - move.share, move.share)
            share = own * exp(_NAMED) / (own * exp(_NAMED) + other)
            return SegmentMove(where, share * move.of_either, rival, share)
        same = next((scope for scope in scopes if move.where and located.leaves.same(scope, move.where)), move.where)
        return replace(move, where=same)

    return replace(located, places=tuple(map(renamed, located.places)))


def _holds(segment: Segment, other: Segment) -> bool:
    """Whether a segment is another one, or names its values and more: it is seen in the window as well as over all days."""
    values = dict(other.terms)
    return segment.dimensions == other.dimensions and all(
        set(named) >= set(values[name]) for name, named in segment.terms
    )


def _since(request: ExplainRequest, start: int, by: Metric, price: float, coarse: bool = False) -> Iterator[Located]:
    """What is found on all days since a change began; nothing where too few days lie before it.

    `coarse`: sums only over dimensions with few values, for in so many days creators, sellers and products come and go.
    """
    try:
        compared = request.compare(min(start, request.window.first))
        yield _look(request, compared, request.compare_since(start), _again(request.metric, by), coarse, price)
    except NotEnoughData:
        return


def _look(
    request: ExplainRequest,
    compared: ActualVsExpected,
    longer: ActualVsExpected | None,
    searches: tuple[Metric, ...],
    coarse: bool = False,
    price: float = 0.0,
) -> Located:
    metric = request.metric
    require_denominator(metric, compared, request.window)
    leaves = compared.leaves(measures_of(metric))
    groups = (ValueGroup("agency_id", "creator_id", request.workspace.agencies),)
    actual, expected = compared.value(metric)
    error = _error(metric, compared)
    if request.judged.is_within_range:  # a rise elsewhere that hides a fall is not what is to be explained
        error = max(error, abs(actual - expected) / Z95)
    scope = Scope(
        metric=metric,
        searches=searches,
        groups=() if coarse else groups,
        error=error,
        coarse=coarse,
        replaced=frozenset(name for name in compared.dimensions if compared.took_over(measures_of(metric), name)),
        price=price,
        is_proven=partial(is_drop_by_itself, request),
    )
    places, by = find(scope, longer or compared, leaves, compared)
    places = joined(metric, leaves, places, lambda where: onset_inside(compared, where, by))
    top = places[0].where
    volume = denominator_of(by)
    if volume is not None and top and by.key == metric.key and mostly_mix(by, leaves, top):
        by = volume
    return Located(
        compared=compared,
        leaves=leaves,
        places=places,
        by=by,
        onset=onset_inside(compared, top, by),
        moved=abs(actual - expected) > Z95 * error,
        is_shift=metric.is_ratio and not by.is_ratio,
    )


def _searches(request: ExplainRequest) -> tuple[Metric, ...]:
    """The metric; where it is a product, its factors and what its last one is counted over; where it is a ratio, its
    denominator, whose shifts change it too."""
    metric = request.metric
    leaves = request.workspace.catalogue.leaves(metric.key, request.workspace.measures)
    if len(leaves) > 1:
        counted = denominator_of(leaves[-1])
        return (metric, *leaves, *((counted,) if counted is not None else ()))
    return _again(metric, metric)


def _again(metric: Metric, by: Metric) -> tuple[Metric, ...]:
    volume = denominator_of(metric)
    by_key = {searched.key: searched for searched in (metric, by, volume) if searched is not None}
    return tuple(by_key.values())


def _error(metric: Metric, compared: ActualVsExpected) -> float:
    """Standard error of what is expected of the whole."""
    whole = moved([metric], daily(compared), None).get(metric.key)
    return 0.0 if whole is None else whole.relative_error * abs(whole.expected)
