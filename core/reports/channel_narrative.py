"""What the channels did, in sentences."""

from collections.abc import Iterator

from core.base.count_text import count
from core.base.date_text import during
from core.catalogue.metric_names import metric_words
from core.channels.channel_results import ChannelChange, Channels, Strategy, TrafficMove
from core.reports.figures.change_format import amount_change, change
from core.reports.figures.number_format import amount, figure, percent, small_percent

_SHOWN = 5


def channel_summary(result: Channels, currency: str) -> str:
    """GMV of all channels, and what changed it."""
    where = f" in {result.where}" if result.where else ""
    change_text = percent(result.change / result.expected, signed=True) if result.expected else "from nothing"
    return (
        f"GMV{where} was {amount(result.actual, 'money', currency)} {during(result.window)}, "
        f"{amount_change(result.change, 'money', currency)} "
        f"({change_text}) versus the baseline: {_parts(result)}."
    )


def _parts(result: Channels) -> str:
    """What the change adds up from, as exact as in the table of channels."""
    parts = {"traffic volume": result.volume, "traffic mix": result.mix, "rates": result.rate}
    return ", ".join(f"{name} {change(value, 'money', result.actual)}" for name, value in parts.items())


def mostly(row: ChannelChange, largest: float) -> str:
    """The rate that changed a channel most; `largest`: GMV of the table, as in `figure`."""
    rates = sorted(row.rates.items(), key=lambda part: -abs(part[1]))[:1]
    return "".join(f"{metric_words(metric)} {change(value, 'money', largest)}" for metric, value in rates if value)


def move_lines(move: TrafficMove, currency: str) -> Iterator[str]:
    """What moving traffic would do, and what that rests on."""
    low, high = (change(end, "money") for end in move.interval)
    yield (
        f"Moving {small_percent(move.share)} of the traffic from {move.source} to {move.target} would change GMV by "
        f"{amount_change(move.effect, 'money', currency)} in as many days (80% interval {low} to {high})."
    )
    learnt = ", ".join(f"{name} {value:.2f}" for name, value in move.elasticities.items())
    yield f"Elasticity of GMV to traffic: {learnt}."


def strategy_lines(strategy: Strategy, traffic: str, currency: str) -> Iterator[str]:
    """Groups at equal traffic mix, channels that get too much or too little traffic, and reversals.

    `traffic`: the measure that traffic is counted by.
    """
    unit = f" in {currency}" if currency else ""
    yield f"At equal traffic mix, GMV{unit} per 1,000 {metric_words(traffic)} by {', '.join(strategy.by)}:"
    for group in strategy.groups[:_SHOWN]:
        yield (
            f"{group.where}: {figure(group.standardised, 'money')} (actual {figure(group.gmv_per_thousand, 'money')}, "
            f"{count(group.n, 'order line')})"
        )
    for row in [row for row in strategy.channels if row.advice != "as_pooled"][:_SHOWN]:
        low, high = (change(end, "money") for end in row.interval)
        yield (
            f"{row.channel} is {row.advice} in {row.where}: {percent(row.share)} of its traffic "
            f"versus {percent(row.pooled_share)} overall; "
            f"at the pooled share {amount_change(row.gain, 'money', currency)} ({low} to {high}, {count(row.n, 'order line')})"
        )
    for reversal in strategy.reversals:
        yield (
            f"{reversal.ahead} is ahead of {reversal.behind} overall, but behind in every channel: "
            "its traffic mix is better, not its sales."
        )
