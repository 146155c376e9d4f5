"""What a window is compared with: what the days before it lead one to expect, or other days."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.base.arrays import Floats
from core.base.baseline import Baseline
from core.base.count_text import count
from core.base.date_text import date_text, during
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.interval import is_within
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.metrics import Metric
from core.detection.comparison_result import Comparison
from core.detection.detector.online_detector import OnlineDetector
from core.detection.detector.onset_shape import shape_of
from core.detection.distributions import Z95, deviance_score, normal_score
from core.detection.expected_values import LEAST_PAST, expected_from_detector, expected_inside_drop
from core.detection.findings import Onset
from core.detection.forecast.panel import CLOSED, ORDINARY
from core.detection.forecast.panel_build import SliceSums, ceiling_of, numerators, panel
from core.detection.forecast.reference_days import ReferenceDays, balanced_days, has_weekdays, other_days, usual_days
from core.detection.forecast.state_space import WEEK
from core.detection.scan_plan import HISTORY
from core.detection.segment_series import rest_of_whole

_LEAST = 1e-12
_LONG = 28
"""From so many days on a window is judged by its own weeks."""


class WindowJudge:
    """A metric and base measures, in total and by day, and the window in them."""

    def __init__(
        self,
        metrics: Sequence[Metric],
        sums: SliceSums,
        span: Window,
        states: np.ndarray,
        window: Window,
        whole: Callable[[], SliceSums] | None = None,
    ) -> None:
        """`metrics`: the one that is judged, then base measures; `sums` and `states` (1, days) cover `span`.

        `whole`: the same sums of everything, where these are of a segment.
        """
        self._metric, self._metrics, self._slices = metrics[0], metrics, sums
        self._span, self._window = span, window
        first = max(span.first, window.first - HISTORY)
        self._first = first
        late = SliceSums(sums.where, {name: values[:, first - span.first :] for name, values in sums.sums.items()})
        self._ceiling = ceiling_of(metrics[0], sums)
        made = panel(
            [(measured, late, 0.0 if index else self._ceiling) for index, measured in enumerate(metrics)],
            first,
            np.repeat(states[:, first - span.first :], len(metrics), 0),
            window.first,
        )
        if whole is not None:
            made = replace(made, rest=rest_of_whole(metrics, whole, made.values, first - span.first))
        self._replay = OnlineDetector(made).run(window.first - 1 - first)
        self._own = expected_from_detector(self._replay, window)
        self.knows_past = bool(self._replay.age[0] >= LEAST_PAST)
        """Whether the days before the window suffice to expect anything."""

    def against(self, other: Baseline) -> Comparison:
        """Other days, as they are or by their daily means; the interval is what two ordinary windows differ by.

        Raises NotEnoughData when none of these days can hold anything.
        """
        self._require_open(other.window)
        reference = balanced_days(self._window, other.window)
        sums = {name: float(reference.weights @ self._days(name, reference)) for name in self._slices.sums}
        expected = float(self._metric.value(sums))
        sd = float(np.hypot(self._relative_sd(self._window), self._relative_sd(other.window)))
        ends = (expected * max(0.0, 1 - Z95 * sd), expected * (1 + Z95 * sd))
        outlook = _Outlook(expected, ends, self._linear_score(expected, abs(expected) * sd))
        comparison = self._compared(other, outlook, sums, reference)
        return replace(comparison, notes=tuple(_by_daily_means(self._window, other.window)))

    def _require_open(self, days: Window, instead: str = "") -> None:
        key = self._metric.key
        if self._is_closed(days):
            raise NotEnoughData(
                f"no rows count {metric_words(key)} {during(days)}: days of rest, between two reports, or after an export ends. "
                f"Choose days with data (whydrop series {key} shows them){instead}."
            )

    def _is_closed(self, days: Window) -> bool:
        """Whether nothing is counted on any of these days, of which the model expects nothing."""
        start = days.first - self._first
        return start >= 0 and bool((self._replay.panel.known[0, start : start + len(days)] == CLOSED).all())

    def _short_past(self) -> str:
        """Why nothing can be expected: the past is short, or what came before is over."""
        name, replay, days = metric_words(self._metric.key), self._replay, int(self._replay.age[0])
        past = slice(0, self._window.first - self._first)
        came = np.flatnonzero((replay.panel.values[0, past] > 0) & ~np.isnan(replay.expected[0, past]))
        if len(came) and not days:
            return f"{name} stopped after {date_text(self._first + int(came[-1]))}, so no value is expected"
        again = " since it came back" if len(came) > days else ""
        first = date_text(self._window.first)
        panel = replay.panel
        counted = 0 if panel.exposure is None else int((np.nan_to_num(panel.exposure[0, past]) > 0).sum())
        if counted >= LEAST_PAST and not panel.values[0, past].any():  # a ratio of 0, or at its ceiling
            return f"{name} did not change once before {first}, so nothing says how much it usually varies"
        return f"{name} has {count(days, 'day')} of data before {first}{again}; an expected value needs {LEAST_PAST}"

    def against_expected(self) -> Comparison:
        """What the days before the window lead one to expect."""
        if not self.knows_past:
            raise NotEnoughData(f"{self._short_past()}. {other_days(self._window.first - self._first, self._window)}.")
        self._require_open(self._window, ", or compare anyway with --baseline previous")
        past = self._window.first - self._first
        unusual = self._replay.unusual[0, :past] | (self._replay.panel.known[0, :past] != ORDINARY)
        reference = usual_days(self._window, Window(self._first, self._window.first - 1), unusual)
        outlook = self._outlook(self._active_at_end)
        total = np.nan_to_num(self._own.total)
        sums = self._closed(
            {measured.key: float(value) for measured, value in zip(self._metrics[1:], total[1:], strict=True)},
            outlook.expected,
        )
        plain = {name: float(reference.weights @ self._days(name, reference)) for name in sums}
        scales = {name: sums[name] / plain[name] for name in sums if plain[name] > 0}
        scaled = replace(reference, scales=scales)
        return self._compared(Baseline("expected", reference.window), outlook, sums, scaled)

    def _outlook(self, drop: "_ActiveDrop | None") -> "_Outlook":
        """What is expected of the window, from the days before it.

        Inside a drop that is on at its end, the baseline is that of before the drop, and as well known as it was when the drop
        began: a level that followed a slow leak, or a doubt that grew with it, would hide a drop for the sole reason that it
        lasts.
        """
        own = self._own
        if drop is not None and drop.onset <= self._window.first:
            own = expected_inside_drop(self._replay, 0, self._window, before=own)
        total, lo, hi, sd = (
            float(np.nan_to_num(at[0])) for at in (own.total, own.total_lo, own.total_hi, own.total_sd)
        )
        score = self._score(total, sd)
        denominator = self._denominator()
        total, lo, hi = total / denominator, lo / denominator, hi / denominator
        lo, hi = sorted((self._own_value(lo), self._own_value(hi)))
        return _Outlook(self._own_value(total), (lo, hi), score)

    def _own_value(self, counted: float, denominator: float = 1.0) -> float:
        """The metric's own numerator for what the panel counts, which may be what is missing to it; and the reverse."""
        return self._ceiling * denominator - counted if self._ceiling else counted

    def _score(self, total: float, sd: float) -> float:
        """Standard deviations on the worse side, counted as the detector counts them; `total` and `sd` in the panel's unit."""
        panel, noise = self._replay.panel, self._replay.noise
        days = slice(self._window.first - self._first, self._window.last - self._first + 1)
        own = np.zeros(1, np.int64)
        actual = float(panel.values[0, days].sum())
        if total <= 0 or sd <= 0:
            return 0.0
        raw = deviance_score(np.array([actual]), np.array([total]), np.array([sd**2]), noise.lump[:1])
        freedom = noise.freedom(own, noise.days[own], panel.exposures(own, days).sum(1))
        return float(panel.worse[0] * normal_score(raw, freedom)[0])

    def _linear_score(self, expected: float, sd: float) -> float:
        actual = float(self._metric.value(self._sums(self._window)))
        return (actual - expected) * self._metric.watched_sign / sd if sd > 0 else 0.0

    def _closed(self, sums: dict[str, float], expected: float) -> dict[str, float]:
        """The sums, the metric's own adjusted so that its formula gives exactly what is expected of it."""
        value = float(self._metric.value(sums))
        if not np.isfinite(value) or not value or len(self._metric.numerator.terms) > 1:
            return sums
        own = self._metric.numerator.terms[0][1]
        return {**sums, own: sums[own] * expected / value}

    def _compared(
        self, baseline: Baseline, outlook: "_Outlook", sums: Mapping[str, float], reference: ReferenceDays
    ) -> Comparison:
        actual, expected = float(self._metric.value(self._sums(self._window))), outlook.expected
        away = (actual - expected) * self._metric.watched_sign
        outside = not is_within(actual, outlook.interval)
        usual = expected / (1.0 if self._metric.is_ratio else max(float(reference.weights.sum()), 1.0))
        return Comparison(
            baseline=baseline,
            window=self._window,
            actual=actual,
            expected=expected,
            interval=outlook.interval,
            is_drop=self._metric.worse_sign != 0 and away > 0 and outside,
            score=outlook.score,
            onset=self._onset(self._own_value(usual)),
            drop_since=None if self._active_at_end is None else self._active_at_end.onset,
            sums=sums,
            reference=reference,
            age=None,
        )

    @cached_property
    def _active(self) -> "list[_ActiveDrop]":
        """The drop that the detector sees on each day of the window on which it sees one. Moves the detector on."""
        if not self.knows_past:
            return []
        first, active = self._first, []
        for day in self._replay.sightings(range(self._window.first - first, self._window.last - first + 1)):
            active += [_ActiveDrop(day.day, int(onset)) for onset in day.onset[day.series == 0]]
        return active

    @property
    def _active_at_end(self) -> "_ActiveDrop | None":
        return self._active[-1] if self._active and self._active[-1].day == self._window.last else None

    def _onset(self, usual: float) -> Onset:
        """Since when, and how: what the detector says, else the day since when most is missing for the days that are left.

        `usual`: what a day (for a ratio: one unit of its denominator) brings, where the detector knows no better.
        """
        first, replay, stop = self._first, self._replay, self._window.last - self._first + 1
        start = self._active[-1].onset if self._active else self._window.first
        days = slice(start - first, stop)
        exposure = replay.panel.exposure
        rough = usual * (np.ones(stop) if exposure is None else np.nan_to_num(exposure[0, :stop], nan=1.0))
        values, expected = replay.panel.values[0], replay.expected[0, :stop] if self.knows_past else rough
        expected = np.where(np.isfinite(expected), expected, rough)
        if not self._active:
            missing = (values[days] - expected[days]) * replay.panel.worse[0]
            left = np.cumsum(missing[::-1])[::-1] / np.sqrt(np.arange(len(missing), 0, -1))
            start += int(left.argmax())
            days = slice(start - first, stop)
        return Onset(start, shape_of(values[days], expected[days]))

    def _sums(self, window: Window) -> dict[str, float]:
        days = slice(window.first - self._span.first, window.last - self._span.first + 1)
        return {name: float(values[0, days].sum()) for name, values in self._slices.sums.items()}

    def _days(self, measure: str, reference: ReferenceDays) -> Floats:
        return np.asarray(self._slices.sums[measure][0][reference.days - self._span.first])

    def _denominator(self) -> float:
        denominator = self._metric.denominator
        return 1.0 if denominator is None else max(float(denominator.of(self._sums(self._window))), _LEAST)

    def _relative_sd(self, window: Window) -> float:
        """Standard deviation of an ordinary window's value, relative to it: as the model has it for days or weeks to come.

        Over months the model's level may go anywhere, so that a long window is judged by how its own weeks differ.
        """
        ahead = Window(self._window.first, self._window.first + len(window) - 1)
        if self.knows_past and len(window) < _LONG and not self._is_closed(ahead):
            forecast = expected_from_detector(self._replay, ahead)
            total = float(forecast.total[0])
            return float(forecast.total_sd[0]) / self._own_value(total, self._denominator())
        length = WEEK if len(window) >= _LONG else 1
        if len(window) // length > 2:
            values = self._values(window.first, len(window) // length, length)
        else:  # too few to differ by more than chance: all days that are known tell how days differ
            values = self._values(self._span.first, len(self._span), 1)
        return float(values.std() / max(abs(values.mean()), _LEAST) / np.sqrt(max(len(window) // length, 1)))

    def _values(self, first: int, count: int, length: int) -> Floats:
        """The metric in so many stretches of days, one after the other, shape (count,)."""
        numerator, denominator = numerators(self._metric, self._slices)
        start = first - self._span.first
        starts, stop = np.arange(0, count * length, length), start + count * length
        values = np.add.reduceat(numerator[0, start:stop], starts)
        return (
            values
            if denominator is None
            else values / np.maximum(np.add.reduceat(denominator[0, start:stop], starts), _LEAST)
        )


@dataclass(frozen=True, slots=True)
class _ActiveDrop:
    """A drop that the detector sees at the end of a day."""

    day: int
    onset: int


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What is expected of a window, in the metric's unit."""

    expected: float
    interval: tuple[float, float]
    score: float


def _by_daily_means(window: Window, other: Window) -> Iterator[str]:
    """What to say where the lengths differ."""
    if len(window) == len(other):
        return
    how = "of each weekday" if has_weekdays(window, other) else "of all days: the baseline lacks some of its weekdays"
    yield f"the window has {count(len(window), 'day')}, the baseline {len(other)}: compared by daily means {how}"
