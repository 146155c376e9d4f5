"""The SQL over the views in words by which a person can check a figure by hand."""

from collections.abc import Mapping, Sequence

from core.base.days import Window, iso
from core.base.frozen import frozen
from core.base.segment import Segment
from core.base.time_zones import DAY_SECONDS
from core.catalogue.metric_tree.formula import Sum
from core.catalogue.metric_tree.metrics import Metric
from core.workspace.read.counted_kinds import KindRows
from core.workspace.read.measure_sql import filled
from core.workspace.schema.exchange_rates import Rates
from core.workspace.schema.tables import CENTS, identifier, quoted

Days = Window | Mapping[int, float]
"""Days that all count once, or days with a weight each."""

_SECONDS_OF_TEXT = "CAST(strftime('%s', {}) AS INTEGER)"


@frozen(kw_only=True)
class TracedMeasure:
    """A base measure as a person counts it over a view in words."""

    source: KindRows
    measure: str
    where: Segment
    moment: str | None
    """The column whose day counts, None for the day of the row."""
    ends: Mapping[str, int]
    """The moments after which nothing is known."""
    age: int | None
    """How many days after its own each day is counted, None for all that is known."""
    ahead: int
    """Seconds that days end before those of UTC."""
    rates: Rates | None

    def total(self, days: Days) -> str:
        """The query of its sum over the days, in its unit; weighted when the days are."""
        if isinstance(days, Window):
            total = f"coalesce(sum({self._amount}), 0)"
            if self.source.scales.get(self.measure) == CENTS:
                total = f"round({total}, 2)"
            return f"SELECT {total} {self._rows(days)}"
        listed = ", ".join(f"('{iso(date)}', {weight!r})" for date, weight in days.items())
        tests = segment_in_words(self.source, self.where)
        rows = (
            f"{self.source.kind} JOIN past ON past_day = {self._day}{' WHERE ' if tests else ''}{' AND '.join(tests)}"
        )
        total = f"coalesce(sum({self._amount} * past_weight), 0)"
        return f"WITH past (past_day, past_weight) AS (VALUES {listed}) SELECT {total} FROM {rows}"

    def by_day(self, window: Window, dimensions: Sequence[str]) -> str:
        """The query of what each row counts: day, the dimensions as `slice_1` and so on, the measure's name, the amount."""
        dimensions_of_kind = self.source.dimensions
        sliced = [
            f"{identifier(name) if name in dimensions_of_kind else 'NULL'} AS slice_{at}"
            for at, name in enumerate(dimensions, 1)
        ]
        columns = [f"{self._day} AS day", *sliced, f"{quoted(self.measure)} AS measure", f"{self._amount} AS amount"]
        return f"SELECT {', '.join(columns)} {self._rows(window)}"

    @property
    def _day(self) -> str:
        return f"substr({self.moment}, 1, 10)" if self.moment else "date"

    def _rows(self, window: Window) -> str:
        tests = [days_in_words(self._day, window), *segment_in_words(self.source, self.where)]
        return f"FROM {self.source.kind} WHERE {' AND '.join(tests)}"

    @property
    def _amount(self) -> str:
        """What a row of the view counts, in the workspace's currency."""
        counted = _expression(self.source, self.measure, self.ends, self.age, self.ahead)
        if self.rates is not None and self.rates.converts(self.source.kind, self.measure):
            return f"{counted} * {self.rates.in_words()}"
        return counted


def _expression(source: KindRows, measure: str, ends: Mapping[str, int], age: int | None, ahead: int) -> str:
    """What a row of the view counts."""
    counted = source.measures[measure]
    limits = {name: quoted(_iso_moment(moment)) for name, moment in ends.items()}
    if age is not None:
        end_of_age = f"strftime('%Y-%m-%dT%H:%M:%SZ', date, '+{age + 1} days', '{-1 - ahead:+d} second')"
        limits = {name: f"min({moment}, {end_of_age})" for name, moment in limits.items()}
    words = {**limits, "seller": "'seller'", "buyer": "'buyer'"}
    sql = filled(counted.counted(age), words, _SECONDS_OF_TEXT) if source.kind != "daily" else identifier(measure)
    return f"{sql} / {counted.per}.0" if counted.per > 1 else sql


def days_in_words(day: str, days: Window) -> str:
    """Whether the day of a row lies in a window."""
    return f"{day} BETWEEN '{iso(days.first)}' AND '{iso(days.last)}'"


def segment_in_words(source: KindRows, where: Segment) -> list[str]:
    """Whether a row lies in a segment, a test for each dimension; rows that lack one have no value of it."""
    return [
        dimension_in_words(name, values) if name in source.dimensions else str(int("" in values))
        for name, values in where.terms
    ]


def dimension_in_words(dimension: str, values: Sequence[str]) -> str:
    """Whether a row has one of the values of a dimension; "" is none."""
    words = [quoted(value) for value in values if value]
    tests = [f"{identifier(dimension)} IN ({', '.join(words)})"] if words else []
    tests += [f"{identifier(dimension)} IS NULL"] if "" in values else []
    return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"


def _iso_moment(moment: int) -> str:
    days, seconds = divmod(moment, DAY_SECONDS)
    return f"{iso(days)}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}Z"


def metric_sql(metric: Metric, parts: Mapping[str, str]) -> str:
    """The expression of a metric; `parts`: one of each of its base measures."""
    whole = f"{metric.scale:g} * (0.0 {_sum(metric.numerator, parts)})"
    return whole if metric.denominator is None else f"{whole} / nullif(0.0 {_sum(metric.denominator, parts)}, 0)"


def _sum(formula: Sum, parts: Mapping[str, str]) -> str:
    return " ".join(f"{'+' if sign > 0 else '-'} ({parts[name]})" for sign, name in formula.terms)
