"""The drops that are on at the end of a day, as far as they are credible: what the detector says of its state."""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.detection.detector.drop_state import FALSE_SHARE, WIDTHS, DropState
from core.detection.detector.rare_events import rare_chances
from core.detection.distributions import interval
from core.detection.forecast.panel import Panel
from core.detection.forecast.residual_noise import reach_over


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveDrops:
    """The drops that are on at the end of a day; arrays of shape (drops,)."""

    day: int
    judged: int
    """How many series were old enough and had enough data to be judged."""
    series: Ints
    anchor: Ints
    """The onset as it was first reported: it identifies the drop."""
    onset: Ints
    actual: Floats
    expected: Floats
    variance: Floats
    """Of the sum from the onset to the day."""
    exposure: Floats
    """Denominator over the same days; the number of days for sums."""
    reach: Floats
    """Half-width of the 95 % interval around what was expected, in standard deviations, as it was at the onset."""
    z: Floats
    """Standard deviations on the worse side, positive."""
    clearest: Floats
    """The same on the day on which it was clearest."""
    rare: Floats
    """Probability of so few or so many single events, by counting; 0 where there are more than a few, or no single events."""


def active_drops(panel: Panel, drops: DropState, day: int, judged: int) -> ActiveDrops:
    """Those of the drops that are on after a column of the panel that lie outside the interval of what was expected.

    Few single events must be rarer than chance makes them in as many series as were `judged`.
    """
    who = np.flatnonzero(drops.on)
    rare = rare_chances(panel, who, drops.onset[who], day, drops.window.expected[0, who])
    credible = _outside(drops, who) & (WIDTHS * rare * judged <= FALSE_SHARE * len(who))
    who, rare = who[credible], rare[credible]
    expected = drops.window.expected[0, who]
    return ActiveDrops(
        day=day + panel.first,
        judged=judged,
        series=who,
        anchor=drops.anchor[who] + panel.first,
        onset=panel.opened(who, drops.onset[who]) + panel.first,  # nothing begins on a day of rest
        actual=drops.window.actual[0, who],
        expected=expected,
        variance=drops.variance[who] * expected**2,
        exposure=drops.window.exposure[0, who],
        reach=_reach(drops, who),
        z=-drops.score[who],
        clearest=-drops.lowest[who],
        rare=rare,
    )


def _outside(drops: DropState, who: Ints) -> Flags:
    """Whether drops lie outside the interval of what was expected: else nothing is claimed of them."""
    actual, expected = drops.window.actual[0, who], drops.window.expected[0, who]
    lo, hi = interval(expected, drops.variance[who] * expected**2, _reach(drops, who))
    return np.asarray((actual < lo) | (actual > hi))


def _reach(drops: DropState, who: Ints) -> Floats:
    """Half-width of the interval around what was expected of drops, in standard deviations."""
    return reach_over(drops.window.reach[:, 0, who], drops.window.days[0, who])
