"""Dimensions in which new values replaced others, such as versions of an app: these have no past to fall from.

Of a rate the new values have a present, though: where the others keep theirs at the same time, the change is of the new ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.segment import Segment
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.metrics import Metric
from core.cube.takeover import FEW_VALUES, is_new
from core.explanation.locate.segment_part import SegmentMove, measures_of
from core.localization.with_history.actual_vs_expected import ActualVsExpected

_NEW_NAMED = 3
"""Values that a note lists of those that took over."""
_NEW = 0.1
"""A new value had at most this share of what it has now: tried out by a few before."""
_SURE = 5.0
"""Standard deviations of shares of so many cases by which new values must differ from the others."""
_EXPLAINED = (0.7, 1.4)
"""What new values changed, as a share of all the change, where they are what changed."""
_ALL_OF_IT = (0.5, 2.0)
"""What a rate changed in new values, relative to all that a metric changed by."""
_APART = 0.5
"""How far the others must be from the new values at least, of how far these are from what is expected: they kept theirs."""
_AT_FAULT = 0.5
"""A new value differs from what is expected by at least this share of what the one does that differs most."""
_NEARLY_ALL, _MORE = 0.8, 0.2
"""Share of what new values lost that one value of another dimension must have, and how much more than of their cases."""
_LARGE = 0.1
"""Share of what all new values have that a large one has: a rate of a few cases may be anything."""
_MOSTLY = 0.9
"""How sure it is that a change is in new values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewValues:
    """New values of a dimension in which a rate changed."""

    values: tuple[str, ...]
    new: float
    """The rate in them ..."""
    others: float
    """... in the values before them ..."""
    usual: float
    """... and as it is expected of all."""
    moved: float
    """By what share of what is expected of all they moved it ..."""
    lost: float
    """... and by how many cases, as a positive number."""


def takeover_notes(compared: ActualVsExpected, metric: Metric, places: Iterable[SegmentMove]) -> list[str]:
    """A note on each dimension that does not locate the change, since values of it took over from others: no place is in them."""
    notes, located = [], {move.new_in for move in places}
    for name in compared.dimensions:
        new = compared.took_over(measures_of(metric), name)
        if not new:
            continue
        fault = _at_fault(compared, metric, name)
        if fault is None and name in located:
            continue
        text = ", ".join(value or "(not given)" for value in (fault.values if fault else new)[:_NEW_NAMED])
        notes.append(
            f"{name} does not locate the change: {text} replaced other values"
            if fault is None
            else f"the change came with {name}={text}: {metric_words(metric.key)} is {fault.new:.2%} there and "
            f"{fault.others:.2%} in the values before it, where {fault.usual:.2%} is expected"
        )
    return notes


@dataclass(frozen=True, slots=True)
class MoveInNewValues:
    """The part of a segment that has the new values in which a rate changed."""

    move: SegmentMove
    lost: float
    """Cases fewer (or more) than expected, as a positive number."""


def in_new_values(
    compared: ActualVsExpected, rates: Iterable[Metric], metric: Metric, move: SegmentMove
) -> MoveInNewValues | None:
    """The part of a segment in which a metric changed, or of everything, with new values in which one of some rates changed as
    much while the others kept theirs; None where there is none."""
    for rate, name in product(rates, compared.dimensions):
        around = Segment(tuple(term for term in move.where.terms if term[0] != name))
        inside = compared.where(around)
        actual, expected = inside.value(metric)
        fault = _at_fault(inside, rate, name)
        if fault is None or not expected or actual == expected:
            continue
        if not _ALL_OF_IT[0] <= fault.moved / (actual / expected - 1) <= _ALL_OF_IT[1]:
            continue
        new = Segment.of({name: fault.values})
        if around != move.where and around.narrowed(new) != move.where:
            continue
        new = new if around else _narrower(inside, rate, new)
        usual = _usually(inside, metric, rate, new, name)
        confidence = min(move.confidence, _MOSTLY)
        return MoveInNewValues(
            replace(move, where=around.narrowed(new), confidence=confidence, expected=usual, new_in=name), fault.lost
        )
    return None


def _usually(compared: ActualVsExpected, metric: Metric, rate: Metric, new: Segment, name: str) -> float:
    """What is expected of new values of a dimension: of a sum, what as much of the rate's denominator usually brings."""
    around = compared.where(Segment(tuple(term for term in new.terms if term[0] != name)))
    expected = around.value(metric)[1]
    if metric.is_ratio or rate.denominator is None:
        return expected
    return expected * float(rate.denominator.of(compared.where(new).sums[0]) / rate.denominator.of(around.sums[1]))


