"""The tables of the Funnel: channels, what changed GMV, and the steps of one channel."""

from collections.abc import Iterator
from functools import partial

from core.base.interval import is_within
from core.catalogue.metric_names import metric_words
from core.channels.channel_results import ChannelChange, Channels
from core.explanation.decompose.drivers import Branch
from core.reports.channel_narrative import mostly
from core.reports.figures.change_format import change, percent_or_points
from core.reports.figures.number_format import figure, percent, titled
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.waterfall import axis, bars
from core.views.funnel_view import Funnel

_CHANNELS = (
    Column("channel", "channel", "the channel; enter explains its GMV", least=14),
    Column("actual", "GMV", "GMV of the window", right=True),
    Column("expected", "expected", "the value that the baseline predicts", right=True, priority=3),
    Column("change", "change", "actual minus expected", right=True),
    Column("pct", "%", "the change as a percentage", right=True, priority=4),
    Column("volume", "volume", "effect of the traffic of all channels together", right=True, priority=1),
    Column("mix", "mix", "effect of this channel's share of the traffic", right=True, priority=1),
    Column("rate", "rate", "effect of its rates: clicks, orders, payments, order value", right=True, priority=1),
    Column("mostly", "mostly", "the rate with the largest contribution", priority=12, least=24),
    Column("share", "traffic", "its share of all traffic", right=True, priority=5),
    Column("share_expected", "was", "its expected share of traffic", right=True, priority=6),
    Column("gpm", "GPM", "GMV per 1,000 impressions", right=True, priority=7),
    Column("ctr", "CTR", "clicks / impressions", right=True, priority=8),
    Column("order_rate", "order rate", "orders / clicks", right=True, priority=9),
    Column("payment_rate", "paid", "paid orders / orders", right=True, priority=10),
    Column("interval", "usual range of the change", "range of the change in 95% of earlier windows", right=True, priority=11),
)  # fmt: skip
_STEPS = (
    Column("step", "step", "a step of the funnel, then its rates", least=14),
    Column("actual", "actual", "the value in the window", right=True),
    Column("expected", "expected", "the value that the baseline predicts", right=True, priority=1),
    Column(
        "change",
        "change",
        "percent, of rates percentage points; incomplete: late-arriving data will change it",
        right=True,
    ),
)
_PARTS = (
    Column(
        "part",
        "what changed GMV",
        "traffic volume, traffic mix, then each rate; the parts add up to the change",
        least=18,
    ),
    Column("contribution", "contribution", "the part of the change, in money", right=True),
    Column("share", "of change", "its share of the whole change", right=True, priority=2),
    Column("bar", "", "each bar starts where the one above it ends", priority=1, least=16),
)
_FUNNEL = ("impressions", "clicks", "orders", "paid_orders", "gmv", "deliveries", "reviews")
_RATES = (
    "ctr",
    "click_to_order_rate",
    "payment_rate",
    "average_order_value",
    "gpm",
    "refund_rate",
    "negative_review_rate",
)
_MONEY = frozenset({"gmv", "gpm", "average_order_value"})
_SHARES = frozenset({"ctr", "click_to_order_rate", "payment_rate", "refund_rate", "negative_review_rate"})


def channel_table(result: Channels, currency: str) -> Table:
    """One row a channel, the largest change first, and the sum of all."""
    rows = tuple(_channel(row, result.actual) for row in result.channels)
    title = titled("Channels", "money", currency)
    return Table(title, _CHANNELS, (*rows, _total(result)), name="channels")


def _channel(row: ChannelChange, largest: float) -> Row:
    tone = "bad" if row.change < 0 and not _is_usual(row) else "good" if row.change > 0 and not _is_usual(row) else ""
    span = "–" if row.interval is None else f"±{figure((row.interval[1] - row.interval[0]) / 2, 'money', largest)}"
    rates = (_rate(row, name) for name in ("gpm", "ctr", "click_to_order_rate", "payment_rate"))
    cells = (
        Cell(row.channel or "(not given)", style="bold"),
        Cell(figure(row.actual, "money", largest), row.actual),
        Cell(figure(row.expected, "money", largest), row.expected, "dim"),
        Cell(change(row.change, "money", largest), row.change, tone),
        Cell(percent(row.change / row.expected, signed=True) if row.expected else "–", style=tone),
        *(Cell(change(part, "money", largest), part) for part in (row.volume, row.mix, row.rate)),
        Cell(mostly(row, largest), style="dim"),
        Cell(_share(row.share), row.share),
        Cell(_share(row.share_expected), row.share_expected, "dim"),
        *rates,
        Cell(span, style="dim"),
    )
    return Row(row.channel, cells, row)


def _is_usual(row: ChannelChange) -> bool:
    """Whether earlier windows changed as much: then the change is not coloured."""
    return row.interval is not None and is_within(0.0, row.interval)


