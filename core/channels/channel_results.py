"""What the channels did: plain frozen values that commands and screens read. `to_dict()` is the promised JSON."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.json_value import Value
from core.base.segment import Segment

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class StepFigures(Value):
    """One step or rate of a funnel."""

    actual: float | None
    """None where a rate has nothing to divide by."""
    expected: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChange(Value):
    """One channel: its GMV versus its baseline. volume + mix + rate = change."""

    channel: str
    """"" where it is not given."""
    actual: float
    expected: float
    change: float
    volume: float
    """Contribution of the traffic of all channels together."""
    mix: float
    """Contribution of this channel's share of it."""
    rate: float
    """Contribution of what became of its traffic."""
    rates: Mapping[str, float]
    """metric -> contribution; they sum to `rate`."""
    interval: Interval | None
    """95 % interval of `change`; None where the past is too short."""
    intervals: Mapping[str, Interval]
    """The same of volume, mix and rate."""
    share: float | None
    """Of all traffic."""
    share_expected: float | None
    funnel: Mapping[str, StepFigures]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficMove(Value):
    """What moving traffic from one channel to another would do to GMV."""

    share: float
    """Of all traffic, as a fraction."""
    source: str
    target: str
    effect: float
    """On the GMV of the window."""
    interval: Interval
    """80 % interval."""
    elasticities: Mapping[str, float]
    """channel -> percent of GMV for a percent of traffic, learnt from day to day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChannel(Value):
    """One channel in one group, such as live for new buyers in Indonesia."""

    where: Segment
    channel: str
    share: float
    """Of the group's traffic."""
    pooled_share: float
    """Of the traffic of all groups."""
    gmv_per_thousand: float
    """GMV for a thousand of the first step of the funnel."""
    group_gmv_per_thousand: float
    """The same over all channels of the group."""
    gain: float
    """GMV of the window, had the group the pooled share in this channel and the rest in proportion."""
    interval: Interval
    """95 % interval of `gain`."""
    n: int
    """Order lines that it rests on."""
    advice: str
    """underused | overused | as_pooled"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupComparison(Value):
    """One group, compared at equal traffic mix."""

    where: Segment
    gmv_per_thousand: float
    standardised: float
    """The same at the traffic mix of all groups together (direct standardisation)."""
    n: int
    """Order lines."""


@dataclass(frozen=True, slots=True)
class Reversal(Value):
    """A group that is ahead in all and behind in every channel (Simpson's paradox)."""

    ahead: Segment
    behind: Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy(Value):
    """Groups compared at equal mix, and channels that are used too little or too much."""

    by: tuple[str, ...]
    groups: tuple[GroupComparison, ...]
    channels: tuple[GroupChannel, ...]
    reversals: tuple[Reversal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels(Value):
    """The change of GMV by channel; the parts of all channels sum to `change`."""

    window: Window
    baseline: Baseline
    where: Segment
    steps: tuple[str, ...]
    """The steps that the decomposition goes through, the first one being the traffic."""
    actual: float
    expected: float
    change: float
    volume: float
    mix: float
    rate: float
    channels: tuple[ChannelChange, ...]
    """The largest changes first."""
    move: TrafficMove | None = None
    strategy: Strategy | None = None
    notes: tuple[str, ...] = ()
