"""The question that is asked of a workspace, and the cubes that answer it, read once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.catalogue import Metric
from core.causes.compared import Compared
from core.causes.reference import WEEKS, reference
from core.cube import Cube, Part
from core.days import Window
from core.drops import baseline as baselines
from core.segment import Segment
from core.workspace.facts import Clock
from core.workspace.workspace import Workspace

_LOOK_BACK = 42
"""Days before the window on which a change that is still on may have begun."""


@dataclass(frozen=True)
class Question:
    """What is asked."""

    workspace: Workspace
    metric: Metric
    window: Window
    baseline: str
    """"expected", "previous" or "A..B"."""
    where: Segment
    clock: Clock

    @cached_property
    def judged(self) -> baselines.Compared:
        """The verdict on the whole: what was expected, with its interval, and whether this is a drop."""
        leaves = self.workspace.catalogue.leaves(self.metric.key, self.workspace.measures)
        measures = sorted({name for leaf in leaves for name in leaf.measures()})
        return baselines.compare(
            self.workspace, self.metric.key, self.window, self.baseline, self.where, self.clock, measures
        )

    def figures(self) -> Compared:
        """The comparison that is told: every slice of it adds up to the verdict on the whole."""
        days = self.judged.reference
        now, past = self._asked
        held = days.window
        weights = replace(days, scales={}).dense("", held)
        return Compared(self.judged.baseline, now, past.between(held), weights, days.scales)

    def compare(self, before: int | None = None) -> Compared:
        """The comparison by which a change is looked for: against calm days before it; `before` as for `reference`."""
        return self._against(self._asked, before)

    def compare_late(self, before: int | None = None) -> Compared:
        """The same with all that follows an order, on the day that it happened, so that young days can be judged."""
        return self._against(self._late, before)

    def compare_since(self, day: int) -> Compared:
        """As `compare`, with all days since a change began judged, not only those of the window."""
        now, past = self._asked
        window = Window(day, self.window.last)
        chosen = reference(self.workspace.span, window, self.baseline)
        both = replace(now, window=Window(past.window.first, now.window.last), parts=past.parts + now.parts)
        return Compared(chosen.baseline, both.between(window), both.between(chosen.baseline.window), chosen.weights)

    def _against(self, cubes: tuple[Cube, Cube], before: int | None) -> Compared:
        """Days between the reference and the window are kept, weighing nothing, so that an onset can be looked for in them."""
        chosen = reference(self.workspace.span, self.window, self.baseline, before)
        held = chosen.baseline.window
        first = min(held.first, max(self._past.first, self.window.first - 7 * WEEKS))
        days = Window(first, self._past.last)
        weights = np.zeros(len(days))
        weights[held.first - first : held.last - first + 1] = chosen.weights
        return Compared(chosen.baseline, cubes[0], cubes[1].between(days), weights)

    @cached_property
    def _past(self) -> Window:
        """All days that may be needed of the past.

        Where the reference days stand right before the window, more days than these: they tell what is usual.
        """
        if self.baseline not in {"expected", "previous"}:
            return self.judged.reference.window
        first = min(self.window.first - _LOOK_BACK - 7 * WEEKS, self.judged.reference.window.first)
        return Window(max(first, self.workspace.span.first), max(self.window.first - 1, self.workspace.span.first))

    @property
    def days(self) -> Window:
        """The days of the window and all that may be needed of the past."""
        return Window(min(self._past.first, self.window.first), self.window.last)

    @cached_property
    def _events(self) -> frozenset[str]:
        """Base measures that have a clock of their own."""
        known = self.workspace.catalogue.measures
        return frozenset(name for name in self.workspace.measures if known[name].event is not None)

    @cached_property
    def _plain(self) -> tuple[Cube, Cube]:
        return self._read([name for name in self.workspace.measures if name not in self._events], "order", None)

    @property
    def has_clock(self) -> bool:
        """Whether the metric counts what follows an order, here by the day of the order."""
        return self.clock == "order" and bool(self.metric.measures() & self._events)

    @property
    def _own(self) -> frozenset[str]:
        """Measures of the metric that are counted by a clock or at an age of their own."""
        return self.metric.measures() if self.judged.age is not None else self.metric.measures() & self._events

    @cached_property
    def _asked(self) -> tuple[Cube, Cube]:
        return self._joined(self._read(sorted(self._own), self.clock, self.judged.age), self._own)

    @cached_property
    def _late(self) -> tuple[Cube, Cube]:
        return self._joined(self._read(sorted(self._events), "event", None), ())

    def _joined(self, more: tuple[Cube, Cube], instead: Collection[str]) -> tuple[Cube, Cube]:
        """What has no clock of its own, and more; `instead`: what is not taken from the former."""
        actual, past = (
            replace(
                one,
                parts=(*(_without(part, instead) for part in one.parts), *other.parts),
                scales={**one.scales, **other.scales},
            )
            for one, other in zip(self._plain, more, strict=True)
        )
        return actual, past

    def _read(self, measures: Sequence[str], clock: Clock, age: int | None) -> tuple[Cube, Cube]:
        now, past = (self._cube(one, measures, clock, age) for one in (self.window, self._past))
        return now, past

    def _cube(self, window: Window, measures: Sequence[str], clock: Clock, age: int | None) -> Cube:
        workspace = self.workspace
        return workspace.cube(measures, window, workspace.dimensions, self.where, clock, age=age)


def _without(part: Part, measures: Collection[str]) -> Part:
    return replace(part, measures={name: held for name, held in part.measures.items() if name not in measures})
