"""What the channels did, in sentences."""

from collections.abc import Iterator

from core.channels.channel_results import ChannelChange, Channels, Strategy, TrafficMove
from core.reports.number_format import change, days, figure, percent

_SHOWN = 5


def channel_lines(result: Channels) -> tuple[str, ...]:
    """The answer first, then a line a channel, the move and the strategy where they were asked for."""
    return (
        _summary(result),
        *(_channel(row) for row in result.channels),
        *(() if result.move is None else _move(result.move)),
        *(() if result.strategy is None else _strategy(result.strategy)),
        *result.notes,
    )


def _summary(result: Channels) -> str:
    where = f" in {result.where}" if result.where else ""
    change_text = percent(result.change / result.expected, signed=True) if result.expected else "from nothing"
    return (
        f"GMV{where} was {figure(result.actual, 'money')} in {days(result.window)}, {change(result.change, 'money')} "
        f"({change_text}) versus baseline: traffic volume {change(result.volume, 'money')}, "
        f"traffic mix {change(result.mix, 'money')}, rates {change(result.rate, 'money')}."
    )


def _channel(row: ChannelChange) -> str:
    name = row.channel or "(not given)"
    span = "" if row.interval is None else f" (usual range ±{figure((row.interval[1] - row.interval[0]) / 2, 'money')})"
    largest = sorted(row.rates.items(), key=lambda part: -abs(part[1]))[:1]
    rate = "".join(f", mostly {metric} {change(amount, 'money')}" for metric, amount in largest if amount)
    share = ""
    if row.share is not None and row.share_expected is not None:
        share = f"; share of traffic {_share(row.share_expected)} to {_share(row.share)}"
    return (
        f"  {name}: {figure(row.expected, 'money')} to {figure(row.actual, 'money')}, {change(row.change, 'money')}{span}: "
        f"volume {change(row.volume, 'money')}, mix {change(row.mix, 'money')}, rate {change(row.rate, 'money')}{rate}{share}"
    )


def _move(move: TrafficMove) -> Iterator[str]:
    low, high = (change(end, "money") for end in move.interval)
    yield (
        f"Moving {_share(move.share)} of the traffic from {move.source} to {move.target}: "
        f"{change(move.effect, 'money')} GMV in such a window (80% interval {low} to {high})."
    )
    learnt = ", ".join(f"{name} {value:.2f}" for name, value in move.elasticities.items())
    yield f"  GMV followed traffic with an elasticity of {learnt}."


def _strategy(strategy: Strategy) -> Iterator[str]:
    yield f"At equal traffic mix, GMV per 1,000 by {', '.join(strategy.by)}:"
    for group in strategy.groups[:_SHOWN]:
        yield (
            f"  {group.where}: {figure(group.standardised, 'money')} (as it is {figure(group.gmv_per_thousand, 'money')}, "
            f"{group.n:,} order lines)"
        )
    for row in [row for row in strategy.channels if row.advice != "as_pooled"][:_SHOWN]:
        low, high = (change(end, "money") for end in row.interval)
        yield (
            f"  {row.channel} is {row.advice} in {row.where}: {percent(row.share)} of its traffic "
            f"versus {percent(row.pooled_share)} in all; "
            f"at the pooled share {change(row.gain, 'money')} ({low} to {high}, {row.n:,} order lines)"
        )
    for reversal in strategy.reversals:
        yield (
            f"  {reversal.ahead} is ahead of {reversal.behind} in all, but behind in every channel: "
            "its traffic mix is better, not its sales."
        )


def _share(share: float) -> str:
    return percent(share, signed=True).lstrip("+")
