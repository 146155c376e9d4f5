"""What an explanation says in a line each: the change, its expected range, the step that contributed most."""

from collections.abc import Mapping

from core.base.date_text import date_range
from core.catalogue.metric_names import metric_words
from core.explanation.explanation_results import Explanation
from core.reports.figures.change_format import change
from core.reports.figures.number_format import figure, percent, span
from core.reports.finding_narrative import short_segment

_LITTLE = 0.2
"""Of the rate effect: a mix effect up to this size explains little."""


def headline(answer: Explanation, currency: str = "") -> str:
    """Which metric, how it changed, where and when."""
    segment = f" in {short_segment(answer.where)}" if answer.where else ""
    return f"{metric_words(answer.metric)}{segment}: {_moved(answer, currency)}, {date_range(answer.window)}"


def expected_range(answer: Explanation) -> str:
    """Where 95% of usual windows are."""
    return span(*answer.interval, answer.unit)


def _moved(answer: Explanation, currency: str) -> str:
    text = change(answer.change, answer.unit) + (f" {currency}" if answer.unit == "money" and currency else "")
    return text if answer.change_pct is None else f"{text} ({percent(answer.change_pct, signed=True)})"


def step_line(answer: Explanation, units: Mapping[str, str]) -> str:
    """The step of the metric with the largest contribution, or what the traffic mix contributed; empty where that says nothing.
    `units`: metric -> unit.

    Where the whole changed no more than usual its steps are noise, whatever a segment of it did.
    """
    if answer.is_usual_as_a_whole:
        return ""
    if len(answer.drivers) > 1:
        largest = max(answer.drivers, key=lambda driver: abs(driver.contribution))
        unit = units[largest.metric]
        levels = f"{figure(largest.expected, unit)} to {figure(largest.actual, unit)}"
        return f"Largest contribution: {metric_words(largest.metric)} ({levels}), {change(largest.contribution, answer.unit)}."
    if not answer.mix:
        return f"{metric_words(answer.metric)} has no steps below it and no dimension to split it by."
    most = max(answer.mix, key=lambda part: abs(part.mix))
    if not most.mix:
        return ""
    shift = f"mix effect {change(most.mix, answer.unit)}, rate effect {change(most.rate, answer.unit)}"
    if abs(most.mix) > abs(most.rate):
        return f"The traffic mix changed by {most.dimension}: {shift}."
    return f"The traffic mix {_part_of_mix(most.mix, most.rate)} of the change (by {most.dimension}: {shift})."


def _part_of_mix(mix: float, rate: float) -> str:
    """What a mix effect no larger than the rate effect does to a change.

    >>> _part_of_mix(-1.0, -46.0), _part_of_mix(-2.0, -4.0), _part_of_mix(2.0, -4.0)
    ('explains little', 'explains part', 'offsets part')
    """
    if abs(mix) <= _LITTLE * abs(rate):
        return "explains little"
    return "explains part" if mix * rate > 0 else "offsets part"
