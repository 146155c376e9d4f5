"""Why a metric changed: puts everything together that the other files of this room find out."""

from collections.abc import Sequence

from core.catalogue import Metric
from core.causes.compared import Compared
from core.causes.drivers import drivers
from core.causes.mix import mix_of_ratio, mix_of_sum, simpson
from core.causes.reference import reference
from core.days import Window
from core.errors import NotEnoughData
from core.findings import Driver, Explanation, MixRate, Onset
from core.segment import EVERYTHING, Segment
from core.workspace.facts import Clock
from core.workspace.workspace import Workspace

_LAST_DAYS = 7
"""Length of the window when none is asked for and no drop is on."""
_TINY = 1e-12


def explain(
    workspace: Workspace,
    metric: str,
    *,
    window: Window | None = None,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    clock: Clock = "order",
) -> Explanation:
    """Why `metric` changed in `window` (default: the last week), compared with `baseline`, in a segment.

    `baseline` is "expected" (what the past leads one to expect), "previous" (as many days before) or a window "A..B".
    Raises UsageError for what does not exist, NotEnoughData when there is nothing to compare.
    """
    asked = workspace.metric(metric)
    days = window or workspace.window(workspace.span.last - _LAST_DAYS + 1, None)
    workspace.window(days.first, days.last)
    compared = _compare(workspace, days, baseline, where, clock)
    actual, expected = _values(asked, compared, days)
    parts = drivers(workspace.catalogue, metric, *compared.sums)
    mix, notes = _mixes(asked, compared, parts)
    change = actual - expected
    return Explanation(
        metric=metric,
        unit=asked.unit,
        where=where,
        window=days,
        baseline=compared.baseline,
        actual=actual,
        expected=expected,
        change=change,
        change_pct=change / abs(expected) if expected else None,
        interval=(expected, expected),
        is_drop=change * worse(asked) > 0,
        onset=Onset(days.first, "step"),
        data_quality=(),
        drivers=parts,
        mix=mix,
        segments=(),
        events=(),
        causes=(),
        ruled_out=(),
        notes=tuple(notes),
    )


def worse(metric: Metric) -> int:
    """-1 where falling is worse, +1 where rising is, 0 for neutral metrics."""
    return {"up": -1, "down": 1, "neutral": 0}[metric.good]


def _compare(workspace: Workspace, window: Window, baseline: str, where: Segment, clock: Clock) -> Compared:
    chosen = reference(workspace, window, baseline)
    measures, dimensions = workspace.measures, workspace.dimensions
    actual = workspace.cube(measures, window, dimensions, where, clock)
    past = workspace.cube(measures, chosen.baseline.window, dimensions, where, clock)
    return Compared(chosen.baseline, actual, past, chosen.weights)


def _values(metric: Metric, compared: Compared, window: Window) -> tuple[float, float]:
    """(actual, expected). Raises NotEnoughData when a ratio has nothing to divide by."""
    actual, expected = compared.value(metric)
    for value, days in ((actual, window), (expected, compared.baseline.window)):
        if value != value:
            raise NotEnoughData(
                f"{metric.key} has no {metric.denominator} in {days}. Choose other days or a wider segment."
            )
    return actual, expected


def _mixes(metric: Metric, compared: Compared, parts: Sequence[Driver]) -> tuple[tuple[MixRate, ...], list[str]]:
    """Mix and rate over every dimension that the metric can be sliced by, and reversals in words."""
    found = tuple(_mix(metric, compared, name, parts) for name in compared.slices(sorted(metric.measures())))
    reversals = [simpson(one, worse(metric)) for one in found if worse(metric)]
    return found, [text for text in reversals if text]


def _mix(metric: Metric, compared: Compared, dimension: str, parts: Sequence[Driver]) -> MixRate:
    held = {name: compared.by(name, dimension) for name in metric.measures()}
    sides = [{name: pair[side] for name, pair in held.items()} for side in (0, 1)]
    over = metric.scale * metric.numerator.of(sides[0]), metric.scale * metric.numerator.of(sides[1])
    names = compared.both.values[dimension]
    if metric.denominator is not None:
        under = metric.denominator.of(sides[0]), metric.denominator.of(sides[1])
        return mix_of_ratio(dimension, names, over, under)
    volume = parts[0].metric
    told = len(parts) > 1 and dimension in compared.slices([*metric.measures(), volume])
    return mix_of_sum(dimension, names, over, compared.by(volume, dimension) if told else None)
