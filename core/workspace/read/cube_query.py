"""The one query that yields a cube."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from core.base.days import Window
from core.base.errors import UsageError, did_you_mean
from core.base.frozen import frozen
from core.base.segment import EVERYTHING, Segment
from core.base.time_zones import DAY_SECONDS, Markets, Zones
from core.cube.cube import Cube, CubePart, unknown_dimension
from core.workspace.read.blocks.column_blocks import Blocks
from core.workspace.read.counted_kinds import KindRows
from core.workspace.read.measure_sql import MeasureSql, filled
from core.workspace.read.measure_trace import TracedMeasure, days_in_words, segment_in_words
from core.workspace.schema.columns import Array, ColumnExpression, code, code_of_order
from core.workspace.schema.exchange_rates import CURRENCY, Rates
from core.workspace.schema.other_names import WORDS
from core.workspace.schema.tables import DAY_BITS

Clock = Literal["order", "event"]
_FEW = 0.1
"""Share of the arrivals of a usual day that a day must have, so that a few early dates do not pass for those of all parcels."""


@frozen(kw_only=True)
class CubeRequest:
    """What a cube is asked to hold."""

    measures: tuple[str, ...]
    window: Window
    dimensions: tuple[str, ...] = ()
    where: Segment = EVERYTHING
    clock: Clock = "order"
    now: int = 0
    """What happened after this moment (epoch seconds, UTC) is not known yet."""
    age: int | None = None
    """Of each day only what was known this many days later, so that young days and old ones are alike; None = all."""


class CubeQuery:
    """Reads cubes from an open connection."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        blocks: Blocks,
        sources: Sequence[KindRows],
        zones: Zones,
        rates: Rates | None = None,
    ) -> None:
        self._connection, self.blocks, self.rates = connection, blocks, rates
        self._sources = {measure: source for source in sources for measure in source.measures}
        self._dimensions = tuple(dict.fromkeys(name for source in self._sources.values() for name in source.dimensions))
        self._zones = zones
        self._words: dict[str, tuple[str, ...]] = {}
        self._arrivals: dict[int, int] = {}

    def cube(self, question: CubeRequest) -> Cube:
        """Everything that the question asks for. Money is kept as integer cents in the parts and divided after summing."""
        codes = {name: self._codes(name, values) for name, values in question.where.terms}
        by_query: dict[tuple[str, str | None], list[str]] = defaultdict(list)
        for measure in question.measures:
            source = self._sources[measure]
            moment = source.measures[measure].moment if question.clock == "event" else None
            by_query[source.kind, moment].append(measure)
        parts = [self._part(question, kind, moment, names, codes) for (kind, moment), names in by_query.items()]
        sliced = dict.fromkeys((*question.dimensions, *question.where.dimensions))
        values = {name: self.values(name) for name in sliced}
        scales = {m: self._sources[m].scales[m] for m in question.measures if m in self._sources[m].scales}
        return Cube(question.window, values, tuple(parts), scales)

    def traced(self, measure: str, where: Segment, clock: Clock, now: int, age: int | None = None) -> TracedMeasure:
        """A base measure in a segment, as it can be counted by hand."""
        source = self._sources[measure]
        moment = source.measures[measure].moment if clock == "event" else None
        return TracedMeasure(
            source=source,
            measure=measure,
            where=where,
            moment=moment,
            ends=self._ends(now, age),
            age=age,
            ahead=self.ahead(now),
            rates=self.rates,
        )

    def tests(self, kind: str, window: Window, where: Segment) -> str:
        """SQL over the view of a kind that says whether a row lies in a window and a segment."""
        source = next(rows for rows in self._sources.values() if rows.kind == kind)
        return " AND ".join([days_in_words("date", window), *segment_in_words(source, where)])

    def _part(
        self,
        question: CubeRequest,
        kind: str,
        moment: str | None,
        measures: Sequence[str],
        where: Mapping[str, list[int]],
    ) -> CubePart:
        """The rows of one kind that fall into the question's window by their own day, or by the day of `moment`."""
        source = self._sources[measures[0]]
        coded = [name for name in dict.fromkeys((*question.dimensions, *where)) if name in source.dimensions]
        expressions = [self.slice_of(kind, name) for name in coded]
        expressions += [
            _sum(source.measures[name], self._numbers(question.now, question.age), question.age) for name in measures
        ]
        window = question.window if moment is None else source.span
        if moment is None:
            days, *columns = self.blocks.read(kind, expressions, window)
        else:
            moments, *columns = self.blocks.read(kind, [ColumnExpression(moment), *expressions], window)[1:]
            days = self._local_days(source, moments)
        is_inside = (days >= question.window.first) & (days <= question.window.last)
        codes = dict(zip(coded, columns, strict=False))
        for name, chosen in where.items():
            is_inside &= np.isin(codes[name], chosen) if name in codes else 0 in chosen
        figures = self._converted(source, dict(zip(measures, columns[len(coded) :], strict=True)), window)
        pick = slice(None) if is_inside.all() else is_inside
        return CubePart(
            days[pick].astype(np.int32),
            {name: codes[name][pick].astype(np.int32) for name in coded},
            {name: values[pick].astype(np.float64) for name, values in figures.items()},
        )

    def _converted(self, source: KindRows, figures: Mapping[str, Array], window: Window) -> Mapping[str, Array]:
        """Figures of the rows of a window, amounts in the workspace's currency; those without a rate count nothing.

        Raises NotEnoughData when none has a rate.
        """
        amounts = [name for name in figures if self.rates is not None and self.rates.converts(source.kind, name)]
        if self.rates is None or not amounts:
            return figures
        days, codes = self.blocks.read(source.kind, [CURRENCY], window)
        rate = self.rates.at(codes, days)
        return {name: values * np.nan_to_num(rate) if name in amounts else values for name, values in figures.items()}

    def ahead(self, moment: int) -> int:
        """Seconds that the clock furthest behind of the markets is ahead of UTC at a moment: a day ends so much earlier.

        The newest day of a market east of UTC ends before that of UTC: what other days have until then looked like a fall.
        """
        if self._zones.is_utc:
            return 0
        return self._zones.least_ahead(moment, self.values("market")[1:] if "market" in self._dimensions else ())

    def _numbers(self, now: int, age: int | None) -> dict[str, str]:
        """What the places in what is counted stand for over the coded tables."""
        ends = {name: str(moment) for name, moment in self._ends(now, age).items()}
        if age is not None:
            end_of_age = f"(r.id >> {DAY_BITS}) * {DAY_SECONDS} + {(age + 1) * DAY_SECONDS - 1 - self.ahead(now)}"
            ends = {name: f"min({moment}, {end_of_age})" for name, moment in ends.items()}
        return {**ends, "seller": self._word("seller"), "buyer": self._word("buyer")}

    def _ends(self, now: int, age: int | None) -> dict[str, int]:
        """The moments (epoch seconds) after which nothing is known: at all, and, where it counts, of arrivals."""
        source = self._sources.get("deliveries")
        if age is None or source is None or source.kind != "orders":
            return {"now": now}
        if now not in self._arrivals:
            self._arrivals[now] = self._last_arrivals(source, now)
        return {"now": now, "arrivals": self._arrivals[now]}

    def _last_arrivals(self, source: KindRows, now: int) -> int:
        """The end of the last day with arrivals, `now` at most.

        An export often holds no arrivals of the days before it ends, and orders of these. A halt of all carriers looks the same.
        """
        (_, moments) = self.blocks.read(source.kind, [ColumnExpression("delivered_at")], source.span)
        days = self._local_days(source, moments)[(moments > 0) & (moments <= now)]
        if not len(days):
            return 0
        arrivals = np.bincount(days - days.min())
        usual = float(np.median(arrivals[arrivals > 0]))
        last = int(days.min() + np.flatnonzero(arrivals >= _FEW * usual)[-1])
        return min((last + 1) * DAY_SECONDS - 1 - self.ahead(now), now)

    def columns(self, kind: str, now: int) -> list[ColumnExpression]:
        """All columns of a kind that cubes of any clock are made of."""
        measures = {name: source.measures[name] for name, source in self._sources.items() if source.kind == kind}
        moments = dict.fromkeys(measure.moment for measure in measures.values() if measure.moment)
        return [
            *(self.slice_of(kind, name) for name in dict.fromkeys(self.dimensions_of(kind))),
            *(_sum(measure, self._numbers(now, None), None) for measure in measures.values()),
            *(ColumnExpression(moment) for moment in moments),
        ]

    def dimensions_of(self, kind: str) -> tuple[str, ...]:
        """The dimensions of a kind that has rows."""
        return next((source.dimensions for source in self._sources.values() if source.kind == kind), ())

    def slice_of(self, kind: str, dimension: str) -> ColumnExpression:
        """The code of each row; a review takes that of its order."""
        return code_of_order(dimension) if kind == "reviews" else code(dimension)

    def _local_days(self, source: KindRows, moments: Array) -> Array:
        """The days of moments (epoch seconds) of all rows of a source on the clocks of their markets."""
        whole, clocks = moments.astype(np.int64), Markets.none(len(moments))
        if "market" in source.dimensions:
            (_, markets) = self.blocks.read(source.kind, [self.slice_of(source.kind, "market")], source.span)
            clocks = Markets(markets.astype(np.intp), self.values("market"))
        return (whole + self._zones.offsets_of_moments(whole, clocks)) // DAY_SECONDS

    def values(self, dimension: str) -> tuple[str, ...]:
        """The values of a dimension by code; the first is "" (not given). Raises UsageError for an unknown dimension."""
        if dimension not in self.dimensions():
            raise unknown_dimension(dimension, self.dimensions())
        if dimension not in self._words:
            rows = self._connection.execute(WORDS, (dimension,))
            self._words[dimension] = ("", *(value for (value,) in rows))
        return self._words[dimension]

    def dimensions(self) -> tuple[str, ...]:
        """Dimensions of any source."""
        return self._dimensions

    def _codes(self, dimension: str, values: Sequence[str]) -> list[int]:
        """The codes of values. Raises UsageError for a dimension, or a value of it, that does not occur."""
        if dimension not in self.dimensions():
            raise unknown_dimension(dimension, self.dimensions())
        words = [value for value in values if value]
        codes = self._find(dimension, words)
        if len(codes) < len(words):
            listed = self.values(dimension)
            odd = next(value for value in words if value not in listed)
            raise UsageError(f"no {dimension} {odd!r} in the data.{did_you_mean(odd, listed[1:])}")
        return [*codes, *([0] if "" in values else [])]

    def _find(self, dimension: str, values: Sequence[str]) -> list[int]:
        marks = ",".join("?" * len(values))
        rows = self._connection.execute(
            f"SELECT code FROM dictionary WHERE dimension = ? AND value IN ({marks})", (dimension, *values)
        )
        codes = [code for (code,) in rows]
        counted = self.blocks.counted_codes(dimension)
        return codes if counted is None else counted[codes].tolist()

    def _word(self, word: str) -> str:
        """The code of who cancelled, as SQL; a word that never occurred matches nothing."""
        return str(max(self._find("cancelled_by", [word]), default=-1))


def _sum(measure: MeasureSql, places: Mapping[str, str], age: int | None) -> ColumnExpression:
    return ColumnExpression(filled(measure.counted(age), places, "{}"), measure.whole, 2 if measure.flag else None)