def _narrower(compared: ActualVsExpected, metric: Metric, new: Segment) -> Segment:
    """New values with the value of another dimension that they lost nearly all in, much more than its part; else as they are."""
    part, best, place = compared.where(new), 0.0, new
    for name in compared.slices(measures_of(metric)):
        (cases, of), (usual_cases, usual_of) = (
            _sides(side, metric, name, at) for side, at in ((part, 0), (compared, 1))
        )
        known = usual_of > 0
        lost = np.divide(usual_cases, usual_of, out=np.zeros(len(of)), where=known) * of - cases * known
        if name in new.dimensions or not lost.sum():
            continue
        shares = lost / lost.sum()
        code = int(shares.argmax())
        beyond = float(shares[code] - of[code] / of.sum())
        if shares[code] >= _NEARLY_ALL and beyond > max(best, _MORE):
            best, place = beyond, new.narrowed(Segment.of({name: compared.values[name][code]}))
    return place


def _at_fault(compared: ActualVsExpected, metric: Metric, dimension: str) -> NewValues | None:
    """The new values of a dimension in which a share of events changed, and the others did not; None where that is not so."""
    is_share = metric.denominator is not None and metric.unit == "ratio" and metric.per_event
    if not is_share or len(compared.values[dimension]) > FEW_VALUES + 1:
        return None
    actual, expected = (_sides(compared, metric, dimension, side) for side in (0, 1))
    new: Flags = is_new(expected[1], actual[1], _NEW)
    if not new.any() or new.all() or not expected[1].sum():
        return None
    usual = float(expected[0].sum() / expected[1].sum())
    (cases, of), (other_cases, of_others) = (_total(actual, new), _total(actual, ~new))
    change = cases + other_cases - usual * (of + of_others)
    if not of or not of_others or not change or not 0 < usual < 1:
        return None
    rate, others = cases / of, other_cases / of_others
    error = np.sqrt(usual * (1 - usual) * (1 / of + 1 / of_others))
    least, most = _EXPLAINED
    is_theirs = least <= (cases - usual * of) / change <= most and (others - rate) / (usual - rate) >= _APART
    if not is_theirs or abs(rate - others) <= _SURE * error:
        return None
    brought = cases - usual * of
    if not _is_beyond_mix(compared, metric, dimension, new, rate, usual):
        return None
    named = _furthest_off(new, actual, usual, rate)
    named_cases, named_of = _total(actual, named)
    return NewValues(
        values=tuple(compared.values[dimension][code] for code in np.flatnonzero(named).tolist()),
        new=named_cases / named_of,
        others=others,
        usual=usual,
        moved=brought / (usual * (of + of_others)),
        lost=abs(brought),
    )


def _is_beyond_mix(
    compared: ActualVsExpected, metric: Metric, dimension: str, new: Flags, rate: float, usual: float
) -> bool:
    """Whether the rate of new values is off also for what they are made of: a version that is rolled out in one country first has
    the rate of that country."""
    values = [compared.values[dimension][code] for code in np.flatnonzero(new).tolist()]
    inside = compared.where(Segment.of({dimension: values}))
    for name in compared.dimensions:
        if name == dimension:
            continue
        cases, of = _sides(compared, metric, name, 1)
        weights = _sides(inside, metric, name, 0)[1]
        rates = np.divide(cases, of, out=np.full(len(of), usual), where=of > 0)
        if (float(rates @ weights / weights.sum()) - rate) / (usual - rate) < _APART:
            return False
    return True


def _furthest_off(new: Flags, actual: tuple[Floats, Floats], usual: float, rate: float) -> Flags:
    """The new values about as far from the usual rate, in the direction of all of them (`rate`), as the furthest large one."""
    cases, of = actual
    off = np.sign(rate - usual) * (np.divide(cases, of, out=np.full(len(of), usual), where=of > 0) - usual)
    large = new & (of >= _LARGE * of[new].sum())
    return np.asarray(new & (off >= _AT_FAULT * off[large].max(initial=abs(rate - usual))))


def _total(sides: tuple[Floats, Floats], rows: Flags) -> tuple[float, float]:
    """Cases and what they are counted of in some values."""
    return float(sides[0][rows].sum()), float(sides[1][rows].sum())


def _sides(compared: ActualVsExpected, metric: Metric, dimension: str, side: int) -> tuple[Floats, Floats]:
    """Numerator and denominator by value, what came (0) or what is expected (1)."""
    sums = {name: compared.by(name, dimension)[side] for name in metric.measures()}
    of = metric.denominator
    return np.asarray(metric.numerator.of(sums)), np.asarray(0.0 if of is None else of.of(sums))
