"""The question that is asked of a workspace, and the cubes that answer it, read once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.base.date_text import date_text
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metrics import Metric
from core.cube.cube import Cube
from core.detection import comparison as baselines
from core.detection.comparison_result import Comparison
from core.detection.forecast.maturity import newest_known
from core.explanation.baseline_days import WEEKS, Reference, expected_reference
from core.localization.with_history.actual_vs_expected import ActualVsExpected
from core.localization.with_history.leaf_rows import LeafRows, leaf_rows
from core.workspace.read.cube_query import Clock
from core.workspace.read.workspace import Workspace

_LOOK_BACK = 42
"""Days before the window on which a change that is still on may have begun."""


@dataclass(frozen=True, kw_only=True)
class ExplainRequest:
    """What is asked."""

    workspace: Workspace
    metric: Metric
    window: Window
    baseline: str = "expected"
    """"expected", "previous", "last-year", "4w" or "A..B"."""
    where: Segment = EVERYTHING
    clock: Clock = "order"

    verdict: Comparison | None = None
    """The verdict on the whole, where it rests on more than its own past."""

    @cached_property
    def judged(self) -> Comparison:
        """The verdict on the whole: what was expected, with its interval, and whether this is a drop."""
        if self.verdict is not None:
            return self.verdict
        leaves = self.workspace.catalogue.leaves(self.metric.key, self.workspace.measures)
        measures = sorted({name for leaf in leaves for name in leaf.measures()})
        return baselines.compare(
            workspace=self.workspace,
            key=self.metric.key,
            window=self.window,
            baseline=self.baseline,
            where=self.where,
            clock=self.clock,
            measures=measures,
        )

    def figures(self) -> ActualVsExpected:
        """The comparison that is reported: every segment of it adds up to the verdict on the whole."""
        stock, days = self._inside.as_judged, self.judged.reference
        compared_days, weights = self._between(stock, days.window), np.zeros(len(stock.days))
        weights[compared_days] = replace(days, scales={}).dense("", days.window)
        return ActualVsExpected(
            baseline=self.judged.baseline,
            stock=stock,
            now=self._from(stock, self.window.first),
            held=compared_days,
            weights=weights,
            scales=days.scales,
            amounts=self._amounts,
        )

    def compare(self, before: int | None = None) -> ActualVsExpected:
        """The comparison by which a change is looked for: against calm days before it, which end at `before`."""
        return self._against(self._inside.as_judged, self.window, before)

    def compare_since(self, day: int) -> ActualVsExpected:
        """As `compare`, with all days since a change began judged, not only those of the window."""
        return self._against(self._inside.as_judged, Window(day, self.window.last), None)

    def compare_everywhere(self, before: int | None = None) -> ActualVsExpected:
        """As `compare`, with the rows outside `where` as well: they are the control of what happened inside."""
        return self._against(self._everywhere.as_judged, self.window, before)

    def compare_late(self, before: int | None = None) -> ActualVsExpected:
        """As `compare_everywhere`, with all that follows an order on the day that it happened: incomplete days can be judged.

        Where all days are complete, on the day of the order: what came late of these orders happened after the window.
        """
        return self._against(self._everywhere.by_event, self.window, before)

    def _against(self, stock: LeafRows, window: Window, before: int | None) -> ActualVsExpected:
        """Days between the reference and the window are kept, weighing nothing, so that an onset can be looked for in them."""
        chosen = self._reference(window, before)
        days = chosen.baseline.window
        now = self._from(stock, window.first)
        counts = self._between(stock, days)
        if not counts.any():
            raise NotEnoughData(
                f"no day before {date_text(window.first)} can be compared with. Choose days as the baseline, A..B."
            )
        recent = (stock.days >= min(days.first, window.first - 7 * WEEKS)) & (stock.days < window.first)
        weights = np.zeros(len(stock.days))
        weights[counts] = chosen.weights[stock.days[counts] - days.first]
        return ActualVsExpected(
            baseline=chosen.baseline,
            stock=stock,
            now=now,
            held=~now & (counts | recent),
            weights=weights,
            amounts=self._amounts,
        )

    def _reference(self, window: Window, before: int | None) -> Reference:
        """The reference days of a window: the weeks before it, or the days that the baseline names."""
        if self.baseline == "expected":
            return expected_reference(self.workspace.span, window, window.first if before is None else before)
        days = self.judged.reference
        return Reference(self.judged.baseline, days.dense("", self.judged.baseline.window))

    def _from(self, stock: LeafRows, first: int) -> NDArray[np.bool_]:
        """The days of the window, and those right before it from `first` on."""
        now = np.arange(len(stock.days)) >= len(stock.days) - len(self.window)
        return now | (stock.days >= first) & (stock.days < self.window.first)

    def _between(self, stock: LeafRows, days: Window) -> NDArray[np.bool_]:
        """The days of the past that lie in a window."""
        past = np.arange(len(stock.days)) < len(stock.days) - len(self.window)
        return past & (stock.days >= days.first) & (stock.days <= days.last)

    @cached_property
    def _past(self) -> Window:
        """All days that may be needed of the past.

        Where the reference days stand right before the window, more days than these: they tell what is usual.
        """
        first = min(self.window.first - _LOOK_BACK - 7 * WEEKS, self.judged.reference.window.first)
        last = max(self.window.first - 1, self.judged.reference.window.last)
        start = self.workspace.span.first
        return Window(max(first, start), max(last, start))

    @property
    def days(self) -> Window:
        """The days of the window and all that may be needed of the past."""
        return Window(min(self._past.first, self.window.first), self.window.last)

    @cached_property
    def _events(self) -> frozenset[str]:
        """Base measures that have a clock of their own."""
        measures = self.workspace.catalogue.measures
        return frozenset(name for name in self.workspace.measures if measures[name].event is not None)

    @cached_property
    def _amounts(self) -> frozenset[str]:
        """Base measures that add up amounts, such as money."""
        measures = self.workspace.catalogue.measures
        return frozenset(name for name in self.workspace.measures if measures[name].unit != "count")

    @property
    def has_clock(self) -> bool:
        """Whether the metric counts what follows an order, here by the day of the order."""
        return self.clock == "order" and bool(self.metric.measures() & self._events)

    @property
    def _own(self) -> frozenset[str]:
        """Measures of the metric that are counted by a clock or at an age of their own."""
        return self.metric.measures() if self.judged.age is not None else self.metric.measures() & self._events

    @cached_property
    def _inside(self) -> "_Rows":
        return self._read_rows(self.where)

    @cached_property
    def _everywhere(self) -> "_Rows":
        return self._read_rows(EVERYTHING) if self.where else self._inside

    @property
    def _is_complete(self) -> bool:
        """Whether nothing that follows the orders of the window is still to come."""
        computable = self.workspace.catalogue.computable(self.workspace.measures)
        oldest = max((metric.mature_after_days for metric in computable), default=0)
        return self.window.last + oldest <= newest_known(self.workspace)

    def _read_rows(self, where: Segment) -> "_Rows":
        """What has no clock of its own, what the metric counts by one, and all that follows an order, when it happened."""
        plain = [name for name in self.workspace.measures if name not in self._events]
        own, judged, late = leaf_rows(
            [
                self._read(plain, "order", None, where),
                self._read(sorted(self._own), self.clock, self.judged.age, where),
                self._read(sorted(self._events), "order" if self._is_complete else "event", None, where),
            ]
        )
        return _Rows(own.with_more(judged, self._own), own.with_more(late))

    def _read(self, measures: Sequence[str], clock: Clock, age: int | None, where: Segment) -> tuple[Cube, Cube]:
        workspace, names = self.workspace, self.workspace.dimensions
        now, past = (workspace.cube(measures, days, names, where, clock, age=age) for days in (self.window, self._past))
        return now, past


@dataclass(frozen=True)
class _Rows:
    """All rows of the window and of its past."""

    as_judged: LeafRows
    """The measures of the metric by the clock and at the age that the verdict counts them."""
    by_event: LeafRows
    """What follows an order on the day that it happened, or on that of the order where all days are complete."""
