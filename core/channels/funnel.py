"""The shopping funnel of every channel, by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.workspace.read.workspace import Workspace

STEPS = ("impressions", "clicks", "orders", "paid_orders", "gmv")
"""The steps whose ratios multiply to GMV, in their order."""
DATED_ALONE = ("reviews", "negative_reviews", "add_to_carts", "detail_views")
"""Other measures of the funnel, which are no steps of the product, on days of their own."""
AFTER_ORDERS = {"deliveries": "paid_orders", "refunded_orders": "paid_orders"}
"""What comes of orders, on the day of the order: of so many orders as were paid, as many as usual are expected."""


@dataclass(frozen=True, kw_only=True)
class ChannelDays:
    """Sums by channel and day."""

    window: Window
    channels: tuple[str, ...]
    """Those in which anything was counted; "" is not given."""
    sums: Mapping[str, Floats]
    """measure -> shape (channels, days)."""

    def total(self, weights: Mapping[str, Floats]) -> dict[str, Floats]:
        """Weighted sums over the days, with one array of day weights a measure; shape (channels,) each."""
        return {name: values @ weights[name] for name, values in self.sums.items()}


def read_channels(workspace: Workspace, window: Window, where: Segment) -> ChannelDays:
    """The funnel of each channel in a segment. Raises NotEnoughData without a channel, or without gmv."""
    if "channel" not in workspace.dimensions:
        raise NotEnoughData(
            f"{workspace.path}: no rows name their channel. Load orders or traffic with a channel column."
        )
    measures = [name for name in (*STEPS, *DATED_ALONE, *AFTER_ORDERS) if name in workspace.measures]
    if "gmv" not in measures:
        raise NotEnoughData(f"{workspace.path}: there is no gmv. Load orders, or a daily export with a gmv column.")
    cube = workspace.cube(measures, window, ("channel",), where)
    daily = {name: cube.daily(name, ("channel",)) for name in measures}
    named = np.array([bool(channel) for channel in cube.values["channel"]])
    # clicks of files without a channel are of no channel, which is not that live had none
    daily = {name: values for name, values in daily.items() if name == "gmv" or values[named].any() or not values.any()}
    rows = np.flatnonzero(np.sum([np.abs(values).sum(axis=1) for values in daily.values()], axis=0) > 0)
    return ChannelDays(
        window=window,
        channels=tuple(cube.values["channel"][row] for row in rows.tolist()),
        sums={name: values[rows] for name, values in daily.items()},
    )


def usable_steps(sides: Sequence[Mapping[str, Floats]]) -> tuple[str, ...]:
    """The end of STEPS whose ratios exist in every channel: a step that a channel with later ones lacks cuts off all before it.

    `sides` are sums by channel, such as actual and expected ones.
    """
    steps = [name for name in STEPS if all(name in side for side in sides)]
    for position in range(len(steps) - 1, 0, -1):
        before, after = steps[position - 1], steps[position]
        if any(((side[before] <= 0) & (side[after] != 0)).any() for side in sides):
            return tuple(steps[position:])
    return tuple(steps)