def _rate(row: ChannelChange, name: str) -> Cell:
    step = row.funnel.get(name)
    unit = "money" if name in _MONEY else "ratio"
    return Cell(figure(step.actual, unit), step.actual, "dim") if step else Cell("–")


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _total(result: Channels) -> Row:
    filler = (Cell(),) * 8
    cells = (
        Cell("all channels", style="dim"),
        Cell(figure(result.actual, "money", result.actual), result.actual),
        Cell(figure(result.expected, "money", result.actual), result.expected, "dim"),
        Cell(change(result.change, "money", result.actual), result.change),
        Cell(percent(result.change / result.expected, signed=True) if result.expected else "–"),
        *(Cell(change(part, "money", result.actual), part) for part in (result.volume, result.mix, result.rate)),
        *filler,
    )
    return Row("all channels", cells)


def part_table(result: Channels, currency: str) -> Table:
    """The waterfall from the expected GMV to the actual one: volume, mix, then each rate over all channels."""
    rates = dict.fromkeys(name for row in result.channels for name in row.rates)
    parts = {"traffic volume": result.volume, "traffic mix": result.mix}
    parts |= {metric_words(name): sum(row.rates.get(name, 0.0) for row in result.channels) for name in rates}
    total = result.change
    children = tuple(Branch(name, 0.0, 0.0, part, part / total if total else None) for name, part in parts.items())
    tree = Branch("gmv", result.actual, result.expected, total, 1.0, children)
    tree_bars = bars(tree)
    scale = axis(tree, tree_bars)

    def whole(name: str, value: float) -> Row:
        bar = Cell(draw=partial(scale.whole, value))
        return Row(name, (Cell(name, style="dim"), Cell(figure(value, "money", result.actual), value), Cell(), bar))

    rows = [whole("expected", result.expected)]
    for bar in tree_bars:
        branch, worse = bar.branch, bar.branch.contribution < 0
        tone = "bad" if worse else "good"
        cells = (
            Cell(branch.metric),
            Cell(change(branch.contribution, "money", result.actual), branch.contribution, tone),
            Cell(percent(branch.share), branch.share, "dim"),
            Cell(draw=partial(scale.part, bar, worse), style=tone),
        )
        rows.append(Row(branch.metric, cells))
    rows.append(whole("actual", result.actual))
    return Table(
        titled("From expected to actual", "money", currency),
        _PARTS,
        tuple(rows),
        name="channel-parts",
        note="█ total  ▒ worse  ░ better",
    )


def step_table(row: ChannelChange | None, funnel: Funnel) -> Table:
    """The funnel of one channel: its steps, then its rates."""
    if row is None:
        return Table("Steps of a channel", _STEPS, (), header=False, empty="choose a channel above")
    names = [name for name in (*_FUNNEL, *_RATES) if name in row.funnel]
    rows = tuple(_step(row, name, name in funnel.incomplete) for name in names)
    return Table(f"Funnel of {row.channel or '(not given)'}", _STEPS, rows, name="funnel")


def _step(row: ChannelChange, name: str, is_incomplete: bool) -> Row:
    tone = "dim" if is_incomplete else ""
    actual, expected, changed = _step_cells(row, name, is_incomplete=is_incomplete)
    return Row(name, (Cell(metric_words(name), style=tone), actual, expected, changed), name)


def _step_cells(row: ChannelChange, name: str, *, is_incomplete: bool, largest: float = 0.0) -> tuple[Cell, Cell, Cell]:
    """A step or rate of a channel: actual, expected, and the change, in percent or percentage points.

    `largest`: of the column of actual values, as in `figure`.
    """
    step = row.funnel[name]
    unit = "ratio" if name in _SHARES else "money" if name in _MONEY else "count"
    difference = None if step.actual is None or step.expected is None else step.actual - step.expected
    share = difference / step.expected if difference is not None and step.expected else None
    text = "incomplete" if is_incomplete else "–" if difference is None else percent_or_points(difference, share, unit)
    tone = "dim" if is_incomplete else ""
    return (
        Cell(figure(step.actual, unit, largest), step.actual, tone),
        Cell(figure(step.expected, unit), step.expected, "dim"),
        Cell(text, share, tone),
    )


def funnel_table(funnel: Funnel) -> Table:
    """The steps of every channel next to each other: the figure of the window, and its change versus the baseline."""
    result = funnel.result
    columns = (
        Column("channel", "channel", "the channel of the order", least=8),
        *(
            Column(name, metric_words(name), "in the window, and versus the baseline", right=True, priority=at)
            for at, name in enumerate(result.steps)
        ),
    )
    rows = tuple(
        Row(row.channel, (Cell(row.channel or "(not given)", row.channel), *_step_pairs(row, funnel)), row)
        for row in result.channels
    )
    return Table("Funnel", columns, rows, empty="no channel has a funnel")


def _step_pairs(row: ChannelChange, funnel: Funnel) -> Iterator[Cell]:
    for name in funnel.result.steps:
        if name in row.funnel:
            largest = max(other.funnel[name].actual or 0.0 for other in funnel.result.channels if name in other.funnel)
            actual, _, changed = _step_cells(row, name, is_incomplete=name in funnel.incomplete, largest=largest)
            yield Cell(f"{actual.text} {changed.text}", actual.value, changed.style)
        else:
            yield Cell("–")
