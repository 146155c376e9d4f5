"""What moving traffic between channels would do, from how GMV followed traffic from day to day.

Each channel's elasticity is the slope of daily changes of log GMV on daily changes of log traffic, weekdays taken out; it is
shrunk to the mean of all channels by how much they really differ (DerSimonian and Laird 1986, Controlled Clinical Trials 7).
"""

import re
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Floats
from core.base.count_text import count
from core.base.errors import NotEnoughData, UsageError, did_you_mean
from core.channels.channel_results import TrafficMove
from core.channels.funnel import ChannelDays

_SEEN = (0.05, 0.95)
"""Shares of traffic between these quantiles of past days were seen often enough to speak of."""
_LEAST_DAYS = 28
_DRAWS = 4000
"""Of the elasticities: each tenth at the ends of the interval has 400 of them."""
_LEVEL = 0.8
_REGRESSORS = 8
"""Weekdays and the slope: what the scatter of the changes is too small by."""
_FREEDOM = 10.0
"""Degrees of freedom of the draws: robust variances from a hundred days are known about so well (Bell and McCaffrey 2002)."""
_PRIOR_BETWEEN = 0.2
"""Elasticities of channels differ by about so much: few channels alone often seem to be all the same, and their 80 % intervals
covered 71 %."""
_PRIOR_CHANNELS = 2.0
"""The prior counts as so many channels."""
_SYNTAX = re.compile(r"\s*([\d.]+)\s*%\s*:\s*(.+?)\s*>\s*(.+?)\s*")


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """A share of all traffic to be moved."""

    share: float
    source: str
    target: str

    @classmethod
    def parse(cls, text: str) -> "MoveRequest":
        """The move that `5%:live>search` writes. Raises UsageError.

        >>> MoveRequest.parse("5%:live>search")
        MoveRequest(share=0.05, source='live', target='search')
        """
        match = _SYNTAX.fullmatch(text)
        if not match or not 0 < float(match[1]) < 100:
            raise UsageError(f"not a move: {text!r}. Write it as 5%:live>search (a share of all traffic).")
        return cls(float(match[1]) / 100, match[2], match[3])


