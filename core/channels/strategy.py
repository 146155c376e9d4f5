"""Groups (markets, kinds of buyers) compared at equal traffic mix, and channels that they use too little or too much."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.base.arrays import Floats
from core.base.date_text import during
from core.base.days import Window
from core.base.errors import NotEnoughData, UsageError
from core.base.segment import Segment
from core.channels.channel_results import GroupChannel, GroupComparison, Reversal, Strategy
from core.workspace.read.workspace import Workspace

_LEAST_ORDERS = 30
"""Order lines of a group in a channel below which nothing is advised."""
_LEAST_GAP = 0.05
"""Shares that differ by less are the same for whoever plans."""
_LEAST_LEAD = 0.005
"""Lead, relative to the other group, from which on one looks ahead: less is the same figure to a reader."""
_Z95, _Z99 = 1.96, 2.58
_MOST_GROUPS = 40


@dataclass(frozen=True, kw_only=True)
class _Cells:
    """Traffic, GMV and orders by group and channel; shape (groups, channels)."""

    groups: tuple[Segment, ...]
    channels: tuple[str, ...]
    traffic: Floats
    gmv: Floats
    orders: Floats

    @property
    def value(self) -> Floats:
        """GMV for a unit of traffic; nan without traffic."""
        return np.asarray(
            np.divide(self.gmv, self.traffic, out=np.full(self.gmv.shape, np.nan), where=self.traffic > 0)
        )

    @property
    def error(self) -> Floats:
        """Standard error of `value`: orders are counts, and amounts scatter about as much as their mean (factor 2)."""
        return np.asarray(self.value * np.sqrt(2 / np.maximum(self.orders, 1)))

    @property
    def share(self) -> Floats:
        """Of each channel in its group's traffic."""
        return np.asarray(self.traffic / np.maximum(self.traffic.sum(axis=1, keepdims=True), 1e-12))

    @property
    def pooled(self) -> Floats:
        """Share of each channel in all traffic; shape (channels,)."""
        total = self.traffic.sum(axis=0)
        return np.asarray(total / total.sum())


def strategy(workspace: Workspace, window: Window, where: Segment, by: Sequence[str], lead: str) -> Strategy:
    """The comparison of the groups that `by` makes, by the traffic measure `lead`.

    Raises UsageError for channels as groups and for names that do not exist, NotEnoughData where no traffic is counted.
    """
    if "channel" in by:
        raise UsageError("every channel is compared already. Name another dimension.")
    if lead == "gmv":
        raise NotEnoughData(
            f"groups cannot be compared at equal traffic mix {during(window)}: some channels have GMV without impressions, "
            "clicks or orders."
        )
    cells = _read(workspace, window, where, by, lead)
    return Strategy(
        by=tuple(by),
        groups=tuple(_groups(cells)),
        channels=tuple(sorted(_channels(cells), key=lambda row: -abs(row.gain))),
        reversals=tuple(_reversals(cells)),
    )


def _read(workspace: Workspace, window: Window, where: Segment, by: Sequence[str], lead: str) -> _Cells:
    names = (*by, "channel")
    workspace.check_dimensions(names)
    table = workspace.cube((lead, "gmv", "orders"), window, names, where)
    rows = table.table((lead, "gmv", "orders"), names)
    named_rows = (rows.codes > 0).all(axis=1)
    if not named_rows.any():
        raise NotEnoughData(f"no rows {during(window)} name {', '.join(names)} together.")
    groups, group = np.unique(rows.codes[named_rows][:, :-1], axis=0, return_inverse=True)
    channels, channel = np.unique(rows.codes[named_rows][:, -1], return_inverse=True)
    sums = {}
    for name in (lead, "gmv", "orders"):
        sums[name] = np.zeros((len(groups), len(channels)))
        np.add.at(sums[name], (group.ravel(), channel), rows.sums[name][named_rows])
    largest = np.sort(np.argsort(-sums[lead].sum(axis=1), kind="stable")[:_MOST_GROUPS])
    return _Cells(
        groups=tuple(
            Segment.of({name: table.values[name][code] for name, code in zip(by, row, strict=True)})
            for row in groups[largest].tolist()
        ),
        channels=tuple(table.values["channel"][code] for code in channels.tolist()),
        traffic=sums[lead][largest],
        gmv=sums["gmv"][largest],
        orders=sums["orders"][largest],
    )


