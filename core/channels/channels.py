"""The funnel of every channel versus its baseline: what moved GMV, and what could be done."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import stdtrit

from core.base.arrays import Floats
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.channels.channel_results import ChannelChange, Channels, Interval, StepFigures, TrafficMove
from core.channels.decomposition import ChannelParts, decompose
from core.channels.funnel import AFTER_ORDERS, DATED_ALONE, STEPS, ChannelDays, read_channels, usable_steps
from core.channels.strategy import strategy
from core.channels.traffic_move import MoveRequest, traffic_move
from core.detection.comparison import compare
from core.detection.comparison_result import Comparison
from core.detection.forecast.reference_days import ReferenceDays
from core.detection.quality.end_of_exports import newest_exported
from core.workspace.read.workspace import Workspace

_WINDOW_DAYS = 7
_PAST_DAYS = 182
"""Of daily traffic, for moves: half a year holds campaigns and quiet weeks."""
_PAST_WINDOWS = 12
"""Earlier windows that the width of intervals is learnt from."""
_LEAST_WINDOWS = 4
"""Fewer say too little of what is usual."""
_RATES = {
    "ctr": ("clicks", "impressions", 1.0),
    "click_to_order_rate": ("orders", "clicks", 1.0),
    "payment_rate": ("paid_orders", "orders", 1.0),
    "average_order_value": ("gmv", "paid_orders", 1.0),
    "gpm": ("gmv", "impressions", 1000.0),
    "refund_rate": ("refunded_orders", "paid_orders", 1.0),
    "negative_review_rate": ("negative_reviews", "reviews", 1.0),
}
"""Rates of the funnel -> numerator, denominator, scale."""

_Sums = dict[str, Floats]
"""measure -> shape (channels,)."""


def channels(
    workspace: Workspace,
    *,
    window: Window | None = None,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    by: Sequence[str] = (),
    move: MoveRequest | None = None,
) -> Channels:
    """The GMV of each channel in a window (the newest week by default) versus a baseline, as `explain` takes it.

    `by` compares groups at equal traffic mix, `move` tells what moving traffic would do. Raises UsageError for names that do
    not exist, NotEnoughData without channels or GMV, for a past too short, and for a move that was never seen.
    """
    days, later = (window, ()) if window else _newest(workspace)
    forecast = [name for name in (*STEPS, *DATED_ALONE) if name in workspace.measures]
    comparison = compare(workspace, "gmv", days, baseline, where, measures=forecast)
    reference = comparison.reference.window
    past_first = max(workspace.span.first, days.first - _PAST_DAYS)
    span = Window(min(reference.first, past_first), max(days.last, reference.last))
    table = read_channels(workspace, span, where)
    sums = _sides(table, days, comparison)
    actual, expected = sums
    steps = usable_steps(sums)
    parts = decompose(actual, expected, steps)
    spreads = _spreads(table, days, comparison, steps)
    counted = np.any(
        [side[name] != 0 for side in sums for name in steps], axis=0
    )  # others have reviews or deliveries alone
    rows = [
        _row(table, row, sums, parts=parts, spreads=spreads, traffic=steps[0])
        for row in np.flatnonzero(counted).tolist()
    ]
    return Channels(
        window=days,
        baseline=comparison.baseline,
        where=where,
        steps=steps,
        actual=float(actual["gmv"].sum()),
        expected=float(expected["gmv"].sum()),
        change=float((actual["gmv"] - expected["gmv"]).sum()),
        volume=float(parts.volume.sum()),
        mix=float(parts.mix.sum()),
        rate=float(parts.rate.sum()),
        channels=tuple(sorted(rows, key=lambda row: (-abs(row.change), row.channel))),
        move=_move(table, days, steps[0], move) if move else None,
        strategy=strategy(workspace, days, where, by, steps[0]) if by else None,
        notes=(*later, *comparison.notes, *_notes(steps)),
    )


def _newest(workspace: Workspace) -> tuple[Window, tuple[str, ...]]:
    end, notes = newest_exported(workspace)
    last = max(end, workspace.span.first)
    return Window(max(workspace.span.first, last - _WINDOW_DAYS + 1), last), notes


def _sides(table: ChannelDays, days: Window, comparison: Comparison) -> tuple[_Sums, _Sums]:
    """Sums of the window and of the baseline; shape (channels,) each."""
    inside = np.zeros(len(table.window))
    inside[days.first - table.window.first : days.last - table.window.first + 1] = 1.0
    weights = comparison.reference.dense
    usual = {name: weights(AFTER_ORDERS.get(name, name), table.window) for name in table.sums}
    return table.total(dict.fromkeys(table.sums, inside)), table.total(usual)


def _spreads(
    table: ChannelDays, days: Window, comparison: Comparison, steps: Sequence[str]
) -> dict[str, Floats] | None:
    """Half widths of 95 % intervals of change, volume, mix and rate, from the same comparison of earlier windows.

    Shape (channels,) each; None where there are too few.
    """
    earlier = _earlier_sides(table, days, comparison.reference, steps)
    if len(earlier) < _LEAST_WINDOWS:
        return None
    samples: list[dict[str, Floats]] = []
    for actual, expected in _grown(earlier) if comparison.reference.scales else earlier:
        parts = decompose(actual, expected, steps)
        change = actual["gmv"] - expected["gmv"]
        samples.append({"change": change, "volume": parts.volume, "mix": parts.mix, "rate": parts.rate})
    reach = float(stdtrit(len(samples), 0.975))
    return {name: reach * np.sqrt(np.mean([sample[name] ** 2 for sample in samples], axis=0)) for name in samples[0]}


def _earlier_sides(
    table: ChannelDays, days: Window, reference: ReferenceDays, steps: Sequence[str]
) -> list[tuple[_Sums, _Sums]]:
    """Sums of earlier windows with the same steps, and of the reference days of each, the newest first."""
    stride = 7 * -(-len(days) // 7)  # whole weeks, so that weekdays agree
    sides = []
    for number in range(1, _PAST_WINDOWS + 1):
        earlier, shift = days.shifted(-number * stride), number * stride
        if earlier.first < table.window.first or reference.window.first - shift < table.window.first:
            break
        inside = np.zeros(len(table.window))
        inside[earlier.first - table.window.first : earlier.last - table.window.first + 1] = 1.0
        usual = np.zeros(len(table.window))
        usual[reference.days - shift - table.window.first] = reference.weights
        actual, expected = (table.total(dict.fromkeys(table.sums, weight)) for weight in (inside, usual))
        if usable_steps((actual, expected)) == tuple(steps):
            sides.append((actual, expected))
    return sides


def _grown(sides: Sequence[tuple[_Sums, _Sums]]) -> list[tuple[_Sums, _Sums]]:
    """The same, each expected to have grown from its reference days as the median of the others did.

    What is expected of the window asked about grows too. Without this, growth of 2% a week made the usual range of a channel
    three times as wide.
    """
    totals = {name: np.array([[side[name].sum() for side in pair] for pair in sides]) for name in sides[0][0]}
    growth = {
        name: np.divide(total[:, 0], total[:, 1], out=np.ones(len(sides)), where=total[:, 1] > 0)
        for name, total in totals.items()
    }
    return [
        (actual, {name: values * np.median(np.delete(growth[name], at)) for name, values in expected.items()})
        for at, (actual, expected) in enumerate(sides)
    ]


def _row(
    table: ChannelDays,
    row: int,
    sums: tuple[Mapping[str, Floats], Mapping[str, Floats]],
    *,
    parts: ChannelParts,
    spreads: Mapping[str, Floats] | None,
    traffic: str,
) -> ChannelChange:
    """One channel; `sums` of the window and of its baseline."""
    actual, expected = sums
    figures = {"change": actual["gmv"] - expected["gmv"], "volume": parts.volume, "mix": parts.mix, "rate": parts.rate}
    at = {name: float(values[row]) for name, values in figures.items()}
    intervals: dict[str, Interval] = {}
    if spreads is not None:
        intervals = {name: (at[name] - float(half[row]), at[name] + float(half[row])) for name, half in spreads.items()}
    shares = [side[traffic][row] / side[traffic].sum() if side[traffic].sum() else None for side in (actual, expected)]
    return ChannelChange(
        channel=table.channels[row],
        actual=float(actual["gmv"][row]),
        expected=float(expected["gmv"][row]),
        change=at["change"],
        volume=at["volume"],
        mix=at["mix"],
        rate=at["rate"],
        rates={name: float(values[row]) for name, values in parts.rates.items()},
        interval=intervals.pop("change", None),
        intervals=intervals,
        share=None if shares[0] is None else float(shares[0]),
        share_expected=None if shares[1] is None else float(shares[1]),
        funnel=_funnel(row, actual, expected),
    )


def _funnel(row: int, actual: Mapping[str, Floats], expected: Mapping[str, Floats]) -> dict[str, StepFigures]:
    """Steps, then rates."""
    figures = {name: StepFigures(float(actual[name][row]), float(expected[name][row])) for name in actual}
    for name, (numerator, denominator, scale) in _RATES.items():
        if numerator in actual and denominator in actual:
            figures[name] = StepFigures(
                *(_ratio(side[numerator][row], side[denominator][row], scale) for side in (actual, expected))
            )
    return figures


def _ratio(numerator: float, denominator: float, scale: float) -> float | None:
    return float(scale * numerator / denominator) if denominator else None


def _move(table: ChannelDays, days: Window, lead: str, request: MoveRequest) -> TrafficMove:
    return traffic_move(_cut(table, Window(table.window.first, days.first - 1)), _cut(table, days), lead, request)


def _cut(table: ChannelDays, days: Window) -> ChannelDays:
    first = days.first - table.window.first
    sums = {name: values[:, first : first + len(days)] for name, values in table.sums.items()}
    return ChannelDays(window=days, channels=table.channels, sums=sums)


def _notes(steps: Sequence[str]) -> tuple[str, ...]:
    if steps[0] == "impressions":
        return ()
    return (f"Some channels have no impressions: traffic is counted by {steps[0]}.",)