def traffic_move(past: ChannelDays, window: ChannelDays, lead: str, request: MoveRequest) -> TrafficMove:
    """The effect on the GMV of the window; `lead` is the measure of traffic, `past` the days before the window.

    Raises UsageError for unknown channels, NotEnoughData for a past under four weeks and for shares that were never seen.
    """
    for name in (request.source, request.target):
        if name not in window.channels or name not in past.channels:
            raise UsageError(f"no channel {name!r}.{did_you_mean(name, window.channels)}")
    if len(past.window) < _LEAST_DAYS:
        raise NotEnoughData(
            f"only {count(len(past.window), 'day')} before the window: a move needs {_LEAST_DAYS} to learn from."
        )
    traffic = window.sums[lead].sum(axis=1)
    for name, sign in ((request.source, -1), (request.target, 1)):
        row = window.channels.index(name)
        _check_seen(past, lead, name, float(traffic[row] / traffic.sum()) + sign * request.share)
    slopes, errors, noises = _elasticities(past, lead)
    draws = np.random.default_rng(0).standard_t(_FREEDOM, (_DRAWS, 2, 2))
    effect, spread = 0.0, np.zeros(_DRAWS)
    elasticities = {}
    for column, (name, sign) in enumerate(((request.source, -1), (request.target, 1))):
        row, past_row = window.channels.index(name), past.channels.index(name)
        gmv = float(window.sums["gmv"][row].sum())
        factor = 1 + sign * request.share * float(traffic.sum()) / float(traffic[row])
        elasticities[name] = float(slopes[past_row])
        effect += gmv * (factor ** float(slopes[past_row]) - 1)
        usual = gmv * np.exp(noises[past_row] / np.sqrt(len(window.window)) * draws[:, column, 1])
        spread += usual * (factor ** (slopes[past_row] + errors[past_row] * draws[:, column, 0]) - 1)
    low, high = np.quantile(spread, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return TrafficMove(
        share=request.share,
        source=request.source,
        target=request.target,
        effect=effect,
        interval=(float(low), float(high)),
        elasticities=elasticities,
    )


def _check_seen(past: ChannelDays, lead: str, channel: str, share: float) -> None:
    """Raises NotEnoughData for a share of traffic that past days hardly ever had."""
    total = past.sums[lead].sum(axis=0)
    shares = past.sums[lead][past.channels.index(channel)][total > 0] / total[total > 0]
    low, high = np.quantile(shares, _SEEN)
    if not low <= share <= high:
        raise NotEnoughData(
            f"{channel} would have {share:.1%} of the traffic. On nine of ten days it had {low:.1%} to {high:.1%}, "
            "so the data cannot say what would happen. Move less."
        )


def _elasticities(past: ChannelDays, lead: str) -> tuple[Floats, Floats, Floats]:
    """Elasticity of each channel, its standard error, and how much log GMV scatters from day to day; shape (channels,) each."""
    slopes, variances, noises = zip(
        *(
            _slope(traffic, gmv, past.window.first)
            for traffic, gmv in zip(past.sums[lead], past.sums["gmv"], strict=True)
        ),
        strict=True,
    )
    slope, variance = np.array(slopes), np.array(variances)
    usable = np.isfinite(slope)
    if not usable.any():
        raise NotEnoughData("no channel has traffic and GMV on enough days to learn from.")
    weight = 1 / variance[usable]
    mean = float(weight @ slope[usable] / weight.sum())
    excess = float(weight @ (slope[usable] - mean) ** 2) - (usable.sum() - 1)
    between = max(0.0, excess / max(float(weight.sum() - (weight**2).sum() / weight.sum()), 1e-12))
    between = (usable.sum() * between + _PRIOR_CHANNELS * _PRIOR_BETWEEN**2) / (usable.sum() + _PRIOR_CHANNELS)
    weight = 1 / (variance[usable] + between)
    mean, mean_variance = float(weight @ slope[usable] / weight.sum()), 1 / float(weight.sum())
    own = np.where(usable, between / (between + np.where(usable, variance, 1.0)), 0.0)
    shrunk = mean + own * (np.where(usable, slope, mean) - mean)
    error = np.sqrt(own * np.where(usable, variance, between) + (1 - own) ** 2 * mean_variance + (~usable) * between)
    return shrunk, error, np.array(noises)


def _slope(traffic: Floats, gmv: Floats, first: int) -> tuple[float, float, float]:
    """Slope of daily changes of log GMV on those of log traffic, weekdays taken out, its variance, and the scatter of a day.

    nan, infinity and 0 where they are not known.
    """
    usable = (traffic > 0) & (gmv > 0)
    pairs = usable[1:] & usable[:-1]
    if pairs.sum() < _LEAST_DAYS // 2:
        return np.nan, np.inf, 0.0
    weekday = (first + 1 + np.flatnonzero(pairs)) % 7
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = (np.diff(np.log(values))[pairs] for values in (traffic, gmv))
    for day in range(7):
        same = weekday == day
        if same.any():
            x[same] -= x[same].mean()
            y[same] -= y[same].mean()
    size = float(x @ x)
    if size <= 1e-9:
        return np.nan, np.inf, 0.0
    slope = float(x @ y) / size
    left = y - slope * x
    influence = x * left
    follows = np.diff(np.flatnonzero(pairs)) == 1
    # White 1980 with the neighbours' covariance (Newey and West 1987): changes of two days share the day between them
    meat = float(influence @ influence) + 2 * float((influence[1:] * influence[:-1])[follows].sum())
    meat = max(meat, float(influence @ influence)) * len(x) / max(len(x) - _REGRESSORS, 1)
    return slope, max(meat / size**2, 1e-6), float(left.std() / np.sqrt(2))