def _groups(cells: _Cells) -> list[GroupComparison]:
    """Each group as it is and at the pooled mix; channels that it does not use keep the pooled value."""
    pooled_value = cells.gmv.sum(axis=0) / np.maximum(cells.traffic.sum(axis=0), 1e-12)
    at_pooled = np.where(np.isnan(cells.value), pooled_value, cells.value) @ cells.pooled
    crude = cells.gmv.sum(axis=1) / np.maximum(cells.traffic.sum(axis=1), 1e-12)
    rows = [
        GroupComparison(where=where, gmv_per_thousand=1000 * own, standardised=1000 * same, n=int(orders))
        for where, own, same, orders in zip(
            cells.groups, crude.tolist(), at_pooled.tolist(), cells.orders.sum(axis=1).tolist(), strict=True
        )
    ]
    return sorted(rows, key=lambda row: -row.standardised)


def _channels(cells: _Cells) -> list[GroupChannel]:
    """Every channel of every group with what the pooled share would bring."""
    rows = []
    for row, where in enumerate(cells.groups):
        traffic = float(cells.traffic[row].sum())
        for column, channel in enumerate(cells.channels):
            n = int(cells.orders[row, column])
            other_traffic = traffic - cells.traffic[row, column]
            if n < _LEAST_ORDERS or min(cells.traffic[row, column], other_traffic) <= 0:
                continue
            others = float((cells.gmv[row].sum() - cells.gmv[row, column]) / other_traffic)
            moved_traffic = (float(cells.pooled[column]) - float(cells.share[row, column])) * traffic
            gap = float(cells.value[row, column]) - others
            error = float(np.hypot(cells.error[row, column], others * np.sqrt(2 / max(cells.orders[row].sum() - n, 1))))
            half = abs(moved_traffic) * _Z95 * error
            rows.append(
                GroupChannel(
                    where=where,
                    channel=channel,
                    share=float(cells.share[row, column]),
                    pooled_share=float(cells.pooled[column]),
                    gmv_per_thousand=1000 * float(cells.value[row, column]),
                    group_gmv_per_thousand=1000 * float(cells.gmv[row].sum() / traffic),
                    gain=moved_traffic * gap,
                    interval=(moved_traffic * gap - half, moved_traffic * gap + half),
                    n=n,
                    advice=_advice(float(cells.share[row, column] - cells.pooled[column]), gap, error),
                )
            )
    return rows


def _advice(surplus: float, gap: float, error: float) -> str:
    """A channel is underused where it sells more than the others there and has less of the traffic than elsewhere."""
    if abs(surplus) < _LEAST_GAP or abs(gap) < _Z99 * error or (surplus > 0) == (gap > 0):
        return "as_pooled"
    return "underused" if surplus < 0 else "overused"


def _reversals(cells: _Cells) -> list[Reversal]:
    """Pairs of groups of which one is ahead in all and behind in every channel, there beyond chance.

    Being ahead in all need not be beyond chance: it is what a reader sees, and what the channels contradict.
    """
    crude = cells.gmv.sum(axis=1) / np.maximum(cells.traffic.sum(axis=1), 1e-12)
    reversals = []
    for first, second in combinations(range(len(cells.groups)), 2):
        better, behind = (first, second) if crude[first] > crude[second] else (second, first)
        gap = cells.value[behind] - cells.value[better]
        error = np.hypot(cells.error[behind], cells.error[better])
        both = ~np.isnan(gap)
        is_seen = crude[better] > (1 + _LEAST_LEAD) * crude[behind]
        if both.sum() >= 2 and both.all() and is_seen and (gap > _Z99 * error).all():
            reversals.append(Reversal(cells.groups[better], cells.groups[behind]))
    return reversals
