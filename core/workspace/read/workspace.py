"""One workspace, read only: what it holds, and the cubes that all else is computed from."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np

from core.base.date_text import date_range
from core.base.days import Day, Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.base.time_zones import DAY_SECONDS, Zones
from core.catalogue.kinds import SOURCE
from core.catalogue.metric_tree.metrics import Catalogue, Metric
from core.cube.cube import Cube, unknown_dimension
from core.workspace.read import event_log, holidays
from core.workspace.read.blocks.cache import Cache
from core.workspace.read.blocks.column_blocks import STEPS, Blocks
from core.workspace.read.blocks.local_days import LocalDays
from core.workspace.read.counted_kinds import KindRows, counted_kinds, has_sources
from core.workspace.read.cube_query import Clock, CubeQuery, CubeRequest
from core.workspace.read.data_extent import DataExtent
from core.workspace.read.given_measures import daily_units
from core.workspace.read.measure_sql import exports_with
from core.workspace.read.measure_trace import TracedMeasure
from core.workspace.read.own_catalogue import own_catalogue
from core.workspace.read.profile.row_profile import Profile
from core.workspace.read.rows import agencies
from core.workspace.read.workspace_options import WorkspaceOptions
from core.workspace.schema import connection as connections
from core.workspace.schema.cases.case_chain import CaseChain, read_chain
from core.workspace.schema.columns import Array, ColumnExpression
from core.workspace.schema.exchange_rates import Rates

T = TypeVar("T")


class Workspace:
    """An open workspace file. Connections do not cross threads: each worker opens its own."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        connection.execute("BEGIN")
        self._cache = Cache(path, connection)  # its first query: from here on the connection sees one state
        self._blocks = Blocks(path, connection, self._cache)
        self._options = WorkspaceOptions(path, connection)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens for reading. Raises WhydropError when there is no workspace at the path, or it is something else."""
        return cls(path, connections.open_read(path))

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def stop_when(self, unwanted: Callable[[], bool]) -> None:
        """Ends a running query with an error once `unwanted()` is true; asked every ten thousand steps of SQLite."""
        self._connection.set_progress_handler(unwanted, STEPS)
        self._blocks.unwanted = unwanted

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def profile(self, window: Window) -> Profile:
        """What the stored rows of a window look like, day by day."""
        return Profile(self._connection, self._facts, window)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The metrics: packaged ones, the measures of `daily` exports, those of the user's whydrop.toml."""
        return own_catalogue(self.path, self._connection, self._daily_units)

    @property
    def span(self) -> Window:
        """First and last day of all that is counted, without stray days. Raises NotEnoughData when nothing is loaded."""
        return self._extent.span

    @property
    def whole_span(self) -> Window:
        """First and last day with any row, stray ones included. Raises NotEnoughData when nothing is loaded."""
        return self._extent.whole_span

    @property
    def newest_load(self) -> Day | None:
        """The day (UTC) of the newest load. None where no load is remembered."""
        return self._extent.newest_load

    @property
    def newest_moment(self) -> int:
        """The newest moment in the data (epoch seconds, UTC): what has happened by then is known."""
        return self._extent.newest_moment

    @property
    def newest_clock(self) -> int:
        """The newest moment as the clock furthest behind of its markets shows it (`DataExtent.newest_clock`)."""
        return self._extent.newest_clock(self._facts.ahead(self.newest_moment))

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Base measures that can be counted here."""
        return tuple(dict.fromkeys(name for source in self._sources for name in source.measures))

    def kind_of(self, measure: str) -> str | None:
        """The kind whose rows a base measure is counted from here (`daily` may bring what usually orders do); None if nothing."""
        return next((source.kind for source in self._sources if measure in source.measures), None)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions that have a value here, in the order of the contract, custom ones last."""
        rows = self._connection.execute(
            "SELECT name FROM dimensions d WHERE EXISTS (SELECT 1 FROM dictionary WHERE dimension = d.name) ORDER BY position"
        )
        sliced = {name for source in self._sources for name in source.dimensions}
        return tuple(name for (name,) in rows if name in sliced and (name != SOURCE or has_sources(self._connection)))

    def values(self, dimension: str) -> tuple[str, ...]:
        """The values of a dimension, by code; the first is "" (not given)."""
        return self._facts.values(dimension)

    def metric(self, key: str) -> Metric:
        """A metric that can be computed here. Raises UsageError for an unknown one, NotEnoughData when its rows are missing."""
        metric = self.catalogue.metric(key)
        missing = sorted(metric.measures() - set(self.measures))
        if missing:
            exports = exports_with(missing[0], self.catalogue.measures[missing[0]].source)
            raise NotEnoughData(f"{key} cannot be computed: nothing here counts {', '.join(missing)}. Load {exports}.")
        return metric

    def window(self, first: int | None = None, last: int | None = None) -> Window:
        """The days from `first` to `last`, either of which may be open. Raises NotEnoughData when they are outside the data."""
        return self._extent.window(first, last)

    def check_measures(self) -> None:
        """Raises NotEnoughData when nothing is counted here."""
        if not self.measures:
            whole = date_range(self.whole_span)  # raises where nothing has days
            words = f"nothing in it adds up over days ({whole}), only levels and averages. Load counts or amounts."
            raise NotEnoughData(f"{self.path}: {words}")

    def check_dimensions(self, names: Iterable[str]) -> None:
        """Raises UsageError when a dimension does not exist here, offering the nearest; NotEnoughData when nothing counts."""
        for name in names:
            if name not in self._facts.dimensions():
                self.check_measures()
                raise unknown_dimension(name, self.dimensions)

    def cube(
        self,
        measures: Iterable[str],
        window: Window,
        dimensions: Iterable[str] = (),
        where: Segment = EVERYTHING,
        clock: Clock = "order",
        as_of: int | None = None,
        age: int | None = None,
    ) -> Cube:
        """The sums of base measures by day and slice, in a window.

        `clock` "event" counts what happens after an order on the day that it happened. `as_of` leaves out what was not
        known at the end of that day; `age` leaves out of each day what was not known so many days later, so that young
        and old days compare. Raises UsageError for unknown dimensions, NotEnoughData for measures not counted here.
        """
        names = tuple(dict.fromkeys(measures))
        for measure in names:
            self.metric(measure)
        sliced = tuple(dict.fromkeys(dimensions))
        self.check_dimensions((*sliced, *where.dimensions))
        now = self.newest_moment
        if as_of is not None:
            now = min(now, (as_of + 1) * DAY_SECONDS - 1 - self._facts.ahead(now))
        return self._facts.cube(
            CubeRequest(measures=names, window=window, dimensions=sliced, where=where, clock=clock, now=now, age=age)
        )

    @property
    def state(self) -> str:
        """What tells this state of what is loaded from any other."""
        return self._cache.state

    @property
    def keeps(self) -> bool:
        """Whether answers are kept: those from small workspaces are found as fast again."""
        return self._cache.is_open

    def kept(self, question: Iterable[object], kind: type[T], make: Callable[[], T]) -> T:
        """An answer that follows from the workspace, its settings and the words of the question; kept where that pays."""
        return self._cache.kept((*question, self._options.text), kind, make)

    def read_together(self) -> None:
        """From now on whatever has to be read of a kind's rows is read with all that cubes and checks are made of."""
        profile = self.profile(self.span)
        for kind in profile.kinds:
            self.read_with(kind, (*self._facts.columns(kind, self.newest_moment), *profile.columns(kind)))

    def read_with(self, kind: str, columns: Iterable[ColumnExpression]) -> None:
        """From now on whatever has to be read of a kind's rows is read with these columns."""
        self._blocks.together[kind] = tuple(dict.fromkeys(map(self._on_clocks, columns)))

    def columns(self, kind: str, expressions: Mapping[str, ColumnExpression], window: Window) -> dict[str, Array]:
        """Columns of the rows of a kind in a window, by name, and their "day"; by day, and by loading within a day.

        Whole numbers come as int64, others as float64; shape (rows,).
        """
        arrays = self._blocks.read(kind, tuple(map(self._on_clocks, expressions.values())), window)
        wide = (values.astype(np.int64) if values.dtype.kind == "i" else values for values in arrays)
        return dict(zip(("day", *expressions), wide, strict=True))

    @cached_property
    def _on_clocks(self) -> Callable[[ColumnExpression], ColumnExpression]:
        """Gives a column whose days, if it holds days, are those of the clocks of markets."""
        if self.zones.is_utc:
            return lambda column: column
        markets = self.values("market") if "market" in self._facts.dimensions() else ()
        return LocalDays(self.zones, markets, self.span).of

    def plain(self, sql: str, values: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query over small tables; for this room, which alone speaks SQL."""
        return self._connection.execute(sql, values).fetchall()

    def traced(self, measure: str, where: Segment, clock: Clock, age: int | None) -> TracedMeasure:
        """A base measure in a segment, as a person counts it by hand."""
        return self._facts.traced(measure, where, clock, self.newest_moment, age)

    def events(self, first: int | None = None, last: int | None = None) -> tuple[event_log.Event, ...]:
        """Changes in the world that were on between two days, and public holidays inside the data where settings ask for them."""
        logged = event_log.read(self._connection, self.zones, first, last)
        setting = self._options.holidays
        if not setting:
            return logged
        own = self.values("market")[1:] if "market" in self.dimensions else ()
        days = Window(self.span.first if first is None else first, self.span.last if last is None else last)
        return holidays.added_to(logged, setting, own, days)

    @property
    def satisfaction_weights(self) -> Mapping[str, float]:
        """Weights of components of the satisfaction index that `[satisfaction]` sets."""
        return self._options.satisfaction_weights

    @cached_property
    def agencies(self) -> Mapping[str, str]:
        """creator_id -> agency_id, of the creators who have one."""
        return agencies.agencies(self._connection)

    def busiest_share(self, window: Window, where: Segment = EVERYTHING) -> float | None:
        """What share of the order lines of a window the busiest twenty buyers made; None when no buyer is known."""
        if not any(source.kind == "orders" for source in self._sources):
            return None  # orders that came counted by day have no buyers
        return agencies.busiest_share(self._connection, self._facts.tests("orders", window, where))

    def case_chain(self) -> CaseChain:
        """Everything that was written down about cases, checked against its hashes."""
        return read_chain(self._connection)

    @cached_property
    def _extent(self) -> DataExtent:
        return DataExtent(self.path, self._connection)

    @cached_property
    def _facts(self) -> CubeQuery:
        return CubeQuery(self._connection, self._blocks, self._sources, self.zones, self.rates)

    @property
    def zones(self) -> Zones:
        """The time zone of each market."""
        return self._options.zones

    @property
    def rates(self) -> Rates | None:
        """What other currencies are worth in the workspace's own; None where amounts stay as they are."""
        return self._options.rates

    @property
    def currency(self) -> str:
        """The currency of amounts: the workspace's own, else the only one that rows name; empty where that is not known."""
        return self._options.currency

    @cached_property
    def _daily_units(self) -> Mapping[str, str]:
        return daily_units(self._connection)

    @cached_property
    def _sources(self) -> tuple[KindRows, ...]:
        measures = self.catalogue.measures  # a column that is called like a metric, such as delivery_time, is none
        daily = {name: unit for name, unit in self._daily_units.items() if name in measures}
        return counted_kinds(self._connection, daily)
