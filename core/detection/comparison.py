"""What a window is compared with, and whether it is a drop: the ground that an explanation stands on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from core.base.arrays import Floats
from core.base.baseline import Baseline
from core.base.days import Window, iso
from core.base.errors import NotEnoughData, UsageError
from core.base.segment import EVERYTHING, Segment
from core.catalogue import Metric
from core.detection.detector.online_detector import OnlineDetector
from core.detection.detector.onset_shape import shape_of
from core.detection.distributions import Z95
from core.detection.expected_values import expected_from_detector
from core.detection.findings import Onset
from core.detection.forecast.maturity import EARLY, age_for
from core.detection.forecast.panel import ORDINARY
from core.detection.forecast.panel_build import SliceSums, is_mostly, known_days, numerators, panel
from core.detection.forecast.reference_days import ReferenceDays, same_days, usual_days
from core.detection.forecast.state_space import WEEK
from core.detection.scan_plan import HISTORY
from core.workspace.read.cube_query import Clock
from core.workspace.read.workspace import Workspace

_LEAST = 1e-12
_LONG = 28
"""From so many days on a window is judged by its own weeks."""
LEAST_PAST = 14
"""Days before a window without which nothing can be expected of it."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A window, what it is compared with, and the verdict."""

    baseline: Baseline
    window: Window
    actual: float
    """Of the metric; nan when there is nothing to divide by."""
    expected: float
    interval: tuple[float, float]
    """95 %: where an ordinary window would have been."""
    is_drop: bool
    """Worse than expected, and outside the interval."""
    onset: Onset
    sums: Mapping[str, float]
    """base measure -> what is expected of it over the window."""
    reference: ReferenceDays
    """The same for every slice."""
    age: int | None
    """The window is young: all days, past and present, are counted as they were known so many days later. None = all is known."""
    notes: tuple[str, ...] = ()


def compare(
    workspace: Workspace,
    key: str,
    window: Window,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    clock: Clock = "order",
    measures: Iterable[str] = (),
) -> Comparison:
    """A metric in a window beside `expected`, `previous` (as many days just before) or the days `A..B`.

    `measures`: base measures beside the metric's own of which the expected sums are wanted. `previous` and `A..B` are the
    plain sums of those days. Raises UsageError for a baseline that cannot be read, NotEnoughData when its days lie outside
    the data or the past is too short to expect anything.
    """
    metric = workspace.metric(key)
    wanted = tuple(dict.fromkeys((*sorted(metric.measures()), *measures)))
    age, notes = age_for(workspace, metric, window, clock)
    first = max(min(workspace.span.first, window.first), window.first - HISTORY)
    other = None if baseline == "expected" else _other_window(workspace, window, baseline)
    span = Window(min(first, other.first if other else first), max(window.last, other.last if other else window.last))
    cube = workspace.cube(wanted, span, (), where, clock, age=age)
    held = SliceSums((where,), {name: cube.daily(name)[None] for name in wanted})
    known = known_days(workspace.events(span.first, span.last), cube, (where,))
    judge = _Judge([metric, *(workspace.metric(name) for name in wanted)], held, span, known, window)
    if other is None and not judge.knows_past and age is not None and age < EARLY:
        raise NotEnoughData(
            f"too early: of orders of {iso(window.last)}, {age} days later, next to nothing of {key} is known. Choose days up to "
            f"{iso(window.last + age - EARLY)} (--window A..B), or count what happens on its own day: --clock event."
        )
    if other is None:
        found = judge.against_expected()
    else:
        found = judge.against(other, "previous" if baseline == "previous" else "window")
    return replace(found, age=age, notes=(*notes, *found.notes))


def _other_window(workspace: Workspace, window: Window, baseline: str) -> Window:
    if baseline != "previous" and ".." not in baseline:
        raise UsageError(f"no baseline {baseline!r}. It is expected, previous, or days such as 2026-03-02..2026-03-08.")
    other = window.shifted(-len(window)) if baseline == "previous" else Window.parse(baseline)
    span = workspace.span
    if other.first < span.first or other.last > span.last:
        raise NotEnoughData(f"the baseline {other} is not all inside the data ({span}). Choose days inside.")
    return other


