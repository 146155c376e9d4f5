"""What is said of dimensions in which new values replaced others, such as versions of an app: no change is located in them."""

import numpy as np

from core.base.arrays import Flags, Floats
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.metrics import Metric
from core.cube.takeover import is_new
from core.explanation.locate.change_location import Located
from core.explanation.locate.segment_part import measures_of
from core.localization.with_history.actual_vs_expected import ActualVsExpected

_NEW_NAMED = 3
"""Values that a note lists of those that took over."""
_NEW = 0.1
"""A new value had at most this share of what it has now: tried out by a few before."""
_SURE = 5.0
"""Standard deviations of shares of so many cases by which new values must differ from the others."""
_EXPLAINED = (0.7, 1.4)
"""What new values changed, as a share of all the change, where they are what changed."""


def takeover_notes(located: Located, metric: Metric) -> list[str]:
    """A note on each dimension that does not locate the change, since values of it took over from others.

    Of a share of events the new values have no past, but a present: where the others have kept theirs, the change is of the
    new ones.
    """
    compared, notes = located.compared, []
    for name in compared.dimensions:
        new = compared.took_over(measures_of(metric), name)
        if not new:
            continue
        text = ", ".join(value or "(not given)" for value in new[:_NEW_NAMED])
        rates = _rates(compared, metric, name)
        notes.append(
            f"{name} does not locate the change: {text} replaced other values"
            if rates is None
            else f"the change came with {name}={text}: {metric_words(metric.key)} is {rates[0]:.2%} there and {rates[1]:.2%} in "
            f"the values before it, where {rates[2]:.2%} is expected"
        )
    return notes


def _rates(compared: ActualVsExpected, metric: Metric, dimension: str) -> tuple[float, float, float] | None:
    """A share of events in new values, in the others, and as it is expected of all, where the new ones are what changed."""
    if metric.denominator is None or metric.unit != "ratio" or not metric.per_event:
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
    error = np.sqrt(usual * (1 - usual) * (1 / of + 1 / of_others))
    least, most = _EXPLAINED
    is_theirs = least <= (cases - usual * of) / change <= most
    is_clear = abs(cases / of - other_cases / of_others) > _SURE * error
    return (cases / of, other_cases / of_others, usual) if is_theirs and is_clear else None


def _total(sides: tuple[Floats, Floats], rows: Flags) -> tuple[float, float]:
    """Cases and what they are counted of in some values."""
    return float(sides[0][rows].sum()), float(sides[1][rows].sum())


def _sides(compared: ActualVsExpected, metric: Metric, dimension: str, side: int) -> tuple[Floats, Floats]:
    """Numerator and denominator by value, what came (0) or what is expected (1)."""
    sums = {name: compared.by(name, dimension)[side] for name in metric.measures()}
    of = metric.denominator
    return np.asarray(metric.numerator.of(sums)), np.asarray(0.0 if of is None else of.of(sums))
