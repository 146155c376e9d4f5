"""The SQL over the views in words by which a person can check a figure by hand."""

from collections.abc import Mapping, Sequence

from core.base.days import Window, iso
from core.base.segment import Segment
from core.base.time_zones import DAY_SECONDS
from core.catalogue import Metric
from core.catalogue.metric_tree.formula import Sum
from core.workspace.read.counted_kinds import KindRows
from core.workspace.read.measure_sql import filled
from core.workspace.schema.exchange_rates import Rates
from core.workspace.schema.tables import CENTS, identifier, quoted

Days = Window | Mapping[int, float]
"""Days that all count once, or days with a weight each."""

_SECONDS_OF_TEXT = "CAST(strftime('%s', {}) AS INTEGER)"


def trace_sql(
    source: KindRows,
    measure: str,
    days: Days,
    where: Segment,
    *,
    moment: str | None,
    ends: Mapping[str, int],
    age: int | None,
    rates: Rates | None,
) -> str:
    """The sum of a base measure, in its unit; weighted when the days are.

    `moment`: the column whose day counts, None for the day of the row. `ends`: the moments after which nothing is known. `age`:
    how many days after its own each day is counted, None for all that is known.
    """
    expression = _expression(source, measure, ends, age)
    if rates is not None and rates.converts(source.kind, measure):
        expression = f"{expression} * {rates.in_words()}"
    total = f"coalesce(sum({expression}), 0)"
    day = f"substr({moment}, 1, 10)" if moment else "date"
    tests = segment_in_words(source, where)
    if not isinstance(days, Window):
        listed = ", ".join(f"('{iso(date)}', {weight!r})" for date, weight in days.items())
        total = f"coalesce(sum({expression} * past_weight), 0)"
        rows = f"{source.kind} JOIN past ON past_day = {day}{' WHERE ' if tests else ''}{' AND '.join(tests)}"
        return f"WITH past (past_day, past_weight) AS (VALUES {listed}) SELECT {total} FROM {rows}"
    if source.scales.get(measure) == CENTS:
        total = f"round({total}, 2)"
    return f"SELECT {total} FROM {source.kind} WHERE {' AND '.join([days_in_words(day, days), *tests])}"


def _expression(source: KindRows, measure: str, ends: Mapping[str, int], age: int | None) -> str:
    """What a row of the view counts."""
    counted = source.measures[measure]
    known = {name: quoted(_iso_moment(moment)) for name, moment in ends.items()}
    if age is not None:
        end_of_age = f"strftime('%Y-%m-%dT%H:%M:%SZ', date, '+{age + 1} days', '-1 second')"
        known = {name: f"min({moment}, {end_of_age})" for name, moment in known.items()}
    words = {**known, "seller": "'seller'", "buyer": "'buyer'"}
    sql = filled(counted.counted(age), words, _SECONDS_OF_TEXT) if source.kind != "daily" else identifier(measure)
    return f"{sql} / {counted.per}.0" if counted.per > 1 else sql


def days_in_words(day: str, days: Window) -> str:
    """Whether the day of a row lies in a window."""
    return f"{day} BETWEEN '{iso(days.first)}' AND '{iso(days.last)}'"


def segment_in_words(source: KindRows, where: Segment) -> list[str]:
    """Whether a row lies in a segment, a test for each dimension; rows that lack one have no value of it."""
    return [
        _dimension_in_words(name, values) if name in source.dimensions else str(int("" in values))
        for name, values in where.terms
    ]


def _dimension_in_words(dimension: str, values: Sequence[str]) -> str:
    words = [quoted(value) for value in values if value]
    tests = [f"{identifier(dimension)} IN ({', '.join(words)})"] if words else []
    tests += [f"{identifier(dimension)} IS NULL"] if "" in values else []
    return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"


def _iso_moment(moment: int) -> str:
    days, seconds = divmod(moment, DAY_SECONDS)
    return f"{iso(days)}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}Z"


def metric_sql(metric: Metric, parts: Mapping[str, str]) -> str:
    """The query of a metric; `parts`: one of each of its base measures."""
    whole = f"{metric.scale:g} * (0.0 {_sum(metric.numerator, parts)})"
    if metric.denominator is not None:
        whole += f" / nullif(0.0 {_sum(metric.denominator, parts)}, 0)"
    return f"SELECT {whole}"


def _sum(formula: Sum, parts: Mapping[str, str]) -> str:
    return " ".join(f"{'+' if sign > 0 else '-'} ({parts[name]})" for sign, name in formula.terms)