class _Judge:
    """A metric and base measures, in total and by day, and the window in them."""

    def __init__(
        self, metrics: Sequence[Metric], held: SliceSums, span: Window, known: np.ndarray, window: Window
    ) -> None:
        """`metrics`: the one that is judged, then base measures; `held` and `known` (1, days) cover `span`."""
        self._metric, self._metrics, self._held = metrics[0], metrics, held
        self._span, self._window = span, window
        first = max(span.first, window.first - HISTORY)
        self._first = first
        late = SliceSums(held.where, {name: values[:, first - span.first :] for name, values in held.sums.items()})
        self._mostly = is_mostly(metrics[0], held)
        made = panel(
            [(one, late, place == 0 and self._mostly) for place, one in enumerate(metrics)],
            first,
            np.repeat(known[:, first - span.first :], len(metrics), 0),
        )
        self._replay = OnlineDetector(made).run(window.first - 1 - first)
        self._own = expected_from_detector(self._replay, window)
        self._enough = bool(self._replay.age[0] >= LEAST_PAST)

    def against(self, other: Window, kind: Literal["previous", "window"]) -> Comparison:
        """The plain sums of other days; the interval is what two ordinary windows differ by."""
        sums = self._sums(other)
        expected = float(self._metric.value(sums))
        sd = float(np.hypot(self._relative_sd(self._window), self._relative_sd(other)))
        interval = (expected * max(0.0, 1 - Z95 * sd), expected * (1 + Z95 * sd))
        return self._compared(Baseline(kind, other), expected, interval, sums, same_days(other))

    @property
    def knows_past(self) -> bool:
        """Whether the days before the window suffice to expect anything."""
        return self._enough

    def against_expected(self) -> Comparison:
        """What the days before the window lead one to expect."""
        if not self._enough:
            raise NotEnoughData(
                f"{int(self._replay.age[0])} days of {self._metric.key} before {iso(self._window.first)} are too few to expect "
                f"anything ({LEAST_PAST} are needed). Compare with --baseline previous or --baseline A..B."
            )
        past = self._window.first - self._first
        unusual = self._replay.unusual[0, :past] | (self._replay.panel.known[0, :past] != ORDINARY)
        reference = usual_days(self._window, Window(self._first, self._window.first - 1), unusual)
        total, under = np.nan_to_num(self._own.total), self._denominator()
        expected, *ends = (float(one[0]) / under for one in (total, self._own.total_lo, self._own.total_hi))
        if self._mostly:
            expected, ends = 1 - expected, [1 - ends[1], 1 - ends[0]]
        interval = (ends[0], ends[1])
        sums = self._closed(
            {one.key: float(each) for one, each in zip(self._metrics[1:], total[1:], strict=True)}, expected
        )
        plain = {name: float(reference.weights @ self._days(name, reference)) for name in sums}
        scales = {name: sums[name] / plain[name] for name in sums if plain[name] > 0}
        scaled = replace(reference, scales=scales)
        return self._compared(Baseline("expected", reference.window), expected, interval, sums, scaled)

    def _closed(self, sums: dict[str, float], expected: float) -> dict[str, float]:
        """The sums, the metric's own adjusted so that its formula gives exactly what is expected of it."""
        value = float(self._metric.value(sums))
        if not np.isfinite(value) or value == 0 or len(self._metric.numerator.terms) > 1:
            return sums
        own = self._metric.numerator.terms[0][1]
        return {**sums, own: sums[own] * expected / value}

    def _compared(
        self, baseline: Baseline, expected: float, interval: tuple[float, float], sums: Mapping[str, float],
        reference: ReferenceDays,
    ) -> Comparison:  # fmt: skip
        actual = float(self._metric.value(self._sums(self._window)))
        falls = self._metric.watched_sign < 0
        is_drop = self._metric.worse_sign != 0 and (actual < interval[0] if falls else actual > interval[1])
        usual = (
            1 - expected
            if self._mostly
            else expected
            if self._metric.is_ratio
            else expected / max(float(reference.weights.sum()), 1.0)
        )
        return Comparison(
            baseline=baseline,
            window=self._window,
            actual=actual,
            expected=expected,
            interval=interval,
            is_drop=is_drop,
            onset=self._onset(usual),
            sums=sums,
            reference=reference,
            age=None,
        )

    def _onset(self, usual: float) -> Onset:
        """Since when, and how: what the detector says, else the day since when most is missing for the days that are left.

        `usual`: what a day (for a ratio: one unit of its denominator) brings, where the detector knows no better.
        """
        first, replay = self._first, self._replay
        days = range(self._window.first - first, self._window.last - first + 1)
        seen = [int(one.onset[one.series == 0][0]) for one in replay.sightings(days) if (one.series == 0).any()]
        start = seen[-1] if seen and self._enough else self._window.first
        held = slice(start - first, days.stop)
        under = replay.panel.exposure
        rough = usual * (np.ones(days.stop) if under is None else np.nan_to_num(under[0, : days.stop], nan=1.0))
        values, expected = replay.panel.values[0], replay.expected[0, : days.stop] if self._enough else rough
        expected = np.where(np.isfinite(expected), expected, rough)
        if not seen:
            missing = (values[held] - expected[held]) * replay.panel.worse[0]
            left = np.cumsum(missing[::-1])[::-1] / np.sqrt(np.arange(len(missing), 0, -1))
            start += int(left.argmax())
            held = slice(start - first, days.stop)
        return Onset(start, shape_of(values[held], expected[held]))

    def _sums(self, window: Window) -> dict[str, float]:
        days = slice(window.first - self._span.first, window.last - self._span.first + 1)
        return {name: float(values[0, days].sum()) for name, values in self._held.sums.items()}

    def _days(self, measure: str, reference: ReferenceDays) -> Floats:
        return np.asarray(self._held.sums[measure][0][reference.days - self._span.first])

    def _denominator(self) -> float:
        under = self._metric.denominator
        return 1.0 if under is None else max(float(under.of(self._sums(self._window))), _LEAST)

    def _relative_sd(self, window: Window) -> float:
        """Standard deviation of an ordinary window's value, relative to it: as the model has it for days or weeks to come.

        Over months the model's level may go anywhere, so that a long window is judged by how its own weeks differ.
        """
        if self._enough and len(window) < _LONG:
            found = expected_from_detector(
                self._replay, Window(self._window.first, self._window.first + len(window) - 1)
            )
            total = float(found.total[0])
            return float(found.total_sd[0]) / (self._denominator() - total if self._mostly else total)
        over, under = numerators(self._metric, self._held)
        length = WEEK if len(window) >= _LONG else 1
        days = window.first - self._span.first + np.arange(len(window) // length * length)
        starts = np.arange(0, len(days), length)
        values = np.add.reduceat(over[0, days], starts)
        if under is not None:
            values = values / np.maximum(np.add.reduceat(under[0, days], starts), _LEAST)
        return float(values.std() / max(values.mean(), _LEAST) / np.sqrt(max(len(values) - 1, 1)))
